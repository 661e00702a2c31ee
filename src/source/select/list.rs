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
    attest(groups.iter_mut().flat_map(|group| &mut group.candidates), &attestations);
    if groups.is_empty() {
        return Err(Error::malformed(place, "expected at least one image manifest that is in the source, found none"));
    }
    Ok(groups)
}

/// Gives each image the manifest of attestations about it.
fn attest<'c>(candidates: impl Iterator<Item = &'c mut Candidate>, attestations: &HashMap<String, Descriptor>) {
    for candidate in candidates {
        if let Origin::Descriptor(descriptor) = &candidate.origin {
            candidate.attestation = attestations.get(&descriptor.digest).cloned();
        }
    }
}

/// The image of a name in a registry. Of an index the platforms are known without reading each
/// one's manifest, which would be a request for each.
#[cfg(feature = "registry")]
pub(super) fn registry(remote: &crate::source::remote::Remote, limits: &Limits) -> Result<super::Images> {
    let (bytes, digest) = remote.root(limits)?;
    let place = remote.name.to_string();
    let manifest: Manifest = oci::parse(&bytes, &place)?;
    let candidates = match &manifest.manifests {
        Some(_) if manifest.layers.is_none() => platforms(remote, manifest, &place, limits)?,
        _ => vec![Candidate::new(None, Origin::Manifest(Box::new(manifest), digest))],
    };
    if candidates.is_empty() {
        return Err(Error::malformed(place, "expected at least one image manifest in the index, found none"));
    }
    let groups = vec![Group { names: vec![remote.name.familiar()], candidates }];
    Ok(super::Images { groups, kind: crate::image::SourceKind::Registry, notes: crate::note::Notes::default() })
}

/// The image manifests that an index names, however deep.
#[cfg(feature = "registry")]
fn platforms(remote: &crate::source::remote::Remote, index: Manifest, place: &str, limits: &Limits) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    let mut attestations = HashMap::new();
    let mut stack = vec![(index, 0)];
    let (mut visited, mut read) = (HashSet::new(), 0);
    while let Some((index, depth)) = stack.pop() {
        for descriptor in index.manifests.unwrap_or_default() {
            if descriptor.is_attestation() {
                if let Some(about) = descriptor.attests() {
                    attestations.entry(about.to_owned()).or_insert(descriptor);
                }
            } else if !descriptor.is_index() {
                candidates.push(Candidate::new(descriptor.platform.clone(), Origin::Descriptor(descriptor)));
            } else if depth < limits.index_depth
                && visited.insert(descriptor.digest.clone())
                && let Some(bytes) = remote.described(&descriptor, limits.document)?
            {
                // A request costs, however little it brings.
                read += (bytes.len() as u64).max(1 << 20);
                if read > limits.documents {
                    let what = "reading nested indexes".to_owned();
                    return Err(Error::Limit { place: place.to_owned(), what, limit: "documents", max: limits.documents });
                }
                stack.push((oci::parse(&bytes, &descriptor.digest)?, depth + 1));
            }
        }
    }
    attest(candidates.iter_mut(), &attestations);
    Ok(candidates)
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
