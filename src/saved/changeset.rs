//! One changeset, packed: its head, and the lists that are as long as its tar.

use super::values::{Reader, Writer};
use crate::error::{Error, Result};
use crate::facts::Fact;
use crate::layer::{Changeset, Compression, ContentHash, Entry, EntryKind, LimitHit, Listing, Measures, Toc};
use crate::limits::Limits;
use crate::note::Notes;
use crate::oci::Digest;
use crate::paths::Paths;
use serde::{Deserialize, Serialize};

/// What a changeset is but for its lists, paths and notes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Head {
    compression: Compression,
    toc: Option<Toc>,
    listing: Listing,
    content_hash: ContentHash,
    blob_bytes: u64,
    diff_bytes: u64,
    overhead_diff_bytes: u64,
    overhead_blob_bytes: u64,
    blob_digest: Option<Digest>,
    diff_digest: Option<Digest>,
    limit: Option<LimitHit>,
    links: Vec<u8>,
}

/// What the limits leave for the changesets that are still to be read.
pub(crate) struct Room<'p> {
    paths: &'p Paths,
    /// For each node the length of its whole path.
    lengths: Vec<u64>,
    limits: &'p Limits,
    entries: u64,
    facts: u64,
    spelled: u64,
}

impl<'p> Room<'p> {
    pub(crate) fn new(paths: &'p Paths, limits: &'p Limits) -> Self {
        Self { paths, lengths: paths.lengths(), limits, entries: limits.entries, facts: limits.names, spelled: 0 }
    }

    /// A tar brings the path of each entry in full, here it is a number: what all of them would be
    /// in full is held to what a scan may read.
    fn take(&mut self, entries: &[Entry]) -> Result<()> {
        self.entries -= entries.len() as u64;
        self.spelled += entries.iter().map(|entry| self.lengths[entry.node as usize]).sum::<u64>();
        if self.spelled > self.limits.names.saturating_mul(4) {
            let what = "the length of all paths".to_owned();
            return Err(Error::Limit { place: "saved analysis".into(), what, limit: "names", max: self.limits.names });
        }
        Ok(())
    }
}

impl Writer {
    /// The lists of a changeset, as [`Head::unpack`] takes them.
    pub(crate) fn lists(&mut self, changeset: &Changeset) -> Result<()> {
        self.many(changeset.entries.iter())?;
        self.many(changeset.logical.iter())?;
        self.many(changeset.devices.iter())?;
        self.many(changeset.facts.iter())
    }
}

impl Head {
    pub(crate) fn of(changeset: &Changeset) -> Self {
        Self {
            compression: changeset.compression,
            toc: changeset.toc,
            listing: changeset.listing,
            content_hash: changeset.content_hash,
            blob_bytes: changeset.blob_bytes,
            diff_bytes: changeset.diff_bytes,
            overhead_diff_bytes: changeset.overhead.diff_bytes,
            overhead_blob_bytes: changeset.overhead.blob_bytes,
            blob_digest: changeset.blob_digest.clone(),
            diff_digest: changeset.diff_digest.clone(),
            limit: changeset.limit.clone(),
            links: changeset.links.clone(),
        }
    }

    /// The changeset with the lists that follow, without paths and notes. The books must balance
    /// here as they did when they were saved.
    pub(crate) fn unpack(self, from: &mut Reader<'_>, room: &mut Room<'_>) -> Result<Changeset> {
        let (most, paths) = (room.entries, room.paths);
        let entries: Vec<Entry> = from.many("entries", most)?;
        let logical: Vec<(u32, u64)> = from.many("sparse files", most)?;
        let devices: Vec<(u32, (u32, u32))> = from.many("devices", most)?;
        let facts = facts(from, most, &mut room.facts)?;
        let ordered = facts.is_sorted_by(|(a, _), (b, _)| a < b) && facts.last().is_none_or(|(last, _)| (*last as usize) < entries.len());
        if !ordered || !facts.iter().all(|(_, fact)| fact.fits(paths.len())) {
            return Err(Error::malformed("saved analysis", "a fact is about what is not there"));
        }
        let (mut diff, mut blob) = (Some(self.overhead_diff_bytes), Some(self.overhead_blob_bytes));
        for entry in &entries {
            diff = diff.and_then(|sum| sum.checked_add(entry.diff_bytes));
            blob = blob.and_then(|sum| sum.checked_add(entry.blob_bytes));
            let known = (entry.node as usize) < paths.len();
            if !known || entry.content_bytes > entry.diff_bytes || entry.kind != EntryKind::of(entry.typeflag, paths.name(entry.node)) {
                return Err(Error::malformed("saved analysis", "an entry has an impossible path, kind or size"));
            }
        }
        if diff != Some(self.diff_bytes) || blob != Some(self.blob_bytes) {
            return Err(Error::malformed("saved analysis", "a layer's entries do not add up to its size"));
        }
        room.take(&entries)?;
        Ok(Changeset {
            compression: self.compression,
            toc: self.toc,
            listing: self.listing,
            content_hash: self.content_hash,
            entries,
            blob_bytes: self.blob_bytes,
            diff_bytes: self.diff_bytes,
            overhead: Measures { diff_bytes: self.overhead_diff_bytes, blob_bytes: self.overhead_blob_bytes, ..Measures::default() },
            blob_digest: self.blob_digest,
            diff_digest: self.diff_digest,
            limit: self.limit,
            notes: Notes::default(),
            paths: Paths::default(),
            links: self.links,
            logical: logical.into_iter().collect(),
            devices: devices.into_iter().collect(),
            facts,
        })
    }
}

/// Facts that together take at most `left` bytes of memory.
fn facts(from: &mut Reader<'_>, most: u64, left: &mut u64) -> Result<Vec<(u32, Fact)>> {
    /// An empty list is one byte here and as many in memory.
    const GROWTH: u64 = size_of::<Vec<u8>>() as u64;
    let many = || Error::malformed("saved analysis", "its facts are more than the limit on names allows");
    let count: u64 = from.one()?;
    if count > most {
        return Err(many());
    }
    let mut facts = Vec::new();
    for _ in 0..count {
        let (entry, fact): (u32, Fact) = from.one_within(*left / GROWTH + 1024)?;
        *left = left.checked_sub(fact.weight()).ok_or_else(many)?;
        facts.push((entry, fact));
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_held_to_what_they_take_in_memory() {
        // A package whose needs are empty lists: a byte each, and two dozen in memory.
        let package = crate::facts::Package { depends: vec![Vec::new(); 100_000], ..Default::default() };
        let fact = Fact::Packages(vec![package]);
        let weight = fact.weight();
        assert!(weight > 2_400_000, "{weight}");
        let mut to = Writer::default();
        to.many([(0u32, &fact), (1, &fact)].iter()).unwrap();
        let bytes = to.finish();
        assert!(bytes.len() < 210_000);
        let mut left = 2 * weight;
        assert_eq!(facts(&mut Reader::new(&bytes), 10, &mut left).unwrap(), [(0, fact.clone()), (1, fact)]);
        assert_eq!(left, 0);
        // Too much together, and one that is not even made.
        assert!(facts(&mut Reader::new(&bytes), 10, &mut (2 * weight - 1)).is_err());
        assert!(facts(&mut Reader::new(&bytes), 10, &mut (weight / 2)).is_err());
        assert!(facts(&mut Reader::new(&bytes), 1, &mut (2 * weight)).is_err());
    }
}
