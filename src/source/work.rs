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
    /// What the cache knows of the blob; else a scan, with the stored bytes hashed in passing. They
    /// are hashed in any case if `hash` says where.
    Look { cache: &'r Cache, digest: &'r Digest, diff: Option<Algorithm>, hash: Option<Place> },
    /// Scan; with `diff` the uncompressed bytes are hashed in passing.
    Scan { diff: Option<Algorithm> },
    /// Hash the stored bytes.
    Hash(Algorithm),
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
/// Scanning and hashing a blob are jobs of their own, so that one large layer keeps two processors
/// busy. Where the layers are many enough to do that by themselves, a plain one is hashed while it
/// is scanned, which reads it once instead of twice. So is what a cache may keep: it must be of the
/// bytes that have the digest, and a file may change between two readings.
fn plan<'r>(sections: &[(&'r Wanted, Section)], options: &'r Options, workers: usize) -> Result<Vec<Job<'r>>> {
    let verify = options.verify;
    let all: u64 = sections.iter().map(|(_, section)| section.length).sum();
    let mut jobs = Vec::new();
    for (blob, (wanted, section)) in sections.iter().enumerate() {
        let mut start = [0; 4];
        read_fully(&mut section.clone(), &mut start)?;
        let compressed = Compression::sniff(&start) != Compression::None;
        let diff_algorithm = wanted.diff_id.as_ref().map(crate::oci::DiffId::algorithm);
        let stored = wanted.digest.as_ref().map(Digest::algorithm).or(diff_algorithm).unwrap_or(Algorithm::Sha256);
        let size = section.length;
        let is_one_of_many = size.saturating_mul(workers as u64) <= all;
        let at_once = !compressed && is_one_of_many;
        let cache = options.cache.as_deref().filter(|cache| cache.is_for(size)).zip(wanted.digest.as_ref());
        let diff = match verify {
            Verify::None => None,
            _ if at_once && cache.is_none() => Some(stored),
            Verify::Named if wanted.digest.is_some() => None,
            _ => diff_algorithm.filter(|_| compressed),
        };
        // Tenths of a nanosecond a byte, roughly: only the order matters.
        let cost = size * if compressed { 30 } else { 3 } + diff.map_or(0, |_| size * 6);
        let job = |task, cost| Job { blob, section: section.clone(), task, cost };
        if let Some((cache, digest)) = cache {
            let place = if is_one_of_many { Place::Here } else { Place::Beside };
            let hash = Some(place).filter(|_| verify != Verify::None);
            jobs.push(job(Task::Look { cache, digest, diff, hash }, cost));
            continue;
        }
        if verify != Verify::None && !at_once {
            jobs.push(job(Task::Hash(stored), size * 6));
        }
        jobs.push(job(Task::Scan { diff }, cost));
    }
    jobs.sort_by_key(|job| job.cost);
    Ok(jobs)
}

impl Job<'_> {
    fn run(&self, context: &Context, progress: &dyn Progress, done: impl Fn(usize, Done)) {
        match self.task {
            Task::Hash(algorithm) => done(self.blob, Done::Hashed(hash(self.section.clone(), algorithm))),
            Task::Scan { diff } => {
                let scan = scan_layer(Counted::new(self.section.clone(), progress), context, diff);
                let plain = scan.as_ref().map_or(true, |changeset| changeset.compression == Compression::None);
                // Stored plain, the hash of what came out is that of the blob. Where none came out,
                // the digest says whether the layer was made broken or became so.
                match &scan {
                    Ok(Changeset { diff_digest: Some(digest), .. }) if plain => done(self.blob, Done::Hashed(Ok(digest.clone()))),
                    Ok(Changeset { limit: None, .. }) => {}
                    _ => {
                        if let Some(algorithm) = diff.filter(|_| plain) {
                            done(self.blob, Done::Hashed(hash(self.section.clone(), algorithm)));
                        }
                    }
                }
                done(self.blob, Done::Scanned(Box::new(scan), false));
            }
            Task::Look { cache, digest, diff, hash: place } => {
                let section = || self.section.clone();
                let scanned = |scan, fresh| done(self.blob, Done::Scanned(Box::new(scan), fresh));
                let hashed = |digest| done(self.blob, Done::Hashed(digest));
                match (cache.get(digest, Some(self.section.length), diff, context), place) {
                    (Some(changeset), place) => {
                        if place.is_some() {
                            hashed(hash(section(), digest.algorithm()));
                        }
                        scanned(advance(progress, self.section.length).map(|()| changeset), false);
                    }
                    (None, None) => scanned(scan_layer(Counted::new(section(), progress), context, diff), false),
                    (None, Some(place)) => {
                        let reader = Counted::new(section(), progress);
                        let (scan, digest) = hash_while(reader, digest.algorithm(), place, |reader| scan_layer(reader, context, diff));
                        hashed(digest);
                        scanned(scan, true);
                    }
                }
            }
        }
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
