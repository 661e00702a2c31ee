//! Paths of two images: what came, what went, what changed.

mod directories;

pub use directories::DirectoryChange;

use super::delta::Delta;
use super::union::Union;
use crate::index::{Index, Placed};
use crate::layer::EntryKind;
use crate::paths::NodeId;
use crate::report::PathReport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// What became of a path. Times do not count: every build has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileChangeKind {
    /// Only the new image shows it.
    Added,
    /// Only the old image shows it.
    Removed,
    /// It has another content, link target or device number.
    Content,
    /// It has another owner or mode, and the same content.
    Metadata,
    /// It is of another type.
    Type,
    /// What is shown is the same; it is stored more or less often. Paths that neither shows are here too.
    Hidden,
    /// All is the same, but for compressed bytes and headers.
    Unchanged,
}

impl FileChangeKind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 7] = [Self::Added, Self::Removed, Self::Content, Self::Metadata, Self::Type, Self::Hidden, Self::Unchanged];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Content => "content",
            Self::Metadata => "metadata",
            Self::Type => "type",
            Self::Hidden => "hidden",
            Self::Unchanged => "unchanged",
        }
    }
}

/// All paths, by what became of them, and those that changed most.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Files {
    /// All paths that either image has an entry for: all seven kinds are there.
    pub kinds: Vec<FilesOfKind>,
    /// Those that changed most: most content first, then most of the layer tar, then by path.
    pub list: Vec<FileChange>,
}

/// Paths of which the same became.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FilesOfKind {
    /// What became of them.
    pub change: FileChangeKind,
    /// How many they are, directories included.
    pub paths: u64,
    /// All their entries, in all layers.
    #[serde(flatten)]
    pub delta: Delta,
}

/// One path.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FileChange {
    /// Where it is.
    #[serde(flatten)]
    pub path: PathReport,
    /// What became of it.
    pub change: FileChangeKind,
    /// What it is in the new image, or was in the old one; null where neither shows it.
    pub kind: Option<EntryKind>,
    /// The layer of the new image that stores what is shown, from 0.
    pub layer: Option<usize>,
    /// All its entries, in all layers.
    #[serde(flatten)]
    pub delta: Delta,
}

impl Files {
    /// The sums of one kind.
    pub fn of(&self, change: FileChangeKind) -> (u64, Delta) {
        self.kinds.iter().find(|kind| kind.change == change).map(|kind| (kind.paths, kind.delta)).unwrap_or_default()
    }

    /// How many paths changed.
    pub fn changed(&self) -> u64 {
        self.kinds.iter().filter(|kind| kind.change != FileChangeKind::Unchanged).map(|kind| kind.paths).sum()
    }
}

pub(super) fn compare(old: &Index, new: &Index, union: &Union<'_>, top: usize) -> (Files, Vec<DirectoryChange>) {
    let mut deltas = vec![Delta::default(); union.len()];
    let mut stored = vec![false; union.len()];
    for placed in old.entries() {
        deltas[placed.node as usize] -= placed.entry.measures().into();
        stored[placed.node as usize] = true;
    }
    for placed in new.entries() {
        let at = union.of_new(placed.node) as usize;
        deltas[at] += placed.entry.measures().into();
        stored[at] = true;
    }
    let mut kinds = FileChangeKind::ALL.map(|change| FilesOfKind { change, paths: 0, delta: Delta::default() });
    let mut changed: Vec<(NodeId, FileChangeKind)> = Vec::new();
    for at in (0..union.len() as NodeId).filter(|at| stored[*at as usize]) {
        let delta = deltas[at as usize];
        let (was, is) = shown(old, new, union, at);
        let change = kind(old, new, was, is, &delta);
        let sum = &mut kinds[change as usize];
        sum.paths += 1;
        sum.delta += delta;
        if change != FileChangeKind::Unchanged {
            changed.push((at, change));
        }
    }
    let directories = directories::compare(old, new, union, &deltas, &changed);
    let list = heaviest(changed, &deltas, union, top);
    let one = |(at, change): (NodeId, FileChangeKind)| {
        let (was, is) = shown(old, new, union, at);
        FileChange {
            path: PathReport::new(&union.path(at)),
            change,
            kind: is.as_ref().or(was.as_ref()).map(|placed| placed.entry.kind),
            layer: is.map(|placed| placed.layer),
            delta: deltas[at as usize],
        }
    };
    (Files { kinds: kinds.to_vec(), list: list.into_iter().map(one).collect() }, directories)
}

