//! Images in the stores of engines: Docker's, Podman's, and containerd's.
//!
//! Docker and Podman speak one HTTP interface, of which this module uses three endpoints: `_ping`,
//! `images/{name}/json` and `images/{name}/get` (Docker Engine API, sections "Ping", "Inspect an
//! image" and "Export an image"). What `get` sends is the archive of `docker save`, and goes through
//! the pipe as it comes: nothing of it touches the disk. containerd has no such interface; its own
//! command line exports the archive.
//!
//! Which engine is meant is decided as the engines' own command lines do, from an [`Environment`]
//! that the caller passes.

mod address;
mod containerd;
mod docker;
mod http;
mod podman;
mod program;
#[cfg(unix)]
mod ssh;
mod stream;
mod tls;

pub use address::{Address, TlsFiles};
pub use containerd::containerd_export;
pub use docker::docker_endpoint;
pub use podman::{podman_endpoints, podman_export, podman_image};

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::oci::{Digest, Platform};
use http::Connection;
use serde::{Deserialize, Deserializer};
use std::io::Read;
use std::time::Duration;

/// Whose interface it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// `dockerd`.
    Docker,
    /// `podman system service`, which answers as Docker does.
    Podman,
}

/// An engine's address and how it came to be that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whose interface it is.
    pub engine: Engine,
    /// Where it listens.
    pub address: Address,
    /// What named the address: `DOCKER_HOST`, `` context `x` ``, `default socket`.
    pub found_by: String,
}

/// An engine that answered.
pub struct Daemon {
    connection: Connection,
    version: Option<Version>,
}

/// What an engine says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInfo {
    /// The engine's name for the image: the digest of its configuration, or of its manifest where
    /// the store is containerd's.
    pub id: Digest,
    /// Names and tags.
    pub repo_tags: Vec<String>,
    /// What it runs on.
    pub platform: Platform,
    /// Bytes, as the engine counts them.
    pub size: u64,
}

/// Version of the engine's interface, such as 1.41. Compared by number: 1.9 is before 1.41.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

/// The first version whose export takes a platform.
const EXPORTS_PLATFORM: Version = Version(1, 48);

/// Bytes of a document that an engine may send: real ones have some thousand.
const DOCUMENT_LIMIT: u64 = 4 << 20;

/// How long an engine may take to say who it is or what an image is. Through `ssh` it begins with
/// a login, which may wait for a person.
const PATIENCE: Duration = Duration::from_secs(120);

/// Bytes of a name: the specification's longest name, tag and digest, with room.
const NAME_LIMIT: usize = 1024;

impl Daemon {
    /// Asks the engine at `endpoint` for its version. `environment` says where programs are
    /// (`PATH`) and, for `ssh`, where a socket may lie for a while (`XDG_RUNTIME_DIR`, `TMPDIR`).
    pub fn connect(endpoint: &Endpoint, environment: &Environment) -> Result<Self> {
        let connection = Connection::new(endpoint, environment)?;
        let answer = connection.get("/_ping", &[], Some(PATIENCE))?;
        let version = answer.header("Api-Version").and_then(Version::parse);
        if !answer.is_success() {
            return Err(connection.refused(answer));
        }
        // The body is read so that the connection can be used again.
        answer.document(DOCUMENT_LIMIT)?;
        Ok(Self { connection, version })
    }

    /// The engine's address and how it came to be that.
    pub fn endpoint(&self) -> &Endpoint {
        self.connection.endpoint()
    }

    /// What the engine knows of the image `name`: a reference such as `app:1`, an id, or a digest.
    /// `None` where it has none of that name.
    pub fn image(&self, name: &str) -> Result<Option<ImageInfo>> {
        let answer = self.connection.get(&self.path(name, "json")?, &[], Some(PATIENCE))?;
        if answer.is_missing() {
            return Ok(None);
        }
        if !answer.is_success() {
            return Err(self.connection.refused(answer));
        }
        let place = self.connection.place();
        let inspected: Inspected = crate::oci::parse(&answer.document(DOCUMENT_LIMIT)?, &place)?;
        // Old versions of Podman leave the algorithm off.
        let id = if inspected.id.contains(':') { inspected.id } else { format!("sha256:{}", inspected.id) };
        Ok(Some(ImageInfo {
            id: Digest::parse(&id).map_err(|error| error.within(&place))?,
            repo_tags: inspected.repo_tags,
            platform: Platform { os: inspected.os, architecture: inspected.architecture, variant: inspected.variant },
            size: inspected.size,
        }))
    }

