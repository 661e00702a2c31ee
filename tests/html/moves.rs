//! Going about: pointer, keys, tabs, addresses, search.

use crate::Page;
use crate::browser::Browser;

fn hash(browser: &mut Browser) -> String {
    browser.text("location.hash")
}

/// The middle of the first cell with this label, in the window.
fn cell(browser: &mut Browser, label: &str, depth: u32) -> (f64, f64) {
    let found = browser.eval(&format!(
        "(() => {{ const box = plimsoll.map.area.getBoundingClientRect(); \
         const cell = plimsoll.map.cells.find((cell) => cell.depth === {depth} && plimsoll.map.tree.key(cell.node) === {label:?}); \
         return cell ? [box.left + cell.x + cell.w / 2, box.top + cell.y + (cell.head ? cell.head / 2 : cell.h / 2)] : null; }})()"
    ));
    let at = |index: usize| found[index].as_f64().unwrap_or_else(|| panic!("no cell {label}"));
    (at(0), at(1))
}

#[test]
fn a_click_looks_inside_and_the_way_back_is_open() {
    let page = Page::demo();
    let mut browser = page.open("");
    let (x, y) = cell(&mut browser, "usr", 1);
    browser.point(x, y);
    let tip = browser.text("document.getElementById('tip').textContent");
    let bytes = browser.eval("plimsoll.forest('directory').all(plimsoll.forest('directory').find(['usr']), 1)").as_u64().expect("bytes");
    let exact = format!("{} B", plimsoll::render::size::count(bytes));
    assert!(tip.starts_with("/usr") && tip.contains(&exact), "{exact} in {tip}");
    assert!(["disk", "pull", "tar", "hidden", "of the image", "layers: "].iter().all(|word| tip.contains(word)), "{tip}");
    browser.click(x, y);
    assert_eq!(hash(&mut browser), "#map?at=usr");
    assert_eq!(browser.text("document.querySelector('#crumbs [aria-current]').textContent"), "usr");
    assert!(browser.text("document.querySelector('#node-table caption').textContent").starts_with("usr"));
    browser.press("#node-table tbody button");
    assert_eq!(hash(&mut browser), "#map?at=usr/lib");
    browser.press("#crumbs button");
    assert_eq!(browser.eval("plimsoll.map.at"), 0);
    browser.eval("history.back()");
    browser.settle();
    assert_eq!(hash(&mut browser), "#map?at=usr/lib");
    assert_eq!(browser.text("plimsoll.map.tree.path(plimsoll.map.at)"), "/usr/lib");
    browser.assert_quiet();
}

#[test]
fn keys_alone_will_do() {
    let page = Page::demo();
    let mut browser = page.open("");
    browser.eval("document.getElementById('map-area').focus()");
    let focused = "plimsoll.map.cells[plimsoll.map.focus]?.label ?? ''";
    let first = browser.text(focused);
    assert_eq!(first, "app", "the largest is where one begins");
    browser.key("ArrowRight");
    let second = browser.text(focused);
    assert_ne!(second, first);
    assert!(browser.text("document.getElementById('told').textContent").starts_with(&second), "it is told");
    browser.key("ArrowLeft");
    assert_eq!(browser.text(focused), first);
    browser.key("Enter");
    assert_eq!(hash(&mut browser), "#map?at=app");
    assert_eq!(browser.text("document.activeElement.id"), "map-area");
    assert!(browser.text("document.getElementById('told').textContent").starts_with("/app: 7.88 MB on disk"));
    browser.key("ArrowDown");
    browser.key("Enter");
    assert!(hash(&mut browser).starts_with("#map?at=app/"), "{}", hash(&mut browser));
    browser.key("Escape");
    assert_eq!(hash(&mut browser), "#map?at=app");
    browser.key("Backspace");
    assert_eq!(hash(&mut browser), "#map");
    // All cells are in reach of the arrows.
    let first_cells = browser.eval("plimsoll.map.cells.filter((cell) => cell.depth === 1).length").as_u64().expect("a number");
    let reached = browser.eval(
        "(() => { const { map } = plimsoll; const first = map.focus; const seen = new Set([first]); const open = [first]; \
         while (open.length) { const from = open.pop(); for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) { \
         map.focus = from; map.area.dispatchEvent(new KeyboardEvent('keydown', { key })); \
         if (!seen.has(map.focus)) { seen.add(map.focus); open.push(map.focus); } } } return seen.size; })()",
    );
    assert_eq!(reached.as_u64(), Some(first_cells));
    assert!(first_cells >= 5);
    // A file says what it is, and stays open until it is closed.
    browser.go(&page.path, "#map?at=tmp/build");
    browser.eval("document.getElementById('map-area').focus()");
    browser.key("Enter");
    assert_eq!(browser.eval("document.getElementById('tip').classList.contains('pinned')"), true);
    assert!(browser.text("document.activeElement.textContent").contains("copy path"));
    browser.key("Escape");
    assert_eq!(browser.text("document.activeElement.id"), "map-area");
    browser.assert_quiet();
}

