//! Tables of contents: all of it is claims about a blob that was not read.
//!
//! The first byte says what the rest is: a blob as it is, whose footer is looked for; the JSON of a
//! table of contents, and after a byte that no text has, the tar headers, to be packed into a blob;
//! or annotations, a line each. The second byte is the size of the data before the table of contents.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use plimsoll::toc;
use plimsoll_fuzz::{compress, limits};
use std::collections::BTreeMap;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some(([control, size], rest)) = data.split_first_chunk() else { return Corpus::Reject };
    let data = vec![0; usize::from(*size) * 16];
    let mut texts = rest.splitn(2, |byte| *byte == 0xff);
    let (json, headers) = (texts.next().unwrap_or_default(), texts.next());
    match control & 3 {
        0 => by_footer(rest),
        1 => by_footer(&chunked(data, json, headers)),
        2 => by_footer(&estargz(data, json)),
        _ => by_annotations(&chunked(data, json, None), headers.unwrap_or_default()),
    }
    Corpus::Keep
});

fn by_footer(blob: &[u8]) {
    let size = blob.len() as u64;
    let tail = &blob[toc::tail(size).start as usize..];
    if let Some(location) = toc::from_footer(tail, size) {
        read(&location, blob);
    }
}

fn by_annotations(blob: &[u8], lines: &[u8]) {
    let Ok(lines) = std::str::from_utf8(lines) else { return };
    let annotations: BTreeMap<_, _> =
        lines.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let size = blob.len() as u64;
    for media_type in ["application/vnd.oci.image.layer.v1.tar+zstd", "application/vnd.oci.image.layer.v1.tar+gzip"] {
        match toc::from_annotations(media_type, &annotations, size) {
            toc::Announced::At(location) => read(&location, blob),
            toc::Announced::Footer(expected) => {
                if let Some(location) = expected.locate(blob, size) {
                    read(&location, blob);
                }
            }
            toc::Announced::Nothing => {}
        }
    }
}

/// Whatever it says, it is inside the blob, and the books balance.
fn read(location: &toc::Location, blob: &[u8]) {
    let range = location.range();
    assert!(range.start <= range.end && range.end <= blob.len() as u64, "{range:?} of {}", blob.len());
    let bytes = &blob[range.start as usize..range.end as usize];
    let Ok(changeset) = toc::read(location, bytes, &limits()) else { return };
    let (mut diff, mut stored) = (changeset.overhead.diff_bytes, changeset.overhead.blob_bytes);
    for entry in &changeset.entries {
        assert!(entry.diff_bytes >= 512 + entry.content_bytes, "an entry has a header");
        diff += entry.diff_bytes;
        stored += entry.blob_bytes;
    }
    assert_eq!(stored, blob.len() as u64, "every byte of the blob is in the books");
    assert_eq!((diff, stored), (changeset.diff_bytes, changeset.blob_bytes));
    assert!(changeset.diff_bytes <= limits().output);
    assert!(changeset.notes.as_slice().iter().any(|note| note.code == "layer-from-toc"));
}

fn chunked(mut blob: Vec<u8>, json: &[u8], headers: Option<&[u8]>) -> Vec<u8> {
    let mut numbers = Vec::new();
    for (number, text) in [Some(json), headers].into_iter().flatten().enumerate() {
        let packed = compress::zstd(text, 1, true);
        numbers.extend([blob.len() as u64 + 8, packed.len() as u64, text.len() as u64]);
        if number == 0 {
            numbers.push(1);
        }
        blob.extend(compress::skippable(0, &packed));
    }
    let magic = if headers.is_some() { b"GNUlInUx" } else { b"GnUlInUx" };
    let footer: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).chain(*magic).collect();
    blob.extend(compress::skippable(0, &footer));
    blob
}

fn estargz(mut blob: Vec<u8>, json: &[u8]) -> Vec<u8> {
    let place = blob.len();
    let mut tar = vec![0; 512];
    tar[..17].copy_from_slice(b"stargz.index.json");
    tar[124..135].copy_from_slice(format!("{:011o}", json.len()).as_bytes());
    tar[156] = b'0';
    let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
    tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    tar[155] = b' ';
    tar.extend_from_slice(json);
    tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
    blob.extend(compress::gzip(&tar, 1));
    let extra = format!("\x1a\0SG\x16\0{place:016x}STARGZ");
    blob.extend([&[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255][..], extra.as_bytes(), &[1, 0, 0, 255, 255], &[0; 8]].concat());
    blob
}
