//! `files` and `tree`: each filter alone, against the unfiltered list.

use crate::support::{Entry, json, layout_of, number, run, testdata};
use serde_json::Value;

fn list(args: &[&str]) -> Vec<Value> {
    let demo = testdata("demo.tar");
    let outcome = run(&[&["files", demo.to_str().expect("plain"), "--format", "json"], args].concat());
    outcome.assert_status(0);
    outcome.json().as_array().expect("a list").clone()
}

/// The unfiltered list is the whole of the layers, and each filter leaves what it says.
#[test]
fn filters() {
    let all = list(&[]);
    let sum: u64 = all.iter().map(|file| number(file, "/content_bytes")).sum();
    assert_eq!(sum, number(&json(&[testdata("demo.tar")], 0), "/totals/content_bytes"));

    let only = |args: &[&str], passes: &dyn Fn(&Value) -> bool| {
        let expected: Vec<_> = all.iter().filter(|file| passes(file)).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "{args:?} makes a difference");
        assert_eq!(list(args), expected, "{args:?}");
    };
    let path = |file: &Value| file["path"].as_str().expect("a path").to_owned();
    let name = |file: &Value, end: &str| path(file).ends_with(end);
    only(&["--live"], &|file| file["live"] == true);
    only(&["--hidden"], &|file| file["live"] == false);
    only(&["--shadowed"], &|file| file["live"] == false);
    only(&["--layer", "5"], &|file| file["layer"] == 4);
    only(&["--cause", "metadata_only"], &|file| file["cause"] == "metadata_only");
    only(&["--cause", "overwritten", "--cause", "deleted-dir"], &|file| file["cause"] == "overwritten" || file["cause"] == "deleted_dir");
    only(&["--kind", "symlink"], &|file| file["kind"] == "symlink");
    only(&["--kind", "directory", "--kind", "whiteout"], &|file| file["kind"] == "directory" || file["kind"] == "whiteout");
    only(&["--min-size", "10kB"], &|file| number(file, "/content_bytes") >= 10_000);
    only(&["--min-size", "10KiB"], &|file| number(file, "/content_bytes") >= 10_240);
    only(&["--path", "*.js"], &|file| name(file, ".js"));
    only(&["--path", "/app/*.js"], &|file| name(file, ".js") && path(file).starts_with("/app/") && path(file).matches('/').count() == 2);
    only(&["--path", "app/test/**"], &|file| path(file).starts_with("/app/test/"));
    only(&["--path", "bundle.js", "--path", "/etc/*"], &|file| {
        name(file, "/bundle.js") || (path(file).starts_with("/etc/") && path(file).matches('/').count() == 2)
    });
    only(&["--hidden", "--layer", "3", "--kind", "file"], &|file| file["live"] == false && file["layer"] == 2 && file["kind"] == "file");
}

/// Orders, and how many.
#[test]
fn orders() {
    for (by, measure) in [("content", "content_bytes"), ("diff", "diff_bytes"), ("blob", "blob_bytes")] {
        let sizes: Vec<_> = list(&["--sort", by]).iter().map(|file| number(file, &format!("/{measure}"))).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{by}");
    }
    let paths: Vec<_> = list(&["--sort", "path"])
        .iter()
        .map(|file| file["path"].as_str().expect("a path").split('/').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(paths.is_sorted());
    let all = list(&[]);
    assert_eq!(list(&["--top", "7"]), all[..7]);
    assert_eq!(list(&["--top", "0"]), all);
}

/// Every hidden entry names the layer that hides it and why, a live one neither.
#[test]
fn hidden_entries_name_both_layers() {
    for file in list(&[]) {
        let hidden = file["live"] == false;
        assert_eq!(file["cause"].is_string(), hidden, "{file}");
        assert_eq!(file["by"].as_u64().is_some_and(|by| by >= number(&file, "/layer")), hidden, "{file}");
    }
}

/// A name that is no UTF-8 is there in full, in base64.
#[test]
fn names_that_are_no_utf8() {
    let image = layout_of(&[&[Entry::file(b"caf\xe9", "x")]]);
    let files = run(&["files", image.arg(), "--format", "json"]).json();
    assert_eq!(files[0]["path_b64"], "L2NhZuk=");
    assert_eq!(files[0]["path"], "/caf\u{fffd}");
    assert!(run(&["files", image.arg()]).text().contains("/caf\\xe9"));
}

/// Directories down to the depth asked for, each with all below it.
#[test]
fn tree_depth() {
    let demo = testdata("demo.tar");
    let demo = demo.to_str().expect("plain");
    let report = json(&[demo], 0);
    for depth in 0..4 {
        let rows = run(&["tree", demo, "--depth", &depth.to_string(), "--format", "json"]).json();
        let rows = rows.as_array().expect("a list");
        let level = |row: &Value| row["path"].as_str().expect("a path").split('/').filter(|part| !part.is_empty()).count();
        assert_eq!(rows.iter().map(level).max(), Some(depth));
        assert_eq!(rows[0]["path"], "/");
        assert_eq!(rows[0]["live"], report["live"]);
        for measure in ["entries", "content_bytes", "diff_bytes", "blob_bytes"] {
            assert_eq!(rows[0]["shadowed"][measure], report["shadowed"][measure], "{measure}");
        }
    }
    // What is below a directory is the sum of the entries below it.
    let rows = run(&["tree", demo, "--depth", "1", "--format", "json"]).json();
    for row in rows.as_array().expect("a list").iter().skip(1) {
        let below = format!("{}/**", row["path"].as_str().expect("a path"));
        let sum: u64 = list(&["--live", "--path", &below]).iter().map(|file| number(file, "/content_bytes")).sum();
        assert_eq!(sum, number(row, "/live/content_bytes"), "{row}");
    }
}
