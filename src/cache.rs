//! What blobs contain, kept in a directory by digest: a blob that was weighed once is not unpacked
//! again.
//!
//! A file holds the [`Changeset`] of one blob: names, sizes, hashes and what parsers found, never
//! contents. It is written only after the blob's digest was computed from the very bytes that were
//! scanned, and it is as hostile as any other input when it is read: whatever is wrong with it, the
//! blob is scanned as if it were not there. Nothing that fails here is an error.
//!
//! Files are at `DIR/v<version>/<algorithm>/<2 digits>/<hex>`. Programs of other versions keep to
//! directories of their own, but all of them together are held to one size: those that were used
//! longest ago go first. Any number of processes may share a directory.

mod directory;
mod file;

pub use directory::{Kept, Removed};

use crate::layer::{Changeset, Context};
use crate::oci::{Algorithm, Digest};
use file::Variant;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// A directory of changesets.
#[derive(Debug)]
pub struct Cache {
    directory: PathBuf,
    most: u64,
    smallest: u64,
    now: SystemTime,
    /// Whether something was written since files were last removed.
    grown: AtomicBool,
}

impl Cache {
    /// The size to which a cache is held unless told otherwise: some thousand layers.
    pub const SIZE: u64 = 1_000_000_000;

    /// A cache in `directory` of at most `most` bytes. Nothing is touched or made before it is used;
    /// `now` is the time that is noted as that of use.
    pub fn open(directory: &Path, most: u64, now: SystemTime) -> Self {
        // The price of opening a file here is that of scanning about so much.
        Self { directory: directory.to_owned(), most, smallest: 64 << 10, now, grown: false.into() }
    }

    /// The same, with blobs of files and directories from `bytes` on: small ones are left out, for
    /// they are scanned as fast as they are looked up.
    #[must_use]
    pub fn with_smallest(self, bytes: u64) -> Self {
        Self { smallest: bytes, ..self }
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether a blob of `size` bytes that is at hand is worth a look.
    pub(crate) fn is_for(&self, size: u64) -> bool {
        size >= self.smallest
    }

    /// What the blob of `digest` contains, if that is known. The blob must be of `size`, if given; with
    /// `diff` the digest of its uncompressed bytes must be known too. The changeset counts against the
    /// limits as if it had been scanned now; where it would come near one, it is scanned.
    pub(crate) fn get(&self, digest: &Digest, size: Option<u64>, diff: Option<Algorithm>, context: &Context) -> Option<Changeset> {
        self.look(digest, Variant::Scanned(context.content_hash), size, diff, context)
    }

    /// What a table of contents says of a blob. `name` is a digest of the blob's digest and of all that
    /// ties the table to the manifest, for two manifests may have two tables for one blob.
    #[cfg(feature = "registry")]
    pub(crate) fn get_listed(&self, name: &Digest, context: &Context) -> Option<Changeset> {
        self.look(name, Variant::Listed, None, None, context)
    }

    /// Keeps what a table of contents says.
    #[cfg(feature = "registry")]
    pub(crate) fn put_listed(&self, name: &Digest, changeset: &mut Changeset, context: &Context) {
        changeset.blob_digest = Some(name.clone());
        self.put(changeset, context);
        changeset.blob_digest = None;
    }

    fn look(&self, name: &Digest, variant: Variant, size: Option<u64>, diff: Option<Algorithm>, context: &Context) -> Option<Changeset> {
        let path = directory::path(&self.directory, name, variant);
        let mut changeset = file::read(&path, name, variant, &context.limits)?;
        if size.is_some_and(|size| size != changeset.blob_bytes) {
            return None;
        }
        if diff.is_some() && changeset.diff_digest.as_ref().map(Digest::algorithm) != diff {
            return None;
        }
        // As a scan leaves them: whoever has hashed the blob sets the one, and nobody asked for the other.
        changeset.blob_digest = None;
        if diff.is_none() {
            changeset.diff_digest = None;
        }
        if !context.admit(&changeset) {
            return None;
        }
        directory::touch(&path, self.now);
        Some(changeset)
    }

    /// Keeps a changeset whose digest was computed from the bytes that were scanned; whether it did.
    pub(crate) fn put(&self, changeset: &Changeset, context: &Context) -> bool {
        let Some(digest) = &changeset.blob_digest else { return false };
        if changeset.limit.is_some() || !context.is_roomy() {
            return false;
        }
        let path = directory::path(&self.directory, digest, Variant::of(changeset));
        let written = file::pack(changeset, &context.limits).is_ok_and(|bytes| directory::write(&path, &bytes, self.now).is_ok());
        self.grown.fetch_or(written, Ordering::Relaxed);
        written
    }

    /// Keeps all of them, then removes what is too much.
    pub(crate) fn fill<'c>(&self, changesets: impl Iterator<Item = &'c Changeset>, context: &Context) {
        changesets.for_each(|changeset| {
            self.put(changeset, context);
        });
        self.trim();
    }

    /// If something was written, removes what was used longest ago until the size is kept. One
    /// process at a time does so; others leave it to that one.
    pub(crate) fn trim(&self) {
        if self.grown.swap(false, Ordering::Relaxed) {
            directory::locked(&self.directory, || directory::prune(&self.directory, self.most, self.now));
        }
    }

    /// All that is kept, last used first.
    pub fn entries(&self) -> Vec<Kept> {
        let mut kept = directory::list(&self.directory);
        kept.reverse();
        kept
    }

    /// Removes what was used longest ago until at most `most` bytes are left; the size that it is held
    /// to by default.
    pub fn prune(&self, most: Option<u64>) -> Removed {
        directory::prune(&self.directory, most.unwrap_or(self.most), self.now)
    }
}
