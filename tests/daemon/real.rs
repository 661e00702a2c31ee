//! Real engines: what is streamed is what their own command lines save.

use crate::engine::{Containerd, path, plain_path, run};
use crate::{all, at, connect, docker, podman, support};
use plimsoll::daemon::{Daemon, containerd_export, podman_endpoints};
use plimsoll::environment::Environment;
use plimsoll::{Options, Source};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Type, link and content of every member: all but times, which some engines make up.
fn members(tar: &[u8]) -> BTreeMap<String, (u8, Option<PathBuf>, Vec<u8>)> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().expect("a tar");
    let member = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.expect("an entry");
        let kind = entry.header().entry_type().as_byte();
        let link = entry.link_name().expect("a name").map(std::borrow::Cow::into_owned);
        let name = entry.path().expect("a name").to_str().expect("plain names").to_owned();
        (name, (kind, link, all(&mut entry)))
    };
    entries.map(member).collect()
}

/// The same members, shown by name alone where they differ.
#[track_caller]
fn assert_same_archive(ours: &[u8], theirs: &[u8]) {
    let (ours, theirs) = (members(ours), members(theirs));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    assert!(theirs.contains_key("manifest.json"), "an archive of an image");
    for (name, member) in &ours {
        assert!(*member == theirs[name], "`{name}` differs");
    }
}

/// What is streamed is read by the pipe, digests checked, and has the layers the engine says.
#[track_caller]
fn assert_weighs(daemon: &Daemon, name: &str, inspected: &Value) {
    let stream = daemon.save(name, None).expect("an archive");
    let image = Source::stream(stream, name).read(&Options::default(), &()).expect("an image");
    let ids: Vec<Value> = image.diff_ids().iter().map(|id| id.as_str().into()).collect();
    assert_eq!(Value::from(ids), inspected["RootFS"]["Layers"]);
}

#[track_caller]
fn assert_known(daemon: &Daemon, name: &str, inspected: &Value) {
    let info = daemon.image(name).expect("an answer").expect("the demo image");
    let id = inspected["Id"].as_str().expect("an id");
    assert_eq!(info.id.hex(), id.trim_start_matches("sha256:"));
    assert_eq!(serde_json::json!(info.repo_tags), inspected["RepoTags"]);
    assert_eq!(info.size, inspected["Size"].as_u64().expect("a size"));
    assert_eq!(info.platform.os, inspected["Os"]);
    assert_eq!(info.platform.architecture, inspected["Architecture"]);
}

fn inspect(command: &mut std::process::Command) -> Value {
    let list: Value = serde_json::from_slice(&run(command.args(["image", "inspect", "demo:1"]))).expect("JSON");
    list[0].clone()
}

#[test]
fn docker_streams_what_it_saves() {
    let docker = docker();
    let daemon = connect(&at(&docker.socket())).expect("an engine");
    let truth = inspect(&mut docker.docker());
    let id = truth["Id"].as_str().expect("an id");
    for name in ["demo:1", id, &id["sha256:".len()..][..12]] {
        assert_known(&daemon, name, &truth);
        let saved = run(docker.docker().args(["save", name]));
        assert_same_archive(&all(daemon.save(name, None).expect("an archive")), &saved);
    }
    assert_weighs(&daemon, "demo:1", &truth);
}

#[test]
fn docker_knows_names_with_slashes_and_digits() {
    let docker = docker();
    let name = "registry.example.com:5000/team/a_b.c-d:v1.0_x";
    // An image of its own: what others look at keeps its tags.
    let (_directory, tar) = support::file("layer.tar", &support::tar(&[support::Entry::file("a", "b")]));
    run(docker.docker().args(["import", plain_path(&tar), name]));
    let daemon = connect(&at(&docker.socket())).expect("an engine");
    assert_eq!(daemon.image(name).expect("an answer").expect("an image").repo_tags, [name]);
    let manifest = &members(&all(daemon.save(name, None).expect("an archive")))["manifest.json"].2;
    let manifest: Value = serde_json::from_slice(manifest).expect("JSON");
    assert_eq!(manifest[0]["RepoTags"], serde_json::json!([name]));
}

#[test]
fn an_image_that_docker_does_not_have_is_missing() {
    let docker = docker();
    let daemon = connect(&at(&docker.socket())).expect("an engine");
    assert_eq!(daemon.image("absent:1").expect("an answer"), None);
    let error = daemon.save("absent:1", None).err().expect("no image");
    assert_eq!(error.code(), "not-found");
    assert!(error.to_string().contains("no image `absent:1`"), "{error}");
    let error = daemon.image("UPPER").expect_err("no reference");
    assert!(error.to_string().contains("invalid reference format"), "Docker's own words: {error}");
}

#[test]
fn podman_streams_what_it_saves() {
    let podman = podman();
    let environment = Environment::of([("CONTAINER_HOST", format!("unix://{}", podman.socket().display()))]);
    let [endpoint] = &podman_endpoints(&environment, 0).expect("valid")[..] else { panic!("one endpoint") };
    let daemon = Daemon::connect(endpoint, &environment).expect("a service");
    let truth = inspect(&mut podman.podman());
    for name in ["demo:1", truth["Id"].as_str().expect("an id")] {
        assert_known(&daemon, name, &truth);
        let saved = run(podman.podman().args(["save", "--quiet", name]));
        assert_same_archive(&all(daemon.save(name, None).expect("an archive")), &saved);
    }
    assert_weighs(&daemon, "demo:1", &truth);
    assert_eq!(daemon.image("absent:1").expect("an answer"), None);
    assert_eq!(daemon.save("absent:1", None).err().expect("no image").code(), "not-found");
}

#[test]
fn containerd_streams_what_it_exports() {
    let containerd = Containerd::start();
    let environment = Environment::of([
        ("PATH", path()),
        ("CONTAINERD_NAMESPACE", Containerd::NAMESPACE.to_owned()),
        ("CONTAINERD_ADDRESS", plain_path(&containerd.socket()).to_owned()),
    ]);
    let saved = run(containerd.ctr().args(["images", "export", "-", "docker.io/library/demo:1"]));
    for name in ["demo:1", "docker.io/library/demo:1"] {
        assert_same_archive(&all(containerd_export(name, None, &environment).expect("a program")), &saved);
    }
    let manifest: Value = serde_json::from_slice(&members(&saved)["manifest.json"].2).expect("JSON");
    let stream = containerd_export("demo:1", None, &environment).expect("a program");
    let image = Source::stream(stream, "demo:1").read(&Options::default(), &()).expect("an image");
    assert_eq!(image.layers().len(), manifest[0]["Layers"].as_array().expect("layers").len());
    let mut absent = containerd_export("absent:1", None, &environment).expect("a program");
    let error = plimsoll::Error::io("reading")(std::io::copy(&mut absent, &mut std::io::sink()).expect_err("no image"));
    assert_eq!(error.code(), "not-found", "{error}");
    assert!(error.to_string().contains("docker.io/library/absent:1"), "containerd's own words: {error}");
}
