//! Small images made by hand, one oddity each, against what is known of them.
//!
//! For each: the exit status, the books in all three measures, the size of every blob, the files
//! that are live and the bytes that are hidden, by cause.

mod support;

use plimsoll::Options;
use plimsoll::oci::Platform;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::{Entry, Header, ImageSpec, Layer, Layout, digest, gzip, layout, named, number, padded, tar};
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

/// Each cause of the model once, and what decides it.
#[test]
fn what_hides_what() {
    let base = base();
    let hard = vec![b'H'; 20_000];
    run_all(&[
        Case::entries("whiteout", &[&base, &[Entry::dir("var/cache"), Entry::whiteout("var/cache/a.bin")], &[Entry::whiteout("etc")]])
            .live(&["bin/sh", "var/cache/b.bin"])
            .hidden(&[("deleted_file", 50_000), ("deleted_dir", 22)]),
        // A whiteout of nothing is no error; one written like a directory still works.
        Case::entries("whiteout-missing-target", &[&base, &[Entry::whiteout("opt/nothing"), Entry::file(".wh.var/", "")]])
            .live(&["bin/sh", "etc/passwd"])
            .hidden(&[("deleted_dir", 80_000)])
            .notes(&["whiteout-without-target"]),
        Case::entries("opaque", &[&base, &[Entry::dir("var/cache"), Entry::opaque("var/cache"), Entry::file("var/cache/c.bin", "CCC")]])
            .live(&["bin/sh", "etc/passwd", "var/cache/c.bin"])
            .hidden(&[("opaque", 80_000)]),
        // The marker's place in the tar does not matter: what its own layer holds lives on.
        Case::entries(
            "opaque-after-siblings",
            &[&base, &[Entry::dir("var/cache"), Entry::file("var/cache/c.bin", "CCC"), Entry::opaque("var/cache")]],
        )
        .live(&["bin/sh", "etc/passwd", "var/cache/c.bin"])
        .hidden(&[("opaque", 80_000)]),
        Case::entries(
            "overwrite-and-chmod",
            &[&base, &[Entry::file("var/cache/a.bin", vec![b'A'; 50_000]).mode(0o600)], &[Entry::file("var/cache/a.bin", "ZZZZZZZ")]],
        )
        .live(&BASE)
        .hidden(&[("metadata_only", 50_000), ("overwritten", 50_000)]),
        Case::entries(
            "file-becomes-dir-and-back",
            &[&base, &[Entry::dir("etc/passwd"), Entry::file("etc/passwd/x", "x"), Entry::file("var", "now a file")]],
        )
        .live(&["bin/sh", "etc/passwd/x", "var"])
        .hidden(&[("replaced_by_type", 80_022)]),
        // Merged /usr: what goes into `lib` lands in `usr/lib`.
        Case::entries(
            "symlink-parent",
            &[
                &[Entry::dir("usr"), Entry::dir("usr/lib"), Entry::symlink("lib", "usr/lib")],
                &[Entry::file("lib/x.so", [b'x'; 99]), Entry::symlink("loop", "loop")],
            ],
        )
        .live(&["lib", "loop", "usr/lib/x.so"])
        .notes(&["parent-is-symlink"]),
        // The first name goes, the bytes stay: they are charged to the file, not to its name.
        Case::entries(
            "hardlinks",
            &[
                &[Entry::dir("a"), Entry::file("a/one", &hard), Entry::hardlink("a/two", "a/one"), Entry::hardlink("a/three", "./a/one")],
                &[Entry::whiteout("a/one"), Entry::hardlink("a/four", "a/two")],
            ],
        )
        .live(&["a/two", "a/three", "a/four"])
        .check(|report, _| assert_eq!(number(report, "/live/content_bytes"), 20_000, "each inode once")),
        Case::layers("duplicate-layers", &[Layer::new(&base), dup(), Layer::new(&[Entry::file("x", "x")]), dup()])
            .live(&with_base(&["opt/dup.bin", "x"]))
            .hidden(&[("metadata_only", 102_400)])
            .check(|report, _| {
                assert_eq!(report["layers"][1]["digest"], report["layers"][3]["digest"], "one blob at two places");
                assert_eq!(number(report, "/hidden/0/layer"), 1, "the lower placement is the hidden one");
                let once: u64 = [0, 1, 2]
                    .iter()
                    .map(|n| {
                        number(report, &format!("/layers/{n}/blob_bytes")) + number(report, &format!("/layers/{n}/overhead/blob_bytes"))
                    })
                    .sum();
                assert_eq!(number(report, "/image/pull_bytes"), once, "a digest is pulled once");
            }),
        Case::entries(
            "same-file-two-paths",
            &[&base, &[Entry::file("opt/1.bin", vec![b'Q'; 70_000]), Entry::file("opt/2.bin", vec![b'Q'; 70_000])]],
        )
        .live(&with_base(&["opt/1.bin", "opt/2.bin"]))
        .check(|report, _| {
            assert_eq!(number(report, "/duplicates/content_bytes"), 70_000, "all copies but the first");
            assert_eq!(report["duplicates"]["groups"][0]["paths"], json!([{"path": "/opt/1.bin"}, {"path": "/opt/2.bin"}]));
        }),
        // overlayfs on disk marks deletions so; in a layer's tar it is a device like any other.
        Case::entries("overlayfs-whiteout-device", &[&base, &[Entry::special("var/cache/a.bin", b'3', (0, 0))]])
            .live(&BASE)
            .hidden(&[("replaced_by_type", 50_000)]),
    ]);
}

