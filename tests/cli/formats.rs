//! Machine-readable output: names that stay, a schema that holds, rows that parse.

use crate::support::{Entry, assert_books, json, layout_of, number, plimsoll, run, testdata};
use serde_json::Value;
use std::path::PathBuf;

fn demo() -> Value {
    json(&[testdata("demo.tar")], 0)
}

/// Names that scripts rely on.
#[test]
fn required_names() {
    let report = demo();
    for name in ["schema", "source", "image", "totals", "live", "shadowed", "overhead", "layers", "notes"] {
        assert!(!report[name].is_null(), "{name}");
    }
    let measures = |value: &Value, what: &str| {
        for name in ["entries", "content_bytes", "diff_bytes", "blob_bytes"] {
            assert!(value[name].is_u64(), "{what}.{name}: {value}");
        }
    };
    for name in ["totals", "live", "shadowed", "overhead"] {
        measures(&report[name], name);
    }
    let causes = |value: &Value| {
        for cause in ["metadata_only", "overwritten", "deleted_file", "deleted_dir", "opaque", "replaced_by_type", "repeated_in_layer"] {
            measures(&value["causes"][cause], cause);
        }
    };
    causes(&report["shadowed"]);
    let layers = report["layers"].as_array().expect("layers");
    assert_eq!(layers.len(), 11);
    for layer in layers {
        for name in ["digest", "diff_id", "media_type", "compression", "instruction", "created_by"] {
            assert!(layer[name].is_string(), "{name}: {layer}");
        }
        assert!(layer["base"].is_boolean());
        measures(layer, "layer");
        measures(&layer["live"], "layer.live");
        measures(&layer["shadowed"], "layer.shadowed");
        causes(&layer["shadowed"]);
    }
}

/// `plimsoll schema` describes what `--format json` prints, of any image.
#[test]
fn the_report_follows_its_schema() {
    let schema = run(&["schema"]).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let validator = jsonschema::draft202012::new(&schema).expect("a valid schema");
    let empty = layout_of(&[]);
    let odd = layout_of(&[
        &[Entry::file(b"caf\xe9", "x"), Entry::hardlink("h", "gone")],
        &[Entry::whiteout("lost"), Entry::file(b"caf\xe9", "y")],
    ]);
    let archives = std::fs::read_dir(testdata("archives")).expect("test data").map(|item| item.expect("test data").path());
    let archives = archives.filter(|path| path.extension().is_some_and(|extension| extension == "tar"));
    let mut images: Vec<PathBuf> = archives.chain([testdata("demo.tar"), empty.path().into(), odd.path().into()]).collect();
    images.sort();
    let mut valid = 0;
    for image in &images {
        // Archives of several images and tars of directories are no single image: status 2 or 3.
        let outcome = run(&[image.as_os_str(), "--dive".as_ref(), "--format".as_ref(), "json".as_ref()]);
        if !matches!(outcome.status, Some(0 | 5)) {
            continue;
        }
        let report = outcome.json();
        let errors: Vec<_> = validator.iter_errors(&report).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", image.display());
        valid += 1;
    }
    assert!(valid >= 20, "{valid} of {}", images.len());
    assert!(!validator.is_valid(&serde_json::json!({"schema": "1.0"})), "the schema asks for something");
}

/// The demo image against what `docker save`, tar and a real extraction say of it.
#[test]
fn the_demo_image() {
    let truth: Value = serde_json::from_slice(&std::fs::read(testdata("demo.truth.json")).expect("test data")).expect("JSON");
    let truth = &truth["images"][0];
    let report = demo();
    assert_books(&report);
    assert_eq!(report["image"]["names"], truth["names"]);
    assert_eq!(report["image"]["platform"], truth["platform"]);
    assert_eq!(report["live"]["content_bytes"], truth["live_content_bytes"]);
    let (layers, expected) = (report["layers"].as_array().expect("layers"), truth["layers"].as_array().expect("layers"));
    assert_eq!(layers.len(), expected.len());
    for (layer, truth) in layers.iter().zip(expected) {
        assert_eq!(layer["diff_id"], truth["diff_id"]);
        assert_eq!(layer["content_bytes"], truth["content_bytes"], "{layer}");
        assert_eq!(layer["entries"], truth["entries"], "{layer}");
        let whole = number(layer, "/diff_bytes") + number(layer, "/overhead/diff_bytes");
        assert_eq!(Some(whole), truth["diff_bytes"].as_u64(), "{layer}");
        let blob = number(layer, "/blob_bytes") + number(layer, "/overhead/blob_bytes");
        assert_eq!(blob, number(layer, "/declared_bytes"), "{layer}");
    }
    let files = run(&["files", testdata("demo.tar").to_str().expect("plain"), "--live", "--format", "json", "--sort", "path"]).json();
    let live: Vec<_> = files.as_array().expect("entries").iter().filter(|file| file["kind"] == "file").map(|file| &file["path"]).collect();
    let mut expected: Vec<_> =
        truth["live_files"].as_array().expect("files").iter().map(|path| format!("/{}", path.as_str().expect("text"))).collect();
    let mut live: Vec<_> = live.into_iter().map(|path| path.as_str().expect("text").to_owned()).collect();
    live.sort();
    expected.sort();
    assert_eq!(live, expected);
}

