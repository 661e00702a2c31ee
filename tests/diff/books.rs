//! Every list adds up to the whole change, of any two images.

use crate::support::{Entry, ImageSpec, Layer, Layout, json};
use crate::{diff, list, signed};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use std::collections::BTreeMap;

const MEASURES: [&str; 4] = ["entries", "content_bytes", "diff_bytes", "blob_bytes"];

#[track_caller]
pub(crate) fn assert_balanced(found: &Value) {
    for measure in MEASURES {
        let of = |value: &Value| signed(value, &format!("/{measure}"));
        let sum = |values: &[Value]| values.iter().map(of).sum::<i64>();
        let delta = of(&found["delta"]);
        assert_eq!(delta, of(&found["new"]["totals"]) - of(&found["old"]["totals"]), "totals, {measure}");
        assert_eq!(delta, of(&found["live"]) + of(&found["shadowed"]), "live and hidden, {measure}");
        assert_eq!(delta, sum(list(found, "layers")), "layers, {measure}");
        assert_eq!(delta, sum(list(found, "packages")) + of(&found["unattributed"]), "packages, {measure}");
        assert_eq!(delta, sum(list(found, "findings")) + of(&found["unclaimed"]), "findings, {measure}");
        assert_eq!(delta, sum(list(&found["files"], "kinds")), "paths by kind, {measure}");
        let parts = |part: &str| list(found, "layers").iter().map(|layer| of(&layer[part])).sum::<i64>();
        assert_eq!(of(&found["overhead"]), parts("overhead"), "overhead, {measure}");
        assert_eq!(of(&found["live"]), parts("live"), "live, {measure}");
        // With --top 0 all that changed is listed.
        let unchanged = list(&found["files"], "kinds").iter().find(|kind| kind["change"] == "unchanged").expect("all kinds are there");
        assert_eq!(delta - of(unchanged), sum(list(&found["files"], "list")), "paths, {measure}");
    }
}

/// Sizes of the layers as they are stored: tar, blob, and file data.
fn stored(layers: &[Made]) -> [i64; 3] {
    let size = |length: usize| i64::try_from(length).expect("small");
    layers.iter().fold([0; 3], |[tar, blob, data], made| {
        let content: usize = made.entries.iter().filter(|entry| entry.kind == b'0').map(|entry| entry.data.len()).sum();
        [tar + size(made.layer.tar.len()), blob + size(made.layer.blob.len()), data + size(content)]
    })
}

#[derive(Clone)]
struct Made {
    entries: Vec<Entry>,
    layer: Layer,
}

/// One entry; the numbers choose among few names, so that layers meet.
fn entry((kind, at, content, mode): (u8, u8, u8, u8)) -> Entry {
    const PATHS: [&str; 8] = ["a/x", "a/y", "a/b/z", "b/x", "b/c/d/e", "etc/passwd", "app/.git/config", "tmp/left"];
    let path = PATHS[usize::from(at) % PATHS.len()];
    let mode = if mode % 4 == 0 { 0o755 } else { 0o644 };
    match kind % 12 {
        0 => Entry::whiteout(path),
        1 => Entry::symlink(path, PATHS[usize::from(content) % PATHS.len()]),
        2 => Entry::hardlink(path, PATHS[usize::from(content) % PATHS.len()]),
        3 => Entry::dir(path),
        4 => Entry::opaque("a"),
        5 => dpkg(content),
        6 => Entry::file("var/lib/dpkg/info/tool.list", "/a/x\n/a/b/z\n"),
        _ => Entry::file(path, vec![b'0' + content % 5; 700 * usize::from(content % 4)]).mode(mode),
    }
}

/// The database of dpkg with a package in one of two versions, or none.
fn dpkg(content: u8) -> Entry {
    let text = match content % 3 {
        0 => String::new(),
        version => format!("Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"),
    };
    Entry::file("var/lib/dpkg/status", text)
}

type Pool = Vec<Vec<(u8, u8, u8, u8)>>;

/// Layers, and which of them either image has.
fn pair() -> impl Strategy<Value = (Pool, Vec<usize>, Vec<usize>)> {
    let entries = proptest::collection::vec(any::<(u8, u8, u8, u8)>(), 0..9);
    proptest::collection::vec(entries, 5).prop_flat_map(|pool| {
        let some = || proptest::collection::vec(0..5usize, 0..6);
        (Just(pool), some(), some())
    })
}

