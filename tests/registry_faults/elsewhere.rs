//! Redirects, certificates and mirrors.

use crate::scripted::{Certificate, Reply, Request, Scripted};
use crate::{
    BASIC, LIMIT, client, digest, manifest, message, name, noise, options, part, password, range, read, repository, repository_with, tag,
};
use plimsoll::registry::{Client, Credentials, Options, Which};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

// Redirects.

#[test]
fn storage_elsewhere_gets_the_range_and_no_credentials() {
    let bytes = noise(1000);
    let script = bytes.clone();
    let storage = Scripted::start(move |request, _| {
        let (first, last) = range(request).unwrap_or((0, usize::MAX));
        part(&script, first, last)
    });
    for to in [storage.host(), storage.other_name()] {
        let server = Scripted::start(move |request, _| match request.authorization() {
            None => Reply::new(401).header("WWW-Authenticate", "Basic realm=\"x\""),
            Some(_) => Reply::new(307).header("Location", format!("http://{to}/signed?signature=secret")),
        });
        let repository = repository_with(&server, options(), password(&server.host()));
        assert_eq!(repository.part(&digest(&bytes), 10, 20).expect("an answer").as_deref(), Some(&bytes[10..30]));
        assert_eq!(server.requests().iter().map(Request::authorization).collect::<Vec<_>>(), [None, Some(BASIC)]);
    }
    let asked = storage.requests();
    assert_eq!(asked.len(), 2);
    for request in asked {
        assert_eq!((request.authorization(), request.header("cookie"), request.header("referer")), (None, None, None));
        assert_eq!((request.path.as_str(), request.header("range")), ("/signed?signature=secret", Some("bytes=10-29")));
    }
}

