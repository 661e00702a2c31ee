//! Layers that are chosen, and what else is left out of the map: every sum is that of the JSON's layers, and a link keeps it.

use crate::browser::Browser;
use crate::support::{json, run};
use crate::{Page, books, demo, list};
use plimsoll::render::size::{Unit, signed, size};
use serde_json::{Value, json as value};
use std::collections::{BTreeMap, BTreeSet};

const MEASURES: [&str; 4] = ["entries", "content_bytes", "diff_bytes", "blob_bytes"];

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

/// What layers have together, by a pointer within each: numbers from 1.
fn sums(report: &Value, layers: &[u64], inside: &str) -> [u64; 4] {
    MEASURES.map(|name| {
        let of = |layer: &&Value| layers.contains(&(number(&layer["index"]) + 1));
        list(report, "/layers").iter().filter(of).map(|layer| number(layer.pointer(inside).map_or(&Value::Null, |sum| &sum[name]))).sum()
    })
}

/// All parts, and hidden ones, of the node at the top.
fn top(browser: &mut Browser, tree: &str) -> ([u64; 4], [u64; 4]) {
    let parts = books::nodes(browser, tree).swap_remove(0).1;
    ([0, 1, 2, 3].map(|at| (0..4).map(|part| parts[part * 4 + at]).sum()), [parts[12], parts[13], parts[14], parts[15]])
}

fn checked(browser: &mut Browser) -> Value {
    browser.eval("[...document.querySelectorAll('#choose-list input')].filter((box) => box.checked).map((box) => Number(box.value) + 1)")
}

#[test]
fn every_tree_has_what_the_chosen_layers_have() {
    let report = json(&[demo()], 0);
    let with_files: Vec<u64> =
        list(&report, "/layers").iter().filter(|layer| layer["entries"] != 0).map(|layer| number(&layer["index"]) + 1).collect();
    assert!(with_files.len() > 8);
    let page = Page::demo();
    let mut browser = page.open("");
    assert_eq!(checked(&mut browser), value!(with_files));
    for (link, layers) in [("3", vec![3]), ("1-2,5", vec![1, 2, 5]), ("8", vec![8]), ("2-99", (2..=11).collect()), ("none", vec![])] {
        let out: Vec<u64> = with_files.iter().copied().filter(|layer| !layers.contains(layer)).collect();
        for tree in ["directory", "package", "layer", "rule"] {
            browser.go(&page.path, &format!("#map?by={tree}&layers={link}"));
            books::assert_sums(&mut browser, tree);
            let (all, hidden) = top(&mut browser, tree);
            assert_eq!(all, sums(&report, &layers, ""), "{tree}, {link}");
            assert_eq!(hidden, sums(&report, &layers, "/shadowed"), "{tree}, {link}");
            // What is written: the sum above the map, below the table, and what is left out.
            let shown = size(all[1], Unit::Si);
            assert_eq!(browser.text("document.getElementById('here').textContent"), format!("{shown} on disk"));
            assert_eq!(browser.text("document.querySelector('#node-table tfoot td').textContent"), shown);
            assert_eq!(browser.eval("plimsoll.map.values[0]").as_u64(), Some(all[1]));
            let told = browser.text("document.getElementById('left-out').textContent");
            let [_, disk, _, pull] = sums(&report, &out, "");
            let bytes =
                format!("left out of map, sums, table and search: {} on disk, {} to pull", size(disk, Unit::Si), size(pull, Unit::Si));
            assert!(told.contains(&bytes), "{bytes} in {told}");
            assert_eq!(checked(&mut browser), value!(layers.iter().filter(|layer| with_files.contains(layer)).collect::<Vec<_>>()));
        }
    }
    browser.assert_quiet();
}

