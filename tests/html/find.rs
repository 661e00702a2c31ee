//! What is searched for: the same as elsewhere, whatever the words, and never for long.

use crate::support::{Entry, ImageSpec, Layer, Layout};
use crate::{Page, demo};
use serde_json::{Value, json};
use std::time::Duration;

/// Expressions that the browser's own engine knows as well.
const EXPRESSIONS: [&str; 40] = [
    r"\.so$",
    "^/usr/lib",
    "^/usr/(lib|share)/.*[.](so|txt)",
    "node_modules/[^/]+/index",
    "a{2}",
    "a{2,}",
    "(ab){0,2}$",
    "[0-9]{2,3}",
    r"\d+\.\w*$",
    r"part-0[1-3]",
    "(a|b|c)+s",
    "x*",
    "(x*)*$",
    "(x?)+y?",
    "",
    "^$",
    "^/",
    "$",
    "()",
    "(|bin)/sh",
    "(?:e|o)s",
    "(?<name>lib)",
    "l.b",
    "l.*?b",
    "[A-Z]",
    "[^a-z]$",
    r"[\w-]+\.js",
    r"[\]\[]",
    r"\/app\/",
    r"\x61pp",
    r"\u0061pp",
    r"\u{61}pp",
    r"\p{L}{6}",
    r"\P{L}$",
    r"\S\s?\S",
    "APP",
    "(((a)))",
    "a|e|i$",
    "^(/[^/]+){3}$",
    "(a+)+$",
];

#[test]
fn expressions_mean_what_they_mean_elsewhere() {
    let page = Page::demo();
    let mut browser = page.open("");
    let script = format!(
        "{}.flatMap((text) => {{ const tree = plimsoll.forest('directory'); const own = new RegExp(text, 'iu'); \
         const expected = []; for (let node = 1; node < tree.length; node += 1) {{ if (tree.isFold(node) || \
         tree.way(node).slice(0, -1).some((above) => own.test(tree.path(above).toLowerCase()))) continue; \
         if (own.test(tree.path(node).toLowerCase())) expected.push(node); }} \
         const found = plimsoll.search(tree, `re:${{text}}`); \
         return String(found) === String(expected) ? [] : [[text, found.length, expected.length]]; }})",
        json!(EXPRESSIONS.as_slice())
    );
    assert_eq!(browser.eval(&script), json!([]));
    let some = browser.eval("plimsoll.search(plimsoll.forest('directory'), 're:[.]so$').length").as_u64();
    assert!(some > Some(0), "something was compared");
    browser.assert_quiet();
}

#[test]
fn what_is_not_known_is_said() {
    let page = Page::demo();
    let mut browser = page.open("");
    let long = "a".repeat(1001);
    let wide = "a{1000}{1000}";
    let hollow = "((((){1000}){1000}){1000}){1000}";
    let deep = "(".repeat(900);
    for (words, why) in [
        ("re:(a)\\1", "not known"),
        ("re:(?=a)", "ahead"),
        ("re:(?<!a)", "ahead"),
        ("re:\\bx", "not known"),
        ("re:[b-a]", "not known"),
        ("re:a)", "closes nothing"),
        ("re:(", "not closed"),
        ("re:[a", "not closed"),
        ("re:*", "nothing that"),
        ("re:a{3,1}", "less than"),
        ("re:a{,3}", "meant as itself"),
        ("re:\\", "not known"),
        (&format!("re:{long}"), "more than"),
        (&format!("re:{wide}"), "too long"),
        (&format!("re:{hollow}"), "too long"),
        (&format!("re:{deep}"), "not closed"),
    ] {
        let hash = browser.text(&format!("plimsoll.address({{ ...plimsoll.parseAddress(), find: {words:?} }})"));
        browser.within(Duration::from_secs(60), |browser| browser.go(&page.path, &hash));
        let told = browser.text("document.getElementById('found').textContent");
        assert!(told.contains(why) && told.starts_with("Not searched"), "{words}: {told}");
        assert!(browser.eval("plimsoll.map.cells.length").as_u64() > Some(100), "the map is there");
    }
    browser.assert_quiet();
}

/// Words for which an engine that goes back would take longer than anybody lives.
#[test]
fn no_link_stops_a_page() {
    let names: Vec<String> = (0..3000).map(|number| format!("srv/{}{number:04}!", "a".repeat(200))).collect();
    let layout = Layout::of(&ImageSpec::new(&[Layer::new(&names.iter().map(|name| Entry::file(name, vec![1; 2000])).collect::<Vec<_>>())]));
    let page = Page::new(&[layout.arg()]);
    let mut browser = page.open("");
    let hostile = [
        "re:(a+)+$",
        "re:^/srv/(a|a)*$",
        "re:(.*a){30}x",
        "re:(a*)*b",
        "re:(x+x+)+y",
        "re:((a{1,9}){1,9}){1,9}$",
        "re:(a|aa)+$",
        "re:[a-z]*a.{200}b",
        "*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
    ];
    for words in hostile {
        let hash = browser.text(&format!("plimsoll.address({{ ...plimsoll.parseAddress(), find: {words:?} }})"));
        let (cells, answers) = browser.within(Duration::from_secs(60), |browser| {
            browser.go(&page.path, &hash);
            let cells = browser.eval("plimsoll.map.cells.length").as_u64();
            // Other things happen while it searches.
            browser.press("#tab-edits");
            browser.press("#tab-map");
            (cells, browser.text("document.getElementById('found').textContent"))
        });
        assert!(cells > Some(100), "{words}: the map is drawn");
        assert!(
            ["Nothing", "Searching", "1 match"].iter().any(|start| answers.starts_with(start)) || answers.contains("match"),
            "{words}: {answers}"
        );
    }
    let found = browser.eval("plimsoll.search(plimsoll.forest('directory'), 're:(a+)+0777!$').length");
    assert_eq!(found, Value::from(1));
    browser.assert_quiet();
}

#[test]
fn what_is_looked_for_is_in_no_case_and_in_the_whole_path() {
    let page = Page::new(&[demo()]);
    let mut browser = page.open("");
    let script = |words: &str| {
        format!("plimsoll.search(plimsoll.forest('directory'), {words:?}).map((node) => plimsoll.forest('directory').path(node)).join(' ')")
    };
    assert_eq!(browser.text(&script("/APP/Node_")), "/app/node_modules");
    assert_eq!(browser.text(&script("/app/node_modules")), "/app/node_modules");
    assert_eq!(browser.text(&script("app/*s")), "", "a glob is of the whole path");
    assert!(browser.text(&script("*/node_?odules")).starts_with("/app/node_modules"));
    browser.assert_quiet();
}
