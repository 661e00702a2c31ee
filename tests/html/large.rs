//! An image of 200,000 files: the page stays small, and no byte is lost.

use crate::support::{Entry, ImageSpec, Layer, Layout, json};
use crate::{Page, books};
use std::time::Instant;

const FILES: usize = 200_000;

/// Files of many sizes in 2,000 directories, one in eight of them stored again by a second layer.
fn image() -> Layout {
    let name = |number: usize| format!("srv/{:02}/{:02}/file-{number}.js", number % 40, number / 40 % 50);
    let size = |number: usize| if number.is_multiple_of(4) { number * 7919 % 1500 } else { 0 };
    let entries: Vec<Entry> = (0..FILES).map(|number| Entry::file(name(number), vec![number as u8; size(number)])).collect();
    let again: Vec<Entry> =
        (0..FILES).step_by(8).map(|number| Entry::file(name(number), vec![number as u8; size(number)]).owner(7, 7)).collect();
    let layers = [Layer::new(&entries), Layer::new(&again)];
    Layout::of(&ImageSpec::new(&layers).created_by(&["COPY . /srv", "RUN chown -R 7:7 /srv"]))
}

#[test]
#[expect(clippy::print_stdout, reason = "figures for people, which no test may depend on")]
fn what_is_too_small_is_folded_and_counted() {
    let layout = image();
    let report = json(&[layout.arg()], 0);
    assert_eq!(report["totals"]["entries"], FILES + FILES / 8);
    let page = Page::new(&[layout.arg()]);
    let bytes = std::fs::metadata(&page.path).expect("a page").len();
    assert!(bytes < 3_000_000, "{bytes} bytes");
    let begin = Instant::now();
    let mut browser = page.open("");
    let loaded = begin.elapsed();
    let mut all = 0;
    for tree in ["directory", "package", "layer", "rule"] {
        books::assert_sums(&mut browser, tree);
        let nodes = books::nodes(&mut browser, tree);
        all += nodes.len();
        let top = &nodes[0].1;
        for (measure, name) in ["entries", "content_bytes", "diff_bytes", "blob_bytes"].iter().enumerate() {
            let sum: u64 = (0..4).map(|part| top[part * 4 + measure]).sum();
            assert_eq!(Some(sum), report["totals"][name].as_u64(), "{tree}, {name}");
            assert_eq!(Some(top[12 + measure]), report["shadowed"][name].as_u64(), "{tree}, {name}");
        }
    }
    assert!((5_000..40_000).contains(&all), "{all} nodes");
    let folded = browser.eval("plimsoll.data.folded.directory").as_u64().expect("a number");
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
