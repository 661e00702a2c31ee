//! The page of all platforms: each in the numbers of its own JSON, and what they share.

use crate::support::{Entry, ImageSpec, Layer, Layout, json};
use crate::{Page, books, list};
use plimsoll::render::size::{Unit, size};
use serde_json::{Value, json as value};
use std::collections::BTreeMap;

/// Three platforms: what they have in common, what two have, what is each one's own, of which one hides a part.
fn image() -> Layout {
    let common = Layer::new(&[Entry::file("etc/common", vec![1; 70_000]), Entry::file("var/lib/apt/lists/x", vec![2; 30_000])]);
    let pair = Layer::new(&[Entry::file("usr/share/pair", vec![3; 50_000])]);
    let own = |byte: u8, size: usize| Layer::new(&[Entry::file("app/<b>main", vec![byte; size])]);
    let hides = Layer::new(&[Entry::whiteout("usr/share/pair")]);
    let layout = Layout::new();
    let lines = ["ADD rootfs.tar /", "COPY pair /usr/share", "COPY main /app", "RUN rm /usr/share/pair"];
    let few = [lines[0], lines[2]];
    let specs = [
        ("amd64", vec![common.clone(), pair.clone(), own(4, 90_000), hides]),
        ("arm64", vec![common.clone(), pair, own(5, 80_000)]),
        ("riscv64", vec![common, own(6, 60_000)]),
    ];
    let one = |(architecture, layers): &(&str, Vec<Layer>)| {
        let mut descriptor = layout.image(&ImageSpec::new(layers).architecture(architecture).created_by(if layers.len() == 2 {
            &few
        } else {
            &lines[..layers.len()]
        }));
        descriptor["platform"] = value!({"os": "linux", "architecture": architecture});
        descriptor
    };
    layout.index(&specs.iter().map(one).collect::<Vec<_>>());
    layout
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

#[test]
fn each_platform_is_its_own_report() {
    let layout = image();
    let reports = json(&[layout.arg(), "--all-platforms"], 0);
    let reports = reports.as_array().expect("reports");
    assert_eq!(reports.len(), 3);
    let page = Page::new(&[layout.arg(), "--all-platforms"]);
    let mut browser = page.open("");
    assert_eq!(browser.text("document.querySelector('[role=tab][aria-selected=true]').id"), "tab-platforms");
    for report in reports {
        let platform = report["image"]["platform"].as_str().expect("a platform");
        let cells = browser.eval(&format!(
            "[...document.querySelectorAll('[data-platform=\"{platform}\"] td')].map((cell) => [Number(cell.dataset.v), cell.textContent])"
        ));
        let expected = [
            list(report, "/layers").len() as u64,
            number(&report["image"]["disk_bytes"]),
            number(&report["image"]["pull_bytes"]),
            number(&report["shadowed"]["content_bytes"]),
            number(&report["hull"]["unneeded"]["content_bytes"]),
            list(report, "/edits").iter().filter(|edit| edit["certain"] == true).count() as u64,
            number(&report["without_edits"]["content_bytes"]),
        ];
        for (at, bytes) in expected.iter().enumerate() {
            assert_eq!(number(&cells[at][0]), *bytes, "{platform}, column {at}");
        }
        let saved = number(&report["totals"]["blob_bytes"]) - number(&report["without_edits"]["blob_bytes"]);
        assert_eq!(number(&cells[7][0]), number(&report["image"]["pull_bytes"]) - saved, "{platform}");
        assert_eq!(cells[1][1], size(expected[1], Unit::Si));
        assert_eq!(cells[2][1], size(expected[2], Unit::Si));
        // Its tree is the image.
        books::assert_sums(&mut browser, platform);
        let top = books::nodes(&mut browser, platform).swap_remove(0).1;
        for (measure, name) in ["entries", "content_bytes", "diff_bytes", "blob_bytes"].iter().enumerate() {
            let sum: u64 = (0..4).map(|part| top[part * 4 + measure]).sum();
            assert_eq!(sum, number(&report["totals"][name]), "{platform}, {name}");
            assert_eq!(top[12 + measure], number(&report["shadowed"][name]), "{platform}, {name}");
        }
        // Its layers are chosen by their own numbers.
        for layer in list(report, "/layers").iter().filter(|layer| layer["entries"] != 0) {
            browser.go(&page.path, &format!("#map?by={platform}&layers={}", number(&layer["index"]) + 1));
            assert_eq!(browser.eval("plimsoll.map.tree.all(0, 1)"), layer["content_bytes"], "{platform}");
            assert_eq!(browser.eval("plimsoll.map.tree.part(0, 3, 3)"), layer["shadowed"]["blob_bytes"], "{platform}");
        }
        // What is told of a node is of this platform's layers.
        browser.go(&page.path, &format!("#map?by={platform}&at=app"));
        assert_eq!(browser.text("plimsoll.map.tree.path(plimsoll.map.at)"), "/app");
        let layers =
            browser.eval("plimsoll.data.sets[plimsoll.map.tree.sets[plimsoll.map.at]].map((layer) => plimsoll.data.layers[layer].text)");
        assert_eq!(layers, value!(["COPY main /app"]).clone(), "{platform}");
    }
    // Each platform's own lists, one after the other.
    for (section, pointer, selector) in
        [("layers", "/layers", "tbody tr"), ("edits", "/edits", "article"), ("findings", "/findings", ".finding")]
    {
        let found = browser.eval(&format!(
            "[...document.querySelectorAll('#section-{section} > div')].map((part) => part.querySelectorAll('{selector}').length)"
        ));
        let expected: Vec<usize> = reports.iter().map(|report| list(report, pointer).len()).collect();
        assert_eq!(found, value!(expected), "{section}");
    }
    browser.assert_quiet();
}

#[test]
fn what_platforms_share_is_what_their_reports_have_in_common() {
    let layout = image();
    let reports = json(&[layout.arg(), "--all-platforms"], 0);
    // By digest: in how many platforms, and its size.
    let mut blobs: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for layer in reports.as_array().expect("reports").iter().flat_map(|report| list(report, "/layers")) {
        let blob = number(&layer["blob_bytes"]) + number(&layer["overhead"]["blob_bytes"]);
        let entry = blobs.entry(layer["digest"].as_str().expect("a digest")).or_insert((0, number(&layer["content_bytes"]), blob));
        entry.0 += 1;
    }
    let shared: Vec<_> = blobs.values().filter(|(times, ..)| *times > 1).collect();
    assert_eq!(shared.len(), 2);
    let page = Page::new(&[layout.arg(), "--all-platforms"]);
    let mut browser = page.open("");
    let rows = browser.eval("[...document.querySelectorAll('#shared-table tbody td[data-v]')].map((cell) => Number(cell.dataset.v))");
    let mut expected: Vec<_> = shared.iter().map(|(times, disk, blob)| (*blob, *times, *disk)).collect();
    expected.sort_by_key(|row| std::cmp::Reverse(*row));
    let expected: Vec<u64> = expected.iter().flat_map(|(blob, times, disk)| [*times, *disk, *blob]).collect();
    assert_eq!(rows, value!(expected));
    let once: u64 = blobs.values().map(|(.., blob)| blob).sum();
    assert_eq!(browser.text("document.getElementById('stored-once').textContent"), size(once, Unit::Si));
    browser.assert_quiet();
}

#[test]
fn links_searches_and_switches_stay_within_a_platform() {
    let layout = image();
    let page = Page::new(&[layout.arg(), "--all-platforms"]);
    let text = page.text();
    assert!(!text.contains("<b>main"));
    let mut browser = page.open("#map");
    assert_eq!(browser.text("document.querySelector('[data-switch=by]:checked').value"), "linux/amd64");
    browser.press("[data-switch=by][value=\"linux/riscv64\"]");
    assert_eq!(browser.text("location.hash"), "#map?by=linux/riscv64");
    assert_eq!(browser.eval("plimsoll.map.values[0]"), 160_000);
    browser.go(&page.path, "#map?by=linux/arm64&find=pair");
    assert!(browser.text("document.querySelector('#found caption').textContent").starts_with("1 match: 50.0 kB on disk"));
    // Links lead to what they name, and those of layers and rules, which the map does not have, are none.
    browser.go(&page.path, "#findings");
    let wrong = browser.eval(
        "[...document.querySelectorAll('main a[href^=\"#map?\"]')].filter((link) => { const to = new URLSearchParams(link.hash.split('?')[1]); \
         const tree = plimsoll.forest(to.get('by')); const keys = to.get('at').split('/').filter(Boolean).map(decodeURIComponent); \
         return tree.way(tree.find(keys)).length !== keys.length; }).map((link) => link.hash)",
    );
    assert_eq!(wrong, value!([]));
    assert!(browser.eval("document.querySelectorAll('main a[href^=\"#map?\"]').length").as_u64() > Some(3));
    for scheme in ["light", "dark"] {
        browser.media(scheme);
        for tab in ["platforms", "map", "layers", "edits", "findings", "packages", "notes"] {
            browser.go(&page.path, &format!("#{tab}"));
            assert_eq!(browser.eval(crate::access::CONTRAST)["bad"], value!([]), "{scheme}, {tab}");
        }
    }
    for width in [360, 800, 1600] {
        browser.size(width, 800);
        for tab in ["platforms", "map", "layers", "edits", "findings", "packages", "notes"] {
            browser.go(&page.path, &format!("#{tab}"));
            let wide = number(&browser.eval("document.documentElement.scrollWidth"));
            assert!(wide <= u64::from(width), "{tab} is {wide} wide in {width}");
        }
    }
    let double = browser
        .eval("document.querySelectorAll('[id]').length - new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size");
    assert_eq!(double, 0);
    browser.assert_quiet();
}

/// More platforms than the map has room for: the tables have all of them.
#[test]
fn of_many_platforms_the_tables_have_all() {
    let layout = Layout::new();
    let one = |number: u8| {
        let architecture = format!("</script>{number}");
        let layer = Layer::new(&[Entry::file("app/main", vec![number; 1000 + usize::from(number)])]);
        let mut descriptor = layout.image(&ImageSpec::new(&[layer]).architecture(&architecture));
        descriptor["platform"] = value!({"os": "linux", "architecture": architecture});
        descriptor
    };
    layout.index(&(0..30).map(one).collect::<Vec<_>>());
    let page = Page::new(&[layout.arg(), "--all-platforms"]);
    assert_eq!(page.text().matches("</script").count(), 2);
    let mut browser = page.open("#map");
    assert_eq!(browser.eval("document.querySelectorAll('[data-switch=by]').length"), 24);
    assert_eq!(browser.eval("document.querySelectorAll('#platform-table tbody tr').length"), 30);
    assert!(browser.text("document.getElementById('section-platforms').textContent").contains("first 24 platforms"));
    let wide = number(&browser.eval("document.documentElement.scrollWidth"));
    assert!(wide <= 1200, "{wide}");
    browser.assert_quiet();
}
