//! Registries that lie, break off, never end, or want credentials that are not theirs.
//!
//! The servers here are scripts: what they were asked is the truth that the tests look at.

#![cfg(feature = "registry")]

#[path = "support/scripted.rs"]
mod scripted;

#[path = "registry_faults/credentials.rs"]
mod credentials;
#[path = "registry_faults/elsewhere.rs"]
mod elsewhere;
#[path = "registry_faults/transfer.rs"]
mod transfer;

use plimsoll::oci::Digest;
use plimsoll::registry::{Client, Credentials, Name, Options, Repository, Which};
use plimsoll::{Environment, Error};
use scripted::{Reply, Request, Scripted};
use sha2::Digest as _;
use std::io::Read;
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
