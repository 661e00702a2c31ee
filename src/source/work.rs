//! Layers of a file or directory, scanned in parallel: one queue, dearest first.

use super::files::{self, Section};
use super::tee::{Place, hash_while};
use super::{Options, Verify};
use crate::cache::Cache;
use crate::error::{Error, Result};
use crate::image::{Recipe, Wanted};
use crate::layer::read_fully;
use crate::layer::{Changeset, Compression, Context, Hasher, scan as scan_layer};
use crate::oci::{Algorithm, Digest};
use crate::progress::{Counted, Progress, advance};
use std::collections::HashMap;
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

/// One piece of work on one blob.
struct Job<'r> {
    blob: usize,
    section: Section,
    task: Task<'r>,
    cost: u64,
}

#[derive(Clone, Copy)]
enum Task<'r> {
    /// Scan, unless the cache knows the blob. With `diff` the uncompressed bytes are hashed in passing, with
    /// `hash` the stored ones: by which algorithm, and where.
    Scan { cache: Option<Known<'r>>, diff: Option<Algorithm>, hash: Option<(Algorithm, Place)> },
    /// Hash the stored bytes.
    Hash(Algorithm),
}

/// A cache, and the digest that it may know.
type Known<'r> = (&'r Cache, &'r Digest);

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
    let queue = Mutex::new(plan(&sections, options, workers)?);
    let done = Mutex::new(Vec::new());
    let work = || {
        loop {
            // Not `while let`: its condition would keep the queue locked while the job runs.
            let Some(job) = lock(&queue).pop() else { return Ok(()) };
            job.run(context, progress, |blob, result| lock(&done).push((blob, result)));
        }
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

/// Jobs, the dearest last, because the queue is taken from its end.
///
/// Stored bytes are hashed while they are scanned, which reads them once instead of twice, as long as
/// smaller blobs keep the other processors busy meanwhile. Where they do not, hashing is a job of its
/// own, so that one layer keeps two processors busy. Not so for what a cache may keep: it must be of the
/// bytes that have the digest, and a file may change between two readings; a second thread hashes them.
fn plan<'r>(sections: &[(&'r Wanted, Section)], options: &'r Options, workers: usize) -> Result<Vec<Job<'r>>> {
    let verify = options.verify;
    let mut largest: Vec<usize> = (0..sections.len()).collect();
    largest.sort_by_key(|blob| std::cmp::Reverse(sections[*blob].1.length));
    let mut left: u64 = sections.iter().map(|(_, section)| section.length).sum();
    let mut jobs = Vec::new();
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
            _ => diff_algorithm.filter(|_| compressed),
        };
        let cache = options.cache.as_deref().filter(|cache| cache.is_for(size)).zip(wanted.digest.as_ref());
        let job = |task, cost| Job { blob, section: section.clone(), task, cost };
        // Tenths of a nanosecond a byte, roughly: only the order matters.
        let hash_cost = size * 6;
        let mut cost = size * if compressed { 30 } else { 3 } + diff.map_or(0, |_| hash_cost);
        let hash = match verify {
            Verify::None => None,
            _ if others_are_busy => Some((stored, Place::Here)),
            _ if cache.is_some() => Some((stored, Place::Beside)),
            _ => {
                jobs.push(job(Task::Hash(stored), hash_cost));
                None
            }
        };
        cost += hash.map_or(0, |_| hash_cost);
        jobs.push(job(Task::Scan { cache, diff, hash }, cost));
    }
    jobs.sort_by_key(|job| job.cost);
    Ok(jobs)
}

impl Job<'_> {
    fn run(&self, context: &Context, progress: &dyn Progress, done: impl Fn(usize, Done)) {
        let section = || self.section.clone();
        let hashed = |digest| done(self.blob, Done::Hashed(digest));
        let scanned = |scan, fresh| done(self.blob, Done::Scanned(Box::new(scan), fresh));
        let (cache, diff, to_hash) = match self.task {
            Task::Hash(algorithm) => return hashed(hash(section(), algorithm)),
            Task::Scan { cache, diff, hash } => (cache, diff, hash),
        };
        if let Some(changeset) = cache.and_then(|(cache, digest)| cache.get(digest, Some(self.section.length), diff, context)) {
            if let Some((algorithm, _)) = to_hash {
                hashed(hash(section(), algorithm));
            }
            return scanned(advance(progress, self.section.length).map(|()| changeset), false);
        }
        let reader = Counted::new(section(), progress);
        let Some((algorithm, place)) = to_hash else { return scanned(scan_layer(reader, context, diff), false) };
        let (scan, digest) = hash_while(reader, algorithm, place, |reader| scan_layer(reader, context, diff));
        hashed(digest);
        scanned(scan, cache.is_some());
    }
}

fn hash(mut section: Section, algorithm: Algorithm) -> Result<Digest> {
    let mut hasher = Hasher::new(algorithm);
    let mut piece = vec![0; 256 << 10];
    loop {
        let count = read_fully(&mut section, &mut piece)?;
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

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A worker's panic is our bug, and still must not take the caller's process with it.
pub(super) fn joined<T>(result: std::thread::Result<Result<T>>) -> Result<T> {
    result.unwrap_or_else(|panic| {
        let what =
            panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
        Err(Error::malformed("internal error in a worker", what))
    })
}
