//! What each path held after each layer, told from fates: nothing is stacked again.
//!
//! An entry is hidden at most once, by the layer that its fate names. So after the first `n` layers a path shows its
//! last entry of those layers that none of them hides.

use super::{Fate, Index, Place, Placed};
use crate::layer::EntryKind;
use crate::paths::NodeId;

/// For each path its entries, in the order of the layers; markers left out.
#[derive(Debug)]
pub struct Versions {
    starts: Vec<u32>,
    places: Vec<Place>,
}

/// How a path differs between two states of the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing differs.
    Same,
    /// It was not there before.
    Added,
    /// Other content, or something of another type.
    Changed,
    /// The same content with another owner, mode or time.
    Metadata,
    /// It is not there any more.
    Removed,
}

impl Index {
    /// Sorts all entries by path. Takes time and memory linear in paths and entries.
    pub fn versions(&self) -> Versions {
        let mut starts = vec![0u32; self.paths().len() + 1];
        let mut entries = Vec::new();
        for placed in self.entries().filter(|placed| !placed.entry.kind.is_marker()) {
            starts[placed.node as usize + 1] += 1;
            entries.push((placed.node, placed.place()));
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut places = vec![Place::NOWHERE; starts.last().copied().unwrap_or(0) as usize];
        for (node, place) in entries {
            let slot = &mut next[node as usize];
            places[*slot as usize] = place;
            *slot += 1;
        }
        Versions { starts, places }
    }

    /// The entry at a place, which must be of this index.
    pub fn entry_at(&self, place: Place) -> Placed<'_> {
        self.placed(place)
    }

    /// How what `after` shows at a path differs from what `before` showed there; `None` is nothing.
    pub fn change(&self, before: Option<&Placed<'_>>, after: Option<&Placed<'_>>) -> Option<Change> {
        Some(match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => Change::Added,
            (Some(_), None) => Change::Removed,
            (Some(before), Some(after)) if before.place() == after.place() => Change::Same,
            (Some(before), Some(after)) if !self.is_same_content(before, after) => Change::Changed,
            (Some(before), Some(after)) => {
                let owner = |placed: &Placed<'_>| (placed.entry.mode, placed.entry.uid, placed.entry.gid);
                // A directory's time follows what is in it, and every layer lists the parents of what it has.
                let listed_again = after.entry.kind == EntryKind::Directory && owner(before) == owner(after);
                if listed_again { Change::Same } else { Change::Metadata }
            }
        })
    }

    /// The target of a symbolic or hard link.
    pub fn link(&self, placed: &Placed<'_>) -> Option<&[u8]> {
        self.image.changeset(self.layer_at(placed.layer))?.link(placed.entry)
    }

    /// Whether two entries are of one type and have the same content.
    fn is_same_content(&self, before: &Placed<'_>, after: &Placed<'_>) -> bool {
        let (before, after) = (self.data(before), self.data(after));
        let size = |placed: &Placed<'_>| self.image.changeset(self.layer_at(placed.layer)).map(|set| set.logical_bytes(placed.number));
        before.same_type(&after)
            && match before.entry.kind {
                EntryKind::File => {
                    before.entry.content_bytes == after.entry.content_bytes
                        && before.entry.content_hash == after.entry.content_hash
                        && size(&before) == size(&after)
                }
                EntryKind::Symlink => self.link(&before) == self.link(&after),
                _ => true,
            }
    }
}

impl Versions {
    /// The entries at `node`, lowest layer first.
    pub fn of(&self, node: NodeId) -> &[Place] {
        &self.places[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// What the first `layers` layers show at `node`.
    pub fn after<'i>(&self, index: &'i Index, node: NodeId, layers: usize) -> Option<Placed<'i>> {
        let below = self.of(node).iter().rev().skip_while(|place| place.layer as usize >= layers);
        below.map(|place| index.placed(*place)).find(|placed| is_there(placed.path_fate, layers))
    }
}

/// Whether none of the first `layers` layers has hidden what has this fate.
pub fn is_there(fate: Fate, layers: usize) -> bool {
    match fate {
        Fate::Live => true,
        Fate::Shadowed { by, .. } => usize::from(by) >= layers,
    }
}
