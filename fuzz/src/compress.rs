//! Compressed layers, put together so that their books are known.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use zstd_safe::{CCtx, CParameter};

/// One gzip member with the plainest header.
pub fn gzip(plain: &[u8], level: u32) -> Vec<u8> {
    member(&deflate(plain, level), plain, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
}

/// A gzip member of a deflate stream that is there already.
pub fn member(deflated: &[u8], plain: &[u8], header: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(plain);
    [header, deflated, &crc.sum().to_le_bytes(), &(plain.len() as u32).to_le_bytes()].concat()
}

pub fn deflate(plain: &[u8], level: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() + plain.len() / 8 + 64);
    let mut compress = Compress::new(Compression::new(level), false);
    loop {
        let at = compress.total_in() as usize;
        if compress.compress_vec(&plain[at..], &mut out, FlushCompress::Finish).expect("deflate takes anything") == Status::StreamEnd {
            return out;
        }
        out.reserve(64 + out.len());
    }
}

/// One zstd frame; its content size is in its header if `sized`.
pub fn zstd(plain: &[u8], level: i32, sized: bool) -> Vec<u8> {
    let mut context = CCtx::create();
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(plain.len()));
    context.set_parameter(CParameter::CompressionLevel(level)).expect("a level");
    context.set_parameter(CParameter::ContentSizeFlag(sized)).expect("a flag");
    context.set_parameter(CParameter::ChecksumFlag(sized)).expect("a flag");
    context.compress2(&mut out, plain).expect("room for the frame");
    out
}

/// A zstd frame of user data.
pub fn skippable(number: u32, data: &[u8]) -> Vec<u8> {
    [&(0x184D_2A50 + (number & 15)).to_le_bytes()[..], &(data.len() as u32).to_le_bytes(), data].concat()
}
