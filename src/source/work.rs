//! Layers of a file or directory, scanned and hashed in parallel: one queue, dearest first.

use super::files::{self, Section};
use super::lanes::{self, hash_all};
use super::queue::{HASH, Hash, Next, Queue, SCAN, SCAN_COMPRESSED, Scan};
use super::tee::{Place, hash_while};
use super::{Options, Verify};
use crate::error::{Error, Result};
use crate::image::{Recipe, Wanted};
use crate::layer::read_fully;
use crate::layer::{Changeset, Compression, Context, Hasher, scan as scan_layer};
use crate::oci::{Algorithm, Digest};
use crate::parallel::{joined, lock};
use crate::progress::{Counted, Progress, Share, advance};
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

/// What was read of one blob.
#[derive(Debug)]
pub(crate) struct Blob {
    pub(crate) size: u64,
    pub(crate) digest: Option<Digest>,
    pub(crate) scan: Result<Changeset>,
    /// The digest is of the very bytes that were scanned now, in one reading: what a cache may keep.
    pub(crate) fresh: bool,
}

impl Blob {
    pub(super) fn not_a_layer(size: u64) -> Self {
        let scan = Err(Error::malformed("", "expected a tar, plain or compressed with gzip or zstd; found neither"));
        Self { size, digest: None, scan, fresh: false }
    }
}

/// The blobs of an image, each once, and which of them each layer is.
#[derive(Debug, Default)]
pub(crate) struct Blobs {
    pub(crate) read: Vec<Blob>,
    pub(crate) of_layer: Vec<Option<usize>>,
    known: HashMap<String, usize>,
}

impl Blobs {
    /// Adds a layer whose blob's one name is `path`; `get` is asked once for each.
    pub(super) fn add(&mut self, path: Option<String>, get: impl FnOnce(&str) -> Option<Blob>) {
        let number = path.and_then(|path| match self.known.get(&path) {
            Some(number) => Some(*number),
            None => {
                self.read.push(get(&path)?);
                self.known.insert(path, self.read.len() - 1);
                Some(self.read.len() - 1)
            }
        });
        self.of_layer.push(number);
    }

    /// Takes out blobs that were not there after all.
    #[cfg(feature = "registry")]
    pub(super) fn lose(&mut self, absent: &[usize]) {
        let mut place = 0;
        let places: Vec<_> = (0..self.read.len())
            .map(|number| {
                let kept = !absent.contains(&number);
                place += usize::from(kept);
                kept.then(|| place - 1)
            })
            .collect();
        let mut number = 0;
        self.read.retain(|_| {
            number += 1;
            places[number - 1].is_some()
        });
        self.of_layer.iter_mut().for_each(|of| *of = of.and_then(|blob| places[blob]));
    }
}

enum Done {
    Scanned(Box<Result<Changeset>>, Fresh),
    Hashed(Result<Digest>),
}

/// Whether a blob was hashed in the same reading as it was scanned.
type Fresh = bool;

/// Scans each blob that `recipe` names, on as many threads as there are processors.
pub(super) fn scan(
    source: &impl files::Blobs,
    recipe: &Recipe,
    options: &Options,
    context: &Context,
    progress: &dyn Progress,
) -> Result<Blobs> {
    let mut blobs = Blobs::default();
    let mut sections = Vec::new();
    for wanted in &recipe.layers {
        let section = source.open(&wanted.path)?;
        let path = section.as_ref().map(|_| source.canonical(&wanted.path));
        blobs.add(path, |_| {
            let section = section?;
            let size = section.length;
            sections.push((wanted, section));
            Some(Blob { size, digest: None, scan: Err(Error::Cancelled), fresh: false })
        });
    }
    progress.total(blobs.read.iter().map(|blob| blob.size).sum());
    let workers = processors(options);
    let queue = plan(&sections, options, workers, progress)?;
    let done = Mutex::new(Vec::new());
    let finished = |blob, result| lock(&done).push((blob, result));
    let work = || {
        queue.drain(|next| match next {
            Next::Scan(scan) => scan.run(&queue, context, progress, finished),
            Next::Hash(first) => hash_all(&mut ToHash { first, queue: &queue, finished }),
        });
        Ok(())
    };
    std::thread::scope(|scope| {
        // Where a thread cannot be had, those that are there do its work.
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
        let threads: Vec<_> = (1..workers).map_while(start).collect();
        let mut result = work();
        for thread in threads {
            result = result.and(joined(thread.join()));
        }
        result
    })?;
    for (number, result) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
        match result {
            Done::Scanned(scan, fresh) => (blobs.read[number].scan, blobs.read[number].fresh) = (*scan, fresh),
            Done::Hashed(digest) => blobs.read[number].digest = Some(digest?),
        }
    }
    Ok(blobs)
}

