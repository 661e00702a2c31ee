//! Every number on the screen is one of those that the other commands print.

use crate::story::{BYTES, PLAIN, Screen, story};
use crate::support::{json, run};
use crossterm::event::{KeyCode, KeyModifiers};
use serde_json::Value;

const DEMO: &str = "testdata/demo.tar";

/// The numbers at the start of a row: whole bytes, a dash for none.
fn bytes(row: &str) -> Vec<u64> {
    let mut found = Vec::new();
    let mut words = row.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if word == "–" {
            found.push(0);
        } else if words.peek() == Some(&"B") {
            found.push(word.replace(',', "").parse().expect("a number before B"));
            words.next();
        } else {
            break;
        }
    }
    found
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} in {value}"))
}

const MEASURES: [(&str, &str); 3] = [("disk", "content_bytes"), ("pull", "blob_bytes"), ("tar", "diff_bytes")];

/// All directories of the whole image: `plimsoll tree`, in each measure.
#[test]
fn the_stacked_tree_has_the_numbers_of_tree() {
    let tree = run(&["tree", DEMO, "--depth", "20", "--format", "json"]).json();
    story(DEMO, (200, 2000), BYTES, |screen| {
        screen.ctrl('o').key(KeyCode::Char(' '), KeyModifiers::CONTROL);
        for (name, measure) in MEASURES {
            screen.shows(&format!("{name} "));
            let mut path: Vec<String> = Vec::new();
            let mut seen = 0;
            for row in screen.tree() {
                let Some(arrow) = row.find(['▾', '▸']) else { continue };
                let depth = indent(&row[..arrow]);
                path.truncate(depth);
                path.push(row[arrow..].trim_start_matches(['▾', '▸', ' ']).trim_end_matches('/').to_owned());
                let full = format!("/{}", path.join("/"));
                let expected =
                    tree.as_array().expect("a list").iter().find(|one| one["path"] == full.as_str()).unwrap_or_else(|| panic!("{full}"));
                assert_eq!(bytes(&row), [number(&expected["live"], measure), number(&expected["shadowed"], measure)], "{name} of {full}");
                seen += 1;
            }
            assert_eq!(seen + 1, tree.as_array().expect("a list").len(), "every directory but the root has a row");
            screen.keys("d");
        }
    });
}

/// Levels that a row stands below the first, by the column of its arrow.
fn indent(before: &str) -> usize {
    (before.chars().count() - FIRST) / 2
}

/// Column of the arrow of a row of the first level: two sizes and a mark before it.
const FIRST: usize = 1 + 2 * 18 + 3;

/// What each layer alone stores and hides: `plimsoll files` and the report.
#[test]
fn layers_have_the_numbers_of_the_report() {
    let report = json(&[DEMO], 0);
    let files = run(&["files", DEMO, "--format", "json"]).json();
    let files = files.as_array().expect("a list");
    story(DEMO, (200, 400), BYTES, |screen| {
        screen.keys("1").ctrl('l').press(KeyCode::Home);
        for (at, layer) in report["layers"].as_array().expect("a list").iter().enumerate() {
            let row = &screen.pane("1 Layers")[at + 1];
            let row = row.trim_start().trim_start_matches(|sign: char| sign.is_ascii_digit());
            // A pull brings what belongs to no entry, too.
            let pull = number(layer, "blob_bytes") + number(&layer["overhead"], "blob_bytes");
            let expected = [number(layer, "content_bytes"), pull, number(&layer["shadowed"], "content_bytes")];
            assert_eq!(bytes(row), expected, "layer {}", at + 1);
            // The first level adds up to the layer.
            screen.keys("2").ctrl('u');
            if screen.text().contains('▾') {
                screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL);
            }
            let sums =
                screen.tree().iter().map(|row| bytes(row)).fold([0, 0, 0], |sum, row| [sum[0] + row[0], sum[1] + row[1], sum[2] + row[2]]);
            let hides = |file: &&Value| file["by"] == at && file["layer"] != at;
            let hidden: u64 = files.iter().filter(hides).map(|file| number(file, "content_bytes")).sum();
            assert_eq!(sums, [number(layer, "content_bytes"), number(&layer["shadowed"], "content_bytes"), hidden], "layer {}", at + 1);
            screen.ctrl('u').keys("1j");
        }
    });
}

