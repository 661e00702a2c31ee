//! Blobs of an archive that an engine makes anew: the second pass that contents need.
//!
//! What an engine sends can only be read from front to back, so its blobs are given in the order in
//! which they come, all of them in one pass; another pass is only needed for a link whose target has
//! already passed.

use super::archive::{Item, Names};
use super::engine::Export;
use super::stream::{Members, members};
use crate::error::{Error, Result};
use crate::layer::Context;
use crate::oci::Platform;
use crate::progress::{Counted, Progress};
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

/// An engine's archive that can be had again.
pub(super) struct Again {
    pub(super) export: Arc<Export>,
    pub(super) platform: Option<Platform>,
}

impl Again {
    /// Gives the stored bytes of the blobs at `paths`, each with its number among them, in the order of the archive.
    pub(super) fn blobs(
        &self,
        paths: &[&str],
        context: &Context,
        progress: &dyn Progress,
        give: &mut dyn FnMut(usize, &mut dyn Read) -> Result<()>,
    ) -> Result<()> {
        let mut wanted: Vec<(usize, String)> = paths.iter().map(|path| (*path).to_owned()).enumerate().collect();
        while !wanted.is_empty() {
            let before = wanted.clone();
            let names = self.pass(&mut wanted, context, progress, give)?;
            for (_, path) in &mut wanted {
                if let Some((target, ())) = names.resolve(path) {
                    *path = target.to_owned();
                }
            }
            if wanted == before {
                let path = crate::text::escaped(wanted[0].1.as_bytes());
                return Err(Error::NotFound(format!("`{path}` is not in the engine's archive any more")));
            }
        }
        Ok(())
    }

    /// One pass: gives what comes by, and tells all names that came by.
    fn pass(
        &self,
        wanted: &mut Vec<(usize, String)>,
        context: &Context,
        progress: &dyn Progress,
        give: &mut dyn FnMut(usize, &mut dyn Read) -> Result<()>,
    ) -> Result<Names<()>> {
        let mut names = Names::new();
        let archive = self.export.start(self.platform.as_ref())?;
        members(Counted::new(archive, progress), context, |walker, member, name| {
            if !member.is_file() {
                names.link(member, &name);
                return Ok(ControlFlow::Continue(()));
            }
            if let Some(at) = wanted.iter().position(|(_, path)| *path == name) {
                let (number, _) = wanted.remove(at);
                give(number, &mut Body(walker))?;
                if wanted.is_empty() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            names.insert(name, Item::File(()));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(names)
    }
}

/// What is left of a member, as a reader.
struct Body<'w, 'c>(&'w mut Members<'c>);

impl Read for Body<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(out).map_err(std::io::Error::other)
    }
}
