//! What was decoded: as much as is to be read next, and before it what may still be repeated.

/// How far back a match may reach (RFC 1951, section 2).
const HISTORY: usize = 32 << 10;
/// The longest match, copied in steps.
const SLACK: usize = 258 + STEP;
/// Copied at a time, whatever the length of a match: most are shorter.
const STEP: usize = 2 * HALF;
/// Copied at once. The second half of a step may repeat the first.
const HALF: usize = 16;
/// Where the last symbol may begin.
pub(super) const LIMIT: usize = HISTORY + super::MOST;
pub(super) const SIZE: usize = LIMIT + SLACK;

/// The bytes of a [`Window`].
pub(super) type Bytes = [u8; SIZE];

pub(super) struct Window {
    pub(super) bytes: Box<Bytes>,
    /// Where the stream begins: nothing before is its own.
    pub(super) begin: usize,
    /// What was read.
    given: usize,
    /// What was decoded.
    pub(super) made: usize,
}

impl Window {
    pub(super) fn new() -> Self {
        let bytes = vec![0; SIZE].into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("it has that size"));
        Self { bytes, begin: 0, given: 0, made: 0 }
    }

    /// Another stream begins.
    pub(super) fn begin(&mut self) {
        self.begin = self.made;
    }

    /// Bytes that were decoded and not read.
    pub(super) fn waiting(&self) -> usize {
        self.made - self.given
    }

    /// Makes room for `want` bytes in all to be read at once; up to where is to be decoded for it.
    pub(super) fn room(&mut self, want: usize) -> usize {
        if self.given + want > LIMIT {
            let from = self.given.saturating_sub(HISTORY);
            self.bytes.copy_within(from..self.made, 0);
            self.begin = self.begin.saturating_sub(from);
            self.given -= from;
            self.made -= from;
        }
        self.given + want
    }

    /// Gives up to `want` of the bytes that wait.
    pub(super) fn give(&mut self, want: usize) -> &[u8] {
        let from = self.given;
        self.given += want.min(self.waiting());
        &self.bytes[from..self.given]
    }

    /// The last `count` bytes that were decoded.
    pub(super) fn last(&self, count: usize) -> &[u8] {
        &self.bytes[self.made - count..self.made]
    }

    /// Adds bytes as they are, as many as there are up to `target`.
    pub(super) fn store(&mut self, bytes: &[u8], target: usize) -> usize {
        let count = bytes.len().min(target - self.made);
        self.bytes[self.made..self.made + count].copy_from_slice(&bytes[..count]);
        self.made += count;
        count
    }
}

/// Writes the `length` bytes that stand `distance` before `made` there, and more after them that
/// mean nothing; where they end. `None` if they begin before the stream does.
#[expect(clippy::inline_always, reason = "the call takes longer than a short match")]
#[inline(always)]
pub(super) fn repeat(bytes: &mut Bytes, begin: usize, made: usize, length: usize, distance: usize) -> Option<usize> {
    let from = made.checked_sub(distance)?;
    if from < begin || made >= LIMIT {
        return None;
    }
    let end = made + length;
    if distance >= HALF {
        // Most matches are no longer than a step.
        bytes.copy_within(from..from + HALF, made);
        bytes.copy_within(from + HALF..from + STEP, made + HALF);
        if length > STEP {
            let (mut from, mut to) = (from + STEP, made + STEP);
            while to < end {
                bytes.copy_within(from..from + HALF, to);
                bytes.copy_within(from + HALF..from + STEP, to + HALF);
                (from, to) = (from + STEP, to + STEP);
            }
        }
    } else if distance == 1 {
        let byte = bytes[from];
        let mut to = made;
        while to < end {
            bytes[to..to + STEP].fill(byte);
            to += STEP;
        }
    } else if distance >= 8 {
        let (mut from, mut to) = (from, made);
        while to < end {
            bytes.copy_within(from..from + 8, to);
            (from, to) = (from + 8, to + 8);
        }
    } else {
        for to in made..end {
            bytes[to] = bytes[to - distance];
        }
    }
    Some(end)
}
