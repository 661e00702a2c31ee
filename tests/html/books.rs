//! Numbers: those of the page are those of the JSON of the same image, to the byte.

use crate::browser::Browser;
use crate::support::{Entry, ImageSpec, Layer, Layout, json, run};
use crate::{Page, demo, list};
use plimsoll::render::size::{Unit, percent, signed, size};
use serde_json::Value;
use std::collections::BTreeMap;

const TREES: [&str; 4] = ["directory", "package", "layer", "rule"];

/// A node's sixteen numbers, and where it is.
type Nodes = Vec<(Vec<String>, Vec<u64>)>;

/// Keys on the way to each node, and its parts: base, own, unneeded, hidden; of each entries, content, tar, blob.
pub(crate) fn nodes(browser: &mut Browser, tree: &str) -> Nodes {
    let script = format!(
        "(() => {{ const tree = plimsoll.forest({tree:?}); return tree.names.map((_, node) => \
         [tree.way(node).map((at) => tree.isFold(at) ? '' : tree.key(at)), [...tree.books.subarray(node * 16, node * 16 + 16)].map(String)]); }})()"
    );
    let found = browser.eval(&script);
    let one = |node: &Value| {
        let keys = list(node, "/0").iter().map(|key| key.as_str().expect("a key").to_owned()).collect();
        (keys, list(node, "/1").iter().map(|number| number.as_str().and_then(|digits| digits.parse().ok()).expect("a number")).collect())
    };
    found.as_array().expect("nodes").iter().map(one).collect()
}

/// Every node is the sum of those right below it, in every part and measure.
#[track_caller]
pub(crate) fn assert_sums(browser: &mut Browser, tree: &str) {
    let script = format!(
        "(() => {{ const tree = plimsoll.forest({tree:?}); for (let node = 0; node < tree.length; node += 1) {{ \
         if (!tree.kids[node].length) continue; for (let at = 0; at < 16; at += 1) {{ \
         const sum = tree.kids[node].reduce((all, kid) => all + tree.books[kid * 16 + at], 0); \
         if (sum !== tree.books[node * 16 + at]) return `${{tree.path(node)}}: ${{at}}: ${{sum}} ${{tree.books[node * 16 + at]}}`; }} }} return 'sums'; }})()"
    );
    assert_eq!(browser.text(&script), "sums", "{tree}");
}

/// The four measures of a JSON object.
fn measures(value: &Value) -> [u64; 4] {
    ["entries", "content_bytes", "diff_bytes", "blob_bytes"].map(|name| value[name].as_u64().expect("a number"))
}

fn all(parts: &[u64]) -> [u64; 4] {
    [0, 1, 2, 3].map(|measure| (0..4).map(|part| parts[part * 4 + measure]).sum())
}

fn hidden(parts: &[u64]) -> [u64; 4] {
    [parts[12], parts[13], parts[14], parts[15]]
}

#[test]
fn every_tree_is_the_image() {
    let report = json(&[demo()], 0);
    let page = Page::demo();
    let mut browser = page.open("");
    for tree in TREES {
        assert_sums(&mut browser, tree);
        let top = nodes(&mut browser, tree).swap_remove(0).1;
        assert_eq!(all(&top), measures(&report["totals"]), "{tree}");
        for (part, name) in ["base", "own", "unneeded"].iter().enumerate() {
            assert_eq!(top[part * 4..part * 4 + 4], measures(&report["hull"][name]), "{tree}, {name}");
        }
        assert_eq!(hidden(&top), measures(&report["shadowed"]), "{tree}");
    }
    browser.assert_quiet();
}

