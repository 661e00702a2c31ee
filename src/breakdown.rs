//! The image's bytes by any hierarchy of keys: by ecosystem, then package, then layer, say.
//!
//! Every entry has exactly one group at each level, so that the groups of a level add up to the group
//! above them and those of the first level to the image, in every measure. Time is linear in entries,
//! memory in paths and groups.

mod skeleton;
mod tree;

pub(crate) use skeleton::{Skeleton, SlotId, Step, TOP};
pub(crate) use tree::Branches;
pub use tree::{Kind, Label, Node, Piece, Shared, Tree};

use crate::analysis::Analysis;
use crate::facts::Ecosystem;
use crate::index::{Fate, Placed};
use crate::layer::{EntryKind, Measures};
use crate::paths::{NodeId, Paths, ROOT};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What entries are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    /// The layer that stores them.
    Layer,
    /// The instruction that made their layer; layers with equal text are one.
    Instruction,
    /// The package that they belong to.
    Package,
    /// Its ecosystem.
    Ecosystem,
    /// The rule that claims them.
    Rule,
    /// The first two directories of their path.
    Directory,
}

/// The name of what belongs to no package.
pub const UNATTRIBUTED: &str = "unattributed";
/// The name of what no rule claims.
pub const NO_FINDING: &str = "no finding";

impl Key {
    /// All keys.
    pub const ALL: [Self; 6] = [Self::Layer, Self::Instruction, Self::Package, Self::Ecosystem, Self::Rule, Self::Directory];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Instruction => "instruction",
            Self::Package => "package",
            Self::Ecosystem => "ecosystem",
            Self::Rule => "rule",
            Self::Directory => "directory",
        }
    }
}

/// An image's bytes by a hierarchy of keys.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Breakdown {
    /// Version of this form: that of the report.
    pub schema: String,
    /// Names and tags of the image.
    pub names: Vec<String>,
    /// False when a blob is absent or a limit ended the reading.
    pub complete: bool,
    /// What the levels are, from the top.
    pub keys: Vec<Key>,
    /// All entries: the sum of the groups.
    pub totals: Measures,
    /// The hidden ones.
    pub shadowed: Measures,
    /// What belongs to no entry: `totals` + `overhead` = the sum of the layers' sizes.
    pub overhead: Measures,
    /// Whether what a pull takes is known: not where the source stores plain tars.
    #[serde(skip)]
    pub(crate) pulled: bool,
    /// The first level, most content first.
    pub groups: Vec<Group>,
}

/// Entries that have one key in common, and those of all levels above.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// Number of the layer, from 0, where that is what they have in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
    /// All its entries.
    #[serde(flatten)]
    pub all: Measures,
    /// Live ones.
    pub live: Measures,
    /// Hidden ones.
    pub shadowed: Measures,
    /// The next level, most content first; empty at the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

impl Breakdown {
    /// Groups all entries by `keys`.
    pub fn new(analysis: &Analysis<'_>, keys: &[Key]) -> Self {
        let index = analysis.index;
        let levels: Vec<Level<'_>> = keys.iter().map(|key| Level::new(analysis, *key)).collect();
        let mut sums: Vec<(Measures, Measures)> = vec![Default::default()];
        let mut children: HashMap<(u32, u32), u32> = HashMap::new();
        for placed in index.entries() {
            let measures = placed.entry.measures();
            let live = placed.fate == Fate::Live;
            let mut at = 0;
            for level in std::iter::once(None).chain(levels.iter().map(Some)) {
                if let Some(level) = level {
                    at = *children.entry((at, level.value(analysis, &placed))).or_insert_with(|| {
                        sums.push(Default::default());
                        (sums.len() - 1) as u32
                    });
                }
                let (of_live, of_hidden) = &mut sums[at as usize];
                *if live { of_live } else { of_hidden } += measures;
            }
        }
        let mut below: Vec<Vec<(u32, u32)>> = vec![Vec::new(); sums.len()];
        for ((parent, value), group) in children {
            below[parent as usize].push((value, group));
        }
        let (live, shadowed) = sums[0];
        let image = index.image();
        Self {
            schema: crate::report::SCHEMA.to_owned(),
            names: image.names.clone(),
            complete: !image.is_incomplete(),
            keys: keys.to_vec(),
            totals: live + shadowed,
            shadowed,
            overhead: index.sums().overhead(),
            pulled: crate::report::pull_bytes(index).is_some(),
            groups: groups(&levels, &sums, &below, 0, index.paths()),
        }
    }

    /// Every group of the last level, with the names on the way to it.
    pub fn rows(&self) -> Vec<(Vec<&str>, &Group)> {
        let mut rows = Vec::new();
        let mut stack: Vec<(Vec<&str>, &Group)> = self.groups.iter().rev().map(|group| (Vec::new(), group)).collect();
        while let Some((mut way, group)) = stack.pop() {
            way.push(&group.name);
            if group.groups.is_empty() {
                rows.push((way, group));
            } else {
                stack.extend(group.groups.iter().rev().map(|next| (way.clone(), next)));
            }
        }
        rows
    }
}

