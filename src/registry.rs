//! Registries: the pull side of the OCI distribution specification v1.1, and nothing of layers.
//!
//! A [`Client`] holds connections and tokens and is shared by all threads; a [`Repository`] is one
//! name in one registry, with the mirrors that stand before it. What comes out is bytes:
//! manifests and small blobs whole and verified, layers as a stream ([`Blob`]) or in parts.
//!
//! The registry is not trusted. It cannot make the client send credentials to strangers
//! (`realm`), look into nearer networks (redirects, realms), hold more than a limit in
//! memory, or wait forever. What it says in errors is escaped and cut.
//!
//! The proxy comes from the environment, as everywhere; this machine is asked directly. All else
//! comes in through [`Options`] and [`Credentials`].

mod address;
mod blob;
pub mod challenge;
pub mod credentials;
mod endpoint;
mod exchange;
pub mod name;
mod range;
mod realm;
mod refusal;
mod repository;
mod retry;
mod session;
mod token;
mod transport;

pub use blob::Blob;
pub use credentials::{Credential, Credentials};
pub use name::Name;
pub use repository::{Document, Repository, Which};

use crate::error::Result;
use address::Address;
use endpoint::Endpoint;
use exchange::Persistence;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How to speak to registries.
#[derive(Debug, Clone)]
pub struct Options {
    /// Hosts, `HOST[:PORT]`, that may speak plain http and have any certificate. This machine may
    /// always speak plain http.
    pub insecure: Vec<String>,
    /// Files of further trusted certificates, in PEM form.
    pub ca_certificates: Vec<PathBuf>,
    /// A host, as in names of images, and a mirror of it that is asked first: without credentials,
    /// or with the mirror's own. A host may have several.
    pub mirrors: Vec<(String, String)>,
    /// A registry, and a host that may see its credentials to give tokens.
    pub allowed_realms: Vec<(String, String)>,
    /// The longest time without a byte.
    pub read_timeout: Duration,
    /// How often a request that failed is sent again.
    pub retries: u32,
    /// The pause before the first retry; it doubles. Registries may ask for another.
    pub retry_pause: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            insecure: Vec::new(),
            ca_certificates: Vec::new(),
            mirrors: Vec::new(),
            allowed_realms: Vec::new(),
            read_timeout: Duration::from_secs(60),
            retries: 4,
            retry_pause: Duration::from_millis(500),
        }
    }
}

/// What went over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Requests sent: also those for tokens, after redirects and once more.
    pub requests: u64,
    /// Bytes of blobs that were read, in streams and parts.
    pub blob_bytes: u64,
}

/// Connections and tokens. Cheap to clone; clones share all.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// What repositories of one client share.
struct Shared {
    transport: transport::Transport,
    credentials: Credentials,
    policy: Persistence,
    mirrors: Vec<(String, String)>,
    allowed: Vec<(String, Address)>,
    /// One per host and repository, so that a token is fetched once.
    endpoints: Mutex<HashMap<(String, String), Arc<Endpoint>>>,
    blob_bytes: AtomicU64,
}

impl Client {
    /// A client; nothing is sent yet. Hosts and files of `options` are checked.
    pub fn new(options: Options, credentials: Credentials) -> Result<Self> {
        let transport = transport::Transport::new(&options)?;
        for (_, mirror) in &options.mirrors {
            Address::parse(mirror)?;
        }
        let allowed = options.allowed_realms.iter().map(|(registry, host)| Ok((registry.clone(), Address::parse(host)?)));
        let shared = Shared {
            transport,
            credentials,
            policy: Persistence { retries: options.retries, pause: options.retry_pause },
            allowed: allowed.collect::<Result<_>>()?,
            mirrors: options.mirrors,
            endpoints: Mutex::default(),
            blob_bytes: AtomicU64::new(0),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The repository of `name`, at its mirrors and its registry.
    pub fn repository(&self, name: &Name) -> Result<Repository> {
        let mirrors = self.shared.mirrors.iter().filter(|(host, _)| *host == name.host).map(|(_, mirror)| mirror);
        let mirrors = mirrors.map(|host| self.endpoint(host, name)).collect::<Result<_>>()?;
        Ok(Repository::new(self.shared.clone(), mirrors, self.endpoint(&name.host, name)?))
    }

    fn endpoint(&self, host: &str, name: &Name) -> Result<Arc<Endpoint>> {
        let mut endpoints = self.shared.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (host.to_owned(), name.repository.clone());
        if let Some(endpoint) = endpoints.get(&key) {
            return Ok(endpoint.clone());
        }
        // Behind a mirror is the registry itself: it is not worth waiting for.
        let retries = if host == name.host { self.shared.policy.retries } else { 0 };
        let policy = Persistence { retries, ..self.shared.policy };
        let allowed = self.shared.allowed.iter().filter(|(registry, _)| registry == host).map(|(_, address)| address.clone());
        let name = Name { host: host.to_owned(), ..name.clone() };
        let endpoint = Arc::new(Endpoint::new(&name, policy, allowed.collect())?);
        endpoints.insert(key, endpoint.clone());
        Ok(endpoint)
    }

    /// What was sent and read so far.
    pub fn traffic(&self) -> Traffic {
        Traffic { requests: self.shared.transport.requests(), blob_bytes: self.shared.blob_bytes.load(Ordering::Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_may_share_it() {
        fn shared<T: Send + Sync + Clone + 'static>() {}
        fn sent<T: Send + 'static>() {}
        shared::<Client>();
        shared::<Repository>();
        sent::<Blob>();
    }

    #[test]
    fn options_are_checked_at_the_start() {
        let wrong = "registry.example.com/path".to_owned();
        for options in [
            Options { insecure: vec![wrong.clone()], ..Options::default() },
            Options { mirrors: vec![("docker.io".into(), wrong.clone())], ..Options::default() },
            Options { allowed_realms: vec![("docker.io".into(), wrong)], ..Options::default() },
        ] {
            let error = Client::new(options, Credentials::none()).err().expect("a path is no part of a host");
            assert_eq!(error.exit_code(), 2);
        }
    }
}
