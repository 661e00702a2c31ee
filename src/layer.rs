//! What one layer blob contains: a [`Changeset`].
//!
//! Blobs come before the manifest that names them, so scanning one depends on nothing but its
//! bytes: decompress, walk the tar, hash contents, count. Where the layer stands in an image, what
//! it hides and what hides it is decided later, from values alone.

mod budget;
pub mod compression;
mod entry;
pub(crate) mod tar;
mod zstd;

pub use compression::{Compression, Toc};
pub use entry::{Entry, EntryKind, Measures};

use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::note::Notes;
use crate::oci::{Algorithm, Digest};
use crate::paths::Paths;
use budget::Budget;
use compression::Decoder;
use entry::NO_LINK;
use sha2::{Digest as _, Sha256, Sha512};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use tar::{Member, Stream, Walker};

/// File data is read in pieces of this size; larger ones are no faster.
const PIECE: usize = 256 << 10;

/// The content of one layer blob, wherever it stands in an image.
#[derive(Debug)]
pub struct Changeset {
    /// How the blob is stored, by its content.
    pub compression: Compression,
    /// The index for lazy runtimes that the blob carries.
    pub toc: Option<Toc>,
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
    /// The target of a symbolic or hard link, as stored.
    pub fn link(&self, entry: &Entry) -> Option<&[u8]> {
        let start = entry.link as usize;
        let length = self.links.get(start..start + 4)?;
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        self.links.get(start + 4..start + 4 + length)
    }

    /// The apparent size of a sparse file; for others the stored size.
    pub fn logical_bytes(&self, number: usize) -> u64 {
        self.logical.get(&(number as u32)).copied().unwrap_or_else(|| self.entries[number].content_bytes)
    }

    /// Major and minor number of a device entry.
    pub fn device(&self, number: usize) -> Option<(u32, u32)> {
        self.devices.get(&(number as u32)).copied()
    }
}

/// What the scans of one analysis share: limits and what was used of them.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) limits: Limits,
    pub(crate) windows: Budget,
    output: AtomicU64,
    entries: AtomicU64,
    nodes: AtomicU64,
    names: AtomicU64,
}

impl Context {
    pub(crate) fn new(limits: Limits) -> Self {
        let windows = Budget::new(limits.zstd_windows);
        Self { limits, windows, output: 0.into(), entries: 0.into(), nodes: 0.into(), names: 0.into() }
    }

    fn spend(counter: &AtomicU64, amount: u64, limit: &'static str, what: &str, max: u64) -> Result<()> {
        if counter.fetch_add(amount, Ordering::Relaxed) + amount > max {
            return Err(Error::Limit { place: String::new(), what: what.to_owned(), limit, max });
        }
        Ok(())
    }
}

/// A hash in progress.
pub(crate) enum Hasher {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Box::default()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Digest {
        match self {
            Self::Sha256(hash) => Digest::from_hash(Algorithm::Sha256, &hash.finalize()),
            Self::Sha512(hash) => Digest::from_hash(Algorithm::Sha512, &hash.finalize()),
        }
    }
}

/// The decoder, with all that passes out of it counted and, if asked, hashed.
struct Tap<'c, R> {
    decoder: Decoder<'c, R>,
    context: &'c Context,
    hasher: Option<Hasher>,
    out: u64,
}

impl<R: Read> Stream for Tap<'_, R> {
    fn read_full(&mut self, out: &mut [u8]) -> Result<usize> {
        let count = self.decoder.read_full(out)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&out[..count]);
        }
        self.out += count as u64;
        let max = self.context.limits.output;
        Context::spend(&self.context.output, count as u64, "output", "the decompressed size of all layers", max)?;
        Ok(count)
    }

    fn position(&self) -> u64 {
        self.decoder.position()
    }
}

/// Scans one layer blob. With `diff` the uncompressed bytes are hashed too.
pub(crate) fn scan<R: Read>(reader: R, context: &Context, diff: Option<Algorithm>) -> Result<Changeset> {
    let tap = Tap { decoder: Decoder::new(reader, context)?, context, hasher: diff.map(Hasher::new), out: 0 };
    let mut walker = Walker::new(tap, &context.limits);
    let mut scan = Scan::new(walker.stream().decoder.compression());
    let mut limit = None;
    // Where the last entry ended, and what was nobody's by then.
    let mut boundary = Boundary::default();
    loop {
        match scan.step(&mut walker, context, boundary) {
            Ok(true) => boundary = Boundary::of(&walker),
            Ok(false) => break,
            Err(Error::Limit { place, what, limit: name, max }) => {
                let message = format!("{place}{}{what} exceeds the limit", if place.is_empty() { "" } else { ": " });
                limit = Some(LimitHit { limit: name.to_owned(), max, message });
                break;
            }
            Err(error) => return Err(error),
        }
    }
    let stray = walker.stray();
    let tap = walker.stream_mut();
    let mut changeset = scan.changeset;
    changeset.overhead.diff_bytes = stray.diff;
    changeset.overhead.blob_bytes = stray.blob;
    if limit.is_some() {
        // Read, but no entry was completed from it.
        changeset.overhead.diff_bytes += tap.out - boundary.out - (stray.diff - boundary.stray.diff);
        changeset.overhead.blob_bytes += tap.position() - boundary.position - (stray.blob - boundary.stray.blob);
    }
    changeset.overhead.blob_bytes += tap.decoder.framing();
    changeset.diff_bytes = tap.out;
    changeset.blob_bytes = tap.position() + tap.decoder.framing();
    changeset.toc = tap.decoder.toc();
    if limit.is_none() {
        changeset.diff_digest = tap.hasher.take().map(Hasher::finish);
    }
    changeset.limit = limit;
    if stray.trailing > 0 {
        let message = format!("{} bytes after the end-of-archive marker; counted as overhead", stray.trailing);
        changeset.notes.add("data-after-end", None, None, &message);
    }
    if stray.lone_zero_block {
        changeset.notes.add(
            "lone-zero-block",
            None,
            None,
            "the archive ends at a single zero block with more behind it, where engines stop with an error",
        );
    }
    changeset.entries.shrink_to_fit();
    Ok(changeset)
}

