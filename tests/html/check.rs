//! The page of a check: the verdict on top, in the numbers of the JSON.

use crate::support::{Entry, ImageSpec, Layer, Layout, json, named};
use crate::{Page, demo, list};
use plimsoll::render::problems::amount;
use plimsoll::render::size::{Unit, size};
use serde_json::Value;

const FAILS: [&str; 10] =
    ["check", "--max-disk", "10 MB", "--max-pull", "1 GB", "--max-hidden", "5 %", "--max-layers", "40", "--min-efficiency=99.9%"];
const PASSES: [&str; 5] = ["check", "--max-disk", "1 GB", "--max-layers", "100"];

fn number(value: &Value) -> plimsoll::budget::Amount {
    serde_json::from_value(value.clone()).expect("an amount")
}

#[test]
fn budgets_are_those_of_the_json() {
    for (args, status) in [(FAILS.as_slice(), 1), (&PASSES, 0)] {
        let args: Vec<&str> = args.iter().copied().chain([demo()]).collect();
        let verdict = json(&args, status);
        let page = Page::ending(&args, status);
        let mut browser = page.open("");
        let word = verdict["verdict"].as_str().expect("a word");
        assert_eq!(browser.text("document.querySelector('#verdict .level').textContent"), word);
        let budgets = list(&verdict, "/budgets");
        assert_eq!(browser.eval("document.querySelectorAll('#budget-table tbody tr').length"), budgets.len());
        for budget in budgets {
            let name = budget["name"].as_str().expect("a name");
            let cells = browser.eval(&format!(
                "[...document.querySelector('[data-budget=\"{name}\"]').cells].map((cell) => [cell.textContent, cell.dataset.v])"
            ));
            let text = |at: usize| cells[at][0].as_str().expect("a text").trim();
            assert_eq!(text(0), budget["verdict"].as_str().expect("a word"), "{name}");
            assert_eq!(text(1).trim_start_matches(text(0)), budget["title"].as_str().expect("a title"), "{name}");
            let kind = serde_json::from_value(budget["kind"].clone()).expect("a kind");
            // Where nothing is over, there is no such column.
            let columns = [(2, "actual"), (3, "limit"), (4, "over")];
            for (at, of) in columns.into_iter().take(if word == "pass" { 2 } else { 3 }) {
                assert_eq!(cells[at][1], budget[of].to_string(), "{name}, {of}");
                let shown = amount(number(&budget[of]), kind, Unit::Si);
                assert!(text(at).contains(&shown) || of == "over" && text(0) == "pass", "{name}, {of}: {shown} in {}", text(at));
            }
        }
        // The way under the limits: its edits, and what they leave.
        let way = verdict.get("way").filter(|way| !way.is_null());
        assert_eq!(way.is_some(), status == 1);
        if let Some(way) = way {
            let numbers = browser.eval("[...document.querySelectorAll('.way li')].map((one) => Number(one.dataset.edit))");
            let expected: Vec<&Value> = list(way, "/edits").iter().map(|edit| &edit["number"]).collect();
            assert_eq!(numbers, serde_json::json!(expected));
            let left = size(way["after"]["disk_bytes"].as_u64().expect("bytes"), Unit::Si);
            assert!(browser.text("document.querySelector('.verdict h3').textContent").contains(&left));
        }
        // Beneath it is the page of the image.
        let report = json(&[demo()], 0);
        let disk = size(report["image"]["disk_bytes"].as_u64().expect("bytes"), Unit::Si);
        assert_eq!(browser.text("document.getElementById('total-disk').textContent"), disk);
        for width in [360, 800, 1600] {
            browser.size(width, 800);
            browser.go(&page.path, "");
            let wide = browser.eval("document.documentElement.scrollWidth").as_u64().expect("a number");
            assert!(wide <= u64::from(width), "{wide} in {width}");
        }
        browser.press("#tab-layers");
        assert!(browser.eval("document.getElementById('verdict').checkVisibility()") == true, "whatever tab is open");
        browser.assert_quiet();
    }
}

#[test]
fn every_text_of_a_verdict_can_be_read() {
    for (args, status) in [(FAILS.as_slice(), 1), (&PASSES, 0)] {
        let page = Page::ending(&args.iter().copied().chain([demo()]).collect::<Vec<_>>(), status);
        let mut browser = page.open("");
        for scheme in ["light", "dark"] {
            browser.media(scheme);
            browser.go(&page.path, "");
            assert_eq!(browser.eval(crate::access::CONTRAST)["bad"], serde_json::json!([]), "{scheme}");
        }
    }
}

/// What the budgets are called, and what counts, is from outside.
#[test]
fn names_of_budgets_are_text() {
    let secret = "s3cr3tValue1";
    let line = format!("RUN curl -H 'Authorization: Bearer {secret}' </script><script>window.pwned=1</script> # buildkit");
    let spec = ImageSpec::new(&[Layer::new(&[Entry::file("app/<img src=x onerror=alert(1)>", vec![1; 90_000])])]).created_by(&[&line]);
    let layout = Layout::new();
    layout.index(&[named(layout.image(&spec), "a<b>\u{202e}:1")]);
    let directory = tempfile::tempdir().expect("a temporary directory");
    let config = directory.path().join("plimsoll.toml");
    let text = "[budget]\nmax_disk = \"1 kB\"\n[[budget.limit]]\nof = \"path:/app/**\"\nmax = \"1 kB\"\n[[budget.limit]]\nof = \"layer\"\nmax = \"1 kB\"\n";
    std::fs::write(&config, text).expect("a file");
    let args = ["check", layout.arg(), "--config", config.to_str().expect("UTF-8")];
    let page = Page::ending(&args, 1);
    let text = page.text();
    assert!(!text.contains(secret) && !text.contains('\u{202e}'));
    assert_eq!(text.matches("<script").count(), 2);
    let mut browser = page.open("");
    assert_eq!(browser.eval("typeof window.pwned"), "undefined");
    assert_eq!(browser.eval("document.querySelectorAll('img').length"), 0);
    assert_eq!(browser.eval("document.querySelectorAll('#budget-table tbody tr').length"), 3);
    browser.assert_quiet();
    let shown = Page::ending(&["check", layout.arg(), "--config", args[3], "--no-redact"], 1).text();
    assert!(shown.contains(secret), "whoever asks for it sees it");
}
