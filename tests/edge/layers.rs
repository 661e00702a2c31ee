//! What layers hide, what made them, how they are stored.

use crate::support;
use crate::support::{Entry, Layer, gzip, number, tar};
use crate::{BASE, Case, base, dup, run_all, with_base};
use serde_json::{Value, json};

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
