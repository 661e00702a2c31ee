//! Names that would say something to a terminal or a spreadsheet.

use crate::support;
use crate::support::{Entry, Header, ImageSpec, Layer, Layout, Outcome, layout_of, named, tar};
use crate::{bounded, run};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Escape sequences of terminals, in all their forms, and characters that reorder or hide text.
const EVIL: &str = "\x1b[31mred\x1b]0;title\x07\x1b]52;c;cHduZWQ=\x07\x1b]8;;http://x\x1b\\\u{9b}2J\r\x08\x7f\u{202e}gpj\u{2066}\u{200b}\u{feff}\u{e0041}\n::error::x";

/// No character of `text` moves a cursor, hides, or reorders; no line is a command to a CI runner.
#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line); // CSV's line ends
        assert!(!line.starts_with("::"), "{what}: a raw line {line:?}");
        for character in line.chars() {
            let hidden = matches!(character,
                '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
            assert!(!character.is_control() && !hidden, "{what}: {character:?} is raw in {line:?}");
        }
    }
}

/// Threat 16: wherever an image may put text, people see it escaped: in tables, CSV and messages.
#[test]
fn names_never_reach_a_terminal_raw() {
    let entries: Vec<_> =
        [format!("{EVIL}.txt"), format!("dir{EVIL}/file"), format!("=cmd{EVIL}")].map(|name| Entry::file(name, [b'x'; 1000])).to_vec();
    let link = Entry::symlink("link", EVIL);
    let lower = [&entries[..], &[link, Entry::hardlink(format!("no{EVIL}"), EVIL)]].concat();
    let mut image = ImageSpec::new(&[Layer::new(&lower), Layer::new(&entries), Layer::new(&[Entry::whiteout(&format!("x{EVIL}"))])]);
    image.history =
        [(); 3].iter().map(|()| json!({"created": EVIL, "created_by": format!("RUN {EVIL}"), "comment": EVIL, "author": EVIL})).collect();
    (image.architecture, image.os, image.variant) = (EVIL.into(), EVIL.into(), Some(EVIL.into()));
    image.config = json!({"Labels": {EVIL: EVIL, "org.opencontainers.image.base.name": EVIL}, "Env": [EVIL]});
    let layout = Layout::new();
    let mut descriptor = named(layout.image(&image), EVIL);
    descriptor["platform"] = Value::Null;
    layout.index(&[descriptor]);
    let arg = layout.arg();
    let commands: [&[&str]; 8] = [
        &[arg],
        &[arg, "--details", "--dive"],
        &[arg, "--format", "csv"],
        &["files", arg],
        &["files", arg, "--format", "csv"],
        &["tree", arg],
        &["tree", arg, "--format", "csv"],
        &["cat", arg, EVIL],
    ];
    for args in commands {
        let outcome = run(64, args);
        outcome.assert_status(if args[0] == "cat" { 3 } else { 0 });
        assert_harmless(&args.join(" "), &String::from_utf8(outcome.stdout.clone()).expect("UTF-8"));
        assert_harmless(&format!("messages of {}", args[0]), &outcome.stderr);
    }
    let target = tempfile::tempdir().expect("a temporary directory");
    let outcome = run(64, &["extract", arg, target.path().join("t").to_str().expect("plain names")]);
    assert_harmless("extract", &[outcome.text(), outcome.stderr].concat());
}