/// History is what builders write into it: too much, too little, none.
#[test]
fn history_of_every_length() {
    fn instructions(report: &Value) -> Vec<&str> {
        let layers = report["layers"].as_array().expect("layers");
        layers.iter().map(|layer| layer["created_by"].as_str().unwrap_or("-")).collect()
    }
    let one = Layer::new(&base());
    let empty = Layer::of_tar(vec![0; 1024]);
    let rows = json!([
        {"created_by": "/bin/sh -c #(nop) ADD file:00 in / "}, {"created_by": "ENV A=1", "empty_layer": true},
        {"created_by": "RUN true"}, {"created_by": "CMD [\"sh\"]", "empty_layer": true},
    ]);
    let first = json!([rows[0]]);
    let three = json!([{"created_by": "RUN 0"}, {"created_by": "RUN 1"}, {"created_by": "RUN 2"}]);
    run_all(&[
        Case::history("empty-layers", &[one.clone(), empty], rows.clone()).live(&BASE).check(|report, _| {
            assert_eq!(instructions(report), ["/bin/sh -c #(nop) ADD file:00 in / ", "RUN true"], "rows without a layer are skipped");
            assert_eq!(number(report, "/layers/1/entries"), 0);
            assert_eq!(number(report, "/layers/1/overhead/diff_bytes"), 1024, "a tar of nothing is all overhead");
        }),
        Case::history("history-missing", &[one.clone(), dup()], json!([]))
            .live(&with_base(&["opt/dup.bin"]))
            .check(|report, _| assert_eq!(instructions(report), ["-", "-"])),
        Case::history("history-too-short", &[one.clone(), dup(), Layer::new(&[Entry::file("y", "y")])], first)
            .live(&with_base(&["opt/dup.bin", "y"]))
            .notes(&["history-mismatch"]),
        Case::history("history-too-long", &[one], three).live(&BASE).notes(&["history-mismatch"]),
        Case::history("zero-layers", &[], json!([{"created_by": "LABEL a=b", "empty_layer": true}])).live::<&str>(&[]).check(
            |report, _| {
                assert_eq!(report["efficiency"], 1.0, "nothing is wasted in nothing");
                assert_eq!(number(report, "/totals/diff_bytes") + number(report, "/overhead/diff_bytes"), 0);
            },
        ),
    ]);
}

