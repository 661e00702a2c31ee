//! The command line: an image in an engine's store weighs what the engine's saved archive weighs.

use crate::engine::{Containerd, Unserved, path, plain_path, run};
use crate::support::{Outcome, plimsoll};
use crate::{docker, podman};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The report without what it says of its source, and the source.
fn report(outcome: &Outcome) -> (Value, Value) {
    outcome.assert_status(0);
    let mut report = outcome.json();
    let source = report["source"].take();
    report["image"]["names"] = Value::Null;
    (report, source)
}

/// What the archive weighs that the engine's own command line saves.
fn saved(command: &mut Command) -> Value {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), run(command)).expect("an archive");
    report(&Outcome::of(plimsoll().arg(file.path()).args(["--format", "json"]))).0
}

fn weigh(name: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Outcome {
    Outcome::of(plimsoll().envs(variables.iter().copied()).args([name, "--format", "json"]).args(arguments))
}

fn address(socket: &Path) -> String {
    format!("unix://{}", socket.display())
}

#[test]
fn docker_by_every_word() {
    let docker = docker();
    let expected = saved(docker.docker().args(["save", "demo:1"]));
    let address = address(&docker.socket());
    for name in ["docker:demo:1", "docker-daemon:demo:1", "demo:1"] {
        let outcome = weigh(name, &[("DOCKER_HOST", &address)], &[]);
        let (found, source) = report(&outcome);
        assert_eq!(found, expected, "{name}");
        assert_eq!((source["kind"].as_str(), source["reference"].as_str()), (Some("docker"), Some(name)));
        assert_eq!(outcome.stderr.contains("reading demo:1 from docker"), name == "demo:1", "{}", outcome.stderr);
    }
    assert_eq!(report(&weigh("docker:demo:1", &[], &["--host", &address])).0, expected);
    let absent = weigh("docker:absent:1", &[("DOCKER_HOST", &address)], &[]);
    absent.assert_status(3);
    assert!(absent.stderr.contains("has no such image"), "{}", absent.stderr);
}

#[test]
fn podman_by_every_word() {
    let podman = podman();
    let expected = saved(podman.podman().args(["save", "--quiet", "demo:1"]));
    let address = address(&podman.socket());
    for name in ["podman:demo:1", "podman:docker.io/library/demo:1", "containers-storage:demo:1", "demo:1"] {
        // No Docker here: a bare name is asked of Podman next.
        let variables = [("CONTAINER_HOST", address.as_str()), ("DOCKER_HOST", "unix:///nowhere/docker.sock")];
        let (found, source) = report(&weigh(name, &variables, &[]));
        assert_eq!(found, expected, "{name}");
        assert_eq!(source["kind"], "podman", "{name}");
    }
}

/// Most people who have Podman run no service of it.
#[test]
fn podman_without_a_service() {
    let podman = Unserved::with_demo();
    let expected = saved(podman.podman().args(["save", "--quiet", "demo:1"]));
    let id = String::from_utf8(run(podman.podman().args(["image", "inspect", "--format", "{{.Id}}", "demo:1"]))).expect("UTF-8");
    let [path, storage] = podman.variables();
    let variables = [
        (path.0.as_str(), path.1.as_str()),
        (storage.0.as_str(), storage.1.as_str()),
        ("DOCKER_HOST", "unix:///nowhere/docker.sock"),
        ("XDG_RUNTIME_DIR", "/nowhere"),
    ];
    for name in ["podman:demo:1", &format!("podman:{}", id.trim()), "demo:1"] {
        let outcome = weigh(name, &variables, &[]);
        let (found, source) = report(&outcome);
        assert_eq!(found, expected, "{name}");
        assert_eq!(source["kind"], "podman", "{name}");
        assert_eq!(outcome.stderr.contains("reading demo:1 from podman (its program)"), name == "demo:1", "{}", outcome.stderr);
    }
    let absent = weigh("podman:absent:1", &variables, &[]);
    absent.assert_status(3);
    assert!(absent.stderr.contains("podman (its program) has no such image"), "{}", absent.stderr);
    // A place that is named is the only one that is asked.
    let named = [&variables[..], &[("CONTAINER_HOST", "unix:///nowhere/podman.sock")]].concat();
    weigh("podman:demo:1", &named, &[]).assert_status(4);
    contents_of("podman:demo:1", &variables, podman.podman().args(["save", "--quiet", "demo:1"]));
}

#[test]
fn containerd_through_its_tools() {
    let containerd = Containerd::start();
    let expected = saved(containerd.ctr().args(["images", "export", "-", "docker.io/library/demo:1"]));
    let (path, socket) = (path(), containerd.socket());
    let variables = [("PATH", path.as_str()), ("CONTAINERD_NAMESPACE", Containerd::NAMESPACE), ("CONTAINERD_ADDRESS", plain_path(&socket))];
    let (found, source) = report(&weigh("containerd:demo:1", &variables, &[]));
    assert_eq!(found, expected);
    assert_eq!(source["kind"], "containerd");
    weigh("containerd:demo:1", &[], &[]).assert_status(4);
    weigh("containerd:absent:1", &variables, &[]).assert_status(3);
}

#[test]
fn an_engine_that_does_not_run_is_told_with_what_was_tried() {
    let outcome = weigh("docker:demo:1", &[("DOCKER_HOST", "unix:///nowhere/docker.sock")], &[]);
    outcome.assert_status(4);
    for word in ["/nowhere/docker.sock", "DOCKER_HOST", "start the engine"] {
        assert!(outcome.stderr.contains(word), "{word}: {}", outcome.stderr);
    }
    let outcome = weigh("podman:demo:1", &[("CONTAINER_HOST", "unix:///nowhere/podman.sock")], &[]);
    outcome.assert_status(4);
    assert!(outcome.stderr.contains("/nowhere/podman.sock"), "{}", outcome.stderr);
}

/// What is on the disk after `extract`, by name: kind, permissions and content or target.
fn tree(below: &Path) -> String {
    run(Command::new("sh")
        .current_dir(below)
        .args(["-c", "find . -printf '%P %y %m %l\\n' | LC_ALL=C sort && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum"]))
    .into_iter()
    .map(char::from)
    .collect()
}

/// Contents of an engine's image, live and hidden, are those of the archive that its command line saves.
fn contents_of(name: &str, variables: &[(&str, &str)], save: &mut Command) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("saved.tar");
    std::fs::write(&file, run(save)).expect("an archive");
    let file = file.to_str().expect("UTF-8");
    let plimsoll = |arguments: &[&str]| Outcome::of(plimsoll().envs(variables.iter().copied()).args(arguments));
    let trees = [file, name].map(|image| {
        let root = directory.path().join(if image == file { "of the archive" } else { "of the engine" });
        plimsoll(&["extract", image, root.to_str().expect("UTF-8")]).assert_status(0);
        tree(&root)
    });
    assert!(trees[0].lines().count() > 10, "{}", trees[0]);
    assert_eq!(trees[0], trees[1]);
    let hidden = plimsoll(&["files", file, "--hidden", "--kind", "file", "--min-size", "1", "--format", "json"]).json();
    let hidden = hidden.as_array().expect("a list").first().expect("a hidden file").clone();
    let (path, layer) = (hidden["path"].as_str().expect("a path"), (hidden["layer"].as_u64().expect("a number") + 1).to_string());
    let found = [file, name].map(|image| plimsoll(&["cat", image, path, "--layer", &layer]).stdout);
    assert_eq!(found[0].len() as u64, hidden["content_bytes"].as_u64().expect("a number"));
    assert!(found[0] == found[1], "{path} of layer {layer}");
}

#[test]
fn contents_in_docker() {
    let docker = docker();
    let address = address(&docker.socket());
    contents_of("docker:demo:1", &[("DOCKER_HOST", &address)], docker.docker().args(["save", "demo:1"]));
}

#[test]
fn contents_in_podman() {
    let podman = podman();
    let address = address(&podman.socket());
    contents_of("podman:demo:1", &[("CONTAINER_HOST", &address)], podman.podman().args(["save", "--quiet", "demo:1"]));
}
