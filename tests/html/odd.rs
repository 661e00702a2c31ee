//! Images that are hardly any, and pages that are the same each time.

use crate::support::{Entry, ImageSpec, Layer, Layout};
use crate::{Page, books, demo};

#[test]
fn nothing_at_all_is_an_image_too() {
    let empty = Layout::of(&ImageSpec::new(&[]));
    let hollow = Layout::of(&ImageSpec::new(&[Layer::new(&[]), Layer::new(&[Entry::dir("etc")])]));
    for layout in [&empty, &hollow] {
        let page = Page::new(&[layout.arg()]);
        let mut browser = page.open("");
        assert_eq!(browser.text("document.getElementById('total-disk').textContent"), "0 B");
        for tab in ["map?by=layer", "map?measure=hidden", "map?find=x", "edits", "findings", "checklist", "layers", "packages", "notes"] {
            browser.go(&page.path, &format!("#{tab}"));
        }
        browser.eval("document.getElementById('map-area').focus()");
        for key in ["ArrowRight", "Enter", "Escape", "h", "Home"] {
            browser.key(key);
        }
        browser.assert_quiet();
    }
}

#[test]
fn what_was_not_read_is_said_to_be_absent() {
    let layers = [Layer::new(&[Entry::file("a", vec![1; 9000])]), Layer::new(&[Entry::file("b", vec![2; 9000])]).absent()];
    let layout = Layout::of(&ImageSpec::new(&layers));
    let page = Page::new(&[layout.arg(), "--allow-incomplete"]);
    let mut browser = page.open("#layers");
    assert!(browser.text("document.querySelector('.note.bad').textContent").contains("Incomplete"));
    assert!(browser.text("document.querySelector('[data-layer=\"2\"]').textContent").contains("not in the source"));
    browser.press("#tab-notes");
    browser.assert_quiet();
}

#[test]
fn a_long_way_down() {
    let deep = "d/".repeat(2000) + "file";
    let layout = Layout::of(&ImageSpec::new(&[Layer::new(&[Entry::file(&deep, vec![1; 9000]), Entry::file("other", vec![2; 9000])])]));
    let page = Page::new(&[layout.arg()]);
    let mut browser = page.open("");
    books::assert_sums(&mut browser, "directory");
    assert_eq!(browser.eval("plimsoll.map.cells.filter((cell) => cell.depth === 1).length"), 2);
    browser.eval("document.getElementById('map-area').focus()");
    browser.key("Enter");
    browser.key("Escape");
    assert_eq!(browser.eval("plimsoll.map.at"), 0);
    browser.go(&page.path, "#map?find=file");
    assert!(browser.text("document.querySelector('#found caption').textContent").starts_with("1 match"));
    browser.assert_quiet();
}

#[test]
fn the_same_image_is_the_same_page() {
    let page = Page::demo().text();
    assert_eq!(page, Page::new(&[demo(), "--threads", "1", "--no-cache"]).text());
    assert_eq!(page, Page::new(&[demo(), "--threads", "3"]).text());
}