/// The groups below one, and all below those; as deep as there are keys.
fn groups(levels: &[Level<'_>], sums: &[(Measures, Measures)], below: &[Vec<(u32, u32)>], parent: usize, paths: &Paths) -> Vec<Group> {
    let Some((level, rest)) = levels.split_first() else { return Vec::new() };
    let one = |(value, number): &(u32, u32)| {
        let (live, shadowed) = sums[*number as usize];
        Group {
            name: level.name(*value, paths),
            layer: (level.key == Key::Layer).then_some(*value as usize),
            all: live + shadowed,
            live,
            shadowed,
            groups: groups(rest, sums, below, *number as usize, paths),
        }
    };
    let mut found: Vec<Group> = below[parent].iter().map(one).collect();
    found.sort_by(|a, b| {
        let weight = |group: &Group| std::cmp::Reverse((group.all.content_bytes, group.all.diff_bytes));
        weight(a).cmp(&weight(b)).then_with(|| (a.layer, &a.name).cmp(&(b.layer, &b.name)))
    });
    found
}

/// How entries get their key at one level: as a small number, and its name.
struct Level<'a> {
    key: Key,
    /// For each layer, package or path its value.
    values: Vec<u32>,
    names: Names<'a>,
}

enum Names<'a> {
    Given(Vec<String>),
    Rules(&'a [crate::rules::Rule]),
    Paths,
}

/// What has no value of its own.
const NONE: u32 = u32::MAX;

impl<'a> Level<'a> {
    fn new(analysis: &'a Analysis<'_>, key: Key) -> Self {
        let layers = || (0..analysis.index.image().layers().len()).map(|layer| instruction(analysis, layer));
        let (values, names) = match key {
            Key::Layer => (
                Vec::new(),
                Names::Given(layers().enumerate().map(|(number, text)| format!("{}: {text}", analysis.place(number))).collect()),
            ),
            Key::Instruction => interned(layers().map(str::to_owned)),
            Key::Package => interned(analysis.attribution.packages().iter().map(|installed| label(installed.package))),
            Key::Ecosystem => (Vec::new(), Names::Given(Ecosystem::ALL.map(|ecosystem| ecosystem.name().to_owned()).to_vec())),
            Key::Rule => (Vec::new(), Names::Rules(&analysis.findings.rules)),
            Key::Directory => (two_deep(analysis.index.paths()), Names::Paths),
        };
        Self { key, values, names }
    }

    /// The value of an entry.
    fn value(&self, analysis: &Analysis<'_>, placed: &Placed<'_>) -> u32 {
        let owner = || analysis.attribution.owner(placed);
        match self.key {
            Key::Layer => placed.layer as u32,
            Key::Instruction => self.values[placed.layer],
            Key::Package => owner().map_or(NONE, |id| self.values[id as usize]),
            Key::Ecosystem => owner().map_or(NONE, |id| {
                let ecosystem = analysis.attribution.package(id).ecosystem();
                Ecosystem::ALL.iter().position(|one| *one == ecosystem).map_or(NONE, |at| at as u32)
            }),
            Key::Rule => analysis.findings.of(placed).map_or(NONE, |finding| finding.rule as u32),
            Key::Directory => {
                let paths = analysis.index.paths();
                let inside = if placed.entry.kind == EntryKind::Directory { placed.node } else { paths.parent(placed.node) };
                self.values[inside as usize]
            }
        }
    }

    fn name(&self, value: u32, paths: &Paths) -> String {
        match &self.names {
            Names::Given(names) => names.get(value as usize).map_or(UNATTRIBUTED, String::as_str).to_owned(),
            Names::Rules(rules) => rules.get(value as usize).map_or(NO_FINDING, |rule| &rule.id).to_owned(),
            Names::Paths => format!("/{}", crate::text::escaped(&paths.path(value))),
        }
    }
}

/// What made a layer.
fn instruction<'a>(analysis: &'a Analysis<'_>, layer: usize) -> &'a str {
    let text = analysis.index.layer_at(layer).instruction().map_or("", |made| made.text.as_str());
    if text.is_empty() { "(history does not tell)" } else { text }
}

/// A package as people write it.
pub(crate) fn label(package: &crate::facts::Package) -> String {
    format!("{}:{} {}", package.ecosystem.name(), package.name, package.version).trim_end().to_owned()
}

/// Equal names are one value.
fn interned(names: impl Iterator<Item = String>) -> (Vec<u32>, Names<'static>) {
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut list = Vec::new();
    let values = names
        .map(|name| {
            *known.entry(name).or_insert_with_key(|name| {
                list.push(name.clone());
                (list.len() - 1) as u32
            })
        })
        .collect();
    (values, Names::Given(list))
}

/// For each path the one of at most two components that it is at or below.
fn two_deep(paths: &Paths) -> Vec<NodeId> {
    let mut cut = vec![ROOT; paths.len()];
    // A directory's number is smaller than those of what it holds.
    for node in 1..paths.len() as NodeId {
        let parent = paths.parent(node);
        let deep = parent != ROOT && paths.parent(parent) != ROOT;
        cut[node as usize] = if deep { cut[parent as usize] } else { node };
    }
    cut
}
