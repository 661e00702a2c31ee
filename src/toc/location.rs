//! Where a layer's table of contents is: by the annotations of its descriptor, or by its footer.

use super::{Bound, Bounded, Unpacked, chunked, estargz, split::Split};
use crate::error::{Error, Result};
use crate::layer::{Compression, Context, Hasher, Toc};
use crate::limits::Limits;
use crate::oci::Digest;
use std::collections::BTreeMap;
use std::ops::Range;

/// A footer is looked for in this many last bytes of a blob; with luck they hold a small layer's
/// table of contents as well ([`Location::within`]).
pub const TAIL: u64 = 64 << 10;

/// Tar headers in base64 are longer than the table of contents that tells of the same files.
const SPLIT_TIMES: u64 = 8;

/// What a layer's annotations say of its table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announced {
    /// It is known where it is.
    At(Location),
    /// There is one, and the footer says where: fetch the blob's [`tail`].
    Footer(Expected),
    /// None is announced.
    Nothing,
}

/// What annotations say of a table of contents whose place they leave to the footer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Digest of the unpacked table of contents.
    pub(super) digest: Option<Digest>,
    /// Size of the uncompressed tar.
    pub(super) diff_bytes: Option<u64>,
}

/// Where a layer's table of contents is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub(super) form: Toc,
    /// The table of contents, and the tar headers if there are any.
    pub(super) range: Range<u64>,
    pub(super) blob_size: u64,
    /// Where the files' data ends.
    pub(super) end: u64,
    /// The table of contents as stored, from the range's start.
    pub(super) stored: u64,
    pub(super) unpacked: Option<u64>,
    pub(super) headers: Option<Headers>,
    pub(super) checksum: Option<Checksum>,
    pub(super) diff_bytes: Option<u64>,
}

/// Where in the range the tar headers are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Headers {
    pub(super) range: Range<u64>,
    pub(super) unpacked: u64,
}

/// What ties a table of contents to the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Checksum {
    /// Of its bytes as stored.
    Stored(Digest),
    /// Of its JSON.
    Unpacked(Digest),
}

/// The last bytes of a blob, where its footer is.
pub fn tail(blob_size: u64) -> Range<u64> {
    blob_size.saturating_sub(TAIL)..blob_size
}

/// What the annotations of a layer's descriptor say. Those that break their own form announce nothing.
pub fn from_annotations(media_type: &str, annotations: &BTreeMap<String, String>, blob_size: u64) -> Announced {
    // `…tar+gzip` in OCI, `…tar.gzip` in Docker's media types.
    if media_type.ends_with("zstd") {
        chunked::announced(annotations, blob_size).map_or(Announced::Nothing, Announced::At)
    } else if media_type.ends_with("gzip") {
        estargz::announced(annotations).map_or(Announced::Nothing, Announced::Footer)
    } else {
        Announced::Nothing
    }
}

/// Where the footer in a blob's last bytes says that the table of contents is. What is found so is
/// tied to no digest.
pub fn from_footer(tail: &[u8], blob_size: u64) -> Option<Location> {
    Expected::default().locate(tail, blob_size)
}

impl Expected {
    /// Where the footer in the blob's last bytes says that it is.
    pub fn locate(&self, tail: &[u8], blob_size: u64) -> Option<Location> {
        if tail.len() as u64 > blob_size {
            return None;
        }
        let location = estargz::from_footer(tail, blob_size).or_else(|| chunked::from_footer(tail, blob_size))?;
        let checksum = self.digest.clone().map(Checksum::Unpacked);
        Some(Location { checksum: checksum.or(location.checksum), diff_bytes: self.diff_bytes, ..location })
    }
}

impl Location {
    /// Which format it is of.
    pub fn form(&self) -> Toc {
        self.form
    }

    /// The bytes of the blob that [`super::read`] needs.
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// The bytes of [`Location::range`], if the blob's last bytes hold them all.
    pub fn within<'t>(&self, tail: &'t [u8]) -> Option<&'t [u8]> {
        let start = self.blob_size.checked_sub(tail.len() as u64)?;
        let at = |place: u64| place.checked_sub(start).and_then(|place| usize::try_from(place).ok());
        tail.get(at(self.range.start)?..at(self.range.end)?)
    }

    /// Whether it may be fetched and unpacked.
    pub fn check(&self, limits: &Limits) -> Result<()> {
        let headers = self.headers.as_ref();
        let stored = self.stored.max(headers.map_or(0, |headers| headers.range.end - headers.range.start));
        let unpacked = self.unpacked.unwrap_or(0).max(headers.map_or(0, |headers| headers.unpacked / SPLIT_TIMES));
        let largest = stored.max(unpacked);
        if largest > limits.toc {
            let what = format!("{largest} bytes");
            return Err(Error::Limit { place: "table of contents".into(), what, limit: "toc", max: limits.toc });
        }
        Ok(())
    }

    /// Unpacks what is stored in `bytes`, which are those of the range, and checks its digest.
    pub(super) fn unpack(&self, bytes: &[u8], context: &Context) -> Result<Unpacked> {
        let stored = usize::try_from(self.stored).ok().and_then(|stored| bytes.get(..stored));
        let stored = stored.ok_or_else(|| Error::malformed("range", "too short for the table of contents"))?;
        if let Some(Checksum::Stored(expected)) = &self.checksum {
            verify(expected, stored, "table of contents as stored")?;
        }
        let bound = self.unpacked.map_or(Bound::Limit(context.limits.toc), Bound::Told);
        let unpacked = match self.form {
            Toc::Estargz => estargz::unpack(Bounded::new(stored, Compression::Gzip, "gzip member", bound, context)?, &context.limits)?,
            Toc::ZstdChunked => {
                let mut stream = Bounded::new(stored, Compression::Zstd, "zstd frame", bound, context)?;
                Unpacked { json: super::rest(&mut stream)?, tar_bytes: 0 }
            }
        };
        if let Some(expected) = self.unpacked.filter(|expected| *expected != unpacked.json.len() as u64) {
            return Err(Error::malformed("zstd frame", format_args!("expected {expected} bytes unpacked, found {}", unpacked.json.len())));
        }
        if let Some(Checksum::Unpacked(expected)) = &self.checksum {
            verify(expected, &unpacked.json, "table of contents, unpacked")?;
        }
        Ok(unpacked)
    }

    /// The tar headers, if they are there; `digest` is what the table of contents calls them.
    pub(super) fn split<'c, 'b>(&self, bytes: &'b [u8], digest: Option<&str>, context: &'c Context) -> Result<Option<Split<'c, 'b>>> {
        let Some(headers) = &self.headers else { return Ok(None) };
        let at = |place: u64| usize::try_from(place - self.range.start).ok();
        let stored = at(headers.range.start).zip(at(headers.range.end)).and_then(|(start, end)| bytes.get(start..end));
        let stored = stored.ok_or_else(|| Error::malformed("range", "too short for the tar headers"))?;
        if let Some(digest) = digest {
            verify(&Digest::parse(digest)?, stored, "tar headers as stored")?;
        }
        let stream = Bounded::new(stored, Compression::Zstd, "tar headers", Bound::Told(headers.unpacked), context)?;
        Ok(Some(Split::new(stream, context.limits.toc)))
    }
}

fn verify(expected: &Digest, bytes: &[u8], place: &str) -> Result<()> {
    let mut hasher = Hasher::new(expected.algorithm());
    hasher.update(bytes);
    let found = hasher.finish();
    if found == *expected {
        return Ok(());
    }
    Err(Error::Mismatch { place: place.to_owned(), measure: "digest", expected: expected.to_string(), found: found.to_string() })
}
