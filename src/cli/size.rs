//! `plimsoll size`.

use super::run::{open, with_output};
use super::terminal::style;
use super::{ListFormat, Size};
use anyhow::Result;
use plimsoll::oci::Platform;
use plimsoll::reference::{Keeper, Place, Reference};
use plimsoll::render::{csv, json, table};
use plimsoll::{Options, pull};

pub(crate) fn size(args: &Size) -> Result<u8> {
    let options = Options { platform: args.platform.as_deref().map(Platform::parse).transpose()?, ..Options::default() };
    let all = args.all_platforms || (args.images.len() == 1 && args.platform.is_none());
    let mut outlines = Vec::new();
    for image in &args.images {
        let mut reference = Reference::parse(image)?;
        // Engines do not know what a pull takes.
        if let Place::Named(keeper @ Keeper::Any, _) = &mut reference.place {
            *keeper = Keeper::Registry;
        }
        outlines.extend(open(&reference, &args.remote)?.outlines(&options, all, &())?);
    }
    let comparison = pull::compare(outlines);
    let layers = args.layers || comparison.images.len() == 1;
    let style = style(&args.list.look, args.list.output.path().is_some());
    with_output(args.list.output.path(), |out| {
        match args.list.format {
            ListFormat::Table => out.write_all(table::pulls(&comparison, layers, &style).as_bytes())?,
            ListFormat::Json => json::document(&comparison, out)?,
            ListFormat::Csv => csv::pulls(&comparison, out)?,
        }
        Ok(())
    })
}
