//! Files of the cache that are not as they were written.

use super::{cache, files, known, noisy, options};
use crate::support::{self, digest};
use plimsoll::render::{size::Unit, style::Style};
use plimsoll::source::Verify;
use plimsoll::{Index, Limits, Options, Reference, Report, ReportOptions, Source};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Magic number, size of the blob, number of entries.
const HEADER: usize = 24;
/// Digits of the checksum.
const CHECKSUM: usize = 64;

/// A layout of one layer with its cache; the file there.
struct Filled {
    layout: support::Layout,
    home: TempDir,
    file: PathBuf,
    good: Vec<u8>,
    expected: Vec<u8>,
}

fn filled() -> Filled {
    let home = tempfile::tempdir().expect("a temporary directory");
    let layout = noisy(1, 100);
    let expected = known(layout.path(), &options(Verify::Named, Some(&cache(home.path(), u64::MAX, 0)))).expect("an image");
    let [file] = files(home.path()).try_into().expect("one file");
    let good = std::fs::read(&file).expect("readable");
    Filled { layout, home, file, good, expected }
}

impl Filled {
    fn read(&self, layout: &Path, verify: Verify) -> Option<Vec<u8>> {
        known(layout, &options(verify, Some(&cache(self.home.path(), u64::MAX, 0)))).ok()
    }
}

/// The blob's place in a layout that has other bytes there.
fn blanked(filled: &Filled) -> support::Layout {
    let layout = noisy(1, 100);
    assert_eq!(super::blank(layout.path(), &cache(filled.home.path(), u64::MAX, 0)), 1);
    layout
}

/// A flipped bit, a cut, more behind the end: the blob is scanned as if the file were not there, and the
/// file written anew. Where there is no blob to scan, nothing is found: the file was not believed.
#[test]
fn whatever_is_changed_is_not_believed() {
    let filled = filled();
    let blank = blanked(&filled);
    let of_blank = filled.read(blank.path(), Verify::None).expect("all is known");
    let broken = |bytes: &[u8], what: &str| {
        std::fs::write(&filled.file, bytes).expect("writable");
        assert_eq!(filled.read(blank.path(), Verify::None), None, "{what}");
        assert!(filled.read(filled.layout.path(), Verify::Named).as_ref() == Some(&filled.expected), "{what}");
        assert!(std::fs::read(&filled.file).expect("readable") == filled.good, "{what}: written anew");
        assert!(filled.read(blank.path(), Verify::None).as_ref() == Some(&of_blank), "{what}: believed again");
    };
    for at in 0..filled.good.len() {
        let mut bytes = filled.good.clone();
        bytes[at] ^= 0x10;
        broken(&bytes, &format!("byte {at}"));
        broken(&filled.good[..at], &format!("cut at {at}"));
    }
    broken(&[&filled.good[..], b"\0"].concat(), "a byte more");
    // A frame more, with the checksum made right.
    let packed = [&filled.good[HEADER + CHECKSUM..], &support::zstd(b"more")].concat();
    broken(&sealed(&filled.good[..HEADER], &packed), "more values");
}

fn sealed(header: &[u8], packed: &[u8]) -> Vec<u8> {
    [header, &digest(packed).as_bytes()[7..], packed].concat()
}

/// A file under the name of another blob, and one of another version, are not believed though all in
/// them is right.
#[test]
fn what_is_true_of_another_is_not_believed() {
    let filled = filled();
    let home = tempfile::tempdir().expect("a temporary directory");
    let open = || cache(home.path(), u64::MAX, 0);
    let two = noisy(2, 100);
    let expected = known(two.path(), &options(Verify::Named, Some(&open()))).expect("an image");
    let [a, b] =
        <[PathBuf; 2]>::try_from(files(home.path())).expect("two files").map(|path| (std::fs::read(&path).expect("readable"), path));
    std::fs::write(&a.1, &b.0).expect("writable");
    assert!(known(two.path(), &options(Verify::Named, Some(&open()))).expect("an image") == expected);
    assert!(std::fs::read(&a.1).expect("readable") == a.0, "written anew");

    let blank = blanked(&filled);
    assert!(filled.read(blank.path(), Verify::None).is_some());
    // The version stands in the file too, for directories can be renamed.
    let plain = zstd_safe_plain(&filled.good);
    let version = filled.file.strip_prefix(filled.home.path()).expect("below").iter().next().expect("a version").to_str().expect("plain");
    let place = plain.windows(version.len()).position(|window| window == version.as_bytes()).expect("the version");
    let mut other = plain.clone();
    other[place + version.len() - 1] ^= 1;
    std::fs::write(&filled.file, sealed(&filled.good[..HEADER], &support::zstd(&other))).expect("writable");
    assert_eq!(filled.read(blank.path(), Verify::None), None, "another version");
    std::fs::write(&filled.file, sealed(&filled.good[..HEADER], &support::zstd(&plain))).expect("writable");
    assert!(filled.read(blank.path(), Verify::None).is_some(), "this one");
}

