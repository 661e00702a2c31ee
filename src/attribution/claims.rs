//! Which packages lay claim to which paths.

use super::{Installed, PackageId};
use crate::facts::{Ecosystem, Fact, Owned};
use crate::index::{Index, Placed};
use crate::layer::EntryKind;
use crate::paths::{NodeId, Paths, ROOT};
use std::collections::HashMap;

/// Packages by name.
type ByName = HashMap<Vec<u8>, Vec<PackageId>>;
/// Packages that one record's list of files is taken for: one, or one for each architecture.
const OWNERS: usize = 4;
/// Packages that one path is held for: more than real images have, and each entry there looks at all.
const CLAIMANTS: usize = 4096;

/// Claims on paths themselves.
#[derive(Debug, Default)]
pub(super) struct Exact {
    /// For each node where its claims start in `list`; the next node's start ends them.
    starts: Vec<u32>,
    list: Vec<PackageId>,
}

/// Claims on paths, and on directories with all that is below them.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) exact: Exact,
    /// Claims on all below a node.
    below: hashbrown::HashMap<NodeId, Vec<PackageId>>,
    /// For each node the nearest one at or above it that `below` has; the root for none.
    nearest: Vec<NodeId>,
    /// dpkg's own files of a package, `info/NAME.postinst`: packages by name.
    info: Option<(NodeId, ByName)>,
}

