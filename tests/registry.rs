//! Registries: real ones, filled by skopeo, so that what is read there is known without plimsoll.
#![cfg(unix)]

mod support;

#[path = "support/registry.rs"]
mod server;

use plimsoll::Environment;
use plimsoll::registry::{Credential, Credentials, Name};
use serde_json::Value;
use server::{Access, Asked, PASSWORD, REFRESH_TOKEN, Registry, Terms, USER, Who};
use std::collections::BTreeMap;
use std::path::Path;
use support::{digest, stored_sizes, testdata};

fn demo() -> String {
    format!("oci-archive:{}", testdata("demo.tar").display())
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("JSON expected: {error}\n{text}"))
}

/// The manifest that `demo.tar` has under its only digest.
fn demo_manifest() -> (String, Value) {
    let mut archive = tar::Archive::new(std::fs::File::open(testdata("demo.tar")).expect("the demo"));
    let mut members = BTreeMap::new();
    for member in archive.entries().expect("a tar") {
        let mut member = member.expect("a member");
        let name = member.path().expect("a name").display().to_string();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut member, &mut bytes).expect("a whole member");
        members.insert(name, bytes);
    }
    let index: Value = serde_json::from_slice(&members["index.json"]).expect("an index");
    let name = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
    let bytes = &members[&format!("blobs/{}", name.replace(':', "/"))];
    assert_eq!(digest(bytes), name);
    (name, serde_json::from_slice(bytes).expect("a manifest"))
}

#[test]
fn every_kind_of_registry_gives_back_what_skopeo_put_there() {
    let (name, manifest) = demo_manifest();
    let layers: Vec<&str> =
        manifest["layers"].as_array().expect("layers").iter().map(|layer| layer["digest"].as_str().expect("a digest")).collect();
    assert_eq!(layers.len(), 11);
    let sizes = stored_sizes(&testdata("demo.tar"));
    for access in [Access::Open, Access::Basic, Access::Token] {
        let registry = Registry::start(access);
        registry.push(&demo(), "team/app:1");
        assert_eq!(parsed(&registry.ask("list-tags", &[], "team/app"))["Tags"], serde_json::json!(["1"]));
        let inspected = parsed(&registry.ask("inspect", &[], "team/app:1"));
        assert_eq!((inspected["Digest"].as_str(), &inspected["Layers"]), (Some(name.as_str()), &serde_json::json!(layers)), "{access:?}");
        let (registry_name, target) = (format!("docker://{}", registry.name("team/app:1")), tempfile::tempdir().expect("a directory"));
        assert_eq!(registry.skopeo_as_nobody("inspect", &[&registry_name]).is_ok(), access == Access::Open, "{access:?}");

        // The log says what a pull costs: each blob once, and all of it.
        let past = registry.requests().len();
        registry.pull("team/app:1", target.path());
        let mut expected: BTreeMap<String, usize> = layers.iter().map(|layer| ((*layer).to_owned(), 1)).collect();
        expected.insert(manifest["config"]["digest"].as_str().expect("a digest").to_owned(), 1);
        assert_eq!(registry.blobs(past), expected, "{access:?}");
        for request in registry.requests().iter().skip(past).filter(|request| request.method == "GET" && request.status == 200) {
            if let Some((_, digest)) = request.path.split_once("/blobs/") {
                assert_eq!(Some(&request.bytes), sizes.get(digest), "{request:?}");
            }
        }
    }
}

#[test]
fn a_registry_ends_with_its_test() {
    let registry = Registry::open();
    let address = registry.host().replace("localhost", "127.0.0.1");
    std::net::TcpStream::connect(&address).expect("it listens");
    drop(registry);
    std::net::TcpStream::connect(&address).expect_err("it does not listen any more");
}

#[test]
fn tokens_are_checked_by_the_registry() {
    let registry = Registry::token();
    registry.push(&demo(), "public/app:1");
    registry.push(&demo(), "team/app:1");
    let [open, closed] = ["public/app:1", "team/app:1"].map(|image| format!("docker://{}", registry.name(image)));
    let pull = |image: &str| format!("repository:{image}:pull");
    let last = || registry.tokens().asked().pop().expect("a request");
    let asked = |method: &str, who, image| Asked { method: method.into(), who, service: "test registry".into(), scopes: vec![pull(image)] };

    registry.skopeo_as_nobody("inspect", &[&open]).expect("a public image");
    assert_eq!(last(), asked("GET", Who::Nobody, "public/app"));
    registry.skopeo_as_nobody("inspect", &[&closed]).expect_err("a closed image");
    registry.skopeo("inspect", "", &[&closed]).expect("the user's image");
    assert_eq!(last(), asked("GET", Who::User, "team/app"));

    // An identity token, as `docker login` keeps one that a token server has given.
    let file = tempfile::NamedTempFile::new().expect("a file");
    let entry = |token: &str| format!(r#"{{"auths":{{"{}":{{"auth":"{}","identitytoken":"{token}"}}}}}}"#, registry.host(), "bWU6");
    std::fs::write(file.path(), entry(REFRESH_TOKEN)).expect("a file");
    registry.skopeo_with(file.path(), "inspect", &[&closed]).expect("the user's image");
    assert_eq!(last(), asked("POST", Who::RefreshToken, "team/app"));
    std::fs::write(file.path(), entry("wrong")).expect("a file");
    registry.skopeo_with(file.path(), "inspect", &[&closed]).expect_err("a wrong token");
    assert_eq!(last(), asked("POST", Who::Stranger, "team/app"));

    registry.tokens().set_terms(Terms { lifetime: -1, expires_in: Some(300) });
    registry.skopeo("inspect", "", &[&closed]).expect_err("tokens that are over");
    registry.tokens().set_terms(Terms { lifetime: 300, expires_in: None });
    registry.skopeo("inspect", "", &[&closed]).expect("tokens of unknown life");
}

/// The credential that plimsoll finds in the file.
fn found(authfile: &Path, image: &str) -> Option<Credential> {
    let credentials = Credentials::from_environment(&Environment::default(), Some(authfile)).expect("a file");
    credentials.get(&Name::parse(image).expect("a name")).expect("an answer")
}

#[test]
fn what_skopeo_login_leaves_is_understood() {
    for access in [Access::Basic, Access::Token] {
        let registry = Registry::start(access);
        let authfile = registry.login();
        let me = Credential::Basic { user: USER.into(), password: PASSWORD.into() };
        assert_eq!(found(&authfile, &registry.name("team/app:1")), Some(me), "{access:?}");
        assert_eq!(found(&authfile, "localhost:1/team/app:1"), None);
        assert_eq!(found(&authfile, "python"), None);
    }
}
