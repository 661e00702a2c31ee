//! Which images a source holds, which one is meant, and what it is made of.
//!
//! Every writer's layout comes down to the same three steps here: `index.json` (nested as in the
//! containerd store), a docker-archive's `manifest.json`, `dir:`'s manifest or the `repositories`
//! file of old become a list; the list is narrowed by name and platform; what is left becomes a
//! [`Recipe`].

mod legacy;

use super::archive::normal;
use super::{SourceKind, Store};
use crate::error::{Error, Result};
use crate::history::HistoryRow;
use crate::layer::Hasher;
use crate::limits::Limits;
use crate::note::Notes;
use crate::oci::{self, ArchiveManifest, Descriptor, DiffId, Digest, ImageConfig, Manifest, Platform};
use crate::reference::{Selector, same_name};
use crate::render::text::escaped;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

/// An image of a source, as listed to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Names and tags; none for an untagged image.
    pub names: Vec<String>,
    /// Platforms it is there for, where the source says so.
    pub platforms: Vec<String>,
}

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
}

enum Origin {
    /// A manifest named by an index.
    Descriptor(Descriptor),
    /// A manifest that stands alone.
    Manifest(Box<Manifest>),
    /// An item of a docker-archive's `manifest.json`.
    Archive(ArchiveManifest),
    /// The topmost layer id of an archive from before `manifest.json`.
    Legacy(String),
}

/// What an image is made of.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) kind: SourceKind,
    pub(crate) names: Vec<String>,
    pub(crate) platform: Platform,
    pub(crate) manifest_digest: Option<Digest>,
    pub(crate) config_digest: Option<Digest>,
    pub(crate) created: String,
    pub(crate) history: Vec<HistoryRow>,
    /// Annotations of the manifest over labels of the configuration.
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) layers: Vec<Wanted>,
    pub(crate) notes: Notes,
}

/// A layer, by all that the image says of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Where its blob should be in the source.
    pub(crate) path: String,
    pub(crate) digest: Option<Digest>,
    pub(crate) diff_id: Option<DiffId>,
    pub(crate) size: Option<u64>,
    pub(crate) media_type: String,
    pub(crate) urls: Vec<String>,
}