/// So many stored bytes are taken to stay in memory from one reading to the next.
const READ_TWICE: u64 = 2 << 30;

/// Hashing stored bytes is work of its own, so that one layer keeps two processors busy and one processor hashes two
/// blobs at a time. Not so for what a cache may keep: it must be of the bytes that have the digest, and a file may
/// change between two readings. Nor for so much that the disk would be read twice. It is hashed while it is scanned, by
/// the same thread as long as smaller blobs keep the other processors busy meanwhile.
fn plan<'r>(sections: &[(&'r Wanted, Section)], options: &'r Options, workers: usize, progress: &'r dyn Progress) -> Result<Queue<'r>> {
    let verify = options.verify;
    let mut largest: Vec<usize> = (0..sections.len()).collect();
    largest.sort_by_key(|blob| std::cmp::Reverse(sections[*blob].1.length));
    let mut left: u64 = sections.iter().map(|(_, section)| section.length).sum();
    let read_twice = left <= READ_TWICE;
    let (mut scans, mut hashes) = (Vec::new(), Vec::new());
    for blob in largest {
        let (wanted, section) = &sections[blob];
        let size = section.length;
        let others_are_busy = size.saturating_mul(workers as u64) <= left;
        left -= size;
        let mut start = [0; 4];
        read_fully(&mut section.clone(), &mut start)?;
        let compressed = Compression::sniff(&start) != Compression::None;
        let diff_algorithm = wanted.diff_id.as_ref().map(crate::oci::DiffId::algorithm);
        let stored = wanted.digest.as_ref().map(Digest::algorithm).or(diff_algorithm).unwrap_or(Algorithm::Sha256);
        let diff = match verify {
            Verify::None => None,
            Verify::Named if wanted.digest.is_some() => None,
            // Stored plain, its digest is its diff id where both are of one kind.
            _ => diff_algorithm.filter(|algorithm| compressed || *algorithm != stored),
        };
        let cache = options.cache.as_deref().filter(|cache| cache.is_for(size)).zip(wanted.digest.as_ref());
        let scan_cost = if compressed { SCAN_COMPRESSED } else { SCAN } + diff.map_or(0, |_| HASH);
        let (mut hash, mut cost, mut share) = (None, scan_cost, Share::Whole);
        if verify != Verify::None && (cache.is_some() || !read_twice) {
            hash = Some((stored, if others_are_busy { Place::Here } else { Place::Beside }));
            cost += HASH;
        } else if verify != Verify::None {
            let reader = Counted::share(section.clone(), progress, Share::Part(HASH, scan_cost + HASH));
            hashes.push(Hash::new(blob, reader, size, stored));
            share = Share::Rest(HASH, scan_cost + HASH);
        }
        scans.push(Scan { blob, section: section.clone(), cache, diff, hash, share, cost: size.saturating_mul(cost) });
    }
    Ok(Queue::new(scans, hashes, workers))
}

