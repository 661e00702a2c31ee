//! The picture (SVG): its areas are the JSON's bytes, and whatever an image is called it is text.

use crate::browser::Browser;
use crate::support::{Entry, ImageSpec, Layer, Layout, Outcome, json, plimsoll};
use crate::{Page, demo, hostile, large, list};
use plimsoll::render::size::{Unit, percent, size};
use serde_json::{Value, json as value};

/// The picture of what `plimsoll ARGS --format svg` writes.
#[track_caller]
fn picture(args: &[&str]) -> Page {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("picture.svg");
    let output = format!("svg={}", path.display());
    Outcome::of(plimsoll().args(args).args(["--output", &output])).assert_status(0);
    Page { _directory: directory, path }
}

/// The kind of a rectangle, and its x, y, width and height.
type Rect = (String, [f64; 4]);

/// Of each cell its bytes, and the rectangles in it.
fn cells(browser: &mut Browser) -> Vec<(u64, Vec<Rect>)> {
    let found = browser.eval(
        "[...document.querySelectorAll('g[data-bytes]')].map((cell) => [Number(cell.dataset.bytes), [...cell.querySelectorAll(':scope > rect')] \
         .map((rect) => [rect.getAttribute('class'), ['x', 'y', 'width', 'height'].map((name) => rect[name].baseVal.value)])])",
    );
    let rect = |rect: &Value| {
        let at = |index: usize| rect[1][index].as_f64().expect("a number");
        (rect[0].as_str().expect("a kind").to_owned(), [at(0), at(1), at(2), at(3)])
    };
    let cell = |cell: &Value| (cell[0].as_u64().expect("bytes"), list(cell, "/1").iter().map(rect).collect());
    found.as_array().expect("cells").iter().map(cell).collect()
}

/// Bytes and areas of a picture are those of the report.
#[track_caller]
fn assert_exact(browser: &mut Browser, report: &Value) -> usize {
    let cells = cells(browser);
    let total = report["totals"]["content_bytes"].as_u64().expect("bytes");
    assert_eq!(cells.iter().map(|cell| cell.0).sum::<u64>(), total);
    let area = |rect: &[f64; 4]| rect[2] * rect[3];
    let all: f64 = cells.iter().flat_map(|cell| &cell.1).map(|rect| area(&rect.1)).sum();
    for (bytes, rects) in &cells {
        let found: f64 = rects.iter().map(|rect| area(&rect.1)).sum();
        let expected = all * *bytes as f64 / total as f64;
        // Coordinates have two decimals.
        let most = 0.006 * rects.iter().map(|rect| rect.1[2] + rect.1[3]).sum::<f64>() + 0.001 * expected;
        assert!((found - expected).abs() <= most, "{bytes}: {found} and {expected}");
        for (_, [x, y, w, h]) in rects {
            assert!(*x > 23.9 && *y > 175.9 && x + w < 1176.1 && y + h < 716.1, "{x} {y} {w} {h}");
        }
    }
    let kinds = [("base", "/hull/base"), ("own", "/hull/own"), ("unneeded", "/hull/unneeded"), ("hidden", "/shadowed")];
    for (kind, pointer) in kinds {
        let found: f64 = cells.iter().flat_map(|cell| &cell.1).filter(|rect| rect.0 == kind).map(|rect| area(&rect.1)).sum();
        let bytes = report.pointer(pointer).and_then(|sum| sum["content_bytes"].as_u64()).expect("bytes");
        assert!((found / all - bytes as f64 / total as f64).abs() < 0.001, "{kind}");
    }
    // None covers another.
    let rects: Vec<[f64; 4]> = cells.iter().flat_map(|cell| cell.1.iter().map(|rect| rect.1)).collect();
    for (at, [x, y, w, h]) in rects.iter().enumerate() {
        for [left, top, width, height] in &rects[..at] {
            let across = (x + w).min(left + width) - x.max(*left);
            let down = (y + h).min(top + height) - y.max(*top);
            assert!(across < 0.03 || down < 0.03, "{across} {down}");
        }
    }
    cells.len()
}

