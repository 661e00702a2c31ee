//! The page of a change.

use crate::support::{Entry, ImageSpec, Layer, Layout, json};
use crate::{Page, books, list};
use plimsoll::render::size::{Unit, signed};
use serde_json::Value;

fn layer(entries: &[(&str, usize)]) -> Layer {
    Layer::new(
        &entries.iter().map(|(path, size)| Entry::file(path, path.bytes().cycle().take(*size).collect::<Vec<_>>())).collect::<Vec<_>>(),
    )
}

fn images() -> (Layout, Layout) {
    let base = layer(&[("bin/sh", 40_000), ("etc/os-release", 10)]);
    let old =
        [base.clone(), layer(&[("app/main", 20_000), ("app/lib/a", 3_000), ("app/lib/gone", 9_000), ("var/lib/apt/lists/x", 300_000)])];
    let new = [base, layer(&[("app/main", 26_000), ("app/lib/a", 1_000), ("app/lib/new", 500_000)]), layer(&[("app/main", 26_000)])];
    let lines = ["ADD rootfs.tar /", "COPY app /app # buildkit", "RUN touch <b>/app/main"];
    (Layout::of(&ImageSpec::new(&old).created_by(&lines[..2])), Layout::of(&ImageSpec::new(&new).created_by(&lines)))
}

fn delta(value: &Value) -> [i64; 4] {
    ["entries", "content_bytes", "diff_bytes", "blob_bytes"].map(|name| value[name].as_i64().expect("a number"))
}

/// New less old, which is also grown less shrunk.
#[track_caller]
fn change(parts: &[u64]) -> [i64; 4] {
    [0, 1, 2, 3].map(|measure| {
        let [old, new, grown, shrunk] = [0, 1, 2, 3].map(|part| parts[part * 4 + measure].cast_signed());
        assert_eq!(new - old, grown - shrunk);
        new - old
    })
}

#[test]
fn every_tree_is_the_whole_change() {
    let (old, new) = images();
    for (from, to) in [(&old, &new), (&new, &old)] {
        let found = json(&["diff", from.arg(), to.arg()], 0);
        let page = Page::new(&["diff", from.arg(), to.arg()]);
        let mut browser = page.open("");
        for tree in ["directory", "package", "layer", "rule"] {
            books::assert_sums(&mut browser, tree);
            let nodes = books::nodes(&mut browser, tree);
            let top = &nodes[0].1;
            assert_eq!(change(top), delta(&found["delta"]), "{tree}");
            for (part, side) in ["old", "new"].iter().enumerate() {
                let totals = ["entries", "content_bytes", "diff_bytes", "blob_bytes"]
                    .map(|name| found[side]["totals"][name].as_u64().expect("a number"));
                assert_eq!(top[part * 4..part * 4 + 4], totals, "{tree}, {side}");
            }
            for (_, parts) in &nodes {
                change(parts);
            }
        }
        let layers = books::nodes(&mut browser, "layer");
        for (row, layer) in list(&found, "/layers").iter().enumerate() {
            let (_, parts) = layers.iter().find(|(keys, _)| *keys == [(row + 1).to_string()]).expect("each layer has entries");
            assert_eq!(change(parts), delta(layer), "row {row}");
        }
        let rules = books::nodes(&mut browser, "rule");
        for finding in list(&found, "/findings") {
            let rule = finding["rule"].as_str().expect("a rule");
            let (_, parts) = rules.iter().find(|(keys, _)| *keys == [rule]).expect("each rule is a group");
            assert_eq!(change(parts), delta(finding), "{rule}");
        }
        let files: i64 = books::nodes(&mut browser, "directory")
            .iter()
            .filter(|(keys, _)| keys.join("/") == "app/main")
            .map(|(_, parts)| change(parts)[1])
            .sum();
        let main = list(&found, "/files/list").iter().find(|file| file["path"] == "/app/main").expect("it changed");
        assert_eq!(Some(files), main["content_bytes"].as_i64());
        let disk = signed(found["delta"]["content_bytes"].as_i64().expect("a number"), Unit::Si);
        assert_eq!(browser.text("document.getElementById('total-disk').textContent"), disk);
        assert!(
            browser
                .text("document.querySelector('.lead').textContent")
                .contains(found["summary"].as_str().expect("a sentence").split('`').next().expect("words").trim_end())
        );
        // The last row of each list is the whole.
        for table in ["#layer-table", "#section-findings table", "#kinds-table"] {
            let last =
                browser.text(&format!("[...document.querySelectorAll('{table} tfoot tr')].at(-1).querySelector('td[data-v]').dataset.v"));
            assert_eq!(last, found["delta"]["content_bytes"].to_string(), "{table}");
            let sum = browser.eval(&format!(
                "[...document.querySelector('{table}').rows].slice(1, -1).reduce((all, row) => all + Number([...row.querySelectorAll('td[data-v]')].at(-3).dataset.v), 0)"
            ));
            assert_eq!(sum, found["delta"]["content_bytes"], "{table}");
        }
        for tab in ["layers", "packages", "files", "findings"] {
            browser.go(&page.path, &format!("#{tab}"));
        }
        browser.assert_quiet();
    }
}