/// Threats 16 and 21: the same for errors, which quote what is wrong.
#[test]
fn errors_quote_names_escaped() {
    let layer = Layer::new(&[Entry::file("a", "a")]).plain();
    let config = ImageSpec::new(std::slice::from_ref(&layer)).document();
    let archive = |items: Value| tar(&[Entry::file("c.json", &config), Entry::file("manifest.json", items.to_string())]);
    let layout = |manifests: &[Value]| {
        let layout = Layout::new();
        layout.index(manifests);
        layout.archive()
    };
    let broken = Header { size: *b"zzzzzzzzzzz\0", ..Header::new(format!("x{EVIL}").as_bytes(), 0) }.bytes();
    let inputs = [
        archive(json!([{"Config": EVIL, "RepoTags": ["a:1"], "Layers": []}])),
        archive(json!([{"Config": "c.json", "RepoTags": [EVIL], "Layers": [EVIL]}])),
        archive(json!([{"Config": "c.json", "RepoTags": [EVIL], "Layers": []}, {"Config": "c.json", "RepoTags": ["b"], "Layers": ["l"]}])),
        archive(json!([{"Config": "manifest.json", "RepoTags": ["a:1"], "Layers": []}])),
        archive(json!({EVIL: EVIL})),
        archive(json!([{EVIL: EVIL, "Config": 5}])),
        layout(&[json!({"mediaType": EVIL, "digest": EVIL, "size": 1})]),
        layout(&[
            json!({"mediaType": support::INDEX, "digest": format!("sha256:{EVIL}"), "size": 1, "platform": {"os": EVIL, "architecture": 1}}),
        ]),
        tar(&[Entry::file("repositories", json!({EVIL: {EVIL: EVIL}}).to_string())]),
        [&broken[..], &[0; 1024]].concat(),
    ];
    for (number, input) in inputs.into_iter().enumerate() {
        let (_dir, path) = support::file("a.tar", &input);
        for outcome in [Outcome::of(bounded(64).arg(&path)), Outcome::of(bounded(64).arg("-").write_stdin(input))] {
            assert!(matches!(outcome.status, Some(2 | 3 | 5)), "input {number}: {outcome:?}");
            assert_harmless(&format!("input {number}"), &outcome.stderr);
            assert_harmless(&format!("input {number}"), &outcome.text());
        }
    }
    for args in [&[EVIL][..], &["--image", EVIL, "x"], &["--platform", EVIL, "x"], &["--limit", EVIL, "x"]] {
        assert_harmless("arguments", &run(64, args).stderr);
    }
}

/// Threat 17: names that are no UTF-8 stay exact in JSON, and no two of them become one.
#[test]
fn names_that_are_no_text() {
    let names = [&b"a\xff"[..], b"a\xfe", b"a\xef\xbf\xbd", b"\xc3\x28/\xed\xa0\x80", b"plain"];
    let entries: Vec<_> = names.iter().map(|name| Entry::file(name, name)).collect();
    let layout = layout_of(&[&entries]);
    let files = run(64, &["files", layout.arg(), "--format", "json"]).json();
    let exact: BTreeSet<Vec<u8>> = files
        .as_array()
        .expect("files")
        .iter()
        .map(|file| file["path_b64"].as_str().map_or_else(|| file["path"].as_str().expect("text").as_bytes().to_vec(), decoded))
        .collect();
    assert_eq!(exact, names.iter().map(|name| [b"/", *name].concat()).collect());
    let invalid = files.as_array().expect("files").iter().filter(|file| file["path_b64"].is_string()).count();
    assert_eq!(invalid, 3, "only what is no UTF-8 needs another form");
    for args in [&["files", layout.arg()][..], &["files", layout.arg(), "--format", "csv"]] {
        let text = run(64, args).text();
        let shown: BTreeSet<_> = text.lines().filter(|line| line.contains("/a")).collect();
        assert_eq!(shown.len(), 3, "each has its own line: {text}");
        assert!(
            !text.contains('\u{fffd}') || text.matches('\u{fffd}').count() == 1,
            "only the name that has this character shows it: {text}"
        );
    }
}

/// RFC 4648, section 4.
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|other| *other == byte);
    let digits: Vec<_> = text.bytes().filter_map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|chunk| {
        let bits = chunk.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - chunk.len()));
        (0..chunk.len() - 1).map(move |place| (bits >> (16 - 8 * place) & 0xff) as u8)
    });
    bytes.collect()
}

/// Threat 20: no cell of a CSV is a formula to a spreadsheet.
#[test]
fn csv_cells_are_no_formulas() {
    let starts = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"];
    let entries: Vec<_> = starts.iter().enumerate().map(|(n, start)| Entry::symlink(format!("l{n}"), start)).collect();
    let layers = vec![Layer::new(&entries); starts.len()];
    let layout = Layout::of(&ImageSpec::new(&layers).created_by(&starts));
    for args in
        [&[layout.arg(), "--format", "csv"][..], &["files", layout.arg(), "--format", "csv"], &["tree", layout.arg(), "--format", "csv"]]
    {
        let outcome = run(64, args);
        outcome.assert_status(0);
        let text = outcome.text();
        let mut rows = 0;
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            rows += 1;
            let cells =
                line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or_else(|| panic!("every cell is quoted: {line}"));
            for cell in cells.split("\",\"") {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} in {line}");
            }
        }
        assert!(rows > 1);
    }
}
