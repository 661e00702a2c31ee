//! The images that `index.json` or `manifest.json` names.

use super::{Candidate, Group, Origin, described};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::oci::{self, ArchiveManifest, Descriptor, Digest, ImageConfig, Manifest};
use crate::source::Store;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// All images that an index names, however deep.
pub(super) fn graph(store: &Store, index: Manifest, place: &str, limits: &Limits) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    // Groups that say for each image which platform it is for.
    let mut platforms: HashMap<Vec<String>, usize> = HashMap::new();
    let mut attestations: HashMap<String, Descriptor> = HashMap::new();
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
            if let Some(about) = descriptor.attests() {
                attestations.entry(about.to_owned()).or_insert(descriptor);
                continue;
            }
            if descriptor.is_attestation() || !visited.insert(descriptor.digest.clone()) {
                continue;
            }
            if depth > limits.index_depth {
                return Err(Error::Limit {
                    place: place.into(),
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
                return Err(Error::Limit { place: place.into(), what, limit: "documents", max: limits.documents });
            }
            let manifest: Manifest = oci::parse(&bytes, &descriptor.digest)?;
            match manifest.manifests {
                Some(inner) if manifest.layers.is_none() => stack.extend(inner.into_iter().rev().map(|inner| (inner, depth + 1))),
                _ => candidates.push(Candidate::new(descriptor.platform.clone(), Origin::Descriptor(descriptor))),
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
    for candidate in groups.iter_mut().flat_map(|group| &mut group.candidates) {
        if let Origin::Descriptor(descriptor) = &candidate.origin {
            candidate.attestation = attestations.get(&descriptor.digest).cloned();
        }
    }
    if groups.is_empty() {
        return Err(Error::malformed(place, "expected at least one image manifest that is in the source, found none"));
    }
    Ok(groups)
}

fn names(descriptor: &Descriptor) -> Vec<String> {
    let full = descriptor.annotation("io.containerd.image.name");
    let name = full.or_else(|| descriptor.annotation("org.opencontainers.image.ref.name"));
    name.map(str::to_owned).into_iter().collect()
}

/// Why the graph cannot be read as it is: writers are known that left layers out of it.
pub(super) fn incomplete(store: &Store, groups: &[Group], limits: &Limits) -> Result<Option<String>> {
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

pub(super) fn archived(manifest: &[u8]) -> Result<Vec<Group>> {
    let items: Vec<ArchiveManifest> = oci::parse(manifest, "manifest.json")?;
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: HashMap<(String, Vec<String>), usize> = HashMap::new();
    for item in items {
        match seen.entry((item.config.clone(), item.layers.clone())) {
            Entry::Occupied(same) => groups[*same.get()].names.extend(item.repo_tags),
            Entry::Vacant(new) => {
                new.insert(groups.len());
                let names = item.repo_tags.clone();
                groups.push(Group { names, candidates: vec![Candidate::new(None, Origin::Archive(item))] });
            }
        }
    }
    if groups.is_empty() {
        return Err(Error::malformed("manifest.json", "expected at least one image, found none"));
    }
    Ok(groups)
}
