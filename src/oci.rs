//! Documents of an image, in the specifications' words, read leniently.
//!
//! Real images have null `history`, absent `os`, unknown fields and `sha512` digests, so these
//! are our own structs and every field defaults. What is strict is the grammar of a digest: it is
//! checked before any use in a path.
//!
//! Sources: OCI image specification v1.1 (`manifest.md`, `image-index.md`, `config.md`,
//! `descriptor.md`), Docker image manifest version 2 schema 2, Docker image specification v1.2
//! (`manifest.json` of `docker save`).

use crate::error::{Error, Result};
use crate::history::HistoryRow;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The digest of a blob as stored: `sha256:…` or `sha512:…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Digest(String);

/// The digest of a layer's uncompressed tar. Never comparable with a [`Digest`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DiffId(Digest);

/// Hash functions that a digest may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-256, 64 hexadecimal digits.
    Sha256,
    /// SHA-512, 128 hexadecimal digits.
    Sha512,
}

impl Digest {
    /// Parses `algorithm:hex` strictly: known algorithm, exact length, lower case.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::malformed(format_args!("digest `{}`", text.escape_debug()), why);
        let (algorithm, hex) = text.split_once(':').ok_or_else(|| wrong("expected `algorithm:hex`"))?;
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return Err(wrong("expected the algorithm sha256 or sha512")),
        };
        if hex.len() != length || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(wrong(&format!("expected {length} lower-case hexadecimal digits")));
        }
        Ok(Self(text.to_owned()))
    }

    /// From a finished hash.
    pub fn from_hash(algorithm: Algorithm, hash: &[u8]) -> Self {
        use fmt::Write as _;
        let mut text = String::from(match algorithm {
            Algorithm::Sha256 => "sha256:",
            Algorithm::Sha512 => "sha512:",
        });
        for byte in hash {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// `sha256` or `sha512`.
    pub fn algorithm(&self) -> Algorithm {
        if self.0.starts_with("sha512:") { Algorithm::Sha512 } else { Algorithm::Sha256 }
    }

    /// The hexadecimal part.
    pub fn hex(&self) -> &str {
        &self.0[7..]
    }

    /// `algorithm:hex`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where an OCI layout keeps this blob: `blobs/<algorithm>/<hex>`.
    pub fn blob_path(&self) -> String {
        format!("blobs/{}/{}", &self.0[..6], self.hex())
    }

    /// The digest that the layout path `blobs/<algorithm>/<hex>` names.
    pub fn from_blob_path(path: &str) -> Option<Self> {
        let (algorithm, hex) = path.strip_prefix("blobs/")?.split_once('/')?;
        Self::parse(&format!("{algorithm}:{hex}")).ok()
    }
}

impl DiffId {
    /// Parses like [`Digest::parse`].
    pub fn parse(text: &str) -> Result<Self> {
        Digest::parse(text).map(Self)
    }

    /// From a finished hash of uncompressed bytes.
    pub fn from_digest(digest: Digest) -> Self {
        Self(digest)
    }

    /// The hash function.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    /// `algorithm:hex`.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether bytes hashed to `digest` are the bytes this names: true of a layer stored plain.
    pub fn is_of(&self, digest: &Digest) -> bool {
        self.0 == *digest
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DiffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for DiffId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Digest::deserialize(deserializer).map(Self)
    }
}

/// `null` is the default, as an absent field is.
pub(crate) fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Anything that is not a `T` is its default.
fn loose<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(deserializer)?).unwrap_or_default())
}

/// The keys of a map, whatever its values.
fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Object(map) => map.into_iter().map(|(key, _)| key).collect(),
        serde_json::Value::Array(list) => list.into_iter().filter_map(|key| key.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    })
}

/// Names, sizes and types a blob.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Descriptor {
    /// Media type; says little about the bytes (see `layer::compression`).
    #[serde(deserialize_with = "lenient")]
    pub media_type: String,
    /// Unparsed, so that one bad digest is reported where it matters.
    #[serde(deserialize_with = "lenient")]
    pub digest: String,
    /// Bytes of the blob as stored.
    pub size: Option<u64>,
    /// Where a foreign layer may be had; never fetched.
    #[serde(deserialize_with = "lenient")]
    pub urls: Vec<String>,
    /// In an index: what the manifest is for.
    pub platform: Option<Platform>,
    /// Free annotations.
    #[serde(deserialize_with = "lenient")]
    pub annotations: BTreeMap<String, Option<String>>,
    /// Type of an artifact that is not an image.
    #[serde(deserialize_with = "lenient")]
    pub artifact_type: String,
}

impl Descriptor {
    /// A non-empty annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key)?.as_deref().filter(|value| !value.is_empty())
    }

    /// Whether it names a list of manifests.
    pub fn is_index(&self) -> bool {
        matches!(
            self.media_type.as_str(),
            "application/vnd.oci.image.index.v1+json" | "application/vnd.docker.distribution.manifest.list.v2+json"
        )
    }

    /// Whether it names a manifest or a list of them, which registries keep apart from blobs.
    pub fn is_manifest(&self) -> bool {
        self.is_index()
            || matches!(
                self.media_type.as_str(),
                "application/vnd.oci.image.manifest.v1+json" | "application/vnd.docker.distribution.manifest.v2+json"
            )
    }

    /// The digest of the manifest that this one holds attestations about, where it says so.
    pub fn attests(&self) -> Option<&str> {
        self.annotation("vnd.docker.reference.digest").filter(|_| self.is_attestation())
    }

    /// Whether this manifest holds attestations about another one.
    pub fn is_attestation(&self) -> bool {
        self.annotation("vnd.docker.reference.type") == Some("attestation-manifest")
            || self.artifact_type == "application/vnd.docker.attestation.manifest.v1+json"
            || self.platform.as_ref().is_some_and(|p| p.os == "unknown" && p.architecture == "unknown")
    }
}

/// Operating system and architecture an image is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// Go's `GOOS`: `linux`, `windows`.
    #[serde(deserialize_with = "lenient")]
    pub os: String,
    /// Go's `GOARCH`: `amd64`, `arm64`.
    #[serde(deserialize_with = "lenient")]
    pub architecture: String,
    /// `v8`, `v7`; empty where there is none.
    #[serde(deserialize_with = "lenient")]
    pub variant: String,
}

impl Platform {
    /// Parses `os/arch[/variant]`.
    pub fn parse(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts[..] {
            [os, architecture] if !parts.contains(&"") => {
                Ok(Self { os: os.into(), architecture: architecture.into(), variant: String::new() })
            }
            [os, architecture, variant] if !parts.contains(&"") => {
                Ok(Self { os: os.into(), architecture: architecture.into(), variant: variant.into() })
            }
            _ => Err(Error::Usage(format!("platform `{}`: expected os/arch or os/arch/variant, such as linux/arm64", text.escape_debug()))),
        }
    }

    /// Whether it says nothing: left out, or `unknown` as for attestations.
    pub(crate) fn is_unknown(&self) -> bool {
        [&self.os, &self.architecture].iter().any(|part| part.is_empty() || *part == "unknown")
    }

    /// Whether an image for `self` serves a request for `wanted`; an unsaid variant matches any,
    /// and arm64 is v8.
    pub fn serves(&self, wanted: &Self) -> bool {
        let variant = |p: &Self| if p.architecture == "arm64" && p.variant == "v8" { String::new() } else { p.variant.clone() };
        self.os == wanted.os && self.architecture == wanted.architecture && (wanted.variant.is_empty() || variant(self) == variant(wanted))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &'_ str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
        write!(f, "{}/{}", or(&self.os), or(&self.architecture))?;
        if !self.variant.is_empty() {
            write!(f, "/{}", self.variant)?;
        }
        Ok(())
    }
}

/// An image manifest, an index of manifests, or something else that a descriptor may name: one
/// struct, because real documents are told apart by their fields and not by their types.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Manifest {
    /// Media type, often absent.
    #[serde(deserialize_with = "lenient")]
    pub media_type: String,
    /// Set on artifacts.
    #[serde(deserialize_with = "lenient")]
    pub artifact_type: String,
    /// The image configuration.
    pub config: Option<Descriptor>,
    /// Layers, base first.
    pub layers: Option<Vec<Descriptor>>,
    /// Of an index.
    pub manifests: Option<Vec<Descriptor>>,
    /// Of the ancient schema 1, which has no configuration.
    pub fs_layers: Option<serde::de::IgnoredAny>,
    /// Free annotations.
    #[serde(deserialize_with = "lenient")]
    pub annotations: BTreeMap<String, Option<String>>,
}

/// The image configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ImageConfig {
    /// When the image was built, RFC 3339.
    #[serde(deserialize_with = "lenient")]
    pub created: String,
    /// `linux`, `windows`.
    #[serde(deserialize_with = "lenient")]
    pub os: String,
    /// `amd64`, `arm64`.
    #[serde(deserialize_with = "lenient")]
    pub architecture: String,
    /// Variant of the architecture.
    #[serde(deserialize_with = "lenient")]
    pub variant: String,
    /// How containers start.
    #[serde(deserialize_with = "lenient")]
    pub config: ContainerConfig,
    /// The layers' diff ids; absent in artifacts.
    pub rootfs: Option<RootFs>,
    /// One row for each instruction.
    #[serde(deserialize_with = "lenient")]
    pub history: Vec<HistoryRow>,
}

/// The part of the configuration that a container starts from.
///
/// What is not of the type expected is taken for absent: it decides how containers start, not what
/// the image weighs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerConfig {
    /// Labels.
    #[serde(deserialize_with = "loose")]
    pub labels: BTreeMap<String, Option<String>>,
    /// `NAME=value`, one each.
    #[serde(deserialize_with = "loose")]
    pub env: Vec<String>,
    /// What is started, with `cmd` for arguments.
    #[serde(deserialize_with = "loose")]
    pub entrypoint: Vec<String>,
    /// What is started where there is no entrypoint.
    #[serde(deserialize_with = "loose")]
    pub cmd: Vec<String>,
    /// Who runs it.
    #[serde(deserialize_with = "loose")]
    pub user: String,
    /// Where it is started.
    #[serde(deserialize_with = "loose")]
    pub working_dir: String,
    /// `80/tcp`.
    #[serde(deserialize_with = "keys")]
    pub exposed_ports: Vec<String>,
    /// Docker's, which OCI's configuration does not have.
    #[serde(deserialize_with = "loose")]
    pub healthcheck: Healthcheck,
}

/// How the engine asks whether a container is well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Healthcheck {
    /// `["CMD-SHELL", "curl …"]`, `["CMD", "curl", …]` or `["NONE"]`.
    #[serde(deserialize_with = "loose")]
    pub test: Vec<String>,
}

impl ContainerConfig {
    /// The value of an environment variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().rev().find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value)
    }

    /// A label's value.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name)?.as_deref()
    }
}

/// The layers an image is made of.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RootFs {
    /// Digests of the uncompressed layers, base first.
    #[serde(deserialize_with = "lenient")]
    pub diff_ids: Vec<String>,
}

impl ImageConfig {
    /// The platform the image says it is for.
    pub fn platform(&self) -> Platform {
        Platform { os: self.os.clone(), architecture: self.architecture.clone(), variant: self.variant.clone() }
    }
}

/// One image of a docker-archive's `manifest.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ArchiveManifest {
    /// Path of the configuration in the archive.
    #[serde(deserialize_with = "lenient")]
    pub config: String,
    /// `name:tag`, null for an untagged image.
    #[serde(deserialize_with = "lenient")]
    pub repo_tags: Vec<String>,
    /// Paths of the layers, base first.
    #[serde(deserialize_with = "lenient")]
    pub layers: Vec<String>,
}

/// Parses a document that came from an image; `place` names it in the error.
pub fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8], place: &str) -> Result<T> {
    // serde_json refuses more than 128 levels of nesting by itself.
    serde_json::from_slice(bytes).map_err(|error| Error::malformed(place, format_args!("not the JSON expected: {error}")))
}
