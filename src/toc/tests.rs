//! Layers told by their tables of contents as layers of an image.

use super::*;
use crate::image::{Checked, Image, Recipe, SourceKind, Wanted, assemble};
use crate::index::{Cause, Fate, Index};
use crate::report::{Report, ReportOptions};
use crate::source::Options;
use std::collections::BTreeMap;
use std::io::Read;

/// The files of `testdata/toc/zstd-chunked.tar`.
fn archive() -> BTreeMap<String, Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/toc/zstd-chunked.tar");
    let mut tar = ::tar::Archive::new(std::fs::File::open(path).expect("there"));
    let members = tar.entries().expect("a tar").map(|member| {
        let mut member = member.expect("a member");
        let name = member.path().expect("a path").to_string_lossy().replace("blobs/sha256/", "sha256:");
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("content");
        (name, bytes)
    });
    members.collect()
}

/// Its layers in order, as a registry has them.
fn layers() -> Vec<(Location, Vec<u8>)> {
    let files = archive();
    let json = |bytes: &[u8]| -> serde_json::Value { serde_json::from_slice(bytes).expect("JSON") };
    let manifest = json(&files["index.json"])["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
    let manifest = json(&files[&manifest]);
    let layer = |layer: &serde_json::Value| {
        let blob = files[layer["digest"].as_str().expect("a digest")].clone();
        let annotations = serde_json::from_value(layer["annotations"].clone()).expect("annotations");
        match from_annotations(layer["mediaType"].as_str().expect("a media type"), &annotations, blob.len() as u64) {
            Announced::At(location) => (location, blob),
            other => panic!("{other:?}"),
        }
    };
    manifest["layers"].as_array().expect("layers").iter().map(layer).collect()
}

fn told(location: &Location, blob: &[u8], context: &Context) -> Result<Changeset> {
    read_within(location, &blob[location.range.start as usize..location.range.end as usize], context)
}

fn context(hash: ContentHash) -> Context {
    Context::hashing(Limits::default(), hash)
}

fn image(changesets: Vec<Changeset>) -> Image {
    let of_layer = (0..changesets.len()).map(Some).collect();
    let recipe = Recipe {
        kind: SourceKind::OciArchive,
        names: Vec::new(),
        platform: crate::oci::Platform::parse("linux/amd64").expect("a platform"),
        manifest_digest: None,
        config_digest: None,
        created: String::new(),
        history: Vec::new(),
        annotations: BTreeMap::new(),
        config: crate::oci::ContainerConfig::default(),
        layers: vec![Wanted::default(); changesets.len()],
        provenance: None,
        notes: crate::note::Notes::default(),
    };
    assemble(
        recipe,
        Checked { fresh: vec![false; changesets.len()], changesets, of_layer },
        "image".to_owned(),
        &context(ContentHash::Sha256),
    )
    .expect("assembles")
}

fn index(image: Image) -> Index {
    Index::build(image, &Limits::default()).expect("stacks")
}

/// What became of the file whose mode alone the second layer changes.
fn fate(index: &Index) -> Fate {
    let node = index.paths().find(b"etc/conf").expect("there");
    index.layer(0).find(|placed| placed.entry.node == node).expect("in the first layer").fate
}

#[test]
fn an_image_of_them_says_so_and_is_complete() {
    let context = context(ContentHash::Sha256);
    let changesets = layers().iter().map(|(location, blob)| told(location, blob, &context).expect("reads")).collect();
    let image = image(changesets);
    assert!(!image.is_incomplete());
    let mut saved = Vec::new();
    crate::saved::write(&image, &mut saved).expect("memory takes all");
    let index = index(image);
    assert_eq!(fate(&index), Fate::Shadowed { by: 1, cause: Cause::MetadataOnly });
    assert!(index.notes().as_slice().iter().all(|note| note.code != "contents-not-compared"));
    assert_eq!(index.notes().as_slice().iter().filter(|note| note.code == "layer-from-toc").count(), 4);

    let report = Report::new(&index, &ReportOptions::default());
    let json = serde_json::to_value(&report).expect("JSON");
    assert!(json["layers"].as_array().expect("layers").iter().all(|layer| layer["files"] == "toc"));

    let style = crate::render::style::Style { color: false, bars: false, width: 100, unit: crate::render::size::Unit::Si };
    let details = crate::render::table::details(&report, &style);
    assert_eq!(details.matches("(zstd, zstd:chunked; files: toc)").count(), 4, "{details}");

    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), saved).expect("written");
    let reference = crate::Reference::parse(file.path().to_str().expect("plain")).expect("a reference");
    let again = crate::saved::open(&reference, &Options::default()).expect("reads").expect("saved");
    let again = self::index(again);
    assert!((0..4).all(|layer| again.image().changeset(again.layer_at(layer)).is_some_and(|layer| !layer.listing.is_tar())));
    assert_eq!(fate(&again), fate(&index));
}

/// A layer that was read in full compares with one that is told only if it was hashed as that is.
#[test]
fn layers_read_and_told_compare_by_one_hash() {
    for (hash, cause, noted) in [(ContentHash::Sha256, Cause::MetadataOnly, false), (ContentHash::Xxh3, Cause::Overwritten, true)] {
        let context = context(hash);
        let layers = layers();
        let first = told(&layers[0].0, &layers[0].1, &context).expect("reads");
        let second = crate::layer::scan(&layers[1].1[..], &context, None).expect("reads");
        let index = index(image(vec![first, second]));
        assert_eq!(fate(&index), Fate::Shadowed { by: 1, cause });
        assert_eq!(index.notes().as_slice().iter().any(|note| note.code == "contents-not-compared"), noted, "{hash:?}");
    }
}

/// After an error the layer is read in full, within the same limits.
#[test]
fn an_error_uses_nothing_up() {
    let (location, blob) = layers().swap_remove(0);
    let good = told(&location, &blob, &context(ContentHash::Sha256)).expect("reads");
    let limits = Limits { entries: good.entries.len() as u64, output: good.diff_bytes, ..Limits::default() };
    let context = Context::hashing(limits, ContentHash::Sha256);
    // The last file's data goes on where there is no more.
    let changed = Location { end: location.end - 40, ..location.clone() };
    let error = told(&changed, &blob, &context).expect_err("fails at the last file");
    assert!(error.to_string().contains("entry 37: offset"), "{error}");
    let read = crate::layer::scan(&blob[..], &context, None).expect("reads");
    assert_eq!(read.limit, None, "all of the limits is left");
    let error = told(&location, &blob, &context).expect_err("and then nothing is");
    assert_eq!(error.code(), "limit");
}
