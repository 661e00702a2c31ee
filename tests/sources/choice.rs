//! Several images, platforms and forms in one archive.

use crate::support;
use crate::support::{Entry, ImageSpec, Layer, Layout, number};
use crate::{archives, one, strings};
use serde_json::json;

/// Where there are several images, nothing is guessed: the choices are listed.
#[test]
fn several_images_are_listed_to_choose_from() {
    let mut seen = 0;
    for known in archives().iter().filter(|known| known.groups().len() > 1) {
        seen += 1;
        let outcome = support::run(&[known.arg()]);
        outcome.assert_status(2);
        assert!(outcome.stdout.is_empty());
        for image in known.images() {
            for name in strings(&image["names"]) {
                assert!(outcome.stderr.contains(name), "{}: {name} in {}", known.name, outcome.stderr);
            }
        }
        for number in 0..known.groups().len() {
            assert!(outcome.stderr.contains(&format!("@{number}")), "{}: {}", known.name, outcome.stderr);
            support::run(&[known.arg(), "--image", &format!("@{number}")]).assert_status(0);
        }
        support::run(&[known.arg(), "--image", &format!("@{}", known.groups().len())]).assert_status(3);
        support::run(&[known.arg(), "--image", "no/such:name"]).assert_status(3);
    }
    assert!(seen >= 5, "{seen} archives of several images");
}

/// A platform that is not there is an error that lists those that are.
#[test]
fn platforms_are_chosen_or_listed() {
    let multi: Vec<_> = archives().into_iter().filter(|known| known.images().len() > known.groups().len()).collect();
    assert!(multi.len() >= 4, "{} archives of several platforms", multi.len());
    for known in multi {
        let image = known.images().iter().find(|image| image["platform"] == "linux/arm64").expect("all have it");
        let mut args = vec![known.arg().to_owned()];
        args.extend(known.choice(image));
        args.retain(|arg| arg != "--platform" && arg != "linux/arm64");
        let outcome = support::run(&[&args[..], &["--platform".into(), "linux/s390x".into()]].concat());
        outcome.assert_status(3);
        assert!(outcome.stderr.contains("linux/amd64") && outcome.stderr.contains("linux/arm64"), "{}: {}", known.name, outcome.stderr);
    }
}

/// Engines choose a platform by the index: so does plimsoll, and says what the configuration has instead.
#[test]
fn the_index_says_which_platform() {
    let layout = Layout::new();
    let image = |content: &str| ImageSpec::new(&[Layer::new(&[Entry::file("a", content)])]);
    let mut one = layout.image(&image("one"));
    one["platform"] = json!({"os": "linux", "architecture": "amd64"});
    let mut other = layout.image(&image("another"));
    other["platform"] = json!({"os": "linux", "architecture": "arm64"});
    layout.index(&[layout.nested(&[one, other])]);
    for (platform, bytes) in [("linux/amd64", 3), ("linux/arm64", 7)] {
        let report = support::json(&[layout.arg(), "--platform", platform], 0);
        assert_eq!((&report["image"]["platform"], number(&report, "/totals/content_bytes")), (&json!(platform), bytes));
        let notes = report["notes"].as_array().expect("notes");
        let expected = "the index has it for linux/arm64, its configuration says linux/amd64";
        assert_eq!(notes.iter().any(|note| note["message"] == expected), platform == "linux/arm64", "{notes:?}");
    }
    let outcome = support::run(&[layout.arg(), "--all-platforms"]);
    outcome.assert_status(0);
    assert!(outcome.text().contains("linux/arm64"), "{}", outcome.text());
}

/// Where a path names one image of several, in skopeo's words.
#[test]
fn transports_choose_an_image() {
    let two = one("docker20-two-images");
    let layout = one("skopeo-oci-layout-two-images");
    let dir = one("skopeo-dir");
    for (reference, name) in [
        (format!("docker-archive:{}:fixture/base:1", two.arg()), Some("fixture/base:1")),
        (format!("docker-archive:{}:@0", two.arg()), Some("fixture/tiny:1")),
        (format!("oci:{}:fixture/tiny:bk", layout.arg()), Some("fixture/tiny:bk")),
        (format!("dir:{}", dir.arg()), None),
    ] {
        let report = support::json(&[&reference], 0);
        assert_eq!(report["image"]["names"][0].as_str(), name, "{reference}");
        assert_eq!(report["source"]["reference"], *reference);
    }
}

/// Docker 25 and later write both forms into one archive: the transport says which is read, and what
/// is not there is not made up.
#[test]
fn a_transport_chooses_the_form() {
    let both = support::testdata("archives/docker26g-built.tar");
    let kind = |arguments: &[&str]| support::json(arguments, 0)["source"]["kind"].as_str().map(str::to_owned);
    let both = both.to_str().expect("UTF-8");
    assert_eq!(kind(&[&format!("oci-archive:{both}")]).as_deref(), Some("oci-archive"));
    assert_eq!(kind(&[both, "--source", "docker-archive"]).as_deref(), Some("docker-archive"));
    let oci = support::testdata("archives/buildx-oci-gzip.tar");
    let refused = support::plimsoll().arg("--source").arg("docker-archive").arg(&oci).output().expect("the binary runs");
    assert_eq!(refused.status.code(), Some(3));
    let docker = support::testdata("archives/docker20-one.tar");
    let (oci_path, docker) = (oci.to_str().expect("UTF-8"), docker.to_str().expect("UTF-8"));
    let layout = support::layout(&[]);
    for (reference, remedy) in [
        (format!("docker-archive:{oci_path}"), "oci-archive:PATH"),
        (format!("oci:{oci_path}"), "oci-archive:PATH"),
        (format!("dir:{oci_path}"), "oci-archive:PATH"),
        (format!("oci-archive:{docker}"), "docker-archive:PATH"),
        (format!("oci-archive:{}", layout.arg()), "oci:PATH"),
    ] {
        let outcome = support::run(&[&reference]);
        outcome.assert_status(3);
        assert!(outcome.stderr.contains(remedy), "{reference}: {}", outcome.stderr);
    }
    let unknown = support::plimsoll().args(["--source", "floppy"]).arg(&oci).output().expect("the binary runs");
    assert_eq!(unknown.status.code(), Some(2));
}