#[test]
fn what_grew_and_what_shrank_is_told_apart() {
    let (old, new) = images();
    let page = Page::new(&["diff", old.arg(), new.arg()]);
    let mut browser = page.open("");
    // A kind alone: what only came, grew, shrank or went.
    for (kind, expected) in [("added", 500_000), ("grown", 32_000), ("shrunk", 2_000), ("removed", 309_000)] {
        let off: Vec<&str> = ["added", "grown", "shrunk", "removed"].into_iter().filter(|other| *other != kind).collect();
        browser.go(&page.path, &format!("#map?off={}", off.join(",")));
        assert_eq!(browser.eval("plimsoll.map.values[0]"), expected, "{kind}");
    }
    browser.go(&page.path, "#map?at=app/lib");
    let rows = browser.eval("[...document.querySelectorAll('#node-table tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent).slice(0, 2).join(' '))");
    let rows: Vec<&str> = rows.as_array().expect("rows").iter().filter_map(Value::as_str).collect();
    assert_eq!(rows[..3], ["new +500 kB", "gone −9.00 kB", "a −2.00 kB"]);
    browser.eval("document.getElementById('map-area').focus()");
    browser.key("ArrowRight");
    let tip = browser.text("document.getElementById('tip').textContent");
    assert!(tip.contains("→") && tip.contains("of all that moved"), "{tip}");
    assert!(!page.text().contains("<b>/app"), "instructions are text here too");
    browser.assert_quiet();
}

#[test]
fn two_equal_images() {
    let (old, _) = images();
    let page = Page::new(&["diff", old.arg(), old.arg()]);
    let mut browser = page.open("");
    assert_eq!(browser.text("document.getElementById('total-disk').textContent"), "0 B");
    assert!(browser.text("document.querySelector('.lead').textContent").contains("Unchanged"));
    assert_eq!(browser.eval("plimsoll.map.cells.length"), 0);
    browser.assert_quiet();
}

#[test]
fn a_budget_that_fails_is_told() {
    let (old, new) = images();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let config = directory.path().join("plimsoll.toml");
    for (limit, class) in [("1 kB", "note bad"), ("1 GB", "note")] {
        std::fs::write(&config, format!("[budget]\nmax_disk = \"{limit}\"\n")).expect("a file");
        let page = Page::new(&["diff", old.arg(), new.arg(), "--config", config.to_str().expect("UTF-8")]);
        let mut browser = page.open("");
        assert_eq!(browser.text("document.querySelector('.head .note').className"), class);
        assert!(browser.text("document.querySelector('.head .note').textContent").contains("budget"));
        browser.assert_quiet();
    }
}

/// However the source was typed, its kind is said once.
#[test]
fn sources_are_named_as_in_the_table() {
    let (old, new) = images();
    let typed = [format!("oci:{}", old.arg()), new.arg().to_owned()];
    let page = Page::new(&["diff", &typed[0], &typed[1]]);
    let text = std::fs::read_to_string(&page.path).expect("the page").replace("&#x2f;", "/");
    assert!(!text.contains("oci:oci:"));
    for layout in [&old, &new] {
        assert!(text.contains(&format!("oci:{}", layout.arg())), "{}", layout.arg());
    }
}