/// How a blob is stored, its bytes say, whatever the media type claims.
#[test]
fn storage_of_layers() {
    let one = Layer::new(&base());
    let half = one.tar.len() / 1024 * 512;
    let (front, back) = one.tar.split_at(half);
    let skippable = [&0x184D_2A50_u32.to_le_bytes()[..], &8_u32.to_le_bytes(), b"skipthis"].concat();
    let frames = [support::zstd(front), skippable, support::zstd(back)].concat();
    let unended = tar(&base())[..one.tar.len() - 1024].to_vec();
    let garbage = [&one.tar[..], &[0xde, 0xad].repeat(4096)].concat();
    run_all(&[
        Case::layers("uncompressed-layer", &[one.clone().plain()]).live(&BASE).check(|report, _| {
            assert_eq!(report["layers"][0]["compression"], "none");
            assert_eq!(report["image"]["pull_bytes"], Value::Null, "what a registry would send is not known");
            assert_eq!(report["totals"]["blob_bytes"], report["totals"]["diff_bytes"]);
        }),
        Case::layers("media-type-lies", &[one.clone().media_type(support::LAYER), dup().plain().media_type(support::LAYER_GZIP)])
            .live(&with_base(&["opt/dup.bin"]))
            .check(|report, _| {
                assert_eq!((&report["layers"][0]["compression"], &report["layers"][1]["compression"]), (&json!("gzip"), &json!("none")));
            }),
        Case::layers("gzip-multi-member", &[one.clone().blob([gzip(front), gzip(back)].concat())]).live(&BASE),
        Case::tar("tar-no-end-marker", unended).live(&BASE),
        Case::tar("tar-trailing-garbage", garbage)
            .live(&BASE)
            .notes(&["data-after-end"])
            .check(|report, _| assert_eq!(number(report, "/overhead/diff_bytes"), 1024 + 8192)),
        Case::layers("zstd", &[one.clone().zstd(), dup()])
            .live(&with_base(&["opt/dup.bin"]))
            .check(|report, _| assert_eq!(report["layers"][0]["compression"], "zstd")),
        Case::layers("zstd-multi-frame", &[one.blob(frames).media_type(support::LAYER_ZSTD)]).live(&BASE),
    ]);
}

/// Names: long in three ways, of any bytes, and of any shape.
#[test]
fn names_of_every_kind() {
    let long = format!("{}/{}", ["directory-with-a-longish-name"; 9].join("/"), "f".repeat(120));
    let names = |gnu: bool| {
        let entries = [Entry::file(&long, "long"), Entry::symlink("l", format!("t/{}", "x".repeat(300))), Entry::file("日本語/ü.txt", "u")];
        tar(&entries.map(|entry| if gnu { entry.gnu() } else { entry }))
    };
    let live = [long.as_str(), "l", "日本語/ü.txt"];
    let prefix = format!("{}/{}", "p".repeat(60), "q".repeat(60));
    let mut split =
        Header { extra: vec![(345, prefix.clone().into_bytes())], ..Header::new("n".repeat(90).as_bytes(), 1) }.bytes().to_vec();
    split.extend(padded(b"u".to_vec()));
    split.resize(split.len() + 1024, 0);
    let capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let global = support::pax_record(b"comment", b"global header");
    let mut commented = Header { kind: b'g', ..Header::new(b"pax_global_header", global.len() as u64) }.bytes().to_vec();
    commented.extend(padded(global));
    commented.extend(tar(&[Entry::file("a", "a")]));
    let v7 = |name: &[u8], size| Header { kind: 0, magic: [0; 8], ..Header::new(name, size) }.bytes();
    let old = [&v7(b"old/dir/", 0)[..], &v7(b"old/dir/f", 4), &padded(b"data".to_vec()), &[0; 1024]].concat();
    run_all(&[
        Case::tar("long-names-pax", names(false)).live(&live),
        Case::tar("long-names-gnu", names(true)).live(&live),
        Case::tar("long-names-ustar-prefix", split).live(&[format!("{prefix}/{}", "n".repeat(90))]),
        Case::entries("non-utf8-path", &[&[Entry::file(b"caf\xe9/\xff\xfe.bin", "abc"), Entry::file("café/ok", "ok")]])
            .live(&[&b"caf\xe9/\xff\xfe.bin"[..], "café/ok".as_bytes()]),
        Case::entries(
            "odd-paths",
            &[&[
                Entry::file("./a/./b", "1"),
                Entry::file("//c//d", "2"),
                Entry::file("new\nline", "3"),
                Entry::file("esc\x1b[31m", "4"),
                Entry::file("sp ace", "5"),
                Entry::file("-dash", "6"),
            ]],
        )
        .live(&["a/b", "c/d", "new\nline", "esc\x1b[31m", "sp ace", "-dash"]),
        Case::entries("path-traversal", &[&[Entry::file("../../etc/evil", "x"), Entry::file("/abs", "y"), Entry::file("a/../../b", "z")]])
            .live(&["etc/evil", "abs", "b"])
            .notes(&["path-escapes-root"]),
        Case::entries(
            "xattr-pax",
            &[&[
                Entry::file("bin/ping", [b'p'; 100]).mode(0o755).pax("SCHILY.xattr.security.capability", capability),
                Entry::file("t", "t").pax("mtime", "1750000000.123456789"),
                Entry::file("big-uid", "u").pax("uid", "3000000").pax("gid", "3000000"),
            ]],
        )
        .live(&["bin/ping", "t", "big-uid"])
        .check(|_, path| {
            let files = support::run(&["files", path.to_str().expect("plain names"), "--path", "big-uid", "--format", "json"]).json();
            assert_eq!((number(&files, "/0/uid"), number(&files, "/0/gid")), (3_000_000, 3_000_000));
        }),
        Case::tar("pax-global-header", commented)
            .live(&["a"])
            .check(|report, _| assert_eq!(number(report, "/overhead/diff_bytes"), 1024 + 1024, "it belongs to no entry")),
        Case::tar("v7-headers", old).live(&["old/dir/f"]),
        Case::entries(
            "special-files",
            &[&[
                Entry::dir("dev"),
                Entry::special("dev/null", b'3', (1, 3)).mode(0o666),
                Entry::special("dev/sda", b'4', (8, 0)),
                Entry::special("run/fifo", b'6', (0, 0)),
                Entry::file("suid", "s").mode(0o4755),
                Entry::dir("tmp").mode(0o1777),
            ]],
        )
        .live(&["dev/null", "dev/sda", "run/fifo", "suid"]),
    ]);
}

