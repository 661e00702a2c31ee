//! Stacks of layers as a few lines of text, and what plimsoll, `umoci` and the disk make of them.
//!
//! One line is one tar entry, `---` stands between layers:
//!
//! ```text
//! NAME/            a directory           NAME -> TARGET   a symbolic link
//! NAME = TEXT      a file                NAME => TARGET   a hard link
//! NAME = x*1000    a file of 1000 x      NAME char 0:0    a device
//! NAME             an empty file         (mode 600, uid 5, mtime 9, user.k=v) after any of them
//! ```
//!
//! What follows a `|` is the entry's fate: `live`, or the cause and the layer that hides it,
//! counted from 1; then, where they differ, the fate of its name and the place where it lands. A
//! line `! CODE` is a note of its layer.

#![allow(dead_code, reason = "each test file compiles its own copy and uses a part of it")]
#![allow(unreachable_pub, reason = "a test crate has no outside")]

use crate::support::{Entry, Layer, Layout, layout};
use plimsoll::index::{Fate, Placed};
use plimsoll::layer::EntryKind;
use plimsoll::source::Contents;
use plimsoll::{Index, Limits, Options, Reference, Source};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Checks the fates in `text`, the books, and that `umoci` puts the same tree on disk.
#[track_caller]
pub fn check(text: &str) {
    let stack = check_alone(text);
    let (_kept, disk) = stack.umoci();
    assert_eq!(Tree::of_index(&stack.index), Tree::of_disk(&disk), "plimsoll (left) and umoci (right)");
}

/// The same without `umoci`, for what it refuses or does not know.
#[track_caller]
pub fn check_alone(text: &str) -> Stack {
    let expected = normalised(text);
    let stack = Stack::new(expected.lines());
    assert_eq!(expected, stack.told(), "expected (left) and told (right)");
    stack.assert_books();
    stack
}

/// One blank between things, no empty lines.
fn normalised(text: &str) -> String {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .fold(String::new(), |all, line| all + &line + "\n")
}

/// A stack of layers as an OCI layout on disk, read and stacked by plimsoll.
pub struct Stack {
    pub layers: Vec<Vec<String>>,
    pub layout: Layout,
    pub index: Index,
    pub contents: Contents,
}

