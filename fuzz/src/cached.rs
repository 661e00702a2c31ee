//! A cache and the files in it.

use crate::limits;
use plimsoll::cache::Cache;
use plimsoll::source::Verify;
use plimsoll::{Limits, Options};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Magic number, size of the blob, number of entries; then 64 digits of the checksum.
pub const HEADER: usize = 24;
const CHECKSUM: usize = 64;

/// A file of a cache, taken apart.
pub struct Parts {
    pub blob_bytes: u64,
    pub entries: u64,
    /// Whose it is: digest, version, block size, five limits.
    pub key: Vec<u8>,
    /// What is known of the blob.
    pub values: Vec<u8>,
}

/// Takes apart what the library wrote.
pub fn parts(file: &[u8]) -> Parts {
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().expect("eight bytes"));
    let mut plain = Vec::with_capacity(16 << 20);
    zstd_safe::decompress(&mut plain, &file[HEADER + CHECKSUM..]).map_err(zstd_safe::get_error_name).expect("a zstd frame");
    // Two strings of less than 128 bytes behind their length, then six numbers.
    let mut at = 1 + usize::from(plain[0]);
    at += 1 + usize::from(plain[at]);
    for _ in 0..6 {
        at += 1 + plain[at..].iter().take_while(|byte| **byte & 0x80 != 0).count();
    }
    let values = plain.split_off(at);
    Parts { blob_bytes: number(8), entries: number(16), key: plain, values }
}

/// Options with a cache for all blobs, however small. Names are given room: near their limit nothing is taken
/// from a cache.
pub fn options(home: &Path, verify: Verify) -> Options {
    let cache = Cache::open(home, u64::MAX, SystemTime::UNIX_EPOCH).with_smallest(0);
    let limits = Limits { captures: 1 << 20, ..limits() };
    Options { cache: Some(Arc::new(cache)), limits, ..crate::options(verify) }
}

/// Files of a cache.
pub fn files(home: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(home).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.ends_with("lock") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// An empty directory of this process; in memory where the system has such a place.
pub fn scratch_directory(name: &str) -> std::io::Result<PathBuf> {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let path = parent.join(format!("plimsoll-fuzz-{}-{name}", std::process::id()));
    if path.exists() {
        std::fs::remove_dir_all(&path)?;
    }
    std::fs::create_dir_all(&path)?;
    Ok(path)
}
