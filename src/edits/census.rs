//! How many entries each path has, in all layers together.

use super::Removal;
use crate::index::Index;
use crate::layer::EntryKind;
use crate::paths::NodeId;

/// Entries but for markers, of which no path is left when all of them go.
pub(super) struct Census {
    /// For each path its directory entries.
    directories: Vec<u32>,
    /// For each path the other entries at and below it.
    others: Vec<u32>,
    parents: Vec<bool>,
}

/// What a removal takes away from one path.
#[derive(Clone, Copy, Default)]
struct Gone {
    directories: u32,
    others: u32,
    /// Of the others their bytes in the tar: counted with headers, so that an empty file goes too.
    bytes: u64,
}

/// What a removal takes away from every path.
pub(super) struct Losses<'c> {
    census: &'c Census,
    gone: Vec<Gone>,
}

impl Census {
    pub(super) fn new(index: &Index) -> Self {
        let paths = index.paths();
        let (mut directories, mut others) = (vec![0; paths.len()], vec![0; paths.len()]);
        index.entries().filter(|placed| !placed.entry.kind.is_marker()).for_each(|placed| {
            let counts = if placed.entry.kind == EntryKind::Directory { &mut directories } else { &mut others };
            counts[placed.node as usize] += 1;
        });
        let mut parents = vec![false; paths.len()];
        // A directory's number is smaller than those of what it holds.
        for node in (1..paths.len()).rev() {
            let parent = paths.parent(node as NodeId) as usize;
            others[parent] += others[node];
            parents[parent] = true;
        }
        Self { directories, others, parents }
    }

    /// Whether there are paths below one.
    pub(super) fn is_parent(&self, node: NodeId) -> bool {
        self.parents[node as usize]
    }

    /// What `removal` takes away.
    pub(super) fn losses(&self, index: &Index, removal: &Removal) -> Losses<'_> {
        let paths = index.paths();
        let mut gone = vec![Gone::default(); paths.len()];
        for placed in removal.places().map(|place| index.placed(place)).filter(|placed| !placed.entry.kind.is_marker()) {
            let gone = &mut gone[placed.node as usize];
            if placed.entry.kind == EntryKind::Directory {
                gone.directories += 1;
            } else {
                gone.others += 1;
                gone.bytes += placed.entry.diff_bytes;
            }
        }
        for node in (1..paths.len()).rev() {
            let own = gone[node];
            if own.others > 0 {
                let parent = &mut gone[paths.parent(node as NodeId) as usize];
                parent.others += own.others;
                parent.bytes += own.bytes;
            }
        }
        Losses { census: self, gone }
    }
}

impl Losses<'_> {
    /// Bytes of the tar that go at and below a path, directories apart.
    pub(super) fn bytes(&self, node: NodeId) -> u64 {
        self.gone[node as usize].bytes
    }

    /// Whether nothing but directories is left at and below a path that loses something.
    pub(super) fn empties(&self, node: NodeId) -> bool {
        let gone = self.gone[node as usize];
        gone.bytes > 0 && gone.others == self.census.others[node as usize]
    }

    /// Whether an entry of the directory itself stays.
    pub(super) fn leaves_directory(&self, node: NodeId) -> bool {
        self.gone[node as usize].directories < self.census.directories[node as usize]
    }
}
