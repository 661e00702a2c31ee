//! One tar entry of a layer, and the sums that entries add up to.

use crate::paths::NodeId;
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A regular file: the only kind with content.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Another name of a file.
    Hardlink,
    /// `.wh.NAME`: hides NAME of the layers below.
    Whiteout,
    /// `.wh..wh..opq`: hides all that the layers below have in its directory.
    Opaque,
    /// A device, a FIFO, or bookkeeping of AUFS (`.wh..wh.*`).
    Special,
}

impl EntryKind {
    /// By the tar header's type flag and the last component of the path. Markers are known by their
    /// name whatever their type (OCI image specification, `layer.md`, "Whiteouts"); a name of just
    /// `.wh.` marks nothing.
    pub(crate) fn of(typeflag: u8, name: &[u8]) -> Self {
        match name.strip_prefix(b".wh.") {
            Some(b".wh..opq") => return Self::Opaque,
            // A directory of it stays one: it has entries below.
            Some(rest) if rest.starts_with(b".wh.") && typeflag != b'5' => return Self::Special,
            Some(rest) if rest.starts_with(b".wh.") => return Self::Directory,
            Some(rest) if !rest.is_empty() => return Self::Whiteout,
            _ => {}
        }
        match typeflag {
            b'1' => Self::Hardlink,
            b'2' => Self::Symlink,
            b'3' | b'4' | b'6' => Self::Special,
            b'5' => Self::Directory,
            // POSIX: a type that is not known is to be taken for a regular file.
            _ => Self::File,
        }
    }

    /// The lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::Symlink => "symlink",
            Self::Hardlink => "hardlink",
            Self::Whiteout => "whiteout",
            Self::Opaque => "opaque",
            Self::Special => "special",
        }
    }

    /// Whether the entry is a marker of the layer format and no part of the file system.
    pub fn is_marker(self) -> bool {
        matches!(self, Self::Whiteout | Self::Opaque)
    }
}

/// One tar entry. 72 bytes: a layer may have millions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Its path.
    pub node: NodeId,
    /// Its link target's place in the changeset's link table; see `Changeset::link`.
    pub(crate) link: u32,
    /// Stored file data.
    pub content_bytes: u64,
    /// The same with header, extension headers and padding.
    pub diff_bytes: u64,
    /// Bytes of the blob that these were decoded from.
    pub blob_bytes: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// 128 bits of a hash of the stored file data, low half first; finds equal contents, verifies nothing.
    /// The changeset says which hash (`ContentHash`).
    pub content_hash: [u64; 2],
    /// User id; ids beyond 32 bits, which no kernel knows, are cut to `u32::MAX`.
    pub uid: u32,
    /// Group id, likewise.
    pub gid: u32,
    /// Permission, set-id and sticky bits.
    pub mode: u16,
    /// What it is.
    pub kind: EntryKind,
    /// The tar header's type flag byte.
    pub typeflag: u8,
}

/// No link target.
pub(crate) const NO_LINK: u32 = u32::MAX;

impl Entry {
    /// The three measures of this entry.
    pub fn measures(&self) -> Measures {
        Measures { entries: 1, content_bytes: self.content_bytes, diff_bytes: self.diff_bytes, blob_bytes: self.blob_bytes }
    }
}

/// The three measures of a set of entries, and how many they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Measures {
    /// Number of tar entries.
    pub entries: u64,
    /// Bytes of file data as stored: what `docker images` calls SIZE with a graph driver.
    pub content_bytes: u64,
    /// Bytes of the uncompressed layer tar: content, headers and padding.
    pub diff_bytes: u64,
    /// Bytes of the blob as stored in the source.
    pub blob_bytes: u64,
}

impl Measures {
    /// What is left without a part of it.
    #[must_use]
    pub fn minus(self, part: Self) -> Self {
        Self {
            entries: self.entries.saturating_sub(part.entries),
            content_bytes: self.content_bytes.saturating_sub(part.content_bytes),
            diff_bytes: self.diff_bytes.saturating_sub(part.diff_bytes),
            blob_bytes: self.blob_bytes.saturating_sub(part.blob_bytes),
        }
    }
}

impl AddAssign for Measures {
    fn add_assign(&mut self, other: Self) {
        self.entries += other.entries;
        self.content_bytes += other.content_bytes;
        self.diff_bytes += other.diff_bytes;
        self.blob_bytes += other.blob_bytes;
    }
}

impl std::ops::Add for Measures {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl std::iter::Sum for Measures {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), std::ops::Add::add)
    }
}
