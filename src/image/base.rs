//! Where the base image ends and the own layers begin, and how we know.

use super::Image;
use crate::history;
use crate::oci::DiffId;
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
    /// Boundaries that builders leave in history.
    History,
}

/// How far evidence can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The layers are the same bytes.
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
    let pairing = history::pair(&image.history, image.layers.len());
    if let Some(guess) = history::guess_base(&image.history, &pairing) {
        base.layers = guess.layers;
        base.evidence = Some(Evidence::History);
        base.confidence = Some(match guess.confidence {
            history::Confidence::Likely => Confidence::Likely,
            history::Confidence::Weak => Confidence::Weak,
        });
        base.detail = Some(guess.evidence);
    }
    base
}
