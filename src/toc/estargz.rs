//! eStargz and its forerunner stargz: a gzip member for each file's data, the table of contents as
//! a tar of one file in the last but one, the footer in the last.

use super::location::{Expected, Location};
use super::{Bounded, Unpacked};
use crate::error::{Error, Result};
use crate::layer::Toc;
use crate::layer::tar::{Member, Walker};
use crate::limits::Limits;
use crate::oci::Digest;
use std::collections::BTreeMap;

/// Digest of the unpacked JSON.
const DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";
/// Size of the whole uncompressed tar, the table of contents included.
const WHOLE: &str = "io.containers.estargz.uncompressed-size";
/// The only file of the table of contents' tar.
const NAME: &[u8] = b"stargz.index.json";

/// What annotations say; the place is in the footer alone.
pub(super) fn announced(annotations: &BTreeMap<String, String>) -> Option<Expected> {
    let digest = Digest::parse(annotations.get(DIGEST)?).ok()?;
    let diff_bytes = annotations.get(WHOLE).and_then(|size| super::chunked::decimal(size));
    Some(Expected { digest: Some(digest), diff_bytes })
}

/// The footer is an empty gzip member whose extra field is the place in 16 hexadecimal digits and
/// `STARGZ`: in a subfield `SG` that makes it 51 bytes, or bare (stargz) in 47.
pub(super) fn from_footer(tail: &[u8], blob_size: u64) -> Option<Location> {
    let extra = |length: usize, before: &[u8]| {
        let footer = tail.get(tail.len().checked_sub(length)?..)?;
        let opens = footer.starts_with(&[0x1f, 0x8b, 8, 4]);
        let place = footer[10..].strip_prefix(before)?.first_chunk::<22>()?;
        opens.then_some(place).filter(|place| place.ends_with(b"STARGZ")).map(|place| &place[..16])
    };
    let digits = extra(51, b"\x1a\0SG\x16\0").or_else(|| extra(47, b"\x16\0"))?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let start = u64::from_str_radix(digits, 16).ok().filter(|start| *start < blob_size)?;
    Some(Location {
        form: Toc::Estargz,
        range: start..blob_size,
        blob_size,
        end: start,
        stored: blob_size - start,
        unpacked: None,
        headers: None,
        checksum: None,
        diff_bytes: None,
    })
}

/// The one file of a tar; all of the tar is part of the layer's.
pub(super) fn unpack(stream: Bounded<'_, '_>, limits: &Limits) -> Result<Unpacked> {
    let mut walker = Walker::new(stream, limits);
    let mut member = Member::default();
    if !walker.next(&mut member)? || member.path != NAME {
        let found = String::from_utf8_lossy(&member.path);
        return Err(Error::malformed("tar", format_args!("expected the file `stargz.index.json`, found `{found}`")));
    }
    let mut json = Vec::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        match walker.read(&mut piece)? {
            0 => break,
            count => json.extend_from_slice(&piece[..count]),
        }
    }
    if walker.next(&mut member)? {
        return Err(Error::malformed("tar", "expected one file, found another"));
    }
    Ok(Unpacked { json, tar_bytes: walker.stream().out })
}
