//! What a search found, and the way from one hit to the next.

use super::super::ground::Ground;
use super::Order;
use crate::paths::{NodeId, ROOT};

/// What a search found among the paths that have rows.
pub(in super::super) struct Found {
    /// These.
    own: Vec<bool>,
    /// Directories with one of them below.
    below: Vec<bool>,
    pub(in super::super) count: usize,
}

impl Found {
    pub(in super::super) fn new(ground: &Ground<'_>, matched: &[bool], visible: &[bool]) -> Self {
        let own: Vec<bool> = matched.iter().zip(visible).map(|(matched, visible)| *matched && *visible).collect();
        let mut below = vec![false; own.len()];
        for node in (1..own.len()).rev() {
            if own[node] || below[node] {
                below[ground.paths().parent(node as NodeId) as usize] = true;
            }
        }
        let count = own.iter().filter(|own| **own).count();
        Self { own, below, count }
    }

    pub(in super::super) fn has(&self, node: NodeId) -> bool {
        self.own[node as usize]
    }
}

impl Order<'_> {
    /// The first path found after `from` in the order of rows, all directories open; past the end from the start.
    pub(in super::super) fn next(&self, from: NodeId, found: &Found) -> Option<NodeId> {
        if let Some(first) = self.first_below(from, found) {
            return Some(first);
        }
        let mut at = from;
        while at != ROOT {
            let parent = self.ground.paths().parent(at);
            let after = self.children(parent).into_iter().skip_while(|child| *child != at).skip(1);
            if let Some(hit) = self.first_of(after, found) {
                return Some(hit);
            }
            at = parent;
        }
        self.first_below(ROOT, found)
    }

    /// The first path found before `from`; past the start from the end.
    pub(in super::super) fn previous(&self, from: NodeId, found: &Found) -> Option<NodeId> {
        let mut at = from;
        while at != ROOT {
            let parent = self.ground.paths().parent(at);
            let before: Vec<NodeId> = self.children(parent).into_iter().take_while(|child| *child != at).collect();
            if let Some(hit) = before.into_iter().rev().find_map(|child| self.last_at(child, found)) {
                return Some(hit);
            }
            if found.own[parent as usize] && parent != ROOT {
                return Some(parent);
            }
            at = parent;
        }
        self.last_at(ROOT, found)
    }

    fn first_of(&self, mut nodes: impl Iterator<Item = NodeId>, found: &Found) -> Option<NodeId> {
        nodes.find_map(|node| if found.own[node as usize] { Some(node) } else { self.first_below(node, found) })
    }

    fn first_below(&self, node: NodeId, found: &Found) -> Option<NodeId> {
        let mut at = node;
        while found.below[at as usize] {
            let next = self.children(at).into_iter().find(|child| found.own[*child as usize] || found.below[*child as usize])?;
            if found.own[next as usize] {
                return Some(next);
            }
            at = next;
        }
        None
    }

    fn last_at(&self, node: NodeId, found: &Found) -> Option<NodeId> {
        let mut at = node;
        while found.below[at as usize] {
            at = self.children(at).into_iter().rev().find(|child| found.own[*child as usize] || found.below[*child as usize])?;
        }
        found.own[at as usize].then_some(at)
    }
}
