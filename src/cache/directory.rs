//! The files of a cache: written whole or not at all, listed, removed.

use super::file::{self, HEADER, Variant};
use crate::config::Date;
use crate::layer::read_fully;
use crate::oci::Digest;
use crate::source::files;
use serde::{Serialize, Serializer};
use std::fs::{self, DirEntry, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Files that are being written, until they get their name.
const UNFINISHED: &str = ".unfinished-";
/// One of these that is older was left behind.
const ABANDONED: Duration = Duration::from_secs(3600);

/// What is kept of one blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The blob's digest.
    pub digest: Digest,
    /// The version that wrote it: others do not read it.
    pub version: String,
    /// Size of the blob.
    pub blob_bytes: u64,
    /// Entries of its tar.
    pub entries: u64,
    /// Size of the file here.
    pub bytes: u64,
    /// When it was last asked for, or written.
    #[serde(rename = "last_used", serialize_with = "in_words")]
    pub used: SystemTime,
    #[serde(skip)]
    path: PathBuf,
}

impl Kept {
    /// When it was last asked for, or written, as RFC 3339 has it, in UTC.
    pub fn last_used(&self) -> String {
        last_used(self.used)
    }
}

fn last_used(used: SystemTime) -> String {
    let seconds = used.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let of_day = seconds % 86_400;
    format!("{}T{:02}:{:02}:{:02}Z", Date::of_unix(seconds), of_day / 3600, of_day / 60 % 60, of_day % 60)
}

fn in_words<S: Serializer>(used: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&last_used(*used))
}

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Blobs of which nothing is known any more.
    pub blobs: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

/// Where the changeset of a blob is kept. A digest is of hexadecimal digits alone, so the path stays below.
pub(super) fn path(root: &Path, digest: &Digest, variant: Variant) -> PathBuf {
    let (algorithm, hex) = digest.as_str().split_once(':').unwrap_or_default();
    root.join(file::version(variant)).join(algorithm).join(&hex[..2]).join(hex)
}

/// Writes a file that is there as a whole or not at all. The checksum tells what a crash has left.
pub(super) fn write(path: &Path, bytes: &[u8], now: SystemTime) -> io::Result<()> {
    let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make(parent)?;
    // The same process number may be there twice, in two containers.
    let unfinished = parent.join(format!("{UNFINISHED}{:016x}", RandomState::new().hash_one(path)));
    let result = create(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.set_modified(now)?;
        drop(file);
        fs::rename(&unfinished, path)
    });
    if result.is_err() {
        let _gone = fs::remove_file(&unfinished);
    }
    result
}

/// What images are weighed is the user's own business.
fn make(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Notes that the file was used now.
pub(super) fn touch(path: &Path, now: SystemTime) {
    let _read_only = OpenOptions::new().append(true).open(path).and_then(|file| file.set_modified(now));
}

/// Does `work` unless another process is at it.
pub(super) fn locked<T>(root: &Path, work: impl FnOnce() -> T) -> Option<T> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(root.join("lock")).ok()?;
    file.try_lock().ok()?;
    Some(work())
}

/// Removes what was used longest ago until at most `most` bytes are left, and what was abandoned.
pub(super) fn prune(root: &Path, most: u64, now: SystemTime) -> Removed {
    walk(root, &mut |entry| {
        let name = entry.file_name();
        let is_old = |used: SystemTime| now.duration_since(used).is_ok_and(|age| age > ABANDONED) || most == 0;
        if name.to_string_lossy().starts_with(UNFINISHED) && modified(entry).is_some_and(is_old) {
            let _gone = fs::remove_file(entry.path());
        }
    });
    let kept = list(root);
    let mut left: u64 = kept.iter().map(|kept| kept.bytes).sum();
    let mut removed = Removed::default();
    for kept in kept {
        if left <= most {
            break;
        }
        if fs::remove_file(&kept.path).is_ok() {
            removed.blobs += 1;
            removed.bytes += kept.bytes;
        }
        left -= kept.bytes;
        // They go when they are empty, and not before.
        let above = kept.path.ancestors().skip(1).take(3);
        let _not_empty = above.map(fs::remove_dir).take_while(Result::is_ok).count();
    }
    removed
}

/// All that is kept, by programs of any version, longest unused first; by digest where that is the same.
pub(super) fn list(root: &Path) -> Vec<Kept> {
    let mut list = Vec::new();
    walk(root, &mut |entry| list.extend(kept(entry)));
    list.sort_unstable_by(|a, b| (a.used, &a.digest, &a.path).cmp(&(b.used, &b.digest, &b.path)));
    list
}

/// Every file where a changeset may be: what else a user has in the directory is none of ours.
fn walk(root: &Path, each: &mut dyn FnMut(&DirEntry)) {
    let directories = |path: &Path| children(path).filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    for version in directories(root).filter(|entry| entry.file_name().to_string_lossy().starts_with('v')) {
        for algorithm in directories(&version.path()) {
            for start in directories(&algorithm.path()) {
                children(&start.path()).for_each(|entry| each(&entry));
            }
        }
    }
}

fn children(path: &Path) -> impl Iterator<Item = DirEntry> + use<> {
    fs::read_dir(path).into_iter().flatten().filter_map(Result::ok)
}

/// What a file is of, if its name is a digest.
fn kept(entry: &DirEntry) -> Option<Kept> {
    let path = entry.path();
    let mut above = path.ancestors().skip(2).filter_map(|path| path.file_name()?.to_str());
    let (algorithm, version) = (above.next()?, above.next()?.to_owned());
    let digest = Digest::parse(&format!("{algorithm}:{}", path.file_name()?.to_str()?)).ok()?;
    let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
    // One that says nothing sensible takes its place all the same.
    let mut header = [0; HEADER];
    let read = files::open(&path).ok().and_then(|mut file| read_fully(&mut file, &mut header).ok());
    let (blob_bytes, entries) = read.and_then(|_| file::sizes(&header)).unwrap_or_default();
    Some(Kept { digest, version, blob_bytes, entries, bytes: metadata.len(), used: modified(entry)?, path })
}

fn modified(entry: &DirEntry) -> Option<SystemTime> {
    entry.metadata().ok()?.modified().ok()
}