/// Every text begins where it is seen, and what is too long is cut or clipped.
#[track_caller]
fn assert_inside(browser: &mut Browser) {
    let outside = browser.eval(
        "[...document.querySelectorAll('text')].filter((text) => { const own = text.closest('svg'); \
         if (own !== document.documentElement) return getComputedStyle(own).overflow !== 'hidden' || Number(text.getAttribute('y')) > own.height.baseVal.value; \
         const box = text.getBBox(); return box.x < 0 || box.x + box.width > 1200 || box.y + box.height > 796; }).map((text) => text.textContent)",
    );
    assert_eq!(outside, value!([]));
}

#[test]
fn its_areas_are_the_bytes_of_the_image() {
    let layout = large::image(20_000);
    for image in [demo(), layout.arg()] {
        for without in [None, Some("certain")] {
            let mut args = vec![image];
            args.extend(without.iter().flat_map(|what| ["--without", what]));
            if without.is_some() && image != demo() {
                continue;
            }
            let report = json(&args, 0);
            let page = picture(&args);
            let mut browser = page.open("");
            let cells = assert_exact(&mut browser, &report);
            assert!((5..200).contains(&cells), "{cells} cells");
            assert!(page.text().len() < 100_000, "{} bytes", page.text().len());
            assert_inside(&mut browser);
            let heading = browser.text("document.querySelector('g.w').textContent");
            let at = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64).expect("bytes");
            let hidden = percent(at("/shadowed/content_bytes"), at("/totals/content_bytes"));
            for figure in [
                format!("{} on disk", size(at("/image/disk_bytes"), Unit::Si)),
                format!("{} to pull", size(at("/image/pull_bytes"), Unit::Si)),
                format!("{hidden} hidden by later layers"),
            ] {
                assert!(heading.contains(&figure), "{figure} in {heading}");
                assert!(browser.text("document.querySelector('title').textContent").contains(&figure));
            }
            assert_eq!(heading.contains("a prediction"), without.is_some(), "{heading}");
            browser.assert_quiet();
        }
    }
}

#[test]
fn it_can_be_read_in_light_and_dark_and_small() {
    let page = picture(&[demo()]);
    let mut browser = page.open("");
    let names = "[document.documentElement.getAttribute('role'), ...document.documentElement.getAttribute('aria-labelledby').split(' ').map((id) => document.getElementById(id).nodeName)]";
    assert_eq!(browser.eval(names), value!(["img", "title", "desc"]));
    let look = "['.page', '.t', '.own', '.hidden-fill'].map((name) => getComputedStyle(document.querySelector(name)).fill)";
    let light = browser.eval(look);
    browser.media("dark");
    let dark = browser.eval(look);
    for at in 0..4 {
        assert_ne!(light[at], dark[at]);
    }
    let shown = "['w', 'n'].map((name) => getComputedStyle(document.querySelector(`g.${name}`)).display)";
    assert_eq!(browser.eval(shown), value!(["inline", "none"]));
    browser.size(400, 300);
    assert_eq!(browser.eval(shown), value!(["none", "inline"]));
    assert_inside(&mut browser);
    // As large on the screen as it has to be.
    let sizes = browser
        .eval("[...document.querySelectorAll('g.n text, svg.n text')].map((text) => parseFloat(getComputedStyle(text).fontSize) / 3)");
    assert!(list(&sizes, "").iter().all(|pixels| pixels.as_f64() > Some(9.0)), "{sizes}");
    browser.assert_quiet();
}

