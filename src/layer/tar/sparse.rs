//! Sparse files: how many bytes are stored, and how many the file seems to have.
//!
//! For the books only the end of the map matters: in GNU's old format (type `S`) it is in the header
//! and in blocks after it, in pax 0.0 and 0.1 in records, in pax 1.0 at the start of the body. Where
//! the data belongs inside the file matters when contents are written ([`extents`]).

use super::header::{Header, Pax, number};
use super::{BLOCK, Member, Stream, Walker};
use crate::error::{Error, Result};

pub(super) fn resolve<S: Stream>(walker: &mut Walker<'_, S>, member: &mut Member, header: &Header<'_>, pax: &Pax) -> Result<()> {
    if member.typeflag == b'S' {
        return old(walker, member, header);
    }
    let version = pax.sparse_version;
    if version == (1, 0) && member.is_file() {
        map_in_body(walker, member)?;
    } else if pax.sparse_map.is_empty() {
        return Ok(());
    }
    if let Some(name) = &pax.sparse_name {
        member.path.clone_from(name);
    }
    member.map.extend_from_slice(&pax.sparse_map);
    member.logical = pax.sparse_size.or(Some(member.size));
    Ok(())
}

/// The header has room for four extents; while a flag says so, blocks of 21 more follow.
fn old<S: Stream>(walker: &mut Walker<'_, S>, member: &mut Member, header: &Header<'_>) -> Result<()> {
    member.logical = number(header.bytes(483, 12)).and_then(|size| u64::try_from(size).ok());
    member.map.extend_from_slice(header.bytes(386, 96));
    let mut more = header.bytes(482, 1)[0] != 0;
    let mut map = 0;
    while more {
        map += BLOCK;
        check(walker, map)?;
        let block = walker.header_block(member)?;
        member.map.extend_from_slice(&block);
        more = block[504] != 0;
    }
    Ok(())
}

/// Decimal numbers, one a line: how many extents, then offset and length of each, padded to a block.
fn map_in_body<S: Stream>(walker: &mut Walker<'_, S>, member: &mut Member) -> Result<()> {
    let wrong = |what: &str| Error::malformed("sparse map", what);
    let (mut lines_left, mut value, mut digits, mut map) = (None::<u64>, 0u64, 0, 0);
    while lines_left != Some(0) {
        map += BLOCK;
        check(walker, map)?;
        if walker.body < BLOCK {
            return Err(wrong("truncated: it is longer than the file's body"));
        }
        let block = walker.header_block(member)?;
        member.map.extend_from_slice(&block);
        walker.body -= BLOCK;
        member.size -= BLOCK;
        for byte in block {
            match byte {
                b'0'..=b'9' => {
                    digits += 1;
                    value = value
                        .checked_mul(10)
                        .and_then(|v| v.checked_add(u64::from(byte - b'0')))
                        .ok_or_else(|| wrong("a number exceeds 64 bits"))?;
                }
                b'\n' if digits > 0 => {
                    lines_left = Some(match lines_left {
                        None => value.checked_mul(2).ok_or_else(|| wrong("the number of extents exceeds 63 bits"))?,
                        Some(left) => left - 1,
                    });
                    (value, digits) = (0, 0);
                }
                _ => return Err(wrong("expected decimal numbers, one a line")),
            }
            if lines_left == Some(0) {
                break;
            }
        }
    }
    Ok(())
}

fn check<S>(walker: &Walker<'_, S>, map: u64) -> Result<()> {
    if map > walker.limits.extension {
        return Err(Error::Limit {
            place: String::new(),
            what: format!("a sparse map of {map} bytes"),
            limit: "extension",
            max: walker.limits.extension,
        });
    }
    Ok(())
}

/// Offset and length of each piece of stored data, in the order of the body.
pub(crate) fn extents(member: &Member) -> Result<Vec<(u64, u64)>> {
    let wrong = || Error::malformed("sparse map", "expected extents in order that add up to the stored data, inside the file's size");
    let numbers: Vec<u64> = if member.typeflag == b'S' {
        let (head, blocks) = member.map.split_at_checked(96).ok_or_else(wrong)?;
        let fields = head.chunks_exact(12).chain(blocks.chunks_exact(512).flat_map(|block| block[..504].chunks_exact(12)));
        // An unused field is empty.
        let used = fields.take_while(|field| field.iter().any(|byte| byte.is_ascii_digit() || byte & 0x80 != 0));
        used.map(|field| number(field).and_then(|value| u64::try_from(value).ok())).collect::<Option<_>>().ok_or_else(wrong)?
    } else {
        let text = member.map.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty());
        let parsed = text.map(|digits| std::str::from_utf8(digits).ok()?.parse().ok()).collect::<Option<Vec<u64>>>().ok_or_else(wrong)?;
        // Version 1.0, which ends its lines, says first how many there are.
        let counted = member.map.contains(&b'\n');
        parsed.into_iter().skip(usize::from(counted)).collect()
    };
    let logical = member.logical.unwrap_or(member.size);
    let (mut extents, mut end, mut stored) = (Vec::with_capacity(numbers.len() / 2), 0, 0u64);
    for pair in numbers.chunks_exact(2) {
        let (offset, length) = (pair[0], pair[1]);
        let next = offset.checked_add(length).filter(|next| offset >= end && *next <= logical).ok_or_else(wrong)?;
        (end, stored) = (next, stored + length);
        extents.push((offset, length));
    }
    if stored == member.size { Ok(extents) } else { Err(wrong()) }
}
