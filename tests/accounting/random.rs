//! Random stacks of layers, against `umoci`.
//!
//! Operations are drawn at random and carried out on a small model of a file system, which keeps
//! to what `umoci` extracts: hard links lead to something, a directory is made before it is used,
//! and a marker is not moved behind an entry that changes what its path means. What remains of a
//! disagreement is a handful of lines in the notation of `stack`.

use crate::stack::{Stack, Tree, contents, disk_bytes};
use crate::support::plimsoll;
use plimsoll::Index;
use plimsoll::index::Fate;
use plimsoll::layer::EntryKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Everything that can be checked of a random stack is.
#[test]
fn random_stacks_agree_with_umoci() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u32>().expect("a number"));
    let config = Config { cases: number("PLIMSOLL_CASES").unwrap_or(150), failure_persistence: None, ..Config::default() };
    // The same stacks each time, unless others are asked for.
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number("PLIMSOLL_SEED").unwrap_or(0).to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let result = runner.run(&layers(), |layers| {
        let layers = Layers(layers.0);
        agrees(&layers.lines());
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn agrees(lines: &[String]) {
    let stack = Stack::new(lines.iter().map(String::as_str));
    stack.assert_books();

    let (_kept, rootfs) = stack.umoci();
    let disk = Tree::of_disk(&rootfs);
    assert_eq!(Tree::of_index(&stack.index), disk, "live names: plimsoll (left) and umoci (right)");
    assert_eq!(stack.index.sums().live().content_bytes, disk_bytes(&rootfs), "live content: plimsoll (left) and umoci (right)");

    let target = tempfile::tempdir().expect("a temporary directory");
    plimsoll::extract::extract(&stack.index, &stack.contents, target.path(), None, &[]).expect("it can be extracted");
    assert_eq!(Tree::of_disk(target.path()), disk, "extracted by plimsoll (left) and umoci (right)");
    let truth = contents(&rootfs);
    for (path, ours) in contents(target.path()) {
        assert_eq!(ours, truth[&path], "mode and content of {path}: plimsoll (left) and umoci (right)");
    }
    cat_gives_every_file(&stack, &truth);
    every_state_on_the_way(&stack, lines);
    whatever_the_thread_count(&stack);
}

/// `cat` writes the bytes that are on disk, whatever the name of the file.
fn cat_gives_every_file(stack: &Stack, truth: &BTreeMap<String, (u32, Vec<u8>)>) {
    for (path, placed) in live_files(&stack.index) {
        let mut written = Vec::new();
        plimsoll::extract::cat(&stack.index, &stack.contents, path.as_bytes(), None, &mut written).expect("a live file");
        assert_eq!(written, truth[&path].1, "cat {path}");
        assert!(placed, "{path} is a file");
    }
}

fn live_files(index: &Index) -> impl Iterator<Item = (String, bool)> + '_ {
    index
        .entries()
        .filter(|placed| placed.path_fate == Fate::Live && index.data(placed).entry.kind == EntryKind::File)
        .map(|placed| (String::from_utf8_lossy(&index.paths().path(placed.node)).into_owned(), placed.entry.kind != EntryKind::Directory))
}

/// What each path held after each layer is what the image would show, had it ended there.
fn every_state_on_the_way(stack: &Stack, lines: &[String]) {
    let versions = stack.index.versions();
    for count in 1..stack.layers.len() {
        let end = lines.iter().enumerate().filter(|(_, line)| *line == "---").nth(count - 1).map_or(lines.len(), |(at, _)| at);
        let shorter = Stack::new(lines[..end].iter().map(String::as_str));
        let nodes = |index: &Index| 0..u32::try_from(index.paths().len()).expect("node numbers have 32 bits");
        let shown: BTreeMap<Vec<u8>, (usize, usize)> = nodes(&shorter.index)
            .filter_map(|node| Some((shorter.index.paths().path(node), shorter.index.at(node)?)))
            .map(|(path, placed)| (path, (placed.layer, placed.number)))
            .collect();
        let told: BTreeMap<Vec<u8>, (usize, usize)> = nodes(&stack.index)
            .filter_map(|node| Some((stack.index.paths().path(node), versions.after(&stack.index, node, count)?)))
            .map(|(path, placed)| (path, (placed.layer, placed.number)))
            .collect();
        assert_eq!(told, shown, "after {count} layers: told from fates (left) and an image of these layers alone (right)");
    }
}

/// One worker or two, the report is the same bytes.
fn whatever_the_thread_count(stack: &Stack) {
    let report = |threads: &str| {
        let output = plimsoll().args([stack.layout.arg(), "--format", "json", "--threads", threads]).output().expect("the binary runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    assert!(report("1") == report("2"), "the report depends on the number of threads");
}

/// What may be drawn; the numbers choose among what there is.
#[derive(Debug, Clone, Copy)]
enum Op {
    Write { at: u8, content: u8 },
    Rewrite { which: u8 },
    Chmod { which: u8, mode: u8 },
    Mkdir { at: u8, mode: u8 },
    Symlink { at: u8, target: u8 },
    Hardlink { at: u8, which: u8 },
    Delete { which: u8, late: bool },
    Opaque { which: u8, late: bool },
    DeleteNothing { at: u8 },
}

fn op() -> impl Strategy<Value = Op> {
    let n = || any::<u8>();
    prop_oneof![
        8 => (n(), n()).prop_map(|(at, content)| Op::Write { at, content }),
        3 => n().prop_map(|which| Op::Rewrite { which }),
        3 => (n(), n()).prop_map(|(which, mode)| Op::Chmod { which, mode }),
        6 => (n(), n()).prop_map(|(at, mode)| Op::Mkdir { at, mode }),
        2 => (n(), n()).prop_map(|(at, target)| Op::Symlink { at, target }),
        4 => (n(), n()).prop_map(|(at, which)| Op::Hardlink { at, which }),
        4 => (n(), any::<bool>()).prop_map(|(which, late)| Op::Delete { which, late }),
        1 => (n(), any::<bool>()).prop_map(|(which, late)| Op::Opaque { which, late }),
        1 => n().prop_map(|at| Op::DeleteNothing { at }),
    ]
}

#[derive(Clone)]
struct Layers(Vec<Vec<Op>>);

fn layers() -> impl Strategy<Value = Layers> {
    proptest::collection::vec(proptest::collection::vec(op(), 0..14), 3..=6).prop_map(Layers)
}

/// The stack itself, not the operations that led to it.
impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}\n", self.lines().join("\n"))
    }
}

