//! Registries that lie, break off, never end, or want credentials that are not theirs.
//!
//! The servers here are scripts: what they were asked is the truth that the tests look at.

#![cfg(feature = "registry")]

#[path = "support/scripted.rs"]
mod scripted;

use plimsoll::oci::Digest;
use plimsoll::registry::{Client, Credentials, Name, Options, Repository, Which};
use plimsoll::{Environment, Error};
use scripted::{Certificate, Reply, Request, Scripted};
use sha2::Digest as _;
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const LIMIT: u64 = 4 << 20;
const MANIFEST: &[u8] = br#"{"schemaVersion":2,"layers":[]}"#;
const TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

fn options() -> Options {
    Options { retry_pause: Duration::from_millis(1), ..Options::default() }
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::from_hash(plimsoll::oci::Algorithm::Sha256, &sha2::Sha256::digest(bytes))
}

fn name(host: &str) -> Name {
    Name::parse(&format!("{host}/app:v1")).expect("a name")
}

/// What a configuration file says of one host.
fn credentials(host: &str, entry: &str) -> Credentials {
    let file = format!(r#"{{"auths":{{"{host}":{entry}}}}}"#);
    Credentials::from_environment(&Environment::of([("DOCKER_AUTH_CONFIG", file)]), None).expect("credentials")
}

/// A password for one host.
fn password(host: &str) -> Credentials {
    credentials(host, r#"{"auth":"c2hpcDpwbGltc29sbC1saW5l"}"#)
}

/// `ship:plimsoll-line` as `base64` writes it.
const BASIC: &str = "Basic c2hpcDpwbGltc29sbC1saW5l";

fn client(options: Options, credentials: Credentials) -> Client {
    Client::new(options, credentials).expect("a client")
}

fn repository(server: &Scripted) -> Repository {
    repository_with(server, options(), Credentials::none())
}

fn repository_with(server: &Scripted, options: Options, credentials: Credentials) -> Repository {
    client(options, credentials).repository(&name(&server.host())).expect("a repository")
}

fn tag() -> Which {
    Which::Tag("v1".into())
}

fn manifest() -> Reply {
    Reply::ok(MANIFEST).header("Content-Type", TYPE).header("Docker-Content-Digest", digest(MANIFEST).to_string())
}

/// Bytes that differ from place to place.
fn noise(length: usize) -> Vec<u8> {
    (0..length as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u8).collect()
}

fn read(repository: &Repository, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut blob = repository.blob(&digest(bytes), Some(bytes.len() as u64))?;
    let mut found = Vec::new();
    blob.read_to_end(&mut found).map_err(Error::io("reading"))?;
    Ok(found)
}

/// The message with its causes.
fn message(error: &Error) -> String {
    let text = error.to_string();
    assert!(!text.contains("plimsoll-line") && !text.contains("c2hpc"), "an error shows a password: {text}");
    text
}

fn blob_path(bytes: &[u8]) -> String {
    format!("/v2/app/blobs/{}", digest(bytes))
}

/// The first and last byte that a request asks for.
fn range(request: &Request) -> Option<(usize, usize)> {
    let (first, last) = request.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().unwrap_or(usize::MAX)))
}

fn part(bytes: &[u8], first: usize, last: usize) -> Reply {
    let last = last.min(bytes.len() - 1);
    Reply::new(206).header("Content-Range", format!("bytes {first}-{last}/{}", bytes.len())).body(&bytes[first..=last])
}

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

// Credentials.

#[test]
fn a_password_is_sent_when_asked_for() {
    let server = Scripted::start(|request, _| match request.authorization() {
        Some(BASIC) => manifest(),
        _ => Reply::new(401).header("WWW-Authenticate", "Basic realm=\"x\""),
    });
    let repository = repository_with(&server, options(), password(&server.host()));
    for _ in 0..3 {
        repository.manifest(&tag(), LIMIT).expect("a manifest");
    }
    let sent: Vec<_> = server.requests().iter().map(|request| request.authorization().is_some()).collect();
    assert_eq!(sent, [false, true, true, true]);
}