/// What each image shows at a path.
fn shown<'i>(old: &'i Index, new: &'i Index, union: &Union<'_>, at: NodeId) -> (Option<Placed<'i>>, Option<Placed<'i>>) {
    (union.in_old(at).and_then(|node| old.at(node)), union.in_new(at).and_then(|node| new.at(node)))
}

fn kind(old: &Index, new: &Index, was: Option<Placed<'_>>, is: Option<Placed<'_>>, delta: &Delta) -> FileChangeKind {
    match (was, is) {
        (None, Some(_)) => return FileChangeKind::Added,
        (Some(_), None) => return FileChangeKind::Removed,
        (Some(was), Some(is)) => {
            let (was, is) = (Shown::new(old, &was), Shown::new(new, &is));
            if was.kind != is.kind {
                return FileChangeKind::Type;
            }
            if was.content != is.content {
                return FileChangeKind::Content;
            }
            if was.metadata != is.metadata {
                return FileChangeKind::Metadata;
            }
        }
        (None, None) => {}
    }
    if delta.entries == 0 && delta.content_bytes == 0 { FileChangeKind::Unchanged } else { FileChangeKind::Hidden }
}

/// What can be seen of a path, but for times.
struct Shown<'i> {
    kind: (EntryKind, u8),
    content: Content<'i>,
    metadata: (u16, u32, u32),
}

#[derive(PartialEq, Eq)]
enum Content<'i> {
    Data([u64; 2], u64),
    Link(Option<&'i [u8]>),
    Device(Option<(u32, u32)>),
    Nothing,
}

impl<'i> Shown<'i> {
    fn new(index: &'i Index, placed: &Placed<'i>) -> Self {
        // Another name of a file is that file.
        let data = index.data(placed);
        let entry = data.entry;
        let changeset = index.image().changeset(index.layer_at(data.layer));
        let kind = match entry.kind {
            EntryKind::Hardlink => (EntryKind::File, 0),
            EntryKind::Special => (EntryKind::Special, entry.typeflag),
            kind => (kind, 0),
        };
        let content = match entry.kind {
            EntryKind::File | EntryKind::Hardlink => Content::Data(entry.content_hash, entry.content_bytes),
            EntryKind::Symlink => Content::Link(changeset.and_then(|changeset| changeset.link(entry))),
            EntryKind::Special => Content::Device(changeset.and_then(|changeset| changeset.device(data.number))),
            _ => Content::Nothing,
        };
        // No kernel looks at the mode of a symbolic link.
        let mode = if entry.kind == EntryKind::Symlink { 0 } else { entry.mode };
        Self { kind, content, metadata: (mode, entry.uid, entry.gid) }
    }
}

/// The paths that changed most; of equal ones the first by path.
fn heaviest(mut changed: Vec<(NodeId, FileChangeKind)>, deltas: &[Delta], union: &Union<'_>, top: usize) -> Vec<(NodeId, FileChangeKind)> {
    let weight = |(at, _): &(NodeId, FileChangeKind)| {
        let delta = deltas[*at as usize];
        Reverse((delta.content_bytes.unsigned_abs(), delta.diff_bytes.unsigned_abs()))
    };
    if top == 0 {
        return Vec::new();
    }
    if changed.len() > top {
        changed.select_nth_unstable_by_key(top - 1, |one| (weight(one), one.0));
        changed.truncate(top);
    }
    changed.sort_by_cached_key(|one| (weight(one), union.path(one.0)));
    changed
}