#[test]
fn every_name_is_text_there_too() {
    let layout = hostile::image();
    let title = "</title><script>window.pwned=1</script>\u{202e}&\"'\u{ffff}";
    for args in [vec![layout.arg()], vec![layout.arg(), "--title", title]] {
        let page = picture(&args);
        let text = page.text();
        assert!(!text.contains(hostile::SECRET));
        assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{2028}', '\u{2029}', '\x1b', '\r', '\x07', '\u{ffff}']));
        assert!(!text.contains("http") || text.matches("http").count() == text.matches("http://www.w3.org/2000/svg").count());
        let mut browser = page.open("");
        assert_eq!(browser.text("document.documentElement.nodeName"), "svg");
        assert_eq!(browser.eval("document.querySelectorAll('parsererror').length"), 0);
        let known = "[...new Set([...document.querySelectorAll('*')].map((node) => node.nodeName))].sort().join()";
        assert_eq!(browser.text(known), "defs,desc,g,path,pattern,rect,style,svg,text,title,tspan");
        let attributes = "[...document.querySelectorAll('*')].flatMap((node) => [...node.attributes].map((one) => one.name)).filter((name) => name.startsWith('on') || name.includes('href') || name === 'style')";
        assert_eq!(browser.eval(attributes), value!([]));
        // Each is told by its own name.
        let told = browser.text("[...document.querySelectorAll('g > title')].map((title) => title.textContent).join('\\n')");
        for (_, shown) in hostile::names().iter().filter(|(name, _)| name.len() < 200) {
            assert!(told.contains(&format!("/app/{shown}: ")), "{shown:?} in {told}");
        }
        assert_eq!(browser.eval("typeof window.pwned"), "undefined");
        assert_inside(&mut browser);
        browser.assert_quiet();
    }
}

#[test]
fn odd_images_have_a_picture_too() {
    let none = Layout::of(&ImageSpec::new(&[Layer::new(&[Entry::file("empty", Vec::new())])]));
    let page = picture(&[none.arg()]);
    let mut browser = page.open("");
    assert!(browser.text("document.documentElement.textContent").contains("No file has content."));
    browser.assert_quiet();
    // Each directory has a file of some size and one more directory; names are as long as they may be.
    let mut path = String::new();
    let entries: Vec<Entry> = (0..400)
        .map(|_| {
            path.push_str("long-name/");
            Entry::file(format!("{path}f"), vec![1; 700])
        })
        .collect();
    let wide = Entry::file("\u{65e5}".repeat(80), vec![2; 300_000]);
    let deep = Layout::of(&ImageSpec::new(&[Layer::new(&entries), Layer::new(&[wide])]));
    let report = json(&[deep.arg()], 0);
    let page = picture(&[deep.arg(), "--bytes"]);
    let mut browser = page.open("");
    assert_exact(&mut browser, &report);
    assert_inside(&mut browser);
    assert!(page.text().len() < 100_000, "{} bytes", page.text().len());
    browser.assert_quiet();
}

#[test]
fn what_it_is_called_is_chosen() {
    let title = "Nightly <b>&amp; \"more\"";
    let page = Page::new(&[demo(), "--title", title]);
    let mut browser = page.open("");
    assert_eq!(browser.text("document.title"), title);
    assert_eq!(browser.text("document.querySelector('.given').textContent"), title);
    assert_eq!(browser.text("document.querySelector('h1').textContent"), "demo/app:1", "the image is still named");
    browser.assert_quiet();
    let page = Page::demo();
    let mut browser = page.open("");
    assert_eq!(browser.text("document.title"), "demo/app:1 – plimsoll");
    assert_eq!(browser.eval("document.querySelectorAll('.given').length"), 0);
    for args in [vec!["diff", demo(), demo()], vec!["check", demo(), "--max-disk", "1GB"], vec![demo(), "--all-platforms"]] {
        let page = Page::new(&[args.as_slice(), &["--title", title]].concat());
        let mut browser = page.open("");
        assert_eq!(browser.text("document.title"), title, "{args:?}");
    }
    let page = picture(&[demo(), "--title", title]);
    let mut browser = page.open("");
    assert!(browser.text("document.querySelector('title').textContent").starts_with(&format!("{title}: 15.0 MB on disk")));
    assert!(browser.text("document.querySelector('g.w').textContent").starts_with(title));
}
