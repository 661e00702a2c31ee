//! Equal contents that are live at the same time: told beside the books, never part of them.

use super::{Fate, Index, Place};
use crate::layer::{EntryKind, Measures};

/// Files whose content another live file has too.
#[derive(Debug, Clone, Default)]
pub struct Duplicates {
    /// All copies but the first of each content.
    pub spare: Measures,
    /// Groups of equal files, the most wasteful first, at most [`Duplicates::KEPT`].
    pub groups: Vec<Vec<Place>>,
}

impl Duplicates {
    /// How many groups are kept.
    pub const KEPT: usize = 100;
}

impl Index {
    /// Finds live files with equal contents.
    pub fn duplicates(&self) -> Duplicates {
        let mut files: Vec<(u64, Place)> = Vec::new();
        let mut twice = Twice::new(self.fates.iter().map(Vec::len).sum());
        for (layer, fates) in self.fates.iter().enumerate() {
            for (number, (entry, fate)) in self.layer_entries(layer).iter().zip(fates).enumerate() {
                if *fate == Fate::Live && entry.kind == EntryKind::File && entry.content_bytes > 0 {
                    files.push((entry.content_hash[0], Place { layer: layer as u32, entry: number as u32 }));
                    twice.add(entry.content_hash[0]);
                }
            }
        }
        // Most contents are there once, and need not be sorted.
        files.retain(|(hash, _)| twice.may_have(*hash));
        files.sort_unstable();
        let key = |place: &Place| {
            let entry = self.placed(*place).entry;
            (entry.content_hash, entry.content_bytes)
        };
        let mut found = Duplicates::default();
        let mut groups: Vec<(u64, Vec<Place>)> = Vec::new();
        for equal in files.chunk_by(|a, b| a.0 == b.0 && key(&a.1) == key(&b.1)).filter(|equal| equal.len() > 1) {
            let spare: Measures = equal[1..].iter().map(|(_, place)| self.placed(*place).entry.measures()).sum();
            found.spare += spare;
            groups.push((spare.content_bytes, equal.iter().map(|(_, place)| *place).collect()));
            if groups.len() >= 2 * Duplicates::KEPT {
                keep(&mut groups);
            }
        }
        keep(&mut groups);
        found.groups = groups.into_iter().map(|(_, places)| places).collect();
        found
    }
}

/// Which hashes came more than once, by some of their bits: it may have others too, and has all of those.
struct Twice {
    /// Two bits for each place: whether one came, and whether another did.
    seen: Vec<(u64, u64)>,
}

impl Twice {
    /// For about `count` hashes.
    fn new(count: usize) -> Self {
        // One place in sixteen is taken by a hash that is there once.
        Self { seen: vec![(0, 0); (count / 4).next_power_of_two()] }
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        ((hash >> 6) as usize & (self.seen.len() - 1), 1 << (hash & 63))
    }

    fn add(&mut self, hash: u64) {
        let (at, bit) = self.place(hash);
        let (once, twice) = &mut self.seen[at];
        *twice |= *once & bit;
        *once |= bit;
    }

    fn may_have(&self, hash: u64) -> bool {
        let (at, bit) = self.place(hash);
        self.seen[at].1 & bit != 0
    }
}

fn keep(groups: &mut Vec<(u64, Vec<Place>)>) {
    groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    groups.truncate(Duplicates::KEPT);
}
