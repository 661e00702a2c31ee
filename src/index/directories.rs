//! Directories with all that is below them.

use super::{Fate, Index, Placed};
use crate::layer::{EntryKind, Measures};
use crate::paths::{Children, NodeId, Paths, ROOT};

/// Live and hidden bytes below every directory, however deep.
#[derive(Debug)]
pub struct Directories {
    /// For each node its directory's place in `sums`, or `NOT_ONE`.
    number: Vec<u32>,
    sums: Vec<(Measures, Measures)>,
    children: Children,
}

const NOT_ONE: u32 = u32::MAX;

impl Index {
    /// Adds up directories. Hidden entries count where they would be.
    pub fn directories(&self) -> Directories {
        let paths = self.paths();
        let children = paths.children();
        // First whether each is one: it has something below it, or is there as one.
        let mut number: Vec<u32> =
            (0..paths.len() as NodeId).map(|node| if node == ROOT || !children.of(node).is_empty() { 0 } else { NOT_ONE }).collect();
        let is_there = |placed: &Placed<'_>| placed.entry.kind == EntryKind::Directory && placed.path_fate == Fate::Live;
        self.entries().filter(is_there).for_each(|placed| number[placed.node as usize] = 0);
        let mut count = 0;
        for slot in number.iter_mut().filter(|slot| **slot != NOT_ONE) {
            *slot = count;
            count += 1;
        }
        let mut sums = vec![(Measures::default(), Measures::default()); count as usize];
        self.entries().for_each(|placed| {
            let own = number[placed.node as usize];
            let directory =
                if own != NOT_ONE && placed.entry.kind == EntryKind::Directory { own } else { number[paths.parent(placed.node) as usize] };
            let (live, shadowed) = &mut sums[directory as usize];
            *if placed.fate == Fate::Live { live } else { shadowed } += placed.entry.measures();
        });
        // A parent's number is always smaller than its children's.
        for node in (1..paths.len() as NodeId).rev() {
            let own = number[node as usize];
            if own != NOT_ONE {
                let (live, shadowed) = sums[own as usize];
                let parent = &mut sums[number[paths.parent(node) as usize] as usize];
                parent.0 += live;
                parent.1 += shadowed;
            }
        }
        Directories { number, sums, children }
    }
}

impl Directories {
    /// Live and hidden bytes at and below `node`; `None` if it is no directory.
    pub fn of(&self, node: NodeId) -> Option<(Measures, Measures)> {
        self.sums.get(self.number[node as usize] as usize).copied()
    }

    /// The directories directly below `node`.
    pub fn below(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children.of(node).iter().copied().filter(|child| self.number[*child as usize] != NOT_ONE)
    }

    /// All directories at most `depth` below the root, by path.
    pub fn within(&self, paths: &Paths, depth: usize) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut stack = vec![(ROOT, 0)];
        while let Some((node, level)) = stack.pop() {
            found.push(node);
            if level < depth {
                let mut below: Vec<_> = self.below(node).collect();
                below.sort_unstable_by(|a, b| paths.name(*b).cmp(paths.name(*a)));
                stack.extend(below.into_iter().map(|child| (child, level + 1)));
            }
        }
        found
    }

    /// The `count` directories that say most about where the live bytes are: those that hold at
    /// least a hundredth of them, and are not mere parents of one that holds nearly all the same.
    pub fn heaviest(&self, count: usize) -> Vec<NodeId> {
        let live = |node: NodeId| self.of(node).map_or(0, |(live, _)| live.content_bytes);
        let least = (live(ROOT) / 100).max(1);
        let mut found = Vec::new();
        let mut stack = vec![ROOT];
        while let Some(node) = stack.pop() {
            let own = live(node);
            let mut largest = 0;
            for child in self.below(node) {
                let bytes = live(child);
                largest = largest.max(bytes);
                if bytes >= least {
                    stack.push(child);
                }
            }
            if node != ROOT && largest < own / 4 * 3 {
                found.push(node);
            }
        }
        found.sort_by_key(|node| (std::cmp::Reverse(live(*node)), *node));
        found.truncate(count);
        found
    }
}
