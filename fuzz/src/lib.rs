//! Shared by the fuzz targets: small limits, archives made of what the fuzzer says, and the checks
//! that hold for every image.

pub mod archive;
pub mod cached;
pub mod compress;
pub mod homes;
pub mod recipe;
pub mod tar;

use plimsoll::layer::Measures;
use plimsoll::render::style::Style;
use plimsoll::render::{csv, cyclonedx, json, size, table};
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
        attestation: 1 << 20,
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
        captures: 8 << 20,
        toc: 1 << 20,
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
    let hull = &report.hull;
    assert_eq!(report.live, hull.base + hull.own + hull.unneeded, "live = base + own + unneeded");
    assert_eq!(hull.unneeded, sum(&mut report.layers.iter().map(|layer| layer.unneeded)), "unneeded = all layers'");
    assert_eq!(report.shadowed.all, sum(&mut report.shadowed.causes.values().copied()), "hidden = all causes");
    assert_eq!(report.shadowed.all, sum(&mut report.hidden.iter().map(|row| row.all)), "hidden = all rows");
    assert_eq!(report.totals, sum(&mut report.layers.iter().map(|layer| layer.all)), "totals = all layers");
    assert_eq!(report.overhead, sum(&mut report.layers.iter().map(|layer| layer.overhead)), "overhead = all layers'");
    assert_eq!(report.overhead.content_bytes, 0, "overhead is never content");
    assert_eq!(report.totals.content_bytes, report.image.disk_bytes);
    assert!((0.0..=1.0).contains(&report.efficiency), "efficiency {}", report.efficiency);

    findings_and_edits(report);

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

/// What was judged stays within what there is.
fn findings_and_edits(report: &Report) {
    let sum = |parts: &mut dyn Iterator<Item = Measures>| parts.fold(Measures::default(), |sum, part| sum + part);
    let within = |part: Measures, whole: Measures| {
        let numbers = |of: Measures| [of.content_bytes, of.diff_bytes, of.blob_bytes, of.entries];
        numbers(part).iter().zip(numbers(whole)).all(|(part, whole)| *part <= whole)
    };
    let findings = sum(&mut report.findings.iter().map(|finding| finding.all));
    assert!(within(findings, report.totals), "findings {findings:?}, of {:?}", report.totals);
    let hidden = sum(&mut report.findings.iter().map(|finding| finding.shadowed));
    assert!(within(hidden, report.shadowed.all), "hidden ones {hidden:?}, of {:?}", report.shadowed.all);
    for edit in &report.edits {
        assert!(within(edit.saves, edit.alone), "edit {}: {:?} of {:?}", edit.number, edit.saves, edit.alone);
        assert_eq!(edit.saves, sum(&mut edit.parts.iter().map(|part| part.all)), "edit {}: its parts", edit.number);
    }
    let saves = sum(&mut report.edits.iter().map(|edit| edit.saves));
    assert!(within(saves, report.totals), "edits {saves:?}, of {:?}", report.totals);
    let certain = sum(&mut report.edits.iter().filter(|edit| edit.certain).map(|edit| edit.saves));
    assert_eq!(report.without_edits + certain, report.totals, "totals = without edits + certain ones");
    let packages = sum(&mut report.packages.iter().map(|package| package.all));
    assert!(within(packages, report.totals), "packages {packages:?}, of {:?}", report.totals);
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
    json::document(report, &mut text).unwrap();
    let back: Report = serde_json::from_slice(&text).expect("the report's JSON is read back");
    assert_eq!((back.totals, back.live, back.shadowed.all), (report.totals, report.live, report.shadowed.all));

    for (width, unit, color) in [(160, size::Unit::Si, true), (60, size::Unit::Bytes, false)] {
        let style = Style { color, bars: color, width, unit };
        shown(&table::report(report, &style), color);
        shown(&table::plan(report, &style), color);
        shown(&table::findings(report, color, &style), color);
        shown(&table::packages(report, &table::Packages { all: color, ..table::Packages::default() }, &style), color);
    }

    let mut text = Vec::new();
    csv::layers(report, &mut text).unwrap();
    csv::edits(report, &mut text).unwrap();
    csv::findings(report, &mut text).unwrap();
    csv::packages(report.packages.iter(), &mut text).unwrap();
    json::plan(report, &mut text).unwrap();
    cyclonedx::bill(report, &[], &mut text).unwrap();
    let listed = files::list(index, &files::Filter::default(), files::Sort::Content);
    assert_eq!(listed.len() as u64, report.totals.entries, "every entry is listed");
    let rows = || listed.iter().take(200).map(|placed| json::EntryReport::new(index, placed));
    csv::entries(rows(), &mut text).unwrap();
    json::lines(rows(), &mut text).unwrap();

    let dive = dive::report(index);
    assert!(dive.efficiency_score.is_finite());
}

/// No control character is in a page, but for what paints it.
pub fn shown(page: &str, color: bool) {
    let unsafe_one = page.chars().find(|c| c.is_control() && *c != '\n' && !(color && *c == '\x1b'));
    assert_eq!(unsafe_one, None, "a control character reached the table");
}

/// A file of this process, written anew each time; in memory where the system has such a place.
pub fn scratch(name: &str, bytes: &[u8]) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let path = directory.join(format!("plimsoll-fuzz-{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).expect("the scratch file can be written");
    path
}
