//! Paths of an image, interned: a trie of components, each a number.
//!
//! Names are bytes, compared as bytes, never folded. A node costs 24 bytes, its name and a slot in
//! the look-up table; a million paths that share their directories stay small.

use crate::error::{Error, Result};
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

/// A path, as a number within its [`Paths`].
pub type NodeId = u32;

/// The root directory.
pub const ROOT: NodeId = 0;

/// Keyed at random, so that no image can make its names collide; once for the process, so that tries
/// agree on hashes.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: NodeId,
    start: u32,
    length: u32,
    /// Of the whole path, the same in every trie: names are hashed once, however often tables grow and tries are joined.
    hash: u64,
}

/// A node in the look-up table. With a part of its hash there, a table grows without looking at its nodes.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    node: NodeId,
}

impl Slot {
    /// As the table wants it, which takes the place from the low bits and a tag from the high ones.
    fn spread(self) -> u64 {
        u64::from(self.hash) << 32 | u64::from(self.hash)
    }
}

/// A trie of path components.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    nodes: Vec<Node>,
    names: Vec<u8>,
    table: HashTable<Slot>,
    last: Walk,
}

/// The way to the directory of the last interned path: entries of a tar come directory by directory, and so do
/// the files of a package.
#[derive(Debug, Clone, Default)]
struct Walk {
    base: NodeId,
    directory: Vec<u8>,
    /// How far each of its components goes, its slash included, and where it leads.
    steps: Vec<(usize, NodeId)>,
}

/// What had to be changed to make a stored name a path below the root.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Oddities {
    /// `..` climbed above the root and was held there.
    pub escapes: bool,
    /// Longer than 4096 bytes, which no Linux system call accepts.
    pub too_long: bool,
}

impl Paths {
    /// Only the root.
    pub fn new() -> Self {
        Self { nodes: vec![Node { parent: ROOT, start: 0, length: 0, hash: 0 }], ..Self::default() }
    }

    /// How many nodes there are, the root included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }

    /// Bytes of all names.
    pub fn name_bytes(&self) -> u64 {
        self.names.len() as u64
    }

    /// The directory of `node`; the root is its own.
    pub fn parent(&self, node: NodeId) -> NodeId {
        self.nodes[node as usize].parent
    }

    /// The last component of `node`'s path; empty for the root.
    pub fn name(&self, node: NodeId) -> &[u8] {
        let node = self.nodes[node as usize];
        &self.names[node.start as usize..(node.start + node.length) as usize]
    }

    /// The path without a leading slash; empty for the root.
    pub fn path(&self, node: NodeId) -> Vec<u8> {
        let mut chain = Vec::new();
        let mut at = node;
        while at != ROOT {
            chain.push(at);
            at = self.parent(at);
        }
        let mut path = Vec::new();
        for node in chain.into_iter().rev() {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(self.name(node));
        }
        path
    }

    /// The child of `parent` named `name`, if it was interned.
    pub fn child(&self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        self.lookup(self.hash(parent, name), parent, name)
    }

    fn lookup(&self, hash: u64, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        let wanted = Slot { hash: hash as u32, node: ROOT };
        let is_it =
            |slot: &Slot| slot.hash == wanted.hash && self.nodes[slot.node as usize].parent == parent && self.name(slot.node) == name;
        self.table.find(wanted.spread(), is_it).map(|slot| slot.node)
    }