impl Scan<'_> {
    fn run<'r>(self, queue: &Queue<'r>, context: &Context, progress: &'r dyn Progress, done: impl Fn(usize, Done)) {
        let hashed = |digest| done(self.blob, Done::Hashed(digest));
        let scanned = |scan, fresh| done(self.blob, Done::Scanned(Box::new(scan), fresh));
        if let Some(changeset) = self.cache.and_then(|(cache, digest)| cache.get(digest, Some(self.section.length), self.diff, context)) {
            let size = self.section.length;
            if let Some((algorithm, _)) = self.hash {
                queue.add(Hash::new(self.blob, Counted::new(self.section, progress), size, algorithm));
                return scanned(Ok(changeset), false);
            }
            return scanned(advance(progress, size).map(|()| changeset), false);
        }
        let reader = Counted::share(self.section.clone(), progress, self.share);
        let Some((algorithm, place)) = self.hash else { return scanned(scan_layer(reader, context, self.diff), false) };
        let (scan, digest) = hash_while(reader, algorithm, place, |reader| scan_layer(reader, context, self.diff));
        hashed(digest);
        scanned(scan, self.cache.is_some());
    }
}

/// Blobs that one thread hashes.
struct ToHash<'q, 'r, F> {
    /// Taken already, the next one last.
    first: Vec<Hash<'r>>,
    queue: &'q Queue<'r>,
    finished: F,
}

impl<'r, F: Fn(usize, Done)> lanes::Work<Counted<'r, Section>> for ToHash<'_, 'r, F> {
    fn next(&mut self) -> Option<Hash<'r>> {
        loop {
            let next = self.first.pop().or_else(|| self.queue.another_hash())?;
            match next.algorithm {
                Algorithm::Sha256 => return Some(next),
                Algorithm::Sha512 => {
                    self.hashed(next.left());
                    self.done(next.blob, hash(next.reader, next.algorithm));
                }
            }
        }
    }

    fn is_better_alone(&self, bytes: u64) -> bool {
        self.queue.is_better_alone(bytes)
    }

    fn give(&mut self, hash: Hash<'r>) {
        self.queue.give(hash);
    }

    fn hashed(&mut self, bytes: u64) {
        self.queue.hashed(bytes);
    }

    fn done(&mut self, blob: usize, digest: Result<Digest>) {
        (self.finished)(blob, Done::Hashed(digest));
    }
}

fn hash(mut reader: impl Read, algorithm: Algorithm) -> Result<Digest> {
    let mut hasher = Hasher::new(algorithm);
    let mut piece = vec![0; 256 << 10];
    loop {
        let count = read_fully(&mut reader, &mut piece)?;
        if count == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&piece[..count]);
    }
}

/// As many threads as are to work at a time.
fn processors(options: &Options) -> usize {
    match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// How many blobs of these sizes are hashed while they are scanned, and how many on their own.
    fn planned(sizes: &[u64]) -> (usize, usize) {
        let file = Arc::new(tempfile::tempfile().expect("a file"));
        let wanted = Wanted::default();
        let section = |length: &u64| (&wanted, Section { file: Arc::clone(&file), offset: 0, length: *length });
        let sections: Vec<_> = sizes.iter().map(section).collect();
        let (mut passing, mut alone) = (0, 0);
        plan(&sections, &Options::default(), 2, &()).expect("a plan").drain(|next| match next {
            Next::Scan(scan) => passing += usize::from(scan.hash.is_some()),
            Next::Hash(hashes) => alone += hashes.len(),
        });
        (passing, alone)
    }

    #[test]
    fn what_may_not_stay_in_memory_is_read_once() {
        assert_eq!(planned(&[READ_TWICE / 2, READ_TWICE / 2]), (0, 2));
        assert_eq!(planned(&[READ_TWICE / 2, READ_TWICE / 2, 1]), (3, 0));
        assert_eq!(planned(&[READ_TWICE + 1]), (1, 0));
    }
}
