//! `plimsoll build`: engines build, and what they built is weighed.
//!
//! `real` has engines that the tests start; `arguments` a script in an engine's place, which writes down what it is
//! called with.
#![cfg(all(unix, feature = "daemon"))]

mod support;

#[path = "build/arguments.rs"]
mod arguments;
#[path = "support/engine.rs"]
mod engine;
#[path = "build/real.rs"]
mod real;
#[path = "support/scripted.rs"]
mod scripted;
#[path = "build/signals.rs"]
mod signals;
#[path = "build/store.rs"]
mod store;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use support::plimsoll;
use tempfile::TempDir;

/// A directory with a script in place of an engine's program, and one for temporary files.
struct Fake(TempDir);

impl Fake {
    /// `docker`, which writes what it is called with into `typed`, each word ended by a NUL, then does `script`. The
    /// file that `--iidfile` names is `$id`.
    fn docker(script: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["bin", "tmp", "work"] {
            fs::create_dir(directory.path().join(name)).expect("a directory");
        }
        let path = directory.path().join("bin/docker");
        let at = directory.path().display();
        let text = format!(
            "#!/bin/sh\nprintf '%s\\0' \"$@\" > {at}/typed\nfor word; do [ \"$last\" = --iidfile ] && id=$word; last=$word; done\n{script}\n"
        );
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `plimsoll build ARGS` in a directory of its own, with the script as its only `docker`.
    fn plimsoll(&self, args: &[&str]) -> assert_cmd::Command {
        let mut command = plimsoll();
        command.arg("build").args(args).current_dir(self.path("work")).env("TMPDIR", self.path("tmp"));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()));
        command
    }

    /// What the script was called with, without the file for the id.
    fn typed(&self) -> Option<Vec<String>> {
        let text = fs::read_to_string(self.path("typed")).ok()?;
        let mut words: Vec<String> = text.split_terminator('\0').map(str::to_owned).collect();
        let file = words.iter().position(|word| word == "--iidfile").expect("a file for the id is asked for");
        words.drain(file..file + 2);
        Some(words)
    }

    /// Nothing is left behind.
    #[track_caller]
    fn assert_clean(&self) {
        assert_empty(&self.path("tmp"));
    }
}

#[track_caller]
fn assert_empty(directory: &Path) {
    let left: Vec<_> = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    assert!(left.is_empty(), "{left:?}");
}
