//! Applies layer after layer and writes down what each entry hides.
//!
//! A layer is applied in two rounds: its markers against what lies below, then its entries in the
//! order of the tar. Live nodes hang in lists below their directories; hiding a directory takes
//! the list off and visits what was on it, and a node gets onto a list only by an entry, so all
//! the visits together are no more than the entries. Nothing recurses: paths may be 100,000
//! directories deep.

use super::walk::{Below, Last, MAX_TARGET};
use super::{Cause, Fate, Index, Place, Placed};
use crate::error::{Error, Result};
use crate::image::Image;
use crate::layer::EntryKind;
use crate::limits::Limits;
use crate::paths::{NodeId, ROOT};
use hashbrown::HashMap;

const NONE: u32 = u32::MAX;

/// The lists of live nodes: the first live child of a node, and the next on the list it is on.
#[derive(Clone, Copy)]
struct Lists {
    child: u32,
    next: u32,
}

const EMPTY: Lists = Lists { child: NONE, next: NONE };

/// The node's last entry is live.
const ALIVE: u8 = 1;
/// The node is on its parent's list.
const LISTED: u8 = 2;
/// The layer being applied has a directory entry for the node.
pub(super) const MADE_HERE: u8 = 4;
/// The node's last entry is no directory.
const NO_DIRECTORY: u8 = 8;

pub(super) struct Stack<'l> {
    /// Its `live` holds, until the end, the last entry of each node, live or not.
    pub(super) index: Index,
    lists: Vec<Lists>,
    pub(super) flags: Vec<u8>,
    /// Live names of files that have or had more than one.
    links: HashMap<Place, u32>,
    pub(super) limits: &'l Limits,
    pub(super) steps: u64,
    work: Vec<NodeId>,
}

pub(super) fn build(image: Image, limits: &Limits) -> Result<Index> {
    let fates = image.layers.iter().map(|layer| vec![Fate::Live; image.entries(layer).len()]).collect();
    let odd = image.layers.iter().map(|layer| vec![0; image.entries(layer).len().div_ceil(64)]).collect();
    let notes = image.notes.clone();
    let count = image.paths.len();
    let live = vec![Place::NOWHERE; count];
    let index = Index {
        image,
        fates,
        name_fates: HashMap::new(),
        moved: HashMap::new(),
        odd,
        live,
        inodes: HashMap::new(),
        names: HashMap::new(),
        notes,
        left_out: Vec::new(),
    };
    let mut stack =
        Stack { index, lists: vec![EMPTY; count], flags: vec![0; count], links: HashMap::new(), limits, steps: 0, work: Vec::new() };
    for layer in 0..stack.index.image.layers.len() {
        stack.apply(layer)?;
    }
    for (place, flags) in stack.index.live.iter_mut().zip(&stack.flags) {
        if flags & ALIVE == 0 {
            *place = Place::NOWHERE;
        }
    }
    stack.index.names = stack.links;
    Ok(stack.index)
}