#[test]
fn groups_and_directories_weigh_what_the_commands_say() {
    let page = Page::demo();
    let mut browser = page.open("");
    let report = json(&[demo()], 0);
    let layers = nodes(&mut browser, "layer");
    for layer in list(&report, "/layers") {
        let key = (layer["index"].as_u64().expect("a number") + 1).to_string();
        let found = layers.iter().find(|(keys, _)| *keys == [key.clone()]);
        let Some((_, parts)) = found else {
            assert_eq!(layer["entries"], 0, "layer {key} is there");
            continue;
        };
        assert_eq!(all(parts), measures(layer), "layer {key}");
        assert_eq!(hidden(parts), measures(&layer["shadowed"]), "layer {key}");
        assert_eq!(parts[8..12], measures(&layer["unneeded"]), "layer {key}");
    }
    for (tree, by) in [("rule", "rule"), ("package", "ecosystem,package")] {
        let breakdown = json(&[demo(), "--by", by], 0);
        let nodes: BTreeMap<Vec<String>, Vec<u64>> = nodes(&mut browser, tree).into_iter().collect();
        let mut seen = 0;
        for group in list(&breakdown, "/groups") {
            let name = group["name"].as_str().expect("a name");
            let parts = &nodes[&vec![name.to_owned()]];
            assert_eq!((all(parts), hidden(parts)), (measures(group), measures(&group["shadowed"])), "{name}");
            seen += 1;
            for inner in group["groups"].as_array().into_iter().flatten().filter(|inner| inner["name"] != "unattributed") {
                let full = inner["name"].as_str().expect("a name");
                let key = vec![name.to_owned(), full.strip_prefix(&format!("{name}:")).expect("its ecosystem").to_owned()];
                assert_eq!(all(&nodes[&key]), measures(inner), "{full}");
                seen += 1;
            }
        }
        assert!(seen >= 5, "{tree}: {seen} groups");
    }
    let outcome = run(&["tree", demo(), "--depth", "50", "--format", "json"]);
    let directories = outcome.json();
    let nodes: BTreeMap<String, Vec<u64>> =
        nodes(&mut browser, "directory").into_iter().map(|(keys, parts)| (format!("/{}", keys.join("/")), parts)).collect();
    for directory in directories.as_array().expect("directories") {
        let path = directory["path"].as_str().expect("a path");
        let parts = nodes.get(path).unwrap_or_else(|| panic!("{path} is in the tree"));
        let (live, shadowed) = (measures(&directory["live"]), measures(&directory["shadowed"]));
        assert_eq!(all(parts), [0, 1, 2, 3].map(|at| live[at] + shadowed[at]), "{path}");
        assert_eq!(hidden(parts), shadowed, "{path}");
    }
    assert!(directories.as_array().is_some_and(|all| all.len() > 20));
}

#[test]
fn what_is_written_is_what_the_json_has() {
    for (flag, unit) in [("--color=auto", Unit::Si), ("--iec", Unit::Iec), ("--bytes", Unit::Bytes)] {
        let report = json(&[demo()], 0);
        let page = Page::new(&[demo(), flag]);
        let mut browser = page.open("");
        let at = |pointer: &str| size(report.pointer(pointer).and_then(Value::as_u64).expect("a number"), unit);
        assert_eq!(browser.text("document.getElementById('total-disk').textContent"), at("/image/disk_bytes"));
        assert_eq!(browser.text("document.getElementById('total-pull').textContent"), at("/image/pull_bytes"));
        assert_eq!(browser.text("document.getElementById('target-disk').textContent"), at("/without_edits/content_bytes"));
        assert_eq!(browser.text("document.getElementById('here').textContent"), format!("{} on disk", at("/totals/content_bytes")));
        let foot = "[...document.querySelectorAll('#node-table tfoot td')].map((cell) => cell.textContent).slice(0, 3).join('|')";
        let sums = ["/totals/content_bytes", "/totals/blob_bytes", "/shadowed/content_bytes"].map(at).join("|");
        assert_eq!(browser.text(foot), sums);
        // Layers: the text of each cell, and the exact number that the column is sorted by.
        for layer in list(&report, "/layers") {
            let number = layer["index"].as_u64().expect("a number") + 1;
            let cells = browser.eval(&format!(
                "[...document.querySelectorAll('#layer-table tr[data-layer=\"{number}\"] td[data-v]')].map((cell) => [cell.dataset.v, cell.textContent])"
            ));
            let of = |pointer: &str| layer.pointer(pointer).and_then(Value::as_u64).expect("bytes");
            let pull = of("/blob_bytes") + of("/overhead/blob_bytes");
            for (at, bytes) in [of("/content_bytes"), pull, of("/shadowed/content_bytes")].into_iter().enumerate() {
                assert_eq!(cells[at + 1][0], bytes.to_string(), "layer {number}, {at}");
                let text = if at == 2 && bytes == 0 { "–".to_owned() } else { size(bytes, unit) };
                assert_eq!(cells[at + 1][1], text, "layer {number}, {at}");
            }
        }
        let edits = list(&report, "/edits").len() as u64;
        assert_eq!(browser.eval("document.querySelectorAll('.edits article').length").as_u64(), Some(edits));
        let findings = list(&report, "/findings").len() as u64;
        assert_eq!(browser.eval("document.querySelectorAll('.finding').length").as_u64(), Some(findings));
        browser.assert_quiet();
    }
}

