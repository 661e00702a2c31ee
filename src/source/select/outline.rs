//! Images by their manifests alone.

use super::{Candidate, Images, Origin, described, missing};
use crate::error::{Error, Result};
use crate::layer::Compression;
use crate::limits::Limits;
use crate::oci::{self, Descriptor, Digest, ImageConfig, Manifest, Platform};
use crate::pull::{Outline, OutlineLayer};
use crate::reference::Selector;
use crate::source::Store;

/// Which platforms of an image.
pub(crate) enum Platforms {
    /// The one that would be weighed.
    One(Option<Platform>),
    /// All that there are.
    All,
}

impl Images {
    /// What the chosen image's manifests say; `reference` names it.
    pub(in crate::source) fn outlines(
        mut self,
        store: &Store,
        reference: &str,
        selector: Option<&Selector>,
        platforms: &Platforms,
        limits: &Limits,
    ) -> Result<Vec<Outline>> {
        let group = self.take(selector)?;
        let candidates = match platforms {
            Platforms::All => group.candidates.iter().collect(),
            Platforms::One(platform) => vec![group.choose(platform.as_ref())?],
        };
        let outline = |candidate: &Candidate| {
            let mut outline = manifest(store, candidate, limits)?;
            reference.clone_into(&mut outline.reference);
            outline.names.clone_from(&group.names);
            Ok(outline)
        };
        candidates.into_iter().map(outline).collect()
    }
}

fn manifest(store: &Store, candidate: &Candidate, limits: &Limits) -> Result<Outline> {
    let read;
    let (manifest, manifest_digest) = match &candidate.origin {
        Origin::Descriptor(descriptor) => {
            let bytes = described(store, descriptor, limits)?.ok_or_else(|| missing(&descriptor.digest))?;
            read = oci::parse::<Manifest>(&bytes, &descriptor.digest)?;
            (&read, Digest::parse(&descriptor.digest)?)
        }
        Origin::Manifest(manifest, digest) => (&**manifest, digest.clone()),
        Origin::Archive(_) | Origin::Legacy(_) => {
            return Err(Error::Unsupported(
                "a docker-archive has no manifest with the sizes of compressed layers: weigh it (`plimsoll IMAGE`), or ask its registry"
                    .into(),
            ));
        }
    };
    let platform = match &candidate.platform {
        Some(platform) => platform.to_string(),
        None => configured(store, manifest.config.as_ref(), limits)?,
    };
    let layers = manifest.layers.as_deref().unwrap_or_default();
    if layers.len() as u64 > limits.layers {
        let what = format!("{} layers", layers.len());
        return Err(Error::Limit { place: "manifest".into(), what, limit: "layers", max: limits.layers });
    }
    Ok(Outline {
        reference: String::new(),
        names: Vec::new(),
        platform,
        manifest_digest,
        config_bytes: manifest.config.as_ref().and_then(|config| config.size).unwrap_or(0),
        layers: layers.iter().map(|descriptor| layer(store, descriptor)).collect::<Result<_>>()?,
    })
}

fn layer(store: &Store, descriptor: &Descriptor) -> Result<OutlineLayer> {
    let digest = Digest::parse(&descriptor.digest)?;
    let blob_bytes =
        descriptor.size.ok_or_else(|| Error::malformed("manifest", format_args!("layer `{digest}`: expected a size, found none")))?;
    Ok(OutlineLayer {
        digest,
        blob_bytes,
        media_type: descriptor.media_type.clone(),
        // What is not at hand is what its media type says.
        plain: match store.compression(&descriptor.digest)? {
            Some(compression) => compression == Compression::None,
            None => descriptor.media_type.ends_with("tar"),
        },
        foreign: !descriptor.urls.is_empty(),
        shared_with: Vec::new(),
    })
}

/// The platform, where only the configuration says it.
fn configured(store: &Store, config: Option<&Descriptor>, limits: &Limits) -> Result<String> {
    let Some(config) = config else { return Ok(String::new()) };
    let Some(bytes) = described(store, config, limits)? else { return Ok(String::new()) };
    Ok(oci::parse::<ImageConfig>(&bytes, &config.digest)?.platform().to_string())
}
