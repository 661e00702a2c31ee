//! Where people work: Docker's command line, pre-commit, GitHub's actions and releases.

mod support;

#[path = "people/action.rs"]
mod action;
#[path = "people/docker.rs"]
mod docker;
#[path = "people/released.rs"]
mod released;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the repository.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A file as `PyYAML` reads it: the parser of pre-commit, and as strict as GitHub's on what we write.
fn yaml(name: &str) -> Value {
    let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let output = Command::new("/usr/bin/python3").arg("-c").arg(script).arg(file(name)).output().expect("python3 runs");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The hooks look at plimsoll's own file, by a command that there is.
#[test]
fn the_hooks_check_the_configuration() {
    let directory = tempfile::tempdir().expect("a directory");
    let good = directory.path().join("plimsoll.toml");
    let bad = directory.path().join("bad.toml");
    fs::write(&good, "[budget]\nmax_disk = \"300 MB\"\n").expect("written");
    fs::write(&bad, "[budget]\nmax_dsk = \"300 MB\"\n").expect("written");
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hooks = hooks.as_array().expect("a list of hooks");
    assert_eq!(hooks.iter().map(|hook| &hook["language"]).collect::<Vec<_>>(), ["rust", "system"]);
    for hook in hooks {
        assert_eq!(hook["files"], r"(^|/)plimsoll\.toml$");
        let words: Vec<&str> = hook["entry"].as_str().expect("a command").split_whitespace().collect();
        let ["plimsoll", arguments @ ..] = words.as_slice() else { panic!("plimsoll: {words:?}") };
        // pre-commit puts the files' names after the entry.
        support::Outcome::of(support::plimsoll().args(arguments).arg(&good)).assert_status(0);
        let outcome = support::Outcome::of(support::plimsoll().args(arguments).args([&good, &bad]));
        outcome.assert_status(2);
        assert!(outcome.stderr.contains("max_dsk"), "{}", outcome.stderr);
    }
}
