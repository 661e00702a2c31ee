//! One repository: what can be asked of it.

use super::Shared;
use super::blob::Blob;
use super::endpoint::Endpoint;
use super::name::Name;
use super::transport::Ask;
use super::{exchange, range, refusal};
use crate::error::{Error, Result};
use crate::oci::{Algorithm, Digest};
use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use sha2::Digest as _;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What manifests may be. Docker's schema 1 is not asked for: it has no sizes.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const ANY: &str = "*/*";
/// How often a part is asked for.
const PARTS: u32 = 3;

/// Which manifest of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one that a tag names now.
    Tag(String),
    /// The one that has this digest.
    Digest(Digest),
}

impl Which {
    /// What `name` names: its digest, else its tag, else `latest`.
    pub fn of(name: &Name) -> Self {
        match (&name.digest, &name.tag) {
            (Some(digest), _) => Self::Digest(digest.clone()),
            (None, tag) => Self::Tag(tag.clone().unwrap_or_else(|| "latest".to_owned())),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.escape_debug().fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

/// A manifest or an index, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the registry says it is, without parameters, in lower case; empty if it says nothing.
    pub media_type: String,
    /// Computed from the bytes.
    pub digest: Digest,
}

/// One repository of a registry. Cheap to clone.
#[derive(Clone)]
pub struct Repository {
    shared: Arc<Shared>,
    mirrors: Arc<[Arc<Endpoint>]>,
    registry: Arc<Endpoint>,
}

impl Repository {
    pub(super) fn new(shared: Arc<Shared>, mirrors: Arc<[Arc<Endpoint>]>, registry: Arc<Endpoint>) -> Self {
        Self { shared, mirrors, registry }
    }

    /// The manifest or index, of at most `limit` bytes. It has the digest that was asked for, and
    /// the one that the registry says.
    pub fn manifest(&self, which: &Which, limit: u64) -> Result<Document> {
        let place = self.place("manifest", which);
        self.anywhere(|endpoint| {
            let which_text = match which {
                Which::Tag(tag) => tag.as_str(),
                Which::Digest(digest) => digest.as_str(),
            };
            let url = |plain| endpoint.url(plain, "manifests", which_text);
            let whole = exchange::whole(&self.shared, endpoint, &url, &Ask::get(MANIFESTS), &place, limit)?;
            let asked = match which {
                Which::Tag(_) => None,
                Which::Digest(digest) => Some(digest),
            };
            document(whole, asked, &place)
        })
    }

    /// The manifests that say they are about `subject`, as an index of at most `limit` bytes, of one
    /// artifact type if the registry can tell. `None` if it knows no referrers.
    pub fn referrers(&self, subject: &Digest, artifact_type: Option<&str>, limit: u64) -> Result<Option<Document>> {
        let place = self.place("referrers of", subject);
        let found = self.anywhere(|endpoint| {
            let url = |plain| {
                let mut url = endpoint.url(plain, "referrers", subject.as_str())?;
                if let Some(artifact_type) = artifact_type {
                    url.query_pairs_mut().append_pair("artifactType", artifact_type);
                }
                Ok(url)
            };
            document(exchange::whole(&self.shared, endpoint, &url, &Ask::get(INDEX), &place, limit)?, None, &place)
        });
        match found {
            Err(Error::NotFound(_)) => Ok(None),
            found => found.map(Some),
        }
    }

    /// The blob as a stream. `size` is what the image says; another one is an error.
    pub fn blob(&self, digest: &Digest, size: Option<u64>) -> Result<Blob> {
        Blob::open(self.clone(), digest.clone(), size)
    }

    /// A small blob whole, of at most `limit` bytes, verified by its digest.
    pub fn small_blob(&self, digest: &Digest, limit: u64) -> Result<Vec<u8>> {
        let place = self.place("blob", digest);
        self.anywhere(|endpoint| {
            let url = |plain| endpoint.url(plain, "blobs", digest.as_str());
            let whole = exchange::whole(&self.shared, endpoint, &url, &Ask::get(ANY), &place, limit)?;
            self.count(whole.bytes.len() as u64);
            same(digest, &hash(digest.algorithm(), &whole.bytes), &place)?;
            Ok(whole.bytes)
        })
    }

    /// `length` bytes of a blob from `start` on, unverified. `None` if the registry gives no parts of
    /// it, or not these.
    pub fn part(&self, digest: &Digest, start: u64, length: u64) -> Result<Option<Vec<u8>>> {
        if length == 0 {
            return Ok(Some(Vec::new()));
        }
        let place = self.place("blob", digest);
        let mut tries = 1;
        loop {
            let answer = self.blob_answer(digest, Some(range::asked(start, Some(length))))?;
            if answer.status() != StatusCode::PARTIAL_CONTENT {
                return Ok(None); // dropped, not read: it would be all of the blob
            }
            let held = range::held(answer.headers()).map_err(|found| wrong_part(&place, start, length, &found))?;
            if held.first != start || held.last - held.first != length - 1 {
                return Err(wrong_part(&place, start, length, &format!("{}-{}", held.first, held.last)));
            }
            let found = exchange::body(answer, length, self.shared.transport.patience());
            match found {
                Ok(bytes) if bytes.len() as u64 == length => {
                    self.count(length);
                    return Ok(Some(bytes));
                }
                Err(exchange::Cut::Long) => return Err(wrong_part(&place, start, length, "more")),
                Ok(_) | Err(exchange::Cut::Broken(_)) if tries < PARTS => tries += 1,
                Ok(bytes) => return Err(wrong_part(&place, start, length, &format!("{} bytes", bytes.len()))),
                Err(exchange::Cut::Broken(why)) => return Err(Error::network(place, why)),
            }
        }
    }

    /// An answer that holds a blob or a part of it, with status 200, 206 or 416. A part may come as
    /// the whole.
    pub(super) fn blob_answer(&self, digest: &Digest, range: Option<String>) -> Result<Response> {
        let place = self.place("blob", digest);
        let ask = Ask { range, ..Ask::get(ANY) };
        self.anywhere(|endpoint| {
            let url = |plain| endpoint.url(plain, "blobs", digest.as_str());
            let answer = exchange::exchange(&self.shared, endpoint, &url, &ask, &place)?;
            match answer.status() {
                StatusCode::OK => Ok(answer),
                StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if ask.range.is_some() => Ok(answer),
                _ => Err(refusal::error(&self.shared, endpoint, answer, &place)),
            }
        })
    }

    /// What `ask` gives at the first mirror that can, else at the registry itself: why a mirror cannot
    /// does not matter then.
    fn anywhere<T>(&self, ask: impl Fn(&Endpoint) -> Result<T>) -> Result<T> {
        for mirror in self.mirrors.iter().filter(|mirror| !mirror.is_gone()) {
            match ask(mirror) {
                Ok(found) => return Ok(found),
                Err(Error::Network { .. }) => mirror.set_gone(),
                Err(_) => {}
            }
        }
        ask(&self.registry)
    }

    pub(super) fn count(&self, bytes: u64) {
        self.shared.blob_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// ``blob `sha256:…` of `registry.example.com/app` ``.
    pub(super) fn place(&self, what: &str, which: &dyn fmt::Display) -> String {
        format!("{what} `{which}` of `{}`", self.registry.shown.escape_debug())
    }
}

fn wrong_part(place: &str, start: u64, length: u64, found: &str) -> Error {
    Error::malformed(place, format_args!("expected the bytes {start}-{}, found {found}", start.saturating_add(length - 1)))
}

/// A manifest is what was asked for and what the registry says it is.
fn document(whole: exchange::Whole, asked: Option<&Digest>, place: &str) -> Result<Document> {
    let exchange::Whole { headers, bytes } = whole;
    let media_type = media_type(&headers);
    if let Some(asked) = asked {
        same(asked, &hash(asked.algorithm(), &bytes), place)?;
    }
    // Docker's schema 1 is digested without the signatures that it comes with; it is refused when
    // it is parsed.
    let signed = media_type == "application/vnd.docker.distribution.manifest.v1+prettyjws";
    if let Some(said) = headers.get("docker-content-digest").filter(|_| !signed) {
        let said = Digest::parse(said.to_str().unwrap_or_default()).map_err(|error| error.within(&place))?;
        same(&said, &hash(said.algorithm(), &bytes), place)?;
    }
    let digest = asked.cloned().unwrap_or_else(|| hash(Algorithm::Sha256, &bytes));
    Ok(Document { bytes, media_type, digest })
}

fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn hash(algorithm: Algorithm, bytes: &[u8]) -> Digest {
    match algorithm {
        Algorithm::Sha256 => Digest::from_hash(algorithm, &sha2::Sha256::digest(bytes)),
        Algorithm::Sha512 => Digest::from_hash(algorithm, &sha2::Sha512::digest(bytes)),
    }
}

fn same(expected: &Digest, found: &Digest, place: &str) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (expected.to_string(), found.to_string());
    Err(Error::Mismatch { place: place.to_owned(), measure: "digest", expected, found })
}