pub(super) fn images(store: &Store, limits: &Limits) -> Result<Images> {
    let mut images = Images { groups: Vec::new(), kind: store.kind(), notes: Notes::default() };
    if images.kind == SourceKind::Dir {
        let manifest = document(store, "manifest.json", limits.document)?.ok_or_else(|| missing("manifest.json"))?;
        let manifest: Manifest = oci::parse(&manifest, "manifest.json")?;
        images.groups.push(Group {
            names: Vec::new(),
            candidates: vec![Candidate { platform: None, origin: Origin::Manifest(Box::new(manifest)) }],
        });
        return Ok(images);
    }
    let archive = if images.kind == SourceKind::DockerArchive { document(store, "manifest.json", limits.archive_manifest)? } else { None };
    if let Some(index) = document(store, "index.json", limits.document)? {
        let graph = graph(store, &index, limits).and_then(|groups| match incomplete(store, &groups, limits)? {
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
        images.groups = archived(&archive)?;
    } else if images.kind == SourceKind::DockerArchive
        && let Some(repositories) = document(store, "repositories", limits.document)?
    {
        images.groups = legacy::groups(&repositories)?;
    } else {
        return Err(Error::malformed(
            "archive",
            "expected an image: `manifest.json` (docker save) or `index.json` (OCI layout), found neither",
        ));
    }
    Ok(images)
}

fn document(store: &Store, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    store.document(path, limit)
}

fn missing(path: &str) -> Error {
    Error::NotFound(format!("`{}` is not in the source", escaped(path.as_bytes())))
}

/// A document named by its digest, checked by it.
fn described(store: &Store, descriptor: &Descriptor, limits: &Limits) -> Result<Option<Vec<u8>>> {
    let digest = Digest::parse(&descriptor.digest)?;
    let path = digest.blob_path();
    let Some(bytes) = store.document(&path, limits.document)? else { return Ok(None) };
    let mut hasher = Hasher::new(digest.algorithm());
    hasher.update(&bytes);
    let found = hasher.finish();
    if found != digest {
        return Err(Error::Mismatch { place: path, measure: "digest", expected: digest.to_string(), found: found.to_string() });
    }
    Ok(Some(bytes))
}

/// All images that an index names, however deep.
fn graph(store: &Store, index: &[u8], limits: &Limits) -> Result<Vec<Group>> {
    let index: Manifest = oci::parse(index, "index.json")?;
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    // Groups that say for each image which platform it is for.
    let mut platforms: HashMap<Vec<String>, usize> = HashMap::new();
    let mut read = 0;
    for top in index.manifests.unwrap_or_default() {
        let mut names = names(&top);
        // rules_oci and docker write one entry for each tag of the same manifest.
        if let Some(group) = seen.get(&top.digest) {
            groups[*group].names.append(&mut names);
            continue;
        }
        let mut candidates = Vec::new();
        let mut visited = HashSet::new();
        let mut stack = vec![(top.clone(), 0)];
        while let Some((descriptor, depth)) = stack.pop() {
            if descriptor.is_attestation() || !visited.insert(descriptor.digest.clone()) {
                continue;
            }
            if depth > limits.index_depth {
                return Err(Error::Limit {
                    place: "index.json".into(),
                    what: "the nesting of image indexes".into(),
                    limit: "index-depth",
                    max: limits.index_depth,
                });
            }
            // A platform that was not saved is not there to choose.
            let Some(bytes) = described(store, &descriptor, limits)? else { continue };
            // Many small indexes may all name the same large one.
            read += bytes.len() as u64;
            if read > limits.documents {
                let what = format!("{read} bytes of nested manifests");
                return Err(Error::Limit { place: "index.json".into(), what, limit: "documents", max: limits.documents });
            }
            let manifest: Manifest = oci::parse(&bytes, &descriptor.digest)?;
            match manifest.manifests {
                Some(inner) if manifest.layers.is_none() => stack.extend(inner.into_iter().rev().map(|inner| (inner, depth + 1))),
                _ => candidates.push(Candidate { platform: descriptor.platform.clone(), origin: Origin::Descriptor(descriptor) }),
            }
        }
        if candidates.is_empty() {
            continue;
        }
        // Platforms of one name may stand side by side at the top.
        let sibling = if candidates.iter().all(|candidate| candidate.platform.is_some()) { platforms.get(&names).copied() } else { None };
        seen.insert(top.digest.clone(), sibling.unwrap_or(groups.len()));
        match sibling {
            Some(group) => groups[group].candidates.append(&mut candidates),
            None => {
                if candidates.iter().all(|candidate| candidate.platform.is_some()) {
                    platforms.insert(names.clone(), groups.len());
                }
                groups.push(Group { names, candidates });
            }
        }
    }
    if groups.is_empty() {
        return Err(Error::malformed("index.json", "expected at least one image manifest that is in the source, found none"));
    }
    Ok(groups)
}

fn names(descriptor: &Descriptor) -> Vec<String> {
    let full = descriptor.annotation("io.containerd.image.name");
    let name = full.or_else(|| descriptor.annotation("org.opencontainers.image.ref.name"));
    name.map(str::to_owned).into_iter().collect()
}

/// Why the graph cannot be read as it is: writers are known that left layers out of it.
fn incomplete(store: &Store, groups: &[Group], limits: &Limits) -> Result<Option<String>> {
    for candidate in groups.iter().flat_map(|group| &group.candidates) {
        let Origin::Descriptor(descriptor) = &candidate.origin else { continue };
        let Some(bytes) = described(store, descriptor, limits)? else { continue };
        let manifest: Manifest = oci::parse(&bytes, &descriptor.digest)?;
        let Some(config) = &manifest.config else { continue };
        let layers = manifest.layers.as_deref().unwrap_or_default();
        for blob in layers.iter().chain([config]).filter(|blob| blob.urls.is_empty()) {
            match (store.size(&Digest::parse(&blob.digest)?.blob_path()), blob.size) {
                (None, _) => return Ok(Some(format!("`{}` is not in the archive", blob.digest))),
                (Some(found), Some(expected)) if found != expected => {
                    return Ok(Some(format!("`{}`: expected {expected} bytes, found {found}", blob.digest)));
                }
                _ => {}
            }
        }
        let Some(config) = described(store, config, limits)? else { continue };
        let config: ImageConfig = oci::parse(&config, "image configuration")?;
        let diff_ids = config.rootfs.map_or(0, |rootfs| rootfs.diff_ids.len());
        if diff_ids != layers.len() {
            return Ok(Some(format!("the manifest has {} layers, its configuration {diff_ids}", layers.len())));
        }
    }
    Ok(None)
}

fn archived(manifest: &[u8]) -> Result<Vec<Group>> {
    let items: Vec<ArchiveManifest> = oci::parse(manifest, "manifest.json")?;
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: HashMap<(String, Vec<String>), usize> = HashMap::new();
    for item in items {
        match seen.entry((item.config.clone(), item.layers.clone())) {
            Entry::Occupied(same) => groups[*same.get()].names.extend(item.repo_tags),
            Entry::Vacant(new) => {
                new.insert(groups.len());
                let names = item.repo_tags.clone();
                groups.push(Group { names, candidates: vec![Candidate { platform: None, origin: Origin::Archive(item) }] });
            }
        }
    }
    if groups.is_empty() {
        return Err(Error::malformed("manifest.json", "expected at least one image, found none"));
    }
    Ok(groups)
}

impl Images {
    pub(super) fn listed(&self) -> Vec<Listed> {
        let platforms =
            |group: &Group| group.candidates.iter().filter_map(|candidate| candidate.platform.as_ref().map(ToString::to_string)).collect();
        self.groups.iter().map(|group| Listed { names: group.names.clone(), platforms: platforms(group) }).collect()
    }

    /// The one image that is meant.
    pub(super) fn choose(
        mut self,
        store: &Store,
        selector: Option<&Selector>,
        platform: Option<&Platform>,
        limits: &Limits,
    ) -> Result<Recipe> {
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
        let group = self.groups.swap_remove(number);
        let candidate = group.choose(platform)?;
        let recipe = resolve(store, candidate, group.names.clone(), self.kind, &self.notes, limits)?;
        match platform {
            Some(wanted) if !recipe.platform.serves(wanted) => {
                Err(Error::NotFound(format!("no image for {wanted} in the source; there is one for {}", recipe.platform)))
            }
            _ => Ok(recipe),
        }
    }

    fn list(&self) -> String {
        let line = |(number, listed): (usize, Listed)| {
            let names = if listed.names.is_empty() { "(untagged)".to_owned() } else { listed.names.join(", ") };
            format!("  @{number}  {}  {}", names.escape_debug(), listed.platforms.join(" ").escape_debug()).trim_end().to_owned()
        };
        self.listed().into_iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
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

fn resolve(store: &Store, candidate: &Candidate, names: Vec<String>, kind: SourceKind, notes: &Notes, limits: &Limits) -> Result<Recipe> {
    let mut recipe = match &candidate.origin {
        Origin::Descriptor(descriptor) => {
            let bytes = described(store, descriptor, limits)?.ok_or_else(|| missing(&descriptor.digest))?;
            let mut recipe = manifest(store, &oci::parse(&bytes, &descriptor.digest)?, limits)?;
            recipe.manifest_digest = Some(Digest::parse(&descriptor.digest)?);
            recipe
        }
        Origin::Manifest(document) => manifest(store, document, limits)?,
        Origin::Archive(item) => archive_item(store, item, limits)?,
        Origin::Legacy(top) => legacy::recipe(store, top, limits)?,
    };
    if recipe.layers.len() as u64 > limits.layers {
        return Err(Error::Limit {
            place: "image".into(),
            what: format!("{} layers", recipe.layers.len()),
            limit: "layers",
            max: limits.layers,
        });
    }
    recipe.names = names;
    recipe.kind = kind;
    recipe.notes.extend(notes.as_slice().iter().cloned());
    if recipe.platform.os.is_empty() && recipe.platform.architecture.is_empty() {
        recipe.platform = candidate.platform.clone().unwrap_or_default();
    }
    Ok(recipe)
}

/// A manifest of the OCI image specification, or Docker's schema 2.
fn manifest(store: &Store, manifest: &Manifest, limits: &Limits) -> Result<Recipe> {
    if manifest.fs_layers.is_some() {
        return Err(Error::Unsupported(
            "the manifest is of Docker's schema 1, gone from registries since 2019: pull and push the image with a current engine first"
                .into(),
        ));
    }
    let artifact = |what: &str| {
        Error::Unsupported(format!("the manifest is of an artifact (`{}`), not of an image: {what}", manifest.artifact_type.escape_debug()))
    };
    let config = manifest.config.as_ref().ok_or_else(|| Error::malformed("manifest", "expected a `config` descriptor, found none"))?;
    let bytes = described(store, config, limits)?.ok_or_else(|| missing(&config.digest))?;
    let document: ImageConfig = oci::parse(&bytes, &config.digest)?;
    if document.rootfs.is_none()
        && config.media_type != "application/vnd.oci.image.config.v1+json"
        && config.media_type != "application/vnd.docker.container.image.v1+json"
    {
        return Err(artifact("its configuration has no `rootfs`"));
    }
    let mut recipe = configured(&document);
    recipe.config_digest = Some(Digest::parse(&config.digest)?);
    for (key, value) in &manifest.annotations {
        if let Some(value) = value {
            recipe.annotations.insert(key.clone(), value.clone());
        }
    }
    let diff_ids = diff_ids(&document)?;
    let layers = manifest.layers.as_deref().unwrap_or_default();
    count(&mut recipe.notes, layers.len(), diff_ids.len());
    for (number, layer) in layers.iter().enumerate() {
        let digest = Digest::parse(&layer.digest)?;
        recipe.layers.push(Wanted {
            path: digest.blob_path(),
            digest: Some(digest),
            diff_id: diff_ids.get(number).cloned(),
            size: layer.size,
            media_type: layer.media_type.clone(),
            urls: layer.urls.clone(),
        });
    }
    Ok(recipe)
}

fn archive_item(store: &Store, item: &ArchiveManifest, limits: &Limits) -> Result<Recipe> {
    let path = normal(item.config.as_bytes(), "");
    let bytes = store.document(&path, limits.document)?.ok_or_else(|| missing(&path))?;
    let mut hasher = Hasher::new(oci::Algorithm::Sha256);
    hasher.update(&bytes);
    let id = hasher.finish();
    // Every writer since Docker 1.10 names the configuration by its digest.
    if let Some(expected) = Digest::from_blob_path(&path)
        && expected != id
    {
        return Err(Error::Mismatch { place: path, measure: "digest", expected: expected.to_string(), found: id.to_string() });
    }
    let document: ImageConfig = oci::parse(&bytes, &path)?;
    let mut recipe = configured(&document);
    recipe.config_digest = Some(id);
    let diff_ids = diff_ids(&document)?;
    count(&mut recipe.notes, item.layers.len(), diff_ids.len());
    for (number, layer) in item.layers.iter().enumerate() {
        let path = normal(layer.as_bytes(), "");
        let digest = Digest::from_blob_path(&path);
        recipe.layers.push(Wanted { path, digest, diff_id: diff_ids.get(number).cloned(), ..Wanted::default() });
    }
    Ok(recipe)
}

fn configured(config: &ImageConfig) -> Recipe {
    let labels = config.config.labels.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?)));
    Recipe {
        kind: SourceKind::DockerArchive,
        names: Vec::new(),
        platform: config.platform(),
        manifest_digest: None,
        config_digest: None,
        created: config.created.clone(),
        history: config.history.clone(),
        annotations: labels.collect(),
        layers: Vec::new(),
        notes: Notes::default(),
    }
}

fn diff_ids(config: &ImageConfig) -> Result<Vec<DiffId>> {
    let rootfs = config.rootfs.as_ref().map(|rootfs| rootfs.diff_ids.as_slice()).unwrap_or_default();
    rootfs.iter().map(|id| DiffId::parse(id)).collect()
}

fn count(notes: &mut Notes, layers: usize, diff_ids: usize) {
    if layers != diff_ids {
        notes.add(
            "layer-count",
            None,
            None,
            &format!("the manifest has {layers} layers, the configuration {diff_ids} diff ids; layers beyond are not checked by diff id"),
        );
    }
}
