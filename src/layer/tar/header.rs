//! The 512-byte header block and the pax records that amend it.

use super::{Member, c_string};
use crate::error::{Error, Result};

/// A header block whose checksum is right.
pub(super) struct Header<'b> {
    block: &'b [u8; 512],
}

impl<'b> Header<'b> {
    pub(super) fn parse(block: &'b [u8; 512]) -> Result<Self> {
        let header = Self { block };
        let expected = header.number(148, 8, "checksum")?;
        // The field itself counts as blanks. Sums of the whole block and of the field are what a compiler makes fast.
        let plain = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
        let (field, blanks) = (&block[148..156], 8 * u32::from(b' '));
        let sum = u64::from(plain(block) - plain(field) + blanks);
        // Old writers summed signed bytes; both sums are accepted, as GNU tar does.
        let signed = |bytes: &[u8]| bytes.iter().map(|byte| i32::from(byte.cast_signed())).sum::<i32>();
        let is_signed = || i64::try_from(expected) == Ok((signed(block) - signed(field) + blanks.cast_signed()).into());
        if expected != sum && !is_signed() {
            return Err(Error::malformed(
                "header",
                format_args!("checksum mismatch: expected {expected}, found {sum}; this is no tar header"),
            ));
        }
        Ok(header)
    }

    pub(super) fn typeflag(&self) -> u8 {
        self.block[156]
    }

    pub(super) fn size(&self) -> Result<u64> {
        self.number(124, 12, "size")
    }

    /// GNU's own magic, whose prefix field holds other things.
    pub(super) fn is_gnu(&self) -> bool {
        &self.block[257..265] == b"ustar  \0"
    }

    /// GNU's magic with a prefix all the same, as Go wrote it before 1.8 and reads it ever since: known by times that are
    /// none, as the prefix stands in their place.
    fn is_odd_gnu(&self) -> bool {
        let is_time = |at: usize| self.block[at] == 0 || number(&self.block[at..at + 12]).is_some();
        self.is_gnu() && !(is_time(345) && is_time(357)) && c_string(&self.block[345..500]).is_ascii()
    }

    pub(super) fn bytes(&self, at: usize, length: usize) -> &'b [u8] {
        &self.block[at..at + length]
    }

    pub(super) fn describe(&self, member: &mut Member) -> Result<()> {
        let posix = &self.block[257..263] == b"ustar\0";
        if (posix && self.block[345] != 0) || self.is_odd_gnu() {
            member.path.extend_from_slice(c_string(&self.block[345..500]));
            member.path.push(b'/');
        }
        member.path.extend_from_slice(c_string(&self.block[..100]));
        member.link.extend_from_slice(c_string(&self.block[157..257]));
        member.typeflag = self.typeflag();
        member.mode = (self.number(100, 8, "mode")? & 0o7777) as u32;
        // No owner is below zero, but engines take such a number and unpack the rest.
        member.uid = self.signed(108, 8, "uid")?.cast_unsigned();
        member.gid = self.signed(116, 8, "gid")?.cast_unsigned();
        member.size = self.size()?;
        member.mtime = self.signed(136, 12, "mtime")?;
        if (posix || self.is_gnu()) && matches!(member.typeflag, b'3' | b'4') {
            member.device = (self.number(329, 8, "device")? as u32, self.number(337, 8, "device")? as u32);
        }
        Ok(())
    }

    /// Octal, or GNU's base-256 where the first bit is set.
    pub(super) fn number(&self, at: usize, length: usize, field: &str) -> Result<u64> {
        let value = self.signed(at, length, field)?;
        u64::try_from(value)
            .map_err(|_| Error::malformed("header", format_args!("{field} field: expected a number from 0 up, found {value}")))
    }

    fn signed(&self, at: usize, length: usize, field: &str) -> Result<i64> {
        number(&self.block[at..at + length]).ok_or_else(|| {
            Error::malformed(
                "header",
                format_args!(
                    "{field} field: expected an octal or base-256 number below 2^63, found `{}`",
                    self.block[at..at + length].escape_ascii()
                ),
            )
        })
    }
}

/// A numeric field: octal between blanks and NULs, or big-endian two's complement with the first
/// bit set (GNU base-256).
pub(super) fn number(field: &[u8]) -> Option<i64> {
    full(field).or_else(|| padded(field))
}

/// A field that is full of octal digits but for its last byte, as nearly all are.
fn full(field: &[u8]) -> Option<i64> {
    let (0 | b' ', digits @ [_, ..]) = field.split_last()? else { return None };
    let (mut value, mut all) = (0, 0);
    for byte in digits {
        let digit = byte ^ b'0';
        all |= digit;
        value = value << 3 | i64::from(digit & 7);
    }
    // Twenty digits are sixty bits.
    (all < 8 && digits.len() <= 20).then_some(value)
}

