//! Which directories and files get a cell of their own, and where.

use super::squarify::{Rect, squarify};
use crate::breakdown::{Label, Node, Tree};
use std::cmp::Reverse;

/// What takes less of the picture, which is some 620,000, has one cell together with the like of its directory: there is room for
/// a name in most of those that are left.
const LEAST: f64 = 4500.0;

/// Directories within each other that are divided: what is deeper has one cell.
const DEEPEST: usize = 24;

/// A part of the picture that stands for bytes, as large as its share of them.
#[derive(Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) place: Rect,
    /// From the directory that is divided; a directory ends with a slash.
    pub(super) name: String,
    /// The directory that it is in.
    pub(super) within: String,
    /// How many directories it is in that are divided.
    pub(super) depth: usize,
    /// What is too small for cells of its own.
    pub(super) is_rest: bool,
    /// Bytes of each kind.
    pub(super) parts: [u64; 4],
    pub(super) entries: u64,
}

impl Cell {
    pub(super) fn bytes(&self) -> u64 {
        self.parts.iter().sum()
    }
}

/// A directory that is divided.
#[derive(Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) place: Rect,
    /// How many others it is in.
    pub(super) depth: usize,
}

/// A node and where it goes.
struct Open {
    node: usize,
    within: String,
    name: String,
    place: Rect,
    depth: usize,
}

/// All that an image has, in an area.
pub(super) fn cells(tree: &Tree, area: Rect) -> (Vec<Cell>, Vec<Frame>) {
    let below = below(tree);
    let total = tree.nodes.first().map_or(0, bytes);
    let (mut cells, mut frames) = (Vec::new(), Vec::new());
    if total == 0 {
        return (cells, frames);
    }
    let scale = area.area() / total as f64;
    let mut open = vec![Open { node: 0, within: String::new(), name: String::new(), place: area, depth: 0 }];
    while let Some(mut at) = open.pop() {
        let kids = |node: usize| -> Vec<usize> { below[node].iter().copied().filter(|kid| bytes(&tree.nodes[*kid]) > 0).collect() };
        let mut inside = kids(at.node);
        // A directory with nothing but one directory is drawn as one.
        while let [one] = inside[..]
            && let Label::Path(name) = &tree.nodes[one].label
        {
            at.node = one;
            at.name = format!("{}/{name}", at.name);
            inside = kids(one);
        }
        let is_large = |kid: &usize| tree.nodes[*kid].label != Label::Fold && bytes(&tree.nodes[*kid]) as f64 * scale >= LEAST;
        let (large, small): (Vec<usize>, Vec<usize>) = inside.into_iter().partition(is_large);
        if large.is_empty() || at.depth == DEEPEST {
            cells.push(whole(&tree.nodes[at.node], at));
            continue;
        }
        frames.push(Frame { place: at.place, depth: at.depth });
        let within = format!("{}{}", at.within, at.name);
        let rest = small.iter().map(|kid| &tree.nodes[*kid]);
        let mut items: Vec<(Option<usize>, u64)> = large.iter().map(|kid| (Some(*kid), bytes(&tree.nodes[*kid]))).collect();
        let left = rest.clone().map(bytes).sum();
        if left > 0 {
            items.push((None, left));
        }
        items.sort_by_key(|item| Reverse(item.1));
        let weights: Vec<u64> = items.iter().map(|item| item.1).collect();
        for ((kid, _), place) in items.into_iter().zip(squarify(&weights, at.place)) {
            match kid.map(|kid| (kid, &tree.nodes[kid].label)) {
                Some((node, Label::Path(name))) => {
                    open.push(Open { node, within: within.clone(), name: format!("/{name}"), place, depth: at.depth + 1 });
                }
                _ => cells.push(rest.clone().fold(empty(place, &within, at.depth + 1), add)),
            }
        }
    }
    (cells, frames)
}

fn bytes(node: &Node) -> u64 {
    node.all().content_bytes
}

/// For each node those right below it.
fn below(tree: &Tree) -> Vec<Vec<usize>> {
    let mut below = vec![Vec::new(); tree.nodes.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (at, node) in tree.nodes.iter().enumerate() {
        open.retain(|(_, left)| *left > 0);
        if let Some((parent, left)) = open.last_mut() {
            below[*parent].push(at);
            *left -= 1;
        }
        open.push((at, node.children));
    }
    below
}

fn whole(node: &Node, at: Open) -> Cell {
    let slash = if node.children > 0 || at.name.is_empty() { "/" } else { "" };
    let cell = Cell { name: format!("{}{slash}", at.name), within: at.within, is_rest: false, ..empty(at.place, "", at.depth) };
    add(cell, node)
}

fn empty(place: Rect, within: &str, depth: usize) -> Cell {
    Cell { place, depth, name: String::new(), within: within.to_owned(), is_rest: true, parts: [0; 4], entries: 0 }
}

fn add(mut cell: Cell, node: &Node) -> Cell {
    for (sum, part) in cell.parts.iter_mut().zip(&node.parts) {
        *sum += part.content_bytes;
    }
    cell.entries += node.all().entries;
    cell
}
