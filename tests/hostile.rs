//! Hostile input: an image may be made by anyone, so nothing it says may cost the machine, leave
//! its directory, or reach a terminal raw.
//!
//! The binary runs with its data segment limited by the kernel (`ulimit -d`, which on Linux covers
//! every private mapping): going over the bound ends it with a signal and fails the test. Bombs are
//! concatenated gzip members, so that gigabytes take no time to make and no space to keep.
#![cfg(unix)]

mod support;

use plimsoll::{Index, Options, Reference, Report, ReportOptions, Source};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::{Entry, Header, ImageSpec, Layer, Layout, Outcome, digest, gzip, layout, layout_of, named, number, padded, tar};

const MIB: usize = 1 << 20;

/// The binary, held to `mib` MiB of memory.
fn bounded(mib: u64) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::from_std(bounded_process(mib));
    command.timeout(Duration::from_secs(120)); // only against hanging
    command
}

fn bounded_process(mib: u64) -> std::process::Command {
    let mut command = std::process::Command::new("/bin/sh");
    command.arg("-c").arg(format!("ulimit -c 0; ulimit -d {} && exec \"$0\" \"$@\"", mib * 1024));
    command.arg(assert_cmd::cargo::cargo_bin!("plimsoll")).env_clear();
    command
}

fn run(mib: u64, args: &[&str]) -> Outcome {
    Outcome::of(bounded(mib).args(args))
}

/// The bound of these tests is one: without memory not even an honest image is read.
#[test]
#[cfg(target_os = "linux")]
fn the_bound_on_memory_holds() {
    let demo = support::testdata("demo.tar");
    let output = bounded(0).arg(&demo).output().expect("the binary runs");
    assert!(!output.status.success());
    Outcome::of(bounded(64).arg(demo)).assert_status(0);
}

/// A layer that ends at a limit: exit 5, the limit named, what was read marked as a part.
#[track_caller]
fn assert_limit(layer: &Layer, limit: &str) {
    let layout = layout(std::slice::from_ref(layer));
    let archive = support::docker_archive(&ImageSpec::new(std::slice::from_ref(layer)), &["a:1"]);
    let file = run(64, &[layout.arg(), "--format", "json"]);
    let pipe = Outcome::of(bounded(64).args(["-", "--no-verify", "--format", "json"]).write_stdin(archive));
    for outcome in [file, pipe] {
        outcome.assert_status(5);
        let report = outcome.json();
        assert_eq!(report["complete"], false);
        assert_eq!(report["limits_hit"][0]["limit"], limit);
        assert!(report["limits_hit"][0]["message"].as_str().is_some_and(|message| message.contains("entry")), "{}", report["limits_hit"]);
        support::assert_books(&report);
    }
    let table = run(64, &[layout.arg()]);
    table.assert_status(5);
    assert!(table.text().contains(limit), "people are told too: {}", table.text());
}

/// `before`, then `piece` again and again, then `after`: gzipped at no cost, whatever the length.
fn bomb(before: &[u8], piece: &[u8], times: usize, after: &[u8]) -> Layer {
    let mut blob = gzip(before);
    let member = gzip(piece);
    for _ in 0..times {
        blob.extend_from_slice(&member);
    }
    blob.extend(gzip(after));
    // The diff id is of something else; it is not what stops the reading.
    Layer::new(&[]).blob(blob)
}

fn header(kind: u8, name: &[u8], size: u64) -> [u8; 512] {
    Header { kind, ..Header::new(name, size) }.bytes()
}

/// Threats 1 and 2: extension headers of gigabytes, of names and of comments. Their size field
/// alone must end it, before a byte of them is kept.
#[test]
fn an_extension_header_of_gigabytes() {
    for kind in *b"LKxg" {
        let before = [&Entry::file("first", "1").bytes()[..], &header(kind, b"long", 2 << 30)].concat();
        assert_limit(&bomb(&before, &vec![b'a'; 16 * MIB], 128, &[0; 1024]), "extension");
    }
}

/// Threat 2: extension headers without end, each of them small.
#[test]
fn extension_headers_in_a_row() {
    for kind in *b"LKxg" {
        let body = if matches!(kind, b'x' | b'g') { support::pax_record(b"comment", b"x") } else { b"name\0".to_vec() };
        let one = [&header(kind, b"ext", body.len() as u64)[..], &padded(body)].concat();
        assert_limit(&bomb(&[], &one.repeat(4096), 256, &tar(&[Entry::file("a", "a")])), "extensions");
    }
}

/// Threats 1 and 2 in the archive itself, where there is no layer yet to blame.
#[test]
fn hostile_headers_of_the_archive_itself() {
    let long = [gzip(&header(b'L', b"long", 2 << 30)), gzip(&vec![b'a'; 16 * MIB]).repeat(128)].concat();
    let outcome = Outcome::of(bounded(64).arg("-").write_stdin(long));
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("extension") && outcome.stderr.contains("archive"), "{}", outcome.stderr);
    let (_dir, path) = support::file("a.tar", &[&header(b'L', b"long", 2 << 30)[..], &vec![b'a'; MIB]].concat());
    Outcome::of(bounded(64).arg(path)).assert_status(5);
}

