//! The change as a tree down to single paths, for pages that draw it.
//!
//! A path grows or shrinks by the difference of all its entries in the two images. What grows and what shrinks is added up
//! apart, so that a directory in which much was exchanged is seen though its size is the same.

use super::delta::Delta;
use super::union::Union;
use super::{Comparison, LayerChange};
use crate::analysis::Analysis;
use crate::breakdown::{Branches, Label, NO_FINDING, Skeleton, SlotId, Step, TOP, Tree, UNATTRIBUTED};
use crate::index::Placed;
use crate::layer::Measures;
use crate::text::escaped;
use std::collections::HashMap;

/// How the change is grouped above its paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Not at all: by directory alone.
    Directory,
    /// By ecosystem, and then by package, whatever its version.
    Package,
    /// By layer, as the comparison matches them: a layer's number is that of its row.
    Layer,
    /// By the rule that claims it.
    Rule,
}

/// What the parts of a node are in a tree of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Entries of the old image.
    Old,
    /// Entries of the new image.
    New,
    /// What paths grew by, where they did: `new` + `shrunk` = `old` + `grown`.
    Grown,
    /// What paths shrank by, where they did.
    Shrunk,
}

/// Names of groups, as small numbers.
#[derive(Default)]
struct Names {
    list: Vec<String>,
    known: HashMap<String, u32>,
}

impl Names {
    fn number(&mut self, name: String) -> u32 {
        *self.known.entry(name).or_insert_with_key(|name| {
            self.list.push(name.clone());
            (self.list.len() - 1) as u32
        })
    }
}

/// One image, and which row each of its layers is in.
struct SideOf<'a, 'i> {
    analysis: &'a Analysis<'i>,
    rows: Vec<u32>,
    part: Part,
}

impl<'a, 'i> SideOf<'a, 'i> {
    fn new(analysis: &'a Analysis<'i>, rows: &[LayerChange], part: Part) -> Self {
        let mut of_layer = vec![0; analysis.index.image().layers().len()];
        for (row, layer) in rows.iter().enumerate() {
            if let Some(layer) = if part == Part::Old { layer.old } else { layer.new } {
                of_layer[layer] = row as u32;
            }
        }
        Self { analysis, rows: of_layer, part }
    }

    /// The groups that an entry is in.
    fn groups(&self, by: By, names: &mut Names, placed: &Placed<'_>) -> (Option<u32>, Option<u32>) {
        let analysis = self.analysis;
        match by {
            By::Directory => (None, None),
            By::Layer => (Some(self.rows[placed.layer]), None),
            By::Rule => {
                let rule = analysis.findings.of(placed).map_or(NO_FINDING, |finding| &analysis.findings.rule(finding).id);
                (Some(names.number(rule.to_owned())), None)
            }
            By::Package => match analysis.attribution.owner(placed).map(|id| analysis.attribution.package(id).package) {
                None => (Some(names.number(UNATTRIBUTED.to_owned())), None),
                Some(package) => {
                    let ecosystem = names.number(package.ecosystem.name().to_owned());
                    // Architectures of one package are packages of their own, as in the list.
                    let architecture = if package.architecture.is_empty() { "" } else { ":" };
                    let name = names.number(format!("{}{architecture}{}", package.name, package.architecture));
                    (Some(ecosystem), Some(name))
                }
            },
        }
    }
}

pub(super) fn of(comparison: &Comparison, old: &Analysis<'_>, new: &Analysis<'_>, by: By, most: usize) -> Tree {
    let union = Union::new(old.index.paths(), new.index.paths());
    let sides = [SideOf::new(old, &comparison.layers, Part::Old), SideOf::new(new, &comparison.layers, Part::New)];
    let mut names = Names::default();
    let mut skeleton = Skeleton::new();
    // For each place what the old and the new image have there.
    let mut sums: Vec<[Measures; 2]> = Vec::new();
    let mut rows: HashMap<SlotId, u32> = HashMap::new();
    for side in &sides {
        for placed in side.analysis.index.entries() {
            let (first, second) = side.groups(by, &mut names, &placed);
            let slot = [first, second].into_iter().flatten().fold(TOP, |slot, value| skeleton.group(slot, value));
            let node = if side.part == Part::Old { placed.node } else { union.of_new(placed.node) };
            let slot = skeleton.path(slot, node, |node| union.parent(node));
            if sums.len() <= slot as usize {
                sums.resize(slot as usize + 1, Default::default());
            }
            sums[slot as usize][side.part as usize] += placed.entry.measures();
            rows.insert(slot, side.rows[placed.layer]);
        }
    }
    for (slot, [was, is]) in sums.iter().enumerate() {
        let weight = |old: u64, new: u64| old.abs_diff(new);
        skeleton.weigh(slot as SlotId, weight(was.content_bytes, is.content_bytes).saturating_add(weight(was.blob_bytes, is.blob_bytes)));
    }
    let mut branches = Branches::new(skeleton.cut(most), comparison.layers.len());
    for (slot, [was, is]) in sums.iter().enumerate().filter(|(_, [was, is])| was.entries + is.entries > 0) {
        let row = rows.get(&(slot as SlotId)).copied().unwrap_or_default() as usize;
        let node = branches.at(slot as SlotId, was.entries.max(is.entries));
        node.parts[Part::Old as usize] += *was;
        node.parts[Part::New as usize] += *is;
        let delta = Delta::between(*was, *is);
        node.parts[Part::Grown as usize] += positive(delta);
        node.parts[Part::Shrunk as usize] += positive(-delta);
        node.layers[row / 64] |= 1 << (row % 64);
        // Only says that something was added.
        node.package = crate::breakdown::Shared::Nothing;
    }
    let name = |node| match union.in_old(node) {
        Some(node) => escaped(old.index.paths().name(node)),
        None => union.in_new(node).map(|node| escaped(new.index.paths().name(node))).unwrap_or_default(),
    };
    let label = |step, _| match step {
        Step::Top => Label::Top,
        Step::Path(node) => Label::Path(name(node)),
        Step::Group(row) if by == By::Layer => Label::Layer(row as usize),
        Step::Group(value) => Label::Group(names.list[value as usize].clone()),
    };
    branches.tree(label, |node| node.parts[Part::Grown as usize] + node.parts[Part::Shrunk as usize])
}

/// What of a change is growth.
fn positive(delta: Delta) -> Measures {
    let part = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
    Measures {
        entries: part(delta.entries),
        content_bytes: part(delta.content_bytes),
        diff_bytes: part(delta.diff_bytes),
        blob_bytes: part(delta.blob_bytes),
    }
}
