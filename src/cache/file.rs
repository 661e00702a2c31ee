//! One changeset in a file: `PLIMBLOB`, the size of the blob and the number of entries (which a
//! listing shows without unpacking), then a checksum and packed values as in a saved analysis.

use crate::error::{Error, Result};
use crate::layer::{CHARGES, Changeset, ContentHash};
use crate::limits::Limits;
use crate::oci::Digest;
use crate::saved::{self, Reader, Room, Writer};
use crate::source::files;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::Path;

const MAGIC: &[u8; 8] = b"PLIMBLOB";
/// Magic number and two numbers of eight bytes.
pub(super) const HEADER: usize = 24;
/// No layer has as many bytes, and many times that many fit a sum.
const LARGEST: u64 = 1 << 40;
/// Packing must not cost what it saves.
const LEVEL: i32 = 1;

/// Whose changeset it is, and on what it depends beside the blob.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    digest: Digest,
    /// As in the name of the directory.
    version: String,
    /// Limits that decide on one blob by itself. Those on all of them together are counted anew.
    caps: [u64; 5],
}

/// Changesets of one blob that differ in how they came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    /// Scanned, contents hashed like this.
    Scanned(ContentHash),
    /// From the blob's table of contents.
    Listed,
}

impl Variant {
    pub(super) fn of(changeset: &Changeset) -> Self {
        if changeset.listing.is_tar() { Self::Scanned(changeset.content_hash) } else { Self::Listed }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Scanned(ContentHash::Xxh3) => "",
            Self::Scanned(ContentHash::Sha256) => "-sha256",
            Self::Listed => "-toc",
        }
    }
}

impl Key {
    fn new(digest: &Digest, variant: Variant, limits: &Limits) -> Self {
        let Limits { extension, extensions, zstd_window_log, zstd_windows, captures, .. } = *limits;
        let caps = [extension, extensions, zstd_window_log, zstd_windows, captures];
        Self { digest: digest.clone(), version: version(variant), caps }
    }
}

/// Names all that may change what a blob is said to contain, or how that is written. A release may
/// change more than it knows of: it starts anew.
pub(super) fn version(variant: Variant) -> String {
    let (facts, suffix) = (crate::facts::VERSION, variant.suffix());
    format!("v{}-{}-{CHARGES}-{facts}{suffix}", env!("CARGO_PKG_VERSION"), saved::VERSION)
}

/// The file of a changeset that has its digest.
pub(super) fn pack(changeset: &Changeset, limits: &Limits) -> Result<Vec<u8>> {
    let digest = changeset.blob_digest.as_ref().ok_or_else(|| Error::malformed("changeset", "expected a digest, found none"))?;
    let mut to = Writer::default();
    to.one(&Key::new(digest, Variant::of(changeset), limits))?;
    to.paths(&changeset.paths)?;
    to.one(&saved::Head::of(changeset))?;
    to.lists(changeset)?;
    to.notes(&changeset.notes)?;
    let header = [*MAGIC, changeset.blob_bytes.to_le_bytes(), (changeset.entries.len() as u64).to_le_bytes()];
    Ok([&header.concat()[..], &saved::seal(&to.finish(), LEVEL)?].concat())
}

/// The changeset of the blob of `digest`, if the file is what [`pack`] made of it under these limits.
pub(super) fn read(path: &Path, digest: &Digest, variant: Variant, limits: &Limits) -> Option<Changeset> {
    let mut bytes = Vec::new();
    files::open(path).ok()?.take(saved::most(limits).saturating_add(1)).read_to_end(&mut bytes).ok()?;
    unpack(&bytes, digest, variant, limits).ok().flatten()
}

fn unpack(bytes: &[u8], digest: &Digest, variant: Variant, limits: &Limits) -> Result<Option<Changeset>> {
    let Some((said, sealed)) = bytes.split_first_chunk().and_then(|(header, sealed)| Some((sizes(header)?, sealed))) else {
        return Ok(None);
    };
    let plain = saved::unseal(sealed, limits)?;
    let mut from = Reader::new(&plain);
    if from.one::<Key>()? != Key::new(digest, variant, limits) {
        return Ok(None);
    }
    let paths = from.paths(limits)?;
    let mut changeset = from.one::<saved::Head>()?.unpack(&mut from, &mut Room::new(&paths, limits))?;
    changeset.notes = from.notes()?;
    changeset.paths = paths;
    let whole = changeset.limit.is_none()
        && Variant::of(&changeset) == variant
        && changeset.blob_digest.as_ref() == Some(digest)
        && from.is_empty();
    let found = (changeset.blob_bytes, changeset.entries.len() as u64);
    Ok(Some(changeset).filter(|changeset| whole && found == said && changeset.diff_bytes.max(changeset.blob_bytes) <= LARGEST))
}

/// Size of the blob and number of its entries, as the first bytes of a file say.
pub(super) fn sizes(header: &[u8; HEADER]) -> Option<(u64, u64)> {
    let number = |at: usize| header[at..at + 8].try_into().map(u64::from_le_bytes).ok();
    if header.starts_with(MAGIC) { Some((number(8)?, number(16)?)) } else { None }
}
