//! An image: its layers at their places, with the instruction that made each.
//!
//! Here I/O ends. Everything after works on these values alone.

pub(crate) mod base;
mod recipe;

pub use base::{Base, Confidence, Evidence};
pub(crate) use recipe::{Checked, Recipe, Wanted};
pub use recipe::{SourceInfo, SourceKind};

use crate::error::{Error, Result};
use crate::history::{self, Instruction};
use crate::layer::{Changeset, Context, Entry};
use crate::limits::Limits;
use crate::note::Notes;
use crate::oci::{ContainerConfig, DiffId, Digest, Platform};
use crate::paths::Paths;
use crate::provenance::Provenance;
use std::collections::BTreeMap;

/// An image with all its entries.
#[derive(Debug)]
pub struct Image {
    pub(crate) source: SourceInfo,
    pub(crate) names: Vec<String>,
    pub(crate) platform: Platform,
    pub(crate) manifest_digest: Option<Digest>,
    pub(crate) config_digest: Option<Digest>,
    pub(crate) created: String,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) config: ContainerConfig,
    pub(crate) history: Vec<history::HistoryRow>,
    pub(crate) paths: Paths,
    pub(crate) changesets: Vec<Changeset>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) provenance: Option<Provenance>,
    pub(crate) notes: Notes,
}

/// A changeset at its place in an image.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Which of the image's changesets; `None` where the blob is not in the source.
    pub(crate) changeset: Option<usize>,
    /// The blob's digest, as the image names it or as it was computed.
    pub(crate) digest: Option<Digest>,
    pub(crate) diff_id: Option<DiffId>,
    /// The blob's size as the manifest has it.
    pub(crate) declared_bytes: Option<u64>,
    pub(crate) media_type: String,
    /// Where its blob is in the source.
    pub(crate) path: String,
    /// Foreign: to be had elsewhere, by license or by choice not in the source.
    pub(crate) foreign: bool,
    /// The history row that made it, and what that says.
    pub(crate) row: Option<usize>,
    pub(crate) instruction: Option<Instruction>,
}

/// Joins what was read to what the image says of it.
pub(crate) fn assemble(recipe: Recipe, checked: Checked, reference: String, context: &Context) -> Result<Image> {
    let Recipe {
        kind,
        names,
        platform,
        manifest_digest,
        config_digest,
        created,
        history,
        annotations,
        config,
        layers,
        provenance,
        mut notes,
    } = recipe;
    let Checked { mut changesets, of_layer, .. } = checked;
    let paths = join_paths(&mut changesets)?;
    count_placements(&changesets, &of_layer, &context.limits)?;
    let pairing = history::pair(&history, layers.len());
    if let Some(mismatch) = &pairing.mismatch {
        notes.add("history-mismatch", None, None, &mismatch.to_string());
    }
    let layers: Vec<Layer> = layers
        .into_iter()
        .zip(of_layer)
        .zip(&pairing.rows)
        .map(|((wanted, changeset), row)| Layer::new(wanted, changeset, *row, &history, &changesets))
        .collect();
    for (number, layer) in layers.iter().enumerate() {
        match layer.changeset {
            Some(changeset) => notes.extend(changesets[changeset].notes.of_layer(number)),
            None => notes.add("blob-absent", Some(number), None, &layer.absence()),
        }
    }
    if changesets.windows(2).any(|pair| pair[0].content_hash != pair[1].content_hash) {
        let message = "their contents were hashed in two ways, so that a copy of a file may be called a change of it; \
             read all layers in full to tell them apart";
        notes.add("contents-not-compared", None, None, message);
    }
    Ok(Image {
        source: SourceInfo { kind, reference },
        names,
        platform,
        manifest_digest,
        config_digest,
        created,
        annotations,
        config,
        history,
        paths,
        changesets,
        layers,
        provenance,
        notes,
    })
}

/// A layer that is named again costs its entries again, and what their contents say.
pub(crate) fn count_placements(changesets: &[Changeset], of_layer: &[Option<usize>], limits: &Limits) -> Result<()> {
    let entries: u64 = of_layer.iter().flatten().map(|changeset| changesets[*changeset].entries.len() as u64).sum();
    if entries > limits.entries {
        let what = format!("{entries} entries in all layers, those of a repeated layer counted again,");
        return Err(Error::Limit { place: "image".into(), what, limit: "entries", max: limits.entries });
    }
    let said: u64 = of_layer.iter().flatten().map(|changeset| changesets[*changeset].facts_weight()).fold(0, u64::saturating_add);
    if said > limits.names {
        let what = "what the contents of all layers say, those of a repeated layer counted again,".to_owned();
        return Err(Error::Limit { place: "image".into(), what, limit: "names", max: limits.names });
    }
    Ok(())
}

/// One trie for all: the largest changeset's own is kept and the others are added to it. It is no
/// larger than all of them, which the scans held against the limit.
fn join_paths(changesets: &mut [Changeset]) -> Result<Paths> {
    let largest = (0..changesets.len()).max_by_key(|number| (changesets[*number].paths.len(), std::cmp::Reverse(*number)));
    let Some(largest) = largest else { return Ok(Paths::new()) };
    let mut paths = std::mem::take(&mut changesets[largest].paths);
    let (nodes, names) =
        changesets.iter().fold((0, 0), |(nodes, names), each| (nodes + each.paths.len(), names + each.paths.names().len()));
    paths.reserve(nodes, names);
    for (number, changeset) in changesets.iter_mut().enumerate() {
        if number == largest {
            continue;
        }
        let own = std::mem::take(&mut changeset.paths);
        let map = paths.absorb(&own)?;
        for entry in &mut changeset.entries {
            entry.node = map[entry.node as usize];
        }
        changeset.facts.iter_mut().for_each(|(_, fact)| fact.remap(&map));
    }
    Ok(paths)
}

