//! What a build says of itself: lines and base image from `BuildKit`'s provenance.
//!
//! `docker buildx build --provenance=mode=max` attests beside the image which steps it ran, which lines of the
//! Dockerfile asked for each, and which blobs each step left. A step's blobs are the layers up to its own, so the
//! step that made a layer is the one whose blobs are the image's up to there. Nobody has signed this here: it is as
//! trustworthy as the rest of the image, and decides what is shown, never what is counted.
//!
//! Sources: SLSA provenance v0.2 and v1, `BuildKit`'s "SLSA definitions" and its real statements.

mod chains;
mod lists;
mod statement;

use crate::dockerfile::{Lines, Step};
use crate::error::{Error, Result};
use crate::oci::Digest;
use chains::Slots;
use serde::{Deserialize, Serialize};
use statement::{Statement, Vertex};
use std::collections::HashMap;

/// What the provenance of an image tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Name of the Dockerfile, as the builder was given it.
    pub dockerfile: Option<String>,
    /// Its instructions, without their text.
    pub steps: Vec<Step>,
    /// For each layer of the image the lines that asked for it, those of the FROM for the base's; empty where
    /// nothing told.
    pub layers: Vec<Option<Lines>>,
    /// How steps were matched to layers; `None` where they were not.
    pub matched: Option<Matched>,
    /// What the last stage is from, where that is told.
    pub from: Option<BuiltFrom>,
    /// Images that the build used: bases of all stages, and what COPY took files from.
    pub images: Vec<BaseImage>,
}

/// How the steps of a build were matched to the layers of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matched {
    /// By the digests of the blobs.
    Digests,
    /// By their number: the blobs were compressed anew, or their times rewritten.
    Order,
}

/// What an image was built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltFrom {
    /// How many of the first layers came from there; 0 for `FROM scratch`.
    pub layers: usize,
    /// The image, where it is named.
    pub image: Option<BaseImage>,
}

/// An image that a build used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseImage {
    /// As the statement has it: a package URL.
    pub uri: String,
    /// The name that a FROM would take: `python:3.12-slim`.
    pub name: String,
    /// Digest of its manifest or index.
    pub digest: Option<Digest>,
    /// Whether it was asked for by that digest, and not by a tag alone.
    pub pinned: bool,
    /// `os/architecture[/variant]`.
    pub platform: Option<String>,
}

/// Most of a Dockerfile that is read.
const DOCKERFILE: usize = 1 << 20;
/// Images of one build that are kept.
const IMAGES: usize = 100;
/// Names of images and files: longer ones are nobody's.
const NAME: usize = 1024;

impl Provenance {
    /// Reads a statement about an image whose layers' blobs have these digests.
    pub fn read(statement: &[u8], layers: &[Option<Digest>]) -> Result<Self> {
        let statement: Statement<'_> = serde_json::from_slice(statement).map_err(|error| Error::malformed("provenance", error))?;
        let Some(predicate) = statement.predicate else { return Err(Error::malformed("provenance", "expected a `predicate`, found none")) };
        let images: Vec<BaseImage> = predicate.images().filter_map(|(uri, digest)| BaseImage::of_purl(uri, digest)).take(IMAGES).collect();
        let mut found = Self { images, ..Self::default() };
        let vertices: HashMap<u32, &Vertex> = predicate.vertices().collect();
        let Some(metadata) = predicate.metadata() else { return Ok(found) };
        let (slots, matched) = Slots::find(&metadata.chains(), layers);
        found.matched = matched;
        let places = metadata.places();
        // What is shown has one name: that of the file the last of the layers is from.
        let file = slots.each().rev().flatten().find_map(|step| places.get(&step)).map_or(0, |place| place.0);
        let info = metadata.info(file);
        let named = info.map(|info| info.filename.as_ref()).filter(|name| !name.is_empty()).or_else(|| predicate.entry_point());
        found.dockerfile = named.filter(|name| name.len() <= NAME).map(str::to_owned);
        let data = info.map(|info| info.data.as_ref()).filter(|data| !data.is_empty());
        let text = data.and_then(|data| crate::text::from_base64(data, DOCKERFILE));
        let text = text.map(|text| String::from_utf8_lossy(&text).into_owned());
        found.steps = text.as_deref().map(crate::dockerfile::parse).unwrap_or_default();
        let Some(matched) = matched else { return Ok(found) };
        let last = text.map_or(u32::MAX, |text| text.lines().count() as u32);
        let lines = |step: u32| places.get(&step).filter(|place| place.0 == file && place.1.end <= last).map(|place| place.1);
        found.layers = slots.each().map(|step| step.and_then(lines)).collect();
        found.from = found.source(&slots, &vertices, matched);
        if let Some(BuiltFrom { layers, image: Some(_) }) = &found.from {
            let (base, _) = found.layers.split_at_mut(*layers);
            let from = base.last().copied().flatten();
            base.fill(from);
        }
        Ok(found)
    }