#[test]
fn an_address_is_a_view() {
    let page = Page::demo();
    let mut browser = page.open("#map?by=layer&measure=hidden&at=3/var");
    assert_eq!(browser.text("plimsoll.map.tree.path(plimsoll.map.at)"), "3  RUN pkg install compiler headers runtime › /var");
    assert_eq!(browser.text("document.querySelector('[data-switch=measure]:checked').value"), "hidden");
    let report = crate::support::json(&[crate::demo()], 0);
    let hidden = report["layers"][2]["shadowed"]["content_bytes"].as_u64().expect("bytes");
    browser.press("#crumbs li:nth-child(2) button");
    let shown = plimsoll::render::size::size(hidden, plimsoll::render::size::Unit::Si);
    assert_eq!(browser.text("document.getElementById('here').textContent"), format!("{shown} hidden by later layers"));
    // Every link of the lists leads to what it names.
    let wrong = browser.eval(
        "[...document.querySelectorAll('main a[href^=\"#map?\"]')].flatMap((link) => { \
         const to = new URLSearchParams(link.hash.split('?')[1]); const tree = plimsoll.forest(to.get('by') ?? 'directory'); \
         const keys = to.get('at').split('/').map(decodeURIComponent); const node = tree.find(keys); \
         return tree.way(node).length === keys.length ? [] : [link.hash]; })",
    );
    assert_eq!(wrong, serde_json::json!([]));
    let links = browser.eval("document.querySelectorAll('main a[href^=\"#map?\"]').length").as_u64().expect("a number");
    assert!(links > 40, "{links}");
    // What makes no sense is the first view, without a word.
    for strange in ["#map?by=__proto__&measure=constructor&at=../..&off=,,&x=%E0%A4%A", "#nowhere", "#map?at=%25E0%25A4%25A", "#?&&=="] {
        browser.go(&page.path, strange);
        assert_eq!(browser.eval("plimsoll.map.at"), 0, "{strange}");
    }
    browser.assert_quiet();
}

#[test]
fn tabs_switches_and_what_they_hide() {
    let page = Page::demo();
    let mut browser = page.open("#layers");
    let shown = "[...document.querySelectorAll('main > section')].filter((part) => !part.hidden).map((part) => part.id).join()";
    assert_eq!(browser.text(shown), "section-layers");
    browser.press("#tab-findings");
    assert_eq!(browser.text(shown), "section-findings");
    assert_eq!(browser.text("document.querySelector('[role=tab][aria-selected=true]').id"), "tab-findings");
    browser.eval("document.getElementById('tab-findings').focus()");
    browser.key("ArrowRight");
    assert_eq!(browser.text(shown), "section-checklist");
    browser.eval("history.back()");
    browser.settle();
    assert_eq!(browser.text(shown), "section-findings");
    browser.press("#section-findings a[href^='#map?by=rule']");
    assert_eq!(browser.text(shown), "section-map");
    // Kinds are switched off and on; what is left is theirs.
    browser.go(&page.path, "");
    browser.press("[data-kind=hidden]");
    assert_eq!(hash(&mut browser), "#map?off=hidden");
    let report = crate::support::json(&[crate::demo()], 0);
    assert_eq!(browser.eval("plimsoll.map.values[0]").as_u64(), report["live"]["content_bytes"].as_u64());
    for kind in ["base", "own", "unneeded"] {
        browser.press(&format!("[data-kind={kind}]"));
    }
    assert_eq!(browser.eval("plimsoll.map.cells.length"), 0);
    browser.go(&page.path, "#map?by=layer");
    browser.press("[data-switch=by][value=rule]");
    assert_eq!(hash(&mut browser), "#map?by=rule");
    browser.press("[data-switch=measure][value=pull]");
    assert_eq!(browser.eval("plimsoll.map.values[0]").as_u64(), report["totals"]["blob_bytes"].as_u64());
    // A cell that is taken out is put back; the table has it all the while.
    browser.eval("document.getElementById('map-area').focus()");
    let rows = "document.querySelectorAll('#node-table tbody tr').length";
    let (before, all) = (browser.eval("plimsoll.map.values[0]").as_u64(), browser.eval(rows));
    browser.key("h");
    assert!(browser.eval("plimsoll.map.values[0]").as_u64() < before);
    assert_eq!(browser.eval(rows), all);
    browser.press("#left-out button");
    assert_eq!(browser.eval("plimsoll.map.values[0]").as_u64(), before);
    // Light and dark.
    let colour = "getComputedStyle(document.body).backgroundColor";
    let light = browser.text(colour);
    browser.press("#theme");
    let dark = browser.text(colour);
    assert_ne!(light, dark);
    browser.press("#theme");
    assert_eq!(browser.text(colour), light);
    browser.media("dark");
    browser.go(&page.path, "");
    assert_eq!(browser.text(colour), dark);
    browser.assert_quiet();
}