impl Layers {
    fn lines(&self) -> Vec<String> {
        let mut disk = Disk::default();
        let mut lines = Vec::new();
        for (number, ops) in self.0.iter().enumerate() {
            if number > 0 {
                lines.push("---".to_owned());
            }
            lines.extend(disk.apply(ops));
        }
        lines
    }
}

/// What the layers so far put on disk, as far as it must be known to go on.
#[derive(Default)]
struct Disk {
    nodes: BTreeMap<String, Node>,
    /// Directories and links that the markers of this layer go through.
    marked: BTreeSet<String>,
}

#[derive(Clone)]
enum Node {
    Directory,
    File(String),
    Symlink(String),
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const CONTENTS: [&str; 5] = ["x*10", "y*10", "z*700", "x*11", ""];
const TARGETS: [&str; 8] = ["a", "b", "../c", "/a", "/d/b", ".", "a/b", "../../d"];
const MODES: [&str; 3] = ["644", "600", "755"];
const DIRECTORY_MODES: [&str; 3] = ["755", "700", "711"];

impl Disk {
    /// The tar entries of one layer: markers against what is below, then the rest on top.
    fn apply(&mut self, ops: &[Op]) -> Vec<String> {
        let mut markers = Vec::new();
        self.marked.clear();
        for op in ops {
            let marker = match *op {
                Op::Delete { which, late } => self.delete(which).map(|marker| (marker, late)),
                Op::Opaque { which, late } => self.opaque(which).map(|marker| (marker, late)),
                Op::DeleteNothing { at } => self.delete_nothing(at).map(|marker| (marker, false)),
                _ => None,
            };
            markers.extend(marker);
        }
        let mut lines = Vec::new();
        let mut moves_nothing = true;
        for op in ops {
            let line = match *op {
                Op::Write { at, content } => self.write(at, pick(&CONTENTS, content), "644"),
                Op::Rewrite { which } => self.file(which).and_then(|(path, content)| self.put_file(&path, &content, "644")),
                Op::Chmod { which, mode } => {
                    self.file(which).and_then(|(path, content)| self.put_file(&path, &content, pick(&MODES, mode)))
                }
                Op::Mkdir { at, mode } => self.mkdir(at, pick(&DIRECTORY_MODES, mode)),
                Op::Symlink { at, target } => self.symlink(at, pick(&TARGETS, target)),
                Op::Hardlink { at, which } => self.hardlink(at, which),
                Op::Delete { .. } | Op::Opaque { .. } | Op::DeleteNothing { .. } => None,
            };
            if let Some((line, replaces)) = line {
                moves_nothing &= !replaces;
                lines.push(line);
            }
        }
        let late = |(_, late): &(String, bool)| *late && moves_nothing;
        let (after, before): (Vec<_>, Vec<_>) = markers.into_iter().partition(late);
        before.into_iter().map(|(line, _)| line).chain(lines).chain(after.into_iter().map(|(line, _)| line)).collect()
    }

