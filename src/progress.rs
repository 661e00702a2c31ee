//! The one way the core talks while it works.

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
}

impl Progress for () {}
