//! What the engine tells of what it built, and what is in its store: a server in the engine's place.

use crate::Fake;
use crate::scripted::{Reply, Scripted};
use crate::support::{Entry, ImageSpec, Layer, Outcome, digest, docker_archive};
use serde_json::json;
use std::fs;

/// An engine that has one image, under a tag, with an id as containerd's store gives: not that of the configuration.
fn containerd_backed(archive: Vec<u8>) -> Scripted {
    Scripted::start(move |request, _| {
        let path = request.plain_path();
        if path.ends_with("/_ping") {
            Reply::ok("OK").header("Api-Version", "1.41")
        } else if path.ends_with("/images/app:1/json") {
            Reply::ok(json!({"Id": format!("sha256:{}", "a".repeat(64)), "Os": "linux", "Architecture": "amd64"}).to_string())
        } else if path.ends_with("/images/app:1/get") {
            Reply::ok(archive.clone())
        } else {
            Reply::new(404).body(r#"{"message":"No such image"}"#)
        }
    })
}

fn spec() -> ImageSpec {
    ImageSpec::new(&[Layer::new(&[Entry::file("f", "text")]).plain()])
}

fn build(written: &str, args: &[&str]) -> (Fake, Outcome) {
    let engine = containerd_backed(docker_archive(&spec(), &["app:1"]));
    let fake = Fake::docker(&format!("printf %s '{written}' > \"$id\""));
    let outcome = Outcome::of(fake.plimsoll(args).env("DOCKER_HOST", format!("tcp://{}", engine.host())));
    (fake, outcome)
}

/// Builders write the digest of the configuration although the store knows images by that of the manifest: the tag
/// names the image, and the digest proves that it is the one.
#[test]
fn an_image_that_the_engine_knows_by_its_tag_alone() {
    let (fake, outcome) = build(&digest(&spec().document()), &["--format", "json", "-t", "app:1", "."]);
    outcome.assert_status(0);
    assert_eq!(outcome.json()["totals"]["content_bytes"], 4);
    fake.assert_clean();
}

/// An older image of the same tag is never weighed in place of the one that was built.
#[test]
fn another_image_of_the_tag_is_not_the_one() {
    let (fake, outcome) = build(&digest(b"another"), &["-t", "app:1", "."]);
    outcome.assert_status(3);
    assert!(outcome.stdout.is_empty() && outcome.stderr.contains("--load"), "{}", outcome.stderr);
    fake.assert_clean();
}

/// With `--push` or `--output` the image is elsewhere.
#[test]
fn an_image_that_is_not_in_the_store() {
    for written in ["", "sha256:", &digest(b"another"), "../../x"] {
        let (fake, outcome) = build(written, &["-t", "absent:1", "."]);
        outcome.assert_status(3);
        assert!(outcome.stdout.is_empty(), "{written}");
        for word in ["ended well", "--load", "plimsoll docker://absent:1"] {
            assert!(outcome.stderr.contains(word), "{written}: {}", outcome.stderr);
        }
        fake.assert_clean();
    }
}

/// The user's own file for the id is kept; what an earlier build wrote into it is no image of this one.
#[test]
fn a_file_for_the_id_that_the_user_names() {
    let id = digest(&spec().document());
    let engine = containerd_backed(docker_archive(&spec(), &["app:1"]));
    for (script, status) in [(format!("printf %s {id} > \"$id\""), 0), ("true".to_owned(), 3)] {
        let fake = Fake::docker(&script);
        fs::write(fake.path("work/id"), &id).expect("a file");
        let before = fs::metadata(fake.path("work/id")).and_then(|metadata| metadata.modified()).expect("a time");
        while fs::write(fake.path("work/other"), "")
            .and_then(|()| fs::metadata(fake.path("work/other")))
            .and_then(|file| file.modified())
            .expect("a time")
            == before
        {}
        let mut command = fake.plimsoll(&["-t", "app:1", "--iidfile", "id", "."]);
        let outcome = Outcome::of(command.env("DOCKER_HOST", format!("tcp://{}", engine.host())));
        outcome.assert_status(status);
        assert_eq!(fs::read_to_string(fake.path("work/id")).expect("kept"), id);
        assert_eq!(fs::read_to_string(fake.path("typed")).expect("called"), "build\0-t\0app:1\0--iidfile\0id\0.\0", "no other is added");
        fake.assert_clean();
    }
}