    fn delete(&mut self, which: u8) -> Option<String> {
        let paths: Vec<_> = self.spelled();
        let path = pick_from(&paths, which)?;
        let (directory, name) = split(&path);
        let real = join(&self.mark(directory)?, name);
        self.remove(&real);
        Some(join(directory, &format!(".wh.{name}")))
    }

    fn opaque(&mut self, which: u8) -> Option<String> {
        let directory = pick_from(&self.directories(), which)?;
        let real = self.mark(&directory)?;
        self.nodes.retain(|path, _| !is_below(path, &real));
        Some(join(&directory, ".wh..wh..opq"))
    }

    fn delete_nothing(&mut self, at: u8) -> Option<String> {
        let directory = pick_from(&self.directories(), at)?;
        self.mark(&directory)?;
        Some(join(&directory, ".wh.nothing"))
    }

    /// Where a marker's directory is; what is on the way to it keeps its meaning in this layer, or
    /// the marker cannot be moved behind.
    fn mark(&mut self, directory: &str) -> Option<String> {
        let mut seen = BTreeSet::new();
        let real = self.resolve(directory, &mut seen)?;
        self.marked.extend(seen);
        Some(real)
    }

    fn write(&mut self, at: u8, content: &str, mode: &str) -> Option<(String, bool)> {
        let path = self.new_path(at)?;
        self.put_file(&path, content, mode)
    }

    fn put_file(&mut self, path: &str, content: &str, mode: &str) -> Option<(String, bool)> {
        let replaces = self.put(path, Node::File(content.to_owned()))?;
        let mode = if mode == "644" { String::new() } else { format!(" (mode {mode})") };
        let line = if content.is_empty() { format!("{path}{mode}") } else { format!("{path} = {content}{mode}") };
        Some((line, replaces))
    }

    fn mkdir(&mut self, at: u8, mode: &str) -> Option<(String, bool)> {
        let path = self.new_path(at)?;
        let (directory, name) = split(&path);
        let real = join(&self.directory(directory)?, name);
        // A directory over a link that a marker goes through: see `a_directory_over_a_symbolic_link`.
        if self.marked.contains(&real) && !matches!(self.nodes.get(&real), Some(Node::Directory)) {
            return None;
        }
        let mode = if mode == "755" { String::new() } else { format!(" (mode {mode})") };
        let replaces = match self.nodes.insert(real, Node::Directory) {
            None | Some(Node::Directory) => false,
            Some(_) => true,
        };
        Some((format!("{path}/{mode}"), replaces))
    }

    fn symlink(&mut self, at: u8, target: &str) -> Option<(String, bool)> {
        let path = self.new_path(at)?;
        self.put(&path, Node::Symlink(target.to_owned()))?;
        Some((format!("{path} -> {target}"), true))
    }

