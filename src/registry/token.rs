//! Tokens: the flow of the distribution specification ("Token Authentication Specification"), and
//! its variant with a refresh token (OAuth 2, RFC 6749, section 6).

use super::credentials::Credential;
use super::exchange::{self, Cut, Persistence};
use super::realm::Realm;
use super::refusal;
use super::transport::{Ask, Failure, Transport};
use crate::error::Error;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;
use std::time::{Duration, Instant};

/// Bytes of the answer that holds a token.
const ANSWER: u64 = 1 << 20;
/// Bytes of a token; the largest seen have a few thousand.
const TOKEN: usize = 64 << 10;
/// The specification's lifetime where none is said, and the shortest: a registry that says less
/// is asked again when it refuses.
const SHORTEST: u64 = 60;
const LONGEST: u64 = 24 * 3600;
/// A token is given up this long before its end, so that it does not end on the way.
const EARLY: u64 = 10;

/// What a registry takes for a while.
pub(super) struct Token {
    pub(super) authorization: HeaderValue,
    until: Instant,
}

impl Token {
    pub(super) fn is_fresh(&self) -> bool {
        Instant::now() < self.until
    }
}

/// What a token is asked for.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) realm: Realm,
    pub(super) service: Option<String>,
    pub(super) scope: String,
}

#[derive(Deserialize, Default)]
struct Granted {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: serde_json::Value,
}

/// A token from the wish's realm. Credentials must only be given for a realm that is trusted.
pub(super) fn fetch(transport: &Transport, policy: &Persistence, wish: &Wish, credential: Option<&Credential>) -> Result<Token, Failure> {
    let host = wish.realm.host().escape_debug().to_string();
    let (url, ask, authorization) = request(wish, credential)?;
    // Redirects are not followed: the realm was judged, where it would lead was not.
    let answer = exchange::persist(policy, || transport.send(url.clone(), &ask, authorization.as_ref()))?;
    let status = answer.status();
    if !status.is_success() {
        let what = format!("the token service `{host}` answered {status}{}", refusal::message(answer, transport));
        return Err(Failure::Final(match status.as_u16() {
            400..=403 => Error::auth("", what),
            _ => Error::network("", what),
        }));
    }
    let place = format!("answer of the token service `{host}`");
    let body = exchange::body(answer, ANSWER, transport.patience()).map_err(|cut| {
        Failure::Final(match cut {
            Cut::Long => Error::malformed(&place, format_args!("expected at most {ANSWER} bytes")),
            Cut::Broken(why) => Error::network(&place, why),
        })
    })?;
    token(&body).map_err(|why| Failure::Final(Error::malformed(place, why)))
}

fn request(wish: &Wish, credential: Option<&Credential>) -> Result<(Url, Ask<'static>, Option<HeaderValue>), Failure> {
    let mut pairs = vec![("scope", wish.scope.as_str())];
    pairs.extend(wish.service.as_deref().map(|service| ("service", service)));
    let mut url = wish.realm.url.clone();
    let mut ask = Ask::get("application/json");
    match credential {
        Some(Credential::IdentityToken(refresh)) => {
            pairs.extend([("grant_type", "refresh_token"), ("client_id", "plimsoll"), ("refresh_token", refresh)]);
            let mut form = url.clone();
            form.set_query(None);
            form.query_pairs_mut().extend_pairs(pairs);
            ask.method = Method::POST;
            ask.form = form.query().map(str::to_owned);
            Ok((url, ask, None))
        }
        Some(Credential::Basic { user, password }) => {
            url.query_pairs_mut().extend_pairs(pairs).append_pair("account", user);
            Ok((url, ask, Some(basic(user, password)?)))
        }
        Some(Credential::RegistryToken(_)) | None => {
            url.query_pairs_mut().extend_pairs(pairs);
            Ok((url, ask, None))
        }
    }
}

/// `Authorization` with a password (RFC 7617).
pub(super) fn basic(user: &str, password: &str) -> Result<HeaderValue, Failure> {
    header(&format!("Basic {}", crate::text::base64(format!("{user}:{password}").as_bytes())))
}

/// `Authorization` with a token (RFC 6750).
pub(super) fn bearer(token: &str) -> Result<HeaderValue, Failure> {
    header(&format!("Bearer {token}"))
}

fn header(text: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Failure::Final(Error::auth(AUTHORIZATION, "a token or password holds bytes that no header may hold")))?;
    value.set_sensitive(true);
    Ok(value)
}

fn token(body: &[u8]) -> Result<Token, String> {
    let granted: Granted = serde_json::from_slice(body).map_err(|_| "expected a JSON object with a `token`")?;
    let text = granted.token.filter(|token| !token.is_empty()).or(granted.access_token).ok_or("expected a `token`, found none")?;
    if text.is_empty() || text.len() > TOKEN || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("expected a `token` of at most {TOKEN} visible characters"));
    }
    let authorization = bearer(&text).map_err(|_| "the `token` fits no header")?;
    let seconds = granted.expires_in.as_u64().unwrap_or(SHORTEST).clamp(SHORTEST, LONGEST);
    Ok(Token { authorization, until: Instant::now() + Duration::from_secs(seconds - EARLY) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str) -> Result<String, String> {
        token(body.as_bytes()).map(|token| token.authorization.to_str().expect("ASCII").to_owned())
    }

    #[test]
    fn answers_are_read_leniently() {
        for body in [
            r#"{"token":"abc"}"#,
            r#"{"access_token":"abc","expires_in":"soon"}"#,
            r#"{"token":"","access_token":"abc","expires_in":-5}"#,
            r#"{"token":"abc","access_token":"other","expires_in":1e300,"x":[]}"#,
        ] {
            assert_eq!(text(body).as_deref(), Ok("Bearer abc"), "{body}");
        }
        for body in ["", "[]", "{}", "null", r#"{"token":5}"#, r#"{"token":"a\nb"}"#, r#"{"token":"a b"}"#, r#"{"token":""}"#] {
            assert!(text(body).is_err(), "{body}");
        }
        assert!(text(&format!(r#"{{"token":"{}"}}"#, "a".repeat(TOKEN + 1))).is_err());
    }

    #[test]
    fn a_token_lives_at_least_a_moment() {
        let token = token(br#"{"token":"abc","expires_in":0}"#).expect("a token");
        assert!(token.is_fresh());
    }

    #[test]
    fn debug_output_keeps_secrets() {
        let value = basic("user", "hunter2").expect("a header");
        assert!(!format!("{value:?}").contains(&crate::text::base64(b"user:hunter2")));
    }
}
