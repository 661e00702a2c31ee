//! HTTP to an engine, over a socket, TCP, TLS or `ssh`, and its failures in people's words.

use super::address::{Address, Bracketed};
use super::stream::Stream;
use super::{Endpoint, Engine};
use crate::environment::Environment;
use crate::error::{Error, Result};
use reqwest::blocking::{Client, ClientBuilder, Response};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use std::error::Error as _;
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::time::Duration;

#[cfg(unix)]
pub(super) use super::ssh::Relay;
/// Elsewhere there are no unix sockets to relay through.
#[cfg(not(unix))]
pub(super) enum Relay {}

/// How long a machine may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(30);

/// How long an engine may be silent within an export. Docker's graph drivers collect the whole
/// image before the first byte, and a hundred gigabytes on a slow disk take the better part of this.
const SILENCE: Duration = Duration::from_secs(60 * 60);

/// Bytes of an error that an engine may send.
const ERROR_LIMIT: u64 = 64 << 10;

/// Characters of an engine's words in an error.
const WORDS_LIMIT: usize = 2000;

/// A client of one engine. Fields are dropped in order: the client hangs up before its relay ends.
pub(super) struct Connection {
    client: Client,
    base: Url,
    relay: Option<Arc<Relay>>,
    endpoint: Endpoint,
}

/// An engine's answer to one request.
pub(super) struct Answer {
    response: Response,
    place: String,
    relay: Option<Arc<Relay>>,
}

impl Connection {
    pub(super) fn new(endpoint: &Endpoint, environment: &Environment) -> Result<Self> {
        // Fails if there is one already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(SILENCE);
        let (builder, base, relay) = transport(builder, endpoint, environment)?;
        let place = format!("connecting to {}", named(endpoint));
        let client = builder.build().map_err(|error| Error::network(&place, chain(&error)))?;
        let base = Url::parse(&base).map_err(|error| Error::network(&place, error))?;
        Ok(Self { client, base, relay, endpoint: endpoint.clone() })
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The engine, for messages.
    pub(super) fn named(&self) -> String {
        named(&self.endpoint)
    }

    /// What is being done, for messages.
    pub(super) fn place(&self) -> String {
        format!("asking {}", self.named())
    }

    /// Sends a request. All of the answer must come within `patience` where there is one.
    pub(super) fn get(&self, path: &str, query: &[(&str, &str)], patience: Option<Duration>) -> Result<Answer> {
        let mut url = self.base.clone();
        url.set_path(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.client.get(url);
        if let Some(patience) = patience {
            request = request.timeout(patience);
        }
        let response = request.send().map_err(|error| self.unreachable(&error))?;
        Ok(Answer { response, place: self.place(), relay: self.relay.clone() })
    }

    /// An engine that cannot be talked to: why, and what may help.
    fn unreachable(&self, error: &reqwest::Error) -> Error {
        #[cfg(unix)]
        if let Some(said) = self.relay.as_ref().and_then(|relay| relay.said()) {
            return Error::network(self.place(), format_args!("{}; `ssh` says: {said}", chain(error)));
        }
        let why = match (&self.endpoint.address, io_kind(error)) {
            (Address::Unix(_), Some(ErrorKind::NotFound)) => "no such socket".to_owned(),
            (Address::Unix(_), Some(ErrorKind::PermissionDenied)) => "permission denied".to_owned(),
            (_, Some(ErrorKind::ConnectionRefused)) => "connection refused".to_owned(),
            _ => chain(error),
        };
        let remedy = match (self.endpoint.engine, io_kind(error)) {
            (Engine::Docker, Some(ErrorKind::PermissionDenied)) => "join the group that owns the socket (`docker`), or run as root",
            (Engine::Podman, Some(ErrorKind::PermissionDenied)) => "the socket is another user's: run as that user",
            (Engine::Docker, _) => "start the engine, or say where it listens: `--host`, DOCKER_HOST or `docker context use`",
            (Engine::Podman, _) => "start the service (`systemctl --user start podman.socket`), or say where it listens: CONTAINER_HOST",
        };
        Error::network(self.place(), format_args!("{why}; {remedy}"))
    }

    /// The error that an answer other than success is.
    pub(super) fn refused(&self, answer: Answer) -> Error {
        let status = answer.response.status();
        let said = answer.said();
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::auth(self.place(), format_args!("{status}: {said}")),
            _ => Error::network(self.place(), format_args!("expected an answer, found {status}: {said}")),
        }
    }
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        self.response.status() == StatusCode::OK
    }

