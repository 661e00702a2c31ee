//! Real engines: what they built weighs what the store says, and edits name lines of what it was built from.

use crate::engine::{Docker, Podman, Unserved, path, plain_path, run};
use crate::support::{Outcome, plimsoll, tar};
use crate::{assert_empty, support};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A context whose Dockerfile is elsewhere, and a directory for temporary files.
struct Context(TempDir);

impl Context {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["work/app/.git/objects", "work/build files", "tmp"] {
            fs::create_dir_all(directory.path().join(name)).expect("a directory");
        }
        let work = directory.path().join("work");
        fs::write(work.join("app/main"), vec![b'm'; 30_000]).expect("a file");
        fs::write(work.join("app/.git/HEAD"), "ref: refs/heads/main").expect("a file");
        fs::write(work.join("app/.git/objects/pack"), noise(599_980)).expect("a file");
        let file = "# a comment\nFROM scratch AS parts\nCOPY app/main /part\n\nFROM scratch AS runtime\n\nCOPY --chown=1:1 \\\n  app/ \\\n  /srv/\nLABEL a=b\n\
            \nFROM scratch\nCOPY app/main /only\n";
        fs::write(work.join("build files/File"), file).expect("a file");
        Self(directory)
    }

    fn work(&self) -> std::path::PathBuf {
        self.0.path().join("work")
    }

    fn plimsoll(&self, variables: &[(String, String)], args: &[&str]) -> assert_cmd::Command {
        let mut command = plimsoll();
        command.current_dir(self.work()).env("PATH", path()).env("HOME", "/nonexistent").env("TMPDIR", self.0.path().join("tmp"));
        command.envs(variables.iter().cloned()).args(args);
        command
    }
}

/// Bytes that look like no text.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// The report without where it was read from, and what the Dockerfile told.
fn plain(mut report: Value) -> Value {
    for pointer in ["/source", "/image/names", "/image/dockerfile", "/image/lines_by"] {
        if let Some(value) = report.pointer_mut(pointer) {
            *value = Value::Null;
        }
    }
    report
}

/// Builds with an engine, whose own command line says what is true.
fn builds(word: &str, variables: &[(String, String)], own: &dyn Fn() -> Command) {
    let context = Context::new();
    let run_with = |args: &[&str]| Outcome::of(&mut context.plimsoll(variables, args));
    let built =
        run_with(&["build", "--format", "json", "--label", "x=a b", "-f", "build files/File", "--target=runtime", "-t", "built:1", "."]);
    built.assert_status(0);
    let report = built.json();
    // All that the instruction copies, and not a byte more.
    assert_eq!(report["totals"]["content_bytes"], 630_000);
    assert_eq!(report["layers"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["layers"][0]["lines"], json!([7, 9]));
    assert_eq!((&report["image"]["dockerfile"], &report["image"]["lines_by"]), (&json!("build files/File"), &json!("named")));
    assert_eq!((&report["image"]["base"]["layers"], &report["image"]["base"]["evidence"]), (&json!(0), &json!("dockerfile")));
    let edit = &report["edits"][0];
    assert_eq!((&edit["kind"], &edit["line"], &edit["content_bytes"]), (&json!("ignore"), &json!(7), &json!(600_000)), "{edit}");
    assert_eq!((&report["source"]["kind"], &report["source"]["reference"]), (&json!(word), &json!(format!("{word}:built:1"))));
    let truth = run(own().args(["image", "inspect", "--format", "{{.Id}} {{index .Config.Labels \"x\"}}", "built:1"]));
    let truth = String::from_utf8(truth).expect("UTF-8");
    let (id, label) = truth.trim().split_once(' ').expect("an id and a label");
    assert_eq!(label, "a b", "a word with a space is one word");

    // The same as of what is in the store, by its id, with the same Dockerfile.
    let name = format!("{word}:{id}");
    let again = run_with(&[&name, "--format", "json"]);
    again.assert_status(0);
    let (ours, stored) = (plain(report), plain(again.json()));
    for field in ["totals", "live", "shadowed", "overhead", "packages", "directories"] {
        assert_eq!(ours[field], stored[field], "{field}");
    }

    // For people: lines, what to do next with it, and the engine's words apart.
    let table = run_with(&["build", "-f", "build files/File", "--target", "runtime", "-t", "built:1", "."]);
    table.assert_status(0);
    let text = table.text();
    for part in [" 1 Add to .dockerignore: .git", "lines: of build files/File", &format!("plimsoll check {word}:built:1 --max-disk SIZE")] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.to_lowercase().contains("step") && table.stderr.to_lowercase().contains("step 2/"), "{text}{}", table.stderr);

    // Without a tag; and another stage has other lines.
    let untagged = run_with(&["build", "--format", "json", "-f", "build files/File", "--build-arg", "-f=x", "."]);
    untagged.assert_status(0);
    assert_eq!(untagged.json()["totals"]["content_bytes"], 30_000);
    assert_eq!(untagged.json()["layers"][0]["lines"], json!([13, 13]));
    assert!(untagged.json()["source"]["reference"].as_str().is_some_and(|name| name.starts_with(&format!("{word}:sha256:"))));

    // A build that fails ends as the engine says, and nothing is weighed.
    fs::write(context.work().join("bad"), "FROM scratch\nCOPY absent /\n").expect("a file");
    let failed = run_with(&["build", "-f", "bad", "-t", "built:1", "."]);
    let own = own().current_dir(context.work()).args(["build", "-f", "bad", "."]).output().expect("the engine");
    assert!(!own.status.success());
    assert_eq!(failed.status, own.status.code(), "{}", failed.stderr);
    assert!(failed.stdout.is_empty() && failed.stderr.contains("absent"), "{}{}", failed.text(), failed.stderr);
    assert_empty(&context.0.path().join("tmp"));
}