#[test]
fn rows_and_matches_are_of_the_chosen_layers() {
    let outcome = run(&["files", demo(), "--format", "json"]);
    let page = Page::demo();
    let mut browser = page.open("#map?layers=5-7&find=app");
    let (mut paths, mut disk, mut pull, mut first) = (BTreeSet::new(), 0, 0, BTreeMap::new());
    for entry in outcome.json().as_array().expect("entries").iter().filter(|entry| (4..=6).contains(&number(&entry["layer"]))) {
        let path = entry["path"].as_str().expect("a path");
        if entry["kind"] != "directory" {
            *first.entry(path.split('/').nth(1).expect("a name").to_owned()).or_insert(0) += number(&entry["content_bytes"]);
        }
        if path.contains("app") {
            paths.insert(path.to_owned());
            disk += number(&entry["content_bytes"]);
            pull += number(&entry["blob_bytes"]);
        }
    }
    assert!(disk > 3_000_000 && paths.len() > 50);
    let told = browser.text("document.querySelector('#found caption').textContent");
    assert!(told.ends_with(&format!(": {} on disk, {} to pull", size(disk, Unit::Si), size(pull, Unit::Si))), "{told}");
    let rows = browser.eval(
        "[...document.querySelectorAll('#node-table tbody tr')].map((row) => [...row.cells].slice(0, 2).map((cell) => cell.textContent))",
    );
    let expected: Vec<_> = first.iter().filter(|(_, bytes)| **bytes > 0).collect();
    let expected: Vec<_> = expected.into_iter().map(|(name, bytes)| [name.clone(), size(*bytes, Unit::Si)]).collect();
    let found: Vec<&Value> = rows.as_array().expect("rows").iter().filter(|row| row[1] != "0 B").collect();
    let sorted = |rows: Value| rows.as_array().expect("rows").iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(sorted(value!(found)), sorted(value!(expected)));
    // Of a path that other layers have too, what is told is of these.
    browser.go(&page.path, "#map?layers=3");
    assert_eq!(browser.eval("plimsoll.search(plimsoll.map.tree, '/app').length"), 0);
    browser.assert_quiet();
}

#[test]
fn layers_are_chosen_by_hand() {
    let page = Page::demo();
    let mut browser = page.open("");
    let hash = "location.hash";
    browser.press("#choose summary");
    let rows = browser.eval("[...document.querySelectorAll('#choose-list .number')].map((cell) => cell.textContent)");
    let report = json(&[demo()], 0);
    let expected: Vec<String> = list(&report, "/layers")
        .iter()
        .filter(|layer| layer["entries"] != 0)
        .map(|layer| size(number(&layer["content_bytes"]), Unit::Si))
        .collect();
    assert_eq!(rows, value!(expected));
    browser.press("#choose-list input[value='2']");
    assert_eq!(browser.text(hash), "#map?layers=1-2,4-11");
    browser.press("#choose-none");
    assert_eq!(browser.text(hash), "#map?layers=none");
    assert_eq!(browser.eval("plimsoll.map.cells.length"), 0);
    browser.press("#choose-list li:nth-child(3) button");
    assert_eq!(browser.text(hash), "#map?layers=3");
    assert_eq!(checked(&mut browser), value!([3]));
    browser.press("#choose-list input[value='3']");
    browser.press("#choose-list input[value='0']");
    assert_eq!(browser.text(hash), "#map?layers=1,3-4");
    browser.eval("history.back()");
    browser.settle();
    assert_eq!(checked(&mut browser), value!([3, 4]));
    // It stays with another tree and another area, until all is wanted again.
    browser.press("[data-switch=by][value=rule]");
    browser.press("[data-switch=measure][value=hidden]");
    assert_eq!(browser.text(hash), "#map?by=rule&measure=hidden&layers=3-4");
    let hidden = sums(&report, &[3, 4], "/shadowed")[1];
    assert_eq!(browser.eval("plimsoll.map.values[0]").as_u64(), Some(hidden));
    browser.press("#choose-all");
    assert_eq!(browser.text(hash), "#map?by=rule&measure=hidden");
    assert_eq!(browser.eval("document.getElementById('left-out').hidden"), true);
    browser.assert_quiet();
}

