//! What Docker's own parser says of these names, and what must not get into a URL.

use super::*;

const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn name(text: &str) -> Name {
    Name::parse(text).expect(text)
}

#[track_caller]
fn refused(text: &str, says: &str) {
    let error = Name::parse(text).expect_err(text);
    assert_eq!(error.exit_code(), 2);
    let message = error.to_string();
    assert!(message.contains(says), "{text:?}: {message:?} should say {says:?}");
    assert!(message.chars().all(|character| !character.is_control()), "{message:?}");
}

#[test]
fn short_names_are_docker_hubs() {
    for (typed, canonical, familiar) in [
        ("python", "docker.io/library/python:latest", "python:latest"),
        ("python:3.12-slim", "docker.io/library/python:3.12-slim", "python:3.12-slim"),
        ("docker.io/python", "docker.io/library/python:latest", "python:latest"),
        ("index.docker.io/library/python:3", "docker.io/library/python:3", "python:3"),
        ("team/app", "docker.io/team/app:latest", "team/app:latest"),
        ("library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
        // Without a slash nothing is a host.
        ("localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"),
        ("docker.io", "docker.io/library/docker.io:latest", "docker.io:latest"),
        // Without its host this would be another registry's.
        ("docker.io/a.b/app", "docker.io/a.b/app:latest", "docker.io/a.b/app:latest"),
        ("docker.io/localhost/app", "docker.io/localhost/app:latest", "docker.io/localhost/app:latest"),
    ] {
        assert_eq!(name(typed).to_string(), canonical);
        assert_eq!(name(typed).familiar(), familiar);
        assert_eq!(name(familiar), name(typed), "{familiar}");
        assert_eq!(name(canonical), name(typed), "{canonical}");
    }
}

#[test]
fn hosts_have_a_dot_a_port_or_are_localhost() {
    for (typed, host, repository) in [
        ("localhost/app", "localhost", "app"),
        ("localhost:5000/app", "localhost:5000", "app"),
        ("engine:5000/team/app", "engine:5000", "team/app"),
        ("Registry.Example.com/team/app", "registry.example.com", "team/app"),
        ("192.0.2.1/app", "192.0.2.1", "app"),
        ("[::1]:5000/app", "[::1]:5000", "app"),
        ("[2001:DB8::1]/app:1", "[2001:db8::1]", "app"),
        ("registry.example.com:443/a__b/c--d/e.f_g", "registry.example.com:443", "a__b/c--d/e.f_g"),
    ] {
        let name = name(typed);
        assert_eq!((name.host.as_str(), name.repository.as_str()), (host, repository));
        assert_eq!(name.familiar(), name.to_string());
    }
}

#[test]
fn a_digest_wins_over_its_tag() {
    let both = name(&format!("python:3.12@sha256:{HASH}"));
    assert_eq!(both.tag.as_deref(), Some("3.12"));
    assert_eq!(both.reference(), format!("sha256:{HASH}"));
    assert_eq!(both.familiar(), format!("python:3.12@sha256:{HASH}"));
    let alone = name(&format!("python@sha256:{HASH}"));
    assert_eq!(alone.tag, None);
    assert_eq!(alone.to_string(), format!("docker.io/library/python@sha256:{HASH}"));
    assert_eq!(name("python").reference(), "latest");
}

#[test]
fn what_is_wrong_is_said_with_its_remedy() {
    refused("", "such as");
    refused("https://registry.example.com/app", "leave out `https://`");
    refused(HASH, "@sha256:");
    refused("Python:3", "write `python`");
    refused("Team/app", "write `team`");
    refused("registry.example.com/App", "write `app`");
    refused("python:", "empty tag");
    refused("registry.example.com/", "empty part");
    refused("/python", "empty part");
    refused("a//b", "empty part");
    refused("python:.3", "tag `.3`");
    refused("python:a:b", "tag `a:b`");
    refused("::1/app", "in brackets");
    refused("registry.example.com:65536/app", "no port");
    refused("registry.example.com:0/app", "no port");
    refused("registry.example.com:/app", "no port");
    refused("python@sha256:abc", "64 lower-case");
    refused("python@md5:d41d8cd98f00b204e9800998ecf8427e", "sha256 or sha512");
}

#[test]
fn nothing_that_ends_a_path_segment_comes_through() {
    for odd in ["?", "#", "%", "%2f", "\\", " ", "\n", "\r", "\0", "\x1b[31m", "é", "\u{202e}", "&", ";", "=", "@"] {
        for text in
            [format!("a{odd}b"), format!("team/a{odd}"), format!("example.com/a{odd}b"), format!("a:1{odd}2"), format!("ex{odd}.com/a")]
        {
            refused(&text, "image name");
        }
    }
    for text in [
        "..",
        "a/..",
        "../a",
        "a/../b",
        "example.com/..",
        "example.com/../a",
        "./a",
        "a/.",
        "a..b",
        "a._b",
        "a___b",
        "-a",
        "a-",
        "example.com/v2/../../x",
    ] {
        refused(text, "image name");
    }
    for host in
        ["-a.com", "a-.com", "a..com", "a.com.", ".a", "user@a.com", "a_b.com", "[::1", "::1]", "[::1]x", "[fe80::1%eth0]", "[127.0.0.1]"]
    {
        refused(&format!("{host}/app"), "image name");
    }
}

#[test]
fn lengths_have_limits() {
    let host = "registry.example.com";
    let rest = LONGEST - host.len() - 1;
    assert_eq!(name(&format!("{host}/{}", "a".repeat(rest))).repository.len(), rest);
    refused(&format!("{host}/{}", "a".repeat(rest + 1)), "255 characters");
    name(&format!("a:{}", "b".repeat(128)));
    refused(&format!("a:{}", "b".repeat(129)), "128 characters");
}

proptest::proptest! {
    #[test]
    fn any_text_is_a_name_or_an_error(text in "[a-zA-Z0-9._:/@\\[\\]%? -]{0,40}") {
        if let Ok(name) = Name::parse(&text) {
            let again = Name::parse(&name.to_string());
            proptest::prop_assert_eq!(again.ok(), Some(name.clone()));
            proptest::prop_assert_eq!(Name::parse(&name.familiar()).ok(), Some(name));
        }
    }
}