#[derive(Debug, Default, Clone, Copy)]
struct Boundary {
    position: u64,
    out: u64,
    stray: tar::Stray,
}

impl Boundary {
    fn of<R: Read>(walker: &Walker<'_, Tap<'_, R>>) -> Self {
        Self { position: walker.stream().position(), out: walker.stream().out, stray: walker.stray() }
    }
}

struct Scan {
    changeset: Changeset,
    member: Member,
    piece: Vec<u8>,
}

impl Scan {
    fn new(compression: Compression) -> Self {
        let changeset = Changeset {
            compression,
            toc: None,
            entries: Vec::new(),
            blob_bytes: 0,
            diff_bytes: 0,
            overhead: Measures::default(),
            blob_digest: None,
            diff_digest: None,
            limit: None,
            notes: Notes::default(),
            paths: Paths::new(),
            links: Vec::new(),
            logical: BTreeMap::new(),
            devices: BTreeMap::new(),
        };
        Self { changeset, member: Member::default(), piece: vec![0; PIECE] }
    }

    /// One entry; `false` at the end.
    fn step<R: Read>(&mut self, walker: &mut Walker<'_, Tap<'_, R>>, context: &Context, before: Boundary) -> Result<bool> {
        if !walker.next(&mut self.member)? {
            return Ok(false);
        }
        let content_hash = self.hash_body(walker)?;
        walker.finish()?;
        let after = Boundary::of(walker);
        let stray = after.stray.blob - before.stray.blob;
        let entry = self.entry(walker.missing_padding(), after.position - before.position - stray, content_hash, context)?;
        self.changeset.entries.push(entry);
        Ok(true)
    }

    /// xxh3-128 of the body; a file that fits one piece is hashed at once.
    fn hash_body<R: Read>(&mut self, walker: &mut Walker<'_, Tap<'_, R>>) -> Result<u128> {
        let size = self.member.size;
        let mut hash = if size <= PIECE as u64 {
            let count = walker.read(&mut self.piece[..size as usize])?;
            twox_hash::XxHash3_128::oneshot(&self.piece[..count])
        } else {
            let mut hasher = twox_hash::XxHash3_128::new();
            loop {
                let count = walker.read(&mut self.piece)?;
                if count == 0 {
                    break hasher.finish_128();
                }
                hasher.write(&self.piece[..count]);
            }
        };
        if !self.member.map.is_empty() {
            hash ^= twox_hash::XxHash3_128::oneshot(&self.member.map);
        }
        Ok(hash)
    }

    fn entry(&mut self, missing: u64, blob_bytes: u64, hash: u128, context: &Context) -> Result<Entry> {
        let Self { changeset, member, .. } = self;
        let number = changeset.entries.len() as u32;
        let used = (changeset.paths.len() as u64, changeset.paths.name_bytes() + changeset.links.len() as u64);
        let (node, odd) = changeset.paths.intern_path(&member.path)?;
        if odd.escapes {
            changeset.notes.add("path-escapes-root", None, Some(&member.path), "`..` leads above the root; held at the root");
        }
        if odd.too_long {
            changeset.notes.add("path-too-long", None, Some(&member.path), "longer than 4096 bytes, which no Linux system call accepts");
        }
        let kind = EntryKind::of(member.typeflag, changeset.paths.name(node));
        let mut link = NO_LINK;
        if matches!(kind, EntryKind::Symlink | EntryKind::Hardlink) {
            let full =
                |_| Error::Limit { place: "link targets".into(), what: "their length".into(), limit: "names", max: u64::from(u32::MAX) };
            link = u32::try_from(changeset.links.len()).map_err(full)?;
            changeset.links.extend_from_slice(&(member.link.len() as u32).to_le_bytes());
            changeset.links.extend_from_slice(&member.link);
        }
        if let Some(logical) = member.logical {
            changeset.logical.insert(number, logical);
        }
        if matches!(member.typeflag, b'3' | b'4') {
            changeset.devices.insert(number, member.device);
        }
        let limits = &context.limits;
        Context::spend(&context.entries, 1, "entries", "the number of entries", limits.entries)?;
        Context::spend(&context.nodes, changeset.paths.len() as u64 - used.0, "nodes", "the number of path nodes", limits.nodes)?;
        let names = changeset.paths.name_bytes() + changeset.links.len() as u64 - used.1;
        Context::spend(&context.names, names, "names", "the length of all names", limits.names)?;
        let id = |id: u64| u32::try_from(id).unwrap_or(u32::MAX);
        let diff_bytes = member.header_bytes + member.size + member.padding() - missing;
        // A marker's body, which should be empty, is nobody's file data.
        let content_bytes = if kind.is_marker() { 0 } else { member.size };
        Ok(Entry {
            node,
            link,
            content_bytes,
            diff_bytes,
            blob_bytes,
            mtime: member.mtime,
            content_hash: [hash as u64, (hash >> 64) as u64],
            uid: id(member.uid),
            gid: id(member.gid),
            mode: member.mode as u16,
            kind,
            typeflag: member.typeflag,
        })
    }
}

/// Whether `bytes`, the start of a blob, may be a layer at all.
pub(crate) fn may_be_layer(bytes: &[u8]) -> bool {
    Compression::sniff(bytes) != Compression::None || tar::is_header(bytes)
}
