//! What the README and `docs` show is what the program prints and takes.

mod support;

use plimsoll::render::schema::Document;
use std::fs;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The blocks of a document in a language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(file(document)).expect("the document");
    let start = format!("```{language}\n");
    text.split(&start).skip(1).map(|block| block.split("```").next().unwrap_or(block).to_owned()).collect()
}

/// Each `$ …` line of the README that names an image of the repository, with the output shown below it.
fn examples() -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for block in blocks("README.md", "console") {
        let (command, output) = block.split_once('\n').expect("the README");
        let words = command.strip_prefix("$ cargo run --release -- ").or_else(|| command.strip_prefix("$ plimsoll "));
        if let Some(words) = words.filter(|words| words.contains("testdata/")) {
            found.push((words.split_whitespace().map(str::to_owned).collect(), output.to_owned()));
        }
    }
    found
}

/// A reader who types what the README says sees what the README shows.
#[test]
fn the_readme_shows_real_output() {
    let examples = examples();
    assert!(examples.len() >= 4, "the README shows the main job, lists and a comparison");
    for (arguments, shown) in examples {
        let output = support::plimsoll().args(&arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the binary runs");
        assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), shown, "plimsoll {}", arguments.join(" "));
    }
}

/// The published schemas are those that the program prints, and there are no others.
#[test]
fn the_published_schemas_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let mut names = Vec::new();
    for document in Document::ALL {
        let name = document.name();
        let output = support::plimsoll().args(["schema", name]).output().expect("the binary runs");
        let file = format!("{name}-1.json");
        let published = fs::read_to_string(folder.join(&file)).unwrap_or_default();
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(printed == published, "renew it with `plimsoll schema {name} > schema/{file}`");
        names.push(file);
    }
    let mut found: Vec<_> = fs::read_dir(folder).expect("schemas").map(|file| file.expect("a file").file_name().into_string()).collect();
    found.sort();
    names.sort();
    assert_eq!(found, names.into_iter().map(Ok).collect::<Vec<_>>());
}

/// What the explorer's settings begin with in the README.
const SETTINGS: &str = "# explore.toml\n";

/// The explorer's settings that the README shows are taken as they are, and have all keys that there are; what stands for dive's
/// keys are actions.
#[cfg(feature = "tui")]
#[test]
fn the_settings_shown_are_taken() {
    use plimsoll::tui::{Keys, Settings};
    let shown: Vec<String> = blocks("README.md", "toml").into_iter().filter(|text| text.starts_with(SETTINGS)).collect();
    let [shown] = shown.as_slice() else { panic!("one block of settings in the README") };
    Settings::parse(shown, "README.md").expect("the README's settings");
    let all = Settings::parse("x = 1", "").expect_err("no such key").to_string();
    let all = all.split("The keys are ").nth(1).expect("all keys").to_owned();
    for key in all.split(", ") {
        assert!(shown.lines().any(|line| line.starts_with(&format!("{key} = "))), "{key}");
    }
    let readme = fs::read_to_string(file("README.md")).expect("the README");
    let table = readme.split("| dive | here |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("the table of dive's keys");
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let actions: Vec<&str> = Keys::actions().collect();
    let mut named = 0;
    for row in table.lines().filter(|row| row.starts_with("| `") && !row.contains('.')) {
        let cells: Vec<&str> = row.split('|').collect();
        let here = if cells[2].trim() == "the same" { cells[1] } else { cells[2] };
        for action in quoted(here).iter().filter(|name| *name != "keys") {
            assert!(actions.contains(&action.as_str()), "`{action}` is no action");
            named += 1;
        }
    }
    assert!(named >= 20, "all of dive's keys have a row");
}

/// The configuration that the README shows is taken as it is.
#[test]
fn the_configuration_shown_is_taken() {
    let shown: Vec<String> = blocks("README.md", "toml").into_iter().filter(|text| !text.starts_with(SETTINGS)).collect();
    assert!(!shown.is_empty(), "the README shows a configuration");
    let read = |text: &String| plimsoll::config::Config::parse(text, "README.md").expect("the README's configuration");
    let configs: Vec<_> = shown.iter().map(read).collect();
    let complete = |config: &plimsoll::config::Config| !config.levels.is_empty() && !config.rules.is_empty() && !config.allow.is_empty();
    assert!(configs.iter().any(complete), "the example is complete");
    let budgets = |config: &plimsoll::config::Config| !config.budgets.images.is_empty() && !config.budgets.profiles.is_empty();
    assert!(configs.iter().any(budgets), "the example of budgets is complete");
}

/// The rules that `docs/writing-rules.md` shows are rules.
#[test]
fn the_rules_shown_are_rules() {
    let shown = blocks("docs/writing-rules.md", "toml");
    assert!(!shown.is_empty(), "the guide shows a rule");
    for text in shown {
        plimsoll::rules::Rule::parse(&text, "docs/writing-rules.md").expect("the guide's rule");
    }
}

/// `docs/rules.md`: the catalogue as a table.
fn list_of_rules() -> String {
    let rules = plimsoll::rules::built_in();
    let mut text = format!(
        "# The built-in rules\n\n\
        {} rules, in the order in which they claim entries: an entry belongs to the first rule that selects it.\n\
        `plimsoll explain RULE` tells why it is waste, when the rule stands back and what to change; the\n\
        [README](../README.md#rules) tells what the levels mean. This file is made from `src/rules` by\n\
        `RENEW=1 cargo test --test readme`.\n\n\
        | rule | level | what |\n| --- | --- | --- |\n",
        rules.len()
    );
    for rule in rules {
        let title = rule.title.replace('|', "\\|");
        text.extend(["| `", &rule.id, "` | ", rule.level.name(), " | ", &title, " |\n"]);
    }
    text
}

/// `docs/rules.md` has the rules that the program has.
#[test]
fn the_published_list_of_rules_is_current() {
    let (path, current) = (file("docs/rules.md"), list_of_rules());
    if std::env::var_os("RENEW").is_some() {
        fs::write(&path, &current).expect("a writable docs/rules.md");
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(published == current, "docs/rules.md is not what src/rules has; renew it with `RENEW=1 cargo test --test readme`");
}
