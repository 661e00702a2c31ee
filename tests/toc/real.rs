//! Tables of real layers.

use crate::support;
use crate::{archives, blobs, each, facts, json_of, noted};
use plimsoll::layer::{Changeset, Listing, Toc};
use plimsoll::toc;
use std::collections::BTreeMap;
use std::io::Read;

#[test]
fn it_tells_what_a_scan_of_the_layer_finds() {
    let mut layers = 0;
    each(|place, blob, told, index, number| {
        layers += 1;
        let full = index.image().changeset(index.layer_at(number)).expect("present");
        assert_eq!(told.entries.len(), full.entries.len(), "{place}");
        for (at, (ours, theirs)) in told.entries.iter().zip(&full.entries).enumerate() {
            assert_eq!(facts(told, ours, &told.path(ours)), facts(full, theirs, &index.paths().path(theirs.node)), "{place}");
            assert_eq!(told.device(at), full.device(at), "{place}");
        }
        assert_eq!((told.listing, full.listing), (Listing::Toc, Listing::Tar), "{place}");
        assert_eq!((told.compression, told.toc), (full.compression, full.toc), "{place}");
        assert!(noted(told, "layer-from-toc").is_some_and(|note| !note.contains("vouches")), "{place}");
        assert_eq!(told.blob_bytes, blob.size(), "{place}");
        let blob_bytes: u64 = told.entries.iter().map(|entry| entry.blob_bytes).sum();
        assert_eq!(blob_bytes + told.overhead.blob_bytes, blob.size(), "{place}");
    });
    assert_eq!(layers, 20, "layers of five images, but two whose names are lost");
}

/// Every header byte where tar headers are kept, or where headers of one block are all there is;
/// elsewhere the sum alone, and that only where an annotation tells it.
#[test]
fn sizes_of_the_tar_are_exact_or_noted() {
    each(|place, blob, told, index, number| {
        let full = index.image().changeset(index.layer_at(number)).expect("present");
        let sum: u64 = told.entries.iter().map(|entry| entry.diff_bytes).sum();
        assert_eq!(sum + told.overhead.diff_bytes, told.diff_bytes, "{place}");
        let headers = blob.annotations.keys().any(|key| key.ends_with("tarsplit-position"));
        let plain = place.contains("buildx-oci-estargz");
        assert_eq!(noted(told, "toc-header-sizes").is_none(), headers || plain, "{place}");
        if headers || plain {
            let sizes = |changeset: &Changeset| changeset.entries.iter().map(|entry| entry.diff_bytes).collect::<Vec<_>>();
            assert_eq!(sizes(told), sizes(full), "{place}");
            assert_eq!(told.overhead.diff_bytes, full.overhead.diff_bytes, "{place}");
        }
        if place.contains("-old") {
            assert!(told.diff_bytes < full.diff_bytes, "{place}");
        } else {
            assert_eq!(told.diff_bytes, full.diff_bytes, "{place}");
        }
    });
}

/// The same by a reader of tars that is not ours.
#[test]
fn it_tells_what_the_tar_holds() {
    each(|place, blob, told, _, _| {
        let tar = blob.tar();
        let mut archive = ::tar::Archive::new(&tar[..]);
        let mut ours = told.entries.iter();
        for member in archive.entries().expect("a tar") {
            let mut member = member.expect("a member");
            // Read before `header`, which does not know of pax headers.
            let (path, link) = (member.path_bytes().into_owned(), member.link_name_bytes().map(std::borrow::Cow::into_owned));
            let pax: BTreeMap<String, String> = member
                .pax_extensions()
                .expect("pax")
                .into_iter()
                .flatten()
                .filter_map(Result::ok)
                .filter_map(|record| Some((record.key().ok()?.to_owned(), record.value().ok()?.to_owned())))
                .collect();
            let number = |key: &str, field: u64| pax.get(key).map_or(field, |value| value.parse().expect("a number"));
            let header = member.header();
            let ours = ours.next().unwrap_or_else(|| panic!("{place}: `{}` is missing", path.escape_ascii()));
            let plain = path.strip_prefix(b"./").unwrap_or(&path);
            assert_eq!(
                told.path(ours).escape_ascii().to_string(),
                plain.strip_suffix(b"/").unwrap_or(plain).escape_ascii().to_string(),
                "{place}"
            );
            let here = format!("{place} {}", path.escape_ascii());
            assert_eq!(u32::from(ours.mode), header.mode().expect("a mode") & 0o7777, "{here}");
            assert_eq!(u64::from(ours.uid), number("uid", header.uid().expect("a uid")), "{here}");
            assert_eq!(u64::from(ours.gid), number("gid", header.gid().expect("a gid")), "{here}");
            let seconds = pax.get("mtime").map(|time| time.split('.').next().expect("seconds").parse().expect("a number"));
            assert_eq!(ours.mtime, seconds.unwrap_or_else(|| header.mtime().expect("an mtime").cast_signed()), "{here}");
            assert_eq!(ours.typeflag, header.entry_type().as_byte(), "{here}");
            // Some writers leave an old target in headers that are no links.
            let is_link = header.entry_type().is_symlink() || header.entry_type().is_hard_link();
            assert_eq!(told.link(ours), link.as_deref().filter(|_| is_link), "{here}");
            let mut content = Vec::new();
            member.read_to_end(&mut content).expect("content");
            assert_eq!(ours.content_bytes, content.len() as u64, "{here}");
            let hash = format!("{:016x}{:016x}", ours.content_hash[1], ours.content_hash[0]);
            assert_eq!(hash, support::digest(&content)["sha256:".len()..][..32], "{here}");
        }
        assert!(ours.next().is_none(), "{place}");
    });
}

