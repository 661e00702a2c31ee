//! What a source hands over: where it was, what the image is made of, and what was read.

use crate::history::HistoryRow;
use crate::layer::Changeset;
use crate::note::Notes;
use crate::oci::{ContainerConfig, DiffId, Digest, Platform};
use crate::provenance::Provenance;
use std::collections::BTreeMap;

/// Where an image was read from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct SourceInfo {
    /// What kind of source it was.
    pub kind: SourceKind,
    /// The reference as typed.
    pub reference: String,
}

impl SourceInfo {
    /// The reference without what the kind says already, whichever word was typed for that.
    pub(crate) fn bare(&self) -> &str {
        let bare = crate::reference::bare(&self.reference);
        bare.strip_prefix(self.kind.name()).and_then(|rest| rest.strip_prefix(':')).unwrap_or(bare)
    }

    /// Kind and reference, as people see them.
    #[cfg(feature = "html")]
    pub(crate) fn shown(&self) -> String {
        format!("{}:{}", self.kind.name(), self.bare())
    }
}

/// The kinds of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// What `docker save` writes: `manifest.json` names the layers.
    DockerArchive,
    /// A tar of an OCI layout: `index.json` names the manifests.
    OciArchive,
    /// An OCI layout directory.
    OciLayout,
    /// A directory as skopeo's `dir:` writes it.
    Dir,
    /// A registry, by the distribution specification.
    Registry,
    /// The Docker engine's store.
    Docker,
    /// Podman's store.
    Podman,
    /// containerd's store.
    Containerd,
}

impl SourceKind {
    /// The transport's name, as in `oci-archive:PATH`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerArchive => "docker-archive",
            Self::OciArchive => "oci-archive",
            Self::OciLayout => "oci",
            Self::Dir => "dir",
            Self::Registry => "registry",
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Containerd => "containerd",
        }
    }
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
    pub(crate) config: ContainerConfig,
    pub(crate) layers: Vec<Wanted>,
    pub(crate) provenance: Option<Provenance>,
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
    /// The descriptor's annotations.
    #[cfg(feature = "registry")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// The changesets of an image's layers, checked.
pub(crate) struct Checked {
    /// Each blob once.
    pub(crate) changesets: Vec<Changeset>,
    /// Which of them were scanned and hashed now, in one reading.
    pub(crate) fresh: Vec<bool>,
    /// Which of them each layer is; `None` where the blob is not in the source.
    pub(crate) of_layer: Vec<Option<usize>>,
}

impl Checked {
    /// The changesets that a cache may keep.
    pub(crate) fn fresh(&self) -> impl Iterator<Item = &Changeset> {
        self.changesets.iter().zip(&self.fresh).filter_map(|(changeset, fresh)| fresh.then_some(changeset))
    }
}
