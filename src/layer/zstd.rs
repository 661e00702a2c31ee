//! Zstandard frames, fed to the decoder block by block so that the cost of each block is known.
//!
//! Source: RFC 8878, sections 3.1.1 (frames, blocks) and 3.1.2 (skippable frames); the footer of
//! zstd:chunked as containers/storage writes it.

use super::input::{Input, framed};
use crate::error::{Error, Result};
use crate::layer::Context;
use crate::layer::budget::Share;
use std::io::Read;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

/// A block never holds more, compressed or not (RFC 8878, 3.1.1.2.4).
const BLOCK_MAX: usize = 128 << 10;

pub(super) struct Zstd<'c> {
    context: &'c Context,
    decoder: DCtx<'static>,
    /// Share of the windows' budget, held while the decoder may keep its window.
    share: Option<Share<'c>>,
    stage: Stage,
    /// One block as stored, header included.
    stored: Vec<u8>,
    /// The block's content: its buffer, its length, and how much of it was handed out.
    content: Box<[u8]>,
    length: usize,
    out: usize,
    /// Stored bytes of all blocks before this one.
    before: u64,
    pub(super) chunked: bool,
}

#[derive(Clone, Copy)]
enum Stage {
    Magic,
    Block { checksum: bool },
    End,
}

impl<'c> Zstd<'c> {
    pub(super) fn new(context: &'c Context) -> Result<Self> {
        let mut decoder = DCtx::create();
        let log = context.limits.zstd_window_log as u32;
        decoder.set_parameter(DParameter::WindowLogMax(log)).map_err(|code| failed(code, "setting the window limit"))?;
        Ok(Self {
            context,
            decoder,
            share: None,
            stage: Stage::Magic,
            stored: Vec::with_capacity(BLOCK_MAX + 3),
            content: vec![0; BLOCK_MAX].into_boxed_slice(),
            length: 0,
            out: 0,
            before: 0,
            chunked: false,
        })
    }

    pub(super) fn position(&self) -> u64 {
        let share = (self.out * self.stored.len()).checked_div(self.length).unwrap_or(0);
        self.before + share as u64
    }

