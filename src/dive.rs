//! Dive compatibility: the numbers and the JSON file of `dive` 0.13.1, bit for bit.
//!
//! Teams move from `dive` with thresholds they have tuned; this module lets them keep both thresholds and dashboards
//! until they choose to migrate. It is fed tar entries layer by layer by whoever reads the image, knows nothing of
//! archives, manifests or plimsoll's own accounting, and hands back [`Numbers`], [`FileReference`]s and the JSON file. It
//! repeats `dive`'s mistakes on purpose: nothing here is how plimsoll itself judges an image.
//!
//! # The formula
//!
//! From the behaviour of `dive` (`dive/filetree/efficiency.go`, `dive/image/analysis.go`). Each layer is a tree of its
//! own; for every **leaf** `n` of it with path `p`, depth first and siblings in byte order:
//!
//! ```text
//! s       = size of n                              for an ordinary leaf
//!         = Σ sizes of p and all in it, in the stack for `.wh.p`, if p is a directory there
//!         = 0                                      for `.wh.p`, if p is anything else there
//!         → abandon the rest of this layer         for `.wh.p`, if p is not there
//! cum[p] += s;  min[p] = min(min[p], s);  seen[p] += 1
//!
//! efficiency          = Σ min / Σ cum            (1 when Σ cum = 0)
//! wasted_bytes        = Σ cum[p] where seen[p] ≥ 2
//! user_wasted_percent = wasted_bytes / Σ size of layers 1…
//! ```
//!
//! # Particulars kept
//!
//! * A parent that no entry names is a node without attributes. Stacked over a real directory it makes that "not a
//!   directory", so a later whiteout of it weighs nothing.
//! * Base names beginning with `.wh..wh..` are dropped, but their size counts in the layer and their parents are made.
//! * A name beginning with `.wh.` is a whiteout if it is a leaf, and when stacked also if it is not. The whole name
//!   `.wh.` whites out its own directory.
//! * An abandoned layer leaves a record whose minimum is −1 for the path that was not found.
//! * Whiteouts of layer 0 look in layer 0 itself; in every later layer they look in the layers below.
//! * A file that replaces a directory keeps the directory's children in the stack.
//! * Within a layer the stack is changed in byte order, so `+x` is put in before `.wh.+x` takes it out, but `x` after
//!   `.wh.x`.
//! * Names beginning with `..` keep it in their layer, and lose it in the stack.
//!
//! # Where this module decides for itself
//!
//! * Sums saturate; those of `dive` wrap around past 2⁶³ and turn negative.
//! * [`FileReference`]s of equal size: `dive` uses an unstable sort. Here the one found last comes first, which is also
//!   `dive`'s order up to twelve references.
//! * Where `dive` stops with an error there is nothing to reproduce: pax global headers (entries of types `g` and `x`
//!   are ignored here), layers cut short, more history than layers. What to do then is for the caller to say.
//! * `dive` stacks all lower layers anew for each whiteout. Here one stack grows with the layers, and time is linear
//!   in the bytes of all names (but for sorting siblings).

pub mod gate;
mod go;
mod image;
mod json;
mod stack;
mod trees;

pub use image::{of, report};

use go::{Attributes, clean};
use json::{File, Layer};
use stack::Stack;
use trees::{LayerTree, NONE, Paths, ROOT};

/// What `dive` shows as a layer's command when the image's history has no entry for it; its digest is then empty.
pub const MISSING_COMMAND: &str = "(missing)";

const DROPPED: &[u8] = b".wh..wh..";

/// One tar entry, with what `dive` looks at.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Name as archived, after pax and GNU long names are applied and before any cleaning.
    pub path: &'a [u8],
    /// Type byte of the header. The old `\0` is read as Go does: a directory if the name ends in `/`, else a file.
    pub type_flag: u8,
    /// Link target as archived, empty for none.
    pub link_name: &'a [u8],
    /// Size as Go's `archive/tar` reports it: the header's field even where no data follows (links, directories), pax
    /// `size` applied, and the logical size of a sparse file.
    pub size: u64,
    /// Mode field of the header: permissions, setuid and its like, and file type bits if the writer put them there.
    pub mode: u32,
    /// Owner.
    pub uid: i64,
    /// Group.
    pub gid: i64,
}