#[test]
fn a_search_adds_up_what_it_lists() {
    let page = Page::demo();
    let mut browser = page.open("");
    browser.eval("document.getElementById('map-area').focus()");
    browser.key("/");
    assert_eq!(browser.text("document.activeElement.id"), "find");
    browser.call("Input.insertText", &serde_json::json!({"text": "Node_Modules"}));
    browser.eval(
        "new Promise((done) => { const look = () => (location.hash.includes('find') ? done(1) : requestAnimationFrame(look)); look(); })",
    );
    assert_eq!(hash(&mut browser), "#map?find=Node_Modules");
    // Of a directory that matches, what is below is not counted again.
    let expected = browser.eval("plimsoll.forest('directory').all(plimsoll.forest('directory').find(['app', 'node_modules']), 1)");
    let told = browser.text("document.querySelector('#found caption').textContent");
    let shown = plimsoll::render::size::size(expected.as_u64().expect("bytes"), plimsoll::render::size::Unit::Si);
    assert!(told.starts_with("1 match: ") && told.contains(&shown), "{told}");
    for (words, least) in [("*.js", 20), ("/app/*/index.js", 3), ("bundle", 3), ("/USR/lib/?un*", 1), ("re:lib(run|head).*[.]so$", 2)] {
        browser.go(&page.path, &format!("#map?find={}", words.replace('?', "%3F").replace('$', "%24")));
        let found = browser.eval(&format!(
            "(() => {{ const tree = plimsoll.forest('directory'); const found = plimsoll.search(tree, {words:?}); \
             return [found.length, found.reduce((all, node) => all + tree.all(node, 1), 0), found.every((node) => !found.some((other) => \
             other !== node && tree.way(node).includes(other)))]; }})()"
        ));
        assert!(found[0].as_u64().is_some_and(|count| count >= least), "{words}: {found}");
        assert_eq!(found[2], true, "{words}: no match is below another");
        let told = browser.text("document.querySelector('#found caption').textContent");
        let shown = plimsoll::render::size::size(found[1].as_u64().expect("bytes"), plimsoll::render::size::Unit::Si);
        assert!(told.contains(&shown), "{words}: {told}");
    }
    browser.go(&page.path, "#map?find=re:(");
    assert!(browser.text("document.getElementById('found').textContent").contains("a ( is not closed"));
    browser.go(&page.path, "#map?find=no such thing");
    assert!(browser.text("document.getElementById('found').textContent").contains("no such thing"));
    browser.assert_quiet();
}

#[test]
fn tables_sort_and_filter() {
    let page = Page::demo();
    let mut browser = page.open("#layers");
    let column = "[...document.querySelectorAll('#layer-table tbody tr')].map((row) => Number(row.cells[2].dataset.v))";
    browser.press("#layer-table thead th:nth-child(3) button");
    let sorted = browser.eval(column);
    let mut numbers: Vec<u64> = sorted.as_array().expect("numbers").iter().filter_map(serde_json::Value::as_u64).collect();
    assert!(numbers.is_sorted_by(|a, b| a >= b) && numbers.len() == 11, "{numbers:?}");
    browser.press("#layer-table thead th:nth-child(3) button");
    numbers.reverse();
    assert_eq!(browser.eval(column), serde_json::json!(numbers));
    assert_eq!(browser.text("document.querySelector('#layer-table thead th:nth-child(3)').getAttribute('aria-sort')"), "ascending");
    browser.press("#tab-packages");
    browser.eval(
        "(() => { const box = document.querySelector('[data-filters]'); box.value = 'part-03'; box.dispatchEvent(new Event('input')); })()",
    );
    let left = "[...document.querySelectorAll('#section-packages tbody tr')].filter((row) => !row.hidden).length";
    let all = "document.querySelectorAll('#section-packages tbody tr').length";
    assert!(browser.eval(left).as_u64() < browser.eval(all).as_u64() && browser.eval(left).as_u64() > Some(0));
    // The map's own table sorts too.
    browser.press("#tab-map");
    browser.press("#node-table thead th:nth-child(1) button");
    let names = browser.eval("[...document.querySelectorAll('#node-table tbody th')].map((cell) => cell.textContent)");
    let names: Vec<&str> = names.as_array().expect("names").iter().filter_map(serde_json::Value::as_str).collect();
    assert!(names.is_sorted() && names.len() > 5, "{names:?}");
    browser.assert_quiet();
}
