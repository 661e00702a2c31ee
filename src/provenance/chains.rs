//! Which step made which layer.

use super::Matched;
use crate::oci::Digest;

/// The blobs that a step left, the base's first and its own last.
pub(super) type Chain = Vec<Digest>;

/// For each layer the step that made it.
pub(super) struct Slots(Vec<Option<u32>>);

impl Slots {
    /// By the blobs' digests. Where none of them is in the image, by their number: of blobs that were made anew only the
    /// order is left, and it tells as long as there is one longest chain and that is as long as the image.
    pub(super) fn find(chains: &[(u32, &Chain)], layers: &[Option<Digest>]) -> (Self, Option<Matched>) {
        // A layer without a digest is no step's, and nor are those above it.
        let image: Chain = layers.iter().map_while(Clone::clone).collect();
        let slots = Self::of(chains, &image, layers.len());
        if slots.0.iter().any(Option::is_some) {
            return (slots, Some(Matched::Digests));
        }
        let mut longest = chains.iter().map(|(_, chain)| *chain).filter(|chain| !chain.is_empty() && chain.len() >= layers.len());
        match longest.next() {
            Some(first) if first.len() == layers.len() && longest.all(|other| other == first) => {
                (Self::of(chains, first, layers.len()), Some(Matched::Order))
            }
            _ => (slots, None),
        }
    }

    /// The steps whose chains open `image`. Of two that left the same the first is meant: the other changed nothing.
    fn of(chains: &[(u32, &Chain)], image: &[Digest], layers: usize) -> Self {
        let mut slots: Vec<Option<u32>> = vec![None; layers];
        for (step, chain) in chains {
            if let Some(last) = chain.len().checked_sub(1)
                && image.starts_with(chain)
            {
                slots[last] = Some(slots[last].map_or(*step, |known| known.min(*step)));
            }
        }
        Self(slots)
    }

    pub(super) fn each(&self) -> impl DoubleEndedIterator<Item = Option<u32>> + '_ {
        self.0.iter().copied()
    }
}