/// Sparse files cost what is stored, in every measure; what they seem to be is told beside.
#[test]
fn sparse_files() {
    fn check(_: &Value, path: &Path) {
        let files = support::run(&["files", path.to_str().expect("plain names"), "--format", "json"]).json();
        assert_eq!(number(&files, "/0/content_bytes"), 1024, "stored");
        assert_eq!(number(&files, "/0/logical_bytes"), 1_048_576, "apparent");
    }
    let extents = [0_u64, 512, 1_047_552, 512, 1_048_576, 0].map(|n| format!("{n:011o}\0").into_bytes()).concat();
    let extra = vec![(386, extents), (483, format!("{:011o}\0", 1_048_576).into_bytes())];
    let old = Header { kind: b'S', magic: *b"ustar  \0", extra, ..Header::new(b"sparse.img", 1024) }.bytes();
    let data = [[b'a'; 512], [b'z'; 512]].concat();
    let body = [padded(b"2\n0\n512\n1048064\n512\n".to_vec()), data.clone()].concat();
    let pax = Entry::file("GNUSparseFile.0/sparse.img", body)
        .pax("GNU.sparse.major", "1")
        .pax("GNU.sparse.minor", "0")
        .pax("GNU.sparse.name", "sparse.img")
        .pax("GNU.sparse.realsize", "1048576");
    run_all(&[
        Case::tar("sparse-gnu-old", [&old[..], &data, &[0; 1024]].concat()).live(&["sparse.img"]).check(check),
        Case::entries("sparse-pax-1.0", &[&[pax]]).live(&["sparse.img"]).check(check),
    ]);
}

/// Sizes in base 256 and in pax records, honest or not.
#[test]
fn sizes_beyond_octal() {
    let base256 = |size: u64| {
        let mut field = [0; 12];
        field[0] = 0x80;
        field[4..].copy_from_slice(&size.to_be_bytes());
        field
    };
    let header = |name: &[u8], size| Header { size: base256(size), magic: *b"ustar  \0", ..Header::new(name, 0) }.bytes();
    let small =
        [&header(b"small", 5)[..], &padded(b"12345".to_vec()), &Header::new(b"next", 1).bytes(), &padded(b"n".to_vec()), &[0; 1024]];
    let record = support::pax_record(b"size", b"9663676416");
    let pax = Header { kind: b'x', ..Header::new(b"PaxHeaders/huge", record.len() as u64) }.bytes();
    let pax = [&pax[..], &padded(record), &Header::new(b"huge.img", 0).bytes(), &[0; 1024]].concat();
    run_all(&[
        Case::tar("base256-small-size", small.concat()).live(&["small", "next"]),
        Case::tar("base256-size-truncated", [&header(b"huge.img", 9 << 30)[..], &[0; 1024]].concat()).error(3, &["layer 1", "truncated"]),
        Case::tar("pax-size-truncated", pax).error(3, &["layer 1", "truncated"]),
    ]);
}

