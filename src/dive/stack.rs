//! The file system below the layer being filled, as `dive` merges it.
//!
//! [`Dive`](super::Dive) asks it what a whiteout hides and weighs, then lays the finished layer on top.

use super::go::Attributes;
use super::trees::{LayerTree, NONE, PathNode, Paths, ROOT};

/// The lower layers merged the way `dive` merges them.
///
/// Nothing is ever taken out of `nodes`: a removed node is marked, what was below it is no longer reachable, and a path
/// that comes back gets a new node.
#[derive(Debug)]
pub(super) struct Stack {
    nodes: Vec<StackNode>,
}

#[derive(Debug)]
struct StackNode {
    path: u32,
    parent: u32,
    first_child: u32,
    next_sibling: u32,
    size: u64,
    is_dir: bool,
    removed: bool,
    /// The layer for which `weight` was found, counted from 1.
    weighed: u32,
    /// Bytes of the node and all below it.
    weight: u64,
}

impl Stack {
    pub(super) fn new() -> Self {
        let mut stack = Self { nodes: Vec::new() };
        stack.push(ROOT, NONE);
        stack
    }

    fn push(&mut self, path: u32, parent: u32) -> u32 {
        let at = self.nodes.len() as u32;
        let next_sibling = match self.nodes.get_mut(parent as usize) {
            Some(parent) => std::mem::replace(&mut parent.first_child, at),
            None => NONE,
        };
        self.nodes.push(StackNode {
            path,
            parent,
            first_child: NONE,
            next_sibling,
            size: 0,
            is_dir: false,
            removed: false,
            weighed: 0,
            weight: 0,
        });
        at
    }

    /// The node for `path`, a child of the node `parent`'s path, if it is there.
    fn child(&self, paths: &Paths, parent: u32, path: u32) -> Option<u32> {
        let at = paths.nodes[path as usize].stacked;
        self.nodes.get(at as usize).filter(|node| node.parent == parent && !node.removed).map(|_| at)
    }

    fn child_or_new(&mut self, paths: &mut Paths, parent: u32, path: u32) -> u32 {
        self.child(paths, parent, path).unwrap_or_else(|| {
            let at = self.push(path, parent);
            paths.nodes[path as usize].stacked = at;
            at
        })
    }

    pub(super) fn find(&self, paths: &Paths, path: u32) -> Option<u32> {
        let mut steps = Vec::new();
        paths.steps(path, &mut steps);
        let mut named = steps.iter().filter(|&&step| !paths.name(step).is_empty());
        named.try_fold(ROOT, |at, &step| self.child(paths, at, step))
    }

    /// What a whiteout of the node weighs in a layer with `layers` layers below it: all below it, or nothing if it is
    /// not a directory.
    ///
    /// Each node is weighed once for a layer, however the whiteouts nest, and gone once the layer is laid: all the
    /// weighing together is linear.
    pub(super) fn weigh(&mut self, top: u32, layers: usize) -> u64 {
        let layer = layers as u32 + 1;
        if !self.nodes[top as usize].is_dir {
            return 0;
        }
        if self.nodes[top as usize].weighed == layer {
            return self.nodes[top as usize].weight;
        }
        let mut parents_first = vec![top];
        let mut next = 0;
        while let Some(&at) = parents_first.get(next) {
            next += 1;
            let node = &mut self.nodes[at as usize];
            node.weighed = layer;
            let mut weight = node.size;
            let mut child = node.first_child;
            while let Some(node) = self.nodes.get(child as usize) {
                if !node.removed {
                    if node.weighed == layer {
                        weight = weight.saturating_add(node.weight);
                    } else {
                        parents_first.push(child);
                    }
                }
                child = node.next_sibling;
            }
            self.nodes[at as usize].weight = weight;
        }
        for &at in parents_first.iter().skip(1).rev() {
            let StackNode { parent, weight, .. } = self.nodes[at as usize];
            let parent = &mut self.nodes[parent as usize];
            parent.weight = parent.weight.saturating_add(weight);
        }
        self.nodes[top as usize].weight
    }

    /// Becomes the tree as it is, whiteouts as nodes like all others.
    pub(super) fn copy(&mut self, paths: &mut Paths, tree: &LayerTree) {
        // A parent is made before its children, and `stacked` leads from the path to its node.
        for node in tree.nodes.iter().skip(1) {
            let parent = paths.nodes[tree.nodes[node.parent as usize].path as usize].stacked;
            let at = self.child_or_new(paths, parent, node.path);
            self.set(at, &node.attributes);
        }
    }

    fn set(&mut self, at: u32, attributes: &Attributes) {
        let node = &mut self.nodes[at as usize];
        node.size = attributes.size;
        node.is_dir = attributes.is_dir();
    }

    /// Lays the layer on top: whiteouts remove, all else is put in with its parents.
    pub(super) fn lay(&mut self, paths: &mut Paths, tree: &LayerTree, order: &[u32]) {
        // For each node of the layer, its node here. Walking down from the root for each would be quadratic in depth.
        let mut seats = vec![NONE; tree.nodes.len()];
        if let Some(root) = seats.first_mut() {
            *root = ROOT;
        }
        for &at in order {
            let node = &tree.nodes[at as usize];
            if let Some(hidden) = paths.hidden_by(node.path) {
                if let Some(found) = self.find(paths, hidden).filter(|&found| found != ROOT) {
                    self.nodes[found as usize].removed = true;
                }
                continue;
            }
            let seat = self.seat(paths, tree, &mut seats, at);
            if seat != ROOT {
                self.set(seat, &node.attributes);
            }
        }
    }

    /// The node here for node `at` of the layer, made along with its parents if it is not there.
    fn seat(&mut self, paths: &mut Paths, tree: &LayerTree, seats: &mut [u32], at: u32) -> u32 {
        let mut missing = Vec::new();
        let mut step = at;
        // A seat may have been removed since by a `.wh.` inside it, but then nothing above it was.
        while self.nodes.get(seats[step as usize] as usize).is_none_or(|node| node.removed) {
            missing.push(step);
            step = tree.nodes[step as usize].parent;
        }
        let mut seat = seats[step as usize];
        for &step in missing.iter().rev() {
            let mut path = tree.nodes[step as usize].path;
            let PathNode { parent, name, .. } = paths.nodes[path as usize];
            // `dive` cleans the path again here, now absolute: a leading `..` stays at the root, and what is below
            // it is put in elsewhere.
            if paths.name(path) == b".." {
                seat = ROOT;
            } else {
                let above = self.nodes[seat as usize].path;
                if above != parent {
                    path = paths.child_of_number(above, name);
                }
                seat = self.child_or_new(paths, seat, path);
            }
            seats[step as usize] = seat;
        }
        seat
    }
}
