//! What people and programs read: the table, Markdown, CSV, and the schema of the JSON.

use crate::support::{Entry, ImageSpec, Layer, Layout, Outcome, docker_archive, file as stored_file, json, layout_of, plimsoll, run};
use crate::{file, image};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

/// What Markdown becomes.
#[derive(Debug, Default)]
struct Read {
    text: String,
    codes: Vec<String>,
    html: Vec<String>,
    /// Cells of each row of each table, its heading first.
    tables: Vec<Vec<Vec<String>>>,
}

/// Parses as `CommonMark` with GitHub's tables; links and images would be somebody else's.
fn read(markdown: &str) -> Read {
    let mut found = Read::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("a link to {dest_url}: {markdown}"),
            Event::Start(Tag::CodeBlock(_)) => panic!("a block of code: {markdown}"),
            Event::Start(Tag::Table(_)) => found.tables.push(Vec::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => found.tables.last_mut().expect("in a table").push(Vec::new()),
            Event::Start(Tag::TableCell) => {
                found.tables.last_mut().and_then(|table| table.last_mut()).expect("in a row").push(String::new());
            }
            Event::Text(text) => {
                found.text.push_str(&text);
                cell(&mut found, &text);
            }
            Event::Code(code) => {
                found.codes.push(code.to_string());
                cell(&mut found, &code);
            }
            Event::Html(html) | Event::InlineHtml(html) => found.html.push(html.trim().to_owned()),
            Event::End(TagEnd::Paragraph | TagEnd::TableCell) | Event::SoftBreak => found.text.push('\n'),
            _ => {}
        }
    }
    found
}

fn cell(found: &mut Read, text: &str) {
    if let Some(cell) = found.tables.last_mut().and_then(|table| table.last_mut()).and_then(|row| row.last_mut()) {
        cell.push_str(text);
    }
}

fn markdown(args: &[&str]) -> String {
    let outcome = run(&[&["diff"], args, &["--format", "markdown"]].concat());
    outcome.assert_status(0);
    outcome.text()
}

const MEGABYTE: usize = 1_000_000;

fn base() -> (&'static str, Vec<Entry>) {
    ("ADD rootfs.tar /", vec![file("bin/sh", 4 * MEGABYTE)])
}

fn app() -> (&'static str, Vec<Entry>) {
    ("COPY app /app # buildkit", vec![file("app/main", 2 * MEGABYTE)])
}