#[test]
fn random_pairs_balance() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u32>().expect("a number"));
    let config = Config { cases: number("PLIMSOLL_CASES").unwrap_or(40), failure_persistence: None, ..Config::default() };
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number("PLIMSOLL_SEED").unwrap_or(0).to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let result = runner.run(&pair(), |(pool, old, new)| {
        let pool: Vec<Made> = pool
            .iter()
            .map(|layer| {
                let entries: Vec<Entry> = layer.iter().map(|drawn| entry(*drawn)).collect();
                Made { layer: Layer::new(&entries), entries }
            })
            .collect();
        let pick = |numbers: &[usize]| numbers.iter().map(|at| pool[*at].clone()).collect::<Vec<_>>();
        compare(&pick(&old), &pick(&new));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn compare(old: &[Made], new: &[Made]) {
    let layout = |made: &[Made]| Layout::of(&ImageSpec::new(&made.iter().map(|made| made.layer.clone()).collect::<Vec<_>>()));
    let (before, after) = (layout(old), layout(new));
    let there = diff(&before, &after);
    let ([old_tar, old_blob, old_data], [new_tar, new_blob, new_data]) = (stored(old), stored(new));
    assert_eq!(signed(&there, "/delta/diff_bytes") + signed(&there, "/overhead/diff_bytes"), new_tar - old_tar, "sizes of the tars");
    assert_eq!(signed(&there, "/delta/blob_bytes") + signed(&there, "/overhead/blob_bytes"), new_blob - old_blob, "sizes of the blobs");
    assert_eq!(signed(&there, "/delta/content_bytes"), new_data - old_data, "file data");
    assert_matched(&there, old, new);
    let back = diff(&after, &before);
    assert_eq!(mirrored(&there), told(&back), "compared the other way round");
    assert_nothing(&diff(&after, &after));
}

/// As many layers are unchanged as both images have, by content; none is told twice.
fn assert_matched(found: &Value, old: &[Made], new: &[Made]) {
    let count = |made: &[Made]| {
        made.iter().fold(BTreeMap::new(), |mut counts: BTreeMap<Vec<u8>, usize>, made| {
            *counts.entry(made.layer.tar.clone()).or_default() += 1;
            counts
        })
    };
    let (before, after) = (count(old), count(new));
    let same: usize = before.iter().map(|(tar, count)| *count.min(after.get(tar).unwrap_or(&0))).sum();
    let rows = list(found, "layers");
    assert_eq!(rows.iter().filter(|row| row["change"] == "unchanged").count(), same, "{rows:#?}");
    for (side, layers) in [("old", old.len()), ("new", new.len())] {
        let mut numbers: Vec<_> = rows.iter().filter_map(|row| row[side].as_u64()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..layers as u64).collect::<Vec<_>>(), "each layer of the {side} image once");
    }
    let order: Vec<_> = rows.iter().filter_map(|row| row["new"].as_u64()).collect();
    assert!(order.is_sorted(), "in the order of the new image: {order:?}");
}

fn assert_nothing(found: &Value) {
    assert!(found["summary"].as_str().expect("a sentence").starts_with("Unchanged"), "{}", found["summary"]);
    assert!(list(found, "packages").is_empty() && list(found, "directories").is_empty() && list(&found["files"], "list").is_empty());
    assert!(list(found, "layers").iter().all(|layer| layer["change"] == "unchanged" && signed(layer, "/diff_bytes") == 0));
    assert!(list(found, "findings").iter().all(|row| signed(row, "/entries") == 0));
}

type Row = (String, String, String, [i64; 4]);

/// What a comparison says, in a fixed order.
fn told(found: &Value) -> Vec<Row> {
    rows(found, false)
}

/// What the comparison the other way round must say.
fn mirrored(found: &Value) -> Vec<Row> {
    rows(found, true)
}

fn rows(found: &Value, mirror: bool) -> Vec<Row> {
    let numbers = |value: &Value| MEASURES.map(|measure| signed(value, &format!("/{measure}")) * if mirror { -1 } else { 1 });
    let change = |value: &Value| match value["change"].as_str().unwrap_or_default() {
        "added" if mirror => "removed".to_owned(),
        "removed" if mirror => "added".to_owned(),
        other => other.to_owned(),
    };
    let (old, new) = if mirror { ("new", "old") } else { ("old", "new") };
    let mut all = Vec::new();
    for layer in list(found, "layers") {
        all.push(("layer".to_owned(), format!("{} {}", layer[old], layer[new]), change(layer), numbers(layer)));
    }
    for package in list(found, "packages") {
        let versions = (&package[format!("{old}_version")], &package[format!("{new}_version")]);
        all.push(("package".to_owned(), format!("{} {} {}", package["name"], versions.0, versions.1), change(package), numbers(package)));
    }
    for path in list(&found["files"], "list") {
        all.push(("path".to_owned(), path["path"].to_string(), change(path), numbers(path)));
    }
    for kind in list(&found["files"], "kinds") {
        all.push(("kind".to_owned(), kind["paths"].to_string(), change(kind), numbers(kind)));
    }
    for rule in list(found, "findings") {
        all.push(("rule".to_owned(), rule["rule"].to_string(), String::new(), numbers(rule)));
    }
    for directory in list(found, "directories") {
        all.push(("directory".to_owned(), directory["path"].to_string(), String::new(), numbers(directory)));
    }
    all.sort();
    all
}

/// Real images of two writers, and a saved analysis, which stands for its image.
#[test]
fn real_images_balance() {
    let data = |name: &str| crate::support::testdata(name).to_str().expect("UTF-8").to_owned();
    let (demo, tiny) = (data("demo.tar"), data("archives/docker20-one.tar"));
    let found = json(&["diff", &tiny, &demo, "--top", "0"], 0);
    assert_balanced(&found);
    assert_eq!(found["pull_bytes"], Value::Null, "an archive of plain tars has no size to pull");
    let (_keep, saved) = crate::support::file("demo.plimsoll", b"");
    let saved = saved.to_str().expect("UTF-8").to_owned();
    crate::support::run(&["save", &demo, "-o", &saved]).assert_status(0);
    assert_nothing(&json(&["diff", &demo, &saved, "--top", "0"], 0));
    assert_eq!(json(&["diff", &tiny, &saved, "--top", "0"], 0)["files"], found["files"]);
    let piped = crate::support::plimsoll()
        .args(["diff", "-", &demo, "--top", "0", "--format", "json"])
        .write_stdin(std::fs::read(&tiny).expect("the archive"))
        .output();
    let piped: Value = serde_json::from_slice(&piped.expect("the binary runs").stdout).expect("JSON");
    assert_eq!(piped["layers"], found["layers"]);
}