/// Threat 3: sparse maps that do not end, in each of the three formats (CVE-2025-58183).
#[test]
fn sparse_maps_without_end() {
    let gnu = Header { kind: b'S', magic: *b"ustar  \0", extra: vec![(482, vec![1])], ..Header::new(b"s", 0) }.bytes();
    let mut more = [0; 512];
    more[504] = 1;
    assert_limit(&bomb(&gnu, &more.repeat(8192), 64, &[]), "extension");

    let records: Vec<u8> = [(&b"GNU.sparse.major"[..], &b"1"[..]), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.realsize", b"1")]
        .iter()
        .flat_map(|(key, value)| support::pax_record(key, value))
        .collect();
    let pax = [&header(b'x', b"pax", records.len() as u64)[..], &padded(records), &header(b'0', b"s", 4 << 30)].concat();
    let first = [pax, format!("{:0511}\n", 1_000_000_000).into_bytes()].concat();
    assert_limit(&bomb(&first, &b"0\n".repeat(4 * MIB), 64, &[]), "extension");

    let map = support::pax_record(b"GNU.sparse.map", &b"0,1,".repeat(MIB));
    let pax = [&header(b'x', b"pax", map.len() as u64)[..], &padded(map), &header(b'0', b"s", 0)].concat();
    assert_limit(&bomb(&pax, &[0; 512], 2, &[]), "extension");
}

/// Threat 4: whose size is it? A pax size before a GNU long name belongs to the file, or the walk
/// goes on inside the file's data, where the next headers are the attacker's (CVE-2025-62518).
#[test]
fn a_pax_size_belongs_to_the_file() {
    let inner = tar(&[Entry::file("smuggled", "never to be seen")]);
    let size = support::pax_record(b"size", inner.len().to_string().as_bytes());
    let pax = [&header(b'x', b"pax", size.len() as u64)[..], &padded(size)].concat();
    let long =
        [&Header { kind: b'L', magic: *b"ustar  \0", ..Header::new(b"././@LongLink", 8) }.bytes()[..], &padded(b"carrier\0".to_vec())];
    let body = [&header(b'0', b"short", 0)[..], &inner].concat();
    let end = tar(&[Entry::file("after", "after")]);
    for tar in [
        [&pax[..], &long.concat(), &body, &end].concat(),
        [&long.concat()[..], &pax, &body, &end].concat(),
        [&pax[..], &body, &end].concat(),
    ] {
        let layout = layout(&[Layer::of_tar(tar.clone())]);
        let files = run(64, &["files", layout.arg(), "--sort", "path", "--format", "json"]).json();
        let ours: Vec<_> = files
            .as_array()
            .expect("files")
            .iter()
            .map(|file| (file["path"].as_str().expect("text")[1..].to_owned(), number(file, "/content_bytes")))
            .collect();
        assert_eq!(ours.len(), 2, "{ours:?}");
        assert_eq!(ours[0], ("after".to_owned(), 5));
        assert_eq!(ours[1].1, inner.len() as u64);
        let mut theirs = gnu_listing(&tar);
        theirs.sort();
        assert!(theirs.is_empty() || ours == theirs, "GNU tar says {theirs:?}");
    }
}

/// Names and sizes as GNU tar lists them; nothing where tar is another.
#[expect(clippy::print_stdout, reason = "nothing is passed over in silence")]
fn gnu_listing(bytes: &[u8]) -> Vec<(String, u64)> {
    let (_dir, path) = support::file("a.tar", bytes);
    let tar = |args: &[&str]| std::process::Command::new("tar").args(args).arg(&path).env("LC_ALL", "C").output().ok();
    let gnu = std::process::Command::new("tar").arg("--version").output().is_ok_and(|out| out.stdout.starts_with(b"tar (GNU tar)"));
    let Some(output) = tar(&["-tvf"]).filter(|output| gnu && output.status.success()) else {
        println!("not compared: no GNU tar, or it refuses the archive");
        return Vec::new();
    };
    let text = String::from_utf8(output.stdout).expect("plain names");
    let fields = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    fields.map(|fields| (fields[fields.len() - 1].to_owned(), fields[2].parse().expect("a size"))).collect()
}

/// Threat 5: sizes that overflow, are negative or no numbers: an error with its place, no panic,
/// as a layer, as an archive and from a pipe.
#[test]
fn sizes_that_are_none() {
    let base256 = |first: u8, rest: u8| {
        let mut field = [rest; 12];
        field[0] = first;
        field
    };
    let mut huge = [0; 12];
    (huge[0], huge[4]) = (0x80, 0x40); // 2^62
    let mut edge = [0; 12];
    edge[0] = 0x80;
    edge[4..].copy_from_slice(&(u64::MAX >> 1).to_be_bytes());
    for field in
        [huge, edge, base256(0xff, 0xff), base256(0x80, 0xff), base256(0xbf, 0xff), base256(0xc0, 0), *b"zzzzzzzzzzz\0", *b"-0000000001\0"]
    {
        for kind in *b"0LxS5" {
            let header = Header { kind, size: field, magic: *b"ustar  \0", ..Header::new(b"huge", 0) }.bytes();
            let bytes = [&header[..], &[0; 1024]].concat();
            let layout = layout(&[Layer::of_tar(bytes.clone())]);
            let (_dir, path) = support::file("a.tar", &bytes);
            let layer = run(64, &[layout.arg()]);
            let file = Outcome::of(bounded(64).arg(path));
            let pipe = Outcome::of(bounded(64).arg("-").write_stdin(bytes));
            // A directory's size is not used, and a long name of 2^62 bytes is over the limit.
            let layer_statuses: &[i32] = if kind == b'5' { &[0, 3] } else { &[3, 5] };
            assert!(layer.status.is_some_and(|status| layer_statuses.contains(&status)), "{field:x?} {}: {layer:?}", kind as char);
            for outcome in [file, pipe] {
                assert!(matches!(outcome.status, Some(3 | 5)), "{field:x?} {}: {outcome:?}", kind as char);
            }
        }
    }
}

/// Threat 6: decompressed sizes are limited, in a layer and in an archive compressed as a whole.
#[test]
fn gzip_bombs() {
    let file = header(b'0', b"zeros", 100 << 30);
    let bomb = bomb(&file, &vec![0; 16 * MIB], 64, &[]);
    let layout = layout(std::slice::from_ref(&bomb));
    let outcome = run(64, &[layout.arg(), "--limit", "output=100MB", "--format", "json"]);
    outcome.assert_status(5);
    assert_eq!(outcome.json()["limits_hit"][0]["limit"], "output");
    // As an archive, and once more inside one: gzip in gzip.
    let whole = Outcome::of(bounded(64).args(["-", "--limit", "output=100MB"]).write_stdin(bomb.blob.clone()));
    let nested = gzip(&support::docker_archive(&ImageSpec::new(&[bomb]), &["a:1"]));
    let nested = Outcome::of(bounded(64).args(["-", "--limit", "output=100MB", "--no-verify"]).write_stdin(nested));
    for outcome in [whole, nested] {
        outcome.assert_status(5);
        assert!([&outcome.stderr, &outcome.text()].iter().any(|text| text.contains("output")), "{outcome:?}");
    }
}

/// Threat 6: a pipe that never ends is left at the limit.
#[test]
fn a_pipe_without_end() {
    let mut command = bounded_process(64);
    command.args(["-", "--limit", "output=100MB"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary runs");
    let mut pipe = child.stdin.take().expect("piped");
    let writer = std::thread::spawn(move || {
        let zeros = vec![0; MIB];
        let mut written = 0;
        let mut going = pipe.write_all(&header(b'0', b"endless", 1 << 50)).is_ok();
        // Far beyond the limit, so that a reader without one fails the test and hangs nothing.
        while going && written < 2000 {
            going = pipe.write_all(&zeros).is_ok();
            written += 1;
        }
        written
    });
    assert_eq!(child.wait().expect("a child").code(), Some(5));
    assert!(writer.join().expect("the writer ends") < 2000, "the reader went away");
}

/// A zstd frame of one raw block, for a window of 2^`log` bytes.
fn zstd_frame(log: u8, content: &[u8]) -> Vec<u8> {
    let block = (u32::try_from(content.len()).expect("small") << 3 | 1).to_le_bytes();
    [&0xFD2F_B528_u32.to_le_bytes()[..], &[0, (log - 10) << 3], &block[..3], content].concat()
}

/// Threat 6: a window of 2 GiB is refused; the largest that is allowed, in many layers at once,
/// shares one budget and does not wait for itself.
#[test]
fn zstd_windows() {
    let layers = |log: u8| -> Vec<_> {
        let of = |n: u8| {
            let layer = Layer::new(&[Entry::file(format!("f{n}"), [n; 100])]);
            let frame = zstd_frame(log, &layer.tar);
            layer.blob(frame).media_type(support::LAYER_ZSTD)
        };
        (0..8).map(of).collect()
    };
    let refused = layout(&layers(31)[..1]);
    let outcome = run(64, &[refused.arg(), "--format", "json"]);
    outcome.assert_status(5);
    assert!([outcome.stderr.clone(), outcome.text()].concat().contains("zstd-window-log"), "{outcome:?}");
    let allowed = layout(&layers(27));
    run(400, &[allowed.arg(), "--threads", "8"]).assert_status(0);
}

/// Many empty files `d<k>/<n>`, gzipped.
fn many(count: usize) -> Layer {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for n in 0..count {
        out.write_all(&header(b'0', format!("d{}/{n:07}", n / 1000).as_bytes(), 0)).expect("memory takes all");
    }
    out.write_all(&[0; 1024]).expect("memory takes all");
    Layer::new(&[]).blob(out.finish().expect("memory takes all"))
}

/// Whatever the threads do, the same layer meets the limit.
#[test]
fn limits_are_met_at_the_same_place() {
    let image = layout(&[many(3000), many(3001), many(3002), many(2999)]);
    for limit in ["entries=7000", "nodes=5000", "names=50000", "output=4000000"] {
        let report = |threads: &str| {
            let outcome = run(400, &[image.arg(), "--format", "json", "--limit", limit, "--threads", threads]);
            outcome.assert_status(5);
            outcome.stdout
        };
        let alone = report("1");
        for _ in 0..8 {
            assert!(report("4") == alone, "{limit}");
        }
    }
}

/// Threat 7: entries that cost their writer two bytes each cost us little, and are limited.
#[test]
fn hundreds_of_thousands_of_entries() {
    let layer = many(200_000);
    assert!(layer.blob.len() < 4 * MIB);
    let layout = layout(&[layer]);
    let outcome = run(128, &[layout.arg(), "--format", "json"]);
    outcome.assert_status(0);
    assert_eq!(number(&outcome.json(), "/totals/entries"), 200_000);
    for limit in ["entries", "nodes", "names"] {
        let outcome = run(128, &[layout.arg(), "--limit", &format!("{limit}=10000"), "--format", "json"]);
        outcome.assert_status(5);
        assert_eq!(outcome.json()["limits_hit"][0]["limit"], limit);
    }
}

/// What contents say takes memory too: a line of a package database that names the same package over
/// and over takes fifty times its size. The entry that goes over the limit keeps its bytes.
#[test]
fn package_databases_count_against_the_limit() {
    let status = |n: usize| {
        let name = format!("var/lib/dpkg/status.d/p{n}");
        Entry::file(name, format!("Package: p{n}\nVersion: 1\nDepends: {}\n", "a,".repeat(500_000)))
    };
    let layer = Layer::new(&(0..40).map(status).collect::<Vec<_>>());
    let layout = layout(std::slice::from_ref(&layer));
    let outcome = run(256, &[layout.arg(), "--limit", "names=60000000", "--format", "json"]);
    outcome.assert_status(5);
    let report = outcome.json();
    assert_eq!(report["limits_hit"][0]["limit"], "names");
    support::assert_books(&report);
    assert_eq!(number(&report, "/totals/entries"), 3);
    // Read once, but at a hundred places.
    let once = Layer::new(&[status(0)]);
    run(256, &[support::layout(std::slice::from_ref(&once)).arg()]).assert_status(0);
    let outcome = run(256, &[support::layout(&vec![once; 100]).arg()]);
    outcome.assert_status(5);
    assert!([outcome.stderr.clone(), outcome.text()].concat().contains("names"), "{outcome:?}");
}

/// A list of files is one package's, whatever number of packages has its name.
#[test]
fn namesakes_do_not_multiply_lists_of_files() {
    let status = (0..20_000).map(|n| format!("Package: a\nStatus: install ok installed\nVersion: {n}\n")).collect::<Vec<_>>().join("\n");
    let list = "/usr/a\n".repeat(200_000);
    let layer = Layer::new(&[Entry::file("var/lib/dpkg/status", status), Entry::file("var/lib/dpkg/info/a.list", list)]);
    run(256, &[layout(&[layer]).arg()]).assert_status(0);
}

/// A list of files goes over the limit on nodes while it is read, after its own entry is complete.
#[test]
fn the_entry_that_names_too_many_paths_keeps_its_bytes() {
    let list = (0..20).map(|n| format!("/{}", format!("d{n}/").repeat(500))).collect::<Vec<_>>().join("\n");
    let layer = Layer::new(&[Entry::file("var/lib/dpkg/info/a.list", list), Entry::file("z", "z")]);
    let layout = layout(std::slice::from_ref(&layer));
    let outcome = run(64, &[layout.arg(), "--limit", "nodes=1200", "--format", "json"]);
    outcome.assert_status(5);
    let report = outcome.json();
    assert_eq!(report["limits_hit"][0]["limit"], "nodes");
    support::assert_books(&report);
    assert_eq!(number(&report, "/totals/entries"), 1);
}

/// One blob at a thousand places is read once, but each place has its entries: they count against
/// the limit of an image, or a megabyte becomes a billion entries.
#[test]
fn repeating_a_layer_counts_against_the_limit() {
    let layers = vec![Layer::new(&(0..100).map(|n| Entry::file(format!("f{n}"), "")).collect::<Vec<_>>()); 200];
    let layout = layout(&layers);
    run(64, &[layout.arg()]).assert_status(0);
    let outcome = run(64, &[layout.arg(), "--limit", "entries=10000"]);
    outcome.assert_status(5);
    assert!([outcome.stderr.clone(), outcome.text()].concat().contains("entries"), "{outcome:?}");
}

/// More layers than any image has are an error that names the limit.
#[test]
fn layers_without_end() {
    let layout = layout(&vec![Layer::new(&[]); 1001]);
    let outcome = run(64, &[layout.arg()]);
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("layers"), "{}", outcome.stderr);
}

/// Threat 8: a path of 100,000 directories. Nothing recurses, in no command.
#[test]
fn a_path_of_a_hundred_thousand_directories() {
    let path = "a/".repeat(100_000) + "leaf";
    let layout = layout_of(&[&[Entry::file(&path, "x"), Entry::file("b", "y")], &[Entry::whiteout("a")]]);
    let live = layout_of(&[&[Entry::file(&path, "x")]]);
    for arg in [layout.arg(), live.arg()] {
        for args in [
            &[arg, "--format", "json", "--dive"][..],
            &[arg, "--details"],
            &[arg, "--format", "dive-json"],
            &["files", arg],
            &["files", arg, "--format", "json"],
            &["tree", arg, "--depth", "300"],
            &["tree", arg, "--depth", "3", "--format", "csv"],
        ] {
            run(128, args).assert_status(0);
        }
    }
    let report = support::json(&[layout.arg()], 0);
    assert_eq!(number(&report, "/shadowed/causes/deleted_dir/content_bytes"), 1);
    assert!(report["notes"].as_array().expect("notes").iter().any(|note| note["code"] == "path-too-long"));
    // No file system takes the path; what matters is that it ends.
    let target = tempfile::tempdir().expect("a temporary directory");
    let into = target.path().join("out");
    let outcome = run(128, &["extract", live.arg(), into.to_str().expect("plain names")]);
    assert!(matches!(outcome.status, Some(0 | 3)), "{outcome:?}");
}

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

/// Many small indexes that all name one large index would have it read for each of them: what is
/// read of indexes has a limit too.
#[test]
fn indexes_that_share_an_index() {
    let layout = Layout::new();
    let missing = |i: usize| json!({"mediaType": support::MANIFEST, "digest": digest(&i.to_le_bytes()), "size": 10});
    let large = layout.nested(&(0..1000).map(missing).collect::<Vec<_>>());
    let tops: Vec<_> = (0..40).map(|i| named(layout.nested(&[large.clone(), missing(i)]), &format!("t{i}"))).collect();
    layout.index(&tops);
    let outcome = run(64, &[layout.arg(), "--limit", "documents=1MB"]);
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("documents"), "{}", outcome.stderr);
}

/// Threat 9: documents are read up to their limit, however large the file (here sparse) claims to be.
#[test]
fn documents_of_gigabytes() {
    let grow =
        |path: &Path| std::fs::File::options().write(true).open(path).and_then(|file| file.set_len(10 << 30)).expect("a sparse file");
    let layer = Layer::new(&[Entry::file("a", "a")]);
    let image = ImageSpec::new(&[layer]);
    let layout = Layout::of(&image);
    grow(&layout.path().join("index.json"));
    let outcome = run(64, &[layout.arg()]);
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("document"), "{}", outcome.stderr);

    let layout = Layout::of(&image);
    grow(&layout.blob_path(&digest(&image.document())));
    let outcome = run(64, &[layout.arg()]);
    assert!(matches!(outcome.status, Some(3 | 5)), "{outcome:?}");

    for (name, limit) in [("manifest.json", "archive-manifest"), ("index.json", "document"), ("repositories", "document")] {
        let (_dir, path) = support::file("a.tar", &header(b'0', name.as_bytes(), 10 << 30));
        grow(&path);
        std::fs::File::options().write(true).open(&path).and_then(|file| file.set_len((10 << 30) + 512 + 1024)).expect("a sparse file");
        let outcome = Outcome::of(bounded(64).arg(&path));
        outcome.assert_status(5);
        assert!(outcome.stderr.contains(limit), "{name}: {}", outcome.stderr);
    }
    // From a pipe a large document is passed over, and not kept.
    let large = |name: &str| tar(&[Entry::file(name, vec![b' '; 20 * MIB])]);
    let outcome = Outcome::of(bounded(96).arg("-").write_stdin(large("manifest.json")));
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("archive-manifest"), "{}", outcome.stderr);
}