/// All files of all layers, one by one.
#[test]
fn files_have_the_numbers_of_files() {
    let report = json(&[DEMO], 0);
    let layers = report["layers"].as_array().expect("a list").len();
    let mut seen = 0;
    let mut expected = 0;
    story(DEMO, (200, 2000), BYTES, |screen| {
        screen.keys("1").ctrl('l').press(KeyCode::Home).keys("2");
        for layer in 1..=layers {
            screen.ctrl('o').ctrl('o');
            // Closes what is open, if anything is; then opens all.
            if screen.text().contains('▾') {
                screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL);
            }
            screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL);
            let number_text = layer.to_string();
            let files = run(&["files", DEMO, "--layer", &number_text, "--kind", "file", "--format", "json"]).json();
            let mut sizes: Vec<(String, u64)> = files
                .as_array()
                .expect("a list")
                .iter()
                .map(|file| {
                    (file["path"].as_str().expect("text").rsplit('/').next().unwrap_or_default().to_owned(), number(file, "content_bytes"))
                })
                .filter(|(_, size)| *size > 0)
                .collect();
            expected += sizes.len();
            for row in screen.tree().iter().filter(|row| !row.contains(['▾', '▸', '→'])) {
                let name = row.rsplit(' ').next().unwrap_or_default().to_owned();
                // A layer that changed nothing says so in words.
                let Some(size) = bytes(row).first().copied() else { continue };
                let is = |file: &(String, u64)| {
                    file.1 == size && (file.0 == name || name.strip_suffix('…').is_some_and(|start| file.0.starts_with(start)))
                };
                if let Some(at) = sizes.iter().position(is) {
                    sizes.swap_remove(at);
                    seen += 1;
                } else {
                    assert_eq!(size, 0, "a row of layer {layer} that `files` does not have: {row}");
                }
            }
            assert!(sizes.is_empty(), "files of layer {layer} without a row: {sizes:?}");
            screen.keys("1j2");
        }
    });
    assert!(seen == expected && seen > 200, "{seen} of {expected}");
}

/// Findings in the tree weigh what the report says, and waste is all that is hidden.
#[test]
fn what_a_finding_shows_adds_up_to_it() {
    let report = json(&[DEMO], 0);
    story(DEMO, (200, 60), BYTES, |screen| {
        let findings = report["findings"].as_array().expect("a list");
        for at in 0..findings.len() {
            screen.keys("3");
            for _ in 0..at {
                screen.keys("j");
            }
            let expected = screen.report.findings.iter().map(|finding| finding.all.content_bytes).collect::<Vec<_>>();
            assert_eq!(expected[at], number(&findings[at], "content_bytes"));
            screen.enter();
            let total = total(screen);
            assert_eq!(total[0] + total[1], expected[at], "finding {}", findings[at]["rule"]);
            assert_eq!(total[1], number(&findings[at]["shadowed"], "content_bytes"), "finding {}", findings[at]["rule"]);
            screen.keys("3").press(KeyCode::Home);
        }
        screen.keys("w");
        assert_eq!(total(screen), [0, number(&report["shadowed"], "content_bytes")]);
    });
}

/// The sums of the first level.
fn total(screen: &mut Screen<'_>) -> [u64; 2] {
    while screen.text().contains('▾') {
        screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL);
    }
    screen.tree().iter().map(|row| bytes(row)).fold([0, 0], |sum, row| [sum[0] + row[0], sum[1] + row[1]])
}

/// Applied edits leave what `--without` leaves.
#[test]
fn edits_leave_what_without_leaves() {
    story(DEMO, (200, 60), BYTES, |screen| {
        screen.keys("e");
        let mut applied: Vec<String> = Vec::new();
        for number_of_edit in 1..=screen.report.edits.len() {
            applied.push(number_of_edit.to_string());
            let left = json(&[DEMO, "--without", &applied.join(",")], 0);
            screen.keys(" ");
            let disk = plimsoll::render::size::count(number(&left["totals"], "content_bytes"));
            screen.shows(&format!("left: {disk} B on disk"));
            screen.keys("j");
        }
        screen.keys(" ");
    });
}

/// The line above.
#[test]
fn the_head_has_the_totals() {
    let report = json(&[DEMO], 0);
    story(DEMO, (200, 60), BYTES, |screen| {
        let text = |name: &str| plimsoll::render::size::count(report.pointer(name).and_then(Value::as_u64).expect("a number"));
        screen.shows(&format!("{} B on disk", text("/image/disk_bytes")));
        screen.shows(&format!("{} B to pull", text("/image/pull_bytes")));
        screen.shows(&format!("{} B hidden", text("/shadowed/content_bytes")));
        screen.shows(&format!("edits leave {} B", text("/without_edits/content_bytes")));
    });
    story(DEMO, (200, 60), PLAIN, |screen| {
        screen.shows("15.0 MB on disk");
    });
}
