//! What the README shows is what the program prints.

mod support;

use std::fs;

/// Each `$ …` line of the README that names the demo image, with the output shown below it.
fn examples() -> Vec<(Vec<String>, String)> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let mut found = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let (command, output) = block.split_once('\n').unwrap();
        let words = command.strip_prefix("$ cargo run --release -- ").or_else(|| command.strip_prefix("$ plimsoll "));
        if let Some(words) = words.filter(|words| words.contains("testdata/demo.tar")) {
            found.push((words.split_whitespace().map(str::to_owned).collect(), output.to_owned()));
        }
    }
    found
}

/// A reader who types what the README says sees what the README shows.
#[test]
fn the_readme_shows_real_output() {
    let examples = examples();
    assert!(examples.len() >= 2, "the README shows the main job and a list");
    for (arguments, shown) in examples {
        let output = support::plimsoll().args(&arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), shown, "plimsoll {}", arguments.join(" "));
    }
}

/// The published schema is the one the program prints.
#[test]
fn the_published_schema_is_current() {
    let output = support::plimsoll().arg("schema").output().unwrap();
    let published = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report-1.json")).unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), published, "renew it with `plimsoll schema > schema/report-1.json`");
}