impl Stack {
    /// From lines as described above; fates and notes are left out.
    pub fn new<'l>(lines: impl IntoIterator<Item = &'l str>) -> Self {
        let mut layers = vec![Vec::new()];
        for line in lines {
            if line == "---" {
                layers.push(Vec::new());
            } else if !line.starts_with('!') {
                layers.last_mut().expect("at least one").push(line.split(" | ").next().unwrap_or_default().trim().to_owned());
            }
        }
        let stored: Vec<_> = layers.iter().map(|lines| Layer::new(&lines.iter().map(|line| entry(line)).collect::<Vec<_>>())).collect();
        Self::of(layers, layout(&stored))
    }

    /// Of a layout made otherwise; `layers` are its entries for people.
    pub fn of(layers: Vec<Vec<String>>, layout: Layout) -> Self {
        let reference = Reference::parse(layout.arg()).expect("a path");
        let source = Source::open(&reference).expect("an OCI layout");
        let (image, contents) = source.contents(&Options::default(), &()).expect("readable layers");
        let index = Index::build(image, &Limits::default()).expect("layers that stack");
        Self { layers, layout, index, contents }
    }

    /// The lines again, with what plimsoll says of each entry.
    fn told(&self) -> String {
        let mut told = String::new();
        for (number, lines) in self.layers.iter().enumerate() {
            if number > 0 {
                told.push_str("---\n");
            }
            assert_eq!(lines.len(), self.index.layer(number).count(), "entries of layer {}", number + 1);
            for (line, placed) in lines.iter().zip(self.index.layer(number)) {
                writeln!(told, "{line} | {}", self.fate(line, &placed)).expect("a string takes all");
            }
            for note in self.index.notes().as_slice().iter().filter(|note| note.layer == Some(number)) {
                writeln!(told, "! {}", note.code).expect("a string takes all");
            }
        }
        told
    }

    fn fate(&self, line: &str, placed: &Placed<'_>) -> String {
        let fate = |fate| match fate {
            Fate::Live => "live".to_owned(),
            Fate::Shadowed { by, cause } => format!("{} by {}", cause.name(), by + 1),
        };
        let mut text = fate(placed.fate);
        if placed.path_fate != placed.fate {
            text = format!("{text}; name {}", fate(placed.path_fate));
        }
        let at = String::from_utf8_lossy(&self.index.paths().path(placed.node)).into_owned();
        if at != name(line).trim_end_matches('/') {
            text = format!("{text}; at {at}");
        }
        text.trim_end().to_owned()
    }

    /// Invariant 1, in all measures, from the sums of the library against the blobs themselves.
    #[track_caller]
    pub fn assert_books(&self) {
        let sums = self.index.sums();
        let (total, overhead) = (sums.total(), sums.overhead());
        assert_eq!(total, sums.live() + sums.shadowed());
        assert_eq!(total, self.index.entries().map(|placed| placed.entry.measures()).sum());
        let layers = self.index.image().layers();
        let (mut tars, mut blobs) = (0, 0);
        for layer in layers {
            let changeset = self.index.image().changeset(layer).expect("all blobs are there");
            let blob = self.layout.blob_path(changeset.blob_digest.as_ref().expect("blobs are checked").as_str());
            let blob = std::fs::read(blob).expect("a blob of the layout");
            blobs += blob.len() as u64;
            tars += std::io::copy(&mut flate2::read::MultiGzDecoder::new(&blob[..]), &mut std::io::sink()).expect("gzip");
        }
        assert_eq!(total.diff_bytes + overhead.diff_bytes, tars, "entries + overhead = the tars");
        assert_eq!(total.blob_bytes + overhead.blob_bytes, blobs, "entries + overhead = the blobs");
        assert_eq!(overhead.content_bytes, 0);
    }

    /// The root file system as `umoci` extracts it, and the directory that keeps it.
    #[track_caller]
    pub fn umoci(&self) -> (tempfile::TempDir, std::path::PathBuf) {
        self.layout.umoci()
    }
}

/// The name in a line.
fn name(line: &str) -> &str {
    let line = line.split(" (").next().unwrap_or(line);
    [" -> ", " => ", " = ", " char "].iter().find_map(|sign| line.split_once(sign)).map_or(line, |(name, _)| name)
}

/// The entry that a line describes.
fn entry(line: &str) -> Entry {
    let (what, attributes) = line.split_once(" (").unwrap_or((line, ""));
    let mut entry = if let Some((name, target)) = what.split_once(" -> ") {
        Entry::symlink(name, target)
    } else if let Some((name, target)) = what.split_once(" => ") {
        Entry::hardlink(name, target)
    } else if let Some((name, content)) = what.split_once(" = ") {
        Entry::file(name, text(content))
    } else if let Some((name, _)) = what.split_once(" char 0:0") {
        Entry::special(name, b'3', (0, 0))
    } else if what.ends_with('/') {
        Entry { mode: 0o755, ..Entry::new(what, b'5') }
    } else {
        Entry::file(what, "")
    };
    for attribute in attributes.trim_end_matches(')').split(", ").filter(|attribute| !attribute.is_empty()) {
        entry = match attribute.split_once([' ', '=']).expect("a name and a value") {
            ("mode", mode) => entry.mode(u32::from_str_radix(mode, 8).expect("octal")),
            ("uid", uid) => entry.owner(uid.parse().expect("a number"), 0),
            ("mtime", mtime) => entry.mtime(mtime.parse().expect("a number")),
            (xattr, value) => entry.pax(format!("SCHILY.xattr.{xattr}"), value),
        };
    }
    entry
}

/// `x*1000` is a thousand x, other text itself.
pub fn text(content: &str) -> String {
    match content.rsplit_once('*').map(|(unit, count)| (unit, count.parse())) {
        Some((unit, Ok(count))) => unit.repeat(count),
        _ => content.to_owned(),
    }
}

/// A file system: what is at each path.
#[derive(PartialEq, Eq)]
pub struct Tree(BTreeMap<String, String>);

