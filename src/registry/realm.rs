//! Where tokens may be fetched: the `realm` of a challenge is chosen by the registry, and by anyone
//! who can answer in its place.
//!
//! A realm is a URL that plimsoll is asked to visit, perhaps with the user's password. So it must
//! be https, must not lie in a network that is nearer than the registry itself, and gets
//! credentials only if it plainly belongs to the registry or the user said so. Else the token is
//! asked for without them. (CVE-2020-15157 is a client that sent them anywhere.)

use super::address::{Address, Reach};
use reqwest::Url;

/// A service that gives tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Realm {
    pub(super) url: Url,
    /// Whether the user's credentials may be sent there.
    pub(super) trusted: bool,
}

impl Realm {
    /// The realm `text` of a challenge from `registry`, which was spoken to in plain http if
    /// `plain`; `allowed` are the hosts that the user trusts for this registry. Else why not.
    pub(super) fn check(text: &str, registry: &Address, plain: bool, allowed: &[Address]) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| format!("`{}` is no URL", shortened(text)))?;
        let refuse = |why: &str| Err(format!("`{}` {why}", shortened(text)));
        match url.scheme() {
            "https" => {}
            "http" if plain => {}
            "http" => return refuse("is plain http, and the registry is not"),
            _ => return refuse("is not https"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("holds a user or a password");
        }
        let address = Address::of(&url);
        if address.host.is_empty() {
            return refuse("has no host");
        }
        let allowed = allowed.iter().any(|entry| entry.covers(&address));
        if !allowed && !may_name(registry, &address) {
            return refuse("lies in a nearer network than the registry");
        }
        Ok(Self { trusted: allowed || belongs(&address.host, &registry.host), url })
    }

    /// Its host, for messages.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// A registry names hosts of its own network or of wider ones, not of a network that it may be
/// unable to reach itself: its word would then make plimsoll ask in its place.
pub(super) fn may_name(registry: &Address, other: &Address) -> bool {
    match other.reach() {
        Reach::Public => true,
        Reach::Private => matches!(registry.reach(), Reach::Private | Reach::Loopback),
        near => registry.reach() == near,
    }
}

/// Whether one organisation runs both hosts: they are the same, or have the same registrable
/// domain. That lets the token services of Docker Hub, GitLab and their kin pass.
fn belongs(host: &str, registry: &str) -> bool {
    host == registry || site(host).is_some_and(|domain| site(registry) == Some(domain))
}

/// Second labels below which countries register names.
const SECOND: [&str; 18] =
    ["ac", "asso", "co", "com", "edu", "go", "gob", "gouv", "gov", "ltd", "mil", "ne", "net", "nom", "or", "org", "plc", "sch"];

/// Domains whose subdomains belong to strangers: there only the same host is the same owner.
const SHARED: [&str; 17] = [
    "amazonaws.com",
    "appspot.com",
    "azurewebsites.net",
    "cloudfront.net",
    "duckdns.org",
    "fly.dev",
    "github.io",
    "herokuapp.com",
    "netlify.app",
    "nip.io",
    "ngrok.io",
    "pages.dev",
    "run.app",
    "sslip.io",
    "vercel.app",
    "windows.net",
    "workers.dev",
];

/// The registrable domain of a host, without the whole public suffix list: rather none than one
/// too short.
fn site(host: &str) -> Option<&str> {
    let address = Address { host: host.to_owned(), port: None };
    if address.is_literal() || host.ends_with('.') {
        return None;
    }
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let last = dots.next()?;
    let second = dots.next().map_or(0, |at| at + 1);
    let country = host.len() - last - 1 == 2;
    let domain = if country && SECOND.contains(&&host[second..last]) {
        // `co.uk` itself is nobody's.
        let third = host[..second].len().checked_sub(1)?;
        &host[host[..third].rfind('.').map_or(0, |at| at + 1)..]
    } else {
        &host[second..]
    };
    (!SHARED.contains(&domain)).then_some(domain)
}

