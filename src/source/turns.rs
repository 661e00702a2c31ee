//! Who decodes next, where more layers come in than there are processors.
//!
//! Layers are downloaded over more connections than can be decoded at once. Left to the system,
//! all of them get the same share of the processors, and the largest, which was begun first
//! because it takes longest, is still being decoded alone when the others are done. So a decoder
//! takes a turn for each block, and the largest layer's comes first.
//!
//! A turn is a courtesy, not a right: who waits too long goes on without. A decoder may have to
//! wait for memory that another one holds which has no turn, and must not wait for ever.

use super::work::lock;
use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The longest wait; decoding a block takes about a millisecond.
const PATIENCE: Duration = Duration::from_millis(50);

pub(super) struct Turns {
    patience: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    free: usize,
    /// Ranks of those that wait; the lowest is next.
    waiting: BTreeSet<usize>,
}

/// A turn; it ends when this is dropped.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    /// False where it was waited for in vain.
    granted: bool,
}

impl Turns {
    pub(super) fn new(at_a_time: usize) -> Self {
        Self { patience: PATIENCE, state: Mutex::new(State { free: at_a_time, waiting: BTreeSet::new() }), changed: Condvar::new() }
    }

    /// Waits for a turn. No two that wait at a time may be of one rank.
    pub(super) fn take(&self, rank: usize) -> Turn<'_> {
        let mut state = lock(&self.state);
        state.waiting.insert(rank);
        let others_first = |state: &mut State| state.free == 0 || state.waiting.first() != Some(&rank);
        let (mut state, _) = self.changed.wait_timeout_while(state, self.patience, others_first).unwrap_or_else(PoisonError::into_inner);
        let granted = !others_first(&mut state);
        state.waiting.remove(&rank);
        state.free -= usize::from(granted);
        drop(state);
        // Whoever is first now may have been second.
        self.changed.notify_all();
        Turn { turns: self, granted }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.granted {
            lock(&self.turns.state).free += 1;
            self.turns.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn the_lowest_rank_is_next() {
        let turns = Turns { patience: Duration::from_secs(600), ..Turns::new(1) };
        let first = turns.take(9);
        assert!(first.granted);
        let (took, order) = channel();
        std::thread::scope(|scope| {
            for rank in [3, 1, 2] {
                let (turns, took) = (&turns, took.clone());
                scope.spawn(move || {
                    let turn = turns.take(rank);
                    took.send((rank, turn.granted)).expect("the test listens");
                });
            }
            while lock(&turns.state).waiting.len() < 3 {
                std::thread::yield_now();
            }
            drop(first);
        });
        let order: Vec<_> = order.try_iter().collect();
        assert_eq!(order, [(1, true), (2, true), (3, true)]);
        assert_eq!(lock(&turns.state).free, 1);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let turns = Turns::new(1);
        let kept = turns.take(0);
        assert!(!turns.take(1).granted);
        assert_eq!(lock(&turns.state).free, 0);
        drop(kept);
        assert_eq!(lock(&turns.state).free, 1);
        assert!(turns.take(1).granted);
    }
}
