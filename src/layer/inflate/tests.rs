//! Held against zlib-rs, which has no part in the code.

use super::*;
use flate2::{Compression, Decompress, FlushDecompress, Status, write::DeflateEncoder};
use proptest::prelude::*;
use std::io::Write;

/// Literals, short and long repeats near and far, and what cannot be compressed.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let noise = prop::collection::vec(any::<u8>(), 0..3_000);
    let text = prop::collection::vec(prop::sample::select(&b"abcdeee    \n"[..]), 0..3_000);
    let repeat = (1_usize..40_000, 1_usize..40_000);
    let part = prop_oneof![noise.prop_map(Ok), text.prop_map(Ok), repeat.prop_map(Err)];
    prop::collection::vec(part, 0..40).prop_map(|parts| {
        let mut content = Vec::new();
        for part in parts {
            match part {
                Ok(bytes) => content.extend(bytes),
                Err((distance, length)) => {
                    for _ in 0..length {
                        let byte = content.len().checked_sub(distance).map_or(7, |at| content[at]);
                        content.push(byte);
                    }
                }
            }
        }
        content
    })
}

fn deflated(content: &[u8], level: u32, flush: usize) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
    for part in content.chunks(flush) {
        encoder.write_all(part).and_then(|()| encoder.flush()).expect("memory takes all");
    }
    encoder.finish().expect("memory takes all")
}

/// What zlib makes of `stream`, and whether it came to its end.
fn zlib(stream: &[u8]) -> (Vec<u8>, Option<u64>) {
    let mut inflate = Decompress::new(false);
    let mut out = Vec::with_capacity(1 << 22);
    let status = inflate.decompress_vec(stream, &mut out, FlushDecompress::None);
    (out, matches!(status, Ok(Status::StreamEnd)).then(|| inflate.total_in()))
}

/// Reads that give at most `step` bytes.
struct Short<'a>(&'a [u8], usize);

impl Read for Short<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let most = out.len().min(self.1);
        self.0.read(&mut out[..most])
    }
}

/// How much was made, and the position then.
type Positions = Vec<(usize, u64)>;

/// What comes out, asked for in pieces, with the position after each.
fn read(stream: &[u8], pieces: &[usize]) -> Result<(Vec<u8>, Positions)> {
    read_in_blocks(64 << 10, stream, pieces)
}

/// The same, of input that comes in blocks of `block` bytes.
fn read_in_blocks(block: usize, stream: &[u8], pieces: &[usize]) -> Result<(Vec<u8>, Positions)> {
    let mut input = Input::in_blocks(Short(stream, 4_093), block);
    let mut inflate = Inflate::new();
    let (mut out, mut positions) = (Vec::new(), Vec::new());
    for want in pieces.iter().cycle() {
        inflate.fill(&mut input, *want)?;
        let bytes = inflate.lend(*want);
        out.extend_from_slice(bytes);
        if bytes.len() < *want {
            break;
        }
        positions.push((out.len(), inflate.position()));
    }
    let rest = input.take(&mut vec![0; stream.len()])?;
    assert_eq!(inflate.position() as usize + rest, stream.len(), "what follows the stream was given back");
    Ok((out, positions))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_makes_what_was_deflated(
        content in content(),
        level in 0_u32..=9,
        flush in prop::sample::select(&[usize::MAX, 20_000, 700][..]),
        pieces in prop::collection::vec(prop_oneof![1_usize..1_000, 1_usize..=MOST], 1..8),
        block in prop_oneof![8_usize..100, 100_usize..20_000],
        after in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let stream = deflated(&content, level, flush);
        let (out, positions) = read_in_blocks(block, &[&stream[..], &after].concat(), &pieces).expect("a sound stream");
        prop_assert!(out == content);
        // A position is the least input from which that much output comes.
        for (made, position) in positions.into_iter().step_by(97) {
            prop_assert!(zlib(&stream[..position as usize]).0.len() >= made, "{position} bytes do not make {made}");
            prop_assert!(zlib(&stream[..position as usize - 1]).0.len() < made, "fewer than {position} bytes make {made}");
        }
    }

    /// Whatever becomes of a stream, it is sound for both or for neither.
    #[test]
    fn it_takes_what_zlib_takes(
        content in content(),
        level in 0_u32..=9,
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0_u32..8), 1..4),
        early in any::<bool>(),
    ) {
        let mut stream = deflated(&content, level, usize::MAX);
        // In the header of the first block nearly all that can be wrong is.
        let length = if early { stream.len().min(60) } else { stream.len() };
        for (at, bit) in damage {
            stream[at.index(length)] ^= 1 << bit;
        }
        let (expected, taken) = zlib(&stream);
        prop_assume!(expected.len() < 1 << 22);
        match (read(&stream, &[50_000]), taken) {
            (Ok((out, _)), Some(_)) => prop_assert!(out == expected),
            (Err(_), None) => {}
            (found, taken) => prop_assert!(false, "zlib took {taken:?}, we {:?}", found.map(|(out, _)| out.len())),
        }
    }
}