#[test]
fn docker_builds() {
    let docker = Docker::start();
    let variables = [("DOCKER_HOST".to_owned(), format!("unix://{}", docker.socket().display()))];
    builds("docker", &variables, &|| docker.docker());
    standard_input(&variables);
    plugin(docker.socket().as_path());
}

/// A context that comes as an archive has no Dockerfile here, although there is one in the directory.
fn standard_input(variables: &[(String, String)]) {
    let context = Context::new();
    let file = "FROM scratch\nCOPY part /part\n";
    fs::write(context.work().join("Dockerfile"), file).expect("a file");
    let archive = tar(&[support::Entry::file("Dockerfile", file), support::Entry::file("part", "twelve bytes")]);
    let outcome = Outcome::of(context.plimsoll(variables, &["build", "--format", "json", "-t", "piped", "-"]).write_stdin(archive));
    outcome.assert_status(0);
    let report = outcome.json();
    assert_eq!((&report["totals"]["content_bytes"], &report["image"]["dockerfile"]), (&json!(12), &Value::Null));
}

/// `docker plimsoll build`, and an id that the user wants to have.
fn plugin(socket: &Path) {
    let context = Context::new();
    let plugins = context.0.path().join("config/cli-plugins");
    fs::create_dir_all(&plugins).expect("a directory");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_plimsoll"), plugins.join("docker-plimsoll")).expect("a link");
    let mut docker = Command::new("docker");
    docker.env_clear().env("PATH", path()).env("HOME", "/nonexistent").env("DOCKER_HOST", format!("unix://{}", socket.display()));
    docker.env("DOCKER_CONFIG", context.0.path().join("config")).current_dir(context.work());
    let words = ["plimsoll", "build", "--format", "json", "--iidfile", "id", "-f", "build files/File", "-t", "plugged", "."];
    let report: Value = serde_json::from_slice(&run(docker.args(words))).expect("JSON");
    assert_eq!(report["totals"]["content_bytes"], 30_000);
    let id = fs::read_to_string(context.work().join("id")).expect("the id is kept");
    assert!(id.starts_with("sha256:"), "{id}");
}

#[test]
fn podman_builds_by_its_service() {
    let podman = Podman::start();
    let variables = [
        ("CONTAINER_HOST".to_owned(), format!("unix://{}", podman.socket().display())),
        ("DOCKER_HOST".to_owned(), "unix:///nowhere/docker.sock".to_owned()),
    ];
    let own = || {
        let mut command = Command::new("podman");
        command.args(["--remote", "--url", &format!("unix://{}", plain_path(&podman.socket()))]);
        command
    };
    builds("podman", &variables, &own);
}

#[test]
fn podman_builds_without_a_service() {
    let podman = Unserved::new();
    let variables = [&podman.variables()[..], &[("XDG_RUNTIME_DIR".to_owned(), "/nowhere".to_owned())]].concat();
    let chosen = [&variables[..], &[("DOCKER_HOST".to_owned(), "unix:///nowhere/docker.sock".to_owned())]].concat();
    builds("podman", &chosen, &|| podman.podman());
    // Where both are, who builds is as it is said.
    let context = Context::new();
    let outcome = Outcome::of(&mut context.plimsoll(&chosen, &["build", "--engine", "podman", "-f", "build files/File", "."]));
    outcome.assert_status(0);
    assert!(!outcome.stderr.contains("docker does not answer"), "{}", outcome.stderr);
    let outcome = Outcome::of(&mut context.plimsoll(&chosen, &["build", "-f", "build files/File", "."]));
    assert!(outcome.stderr.contains("docker does not answer (unix:///nowhere/docker.sock): building with podman"), "{}", outcome.stderr);
}
