//! What reports say, and what must be true of every one.

use super::{digest, gunzip};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The three measures by which everything is weighed.
pub const MEASURES: [&str; 3] = ["content_bytes", "diff_bytes", "blob_bytes"];

/// A number of the report, by JSON pointer.
#[track_caller]
pub fn number(report: &Value, pointer: &str) -> u64 {
    report.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("a number expected at {pointer}: {report:#}"))
}

/// The books balance, in every measure: `totals` = `live` + `shadowed`, `shadowed` = the sum of
/// its causes = the sum of who hid what, the layers add up to all of that, and the hull to `live`.
#[track_caller]
pub fn assert_books(report: &Value) {
    let layers = report["layers"].as_array().expect("layers");
    let sum = |values: &[Value], measure: &str| values.iter().map(|value| number(value, &format!("/{measure}"))).sum::<u64>();
    for measure in MEASURES {
        let of = |value: &Value| number(value, &format!("/{measure}"));
        assert_eq!(of(&report["totals"]), of(&report["live"]) + of(&report["shadowed"]), "totals = live + shadowed, {measure}");
        let causes: Vec<_> = report["shadowed"]["causes"].as_object().expect("causes").values().cloned().collect();
        assert_eq!(causes.len(), 7, "all causes are listed");
        assert_eq!(of(&report["shadowed"]), sum(&causes, measure), "shadowed = its causes, {measure}");
        let hidden = report["hidden"].as_array().expect("hidden");
        assert_eq!(of(&report["shadowed"]), sum(hidden, measure), "shadowed = who hid what, {measure}");
        let hull: Vec<_> = ["base", "own", "unneeded"].iter().map(|part| report["hull"][part].clone()).collect();
        assert_eq!(of(&report["live"]), sum(&hull, measure), "live = the hull, {measure}");
        for part in ["live", "shadowed", "overhead"] {
            let parts: Vec<_> = layers.iter().map(|layer| layer[part].clone()).collect();
            assert_eq!(of(&report[part]), sum(&parts, measure), "{part} = the layers' {part}, {measure}");
        }
        assert_eq!(of(&report["totals"]), sum(layers, measure), "totals = the layers, {measure}");
        for layer in layers {
            assert_eq!(of(layer), of(&layer["live"]) + of(&layer["shadowed"]), "a layer = live + shadowed, {measure}");
        }
    }
}

/// The image at `path`, stacked, by the library.
pub fn index_of(path: &str, options: &plimsoll::Options) -> plimsoll::Result<plimsoll::Index> {
    let reference = plimsoll::Reference::parse(path)?;
    let image = plimsoll::Source::open(&reference)?.read(options, &())?;
    plimsoll::Index::build(image, &options.limits)
}

/// Every path that the image's file system shows, and whether a regular file (hard links
/// included) is there; directories are left out.
pub fn live_paths(index: &plimsoll::Index) -> BTreeMap<Vec<u8>, bool> {
    use plimsoll::layer::EntryKind::{Directory, File};
    let nodes = 1..u32::try_from(index.paths().len()).expect("node numbers have 32 bits");
    let live = nodes.filter_map(|node| Some((node, index.data(&index.at(node)?).entry.kind)));
    live.filter(|(_, kind)| *kind != Directory).map(|(node, kind)| (index.paths().path(node), kind == File)).collect()
}

/// Size of every file in a layout or archive, by its digest.
pub fn stored_sizes(path: &Path) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    let mut add = |bytes: &[u8]| sizes.insert(digest(bytes), bytes.len() as u64);
    if path.is_dir() {
        let mut directories = vec![path.to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).expect("a readable directory") {
                let path = entry.expect("a readable directory").path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    add(&std::fs::read(path).expect("a readable file"));
                }
            }
        }
        return sizes;
    }
    let mut bytes = std::fs::read(path).expect("a readable file");
    if bytes.starts_with(&[0x1f, 0x8b]) {
        bytes = gunzip(&bytes);
    }
    let mut archive = ::tar::Archive::new(&bytes[..]);
    for member in archive.entries().expect("a tar") {
        let mut member = member.expect("a whole member");
        let mut content = Vec::new();
        member.read_to_end(&mut content).expect("a whole member");
        add(&content);
    }
    sizes
}

/// Each layer that is present weighs as much as the file that stores it.
#[track_caller]
pub fn assert_blob_sizes(report: &Value, source: &Path) {
    let sizes = stored_sizes(source);
    for layer in report["layers"].as_array().expect("layers").iter().filter(|layer| layer["present"] == true) {
        let name = layer["digest"].as_str().expect("a digest");
        let weighed = number(layer, "/blob_bytes") + number(layer, "/overhead/blob_bytes");
        assert_eq!(Some(&weighed), sizes.get(name), "entries and overhead of {name} are its file's size");
    }
}