#[test]
fn a_comment_says_what_is_to_be_done() {
    let chown = ("RUN chown -R app /app", vec![Entry { uid: 7, ..file("app/main", 2 * MEGABYTE) }]);
    let (old, new) = (image(&[base(), app()]), image(&[base(), app(), chown]));
    let text = markdown(&[old.arg(), new.arg(), "--key", "shop"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "<!-- plimsoll:image-size:shop -->");
    assert!(lines[1].starts_with("### ⚓ Image size: **+2.00 MB** on disk (+33.3 %), **+"), "{}", lines[1]);
    assert!(lines[3].starts_with("All of the growth is a copy of bytes that were already there: `RUN chown -R app /app`"), "{}", lines[3]);
    let read = read(&text);
    assert_eq!(read.tables[0][1], ["disk", "6.00 MB", "8.00 MB", "+2.00 MB"]);
    assert_eq!(read.tables[1][1][..3], ["added", "RUN chown -R app /app", "+2.00 MB"]);
    assert!(read.tables[1][1][4].contains("COPY --chown"), "{:?}", read.tables[1]);
    assert_eq!(read.html[0], "<!-- plimsoll:image-size:shop -->");
    assert!(read.html.iter().any(|html| html == "</details>"), "{:?}", read.html);
    assert!(text.ends_with("</sub>\n"));
}

#[test]
fn small_changes_are_one_line() {
    let (old, new) = (image(&[base()]), image(&[base(), ("RUN touch", vec![file("etc/x", 100)])]));
    let small = markdown(&[old.arg(), new.arg()]);
    assert_eq!(small.lines().count(), 2, "{small}");
    assert!(small.contains("⚓ Image size: **+100 B** on disk (+0.0 %)"), "{small}");
    let none = markdown(&[new.arg(), new.arg()]);
    assert_eq!(none.lines().collect::<Vec<_>>(), ["<!-- plimsoll:image-size:latest -->", "⚓ Image size: unchanged, 4.00 MB on disk."]);
    // However small, a secret is worth more.
    let secret = image(&[base(), ("COPY .env /", vec![Entry::file(".env", "TOKEN=abcdefgh12345678\n")])]);
    let told = markdown(&[old.arg(), secret.arg()]);
    assert!(told.lines().count() > 10 && told.contains("must not ship"), "{told}");
}

/// Names that would be markup anywhere else.
const HOSTILE: [&str; 12] = [
    "a|b|c",
    "``` `x` ```",
    "`",
    "\\`\\|\\",
    "<!-- plimsoll:image-size:latest -->",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](http://example.com/x.png)",
    "@team #1 www.example.com http://example.com",
    "line\n\n# heading\n<details>\n| x | y |",
    "\u{202e}txt.exe\u{200b}\x1b[31m",
    "--> x </sub></details> *b* _i_ ~~s~~",
];

#[test]
fn no_name_is_markup() {
    for hostile in HOSTILE {
        let flat = hostile.replace('/', "-");
        let package = serde_json::json!({"name": hostile, "version": hostile}).to_string();
        let layers = vec![
            Layer::new(&[file("bin/sh", 4 * MEGABYTE)]),
            Layer::new(&[file(&format!("dir{flat}/{flat}"), MEGABYTE), Entry::file("app/node_modules/left/package.json", package)]),
            Layer::new(&[Entry { uid: 7, ..file(&format!("dir{flat}/{flat}"), MEGABYTE) }]),
        ];
        let made = format!("RUN {hostile}");
        let spec = ImageSpec::new(&layers).created_by(&["ADD rootfs.tar /", &made, &made]);
        let (_keep, new) = stored_file("new.tar", &docker_archive(&spec, &[hostile]));
        let old = layout_of(&[&[file("bin/sh", 4 * MEGABYTE)]]);
        let text = markdown(&[old.arg(), new.to_str().expect("UTF-8")]);
        let found = read(&text);
        let own = ["<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"];
        for html in &found.html[1..] {
            let own = own.iter().any(|start| html.starts_with(start));
            assert!(own && !html.contains("script"), "{hostile:?} became HTML: {html}\n{text}");
        }
        assert_eq!(text.matches("<!--").count(), 1, "one marker, in the first line: {text}");
        assert!(text.starts_with("<!-- plimsoll:image-size:") && found.html[0].matches("-->").count() == 1);
        assert_eq!(found.html.iter().filter(|html| html.as_str() == "</details>").count(), 1, "{text}");
        for table in &found.tables {
            assert!(table.iter().all(|row| row.len() == table[0].len()), "{hostile:?} leaves its cell: {table:?}");
        }
        assert_eq!(found.tables.len(), 6, "{hostile:?} ends or begins a table: {text}");
        assert!(!found.text.contains("@team") && !found.text.contains("www."), "{hostile:?} is outside of code: {}", found.text);
        assert!(!text.contains(['\u{202e}', '\x1b']), "{hostile:?}");
        // It is there all the same, as it is but for what is escaped.
        let word = hostile.split(['\n', '\u{202e}']).next().unwrap_or_default().trim();
        let shown = |code: &String| code.replace('\u{200b}', "").replace("\\ |", "\\|").contains(word);
        assert!(word.is_empty() || found.codes.iter().any(shown), "{hostile:?} is not shown: {:?}", found.codes);
    }
}

/// GitHub takes no comment of more than 65,536 characters.
#[test]
fn comments_stay_short() {
    let many: Vec<Entry> = (0..4000).map(|at| file(&format!("{at:04}{}", "é`|".repeat(60)), 2000 + at)).collect();
    let layers: Vec<Layer> = (0..60).map(|at| Layer::new(&[file(&format!("l{at}"), 200_000 + at)])).collect();
    let made = format!("RUN {}", "日本|`".repeat(5000));
    let spec = ImageSpec::new(&[layers, vec![Layer::new(&many)]].concat()).created_by(&vec![made.as_str(); 61]);
    let (old, new) = (image(&[base()]), Layout::of(&spec));
    let text = markdown(&[old.arg(), new.arg(), "--top", "0"]);
    assert!(text.len() <= 65_536, "{}", text.len());
    assert!(text.ends_with("</sub>\n"), "it is whole");
    let found = read(&text);
    assert!(found.tables.iter().any(|table| table.last().expect("rows")[0].ends_with(" more")), "rows that are left out are counted");
    assert!(found.tables.iter().all(|table| table.iter().all(|row| row.len() == table[0].len())));
}

#[test]
fn the_table() {
    let chown = ("RUN chown -R app /app", vec![Entry { uid: 7, ..file("app/main", 2 * MEGABYTE) }]);
    let (old, new) = (image(&[base(), app()]), image(&[base(), app(), chown]));
    for columns in [80, 100, 120] {
        let run = |args: &[&str]| Outcome::of(plimsoll().env("COLUMNS", columns.to_string()).arg("diff").args(args)).text();
        let table = run(&[old.arg(), new.arg(), "--files"]);
        assert!(table.lines().all(|line| line.chars().count() <= columns), "{table}");
        let sentence = table.find("All of the growth is a copy").expect("the sentence");
        for word in
            ["LAYERS", "WASTE, by rule", "FILES that changed most", "disk                                6.00 MB    8.00 MB   +2.00 MB"]
        {
            assert!(table.find(word).is_some_and(|at| at > sentence), "{word} after the sentence: {table}");
        }
        assert!(table.contains("2 layers unchanged") && table.contains("use COPY --chown"), "{table}");
        assert!(!table.contains('\x1b'));
        let nothing = run(&[new.arg(), new.arg()]);
        assert_eq!(nothing.lines().count(), 2, "{nothing}");
        assert!(nothing.contains("Unchanged: the same 3 layers; 8.00 MB on disk, "), "{nothing}");
        assert!(run(&[old.arg(), new.arg(), "--bytes"]).lines().all(|line| line.chars().count() <= columns));
    }
    assert!(run(&["diff", old.arg(), new.arg(), "--color", "always"]).text().contains("\x1b["));
}

#[test]
fn the_json_keeps_its_schema() {
    let schema: Value = run(&["schema", "diff"]).json();
    let checker = jsonschema::validator_for(&schema).expect("a schema");
    let data = |name: &str| crate::support::testdata(name).to_str().expect("UTF-8").to_owned();
    let (tiny, demo) = (data("archives/docker20-one.tar"), data("demo.tar"));
    for (old, new) in [(&tiny, &demo), (&demo, &tiny), (&demo, &demo)] {
        let found = json(&["diff", old, new], 0);
        let errors: Vec<String> = checker.iter_errors(&found).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(found["schema"], "1.0");
        let threads = |count: &str| run(&["diff", old, new, "--format", "json", "--threads", count]).stdout;
        assert!(threads("1") == threads("2"), "the same input gives the same bytes");
    }
    assert!(!checker.is_valid(&serde_json::json!({"schema": "1.0"})), "the schema asks for something");
    let top = json(&["diff", &tiny, &demo, "--top", "3"], 0);
    assert_eq!(top["files"]["list"].as_array().expect("a list").len(), 3);
}

/// Numbers are numbers, of either sign, and the rows of a part add up.
#[test]
fn csv_adds_up() {
    let data = |name: &str| crate::support::testdata(name).to_str().expect("UTF-8").to_owned();
    let text = run(&["diff", &data("demo.tar"), &data("archives/docker20-one.tar"), "--format", "csv"]).text();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.trim_matches('"').split("\",\"").collect()).collect();
    assert_eq!(rows[0], ["part", "change", "name", "old", "new", "line", "entries", "content_bytes", "diff_bytes", "blob_bytes"]);
    let sum = |part: &str, column: usize| -> i64 {
        rows.iter().filter(|row| row[0] == part).map(|row| row[column].parse::<i64>().unwrap_or_else(|_| panic!("a number: {row:?}"))).sum()
    };
    for (column, name) in rows[0].iter().enumerate().skip(6) {
        let total = sum("total", column);
        assert!(total < 0, "the demo is the larger");
        for part in ["layer", "package", "finding", "files"] {
            assert_eq!(sum(part, column), total, "{part}, {name}");
        }
    }
}

