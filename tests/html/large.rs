//! An image of 200,000 files: the page stays small, and no byte is lost.

use crate::browser::Browser;
use crate::support::{Entry, ImageSpec, Layer, Layout, json};
use crate::{Page, books};
use std::time::Instant;

const FILES: usize = 200_000;

/// Files of many sizes in 2,000 directories, one in eight of them stored again by a second layer.
pub(crate) fn image(files: usize) -> Layout {
    grown(files, 0)
}

/// The same with every fifth file larger by so much.
fn grown(files: usize, by: usize) -> Layout {
    let name = |number: usize| format!("srv/{:02}/{:02}/file-{number}.js", number % 40, number / 40 % 50);
    let size = |number: usize| {
        let more = if number.is_multiple_of(5) { by } else { 0 };
        more + if number.is_multiple_of(4) { number * 7919 % 1500 } else { 0 }
    };
    let entries: Vec<Entry> = (0..files).map(|number| Entry::file(name(number), vec![number as u8; size(number)])).collect();
    let again: Vec<Entry> =
        (0..files).step_by(8).map(|number| Entry::file(name(number), vec![number as u8; size(number)]).owner(7, 7)).collect();
    let layers = [Layer::new(&entries), Layer::new(&again)];
    Layout::of(&ImageSpec::new(&layers).created_by(&["COPY . /srv", "RUN chown -R 7:7 /srv"]))
}

#[test]
#[expect(clippy::print_stdout, reason = "figures for people, which no test may depend on")]
fn what_is_too_small_is_folded_and_counted() {
    let layout = image(FILES);
    let report = json(&[layout.arg()], 0);
    assert_eq!(report["totals"]["entries"], FILES + FILES / 8);
    let page = Page::new(&[layout.arg()]);
    let bytes = std::fs::metadata(&page.path).expect("a page").len();
    assert!(bytes < 3_000_000, "{bytes} bytes");
    let begin = Instant::now();
    let mut browser = page.open("");
    let loaded = begin.elapsed();
    let mut all = 0;
    let sums = |browser: &mut Browser, tree: &str| {
        books::assert_sums(browser, tree);
        let top = browser.eval(&format!("[...plimsoll.forest({tree:?}).books.subarray(0, 16)].map(String)"));
        let at = |index: usize| top[index].as_str().and_then(|digits| digits.parse::<u64>().ok()).expect("a number");
        for (measure, name) in ["entries", "content_bytes", "diff_bytes", "blob_bytes"].iter().enumerate() {
            let sum: u64 = (0..4).map(|part| at(part * 4 + measure)).sum();
            assert_eq!(Some(sum), report["totals"][name].as_u64(), "{tree}, {name}");
            assert_eq!(Some(at(12 + measure)), report["shadowed"][name].as_u64(), "{tree}, {name}");
        }
        browser.eval(&format!("plimsoll.forest({tree:?}).length")).as_u64().expect("a number")
    };
    for tree in ["package", "layer", "rule"] {
        all += sums(&mut browser, tree);
    }
    assert!((2_000..40_000).contains(&all), "{all} nodes");
    // What is cut in the page itself is there soon after, to the last file.
    browser.eval("plimsoll.ready");
    assert_eq!(browser.eval("plimsoll.forest('directory').folded"), 0);
    assert!(sums(&mut browser, "directory") > FILES as u64);
    assert_eq!(browser.text("document.getElementById('folded').textContent"), "");
    // Of either layer alone, in what is packed and in what is folded.
    for (number, layer) in report["layers"].as_array().expect("layers").iter().enumerate() {
        for tree in ["directory", "package", "layer", "rule"] {
            browser.go(&page.path, &format!("#map?by={tree}&layers={}", number + 1));
            browser.eval("plimsoll.ready");
            for (measure, name) in ["entries", "content_bytes", "diff_bytes", "blob_bytes"].iter().enumerate() {
                let sum = browser.eval(&format!("plimsoll.map.tree.all(0, {measure})"));
                assert_eq!(sum.as_u64(), layer[name].as_u64(), "{tree}, layer {number}, {name}");
            }
        }
    }
    browser.go(&page.path, "#map?by=layer");
    browser.eval("plimsoll.ready");
    let folded = browser.eval("plimsoll.data.folded.layer").as_u64().expect("a number");
    assert!(folded > 150_000, "{folded}");
    let told = browser.text("document.getElementById('map-help').textContent");
    assert!(told.contains(&plimsoll::render::size::count(folded)) && told.contains("folded"), "{told}");
    let frame = "(() => { const begin = performance.now(); plimsoll.map.area.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' })); return performance.now() - begin; })()";
    let frame = browser.eval(frame).as_f64().unwrap_or_default();
    browser.go(&page.path, "#map?at=srv/07");
    assert_eq!(browser.text("plimsoll.map.tree.path(plimsoll.map.at)"), "/srv/07");
    browser.assert_quiet();
    println!("{bytes} bytes, {all} nodes, {folded} entries folded; stands after {loaded:?}, a step takes {frame:.1} ms");
}

/// Waits for a search to end.
fn found(browser: &mut Browser) {
    browser.eval("new Promise((done) => { const look = () => (plimsoll.map.matches ? done(1) : setTimeout(look, 20)); look(); })");
}

