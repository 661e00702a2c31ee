//! What all integration tests share: the binary, its JSON, and small images built by hand.
//!
//! Nothing here comes from plimsoll: the archives are made byte by byte, so that what a test
//! expects is known without asking the program under test.

#![allow(dead_code, reason = "each test file compiles its own copy and uses a part of it")]
#![allow(unreachable_pub, reason = "a test crate has no outside")]

mod archive;
mod image;
mod measured;

#[allow(unused_imports, reason = "each test file uses a part of it")]
pub use {archive::*, image::*, measured::*};

use assert_cmd::Command;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The binary, with nothing in its environment that could change what it prints.
pub fn plimsoll() -> Command {
    let mut command = Command::cargo_bin("plimsoll").expect("the binary is built with the tests");
    command.env_clear();
    // A hang must fail the test, not the machine.
    command.timeout(std::time::Duration::from_secs(120));
    command
}

/// What the binary did with `args`.
pub fn run<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Outcome {
    Outcome::of(plimsoll().args(args))
}

/// The report as JSON: `plimsoll ARGS --format json` must end with `status`.
pub fn json<S: AsRef<std::ffi::OsStr>>(args: &[S], status: i32) -> Value {
    let outcome = Outcome::of(plimsoll().args(args).args(["--format", "json"]));
    outcome.assert_status(status);
    outcome.json()
}

/// Exit status and output of one run.
#[derive(Debug)]
pub struct Outcome {
    pub status: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Outcome {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the binary runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("panicked"), "no input may cause a panic: {stderr}");
        Self { status: output.status.code(), stdout: output.stdout, stderr }
    }

    #[track_caller]
    pub fn assert_status(&self, status: i32) {
        assert_eq!(self.status, Some(status), "exit status; stderr: {}", self.stderr);
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("JSON expected: {error}\n{}\n{}", self.text(), self.stderr))
    }
}

/// A file of `testdata`.
pub fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

/// `sha256:` and 64 digits.
pub fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}

/// A file with these bytes, in a directory that goes with it.
pub fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("a new file");
    (dir, path)
}
