//! Who the user is to one repository, as far as the registry asked.
//!
//! Nothing is sent before a challenge. What it asks for is found out once and kept for all
//! requests; threads that meet the same challenge wait for one token.

use super::Shared;
use super::address::Address;
use super::challenge::{self, Challenge};
use super::credentials::Credential;
use super::name::Name;
use super::realm::Realm;
use super::token::{self, Token, Wish};
use super::transport::Failure;
use crate::error::{Error, Result};
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use std::cell::OnceCell;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Challenge headers of one answer that are looked at.
const HEADERS: usize = 8;

/// What one repository takes.
pub(super) struct Session {
    name: Name,
    address: Address,
    allowed: Vec<Address>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    proof: Proof,
    /// Looked up when first asked for: a helper may be slow, or ask the user.
    credential: OnceCell<Option<Credential>>,
    /// A token service that credentials were kept from.
    withheld: Option<String>,
    /// Why there may be credentials that could not be had.
    trouble: Option<String>,
}

#[derive(Default)]
enum Proof {
    /// The registry has not asked.
    #[default]
    None,
    /// The credential itself.
    Fixed(HeaderValue),
    /// A token, and how to get the next.
    Token(Box<Wish>, Token),
}

impl State {
    fn authorization(&self) -> Option<&HeaderValue> {
        match &self.proof {
            Proof::None => None,
            Proof::Fixed(header) => Some(header),
            Proof::Token(_, token) => Some(&token.authorization),
        }
    }

    fn known(&self) -> Option<&Credential> {
        self.credential.get().and_then(Option::as_ref)
    }
}

impl Session {
    pub(super) fn new(name: Name, address: Address, allowed: Vec<Address>) -> Self {
        Self { name, address, allowed, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to send with a request. A token that is about to end is replaced first.
    pub(super) fn authorization(&self, shared: &Shared) -> Result<Option<HeaderValue>> {
        let mut state = self.lock();
        if let Proof::Token(wish, token) = &state.proof
            && !token.is_fresh()
        {
            let wish = (**wish).clone();
            self.renew(shared, &mut state, wish)?;
        }
        Ok(state.authorization().cloned())
    }

    /// Meets the challenge of an answer to a request that was sent with `used`. Whether it is worth
    /// asking again.
    pub(super) fn meet(&self, shared: &Shared, headers: &HeaderMap, used: Option<&HeaderValue>) -> Result<bool> {
        let mut state = self.lock();
        if state.authorization() != used {
            return Ok(true); // another thread was first
        }
        if state.credential.get().is_none() {
            // A helper that fails does no harm where anyone may read; where not, it is what to tell.
            let found = match shared.credentials.get(&self.name) {
                Err(error @ Error::Auth { .. }) => {
                    state.trouble = Some(error.to_string());
                    None
                }
                found => found?,
            };
            state.credential = OnceCell::from(found);
        }
        let offered: Vec<_> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .take(HEADERS)
            .filter_map(|value| value.to_str().ok())
            .flat_map(challenge::parse)
            .collect();
        let find = |scheme| offered.iter().find(|challenge| challenge.scheme == scheme);
        let fixed = match (find("bearer"), find("basic"), state.known()) {
            (Some(_), _, Some(Credential::RegistryToken(token))) => token::bearer(token),
            (Some(challenge), ..) => {
                let wish = self.wish(shared, challenge)?;
                self.renew(shared, &mut state, wish)?;
                return Ok(true);
            }
            (None, Some(_), Some(Credential::Basic { user, password })) => token::basic(user, password),
            _ => return Ok(false),
        };
        let header = fixed.map_err(|failure| failure.into_error(""))?;
        let news = used != Some(&header);
        state.proof = Proof::Fixed(header);
        Ok(news)
    }

    fn wish(&self, shared: &Shared, challenge: &Challenge) -> Result<Wish> {
        let host = self.name.host.escape_debug();
        let wrong = |why: String| {
            let remedy = format!("if you trust it, allow it with `--allow-auth-host {host}=HOST`");
            Error::auth("", format!("the registry names a token service that is not asked: {why}; {remedy}"))
        };
        let realm = challenge.get("realm").ok_or_else(|| wrong("none".to_owned()))?;
        let plain = shared.transport.is_plain(&self.address);
        let realm = Realm::check(realm, &self.address, plain, &self.allowed).map_err(wrong)?;
        let own = format!("repository:{}:pull", self.name.repository);
        // A registry behind a proxy may know the repository by another name.
        let theirs = challenge.get("scope").filter(|scope| pulls(scope)).map(str::to_owned);
        Ok(Wish { realm, service: challenge.get("service").map(str::to_owned), scope: theirs.unwrap_or(own) })
    }

    fn renew(&self, shared: &Shared, state: &mut State, wish: Wish) -> Result<()> {
        let credential = state.known().filter(|_| wish.realm.trusted);
        let fetched = token::fetch(&shared.transport, &shared.policy, &wish, credential);
        state.withheld = (!wish.realm.trusted && state.known().is_some()).then(|| wish.realm.host().to_owned());
        let token = fetched.map_err(|failure| match failure {
            Failure::Final(Error::Auth { place, what }) => Error::Auth { place, what: format!("{what}; {}", self.standing(state)) },
            failure => failure.into_error(&format!("token service `{}`", wish.realm.host().escape_debug())),
        })?;
        state.proof = Proof::Token(Box::new(wish), token);
        Ok(())
    }

    /// What was tried, and what may help: the end of a message that the user is refused.
    pub(super) fn tried(&self) -> String {
        self.standing(&self.lock())
    }

    fn standing(&self, state: &State) -> String {
        let host = self.name.host.escape_debug();
        if let Some(realm) = &state.withheld {
            let realm = realm.escape_debug();
            return format!(
                "the credentials for `{host}` were not sent to its token service at `{realm}`, which may be a stranger's; \
                 if you trust it, allow it with `--allow-auth-host {host}={realm}`"
            );
        }
        match (state.known(), &state.trouble) {
            (None, Some(trouble)) => format!("credentials for `{host}` could not be had: {trouble}"),
            (None, None) => format!("no credentials for `{host}` were found; log in with `docker login {host}`"),
            (Some(Credential::Basic { user, .. }), _) => {
                format!("the credentials of `{}` for `{host}` were tried; log in again with `docker login {host}`", user.escape_debug())
            }
            (Some(Credential::IdentityToken(_) | Credential::RegistryToken(_)), _) => {
                format!("the token for `{host}` in your credentials was tried; log in again with `docker login {host}`")
            }
        }
    }
}

/// Whether a scope asks for no more than to read one repository.
fn pulls(scope: &str) -> bool {
    let mut parts = scope.split(':');
    let ends = (parts.next(), parts.next_back()) == (Some("repository"), Some("pull"));
    ends && parts.next().is_some() && scope.len() <= 512 && scope.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::pulls;

    #[test]
    fn a_scope_is_for_reading() {
        assert!(pulls("repository:library/python:pull"));
        assert!(pulls("repository:host:5000/python:pull"));
        for scope in
            ["", "repository:a:pull,push", "repository:a:*", "registry:catalog:*", "repository:pull", "repository:a:pull repository:b:push"]
        {
            assert!(!pulls(scope), "{scope}");
        }
    }
}
