//! However it is read, the report is the same.

use crate::support;
use crate::support::{Entry, ImageSpec, Layer, Layout, Outcome, number, plimsoll, testdata};
use crate::{archives, one, unpack, without_source};
use plimsoll::render::json as render;
use plimsoll::{Index, Options, Report, ReportOptions, Source};
use std::io::Read;

/// A file, a pipe, either compressed as a whole in four ways, and an unpacked directory: the same
/// report, whichever way the image comes.
#[test]
fn every_way_in_gives_the_same_report() {
    type Way = (&'static str, fn(&[u8]) -> Vec<u8>);
    let ways: [Way; 5] =
        [("tar", <[u8]>::to_vec), ("gz", support::gzip), ("zst", support::zstd), ("xz", support::xz), ("bz2", support::bzip2)];
    for known in archives() {
        let Some(tar) = known.tar() else { continue };
        let choice = known.choice(&known.images()[0]);
        let direct = without_source(support::json(&[vec![known.arg().to_owned()], choice.clone()].concat(), 0));
        for (extension, compress) in ways {
            let bytes = compress(&tar);
            let (_dir, path) = support::file(&format!("image.tar.{extension}"), &bytes);
            let file = Outcome::of(plimsoll().arg(&path).args(&choice).args(["--format", "json"]));
            let pipe = Outcome::of(plimsoll().arg("-").args(&choice).args(["--format", "json"]).write_stdin(bytes));
            for (way, outcome) in [("file", file), ("pipe", pipe)] {
                outcome.assert_status(0);
                assert_eq!(without_source(outcome.json()), direct, "{}, {way}, {extension}", known.name);
            }
        }
        if known.kind() == "oci-archive" {
            let unpacked = unpack(&tar);
            let path = unpacked.path().to_str().expect("plain names").to_owned();
            let directory = support::json(&[vec![path], choice].concat(), 0);
            assert_eq!(directory["source"]["kind"], "oci-layout");
            assert_eq!(without_source(directory), direct, "{}, unpacked", known.name);
        }
    }
}

/// Gives at most `most` bytes a read, as pipes and sockets do.
struct Chunks {
    bytes: std::io::Cursor<Vec<u8>>,
    most: usize,
}

impl Read for Chunks {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let want = out.len().min(self.most);
        self.bytes.read(&mut out[..want])
    }
}

fn report_of(source: Source, options: &Options) -> Vec<u8> {
    let image = source.read(options, &()).expect("readable");
    let index = Index::build(image, &options.limits).expect("stackable");
    let mut out = Vec::new();
    render::document(&Report::new(&index, &ReportOptions::default()), &mut out).expect("memory takes all");
    out
}

/// No read boundary matters: whatever comes at a time, the report is the same.
#[test]
fn short_reads_change_nothing() {
    let plain = one("docker20-one").tar().expect("an archive");
    let mixed = one("buildx-oci-zstd").tar().expect("an archive");
    let estargz = one("buildx-oci-estargz").tar().expect("an archive");
    for bytes in [support::gzip(&plain), support::xz(&mixed), support::bzip2(&mixed), support::zstd(&estargz), plain, mixed, estargz] {
        let whole = report_of(Source::stream(std::io::Cursor::new(bytes.clone()), "-"), &Options::default());
        for most in [1, 2, 3, 7, 511, 512, 513, 65_535, 65_537] {
            let chunks = Chunks { bytes: std::io::Cursor::new(bytes.clone()), most };
            assert!(report_of(Source::stream(chunks, "-"), &Options::default()) == whole, "reads of {most} bytes");
        }
    }
}

/// Threads change the order of the work, never a byte of the report.
#[test]
fn threads_change_nothing() {
    for path in [testdata("demo.tar"), testdata("archives/docker26g-built.tar"), testdata("archives/buildx-oci-zstd.tar")] {
        let path = path.to_str().expect("plain names");
        let runs = ["1", "2", "7"].map(|threads| {
            let outcome = support::run(&[path, "--format", "json", "--threads", threads]);
            outcome.assert_status(0);
            outcome.stdout
        });
        assert!(runs[0] == runs[1] && runs[1] == runs[2], "{path}");
    }
}

