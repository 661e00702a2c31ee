//! Deflate (RFC 1951), with what each byte costs.
//!
//! Every entry of a layer has to be charged with its own compressed bytes, so the decoder is asked
//! where it stands at each boundary between two entries, hundreds of thousands of times. Inflate as
//! libraries have it ends a call there, copies its window and leaves its fast loop long before the
//! end, which costs up to a third of the whole. Here a stop costs next to nothing: what was decoded
//! stays where it is and is lent to the caller, and a match that reaches over the boundary is
//! simply there when the next bytes are asked for.
//!
//! A byte of the stream is charged to the entry for which it was needed first: `position` is exact
//! to the symbol, and the same however the input comes and the output is asked for.

mod bits;
mod codes;
mod symbols;
mod window;

use super::compression::MOST;
use super::input::Input;
use crate::error::{Error, Result};
use bits::Bits;
use codes::{Codes, PLAIN};
use std::io::Read;
use symbols::{Alphabets, Pause, Run, Symbol, write};
use window::Window;

/// What is wrong with a stream.
type Why = &'static str;

const CUT_OFF: Why = "cut off: expected more compressed data, found the end of the blob";

/// One deflate stream after the other.
pub(super) struct Inflate {
    stage: Stage,
    /// The block is the last of its stream.
    last: bool,
    alphabets: Alphabets,
    /// The alphabets are those of [`Inflate::fixed`].
    fixed: bool,
    bits: Bits,
    /// Bytes taken from the input.
    taken: u64,
    window: Window,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    Stored { left: usize },
    Coded,
    End,
}