/// What is broken is told with its place; what is absent is told and the rest is weighed.
#[test]
fn broken_and_absent() {
    let one = Layer::new(&base());
    let mut wrong = one.tar.clone();
    wrong[148..156].copy_from_slice(b"0000000\0");
    let cut = one.blob[..one.blob.len() - 40].to_vec();
    let swapped = layout(std::slice::from_ref(&one));
    std::fs::write(swapped.blob_path(&digest(&one.blob)), dup().blob).expect("writable");
    let mut foreign = one.clone().absent().media_type("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    foreign.urls = vec!["https://example.com/layer.tar.gz".into()];
    let mut windows = ImageSpec::new(&[foreign.clone(), dup()]);
    windows.os = "windows".into();
    let foreign = [foreign, dup()];
    let artifact = Layout::new();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": support::MANIFEST, "artifactType": "application/vnd.example.sbom",
        "config": artifact.blob(b"{}", "application/vnd.oci.empty.v1+json"), "layers": [artifact.blob(b"{}", "application/json")],
    });
    artifact.index(&[artifact.blob(manifest.to_string().as_bytes(), support::MANIFEST)]);
    let empty = Layout::new();
    empty.index(&[]);
    run_all(&[
        Case::tar("bad-checksum", wrong).error(3, &["layer 1", "checksum"]),
        Case::layers("truncated-gzip", &[one.clone().blob(cut)]).error(3, &["layer 1"]),
        Case::layers("missing-blob", &[one.clone().absent()]).status(5).notes(&["blob-absent"]).check(|report, _| {
            assert_eq!(report["complete"], false);
            assert_eq!(report["layers"][0]["present"], false);
            assert!(number(report, "/layers/0/declared_bytes") > 0, "its size is known all the same");
        }),
        Case::new("digest-mismatch", Made::Layout(swapped), &[])
            .error(3, &["layer 1", "digest mismatch", "expected sha256:", "found sha256:"]),
        Case::new("foreign-layer", Made::Layout(Layout::of(&windows)), &foreign).status(5).notes(&["blob-absent"]).check(|report, _| {
            assert_eq!(report["layers"][0]["foreign"], true);
            assert_eq!(number(report, "/live/content_bytes"), 102_400, "the rest is weighed");
        }),
        Case::new("foreign-layer, allowed", Made::Layout(Layout::of(&windows)), &foreign)
            .args(&["--allow-incomplete"])
            .live(&["opt/dup.bin"]),
        Case::new("artifact-not-image", Made::Layout(artifact), &[]).error(3, &["artifact"]),
        Case::new("empty-index", Made::Layout(empty), &[]).error(3, &["index.json", "manifest"]),
    ]);
}

/// Indexes: nested, of several platforms or names, with attestations that are no images.
#[test]
fn indexes() {
    let of = |architecture: &str| {
        let mut entries = base();
        entries.push(Entry::file("arch", architecture));
        Layer::new(&entries)
    };
    let multi = || {
        let layout = Layout::new();
        let mut arm = ImageSpec::new(&[of("arm64")]).architecture("arm64");
        arm.variant = Some("v8".into());
        let manifests = [layout.image(&ImageSpec::new(&[of("amd64")])), layout.image(&arm)];
        layout.index(&[named(layout.nested(&manifests), "latest")]);
        Made::Layout(layout)
    };
    let live = with_base(&["arch"]);
    let one = Layer::new(&base());
    let provenance = Layout::new();
    let image = provenance.image(&ImageSpec::new(std::slice::from_ref(&one)));
    let statement =
        json!({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2", "predicate": {}});
    let statement = statement.to_string().into_bytes();
    let config =
        json!({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest(&statement)]}});
    let manifest = json!({
        "schemaVersion": 2, "mediaType": support::MANIFEST, "config": provenance.blob(config.to_string().as_bytes(), support::CONFIG),
        "layers": [provenance.blob(&statement, "application/vnd.in-toto+json")],
    });
    let mut attestation = provenance.blob(manifest.to_string().as_bytes(), support::MANIFEST);
    attestation["platform"] = json!({"architecture": "unknown", "os": "unknown"});
    attestation["annotations"] =
        json!({"vnd.docker.reference.digest": image["digest"], "vnd.docker.reference.type": "attestation-manifest"});
    provenance.index(&[named(provenance.nested(&[image, attestation]), "latest")]);
    let tags = || {
        let layout = Layout::new();
        let first = layout.image(&ImageSpec::new(std::slice::from_ref(&one)));
        let second = layout.image(&ImageSpec::new(&[one.clone(), dup()]));
        layout.index(&[named(first, "1.0"), named(second, "2.0")]);
        Made::Layout(layout)
    };
    run_all(&[
        Case::new("multi-arch, amd64", multi(), &[of("amd64")]).args(&["--platform", "linux/amd64"]).live(&live).check(|report, _| {
            assert_eq!(report["image"]["platform"], "linux/amd64");
        }),
        Case::new("multi-arch, arm64", multi(), &[of("arm64")]).args(&["--platform", "linux/arm64/v8"]).live(&live).check(|report, _| {
            assert_eq!(report["image"]["platform"], "linux/arm64/v8");
        }),
        Case::new("multi-arch, none such", multi(), &[])
            .args(&["--platform", "linux/s390x"])
            .error(3, &["linux/s390x", "linux/amd64", "linux/arm64/v8"]),
        Case::new("provenance", Made::Layout(provenance), std::slice::from_ref(&one)).live(&BASE).check(|report, _| {
            assert_eq!(report["image"]["platform"], "linux/amd64");
        }),
        Case::new("two-tags, unsaid", tags(), &[]).error(2, &["--image", "1.0", "2.0", "@0", "@1"]),
        Case::new("two-tags, 1.0", tags(), std::slice::from_ref(&one)).args(&["--image", "1.0"]).live(&BASE),
        Case::new("two-tags, @1", tags(), &[one.clone(), dup()]).args(&["--image", "@1"]).live(&with_base(&["opt/dup.bin"])),
    ]);
}

