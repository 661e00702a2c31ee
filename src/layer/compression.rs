//! From stored bytes to tar bytes, keeping count of what each tar byte cost.
//!
//! The decoder stops exactly where its caller asks (`Decoder::read_full`, `Decoder::lend`), and
//! `Decoder::position` then says how much of the blob went into the output so far, so that every
//! tar entry can be charged with its own compressed bytes. What belongs to no tar byte (gzip
//! headers and trailers, zstd frame headers, skippable frames, padding) is counted apart as
//! `Decoder::framing`. At the end `position + framing` is the blob's size, exactly.
//!
//! The format is decided by the first bytes alone: names and media types lie. Sources: RFC 1952
//! (gzip), RFC 8878 (Zstandard). In gzip a position is exact to the symbol; in zstd it is exact at each block and proportional inside one
//! (`floor(out * in / len)`, cumulative, so sums stay exact).

use super::gzip::Gzip;
use super::input::Input;
use super::zstd::Zstd;
use crate::error::Result;
use crate::layer::Context;
use serde::{Deserialize, Serialize};
use std::io::Read;

/// How much is lent at a time: as much as stays in a processor's own cache with what it is made of.
pub(crate) const MOST: usize = 256 << 10;

/// How entries are charged with what they cost, as a number: raised whenever it changes, so that a
/// [`Cache`](crate::cache::Cache) filled before is not asked any more.
pub(crate) const CHARGES: u32 = 3;

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

/// Decodes a blob and keeps its books.
pub(crate) struct Decoder<'c, R> {
    input: Input<R>,
    codec: Codec<'c>,
    framing: u64,
    /// What is lent of a blob that is not decoded into a window of its own.
    piece: Vec<u8>,
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
        Ok(Self { input, codec, framing: 0, piece: Vec::new() })
    }

    /// Leaves checksums inside the compressed stream unchecked. For blobs whose digest or diff id is
    /// compared with what the image says, which is the stronger check of the same bytes.
    pub(crate) fn trusting(mut self) -> Self {
        if let Codec::Gzip(gzip) = &mut self.codec {
            gzip.trust();
        }
        self
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
            Codec::Gzip(gzip) => {
                let mut filled = 0;
                for part in out.chunks_mut(MOST) {
                    let bytes = gzip.lend(&mut self.input, &mut self.framing, part.len())?;
                    part[..bytes.len()].copy_from_slice(bytes);
                    filled += bytes.len();
                    if bytes.len() < part.len() {
                        break;
                    }
                }
                Ok(filled)
            }
            Codec::Zstd(zstd) => zstd.read_full(&mut self.input, &mut self.framing, out),
        }
    }

    /// Decodes `want` bytes, at most [`MOST`], and lends them; fewer only at the end of the blob.
    pub(crate) fn lend(&mut self, want: usize) -> Result<&[u8]> {
        let Self { input, codec, framing, piece } = self;
        let count = match codec {
            Codec::Gzip(gzip) => return gzip.lend(input, framing, want),
            Codec::Plain { position } => {
                let count = input.take(room(piece, want))?;
                *position += count as u64;
                count
            }
            Codec::Zstd(zstd) => zstd.read_full(input, framing, room(piece, want))?,
        };
        Ok(&piece[..count])
    }

    /// Bytes of the blob that went into the output so far.
    pub(crate) fn position(&self) -> u64 {
        match &self.codec {
            Codec::Plain { position } => *position,
            Codec::Gzip(gzip) => gzip.position(),
            Codec::Zstd(zstd) => zstd.position(),
        }
    }

    /// Bytes of the blob that belong to no output.
    pub(crate) fn framing(&self) -> u64 {
        self.framing
    }
}

/// Room for `want` bytes; it is made once, for the most that may be wanted.
fn room(piece: &mut Vec<u8>, want: usize) -> &mut [u8] {
    if piece.is_empty() {
        piece.resize(MOST, 0);
    }
    &mut piece[..want]
}

impl<R: Read> Read for Decoder<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.read_full(out).map_err(std::io::Error::other)
    }
}