/// A search tells what `plimsoll files` lists, down to the last empty file.
#[test]
fn a_search_finds_what_is_folded() {
    let layout = image(30_000);
    let outcome = crate::support::run(&["files", layout.arg(), "--format", "json"]);
    let files = outcome.json();
    let page = Page::new(&[layout.arg()]);
    let mut browser = page.open("");
    browser.eval("plimsoll.ready");
    for (words, is_wanted) in [
        ("*7.js", Box::new(|path: &str| path.ends_with("7.js")) as Box<dyn Fn(&str) -> bool>),
        ("re:file-1234?[.]js$", Box::new(|path| path.ends_with("file-1234.js") || path.ends_with("file-123.js"))),
        ("/49/file-1999", Box::new(|path: &str| path.contains("/49/file-1999"))),
        ("/srv/03/*/*", Box::new(|path| path.starts_with("/srv/03/"))),
    ] {
        let wanted = files.as_array().expect("entries").iter().filter(|entry| is_wanted(entry["path"].as_str().expect("a path")));
        let (mut paths, mut disk, mut pull) = (std::collections::BTreeSet::new(), 0, 0);
        for entry in wanted {
            paths.insert(entry["path"].as_str().expect("a path"));
            disk += entry["content_bytes"].as_u64().expect("bytes");
            pull += entry["blob_bytes"].as_u64().expect("bytes");
        }
        assert!(!paths.is_empty(), "{words}");
        let hash = browser.text(&format!("plimsoll.address({{ ...plimsoll.parseAddress(), find: {words:?} }})"));
        browser.go(&page.path, &hash);
        browser.eval("plimsoll.ready");
        found(&mut browser);
        let found = browser.eval(&format!(
            "(() => {{ const tree = plimsoll.forest('directory'); const found = plimsoll.search(tree, {words:?}); \
             const sum = (measure) => found.reduce((all, node) => all + tree.all(node, measure), 0); return [found.length, sum(1), sum(3)]; }})()"
        ));
        assert_eq!(found, serde_json::json!([paths.len(), disk, pull]), "{words}");
        let told = browser.text("document.querySelector('#found caption').textContent");
        let size = |bytes| plimsoll::render::size::size(bytes, plimsoll::render::size::Unit::Si);
        let matches = plimsoll::render::size::plural(paths.len() as u64, "match", "matches");
        assert_eq!(told, format!("{matches}: {} on disk, {} to pull", size(disk), size(pull)));
        assert!(!browser.text("document.getElementById('found').textContent").contains("Not searched"));
    }
    // By layer not all of them are listed, and that is said.
    browser.go(&page.path, "#map?by=layer&find=file-12345.js");
    browser.eval("plimsoll.ready");
    found(&mut browser);
    let told = browser.text("document.getElementById('found').textContent");
    assert!(told.contains("Nothing that is listed") && told.contains("Not searched: "), "{told}");
    browser.press("#found a");
    found(&mut browser);
    assert!(browser.text("document.querySelector('#found caption').textContent").starts_with("1 match: "));
    browser.assert_quiet();
}

/// A browser that cannot unpack says what it leaves out, and how it is found.
#[test]
fn without_unpacking_it_is_said() {
    let layout = image(30_000);
    let page = Page::new(&[layout.arg()]);
    let mut browser = Browser::new();
    browser.call("Page.addScriptToEvaluateOnNewDocument", &serde_json::json!({"source": "delete globalThis.DecompressionStream;"}));
    browser.go(&page.path, "#map?find=file-12345.js");
    browser.eval("plimsoll.ready");
    found(&mut browser);
    let told = browser.text("document.getElementById('found').textContent");
    let folded = browser.eval("plimsoll.data.folded.directory").as_u64().expect("a number");
    assert!(told.contains(&format!("Not searched: {} entries", plimsoll::render::size::count(folded))), "{told}");
    assert!(told.contains("plimsoll files IMAGE --path"), "{told}");
    browser.assert_quiet();
}

/// In a change as well.
#[test]
fn a_search_of_a_change_finds_what_is_folded() {
    let (old, new) = (image(20_000), grown(20_000, 33));
    let change = json(&["diff", old.arg(), new.arg(), "--top", "0"], 0);
    let wanted = change["files"]["list"]
        .as_array()
        .expect("files")
        .iter()
        .filter(|file| file["path"].as_str().is_some_and(|path| path.ends_with("5.js")));
    let expected: i64 = wanted.map(|file| file["content_bytes"].as_i64().expect("bytes")).sum();
    assert!(expected > 33 * 1000, "{expected}");
    let page = Page::new(&["diff", old.arg(), new.arg()]);
    let mut browser = page.open("#map?find=*5.js");
    browser.eval("plimsoll.ready");
    found(&mut browser);
    assert!(browser.eval("plimsoll.data.folded.directory").as_u64() > Some(10_000));
    books::assert_sums(&mut browser, "directory");
    let shown = plimsoll::render::size::signed(expected, plimsoll::render::size::Unit::Si);
    assert!(browser.text("document.querySelector('#found caption').textContent").starts_with(&format!("2,000 matches: {shown} on disk")));
    browser.assert_quiet();
}
