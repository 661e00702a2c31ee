//! Stored bytes, block by block, and the framing that is taken from them byte by byte.

use crate::error::{Error, Result};
use std::io::Read;

/// Stored bytes are read this many at a time; so few by a fuzzer that its small inputs are many blocks.
const BLOCK: usize = if cfg!(fuzzing) { 61 } else { 64 << 10 };
/// As many bytes before a block are kept as can be given back.
const KEPT: usize = 8;

/// Blocks of stored bytes.
pub(super) struct Input<R> {
    reader: R,
    block: Box<[u8]>,
    start: usize,
    end: usize,
}

impl<R: Read> Input<R> {
    pub(super) fn new(reader: R) -> Self {
        Self::in_blocks(reader, BLOCK)
    }

    /// The same, read `size` bytes at a time.
    pub(super) fn in_blocks(reader: R, size: usize) -> Self {
        Self { reader, block: vec![0; KEPT + size].into_boxed_slice(), start: KEPT, end: KEPT }
    }

    /// What is left of the block; a new block is read when nothing is. Empty at the end.
    pub(super) fn bytes(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            self.block.copy_within(self.end - KEPT..self.end, 0);
            (self.start, self.end) = (KEPT, KEPT);
            self.end += read_fully(&mut self.reader, &mut self.block[KEPT..])?;
        }
        Ok(&self.block[self.start..self.end])
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// Takes back up to [`KEPT`] bytes that were consumed last.
    pub(super) fn give_back(&mut self, count: usize) {
        self.start -= count;
    }

    /// Fills `out` from the stream as far as it goes.
    pub(super) fn take(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            // A large remainder goes straight to its destination.
            if self.start == self.end && out.len() - filled >= self.block.len() - KEPT {
                let count = read_fully(&mut self.reader, &mut out[filled..])?;
                return Ok(filled + count);
            }
            let bytes = self.bytes()?;
            if bytes.is_empty() {
                break;
            }
            let count = bytes.len().min(out.len() - filled);
            out[filled..filled + count].copy_from_slice(&bytes[..count]);
            self.consume(count);
            filled += count;
        }
        Ok(filled)
    }
}

/// Reads until `out` is full or the reader ends: `read` may return one byte at a time.
pub(crate) fn read_fully(reader: &mut impl Read, out: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < out.len() {
        match reader.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unwrap_io(error)),
        }
    }
    Ok(filled)
}

/// An [`Error`] that crossed `std::io::Read` on its way here comes out as itself.
fn unwrap_io(error: std::io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => ours,
        Err(source) => Error::Io { doing: "reading".into(), source },
    }
}

/// `N` bytes of framing.
pub(super) fn framed<R: Read, const N: usize>(input: &mut Input<R>, framing: &mut u64) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    framed_into(input, framing, &mut bytes)?;
    Ok(bytes)
}

pub(super) fn framed_into<R: Read>(input: &mut Input<R>, framing: &mut u64, out: &mut [u8]) -> Result<()> {
    let count = input.take(out)?;
    *framing += count as u64;
    if count < out.len() {
        return Err(Error::malformed(
            "compressed stream",
            format_args!("cut off: expected {} more bytes of framing, found {count}", out.len()),
        ));
    }
    Ok(())
}
