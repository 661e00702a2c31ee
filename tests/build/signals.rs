//! Ctrl+C and its kin are the engine's business while it works.

use crate::Fake;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A safety net.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a build that waits for a signal, sends one, and gives the status.
fn signalled(signal: &str, to_all: bool) -> (Fake, Option<i32>) {
    // The shell must not wait in a child, or it would see the signal afterwards.
    let fake = Fake::docker("trap 'exit 42' INT TERM\n: > \"$id.ready\"; rm \"$id.ready\"; : > ready\nwhile :; do sleep 0.1; done");
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(["build", "--engine", "docker", "."]).current_dir(fake.path("work")).env_clear();
    command.env("TMPDIR", fake.path("tmp")).env("PATH", format!("{}:/usr/bin:/bin", fake.path("bin").display()));
    // A group of its own, as a shell gives to what it runs in a terminal.
    let mut child = command.stdin(Stdio::null()).process_group(0).spawn().expect("the binary runs");
    let begun = Instant::now();
    while !fake.path("work/ready").exists() {
        assert!(begun.elapsed() < PATIENCE, "the build does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    let whom = format!("{}{}", if to_all { "-" } else { "" }, child.id());
    assert!(Command::new("kill").args(["-s", signal, "--", &whom]).status().expect("kill").success());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status.code();
        }
        if begun.elapsed() > PATIENCE {
            let _ = Command::new("kill").args(["-s", "KILL", "--", &format!("-{}", child.id())]).status();
            panic!("{signal} ends nothing");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    (fake, status)
}

/// A terminal sends it to both; plimsoll waits for the engine, and ends as it does.
#[test]
fn ctrl_c_ends_the_build_with_the_engines_status() {
    let (fake, status) = signalled("INT", true);
    assert_eq!(status, Some(42));
    fake.assert_clean();
}

/// Who ends plimsoll ends the engine.
#[cfg(feature = "tui")]
#[test]
fn an_end_that_is_asked_of_plimsoll_is_asked_of_the_engine() {
    let (fake, status) = signalled("TERM", false);
    assert_eq!(status, Some(42));
    fake.assert_clean();
}

/// What a shell tells of a program that a signal ended.
#[test]
fn an_engine_that_is_killed() {
    let fake = Fake::docker("kill -KILL $$");
    let outcome = crate::support::Outcome::of(&mut fake.plimsoll(&["--engine", "docker", "."]));
    outcome.assert_status(128 + 9);
    fake.assert_clean();
}
