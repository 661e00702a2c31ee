//! What the page's script gets: trees as flat lists, and the names that they are of.
//!
//! A node is `name, children, layers, package, rule, parts, …`: the name is a text for a path, a list with one text for a
//! group, a number from 1 for a layer, and 0 for what is folded; `children` is how many nodes are right below it, which
//! follow, each with its own; `layers`, `package` and `rule` are places in the lists beside the trees (−1 none, −2 several).
//! What has something below is the sum of that: its `parts` is −1. Else `parts` has a bit for each part that is not empty, and
//! for each of those follow entries, content, tar and, where it is known, blob bytes. In trees of an image there are as many
//! `parts` as the node has layers, one after the other; in those of a change one of all.

use super::whole;
use crate::breakdown::{Label, Node, Piece, Shared, Tree};
use crate::layer::Measures;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io;

/// Signs of a name that are written: what no file system takes is cut.
const NAME: usize = 300;

/// In place of parts: they are the sum of what is below.
const SUM: i32 = -1;

/// What a tree may have of each layer apart, for each of its nodes: a fold has some of many layers.
const PIECES: usize = 4;

#[derive(Debug, Serialize)]
pub(super) struct Data {
    /// Whether it is about a change.
    pub(super) change: bool,
    /// Whether the trees are of several images, each by directory.
    pub(super) many: bool,
    /// The tree that is looked at first.
    pub(super) first: String,
    pub(super) unit: &'static str,
    /// Whether what a pull takes is known.
    pub(super) pull: bool,
    /// Numbers of each part: four, or three without blob bytes.
    pub(super) columns: usize,
    pub(super) layers: Vec<LayerName>,
    pub(super) packages: Vec<String>,
    pub(super) rules: Vec<String>,
    /// Sets of layers.
    pub(super) sets: Vec<Vec<usize>>,
    pub(super) trees: BTreeMap<String, Vec<Value>>,
    /// For each tree the entries that are folded.
    pub(super) folded: BTreeMap<String, u64>,
    /// The tree by directory without that, where it is folded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) whole: Option<Whole>,
}

/// A tree that is packed: see `whole.rs`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Whole {
    pub(super) packed: String,
    /// Entries that are too many even so.
    pub(super) folded: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct LayerName {
    /// As links have it: from 1, in its own image.
    pub(super) number: usize,
    pub(super) place: String,
    pub(super) text: String,
}

/// Numbers for what is named again and again.
#[derive(Debug, Default)]
pub(super) struct Tables {
    sets: Vec<Vec<usize>>,
    known_sets: HashMap<Vec<u64>, usize>,
    packages: Vec<u32>,
    known_packages: HashMap<u32, usize>,
    rules: Vec<u32>,
    known_rules: HashMap<u32, usize>,
    from: Begin,
}

/// Where numbers begin.
#[derive(Debug, Clone, Copy, Default)]
struct Begin {
    set: usize,
    package: usize,
    rule: usize,
    layer: usize,
}

fn number<K: Clone + std::hash::Hash + Eq, V>(
    known: &mut HashMap<K, usize>,
    list: &mut Vec<V>,
    key: &K,
    value: impl FnOnce() -> V,
) -> usize {
    *known.entry(key.clone()).or_insert_with(|| {
        list.push(value());
        list.len() - 1
    })
}

fn shared(known: &mut HashMap<u32, usize>, list: &mut Vec<u32>, from: usize, value: Shared) -> i64 {
    match value {
        Shared::Empty | Shared::Nothing => -1,
        Shared::Several => -2,
        Shared::One(id) => ((from + number(known, list, &id, || id)) as u64).cast_signed(),
    }
}

impl Tables {
    /// Of an image whose sets of layers, packages, rules and layers come after so many of others.
    pub(super) fn after(set: usize, package: usize, rule: usize, layer: usize) -> Self {
        Self { from: Begin { set, package, rule, layer }, ..Self::default() }
    }

