//! Small images made by hand, one oddity each, against what is known of them.
//!
//! For each: the exit status, the books in all three measures, the size of every blob, the files
//! that are live and the bytes that are hidden, by cause.

mod support;

#[path = "edge/docker.rs"]
mod docker;
#[path = "edge/entries.rs"]
mod entries;
#[path = "edge/generator.rs"]
mod generator;
#[path = "edge/layers.rs"]
mod layers;
#[path = "edge/sources.rs"]
mod sources;

use plimsoll::Options;
use plimsoll::oci::Platform;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::{Entry, ImageSpec, Layer, Layout, layout, number};
use tempfile::TempDir;

/// One image and what is true of it.
struct Case {
    name: &'static str,
    source: Made,
    args: Vec<&'static str>,
    status: i32,
    /// Words that standard error must have.
    error: Vec<&'static str>,
    /// Live paths, directories left out; not checked where `None`.
    live: Option<Vec<Vec<u8>>>,
    /// Hidden content by cause; other causes must hide none.
    hidden: Vec<(&'static str, u64)>,
    /// Sizes of the uncompressed layers.
    tars: Vec<u64>,
    /// Codes of notes that must be there.
    notes: Vec<&'static str>,
    check: fn(&Value, &Path),
}

enum Made {
    Layout(Layout),
    File { _dir: TempDir, path: PathBuf },
}

impl Made {
    fn path(&self) -> &Path {
        match self {
            Self::Layout(layout) => layout.path(),
            Self::File { path, .. } => path,
        }
    }
}

impl Case {
    fn new(name: &'static str, source: Made, layers: &[Layer]) -> Self {
        Self {
            name,
            source,
            args: Vec::new(),
            status: 0,
            error: Vec::new(),
            live: None,
            hidden: Vec::new(),
            tars: layers.iter().map(|layer| layer.tar.len() as u64).collect(),
            notes: Vec::new(),
            check: |_, _| {},
        }
    }

    /// An OCI layout of one image.
    fn layers(name: &'static str, layers: &[Layer]) -> Self {
        Self::new(name, Made::Layout(layout(layers)), layers)
    }

    /// The same, gzipped layers from their entries.
    fn entries(name: &'static str, layers: &[&[Entry]]) -> Self {
        Self::layers(name, &layers.iter().map(|entries| Layer::new(entries)).collect::<Vec<_>>())
    }

    /// One gzipped layer from the bytes of its tar.
    fn tar(name: &'static str, tar: Vec<u8>) -> Self {
        Self::layers(name, &[Layer::of_tar(tar)])
    }

    fn history(name: &'static str, layers: &[Layer], history: Value) -> Self {
        Self::new(name, Made::Layout(Layout::of(&ImageSpec::new(layers).history(history))), layers)
    }

    fn archive(name: &'static str, file: &str, bytes: &[u8], layers: &[Layer]) -> Self {
        let (dir, path) = support::file(file, bytes);
        Self::new(name, Made::File { _dir: dir, path }, layers)
    }

    fn live<P: AsRef<[u8]>>(mut self, paths: &[P]) -> Self {
        self.live = Some(paths.iter().map(|path| path.as_ref().to_vec()).collect());
        self
    }