/// Budgets are those of `check`, and growth is what the comparison shows; none of them changes the exit status.
#[test]
fn budgets_of_the_new_image_are_told() {
    let old = image(&[base()]);
    let new = image(&[base(), ("COPY more /more", vec![file("more", 300_000)])]);
    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("plimsoll.toml");
    let config = config.to_str().expect("UTF-8");
    let told = |text: &str, args: &[&str]| {
        std::fs::write(config, text).expect("a configuration");
        let outcome = run(&[&["diff", old.arg(), new.arg(), "--config", config], args].concat());
        outcome.assert_status(0);
        outcome.text()
    };
    let text = "[budget]\nmax_growth = \"100 kB\"\nmax_layers = 9\n[profile.wide]\nmax_growth = \"1 MB\"";
    assert!(told(text, &[]).contains("\nover budget: growth, disk by 200 kB\n"), "{}", told(text, &[]));
    assert!(read(&told(text, &["--format", "markdown"])).text.contains("over budget: growth, disk by 200 kB"));
    assert!(told(text, &["--profile", "wide"]).contains("\nwithin 2 budgets\n"));
    let verdict = &serde_json::from_str::<Value>(&told(text, &["--format", "json"])).expect("JSON")["verdict"];
    let checked = run(&["check", new.arg(), "--baseline", old.arg(), "--config", config, "--format", "json"]);
    assert_eq!(verdict["verdict"], "fail");
    assert_eq!(verdict["budgets"], checked.json()["budgets"]);
    assert!(!told("floor = 1", &[]).contains("budget"));
    // Of an image that grew a little, one line says both.
    let little = told("[budget]\nmax_disk = 1\n", &["--format", "markdown"]);
    assert!(read(&little).text.contains("over budget: disk by"), "{little}");
}
