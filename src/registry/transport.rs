//! One HTTP request and its answer: which scheme, which certificates, and what went wrong.
//!
//! HTTP/1.1 on purpose. Layers are read in parallel, and with HTTP/2 all of them would share one
//! connection to a host: one congestion window, and one reader that is slow holds up the others.
//! With HTTP/1.1 each layer has a connection of its own, which is kept for the next.

use super::Options;
use super::address::{Address, Reach};
use crate::error::{Error, Result};
use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderValue, RANGE};
use reqwest::{Certificate, Method, Url, redirect};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Long enough for a far registry, short enough to try something else.
const CONNECT: Duration = Duration::from_secs(15);
/// Bytes of a file of certificates; the bundle of all of Mozilla's has 0.2 MB.
const CERTIFICATES: u64 = 16 << 20;

/// One request, without where it goes.
#[derive(Debug, Clone)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) accept: &'a str,
    pub(super) range: Option<String>,
    /// A form to be posted.
    pub(super) form: Option<String>,
}

impl Ask<'_> {
    /// A plain GET.
    pub(super) fn get(accept: &str) -> Ask<'_> {
        Ask { method: Method::GET, accept, range: None, form: None }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection: nobody there, no such name, no TLS.
    Unreachable(String),
    /// A connection broke off, or nothing came for too long.
    Broken(String),
    /// Nothing that another try would mend.
    Final(Error),
}

impl Failure {
    /// As the library's error about `place`.
    pub(super) fn into_error(self, place: &str) -> Error {
        match self {
            Self::Unreachable(why) | Self::Broken(why) => Error::network(place, why),
            Self::Final(error) => error.within(&place),
        }
    }
}

/// What all requests share.
pub(super) struct Transport {
    insecure: Vec<Address>,
    certificates: Vec<Certificate>,
    read_timeout: Duration,
    /// Hosts where plain http is an option, and whether it is what they speak.
    plain: Mutex<HashMap<Address, bool>>,
    clients: Mutex<HashMap<Kind, Client>>,
    requests: AtomicU64,
}

/// What tells HTTP clients apart. Each is made when it is first needed: reading the system's
/// certificates takes time, and there may be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    /// Certificates are not checked.
    unchecked: bool,
    /// Without a proxy.
    direct: bool,
}

