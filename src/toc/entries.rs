//! The JSON of a table of contents, the same in all formats but for a few fields.

use crate::error::{Error, Result};
use crate::layer::tar::Member;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// What it says of itself.
#[derive(Deserialize)]
pub(super) struct Head {
    version: u64,
    /// Digest of the tar headers as stored.
    #[serde(rename = "tarSplitDigest", default)]
    pub(super) tar_split: Option<String>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Dir,
    Reg,
    Symlink,
    Hardlink,
    Char,
    Block,
    Fifo,
    /// More data of the file before.
    Chunk,
}

/// One tar member, or a further chunk of its data. A field that is left out is zero or empty.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'j> {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(borrow, default)]
    pub(super) name: Cow<'j, str>,
    #[serde(borrow, default)]
    link_name: Cow<'j, str>,
    #[serde(default)]
    mode: u64,
    #[serde(default)]
    pub(super) size: u64,
    #[serde(default)]
    uid: u64,
    #[serde(default)]
    gid: u64,
    #[serde(borrow, default)]
    modtime: Cow<'j, str>,
    #[serde(default)]
    dev_major: u32,
    #[serde(default)]
    dev_minor: u32,
    /// SHA-256 of the whole file.
    #[serde(borrow, default)]
    pub(super) digest: Cow<'j, str>,
    /// Where in the blob its data, or the chunk's, begins.
    #[serde(default)]
    pub(super) offset: u64,
    /// Where the whole file's data ends; only zstd:chunked tells.
    #[serde(default)]
    pub(super) end_offset: Option<u64>,
    /// Where in the file the chunk begins.
    #[serde(default)]
    pub(super) chunk_offset: u64,
    /// The chunk's data; 0 is up to the file's end.
    #[serde(default)]
    pub(super) chunk_size: u64,
}

impl Item<'_> {
    /// Describes it as far as this goes: a header of one block.
    pub(super) fn describe(&self, member: &mut Member) -> Result<()> {
        if [&self.name, &self.link_name].iter().any(|name| name.contains('\u{fffd}')) {
            // The writers put this character for bytes that are no UTF-8.
            return Err(Error::Unsupported(format!(
                "table of contents: the bytes of the name `{}` are lost in JSON; read the layer in full",
                self.name.escape_debug()
            )));
        }
        member.path = self.name.as_bytes().to_vec();
        member.link = self.link_name.as_bytes().to_vec();
        member.typeflag = self.typeflag();
        member.mode = (self.mode & 0o7777) as u32;
        (member.uid, member.gid) = (self.uid, self.gid);
        member.mtime = if self.modtime.is_empty() { 0 } else { self.mtime()? };
        member.device = if matches!(self.kind, Kind::Char | Kind::Block) { (self.dev_major, self.dev_minor) } else { (0, 0) };
        member.size = if self.kind == Kind::Reg { self.size } else { 0 };
        member.header_bytes = crate::layer::tar::BLOCK;
        Ok(())
    }

    pub(super) fn typeflag(&self) -> u8 {
        match self.kind {
            Kind::Reg | Kind::Chunk => b'0',
            Kind::Hardlink => b'1',
            Kind::Symlink => b'2',
            Kind::Char => b'3',
            Kind::Block => b'4',
            Kind::Dir => b'5',
            Kind::Fifo => b'6',
        }
    }

    fn mtime(&self) -> Result<i64> {
        let wrong = || Error::malformed("modtime", format_args!("expected a time such as 2006-01-02T15:04:05Z, found `{}`", self.modtime));
        seconds(&self.modtime).ok_or_else(wrong)
    }

    /// Whether it is of the tar member at `path`: in JSON each byte that is no UTF-8 has become U+FFFD.
    pub(super) fn is_named(&self, path: &[u8]) -> bool {
        if let Ok(path) = std::str::from_utf8(path) {
            return path == self.name;
        }
        let mut name = String::with_capacity(path.len());
        for chunk in path.utf8_chunks() {
            name.push_str(chunk.valid());
            name.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
        }
        name == self.name
    }
}

/// Seconds since 1970 of an RFC 3339 time in UTC, rounded down.
fn seconds(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let between = |at: usize, separator: u8| text.as_bytes().get(at) == Some(&separator);
    let fraction = text.get(19..)?.strip_suffix('Z')?;
    let form = between(4, b'-') && between(7, b'-') && between(10, b'T') && between(13, b':') && between(16, b':');
    let fraction = fraction.is_empty() || fraction.strip_prefix('.')?.bytes().all(|digit| digit.is_ascii_digit());
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if !form || !fraction || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let time = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    Some(crate::text::days_since_1970(year, month, day) * 86_400 + time)
}

/// What the table of contents says of itself.
pub(super) fn head(json: &[u8]) -> Result<Head> {
    let head: Head = serde_json::from_slice(json).map_err(|error| Error::malformed("JSON", error))?;
    if head.version != 1 {
        return Err(Error::Unsupported(format!(
            "table of contents: version {} is not known, only version 1 is; read the layer in full",
            head.version
        )));
    }
    Ok(head)
}

/// Goes through the entries, one in memory at a time.
pub(super) fn each<'j>(json: &'j [u8], mut take: impl FnMut(Item<'j>) -> Result<()>) -> Result<()> {
    let mut failed = None;
    let mut number = 0;
    let mut take = |item| {
        number += 1;
        take(item).map_err(|error| failed = Some(error.within(&format_args!("entry {number}")))).is_ok()
    };
    let mut parser = serde_json::Deserializer::from_slice(json);
    let parsed = Whole { take: &mut take }.deserialize(&mut parser).and_then(|()| parser.end());
    match (failed, parsed) {
        (Some(error), _) => Err(error),
        (None, parsed) => parsed.map_err(|error| Error::malformed("JSON", error)),
    }
}

/// The outer object.
struct Whole<'t, T> {
    take: &'t mut T,
}

impl<'j, T: FnMut(Item<'j>) -> bool> DeserializeSeed<'j> for Whole<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'j>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'j, T: FnMut(Item<'j>) -> bool> Visitor<'j> for Whole<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of contents")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = false;
        while let Some(key) = map.next_key::<Cow<'j, str>>()? {
            if key != "entries" {
                map.next_value::<IgnoredAny>()?;
            } else if std::mem::replace(&mut seen, true) {
                return Err(serde::de::Error::duplicate_field("entries"));
            } else {
                map.next_value_seed(Entries { take: self.take })?;
            }
        }
        if seen { Ok(()) } else { Err(serde::de::Error::missing_field("entries")) }
    }
}

/// The list of entries; null where there are none.
struct Entries<'t, T> {
    take: &'t mut T,
}

impl<'j, T: FnMut(Item<'j>) -> bool> DeserializeSeed<'j> for Entries<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'j>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'j, T: FnMut(Item<'j>) -> bool> Visitor<'j> for Entries<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element()? {
            if !(self.take)(item) {
                return Err(serde::de::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `date -u -d TIME +%s` said the numbers.
    #[test]
    fn times_are_utc_and_rounded_down() {
        let known = [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:58.5Z", -2),
            ("2025-06-15T15:06:40Z", 1_750_000_000),
            ("2026-11-22T05:31:50.999999999Z", 1_795_325_510),
            ("2024-02-29T12:00:00Z", 1_709_208_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ];
        for (text, expected) in known {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for wrong in
            ["", "2025-06-15", "2025-06-15T15:06:40", "2025-06-15T15:06:40+01:00", "2025-13-15T15:06:40Z", "2025-06-15T15:06:40.xZ"]
        {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