    pub(super) fn read_full<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            if self.out < self.length {
                let count = (self.length - self.out).min(out.len() - filled);
                out[filled..filled + count].copy_from_slice(&self.content[self.out..self.out + count]);
                self.out += count;
                filled += count;
                continue;
            }
            match self.stage {
                Stage::Magic => self.frame_header(input, framing)?,
                Stage::Block { checksum } => self.block(input, framing, checksum)?,
                Stage::End => break,
            }
        }
        Ok(filled)
    }

    fn frame_header<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64) -> Result<()> {
        if input.bytes()?.is_empty() {
            self.stage = Stage::End;
            return Ok(());
        }
        let magic = u32::from_le_bytes(framed(input, framing)?);
        if (0x184D_2A50..=0x184D_2A5F).contains(&magic) {
            return self.skippable(input, framing);
        }
        if magic != 0xFD2F_B528 {
            return Err(Error::malformed("zstd stream", format_args!("expected a frame, found the magic number {magic:08x}")));
        }
        let [descriptor] = framed(input, framing)?;
        let single_segment = descriptor & 0x20 != 0;
        let mut header = magic.to_le_bytes().to_vec();
        header.push(descriptor);
        let mut window = 0;
        if !single_segment {
            let [byte] = framed(input, framing)?;
            header.push(byte);
            let base = 1u64 << (10 + (byte >> 3));
            window = base + (base / 8) * u64::from(byte & 7);
        }
        if descriptor & 3 != 0 {
            return Err(Error::Unsupported("zstd frame: it needs a dictionary, which no image carries".into()));
        }
        let size_bytes = [usize::from(single_segment), 2, 4, 8][usize::from(descriptor >> 6)];
        let mut size = [0; 8];
        for byte in &mut size[..size_bytes] {
            [*byte] = framed(input, framing)?;
        }
        header.extend_from_slice(&size[..size_bytes]);
        if single_segment {
            window = u64::from_le_bytes(size);
        }
        self.reserve(window)?;
        self.feed(&header)?;
        self.stage = Stage::Block { checksum: descriptor & 4 != 0 };
        Ok(())
    }

    /// Takes the window's bytes out of the budget that all workers share.
    fn reserve(&mut self, window: u64) -> Result<()> {
        let max = 1u64 << self.context.limits.zstd_window_log;
        if window > max {
            return Err(Error::Limit {
                place: "zstd frame".into(),
                what: format!("a window of {window} bytes (2^N)"),
                limit: "zstd-window-log",
                max: self.context.limits.zstd_window_log,
            });
        }
        if self.share.as_ref().is_none_or(|share| share.bytes() < window) {
            self.share = None; // give back first, or two workers could wait for each other
            self.share = Some(self.context.windows.take("zstd frame: a window", window)?);
        }
        Ok(())
    }

    /// A frame of user data. zstd:chunked keeps its table of contents in one, and a footer whose
    /// last eight bytes are its magic number in the last.
    fn skippable<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64) -> Result<()> {
        let mut left = u64::from(u32::from_le_bytes(framed(input, framing)?));
        let mut tail = [0; 8];
        while left > 0 {
            let bytes = input.bytes()?;
            if bytes.is_empty() {
                return Err(Error::malformed("zstd stream", format_args!("cut off inside a skippable frame: {left} bytes missing")));
            }
            let count = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            for byte in &bytes[count.saturating_sub(8)..count] {
                tail.rotate_left(1);
                tail[7] = *byte;
            }
            input.consume(count);
            *framing += count as u64;
            left -= count as u64;
        }
        self.chunked |= matches!(&tail, b"GNUlInUx" | b"GnUlInUx");
        Ok(())
    }

    fn block<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64, checksum: bool) -> Result<()> {
        self.before += self.stored.len() as u64;
        self.stored.clear();
        self.length = 0;
        self.out = 0;
        let mut header = [0; 4];
        let cut = |what: &str| Error::malformed("zstd stream", format_args!("cut off inside {what}"));
        if input.take(&mut header[..3])? < 3 {
            return Err(cut("a block header"));
        }
        let bits = u32::from_le_bytes(header);
        let (last, kind, size) = (bits & 1 == 1, bits >> 1 & 3, (bits >> 3) as usize);
        if kind == 3 || (size > BLOCK_MAX && kind != 1) {
            return Err(Error::malformed(
                "zstd block",
                format_args!("expected at most {BLOCK_MAX} bytes of a known type, found {size} bytes of type {kind}"),
            ));
        }
        self.stored.resize(3 + if kind == 1 { 1 } else { size }, 0);
        self.stored[..3].copy_from_slice(&header[..3]);
        if input.take(&mut self.stored[3..])? < self.stored.len() - 3 {
            return Err(cut("a block"));
        }
        let stored = std::mem::take(&mut self.stored);
        self.feed(&stored)?;
        self.stored = stored;
        if self.length == 0 {
            // Nothing came of it, so it belongs to nothing.
            *framing += self.stored.len() as u64;
            self.stored.clear();
        }
        if last {
            if checksum {
                let sum: [u8; 4] = framed(input, framing)?;
                self.feed(&sum)?;
            }
            self.stage = Stage::Magic;
        }
        Ok(())
    }

    /// Gives `bytes` to the decoder and keeps all that comes out.
    fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        let mut input = InBuffer::around(bytes);
        loop {
            let mut output = OutBuffer::around(&mut self.content[self.length..]);
            let before = input.pos();
            let result = self.decoder.decompress_stream(&mut output, &mut input);
            let count = output.pos();
            self.length += count;
            result.map_err(|code| failed(code, "decoding"))?;
            if input.pos() == bytes.len() && (count == 0 || self.length < self.content.len()) {
                return Ok(());
            }
            if count == 0 && input.pos() == before {
                return Err(Error::malformed("zstd stream", "a block holds more than it may"));
            }
        }
    }
}

fn failed(code: zstd_safe::ErrorCode, doing: &str) -> Error {
    Error::malformed("zstd stream", format_args!("{doing}: {}", zstd_safe::get_error_name(code)))
}
