//! Sets of entries that are never stored once an edit is made.

use crate::index::{Cause, Fate, Index};
use crate::layer::Measures;

/// Entries to be left out, as a bit for each.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    layers: Vec<Vec<u64>>,
}

impl Removal {
    /// Nothing is left out.
    pub fn nothing(index: &Index) -> Self {
        let image = index.image();
        Self { layers: image.layers().iter().map(|layer| vec![0; image.entries(layer).len().div_ceil(64)]).collect() }
    }

    /// Leaves out one more.
    pub fn insert(&mut self, layer: usize, entry: usize) {
        self.layers[layer][entry / 64] |= 1 << (entry % 64);
    }

    /// Whether an entry is left out.
    pub fn has(&self, layer: usize, entry: usize) -> bool {
        self.layers[layer].get(entry / 64).is_some_and(|word| word >> (entry % 64) & 1 == 1)
    }

    /// Leaves out what `other` leaves out.
    pub fn add(&mut self, other: &Self) {
        for (own, others) in self.layers.iter_mut().flatten().zip(other.layers.iter().flatten()) {
            *own |= others;
        }
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.layers.iter().flatten().all(|word| *word == 0)
    }

    /// What the entries weigh.
    pub fn measures(&self, index: &Index) -> Measures {
        index.entries().filter(|placed| self.has(placed.layer, placed.number)).map(|placed| placed.entry.measures()).sum()
    }

    /// What the entries weigh that `other` does not leave out.
    pub fn measures_without(&self, index: &Index, other: &Self) -> Measures {
        let left = index.entries().filter(|placed| self.has(placed.layer, placed.number) && !other.has(placed.layer, placed.number));
        left.map(|placed| placed.entry.measures()).sum()
    }

    /// Leaves out also what exists only because of what is left out: a copy that a later layer made
    /// with nothing but other metadata, and the marker that deletes it.
    pub(super) fn follow(&mut self, index: &Index) {
        // For each path whether its last version so far is left out, and who hides it.
        let mut gone: Vec<u16> = vec![NOT; index.paths().len()];
        for placed in index.entries() {
            let node = placed.node as usize;
            let copied = gone[node] != NOT && usize::from(gone[node]) == placed.layer;
            if copied {
                self.insert(placed.layer, placed.number);
            }
            gone[node] = match placed.path_fate {
                Fate::Shadowed { by, cause: Cause::MetadataOnly } if self.has(placed.layer, placed.number) => by,
                _ => NOT,
            };
        }
    }
}

/// No layer.
const NOT: u16 = u16::MAX;
