//! Entries that a later layer stores again with nothing but other metadata.

use crate::index::{Cause, Fate, Index, Place, Placed};

/// Which entry stores which one again, found by either.
pub(super) struct Again {
    /// Older and newer, in the order of the newer: a path's newer entry has one older one.
    pairs: Vec<(Place, Place)>,
    /// Numbers of pairs, in the order of the older.
    by_older: Vec<u32>,
    /// For each pair the one with the last version of the same content: a file may be stored again by a thousand layers.
    last: Vec<u32>,
}

/// Whether the next version of an entry's path is the same content again.
pub(super) fn is_again(placed: &Placed<'_>) -> bool {
    matches!(placed.path_fate, Fate::Shadowed { cause: Cause::MetadataOnly, .. })
}

impl Again {
    pub(super) fn new(index: &Index) -> Self {
        let mut pairs = Vec::new();
        // For each path its last version so far, if a later one has the same content.
        let mut open = vec![Place::NOWHERE; index.paths().len()];
        index.entries().filter(|placed| !placed.entry.kind.is_marker()).for_each(|placed| {
            let slot = &mut open[placed.node as usize];
            let older = std::mem::replace(slot, if is_again(&placed) { placed.place() } else { Place::NOWHERE });
            if older != Place::NOWHERE {
                pairs.push((older, placed.place()));
            }
        });
        let mut by_older: Vec<u32> = (0..pairs.len() as u32).collect();
        by_older.sort_unstable_by_key(|pair| pairs[*pair as usize].0);
        let last = (0..pairs.len() as u32).collect();
        let mut again = Self { pairs, by_older, last };
        for pair in (0..again.pairs.len()).rev() {
            if let Some(next) = again.number(again.pairs[pair].1) {
                again.last[pair] = again.last[next];
            }
        }
        again
    }

    /// The number of the pair with this older entry.
    fn number(&self, older: Place) -> Option<usize> {
        let found = self.by_older.binary_search_by_key(&older, |pair| self.pairs[*pair as usize].0).ok()?;
        Some(self.by_older[found] as usize)
    }

    /// All of them, the older entry first.
    pub(super) fn pairs(&self) -> &[(Place, Place)] {
        &self.pairs
    }

    /// The entry that stores this one again.
    pub(super) fn next(&self, older: Place) -> Option<Place> {
        self.number(older).map(|pair| self.pairs[pair].1)
    }

    /// The last version of an entry's content, if there is another than itself.
    pub(super) fn last(&self, older: Place) -> Option<Place> {
        self.number(older).map(|pair| self.pairs[self.last[pair] as usize].1)
    }

    /// The entry that this one stores again.
    pub(super) fn before(&self, newer: Place) -> Option<Place> {
        let found = self.pairs.binary_search_by_key(&newer, |pair| pair.1).ok()?;
        Some(self.pairs[found].0)
    }
}
