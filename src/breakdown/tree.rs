//! The image's bytes as a tree down to single files, for pages that draw it.
//!
//! Every entry is in one node at the end of a branch, in one of four parts ([`Kind`]), so that each node is the sum of those
//! below it, and the first one is the image, in every measure. A tree of more nodes than were asked for is cut: what is
//! too small is folded into one node below its directory or group, and keeps its bytes.

use super::skeleton::Cut;
use super::{Key, Level, NONE, Skeleton, SlotId, Step, TOP};
use crate::analysis::Analysis;
use crate::index::{Fate, Placed};
use crate::layer::Measures;
use crate::text::escaped;
use std::cmp::Reverse;

/// What becomes of bytes: the hull's four parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Live, of the base image's layers.
    Base,
    /// Live, of own layers, and needed as far as edits tell.
    Own,
    /// Live, of own layers, and certain edits remove them.
    Unneeded,
    /// Hidden by later layers.
    Hidden,
}

/// A value that all entries of a node may have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shared {
    /// There is no entry yet.
    #[default]
    Empty,
    /// None of them has one.
    Nothing,
    /// All have this.
    One(u32),
    /// They differ.
    Several,
}

/// What a node stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// The whole image.
    Top,
    /// A group: an ecosystem, a package, a rule.
    Group(String),
    /// A layer, by its number from 0.
    Layer(usize),
    /// The last component of a path, safe to show.
    Path(String),
    /// Entries that are too small to be nodes of their own, and the entry of the directory itself.
    Fold,
}

/// What one layer has of a node, of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The layer's number from 0.
    pub layer: u32,
    /// What becomes of it.
    pub kind: Kind,
    /// Its entries.
    pub measures: Measures,
}

/// A node, with all that is below it.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it stands for.
    pub label: Label,
    /// How many of the nodes that follow are right below it, each followed by its own.
    pub children: usize,
    /// Its entries by [`Kind`].
    pub parts: [Measures; 4],
    /// The same by layer, from the first one, where nothing is below the node. Trees of a change have none.
    pub pieces: Vec<Piece>,
    /// Numbers of the layers that store its entries, as bits.
    pub layers: Vec<u64>,
    /// The package of its entries: a number within the attribution.
    pub package: Shared,
    /// The rule that claims its entries: a number within the catalogue.
    pub rule: Shared,
}

/// A tree in the order in which one reads it: each node before those below it, the heaviest first.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// The nodes; the first is the whole image.
    pub nodes: Vec<Node>,
    /// Entries that are too small to be nodes of their own.
    pub folded: u64,
}

impl Shared {
    pub(crate) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Empty, one) | (one, Self::Empty) => one,
            (one, same) if one == same => one,
            _ => Self::Several,
        }
    }
}

impl Node {
    fn empty(layers: usize) -> Self {
        Self {
            label: Label::Fold,
            children: 0,
            parts: Default::default(),
            pieces: Vec::new(),
            layers: vec![0; layers.div_ceil(64)],
            package: Shared::Empty,
            rule: Shared::Empty,
        }
    }

    /// All its entries.
    pub fn all(&self) -> Measures {
        self.parts.into_iter().sum()
    }

    fn add(&mut self, layer: usize, kind: Kind, measures: Measures) {
        self.parts[kind as usize] += measures;
        self.layers[layer / 64] |= 1 << (layer % 64);
        let layer = layer as u32;
        // Entries come layer by layer.
        let known = self.pieces.iter_mut().rev().take_while(|piece| piece.layer == layer).find(|piece| piece.kind == kind);
        match known {
            Some(piece) => piece.measures += measures,
            None => self.pieces.push(Piece { layer, kind, measures }),
        }
    }
}

