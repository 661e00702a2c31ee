//! What is plimsoll's, and what the engine's: a script tells what it was called with.

use crate::support::Outcome;
use crate::{Fake, assert_empty};
use std::fs;

/// Every word reaches the engine as it was typed, and none a shell.
#[test]
fn words_are_passed_on_unchanged() {
    let hard: &[&str] =
        &["-t", "app:1", "--build-arg", "A=a b\t\"c\" 'd' $HOME `id` ; | & \n é", "", "--label=x= y", "--", "--", "-h", ". "];
    let words: [(&[&str], &[&str]); 7] = [
        (hard, hard),
        (&["-h", "x"], &[]),
        (&["--", "-h", "."], &["-h", "."]),
        (&["--", "--", "x"], &["--", "x"]),
        (&["--details", "--color", "never", "-t", "x", "--details", "."], &["-t", "x", "--details", "."]),
        // Docker's own, although other commands of plimsoll have options of these names.
        (&["--no-cache", "--platform", "linux/amd64", "--quiet", "."], &["--no-cache", "--platform", "linux/amd64", "--quiet", "."]),
        (&["--bytes", "-o", "out", "--output", "type=docker", "."], &["-o", "out", "--output", "type=docker", "."]),
    ];
    for (typed, expected) in words {
        let fake = Fake::docker("exit 7");
        let outcome = Outcome::of(&mut fake.plimsoll(&[&["--engine", "docker"], typed].concat()));
        match fake.typed() {
            Some(words) => {
                outcome.assert_status(7);
                assert_eq!(words, [&["build"], expected].concat(), "{typed:?}");
            }
            None => {
                outcome.assert_status(0);
                assert!(expected.is_empty() && outcome.text().contains("Usage: plimsoll build [OPTIONS]"), "{typed:?}");
            }
        }
        fake.assert_clean();
    }
}

#[test]
fn the_address_of_docker_is_passed_on() {
    let fake = Fake::docker("exit 7");
    Outcome::of(&mut fake.plimsoll(&["--host", "unix:///nowhere/a.sock", "."])).assert_status(7);
    assert_eq!(fake.typed().expect("called"), ["--host", "unix:///nowhere/a.sock", "build", "."]);
    let outcome = Outcome::of(&mut fake.plimsoll(&["--host", "unix:///nowhere/a.sock", "--engine", "podman", "."]));
    assert!([2, 4].contains(&outcome.status.expect("it ends")), "{}", outcome.stderr);
}

/// What cannot be meant is said before anything is built.
#[test]
fn wrong_usage_builds_nothing() {
    let fake = Fake::docker("exit 7");
    fs::write(fake.path("work/bad.toml"), "[budget]\nmax_dsk = 1\n").expect("a file");
    for (typed, status, hint) in [
        (&[][..], 2, "ENGINE-ARGUMENTS"),
        (&["--details"], 2, "ENGINE-ARGUMENTS"),
        (&["--format", "oci", "."], 2, "after `--`"),
        (&["--format", "yaml", "."], 2, "sarif"),
        (&["--output", "out", "."], 2, "after `--`"),
        (&["--output", "type=local,dest=out", "."], 2, "FORMAT=FILE"),
        (&["--engine", "kaniko", "."], 2, "podman"),
        (&["--output", "json=a", "--output", "csv=a", "."], 2, "one of them would be lost"),
        (&["--config", "bad.toml", "."], 2, "max_dsk"),
        (&["--base", "absent.tar", "."], 3, "absent.tar"),
        #[cfg(feature = "tui")]
        (&["--explore", "."], 2, "a terminal is needed"),
        #[cfg(feature = "tui")]
        (&["--explore", "--format", "json", "."], 2, "--format"),
    ] {
        let outcome = Outcome::of(&mut fake.plimsoll(&[&["--host", "unix:///nowhere/a.sock"], typed].concat()));
        outcome.assert_status(status);
        assert!(outcome.stderr.contains(hint), "{typed:?}: {}", outcome.stderr);
        assert_eq!(fake.typed(), None, "{typed:?}");
    }
    assert_empty(&fake.path("tmp"));
}

/// The engine complains of what it does not know; whose option it is says plimsoll.
#[test]
fn an_option_of_ours_in_the_wrong_place_is_told() {
    let fake = Fake::docker("echo unknown flag >&2; exit 125");
    let outcome = Outcome::of(&mut fake.plimsoll(&["--engine", "docker", "-t", "app", ".", "--details"]));
    outcome.assert_status(125);
    assert!(outcome.stderr.contains("unknown flag") && outcome.stderr.contains("plimsoll build --details"), "{}", outcome.stderr);
    let other = Outcome::of(&mut fake.plimsoll(&["--engine", "docker", "-t", "app", "."]));
    assert!(!other.stderr.contains("option of plimsoll's"), "{}", other.stderr);
    let output = Outcome::of(&mut fake.plimsoll(&["--engine", "docker", "-o", "out", "."]));
    assert!(output.stderr.contains("--load"), "{}", output.stderr);
}

/// Without an engine there is nothing to build with: 4, with the remedy.
#[test]
fn no_engine() {
    let fake = Fake::docker("exit 7");
    let nowhere = ("DOCKER_HOST", "unix:///nowhere/docker.sock");
    for (path, args, remedy) in [
        ("/nowhere", &["."][..], "neither `docker` nor `podman` is in PATH"),
        ("/nowhere", &["--engine", "podman", "."], "`podman` is not in PATH"),
        ("/nowhere", &["--engine", "docker", "."], "`docker` is not in PATH"),
        (fake.path("bin").to_str().expect("plain"), &["."], "start the engine"),
    ] {
        let outcome = Outcome::of(fake.plimsoll(args).env("PATH", path).env(nowhere.0, nowhere.1));
        outcome.assert_status(4);
        assert!(outcome.stderr.contains(remedy), "{args:?}: {}", outcome.stderr);
    }
    assert_eq!(fake.typed(), None);
}

/// What prints help or checks a Dockerfile ends as it does, and is no failure of a build.
#[test]
fn what_builds_nothing_is_no_error() {
    let fake = Fake::docker("echo 'help of the engine'");
    for args in [&["-q", "--help"][..], &["--check", "."], &["--call=outline", "."], &["-t", "x", "-h"]] {
        let outcome = Outcome::of(&mut fake.plimsoll(&[&["--engine", "docker", "--"], args].concat()));
        outcome.assert_status(0);
        assert!(outcome.stdout.is_empty() && outcome.stderr.contains("help of the engine"), "{args:?}: {}", outcome.stderr);
    }
    fake.assert_clean();
}