impl Tree {
    /// The live names, as the index has them, with the directories they imply.
    pub fn of_index(index: &Index) -> Self {
        let mut live: Vec<(String, Placed<'_>)> = index
            .entries()
            .filter(|placed| placed.path_fate == Fate::Live && !placed.entry.kind.is_marker())
            .map(|placed| (String::from_utf8_lossy(&index.paths().path(placed.node)).into_owned(), placed))
            .filter(|(path, _)| !path.is_empty() && !path.split('/').any(|name| name.starts_with(".wh..wh.")))
            .collect();
        live.sort_by(|a, b| a.0.cmp(&b.0));
        let mut tree = BTreeMap::new();
        let mut first_names = HashMap::new();
        for (path, placed) in &live {
            for (slash, _) in path.match_indices('/') {
                tree.entry(path[..slash].to_owned()).or_insert_with(|| "directory".to_owned());
            }
            let data = index.data(placed);
            let node = match data.entry.kind {
                EntryKind::Directory => "directory".to_owned(),
                EntryKind::File => {
                    let first = first_names.entry((data.layer, data.number)).or_insert(path);
                    file(data.entry.content_bytes, path, first)
                }
                EntryKind::Symlink => {
                    let changeset = index.image().changeset(index.layer_at(data.layer)).expect("all blobs are there");
                    format!("-> {}", String::from_utf8_lossy(changeset.link(data.entry).expect("a link has a target")))
                }
                other => other.name().to_owned(),
            };
            assert!(tree.insert(path.clone(), node).is_none_or(|old| old == "directory"), "two live entries at {path}");
        }
        Self(tree)
    }

    /// What is below `root` on disk.
    pub fn of_disk(root: &Path) -> Self {
        let mut found = Vec::new();
        walk(root, root, &mut found);
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let mut first_names = HashMap::new();
        let node = |(path, about): (String, std::fs::Metadata)| {
            let kind = about.file_type();
            let node = if kind.is_dir() {
                "directory".to_owned()
            } else if kind.is_symlink() {
                format!("-> {}", std::fs::read_link(root.join(&path)).expect("a link").display())
            } else if kind.is_file() {
                let first = first_names.entry((about.dev(), about.ino())).or_insert_with(|| path.clone());
                file(about.len(), &path, first)
            } else {
                "special".to_owned()
            };
            (path, node)
        };
        Self(found.into_iter().map(node).collect())
    }
}

/// A line for each path, so that two trees are easily compared.
impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(path, node)| writeln!(f, "{path}  {node}"))
    }
}

fn file(size: u64, path: &str, first: &str) -> String {
    if path == first { format!("file of {size}") } else { format!("file of {size}, the same as {first}") }
}

/// Everything below `directory`, links not followed.
pub fn walk(root: &Path, directory: &Path, found: &mut Vec<(String, std::fs::Metadata)>) {
    for item in std::fs::read_dir(directory).expect("a readable directory") {
        let path = item.expect("a readable directory").path();
        let about = path.symlink_metadata().expect("just listed");
        let name = path.strip_prefix(root).expect("below it").as_os_str().as_bytes();
        found.push((String::from_utf8_lossy(name).into_owned(), about.clone()));
        if about.is_dir() {
            walk(root, &path, found);
        }
    }
}

/// Permission bits and bytes of every file below `root`, permission bits of directories.
pub fn contents(root: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found
        .into_iter()
        .filter(|(_, about)| !about.is_symlink())
        .map(|(path, about)| {
            let bytes = if about.is_file() { std::fs::read(root.join(&path)).expect("a readable file") } else { Vec::new() };
            (path, (about.permissions().mode() & 0o777, bytes))
        })
        .collect()
}

/// The bytes of regular files below `root`, each inode once.
pub fn disk_bytes(root: &Path) -> u64 {
    let mut found = Vec::new();
    walk(root, root, &mut found);
    let inodes: HashMap<_, _> =
        found.iter().filter(|(_, about)| about.is_file()).map(|(_, about)| ((about.dev(), about.ino()), about.len())).collect();
    inodes.values().sum()
}
