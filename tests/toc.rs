//! Tables of contents of real layers, against the layers' own bytes.

mod support;

use plimsoll::layer::{Changeset, ContentHash, Entry, EntryKind, Listing, Toc};
use plimsoll::{Error, Index, Limits, Options, Reference, Source, toc};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::testdata;

/// A layer as a registry has it.
struct Blob {
    media_type: String,
    annotations: BTreeMap<String, String>,
    bytes: Vec<u8>,
}

impl Blob {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn fetch(&self, range: &std::ops::Range<u64>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// By annotations, and the footer where these leave the place to it.
    fn location(&self) -> toc::Location {
        match toc::from_annotations(&self.media_type, &self.annotations, self.size()) {
            toc::Announced::At(location) => location,
            toc::Announced::Footer(expected) => expected.locate(self.fetch(&toc::tail(self.size())), self.size()).expect("a footer"),
            toc::Announced::Nothing => panic!("nothing announced by {:?}", self.annotations),
        }
    }

    fn read(&self, location: &toc::Location) -> plimsoll::Result<Changeset> {
        toc::read(location, self.fetch(&location.range()), &Limits::default())
    }

    /// The layer's tar, by other programs than ours.
    fn tar(&self) -> Vec<u8> {
        if self.bytes.starts_with(&[0x1f, 0x8b]) {
            return support::gunzip(&self.bytes);
        }
        let (_folder, path) = support::file("layer.zst", &self.bytes);
        let out = Command::new("zstd").args(["-dcq"]).arg(path).stdin(Stdio::null()).output().expect("zstd is installed");
        assert!(out.status.success());
        out.stdout
    }
}

/// The layers of the image in an OCI archive.
fn blobs(archive: &Path) -> Vec<Blob> {
    let mut files = BTreeMap::new();
    let mut tar = ::tar::Archive::new(std::fs::File::open(archive).expect("there"));
    for entry in tar.entries().expect("a tar") {
        let mut entry = entry.expect("a member");
        let path = entry.path().expect("a path").to_string_lossy().trim_start_matches("./").to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("content");
        files.insert(path, bytes);
    }
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().expect("a digest");
        files[&format!("blobs/{}", digest.replace(':', "/"))].clone()
    };
    let json = |bytes: &[u8]| -> Value { serde_json::from_slice(bytes).expect("JSON") };
    let mut manifest = json(&files["index.json"]);
    while manifest["layers"].is_null() {
        manifest = json(&blob(&manifest["manifests"][0]));
    }
    let layers = manifest["layers"].as_array().expect("layers");
    layers
        .iter()
        .map(|layer| Blob {
            media_type: layer["mediaType"].as_str().expect("a media type").to_owned(),
            annotations: serde_json::from_value(layer["annotations"].clone()).unwrap_or_default(),
            bytes: blob(layer),
        })
        .collect()
}

/// The same image, each layer read in full.
fn scanned(archive: &Path) -> Index {
    let layout = archive.to_string_lossy().contains("oci-layout");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = if layout {
        ::tar::Archive::new(std::fs::File::open(archive).expect("there")).unpack(folder.path()).expect("a tar");
        folder.path()
    } else {
        archive
    };
    let reference = Reference::parse(place.to_str().expect("plain")).expect("a reference");
    let options = Options { content_hash: ContentHash::Sha256, ..Options::default() };
    let image = Source::open(&reference).expect("opens").read(&options, &()).expect("reads");
    Index::build(image, &Limits::default()).expect("stacks")
}

fn archives() -> [PathBuf; 4] {
    ["archives/buildx-oci-estargz.tar", "archives/skopeo-oci-layout-zstd-chunked.tar", "toc/estargz.tar", "toc/zstd-chunked.tar"]
        .map(testdata)
}

/// Every layer but those whose names the table of contents cannot tell.
fn each(mut check: impl FnMut(&str, &Blob, &Changeset, &Index, usize)) {
    for archive in archives() {
        let index = scanned(&archive);
        for (number, blob) in blobs(&archive).iter().enumerate() {
            let place = format!("{} {number}", archive.display());
            match blob.read(&blob.location()) {
                Ok(changeset) => check(&place, blob, &changeset, &index, number),
                Err(Error::Unsupported(why)) => {
                    assert!(why.contains("caf") && place.ends_with("estargz.tar 3"), "{place}: {why}");
                }
                Err(error) => panic!("{place}: {error}"),
            }
        }
    }
}

/// What is told of an entry, its place in the books apart.
fn facts(changeset: &Changeset, entry: &Entry, path: &[u8]) -> String {
    format!(
        "{} {:?} {} {:o} {}:{} {} {:?} {:?} {:x?}",
        path.escape_ascii(),
        entry.kind,
        entry.typeflag,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.mtime,
        entry.content_bytes,
        changeset.link(entry).map(|link| link.escape_ascii().to_string()),
        entry.content_hash,
    )
}

#[test]
fn it_tells_what_a_scan_of_the_layer_finds() {
    each(|place, blob, told, index, number| {
        let full = index.image().changeset(index.layer_at(number)).expect("present");
        assert_eq!(told.entries.len(), full.entries.len(), "{place}");
        for (at, (ours, theirs)) in told.entries.iter().zip(&full.entries).enumerate() {
            assert_eq!(facts(told, ours, &told.path(ours)), facts(full, theirs, &index.paths().path(theirs.node)), "{place}");
            assert_eq!(told.device(at), full.device(at), "{place}");
        }
        assert_eq!(told.listing, Listing::Toc, "{place}");
        assert_eq!((told.compression, told.toc), (full.compression, full.toc), "{place}");
        assert_eq!(told.blob_bytes, blob.size(), "{place}");
        let blob_bytes: u64 = told.entries.iter().map(|entry| entry.blob_bytes).sum();
        assert_eq!(blob_bytes + told.overhead.blob_bytes, blob.size(), "{place}");
        let diff_bytes: u64 = told.entries.iter().map(|entry| entry.diff_bytes).sum();
        assert_eq!(diff_bytes + told.overhead.diff_bytes, full.diff_bytes, "{place}");
        assert_eq!(told.diff_bytes, full.diff_bytes, "{place}");
        if told.toc == Some(Toc::ZstdChunked) {
            for (ours, theirs) in told.entries.iter().zip(&full.entries) {
                assert_eq!(ours.diff_bytes, theirs.diff_bytes, "{place}: {}", told.path(ours).escape_ascii());
            }
            assert_eq!(told.overhead.diff_bytes, full.overhead.diff_bytes, "{place}");
        }
    });
}

#[test]
#[ignore]
fn look() {
    each(|place, _, told, index, number| {
        let full = index.image().changeset(index.layer_at(number)).expect("present");
        println!("{place} {:?} {:?} notes {:#?}", told.overhead, full.overhead, told.notes);
        for (ours, theirs) in told.entries.iter().zip(&full.entries) {
            println!(
                "  {:>8} {:>8} | {:>6} {:>6} {}",
                ours.diff_bytes,
                theirs.diff_bytes,
                ours.blob_bytes,
                theirs.blob_bytes,
                told.path(ours).escape_ascii()
            );
        }
    });
}
