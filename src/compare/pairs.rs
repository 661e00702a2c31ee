//! Which of the old belongs to which of the new.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

/// What has no partner yet, by number, and the pairs that were found.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) old: Vec<usize>,
    pub(super) new: Vec<usize>,
    pub(super) found: Vec<(usize, usize)>,
}

impl Pairs {
    pub(super) fn new(old: Vec<usize>, new: Vec<usize>) -> Self {
        Self { old, new, found: Vec::new() }
    }

    /// Pairs what is left with equal keys, the first with the first. What has no key stays.
    pub(super) fn by<K: Eq + Hash>(&mut self, old_key: impl Fn(usize) -> Option<K>, new_key: impl Fn(usize) -> Option<K>) {
        if self.old.is_empty() || self.new.is_empty() {
            return;
        }
        let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
        for number in &self.old {
            if let Some(key) = old_key(*number) {
                waiting.entry(key).or_default().push_back(*number);
            }
        }
        let mut taken = HashSet::new();
        let found = &mut self.found;
        self.new.retain(|number| {
            let partner = new_key(*number).and_then(|key| waiting.get_mut(&key)?.pop_front());
            if let Some(partner) = partner {
                taken.insert(partner);
                found.push((partner, *number));
            }
            partner.is_none()
        });
        self.old.retain(|number| !taken.contains(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_with_the_first() {
        let (old, new) = (["a", "b", "a", "c"], ["a", "d", "a", "a"]);
        let mut pairs = Pairs::new((0..4).collect(), (0..4).collect());
        pairs.by(|at| Some(old[at]), |at| Some(new[at]));
        assert_eq!(pairs.found, [(0, 0), (2, 2)]);
        assert_eq!((pairs.old.as_slice(), pairs.new.as_slice()), (&[1, 3][..], &[1, 3][..]));
        pairs.by(|_| None::<u8>, |_| None);
        assert_eq!(pairs.found.len(), 2);
    }
}
