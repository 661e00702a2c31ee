//! Compressed bytes, attributed to the entries that they hold: whatever the compressor, they add
//! up to the blob, and where a member of the stream is a member of the archive, it is its price.

use crate::support::{self, Entry, LAYER_GZIP, LAYER_ZSTD, Layer, layout, number, plimsoll};
use flate2::write::{DeflateEncoder, GzEncoder};
use serde_json::Value;
use std::io::Write;

/// Every way a layer is compressed in practice.
#[test]
fn compressed_bytes_add_up_to_the_blob() {
    let entries = entries();
    let tar = support::tar(&entries);
    for level in [1, 6, 9] {
        adds_up(&tar, &gzip(&tar, level), LAYER_GZIP);
    }
    // pigz --independent and parallel writers: members that know nothing of the archive.
    let members: Vec<u8> = tar.chunks(50_000).flat_map(|chunk| gzip(chunk, 6)).collect();
    adds_up(&tar, &members, LAYER_GZIP);
    // pigz: one member, flushed at the end of every block.
    let mut pigz = GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    for chunk in tar.chunks(128 << 10) {
        pigz.write_all(chunk).and_then(|()| pigz.flush()).expect("memory takes all");
    }
    adds_up(&tar, &pigz.finish().expect("memory takes all"), LAYER_GZIP);
    adds_up(&tar, &bgzf(&tar), LAYER_GZIP);
    for level in [1, 3, 19] {
        adds_up(&tar, &zstd(&tar, level), LAYER_ZSTD);
    }
    let frames: Vec<u8> = tar.chunks(50_000).flat_map(|chunk| zstd(chunk, 3)).collect();
    adds_up(&tar, &frames, LAYER_ZSTD);
    let skippable =
        [&b"\x50\x2a\x4d\x18\x05\0\0\0hello"[..], &zstd(&tar[..40_000], 3), b"\x5f\x2a\x4d\x18\0\0\0\0", &zstd(&tar[40_000..], 3)];
    adds_up(&tar, &[&skippable.concat()[..], b"\x51\x2a\x4d\x18\x03\0\0\0end"].concat(), LAYER_ZSTD);
    adds_up(&tar, &tar, support::LAYER);
}

/// gzip streams may be followed by zeros, as some writers pad them.
#[test]
fn padding_after_a_gzip_stream_is_overhead() {
    let tar = support::tar(&entries());
    let plain = adds_up(&tar, &gzip(&tar, 6), LAYER_GZIP);
    let padded = adds_up(&tar, &[gzip(&tar, 6), vec![0; 700]].concat(), LAYER_GZIP);
    assert_eq!(number(&plain, "/totals/blob_bytes"), number(&padded, "/totals/blob_bytes"));
    assert_eq!(number(&plain, "/overhead/blob_bytes") + 700, number(&padded, "/overhead/blob_bytes"));
}

/// Plain tars cost what they are: every entry's blob bytes are its tar bytes.
#[test]
fn a_plain_tar_is_its_own_blob() {
    let tar = support::tar(&entries());
    let layout = layout(&[Layer::of_tar(tar).plain()]);
    for file in files(layout.arg()) {
        assert_eq!(file["blob_bytes"], file["diff_bytes"], "{file}");
    }
}

/// eStargz compresses each entry by itself: the price of each is known, but for the header, the
/// trailer and the end of the last block, which are nobody's.
#[test]
fn an_entry_costs_its_own_gzip_member() {
    each_costs_its_own(&|bytes| gzip(bytes, 9), LAYER_GZIP);
}

/// zstd:chunked does the same with frames.
#[test]
fn an_entry_costs_its_own_zstd_frame() {
    each_costs_its_own(&|bytes| zstd(bytes, 3), LAYER_ZSTD);
}

fn each_costs_its_own(compress: &dyn Fn(&[u8]) -> Vec<u8>, media_type: &str) {
    let entries = entries();
    let members: Vec<_> = entries.iter().map(|entry| (entry.name.clone(), compress(&entry.bytes()))).collect();
    let mut blob: Vec<u8> = members.iter().flat_map(|(_, member)| member.clone()).collect();
    blob.extend(compress(&[0; 1024]));
    let layout = layout(&[Layer::of_tar(support::tar(&entries)).blob(blob).media_type(media_type)]);
    let files = files(layout.arg());
    assert_eq!(files.len(), members.len());
    for (name, member) in members {
        let path = format!("/{}", String::from_utf8(name).expect("plain names").trim_end_matches('/'));
        let file = files.iter().find(|file| file["path"] == path.as_str()).expect("each member is an entry");
        let told = number(file, "/blob_bytes");
        assert!(told.abs_diff(member.len() as u64) <= 24, "{path}: told {told}, its member has {}", member.len());
    }
}

fn adds_up(tar: &[u8], blob: &[u8], media_type: &str) -> Value {
    let layout = layout(&[Layer::of_tar(tar.to_vec()).blob(blob.to_vec()).media_type(media_type)]);
    let report = support::json(&[layout.arg()], 0);
    support::assert_books(&report);
    let files = files(layout.arg());
    for (measure, whole) in [("diff_bytes", tar.len()), ("blob_bytes", blob.len())] {
        let sum: u64 = files.iter().map(|file| number(file, &format!("/{measure}"))).sum();
        let overhead = number(&report, &format!("/overhead/{measure}"));
        assert_eq!(sum + overhead, whole as u64, "entries + overhead = the whole, {measure}, {media_type}");
        assert_eq!(sum, number(&report, &format!("/layers/0/{measure}")));
    }
    report
}

fn files(image: &str) -> Vec<Value> {
    let output = plimsoll().args(["files", image, "--format", "json"]).output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Text and noise, small and large, so that blocks of the compressor and entries do not meet.
fn entries() -> Vec<Entry> {
    let mut state = 1u32;
    let mut noise = |length: usize| -> Vec<u8> {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(|_| next()).collect()
    };
    let mut entries = vec![Entry::dir("d")];
    for (number, length) in [0, 1, 511, 512, 513, 7000, 65_536, 90_000, 300_000].into_iter().enumerate() {
        entries.push(Entry::file(format!("d/noise-{number}"), noise(length)));
        entries.push(Entry::file(format!("d/text-{number}"), "all work and no play ".repeat(length / 20)));
        entries.push(Entry::symlink(format!("d/{}", "long".repeat(40 + number)), "noise-1"));
    }
    entries
}

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all")
}

/// Members of at most 64 KiB that say in their extra field how long they are, and an empty last.
fn bgzf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in bytes.chunks(65_280).chain([&[][..]]) {
        let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
        let body = encoder.write_all(chunk).and_then(|()| encoder.finish()).expect("memory takes all");
        let mut crc = flate2::Crc::new();
        crc.update(chunk);
        let length = u16::try_from(18 + body.len() + 8 - 1).expect("at most 64 KiB");
        out.extend(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0");
        out.extend(length.to_le_bytes());
        out.extend(body);
        out.extend(crc.sum().to_le_bytes());
        out.extend((chunk.len() as u32).to_le_bytes());
    }
    out
}

fn zstd(bytes: &[u8], level: i32) -> Vec<u8> {
    let mut out = vec![0; zstd_safe::compress_bound(bytes.len())];
    let length = zstd_safe::compress(&mut out[..], bytes, level).expect("the buffer holds the worst case");
    out.truncate(length);
    out
}
