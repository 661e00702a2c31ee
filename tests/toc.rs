//! Tables of contents of real layers, against the layers' own bytes.

mod support;

#[path = "toc/hostile.rs"]
mod hostile;
#[path = "toc/real.rs"]
mod real;

use plimsoll::layer::{Changeset, ContentHash, Entry};
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

/// Three writers, and one of before zstd:chunked kept tar headers.
fn archives() -> Vec<PathBuf> {
    let ours = ["estargz", "zstd-chunked", "zstd-chunked-old"].map(|name| testdata(&format!("toc/{name}.tar")));
    let theirs = ["buildx-oci-estargz", "skopeo-oci-layout-zstd-chunked"].map(|name| testdata(&format!("archives/{name}.tar")));
    [&ours[..], &theirs].concat()
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
                    let lost = ["toc/estargz.tar 3", "toc/zstd-chunked-old.tar 3"].iter().any(|lost| place.ends_with(lost));
                    assert!(why.contains("caf") && lost, "{place}: {why}");
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

fn noted(changeset: &Changeset, code: &str) -> Option<String> {
    changeset.notes.as_slice().iter().find(|note| note.code == code).map(|note| note.message.clone())
}

/// The table of contents, by other decoders.
fn json_of(blob: &Blob) -> Value {
    let stored = blob.fetch(&blob.location().range());
    if blob.bytes.starts_with(&[0x1f, 0x8b]) && blob.media_type.ends_with("gzip") {
        let tar = support::gunzip(stored);
        let mut archive = ::tar::Archive::new(&tar[..]);
        let member = archive.entries().expect("a tar").next().expect("a member").expect("a member");
        return serde_json::from_reader(member).expect("JSON");
    }
    let position = blob.annotations.iter().find(|(key, _)| key.ends_with("manifest-position")).expect("announced").1;
    let numbers: Vec<usize> = position.split(':').map(|number| number.parse().expect("a number")).collect();
    let mut out = vec![0; numbers[2]];
    zstd_safe::decompress(&mut out[..], &stored[..numbers[1]]).expect("a frame");
    serde_json::from_slice(&out).expect("JSON")
}
