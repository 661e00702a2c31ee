//! Two pieces of work at a time, for what comes after the layers: there is no more to share out.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// Does both, on two threads if another can be had, and gives what they give.
pub(crate) fn both<A, B: Send>(here: impl FnOnce() -> A, beside: impl FnOnce() -> B + Send) -> (A, B) {
    let beside = std::sync::Mutex::new(Some(beside));
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
