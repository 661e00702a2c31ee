//! What fates add up to.

use super::{Cause, Fate, Index};
use crate::layer::Measures;
use std::collections::BTreeMap;

/// Hidden bytes: which layer paid for them, which hid them, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden {
    /// The layer that stores the bytes.
    pub payer: usize,
    /// The layer that hides them.
    pub by: usize,
    /// Why.
    pub cause: Cause,
}

/// The sums of one layer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LayerSums {
    /// Its live entries.
    pub live: Measures,
    /// Its hidden entries.
    pub shadowed: Measures,
    /// What belongs to no entry.
    pub overhead: Measures,
}

/// All sums of an image.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    /// Layer by layer.
    pub layers: Vec<LayerSums>,
    /// Hidden entries by payer, hider and cause.
    pub hidden: BTreeMap<Hidden, Measures>,
}

impl Index {
    /// Adds up the fates. Per measure, live and shadowed add up to the total, and with the overhead
    /// to the sizes of the layers, exactly.
    pub fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for (number, layer) in self.image.layers.iter().enumerate() {
            let mut of_layer = LayerSums::default();
            if let Some(changeset) = self.image.changeset(layer) {
                of_layer.overhead = changeset.overhead;
            }
            for (entry, fate) in self.layer_entries(number).iter().zip(&self.fates[number]) {
                match *fate {
                    Fate::Live => of_layer.live += entry.measures(),
                    Fate::Shadowed { by, cause } => {
                        of_layer.shadowed += entry.measures();
                        *sums.hidden.entry(Hidden { payer: number, by: by.into(), cause }).or_default() += entry.measures();
                    }
                }
            }
            sums.layers.push(of_layer);
        }
        sums
    }
}

impl Sums {
    /// All entries.
    pub fn total(&self) -> Measures {
        self.live() + self.shadowed()
    }

    /// Live entries.
    pub fn live(&self) -> Measures {
        self.layers.iter().map(|layer| layer.live).sum()
    }

    /// Hidden entries.
    pub fn shadowed(&self) -> Measures {
        self.layers.iter().map(|layer| layer.shadowed).sum()
    }

    /// What belongs to no entry.
    pub fn overhead(&self) -> Measures {
        self.layers.iter().map(|layer| layer.overhead).sum()
    }

    /// What is hidden, by cause.
    pub fn of_all(&self) -> impl Iterator<Item = (Cause, Measures)> {
        self.hidden.iter().map(|(hidden, measures)| (hidden.cause, *measures))
    }

    /// What is hidden of one layer, by cause.
    pub fn of_payer(&self, payer: usize) -> impl Iterator<Item = (Cause, Measures)> {
        let first = |payer| Hidden { payer, by: 0, cause: Cause::ALL[0] };
        self.hidden.range(first(payer)..first(payer + 1)).map(|(hidden, measures)| (hidden.cause, *measures))
    }
}

impl LayerSums {
    /// All entries of the layer.
    pub fn total(&self) -> Measures {
        self.live + self.shadowed
    }
}