/// A block of input may end with the last symbols of what was asked for: nothing depends on it.
#[test]
fn it_does_not_matter_where_a_block_of_input_ends() {
    // Two matches and 60 literals in turn. The first of the matches goes beyond the end of the second of the largest pieces,
    // and so of the window.
    const EACH: usize = 50 + 40 + 60;
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut content: Vec<u8> = (0..2 * MOST % EACH + EACH - 25).map(|_| noise()).collect();
    for turn in 0..4_600 {
        content.extend(b"abcdef".iter().cycle().take(50));
        let from = content.len().saturating_sub(200 + turn * 1_237 % 20_000);
        content.extend_from_within(from..from + 40);
        content.extend((0..60).map(|_| noise()));
    }
    let stream = deflated(&content, 6, usize::MAX);
    for pieces in [&[MOST][..], &[20_011]] {
        let (out, positions) = read(&stream, pieces).expect("a sound stream");
        assert!(out == content);
        for (_, position) in positions.iter().step_by(MOST / pieces[0]) {
            for beyond in 0..20 {
                let (again, found) = read_in_blocks(*position as usize + beyond, &stream, pieces).expect("a sound stream");
                assert!(again == content, "{beyond} bytes after {position}");
                assert_eq!(found, positions, "{beyond} bytes after {position}");
            }
        }
    }
}

#[test]
fn it_takes_every_part_of_a_stream_only_whole() {
    let stream = deflated(&(0..60_000_u32).flat_map(|n| (n * n % 251).to_le_bytes()).collect::<Vec<u8>>(), 6, 9_000);
    let (whole, _) = read(&stream, &[MOST]).expect("a sound stream");
    for length in (0..stream.len()).step_by(13).chain(stream.len() - 20..stream.len()) {
        let error = read(&stream[..length], &[MOST]).expect_err("it is cut off").to_string();
        assert!(error.contains("cut off"), "{length} of {}: {error}", stream.len());
    }
    assert_eq!(zlib(&stream).0, whole);
}

/// What one stream made is still in the window when the next begins, and none of its business.
#[test]
fn a_stream_cannot_repeat_the_one_before() {
    let words: Vec<u8> = (0..20_000_u32).flat_map(|n| (n * n).to_le_bytes()).collect();
    let first = deflated(&words, 0, usize::MAX);
    let mut compress = flate2::Compress::new(Compression::best(), false);
    let dictionary = &words[words.len() - 30_000..];
    compress.set_dictionary(dictionary).expect("zlib has dictionaries");
    let mut second = Vec::with_capacity(1 << 20);
    compress.compress_vec(&dictionary[..9_000], &mut second, flate2::FlushCompress::Finish).expect("memory takes all");
    let both = [first, second].concat();
    let mut input = Input::new(&both[..]);
    let mut inflate = Inflate::new();
    while !inflate.is_at_end() {
        inflate.fill(&mut input, 1_000).expect("a sound stream");
        inflate.lend(1_000);
    }
    inflate.begin();
    let error = inflate.fill(&mut input, 1_000).expect_err("it repeats what is not its own").to_string();
    assert!(error.contains("a match begins before the stream"), "{error}");
}
