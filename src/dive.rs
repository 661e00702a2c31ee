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

mod image;

pub use image::{of, report};

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

/// What `dive` shows as a layer's command when the image's history has no entry for it; its digest is then empty.
pub const MISSING_COMMAND: &str = "(missing)";

/// "No such thing" in the 4-byte links of the trees. Reaching it would take four billion nodes, hundreds of gigabytes.
const NONE: u32 = u32::MAX;
/// The root in each of the three trees: paths, layer and stack.
const ROOT: u32 = 0;
const WHITEOUT: &[u8] = b".wh.";
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

    /// Writes what `dive --json` writes.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut json = BufWriter::with_capacity(1 << 16, out);
        self.write_layers(&mut json)?;
        self.write_image(&mut json)?;
        json.flush()
    }

    fn write_layers(&self, json: &mut impl Write) -> io::Result<()> {
        let mut steps = Vec::new();
        json.write_all(b"{\n  \"layer\": [")?;
        for (index, layer) in self.layers.iter().enumerate() {
            let command = &layer.label.command;
            json.write_all(if index == 0 { b"\n    {\n" } else { b",\n    {\n" })?;
            write!(json, "      \"index\": {index},\n      \"id\": ")?;
            write_string(json, [layer.label.id.as_bytes()])?;
            json.write_all(b",\n      \"digestId\": ")?;
            write_string(json, [layer.label.digest.as_bytes()])?;
            write!(json, ",\n      \"sizeBytes\": {},\n      \"command\": ", layer.size)?;
            write_string(json, [command.strip_prefix("/bin/sh -c ").unwrap_or(command).as_bytes()])?;
            json.write_all(b",\n      \"fileList\": [")?;
            for (number, file) in layer.files.iter().enumerate() {
                json.write_all(if number == 0 { b"\n        {\n" } else { b",\n        {\n" })?;
                self.write_file(json, file, &mut steps)?;
                json.write_all(b"\n        }")?;
            }
            json.write_all(if layer.files.is_empty() { b"]" } else { b"\n      ]" })?;
            json.write_all(b"\n    }")?;
        }
        json.write_all(if self.layers.is_empty() { b"],\n" } else { b"\n  ],\n" })
    }

    fn write_file(&self, json: &mut impl Write, file: &File, steps: &mut Vec<u32>) -> io::Result<()> {
        json.write_all(b"          \"path\": ")?;
        let separators: [&[u8]; 2] = match file.attributes.named {
            Named::No => [b"", b""],
            Named::Relative => [b"", b"/"],
            Named::Absolute => [b"/", b"/"],
        };
        // A parent that no entry named has no attributes in `dive`, its path included.
        let path = if file.attributes.named == Named::No { ROOT } else { file.path };
        let names = self.paths.names(path, steps).enumerate();
        write_string(json, names.flat_map(|(at, name)| [separators[usize::from(at > 0)], name]))?;
        write!(json, ",\n          \"typeFlag\": {},\n          \"linkName\": ", file.attributes.type_flag)?;
        write_string(json, [&*file.attributes.link_name])?;
        write!(
            json,
            ",\n          \"size\": {},\n          \"fileMode\": {},\n          \"uid\": {},\n          \"gid\": {},\n          \"isDir\": {}",
            file.attributes.size,
            file.attributes.mode,
            file.attributes.uid,
            file.attributes.gid,
            file.attributes.is_dir(),
        )
    }

    fn write_image(&self, json: &mut impl Write) -> io::Result<()> {
        let numbers = self.numbers();
        write!(
            json,
            "  \"image\": {{\n    \"sizeBytes\": {},\n    \"inefficientBytes\": {},\n    \"efficiencyScore\": ",
            numbers.size_bytes, numbers.wasted_bytes
        )?;
        // Go turns to exponents below 1e-6; digits and exponents are then those of Rust's `LowerExp`.
        if numbers.efficiency != 0.0 && numbers.efficiency.abs() < 1e-6 {
            write!(json, "{:e}", numbers.efficiency)?;
        } else {
            write!(json, "{}", numbers.efficiency)?;
        }
        json.write_all(b",\n    \"fileReference\": [")?;
        let references = self.references();
        for (number, reference) in references.iter().enumerate() {
            json.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            write!(
                json,
                "      {{\n        \"count\": {},\n        \"sizeBytes\": {},\n        \"file\": ",
                reference.count, reference.size_bytes
            )?;
            write_string(json, [&*reference.file])?;
            json.write_all(b"\n      }")?;
        }
        json.write_all(if references.is_empty() { b"]" } else { b"\n    ]" })?;
        json.write_all(b"\n  }\n}")
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

/// A finished layer: what the JSON says of it.
#[derive(Debug)]
struct Layer {
    label: LayerLabel,
    size: u64,
    files: Vec<File>,
}

/// An element of a layer's `fileList`. Its path is kept as a number: the text is in [`Paths`].
#[derive(Debug)]
struct File {
    path: u32,
    attributes: Attributes,
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

/// How the entry of a node wrote its path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Named {
    /// No entry named it: it is a parent of others.
    #[default]
    No,
    Relative,
    Absolute,
}

/// A node's attributes; the default is what `dive` gives to a parent that no entry names.
#[derive(Debug, Default)]
struct Attributes {
    size: u64,
    uid: i64,
    gid: i64,
    link_name: Box<[u8]>,
    /// As in Go's `os.FileMode`.
    mode: u32,
    type_flag: u8,
    named: Named,
}

impl Attributes {
    /// Those of `entry`, without its link target.
    fn of(entry: &Entry<'_>, absolute: bool) -> Self {
        let type_flag = match entry.type_flag {
            0 if entry.path.ends_with(b"/") => b'5',
            0 => b'0',
            flag => flag,
        };
        Self {
            size: entry.size,
            uid: entry.uid,
            gid: entry.gid,
            link_name: Box::default(),
            mode: go_file_mode(entry.mode, type_flag),
            type_flag,
            named: if absolute { Named::Absolute } else { Named::Relative },
        }
    }

    fn is_dir(&self) -> bool {
        self.mode & go_mode::DIR != 0
    }
}

/// Bits of Go's `os.FileMode` above the permissions.
mod go_mode {
    pub(super) const DIR: u32 = 1 << 31;
    pub(super) const SYMLINK: u32 = 1 << 27;
    pub(super) const DEVICE: u32 = 1 << 26;
    pub(super) const NAMED_PIPE: u32 = 1 << 25;
    pub(super) const SOCKET: u32 = 1 << 24;
    pub(super) const SETUID: u32 = 1 << 23;
    pub(super) const SETGID: u32 = 1 << 22;
    pub(super) const CHAR_DEVICE: u32 = 1 << 21;
    pub(super) const STICKY: u32 = 1 << 20;
}

/// Go's `os.FileMode` of a tar header. Both the type bits in the mode field, if any, and the type flag have a say.
fn go_file_mode(mode: u32, type_flag: u8) -> u32 {
    let special = [(0o4000, go_mode::SETUID), (0o2000, go_mode::SETGID), (0o1000, go_mode::STICKY)];
    let special = special.iter().filter(|(bit, _)| mode & bit != 0).fold(0, |bits, (_, go)| bits | go);
    let by_mode = match mode & !0o7777 {
        0o040_000 => go_mode::DIR,
        0o010_000 => go_mode::NAMED_PIPE,
        0o120_000 => go_mode::SYMLINK,
        0o060_000 => go_mode::DEVICE,
        0o020_000 => go_mode::DEVICE | go_mode::CHAR_DEVICE,
        0o140_000 => go_mode::SOCKET,
        _ => 0,
    };
    let by_flag = match type_flag {
        b'2' => go_mode::SYMLINK,
        b'3' => go_mode::DEVICE | go_mode::CHAR_DEVICE,
        b'4' => go_mode::DEVICE,
        b'5' => go_mode::DIR,
        b'6' => go_mode::NAMED_PIPE,
        _ => 0,
    };
    (mode & 0o777) | special | by_mode | by_flag
}

/// A name after Go's `path.Clean`.
struct Cleaned<'a> {
    absolute: bool,
    names: Vec<&'a [u8]>,
}