fn padded(field: &[u8]) -> Option<i64> {
    let (&first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let negative = first & 0x40 != 0;
        // The marker bit is no part of the value.
        let mut value = i128::from(if negative { (first | 0x80).cast_signed() } else { (first & 0x7f).cast_signed() });
        for byte in rest {
            value = value.checked_mul(256)?.checked_add(i128::from(*byte))?;
        }
        return i64::try_from(value).ok();
    }
    // Go passes over NULs before digits too; GNU tar does not.
    let start = field.iter().position(|byte| !matches!(byte, 0 | b' ')).unwrap_or(field.len());
    let text = &field[start..];
    let digits = text.iter().position(|byte| !matches!(byte, b'0'..=b'7')).unwrap_or(text.len());
    // What follows must be a blank or a NUL, or nothing; an empty field is zero.
    if text.get(digits).is_some_and(|byte| !matches!(byte, 0 | b' ')) {
        return None;
    }
    text[..digits].iter().try_fold(0i64, |value, digit| value.checked_mul(8)?.checked_add(i64::from(digit - b'0')))
}

/// Records of a pax extended header, as far as they matter.
#[derive(Debug, Default)]
pub(super) struct Pax {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    mtime: Option<i64>,
    /// `GNU.sparse.major` and `.minor`.
    pub(super) sparse_version: (u64, u64),
    /// `GNU.sparse.name`.
    pub(super) sparse_name: Option<Vec<u8>>,
    /// `GNU.sparse.size` or `.realsize`.
    pub(super) sparse_size: Option<u64>,
    /// The map, which versions 0.0 and 0.1 keep in records.
    pub(super) sparse_map: Vec<u8>,
}

impl Pax {
    /// `LENGTH KEY=VALUE\n`, again and again; a later record replaces an earlier one and an empty
    /// value takes it back (POSIX.1-2017, pax, "pax Extended Header").
    pub(super) fn parse(mut bytes: &[u8]) -> Result<Self> {
        let mut pax = Self::default();
        while !bytes.is_empty() {
            // Some writers pad the records with NULs.
            if bytes.iter().all(|byte| *byte == 0) {
                break;
            }
            let wrong = || {
                Error::malformed(
                    "pax header",
                    format_args!("expected a record `LENGTH KEY=VALUE`, found `{}`", bytes[..bytes.len().min(40)].escape_ascii()),
                )
            };
            let blank = bytes.iter().take(20).position(|byte| *byte == b' ').ok_or_else(wrong)?;
            let length = decimal(&bytes[..blank])
                .and_then(|n| usize::try_from(n).ok())
                .filter(|n| *n <= bytes.len() && *n > blank + 2)
                .ok_or_else(wrong)?;
            let record = bytes[blank + 1..length].strip_suffix(b"\n").ok_or_else(wrong)?;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(wrong)?;
            pax.record(&record[..equals], &record[equals + 1..])?;
            bytes = &bytes[length..];
        }
        Ok(pax)
    }

    fn record(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let text = || Some(value.to_vec()).filter(|value| !value.is_empty());
        let count = || -> Result<Option<u64>> {
            if value.is_empty() {
                return Ok(None);
            }
            let wrong = || {
                Error::malformed(
                    "pax header",
                    format_args!(
                        "record {}: expected a decimal number, found `{}`",
                        key.escape_ascii(),
                        value[..value.len().min(40)].escape_ascii()
                    ),
                )
            };
            decimal(value).filter(|n| i64::try_from(*n).is_ok()).map(Some).ok_or_else(wrong)
        };
        match key {
            b"path" => self.path = text(),
            b"linkpath" => self.link = text(),
            b"size" => self.size = count()?,
            b"uid" => self.uid = id(value).map_or_else(count, |id| Ok(Some(id)))?,
            b"gid" => self.gid = id(value).map_or_else(count, |id| Ok(Some(id)))?,
            b"mtime" => self.mtime = seconds(value),
            b"GNU.sparse.major" => self.sparse_version.0 = count()?.unwrap_or(0),
            b"GNU.sparse.minor" => self.sparse_version.1 = count()?.unwrap_or(0),
            b"GNU.sparse.name" => self.sparse_name = text(),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.sparse_size = count()?,
            b"GNU.sparse.map" | b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                self.sparse_map.extend_from_slice(value);
                self.sparse_map.push(b',');
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn apply(&self, member: &mut Member) {
        if let Some(path) = &self.path {
            member.path.clone_from(path);
        }
        if let Some(link) = &self.link {
            member.link.clone_from(link);
        }
        member.size = self.size.unwrap_or(member.size);
        member.uid = self.uid.unwrap_or(member.uid);
        member.gid = self.gid.unwrap_or(member.gid);
        member.mtime = self.mtime.unwrap_or(member.mtime);
    }
}

fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter()
        .try_fold(0u64, |value, byte| value.checked_mul(10)?.checked_add(u64::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?)))
}

/// An owner below zero.
fn id(text: &[u8]) -> Option<u64> {
    let below = decimal(text.strip_prefix(b"-")?)?;
    i64::try_from(below).ok().map(|below| (-below).cast_unsigned())
}

/// `[-]seconds[.fraction]`, rounded down.
fn seconds(text: &[u8]) -> Option<i64> {
    let (negative, digits) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let whole = i64::try_from(decimal(parts.next()?)?).ok()?;
    let fraction = parts.next().is_some_and(|rest| rest.iter().any(|byte| *byte != b'0'));
    Some(if negative { -whole - i64::from(fraction) } else { whole })
}