/// What `docker save` wrote through the ages.
struct Docker {
    layers: [Layer; 3],
    config: Vec<u8>,
    ids: [String; 3],
}

impl Docker {
    fn new() -> Self {
        let layers = [Layer::new(&base()).plain(), dup().plain(), dup().plain()];
        let history = json!([{"created_by": "a"}, {"created_by": "b"}, {"created_by": "c"}]);
        let config = ImageSpec::new(&layers).history(history).document();
        Self { layers, config, ids: [0, 1, 2].map(|n| digest(&[b'0' + n])[7..].to_owned()) }
    }

    /// `<id>/{VERSION,json,layer.tar}`; the third layer is a link to the second, which it equals.
    fn members(&self) -> Vec<Entry> {
        let mut members = Vec::new();
        for (number, id) in self.ids.iter().enumerate() {
            let mut v1 = json!({"id": id, "created": "2025-06-15T15:06:40Z", "os": "linux", "architecture": "amd64"});
            if number > 0 {
                v1["parent"] = self.ids[number - 1].as_str().into();
            }
            members.extend([
                Entry::dir(id),
                Entry::file(format!("{id}/VERSION"), "1.0"),
                Entry::file(format!("{id}/json"), v1.to_string()),
            ]);
            members.push(match number {
                2 => Entry::symlink(format!("{id}/layer.tar"), format!("../{}/layer.tar", self.ids[1])),
                _ => Entry::file(format!("{id}/layer.tar"), &self.layers[number].tar),
            });
        }
        members
    }

    fn config_member(&self) -> Entry {
        Entry::file(format!("{}.json", &digest(&self.config)[7..]), &self.config)
    }

    fn manifest(&self, names: &[&str]) -> Entry {
        let layers: Vec<_> = self.ids.iter().map(|id| format!("{id}/layer.tar")).collect();
        let item = |name: &str| json!({"Config": format!("{}.json", &digest(&self.config)[7..]), "RepoTags": [name], "Layers": layers});
        Entry::file("manifest.json", names.iter().map(|name| item(name)).collect::<Value>().to_string())
    }

    fn repositories(&self) -> Entry {
        Entry::file("repositories", json!({"edge/v1": {"latest": self.ids[2]}}).to_string())
    }

    fn whole(&self) -> Vec<Entry> {
        [self.members(), vec![self.config_member(), self.manifest(&["edge/v1:latest"]), self.repositories()]].concat()
    }

    /// Docker 25 and later: blobs, an index, and `manifest.json` beside.
    fn blobs(&self) -> Vec<Entry> {
        let path = |bytes: &[u8]| format!("blobs/sha256/{}", &digest(bytes)[7..]);
        let descriptor = |bytes: &[u8], media: &str| json!({"mediaType": media, "digest": digest(bytes), "size": bytes.len()});
        let layers: Vec<_> = self.layers.iter().map(|layer| descriptor(&layer.tar, support::LAYER)).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": support::MANIFEST, "config": descriptor(&self.config, support::CONFIG), "layers": layers,
        });
        let manifest = manifest.to_string().into_bytes();
        let index = json!({"schemaVersion": 2, "mediaType": support::INDEX, "manifests": [descriptor(&manifest, support::MANIFEST)]});
        let paths: Vec<_> = self.layers.iter().map(|layer| path(&layer.tar)).collect();
        let docker = json!([{"Config": path(&self.config), "RepoTags": null, "Layers": paths}]);
        let blobs = [&self.layers[0].tar, &self.layers[1].tar, &self.config, &manifest];
        let mut members = vec![Entry::dir("blobs"), Entry::dir("blobs/sha256")];
        members.extend(blobs.map(|blob| Entry::file(path(blob), blob)));
        members.push(Entry::file("index.json", index.to_string()));
        members.push(Entry::file("manifest.json", docker.to_string()));
        members.push(Entry::file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#));
        members
    }
}

