//! The one way the core talks while it works.

use crate::error::{Error, Result};
use std::io::Read;
use std::ops::ControlFlow;

/// Told how many bytes of the source were read; may stop the work.
///
/// `()` is silent. Called from several threads at once.
pub trait Progress: Sync {
    /// The source's size, where it is known (not for a pipe).
    fn total(&self, _bytes: u64) {}
    /// `bytes` more of the source were read. [`ControlFlow::Break`] ends the work with
    /// [`crate::Error::Cancelled`].
    fn advance(&self, _bytes: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    /// Of a blob that comes over a network, `read` of its `total` bytes were read; as many as it has
    /// at its end.
    fn blob(&self, _name: &str, _read: u64, _total: u64) {}
}

impl Progress for () {}

/// Tells the progress of `bytes` that were read, or need not be.
pub(crate) fn advance(progress: &dyn Progress, bytes: u64) -> Result<()> {
    match progress.advance(bytes) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::Cancelled),
    }
}

/// Tells the progress of each read.
pub(crate) struct Counted<'p, R> {
    reader: R,
    progress: &'p dyn Progress,
}

impl<'p, R> Counted<'p, R> {
    pub(crate) fn new(reader: R, progress: &'p dyn Progress) -> Self {
        Self { reader, progress }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(out)?;
        advance(self.progress, count as u64).map_err(Error::into_io)?;
        Ok(count)
    }
}
