//! What the README shows is what the program prints.

mod support;

use std::fs;

/// Each `$ …` line of the README that names the demo image, with the output shown below it.
fn examples() -> Vec<(Vec<String>, String)> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    let mut found = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("the README");
        let (command, output) = block.split_once('\n').expect("the README");
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
        let output = support::plimsoll().args(&arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the binary runs");
        assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), shown, "plimsoll {}", arguments.join(" "));
    }
}

/// The published schema is the one the program prints.
#[test]
fn the_published_schema_is_current() {
    let output = support::plimsoll().arg("schema").output().expect("the binary runs");
    let published = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report-1.json")).expect("the README");
    assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), published, "renew it with `plimsoll schema > schema/report-1.json`");
}
