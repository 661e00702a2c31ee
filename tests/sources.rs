//! Real archives of every writer, by every way in, against what other tools say of them.

mod support;

#[path = "sources/choice.rs"]
mod choice;
#[path = "sources/reading.rs"]
mod reading;
#[path = "sources/saved.rs"]
mod saved;
#[path = "sources/verify.rs"]
mod verify;

use plimsoll::Options;
use plimsoll::oci::Platform;
use plimsoll::reference::Selector;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::{number, testdata};
use tempfile::TempDir;

/// An archive of `testdata` and what is known of it.
struct Known {
    name: String,
    path: PathBuf,
    truth: Value,
    /// Where it is unpacked, if it is of a directory.
    unpacked: Option<TempDir>,
}

impl Known {
    fn images(&self) -> &[Value] {
        self.truth["images"].as_array().expect("images")
    }

    fn kind(&self) -> &str {
        self.truth["kind"].as_str().expect("text")
    }

    /// The path that a user of its kind would give.
    fn arg(&self) -> &str {
        self.unpacked.as_ref().map_or(&*self.path, TempDir::path).to_str().expect("plain names")
    }

    /// The tar, for the kinds that are one.
    fn tar(&self) -> Option<Vec<u8>> {
        let bytes = std::fs::read(&self.path).expect("readable");
        match self.kind() {
            "dir" => None,
            _ if bytes.starts_with(&[0x1f, 0x8b]) => Some(support::gunzip(&bytes)),
            _ => Some(bytes),
        }
    }

    /// Arguments that choose `image`, as few as do.
    fn choice(&self, image: &Value) -> Vec<String> {
        let mut args = Vec::new();
        if self.groups().len() > 1 {
            args.extend(["--image".to_owned(), image["names"][0].as_str().expect("a name").to_owned()]);
        }
        if self.images().iter().filter(|other| other["names"] == image["names"]).count() > 1 {
            args.extend(["--platform".to_owned(), image["platform"].as_str().expect("text").to_owned()]);
        }
        args
    }

    /// Images by name: one may be there for several platforms.
    fn groups(&self) -> BTreeSet<String> {
        self.images().iter().map(|image| image["names"].to_string()).collect()
    }
}

/// All archives; those of directories are unpacked.
fn archives() -> Vec<Known> {
    let mut found: Vec<_> = std::fs::read_dir(testdata("archives"))
        .expect("testdata")
        .map(|entry| entry.expect("readable").path())
        .filter_map(|path| Some((path.file_name()?.to_str()?.strip_suffix(".truth.json")?.to_owned(), path)))
        .map(|(name, truth)| known(&name, &truth))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(found.len() >= 45, "{} archives", found.len());
    found
}

fn known(name: &str, truth: &Path) -> Known {
    let truth: Value = serde_json::from_slice(&std::fs::read(truth).expect("readable")).expect("JSON");
    let plain = testdata(&format!("archives/{name}.tar"));
    let path = if plain.exists() { plain } else { testdata(&format!("archives/{name}.tar.gz")) };
    let directory = matches!(truth["kind"].as_str(), Some("dir" | "oci-layout"));
    let unpacked = directory.then(|| unpack(&std::fs::read(&path).expect("readable")));
    Known { name: name.to_owned(), path, truth, unpacked }
}

fn one(name: &str) -> Known {
    known(name, &testdata(&format!("archives/{name}.truth.json")))
}

fn unpack(tar: &[u8]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    ::tar::Archive::new(tar).unpack(dir.path()).expect("a tar");
    dir
}

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().map(|items| items.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

/// Names, platform, digests, sizes by all measures, number of entries, and the live files: each
/// archive holds what the engine that wrote it, skopeo, umoci or tar say it holds.
#[test]
fn every_archive_holds_what_other_tools_say() {
    let mut failed = Vec::new();
    for known in archives() {
        for image in known.images() {
            let check = std::panic::AssertUnwindSafe(|| compare(&known, image));
            if std::panic::catch_unwind(check).is_err() {
                failed.push(format!("{} {} {}", known.name, image["names"], image["platform"]));
            }
        }
    }
    assert!(failed.is_empty(), "failed, each explained above: {failed:#?}");
}

fn compare(known: &Known, image: &Value) {
    let choice = known.choice(image);
    let report = support::json(&[vec![known.arg().to_owned()], choice.clone()].concat(), 0);
    support::assert_books(&report);
    support::assert_blob_sizes(&report, Path::new(known.arg()));
    assert_eq!(strings(&report["image"]["names"]), strings(&image["names"]), "names");
    assert_eq!(report["image"]["platform"], image["platform"], "platform");
    for (ours, theirs) in [("id", "config_digest"), ("manifest_digest", "manifest_digest")] {
        if image[theirs].is_string() {
            assert_eq!(report["image"][ours], image[theirs], "{theirs}");
        }
    }
    let layers = report["layers"].as_array().expect("layers");
    let truth = image["layers"].as_array().expect("layers");
    assert_eq!(layers.len(), truth.len(), "number of layers");
    for (layer, truth) in layers.iter().zip(truth) {
        // An archive from before diff ids has none; its layers are plain, so the digest is the same.
        let diff_id = if layer["diff_id"].is_null() { &layer["digest"] } else { &layer["diff_id"] };
        assert_eq!(*diff_id, truth["diff_id"], "diff id");
        if truth["digest"].is_string() {
            assert_eq!(layer["digest"], truth["digest"], "digest");
        }
        for measure in ["blob_bytes", "diff_bytes"] {
            let weighed = number(layer, &format!("/{measure}")) + number(layer, &format!("/overhead/{measure}"));
            assert_eq!(weighed, number(truth, &format!("/{measure}")), "{measure}");
        }
        assert_eq!(layer["content_bytes"], truth["content_bytes"], "content");
        assert_eq!(layer["entries"], truth["entries"], "entries");
        assert_eq!(layer["compression"], truth["compression"], "compression");
    }
    assert_eq!(report["live"]["content_bytes"], image["live_content_bytes"], "live content");
    let value = |option: &str| choice.iter().position(|arg| arg == option).map(|at| choice[at + 1].as_str());
    let options = Options {
        image: value("--image").map(|name| Selector::parse(name).expect("a name")),
        platform: value("--platform").map(|name| Platform::parse(name).expect("a platform")),
        ..Options::default()
    };
    let index = support::index_of(known.arg(), &options).expect("the library reads what the binary does");
    let files = support::live_paths(&index).into_iter().filter(|(_, regular)| *regular);
    let files: BTreeSet<_> = files.map(|(path, _)| String::from_utf8(path).expect("plain names")).collect();
    assert_eq!(files.iter().map(String::as_str).collect::<BTreeSet<_>>(), strings(&image["live_files"]), "live files");
}

/// The report without the line that says where the image came from.
fn without_source(mut report: Value) -> Value {
    report["source"] = Value::Null;
    report
}