impl Exact {
    /// From claims in the order of nodes.
    fn new(paths: &Paths, claims: &[(NodeId, PackageId)]) -> Self {
        let mut starts = vec![0; paths.len() + 1];
        for (node, _) in claims {
            starts[*node as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { starts, list: claims.iter().map(|(_, id)| *id).collect() }
    }

    /// The packages that claim a path.
    pub(super) fn of(&self, node: NodeId) -> &[PackageId] {
        match (self.starts.get(node as usize), self.starts.get(node as usize + 1)) {
            (Some(from), Some(to)) => &self.list[*from as usize..*to as usize],
            _ => &[],
        }
    }
}

impl Claims {
    pub(super) fn new(index: &Index, packages: &[Installed<'_>]) -> Self {
        if packages.is_empty() {
            return Self::default();
        }
        let paths = index.paths();
        let mut real = Real::new(index);
        let mut exact: Vec<(NodeId, PackageId)> = Vec::new();
        let mut claims = Self::default();
        // Records beside the database, by what names their package.
        let mut by_directory: HashMap<NodeId, Vec<PackageId>> = HashMap::new();
        let mut by_name = ByName::new();
        for (id, installed) in (0..).zip(packages) {
            match &installed.package.files {
                Owned::Elsewhere => {}
                Owned::Listed(nodes) => exact.extend(nodes.iter().map(|node| (real.node(*node), id))),
                Owned::Below(nodes) => nodes.iter().for_each(|node| claims.below.entry(real.node(*node)).or_default().push(id)),
            }
            match installed.ecosystem() {
                Ecosystem::Deb => by_name.entry(installed.package.name.clone().into_bytes()).or_default().push(id),
                _ => by_directory.entry(paths.parent(installed.record)).or_default().push(id),
            }
        }
        for (record, fact) in index.records() {
            let (Fact::Files(nodes) | Fact::Below(nodes)) = fact else { continue };
            let name = paths.name(record.node);
            let owners = if name.ends_with(b".list") || name.ends_with(b".md5sums") {
                by_name.get(stem(name))
            } else {
                by_directory.get(&paths.parent(record.node))
            };
            for id in owners.into_iter().flatten().filter(|id| packages[**id as usize].covers(record.layer)).take(OWNERS) {
                exact.push((record.node, *id));
                match fact {
                    Fact::Below(_) => nodes.iter().for_each(|node| claims.below.entry(real.node(*node)).or_default().push(*id)),
                    _ => exact.extend(nodes.iter().map(|node| (real.node(*node), *id))),
                }
            }
        }
        exact.retain(|(node, _)| *node != ROOT);
        exact.sort_unstable();
        exact.dedup();
        let (mut of, mut count) = (ROOT, 0);
        exact.retain(|(node, _)| {
            count = if *node == of { count + 1 } else { 1 };
            of = *node;
            count <= CLAIMANTS
        });
        for owners in claims.below.values_mut().chain(by_name.values_mut()) {
            owners.truncate(CLAIMANTS);
        }
        claims.exact = Exact::new(paths, &exact);
        // A directory's number is smaller than those of what it holds.
        claims.nearest = vec![ROOT; paths.len()];
        claims.below.keys().for_each(|node| claims.nearest[*node as usize] = *node);
        for node in 1..paths.len() as NodeId {
            if claims.nearest[node as usize] == ROOT {
                claims.nearest[node as usize] = claims.nearest[paths.parent(node) as usize];
            }
        }
        claims.info = paths.find(b"var/lib/dpkg/info").map(|info| (info, by_name));
        claims
    }

    /// Whose an entry is. A directory that packages share is nobody's.
    pub(super) fn owner(&self, index: &Index, packages: &[Installed<'_>], placed: &Placed<'_>) -> Option<PackageId> {
        let paths = index.paths();
        let node = named(index, placed)?;
        let mut among = self.exact.of(node);
        if among.is_empty() && placed.entry.kind == EntryKind::File {
            // Compiled by the package's own scripts, and so in none of its lists.
            among = source(paths, node).map(|source| self.exact.of(source)).unwrap_or_default();
        }
        if among.is_empty()
            && let Some((info, by_name)) = &self.info
            && paths.parent(node) == *info
        {
            among = by_name.get(stem(paths.name(node))).map(Vec::as_slice).unwrap_or_default();
        }
        if among.is_empty() && !self.below.is_empty() {
            among = self.below.get(&self.nearest[node as usize]).map(Vec::as_slice).unwrap_or_default();
        }
        let there = |id: &&PackageId| packages[**id as usize].covers(placed.layer);
        if placed.entry.kind == EntryKind::Directory {
            let mut there = among.iter().filter(there);
            return there.next().copied().filter(|_| there.next().is_none());
        }
        // What the system's package brought is its own, though a language's record lists it too.
        let of_system = |id: &&PackageId| packages[**id as usize].ecosystem().is_system();
        among.iter().filter(there).find(of_system).or_else(|| among.iter().find(there)).or_else(|| among.first()).copied()
    }
}

/// The path that an entry is about: a whiteout is about what it hides, which is nobody's here.
fn named(index: &Index, placed: &Placed<'_>) -> Option<NodeId> {
    (!placed.entry.kind.is_marker() && (placed.node as usize) < index.paths().len()).then_some(placed.node)
}

/// `libc6:amd64.list` without its ending and its architecture.
fn stem(name: &[u8]) -> &[u8] {
    let name = name.iter().rposition(|byte| *byte == b'.').map_or(name, |dot| &name[..dot]);
    name.iter().position(|byte| *byte == b':').map_or(name, |colon| &name[..colon])
}

/// `x/name.py` for `x/__pycache__/name.cpython-311.pyc`.
fn source(paths: &Paths, node: NodeId) -> Option<NodeId> {
    let cache = paths.parent(node);
    if paths.name(cache) != b"__pycache__" {
        return None;
    }
    let name = paths.name(node).strip_suffix(b".pyc")?;
    let stem = &name[..name.iter().rposition(|byte| *byte == b'.')?];
    // `name.cpython-311.opt-1.pyc`
    let stem =
        if name.ends_with(b".opt-1") || name.ends_with(b".opt-2") { &stem[..stem.iter().rposition(|byte| *byte == b'.')?] } else { stem };
    paths.child(paths.parent(cache), &[stem, b".py"].concat())
}

/// Paths as databases have them, led through the image's symbolic links: `/bin/ls` of a list is
/// `/usr/bin/ls` on disk.
struct Real<'i> {
    index: &'i Index,
    /// For each path whether a symbolic link is at or above it: nearly all need no walk.
    led: Vec<bool>,
    known: HashMap<NodeId, NodeId>,
}

impl<'i> Real<'i> {
    fn new(index: &'i Index) -> Self {
        let paths = index.paths();
        let mut led = vec![false; paths.len()];
        // A directory's number is smaller than those of what it holds.
        for node in 1..paths.len() as NodeId {
            let is_link = || index.at(node).is_some_and(|placed| placed.entry.kind == EntryKind::Symlink);
            led[node as usize] = led[paths.parent(node) as usize] || is_link();
        }
        Self { index, led, known: HashMap::new() }
    }

    fn node(&mut self, node: NodeId) -> NodeId {
        let index = self.index;
        let paths = index.paths();
        let parent = paths.parent(node);
        if !self.led[parent as usize] {
            return node;
        }
        let real = *self.known.entry(parent).or_insert_with(|| index.find(&paths.path(parent)).map_or(parent, |placed| placed.node));
        if real == parent { node } else { paths.child(real, paths.name(node)).unwrap_or(node) }
    }
}
