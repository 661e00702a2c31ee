//! Sums: identities that hold for every image, and the corners where sums go wrong.

use crate::stack::Stack;
use crate::support::{Entry, ImageSpec, Layer, Layout, assert_books, file, json, layout, layout_of, number, plimsoll, testdata};

/// The books of every image at hand balance in all three measures; each blob is as long as what
/// it was attributed to.
#[test]
fn the_books_of_every_archive_balance() {
    let mut archives = vec![testdata("demo.tar")];
    for item in std::fs::read_dir(testdata("archives")).expect("test data") {
        let path = item.expect("test data").path();
        let truth = path.with_extension("truth.json");
        if path.extension().is_some_and(|extension| extension == "tar") && is_archive_of_one_image(&truth) {
            archives.push(path);
        }
    }
    assert!(archives.len() > 15, "{archives:?}");
    for archive in archives {
        let report = json(&[&archive], 0);
        assert_books(&report);
        for layer in report["layers"].as_array().expect("layers") {
            assert!(layer["present"] == true && number(layer, "/overhead/diff_bytes") >= 512, "{}: {layer}", archive.display());
        }
    }
}

fn is_archive_of_one_image(truth: &std::path::Path) -> bool {
    let Ok(text) = std::fs::read(truth) else { return false };
    let truth: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let kind = truth["kind"].as_str().expect("a kind");
    kind.ends_with("-archive") && truth["images"].as_array().expect("images").len() == 1
}

/// Equal contents that are live at once are told beside the books and hide nothing.
#[test]
fn duplicates_stand_beside_the_books() {
    let layout = layout_of(&[
        &[Entry::file("one", [b'x'; 900]), Entry::file("two", [b'x'; 900]), Entry::hardlink("three", "one")],
        &[Entry::file("four", [b'x'; 900]), Entry::file("other", [b'y'; 900])],
    ]);
    let report = json(&[layout.arg()], 0);
    assert_books(&report);
    assert_eq!(number(&report, "/shadowed/content_bytes"), 0);
    assert_eq!(number(&report, "/live/content_bytes"), 3600);
    assert_eq!((number(&report, "/duplicates/content_bytes"), number(&report, "/duplicates/entries")), (1800, 2));
    let paths: Vec<_> = report["duplicates"]["groups"][0]["paths"].as_array().expect("paths").iter().map(|path| &path["path"]).collect();
    assert_eq!(paths, ["/one", "/two", "/four"]);
}

/// A copy that is hidden is no duplicate: its bytes are in the books already.
#[test]
fn a_hidden_copy_is_no_duplicate() {
    let layout = layout_of(&[&[Entry::file("f", [b'x'; 900])], &[Entry::file("f", [b'x'; 900]).mode(0o600)]]);
    let report = json(&[layout.arg()], 0);
    assert_eq!(number(&report, "/duplicates/content_bytes"), 0);
    assert_eq!(number(&report, "/shadowed/causes/metadata_only/content_bytes"), 900);
}

/// A layer that comes twice takes its place on disk twice, and is pulled once.
#[test]
fn a_layer_twice_is_stored_twice_and_pulled_once() {
    let one = Layer::new(&[Entry::file("f", [b'x'; 900])]);
    let blob = one.blob.len() as u64;
    let layout = layout(&[one.clone(), one]);
    let report = json(&[layout.arg()], 0);
    assert_books(&report);
    assert_eq!(number(&report, "/totals/content_bytes"), 1800);
    assert_eq!(number(&report, "/image/disk_bytes"), 1800);
    assert_eq!(number(&report, "/totals/blob_bytes") + number(&report, "/overhead/blob_bytes"), 2 * blob);
    assert_eq!(number(&report, "/image/pull_bytes"), blob);
    assert_eq!(number(&report, "/shadowed/causes/metadata_only/content_bytes"), 900);
}

