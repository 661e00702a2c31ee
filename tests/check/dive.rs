//! dive's rules give dive's verdict: dive 0.13.1 is run on the same images with the same file and flags.

use super::support::testdata;
use super::{directory, within};
use std::path::{Path, PathBuf};
use std::process::Command;

const ARCHIVES: [&str; 4] = ["docker20-one.tar", "docker26-built.tar", "kaniko.tar", "buildah-squash-docker-archive.tar"];

/// Files of rules, and flags. dive's own words decide; `None` is no file.
const CASES: [(Option<&str>, &[&str]); 16] = [
    (None, &["--lowestEfficiency", "0.9"]),
    (None, &["--lowestEfficiency", "0.3", "--highestUserWastedPercent", "1"]),
    (None, &["--highestWastedBytes", "2002"]),
    (None, &["--highestWastedBytes", "1,000", "--highestUserWastedPercent", "disabled"]),
    (None, &["--highestWastedBytes", "2.002k"]),
    (None, &["--highestWastedBytes", "3XB"]),
    (None, &["--lowestEfficiency", "1.1"]),
    (Some("rules:\n  lowestEfficiency: 0.5\n  highestWastedBytes: 20MB\n  highestUserWastedPercent: disabled\n"), &[]),
    (
        Some(
            "# ours\nrules: # dive's\n    lowestEfficiency: \"0.6536713286713287\" # equal\n    highestWastedBytes: '1.5 KiB'\n    highestUserWastedPercent: 0.7\n",
        ),
        &[],
    ),
    (Some("rules: {lowestEfficiency: 0.5, highestUserWastedPercent: 0.9}\n"), &[]),
    (Some("rules:\n  lowestefficiency: 0.5\n  highestUserWastedPercent: 1e0\nplugins:\n  - x\n  - y: z\n"), &[]),
    (Some("rules:\n  lowestEfficiency: 0.95\n"), &["--lowestEfficiency", "0.1", "--highestUserWastedPercent", "0.9"]),
    (Some("rules:\n  lowestEfficiency: 0.1\n"), &["--highestUserWastedPercent", "0.9"]),
    (Some("rules:\n  lowestEfficiency:\n  highestWastedBytes: ~\n"), &[]),
    (Some("rules:\n\tlowestEfficiency: 0.1\n"), &[]),
    (Some("rules:\n  lowestEfficiency: abc\n"), &[]),
];

#[test]
fn verdicts_and_numbers_are_dives() {
    let dive = dive();
    let mut outcomes = [0, 0];
    for archive in ARCHIVES {
        let archive = testdata(&format!("archives/{archive}"));
        for (file, flags) in CASES {
            let directory = directory("");
            if let Some(text) = file {
                std::fs::write(directory.path().join(".dive-ci"), text).expect("a file");
            }
            let truth = Command::new(&dive)
                .current_dir(directory.path())
                .env("CI", "true")
                .args(["--source", "docker-archive"])
                .arg(&archive)
                .args(flags)
                .output()
                .expect("dive runs");
            let ours = within(directory.path(), &[&["check", archive.to_str().expect("a plain name")], flags].concat());
            let what = format!("{} {file:?} {flags:?}", archive.display());
            assert_eq!(ours.status, truth.status.code(), "{what}: {}{}", ours.text(), ours.stderr);
            let printed = plain(&String::from_utf8_lossy(&truth.stdout));
            // Where dive is told nonsense both stop, each in its own words.
            if printed.contains("Result:") {
                outcomes[usize::from(truth.status.success())] += 1;
                assert_eq!(ours.text().trim_end(), told(&printed).trim_end(), "{what}");
            }
        }
    }
    assert!(outcomes.iter().all(|count| *count >= 8), "failures and passes are both compared: {outcomes:?}");
}

/// A file of dive's alone is a gate; with budgets beside it, it is not.
#[test]
fn budgets_come_before_dives_file() {
    let archive = testdata("archives/docker20-one.tar");
    let archive = archive.to_str().expect("a plain name");
    let directory = directory("");
    std::fs::write(directory.path().join(".dive-ci"), "rules:\n  lowestEfficiency: 0.99\n").expect("a file");
    let alone = within(directory.path(), &["check", archive, "--format", "json"]);
    alone.assert_status(1);
    assert_eq!(alone.json()["mode"], "dive");
    within(directory.path(), &["check", archive, "--exit-zero"]).assert_status(0);
    within(directory.path(), &["check", archive, "--max-disk", "1GB"]).assert_status(0);
    within(directory.path(), &["check", archive, "--max-disk", "1GB", "--lowestEfficiency", "0"]).assert_status(2);
    within(directory.path(), &["check", "/nonexistent.tar", "--lowestEfficiency", "0"]).assert_status(1);
    // What takes its place is a configuration that holds.
    let migrated = within(directory.path(), &["check", "--migrate"]);
    migrated.assert_status(0);
    std::fs::write(directory.path().join("plimsoll.toml"), migrated.text()).expect("a file");
    within(directory.path(), &["config", "check"]).assert_status(0);
    let budgets = within(directory.path(), &["check", archive, "--format", "json"]);
    budgets.assert_status(1);
    assert_eq!(budgets.json()["sections"], serde_json::json!(["budget"]));
}

/// The numbers and what follows, without what dive says before.
fn told(printed: &str) -> String {
    let from = printed.find("  efficiency:").expect("the numbers");
    printed[from..].to_owned()
}

fn plain(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    out
}

fn dive() -> PathBuf {
    if let Some(dive) = std::env::var_os("DIVE") {
        return dive.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|place| place.join("dive"));
    places.find(|dive: &PathBuf| Path::is_file(dive)).expect("dive 0.13.1 is not installed: `.ci/test` installs it; or set $DIVE")
}
