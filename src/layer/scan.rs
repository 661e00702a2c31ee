//! From stored bytes to a [`Changeset`], in one pass.

use super::compression::Decoder;
use super::entry::NO_LINK;
use super::tar::{Member, Stray, Stream, Walker};
use super::{Changeset, Compression, Context, Entry, EntryKind, Hasher, LimitHit, Measures};
use crate::error::{Error, Result};
use crate::facts::{Captured, Input, Interner, Kind};
use crate::note::Notes;
use crate::oci::Algorithm;
use crate::paths::Paths;
use std::collections::BTreeMap;
use std::io::Read;

/// File data is read in pieces of this size; larger ones are no faster.
const PIECE: usize = 256 << 10;

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
    let tap = Tap { decoder: Decoder::new(reader, context)?.trusting(), context, hasher: diff.map(Hasher::new), out: 0 };
    let mut walker = Walker::new(tap, &context.limits);
    let mut scan = Scan::new(walker.stream().decoder.compression());
    let mut limit = None;
    // Where the last entry ended, and what was nobody's by then.
    let mut boundary = Boundary::default();
    loop {
        let entries = scan.changeset.entries.len();
        match scan.step(&mut walker, context, boundary) {
            Ok(true) => boundary = Boundary::of(&walker),
            Ok(false) => break,
            Err(Error::Limit { place, what, limit: name, max }) => {
                let message = format!("{place}{}{what} exceeds the limit", if place.is_empty() { "" } else { ": " });
                limit = Some(LimitHit { limit: name.to_owned(), max, message });
                // An entry that was completed and is only not understood keeps its bytes.
                if scan.changeset.entries.len() > entries {
                    boundary = Boundary::of(&walker);
                }
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
    stray: Stray,
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

/// What was kept of a file's content for a parser.
type Kept = (Kind, Captured);

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
            facts: Vec::new(),
        };
        Self { changeset, member: Member::default(), piece: vec![0; PIECE] }
    }

    /// One entry; `false` at the end.
    fn step<R: Read>(&mut self, walker: &mut Walker<'_, Tap<'_, R>>, context: &Context, before: Boundary) -> Result<bool> {
        if !walker.next(&mut self.member)? {
            return Ok(false);
        }
        let (content_hash, kept) = self.read_body(walker, context)?;
        walker.finish()?;
        let after = Boundary::of(walker);
        let stray = after.stray.blob - before.stray.blob;
        let entry = self.entry(walker.missing_padding(), after.position - before.position - stray, content_hash, context)?;
        self.changeset.entries.push(entry);
        if let Some((kind, content)) = kept {
            self.parse(kind, &content, context)?;
        }
        Ok(true)
    }

    /// xxh3-128 of the body, and what a parser wants to see of it. A file that fits one piece is
    /// hashed at once.
    fn read_body<R: Read>(&mut self, walker: &mut Walker<'_, Tap<'_, R>>, context: &Context) -> Result<(u128, Option<Kept>)> {
        let size = self.member.size;
        let mut kept = None;
        let mut hash = if size + self.member.padding() <= PIECE as u64 {
            let content = walker.read_whole(&mut self.piece)?;
            if let Some(kind) = wanted(&self.member, content) {
                kept = Some((kind, Captured::complete(content)));
            }
            twox_hash::XxHash3_128::oneshot(content)
        } else {
            let mut hasher = twox_hash::XxHash3_128::new();
            let (mut offset, mut share) = (0, None);
            loop {
                let count = walker.read(&mut self.piece)?;
                if count == 0 {
                    break;
                }
                let piece = &self.piece[..count];
                if let Some(kind) = if offset == 0 { wanted(&self.member, piece) } else { None } {
                    let ranges = kind.ranges(size, piece, context.limits.captures);
                    share = context.capture(ranges.bytes(), self.changeset.compression)?;
                    kept = Some((kind, Captured::new(size, ranges)));
                }
                if let Some((_, content)) = &mut kept {
                    content.feed(offset, piece);
                }
                hasher.write(piece);
                offset += count as u64;
            }
            drop(share);
            hasher.finish_128()
        };
        if !self.member.map.is_empty() {
            hash ^= twox_hash::XxHash3_128::oneshot(&self.member.map);
        }
        Ok((hash, kept))
    }

    /// Keeps what the last entry's content says.
    fn parse(&mut self, kind: Kind, content: &Captured, context: &Context) -> Result<()> {
        let Changeset { paths, entries, facts, notes, .. } = &mut self.changeset;
        let Some(entry) = entries.last().filter(|entry| entry.kind == EntryKind::File) else { return Ok(()) };
        let path = paths.path(entry.node);
        let used = (paths.len() as u64, paths.name_bytes());
        let (nodes, names) = context.left();
        let mut interner = Interner::new(paths, nodes, names);
        let fact = kind.parse(&Input { path: &path, content }, &mut interner);
        if interner.is_full() {
            notes.add(
                "package-db-unreadable",
                None,
                Some(&path),
                "it names paths that are too long, or more than the limits allow; these are left out",
            );
        }
        context.spend_paths(paths, used)?;
        match fact {
            Ok(Some(fact)) => {
                Context::spend(&context.names, fact.weight(), "names", "what contents say, with all names,", context.limits.names)?;
                facts.push((entries.len() as u32 - 1, fact));
            }
            Ok(None) => {}
            Err(why) => notes.add("package-db-unreadable", None, Some(&path), &format!("cannot be parsed, so it tells nothing: {why}")),
        }
        Ok(())
    }

    fn entry(&mut self, missing: u64, blob_bytes: u64, hash: u128, context: &Context) -> Result<Entry> {
        let Self { changeset, member, .. } = self;
        let number = changeset.entries.len() as u32;
        let used = (changeset.paths.len() as u64, changeset.paths.name_bytes(), changeset.links.len());
        let (node, odd) = changeset.paths.intern_path(&member.path)?;
        if odd.escapes {
            changeset.notes.add("path-escapes-root", None, Some(&member.path), "`..` leads above the root; held at the root");
        }
        if odd.too_long {
            changeset.notes.add("path-too-long", None, Some(&member.path), "longer than 4096 bytes, which no Linux system call accepts");
        }
        let kind = EntryKind::of(member.typeflag, changeset.paths.name(node));
        let mut link = NO_LINK;
        if !member.link.is_empty() || matches!(kind, EntryKind::Symlink | EntryKind::Hardlink) {
            let full =
                |_| Error::Limit { place: "link targets".into(), what: "their length".into(), limit: "names", max: u64::from(u32::MAX) };
            link = u32::try_from(changeset.links.len()).map_err(full)?;
            changeset.links.extend_from_slice(&(member.link.len() as u32).to_le_bytes());
            changeset.links.extend_from_slice(&member.link);
        }
        // A marker's body is no file data, but dive counts it.
        let marked = Some(member.size).filter(|size| kind.is_marker() && *size > 0);
        if let Some(logical) = member.logical.or(marked) {
            changeset.logical.insert(number, logical);
        }
        if matches!(member.typeflag, b'3' | b'4') {
            changeset.devices.insert(number, member.device);
        }
        let limits = &context.limits;
        Context::spend(&context.entries, 1, "entries", "the number of entries", limits.entries)?;
        context.spend_paths(&changeset.paths, (used.0, used.1))?;
        Context::spend(&context.names, (changeset.links.len() - used.2) as u64, "names", "the length of all names", limits.names)?;
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

/// The parser for a file's content; none for what has no content of its own, or not in one piece.
fn wanted(member: &Member, start: &[u8]) -> Option<Kind> {
    if !matches!(member.typeflag, 0 | b'0' | b'7') || !member.map.is_empty() {
        return None;
    }
    let path = member.path.strip_prefix(b".").unwrap_or(&member.path);
    Kind::of(path.strip_prefix(b"/").unwrap_or(&member.path), member.size, start)
}