impl Tree {
    /// All entries by `keys` and then by path, cut to about `most` nodes. What belongs to no package has one group alone.
    pub fn new(analysis: &Analysis<'_>, keys: &[Key], most: usize) -> Self {
        let index = analysis.index;
        let paths = index.paths();
        let levels: Vec<Level<'_>> = keys.iter().map(|key| Level::new(analysis, *key)).collect();
        let mut skeleton = Skeleton::new();
        let mut place = |placed: &Placed<'_>| {
            let mut slot: SlotId = TOP;
            for level in &levels {
                let value = level.value(analysis, placed);
                slot = skeleton.group(slot, value);
                if value == NONE {
                    break;
                }
            }
            slot = skeleton.path(slot, placed.node, |node| paths.parent(node));
            // Both sizes that people look at count.
            skeleton.weigh(slot, placed.entry.content_bytes.saturating_add(placed.entry.blob_bytes));
            slot
        };
        let slots: Vec<SlotId> = index.entries().map(|placed| place(&placed)).collect();
        let mut branches = Branches::new(skeleton.cut(most), index.image().layers().len());
        let unneeded = crate::report::unneeded_entries(analysis);
        for ((placed, slot), unneeded) in index.entries().zip(slots).zip(unneeded) {
            let kind = kind(analysis, &placed, unneeded);
            let shared = |number: Option<u32>| number.map_or(Shared::Nothing, Shared::One);
            let node = branches.at(slot, 1);
            node.add(placed.layer, kind, placed.entry.measures());
            node.package = node.package.join(shared(analysis.attribution.owner(&placed)));
            node.rule = node.rule.join(shared(analysis.findings.of(&placed).map(|finding| finding.rule as u32)));
        }
        let label = |step, depth: usize| match step {
            Step::Top => Label::Top,
            Step::Path(node) => Label::Path(escaped(paths.name(node))),
            Step::Group(value) if keys[depth] == Key::Layer => Label::Layer(value as usize),
            Step::Group(value) => {
                let name = levels[depth].name(value, paths);
                // Below its ecosystem a package need not say it again.
                let is_below = keys[depth] == Key::Package && keys[..depth].contains(&Key::Ecosystem);
                Label::Group(name.split_once(':').filter(|_| is_below).map_or(name.as_str(), |(_, name)| name).to_owned())
            }
        };
        branches.tree(label, Node::all)
    }
}

fn kind(analysis: &Analysis<'_>, placed: &Placed<'_>, unneeded: bool) -> Kind {
    match placed.fate {
        Fate::Shadowed { .. } => Kind::Hidden,
        // As in the hull: what certain edits remove is the image's own.
        Fate::Live if unneeded => Kind::Unneeded,
        Fate::Live if placed.layer < analysis.base.layers => Kind::Base,
        Fate::Live => Kind::Own,
    }
}

/// The nodes that are left of a tree, while entries are added to them.
pub(crate) struct Branches {
    cut: Cut,
    nodes: Vec<Node>,
    folded: u64,
}

impl Branches {
    /// Empty nodes; `layers` is how many layers there are.
    pub(crate) fn new(cut: Cut, layers: usize) -> Self {
        let nodes = vec![Node::empty(layers); cut.kept.len()];
        Self { cut, nodes, folded: 0 }
    }

    /// The node that takes what a place of the whole tree has of its own: so many entries.
    pub(crate) fn at(&mut self, slot: SlotId, entries: u64) -> &mut Node {
        self.folded += if self.cut.is_gone(slot) { entries } else { 0 };
        &mut self.nodes[self.cut.target(slot)]
    }

    /// Adds up and puts in order, by what `weight` says of a node. `label` gets a step and how many groups are above it.
    pub(crate) fn tree(mut self, label: impl Fn(Step, usize) -> Label, weight: impl Fn(&Node) -> Measures) -> Tree {
        let kept = &self.cut.kept;
        let mut below: Vec<Vec<u32>> = vec![Vec::new(); kept.len()];
        let mut depth = vec![0; kept.len()];
        for (at, one) in kept.iter().enumerate().skip(1) {
            below[one.parent as usize].push(at as u32);
            depth[at] = depth[one.parent as usize] + usize::from(matches!(one.step, Step::Group(_)));
        }
        for at in (1..kept.len()).rev() {
            let (above, rest) = self.nodes.split_at_mut(at);
            add(&mut above[kept[at].parent as usize], &rest[0]);
        }
        // Folds that nothing went to are none.
        let is_empty = |node: &Node| node.package == Shared::Empty;
        let mut tree = Tree { nodes: Vec::with_capacity(kept.len()), folded: self.folded };
        let mut stack = vec![0];
        while let Some(at) = stack.pop() {
            let at = at as usize;
            below[at].retain(|child| !is_empty(&self.nodes[*child as usize]));
            below[at].sort_by_key(|child| {
                let (all, fold) = (weight(&self.nodes[*child as usize]), kept[*child as usize].fold);
                (fold, Reverse((all.content_bytes, all.blob_bytes)), *child)
            });
            stack.extend(below[at].iter().rev());
            let own = &kept[at];
            let label = if own.fold { Label::Fold } else { label(own.step, depth[at].saturating_sub(1)) };
            let node = std::mem::replace(&mut self.nodes[at], Node::empty(0));
            tree.nodes.push(Node { label, children: below[at].len(), ..node });
        }
        tree
    }
}

fn add(above: &mut Node, node: &Node) {
    for (sum, part) in above.parts.iter_mut().zip(node.parts) {
        *sum += part;
    }
    for (sum, part) in above.layers.iter_mut().zip(&node.layers) {
        *sum |= part;
    }
    above.package = above.package.join(node.package);
    above.rule = above.rule.join(node.rule);
}
