//! Layers of a file or directory, scanned in parallel: one queue, dearest first.

use super::files::{self, Section};
use super::select::{Recipe, Wanted};
use super::stream::Counted;
use super::{Options, Verify};
use crate::error::{Error, Result};
use crate::layer::compression::read_fully;
use crate::layer::{Changeset, Compression, Context, Hasher, scan as scan_layer};
use crate::oci::{Algorithm, Digest};
use crate::progress::Progress;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What was read of one blob.
#[derive(Debug)]
pub(crate) struct Blob {
    pub(crate) size: u64,
    pub(crate) digest: Option<Digest>,
    pub(crate) scan: Result<Changeset>,
}

impl Blob {
    pub(super) fn not_a_layer(size: u64) -> Self {
        let scan = Err(Error::malformed("", "expected a tar, plain or compressed with gzip or zstd; found neither"));
        Self { size, digest: None, scan }
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
}

struct Job {
    blob: usize,
    section: Section,
    task: Task,
    cost: u64,
}

#[derive(Clone, Copy)]
enum Task {
    Scan { diff: Option<Algorithm> },
    Hash(Algorithm),
}

enum Done {
    Scanned(Box<Result<Changeset>>),
    Hashed(Result<Digest>),
}

/// Scans each blob that `recipe` names, on as many threads as there are processors.
pub(super) fn scan(
    source: &impl files::Blobs,
    recipe: &Recipe,
    options: &Options,
    context: &Context,
    progress: &dyn Progress,
) -> Result<Blobs> {
    let mut blobs = Blobs::default();
    let mut jobs = Vec::new();
    for wanted in &recipe.layers {
        let section = source.open(&wanted.path)?;
        let path = section.as_ref().map(|_| source.canonical(&wanted.path));
        let number = blobs.read.len();
        let mut planned = Ok(());
        blobs.add(path, |_| {
            let section = section?;
            let size = section.length;
            planned = plan(wanted, number, section, options.verify, &mut jobs);
            Some(Blob { size, digest: None, scan: Err(Error::Cancelled) })
        });
        planned?;
    }
    progress.total(blobs.read.iter().map(|blob| blob.size).sum());
    // Dearest last, because the queue is taken from its end.
    jobs.sort_by_key(|job| job.cost);
    let workers = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let queue = Mutex::new(jobs);
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some(job) = lock(&queue).pop() {
            let result = job.run(context, progress);
            lock(&done).push((job.blob, result));
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut result = work();
        for thread in threads {
            result = result.and(joined(thread.join()));
        }
        result
    })?;
    for (number, result) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
        match result {
            Done::Scanned(scan) => blobs.read[number].scan = *scan,
            Done::Hashed(digest) => blobs.read[number].digest = Some(digest?),
        }
    }
    Ok(blobs)
}

/// Scanning and hashing are jobs of their own, so that one large layer keeps two processors busy.
fn plan(wanted: &Wanted, blob: usize, section: Section, verify: Verify, jobs: &mut Vec<Job>) -> Result<()> {
    let mut start = [0; 4];
    read_fully(&mut section.clone(), &mut start)?;
    let compressed = Compression::sniff(&start) != Compression::None;
    let diff_algorithm = wanted.diff_id.as_ref().map(crate::oci::DiffId::algorithm);
    let diff = match verify {
        Verify::None => None,
        Verify::Named if wanted.digest.is_some() => None,
        _ => diff_algorithm.filter(|_| compressed),
    };
    let size = section.length;
    // Nanoseconds a byte, roughly: only the order matters.
    let cost = size * if compressed { 4 } else { 1 } + diff.map_or(0, |_| size);
    if verify != Verify::None {
        let algorithm = wanted.digest.as_ref().map(Digest::algorithm).or(diff_algorithm).unwrap_or(Algorithm::Sha256);
        jobs.push(Job { blob, section: section.clone(), task: Task::Hash(algorithm), cost: size });
    }
    jobs.push(Job { blob, section, task: Task::Scan { diff }, cost });
    Ok(())
}

impl Job {
    fn run(&self, context: &Context, progress: &dyn Progress) -> Done {
        match self.task {
            Task::Scan { diff } => Done::Scanned(Box::new(scan_layer(Counted::new(self.section.clone(), progress), context, diff))),
            Task::Hash(algorithm) => Done::Hashed(hash(self.section.clone(), algorithm)),
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
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
