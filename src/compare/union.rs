//! The paths of both images as one trie, without a path spelled out.

use crate::paths::{NodeId, Paths, ROOT};

/// All paths of two images: those of the old one under their own numbers, then those that only the new one has.
/// A directory's number is smaller than those of what it holds.
#[derive(Debug)]
pub(super) struct Union<'i> {
    old: &'i Paths,
    new: &'i Paths,
    /// For each node of the new image its number here.
    to: Vec<NodeId>,
    /// For each number here the new image's node, or `NOWHERE`.
    back: Vec<NodeId>,
}

const NOWHERE: NodeId = NodeId::MAX;

impl<'i> Union<'i> {
    pub(super) fn new(old: &'i Paths, new: &'i Paths) -> Self {
        let mut to = Vec::with_capacity(new.len());
        let mut back = vec![NOWHERE; old.len()];
        to.push(ROOT);
        back[ROOT as usize] = ROOT;
        for node in 1..new.len() as NodeId {
            let parent = to[new.parent(node) as usize];
            let known = ((parent as usize) < old.len()).then(|| old.child(parent, new.name(node))).flatten();
            if let Some(known) = known {
                back[known as usize] = node;
                to.push(known);
            } else {
                to.push(back.len() as NodeId);
                back.push(node);
            }
        }
        Self { old, new, to, back }
    }

    pub(super) fn len(&self) -> usize {
        self.back.len()
    }

    /// The number of a node of the new image; that of the old one is its own.
    pub(super) fn of_new(&self, node: NodeId) -> NodeId {
        self.to[node as usize]
    }

    pub(super) fn in_old(&self, number: NodeId) -> Option<NodeId> {
        ((number as usize) < self.old.len()).then_some(number)
    }

    pub(super) fn in_new(&self, number: NodeId) -> Option<NodeId> {
        Some(self.back[number as usize]).filter(|node| *node != NOWHERE)
    }

    pub(super) fn parent(&self, number: NodeId) -> NodeId {
        match self.in_old(number) {
            Some(node) => self.old.parent(node),
            None => self.to[self.new.parent(self.back[number as usize]) as usize],
        }
    }

    pub(super) fn path(&self, number: NodeId) -> Vec<u8> {
        match self.in_old(number) {
            Some(node) => self.old.path(node),
            None => self.new.path(self.back[number as usize]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_once() {
        let trie = |list: &[&str]| {
            let mut paths = Paths::new();
            for path in list {
                paths.intern_path(path.as_bytes()).expect("few paths");
            }
            paths
        };
        let (old, new) = (trie(&["a/b", "c"]), trie(&["c/d/e", "a/b", "a/x"]));
        let union = Union::new(&old, &new);
        let all: Vec<String> = (0..union.len() as NodeId).map(|at| String::from_utf8(union.path(at)).expect("ASCII")).collect();
        assert_eq!(all, ["", "a", "a/b", "c", "c/d", "c/d/e", "a/x"]);
        for at in 1..union.len() as NodeId {
            assert!(union.parent(at) < at);
            assert_eq!(union.in_old(at).is_some(), old.find(&union.path(at)).is_some());
            assert_eq!(union.in_new(at), new.find(&union.path(at)));
        }
        for node in 0..new.len() as NodeId {
            assert_eq!(union.in_new(union.of_new(node)), Some(node));
        }
    }
}