    pub(super) fn is_missing(&self) -> bool {
        self.response.status() == StatusCode::NOT_FOUND
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// A document of at most `limit` bytes.
    pub(super) fn document(self, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = self.response.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| Error::network(&self.place, format_args!("the answer broke off: {}", io_chain(&error))))?;
        if bytes.len() as u64 > limit {
            return Err(Error::malformed(&self.place, format_args!("expected an answer of at most {limit} bytes, found more")));
        }
        Ok(bytes)
    }

    /// What an engine says has gone wrong: `{"message": "…"}`, or whatever text there is.
    pub(super) fn said(self) -> String {
        #[derive(Deserialize)]
        struct Said {
            message: String,
        }
        let mut bytes = Vec::new();
        // As much as there is will do: this is a message about another failure.
        let _ = self.response.take(ERROR_LIMIT).read_to_end(&mut bytes);
        let text =
            serde_json::from_slice::<Said>(&bytes).map_or_else(|_| String::from_utf8_lossy(&bytes).into_owned(), |said| said.message);
        let text: String = text.trim().chars().take(WORDS_LIMIT).collect();
        if text.is_empty() { "no reason given".into() } else { crate::text::escaped(text.as_bytes()) }
    }

    /// The body as it comes.
    pub(super) fn into_stream(self, place: String) -> Stream {
        Stream::new(self.response, place, self.relay)
    }
}

fn named(endpoint: &Endpoint) -> String {
    let engine = match endpoint.engine {
        Engine::Docker => "Docker's engine",
        Engine::Podman => "Podman's service",
    };
    format!("{engine} at `{}` ({})", endpoint.address, endpoint.found_by)
}

type Transport = (ClientBuilder, String, Option<Arc<Relay>>);

/// How bytes get to the address. Only TLS needs authorities: without a list of them the system's
/// are loaded, which a minimal container does not have.
fn transport(builder: ClientBuilder, endpoint: &Endpoint, environment: &Environment) -> Result<Transport> {
    match &endpoint.address {
        Address::Tcp { host, port, tls: None } => Ok((builder.tls_certs_only([]), format!("http://{}:{port}", Bracketed(host)), None)),
        Address::Tcp { host, port, tls: Some(files) } => {
            Ok((super::tls::with_tls(builder, files)?, format!("https://{}:{port}", Bracketed(host)), None))
        }
        Address::Unix(_) | Address::Ssh { .. } | Address::Pipe(_) => socket(builder.tls_certs_only([]), endpoint, environment),
    }
}

#[cfg(unix)]
fn socket(builder: ClientBuilder, endpoint: &Endpoint, environment: &Environment) -> Result<Transport> {
    let local = "http://localhost".to_owned();
    match &endpoint.address {
        Address::Unix(path) => Ok((builder.unix_socket(path.as_path()), local, None)),
        Address::Ssh { .. } => {
            let relay = Relay::start(endpoint, environment)?;
            Ok((builder.unix_socket(relay.socket()), local, Some(Arc::new(relay))))
        }
        Address::Tcp { .. } | Address::Pipe(_) => Err(unsupported(endpoint)),
    }
}

#[cfg(not(unix))]
fn socket(_: ClientBuilder, endpoint: &Endpoint, _: &Environment) -> Result<Transport> {
    Err(unsupported(endpoint))
}

fn unsupported(endpoint: &Endpoint) -> Error {
    Error::Unsupported(format!(
        "{}: this build cannot talk to such an address; use tcp://, or a pipe: `docker save IMAGE | plimsoll -`",
        named(endpoint)
    ))
}

/// The operating system's reason, wherever in the chain it is.
fn io_kind(error: &reqwest::Error) -> Option<ErrorKind> {
    sources(error.source()).find_map(|error| Some(error.downcast_ref::<std::io::Error>()?.kind()))
}

/// The reasons of an error, without its first words, which repeat the URL.
pub(super) fn chain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    causes(error.source()).unwrap_or_else(|| error.to_string())
}

/// The same for an error that came through a reader.
pub(super) fn io_chain(error: &std::io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>()) {
        Some(error) => chain(error),
        None => error.to_string(),
    }
}

type Cause = dyn std::error::Error + 'static;

fn sources(first: Option<&Cause>) -> impl Iterator<Item = &Cause> {
    std::iter::successors(first, |error| (**error).source())
}

fn causes(first: Option<&Cause>) -> Option<String> {
    let mut texts: Vec<String> = Vec::new();
    for error in sources(first) {
        let text = error.to_string();
        // Wrappers often repeat what they wrap.
        if !texts.iter().any(|other| other.contains(&text)) {
            texts.push(text);
        }
    }
    (!texts.is_empty()).then(|| texts.join(": "))
}
