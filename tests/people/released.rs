//! What is released, what the action fetches and what `cargo binstall` looks for have one name.

use super::action::Runner;
use super::{text, yaml};
use std::collections::BTreeSet;

const PROGRAM: &str = "#!/bin/bash\n[ \"$1\" != man ] && [ \"$1\" != completions ] || touch \"${@: -1}\"\n";

/// The targets that release.yml builds.
fn targets() -> Vec<String> {
    let release = yaml(".github/workflows/release.yml");
    let matrix = release["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().expect("a matrix").clone();
    matrix.iter().map(|row| row["target"].as_str().expect("a target").to_owned()).collect()
}

/// `cargo binstall` asks for the archives that are packed, and finds the binary in them.
#[test]
fn binstall_finds_what_is_packed() {
    let manifest: toml::Table = toml::from_str(&text("Cargo.toml")).expect("TOML");
    let package = &manifest["package"];
    let binstall = &package["metadata"]["binstall"];
    let runner = Runner::new(PROGRAM);
    for target in targets() {
        let [packed] = <[String; 1]>::try_from(runner.release(&[&target])).expect("an archive");
        let filled = |template: &toml::Value| {
            let template = template.as_str().expect("a template");
            let version = package["version"].as_str().expect("a version");
            let repository = package["repository"].as_str().expect("an address");
            let variables = [("repo", repository), ("name", "plimsoll"), ("version", version), ("target", &target), ("bin", "plimsoll")];
            let filled = variables.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{ {name} }}"), value));
            filled.replace("{ binary-ext }", "")
        };
        let address = filled(&binstall["pkg-url"]);
        assert!(address.starts_with("https://") && !address.contains('{'), "{address}");
        assert!(address.ends_with(&format!("/releases/download/v{}/{packed}", env!("CARGO_PKG_VERSION"))), "{address} has {packed}");
        let archive = runner.directory.path().join(concat!("releases/v", env!("CARGO_PKG_VERSION"))).join(&packed);
        let output = std::process::Command::new("tar").arg("-tzf").arg(archive).output().expect("tar runs");
        let inside = String::from_utf8(output.stdout).expect("UTF-8");
        let binary = filled(&binstall["bin-dir"]);
        assert!(inside.lines().any(|line| line == binary), "{binary} is in {inside}");
        assert!(inside.contains("LICENSE-MIT") && inside.contains("plimsoll.1") && inside.contains("plimsoll.zsh"), "{inside}");
    }
}

/// On every runner the action finds a release, and every release is some runner's.
#[test]
fn the_action_fetches_what_is_released() {
    let targets = targets();
    let mut used = BTreeSet::new();
    let systems = [("Linux", "X64"), ("Linux", "ARM64"), ("macOS", "X64"), ("macOS", "ARM64"), ("Windows", "X64"), ("Windows", "ARM64")];
    let mut runner = Runner::new(PROGRAM).with("image", "image.tar");
    runner.release(&targets.iter().map(String::as_str).collect::<Vec<_>>());
    for system in systems {
        runner.system = system;
        let ran = runner.run();
        assert_eq!(ran.status, Some(0), "{system:?}: {}", ran.log);
        let target = targets.iter().find(|target| ran.paths.trim().ends_with(target.as_str()));
        used.insert(target.expect("one of the targets").clone());
    }
    assert_eq!(used, targets.iter().cloned().collect());
    runner.system = ("Linux", "ARM");
    let ran = runner.run();
    assert_eq!(ran.status, Some(2), "{}", ran.log);
    assert!(ran.log.contains("no release for Linux on ARM"), "{}", ran.log);
}