    /// A tree as a flat list.
    pub(super) fn flat(&mut self, tree: &Tree, pull: bool) -> Vec<Value> {
        let mut list = Vec::with_capacity(tree.nodes.len() * 12);
        for node in &tree.nodes {
            list.push(match &node.label {
                Label::Top => json!(["/"]),
                Label::Group(name) => json!([cut(name)]),
                Label::Layer(number) => json!(number + 1),
                Label::Path(name) => json!(cut(name)),
                Label::Fold => json!(0),
            });
            list.push(node.children.into());
            list.extend(self.shared(node).map(Value::from));
            if node.children > 0 {
                list.push(SUM.into());
                continue;
            }
            for parts in by_layer(node) {
                list.push(mask(&parts).into());
                for part in parts.iter().filter(|part| is_there(part)) {
                    list.extend([part.entries, part.content_bytes, part.diff_bytes].map(Value::from));
                    if pull {
                        list.push(part.blob_bytes.into());
                    }
                }
            }
        }
        list
    }

    /// What all entries of a node have in common: the number of their set of layers, their package, their rule.
    pub(super) fn shared(&mut self, node: &Node) -> [i64; 3] {
        let Begin { set, package, rule, layer } = self.from;
        let set = set + number(&mut self.known_sets, &mut self.sets, &node.layers, || bits(&node.layers, layer));
        [
            (set as u64).cast_signed(),
            shared(&mut self.known_packages, &mut self.packages, package, node.package),
            shared(&mut self.known_rules, &mut self.rules, rule, node.rule),
        ]
    }

    /// A tree by its size, and the whole of it beside where it had to be cut for that.
    pub(super) fn both(&mut self, tree: impl Fn(usize) -> Tree, most: usize, pull: bool) -> io::Result<(Vec<Value>, u64, Option<Whole>)> {
        let small = bounded(&tree, most);
        let flat = self.flat(&small, pull);
        if small.folded == 0 {
            return Ok((flat, 0, None));
        }
        let sizes = [whole::MOST, whole::MOST / 4, whole::MOST / 16];
        let Some(large) = sizes.into_iter().map(tree).find(whole::has_room) else { return Ok((flat, small.folded, None)) };
        let whole = Whole { packed: whole::pack(&large, self, pull)?, folded: large.folded };
        Ok((flat, small.folded, Some(whole)))
    }

    /// The names of what was met.
    pub(super) fn names(
        self,
        package: impl Fn(u32) -> String,
        rule: impl Fn(u32) -> String,
    ) -> (Vec<String>, Vec<String>, Vec<Vec<usize>>) {
        let packages = self.packages.into_iter().map(|id| cut(&package(id))).collect();
        (packages, self.rules.into_iter().map(|id| cut(&rule(id))).collect(), self.sets)
    }
}

/// A tree of about so many nodes, or of fewer where what each layer has of them is too much.
pub(super) fn bounded(tree: impl Fn(usize) -> Tree, most: usize) -> Tree {
    let mut nodes = most;
    loop {
        let found = tree(nodes);
        if nodes == 0 || pieces(&found) <= PIECES * most {
            return found;
        }
        nodes /= 2;
    }
}

pub(super) fn pieces(tree: &Tree) -> usize {
    tree.nodes.iter().filter(|node| node.children == 0).map(|node| node.pieces.len()).sum()
}

/// The parts of a node that has nothing below: those of each of its layers, or of a change those of all.
pub(super) fn by_layer(node: &Node) -> Vec<[Measures; 4]> {
    if node.pieces.is_empty() {
        return vec![node.parts];
    }
    let one = |pieces: &[Piece]| {
        let mut parts = [Measures::default(); 4];
        for piece in pieces {
            parts[piece.kind as usize] += piece.measures;
        }
        parts
    };
    node.pieces.chunk_by(|a, b| a.layer == b.layer).map(one).collect()
}

/// A bit for each part that is not empty.
pub(super) fn mask(parts: &[Measures; 4]) -> u32 {
    parts.iter().enumerate().map(|(at, part)| u32::from(is_there(part)) << at).sum()
}

pub(super) fn is_there(part: &Measures) -> bool {
    *part != Measures::default()
}

/// Safe to show, and not endless.
pub(super) fn cut(name: &str) -> String {
    let safe = crate::text::escaped(name.as_bytes());
    match safe.char_indices().nth(NAME) {
        Some((at, _)) => format!("{}…", &safe[..at]),
        None => safe,
    }
}

fn bits(words: &[u64], from: usize) -> Vec<usize> {
    let bit = |at: &usize| words[at / 64] >> (at % 64) & 1 == 1;
    (0..words.len() * 64).filter(bit).map(|at| from + at).collect()
}
