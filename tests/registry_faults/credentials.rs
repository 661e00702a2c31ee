//! Passwords and tokens go where they belong, and nowhere else.

use crate::scripted::{Reply, Scripted};
use crate::{BASIC, LIMIT, credentials, manifest, message, options, password, repository, repository_with, tag};
use plimsoll::Environment;
use plimsoll::registry::{Credentials, Options};
use std::sync::{Arc, OnceLock};

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