impl Layer {
    fn new(
        wanted: Wanted,
        changeset: Option<usize>,
        row: Option<usize>,
        history: &[history::HistoryRow],
        changesets: &[Changeset],
    ) -> Self {
        let computed = changeset.and_then(|changeset| changesets[changeset].blob_digest.clone());
        let foreign = !wanted.urls.is_empty() || wanted.media_type.contains("foreign") || wanted.media_type.contains("nondistributable");
        Self {
            changeset,
            digest: wanted.digest.or(computed),
            diff_id: wanted.diff_id,
            declared_bytes: wanted.size,
            media_type: wanted.media_type,
            path: wanted.path,
            foreign,
            row,
            instruction: row.map(|row| Instruction::parse(&history[row])),
        }
    }

    /// The blob's digest.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The digest of the uncompressed tar, as the configuration has it.
    pub fn diff_id(&self) -> Option<&DiffId> {
        self.diff_id.as_ref()
    }

    /// What made it, where history tells.
    pub fn instruction(&self) -> Option<&Instruction> {
        self.instruction.as_ref()
    }

    fn absence(&self) -> String {
        let size = self.declared_bytes.map_or_else(|| "of unknown size".to_owned(), |bytes| format!("{bytes} bytes"));
        let why = if self.foreign { "; a foreign layer, to be had from elsewhere and never fetched" } else { "" };
        format!("not in the source: {size}{why}")
    }
}

impl Image {
    /// The image without some of its entries. A changeset that is there twice becomes two, as each
    /// place may lose entries of its own.
    pub(crate) fn without(&self, removal: &crate::edits::Removal) -> Self {
        let mut changesets = Vec::with_capacity(self.layers.len());
        let mut layers = self.layers.clone();
        for (number, layer) in layers.iter_mut().enumerate() {
            let Some(changeset) = layer.changeset else { continue };
            changesets.push(self.changesets[changeset].without(|entry| removal.has(number, entry)));
            layer.changeset = Some(changesets.len() - 1);
        }
        Self {
            source: self.source.clone(),
            names: self.names.clone(),
            platform: self.platform.clone(),
            manifest_digest: self.manifest_digest.clone(),
            config_digest: self.config_digest.clone(),
            created: self.created.clone(),
            annotations: self.annotations.clone(),
            config: self.config.clone(),
            history: self.history.clone(),
            paths: self.paths.clone(),
            changesets,
            layers,
            provenance: self.provenance.clone(),
            // Notes of the stacking come anew; those of reading are of bytes that are there no more.
            notes: self.notes.clone(),
        }
    }

    /// Where it was read from.
    pub fn source(&self) -> &SourceInfo {
        &self.source
    }

    /// Names and tags in the source.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The digest of its configuration, where the source tells it.
    pub fn config_digest(&self) -> Option<&Digest> {
        self.config_digest.as_ref()
    }

    /// The digest of its manifest, where the source has one.
    pub fn manifest_digest(&self) -> Option<&Digest> {
        self.manifest_digest.as_ref()
    }

    /// The platform it is for.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// How containers start.
    pub fn config(&self) -> &ContainerConfig {
        &self.config
    }

    /// The paths of all entries.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// What its build says of itself, where that is attested.
    pub fn provenance(&self) -> Option<&Provenance> {
        self.provenance.as_ref()
    }

    /// Its layers, base first.
    ///
    /// ```
    /// # fn main() -> plimsoll::Result<()> {
    /// # let reference = plimsoll::Reference::parse("testdata/demo.tar")?;
    /// # let image = plimsoll::Source::open(&reference)?.read(&plimsoll::Options::default(), &())?;
    /// for layer in image.layers() {
    ///     let bytes: u64 = image.entries(layer).iter().map(|entry| entry.content_bytes).sum();
    ///     println!("{bytes} {:?}", layer.instruction().map(|made| &made.text));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// What `layer`'s blob contains; `None` where it is not in the source.
    pub fn changeset(&self, layer: &Layer) -> Option<&Changeset> {
        layer.changeset.map(|changeset| &self.changesets[changeset])
    }

    /// The entries of `layer`, in the order of its tar.
    pub fn entries(&self, layer: &Layer) -> &[Entry] {
        self.changeset(layer).map(|changeset| changeset.entries.as_slice()).unwrap_or_default()
    }

    /// The diff ids of its layers, as far as the configuration has them.
    pub fn diff_ids(&self) -> Vec<DiffId> {
        self.layers.iter().filter_map(|layer| layer.diff_id.clone()).collect()
    }

    /// Whether a limit ended the reading of a layer.
    pub fn hit_limit(&self) -> bool {
        self.changesets.iter().any(|changeset| changeset.limit.is_some())
    }

    /// What was not read, in words.
    pub fn missing(&self) -> String {
        /// Layers that are named.
        const NAMED: usize = 3;
        let mut missing = self.layers.iter().enumerate().filter_map(|(number, layer)| {
            let what = match layer.changeset {
                None => layer.absence(),
                Some(changeset) => format!("read until the limit `{}`", self.changesets[changeset].limit.as_ref()?.limit),
            };
            Some(format!("layer {}: {what}", number + 1))
        });
        let named: Vec<String> = missing.by_ref().take(NAMED).collect();
        let more = match missing.count() {
            0 => String::new(),
            more => format!("; {more} more"),
        };
        named.join("; ") + &more
    }

    /// Whether something that the image has was not read: a blob is absent or a limit was reached.
    pub fn is_incomplete(&self) -> bool {
        self.layers.iter().any(|layer| layer.changeset.is_none()) || self.hit_limit()
    }
}