    fn hidden(mut self, causes: &[(&'static str, u64)]) -> Self {
        self.hidden = causes.to_vec();
        self
    }

    fn args(mut self, args: &[&'static str]) -> Self {
        self.args = args.to_vec();
        self
    }

    fn error(mut self, status: i32, words: &[&'static str]) -> Self {
        (self.status, self.error) = (status, words.to_vec());
        self
    }

    fn status(mut self, status: i32) -> Self {
        self.status = status;
        self
    }

    fn notes(mut self, codes: &[&'static str]) -> Self {
        self.notes = codes.to_vec();
        self
    }

    fn check(mut self, check: fn(&Value, &Path)) -> Self {
        self.check = check;
        self
    }

    /// Weighs the image and compares; what is wrong, if anything.
    fn run(&self) {
        let path = self.source.path().to_str().expect("plain names");
        let outcome = support::run(&[&[path][..], &self.args, &["--format", "json"]].concat());
        outcome.assert_status(self.status);
        for word in &self.error {
            assert!(outcome.stderr.contains(word), "`{word}` expected in {:?}", outcome.stderr);
        }
        if !self.error.is_empty() {
            assert!(outcome.stdout.is_empty(), "a failed run prints no report");
            return;
        }
        let report = outcome.json();
        support::assert_books(&report);
        support::assert_blob_sizes(&report, self.source.path());
        let layers = report["layers"].as_array().expect("layers");
        assert_eq!(layers.len(), self.tars.len(), "number of layers");
        for (layer, tar) in layers.iter().zip(&self.tars).filter(|(layer, _)| layer["present"] == true) {
            assert_eq!(number(layer, "/diff_bytes") + number(layer, "/overhead/diff_bytes"), *tar, "size of the uncompressed layer");
        }
        if self.status == 0 && self.live.is_some() {
            for (cause, measures) in report["shadowed"]["causes"].as_object().expect("causes") {
                let expected = self.hidden.iter().find(|(name, _)| name == cause).map_or(0, |(_, bytes)| *bytes);
                assert_eq!(number(measures, "/content_bytes"), expected, "content hidden as {cause}");
            }
        }
        for code in &self.notes {
            let notes = report["notes"].as_array().expect("notes");
            assert!(notes.iter().any(|note| note["code"] == *code), "note {code} expected in {notes:?}");
        }
        if let Some(expected) = &self.live {
            let index = support::index_of(path, &options(&self.args)).expect("the library reads what the binary does");
            assert_eq!(shown(support::live_paths(&index).into_keys()), shown(expected.iter().cloned()), "live paths");
        }
        (self.check)(&report, self.source.path());
    }
}

fn options(args: &[&str]) -> Options {
    let platform = args.iter().position(|arg| *arg == "--platform").map(|at| Platform::parse(args[at + 1]).expect("a platform"));
    let image = args.iter().position(|arg| *arg == "--image").map(|at| plimsoll::reference::Selector::parse(args[at + 1]).expect("a name"));
    Options { platform, image, ..Options::default() }
}

fn shown(paths: impl Iterator<Item = Vec<u8>>) -> BTreeSet<String> {
    paths.map(|path| path.escape_ascii().to_string()).collect()
}

/// Runs all cases and then tells of all that failed, by name.
fn run_all(cases: &[Case]) {
    let mut failed = Vec::new();
    for case in cases {
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.run())).is_err() {
            failed.push(case.name);
        }
    }
    assert!(failed.is_empty(), "{} of {} cases failed, each explained above: {failed:?}", failed.len(), cases.len());
}

/// 80,722 bytes of content.
fn base() -> Vec<Entry> {
    vec![
        Entry::dir("bin"),
        Entry::file("bin/sh", "#!fake\n".repeat(100)).mode(0o755),
        Entry::dir("etc"),
        Entry::file("etc/passwd", "root:x:0:0::/:/bin/sh\n"),
        Entry::dir("var"),
        Entry::dir("var/cache"),
        Entry::file("var/cache/a.bin", vec![b'A'; 50_000]),
        Entry::file("var/cache/b.bin", vec![b'B'; 30_000]),
    ]
}

const BASE: [&str; 4] = ["bin/sh", "etc/passwd", "var/cache/a.bin", "var/cache/b.bin"];
const BASE_CONTENT: u64 = 80_722;

/// 102,400 bytes that do not compress well.
fn dup() -> Layer {
    let content: Vec<u8> = (0..=255).cycle().take(102_400).collect();
    Layer::new(&[Entry::file("opt/dup.bin", content)])
}

fn with_base<'p>(paths: &[&'p str]) -> Vec<&'p str> {
    [&BASE[..], paths].concat()
}
