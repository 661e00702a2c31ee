//! Twice as much takes twice as long, whatever it is made of.

use crate::support;
use crate::support::{Entry, Layer, Layout, layout, tar};
use plimsoll::{Index, Options, Reference, Report, ReportOptions, Source};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Processor time of this thread, which other tests and programs do not disturb; where the system
/// does not tell, the time on the clock.
fn clock() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|text| text.split_whitespace().next()?.parse().ok()).map(Duration::from_nanos);
    spent.unwrap_or_else(|| START.get_or_init(Instant::now).elapsed())
}

/// How long it takes to weigh an image on one thread, the best of three.
fn time(path: &Path) -> Duration {
    let path = path.to_str().expect("plain names");
    let options = Options { threads: 1, ..Options::default() };
    let once = || {
        let start = clock();
        let reference = Reference::parse(path).expect("a path");
        // What comes of it does not matter here, only that it comes.
        if let Ok(image) = Source::open(&reference).and_then(|source| source.read(&options, &())) {
            let index = Index::build(image, &options.limits).expect("stackable");
            let _report = Report::new(&index, &ReportOptions::default());
            let _dive = plimsoll::dive::report(&index);
        }
        clock().saturating_sub(start)
    };
    (0..3).map(|_| once()).min().expect("three")
}

/// Eight times the input may take eight times as long, not 64 times. The bound is far from both.
#[track_caller]
fn assert_linear(what: &str, make: impl Fn(usize) -> Made, small: usize) {
    let (few, many) = (make(small), make(small * 8));
    let (short, long) = (time(few.path()), time(many.path()));
    assert!(long < short * 24 + Duration::from_millis(50), "{what}: {small} took {short:?}, 8 times as many {long:?}");
}

enum Made {
    Layout(Layout),
    File(PathBuf, #[expect(dead_code, reason = "it goes with the case")] tempfile::TempDir),
}

impl Made {
    fn path(&self) -> &Path {
        match self {
            Self::Layout(layout) => layout.path(),
            Self::File(path, _) => path,
        }
    }

    fn layers(layers: &[Vec<Entry>]) -> Self {
        Self::Layout(layout(&layers.iter().map(|entries| Layer::new(entries)).collect::<Vec<_>>()))
    }

    fn archive(entries: &[Entry]) -> Self {
        let (dir, path) = support::file("a.tar", &tar(entries));
        Self::File(path, dir)
    }
}

/// Threat 8: markers, however many and however often, take linear time (GHSA-rp3h-jf77-q9p4 is
/// an engine that did not).
#[test]
fn markers_take_linear_time() {
    let files = |n: usize| (0..n).map(|i| Entry::file(format!("d/{i}"), "x")).collect::<Vec<_>>();
    assert_linear(
        "whiteouts in one directory",
        |n| Made::layers(&[files(n), (0..n).map(|i| Entry::whiteout(&format!("d/{i}"))).collect()]),
        1000,
    );
    assert_linear(
        "whiteouts of nothing",
        |n| Made::layers(&[files(n), (0..n).map(|i| Entry::whiteout(&format!("d/no{i}"))).collect()]),
        1000,
    );
    assert_linear("opaque markers in one directory", |n| Made::layers(&[files(n), vec![Entry::opaque("d"); n]]), 1000);
    let opaque = |n: usize| {
        let mut layers = vec![files(n)];
        layers.extend((0..n / 8).map(|_| vec![Entry::opaque("d"), Entry::file("d/again", "y")]));
        Made::layers(&layers)
    };
    assert_linear("an opaque marker in each of many layers", opaque, 800);
    let nested = |n: usize| {
        let deep = (0..n).map(|i| Entry::opaque(&format!("d/{i}"))).collect();
        Made::layers(&[(0..n).map(|i| Entry::file(format!("d/{i}/f"), "x")).collect(), deep, vec![Entry::whiteout("d")]])
    };
    assert_linear("opaque markers in many directories", nested, 1000);
}

/// Entries that share a name, an inode or a link take linear time.
#[test]
fn repeated_names_take_linear_time() {
    assert_linear("one path again and again", |n| Made::layers(&[vec![Entry::file("d/f", "x"); n]]), 1000);
    let turns = |n: usize| {
        let pair = [Entry::dir("d"), Entry::file("d/f", "x"), Entry::file("d", "y")];
        Made::layers(&[pair.iter().cycle().take(n).cloned().collect()])
    };
    assert_linear("directory and file in turns", turns, 1000);
    let links = |n: usize| {
        let mut entries = vec![Entry::file("f", "x")];
        entries.extend((0..n).map(|i| Entry::hardlink(format!("l{i}"), "f")));
        Made::layers(&[entries, (0..n).map(|i| Entry::whiteout(&format!("l{i}"))).collect()])
    };
    assert_linear("hard links to one file", links, 1000);
    let chain = |n: usize| {
        let mut entries = vec![Entry::file("l0", "x")];
        entries.extend((1..n).map(|i| Entry::hardlink(format!("l{i}"), format!("l{}", i - 1))));
        Made::layers(&[entries])
    };
    assert_linear("a chain of hard links", chain, 1000);
    let symlinks = |n: usize| {
        let mut entries = vec![Entry::dir("real")];
        entries.extend((0..40).map(|i| Entry::symlink(format!("s{i}"), if i == 0 { "real".into() } else { format!("s{}", i - 1) })));
        entries.extend((0..n).map(|i| Entry::file(format!("s{}/f{i}", i % 40), "x")));
        Made::layers(&[entries])
    };
    assert_linear("files through chains of symbolic links", symlinks, 500);
}

/// Documents that list many images take linear time, before any of them is chosen.
#[test]
fn long_lists_of_images_take_linear_time() {
    let items = |n: usize| {
        let items: Vec<_> = (0..n).map(|i| json!({"Config": format!("c{i}"), "RepoTags": [format!("a:{i}")], "Layers": []})).collect();
        Made::archive(&[Entry::file("manifest.json", Value::from(items).to_string())])
    };
    assert_linear("items of manifest.json", items, 4000);
    let tags = |n: usize| {
        let tags: serde_json::Map<_, _> = (0..n).map(|i| (format!("t{i}"), json!(format!("{i:064x}")))).collect();
        Made::archive(&[Entry::file("repositories", json!({"a": tags}).to_string())])
    };
    assert_linear("tags in repositories", tags, 4000);
}