#[test]
fn who_is_refused_learns_what_was_tried() {
    let body = r#"{"errors":[{"code":"DENIED","message":"go away"}]}"#;
    let basic = Scripted::start(move |_, _| Reply::new(401).header("WWW-Authenticate", "Basic realm=\"x\"").body(body));
    let forbidden = Scripted::start(move |_, _| Reply::new(403).body(body));
    for (server, requests) in [(&basic, 2), (&forbidden, 1)] {
        let error = repository_with(server, options(), password(&server.host())).manifest(&tag(), LIMIT).expect_err("refused");
        assert_eq!((error.code(), error.exit_code()), ("auth", 4));
        assert!(message(&error).contains("`go away`"), "{error}");
        assert_eq!(server.requests().len(), requests);
    }
    let error = repository_with(&basic, options(), password(&basic.host())).manifest(&tag(), LIMIT).expect_err("refused");
    assert!(message(&error).contains(&format!("credentials of `ship` for `{}` were tried", basic.host())), "{error}");
    let error = repository(&basic).manifest(&tag(), LIMIT).expect_err("refused");
    let text = message(&error);
    assert!(text.contains("no credentials for") && text.contains(&format!("`docker login {}`", basic.host())), "{text}");
}

#[test]
fn a_helper_that_fails_matters_only_where_it_is_needed() {
    let missing = |host: &str| {
        let file = format!(r#"{{"credHelpers":{{"{host}":"nowhere-to-be-found"}}}}"#);
        Credentials::from_environment(&Environment::of([("DOCKER_AUTH_CONFIG", file)]), None).expect("credentials")
    };
    let open = same_host(|_, _| true);
    repository_with(&open, options(), missing(&open.host())).manifest(&tag(), LIMIT).expect("anyone may read");
    let closed = same_host(|_, _| false);
    let error = repository_with(&closed, options(), missing(&closed.host())).manifest(&tag(), LIMIT).expect_err("refused");
    assert!(message(&error).contains("docker-credential-nowhere-to-be-found"), "{error}");
}

/// A registry that wants a bearer token of `realm`; it takes all whose number is in `good`.
fn bearer(realm: Arc<OnceLock<String>>, good: impl Fn(&str, usize) -> bool + Send + Sync + 'static) -> Scripted {
    Scripted::start(move |request, before| {
        let realm = realm.get().expect("the test says where");
        if request.path.starts_with("/token") {
            return Reply::ok(format!(r#"{{"token":"t{before}","expires_in":300}}"#));
        }
        match request.authorization().and_then(|text| text.strip_prefix("Bearer ")) {
            Some(token) if good(token, before) => manifest(),
            _ => Reply::new(401)
                .header("WWW-Authenticate", format!("Bearer realm=\"{realm}\",service=\"the service\",scope=\"repository:app:pull,push\"")),
        }
    })
}

fn same_host(good: impl Fn(&str, usize) -> bool + Send + Sync + 'static) -> Scripted {
    let realm: Arc<OnceLock<String>> = Arc::default();
    let server = bearer(realm.clone(), good);
    realm.set(format!("http://{}/token?kept=yes", server.host())).expect("set once");
    server
}

#[test]
fn a_token_is_fetched_once_for_all_threads() {
    let server = same_host(|_, _| true);
    let repository = repository_with(&server, options(), password(&server.host()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| repository.manifest(&tag(), LIMIT).expect("a manifest"));
        }
    });
    assert_eq!(server.count("/token"), 1);
    let asked = server.requests().into_iter().find(|request| request.plain_path() == "/token").expect("asked");
    assert_eq!(asked.path, "/token?kept=yes&scope=repository%3Aapp%3Apull&service=the+service&account=ship");
    assert_eq!((asked.method.as_str(), asked.authorization()), ("GET", Some(BASIC)));
    assert!(
        server.requests().iter().filter(|request| request.plain_path() != "/token").all(|request| request.authorization() != Some(BASIC))
    );
}

#[test]
fn an_identity_token_is_posted() {
    let server = same_host(|_, _| true);
    let credentials = credentials(&server.host(), r#"{"identitytoken":"refresh & me"}"#);
    repository_with(&server, options(), credentials).manifest(&tag(), LIMIT).expect("a manifest");
    let asked = server.requests().into_iter().find(|request| request.plain_path() == "/token").expect("asked");
    assert_eq!((asked.method.as_str(), asked.authorization()), ("POST", None));
    assert!(!asked.path.contains("refresh"), "a secret has no place in a path: {}", asked.path);
    assert_eq!(
        asked.body,
        "scope=repository%3Aapp%3Apull&service=the+service&grant_type=refresh_token&client_id=plimsoll&refresh_token=refresh+%26+me"
    );
}

#[test]
fn a_token_of_the_registry_is_sent_as_it_is() {
    let server = same_host(|token, _| token == "mine");
    let token = |text: &str| credentials(&server.host(), &format!(r#"{{"registrytoken":"{text}"}}"#));
    repository_with(&server, options(), token("mine")).manifest(&tag(), LIMIT).expect("a manifest");
    assert!(repository_with(&server, options(), token("wrong")).manifest(&tag(), LIMIT).is_err());
    assert_eq!(server.count("/token"), 0);
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_token_that_ends_is_replaced() {
    // From the sixth request on the first token is no longer good.
    let server = same_host(|token, before| token != "t1" || before < 5);
    let repository = repository(&server);
    for _ in 0..5 {
        repository.manifest(&tag(), LIMIT).expect("a manifest");
    }
    assert_eq!(server.count("/token"), 2);
    assert_eq!(server.count("/v2/app/manifests/v1"), 5 + 2, "two of them to be refused");
}

#[test]
fn a_token_that_is_never_good_ends() {
    let server = same_host(|_, _| false);
    let error = repository(&server).manifest(&tag(), LIMIT).expect_err("refused");
    assert_eq!(error.code(), "auth");
    assert_eq!(server.requests().len(), 3, "refused, a token, refused");
}

#[test]
fn strangers_get_no_credentials() {
    let stranger = Scripted::start(|_, _| Reply::ok(r#"{"access_token":"t"}"#));
    let realm: Arc<OnceLock<String>> = Arc::default();
    let server = bearer(realm.clone(), |token, _| token == "not this");
    realm.set(format!("http://{}/token", stranger.other_name())).expect("set once");
    for entry in [r#"{"auth":"c2hpcDpwbGltc29sbC1saW5l"}"#, r#"{"identitytoken":"plimsoll-line"}"#] {
        let error = repository_with(&server, options(), credentials(&server.host(), entry)).manifest(&tag(), LIMIT).expect_err("refused");
        assert!(message(&error).contains(&format!("`--allow-auth-host {}=localhost`", server.host())), "{error}");
    }
    assert!(!stranger.requests().is_empty(), "it is asked for a token for anyone");
    for request in stranger.requests() {
        assert_eq!((request.method.as_str(), request.authorization()), ("GET", None));
        assert!(!request.path.contains("plimsoll-line") && !request.path.contains("ship") && request.body.is_empty());
    }
    // Unless the user says so.
    let options = Options { allowed_realms: vec![(server.host(), "localhost".into())], ..options() };
    let _ = repository_with(&server, options, password(&server.host())).manifest(&tag(), LIMIT);
    assert_eq!(stranger.requests().last().and_then(|request| request.authorization().map(str::to_owned)).as_deref(), Some(BASIC));
}

#[test]
fn some_realms_are_never_visited() {
    for (realm, why) in [
        ("http://169.254.169.254/token", "nearer network"),
        ("file:///etc/passwd", "not https"),
        ("token", "no URL"),
        ("http://user:word@127.0.0.1/token", "a user"),
    ] {
        let server = Scripted::start(move |_, _| Reply::new(401).header("WWW-Authenticate", format!("Bearer realm=\"{realm}\"")));
        let error = repository_with(&server, options(), password(&server.host())).manifest(&tag(), LIMIT).expect_err(realm);
        assert_eq!(error.code(), "auth");
        assert!(message(&error).contains(why), "{realm}: {error}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn token_services_are_hostile_too() {
    let elsewhere = Scripted::start(|_, _| Reply::ok(r#"{"token":"t"}"#));
    let to = format!("http://{}/token", elsewhere.host());
    let huge = format!(r#"{{"token":"{}"}}"#, "t".repeat(2 << 20));
    for (reply, code) in [
        (Reply::new(307).header("Location", to), "network"),
        (Reply::ok(huge), "malformed"),
        (Reply::ok(vec![b' '; 1 << 16]).never_ending(), "malformed"),
        (Reply::ok("{}"), "malformed"),
        (Reply::ok(r#"{"token":"a\r\nX: y"}"#), "malformed"),
        (Reply::new(401).body(r#"{"details":"wrong password"}"#), "auth"),
    ] {
        let realm: Arc<OnceLock<String>> = Arc::default();
        let named = realm.clone();
        let server = Scripted::start(move |request, _| {
            let asking = || Reply::new(401).header("WWW-Authenticate", format!("Bearer realm=\"{}\"", named.get().expect("set")));
            if request.path.starts_with("/token") { reply.clone() } else { asking() }
        });
        realm.set(format!("http://{}/token", server.host())).expect("set once");
        let error = repository_with(&server, options(), password(&server.host())).manifest(&tag(), LIMIT).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
        let text = message(&error);
        assert!(code != "auth" || text.contains("`wrong password`") && text.contains("credentials of `ship`"), "{text}");
    }
    assert!(elsewhere.requests().is_empty());
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
