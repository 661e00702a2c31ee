//! The tree of all paths ever met and the tree of one layer, both as lists of nodes with 4-byte links.
//!
//! [`Dive`](super::Dive) keeps one [`Paths`] for an image, and makes a [`LayerTree`] for each layer; the
//! [`Stack`](super::stack::Stack) merges those, finding its own nodes by way of the paths.

use super::go::Attributes;
use std::collections::HashMap;
use std::sync::Arc;

/// "No such thing" in the 4-byte links of the trees. Reaching it would take four billion nodes, hundreds of gigabytes.
pub(super) const NONE: u32 = u32::MAX;
/// The root in each of the three trees: paths, layer and stack.
pub(super) const ROOT: u32 = 0;
const WHITEOUT: &[u8] = b".wh.";

/// Every path ever met, as a tree that only grows. A path is a 4-byte number.
#[derive(Debug)]
pub(super) struct Paths {
    pub(super) nodes: Vec<PathNode>,
    children: HashMap<(u32, u32), u32>,
    name_texts: Vec<Arc<[u8]>>,
    name_numbers: HashMap<Arc<[u8]>, u32>,
    /// Number of the layer being filled, to tell whose `in_layer` is of that layer.
    layer: u32,
}

#[derive(Debug)]
pub(super) struct PathNode {
    pub(super) parent: u32,
    pub(super) name: u32,
    /// Its [`Record`](super::Record).
    pub(super) record: u32,
    /// The newest node of the [`Stack`](super::stack::Stack) for this path; valid only below the parent it was made for.
    pub(super) stacked: u32,
    /// The layer that `in_layer` speaks of.
    pub(super) layer: u32,
    /// Its node in that layer's [`LayerTree`].
    pub(super) in_layer: u32,
}

impl Paths {
    pub(super) fn new() -> Self {
        let root = PathNode { parent: ROOT, name: 0, record: NONE, stacked: ROOT, layer: 0, in_layer: ROOT };
        Self {
            nodes: vec![root],
            children: HashMap::new(),
            name_texts: vec![Arc::default()],
            name_numbers: HashMap::from([(Arc::default(), 0)]),
            layer: 0,
        }
    }

    /// Starts a layer without nodes.
    pub(super) fn forget_layer(&mut self) {
        self.layer = self.layer.wrapping_add(1);
    }

    pub(super) fn child(&mut self, parent: u32, name: &[u8]) -> u32 {
        let name = if let Some(&number) = self.name_numbers.get(name) {
            number
        } else {
            let text: Arc<[u8]> = name.into();
            let number = self.name_texts.len() as u32;
            self.name_texts.push(Arc::clone(&text));
            self.name_numbers.insert(text, number);
            number
        };
        self.child_of_number(parent, name)
    }

    pub(super) fn child_of_number(&mut self, parent: u32, name: u32) -> u32 {
        let next = self.nodes.len() as u32;
        let at = *self.children.entry((parent, name)).or_insert(next);
        if at == next {
            self.nodes.push(PathNode { parent, name, record: NONE, stacked: NONE, layer: 0, in_layer: NONE });
        }
        at
    }

    pub(super) fn name(&self, at: u32) -> &[u8] {
        &self.name_texts[self.nodes[at as usize].name as usize]
    }

    /// The path that `at` whites out, if its name is that of a whiteout.
    pub(super) fn hidden_by(&mut self, at: u32) -> Option<u32> {
        if !self.name(at).starts_with(WHITEOUT) {
            return None;
        }
        let PathNode { parent, name, .. } = self.nodes[at as usize];
        let text = Arc::clone(&self.name_texts[name as usize]);
        // With nothing after the prefix this is a child of empty name: the path is then the parent's and a slash.
        text.strip_prefix(WHITEOUT).map(|name| self.child(parent, name))
    }

    /// The steps from the root, itself left out, down to `at`.
    pub(super) fn steps(&self, mut at: u32, steps: &mut Vec<u32>) {
        steps.clear();
        while at != ROOT {
            steps.push(at);
            at = self.nodes[at as usize].parent;
        }
        steps.reverse();
    }

    /// The names on the way from the root to `at`; `steps` is only a buffer.
    pub(super) fn names<'a>(&'a self, at: u32, steps: &'a mut Vec<u32>) -> impl Iterator<Item = &'a [u8]> {
        self.steps(at, steps);
        steps.iter().map(|&step| self.name(step))
    }
}

/// The tree of one layer alone.
#[derive(Debug)]
pub(super) struct LayerTree {
    pub(super) nodes: Vec<LayerNode>,
}

#[derive(Debug)]
pub(super) struct LayerNode {
    pub(super) path: u32,
    pub(super) parent: u32,
    /// How many children it has.
    pub(super) children: u32,
    pub(super) attributes: Attributes,
}

impl LayerTree {
    pub(super) fn new() -> Self {
        Self { nodes: vec![LayerNode { path: ROOT, parent: ROOT, children: 0, attributes: Attributes::default() }] }
    }

    pub(super) fn child(&mut self, paths: &mut Paths, parent: u32, name: &[u8]) -> u32 {
        let path = paths.child(self.nodes[parent as usize].path, name);
        let layer = paths.layer;
        let known = &mut paths.nodes[path as usize];
        if known.layer != layer {
            known.layer = layer;
            known.in_layer = self.nodes.len() as u32;
            self.nodes.push(LayerNode { path, parent, children: 0, attributes: Attributes::default() });
            self.nodes[parent as usize].children += 1;
        }
        known.in_layer
    }

    /// All nodes but the root, children before their parent and siblings in byte order of their names.
    pub(super) fn children_first(&self, paths: &Paths) -> Vec<u32> {
        // Where the children of each node begin in one list of all, grouped by parent.
        let mut begin: Vec<usize> = Vec::with_capacity(self.nodes.len());
        let mut total = 0;
        for node in &self.nodes {
            begin.push(total);
            total += node.children as usize;
        }
        let mut next = begin.clone();
        let mut children = vec![ROOT; total];
        for (at, node) in self.nodes.iter().enumerate().skip(1) {
            let place = &mut next[node.parent as usize];
            children[*place] = at as u32;
            *place += 1;
        }
        for (node, &begin) in self.nodes.iter().zip(&begin) {
            let siblings = &mut children[begin..begin + node.children as usize];
            siblings.sort_unstable_by_key(|&at| paths.name(self.nodes[at as usize].path));
        }
        // Parents first and siblings backwards, read from its end. On a stack of its own: paths may be very deep.
        let mut order = Vec::with_capacity(total);
        let mut waiting = vec![ROOT];
        while let Some(at) = waiting.pop() {
            let begin = begin[at as usize];
            waiting.extend(&children[begin..begin + self.nodes[at as usize].children as usize]);
            if at != ROOT {
                order.push(at);
            }
        }
        order.reverse();
        order
    }
}
