//! Coming closer: by wheel with Ctrl, by keys, and by dragging.

use crate::Page;
use crate::browser::Browser;

/// A file of the demo that lies some directories down, in the middle of its cell.
fn deep(browser: &mut Browser) -> (f64, f64, String) {
    let found = browser.eval(
        "(() => { const { map } = plimsoll; const box = map.area.getBoundingClientRect(); const cell = map.cells.findLast((cell) => cell.leaf && !map.tree.kids[cell.node].length && cell.depth > 2 && cell.w > 12 && cell.h > 12); \
         return [box.left + cell.x + cell.w / 2, box.top + cell.y + cell.h / 2, map.tree.path(cell.node)]; })()",
    );
    let at = |index: usize| found[index].as_f64().expect("a place");
    (at(0), at(1), found[2].as_str().expect("a path").to_owned())
}

/// What lies innermost at a place of the window.
fn under(browser: &mut Browser, (x, y): (f64, f64)) -> String {
    browser.text(&format!(
        "(() => {{ const {{ map }} = plimsoll; const box = map.area.getBoundingClientRect(); const [x, y] = [{x} - box.left, {y} - box.top]; \
         const cell = map.cells.findLast((cell) => x >= cell.x && x < cell.x + cell.w && y >= cell.y && y < cell.y + cell.h); \
         return cell ? map.tree.path(cell.node) : ''; }})()"
    ))
}

fn at(browser: &mut Browser) -> String {
    browser.text("plimsoll.map.tree.path(plimsoll.map.at)")
}

fn scrolled(browser: &mut Browser) -> f64 {
    browser.eval("scrollY").as_f64().expect("a number")
}

#[test]
fn a_wheel_scrolls_and_with_control_comes_closer() {
    let page = Page::demo();
    let mut browser = page.open("");
    let (x, y, path) = deep(&mut browser);
    browser.wheel((x, y), 100, false);
    browser.eval("new Promise((done) => { const look = () => (scrollY > 0 ? done(1) : setTimeout(look, 20)); look(); })");
    assert_eq!(browser.eval("plimsoll.map.view"), serde_json::Value::Null, "the wheel alone is the page's");
    browser.eval("scrollTo(0, 0)");
    browser.settle();
    let begun = browser.eval("history.length");
    let mut ways = vec![at(&mut browser)];
    for _ in 0..14 {
        browser.wheel((x, y), -100, true);
        assert_eq!(under(&mut browser, (x, y)), path, "what is pointed at stays there");
        let now = at(&mut browser);
        if ways.last() != Some(&now) {
            // Gone into: the address, the way and the table are of what fills the map.
            assert!(path.starts_with(&now), "{now}");
            assert_eq!(
                browser.text("document.querySelector('#crumbs [aria-current]').textContent"),
                now.rsplit('/').next().expect("a name")
            );
            assert!(browser.text("decodeURIComponent(decodeURIComponent(location.hash))").ends_with(now.trim_start_matches('/')));
            ways.push(now);
        }
    }
    assert!(ways.len() > 2, "{ways:?}");
    assert!(scrolled(&mut browser).abs() < 0.5, "the page stayed where it was");
    assert_eq!(browser.eval("history.length"), begun, "Back goes to what was before");
    assert_eq!(browser.eval("document.getElementById('unzoom').hidden"), false);
    // And out again to the whole image.
    for _ in 0..60 {
        browser.wheel((x, y), 100, true);
        browser.eval("new Promise((done) => setTimeout(done, 60))");
    }
    assert_eq!(at(&mut browser), "/");
    assert_eq!(browser.eval("plimsoll.map.view"), serde_json::Value::Null);
    assert_eq!(browser.text("location.hash"), "#map");
    assert_eq!(browser.eval("document.getElementById('unzoom').hidden"), true);
    browser.assert_quiet();
}

#[test]
fn what_is_close_can_be_moved() {
    let page = Page::demo();
    let mut browser = page.open("");
    let (x, y, _) = deep(&mut browser);
    browser.drag((x, y), (-60.0, -40.0));
    assert_eq!(browser.eval("plimsoll.map.view"), serde_json::Value::Null, "all of it is in sight");
    browser.press("#crumbs button, #tab-map");
    browser.go(&page.path, "#map");
    for _ in 0..2 {
        browser.wheel((x, y), -100, true);
    }
    let hash = browser.text("location.hash");
    let place = |browser: &mut Browser| {
        let view = browser.eval("[plimsoll.map.view.x, plimsoll.map.view.y]");
        [view[0].as_f64().expect("a number"), view[1].as_f64().expect("a number")]
    };
    let before = place(&mut browser);
    let pointed = under(&mut browser, (x, y));
    browser.drag((x, y), (-60.0, -40.0));
    let after = place(&mut browser);
    assert!((before[0] - 60.0 - after[0]).abs() < 0.5 && (before[1] - 40.0 - after[1]).abs() < 0.5, "{before:?} {after:?}");
    assert_eq!(under(&mut browser, (x - 60.0, y - 40.0)), pointed, "it went along");
    assert_eq!(browser.text("location.hash"), hash, "the end of it is no click");
    assert_eq!(browser.eval("document.getElementById('tip').classList.contains('pinned')"), false);
    // Never beyond an edge.
    let corner = browser.eval("(() => { const box = plimsoll.map.area.getBoundingClientRect(); return [box.left + 20, box.top + 20]; })()");
    let corner = (corner[0].as_f64().expect("a number"), corner[1].as_f64().expect("a number"));
    for _ in 0..6 {
        browser.drag(corner, (300.0, 200.0));
    }
    assert!(place(&mut browser).iter().all(|at| at.abs() < 0.01));
    browser.press("#unzoom");
    assert_eq!(browser.eval("plimsoll.map.view"), serde_json::Value::Null);
    // Then a click is a click again.
    browser.click(x, y);
    assert!(browser.text("location.hash") != hash || browser.eval("document.getElementById('tip').classList.contains('pinned')") == true);
    browser.assert_quiet();
}

#[test]
fn keys_come_closer_too() {
    let page = Page::demo();
    let mut browser = page.open("");
    browser.eval("document.getElementById('map-area').focus()");
    let label = "plimsoll.map.cells[plimsoll.map.focus]?.label ?? ''";
    let first = browser.text(label);
    browser.key("+");
    assert!(browser.eval("plimsoll.map.view.w").as_f64() > browser.eval("plimsoll.map.area.clientWidth").as_f64());
    assert_eq!(browser.text(label), first, "what had the focus has it");
    assert!(browser.text("document.getElementById('told').textContent").contains("closer"));
    let x = browser.eval("plimsoll.map.view.x").as_f64();
    for _ in 0..8 {
        browser.key("ArrowRight");
    }
    assert!(browser.eval("plimsoll.map.view.x").as_f64() < x, "beyond the last cell the map moves");
    browser.key("-");
    browser.key("-");
    assert_eq!(browser.eval("plimsoll.map.view"), serde_json::Value::Null);
    browser.key("+");
    browser.key("0");
    assert_eq!(browser.eval("plimsoll.map.view"), serde_json::Value::Null);
    browser.key("+");
    browser.key("Escape");
    assert_eq!(browser.eval("plimsoll.map.view"), serde_json::Value::Null);
    assert_eq!(browser.text("location.hash"), "");
    browser.assert_quiet();
}
