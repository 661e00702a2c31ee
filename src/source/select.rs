//! Which images a source holds, which one is meant, and what it is made of.
//!
//! Every writer's layout comes down to the same three steps here: `index.json` (nested as in the
//! containerd store), a docker-archive's `manifest.json`, `dir:`'s manifest or the `repositories`
//! file of old become a list; the list is narrowed by name and platform; what is left becomes a
//! [`Recipe`].

mod attestation;
mod legacy;
mod list;
mod outline;
mod resolve;

pub(super) use outline::Platforms;

use super::Store;
use crate::error::{Error, Result};
use crate::image::{Recipe, SourceKind};
use crate::layer::Hasher;
use crate::limits::Limits;
use crate::note::Notes;
use crate::oci::{self, ArchiveManifest, Descriptor, Digest, Manifest, Platform};
use crate::reference::{Selector, same_name};
use crate::text::escaped;

/// An image of a source, as listed to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Names and tags; none for an untagged image.
    pub names: Vec<String>,
    /// Platforms it is there for, where the source says so.
    pub platforms: Vec<String>,
}

/// How many images a message lists.
const LISTED: usize = 40;

/// The images of a source.
pub(super) struct Images {
    groups: Vec<Group>,
    kind: SourceKind,
    notes: Notes,
}

/// One name, for one or more platforms.
struct Group {
    names: Vec<String>,
    candidates: Vec<Candidate>,
}

struct Candidate {
    platform: Option<Platform>,
    origin: Origin,
    /// The manifest of attestations about it, where the index has one.
    attestation: Option<Descriptor>,
}

impl Candidate {
    fn new(platform: Option<Platform>, origin: Origin) -> Self {
        Self { platform, origin, attestation: None }
    }
}

enum Origin {
    /// A manifest named by an index.
    Descriptor(Descriptor),
    /// A manifest that stands alone, and its digest.
    Manifest(Box<Manifest>, Digest),
    /// An item of a docker-archive's `manifest.json`.
    Archive(ArchiveManifest),
    /// The topmost layer id of an archive from before `manifest.json`.
    Legacy(String),
}

/// Lists the images. An archive may be both kinds at once: `forced` says which it is to be.
pub(super) fn images(store: &Store, forced: Option<SourceKind>, limits: &Limits) -> Result<Images> {
    #[cfg(feature = "registry")]
    if let Store::Registry(remote) = store {
        return list::registry(remote, limits);
    }
    let mut images = Images { groups: Vec::new(), kind: forced.unwrap_or(store.kind()), notes: Notes::default() };
    if images.kind == SourceKind::Dir {
        let bytes = document(store, "manifest.json", limits.document)?.ok_or_else(|| missing("manifest.json"))?;
        let manifest: Manifest = oci::parse(&bytes, "manifest.json")?;
        if manifest.manifests.is_some() && manifest.layers.is_none() {
            images.groups = list::graph(store, manifest, "manifest.json", limits)?;
        } else {
            let origin = Origin::Manifest(Box::new(manifest), digest_of(&bytes));
            images.groups.push(Group { names: Vec::new(), candidates: vec![Candidate::new(None, origin)] });
        }
        return Ok(images);
    }
    let archive = if images.kind == SourceKind::DockerArchive { document(store, "manifest.json", limits.archive_manifest)? } else { None };
    let index = if forced == Some(SourceKind::DockerArchive) { None } else { document(store, "index.json", limits.document)? };
    if let Some(index) = index {
        let graph = oci::parse(&index, "index.json").and_then(|index| list::graph(store, index, "index.json", limits));
        let graph = graph.and_then(|groups| match list::incomplete(store, &groups, limits)? {
            Some(why) if archive.is_some() => Err(Error::malformed("index.json", why)),
            _ => Ok(groups),
        });
        match (graph, &archive) {
            (Ok(groups), _) => {
                images.groups = groups;
                return Ok(images);
            }
            (Err(error), None) => return Err(error),
            (Err(error), Some(_)) => {
                images.notes.add("index-not-usable", None, None, &format!("`index.json` was passed over for `manifest.json`: {error}"));
            }
        }
    }
    if let Some(archive) = archive {
        images.groups = list::archived(&archive)?;
    } else if images.kind == SourceKind::DockerArchive
        && let Some(repositories) = document(store, "repositories", limits.document)?
    {
        images.groups = legacy::groups(&repositories)?;
    } else {
        let has = |path| store.size(path).is_some();
        let what = match forced {
            Some(SourceKind::DockerArchive) if has("index.json") => {
                "expected `manifest.json` (docker save), found `index.json` (OCI): name it as `oci-archive:PATH`, or by its path alone"
            }
            Some(SourceKind::OciArchive) if has("manifest.json") => {
                "expected `index.json` (OCI), found `manifest.json` (docker save): name it as `docker-archive:PATH`, or by its path alone"
            }
            _ => "expected an image: `manifest.json` (docker save) or `index.json` (OCI layout), found neither",
        };
        return Err(Error::malformed(super::archive::UNNAMED, what));
    }
    Ok(images)
}

fn document(store: &Store, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    store.document(path, limit)
}

fn missing(path: &str) -> Error {
    Error::NotFound(format!("`{}` is not in the source", escaped(path.as_bytes())))
}