/// A layer of no bytes has no entries, wherever it is read; a document that is none is an error of its own.
#[test]
fn nothing_at_all_is_a_layer_and_no_document() {
    let empty = Layer { tar: Vec::new(), ..Layer::new(&[]).blob(Vec::new()) };
    let image = ImageSpec::new(&[Layer::new(&[Entry::file("a", "text")]).plain(), empty]);
    let layout = Layout::of(&image);
    for archive in [support::docker_archive(&image, &["app:1"]), layout.archive()] {
        let (_dir, path) = support::file("image.tar", &archive);
        let file = support::run(&[path.to_str().expect("plain names"), "--format", "json"]);
        file.assert_status(0);
        assert_eq!(number(&file.json(), "/layers/1/content_bytes"), 0);
        for bytes in [archive.clone(), support::gzip(&archive)] {
            let pipe = Outcome::of(plimsoll().args(["-", "--format", "json"]).write_stdin(bytes));
            pipe.assert_status(0);
            assert_eq!(pipe.json()["layers"], file.json()["layers"]);
        }
        for broken in [vec![0; 600], support::gzip(b"text"), Vec::new()] {
            std::fs::write(layout.path().join("index.json"), &broken).expect("writable");
            for outcome in [support::run(&[layout.arg()]), Outcome::of(plimsoll().arg("-").write_stdin(layout.archive()))] {
                outcome.assert_status(3);
                assert!(outcome.stderr.contains("index.json: not the JSON expected"), "{}", outcome.stderr);
            }
        }
    }
}

/// Packed with `tar --sparse`, an archive has not all bytes of its members: that is said, and nothing made up.
#[test]
fn an_archive_packed_with_holes_is_an_error() {
    let (dir, path) = support::file("holes.tar", b"");
    std::fs::write(dir.path().join("manifest.json"), "[]").expect("writable");
    std::fs::File::create(dir.path().join("layer.tar")).and_then(|file| file.set_len(100_000)).expect("writable");
    for format in ["gnu", "pax"] {
        let mut tar = std::process::Command::new("tar");
        tar.args(["--sparse", "--format", format, "-cf"]).arg(&path).arg("-C").arg(dir.path()).args(["manifest.json", "layer.tar"]);
        assert!(tar.status().expect("GNU tar").success());
        let file = support::run(&[&path]);
        let pipe = Outcome::of(plimsoll().arg("-").write_stdin(std::fs::read(&path).expect("readable")));
        for outcome in [file, pipe] {
            outcome.assert_status(3);
            let expected = "archive member `layer.tar` is stored without its holes: pack the archive again without `--sparse`";
            assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
        }
    }
}

/// What is cut off or corrupt in an archive compressed as a whole is said with the archive's name and the format.
#[test]
fn a_broken_compressed_archive_is_named() {
    type Pack = fn(&[u8]) -> Vec<u8>;
    let tar = std::fs::read(testdata("demo.tar")).expect("readable");
    for (format, pack) in [("xz", support::xz as Pack), ("bzip2", support::bzip2), ("zstd", support::zstd), ("gzip", support::gzip)] {
        let packed = pack(&tar);
        for cut in [100, packed.len() / 2, packed.len() - 20] {
            let (_dir, path) = support::file("cut.tar", &packed[..cut]);
            let file = support::run(&[&path]);
            let pipe = Outcome::of(plimsoll().arg("-").write_stdin(&packed[..cut]));
            for (outcome, name) in [(file, "cut.tar"), (pipe, "standard input")] {
                outcome.assert_status(3);
                for word in [&format!("{name}: "), format, "cut off"] {
                    assert!(outcome.stderr.contains(word), "{cut} bytes: {}", outcome.stderr);
                }
            }
        }
    }
}
