//! What the scans of one analysis share, and the hashes they make.

use super::budget::Budget;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::oci::{Algorithm, Digest};
use sha2::{Digest as _, Sha256, Sha512};
use std::sync::atomic::{AtomicU64, Ordering};

/// Limits, and what was used of them.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) limits: Limits,
    pub(crate) windows: Budget,
    pub(super) output: AtomicU64,
    pub(super) entries: AtomicU64,
    pub(super) nodes: AtomicU64,
    pub(super) names: AtomicU64,
}

impl Context {
    pub(crate) fn new(limits: Limits) -> Self {
        let windows = Budget::new(limits.zstd_windows);
        Self { limits, windows, output: 0.into(), entries: 0.into(), nodes: 0.into(), names: 0.into() }
    }

    /// Adds `amount` to what was used; an error once that is more than `max`.
    pub(super) fn spend(counter: &AtomicU64, amount: u64, limit: &'static str, what: &str, max: u64) -> Result<()> {
        if counter.fetch_add(amount, Ordering::Relaxed) + amount > max {
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