fn zstd_safe_plain(file: &[u8]) -> Vec<u8> {
    let mut plain = vec![0; 1 << 20];
    let length = zstd_safe::decompress(&mut plain[..], &file[HEADER + CHECKSUM..]).expect("a zstd frame");
    plain.truncate(length);
    plain
}

/// The checksum keeps accidents out, not enemies: with it made right again, changed contents end in a
/// report whose books balance, or in a scan.
#[test]
fn a_forged_file_does_no_harm() {
    let filled = filled();
    let blank = blanked(&filled);
    let plain = zstd_safe_plain(&filled.good);
    let limits = Limits { nodes: 100_000, entries: 100_000, names: 4 << 20, captures: 1 << 20, ..Limits::default() };
    let options = Options { limits: limits.clone(), threads: 1, ..options(Verify::None, Some(&cache(filled.home.path(), u64::MAX, 0))) };
    let reference = Reference::parse(blank.arg()).expect("a path");
    // Limits on one blob are part of the file.
    let verified = Options { verify: Verify::Named, ..options.clone() };
    known(filled.layout.path(), &verified).expect("an image");
    let good = std::fs::read(&filled.file).expect("readable");
    assert!(known(blank.path(), &options).is_ok());
    let with_limits = zstd_safe_plain(&good);
    assert_ne!(plain, with_limits);
    let (mut read, mut harm) = (0, Vec::new());
    for at in 0..with_limits.len() {
        for change in [0x01, 0x04, 0x80, 0xff] {
            let mut forged = with_limits.clone();
            forged[at] ^= change;
            std::fs::write(&filled.file, sealed(&good[..HEADER], &support::zstd(&forged))).expect("writable");
            let outcome = std::panic::catch_unwind(|| {
                let Ok(image) = Source::open(&reference).and_then(|source| source.read(&options, &())) else { return false };
                let Ok(index) = Index::build(image, &limits) else { return false };
                let report = Report::new(&index, &ReportOptions::default());
                support::assert_books(&serde_json::to_value(&report).expect("a report is JSON"));
                let style = Style { color: false, bars: true, width: 100, unit: Unit::Si };
                plimsoll::render::table::report(&report, &style);
                true
            });
            match outcome {
                Ok(was_read) => read += usize::from(was_read),
                Err(_) => harm.push((at, change)),
            }
        }
    }
    assert!(harm.is_empty(), "bytes and changes that panicked or broke the books: {harm:?}");
    assert!(read > 100, "{read} changed files were still read");
}

/// Numbers that ask for more than there can be are refused before anything is made from them: the
/// process has little memory.
#[test]
fn impossible_counts_cost_nothing() {
    let filled = filled();
    let blank = blanked(&filled);
    let plain = zstd_safe_plain(&filled.good);
    for at in 0..plain.len() {
        // A number of ten bytes, about 2^63, in place of each byte.
        let forged = [&plain[..at], &[0xff; 9], &[0x01], &plain[at + 1..]].concat();
        std::fs::write(&filled.file, sealed(&filled.good[..HEADER], &support::zstd(&forged))).expect("writable");
        let _any = filled.read(blank.path(), Verify::None);
    }
    // A bomb: a gigabyte of zeros, and sixteen of them.
    let zeros = support::zstd(&vec![0; 256 << 20]);
    let bomb = zeros.repeat(64);
    std::fs::write(&filled.file, sealed(&filled.good[..HEADER], &bomb)).expect("writable");
    assert_eq!(filled.read(blank.path(), Verify::None), None);
}
