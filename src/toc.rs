//! Files of a layer by its own table of contents, without the layer's bytes.
//!
//! eStargz and zstd:chunked layers end in a table of contents, so that runtimes can fetch files one
//! by one. It tells names, owners, sizes and digests, and where in the blob each file's data is:
//! all that a [`Changeset`] holds but what contents say. The caller fetches ranges of the blob, and
//! never more than two:
//!
//! ```
//! # use plimsoll::{Limits, Result, layer::Changeset, toc};
//! # use std::{collections::BTreeMap, ops::Range};
//! # fn files(media_type: &str, annotations: &BTreeMap<String, String>, blob_size: u64, limits: &Limits,
//! #     fetch: impl Fn(Range<u64>) -> Result<Vec<u8>>) -> Result<Option<Changeset>> {
//! let location = match toc::from_annotations(media_type, annotations, blob_size) {
//!     toc::Announced::At(location) => Some(location),
//!     // The footer says where: it is in the blob's last bytes.
//!     toc::Announced::Footer(expected) => expected.locate(&fetch(toc::tail(blob_size))?, blob_size),
//!     // Some writers leave no annotations; `toc::from_footer` may still find one.
//!     toc::Announced::Nothing => None,
//! };
//! let Some(location) = location else { return Ok(None) };
//! location.check(limits)?; // before anything is fetched
//! let changeset = toc::read(&location, &fetch(location.range())?, limits)?;
//! # Ok(Some(changeset))
//! # }
//! ```
//!
//! A table of contents may lie. What it says is held against the blob's size, against itself and,
//! in zstd:chunked, against the tar headers that are stored beside it; what does not fit is an
//! error, and the layer is to be read in full. What fits is still only told, not read: such a
//! changeset is marked ([`crate::layer::Listing::Toc`]) and noted (`layer-from-toc`).
//!
//! All entries are told, as a scan of the tar would find them: also the landmarks of eStargz
//! (`.prefetch.landmark`), which are files wherever a layer is unpacked.
//!
//! What contents are compared by is SHA-256 here ([`ContentHash`]): other layers of the same image that
//! are read in full must be hashed so too, or a copied file passes for a changed one.
//!
//! # The books
//!
//! Sums are exact: entries and overhead add up to the blob. In zstd:chunked each file's data is
//! frames of its own; frames of headers are shared among the headers in them by their length. In
//! eStargz a gzip member begins where a file's data does and holds the headers of what follows too,
//! up to the next file's data; all of it is the file's. Where files share a member it is shared by
//! their sizes.
//!
//! Of the uncompressed tar, zstd:chunked keeps all headers (tar-split), so that every entry is exact.
//! Elsewhere a header counts 512 bytes, which is all that most have, and extension headers are
//! overhead together; a note (`toc-header-sizes`) says so unless there are none.
//!
//! Sources: stargz-snapshotter's `docs/estargz.md`; the type and annotation documentation of
//! containers/storage, `pkg/chunked`; of vbatts/tar-split, `tar/storage`.

mod assembly;
mod chunked;
mod entries;
mod estargz;
mod ledger;
mod location;
mod split;

pub use location::{Announced, Expected, Location, TAIL, from_annotations, from_footer, tail};

use crate::error::{Error, Result};
use crate::layer::compression::Decoder;
use crate::layer::tar::Stream;
use crate::layer::{Changeset, Compression, ContentHash, Context};
use crate::limits::Limits;
use assembly::Assembly;

#[cfg(test)]
mod tests;

/// The layer's files, from the bytes of [`Location::range`].
pub fn read(location: &Location, bytes: &[u8], limits: &Limits) -> Result<Changeset> {
    read_within(location, bytes, &Context::hashing(limits.clone(), ContentHash::Sha256))
}

/// The same as a part of an image, whose limits hold for all its layers. An error leaves nothing
/// used of them.
pub(crate) fn read_within(location: &Location, bytes: &[u8], context: &Context) -> Result<Changeset> {
    let changeset = attempt(location, bytes, context).map_err(|error| error.within(&"table of contents"))?;
    context.keep(&changeset)?;
    Ok(changeset)
}

fn attempt(location: &Location, bytes: &[u8], context: &Context) -> Result<Changeset> {
    location.check(&context.limits)?;
    let expected = location.range.end - location.range.start;
    if bytes.len() as u64 != expected {
        return Err(Error::malformed("range", format_args!("expected {expected} bytes of the blob, found {}", bytes.len())));
    }
    let found = location.unpack(bytes, context)?;
    let head = entries::head(&found.json)?;
    let fork = context.fork();
    let split = location.split(bytes, head.tar_split.as_deref(), context)?;
    let mut assembly = Assembly::new(location, split, &fork);
    entries::each(&found.json, |entry| assembly.add(&entry))?;
    assembly.finish(found.tar_bytes)
}

/// An unpacked table of contents.
struct Unpacked {
    json: Vec<u8>,
    /// Bytes of the layer's tar that it takes up itself.
    tar_bytes: u64,
}

/// Decodes no more than may be.
struct Bounded<'c, 'b> {
    decoder: Decoder<'c, &'b [u8]>,
    what: &'static str,
    bound: Bound,
    out: u64,
}

/// How much may be decoded.
#[derive(Clone, Copy)]
enum Bound {
    /// As much as the blob says.
    Told(u64),
    /// As much as the limit `toc` allows.
    Limit(u64),
}

impl<'c, 'b> Bounded<'c, 'b> {
    fn new(bytes: &'b [u8], expected: Compression, what: &'static str, bound: Bound, context: &'c Context) -> Result<Self> {
        let decoder = Decoder::new(bytes, context)?;
        if decoder.compression() != expected {
            let found = decoder.compression().name();
            return Err(Error::malformed(what, format_args!("expected compression {}, found {found}", expected.name())));
        }
        Ok(Self { decoder, what, bound, out: 0 })
    }

    fn beyond(&self) -> Error {
        match self.bound {
            Bound::Told(bytes) => Error::malformed(self.what, format_args!("expected {bytes} bytes unpacked, found more")),
            Bound::Limit(max) => Error::Limit { place: self.what.to_owned(), what: "its unpacked size".to_owned(), limit: "toc", max },
        }
    }
}

impl Stream for Bounded<'_, '_> {
    fn read_full(&mut self, out: &mut [u8]) -> Result<usize> {
        let (Bound::Told(max) | Bound::Limit(max)) = self.bound;
        // One byte more tells whether there is more.
        let most = (max - self.out).saturating_add(1).min(out.len() as u64) as usize;
        let count = self.decoder.read_full(&mut out[..most])?;
        self.out += count as u64;
        if self.out > max { Err(self.beyond()) } else { Ok(count) }
    }

    fn position(&self) -> u64 {
        self.decoder.position()
    }
}

/// All that is left of a stream.
fn rest(stream: &mut impl Stream) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        let count = stream.read_full(&mut piece)?;
        all.extend_from_slice(&piece[..count]);
        if count < piece.len() {
            return Ok(all);
        }
    }
}
