//! What the scans of one analysis share, and the hashes they make.

use super::budget::{Budget, Share};
use super::{Changeset, Compression, ContentHash};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::oci::{Algorithm, Digest};
use crate::paths::Paths;
use sha2::{Digest as _, Sha256, Sha512};
use std::sync::atomic::{AtomicU64, Ordering};

/// Limits, and what was used of them.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) limits: Limits,
    pub(crate) content_hash: ContentHash,
    pub(crate) windows: Budget,
    captures: Budget,
    pub(super) output: AtomicU64,
    pub(super) entries: AtomicU64,
    pub(super) nodes: AtomicU64,
    pub(super) names: AtomicU64,
}

impl Context {
    pub(crate) fn new(limits: Limits) -> Self {
        Self::hashing(limits, ContentHash::default())
    }

    /// The same, comparing contents by `content_hash`.
    pub(crate) fn hashing(limits: Limits, content_hash: ContentHash) -> Self {
        let windows = Budget::new("zstd-windows", limits.zstd_windows);
        let captures = Budget::new("captures", limits.captures);
        Self { limits, content_hash, windows, captures, output: 0.into(), entries: 0.into(), nodes: 0.into(), names: 0.into() }
    }

    /// A context to try something in: it has used what this one has, and what it uses counts here
    /// only once it is kept ([`Context::keep`]).
    pub(crate) fn fork(&self) -> Self {
        let fork = Self::hashing(self.limits.clone(), self.content_hash);
        for (theirs, ours) in fork.counters().into_iter().zip(self.counters()) {
            theirs.store(ours.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        fork
    }

    /// Counts what a scan used that was tried elsewhere.
    pub(crate) fn keep(&self, changeset: &Changeset) -> Result<()> {
        let limits = &self.limits;
        let names = changeset.paths.name_bytes() + changeset.links.len() as u64;
        Self::spend(&self.output, changeset.diff_bytes, "output", "the decompressed size of all layers", limits.output)?;
        Self::spend(&self.entries, changeset.entries.len() as u64, "entries", "the number of entries", limits.entries)?;
        Self::spend(&self.nodes, changeset.paths.len() as u64 - 1, "nodes", "the number of path nodes", limits.nodes)?;
        Self::spend(&self.names, names, "names", "the length of all names", limits.names)
    }

    /// Counts tar bytes that were not read but told of.
    pub(crate) fn spend_output(&self, bytes: u64) -> Result<()> {
        Self::spend(&self.output, bytes, "output", "the decompressed size of all layers", self.limits.output)
    }

    fn counters(&self) -> [&AtomicU64; 4] {
        [&self.output, &self.entries, &self.nodes, &self.names]
    }

    /// Memory for parts of a large file's content. A scan of zstd does not wait for its share: it
    /// may hold a window that another waits for.
    pub(super) fn capture(&self, bytes: u64, compression: Compression) -> Result<Option<Share<'_>>> {
        if compression == Compression::Zstd { Ok(None) } else { self.captures.take("contents kept for a parser", bytes).map(Some) }
    }

    /// Path nodes, and bytes of names, that may still be made.
    pub(super) fn left(&self) -> (u64, u64) {
        let left = |max: u64, used: &AtomicU64| max.saturating_sub(used.load(Ordering::Relaxed));
        (left(self.limits.nodes, &self.nodes), left(self.limits.names, &self.names))
    }

    /// Counts the nodes and names that `paths` has gained since it had `used`.
    pub(super) fn spend_paths(&self, paths: &Paths, used: (u64, u64)) -> Result<()> {
        Self::spend(&self.nodes, paths.len() as u64 - used.0, "nodes", "the number of path nodes", self.limits.nodes)?;
        Self::spend(&self.names, paths.name_bytes() - used.1, "names", "the length of all names", self.limits.names)
    }

    /// Takes a changeset that was scanned before for scanned now: what it uses of the limits is used.
    /// `false` if that would reach a limit or come near: a scan finds where, and what is to be said of it.
    pub(crate) fn admit(&self, changeset: &Changeset) -> bool {
        let Changeset { entries, diff_bytes, paths, links, .. } = changeset;
        let nodes = (paths.len() as u64).saturating_sub(1);
        let names = paths.name_bytes().saturating_add(links.len() as u64).saturating_add(changeset.facts_weight());
        let used = [
            (&self.output, *diff_bytes, self.limits.output),
            (&self.entries, entries.len() as u64, self.limits.entries),
            (&self.nodes, nodes, self.limits.nodes),
            (&self.names, names, self.limits.names),
        ];
        let fits = used.iter().all(|(counter, amount, max)| *amount <= max.saturating_sub(counter.load(Ordering::Relaxed)));
        let fits = fits && self.is_roomy_after(nodes, names);
        if fits {
            for (counter, amount, _) in used {
                counter.fetch_add(amount, Ordering::Relaxed);
            }
        }
        fits
    }

    /// Whether no parser can have met the limits on nodes and names: one that does leaves paths out,
    /// so that what it says is of this analysis alone.
    pub(crate) fn is_roomy(&self) -> bool {
        self.is_roomy_after(0, 0)
    }

    /// Whether a limit was reached, or a parser may have met one. Which of several scans met it is a
    /// matter of time, where they ran side by side.
    pub(crate) fn is_spent(&self) -> bool {
        let max = [self.limits.output, self.limits.entries, self.limits.nodes, self.limits.names];
        let over = self.counters().into_iter().zip(max).any(|(used, max)| used.load(Ordering::Relaxed) > max);
        over || !self.is_roomy()
    }

    fn is_roomy_after(&self, nodes: u64, names: u64) -> bool {
        let left = self.left();
        // A path is no longer than the content that names it.
        left.0 > nodes && left.1.saturating_sub(names) > self.limits.captures.saturating_add(1 << 20)
    }

    /// Adds `amount` to what was used; an error once that is more than `max`.
    pub(super) fn spend(counter: &AtomicU64, amount: u64, limit: &'static str, what: &str, max: u64) -> Result<()> {
        if counter.fetch_add(amount, Ordering::Relaxed).checked_add(amount).is_none_or(|used| used > max) {
            return Err(Error::Limit { place: String::new(), what: what.to_owned(), limit, max });
        }
        Ok(())
    }
}

/// A hash in progress.
pub(crate) enum Hasher {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Box::default()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Digest {
        match self {
            Self::Sha256(hash) => Digest::from_hash(Algorithm::Sha256, &hash.finalize()),
            Self::Sha512(hash) => Digest::from_hash(Algorithm::Sha512, &hash.finalize()),
        }
    }
}