/// What `dive`'s JSON says of a layer besides its files.
#[derive(Clone, Debug, Default)]
pub struct LayerLabel {
    /// `dive`'s layer id: the first component of the layer tar's name in a docker-archive.
    pub id: String,
    /// The `DiffID`, empty if the history has no entry for the layer: `dive` finds it by way of the history.
    pub digest: String,
    /// `created_by` of the history's entry, or [`MISSING_COMMAND`]. A leading `/bin/sh -c ` is left out of the JSON.
    pub command: String,
}

/// The numbers `dive` prints and its rules judge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// Efficiency score; 1 for an image without bytes. Below zero is possible where a whiteout's target is missing.
    pub efficiency: f64,
    /// All copies of every path seen at least twice.
    pub wasted_bytes: u64,
    /// `wasted_bytes` over `user_size_bytes`, a ratio: NaN for 0/0, infinite for x/0, more than 1 is possible.
    pub user_wasted_percent: f64,
    /// Size of all layers.
    pub size_bytes: u64,
    /// Size of all layers but the first.
    pub user_size_bytes: u64,
}

/// A path seen at least twice: a line of `dive`'s "Inefficient Files".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReference {
    /// How many leaves had this path.
    pub count: u32,
    /// Bytes of all of them together.
    pub size_bytes: u64,
    /// The path, with a leading `/`.
    pub file: Vec<u8>,
}

/// Whether [`Dive`] keeps the lists of files that only the JSON needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileLists {
    /// Keep them: some 60 bytes for each file of each layer.
    Keep,
    /// Leave them out; [`Dive::write_json`] then writes empty lists.
    Omit,
}

/// An image as `dive` sees it, built layer by layer from the lowest up.
#[derive(Debug)]
pub struct Dive {
    file_lists: FileLists,
    paths: Paths,
    stack: Stack,
    layers: Vec<Layer>,
    records: Vec<Record>,
    /// Records seen twice, in the order in which that happened.
    repeated: Vec<u32>,
}

impl Dive {
    /// An image without layers.
    pub fn new(file_lists: FileLists) -> Self {
        Self { file_lists, paths: Paths::new(), stack: Stack::new(), layers: Vec::new(), records: Vec::new(), repeated: Vec::new() }
    }

    /// Starts the next layer up. A layer that is not [finished](LayerBuilder::finish) is as if it had never been.
    pub fn layer(&mut self, label: LayerLabel) -> LayerBuilder<'_> {
        let tree = LayerTree::new();
        self.paths.forget_layer();
        LayerBuilder { dive: self, label, tree, size: 0 }
    }

    /// The numbers for the layers so far.
    pub fn numbers(&self) -> Numbers {
        // An i128 holds any sum of 64-bit sizes. `dive` divides two i64: the conversion to f64 rounds the same.
        let (mut least, mut found) = (0_i128, 0_i128);
        for record in &self.records {
            least += record.least.map_or(-1, i128::from);
            found += i128::from(record.sum);
        }
        let sum = |sizes: &mut dyn Iterator<Item = u64>| sizes.fold(0, u64::saturating_add);
        let wasted_bytes = sum(&mut self.repeated.iter().filter_map(|&at| self.records.get(at as usize)).map(|r| r.sum));
        let user_size_bytes = sum(&mut self.layers.iter().skip(1).map(|layer| layer.size));
        Numbers {
            efficiency: if found == 0 { 1.0 } else { least as f64 / found as f64 },
            wasted_bytes,
            user_wasted_percent: wasted_bytes as f64 / user_size_bytes as f64,
            size_bytes: sum(&mut self.layers.iter().map(|layer| layer.size)),
            user_size_bytes,
        }
    }

    /// The paths seen at least twice, the largest first.
    pub fn references(&self) -> Vec<FileReference> {
        let mut records: Vec<&Record> = self.repeated.iter().filter_map(|&at| self.records.get(at as usize)).collect();
        // Ascending and then reversed, not descending: that puts equal ones in `dive`'s order.
        records.sort_by_key(|record| record.sum);
        let mut steps = Vec::new();
        records
            .into_iter()
            .rev()
            .map(|record| {
                let mut file = Vec::new();
                for name in self.paths.names(record.path, &mut steps) {
                    file.push(b'/');
                    file.extend_from_slice(name);
                }
                FileReference { count: record.seen, size_bytes: record.sum, file }
            })
            .collect()
    }

    /// Counts a leaf of size `size` at `path`; none where a whiteout hides nothing.
    fn count(&mut self, path: u32, size: Option<u64>) {
        let at = match self.paths.nodes[path as usize].record {
            NONE => {
                let at = self.records.len() as u32;
                self.paths.nodes[path as usize].record = at;
                self.records.push(Record { path, seen: 0, sum: 0, least: None });
                at
            }
            at => at,
        };
        let record = &mut self.records[at as usize];
        let Some(size) = size else { return };
        record.sum = record.sum.saturating_add(size);
        record.least = Some(record.least.map_or(size, |least| least.min(size)));
        record.seen = record.seen.saturating_add(1);
        if record.seen == 2 {
            self.repeated.push(at);
        }
    }

    /// Counts the leaves of a layer whose nodes are `order`.
    fn count_leaves(&mut self, tree: &LayerTree, order: &[u32]) {
        for &at in order {
            let node = &tree.nodes[at as usize];
            if node.children > 0 {
                continue;
            }
            let Some(hidden) = self.paths.hidden_by(node.path) else {
                self.count(node.path, Some(node.attributes.size));
                continue;
            };
            let size = self.stack.find(&self.paths, hidden).map(|at| self.stack.weigh(at, self.layers.len()));
            self.count(hidden, size);
            if size.is_none() {
                return;
            }
        }
    }
}