/// What came from outside, short enough for a message. A query may hold secrets of others.
fn shortened(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let cut: String = text.chars().take(100).collect();
    cut.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(realm: &str, registry: &str, plain: bool) -> Result<bool, String> {
        let registry = Address::parse(registry).expect("a host");
        Realm::check(realm, &registry, plain, &[]).map(|realm| realm.trusted)
    }

    #[test]
    fn credentials_stay_in_the_house() {
        for (realm, registry) in [
            ("https://auth.docker.io/token", "registry-1.docker.io"),
            ("https://registry.example.com/token", "registry.example.com"),
            ("https://registry.example.com/token", "registry.example.com:5000"),
            ("https://gitlab.example.com/jwt/auth", "registry.example.com:5050"),
            ("https://example.com/jwt/auth", "registry.example.com"),
            ("https://auth.example.co.uk/", "registry.example.co.uk"),
            ("https://10.0.0.1/token", "10.0.0.1:5000"),
        ] {
            assert_eq!(check(realm, registry, false), Ok(true), "{realm} {registry}");
        }
        for (realm, registry) in [
            ("https://evil.example.net/token", "registry.example.com"),
            ("https://registry.example.com.evil.example.net/", "registry.example.com"),
            ("https://evilexample.com/", "registry.example.com"),
            ("https://other.co.uk/", "registry.co.uk"),
            ("https://co.uk/", "registry.co.uk"),
            ("https://evil.amazonaws.com/", "registry.amazonaws.com"),
            ("https://9.0.0.1/", "8.0.0.1"),
            ("https://10.0.0.2/", "10.0.0.1"),
            ("https://com/", "registry.com"),
        ] {
            assert_eq!(check(realm, registry, false), Ok(false), "{realm} {registry}");
        }
    }

    #[test]
    fn some_realms_are_not_visited_at_all() {
        for (realm, registry, why) in [
            ("http://registry.example.com/token", "registry.example.com", "plain http"),
            ("file:///etc/passwd", "registry.example.com", "not https"),
            ("ftp://registry.example.com/", "registry.example.com", "not https"),
            ("/token", "registry.example.com", "no URL"),
            ("https://", "registry.example.com", "no URL"),
            ("https://user:secret@registry.example.com/", "registry.example.com", "a user"),
            ("https://127.0.0.1/", "registry.example.com", "nearer network"),
            ("https://2130706433/", "registry.example.com", "nearer network"),
            ("https://localhost/", "registry.example.com", "nearer network"),
            ("https://[::1]/", "registry.example.com", "nearer network"),
            ("https://[::ffff:10.0.0.1]/", "registry.example.com", "nearer network"),
            ("https://169.254.169.254/latest", "registry.example.com", "nearer network"),
            ("https://169.254.169.254/latest", "10.0.0.1", "nearer network"),
            ("https://169.254.169.254/latest", "localhost:5000", "nearer network"),
            ("https://10.0.0.1/", "8.8.8.8", "nearer network"),
            ("https://127.0.0.1/", "10.0.0.1", "nearer network"),
        ] {
            let refused = check(realm, registry, false).expect_err(realm);
            assert!(refused.contains(why), "{realm}: {refused}");
        }
        assert_eq!(check("http://localhost:5001/token", "localhost:5000", true), Ok(true));
        assert_eq!(check("http://registry.example.com/token", "registry.example.com:5000", true), Ok(true));
        assert_eq!(check("http://127.0.0.1:5001/token", "localhost:5000", true), Ok(false));
        assert_eq!(check("https://192.168.1.1/token", "localhost:5000", false), Ok(false));
    }

    #[test]
    fn the_user_may_allow_a_realm() {
        let registry = Address::parse("registry.example.com").expect("a host");
        let allowed = [Address::parse("auth.example.net").expect("a host"), Address::parse("10.0.0.1").expect("a host")];
        let trusted = |realm: &str| Realm::check(realm, &registry, false, &allowed).map(|realm| realm.trusted);
        assert_eq!(trusted("https://auth.example.net/token"), Ok(true));
        assert_eq!(trusted("https://10.0.0.1/token"), Ok(true));
        assert_eq!(trusted("https://a.auth.example.net/token"), Ok(false));
        assert!(trusted("http://auth.example.net/token").is_err(), "https is not to be waived");
    }

    #[test]
    fn messages_hold_no_query() {
        let refused = check("http://example.com/token?secret=1", "registry.example.com", false).expect_err("plain http");
        assert!(!refused.contains("secret"), "{refused}");
    }
}
