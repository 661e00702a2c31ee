//! What is sent is not what was asked for, breaks off or never ends.

use crate::scripted::{Reply, Scripted};
use crate::{
    LIMIT, MANIFEST, TYPE, blob_path, client, digest, manifest, message, name, noise, options, part, range, read, repository,
    repository_with, tag,
};
use plimsoll::Error;
use plimsoll::registry::{Credentials, Options, Which};
use std::io::Read;
use std::time::Duration;

// Manifests.

#[test]
fn a_manifest_is_what_its_digest_says() {
    let server = Scripted::start(|_, _| manifest());
    let repository = repository(&server);
    for which in [tag(), Which::Digest(digest(MANIFEST))] {
        let found = repository.manifest(&which, LIMIT).expect("a manifest");
        assert_eq!((found.bytes.as_slice(), found.media_type.as_str(), &found.digest), (MANIFEST, TYPE, &digest(MANIFEST)));
    }
    let requests = server.requests();
    assert_eq!(requests[0].path, "/v2/app/manifests/v1");
    assert_eq!(requests[1].path, format!("/v2/app/manifests/{}", digest(MANIFEST)));
    let accepted = requests[0].header("accept").expect("kinds of manifests");
    assert!(accepted.contains("oci.image.index.v1") && accepted.contains("manifest.list.v2") && !accepted.contains("v1+prettyjws"));
    assert!(requests.iter().all(|request| request.authorization().is_none()));
    assert_eq!(requests[0].header("user-agent"), Some(concat!("plimsoll/", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_manifest_of_another_digest_is_refused() {
    let server = Scripted::start(|request, _| {
        let other = || Reply::ok(MANIFEST).header("Docker-Content-Digest", digest(b"other").to_string());
        if request.path.ends_with("/v1") { other() } else { Reply::ok("{}") }
    });
    for which in [tag(), Which::Digest(digest(MANIFEST))] {
        let error = repository(&server).manifest(&which, LIMIT).expect_err("a mismatch");
        assert!(matches!(error, Error::Mismatch { measure: "digest", .. }), "{error}");
    }
}

#[test]
fn a_manifest_has_a_limit() {
    let server = Scripted::start(|request, _| match request.path.as_str() {
        "/v2/app/manifests/said" => Reply::ok(vec![b' '; 10_000_000]),
        _ => Reply::ok(vec![b' '; 1 << 16]).never_ending(),
    });
    for tag in ["said", "unsaid"] {
        let error = repository(&server).manifest(&Which::Tag(tag.into()), LIMIT).expect_err("a limit");
        assert!(matches!(error, Error::Limit { limit: "document", max: LIMIT, .. }), "{error}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such \u001b[31mthing"}]}"#;
    let server = Scripted::start(move |_, _| Reply::new(404).body(body));
    let error = repository(&server).manifest(&tag(), LIMIT).expect_err("nothing");
    assert_eq!(error.code(), "not-found");
    let text = message(&error);
    assert!(text.contains("manifest `v1` of `127.0.0.1:") && text.contains("no such \\x1b[31mthing"), "{text}");
}

// Blobs.

#[test]
fn a_blob_that_breaks_off_goes_on() {
    let bytes = noise(300_000);
    let script = bytes.clone();
    let server = Scripted::start(move |request, before| {
        let (first, last) = range(request).unwrap_or((0, usize::MAX));
        let rest = &script[first..=last.min(script.len() - 1)];
        let reply = if before == 0 { Reply::ok(rest) } else { part(&script, first, last) };
        // Five times another piece, and then the rest.
        if before < 5 { reply.body(&rest[..50_000 - before]).broken(rest.len()) } else { reply }
    });
    assert!(read(&repository(&server), &bytes).expect("the blob") == bytes);
    let requests = server.requests();
    assert_eq!(requests.len(), 6);
    let firsts: Vec<_> = requests.iter().map(range).collect();
    assert_eq!(firsts[0], None);
    assert_eq!(firsts[1], Some((50_000, 299_999)));
    assert_eq!(firsts[2], Some((99_999, 299_999)));
}

#[test]
fn a_blob_goes_on_from_a_registry_without_ranges() {
    let bytes = noise(200_000);
    let script = bytes.clone();
    let server = Scripted::start(move |_, before| match before {
        0 => Reply::ok(&script[..120_000]).broken(script.len()),
        1 => Reply::ok(&script[..60_000]).broken(script.len()),
        2 => Reply::ok(&script[..150_000]).unsaid(),
        _ => Reply::ok(script.clone()),
    });
    assert!(read(&repository(&server), &bytes).expect("the blob") == bytes);
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_blob_goes_on_five_times() {
    let bytes = noise(1000);
    let script = bytes.clone();
    let server = Scripted::start(move |request, _| {
        let (first, last) = range(request).unwrap_or((0, usize::MAX));
        let reply = if first == 0 { Reply::ok(&script[..1]) } else { part(&script, first, last).body(&script[first..=first]) };
        reply.broken(script.len() - first)
    });
    let error = read(&repository(&server), &bytes).expect_err("it never comes to an end");
    assert!(matches!(error, Error::Network { .. }), "{error}");
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn a_blob_does_not_go_on_elsewhere() {
    let bytes = noise(1000);
    for (said, length) in [("bytes 400-999/1000", 600), ("bytes 500-999/2000", 500), ("bytes 0-999/1000", 1000), ("nonsense", 500)] {
        let script = bytes.clone();
        let server = Scripted::start(move |request, _| match range(request) {
            None => Reply::ok(&script[..500]).broken(1000),
            Some(_) => Reply::new(206).header("Content-Range", said).body(vec![0; length]),
        });
        let error = read(&repository(&server), &bytes).expect_err(said);
        assert!(matches!(error, Error::Malformed { .. }), "{said}: {error}");
    }
}

#[test]
fn a_blob_ends_one_byte_after_its_size() {
    let server = Scripted::start(|_, _| Reply::ok(vec![7; 1 << 16]).never_ending());
    let mut blob = repository(&server).blob(&digest(b"x"), Some(100_000)).expect("it begins");
    let mut found = Vec::new();
    blob.read_to_end(&mut found).expect("it ends");
    assert_eq!(found.len(), 100_001);
}

#[test]
fn a_blob_of_another_size_is_refused() {
    let server = Scripted::start(|_, _| Reply::ok(vec![7; 1000]));
    let error = repository(&server).blob(&digest(b"x"), Some(999)).err().expect("a mismatch");
    assert!(matches!(&error, Error::Mismatch { measure: "size", expected, found, .. } if expected == "999" && found == "1000"), "{error}");
    // Shorter than said by the image, which only its end tells, and the registry has no more.
    let server = Scripted::start(|request, _| match range(request) {
        None => Reply::ok(vec![7; 1000]).unsaid(),
        Some(_) => Reply::new(416),
    });
    let mut blob = repository(&server).blob(&digest(b"x"), Some(1001)).expect("it begins");
    let error = Error::io("reading")(blob.read_to_end(&mut Vec::new()).expect_err("it is short"));
    assert!(matches!(&error, Error::Mismatch { measure: "size", expected, found, .. } if expected == "1001" && found == "1000"), "{error}");
}

#[test]
fn a_small_blob_is_verified() {
    let server = Scripted::start(|request, _| if request.path == blob_path(b"right") { Reply::ok("right") } else { Reply::ok("wrong") });
    let repository = repository(&server);
    assert_eq!(repository.small_blob(&digest(b"right"), 5).expect("the blob"), b"right");
    assert!(matches!(repository.small_blob(&digest(b"other"), 5), Err(Error::Mismatch { measure: "digest", .. })));
    assert!(matches!(repository.small_blob(&digest(b"right"), 4), Err(Error::Limit { .. })));
}

#[test]
fn a_part_is_the_part_or_none() {
    let bytes = noise(1000);
    let script = bytes.clone();
    let server = Scripted::start(move |request, before| {
        let (first, last) = range(request).expect("a range");
        match before {
            1 => Reply::ok(vec![0; 1 << 16]).never_ending(),
            2 => Reply::new(416),
            3 => part(&script, first, last).body(&script[first..last]).broken(51),
            _ => part(&script, first, last),
        }
    });
    let client = client(options(), Credentials::none());
    let repository = client.repository(&name(&server.host())).expect("a repository");
    let wanted = Some(&bytes[949..]);
    let found = || repository.part(&digest(&bytes), 949, 51).expect("an answer");
    assert_eq!(found().as_deref(), wanted);
    assert_eq!(found(), None, "200: all of it");
    assert_eq!(found(), None, "416");
    assert_eq!(found().as_deref(), wanted, "broken off, and asked for again");
    assert!(server.requests().iter().all(|request| request.header("range") == Some("bytes=949-999")));
    assert_eq!(client.traffic().blob_bytes, 102);
    assert_eq!(client.traffic().requests, 6, "the first is the try with TLS");
}

#[test]
fn another_part_is_refused() {
    for said in ["bytes 0-50/1000", "bytes 949-998/1000", "bytes 949-2000/3000", "bytes 949-999/900", "949-999", ""] {
        let server = Scripted::start(move |_, _| Reply::new(206).header("Content-Range", said).body(vec![0; 51]));
        let error = repository(&server).part(&digest(b"x"), 949, 51).expect_err(said);
        assert!(matches!(error, Error::Malformed { .. }), "{said}: {error}");
    }
    let server = Scripted::start(|_, _| Reply::new(206).header("Content-Range", "bytes 0-9/100").body(vec![0; 1 << 16]).never_ending());
    assert!(repository(&server).part(&digest(b"x"), 0, 10).is_err(), "more bytes than said");
}

// Time.

#[test]
fn silence_ends() {
    let server = Scripted::start(|request, _| Reply::ok(if request.path.contains("/blobs/") { "begin" } else { "" }).silent());
    let options = Options { read_timeout: Duration::from_millis(100), retries: 0, ..options() };
    let repository = repository_with(&server, options, Credentials::none());
    let error = repository.manifest(&tag(), LIMIT).expect_err("nothing comes");
    assert!(matches!(error, Error::Network { .. }), "{error}");
    let mut blob = repository.blob(&digest(b"x"), Some(100)).expect("it begins");
    let error = Error::io("reading")(blob.read_to_end(&mut Vec::new()).expect_err("nothing more comes"));
    assert!(matches!(error, Error::Network { .. }), "{error}");
    assert_eq!(server.count(&blob_path(b"x")), 6, "it goes on five times, and each time is silent again");
}

#[test]
fn a_document_that_drips_ends() {
    let server = Scripted::start(|_, _| Reply::ok(&b" "[..]).drip(Duration::from_millis(20)));
    let options = Options { read_timeout: Duration::from_millis(200), retries: 0, ..options() };
    let error = repository_with(&server, options, Credentials::none()).manifest(&tag(), LIMIT).expect_err("it never ends");
    assert!(message(&error).contains("too slowly"), "{error}");
}

// Retries.

#[test]
fn what_passes_is_asked_again() {
    let server = Scripted::start(|_, before| match before {
        0 => Reply::new(429).header("Retry-After", "0"),
        1 => Reply::new(503).header("Retry-After", "soon"),
        2 => Reply::hung_up(),
        3 => manifest().body(&MANIFEST[..5]).broken(MANIFEST.len()),
        _ => manifest(),
    });
    assert_eq!(repository(&server).manifest(&tag(), LIMIT).expect("at last").bytes, MANIFEST);
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn what_does_not_pass_ends() {
    let server = Scripted::start(|_, _| Reply::new(429).header("Retry-After", "0").body(r#"{"errors":[{"message":"pull limit"}]}"#));
    let error = repository(&server).manifest(&tag(), LIMIT).expect_err("too many");
    assert!(message(&error).contains("too many requests: `pull limit`"), "{error}");
    assert_eq!(server.requests().len(), 5, "one and four retries");
    let server = Scripted::start(|_, _| Reply::new(500));
    assert!(repository(&server).manifest(&tag(), LIMIT).is_err());
    assert_eq!(server.requests().len(), 1, "an error of the server is no matter of time");
}

#[test]
fn nobody_there_is_an_error() {
    let port = Scripted::start(|_, _| manifest()).port; // closed again
    let client = client(options(), Credentials::none());
    let error = client.repository(&name(&format!("127.0.0.1:{port}"))).and_then(|found| found.manifest(&tag(), LIMIT)).expect_err("nobody");
    assert_eq!((error.code(), error.exit_code()), ("network", 4));
    assert!(message(&error).contains("refused"), "{error}");
}