/// What was planted in the demo image is found where testdata/README.md says.
#[test]
fn what_was_planted_in_the_demo_image() {
    let report = demo();
    let cause = |name: &str| number(&report, &format!("/shadowed/causes/{name}/content_bytes"));
    let hidden = |layer: u64, by: u64, cause: &str| -> u64 {
        let rows = report["hidden"].as_array().expect("hidden").iter();
        let rows = rows.filter(|row| row["layer"] == layer && row["by"] == by && row["cause"] == cause);
        rows.map(|row| number(row, "/content_bytes")).sum()
    };
    // Numbers from 0: layer 3 of the README is 2 here.
    assert_eq!(hidden(2, 9, "deleted_dir") + hidden(2, 9, "deleted_file"), 2_702_000 + 738_000);
    assert_eq!(hidden(2, 10, "deleted_dir") + hidden(2, 10, "deleted_file"), 400_000);
    assert_eq!(hidden(7, 10, "deleted_dir") + hidden(7, 10, "deleted_file"), 786_062 + 301_821);
    assert_eq!(hidden(5, 9, "deleted_dir") + hidden(5, 9, "deleted_file"), 568_930);
    assert_eq!(hidden(5, 6, "overwritten"), 568_930);
    assert_eq!(hidden(7, 8, "metadata_only"), 35);
    assert_eq!(cause("metadata_only"), 3_656_366 + 35);
    let base: Vec<_> = report["layers"].as_array().expect("layers").iter().map(|layer| layer["base"] == true).collect();
    assert_eq!(base.iter().position(|base| !base), Some(1), "the first layer is the base");
}

/// Rows of CSV (RFC 4180) are the report's layers.
#[test]
fn csv_of_layers() {
    let rows = csv(&run(&[testdata("demo.tar").as_os_str(), "--format".as_ref(), "csv".as_ref()]).text());
    let report = demo();
    assert_eq!(rows.len(), 11);
    for (row, layer) in rows.iter().zip(report["layers"].as_array().expect("layers")) {
        for name in ["content_bytes", "diff_bytes", "blob_bytes", "entries"] {
            assert_eq!(field(row, name), layer[name].to_string(), "{name}");
        }
        assert_eq!(field(row, "live_content_bytes"), layer["live"]["content_bytes"].to_string());
        assert_eq!(field(row, "instruction"), layer["instruction"].as_str().expect("text"));
    }
}

/// Names with quotes, commas and newlines stay one field, and no spreadsheet takes one for a formula.
#[test]
fn csv_of_awkward_names() {
    let image = layout_of(&[&[Entry::file("a \"quoted\", name\nof two lines", "x"), Entry::symlink("l", "=HYPERLINK(1)")]]);
    let text = run(&["files", image.arg(), "--format", "csv"]).text();
    let rows = csv(&text);
    assert_eq!(rows.len(), 2, "{text}");
    assert!(rows.iter().any(|row| field(row, "path").contains("\"quoted\", name")), "{rows:?}");
    assert!(!rows.iter().flatten().any(|(_, value)| value.starts_with('=')), "{rows:?}");
}

/// A saved analysis tells the same story as the image itself.
#[test]
fn a_saved_analysis_is_the_image() {
    let kept = tempfile::tempdir().expect("a temporary directory");
    let saved = kept.path().join("demo.plimsoll");
    plimsoll().args(["save", testdata("demo.tar").to_str().expect("plain"), "-o"]).arg(&saved).assert().success();
    let mut again = json(&[&saved], 0);
    let mut first = demo();
    for report in [&mut again, &mut first] {
        report["source"] = Value::Null;
    }
    assert_eq!(again, first);
    assert!(std::fs::metadata(&saved).expect("written").len() < 200_000, "facts, no contents");
}

type Row = Vec<(String, String)>;

fn field<'r>(row: &'r Row, name: &str) -> &'r str {
    &row.iter().find(|(head, _)| head == name).unwrap_or_else(|| panic!("a column {name}")).1
}

/// Rows as pairs of column and value.
fn csv(text: &str) -> Vec<Row> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let row = rows.last_mut().expect("never empty");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                row.last_mut().expect("never empty").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => rows.push(vec![String::new()]),
            letter => row.last_mut().expect("never empty").push(letter),
        }
    }
    assert!(!quoted && rows.pop() == Some(vec![String::new()]), "it ends with a line");
    let heads = rows.remove(0);
    assert!(rows.iter().all(|row| row.len() == heads.len()), "{rows:?}");
    rows.into_iter().map(|row| heads.iter().cloned().zip(row).collect()).collect()
}
