//! Bits of the compressed stream, lowest first (RFC 1951, section 3.1.1).

use super::codes::Entry;

/// Bits that were taken from the input and not used yet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bits {
    /// The next bit is the lowest. Above `count` stand zeros, or bits that the next
    /// [`refill`](Self::refill) will put there again.
    hold: u64,
    /// In the lowest 8 bits. What is above them is of no use until [`settle`](Self::settle): to
    /// subtract entries as they are saves an instruction for each symbol.
    count: u32,
}

impl Bits {
    pub(super) fn hold(self) -> u64 {
        self.hold
    }

    pub(super) fn count(self) -> u32 {
        self.count
    }

    /// Makes it 56 bits or more, without a branch on how many there are; `false` if `bytes` has
    /// less than eight bytes from `at`.
    #[inline]
    pub(super) fn refill(&mut self, bytes: &[u8], at: &mut usize) -> bool {
        let Some(word) = bytes.get(*at..).and_then(<[u8]>::first_chunk) else { return false };
        self.hold |= u64::from_le_bytes(*word).wrapping_shl(self.count);
        *at += (7 - (self.count >> 3 & 7)) as usize;
        self.count |= 0b11_1000; // 56 and what was left of a byte
        true
    }

    /// Adds a byte; there must be room for it.
    pub(super) fn push(&mut self, byte: u8) {
        self.hold |= u64::from(byte) << self.count;
        self.count += 8;
    }

    /// Forgets what is above `count`: the bytes that follow may not be those that were seen.
    pub(super) fn settle(&mut self) {
        self.count &= 63;
        self.hold &= !(u64::MAX << self.count);
    }

    /// How many bits were passed over since there were `before`, at most 255. There may have been
    /// fewer: after the last bit of the input a code is looked up as if zeros followed.
    pub(super) fn since(self, before: Self) -> u32 {
        before.count.wrapping_sub(self.count) & 0xff
    }

    /// The next `count` bits, of which there must be as many.
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let value = (self.hold & !(u64::MAX << count)) as u32;
        self.skip(count);
        value
    }

    pub(super) fn skip(&mut self, count: u32) {
        self.hold >>= count;
        self.count -= count;
    }

    /// Passes over a code and its extra bits.
    #[inline]
    pub(super) fn pass(&mut self, entry: Entry) {
        self.hold = self.hold.wrapping_shr(entry.0);
        self.count = self.count.wrapping_sub(entry.0);
    }

    /// Passes over a code and gives its value, extra bits included. One shift by both lengths is
    /// what the next look-up waits for, not two. A shift minds six bits, so nothing is masked.
    #[inline]
    pub(super) fn value(&mut self, entry: Entry) -> usize {
        let extra = (self.hold & !u64::MAX.wrapping_shl(entry.0)).wrapping_shr(entry.0 >> 8);
        self.pass(entry);
        entry.base() + extra as usize
    }

    /// Leaves out what is left of a byte that was begun; how many whole bytes there are.
    pub(super) fn whole_bytes(&mut self) -> usize {
        self.skip(self.count % 8);
        (self.count / 8) as usize
    }
}
