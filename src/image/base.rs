//! Where the base image ends and the own layers begin, and how we know.

use super::Image;
use crate::dockerfile::Made;
use crate::history;
use crate::oci::DiffId;
use crate::provenance::{BuiltFrom, Matched, Provenance};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The base image, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Base {
    /// How many of the first layers are the base's; 0 where nothing tells.
    pub layers: usize,
    /// What told it.
    pub evidence: Option<Evidence>,
    /// What exactly was found.
    pub detail: Option<String>,
    /// How far it can be trusted.
    pub confidence: Option<Confidence>,
    /// Name of the base image, where the image carries it.
    pub name: Option<String>,
    /// Digest of the base image's manifest, where the image carries it.
    pub digest: Option<String>,
}

/// What may tell where the base image ends, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Its diff ids open those of an image that was given as the base.
    CommonLayers,
    /// The build's provenance names what it was built from.
    Provenance,
    /// A Dockerfile that was named made the layers above it.
    Dockerfile,
    /// Boundaries that builders leave in history.
    History,
}

/// How far evidence can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The layers are the same blobs.
    Certain,
    /// A boundary that builders leave and people hardly imitate.
    Likely,
    /// A boundary that something else may have left.
    Weak,
}

pub(crate) fn find(image: &Image, given: Option<&(String, Vec<DiffId>)>) -> Base {
    let annotation = |key: &str| image.annotations.get(key).filter(|value| !value.is_empty()).cloned();
    let mut base = Base {
        name: annotation("org.opencontainers.image.base.name"),
        digest: annotation("org.opencontainers.image.base.digest"),
        ..Base::default()
    };
    if let Some((name, diff_ids)) = given {
        let own = image.layers.iter().map(|layer| layer.diff_id.as_ref());
        base.layers = own.zip(diff_ids).take_while(|(own, given)| *own == Some(*given)).count();
        base.evidence = Some(Evidence::CommonLayers);
        base.confidence = Some(Confidence::Certain);
        base.detail = Some(format!("{} of the {} layers of {name} are the first of this image", base.layers, diff_ids.len()));
        return base;
    }
    if let Some((provenance, from)) = image.provenance.as_ref().and_then(|provenance| Some((provenance, provenance.from.as_ref()?))) {
        return built_from(base, provenance, from);
    }
    let pairing = history::pair(&image.history, image.layers.len());
    if let Some(guess) = history::guess_base(&image.history, &pairing) {
        base.layers = guess.layers;
        base.evidence = Some(Evidence::History);
        base.confidence = Some(match guess.confidence {
            history::Confidence::Likely => Confidence::Likely,
            history::Confidence::Weak => Confidence::Weak,
        });
        base.detail = Some(guess.evidence);
        if let Some(only) = image.provenance.as_ref().and_then(Provenance::only_image).filter(|_| base.name.is_none()) {
            base.name = Some(only.name.clone());
            base.digest = only.digest.as_ref().map(ToString::to_string);
        }
    }
    base
}

/// A Dockerfile that was named agrees with history from the last layer down to the FROM: better than a guess.
pub(crate) fn by_dockerfile(base: &mut Base, name: &str, made: &Made) {
    if !matches!(base.evidence, None | Some(Evidence::History)) {
        return;
    }
    base.layers = made.base;
    base.evidence = Some(Evidence::Dockerfile);
    base.confidence = Some(Confidence::Likely);
    let how = if made.from_scratch { "begins with FROM scratch" } else { "made all above it" };
    base.detail = Some(format!("{}, which agrees with history, {how}", crate::text::escaped(name.as_bytes())));
}

/// The provenance tells both how many layers and which image. An annotation may be the base's own, handed down as a label.
fn built_from(mut base: Base, provenance: &Provenance, from: &BuiltFrom) -> Base {
    let by_digest = provenance.matched == Some(Matched::Digests);
    base.layers = from.layers;
    base.evidence = Some(Evidence::Provenance);
    base.confidence = Some(if by_digest { Confidence::Certain } else { Confidence::Likely });
    base.detail = Some(match &from.image {
        None => "the build's provenance begins with FROM scratch".to_owned(),
        Some(image) => {
            let digest = image.digest.as_ref().map(|digest| format!(", {}", &digest.as_str()[..19]));
            format!("named by the build's provenance{}", digest.unwrap_or_default())
        }
    });
    if let Some(image) = &from.image {
        base.name = Some(image.name.clone());
        base.digest = image.digest.as_ref().map(ToString::to_string);
    }
    base
}