impl Stack<'_> {
    fn apply(&mut self, layer: usize) -> Result<()> {
        let count = self.index.fates[layer].len();
        let markers: Vec<(NodeId, EntryKind)> =
            self.index.layer_entries(layer).iter().filter(|entry| entry.kind.is_marker()).map(|entry| (entry.node, entry.kind)).collect();
        if !markers.is_empty() {
            // Only markers ask what the layer itself makes.
            for entry in self.index.image.entries(&self.index.image.layers[layer]).iter().filter(|entry| entry.kind == EntryKind::Directory)
            {
                self.flags[entry.node as usize] |= MADE_HERE;
            }
            for (node, kind) in markers {
                self.mark(layer, node, kind)?;
            }
        }
        // Neighbours share their directory: it is looked up once.
        let mut last = None;
        for number in 0..count {
            let entry = &self.index.layer_entries(layer)[number];
            self.flags[entry.node as usize] &= !MADE_HERE;
            if !entry.kind.is_marker() {
                last = self.place(Place { layer: layer as u32, entry: number as u32 }, last)?;
            }
        }
        Ok(())
    }

    /// A whiteout or an opaque marker hides what lower layers have.
    fn mark(&mut self, layer: usize, marker: NodeId, kind: EntryKind) -> Result<()> {
        let directory = self.index.paths().parent(marker);
        let Some(directory) = self.directory(layer, directory, Below::Only)? else { return Ok(()) };
        if kind == EntryKind::Opaque {
            if !self.exists(directory) {
                self.note(layer, "opaque-without-target", marker, "an opaque marker in a directory that no lower layer has");
            }
            self.hide_below(directory, layer, Cause::Opaque);
            return Ok(());
        }
        let name = self.index.paths().name(marker)[4..].to_vec();
        let target = self.index.paths().child(directory, &name).filter(|node| self.exists(*node));
        let Some(target) = target else {
            self.note(layer, "whiteout-without-target", marker, "a whiteout of a path that no lower layer has");
            return Ok(());
        };
        let is_directory = self.current(target).is_none_or(|placed| placed.entry.kind == EntryKind::Directory);
        let cause = if is_directory { Cause::DeletedDir } else { Cause::DeletedFile };
        self.kill(target, layer, cause);
        self.hide_below(target, layer, cause);
        Ok(())
    }

    /// Puts an entry into the file system; the result is its directory and where that is, for the
    /// next entry.
    fn place(&mut self, place: Place, last: Option<(NodeId, NodeId)>) -> Result<Option<(NodeId, NodeId)>> {
        let layer = place.layer as usize;
        let entry = self.index.placed(place).entry;
        let (raw, kind) = (entry.node, entry.kind);
        if raw == ROOT {
            if kind == EntryKind::Directory {
                self.put(place, ROOT, kind);
            } else {
                self.note(layer, "entry-at-root", raw, "an entry that is no directory has the path of the root; it cannot be extracted");
            }
            return Ok(None);
        }
        let parent = self.index.paths().parent(raw);
        let directory = match last {
            Some((known, directory)) if known == parent => directory,
            _ => match self.directory(layer, parent, Below::AndHere)? {
                Some(directory) => directory,
                None => parent,
            },
        };
        let node = if directory == parent { raw } else { self.land(place, raw, directory)? };
        if kind == EntryKind::Hardlink {
            self.link(place, node)?;
        } else {
            self.put(place, node, kind);
        }
        // Led through a link, an entry may replace that very link, or a directory of its own path.
        Ok((directory == parent).then_some((parent, directory)))
    }

    /// The node below `directory`, where a symbolic link led an entry.
    fn land(&mut self, place: Place, raw: NodeId, directory: NodeId) -> Result<NodeId> {
        let name = self.index.paths().name(raw).to_vec();
        let node = self.intern(directory, &name)?;
        self.index.moved.insert(place, node);
        self.index.mark_odd(place);
        self.note(place.layer as usize, "parent-is-symlink", raw, "a directory of the path is a symbolic link; followed");
        Ok(node)
    }

    pub(super) fn intern(&mut self, directory: NodeId, name: &[u8]) -> Result<NodeId> {
        let node = self.index.image.paths.intern(directory, name)?;
        let count = self.index.paths().len();
        if count as u64 > self.limits.nodes {
            return Err(Error::Limit {
                place: "image".into(),
                what: format!("{count} path nodes"),
                limit: "nodes",
                max: self.limits.nodes,
            });
        }
        self.lists.resize(count, EMPTY);
        self.index.live.resize(count, Place::NOWHERE);
        self.flags.resize(count, 0);
        Ok(node)
    }

    /// Another name for a file of this layer or of one below.
    fn link(&mut self, place: Place, node: NodeId) -> Result<()> {
        let layer = place.layer as usize;
        let entry = self.index.placed(place).entry;
        let changeset = self.index.image.changeset(&self.index.image.layers[layer]);
        let target = changeset.and_then(|changeset| changeset.link(entry)).unwrap_or_default().to_vec();
        let target = if target.len() > MAX_TARGET { None } else { self.walk(ROOT, &target, Last::Keep)? };
        let data = target
            .filter(|target| *target != node)
            .and_then(|target| self.current(target))
            .filter(|placed| placed.entry.kind != EntryKind::Directory);
        let Some(data) = data.map(|placed| self.index.data(&placed)) else {
            self.note(layer, "hardlink-without-target", node, "the target of a hard link does not exist; counted as an empty file");
            self.put(place, node, EntryKind::Hardlink);
            return Ok(());
        };
        let data = Place { layer: data.layer as u32, entry: data.number as u32 };
        // Linked before the old name goes: it may be a name of the same file.
        *self.links.entry(data).or_insert(1) += 1;
        self.index.inodes.insert(place, data);
        self.put(place, node, EntryKind::Hardlink);
        Ok(())
    }

    /// Makes `place` what is at `node`, hiding what was there.
    fn put(&mut self, place: Place, node: NodeId, kind: EntryKind) {
        let layer = place.layer as usize;
        let old = self.index.live[node as usize];
        if old != Place::NOWHERE {
            let cause = self.replacement(old, place);
            if self.is_alive(node) {
                self.kill(node, layer, cause);
            } else {
                self.replaced_too(old, layer, cause);
            }
        }
        if kind != EntryKind::Directory {
            self.hide_below(node, layer, Cause::ReplacedByType);
        }
        self.index.live[node as usize] = place;
        let flags = &mut self.flags[node as usize];
        *flags = if kind == EntryKind::Directory { *flags & !NO_DIRECTORY } else { *flags | NO_DIRECTORY } | ALIVE;
        self.attach(node);
    }

    /// Why `old` goes when `new` takes its path.
    fn replacement(&self, old: Place, new: Place) -> Cause {
        if old.layer == new.layer {
            return Cause::RepeatedInLayer;
        }
        let (old, new) = (self.index.placed(old), self.index.placed(new));
        let (old_data, new_data) = (self.index.data(&old), self.index.data(&new));
        if !old_data.same_type(&new_data) {
            return Cause::ReplacedByType;
        }
        let same = match old_data.entry.kind {
            EntryKind::File | EntryKind::Hardlink => self.same_content(&old_data, &new_data),
            EntryKind::Symlink => self.target(&old_data) == self.target(&new_data),
            EntryKind::Special => self.device(&old_data) == self.device(&new_data),
            _ => true,
        };
        if same { Cause::MetadataOnly } else { Cause::Overwritten }
    }

    fn same_content(&self, a: &Placed<'_>, b: &Placed<'_>) -> bool {
        let size = |placed: &Placed<'_>| {
            self.index.image.changeset(self.index.layer_at(placed.layer)).map(|changeset| changeset.logical_bytes(placed.number))
        };
        a.entry.content_bytes == b.entry.content_bytes && a.entry.content_hash == b.entry.content_hash && size(a) == size(b)
    }

    pub(super) fn target(&self, placed: &Placed<'_>) -> Option<&[u8]> {
        self.index.image.changeset(self.index.layer_at(placed.layer))?.link(placed.entry)
    }

    fn device(&self, placed: &Placed<'_>) -> Option<(u32, u32)> {
        self.index.image.changeset(self.index.layer_at(placed.layer))?.device(placed.number)
    }

    /// A marker of this layer hid `old` before an entry of this layer took its path: it was not
    /// deleted but replaced.
    fn replaced_too(&mut self, old: Place, layer: usize, cause: Cause) {
        let marked = |fate: Fate| matches!(fate, Fate::Shadowed { by, cause } if usize::from(by) == layer && cause.is_marker());
        let fate = Fate::Shadowed { by: layer as u16, cause };
        for place in [Some(old), self.index.inodes.get(&old).copied()].into_iter().flatten() {
            let slot = &mut self.index.fates[place.layer as usize][place.entry as usize];
            if marked(*slot) {
                *slot = fate;
            }
        }
        if let Some(name) = self.index.name_fates.get_mut(&old).filter(|name| marked(**name)) {
            *name = fate;
        }
    }

    /// Hides all that is below `directory`.
    fn hide_below(&mut self, directory: NodeId, layer: usize, cause: Cause) {
        if self.lists[directory as usize].child == NONE {
            return;
        }
        let mut work = std::mem::take(&mut self.work);
        work.push(directory);
        while let Some(node) = work.pop() {
            let mut child = std::mem::replace(&mut self.lists[node as usize].child, NONE);
            while child != NONE {
                let next = std::mem::replace(&mut self.lists[child as usize].next, NONE);
                self.flags[child as usize] &= !LISTED;
                let here = self.index.live[child as usize].layer as usize == layer;
                self.kill(child, layer, if here { Cause::RepeatedInLayer } else { cause });
                work.push(child);
                child = next;
            }
        }
        self.work = work;
    }

    /// The node's entry is no longer seen; its bytes go when no other name leads to them.
    pub(super) fn kill(&mut self, node: NodeId, layer: usize, cause: Cause) {
        if !self.is_alive(node) {
            return;
        }
        self.flags[node as usize] &= !ALIVE;
        let name = self.index.live[node as usize];
        let fate = Fate::Shadowed { by: layer as u16, cause };
        let data = self.index.inodes.get(&name).copied().unwrap_or(name);
        if data != name {
            self.index.fates[name.layer as usize][name.entry as usize] = fate;
        }
        let left = self.links.get_mut(&data).map_or(0, |count| {
            *count -= 1;
            *count
        });
        if left == 0 {
            self.index.fates[data.layer as usize][data.entry as usize] = fate;
        } else if data == name {
            self.index.name_fates.insert(name, fate);
            self.index.mark_odd(name);
        }
    }

    /// Puts `node` and its directories on their lists.
    fn attach(&mut self, node: NodeId) {
        let mut at = node;
        while at != ROOT && self.flags[at as usize] & LISTED == 0 {
            self.flags[at as usize] |= LISTED;
            let parent = self.index.paths().parent(at);
            self.lists[at as usize].next = std::mem::replace(&mut self.lists[parent as usize].child, at);
            at = parent;
        }
    }

    /// Whether nothing but directories is on the way to `node`, itself included.
    pub(super) fn is_plain(&self, node: NodeId) -> bool {
        let mut at = node;
        while at != ROOT && self.flags[at as usize] & (ALIVE | NO_DIRECTORY) != ALIVE | NO_DIRECTORY {
            at = self.index.paths().parent(at);
        }
        at == ROOT
    }

    fn is_alive(&self, node: NodeId) -> bool {
        self.flags[node as usize] & ALIVE != 0
    }

    /// Live, or a directory that only its content implies.
    fn exists(&self, node: NodeId) -> bool {
        node == ROOT || self.is_alive(node) || self.lists[node as usize].child != NONE
    }

    pub(super) fn current(&self, node: NodeId) -> Option<Placed<'_>> {
        self.is_alive(node).then(|| self.index.placed(self.index.live[node as usize]))
    }

    pub(super) fn note(&mut self, layer: usize, code: &str, node: NodeId, message: &str) {
        let paths = &self.index.image.paths;
        self.index.notes.add_with(code, Some(layer), message, || Some(paths.path(node)));
    }
}
