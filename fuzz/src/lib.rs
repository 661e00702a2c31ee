//! Shared by the fuzz targets: small limits, archives made of what the fuzzer says, and the checks
//! that hold for every image.

pub mod archive;
pub mod compress;
pub mod tar;

use plimsoll::layer::Measures;
use plimsoll::render::style::Style;
use plimsoll::render::{csv, json, size, table};
use plimsoll::source::Verify;
use plimsoll::{Index, Limits, Options, Report, ReportOptions, Source, dive, files};
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// Small enough that a bomb ends quickly, large enough that each limit is reached by some input.
pub fn limits() -> Limits {
    Limits {
        document: 256 << 10,
        archive_manifest: 256 << 10,
        documents: 4 << 20,
        extension: 64 << 10,
        extensions: 8,
        nodes: 200_000,
        entries: 100_000,
        names: 16 << 20,
        output: 64 << 20,
        layers: 100,
        index_depth: 4,
        link_steps: 1_000_000,
        zstd_window_log: 23,
        zstd_windows: 16 << 20,
    }
}

pub fn options(verify: Verify) -> Options {
    // The first of several images, and one thread: what is looked for is not a race.
    Options { image: Some(plimsoll::reference::Selector::Index(0)), verify, limits: limits(), threads: 1, ..Options::default() }
}

/// Reads an archive as a stream and weighs it, with all that must hold.
pub fn weigh(archive: Vec<u8>, verify: Verify) -> plimsoll::Result<(Index, Report)> {
    weigh_within(archive, &options(verify))
}

/// The same with other options.
pub fn weigh_within(archive: Vec<u8>, options: &Options) -> plimsoll::Result<(Index, Report)> {
    let image = Source::stream(Cursor::new(archive), "fuzz").read(options, &())?;
    let index = Index::build(image, &options.limits)?;
    let report = Report::new(&index, &ReportOptions::default());
    check(&index, &report);
    Ok((index, report))
}

/// The books balance, and every rendering ends.
pub fn check(index: &Index, report: &Report) {
    let sum = |parts: &mut dyn Iterator<Item = Measures>| parts.fold(Measures::default(), |sum, part| sum + part);

    assert_eq!(report.totals, report.live + report.shadowed.all, "totals = live + hidden");
    assert_eq!(report.live, report.hull.base + report.hull.own, "live = base + own");
    assert_eq!(report.shadowed.all, sum(&mut report.shadowed.causes.values().copied()), "hidden = all causes");
    assert_eq!(report.shadowed.all, sum(&mut report.hidden.iter().map(|row| row.all)), "hidden = all rows");
    assert_eq!(report.totals, sum(&mut report.layers.iter().map(|layer| layer.all)), "totals = all layers");
    assert_eq!(report.overhead, sum(&mut report.layers.iter().map(|layer| layer.overhead)), "overhead = all layers'");
    assert_eq!(report.overhead.content_bytes, 0, "overhead is never content");
    assert_eq!(report.totals.content_bytes, report.image.disk_bytes);
    assert!((0.0..=1.0).contains(&report.efficiency), "efficiency {}", report.efficiency);

    // Against the layers themselves: what was counted is what was read, byte for byte.
    let (mut diff, mut blob) = (0, 0);
    for (row, layer) in report.layers.iter().zip(index.image().layers()) {
        assert_eq!(row.all, row.live + row.shadowed.all, "layer {}", row.index);
        let Some(changeset) = index.image().changeset(layer) else {
            assert_eq!((row.all, row.overhead), Default::default(), "an absent layer weighs nothing");
            continue;
        };
        assert_eq!(row.all.diff_bytes + row.overhead.diff_bytes, changeset.diff_bytes, "layer {}: diff bytes", row.index);
        assert_eq!(row.all.blob_bytes + row.overhead.blob_bytes, changeset.blob_bytes, "layer {}: blob bytes", row.index);
        assert_eq!(row.all.entries, changeset.entries.len() as u64);
        diff += changeset.diff_bytes;
        blob += changeset.blob_bytes;
    }
    assert_eq!(report.layers.len(), index.image().layers().len());
    assert_eq!(report.totals.diff_bytes + report.overhead.diff_bytes, diff, "totals + overhead = all layers' diff bytes");
    assert_eq!(report.totals.blob_bytes + report.overhead.blob_bytes, blob, "totals + overhead = all layers' blob bytes");

    lookups(index);
    render(index, report);
}

/// Every live path is found at its node, and nothing is found that is hidden.
fn lookups(index: &Index) {
    for placed in index.entries().take(200) {
        let path = index.paths().path(placed.node);
        assert_eq!(index.paths().find(&path), Some(placed.node), "{}", path.escape_ascii());
        if let Some(found) = index.find(&path) {
            assert_eq!(index.at(found.node).map(|at| (at.layer, at.number)), Some((found.layer, found.number)));
        }
    }
}

fn render(index: &Index, report: &Report) {
    let mut text = Vec::new();
    json::report(report, &mut text).unwrap();
    let back: Report = serde_json::from_slice(&text).expect("the report's JSON is read back");
    assert_eq!((back.totals, back.live, back.shadowed.all), (report.totals, report.live, report.shadowed.all));

    for (width, unit, color) in [(160, size::Unit::Si, true), (60, size::Unit::Bytes, false)] {
        let page = table::report(report, &Style { color, bars: color, width, unit });
        let unsafe_one = page.chars().find(|c| c.is_control() && *c != '\n' && !(color && *c == '\x1b'));
        assert_eq!(unsafe_one, None, "a control character reached the table");
    }

    let mut text = Vec::new();
    csv::layers(report, &mut text).unwrap();
    let listed = files::list(index, &files::Filter::default(), files::Sort::Content);
    assert_eq!(listed.len() as u64, report.totals.entries, "every entry is listed");
    let rows = || listed.iter().take(200).map(|placed| json::EntryReport::new(index, placed));
    csv::entries(rows(), &mut text).unwrap();
    json::lines(rows(), &mut text).unwrap();

    let dive = dive::report(index);
    assert!(dive.efficiency_score.is_finite());
}

/// A file of this process, written anew each time; in memory where the system has such a place.
pub fn scratch(name: &str, bytes: &[u8]) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let path = directory.join(format!("plimsoll-fuzz-{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).expect("the scratch file can be written");
    path
}
