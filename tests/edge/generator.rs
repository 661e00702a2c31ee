//! Images that another program makes, with what it knows of them.

use crate::shown;
use crate::support;
use crate::support::number;
use plimsoll::Options;
use plimsoll::oci::Platform;
use serde_json::Value;
use std::path::{Path, PathBuf};

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