    /// The archive of the image `name`, as `docker save` writes it. Of an image for several
    /// platforms an engine that can (Docker 28) sends `platform` alone; others send all they have.
    pub fn save(&self, name: &str, platform: Option<&Platform>) -> Result<Box<dyn Read + Send>> {
        let path = self.path(name, "get")?;
        let platform = platform.filter(|_| self.version >= Some(EXPORTS_PLATFORM)).map(platform_document);
        let query: Vec<(&str, &str)> = platform.iter().map(|document| ("platform", document.as_str())).collect();
        let answer = self.connection.get(&path, &query, None)?;
        if answer.is_missing() {
            let said = answer.said();
            return Err(Error::NotFound(format!("{}: no image `{name}`: {said}", self.connection.place())));
        }
        if !answer.is_success() {
            return Err(self.connection.refused(answer));
        }
        Ok(Box::new(answer.into_stream(format!("receiving `{name}` from {}", self.connection.named()))))
    }

    fn path(&self, name: &str, what: &str) -> Result<String> {
        check_name(name)?;
        // Engines take a name's slashes as they are. Its other characters need no escape in a path.
        Ok(match self.version {
            Some(Version(major, minor)) => format!("/v{major}.{minor}/images/{name}/{what}"),
            None => format!("/images/{name}/{what}"),
        })
    }
}

impl Version {
    /// `MAJOR.MINOR`; whatever else an engine says is no version.
    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?;
        Some(Self(number(major)?, number(minor)?))
    }
}

/// The part of an engine's answer that is used.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    repo_tags: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    os: String,
    #[serde(default, deserialize_with = "or_default")]
    architecture: String,
    #[serde(default, deserialize_with = "or_default")]
    variant: String,
    #[serde(default, deserialize_with = "or_default")]
    size: u64,
}

/// `null` is the default: an image without tags has `null` in some versions.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// The platform as the interface takes it: an OCI platform in JSON.
fn platform_document(platform: &Platform) -> String {
    let mut fields = serde_json::Map::new();
    for (name, value) in [("os", &platform.os), ("architecture", &platform.architecture), ("variant", &platform.variant)] {
        if !value.is_empty() {
            fields.insert(name.to_owned(), value.clone().into());
        }
    }
    serde_json::Value::Object(fields).to_string()
}

/// A reference, an id or a digest, by its characters alone: it goes into paths of URLs and into
/// arguments of programs. Whether such an image exists is for the engine to say.
fn check_name(name: &str) -> Result<()> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-+/:@".contains(&b);
    let fine = name.len() <= NAME_LIMIT
        && name.bytes().all(plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if fine {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "image `{}`: expected a name with an optional tag or digest, such as `app:1`, or an id",
        name.chars().take(NAME_LIMIT).collect::<String>().escape_debug()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_of_references() {
        let digest = format!("localhost:5000/a/b_c-d@sha256:{}", "0".repeat(64));
        for name in ["app", "app:1", "localhost/app:1.2-x_y", "0f3a", &digest] {
            check_name(name).expect(name);
        }
        let long = "a".repeat(NAME_LIMIT + 1);
        for name in ["", "-app", "../app", "a/../b", "a//b", "a/", "/a", "a?x=1", "a#b", "a b", "a%2fb", "a\nb", "ä", &long] {
            assert_eq!(check_name(name).expect_err("no name").exit_code(), 2, "{name}");
        }
    }

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(Version::parse("1.48"), Some(EXPORTS_PLATFORM));
        assert!(Version::parse("1.9") < Version::parse("1.41"));
        for text in ["", "1", "1.", ".1", "1.4x", "1.4/../../containers", "+1.4", "1.99999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_platform_is_sent_without_what_it_leaves_open() {
        let document = |text| platform_document(&Platform::parse(text).expect("valid"));
        assert_eq!(document("linux/amd64"), r#"{"architecture":"amd64","os":"linux"}"#);
        assert_eq!(document("linux/arm/v7"), r#"{"architecture":"arm","os":"linux","variant":"v7"}"#);
    }
}