/// A layer being filled, from [`Dive::layer`].
#[derive(Debug)]
#[must_use = "a layer counts once it is finished"]
pub struct LayerBuilder<'a> {
    dive: &'a mut Dive,
    label: LayerLabel,
    tree: LayerTree,
    size: u64,
}

impl LayerBuilder<'_> {
    /// Adds the next entry of the layer's tar.
    pub fn add(&mut self, entry: &Entry<'_>) {
        let cleaned = clean(entry.path);
        // `.` is skipped with its size, whereas `/` counts its size and is no node.
        if (cleaned.names.is_empty() && !cleaned.absolute) || matches!(entry.type_flag, b'g' | b'x') {
            return;
        }
        self.size = self.size.saturating_add(entry.size);
        let mut at = ROOT;
        for name in &cleaned.names {
            if name.starts_with(DROPPED) {
                return;
            }
            at = self.tree.child(&mut self.dive.paths, at, name);
        }
        if at != ROOT {
            let mut attributes = Attributes::of(entry, cleaned.absolute);
            if self.dive.file_lists == FileLists::Keep {
                attributes.link_name = entry.link_name.into();
            }
            self.tree.nodes[at as usize].attributes = attributes;
        }
    }

    /// Puts the layer on top of those before it.
    pub fn finish(self) {
        let Self { dive, label, mut tree, size } = self;
        let order = tree.children_first(&dive.paths);
        // The stack below the first layer is, to `dive`, the first layer as it is, whiteouts and all.
        if dive.layers.is_empty() {
            dive.stack.copy(&mut dive.paths, &tree);
        }
        dive.count_leaves(&tree, &order);
        dive.stack.lay(&mut dive.paths, &tree, &order);
        let files = match dive.file_lists {
            FileLists::Keep => {
                let mut file = |&at: &u32| {
                    let node = &mut tree.nodes[at as usize];
                    File { path: node.path, attributes: std::mem::take(&mut node.attributes) }
                };
                order.iter().map(&mut file).collect()
            }
            FileLists::Omit => Vec::new(),
        };
        dive.layers.push(Layer { label, size, files });
    }
}

/// What has been counted for one path.
#[derive(Debug)]
struct Record {
    path: u32,
    seen: u32,
    sum: u64,
    /// None stands for `dive`'s −1: never weighed.
    least: Option<u64>,
}

#[cfg(test)]
mod tests;