    /// What the last stage is from: the uppermost layer that an image brought, and else what lies below the first
    /// layer that a step made.
    fn source(&self, slots: &Slots, vertices: &HashMap<u32, &Vertex>, matched: Matched) -> Option<BuiltFrom> {
        let image = |step: u32| vertices.get(&step)?.image();
        let steps = || slots.each().enumerate().filter_map(|(layer, step)| Some((layer, step?)));
        if let Some((layer, identifier)) = steps().filter_map(|(layer, step)| Some((layer, image(step)?))).last() {
            return Some(BuiltFrom { layers: layer + 1, image: Some(self.image(identifier)) });
        }
        let (first, step) = steps().next()?;
        if first == 0 {
            // By number alone a base of one layer could not be told from a first step of one's own.
            let told = matched == Matched::Digests && vertices.contains_key(&step);
            return told.then_some(BuiltFrom { layers: 0, image: None });
        }
        // Down the first inputs; no way is longer than there are steps.
        let mut at = step;
        for _ in 0..vertices.len() {
            at = vertices.get(&at)?.input?;
            if let Some(identifier) = image(at) {
                return Some(BuiltFrom { layers: first, image: Some(self.image(identifier)) });
            }
        }
        None
    }

    /// The image of a step's `docker-image://NAME@DIGEST`.
    fn image(&self, identifier: &str) -> BaseImage {
        let (name, digest) = identifier.split_once('@').unwrap_or((identifier, ""));
        let digest = Digest::parse(digest).ok();
        let mut same = self.images.iter().filter(|image| digest.is_some() && image.digest == digest);
        let known = same.next().cloned();
        known.unwrap_or_else(|| {
            let name = name.strip_prefix("docker.io/").unwrap_or(name);
            let name = name.strip_prefix("library/").unwrap_or(name);
            BaseImage { uri: format!("docker-image://{identifier}"), name: name.to_owned(), digest, pinned: false, platform: None }
        })
    }

    /// The only image that the build used, but for those that `BuildKit` itself runs.
    pub fn only_image(&self) -> Option<&BaseImage> {
        let mut own = self.images.iter().filter(|image| !image.is_tool());
        own.next().filter(|_| own.next().is_none())
    }
}

impl BaseImage {
    /// From a package URL of the types `docker` and `oci`.
    fn of_purl(uri: &str, digest: Option<Digest>) -> Option<Self> {
        if uri.len() > NAME {
            return None;
        }
        let rest = uri.strip_prefix("pkg:docker/").or_else(|| uri.strip_prefix("pkg:oci/"))?;
        let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let qualifier = |key: &str| qualifiers.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('=')).map(decoded);
        let (name, version) = path.split_once('@').unwrap_or((path, ""));
        let (name, version) = (decoded(name), decoded(version));
        let name = match version.as_str() {
            "" => name,
            digest if digest.contains(':') => format!("{name}@{digest}"),
            tag => format!("{name}:{tag}"),
        };
        let asked = qualifier("digest");
        let pinned = asked.is_some() || version.contains(':');
        let digest = digest.or_else(|| Digest::parse(&asked?).ok());
        Some(Self { uri: uri.to_owned(), name, digest, pinned, platform: qualifier("platform") })
    }

    /// Whether it is the one that `base` is about.
    pub(crate) fn is_of(&self, base: &crate::image::Base) -> bool {
        self.digest.as_ref().map(Digest::as_str) == base.digest.as_deref()
    }

    /// Whether `BuildKit` runs it to read the Dockerfile, or to list packages.
    fn is_tool(&self) -> bool {
        let name = self.name.split([':', '@']).next().unwrap_or_default();
        ["docker/dockerfile", "docker/dockerfile-upstream", "docker/buildkit-syft-scanner"].iter().any(|tool| name.ends_with(tool))
    }
}

/// Percent-encoded text; what is no UTF-8 is replaced.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let value = code.filter(|digits| !digits.starts_with('+')).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
