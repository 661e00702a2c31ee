//! Where a repository is: its registry, and mirrors of it.

use super::address::Address;
use super::exchange::Persistence;
use super::name::Name;
use super::session::Session;
use crate::error::{Error, Result};
use reqwest::Url;
use std::sync::atomic::{AtomicBool, Ordering};

/// A repository at one host.
pub(super) struct Endpoint {
    /// As people name it: `docker.io/library/python`.
    pub(super) shown: String,
    pub(super) address: Address,
    pub(super) repository: String,
    pub(super) session: Session,
    pub(super) policy: Persistence,
    /// A mirror that nobody was found at is not asked again.
    gone: AtomicBool,
}

impl Endpoint {
    /// `repository` at `host`; `allowed` are hosts that may see its credentials.
    pub(super) fn new(name: &Name, policy: Persistence, allowed: Vec<Address>) -> Result<Self> {
        let address = match name.host.as_str() {
            // Docker Hub's name leads to its web site.
            "docker.io" | "index.docker.io" => Address::parse("registry-1.docker.io")?,
            host => Address::parse(host)?,
        };
        let Name { host, repository, .. } = name;
        let session = Session::new(name.clone(), address.clone(), allowed);
        Ok(Self {
            shown: format!("{host}/{repository}"),
            address,
            repository: repository.clone(),
            session,
            policy,
            gone: AtomicBool::new(false),
        })
    }

    /// The root of its API, in plain http or not.
    pub(super) fn base(&self, plain: bool) -> Result<Url> {
        let scheme = if plain { "http" } else { "https" };
        let url = Url::parse(&format!("{scheme}://{}/v2/", self.address));
        url.map_err(|_| Error::Usage(format!("`{}` is no host", self.address.to_string().escape_debug())))
    }

    /// `/v2/REPOSITORY/KIND/WHICH`. Names are strict before they come here; this is the second lock.
    pub(super) fn url(&self, plain: bool, kind: &str, which: &str) -> Result<Url> {
        let segments = || self.repository.split('/').chain([kind, which]);
        let odd = |segment: &str| segment.is_empty() || segment == "." || segment == ".." || !segment.bytes().all(|b| b.is_ascii_graphic());
        if segments().any(odd) {
            return Err(Error::Usage(format!("`{}` is no name of a repository", self.shown.escape_debug())));
        }
        let mut url = self.base(plain)?;
        url.path_segments_mut().map_err(|()| Error::Usage("a URL that has no path".to_owned()))?.pop_if_empty().extend(segments());
        Ok(url)
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    pub(super) fn set_gone(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn url(host: &str, repository: &str, which: &str) -> Result<String> {
        let name = Name { host: host.into(), repository: repository.into(), tag: None, digest: None };
        let policy = Persistence { retries: 0, pause: Duration::ZERO };
        Endpoint::new(&name, policy, Vec::new())?.url(false, "manifests", which).map(|url| url.to_string())
    }

    #[test]
    fn names_stay_in_their_place() {
        for (host, repository, which, expected) in [
            ("docker.io", "library/python", "3.12", "https://registry-1.docker.io/v2/library/python/manifests/3.12"),
            ("localhost:5000", "app", "sha256:ab", "https://localhost:5000/v2/app/manifests/sha256:ab"),
            ("[::1]:5000", "app", "v1", "https://[::1]:5000/v2/app/manifests/v1"),
            ("registry.example.com", "a/b/c", "v?x#y%2f", "https://registry.example.com/v2/a/b/c/manifests/v%3Fx%23y%252f"),
        ] {
            assert_eq!(url(host, repository, which).ok().as_deref(), Some(expected));
        }
        for (host, repository, which) in [
            ("registry.example.com@evil.example.net", "a", "v"),
            ("registry.example.com/x", "a", "v"),
            ("registry.example.com", "a/../b", "v"),
            ("registry.example.com", "a//b", "v"),
            ("registry.example.com", "a", ".."),
            ("registry.example.com", "a", ""),
            ("registry.example.com", "a\r\nHost: x", "v"),
        ] {
            assert!(url(host, repository, which).is_err(), "{host} {repository} {which}");
        }
    }
}
