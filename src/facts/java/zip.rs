//! The central directory of a zip archive, of which only the end and the start are kept. Source:
//! PKWARE's APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.14 to 4.3.16.

use super::END;
use crate::facts::Captured;
use std::io::Read;

/// A member of an archive, as the central directory has it.
pub(super) struct Entry<'c> {
    pub(super) name: &'c [u8],
    method: u64,
    /// Bytes that it takes in the archive.
    stored: u64,
    /// Where its own header is.
    offset: u64,
}

impl Entry<'_> {
    /// The first bytes of its content, stored or deflated behind a header of its own; none where
    /// they were not kept.
    pub(super) fn read(&self, content: &Captured, most: u64) -> Option<Vec<u8>> {
        let header = content.at(self.offset, 30).filter(|header| header.starts_with(b"PK\x03\x04"))?;
        let length = |at: usize| u64::from(header[at]) | u64::from(header[at + 1]) << 8;
        let data = content.at(self.offset + 30 + length(26) + length(28), self.stored)?;
        let mut text = Vec::new();
        match self.method {
            0 => data.take(most).read_to_end(&mut text).ok()?,
            8 => flate2::read::DeflateDecoder::new(data).take(most).read_to_end(&mut text).ok()?,
            _ => return None,
        };
        Some(text)
    }
}

/// The central directory.
pub(super) fn entries(content: &Captured) -> Result<Vec<Entry<'_>>, String> {
    let size = content.size();
    let base = size.saturating_sub(END);
    let tail = content.from(base).unwrap_or_default();
    let number = |at: usize, length: usize| -> Option<u64> {
        let bytes = tail.get(at..at.checked_add(length)?)?;
        Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    };
    // The end record is 22 bytes long and a comment of up to 65535 may follow.
    let first = tail.len().saturating_sub(22 + 65535);
    let end =
        (first..tail.len().saturating_sub(21)).rev().find(|at| tail[*at..].starts_with(b"PK\x05\x06")).ok_or("no end of a zip archive")?;
    let (mut length, mut place) = (number(end + 12, 4).unwrap_or(0), number(end + 16, 4).unwrap_or(0));
    // Offsets are off by what stands before the archive, such as a script that runs it.
    let mut before = 0;
    if place == u64::from(u32::MAX) || length == u64::from(u32::MAX) {
        // Zip64: a locator stands before the record and says where a wider one is.
        let locator = end.checked_sub(20).filter(|at| tail[*at..].starts_with(b"PK\x06\x07"));
        let wide = locator.and_then(|at| number(at + 8, 8)).and_then(|at| usize::try_from(at.checked_sub(base)?).ok());
        let wide =
            wide.filter(|at| tail.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x06\x06"))).ok_or("no end of a zip64 archive")?;
        (length, place) = (number(wide + 40, 8).unwrap_or(0), number(wide + 48, 8).unwrap_or(0));
    } else {
        // The directory ends where this record begins.
        let found = (base + end as u64).saturating_sub(length);
        before = found.saturating_sub(place);
        place = found;
    }
    let start = place.checked_sub(base).and_then(|at| usize::try_from(at).ok()).ok_or("its directory is larger than what is read")?;
    let stop = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).min(tail.len());
    let (mut at, mut entries) = (start, Vec::new());
    while at < stop && tail[at..].starts_with(b"PK\x01\x02") {
        let (Some(name), Some(extra), Some(comment)) = (number(at + 28, 2), number(at + 30, 2), number(at + 32, 2)) else { break };
        let Some(text) = tail.get(at + 46..at + 46 + name as usize) else { break };
        let (method, stored, offset) = (number(at + 10, 2), number(at + 20, 4), number(at + 42, 4));
        let offset = offset.unwrap_or(0).saturating_add(before);
        entries.push(Entry { name: text, method: method.unwrap_or(0), stored: stored.unwrap_or(0), offset });
        at += 46 + (name + extra + comment) as usize;
    }
    Ok(entries)
}
