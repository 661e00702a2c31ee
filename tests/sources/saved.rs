//! Saved analyses: the same report again, and no harm from forged ones.

use crate::support;
use crate::support::{Entry, Outcome, digest, plimsoll, testdata};
use crate::{Known, archives, one};
use plimsoll::render::{size::Unit, style::Style};
use plimsoll::{Index, Limits, Options, Reference, Report, ReportOptions, Source};
use serde_json::json;
use std::path::PathBuf;
use tempfile::TempDir;

fn save(source: &str, choice: &[String]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("image.plimsoll");
    Outcome::of(plimsoll().args(["save", source, "-o"]).arg(&path).args(choice)).assert_status(0);
    (dir, path)
}

/// A saved analysis is read back as it was: report, files and dive's numbers, byte by byte.
#[test]
fn saved_and_read_again_is_the_same() {
    let mut known = archives();
    known.push(Known {
        name: "demo".into(),
        path: testdata("demo.tar"),
        truth: json!({"kind": "oci-archive", "images": [{}]}),
        unpacked: None,
    });
    for known in known {
        let choice = known.choice(&known.images()[0]);
        let (_dir, saved) = save(known.arg(), &choice);
        let saved = saved.to_str().expect("plain names");
        for args in [&["--format", "json", "--dive"][..], &["--format", "dive-json"]] {
            let fresh = Outcome::of(plimsoll().arg(known.arg()).args(&choice).args(args));
            let again = Outcome::of(plimsoll().arg(saved).args(args));
            again.assert_status(0);
            assert!(fresh.stdout == again.stdout, "{} {args:?}", known.name);
        }
        let fresh = Outcome::of(plimsoll().args(["files", known.arg(), "--format", "json"]).args(&choice));
        let again = Outcome::of(plimsoll().args(["files", saved, "--format", "json"]));
        assert!(fresh.stdout == again.stdout, "{} files", known.name);
    }
}

/// A saved analysis may come from anywhere: every flipped byte and every cut is an error, found
/// before any number of it is used.
#[test]
fn a_corrupt_saved_analysis_is_an_error() {
    let known = one("docker20-one");
    let (_dir, path) = save(known.arg(), &[]);
    let good = std::fs::read(&path).expect("readable");
    let (_dir, path) = support::file("broken.plimsoll", &good);
    let reference = Reference::parse(path.to_str().expect("plain names")).expect("a path");
    let broken = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("writable");
        match plimsoll::saved::open(&reference, &Options::default()) {
            // Without its magic it is any other file, and no image.
            Ok(None) => Source::open(&reference).and_then(|source| source.read(&Options::default(), &())).map(|_| ()),
            other => other.map(|_| ()),
        }
    };
    assert!(broken(&good).is_ok());
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        let error = broken(&bytes).expect_err("a flipped bit");
        assert_eq!(error.exit_code(), 3, "byte {at}: {error}");
        assert_eq!(broken(&good[..at]).expect_err("a cut").exit_code(), 3, "cut at {at}");
    }
    for at in [3, 9, 40, 100, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&path, &bytes).expect("writable");
        support::run(&[&path]).assert_status(3);
        std::fs::write(&path, &good[..at]).expect("writable");
        support::run(&[&path]).assert_status(3);
    }
}

/// The checksum keeps accidents out, not enemies: with the checksum made right again, changed
/// contents still end in a report or an error, never in a panic.
#[test]
fn a_forged_saved_analysis_does_no_harm() {
    const HEAD: usize = 8 + 4;
    let image = support::layout_of(&[
        &[
            Entry::dir("a"),
            Entry::file("a/one", "11111"),
            Entry::hardlink("a/two", "a/one"),
            Entry::symlink("l", "a"),
            Entry::special("null", b'3', (1, 3)),
        ],
        &[Entry::whiteout("a/one"), Entry::file("l/three", "3"), Entry::opaque("a")],
    ]);
    let (_dir, path) = save(image.arg(), &[]);
    let good = std::fs::read(&path).expect("readable");
    let mut plain = vec![0; 1 << 20];
    let length = zstd_safe::decompress(&mut plain[..], &good[HEAD + 64..]).expect("a zstd frame");
    plain.truncate(length);
    let (_dir, path) = support::file("forged.plimsoll", &good);
    let reference = Reference::parse(path.to_str().expect("plain names")).expect("a path");
    let mut harm = Vec::new();
    let mut read = 0;
    for at in 0..plain.len() {
        for change in [0x01, 0x04, 0x80] {
            let mut forged = plain.clone();
            forged[at] ^= change;
            let packed = support::zstd(&forged);
            let sum = digest(&packed)[7..].to_owned();
            std::fs::write(&path, [&good[..HEAD], sum.as_bytes(), &packed].concat()).expect("writable");
            let outcome = std::panic::catch_unwind(|| {
                let limits = Limits { nodes: 100_000, entries: 100_000, names: 1 << 20, ..Limits::default() };
                let options = Options { limits: limits.clone(), ..Options::default() };
                let Ok(Some(image)) = plimsoll::saved::open(&reference, &options) else { return false };
                let Ok(index) = Index::build(image, &limits) else { return false };
                let report = serde_json::to_value(Report::new(&index, &ReportOptions::default())).expect("a report is JSON");
                support::assert_books(&report);
                let style = Style { color: false, bars: true, width: 100, unit: Unit::Si };
                plimsoll::render::table::report(&Report::new(&index, &ReportOptions::default()), &style);
                true
            });
            match outcome {
                Ok(was_read) => read += usize::from(was_read),
                Err(_) => harm.push((at, change)),
            }
        }
    }
    assert!(harm.is_empty(), "{} of {} forgeries did harm, each explained above: {harm:?}", harm.len(), plain.len() * 3);
    assert!(read > 0, "some changes, of a name's letter say, are no error");
}

/// A saved analysis is of one image: whoever asks for another is not given that one, or a budget would pass for nothing.
#[test]
fn another_image_than_the_saved_one_is_an_error() {
    let (_dir, saved) = save(testdata("demo.tar").to_str().expect("plain names"), &[]);
    let saved = saved.to_str().expect("plain names");
    for (option, value, expected) in [
        ("--platform", "linux/arm64", "no image for linux/arm64 in the saved analysis; it is of one for linux/amd64"),
        ("--image", "other", "no image named `other` in the saved analysis; it is of demo/app:1"),
        ("--image", "@1", "no image @1 in the saved analysis; it is of demo/app:1"),
    ] {
        for command in [&["files"][..], &["check", "--max-disk", "1GB"]] {
            let outcome = support::run(&[command, &[saved, option, value]].concat());
            outcome.assert_status(3);
            assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
        }
    }
    for right in [["--platform", "linux/amd64"], ["--image", "demo/app:1"], ["--image", "@0"]] {
        support::run(&[saved, right[0], right[1]]).assert_status(0);
    }
}