impl Transport {
    pub(super) fn new(options: &Options) -> Result<Self> {
        // An error means that another part of the program was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut certificates = Vec::new();
        for path in &options.ca_certificates {
            certificates.extend(certificates_of(path)?);
        }
        Ok(Self {
            insecure: options.insecure.iter().map(|host| Address::parse(host)).collect::<Result<_>>()?,
            certificates,
            read_timeout: options.read_timeout,
            plain: Mutex::default(),
            clients: Mutex::default(),
            requests: AtomicU64::new(0),
        })
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How long a whole document may take: one that drips forever is no document.
    pub(super) fn patience(&self) -> Duration {
        self.read_timeout.saturating_mul(5)
    }

    /// Whether `address` may have any certificate: the user listed it.
    fn is_insecure(&self, address: &Address) -> bool {
        self.insecure.iter().any(|entry| entry.covers(address))
    }

    /// Whether `address` may be spoken to in plain http, where it does not speak TLS: it is listed, or
    /// it is this machine.
    fn may_be_plain(&self, address: &Address) -> bool {
        address.reach() == Reach::Loopback || self.is_insecure(address)
    }

    /// Whether `address` turned out to speak plain http.
    pub(super) fn is_plain(&self, address: &Address) -> bool {
        self.plain.lock().unwrap_or_else(PoisonError::into_inner).get(address) == Some(&true)
    }

    /// The answer of a registry to a request for `path`, segment by segment. The scheme is found out
    /// once: what happens to later connections does not change it, or whoever can break a
    /// connection could have a token sent in plain.
    pub(super) fn ask(
        &self,
        address: &Address,
        url: impl Fn(bool) -> Result<Url>,
        ask: &Ask,
        authorization: Option<&HeaderValue>,
    ) -> Answer {
        let send = |plain| self.send(url(plain).map_err(Failure::Final)?, ask, authorization);
        if !self.may_be_plain(address) {
            return send(false);
        }
        let known = self.plain.lock().unwrap_or_else(PoisonError::into_inner).get(address).copied();
        let (plain, answer) = match known {
            Some(plain) => return send(plain),
            None => match send(false) {
                Err(Failure::Unreachable(why)) => {
                    let answer = send(true);
                    // What https says is the better reason where neither works.
                    (
                        true,
                        answer.map_err(|failure| if let Failure::Unreachable(_) = failure { Failure::Unreachable(why) } else { failure }),
                    )
                }
                answer => (false, answer),
            },
        };
        if answer.is_ok() {
            self.plain.lock().unwrap_or_else(PoisonError::into_inner).insert(address.clone(), plain);
        }
        answer
    }

    /// The answer to one request, redirects included: they are the caller's to judge.
    pub(super) fn send(&self, url: Url, ask: &Ask, authorization: Option<&HeaderValue>) -> Answer {
        let address = Address::of(&url);
        let kind = Kind { unchecked: self.is_insecure(&address), direct: address.reach() == Reach::Loopback };
        let client = self.client(kind).map_err(Failure::Final)?;
        // A proxy that compresses on the way would break ranges and digests.
        let mut request = client.request(ask.method.clone(), url).header(ACCEPT, ask.accept).header(ACCEPT_ENCODING, "identity");
        if let Some(range) = &ask.range {
            request = request.header(RANGE, range);
        }
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        if let Some(form) = &ask.form {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(form.clone());
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        request.send().map_err(|error| self.failure(&address, &error))
    }

    fn client(&self, kind: Kind) -> Result<Client> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&kind) {
            return Ok(client.clone());
        }
        let mut builder = Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            // Of the blocking client this is the time until the headers are there, and then the time
            // of each read of the body: not of all of it.
            .timeout(self.read_timeout);
        if kind.unchecked {
            builder = builder.tls_danger_accept_invalid_certs(true);
        } else {
            builder = builder.tls_certs_merge(self.certificates.iter().cloned());
        }
        if kind.direct {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Error::network("TLS", format!("{}; name a file of trusted certificates with `--ca-cert FILE`", deepest(&error)))
        })?;
        clients.insert(kind, client.clone());
        Ok(client)
    }

    fn failure(&self, address: &Address, error: &reqwest::Error) -> Failure {
        let host = address.host.escape_debug();
        if error.is_builder() {
            return Failure::Final(Error::network(&host, deepest(error)));
        }
        let connecting = error.is_connect();
        match tls(error) {
            Some(rustls::Error::InvalidCertificate(why)) => {
                return Failure::Final(Error::network(
                    &host,
                    format!(
                        "its certificate is not trusted ({why}); trust its authority with `--ca-cert FILE`, or whatever it has with `--insecure {host}`"
                    ),
                ));
            }
            Some(why) if connecting => {
                return Failure::Unreachable(format!(
                    "{host} does not speak TLS ({why}); if it speaks plain http, allow it with `--insecure {host}`"
                ));
            }
            _ => {}
        }
        let why = match (error.is_timeout(), connecting) {
            (true, true) => "no connection in time".to_owned(),
            (true, false) => format!("no answer for {} s", self.read_timeout.as_secs_f32()),
            (false, _) => deepest(error),
        };
        let why = format!("{host}: {why}");
        if connecting { Failure::Unreachable(why) } else { Failure::Broken(why) }
    }
}

/// An answer of any status, or none.
pub(super) type Answer = std::result::Result<Response, Failure>;

/// The certificates of a PEM file that the user named.
fn certificates_of(path: &Path) -> Result<Vec<Certificate>> {
    let place = || format!("certificates of `{}`", path.display().to_string().escape_debug());
    let mut pem = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(CERTIFICATES).read_to_end(&mut pem))
        .map_err(Error::io(format_args!("reading {}", place())))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| Error::malformed(place(), deepest(&error)))?;
    if found.is_empty() {
        return Err(Error::malformed(place(), "expected at least one in PEM form, found none"));
    }
    Ok(found)
}

/// The first cause. What stands before it says that a request was being sent, and holds the URL,
/// whose query may be a secret.
fn deepest(error: &reqwest::Error) -> String {
    let mut last = None;
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        last = Some(cause);
        next = cause.source();
    }
    match last {
        Some(cause) => cause.to_string(),
        None if error.is_timeout() => "nothing came for too long".to_owned(),
        None => "the request could not be sent".to_owned(),
    }
}

/// What TLS says, where it is the cause.
fn tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        // An I/O error shows the cause of what it holds, not what it holds; that may be one too.
        let mut held: &(dyn std::error::Error + 'static) = cause;
        while let Some(inner) = held.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            held = inner;
        }
        if let Some(found) = held.downcast_ref() {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

/// Why a body broke off.
pub(super) fn broken(error: &std::io::Error) -> String {
    let held = error.get_ref().and_then(|held| held.downcast_ref::<reqwest::Error>());
    match held {
        Some(error) if error.is_timeout() => "nothing came for too long".to_owned(),
        Some(error) => deepest(error),
        None => error.to_string(),
    }
}
