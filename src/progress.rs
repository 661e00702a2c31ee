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
    share: Share,
    read: u64,
}

/// What of the bytes read is told, where the same bytes are read twice, for two pieces of work: those of both add up to
/// the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Share {
    /// All.
    Whole,
    /// So many of so many.
    Part(u64, u64),
    /// What is left of it.
    Rest(u64, u64),
}

impl Share {
    fn of(self, bytes: u64) -> u64 {
        match self {
            Self::Whole => bytes,
            Self::Part(part, whole) => bytes / whole * part + bytes % whole * part / whole,
            Self::Rest(part, whole) => bytes - Self::Part(part, whole).of(bytes),
        }
    }
}

impl<'p, R> Counted<'p, R> {
    pub(crate) fn new(reader: R, progress: &'p dyn Progress) -> Self {
        Self::share(reader, progress, Share::Whole)
    }

    pub(crate) fn share(reader: R, progress: &'p dyn Progress, share: Share) -> Self {
        Self { reader, progress, share, read: 0 }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(out)?;
        let told = self.share.of(self.read);
        self.read += count as u64;
        advance(self.progress, self.share.of(self.read) - told).map_err(Error::into_io)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn shares_add_up() {
        struct Sum(AtomicU64);
        impl Progress for Sum {
            fn advance(&self, bytes: u64) -> ControlFlow<()> {
                self.0.fetch_add(bytes, Ordering::Relaxed);
                ControlFlow::Continue(())
            }
        }
        let bytes = [0; 1000];
        for (part, whole) in [(5, 8), (5, 35), (1, 1), (0, 3)] {
            let sum = Sum(AtomicU64::new(0));
            for share in [Share::Part(part, whole), Share::Rest(part, whole)] {
                let mut reader = Counted::share(&bytes[..], &sum, share);
                while reader.read(&mut [0; 7]).expect("no error") > 0 {}
            }
            assert_eq!(sum.0.into_inner(), 1000);
        }
    }
}
