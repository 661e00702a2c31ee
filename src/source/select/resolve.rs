//! From a chosen image to its [`Recipe`].

use super::{Candidate, Origin, attestation, described, digest_of, legacy, missing};
use crate::error::{Error, Result};
use crate::image::{Recipe, SourceKind, Wanted};
use crate::limits::Limits;
use crate::note::Notes;
use crate::oci::{self, ArchiveManifest, DiffId, Digest, ImageConfig, Manifest};
use crate::source::Store;
use crate::source::archive::normal;

/// Reads manifest and configuration of the chosen image.
pub(super) fn resolve(
    store: &Store,
    candidate: &Candidate,
    names: Vec<String>,
    kind: SourceKind,
    notes: &Notes,
    limits: &Limits,
) -> Result<Recipe> {
    let mut recipe = match &candidate.origin {
        Origin::Descriptor(descriptor) => {
            let bytes = described(store, descriptor, limits)?.ok_or_else(|| missing(&descriptor.digest))?;
            let mut recipe = manifest(store, &oci::parse(&bytes, &descriptor.digest)?, limits)?;
            recipe.manifest_digest = Some(Digest::parse(&descriptor.digest)?);
            recipe
        }
        Origin::Manifest(document, digest) => Recipe { manifest_digest: Some(digest.clone()), ..manifest(store, document, limits)? },
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
    if let Some(attestation) = &candidate.attestation {
        recipe.provenance = attestation::provenance(store, attestation, &recipe.layers, limits, &mut recipe.notes);
    }
    recipe.names = names;
    recipe.kind = kind;
    recipe.notes.extend(notes.as_slice().iter().cloned());
    if let Some(platform) = &candidate.platform {
        let own = &recipe.platform;
        let silent = own.os.is_empty() && own.architecture.is_empty();
        // Configurations often leave the variant to the index.
        let same = own.os == platform.os && own.architecture == platform.architecture;
        if !silent && !same && !platform.is_unknown() {
            // Engines choose by the index.
            let message = format!("the index has it for {platform}, its configuration says {own}");
            recipe.notes.add("platform-differs", None, None, &message);
        }
        if silent || (same && own.variant.is_empty()) || !(same || platform.is_unknown()) {
            recipe.platform = platform.clone();
        }
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
        // An int64 by the specification, and more than all layers together can be.
        if layer.size.is_some_and(|size| size > 1 << 50) {
            let found = layer.size.unwrap_or_default();
            return Err(Error::malformed("manifest", format_args!("layer `{digest}`: expected a size below 2^50 bytes, found {found}")));
        }
        recipe.layers.push(Wanted {
            path: digest.blob_path(),
            digest: Some(digest),
            diff_id: diff_ids.get(number).cloned(),
            size: layer.size,
            media_type: layer.media_type.clone(),
            urls: layer.urls.clone(),
            #[cfg(feature = "registry")]
            annotations: layer.annotations.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect(),
        });
    }
    Ok(recipe)
}

fn archive_item(store: &Store, item: &ArchiveManifest, limits: &Limits) -> Result<Recipe> {
    let path = normal(item.config.as_bytes(), "");
    let bytes = store.document(&path, limits.document)?.ok_or_else(|| missing(&path))?;
    let id = digest_of(&bytes);
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

pub(super) fn configured(config: &ImageConfig) -> Recipe {
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
        config: config.config.clone(),
        layers: Vec::new(),
        provenance: None,
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