/// The SHA-256 digest of a document.
fn digest_of(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(oci::Algorithm::Sha256);
    hasher.update(bytes);
    hasher.finish()
}

/// A document named by its digest, checked by it.
fn described(store: &Store, descriptor: &Descriptor, limits: &Limits) -> Result<Option<Vec<u8>>> {
    described_within(store, descriptor, limits.document)
}

/// The same for one of at most `limit` bytes.
fn described_within(store: &Store, descriptor: &Descriptor, limit: u64) -> Result<Option<Vec<u8>>> {
    let digest = Digest::parse(&descriptor.digest)?;
    let path = digest.blob_path();
    let Some(bytes) = store.described(descriptor, limit)? else { return Ok(None) };
    let mut hasher = Hasher::new(digest.algorithm());
    hasher.update(&bytes);
    let found = hasher.finish();
    let mismatch = |measure, expected, found| Error::Mismatch { place: path.clone(), measure, expected, found };
    if found != digest {
        return Err(mismatch("digest", digest.to_string(), found.to_string()));
    }
    match descriptor.size {
        Some(size) if size != bytes.len() as u64 => Err(mismatch("size", format!("{size} bytes"), format!("{} bytes", bytes.len()))),
        _ => Ok(Some(bytes)),
    }
}

impl Images {
    pub(super) fn listed(&self) -> Vec<Listed> {
        let platforms =
            |group: &Group| group.candidates.iter().filter_map(|candidate| candidate.platform.as_ref().map(ToString::to_string)).collect();
        self.groups.iter().map(|group| Listed { names: group.names.clone(), platforms: platforms(group) }).collect()
    }

    /// The platforms that the image is there for, and is said to be.
    pub(super) fn platforms(mut self, selector: Option<&Selector>) -> Result<Vec<Platform>> {
        Ok(self.take(selector)?.candidates.into_iter().filter_map(|candidate| candidate.platform).collect())
    }

    /// The one image that is meant.
    pub(super) fn choose(
        mut self,
        store: &Store,
        selector: Option<&Selector>,
        platform: Option<&Platform>,
        limits: &Limits,
    ) -> Result<Recipe> {
        let group = self.take(selector)?;
        let candidate = group.choose(platform)?;
        let recipe = resolve::resolve(store, candidate, group.names.clone(), self.kind, &self.notes, limits)?;
        match platform {
            Some(wanted) if !recipe.platform.serves(wanted) => {
                Err(Error::NotFound(format!("no image for {wanted} in the source; there is one for {}", recipe.platform)))
            }
            _ => Ok(recipe),
        }
    }

    /// The image that is meant, for all its platforms.
    fn take(&mut self, selector: Option<&Selector>) -> Result<Group> {
        let number = match selector {
            Some(Selector::Index(number)) if *number < self.groups.len() => *number,
            Some(Selector::Index(number)) => {
                return Err(Error::NotFound(format!("no image @{number} in the source; there are:\n{}", self.list())));
            }
            Some(Selector::Name(name)) => {
                let named = |group: &Group| group.names.iter().any(|other| same_name(name, other));
                self.groups.iter().position(named).ok_or_else(|| {
                    Error::NotFound(format!("no image named `{}` in the source; there are:\n{}", name.escape_debug(), self.list()))
                })?
            }
            None if self.groups.len() == 1 => 0,
            None => {
                return Err(Error::Usage(format!(
                    "{} images in the source; choose one with `--image NAME` or `--image @N`:\n{}",
                    self.groups.len(),
                    self.list()
                )));
            }
        };
        Ok(self.groups.swap_remove(number))
    }

    fn list(&self) -> String {
        let line = |(number, listed): (usize, Listed)| {
            let names = if listed.names.is_empty() { "(untagged)".to_owned() } else { listed.names.join(", ") };
            format!("  @{number}  {}  {}", names.escape_debug(), listed.platforms.join(" ").escape_debug()).trim_end().to_owned()
        };
        let listed = self.listed();
        let more = listed.len().saturating_sub(LISTED);
        let mut lines: Vec<_> = listed.into_iter().take(LISTED).enumerate().map(line).collect();
        if more > 0 {
            lines.push(format!("  and {more} more"));
        }
        lines.join("\n")
    }
}

impl Group {
    fn choose(&self, platform: Option<&Platform>) -> Result<&Candidate> {
        if let [only] = &self.candidates[..] {
            return Ok(only);
        }
        let default = default_platform();
        let wanted = platform.unwrap_or(&default);
        self.candidates.iter().find(|candidate| candidate.platform.as_ref().is_some_and(|platform| platform.serves(wanted))).ok_or_else(
            || {
                let there: Vec<_> =
                    self.candidates.iter().filter_map(|candidate| candidate.platform.as_ref().map(ToString::to_string)).collect();
                Error::NotFound(format!("no image for {wanted} in the source; choose with `--platform` one of: {}", there.join(", ")))
            },
        )
    }
}

/// Linux on the architecture this was built for, in Go's words.
fn default_platform() -> Platform {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        other => other,
    };
    Platform { os: "linux".into(), architecture: architecture.into(), variant: String::new() }
}
