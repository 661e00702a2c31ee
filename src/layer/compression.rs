//! From stored bytes to tar bytes, keeping count of what each tar byte cost.
//!
//! The decoder stops exactly where its caller asks ([`Decoder::read_full`]), and
//! [`Decoder::position`] then says how much of the blob went into the output so far, so that every
//! tar entry can be charged with its own compressed bytes. What belongs to no tar byte (gzip
//! headers and trailers, zstd frame headers, skippable frames, padding) is counted apart as
//! [`Decoder::framing`]. At the end `position + framing` is the blob's size, exactly.
//!
//! The format is decided by the first bytes alone: names and media types lie. Sources: RFC 1952
//! (gzip), RFC 8878 (Zstandard). In gzip a position is what inflate has taken, within four bytes
//! of the boundary; in zstd it is exact at each block and proportional inside one
//! (`floor(out * in / len)`, cumulative, so sums stay exact).

use super::zstd::Zstd;
use crate::error::{Error, Result};
use crate::layer::Context;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};
use std::io::Read;

/// Input is always fed in blocks of this size, filled completely and aligned to the blob's start:
/// where inflate stops depends on how it is fed, and reports must not depend on the source.
pub const BLOCK: usize = 64 << 10;

/// How a blob is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not compressed.
    None,
    /// Gzip, any number of members.
    Gzip,
    /// Zstandard, any number of frames.
    Zstd,
}

impl Compression {
    /// The format whose magic number opens `bytes`.
    pub fn sniff(bytes: &[u8]) -> Self {
        match bytes {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// The lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// An index that lets runtimes fetch files of a layer one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Toc {
    /// eStargz: a gzip member for each file, the index in the last but one.
    #[serde(rename = "estargz")]
    Estargz,
    /// zstd:chunked: a frame for each file, the index in a skippable frame.
    #[serde(rename = "zstd:chunked")]
    ZstdChunked,
}

impl Toc {
    /// The format's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Estargz => "estargz",
            Self::ZstdChunked => "zstd:chunked",
        }
    }
}

/// Blocks of stored bytes.
pub(super) struct Input<R> {
    reader: R,
    block: Box<[u8]>,
    start: usize,
    end: usize,
}

impl<R: Read> Input<R> {
    fn new(reader: R) -> Self {
        Self { reader, block: vec![0; BLOCK].into_boxed_slice(), start: 0, end: 0 }
    }

    /// What is left of the block; a new block is read when nothing is. Empty at the end.
    pub(super) fn bytes(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            self.end = read_fully(&mut self.reader, &mut self.block)?;
        }
        Ok(&self.block[self.start..self.end])
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// Fills `out` from the stream as far as it goes.
    pub(super) fn take(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            // A large remainder goes straight to its destination.
            if self.start == self.end && out.len() - filled >= BLOCK {
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

/// Decodes a blob and keeps its books.
pub(crate) struct Decoder<'c, R> {
    input: Input<R>,
    codec: Codec<'c>,
    framing: u64,
}

enum Codec<'c> {
    Plain { position: u64 },
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd<'c>>),
}

impl<'c, R: Read> Decoder<'c, R> {
    /// Reads the first block and decides the format by it.
    pub(crate) fn new(reader: R, context: &'c Context) -> Result<Self> {
        let mut input = Input::new(reader);
        let codec = match Compression::sniff(input.bytes()?) {
            Compression::None => Codec::Plain { position: 0 },
            Compression::Gzip => Codec::Gzip(Box::new(Gzip::new())),
            Compression::Zstd => Codec::Zstd(Box::new(Zstd::new(context)?)),
        };
        Ok(Self { input, codec, framing: 0 })
    }

    pub(crate) fn compression(&self) -> Compression {
        match self.codec {
            Codec::Plain { .. } => Compression::None,
            Codec::Gzip(_) => Compression::Gzip,
            Codec::Zstd(_) => Compression::Zstd,
        }
    }

    /// The kind of index that was seen in the framing; complete at the end of the blob.
    pub(crate) fn toc(&self) -> Option<Toc> {
        match &self.codec {
            Codec::Gzip(gzip) if gzip.estargz => Some(Toc::Estargz),
            Codec::Zstd(zstd) if zstd.chunked => Some(Toc::ZstdChunked),
            _ => None,
        }
    }

    /// Decodes until `out` is full or the blob ends, and not one byte further.
    pub(crate) fn read_full(&mut self, out: &mut [u8]) -> Result<usize> {
        match &mut self.codec {
            Codec::Plain { position } => {
                let count = self.input.take(out)?;
                *position += count as u64;
                Ok(count)
            }
            Codec::Gzip(gzip) => gzip.read_full(&mut self.input, &mut self.framing, out),
            Codec::Zstd(zstd) => zstd.read_full(&mut self.input, &mut self.framing, out),
        }
    }