    /// The node of a path, if it was interned; the path is normalised first.
    pub fn find(&self, path: &[u8]) -> Option<NodeId> {
        let mut at = ROOT;
        for part in path.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => at = self.parent(at),
                name => at = self.child(at, name)?,
            }
        }
        Some(at)
    }

    /// The child of `parent` named `name`.
    pub(crate) fn intern(&mut self, parent: NodeId, name: &[u8]) -> Result<NodeId> {
        let hash = self.hash(parent, name);
        match self.lookup(hash, parent, name) {
            Some(node) => Ok(node),
            None => self.add(hash, parent, name),
        }
    }

    /// A node that is not there yet.
    fn add(&mut self, hash: u64, parent: NodeId, name: &[u8]) -> Result<NodeId> {
        let full = |_| Error::Limit {
            place: "path names".into(),
            what: "their number or length".into(),
            limit: "names",
            max: u64::from(u32::MAX),
        };
        let node = NodeId::try_from(self.nodes.len()).map_err(full)?;
        let start = u32::try_from(self.names.len()).map_err(full)?;
        u32::try_from(self.names.len() + name.len()).map_err(full)?;
        self.names.extend_from_slice(name);
        self.nodes.push(Node { parent, start, length: name.len() as u32, hash });
        let slot = Slot { hash: hash as u32, node };
        self.table.insert_unique(slot.spread(), slot, |slot| slot.spread());
        Ok(node)
    }

    /// The node of a stored name: leading `/` and `./` gone, `//` collapsed, `..` resolved
    /// lexically and held at the root.
    pub(crate) fn intern_path(&mut self, path: &[u8]) -> Result<(NodeId, Oddities)> {
        self.intern_below(ROOT, path)
    }

    /// The same, from `base` on.
    pub(crate) fn intern_below(&mut self, base: NodeId, path: &[u8]) -> Result<(NodeId, Oddities)> {
        let path = path.strip_suffix(b"/").unwrap_or(path);
        let cut = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        let (directory, name) = path.split_at(cut);
        let mut odd = Oddities { too_long: path.len() > 4096, ..Oddities::default() };
        // What it has in common with the last one is not looked up again.
        if self.last.base != base {
            self.last.steps.clear();
        }
        if directory != self.last.directory {
            let common = directory.iter().zip(&self.last.directory).take_while(|(new, old)| new == old).count();
            while self.last.steps.pop_if(|(end, _)| *end > common).is_some() {}
        }
        let (mut end, mut at) = self.last.steps.last().copied().unwrap_or((0, base));
        self.last.base = base;
        self.last.directory.truncate(end);
        self.last.directory.extend_from_slice(&directory[end..]);
        for part in directory[end..].split_inclusive(|byte| *byte == b'/') {
            end += part.len();
            at = self.step(at, &part[..part.len() - 1], &mut odd)?;
            self.last.steps.push((end, at));
        }
        // An odd directory is looked at again each time, so that each entry gets its note.
        if odd.escapes {
            self.last.steps.clear();
        }
        Ok((self.step(at, name, &mut odd)?, odd))
    }

    fn step(&mut self, at: NodeId, part: &[u8], odd: &mut Oddities) -> Result<NodeId> {
        match part {
            b"" | b"." => Ok(at),
            b".." => {
                odd.escapes |= at == ROOT;
                Ok(self.parent(at))
            }
            name => self.intern(at, name),
        }
    }

    /// Makes room for `nodes` more, with names of `bytes` in all.
    pub(crate) fn reserve(&mut self, nodes: usize, bytes: usize) {
        self.nodes.reserve(nodes);
        self.names.reserve(bytes);
        self.table.reserve(nodes, |slot| slot.spread());
    }

    /// Interns all of `other`'s paths; the result maps its nodes to ours.
    pub(crate) fn absorb(&mut self, other: &Self) -> Result<Vec<NodeId>> {
        let mut map: Vec<NodeId> = Vec::with_capacity(other.len());
        map.push(ROOT);
        let known = self.len() as NodeId;
        // A parent is always interned before its children.
        for node in other.nodes.iter().skip(1) {
            let name = &other.names[node.start as usize..(node.start + node.length) as usize];
            let parent = map[node.parent as usize];
            // What is in a directory that is new here is new too.
            let found = if parent < known { self.lookup(node.hash, parent, name) } else { None };
            map.push(match found {
                Some(found) => found,
                None => self.add(node.hash, parent, name)?,
            });
        }
        Ok(map)
    }

    /// All names in interning order, as [`Paths::rebuild`] takes them.
    pub(crate) fn names(&self) -> &[u8] {
        &self.names
    }

    /// Rebuilds a trie from the parents and name lengths of all nodes but the root, in interning
    /// order, and their names.
    pub(crate) fn rebuild(parents: &[NodeId], lengths: &[u32], mut names: &[u8]) -> Result<Self> {
        let mut paths = Self::new();
        let broken = |node| Error::malformed("saved analysis", format_args!("path node {node} is not one component below an earlier node"));
        for (expected, (parent, length)) in (1..).zip(parents.iter().zip(lengths)) {
            let (name, rest) = names.split_at_checked(*length as usize).ok_or_else(|| broken(expected))?;
            let valid = *parent < expected && !name.is_empty() && !name.contains(&b'/') && name != b"." && name != b"..";
            if !valid || paths.intern(*parent, name)? != expected {
                return Err(broken(expected));
            }
            names = rest;
        }
        if parents.len() == lengths.len() && names.is_empty() { Ok(paths) } else { Err(broken(paths.len() as NodeId)) }
    }

    /// For each node the length of its whole path.
    pub(crate) fn lengths(&self) -> Vec<u64> {
        let mut lengths = vec![0; self.len()];
        for (node, own) in self.nodes.iter().enumerate().skip(1) {
            lengths[node] = lengths[own.parent as usize] + u64::from(own.length) + 1;
        }
        lengths
    }

    /// For each node its place in the order of whole paths, compared as bytes component by
    /// component, a directory before what it holds.
    pub fn order(&self) -> Vec<u32> {
        let mut children = self.children();
        let mut rank = vec![0; self.len()];
        let mut stack = vec![ROOT];
        let mut next = 0;
        while let Some(node) = stack.pop() {
            rank[node as usize] = next;
            next += 1;
            let list = children.of_mut(node);
            list.sort_unstable_by(|a, b| self.name(*b).cmp(self.name(*a)));
            stack.extend_from_slice(list);
        }
        rank
    }

    /// The children of every node.
    pub fn children(&self) -> Children {
        let mut starts = vec![0u32; self.len() + 1];
        for node in &self.nodes[1..] {
            starts[node.parent as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut place = starts.clone();
        let mut list = vec![0; self.len() - 1];
        for (id, node) in (1..).zip(&self.nodes[1..]) {
            let slot = &mut place[node.parent as usize];
            list[*slot as usize] = id;
            *slot += 1;
        }
        Children { starts, list }
    }

    fn hash(&self, parent: NodeId, name: &[u8]) -> u64 {
        let mut hasher = KEY.build_hasher();
        hasher.write_u64(self.nodes[parent as usize].hash);
        hasher.write(name);
        hasher.finish()
    }
}

/// The children of every node of a [`Paths`], in interning order until sorted.
#[derive(Debug)]
pub struct Children {
    starts: Vec<u32>,
    list: Vec<NodeId>,
}

impl Children {
    /// The children of `node`.
    pub fn of(&self, node: NodeId) -> &[NodeId] {
        &self.list[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    fn of_mut(&mut self, node: NodeId) -> &mut [NodeId] {
        &mut self.list[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
}

#[cfg(test)]
mod tests;
