//! zstd:chunked: frames for each file's data, then skippable frames of the table of contents, the tar
//! headers (of newer writers) and the footer.

use super::location::{Checksum, Headers, Location};
use crate::layer::Toc;
use crate::oci::Digest;
use std::collections::BTreeMap;

/// Magic number and length of a skippable frame (RFC 8878, section 3.1.2); places are of what follows.
const FRAME: u64 = 8;
/// The one kind of table of contents there is.
const KIND: u64 = 1;
/// Whoever wrote it: containers/storage the first, stargz-snapshotter the second.
const PREFIXES: [&str; 2] = ["io.github.containers.zstd-chunked.", "io.containers.zstd-chunked."];

/// What annotations say: `offset:length:unpacked:kind`, and without the kind for the tar headers.
pub(super) fn announced(annotations: &BTreeMap<String, String>, blob_size: u64) -> Option<Location> {
    PREFIXES.iter().find_map(|prefix| {
        let value = |name: &str| annotations.get(&format!("{prefix}{name}"));
        let [offset, stored, unpacked, KIND] = numbers(value("manifest-position")?)? else { return None };
        let headers = value("tarsplit-position").map(|position| numbers::<3>(position));
        let headers = match headers {
            Some(numbers) => Some(numbers?),
            None => None,
        };
        let checksum = match value("manifest-checksum") {
            Some(digest) => Some(Checksum::Stored(Digest::parse(digest).ok()?)),
            None => None,
        };
        located([offset, stored, unpacked], headers, checksum, blob_size)
    })
}

/// The footer is the same numbers, 64 bits each with the lowest byte first, and a magic number: 64
/// bytes with the place of the tar headers, 40 without.
pub(super) fn from_footer(tail: &[u8], blob_size: u64) -> Option<Location> {
    let word = |from_end: usize| {
        let bytes = tail.get(tail.len().checked_sub(from_end)?..)?.first_chunk()?;
        Some(u64::from_le_bytes(*bytes))
    };
    let words = |from_end: usize| Some([word(from_end)?, word(from_end - 8)?, word(from_end - 16)?]);
    let (place, kind, headers) = match tail.last_chunk::<8>()? {
        b"GNUlInUx" => (words(64)?, word(40)?, words(32).filter(|headers| *headers != [0; 3])),
        b"GnUlInUx" => (words(40)?, word(16)?, None),
        _ => return None,
    };
    if kind != KIND {
        return None;
    }
    located(place, headers, None, blob_size)
}

/// The headers come right after the table of contents, or one range would not do for both.
fn located(place: [u64; 3], headers: Option<[u64; 3]>, checksum: Option<Checksum>, blob_size: u64) -> Option<Location> {
    let stretch = |[offset, length, _]: [u64; 3]| {
        let end = offset.checked_add(length).filter(|end| *end <= blob_size && length > 0)?;
        Some(offset..end)
    };
    let stored = stretch(place)?;
    let headers = match headers {
        Some(numbers) => {
            let range = stretch(numbers).filter(|range| range.start == stored.end.saturating_add(FRAME))?;
            Some(Headers { range, unpacked: numbers[2] })
        }
        None => None,
    };
    let range = stored.start..headers.as_ref().map_or(stored.end, |headers| headers.range.end);
    Some(Location {
        form: Toc::ZstdChunked,
        range,
        blob_size,
        end: stored.start.checked_sub(FRAME)?,
        stored: stored.end - stored.start,
        unpacked: Some(place[2]),
        headers,
        checksum,
        diff_bytes: None,
    })
}

fn numbers<const N: usize>(text: &str) -> Option<[u64; N]> {
    text.split(':').map(decimal).collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// Digits alone.
pub(super) fn decimal(text: &str) -> Option<u64> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}
