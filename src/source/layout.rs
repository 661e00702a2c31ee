//! A directory of blobs: an OCI layout, or what skopeo's `dir:` writes.

use super::SourceKind;
use super::files::{self, Blobs, Section};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: PathBuf,
    kind: SourceKind,
}

impl Layout {
    /// An OCI layout, or a `dir:` known by its `version` file.
    pub(super) fn open(root: &Path) -> Result<Self> {
        let has = |name: &str| root.join(name).is_file();
        if has("index.json") || has("oci-layout") {
            return Ok(Self { root: root.to_owned(), kind: SourceKind::OciLayout });
        }
        if has("manifest.json") && has("version") {
            return Ok(Self::dir(root));
        }
        let builds = ["Dockerfile", "Containerfile"].into_iter().any(has);
        let remedy = if builds { "; `plimsoll build DIRECTORY` builds what its Dockerfile says, and weighs that" } else { "" };
        Err(Error::malformed(
            root.display(),
            format_args!(
                "expected an OCI layout (a directory with `index.json`, `oci-layout` and `blobs`) or a directory of `skopeo copy … dir:` \
                 (`manifest.json` and `version`), found neither{remedy}"
            ),
        ))
    }

    pub(super) fn dir(root: &Path) -> Self {
        Self { root: root.to_owned(), kind: SourceKind::Dir }
    }

    pub(super) fn kind(&self) -> SourceKind {
        self.kind
    }

    /// Paths come from digests and a few constants only, never from names in documents.
    fn path(&self, path: &str) -> PathBuf {
        match (self.kind, path.strip_prefix("blobs/")) {
            (SourceKind::Dir, Some(blob)) => {
                let hex = blob.split_once('/').map_or(blob, |(_, hex)| hex);
                // The manifests that a list names stand beside it with an ending of their own.
                let manifest = self.root.join(format!("{hex}.manifest.json"));
                if manifest.is_file() { manifest } else { self.root.join(hex) }
            }
            _ => self.root.join(path),
        }
    }

    pub(super) fn size(&self, path: &str) -> Option<u64> {
        std::fs::metadata(self.path(path)).ok().map(|metadata| metadata.len())
    }
}

impl Blobs for Layout {
    fn open(&self, path: &str) -> Result<Option<Section>> {
        let path = self.path(path);
        if !path.try_exists().map_err(Error::io(format_args!("looking for `{}`", path.display())))? {
            return Ok(None);
        }
        let file = files::open(&path)?;
        let length = file.metadata().map_err(Error::io(format_args!("reading the size of `{}`", path.display())))?.len();
        Ok(Some(Section { file: Arc::new(file), offset: 0, length }))
    }

    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
}