/// JSON nested a million deep ends in an error, not in a stack overflow.
#[test]
fn json_nested_without_end() {
    for text in ["[".repeat(1_000_000), "{\"a\":".repeat(500_000)] {
        let layout = Layout::new();
        std::fs::write(layout.path().join("index.json"), &text).expect("a new file");
        run(64, &[layout.arg()]).assert_status(3);
        let archive = tar(&[Entry::file("manifest.json", &text)]);
        Outcome::of(bounded(64).arg("-").write_stdin(archive)).assert_status(3);
    }
}

/// Threat 10: a digest is checked to be one before any path is made of it.
#[test]
fn digests_that_are_paths() {
    let hex = &digest(b"x")[7..];
    let long = format!("sha256:{hex}00");
    let upper = format!("sha256:{}", hex.to_uppercase());
    let escape = format!("sha256:../../../{hex}");
    for bad in [
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:../../x",
        "sha256:",
        "",
        "sha256",
        ":",
        "../../x:y",
        "sha256:..",
        &long,
        &upper,
        &escape,
    ] {
        let layout = Layout::new();
        // What a naive join would find.
        std::fs::write(layout.path().join("x"), "{}").expect("a new file");
        let good = layout.blob(b"{}", support::CONFIG);
        let mut config = ImageSpec::new(&[]);
        config.history = json!([]);
        let config = layout.blob(&config.document(), support::CONFIG);
        let top = json!([{"mediaType": support::MANIFEST, "digest": bad, "size": 2}]);
        let of_layer = json!({"schemaVersion": 2, "config": config, "layers": [{"mediaType": support::LAYER, "digest": bad, "size": 2}]});
        let of_config = json!({"schemaVersion": 2, "config": {"mediaType": support::CONFIG, "digest": bad, "size": 2}, "layers": [good]});
        let manifest = |value: &Value| json!([layout.blob(value.to_string().as_bytes(), support::MANIFEST)]);
        for manifests in [top, manifest(&of_layer), manifest(&of_config)] {
            layout.index(manifests.as_array().expect("a list"));
            let outcome = run(64, &[layout.arg()]);
            outcome.assert_status(3);
            assert!(outcome.stdout.is_empty());
        }
        // A diff id is a digest too.
        let mut document: Value = serde_json::from_slice(&ImageSpec::new(&[Layer::new(&[])]).document()).expect("JSON");
        document["rootfs"]["diff_ids"] = json!([bad]);
        let config = document.to_string();
        let manifest = json!([{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l.tar"]}]).to_string();
        let archive = tar(&[Entry::file("c.json", config), Entry::file("l.tar", tar(&[])), Entry::file("manifest.json", manifest)]);
        Outcome::of(bounded(64).arg("-").write_stdin(archive)).assert_status(3);
    }
}

/// Threat 11: indexes in indexes are followed four deep. A cycle needs a blob that lies about its
/// digest, which is found first.
#[test]
fn indexes_in_indexes() {
    let nested = |depth: usize| {
        let layout = Layout::new();
        let mut top = layout.image(&ImageSpec::new(&[Layer::new(&[Entry::file("a", "a")])]));
        for _ in 0..depth {
            top = layout.nested(&[top]);
        }
        layout.index(&[top]);
        layout
    };
    run(64, &[nested(3).arg()]).assert_status(0);
    for depth in [6, 1000] {
        let outcome = run(64, &[nested(depth).arg()]);
        outcome.assert_status(5);
        assert!(outcome.stderr.contains("index-depth"), "{}", outcome.stderr);
    }
    let layout = Layout::new();
    let own = json!({"mediaType": support::INDEX, "digest": digest(b"itself"), "size": 100});
    let document = json!({"schemaVersion": 2, "mediaType": support::INDEX, "manifests": [own]}).to_string();
    std::fs::write(layout.blob_path(&digest(b"itself")), document).expect("a new file");
    layout.index(&[own]);
    run(64, &[layout.arg(), "--no-verify"]).assert_status(3);
}

/// Threat 12: a link in an archive leads to another member or nowhere, never to the host.
#[test]
fn links_in_archives() {
    let secret = tempfile::tempdir().expect("a temporary directory");
    let secret_tar = secret.path().join("layer.tar");
    std::fs::write(&secret_tar, tar(&[Entry::file("secret", "secret")])).expect("a new file");
    let outside = secret_tar.to_str().expect("plain names");
    let layer = Layer::new(&[Entry::file("a", "a")]).plain();
    let config = ImageSpec::new(std::slice::from_ref(&layer)).document();
    let manifest = json!([{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l/layer.tar"]}]).to_string();
    let cases = [
        ("to itself", vec![Entry::symlink("l/layer.tar", "layer.tar")], 5),
        ("loop", vec![Entry::symlink("l/layer.tar", "../m"), Entry::symlink("m", "l/layer.tar")], 5),
        ("outside", vec![Entry::symlink("l/layer.tar", format!("../../../../../../..{outside}"))], 5),
        ("absolute", vec![Entry::symlink("l/layer.tar", outside)], 5),
        ("hard link outside", vec![Entry::hardlink("l/layer.tar", outside)], 5),
        ("dangling", vec![Entry::symlink("l/layer.tar", "../nothing")], 5),
        ("to a directory", vec![Entry::dir("d"), Entry::symlink("l/layer.tar", "../d")], 5),
        ("symbolic link", vec![Entry::symlink("l/layer.tar", "../real.tar"), Entry::file("real.tar", &layer.tar)], 0),
        ("hard link", vec![Entry::file("real.tar", &layer.tar), Entry::hardlink("l/layer.tar", "real.tar")], 0),
    ];
    for (what, links, status) in cases {
        let archive = tar(&[links, vec![Entry::file("c.json", &config), Entry::file("manifest.json", &manifest)]].concat());
        let (_dir, path) = support::file("a.tar", &archive);
        let file = Outcome::of(bounded(64).arg(path).args(["--format", "json"]));
        let pipe = Outcome::of(bounded(64).args(["-", "--format", "json"]).write_stdin(archive));
        for outcome in [file, pipe] {
            assert_eq!(outcome.status, Some(status), "{what}: {}", outcome.stderr);
            assert_eq!(number(&outcome.json(), "/totals/content_bytes"), u64::from(status == 0), "{what}");
        }
    }
}

/// Threat 12: what a document names is looked for in the archive or layout, never beside it. A
/// layout without an index may still carry Docker's old `repositories`, whose ids are no paths.
#[test]
fn ids_that_are_paths() {
    let outer = tempfile::tempdir().expect("a temporary directory");
    let secret = outer.path().join("secret");
    std::fs::create_dir(&secret).expect("a new directory");
    std::fs::write(secret.join("json"), r#"{"id":"secret","os":"linux","architecture":"amd64"}"#).expect("a new file");
    std::fs::write(secret.join("layer.tar"), tar(&[Entry::file("secret", "secret")])).expect("a new file");
    let layout = outer.path().join("layout");
    std::fs::create_dir(&layout).expect("a new directory");
    std::fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a new file");
    for id in ["../secret", secret.to_str().expect("plain names")] {
        std::fs::write(layout.join("repositories"), json!({"a": {"1": id}}).to_string()).expect("a new file");
        let outcome = run(64, &[layout.to_str().expect("plain names")]);
        outcome.assert_status(3);
        assert!(outcome.stdout.is_empty());
        // The parent of a layer is such an id as well.
        std::fs::create_dir_all(layout.join("top")).expect("a new directory");
        std::fs::write(layout.join("top/json"), json!({"parent": id}).to_string()).expect("a new file");
        std::fs::write(layout.join("top/layer.tar"), tar(&[])).expect("a new file");
        std::fs::write(layout.join("repositories"), json!({"a": {"1": "top"}}).to_string()).expect("a new file");
        run(64, &[layout.to_str().expect("plain names")]).assert_status(3);
    }
}

/// Threat 13: blobs of a layout may be links (build systems make them so), but only to regular
/// files of the right digest: no device is read, no FIFO waited for, no file of the host shown.
#[test]
fn blobs_that_are_no_files() {
    let layer = Layer::new(&[Entry::file("a", "a")]);
    let image = ImageSpec::new(std::slice::from_ref(&layer));
    let outer = tempfile::tempdir().expect("a temporary directory");
    let secret = outer.path().join("secret");
    std::fs::write(&secret, "root:secret-hash:1").expect("a new file");
    let fifo = outer.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    let real = outer.path().join("real");
    std::fs::write(&real, &layer.blob).expect("a new file");
    let replaced = |name: &str, with: &Path| {
        let layout = Layout::of(&image);
        let path = layout.path().join(name);
        std::fs::remove_file(&path).expect("made by the layout");
        symlink(with, path).expect("a new link");
        layout
    };
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", &digest(bytes)[7..]);
    for name in [blob(&layer.blob), blob(&image.document()), "index.json".to_owned()] {
        for with in [Path::new("/dev/zero"), &fifo, &secret, outer.path()] {
            let outcome = run(64, &[replaced(&name, with).arg()]);
            assert_eq!(outcome.status, Some(3), "{name} is {}: {}", with.display(), outcome.stderr);
            assert!(!outcome.stderr.contains("secret-hash") && outcome.stdout.is_empty(), "{outcome:?}");
        }
    }
    // The same without a link in between.
    let layout = Layout::of(&image);
    std::fs::remove_file(layout.blob_path(&digest(&layer.blob))).expect("made by the layout");
    std::fs::rename(&fifo, layout.blob_path(&digest(&layer.blob))).expect("one file system");
    run(64, &[layout.arg()]).assert_status(3);
    run(64, &[replaced(&blob(&layer.blob), &real).arg()]).assert_status(0);
    // A device or FIFO as the image itself.
    for path in ["/dev/zero", layout.blob_path(&digest(&layer.blob)).to_str().expect("plain names")] {
        run(64, &[path]).assert_status(3);
    }
}

/// Threat 14: what makes no sense in one layer is counted, noted, and stops nothing.
#[test]
fn nonsense_in_one_layer() {
    let layout = layout_of(&[
        &[Entry::file("gone", "12345"), Entry::dir("d"), Entry::file("d/f", "1234567")],
        &[
            Entry::file("twice", "first"),
            Entry::file("twice", "second"),
            Entry::hardlink("to-nothing", "no/such/file"),
            Entry::hardlink("to-itself", "to-itself"),
            Entry::whiteout("gone"),
            Entry::hardlink("to-gone", "gone"),
            Entry::file("d", "now a file"),
            Entry::opaque("d"),
        ],
    ]);
    let report = support::json(&[layout.arg()], 0);
    support::assert_books(&report);
    assert_eq!(number(&report, "/shadowed/causes/repeated_in_layer/content_bytes"), 5, "the last of a name wins");
    assert!(report["notes"].as_array().expect("notes").iter().any(|note| note["code"] == "hardlink-without-target"));
    assert_eq!(number(&report, "/live/content_bytes"), 6 + 10);
}

/// Everything below `root`, with what is in the files.
fn tree(root: &Path) -> BTreeSet<(PathBuf, Option<Vec<u8>>)> {
    let mut found = BTreeSet::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).expect("readable") {
            let path = entry.expect("readable").path();
            let kind = path.symlink_metadata().expect("just listed").file_type();
            if kind.is_dir() {
                directories.push(path.clone());
            }
            let content = kind.is_file().then(|| std::fs::read(&path).expect("readable"));
            found.insert((path, content));
        }
    }
    found
}

/// Threat 15: `extract` writes below its target and nowhere else, whatever names and links say.
#[test]
fn extract_never_leaves_its_target() {
    let outer = tempfile::tempdir().expect("a temporary directory");
    let outside = outer.path().join("outside");
    std::fs::create_dir(&outside).expect("a new directory");
    std::fs::write(outside.join("secret"), "secret").expect("a new file");
    let absolute = outside.to_str().expect("plain names");
    let attacks: Vec<(&str, Vec<Vec<Entry>>)> = vec![
        (
            "names",
            vec![vec![Entry::file("../up", "pwned"), Entry::file("../../outside/pwned", "pwned"), Entry::file("a/../../../up", "pwned")]],
        ),
        ("absolute name", vec![vec![Entry::file(format!("{absolute}/pwned"), "pwned")]]),
        ("link, then through it", vec![vec![Entry::symlink("l", "../outside"), Entry::file("l/pwned", "pwned")]]),
        (
            "absolute link, then through it",
            vec![vec![Entry::symlink("l", absolute), Entry::file("l/pwned", "pwned"), Entry::file("l/secret", "pwned")]],
        ),
        (
            "link in a lower layer",
            vec![vec![Entry::symlink("l", "../outside")], vec![Entry::file("l/pwned", "pwned"), Entry::dir("l/made")]],
        ),
        (
            "link replaced and back",
            vec![vec![Entry::dir("l"), Entry::symlink("l", "../outside"), Entry::dir("l"), Entry::file("l/pwned", "pwned")]],
        ),
        ("file over a link", vec![vec![Entry::symlink("l", "../outside/secret"), Entry::file("l", "pwned")]]),
        ("hard link to outside", vec![vec![Entry::hardlink("h", "../outside/secret"), Entry::hardlink("i", format!("{absolute}/secret"))]]),
        ("hard link to a link", vec![vec![Entry::symlink("l", "../outside/secret"), Entry::hardlink("h", "l"), Entry::file("h", "pwned")]]),
        (
            "links in links",
            vec![vec![
                Entry::symlink("a", "."),
                Entry::symlink("a/b", "../outside"),
                Entry::file("a/b/pwned", "pwned"),
                Entry::file("b/pwned", "pwned"),
            ]],
        ),
        ("dots", vec![vec![Entry::dir(".."), Entry::file(".", "pwned"), Entry::file("..", "pwned"), Entry::file("/", "pwned")]]),
        ("odd bytes", vec![vec![Entry::file(b"\xff/\x1b[2J", "x"), Entry::new("nul", b'3'), Entry::special("fifo", b'6', (0, 0))]]),
    ];
    for (what, layers) in attacks {
        let image = layout(&layers.iter().map(|entries| Layer::new(entries)).collect::<Vec<_>>());
        for layer in [None, Some("1"), Some("2")] {
            let target = outer.path().join("target");
            let before = tree(outer.path());
            let mut args = vec!["extract", image.arg(), target.to_str().expect("plain names")];
            args.extend(layer.iter().flat_map(|layer| ["--layer", layer]));
            let outcome = run(128, &args);
            assert!(matches!(outcome.status, Some(0 | 2 | 3)), "{what}: {outcome:?}");
            let after = tree(outer.path()).into_iter().filter(|(path, _)| !path.starts_with(&target)).collect::<BTreeSet<_>>();
            assert_eq!(after, before, "{what}, layer {layer:?}: something outside the target changed");
            if target.exists() {
                std::fs::remove_dir_all(&target).expect("ours to remove");
            }
        }
    }
}

/// Threat 15: a target that is not empty is refused: what is there might be links.
#[test]
fn extract_wants_an_empty_target() {
    let image = layout_of(&[&[Entry::file("l/pwned", "pwned")]]);
    let outer = tempfile::tempdir().expect("a temporary directory");
    let (target, outside) = (outer.path().join("target"), outer.path().join("outside"));
    for directory in [&target, &outside] {
        std::fs::create_dir(directory).expect("a new directory");
    }
    symlink(&outside, target.join("l")).expect("a new link");
    run(128, &["extract", image.arg(), target.to_str().expect("plain names")]).assert_status(2);
    assert!(std::fs::read_dir(&outside).expect("readable").next().is_none());
}

/// Escape sequences of terminals, in all their forms, and characters that reorder or hide text.
const EVIL: &str = "\x1b[31mred\x1b]0;title\x07\x1b]52;c;cHduZWQ=\x07\x1b]8;;http://x\x1b\\\u{9b}2J\r\x08\x7f\u{202e}gpj\u{2066}\u{200b}\u{feff}\u{e0041}\n::error::x";

/// No character of `text` moves a cursor, hides, or reorders; no line is a command to a CI runner.
#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line); // CSV's line ends
        assert!(!line.starts_with("::"), "{what}: a raw line {line:?}");
        for character in line.chars() {
            let hidden = matches!(character,
                '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
            assert!(!character.is_control() && !hidden, "{what}: {character:?} is raw in {line:?}");
        }
    }
}

/// Threat 16: wherever an image may put text, people see it escaped: in tables, CSV and messages.
#[test]
fn names_never_reach_a_terminal_raw() {
    let entries: Vec<_> =
        [format!("{EVIL}.txt"), format!("dir{EVIL}/file"), format!("=cmd{EVIL}")].map(|name| Entry::file(name, [b'x'; 1000])).to_vec();
    let link = Entry::symlink("link", EVIL);
    let lower = [&entries[..], &[link, Entry::hardlink(format!("no{EVIL}"), EVIL)]].concat();
    let mut image = ImageSpec::new(&[Layer::new(&lower), Layer::new(&entries), Layer::new(&[Entry::whiteout(&format!("x{EVIL}"))])]);
    image.history =
        [(); 3].iter().map(|()| json!({"created": EVIL, "created_by": format!("RUN {EVIL}"), "comment": EVIL, "author": EVIL})).collect();
    (image.architecture, image.os, image.variant) = (EVIL.into(), EVIL.into(), Some(EVIL.into()));
    image.config = json!({"Labels": {EVIL: EVIL, "org.opencontainers.image.base.name": EVIL}, "Env": [EVIL]});
    let layout = Layout::new();
    let mut descriptor = named(layout.image(&image), EVIL);
    descriptor["platform"] = Value::Null;
    layout.index(&[descriptor]);
    let arg = layout.arg();
    let commands: [&[&str]; 8] = [
        &[arg],
        &[arg, "--details", "--dive"],
        &[arg, "--format", "csv"],
        &["files", arg],
        &["files", arg, "--format", "csv"],
        &["tree", arg],
        &["tree", arg, "--format", "csv"],
        &["cat", arg, EVIL],
    ];
    for args in commands {
        let outcome = run(64, args);
        outcome.assert_status(if args[0] == "cat" { 3 } else { 0 });
        assert_harmless(&args.join(" "), &String::from_utf8(outcome.stdout.clone()).expect("UTF-8"));
        assert_harmless(&format!("messages of {}", args[0]), &outcome.stderr);
    }
    let target = tempfile::tempdir().expect("a temporary directory");
    let outcome = run(64, &["extract", arg, target.path().join("t").to_str().expect("plain names")]);
    assert_harmless("extract", &[outcome.text(), outcome.stderr].concat());
}

/// Threats 16 and 21: the same for errors, which quote what is wrong.
#[test]
fn errors_quote_names_escaped() {
    let layer = Layer::new(&[Entry::file("a", "a")]).plain();
    let config = ImageSpec::new(std::slice::from_ref(&layer)).document();
    let archive = |items: Value| tar(&[Entry::file("c.json", &config), Entry::file("manifest.json", items.to_string())]);
    let layout = |manifests: &[Value]| {
        let layout = Layout::new();
        layout.index(manifests);
        layout.archive()
    };
    let broken = Header { size: *b"zzzzzzzzzzz\0", ..Header::new(format!("x{EVIL}").as_bytes(), 0) }.bytes();
    let inputs = [
        archive(json!([{"Config": EVIL, "RepoTags": ["a:1"], "Layers": []}])),
        archive(json!([{"Config": "c.json", "RepoTags": [EVIL], "Layers": [EVIL]}])),
        archive(json!([{"Config": "c.json", "RepoTags": [EVIL], "Layers": []}, {"Config": "c.json", "RepoTags": ["b"], "Layers": ["l"]}])),
        archive(json!([{"Config": "manifest.json", "RepoTags": ["a:1"], "Layers": []}])),
        archive(json!({EVIL: EVIL})),
        archive(json!([{EVIL: EVIL, "Config": 5}])),
        layout(&[json!({"mediaType": EVIL, "digest": EVIL, "size": 1})]),
        layout(&[
            json!({"mediaType": support::INDEX, "digest": format!("sha256:{EVIL}"), "size": 1, "platform": {"os": EVIL, "architecture": 1}}),
        ]),
        tar(&[Entry::file("repositories", json!({EVIL: {EVIL: EVIL}}).to_string())]),
        [&broken[..], &[0; 1024]].concat(),
    ];
    for (number, input) in inputs.into_iter().enumerate() {
        let (_dir, path) = support::file("a.tar", &input);
        for outcome in [Outcome::of(bounded(64).arg(&path)), Outcome::of(bounded(64).arg("-").write_stdin(input))] {
            assert!(matches!(outcome.status, Some(2 | 3 | 5)), "input {number}: {outcome:?}");
            assert_harmless(&format!("input {number}"), &outcome.stderr);
            assert_harmless(&format!("input {number}"), &outcome.text());
        }
    }
    for args in [&[EVIL][..], &["--image", EVIL, "x"], &["--platform", EVIL, "x"], &["--limit", EVIL, "x"]] {
        assert_harmless("arguments", &run(64, args).stderr);
    }
}

/// Threat 17: names that are no UTF-8 stay exact in JSON, and no two of them become one.
#[test]
fn names_that_are_no_text() {
    let names = [&b"a\xff"[..], b"a\xfe", b"a\xef\xbf\xbd", b"\xc3\x28/\xed\xa0\x80", b"plain"];
    let entries: Vec<_> = names.iter().map(|name| Entry::file(name, name)).collect();
    let layout = layout_of(&[&entries]);
    let files = run(64, &["files", layout.arg(), "--format", "json"]).json();
    let exact: BTreeSet<Vec<u8>> = files
        .as_array()
        .expect("files")
        .iter()
        .map(|file| file["path_b64"].as_str().map_or_else(|| file["path"].as_str().expect("text").as_bytes().to_vec(), decoded))
        .collect();
    assert_eq!(exact, names.iter().map(|name| [b"/", *name].concat()).collect());
    let invalid = files.as_array().expect("files").iter().filter(|file| file["path_b64"].is_string()).count();
    assert_eq!(invalid, 3, "only what is no UTF-8 needs another form");
    for args in [&["files", layout.arg()][..], &["files", layout.arg(), "--format", "csv"]] {
        let text = run(64, args).text();
        let shown: BTreeSet<_> = text.lines().filter(|line| line.contains("/a")).collect();
        assert_eq!(shown.len(), 3, "each has its own line: {text}");
        assert!(
            !text.contains('\u{fffd}') || text.matches('\u{fffd}').count() == 1,
            "only the name that has this character shows it: {text}"
        );
    }
}

/// RFC 4648, section 4.
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|other| *other == byte);
    let digits: Vec<_> = text.bytes().filter_map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|chunk| {
        let bits = chunk.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - chunk.len()));
        (0..chunk.len() - 1).map(move |place| (bits >> (16 - 8 * place) & 0xff) as u8)
    });
    bytes.collect()
}

