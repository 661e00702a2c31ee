//! Gzip members one after the other (RFC 1952).

use super::inflate::Inflate;
use super::input::{Input, framed, framed_into};
use crate::error::{Error, Result};
use flate2::Crc;
use std::io::Read;

/// The framing is parsed here, and the deflate stream inside
/// given raw to inflate, so that the two are never mixed up in the books.
pub(super) struct Gzip {
    inflate: Inflate,
    /// `None` where something stronger vouches for the bytes.
    crc: Option<Crc>,
    stage: Stage,
    pub(super) estargz: bool,
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
    pub(super) fn new() -> Self {
        Self { inflate: Inflate::new(), crc: Some(Crc::new()), stage: Stage::Header, estargz: false }
    }

    /// Leaves the members' checksums unchecked: a twentieth of the work.
    pub(super) fn trust(&mut self) {
        self.crc = None;
    }

    /// Bytes of the deflate streams that the output so far needed.
    pub(super) fn position(&self) -> u64 {
        self.inflate.position()
    }

    /// Lends the next `want` bytes, at most [`MOST`](super::compression::MOST); fewer only at the end.
    pub(super) fn lend<R: Read>(&mut self, input: &mut Input<R>, framing: &mut u64, want: usize) -> Result<&[u8]> {
        while self.inflate.waiting() < want {
            match self.stage {
                Stage::Header => {
                    self.header(input, framing)?;
                    self.inflate.begin();
                    self.crc.iter_mut().for_each(Crc::reset);
                    self.stage = Stage::Deflate;
                }
                Stage::Deflate => {
                    let waiting = self.inflate.waiting();
                    self.inflate.fill(input, want)?;
                    let made = self.inflate.last(self.inflate.waiting() - waiting);
                    self.crc.iter_mut().for_each(|crc| crc.update(made));
                    if self.inflate.is_at_end() {
                        self.stage = Stage::Trailer;
                    }
                }
                Stage::Trailer => {
                    self.trailer(input, framing)?;
                    self.stage = Stage::BetweenMembers;
                }
                Stage::BetweenMembers => self.between(input, framing)?,
                Stage::End => break,
            }
        }
        Ok(self.inflate.lend(want))
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
        let Some(found) = self.crc.as_ref().map(Crc::sum).filter(|found| *found != expected) else { return Ok(()) };
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
