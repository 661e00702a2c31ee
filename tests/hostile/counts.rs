//! More entries, names, files of packages, layers and directories than are let in.

use crate::support;
use crate::support::{Entry, Layer, layout, layout_of, number};
use crate::{MIB, header, run};
use std::io::Write;

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
    let outcome = run(160, &[layout.arg(), "--limit", "names=60000000", "--format", "json"]);
    outcome.assert_status(5);
    let report = outcome.json();
    assert_eq!(report["limits_hit"][0]["limit"], "names");
    support::assert_books(&report);
    assert_eq!(number(&report, "/totals/entries"), 2);
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
