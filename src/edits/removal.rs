//! Sets of entries that are never stored once an edit is made.

use crate::index::{Index, Place};
use crate::layer::Measures;

/// Entries to be left out, as a bit for each; no bits beyond the last one set, for most layers lose nothing.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    layers: Vec<Vec<u64>>,
}

impl Removal {
    /// Nothing is left out.
    pub fn nothing(index: &Index) -> Self {
        Self { layers: vec![Vec::new(); index.image().layers().len()] }
    }

    /// Leaves out one more.
    pub fn insert(&mut self, layer: usize, entry: usize) {
        let words = &mut self.layers[layer];
        if words.len() <= entry / 64 {
            words.resize(entry / 64 + 1, 0);
        }
        words[entry / 64] |= 1 << (entry % 64);
    }

    /// Whether an entry is left out.
    pub fn has(&self, layer: usize, entry: usize) -> bool {
        self.layers[layer].get(entry / 64).is_some_and(|word| word >> (entry % 64) & 1 == 1)
    }

    /// Whether the entry at a place is left out.
    pub(crate) fn has_place(&self, place: Place) -> bool {
        self.has(place.layer as usize, place.entry as usize)
    }

    /// Leaves out what `other` leaves out.
    pub fn add(&mut self, other: &Self) {
        for (own, others) in self.layers.iter_mut().zip(&other.layers) {
            if own.len() < others.len() {
                own.resize(others.len(), 0);
            }
            own.iter_mut().zip(others).for_each(|(own, other)| *own |= other);
        }
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.layers.iter().flatten().all(|word| *word == 0)
    }

    /// The entries, layer by layer in the order of their tars.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> + '_ {
        (0..self.layers.len()).flat_map(|layer| self.places_in(layer))
    }

    /// The entries of one layer.
    pub(crate) fn places_in(&self, layer: usize) -> impl Iterator<Item = Place> + '_ {
        let words = (0u32..).zip(&self.layers[layer]);
        words.flat_map(move |(at, word)| bits(*word).map(move |bit| Place { layer: layer as u32, entry: at * 64 + bit }))
    }

    /// What the entries weigh.
    pub fn measures(&self, index: &Index) -> Measures {
        self.places().map(|place| index.placed(place).entry.measures()).sum()
    }

    /// What the entries weigh that `other` does not leave out.
    pub fn measures_without(&self, index: &Index, other: &Self) -> Measures {
        self.places().filter(|place| !other.has_place(*place)).map(|place| index.placed(place).entry.measures()).sum()
    }
}

/// The numbers of the bits that are set.
fn bits(word: u64) -> impl Iterator<Item = u32> {
    let rest = std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)));
    rest.take_while(|rest| *rest != 0).map(u64::trailing_zeros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn is_a_set_of_places() {
        let of = |numbers: &[(u32, u32)]| {
            let mut removal = Removal { layers: vec![Vec::new(); 3] };
            for (layer, entry) in numbers {
                removal.insert(*layer as usize, *entry as usize);
            }
            removal
        };
        let (some, others) = (&[(2, 64), (0, 63), (2, 0), (0, 63), (0, 1000)], &[(0, 0), (0, 63), (1, 5), (2, 127)]);
        let mut removal = of(some);
        assert!(removal.has(0, 63) && !removal.has(0, 62) && !removal.has(1, 0) && !removal.has(2, 9999));
        removal.add(&of(others));
        let expected: BTreeSet<(u32, u32)> = some.iter().chain(others).copied().collect();
        let found: Vec<(u32, u32)> = removal.places().map(|place| (place.layer, place.entry)).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        assert!(of(&[]).is_empty() && !removal.is_empty());
    }
}
