//! What one layer blob contains: a [`Changeset`].
//!
//! Blobs come before the manifest that names them, so scanning one depends on nothing but its
//! bytes: decompress, walk the tar, hash contents, count. Where the layer stands in an image, what
//! it hides and what hides it is decided later, from values alone.

mod budget;
mod build;
pub mod compression;
mod content;
mod context;
mod entry;
mod gzip;
mod inflate;
mod input;
mod scan;
pub(crate) mod tar;
mod zstd;

pub(crate) use compression::CHARGES;
pub use compression::{Compression, Toc};
pub use content::ContentHash;
pub(crate) use context::{Context, Hasher};
pub use entry::{Entry, EntryKind, Measures};
pub(crate) use input::read_fully;
pub(crate) use scan::scan;

use crate::facts::Fact;
use crate::note::Notes;
use crate::oci::Digest;
use crate::paths::Paths;
use std::collections::BTreeMap;

/// The content of one layer blob, wherever it stands in an image.
#[derive(Debug)]
pub struct Changeset {
    /// How the blob is stored, by its content.
    pub compression: Compression,
    /// The index for lazy runtimes that the blob carries.
    pub toc: Option<Toc>,
    /// Where its entries are from.
    pub listing: Listing,
    /// What its contents are compared by.
    pub content_hash: ContentHash,
    /// Entries in the order of the tar.
    pub entries: Vec<Entry>,
    /// Size of the blob as stored.
    pub blob_bytes: u64,
    /// Size of the uncompressed tar.
    pub diff_bytes: u64,
    /// Bytes that belong to no entry: end blocks, global headers, framing, what follows the end.
    pub overhead: Measures,
    /// Digest of the stored bytes, where it was computed.
    pub blob_digest: Option<Digest>,
    /// Digest of the uncompressed bytes, where it was computed.
    pub diff_digest: Option<Digest>,
    /// Set when a limit ended the scan: all that is here was read, but there is more.
    pub limit: Option<LimitHit>,
    /// What was odd.
    pub notes: Notes,
    /// Paths, until an image takes them over.
    pub(crate) paths: Paths,
    /// Link targets, each after its length.
    pub(crate) links: Vec<u8>,
    /// Apparent sizes of sparse files, by entry number.
    pub(crate) logical: BTreeMap<u32, u64>,
    /// Major and minor numbers of devices, by entry number.
    pub(crate) devices: BTreeMap<u32, (u32, u32)>,
    /// What contents say, by entry number.
    pub(crate) facts: Vec<(u32, Fact)>,
}

/// Where a layer's entries are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Listing {
    /// Its tar, read to the end.
    #[default]
    Tar,
    /// Its own table of contents: no content was read, so none was hashed or parsed.
    Toc,
}

impl Listing {
    /// Whether the layer's bytes were read.
    pub fn is_tar(&self) -> bool {
        *self == Self::Tar
    }
}

/// A limit that ended a scan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct LimitHit {
    /// The limit's name.
    pub limit: String,
    /// Its value.
    pub max: u64,
    /// Where, and what grew too large.
    pub message: String,
}

impl Changeset {
    /// The path of an entry, as long as no image has taken the paths of all its layers over.
    pub fn path(&self, entry: &Entry) -> Vec<u8> {
        self.paths.path(entry.node)
    }

    /// The target of a symbolic or hard link, as stored.
    pub fn link(&self, entry: &Entry) -> Option<&[u8]> {
        matches!(entry.kind, EntryKind::Symlink | EntryKind::Hardlink).then(|| self.link_name(entry)).flatten()
    }

    /// The link name field of any entry: some writers leave an old one in headers that are no links.
    pub(crate) fn link_name(&self, entry: &Entry) -> Option<&[u8]> {
        let start = entry.link as usize;
        let length = self.links.get(start..start + 4)?;
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        self.links.get(start + 4..start + 4 + length)
    }

    /// The apparent size of a sparse file; for others the stored size.
    pub fn logical_bytes(&self, number: usize) -> u64 {
        self.logical.get(&(number as u32)).copied().unwrap_or_else(|| self.entries[number].content_bytes)
    }

    /// About how many bytes of memory its facts take.
    pub(crate) fn facts_weight(&self) -> u64 {
        self.facts.iter().map(|(_, fact)| fact.weight()).sum()
    }

    /// The same without some entries, its sizes smaller by what they weigh.
    pub(crate) fn without(&self, gone: impl Fn(usize) -> bool) -> Self {
        let mut numbers = vec![None; self.entries.len()];
        let mut entries = Vec::new();
        let (mut diff_bytes, mut blob_bytes) = (self.diff_bytes, self.blob_bytes);
        for (number, entry) in self.entries.iter().enumerate() {
            if gone(number) {
                diff_bytes -= entry.diff_bytes;
                blob_bytes -= entry.blob_bytes;
            } else {
                numbers[number] = Some(entries.len() as u32);
                entries.push(entry.clone());
            }
        }
        let new = |number: u32| numbers.get(number as usize).copied().flatten();
        Self {
            compression: self.compression,
            toc: self.toc,
            listing: self.listing,
            content_hash: self.content_hash,
            entries,
            blob_bytes,
            diff_bytes,
            overhead: self.overhead,
            blob_digest: self.blob_digest.clone(),
            diff_digest: self.diff_digest.clone(),
            limit: self.limit.clone(),
            notes: self.notes.clone(),
            paths: Paths::default(),
            links: self.links.clone(),
            logical: self.logical.iter().filter_map(|(number, bytes)| Some((new(*number)?, *bytes))).collect(),
            devices: self.devices.iter().filter_map(|(number, device)| Some((new(*number)?, *device))).collect(),
            facts: self.facts.iter().filter_map(|(number, fact)| Some((new(*number)?, fact.clone()))).collect(),
        }
    }

    /// What the contents of its entries say, by entry number.
    pub fn facts(&self) -> &[(u32, Fact)] {
        &self.facts
    }

    /// Major and minor number of a device entry.
    pub fn device(&self, number: usize) -> Option<(u32, u32)> {
        self.devices.get(&(number as u32)).copied()
    }
}

/// Whether `bytes`, the start of a blob, may be a layer at all.
pub(crate) fn may_be_layer(bytes: &[u8]) -> bool {
    Compression::sniff(bytes) != Compression::None || tar::is_header(bytes)
}
