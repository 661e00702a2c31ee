//! Real archives of every writer, by every way in, against what other tools say of them.

mod support;

use plimsoll::oci::Platform;
use plimsoll::reference::Selector;
use plimsoll::render::{json as render, size::Unit, style::Style};
use plimsoll::{Index, Limits, Options, Reference, Report, ReportOptions, Source};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use support::{Entry, Layer, Outcome, digest, number, plimsoll, testdata};
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

/// Where there are several images, nothing is guessed: the choices are listed.
#[test]
fn several_images_are_listed_to_choose_from() {
    let mut seen = 0;
    for known in archives().iter().filter(|known| known.groups().len() > 1) {
        seen += 1;
        let outcome = support::run(&[known.arg()]);
        outcome.assert_status(2);
        assert!(outcome.stdout.is_empty());
        for image in known.images() {
            for name in strings(&image["names"]) {
                assert!(outcome.stderr.contains(name), "{}: {name} in {}", known.name, outcome.stderr);
            }
        }
        for number in 0..known.groups().len() {
            assert!(outcome.stderr.contains(&format!("@{number}")), "{}: {}", known.name, outcome.stderr);
            support::run(&[known.arg(), "--image", &format!("@{number}")]).assert_status(0);
        }
        support::run(&[known.arg(), "--image", &format!("@{}", known.groups().len())]).assert_status(3);
        support::run(&[known.arg(), "--image", "no/such:name"]).assert_status(3);
    }
    assert!(seen >= 5, "{seen} archives of several images");
}

/// A platform that is not there is an error that lists those that are.
#[test]
fn platforms_are_chosen_or_listed() {
    let multi: Vec<_> = archives().into_iter().filter(|known| known.images().len() > known.groups().len()).collect();
    assert!(multi.len() >= 4, "{} archives of several platforms", multi.len());
    for known in multi {
        let image = known.images().iter().find(|image| image["platform"] == "linux/arm64").expect("all have it");
        let mut args = vec![known.arg().to_owned()];
        args.extend(known.choice(image));
        args.retain(|arg| arg != "--platform" && arg != "linux/arm64");
        let outcome = support::run(&[&args[..], &["--platform".into(), "linux/s390x".into()]].concat());
        outcome.assert_status(3);
        assert!(outcome.stderr.contains("linux/amd64") && outcome.stderr.contains("linux/arm64"), "{}: {}", known.name, outcome.stderr);
    }
}

/// Where a path names one image of several, in skopeo's words.
#[test]
fn transports_choose_an_image() {
    let two = one("docker20-two-images");
    let layout = one("skopeo-oci-layout-two-images");
    let dir = one("skopeo-dir");
    for (reference, name) in [
        (format!("docker-archive:{}:fixture/base:1", two.arg()), Some("fixture/base:1")),
        (format!("docker-archive:{}:@0", two.arg()), Some("fixture/tiny:1")),
        (format!("oci:{}:fixture/tiny:bk", layout.arg()), Some("fixture/tiny:bk")),
        (format!("dir:{}", dir.arg()), None),
    ] {
        let report = support::json(&[&reference], 0);
        assert_eq!(report["image"]["names"][0].as_str(), name, "{reference}");
        assert_eq!(report["source"]["reference"], *reference);
    }
}

/// `bytes` with the last byte of the first occurrence of `part`'s middle changed: its tar, if it
/// is one, stays well formed when `at` is inside file data.
fn flipped(bytes: &[u8], part: &[u8], at: usize) -> (Vec<u8>, String) {
    let start = bytes.windows(part.len()).position(|window| window == part).expect("the archive stores the blob");
    let mut broken = bytes.to_vec();
    broken[start + at] ^= 1;
    let found = digest(&broken[start..start + part.len()]);
    (broken, found)
}

/// One changed bit in a layer ends in an error that shows both digests, from a file and from a
/// pipe; `--no-verify` asks for none of that.
#[test]
fn a_changed_layer_is_never_weighed() {
    for (name, measure) in [
        ("docker20-one", "diff_id"),
        ("nix-layered", "diff_id"),
        ("skopeo-docker-archive", "diff_id"),
        ("docker26g-built", "digest"),
        ("docker26-built", "digest"),
        ("skopeo-oci-archive", "digest"),
        ("buildx-oci-uncompressed", "digest"),
        ("buildx-oci-zstd", "digest"),
        ("buildx-oci-estargz", "digest"),
    ] {
        let known = one(name);
        let tar = known.tar().expect("an archive");
        let layer = &known.images()[0]["layers"][0];
        let stored = layer["digest"].as_str().unwrap_or_else(|| layer["diff_id"].as_str().expect("text"));
        let blob = blobs(&tar).into_iter().find(|blob| digest(blob) == stored).expect("the archive stores the blob");
        // Before the end, where a plain tar has file data or padding; compressed, anything will do.
        let (broken, found) = flipped(&tar, &blob, blob.len() - 1100.min(blob.len() / 2));
        let (_dir, path) = support::file("broken.tar", &broken);
        let file = support::run(&[&path]);
        let pipe = Outcome::of(plimsoll().arg("-").write_stdin(broken.clone()));
        for outcome in [file, pipe] {
            outcome.assert_status(3);
            assert!(outcome.stdout.is_empty(), "{name}");
            for word in [&format!("{measure} mismatch"), stored, &found] {
                assert!(outcome.stderr.contains(word), "{name}: {word} in {}", outcome.stderr);
            }
        }
        if layer["compression"] == "none" {
            support::run(&[path.to_str().expect("plain names"), "--no-verify"]).assert_status(0);
        }
    }
}

