//! Work on several threads: two pieces at a time, for what comes after the layers, and what threads have in common.

use crate::error::{Error, Result};
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, scope};

/// Does both, on two threads if another can be had, and gives what they give.
pub(crate) fn both<A, B: Send>(here: impl FnOnce() -> A, beside: impl FnOnce() -> B + Send) -> (A, B) {
    let beside = Mutex::new(Some(beside));
    let take = || beside.lock().ok().and_then(|mut work| work.take());
    scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, || take().map(|work| work()));
        let a = here();
        let b = match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(b)) => b,
            // A panic goes on where it would have gone on without a thread.
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_no_thread) => take().map(|work| work()),
        };
        (a, b.unwrap_or_else(|| unreachable!("the work was there to be taken")))
    })
}

/// Locks; a worker that panicked is told of by [`joined`].
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A worker's panic is our bug, and still must not take the caller's process with it.
pub(crate) fn joined<T>(result: std::thread::Result<Result<T>>) -> Result<T> {
    result.unwrap_or_else(|panic| {
        let what =
            panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
        Err(Error::malformed("internal error in a worker", what))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gives_its_own() {
        let text = String::from("both");
        assert_eq!(both(|| text.len(), || text.to_uppercase()), (4, "BOTH".to_owned()));
    }

    #[test]
    #[should_panic(expected = "on its own")]
    fn a_panic_is_not_lost() {
        both(|| (), || panic!("on its own"));
    }
}
