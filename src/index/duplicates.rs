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
        for (layer, fates) in self.fates.iter().enumerate() {
            for (number, (entry, fate)) in self.layer_entries(layer).iter().zip(fates).enumerate() {
                if *fate == Fate::Live && entry.kind == EntryKind::File && entry.content_bytes > 0 {
                    files.push((entry.content_hash[0], Place { layer: layer as u32, entry: number as u32 }));
                }
            }
        }
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

fn keep(groups: &mut Vec<(u64, Vec<Place>)>) {
    groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    groups.truncate(Duplicates::KEPT);
}
