//! Blobs that can be read at any place, by several threads at once.

use crate::error::{Error, Result};
use crate::text::escaped;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// A source whose blobs can be opened by their path in it.
pub(crate) trait Blobs: Sync {
    /// The blob's bytes; `None` where it is absent.
    fn open(&self, path: &str) -> Result<Option<Section>>;
    /// One name for each blob, however many paths lead to it.
    fn canonical(&self, path: &str) -> String;
}

/// A part of a file.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) file: Arc<File>,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl Read for Section {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let want = (out.len() as u64).min(self.length) as usize;
        let count = read_at(&self.file, &mut out[..want], self.offset)?;
        self.offset += count as u64;
        self.length -= count as u64;
        Ok(count)
    }
}

#[cfg(unix)]
pub(crate) fn read_at(file: &File, out: &mut [u8], offset: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, offset)
}

#[cfg(windows)]
pub(crate) fn read_at(file: &File, out: &mut [u8], offset: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, offset)
}

/// Opens a regular file for reading. Build systems link blobs, so links are followed; a FIFO must
/// not block and a device must not be endless.
pub(crate) fn open(path: &Path) -> Result<File> {
    let doing = format!("opening `{}`", path.display());
    let irregular = || Error::malformed(path.display(), "expected a regular file");
    if !std::fs::metadata(path).map_err(Error::io(&doing))?.is_file() {
        return Err(irregular());
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    // Between the look and the opening the file may have become a FIFO.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, 0o4000); // O_NONBLOCK
    let file = options.open(path).map_err(Error::io(&doing))?;
    if !file.metadata().map_err(Error::io(&doing))?.is_file() {
        return Err(irregular());
    }
    Ok(file)
}

/// A whole small blob.
pub(crate) fn document(blobs: &impl Blobs, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    let Some(section) = blobs.open(path)? else { return Ok(None) };
    if section.length > limit {
        return Err(too_large(path, section.length, limit));
    }
    let mut bytes = Vec::with_capacity(section.length as usize);
    section.take(limit).read_to_end(&mut bytes).map_err(Error::io(format_args!("reading `{path}`")))?;
    Ok(Some(bytes))
}

pub(crate) fn too_large(path: &str, size: u64, max: u64) -> Error {
    let limit = if path == "manifest.json" { "archive-manifest" } else { "document" };
    Error::Limit { place: escaped(path.as_bytes()), what: format!("a document of {size} bytes"), limit, max }
}