    /// Bytes of the blob that went into the output so far.
    pub(crate) fn position(&self) -> u64 {
        match &self.codec {
            Codec::Plain { position } => *position,
            Codec::Gzip(gzip) => gzip.position,
            Codec::Zstd(zstd) => zstd.position(),
        }
    }

    /// Bytes of the blob that belong to no output.
    pub(crate) fn framing(&self) -> u64 {
        self.framing
    }
}

impl<R: Read> Read for Decoder<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.read_full(out).map_err(std::io::Error::other)
    }
}

/// Gzip members one after the other. The framing is parsed here, and the deflate stream inside
/// given raw to inflate, so that the two are never mixed up in the books.
struct Gzip {
    inflate: Decompress,
    crc: Crc,
    stage: Stage,
    position: u64,
    estargz: bool,
}

#[derive(PartialEq)]
enum Stage {
    Header,
    Deflate,
    Trailer,
    BetweenMembers,
    End,
}

impl Gzip {
    fn new() -> Self {
        Self { inflate: Decompress::new(false), crc: Crc::new(), stage: Stage::Header, position: 0, estargz: false }
    }

    fn read_full<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            match self.stage {
                Stage::Header => {
                    self.header(input, framing)?;
                    self.inflate.reset(false);
                    self.crc.reset();
                    self.stage = Stage::Deflate;
                }
                Stage::Deflate => filled += self.deflate(input, &mut out[filled..])?,
                Stage::Trailer => {
                    self.trailer(input, framing)?;
                    self.stage = Stage::BetweenMembers;
                }
                Stage::BetweenMembers => self.between(input, framing)?,
                Stage::End => break,
            }
        }
        Ok(filled)
    }

    fn deflate<R: Read>(&mut self, input: &mut Input<R>, out: &mut [u8]) -> Result<usize> {
        let bytes = input.bytes()?;
        if bytes.is_empty() {
            return Err(Error::malformed("gzip stream", "cut off: expected more compressed data, found the end of the blob"));
        }
        let (taken, made) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(bytes, out, FlushDecompress::None)
            .map_err(|error| Error::malformed("gzip stream", format_args!("corrupt after {} compressed bytes: {error}", self.position)))?;
        let taken = self.inflate.total_in() - taken;
        let made = (self.inflate.total_out() - made) as usize;
        if status != Status::StreamEnd && taken == 0 && made == 0 {
            return Err(Error::malformed("gzip stream", format_args!("corrupt after {} compressed bytes: no progress", self.position)));
        }
        self.crc.update(&out[..made]);
        input.consume(taken as usize);
        self.position += taken;
        if status == Status::StreamEnd {
            self.stage = Stage::Trailer;
        }
        Ok(made)
    }

    /// RFC 1952, section 2.3.
    fn header<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64) -> Result<()> {
        let fixed: [u8; 10] = framed(input, framing)?;
        if fixed[..3] != [0x1f, 0x8b, 8] {
            return Err(Error::malformed("gzip member", format_args!("expected the header 1f 8b 08, found {:02x?}", &fixed[..3])));
        }
        let flags = fixed[3];
        if flags & 4 != 0 {
            let length = u16::from_le_bytes(framed(input, framing)?);
            let mut extra = vec![0; usize::from(length)];
            framed_into(input, framing, &mut extra)?;
            // The footer of eStargz is an empty member whose subfield SG ends in STARGZ.
            self.estargz |= extra.starts_with(b"SG") && extra.ends_with(b"STARGZ");
        }
        for flag in [8, 16] {
            if flags & flag != 0 {
                while framed::<R, 1>(input, framing)? != [0] {}
            }
        }
        if flags & 2 != 0 {
            framed::<R, 2>(input, framing)?;
        }
        Ok(())
    }

    fn trailer<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64) -> Result<()> {
        let expected = u32::from_le_bytes(framed(input, framing)?);
        let _size_mod_2_32: [u8; 4] = framed(input, framing)?;
        let found = self.crc.sum();
        if expected == found {
            return Ok(());
        }
        Err(Error::malformed("gzip member", format_args!("checksum mismatch: expected crc32 {expected:08x}, found {found:08x}")))
    }

    /// Another member, zero padding, or the end.
    fn between<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64) -> Result<()> {
        match input.bytes()? {
            [] => self.stage = Stage::End,
            [0x1f, ..] => self.stage = Stage::Header,
            bytes => {
                let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                if zeros == 0 {
                    let found = bytes[0];
                    return Err(Error::malformed(
                        "gzip stream",
                        format_args!("expected another member, zero padding or the end, found byte {found:02x}"),
                    ));
                }
                input.consume(zeros);
                *framing += zeros as u64;
            }
        }
        Ok(())
    }
}

/// `N` bytes of framing.
pub(super) fn framed<R: Read, const N: usize>(input: &mut Input<R>, framing: &mut u64) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    framed_into(input, framing, &mut bytes)?;
    Ok(bytes)
}

fn framed_into<R: Read>(input: &mut Input<R>, framing: &mut u64, out: &mut [u8]) -> Result<()> {
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