#[test]
fn checks_are_those_of_the_checklist() {
    let outcome = run(&["checklist", demo(), "--format", "json"]);
    let checklist = outcome.json();
    let page = Page::demo();
    let mut browser = page.open("#checklist");
    let checks = list(&checklist, "/checks");
    assert_eq!(browser.eval("document.querySelectorAll('[data-check]').length"), checks.len());
    for check in checks {
        let id = check["id"].as_str().expect("an id");
        let cells = browser.eval(&format!("[...document.querySelector('[data-check=\"{id}\"]').cells].map((cell) => cell.textContent)"));
        let word = check["outcome"].as_str().expect("an outcome").replace("not-applicable", "n/a");
        assert_eq!(cells[0], word, "{id}");
        let said = |text: &Value| text.as_str().expect("a text").replace('`', "");
        let told = cells[2].as_str().expect("a text");
        assert!(told.starts_with(&said(&check["evidence"])) && told.ends_with(&said(&check["advice"])), "{id}: {told}");
    }
    assert_eq!(browser.text("document.querySelector('#tab-checklist .count').textContent"), checklist["failed"].to_string());
    browser.assert_quiet();
}

#[test]
fn sizes_are_written_as_elsewhere() {
    let mut values: Vec<u64> = (0..2100).collect();
    for power in 0..53 {
        let near = 1u64 << power;
        values.extend([near - 1, near, near + 1, near / 10 * 9, near.saturating_mul(3) / 2]);
    }
    for power in 3..16 {
        let near = 10u64.pow(power);
        values.extend([near - 1, near, near + 1, near / 1000 * 9994, near / 1000 * 9995, near / 10_000 * 99_949, near / 10_000 * 99_950]);
        values.extend([near / 10 * 9995, near / 1000 * 999_499 / 100, near / 1000 * 9_995_000 / 1000]);
    }
    // Numbers of the page are exact up to 2^53.
    values.retain(|value| *value < 1 << 53);
    let mut state = 7u64;
    for _ in 0..3000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        values.push(state >> (11 + state % 40));
    }
    let page = Page::demo();
    let mut browser = page.open("");
    let list = serde_json::to_string(&values).expect("numbers");
    for (name, unit) in [("si", Unit::Si), ("iec", Unit::Iec), ("bytes", Unit::Bytes)] {
        let found = browser.eval(&format!("{list}.map((bytes) => [plimsoll.size(bytes, '{name}'), plimsoll.signed(-bytes, '{name}')])"));
        for (value, found) in values.iter().zip(found.as_array().expect("texts")) {
            assert_eq!(found[0], size(*value, unit), "{value}");
            assert_eq!(found[1], signed(-value.cast_signed(), unit), "-{value}");
        }
    }
    let found = browser.eval(&format!("{list}.map((part, at, all) => plimsoll.percent(part, all[all.length - 1 - at]))"));
    for (at, found) in found.as_array().expect("texts").iter().enumerate() {
        assert_eq!(*found, percent(values[at], values[values.len() - 1 - at]));
    }
}

#[test]
fn where_a_pull_is_unknown_nothing_is_said_of_it() {
    let layer = Layer::new(&[Entry::file("a", vec![1; 5000])]).plain();
    let layout = Layout::of(&ImageSpec::new(&[layer]));
    let page = Page::new(&[layout.arg()]);
    let mut browser = page.open("#map?measure=pull");
    assert_eq!(browser.eval("document.querySelector('[data-switch=measure][value=pull]').disabled"), true);
    assert!(browser.text("document.getElementById('no-pull').textContent").contains("not known"));
    assert_eq!(browser.text("document.querySelector('[data-switch=measure]:checked').value"), "disk");
    assert_eq!(browser.text("document.getElementById('total-pull').textContent"), "–");
    assert_eq!(
        browser
            .eval("[...plimsoll.forest('directory').books.subarray(0, 16)].filter((_, at) => at % 4 === 3).every((bytes) => bytes === 0)"),
        true
    );
    assert!(browser.text("document.getElementById('node-table').textContent").contains('–'));
    browser.assert_quiet();
}
