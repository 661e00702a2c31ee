//! The symbols of a block (RFC 1951, section 3.2.3): where the time goes.

use super::Why;
use super::bits::Bits;
use super::codes::{Codes, DISTANCES, Entry, LITERALS_AND_LENGTHS};
use super::window::{Bytes, LIMIT, repeat};

const TOO_FAR: Why = "a match begins before the stream";

/// The two codes of a block. Their tables are as wide as the codes mostly are.
pub(super) struct Alphabets {
    pub(super) lengths: Codes<4096>,
    pub(super) distances: Codes<512>,
}

impl Alphabets {
    pub(super) fn new() -> Self {
        Self { lengths: Codes::new(&LITERALS_AND_LENGTHS), distances: Codes::new(&DISTANCES) }
    }

    /// The symbol at the beginning of `bits`, which must have 48 bits, and the bits after it.
    pub(super) fn symbol(&self, mut bits: Bits) -> Result<(Symbol, Bits), Why> {
        let mut entry = self.lengths.get(bits.hold());
        if entry.is_long() {
            entry = self.lengths.long(bits.hold()).ok_or("bits that are no code")?;
        }
        if entry.is_reserved() {
            return Err("a length that does not exist");
        }
        if entry.is_literal() || entry.is_end() {
            bits.pass(entry);
            return Ok((if entry.is_end() { Symbol::End } else { Symbol::Literal(entry.literal()) }, bits));
        }
        let length = bits.value(entry);
        let distance = bits.value(self.distance(bits)?);
        Ok((Symbol::Match { length, distance }, bits))
    }

    fn distance(&self, bits: Bits) -> Result<Entry, Why> {
        let mut entry = self.distances.get(bits.hold());
        if entry.is_long() {
            entry = self.distances.long(bits.hold()).ok_or("bits that are no code of a distance")?;
        }
        if entry.is_reserved() { Err("a distance that does not exist") } else { Ok(entry) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    Literal(u8),
    Match { length: usize, distance: usize },
    End,
}

/// Why a [`Run`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// There is as much as was wanted.
    Full,
    /// Less than eight bytes are left of the input.
    Starved,
    /// The block ended.
    End,
}

/// Symbols one after the other.
pub(super) struct Run<'a> {
    pub(super) alphabets: &'a Alphabets,
    pub(super) window: &'a mut Bytes,
    pub(super) begin: usize,
    /// Where the next byte goes.
    pub(super) made: usize,
    pub(super) bits: Bits,
}

impl Run<'_> {
    /// Decodes `bytes` until `target`, and no symbol further; how many bytes it took.
    ///
    /// All that changes from symbol to symbol is in local variables, and the loop is alone in its
    /// function, so that it stays in registers.
    #[inline(never)]
    pub(super) fn symbols(&mut self, bytes: &[u8], target: usize) -> Result<(Pause, usize), Why> {
        let Self { alphabets, ref mut window, begin, mut made, mut bits } = *self;
        let window = &mut **window;
        let mut at = 0;
        let target = target.min(LIMIT);
        // A turn writes up to three literals, which take 36 of at least 56 bits; a literal and a match take 51.
        let roomy = target.saturating_sub(2);
        let pause = 'run: loop {
            if !bits.refill(bytes, &mut at) {
                break 'run Pause::Starved;
            }
            let mut entry = alphabets.lengths.get(bits.hold());
            while made < roomy {
                if entry.is_literal() {
                    bits.pass(entry);
                    window[made] = entry.literal();
                    made += 1;
                    entry = alphabets.lengths.get(bits.hold());
                    if entry.is_literal() {
                        bits.pass(entry);
                        window[made] = entry.literal();
                        made += 1;
                        entry = alphabets.lengths.get(bits.hold());
                        if entry.is_literal() {
                            bits.pass(entry);
                            window[made] = entry.literal();
                            made += 1;
                            if !bits.refill(bytes, &mut at) {
                                break 'run Pause::Starved;
                            }
                            entry = alphabets.lengths.get(bits.hold());
                            continue;
                        }
                        if !bits.refill(bytes, &mut at) {
                            break 'run Pause::Starved;
                        }
                    }
                }
                if entry.is_special() {
                    break;
                }
                let mut after = bits;
                let length = after.value(entry);
                let distance = alphabets.distances.get(after.hold());
                if distance.is_special() {
                    break;
                }
                let distance = after.value(distance);
                bits = after;
                // The next look-up does not wait for the copy.
                if !bits.refill(bytes, &mut at) {
                    made = write(Symbol::Match { length, distance }, window, begin, made)?;
                    break 'run Pause::Starved;
                }
                entry = alphabets.lengths.get(bits.hold());
                made = repeat(window, begin, made, length, distance).ok_or(TOO_FAR)?;
            }
            if made >= target {
                break Pause::Full;
            }
            // What is rare; and near the target not one literal too many, so that what a byte costs
            // does not depend on how it was asked for.
            if !bits.refill(bytes, &mut at) {
                break Pause::Starved;
            }
            let (symbol, after) = alphabets.symbol(bits)?;
            bits = after;
            if symbol == Symbol::End {
                break Pause::End;
            }
            made = write(symbol, window, begin, made)?;
        };
        bits.settle();
        (self.made, self.bits) = (made, bits);
        // The input may end with what was wanted: the symbol after that is not asked for yet.
        let pause = if made >= target { Pause::Full } else { pause };
        Ok((pause, at))
    }
}

/// Writes what `symbol` stands for; where it ends.
#[cold]
#[inline(never)]
pub(super) fn write(symbol: Symbol, window: &mut Bytes, begin: usize, made: usize) -> Result<usize, Why> {
    match symbol {
        Symbol::Literal(byte) => {
            window[made] = byte;
            Ok(made + 1)
        }
        Symbol::Match { length, distance } => repeat(window, begin, made, length, distance).ok_or(TOO_FAR),
        Symbol::End => Ok(made),
    }
}