/// Contents of an archive's members.
fn blobs(tar: &[u8]) -> Vec<Vec<u8>> {
    let mut archive = ::tar::Archive::new(tar);
    let members = archive.entries().expect("a tar").map(|member| {
        let mut content = Vec::new();
        member.expect("a whole member").read_to_end(&mut content).expect("a whole member");
        content
    });
    members.collect()
}

/// A blob may have the right digest and be another layer than the configuration means: `--verify`
/// looks for that too.
#[test]
fn verify_checks_diff_ids_of_compressed_layers() {
    let mut swapped = Layer::new(&[Entry::file("a", "what the configuration means")]);
    swapped.blob = support::gzip(&support::tar(&[Entry::file("a", "what the blob has instead")]));
    let layout = support::layout(&[swapped.clone()]);
    let archive = layout.archive();
    let (_dir, path) = support::file("image.tar", &archive);
    let path = path.to_str().expect("plain names");
    for (source, input) in [(layout.arg(), None), (path, None), ("-", Some(archive))] {
        for (args, status) in [(vec![source], 0), (vec![source, "--no-verify"], 0), (vec![source, "--verify"], 3)] {
            let mut command = plimsoll();
            command.args(&args);
            if let Some(input) = &input {
                command.write_stdin(input.clone());
            }
            let outcome = Outcome::of(&mut command);
            outcome.assert_status(status);
            if status == 3 {
                let found = digest(&support::gunzip(&swapped.blob));
                for word in ["diff_id mismatch", &digest(&swapped.tar), &found] {
                    assert!(outcome.stderr.contains(word), "{word} in {}", outcome.stderr);
                }
            }
        }
    }
    support::run(&[path, "--verify", "--no-verify"]).assert_status(2);
}

/// `--verify` finds nothing wrong with what real engines write.
#[test]
fn verify_passes_real_archives() {
    for known in archives() {
        let args = [vec![known.arg().to_owned(), "--verify".to_owned()], known.choice(&known.images()[0])].concat();
        support::run(&args).assert_status(0);
    }
}

/// An archive that ends early is an error wherever it ends, and half of it is never weighed.
#[test]
fn a_truncated_archive_is_an_error() {
    for known in archives() {
        let Some(tar) = known.tar() else { continue };
        let choice = known.choice(&known.images()[0]);
        // One byte into a block: no cut is by chance a shorter archive in good order.
        for cut in [1, tar.len() / 3 / 512 * 512 + 1, tar.len() / 2 / 512 * 512 + 1] {
            let (_dir, path) = support::file("cut.tar", &tar[..cut]);
            let file = Outcome::of(plimsoll().arg(&path).args(&choice));
            let pipe = Outcome::of(plimsoll().arg("-").args(&choice).write_stdin(&tar[..cut]));
            for outcome in [file, pipe] {
                assert_eq!(outcome.status, Some(3), "{} cut at {cut} of {}: {}", known.name, tar.len(), outcome.stderr);
            }
        }
        let packed = support::gzip(&tar);
        let outcome = Outcome::of(plimsoll().arg("-").args(&choice).write_stdin(&packed[..packed.len() - 9]));
        assert_eq!(outcome.status, Some(3), "{} gzipped and cut: {}", known.name, outcome.stderr);
    }
    Outcome::of(plimsoll().arg("-").write_stdin("")).assert_status(3);
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
        match plimsoll::saved::open(&reference, &Limits::default()) {
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
                let Ok(Some(image)) = plimsoll::saved::open(&reference, &limits) else { return false };
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

/// Docker 25 and later write both forms into one archive: the transport says which is read, and what
/// is not there is not made up.
#[test]
fn a_transport_chooses_the_form() {
    let both = support::testdata("archives/docker26g-built.tar");
    let kind = |arguments: &[&str]| support::json(arguments, 0)["source"]["kind"].as_str().map(str::to_owned);
    let both = both.to_str().expect("UTF-8");
    assert_eq!(kind(&[&format!("oci-archive:{both}")]).as_deref(), Some("oci-archive"));
    assert_eq!(kind(&[both, "--source", "docker-archive"]).as_deref(), Some("docker-archive"));
    let oci = support::testdata("archives/buildx-oci-gzip.tar");
    let refused = support::plimsoll().arg("--source").arg("docker-archive").arg(&oci).output().expect("the binary runs");
    assert_eq!(refused.status.code(), Some(3));
    let unknown = support::plimsoll().args(["--source", "floppy"]).arg(&oci).output().expect("the binary runs");
    assert_eq!(unknown.status.code(), Some(2));
}