/// What a file is charged with is where its content is: other decoders find it there.
#[test]
fn what_a_file_is_charged_with_holds_its_content() {
    let mut files = 0;
    each(|place, blob, told, _, _| {
        let tar = blob.tar();
        let mut archive = ::tar::Archive::new(&tar[..]);
        let json = json_of(blob);
        let items = json["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let items: Vec<_> = items.iter().filter(|item| item["type"] != "chunk").collect();
        let offsets: Vec<u64> = items.iter().filter_map(|item| item["offset"].as_u64()).chain([blob.location().range().start]).collect();
        for ((item, entry), member) in items.into_iter().zip(&told.entries).zip(archive.entries().expect("a tar")) {
            let mut content = Vec::new();
            member.expect("a member").read_to_end(&mut content).expect("content");
            let Some(offset) = item["offset"].as_u64() else {
                assert!(content.is_empty(), "{place}");
                assert!(told.toc == Some(Toc::ZstdChunked) || offsets[0] > 0 && entry.blob_bytes <= offsets[0], "{place}");
                continue;
            };
            files += 1;
            if told.toc == Some(Toc::Estargz) {
                let next = offsets.iter().find(|next| **next > offset).expect("the table of contents is behind");
                // The first file has its share of what stands before it too.
                let before = if offset == offsets[0] { offset } else { 0 };
                assert!((next - offset..=next - offset + before).contains(&entry.blob_bytes), "{place}: {item}");
                assert!(support::gunzip(blob.fetch(&(offset..*next))).starts_with(&content), "{place}: {item}");
            } else {
                let end = item["endOffset"].as_u64().expect("an end");
                let mut out = vec![0; content.len() + 1];
                let length = zstd_safe::decompress(&mut out[..], blob.fetch(&(offset..end))).expect("whole frames");
                assert_eq!(out[..length], content, "{place}: {item}");
                assert!(entry.blob_bytes > end - offset, "{place}: with a header {item}");
            }
        }
    });
    assert!(files > 50, "{files} files");
}

#[test]
fn the_footer_tells_what_the_annotations_do() {
    for archive in archives() {
        for blob in blobs(&archive) {
            let tail = blob.fetch(&toc::tail(blob.size()));
            let (announced, found) = (blob.location(), toc::from_footer(tail, blob.size()).expect("a footer"));
            assert_eq!((found.form(), found.range()), (announced.form(), announced.range()), "{}", archive.display());
            assert_eq!(found.within(tail), Some(blob.fetch(&found.range())), "small layers are in the tail");
            let Ok(by_footer) = blob.read(&found) else {
                assert!(archive.ends_with("toc/estargz.tar") || archive.ends_with("toc/zstd-chunked-old.tar"), "names are lost");
                continue;
            };
            let told = blob.read(&announced).expect("both are read");
            assert_eq!(by_footer.entries.len(), told.entries.len());
            assert!(noted(&by_footer, "layer-from-toc").is_some_and(|note| note.contains("vouches")), "nothing ties it to the manifest");
        }
    }
}
