//! Packed values as they are stored: a SHA-256 in hexadecimal, then the zstd frame that it is of.

use crate::error::{Error, Result};
use crate::layer::compression::Decoder;
use crate::layer::{Context, Hasher};
use crate::limits::Limits;
use crate::oci::{Algorithm, Digest};
use std::io::Read;

/// Hexadecimal digits of the checksum.
const CHECKSUM: usize = 64;

/// Compresses `plain` at a level of zstd.
pub(crate) fn seal(plain: &[u8], level: i32) -> Result<Vec<u8>> {
    let mut sealed = vec![0; CHECKSUM + zstd_safe::compress_bound(plain.len())];
    let length = zstd_safe::compress(&mut sealed[CHECKSUM..], plain, level)
        .map_err(|code| Error::malformed("saved analysis", zstd_safe::get_error_name(code)))?;
    sealed.truncate(CHECKSUM + length);
    let sum = checksum(&sealed[CHECKSUM..]);
    sealed[..CHECKSUM].copy_from_slice(sum.hex().as_bytes());
    Ok(sealed)
}

/// Reads what [`seal`] made.
pub(crate) fn unseal(sealed: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let (expected, packed) = sealed.split_at_checked(CHECKSUM).ok_or_else(|| Error::malformed("saved analysis", "cut off"))?;
    let found = checksum(packed);
    if expected != found.hex().as_bytes() {
        let expected = expected.escape_ascii().to_string();
        return Err(Error::Mismatch { place: "saved analysis".into(), measure: "digest", expected, found: found.hex().to_owned() });
    }
    let most = most(limits);
    let context = Context::new(limits.clone());
    let mut plain = Vec::new();
    Decoder::new(packed, &context)?.take(most + 1).read_to_end(&mut plain).map_err(Error::io("unpacking"))?;
    if plain.len() as u64 > most {
        let what = "its unpacked size".to_owned();
        return Err(Error::Limit { place: "saved analysis".into(), what, limit: "entries", max: limits.entries });
    }
    Ok(plain)
}

/// What an analysis within the limits may unpack to: an entry takes less than half its size in
/// memory, the names are there twice at most.
pub(crate) fn most(limits: &Limits) -> u64 {
    limits.entries.saturating_mul(32).saturating_add(limits.names).saturating_add(64 << 20)
}

fn checksum(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(bytes);
    hasher.finish()
}
