//! A request and what it takes to get its answer: retries, redirects, and the registry's challenge.

use super::Shared;
use super::endpoint::Endpoint;
use super::refusal;
use super::retry;
use super::transport::{Answer, Ask, Failure, broken};
use super::{address::Address, address::Reach, realm};
use crate::error::{Error, Result};
use reqwest::blocking::Response;
use reqwest::header::{HeaderValue, LOCATION};
use reqwest::{StatusCode, Url};
use std::io::Read;
use std::time::{Duration, Instant};

/// Redirects followed for one request; registries send one, to their storage.
const HOPS: u32 = 5;

/// How often to ask again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Persistence {
    pub(super) retries: u32,
    pub(super) pause: Duration,
}

/// Asks until the answer is one that lasts. What broke off is asked for again as often as the
/// policy says; where nobody is, only once more: that is rarely a matter of time.
pub(super) fn persist(policy: &Persistence, mut ask: impl FnMut() -> Answer) -> Answer {
    let mut tries = 0;
    loop {
        let answer = ask();
        let (again, headers) = match &answer {
            Ok(response) => (retry::passes(response.status()) && tries < policy.retries, Some(response.headers())),
            Err(Failure::Broken(_)) => (tries < policy.retries, None),
            Err(Failure::Unreachable(_)) => (tries < policy.retries.min(1), None),
            Err(Failure::Final(_)) => (false, None),
        };
        if !again {
            return answer;
        }
        std::thread::sleep(retry::pause(policy.pause, tries, headers));
        tries += 1;
    }
}

/// The answer of `endpoint` to `ask` for `url`, given the scheme: any status but those that pass, with
/// redirects followed. A challenge is met once.
pub(super) fn exchange(
    shared: &Shared,
    endpoint: &Endpoint,
    url: &dyn Fn(bool) -> Result<Url>,
    ask: &Ask,
    place: &str,
) -> Result<Response> {
    let mut challenged = false;
    loop {
        let authorization = endpoint.session.authorization(shared).map_err(|error| error.within(&place))?;
        let answer = persist(&endpoint.policy, || {
            let first = shared.transport.ask(&endpoint.address, url, ask, authorization.as_ref())?;
            follow(shared, endpoint, first, ask, authorization.as_ref())
        });
        let answer = answer.map_err(|failure| failure.into_error(place))?;
        // Only the registry itself may ask for credentials: storage elsewhere may not.
        if answer.status() != StatusCode::UNAUTHORIZED || !is_home(shared, endpoint, answer.url()) || challenged {
            return Ok(answer);
        }
        challenged = true;
        let met = endpoint.session.meet(shared, answer.headers(), authorization.as_ref());
        if !met.map_err(|error| error.within(&place))? {
            return Ok(answer);
        }
    }
}

/// Whether `url` is the registry's own.
pub(super) fn is_home(shared: &Shared, endpoint: &Endpoint, url: &Url) -> bool {
    endpoint.base(shared.transport.is_plain(&endpoint.address)).is_ok_and(|base| base.origin() == url.origin())
}

/// Follows redirects by hand: to another origin without the authorization, the range kept.
fn follow(shared: &Shared, endpoint: &Endpoint, first: Response, ask: &Ask, authorization: Option<&HeaderValue>) -> Answer {
    let mut answer = first;
    let mut authorization = authorization;
    let mut hops = 0;
    while matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        hops += 1;
        let refused = |why: String| Failure::Final(Error::network("", why));
        if hops > HOPS {
            return Err(refused(format!("more than {HOPS} redirects")));
        }
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.ok_or_else(|| refused("a redirect that leads nowhere".to_owned()))?;
        let next = next(&endpoint.address, answer.url(), location).map_err(refused)?;
        // Once away from home there is no way back for the authorization: nobody needs one.
        if next.origin() != answer.url().origin() {
            authorization = None;
        }
        answer = shared.transport.send(next, ask, authorization)?;
    }
    Ok(answer)
}

/// Where a redirect leads, or why it is not followed.
fn next(registry: &Address, from: &Url, location: &str) -> Result<Url, String> {
    let next = from.join(location).map_err(|_| "a redirect to what is no URL".to_owned())?;
    let address = Address::of(&next);
    let refuse = |why: &str| Err(format!("a redirect to `{}`, {why}", address.host.escape_debug()));
    match (from.scheme(), next.scheme()) {
        (_, "https") | ("http", "http") => {}
        ("https", "http") => return refuse("from https to plain http, which is not followed"),
        _ => return refuse("which is neither https nor http"),
    }
    if !next.username().is_empty() || next.password().is_some() {
        return refuse("with a user or a password, which is not followed");
    }
    // Storage in a private network is common, behind names of a private network too. Nobody keeps it
    // at an address of the user's own machine or link; other things listen there.
    if matches!(address.reach(), Reach::Loopback | Reach::LinkLocal) && !realm::may_name(registry, &address) {
        return refuse("which is nearer than the registry and not followed");
    }
    Ok(next)
}

