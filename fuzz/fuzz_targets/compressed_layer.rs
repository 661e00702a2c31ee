//! One compressed layer: members, frames and framing of every kind, and books that must come out
//! even with what they hold.
//!
//! The first byte says whether the rest is a blob as it is, a deflate stream or zstd blocks to be
//! framed, or choices for a blob to be put together out of parts.

#![no_main]

use arbitrary::{Result, Unstructured};
use flate2::{Decompress, FlushDecompress, Status};
use libfuzzer_sys::{Corpus, fuzz_target};
use plimsoll::layer::Compression;
use plimsoll::source::Verify;
use plimsoll_fuzz::{archive, compress, options, tar, weigh_within};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((&control, rest)) = data.split_first() else { return Corpus::Reject };
    let (blob, plain) = match control & 7 {
        0 => (rest.to_vec(), None),
        1 => {
            let (used, plain) = inflated(rest);
            let blob = compress::member(&rest[..used], &plain, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
            (blob, Some(plain))
        }
        2 => ([&[0x28, 0xb5, 0x2f, 0xfd], rest].concat(), None),
        3 => ([&[0x28, 0xb5, 0x2f, 0xfd, 0x00, control & 0xf8], rest].concat(), None),
        _ => match parts(&mut Unstructured::new(rest), control & 1 == 0) {
            Ok((blob, plain)) => (blob, Some(plain)),
            Err(_) => return Corpus::Reject,
        },
    };
    let compression = Compression::sniff(&blob);
    let verify = if plain.is_some() { Verify::All } else { Verify::None };
    // A megabyte is eight blocks of zstd and as good as a gigabyte.
    let mut options = options(verify);
    options.limits.output = 1 << 20;
    let read = weigh_within(archive::of_layer(&blob, plain.as_deref()), &options);
    let Ok((index, report)) = read else { return Corpus::Keep };
    let changeset = index.image().changeset(index.layer_at(0)).expect("the layer is in the archive");
    assert_eq!(changeset.compression, compression);
    if report.limits_hit.is_empty() {
        assert_eq!(changeset.blob_bytes, blob.len() as u64, "every byte of the blob is in the books");
        if let Some(plain) = plain {
            assert_eq!(changeset.diff_bytes, plain.len() as u64, "every byte of the tar is in the books");
        }
    } else {
        assert!(changeset.blob_bytes <= blob.len() as u64, "no more than the blob is in the books");
    }
    Corpus::Keep
});

/// How much of `deflated` is a stream, and what it holds; cut where the limits end the reading.
fn inflated(deflated: &[u8]) -> (usize, Vec<u8>) {
    let mut inflate = Decompress::new(false);
    let mut plain = Vec::with_capacity(1 << 16);
    loop {
        let (taken, made) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress_vec(&deflated[taken as usize..], &mut plain, FlushDecompress::None);
        let idle = inflate.total_in() == taken && inflate.total_out() == made;
        if !matches!(status, Ok(Status::Ok | Status::BufError)) || idle && plain.len() < plain.capacity() || plain.len() > 2 << 20 {
            return (inflate.total_in() as usize, plain);
        }
        plain.reserve(1 << 16);
    }
}

/// A tar cut into pieces, each a member or frame of its own, with framing between.
fn parts(u: &mut Unstructured<'_>, gzip: bool) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut plain = tar::build(u, 8)?;
    if u.ratio(1, 32)? {
        // More than one block, or more than the limit allows.
        plain.resize(plain.len() + *u.choose(&[70_000, 140_000, 1 << 20])?, 0);
    }
    let mut blob = Vec::new();
    let mut rest = &plain[..];
    loop {
        let cut = match u.int_in_range(0..=3)? {
            0 => u.int_in_range(0..=rest.len())?,
            1 => 512.min(rest.len()),
            2 => 0,
            _ => rest.len(),
        };
        let (piece, after) = rest.split_at(if u.is_empty() { rest.len() } else { cut });
        if gzip {
            blob.extend_from_slice(&member(u, piece)?);
        } else {
            blob.extend_from_slice(&compress::zstd(piece, *u.choose(&[1, 1, -5, 3])?, u.arbitrary()?));
        }
        rest = after;
        if rest.is_empty() {
            break;
        }
        if !gzip && u.ratio(1, 3)? {
            blob.extend_from_slice(&skippable(u)?);
        }
    }
    match u.int_in_range(0..=5)? {
        0 if gzip => blob.resize(blob.len() + u.int_in_range(1..=2000)?, 0),
        0 => blob.extend_from_slice(&skippable(u)?),
        1 => {
            // What is cut off or changed must be an error, or leave the books even.
            let at = u.choose_index(blob.len())?;
            blob[at] ^= 1 << u.int_in_range(0..=7)?;
        }
        2 => blob.truncate(u.int_in_range(1..=blob.len())?),
        _ => {}
    }
    Ok((blob, plain))
}

fn skippable(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let data = [tar::bytes(u, 20)?, if u.ratio(1, 2)? { b"GNUlInUx".to_vec() } else { Vec::new() }].concat();
    Ok(compress::skippable(u.arbitrary()?, &data))
}

fn member(u: &mut Unstructured<'_>, piece: &[u8]) -> Result<Vec<u8>> {
    let flags = if u.ratio(1, 3)? { u.int_in_range(0..=31)? } else { 0 };
    let mut header = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
    if flags & 4 != 0 {
        let extra: &[u8] = if u.ratio(1, 2)? { b"SG\x16\x000000000000000000STARGZ" } else { b"" };
        header.extend_from_slice(&(extra.len() as u16).to_le_bytes());
        header.extend_from_slice(extra);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            header.extend_from_slice(b"name\0");
        }
    }
    if flags & 2 != 0 {
        header.extend_from_slice(&[0, 0]);
    }
    Ok(compress::member(&compress::deflate(piece, *u.choose(&[0, 1, 6])?), piece, &header))
}