#[test]
fn one_cell_alone_and_all_again() {
    let page = Page::demo();
    let mut browser = page.open("");
    let value_now = "plimsoll.map.values[0]";
    let whole = browser.eval(value_now).as_u64().expect("bytes");
    let node = |keys: &str| format!("plimsoll.map.tree.all(plimsoll.map.tree.find({keys}), 1)");
    let app = browser.eval(&node("['app']")).as_u64().expect("bytes");
    browser.eval("document.getElementById('map-area').focus()");
    browser.key("o");
    assert_eq!(browser.text("location.hash"), "#map?only=app");
    assert_eq!(browser.eval(value_now).as_u64(), Some(app));
    assert!(browser.text("document.getElementById('left-out').textContent").contains("Only /app is in the map"));
    // What is taken out of that is in the link as well.
    browser.key("Enter");
    browser.key("h");
    let taken = browser.text("location.hash");
    assert!(taken.starts_with("#map?at=app&only=app&out=app/"), "{taken}");
    let left = browser.eval(value_now).as_u64().expect("bytes");
    assert!(left < app);
    browser.go(&page.path, &taken);
    assert_eq!(browser.eval(value_now).as_u64(), Some(left), "a link keeps it");
    browser.eval("document.getElementById('map-area').focus()");
    browser.key("a");
    assert_eq!(browser.text("location.hash"), "#map?at=app");
    assert_eq!(browser.eval(value_now).as_u64(), Some(whole));
    browser.eval("history.back()");
    browser.settle();
    assert_eq!(browser.eval(value_now).as_u64(), Some(left));
    browser.press("#left-out button");
    assert_eq!(browser.eval(value_now).as_u64(), Some(whole));
    // In the menu of a file: it alone, or its layer.
    browser.go(&page.path, "#map?at=bin");
    browser.eval("document.getElementById('map-area').focus()");
    browser.key("Enter");
    let menu = "[...document.querySelectorAll('#tip .actions button')].map((button) => button.textContent).join()";
    assert_eq!(browser.text(menu), "copy path,take out of the map,only this,only its layer,close");
    browser.press("#tip .actions button:nth-of-type(4)");
    assert_eq!(browser.text("location.hash"), "#map?at=bin&layers=1");
    browser.key("a");
    // The small ones of a directory, which have no name.
    browser.go(&page.path, "#map?out=/");
    assert_eq!(browser.eval(value_now).as_u64(), Some(whole), "what is not there is not taken out");
    browser.assert_quiet();
}

#[test]
fn no_link_breaks_the_choice() {
    let page = Page::demo();
    let mut browser = page.open("");
    let whole = browser.eval("plimsoll.map.values[0]");
    let long = "1-2,".repeat(20_000);
    for hash in
        ["layers=,,", "layers=x", "layers=-3", "layers=1e9", "layers=__proto__", "layers=%00", "only=no/such", "out=no/such,%25", "out=,,/"]
    {
        browser.go(&page.path, &format!("#map?{hash}"));
        assert_eq!(browser.eval("plimsoll.map.values[0]"), whole, "{hash}");
    }
    browser.go(&page.path, &format!("#map?layers={long}"));
    assert_eq!(checked(&mut browser), value!([1, 2]));
    browser.go(&page.path, "#map?layers=77&find=app");
    assert!(browser.text("document.getElementById('left-out').textContent").contains("11 of 11 layers are left out"));
    browser.assert_quiet();
}

#[test]
fn layers_of_a_change_are_chosen_by_layer() {
    let old = crate::path_text(&crate::support::testdata("archives/docker20-two-images.tar"));
    let args = ["diff", &old, &old, "--old-image", "@1", "--image", "@0"];
    let change = json(&args, 0);
    let page = Page::new(&args);
    let mut browser = page.open("#map?layers=2");
    // By directory a change is of all layers of a path together, and that is said.
    assert_eq!(
        browser.eval("[document.getElementById('choose').hidden, document.getElementById('no-choice').hidden]"),
        value!([true, false])
    );
    assert_eq!(browser.eval("document.getElementById('left-out').hidden"), true);
    let rows = list(&change, "/layers");
    browser.press("#no-choice a");
    assert_eq!(browser.eval("document.querySelectorAll('#choose-list li').length"), rows.len());
    for (row, layer) in rows.iter().enumerate() {
        browser.go(&page.path, &format!("#map?by=layer&layers={}", row + 1));
        let bytes = layer["content_bytes"].as_i64().expect("bytes");
        assert_eq!(browser.text("document.getElementById('here').textContent"), format!("{} on disk", signed(bytes, Unit::Si)), "{row}");
        let rest: i64 = rows
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != row)
            .map(|(_, layer)| layer["content_bytes"].as_i64().expect("bytes"))
            .sum();
        let told = browser.text("document.getElementById('left-out').textContent");
        assert!(told.contains(&format!("{} on disk", signed(rest, Unit::Si))), "{told}");
    }
    browser.assert_quiet();
}
