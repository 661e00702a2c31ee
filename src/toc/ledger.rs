//! Which bytes of the blob belong to which entry.
//!
//! The blob is gone through once, front to back. Data belongs to its file; what lies between the
//! data of two files was written for the tar bytes between them (padding, headers) and is shared
//! among these by their length, cumulatively, so that sums are exact.

use crate::error::{Error, Result};
use crate::layer::Entry;

pub(super) struct Ledger {
    /// All before it is in the books.
    position: u64,
    /// Where the files' data must end.
    end: u64,
    /// What was written since: entries, or none for what belongs to no entry, and a weight each.
    since: Vec<(Option<u32>, u64)>,
    /// Whether that is files whose data begins at the position and ends where the next begins.
    open: bool,
    /// What belongs to no entry.
    pub(super) overhead: u64,
}

impl Ledger {
    pub(super) fn new(end: u64) -> Self {
        Self { position: 0, end, since: Vec::new(), open: false, overhead: 0 }
    }

    /// Bytes of the tar that are no file's data.
    pub(super) fn between(&mut self, entry: Option<u32>, bytes: u64) {
        // A gzip member that begins with a file's data is the file's to its end.
        if !self.open {
            self.since.push((entry, bytes));
        }
    }

    /// Data of `entry` that begins at `start`; without an `end` it has all up to the next data, and
    /// shares that by `weight` with others that begin at the same place.
    pub(super) fn data(&mut self, entry: u32, start: u64, end: Option<u64>, weight: u64, entries: &mut [Entry]) -> Result<()> {
        let shared = self.open && start == self.position && end.is_none();
        if !shared {
            self.settle(start, entries)?;
        }
        match end {
            Some(end) => {
                self.since.push((Some(entry), 1));
                self.settle(end, entries)?;
            }
            None => {
                self.open = true;
                self.since.push((Some(entry), weight));
            }
        }
        Ok(())
    }

    /// No more data comes.
    pub(super) fn finish(&mut self, entries: &mut [Entry]) -> Result<()> {
        self.settle(self.end, entries)
    }

    /// Gives all bytes before `place` to whom they belong.
    fn settle(&mut self, place: u64, entries: &mut [Entry]) -> Result<()> {
        if place < self.position || place > self.end {
            let (from, to) = (self.position, self.end);
            return Err(Error::malformed("offset", format_args!("expected a place in the blob from {from} to {to}, found {place}")));
        }
        let bytes = u128::from(place - self.position);
        let whole: u128 = self.since.iter().map(|(_, weight)| u128::from(*weight)).sum();
        let (mut weights, mut given) = (0, 0);
        for (entry, weight) in self.since.drain(..) {
            weights += u128::from(weight);
            let until = (bytes * weights).checked_div(whole).unwrap_or(0);
            let share = (until - given) as u64;
            given = until;
            match entry.and_then(|entry| entries.get_mut(entry as usize)) {
                Some(entry) => entry.blob_bytes += share,
                None => self.overhead += share,
            }
        }
        self.overhead += (bytes - given) as u64;
        self.open = false;
        self.position = place;
        Ok(())
    }
}
