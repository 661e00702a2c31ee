//! Sparse files: how many bytes are stored, and how many the file seems to have.
//!
//! The data's places inside the file do not matter to us, only where the map ends: in GNU's old
//! format (type `S`) it is in the header and in blocks after it, in pax 0.0 and 0.1 in records,
//! in pax 1.0 at the start of the body.

use super::header::{Header, Pax, number};
use super::{BLOCK, Member, Stream, Walker};
use crate::error::{Error, Result};

pub(super) fn resolve<S: Stream>(walker: &mut Walker<'_, S>, member: &mut Member, header: &Header<'_>, pax: &Pax) -> Result<()> {
    if member.typeflag == b'S' {
        return old(walker, member, header);
    }
    let version = pax.sparse_version;
    if version == (1, 0) && matches!(member.typeflag, 0 | b'0' | b'7') {
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