    fn hardlink(&mut self, at: u8, which: u8) -> Option<(String, bool)> {
        let (target, content) = self.file(which)?;
        let path = self.new_path(at)?;
        let real = |path: &str| Some(join(&self.directory(split(path).0)?, split(path).1));
        let (from, to) = (real(&target)?, real(&path)?);
        if from == to {
            return None;
        }
        let before = self.nodes.clone();
        let replaces = self.put(&path, Node::File(content))?;
        // What was replaced may have held the target, or a link on the way to it.
        if self.directory(split(&target).0).is_none_or(|directory| join(&directory, split(&target).1) != from)
            || !self.nodes.contains_key(&from)
        {
            self.nodes = before;
            return None;
        }
        Some((format!("{path} => {}{target}", if which & 1 == 0 { "/" } else { "" }), replaces))
    }

    /// Puts a non-directory at a path; whether something else had to go.
    fn put(&mut self, path: &str, node: Node) -> Option<bool> {
        let (directory, name) = split(path);
        let real = join(&self.directory(directory)?, name);
        let replaces = self.marked.contains(&real) || matches!(self.nodes.get(&real), Some(Node::Directory | Node::Symlink(_)));
        self.remove(&real);
        self.nodes.insert(real, node);
        Some(replaces)
    }

    fn remove(&mut self, real: &str) {
        self.nodes.retain(|path, _| path != real && !is_below(path, real));
    }

    /// All paths of directories, also those through symbolic links, up to some depth.
    fn directories(&self) -> Vec<String> {
        let mut found = vec![String::new()];
        let mut at = 0;
        while at < found.len() && found.len() < 40 {
            let (spelled, depth) = (found[at].clone(), found[at].matches('/').count());
            let real = self.directory(&spelled);
            for name in NAMES {
                let path = join(&spelled, name);
                if depth < 2 && real.is_some() && self.directory(&path).is_some() {
                    found.push(path);
                }
            }
            at += 1;
        }
        found
    }

    /// All paths of anything, spelled as directories are.
    fn spelled(&self) -> Vec<String> {
        let mut found = Vec::new();
        for directory in self.directories() {
            let Some(real) = self.directory(&directory) else { continue };
            found.extend(NAMES.iter().filter(|name| self.nodes.contains_key(&join(&real, name))).map(|name| join(&directory, name)));
        }
        found
    }

    /// A regular file, and what is in it.
    fn file(&self, which: u8) -> Option<(String, String)> {
        let files: Vec<_> = self
            .spelled()
            .into_iter()
            .filter_map(|path| {
                let (directory, name) = split(&path);
                match self.nodes.get(&join(&self.directory(directory)?, name))? {
                    Node::File(content) => Some((path.clone(), content.clone())),
                    _ => None,
                }
            })
            .collect();
        pick_from(&files, which)
    }

    fn new_path(&self, at: u8) -> Option<String> {
        let directories = self.directories();
        let directory = pick_from(&directories, at / 4)?;
        Some(join(&directory, NAMES[usize::from(at % 4)]))
    }

    /// The real path of a directory, links followed; `None` if there is none.
    fn directory(&self, path: &str) -> Option<String> {
        self.resolve(path, &mut BTreeSet::new())
    }

    /// The same; all directories and links on the way are added to `seen`.
    fn resolve(&self, path: &str, seen: &mut BTreeSet<String>) -> Option<String> {
        let mut at = String::new();
        let mut left: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut hops = 0;
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => {}
                ".." => at.truncate(split(&at).0.len()),
                name => {
                    let next = join(&at, name);
                    seen.insert(next.clone());
                    match self.nodes.get(&next)? {
                        Node::Directory => at = next,
                        Node::File(_) => return None,
                        Node::Symlink(target) => {
                            hops += 1;
                            if hops > 20 {
                                return None;
                            }
                            if target.starts_with('/') {
                                at = String::new();
                            }
                            left.extend(target.split('/').rev().map(str::to_owned));
                        }
                    }
                }
            }
        }
        Some(at)
    }
}

fn pick<'t>(all: &[&'t str], which: u8) -> &'t str {
    all[usize::from(which) % all.len()]
}

fn pick_from<T: Clone>(all: &[T], which: u8) -> Option<T> {
    (!all.is_empty()).then(|| all[usize::from(which) % all.len()].clone())
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty() || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