fn clean(path: &[u8]) -> Cleaned<'_> {
    let absolute = path.starts_with(b"/");
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => match names.last() {
                Some(&last) if last != b".." => {
                    names.pop();
                }
                None if absolute => {}
                _ => names.push(name),
            },
            _ => names.push(name),
        }
    }
    Cleaned { absolute, names }
}

/// Every path ever met, as a tree that only grows. A path is a 4-byte number.
#[derive(Debug)]
struct Paths {
    nodes: Vec<PathNode>,
    children: HashMap<(u32, u32), u32>,
    name_texts: Vec<Arc<[u8]>>,
    name_numbers: HashMap<Arc<[u8]>, u32>,
    /// Number of the layer being filled, to tell whose `in_layer` is of that layer.
    layer: u32,
}

#[derive(Debug)]
struct PathNode {
    parent: u32,
    name: u32,
    /// Its [`Record`].
    record: u32,
    /// The newest node of the [`Stack`] for this path; valid only below the parent it was made for.
    stacked: u32,
    /// The layer that `in_layer` speaks of.
    layer: u32,
    /// Its node in that layer's [`LayerTree`].
    in_layer: u32,
}

impl Paths {
    fn new() -> Self {
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
    fn forget_layer(&mut self) {
        self.layer = self.layer.wrapping_add(1);
    }

    fn child(&mut self, parent: u32, name: &[u8]) -> u32 {
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

    fn child_of_number(&mut self, parent: u32, name: u32) -> u32 {
        let next = self.nodes.len() as u32;
        let at = *self.children.entry((parent, name)).or_insert(next);
        if at == next {
            self.nodes.push(PathNode { parent, name, record: NONE, stacked: NONE, layer: 0, in_layer: NONE });
        }
        at
    }

    fn name(&self, at: u32) -> &[u8] {
        &self.name_texts[self.nodes[at as usize].name as usize]
    }

    /// The path that `at` whites out, if its name is that of a whiteout.
    fn hidden_by(&mut self, at: u32) -> Option<u32> {
        if !self.name(at).starts_with(WHITEOUT) {
            return None;
        }
        let PathNode { parent, name, .. } = self.nodes[at as usize];
        let text = Arc::clone(&self.name_texts[name as usize]);
        // With nothing after the prefix this is a child of empty name: the path is then the parent's and a slash.
        text.strip_prefix(WHITEOUT).map(|name| self.child(parent, name))
    }

    /// The steps from the root, itself left out, down to `at`.
    fn steps(&self, mut at: u32, steps: &mut Vec<u32>) {
        steps.clear();
        while at != ROOT {
            steps.push(at);
            at = self.nodes[at as usize].parent;
        }
        steps.reverse();
    }

    /// The names on the way from the root to `at`; `steps` is only a buffer.
    fn names<'a>(&'a self, at: u32, steps: &'a mut Vec<u32>) -> impl Iterator<Item = &'a [u8]> {
        self.steps(at, steps);
        steps.iter().map(|&step| self.name(step))
    }
}

/// The tree of one layer alone.
#[derive(Debug)]
struct LayerTree {
    nodes: Vec<LayerNode>,
}

#[derive(Debug)]
struct LayerNode {
    path: u32,
    parent: u32,
    /// How many children it has.
    children: u32,
    attributes: Attributes,
}

impl LayerTree {
    fn new() -> Self {
        Self { nodes: vec![LayerNode { path: ROOT, parent: ROOT, children: 0, attributes: Attributes::default() }] }
    }

    fn child(&mut self, paths: &mut Paths, parent: u32, name: &[u8]) -> u32 {
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
    fn children_first(&self, paths: &Paths) -> Vec<u32> {
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

/// The lower layers merged the way `dive` merges them.
///
/// Nothing is ever taken out of `nodes`: a removed node is marked, what was below it is no longer reachable, and a path
/// that comes back gets a new node.
#[derive(Debug)]
struct Stack {
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
    fn new() -> Self {
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

    fn find(&self, paths: &Paths, path: u32) -> Option<u32> {
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
    fn weigh(&mut self, top: u32, layers: usize) -> u64 {
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
    fn copy(&mut self, paths: &mut Paths, tree: &LayerTree) {
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
    fn lay(&mut self, paths: &mut Paths, tree: &LayerTree, order: &[u32]) {
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

/// Writes a JSON string of all the parts in a row, escaped as Go escapes.
///
/// No character may be divided between two parts; those given here are divided at slashes.
fn write_string<'a>(json: &mut impl Write, parts: impl IntoIterator<Item = &'a [u8]>) -> io::Result<()> {
    json.write_all(b"\"")?;
    for part in parts {
        for chunk in part.utf8_chunks() {
            write_valid(json, chunk.valid())?;
            // Go writes one replacement character for each byte, not for each sequence.
            for _ in chunk.invalid() {
                json.write_all(b"\\ufffd")?;
            }
        }
    }
    json.write_all(b"\"")
}

fn write_valid(json: &mut impl Write, text: &str) -> io::Result<()> {
    let mut written = 0;
    let special = |character: char| matches!(character, '\0'..='\x1f' | '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    for (at, found) in text.match_indices(special) {
        json.write_all(&text.as_bytes()[written..at])?;
        written = at + found.len();
        match found {
            "\"" => json.write_all(b"\\\"")?,
            "\\" => json.write_all(b"\\\\")?,
            "\n" => json.write_all(b"\\n")?,
            "\r" => json.write_all(b"\\r")?,
            "\t" => json.write_all(b"\\t")?,
            "\x08" => json.write_all(b"\\b")?,
            "\x0c" => json.write_all(b"\\f")?,
            _ => {
                for character in found.chars() {
                    write!(json, "\\u{:04x}", u32::from(character))?;
                }
            }
        }
    }
    json.write_all(&text.as_bytes()[written..])
}

#[cfg(test)]
mod tests;