/// Threat 20: no cell of a CSV is a formula to a spreadsheet.
#[test]
fn csv_cells_are_no_formulas() {
    let starts = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"];
    let entries: Vec<_> = starts.iter().enumerate().map(|(n, start)| Entry::symlink(format!("l{n}"), start)).collect();
    let layers = vec![Layer::new(&entries); starts.len()];
    let layout = Layout::of(&ImageSpec::new(&layers).created_by(&starts));
    for args in
        [&[layout.arg(), "--format", "csv"][..], &["files", layout.arg(), "--format", "csv"], &["tree", layout.arg(), "--format", "csv"]]
    {
        let outcome = run(64, args);
        outcome.assert_status(0);
        let text = outcome.text();
        let mut rows = 0;
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            rows += 1;
            let cells =
                line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or_else(|| panic!("every cell is quoted: {line}"));
            for cell in cells.split("\",\"") {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} in {line}");
            }
        }
        assert!(rows > 1);
    }
}

/// A statement of provenance as large as any may be, of what takes most memory: it is read in a few times its size, and
/// weighs nothing.
#[test]
fn a_provenance_of_forty_megabytes() {
    let blob = format!("{{\"digest\":\"{}\"}},", digest(b""));
    let chains = format!("\"step0:0\":[[{}]]", blob.repeat((39 * MIB) / blob.len()).trim_end_matches(','));
    let place = |step: usize| format!("\"step{step}\":{{\"locations\":[{}{{}}]}}", "{},".repeat(1000));
    let places = (0..10_000).map(place).collect::<Vec<_>>().join(",");
    let vertices = format!("{{\"id\":\"step0\",\"inputs\":[{}\"step0:0\"]}}", "\"step0:0\",".repeat(3 * MIB));
    for (layers, locations, steps) in [(&*chains, "", ""), ("", &*places, ""), ("", "", &*vertices)] {
        let metadata = format!("{{\"layers\":{{{layers}}},\"source\":{{\"locations\":{{{locations}}}}}}}");
        let statement = format!(
            "{{\"predicateType\":\"https://slsa.dev/provenance/v0.2\",\"predicate\":{{\"buildConfig\":{{\"llbDefinition\":[{steps}]}},\
             \"metadata\":{{\"https://mobyproject.org/buildkit@v1#metadata\":{metadata}}}}}}}"
        );
        assert!(statement.len() > 25 * MIB && statement.len() <= 40 * MIB, "{}", statement.len());
        let layout = Layout::new();
        let image = layout.image(&ImageSpec::new(&[Layer::new(&[Entry::file("a", "1")])]));
        let mut statement = layout.blob(statement.as_bytes(), "application/vnd.in-toto+json");
        statement["annotations"] = json!({"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"});
        let mut attestation = layout.blob(json!({"layers": [statement]}).to_string().as_bytes(), support::MANIFEST);
        attestation["annotations"] =
            json!({"vnd.docker.reference.digest": image["digest"], "vnd.docker.reference.type": "attestation-manifest"});
        layout.index(&[image, attestation]);
        let file = run(160, &[layout.arg(), "--format", "json"]);
        let pipe = Outcome::of(bounded(160).args(["-", "--format", "json"]).write_stdin(layout.archive()));
        for outcome in [file, pipe] {
            outcome.assert_status(0);
            let report = outcome.json();
            assert_eq!((number(&report, "/totals/content_bytes"), &report["layers"][0]["line"]), (1, &Value::Null));
        }
    }
}
