//! From stored bytes to a [`Changeset`], in one pass.

use super::compression::{Decoder, MOST};
use super::tar::{Lend, Member, Stray, Stream, Walker, extents};
use super::{Changeset, Compression, ContentHash, Context, EntryKind, Hasher, LimitHit};
use crate::error::{Error, Result};
use crate::facts::{Captured, Input, Interner, Kind};
use crate::oci::Algorithm;
use std::io::Read;

/// The decoder, with all that passes out of it counted and, if asked, hashed.
struct Tap<'c, R> {
    decoder: Decoder<'c, R>,
    context: &'c Context,
    hasher: Option<Hasher>,
    out: u64,
}

/// Counts and hashes what came out of the decoder.
fn passed(bytes: &[u8], context: &Context, hasher: &mut Option<Hasher>, out: &mut u64) -> Result<()> {
    if let Some(hasher) = hasher {
        hasher.update(bytes);
    }
    *out += bytes.len() as u64;
    Context::spend(&context.output, bytes.len() as u64, "output", "the decompressed size of all layers", context.limits.output)
}

impl<R: Read> Lend for Tap<'_, R> {
    fn lend(&mut self, want: usize) -> Result<&[u8]> {
        let bytes = self.decoder.lend(want)?;
        passed(bytes, self.context, &mut self.hasher, &mut self.out)?;
        Ok(bytes)
    }
}

impl<R: Read> Stream for Tap<'_, R> {
    fn read_full(&mut self, out: &mut [u8]) -> Result<usize> {
        let count = self.decoder.read_full(out)?;
        passed(&out[..count], self.context, &mut self.hasher, &mut self.out)?;
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
    let mut scan = Scan::new(walker.stream().decoder.compression(), context.content_hash);
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
    changeset.note_end(&stray);
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
}

/// What was kept of a file's content for a parser.
type Kept = (Kind, Captured);

impl Scan {
    fn new(compression: Compression, content_hash: ContentHash) -> Self {
        Self { changeset: Changeset::new(compression, content_hash), member: Member::default() }
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
        let blob_bytes = after.position - before.position - stray;
        self.changeset.push(&self.member, walker.missing_padding(), blob_bytes, content_hash, context)?;
        if let Some((kind, content)) = kept {
            self.parse(kind, &content, context)?;
        }
        Ok(true)
    }

    /// The hash of the body, and what a parser wants to see of it. A file that fits one piece is
    /// hashed at once.
    fn read_body<R: Read>(&mut self, walker: &mut Walker<'_, Tap<'_, R>>, context: &Context) -> Result<(u128, Option<Kept>)> {
        let size = self.member.size;
        let first = walker.lend(MOST)?;
        let kind = wanted(&self.member, first);
        let mut kept = None;
        let mut hash = if first.len() as u64 == size {
            kept = kind.map(|kind| (kind, Captured::complete(first)));
            context.content_hash.of(first)
        } else {
            let mut share = None;
            if let Some(kind) = kind {
                let ranges = kind.ranges(size, first, context.limits.captures);
                share = context.capture(ranges.bytes(), self.changeset.compression)?;
                kept = Some((kind, Captured::new(size, ranges)));
            }
            let mut hasher = context.content_hash.hasher();
            let mut offset = 0;
            let mut piece = first;
            while !piece.is_empty() {
                if let Some((_, content)) = &mut kept {
                    content.feed(offset, piece);
                }
                hasher.update(piece);
                offset += piece.len() as u64;
                piece = walker.lend(MOST)?;
            }
            drop(share);
            hasher.finish()
        };
        if !self.member.map.is_empty() {
            hash ^= context.content_hash.of(&holes(&self.member));
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
}

/// The parser for a file's content; none for what has no content of its own, or not in one piece.
fn wanted(member: &Member, start: &[u8]) -> Option<Kind> {
    if !matches!(member.typeflag, 0 | b'0' | b'7') || !member.map.is_empty() {
        return None;
    }
    let path = member.path.strip_prefix(b".").unwrap_or(&member.path);
    Kind::of(path.strip_prefix(b"/").unwrap_or(&member.path), member.size, start)
}

/// Where the data of a sparse file belongs, the same however the map is written; a map that makes no sense as it stands.
fn holes(member: &Member) -> Vec<u8> {
    let Ok(extents) = extents(member) else { return member.map.clone() };
    let mut numbers = Vec::with_capacity(16 * extents.len());
    for (offset, length) in extents.into_iter().filter(|(_, length)| *length > 0) {
        numbers.extend(offset.to_le_bytes());
        numbers.extend(length.to_le_bytes());
    }
    numbers
}