#[test]
fn storage_elsewhere_cannot_ask_for_credentials() {
    let storage = Scripted::start(|_, _| {
        Reply::new(401).header("WWW-Authenticate", "Basic realm=\"x\"").body(r#"{"errors":[{"message":"inside"}]}"#)
    });
    let to = storage.host();
    let server = Scripted::start(move |_, _| Reply::new(307).header("Location", format!("http://{to}/x?signature=secret")));
    let error = repository_with(&server, options(), password(&server.host())).blob(&digest(b"x"), None).err().expect("refused");
    let text = message(&error);
    assert!(text.contains("storage `127.0.0.1` answered 401") && !text.contains("inside") && !text.contains("secret"), "{text}");
    assert_eq!((server.requests().len(), storage.requests().len()), (1, 1));
    assert!(storage.requests()[0].authorization().is_none());
}

#[test]
fn redirects_end() {
    let server = Scripted::start(|request, _| Reply::new(302).header("Location", format!("{}x", request.path)));
    let error = repository(&server).manifest(&tag(), LIMIT).expect_err("a loop");
    assert!(message(&error).contains("redirects"), "{error}");
    assert_eq!(server.requests().len(), 6);
    for location in ["file:///etc/passwd", "http://169.254.169.254/latest", "http://[", ""] {
        let server = Scripted::start(move |_, before| match (before, location) {
            (_, "") => Reply::new(307),
            _ => Reply::new(307).header("Location", location),
        });
        let error = repository(&server).manifest(&tag(), LIMIT).expect_err(location);
        assert!(message(&error).contains("redirect"), "{location}: {error}");
        assert_eq!(server.requests().len(), 1);
    }
}

// TLS.

#[test]
fn a_certificate_that_is_not_trusted_ends_it() {
    let certificate = Certificate::new();
    let server = Scripted::start_tls(&certificate, |_, _| manifest());
    let error = repository(&server).manifest(&tag(), LIMIT).expect_err("not trusted");
    assert!(message(&error).contains("certificate is not trusted"), "{error}");
    assert!(server.requests().is_empty(), "least of all in plain http: {:?}", server.requests());
    for options in [
        Options { ca_certificates: vec![certificate.path()], ..options() },
        Options { insecure: vec![server.host()], ..options() },
        Options { insecure: vec!["127.0.0.1".into()], ..options() },
    ] {
        repository_with(&server, options, Credentials::none()).manifest(&tag(), LIMIT).expect("trusted");
    }
    assert!(server.requests().iter().all(|request| request.secure));
    let options = Options { insecure: vec!["127.0.0.1:1".into()], ..options() };
    assert!(repository_with(&server, options, Credentials::none()).manifest(&tag(), LIMIT).is_err(), "another port was listed");
}

#[test]
fn files_of_certificates_hold_some() {
    let empty = tempfile::NamedTempFile::new().expect("a file");
    for (path, code) in [(empty.path().to_owned(), "malformed"), (empty.path().join("none"), "io")] {
        let options = Options { ca_certificates: vec![path], ..options() };
        let error = Client::new(options, Credentials::none()).err().expect("no certificates");
        assert_eq!(error.code(), code, "{error}");
    }
}

#[test]
fn what_began_with_tls_stays_with_tls() {
    let certificate = Certificate::new();
    let plain = Scripted::start(|_, _| Reply::ok(r#"{"token":"t"}"#));
    let url = format!("http://{}/x?signature=secret", plain.host());
    let server = Scripted::start_tls(&certificate, move |request, _| match request.plain_path() {
        "/v2/app/manifests/v1" => Reply::new(307).header("Location", url.clone()),
        _ => Reply::new(401).header("WWW-Authenticate", format!("Bearer realm=\"{url}\"")),
    });
    // Even where plain http is allowed: it was not needed.
    let options = Options { insecure: vec!["127.0.0.1".into()], ..options() };
    let repository = repository_with(&server, options, password(&server.host()));
    for (tag, why) in [("v1", "https to plain http"), ("v2", "plain http, and the registry is not")] {
        let error = repository.manifest(&Which::Tag(tag.into()), LIMIT).expect_err("not followed");
        let text = message(&error);
        assert!(text.contains(why) && !text.contains("secret"), "{text}");
    }
    assert!(plain.requests().is_empty());
    assert!(server.requests().iter().all(|request| request.secure));
}

// Mirrors.

#[test]
fn a_mirror_is_asked_first_and_the_registry_where_it_fails() {
    let bytes = noise(1000);
    let script = bytes.clone();
    let served = Arc::new(AtomicUsize::new(0));
    let counter = served.clone();
    let mirror = Scripted::start(move |request, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        match request.path.as_str() {
            "/v2/app/manifests/v1" => manifest(),
            "/v2/app/manifests/wrong" => manifest().body("{}"),
            _ => Reply::new(404),
        }
    });
    let server =
        Scripted::start(move |request, _| if request.path.contains("/manifests/") { manifest() } else { Reply::ok(script.clone()) });
    let options = Options { mirrors: vec![(server.host(), mirror.host())], ..options() };
    let repository = repository_with(&server, options, password(&server.host()));
    repository.manifest(&tag(), LIMIT).expect("of the mirror");
    assert!(server.requests().is_empty());
    repository.manifest(&Which::Tag("wrong".into()), LIMIT).expect("of the registry, as the mirror's has another digest");
    assert!(read(&repository, &bytes).expect("of the registry, as the mirror has none") == bytes);
    assert_eq!((served.load(Ordering::Relaxed), server.requests().len()), (3, 2));
}

#[test]
fn a_mirror_that_is_gone_is_asked_once() {
    let port = Scripted::start(|_, _| manifest()).port; // closed again
    let server = Scripted::start(|_, _| manifest());
    let options = Options { mirrors: vec![(server.host(), format!("127.0.0.1:{port}"))], ..options() };
    let client = client(options, Credentials::none());
    let repository = client.repository(&name(&server.host())).expect("a repository");
    for _ in 0..3 {
        repository.manifest(&tag(), LIMIT).expect("of the registry");
    }
    assert_eq!(client.traffic().requests, 2 + 1 + 3, "the mirror with TLS and without, the registry with TLS, three manifests");
}