/// Why a body is not there as a whole.
#[derive(Debug)]
pub(super) enum Cut {
    /// It is longer than allowed.
    Long,
    /// It broke off.
    Broken(String),
}

/// The whole body, of at most `limit` bytes, in bounded time.
pub(super) fn body(mut answer: Response, limit: u64, patience: Duration) -> Result<Vec<u8>, Cut> {
    let length = answer.content_length();
    if length.is_some_and(|length| length > limit) {
        return Err(Cut::Long);
    }
    let start = Instant::now();
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        let count = match answer.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Cut::Broken(broken(&error))),
        };
        bytes.extend_from_slice(&buffer[..count]);
        if bytes.len() as u64 > limit {
            return Err(Cut::Long);
        }
        if start.elapsed() > patience {
            return Err(Cut::Broken("it comes too slowly".to_owned()));
        }
    }
}

/// A request whose answer is wanted whole: its body is read within `limit`, and asked for again if
/// it breaks off.
pub(super) struct Whole {
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) bytes: Vec<u8>,
}

/// The whole answer of `endpoint`; another status than success is an error.
pub(super) fn whole(
    shared: &Shared,
    endpoint: &Endpoint,
    url: &dyn Fn(bool) -> Result<Url>,
    ask: &Ask,
    place: &str,
    limit: u64,
) -> Result<Whole> {
    let mut tries = 0;
    loop {
        let answer = exchange(shared, endpoint, url, ask, place)?;
        if !answer.status().is_success() {
            return Err(refusal::error(shared, endpoint, answer, place));
        }
        let headers = answer.headers().clone();
        match body(answer, limit, shared.transport.patience()) {
            Ok(bytes) => return Ok(Whole { headers, bytes }),
            Err(Cut::Broken(_)) if tries < endpoint.policy.retries => {
                std::thread::sleep(retry::pause(endpoint.policy.pause, tries, None));
                tries += 1;
            }
            Err(Cut::Broken(why)) => return Err(Error::network(place, why)),
            Err(Cut::Long) => {
                return Err(Error::Limit { place: place.to_owned(), what: "the document".to_owned(), limit: "document", max: limit });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(registry: &str, from: &str, location: &str) -> Result<String, String> {
        let registry = Address::parse(registry).expect("a host");
        next(&registry, &Url::parse(from).expect("a URL"), location).map(|url| url.to_string())
    }

    #[test]
    fn redirects_lead_to_storage() {
        let from = "https://registry.example.com/v2/a/blobs/x";
        for (location, to) in [
            ("/other?x=1", "https://registry.example.com/other?x=1"),
            ("https://storage.example.net/a?signature=b", "https://storage.example.net/a?signature=b"),
            ("//storage.example.net/a", "https://storage.example.net/a"),
            ("https://10.0.0.1:9000/a", "https://10.0.0.1:9000/a"),
        ] {
            assert_eq!(followed("registry.example.com", from, location).as_deref(), Ok(to), "{location}");
        }
        assert!(followed("localhost:5000", "http://localhost:5000/v2/", "http://127.0.0.1:9000/a").is_ok());
    }

    #[test]
    fn redirects_lead_nowhere_else() {
        let from = "https://registry.example.com/v2/a/blobs/x";
        for (location, why) in [
            ("http://registry.example.com/other", "plain http"),
            ("http://storage.example.net/a", "plain http"),
            ("file:///etc/passwd", "neither"),
            ("data:text/plain,x", "neither"),
            ("https://", "no URL"),
            ("https://user:secret@storage.example.net/", "a user"),
            ("https://169.254.169.254/latest/meta-data", "nearer"),
            ("https://127.0.0.1:2375/", "nearer"),
            ("https://[::ffff:127.0.0.1]/", "nearer"),
            ("https://localhost/", "nearer"),
        ] {
            let refused = followed("registry.example.com", from, location).expect_err(location);
            assert!(refused.contains(why) && !refused.contains("secret"), "{location}: {refused}");
        }
        assert!(followed("localhost:5000", "http://localhost:5000/v2/", "http://169.254.169.254/").is_err());
    }
}
