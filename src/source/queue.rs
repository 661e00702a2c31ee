//! What is left to do with an image's blobs, for several threads: the dearest first.

use super::files::Section;
use super::lanes::Lane;
use super::tee::Place;
use crate::cache::Cache;
use crate::oci::{Algorithm, Digest};
use crate::parallel::lock;
use crate::progress::{Counted, Share};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Tenths of a nanosecond that a byte takes, roughly: the order of work, who does it and its share of progress hang on
/// them, and nothing else.
pub(super) const SCAN: u64 = 3;
pub(super) const SCAN_COMPRESSED: u64 = 30;
pub(super) const HASH: u64 = 5;

/// A blob to scan.
pub(super) struct Scan<'r> {
    pub(super) blob: usize,
    pub(super) section: Section,
    /// What may know the blob already, by its digest.
    pub(super) cache: Option<(&'r Cache, &'r Digest)>,
    /// The uncompressed bytes are hashed in passing.
    pub(super) diff: Option<Algorithm>,
    /// The stored ones are: by which algorithm, and where.
    pub(super) hash: Option<(Algorithm, Place)>,
    pub(super) share: Share,
    pub(super) cost: u64,
}

/// A blob whose stored bytes are hashed, begun or not.
pub(super) type Hash<'r> = Lane<Counted<'r, Section>>;

/// One piece of work.
pub(super) enum Next<'r> {
    Scan(Scan<'r>),
    /// Two blobs, if there are two, the dearer last.
    Hash(Vec<Hash<'r>>),
}

/// The work, and who waits for some.
pub(super) struct Queue<'r> {
    left: Mutex<Left<'r>>,
    more: Condvar,
    waiting: AtomicUsize,
    /// The cost of all that is not done, begun or not.
    undone: AtomicU64,
    workers: u64,
}

struct Left<'r> {
    /// The dearest last, and so below.
    scans: Vec<Scan<'r>>,
    hashes: Vec<Hash<'r>>,
    /// Threads at work, who may give some of it.
    busy: usize,
}

impl<'r> Queue<'r> {
    pub(super) fn new(mut scans: Vec<Scan<'r>>, mut hashes: Vec<Hash<'r>>, workers: usize) -> Self {
        scans.sort_by_key(|scan| scan.cost);
        hashes.sort_by_key(Lane::left);
        let undone = scans.iter().map(|scan| scan.cost).chain(hashes.iter().map(cost)).fold(0, u64::saturating_add);
        Self {
            left: Mutex::new(Left { scans, hashes, busy: 0 }),
            more: Condvar::new(),
            waiting: AtomicUsize::new(0),
            undone: undone.into(),
            workers: workers as u64,
        }
    }

    /// Does with `work` what comes next, until nothing is left and nobody at work can give any.
    pub(super) fn drain(&self, mut work: impl FnMut(Next<'r>)) {
        while let Some((next, _busy)) = self.next() {
            let cost = if let Next::Scan(scan) = &next { scan.cost } else { 0 };
            work(next);
            self.undone.fetch_sub(cost, Ordering::Relaxed);
        }
    }

    fn next(&self) -> Option<(Next<'r>, Busy<'_, 'r>)> {
        let mut left = lock(&self.left);
        loop {
            if let Some(next) = left.next() {
                left.busy += 1;
                return Some((next, Busy(self)));
            }
            if left.busy == 0 {
                return None;
            }
            self.waiting.fetch_add(1, Ordering::Relaxed);
            left = self.more.wait(left).unwrap_or_else(PoisonError::into_inner);
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Another blob to hash beside one.
    pub(super) fn another_hash(&self) -> Option<Hash<'r>> {
        lock(&self.left).hashes.pop()
    }

    /// So many bytes were hashed.
    pub(super) fn hashed(&self, bytes: u64) {
        self.undone.fetch_sub(bytes.saturating_mul(HASH), Ordering::Relaxed);
    }

    /// Whether a blob of which so many bytes are left is better hashed alone: another thread has nothing to do, or the
    /// others are done with all the rest before it is. Two at a time take less, but each takes longer.
    pub(super) fn is_better_alone(&self, bytes: u64) -> bool {
        let cost = bytes.saturating_mul(HASH);
        let rest = self.undone.load(Ordering::Relaxed).saturating_sub(cost);
        self.waiting.load(Ordering::Relaxed) > 0 || (self.workers > 1 && cost.saturating_mul(self.workers - 1) > rest)
    }

    /// Adds a blob.
    pub(super) fn add(&self, hash: Hash<'r>) {
        self.undone.fetch_add(cost(&hash), Ordering::Relaxed);
        self.give(hash);
    }

    /// Gives a blob to whoever has less to do.
    pub(super) fn give(&self, hash: Hash<'r>) {
        let mut left = lock(&self.left);
        let place = left.hashes.partition_point(|other| other.left() < hash.left());
        left.hashes.insert(place, hash);
        drop(left);
        self.more.notify_one();
    }
}

fn cost(hash: &Hash) -> u64 {
    hash.left().saturating_mul(HASH)
}

impl<'r> Left<'r> {
    fn next(&mut self) -> Option<Next<'r>> {
        if self.hashes.last().map(cost) > self.scans.last().map(|scan| scan.cost) {
            return Some(Next::Hash(self.hashes.split_off(self.hashes.len().saturating_sub(2))));
        }
        self.scans.pop().map(Next::Scan)
    }
}

/// A thread at work; one that panics is at work no more, too.
struct Busy<'q, 'r>(&'q Queue<'r>);

impl Drop for Busy<'_, '_> {
    fn drop(&mut self) {
        let mut left = lock(&self.0.left);
        left.busy -= 1;
        if left.busy == 0 {
            self.0.more.notify_all();
        }
    }
}