/// Docker archives of every age hold the same image.
#[test]
fn docker_archives() {
    let docker = Docker::new();
    let layers = &docker.layers;
    let mut first = docker.whole();
    let manifest = first.remove(first.len() - 2);
    first.insert(0, manifest);
    let two = [docker.members(), vec![docker.config_member(), docker.manifest(&["edge/v1:latest", "edge/other:latest"])]].concat();
    let bare = [docker.members(), vec![docker.config_member()]].concat();
    let old = [docker.members(), vec![docker.repositories()]].concat();
    let whole = tar(&docker.whole());
    let good = |name, file, bytes: &[u8]| {
        Case::archive(name, file, bytes, layers).live(&with_base(&["opt/dup.bin"])).hidden(&[("metadata_only", 102_400)]).check(
            |report, _| {
                assert_eq!(number(report, "/totals/content_bytes"), BASE_CONTENT + 2 * 102_400, "a layer counts at each of its places");
            },
        )
    };
    run_all(&[
        good("docker-v1-dup-symlink", "i.tar", &whole),
        good("docker-manifest-first", "i.tar", &tar(&first)),
        good("docker-v25-untagged", "i.tar", &tar(&docker.blobs())).check(|report, _| assert_eq!(report["image"]["names"], json!([]))),
        // Two names of one image are one image: nothing to choose.
        good("docker-two-images", "i.tar", &tar(&two))
            .check(|report, _| assert_eq!(report["image"]["names"], json!(["edge/v1:latest", "edge/other:latest"]))),
        good("docker-v1-gzipped", "i.tar.gz", &gzip(&whole)),
        good("docker-repositories-only", "i.tar", &tar(&old))
            .check(|report, _| assert_eq!(report["image"]["names"], json!(["edge/v1:latest"]))),
        Case::archive("docker-no-manifest", "i.tar", &tar(&bare), &[]).error(3, &["manifest.json", "index.json"]),
        Case::archive("not-an-image", "i.tar", &tar(&[Entry::file("hello", "x")]), &[]).error(3, &["manifest.json", "index.json"]),
        Case::archive("docker-truncated", "i.tar", &whole[..whole.len() / 2], &[]).error(3, &["truncated"]),
    ]);
}