impl Inflate {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::Header,
            last: false,
            alphabets: Alphabets::new(),
            fixed: false,
            bits: Bits::default(),
            taken: 0,
            window: Window::new(),
        }
    }

    /// Another stream begins. What waits of the last one stays.
    pub(super) fn begin(&mut self) {
        self.stage = Stage::Header;
        self.window.begin();
    }

    /// Whether the stream ended.
    pub(super) fn is_at_end(&self) -> bool {
        self.stage == Stage::End
    }

    /// Bytes that all output so far needed, of all streams.
    pub(super) fn position(&self) -> u64 {
        self.taken - u64::from(self.bits.count() / 8)
    }

    /// Bytes that [`Inflate::lend`] has without decoding more.
    pub(super) fn waiting(&self) -> usize {
        self.window.waiting()
    }

    /// Decodes until `want` bytes wait, at most [`MOST`], or the stream ends.
    pub(super) fn fill<R: Read>(&mut self, input: &mut Input<R>, want: usize) -> Result<()> {
        let target = self.window.room(want);
        while self.window.made < target {
            match self.stage {
                Stage::Header => self.header(input)?,
                Stage::Stored { left: 0 } => self.end_block(input),
                Stage::Stored { left } => self.stored(input, left, target)?,
                Stage::Coded => self.coded(input, target)?,
                Stage::End => break,
            }
        }
        Ok(())
    }

    /// Lends up to `want` of the bytes that wait.
    pub(super) fn lend(&mut self, want: usize) -> &[u8] {
        self.window.give(want)
    }

    /// The last `count` bytes that wait.
    pub(super) fn last(&self, count: usize) -> &[u8] {
        self.window.last(count)
    }

    fn corrupt(&self, why: Why) -> Error {
        Error::malformed("gzip stream", format_args!("corrupt after {} compressed bytes: {why}", self.position()))
    }

    fn end_block<R: Read>(&mut self, input: &mut Input<R>) {
        self.stage = Stage::Header;
        if self.last {
            self.stage = Stage::End;
            self.align(input);
        }
    }

    /// Goes to the next whole byte, and gives back those that were taken too early.
    fn align<R: Read>(&mut self, input: &mut Input<R>) {
        let early = self.bits.whole_bytes();
        self.bits = Bits::default();
        self.taken -= early as u64;
        input.give_back(early);
    }

    /// The header of a block (3.2.3), with the codes that it uses.
    fn header<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        self.last = self.take(input, 1)? == 1;
        match self.take(input, 2)? {
            0 => {
                self.align(input);
                let (length, check) = (self.take(input, 16)?, self.take(input, 16)?);
                if length != !check & 0xffff {
                    return Err(self.corrupt("the length of a stored block differs from its complement"));
                }
                self.align(input);
                self.stage = Stage::Stored { left: length as usize };
            }
            1 => {
                self.fixed_codes();
                self.stage = Stage::Coded;
            }
            2 => {
                self.dynamic_codes(input)?;
                self.stage = Stage::Coded;
            }
            _ => return Err(self.corrupt("a block of the reserved type")),
        }
        Ok(())
    }

    /// 3.2.6.
    fn fixed_codes(&mut self) {
        if !self.fixed {
            let mut lengths = [8; 288];
            lengths[144..256].fill(9);
            lengths[256..280].fill(7);
            self.fixed = self.alphabets.lengths.build(&lengths) && self.alphabets.distances.build(&[5; 32]);
        }
    }

    /// 3.2.7.
    fn dynamic_codes<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        self.fixed = false;
        let literals = self.take(input, 5)? as usize + 257;
        let distances = self.take(input, 5)? as usize + 1;
        if literals > 286 || distances > 30 {
            return Err(self.corrupt("more lengths or distances than there are"));
        }
        let count = self.take(input, 4)? as usize + 4;
        let mut of_lengths = [0; 19];
        for place in &ORDER[..count] {
            of_lengths[usize::from(*place)] = self.take(input, 3)? as u8;
        }
        let mut code = Codes::<128>::new(&PLAIN);
        if !code.build(&of_lengths) {
            return Err(self.corrupt("no code for the lengths of codes"));
        }
        let all = literals + distances;
        // The last one may be repeated beyond the end, which is found out below.
        let mut lengths = [0; 286 + 30 + 138];
        let mut at = 0;
        while at < all {
            // A code of up to 7 bits, and up to 7 more.
            if self.bits.count() < 14 {
                self.refill(input)?;
            }
            let entry = code.get(self.bits.hold());
            if entry.is_special() {
                return Err(self.corrupt("bits that are no length of a code"));
            }
            self.take(input, entry.bits())?;
            // Room for the longest repeat is filled, whatever its length: what is too much is
            // written again, or lies beyond the end.
            let count = match entry.literal() {
                length @ 0..=15 => {
                    lengths[at] = length;
                    1
                }
                16 if at == 0 => return Err(self.corrupt("a length repeated before the first")),
                16 => {
                    let length = lengths[at - 1];
                    lengths[at..at + 6].fill(length);
                    3 + self.take(input, 2)?
                }
                17 => {
                    lengths[at..at + 10].fill(0);
                    3 + self.take(input, 3)?
                }
                _ => {
                    lengths[at..at + 138].fill(0);
                    11 + self.take(input, 7)?
                }
            };
            at += count as usize;
        }
        if at > all || lengths[256] == 0 {
            return Err(self.corrupt("lengths of codes beyond the last, or none for the end of the block"));
        }
        if !self.alphabets.lengths.build(&lengths[..literals]) || !self.alphabets.distances.build(&lengths[literals..all]) {
            return Err(self.corrupt("lengths that make no code"));
        }
        Ok(())
    }

    fn stored<R: Read>(&mut self, input: &mut Input<R>, left: usize, target: usize) -> Result<()> {
        let bytes = input.bytes()?;
        let count = self.window.store(&bytes[..left.min(bytes.len())], target);
        if count == 0 {
            return Err(self.corrupt(CUT_OFF));
        }
        input.consume(count);
        self.taken += count as u64;
        self.stage = Stage::Stored { left: left - count };
        Ok(())
    }

    fn coded<R: Read>(&mut self, input: &mut Input<R>, target: usize) -> Result<()> {
        let Window { bytes: window, begin, made, .. } = &mut self.window;
        let mut run = Run { alphabets: &self.alphabets, window, begin: *begin, made: *made, bits: self.bits };
        let result = run.symbols(input.bytes()?, target);
        (*made, self.bits) = (run.made, run.bits);
        let (pause, taken) = result.map_err(|why| self.corrupt(why))?;
        input.consume(taken);
        self.taken += taken as u64;
        match pause {
            Pause::Full => {}
            Pause::Starved => self.one_symbol(input)?,
            Pause::End => self.end_block(input),
        }
        Ok(())
    }

    /// A symbol whose bits may be in two blocks of the input, or its last.
    fn one_symbol<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        self.refill(input)?;
        let (symbol, after) = self.alphabets.symbol(self.bits).map_err(|why| self.corrupt(why))?;
        self.take(input, after.since(self.bits))?;
        if symbol == Symbol::End {
            self.end_block(input);
            return Ok(());
        }
        let Window { bytes: window, begin, made, .. } = &mut self.window;
        let end = write(symbol, window, *begin, *made).map_err(|why| self.corrupt(why))?;
        self.window.made = end;
        Ok(())
    }

    fn take<R: Read>(&mut self, input: &mut Input<R>, count: u32) -> Result<u32> {
        if self.bits.count() < count {
            self.refill(input)?;
        }
        if self.bits.count() < count {
            return Err(self.corrupt(CUT_OFF));
        }
        Ok(self.bits.take(count))
    }

    /// Makes it 56 bits or more, if there are as many.
    fn refill<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        while self.bits.count() < 56 {
            let bytes = input.bytes()?;
            let mut taken = 0;
            if self.bits.refill(bytes, &mut taken) {
                self.bits.settle();
            } else if let [byte, ..] = bytes {
                self.bits.push(*byte);
                taken = 1;
            } else {
                break;
            }
            input.consume(taken);
            self.taken += taken as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