/// No layers, layers without entries, entries without content: efficiency 1, and no NaN anywhere.
#[test]
fn nothing_weighs_nothing() {
    let empty = Layer::new(&[]);
    let light = Layer::new(&[Entry::dir("d"), Entry::file("d/f", ""), Entry::symlink("l", "d")]);
    for layers in [vec![], vec![empty.clone()], vec![empty.clone(), empty], vec![light.clone(), light]] {
        let layout = layout(&layers);
        let report = json(&[layout.arg()], 0);
        assert_books(&report);
        assert!((report["efficiency"].as_f64().expect("a number") - 1.0).abs() < f64::EPSILON, "{report}");
        assert_eq!(number(&report, "/image/disk_bytes"), 0);
        for options in [&["--details"][..], &["--dive"], &["--format", "json", "--dive"], &["--format", "csv"], &["--format", "dive-json"]]
        {
            let output = plimsoll().arg(layout.arg()).args(options).output().expect("the binary runs");
            assert!(output.status.success(), "{options:?}");
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            for word in ["NaN", "nan %", "inf %", "Inf", "null,null"] {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    }
}

/// Entries of zero bytes never appear among what is hidden by weight.
#[test]
fn empty_files_are_nobodys_waste() {
    let layout = layout_of(&[
        &[Entry::file("empty", ""), Entry::symlink("l", "empty"), Entry::file("f", [b'x'; 500])],
        &[Entry::whiteout("empty"), Entry::whiteout("l"), Entry::whiteout("f")],
    ]);
    let text = String::from_utf8(plimsoll().args([layout.arg(), "--details"]).output().expect("the binary runs").stdout).expect("UTF-8");
    let blamed = text.lines().filter(|line| line.contains("freed 0 bytes")).count();
    assert_eq!(blamed, 1, "{text}");
    let waste = plimsoll().args(["files", layout.arg(), "--hidden", "--min-size", "1", "--format", "csv"]).output().expect("it runs");
    assert_eq!(String::from_utf8(waste.stdout).expect("UTF-8").lines().count(), 2);
}

/// A sparse file costs what is stored; its apparent size stands beside. lastlog is the usual case.
#[test]
fn a_sparse_file_costs_what_is_stored() {
    let (kept, path) = file("lastlog", b"first");
    let log = std::fs::OpenOptions::new().write(true).open(&path).expect("just made");
    log.set_len(50_000_000).expect("a hole");
    let tar = std::process::Command::new("tar")
        .args(["--sparse", "--format=pax", "-c", "-C"])
        .arg(kept.path())
        .arg("lastlog")
        .output()
        .expect("these tests need GNU tar");
    assert!(tar.status.success() && tar.stdout.len() < 100_000, "a sparse archive");

    let layout = layout(&[Layer::of_tar(tar.stdout)]);
    let stack = Stack::of(Vec::new(), layout);
    stack.assert_books();
    let entry = stack.index.entries().next().expect("one entry");
    let stored = entry.entry.content_bytes;
    assert!((5..=65_536).contains(&stored), "{stored}");
    let files = plimsoll().args(["files", stack.layout.arg(), "--format", "json"]).output().expect("the binary runs");
    let files: serde_json::Value = serde_json::from_slice(&files.stdout).expect("JSON");
    assert_eq!((number(&files, "/0/content_bytes"), number(&files, "/0/logical_bytes")), (stored, 50_000_000));
    let (_kept, disk) = stack.umoci();
    assert_eq!(crate::stack::disk_bytes(&disk), 50_000_000);
}

/// A sparse file is the same however the map of its holes is written, and another where the holes are others.
#[test]
fn a_sparse_file_written_in_another_way_is_the_same() {
    let (kept, path) = file("sparse", b"");
    let layer = |format: &str, version: &str, second: u64| {
        let out = std::fs::File::create(&path).expect("writable");
        for (offset, byte) in [(0, b'a'), (second, b'b')] {
            std::os::unix::fs::FileExt::write_all_at(&out, &[byte; 4096], offset).expect("writable");
        }
        out.set_len(10_000_000).expect("a hole at the end");
        let mut tar = std::process::Command::new("tar");
        tar.args(["--sparse", &format!("--format={format}"), &format!("--sparse-version={version}"), "-c", "-C"]).arg(kept.path());
        Layer::of_tar(tar.arg("sparse").output().expect("these tests need GNU tar").stdout)
    };
    let all = [("gnu", "1.0"), ("pax", "0.0"), ("pax", "0.1"), ("pax", "1.0"), ("oldgnu", "1.0")];
    let mut layers: Vec<Layer> = all.iter().map(|(format, version)| layer(format, version, 1 << 20)).collect();
    layers.push(layer("pax", "1.0", 2 << 20));
    let report = json(&[layout(&layers).arg()], 0);
    let causes: Vec<&str> = report["hidden"].as_array().expect("rows").iter().map(|row| row["cause"].as_str().expect("a cause")).collect();
    assert_eq!(causes, ["metadata_only", "metadata_only", "metadata_only", "metadata_only", "overwritten"]);
}

/// Who paid for hidden bytes and who hid them are both told, with their instructions.
#[test]
fn payer_and_hider_are_both_told() {
    let layers = [
        Layer::new(&[Entry::file("cache", [b'c'; 3000]), Entry::file("app", [b'a'; 2000])]),
        Layer::new(&[Entry::whiteout("cache")]),
        Layer::new(&[Entry::file("app", [b'a'; 2000]).owner(7, 7)]),
    ];
    let image = ImageSpec::new(&layers).created_by(&["RUN make", "RUN rm cache", "RUN chown 7 app"]);
    let report = json(&[Layout::of(&image).arg()], 0);
    let hidden: Vec<_> = report["hidden"]
        .as_array()
        .expect("hidden")
        .iter()
        .map(|row| (number(row, "/layer"), number(row, "/by"), row["cause"].as_str().unwrap_or_default(), number(row, "/content_bytes")))
        .collect();
    assert_eq!(hidden, [(0, 1, "deleted_file", 3000), (0, 2, "metadata_only", 2000)]);
    let table = String::from_utf8(plimsoll().arg(Layout::of(&image).arg()).output().expect("it runs").stdout).expect("UTF-8");
    assert!(table.contains("RUN chown 7 app"), "{table}");
}