/// The same kinds of image made by another program, `edge.py`, which tells what is in each. It is
/// no part of this repository: without it (in `PLIMSOLL_EDGE_DIR`, or `../shared/corpus` beside the
/// checkout) or without Python this test says so and passes.
#[test]
#[expect(clippy::print_stdout, reason = "nothing is passed over in silence")]
fn images_of_another_generator() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let script = std::env::var_os("PLIMSOLL_EDGE_DIR").map_or(beside, PathBuf::from).join("edge.py");
    if !script.is_file() {
        println!("not run: there is no {}", script.display());
        return;
    }
    let out = tempfile::tempdir().expect("a temporary directory");
    match std::process::Command::new("python3").arg(&script).arg(out.path()).output() {
        Ok(output) if output.status.success() => {}
        other => {
            println!("not run: {} did not: {other:?}", script.display());
            return;
        }
    }
    let mut cases: Vec<_> = std::fs::read_dir(out.path()).expect("just made").map(|entry| entry.expect("readable").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    cases.sort();
    assert!(cases.len() > 50, "{} cases", cases.len());
    let mut failed = Vec::new();
    for truth in cases {
        if std::panic::catch_unwind(|| other_case(&truth)).is_err() {
            failed.push(truth.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    assert!(failed.is_empty(), "failed, each explained above: {failed:?}");
}

fn other_case(truth_path: &Path) {
    let truth: Value = serde_json::from_slice(&std::fs::read(truth_path).expect("readable")).expect("JSON");
    let image = ["", "tar", "tar.gz"].iter().map(|extension| truth_path.with_extension(extension)).find(|path| path.exists());
    let image = image.expect("each truth has an image");
    let arg = image.to_str().expect("plain names");
    let name = truth_path.file_stem().expect("a name").to_str().expect("plain names");
    let mut options = Options::default();
    let mut args = vec![arg.to_owned()];
    let mut expected = match name {
        "missing-blob" | "foreign-layer" => 5,
        _ if truth.get("error").is_some() || truth.get("declared").is_some() => 3,
        _ => 0,
    };
    if let Some(refs) = truth.get("refs").and_then(Value::as_array) {
        let outcome = support::run(&args);
        outcome.assert_status(2);
        for name in refs {
            assert!(outcome.stderr.contains(name.as_str().expect("text")), "{name} listed in {}", outcome.stderr);
        }
        args.extend(["--image".to_owned(), refs[0].as_str().expect("text").to_owned()]);
        expected = 0;
    }
    if let Some(platforms) = truth.get("platforms").and_then(Value::as_array) {
        for platform in platforms {
            let platform = platform.as_str().expect("text");
            let report = support::json(&[arg, "--platform", platform], 0);
            // The configuration of edge.py's images leaves the variant out.
            assert!(platform.starts_with(report["image"]["platform"].as_str().expect("text")), "{}", report["image"]["platform"]);
        }
        options.platform = Some(Platform::parse(platforms[0].as_str().expect("text")).expect("a platform"));
        args.extend(["--platform".to_owned(), platforms[0].as_str().expect("text").to_owned()]);
    }
    args.extend(["--format".to_owned(), "json".to_owned()]);
    let outcome = support::run(&args);
    outcome.assert_status(expected);
    if expected == 3 {
        return;
    }
    let report = outcome.json();
    support::assert_books(&report);
    support::assert_blob_sizes(&report, &image);
    let sum = |causes: &[&str]| causes.iter().map(|cause| number(&report, &format!("/shadowed/causes/{cause}/content_bytes"))).sum::<u64>();
    if let Some(deleted) = truth.get("deleted").and_then(Value::as_object) {
        let bytes: u64 = deleted.values().filter_map(Value::as_u64).sum();
        assert_eq!(sum(&["deleted_file", "deleted_dir", "opaque"]), bytes, "deleted");
    }
    if let Some(overwritten) = truth.get("overwritten").and_then(Value::as_object) {
        let copies = overwritten.values().filter_map(Value::as_array);
        let bytes: u64 = copies.flat_map(|copies| copies[..copies.len() - 1].iter().filter_map(Value::as_u64)).sum();
        assert_eq!(sum(&["metadata_only", "overwritten"]), bytes, "all copies but the last");
    }
    if let Some(layers) = truth.get("layers").and_then(Value::as_u64) {
        assert_eq!(report["layers"].as_array().map(Vec::len), usize::try_from(layers).ok());
    }
    if let Some(images) = truth.get("images").and_then(Value::as_u64) {
        assert_eq!(report["image"]["names"].as_array().map(Vec::len), usize::try_from(images).ok(), "one image under all its names");
    }
    if let Some(bytes) = truth.get("bytes").or_else(|| truth.get("stored")).and_then(Value::as_u64) {
        assert_eq!(number(&report, "/live/content_bytes"), bytes);
    }
    if let Some(logical) = truth.get("logical").and_then(Value::as_u64) {
        let files = support::run(&["files", arg, "--format", "json"]).json();
        assert_eq!(number(&files, "/0/logical_bytes"), logical);
    }
    if let Some(duplicate) = truth.get("duplicate") {
        assert_eq!(report["duplicates"]["content_bytes"], duplicate["bytes"]);
    }
    let hex = |text: &str| (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect::<Vec<_>>();
    let texts =
        |key: &str| truth.get(key).and_then(Value::as_array).map(|names| names.iter().filter_map(Value::as_str).collect::<Vec<_>>());
    let live = texts("live")
        .map(|names| names.iter().map(|name| name.as_bytes().to_vec()).collect::<Vec<_>>())
        .or_else(|| texts("live_hex").map(|names| names.into_iter().map(hex).collect()));
    if let Some(live) = live {
        let index = support::index_of(arg, &options).expect("the library reads what the binary does");
        assert_eq!(shown(support::live_paths(&index).into_keys()), shown(live.into_iter()), "live paths");
    }
}
