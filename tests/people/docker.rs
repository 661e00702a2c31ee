//! plimsoll as a plugin of the real docker command line. No engine is needed for it.

use crate::support::{plimsoll, testdata};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A directory of Docker's configuration that has plimsoll as a plugin.
struct Plugged(TempDir);

impl Plugged {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let plugins = directory.path().join("cli-plugins");
        fs::create_dir(&plugins).expect("a directory");
        std::os::unix::fs::symlink(plimsoll().get_program(), plugins.join("docker-plimsoll")).expect("a link");
        Self(directory)
    }

    fn binary(&self) -> PathBuf {
        self.0.path().join("cli-plugins/docker-plimsoll")
    }

    /// What `PROGRAM ARGS` does with this configuration and little else.
    fn call(&self, program: &Path, args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(args).env_clear().env("PATH", std::env::var_os("PATH").expect("a path"));
        command.env("DOCKER_CONFIG", self.0.path()).env("HOME", self.0.path()).env("COLUMNS", "100").current_dir(testdata(""));
        command.output().unwrap_or_else(|error| panic!("{}: {error}; .ci/test installs it", program.display()))
    }

    fn docker(&self, args: &[&str]) -> Output {
        self.call(Path::new("docker"), args)
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What docker asks first.
#[test]
fn the_metadata() {
    let plugged = Plugged::new();
    let output = plugged.call(&plugged.binary(), &["docker-cli-plugin-metadata"]);
    assert!(output.status.success(), "{}", err(&output));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(metadata["SchemaVersion"], "0.1.0");
    assert_eq!(metadata["Version"], env!("CARGO_PKG_VERSION"));
    for field in ["Vendor", "ShortDescription", "URL"] {
        assert!(metadata[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {metadata}");
    }
    // By its own name the word is an image like any other.
    assert_eq!(plimsoll().arg("docker-cli-plugin-metadata").arg("--source=oci").output().expect("runs").status.code(), Some(3));
}

/// `docker plimsoll ARGS` is `plimsoll ARGS`, to the byte and in its status.
#[test]
fn docker_plimsoll_is_plimsoll() {
    let plugged = Plugged::new();
    for args in [
        &["demo.tar", "--format", "json"][..],
        &["demo.tar"],
        &["files", "demo.tar", "--top", "3"],
        &["check", "demo.tar", "--max-disk", "1MB"],
        &["--version"],
        &["rules"],
        &["absent.tar"],
    ] {
        let typed: Vec<&str> = ["plimsoll"].iter().chain(args).copied().collect();
        let through = plugged.docker(&typed);
        let own =
            plimsoll().args(args).env("COLUMNS", "100").env("HOME", plugged.0.path()).current_dir(testdata("")).output().expect("runs");
        assert_eq!(through.status.code(), own.status.code(), "{args:?}: {}", err(&through));
        assert_eq!(out(&through), out(&own), "{args:?}");
    }
}

/// Docker lists it, and help and usage name it as it is typed.
#[test]
fn help_names_what_is_typed() {
    let plugged = Plugged::new();
    let listed = out(&plugged.docker(&["help"]));
    assert!(listed.lines().any(|line| line.contains("plimsoll") && line.contains("Weigh a container image")), "{listed}");
    for args in [&["plimsoll", "--help"][..], &["help", "plimsoll"]] {
        let output = plugged.docker(args);
        assert!(output.status.success(), "{args:?}: {}", err(&output));
        assert!(out(&output).contains("Usage: docker plimsoll "), "{args:?}: {}", out(&output));
    }
    let output = plugged.docker(&["plimsoll", "files", "--no-such-flag"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("docker plimsoll files"), "{}", err(&output));
    let own = out(&plimsoll().arg("--help").output().expect("runs"));
    assert!(own.contains("Usage: plimsoll ") && !own.contains("docker plimsoll"), "{own}");
}

/// Docker's own options would say another engine: they are no word to be left out.
#[test]
fn options_of_docker_are_refused() {
    let plugged = Plugged::new();
    let output = plugged.docker(&["--host", "unix:///nowhere", "plimsoll", "demo.tar"]);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(err(&output).contains("--host") && out(&output).is_empty(), "{}", err(&output));
}
