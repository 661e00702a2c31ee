//! Layers of two images, matched: by content, then by the instruction that made them.

mod stored;

pub use stored::Stored;

use super::delta::Delta;
use super::pairs::Pairs;
use super::union::Union;
use crate::analysis::Analysis;
use crate::index::LayerSums;
use crate::layer::Measures;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LayerChangeKind {
    /// Both images have it.
    Unchanged,
    /// The same instruction made another content.
    Rebuilt,
    /// Only the new image has it.
    Added,
    /// Only the old image has it.
    Removed,
}

impl LayerChangeKind {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Rebuilt => "rebuilt",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// One layer, or two that are one instruction's.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LayerChange {
    /// What became of it.
    pub change: LayerChangeKind,
    /// Its number in the old image, from 0.
    pub old: Option<usize>,
    /// Its number in the new image, from 0.
    pub new: Option<usize>,
    /// What made it; null where history does not tell.
    pub instruction: Option<String>,
    /// The line of the new image's Dockerfile that made it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// All its entries. Not zero for an unchanged layer whose blob is compressed otherwise.
    #[serde(flatten)]
    pub delta: Delta,
    /// Its live entries.
    pub live: Delta,
    /// What belongs to none of its entries.
    pub overhead: Delta,
    /// Where its file data comes from; of added and rebuilt layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<Stored>,
}

pub(super) fn compare(old: &Analysis<'_>, new: &Analysis<'_>, union: &Union<'_>) -> Vec<LayerChange> {
    let (before, after) = (old.index.image().layers().len(), new.index.image().layers().len());
    let mut pairs = Pairs::new((0..before).collect(), (0..after).collect());
    // Layers without content are often equal: the instruction tells them apart.
    pairs.by(|layer| Some((content(old, layer)?, instruction(old, layer))), |layer| Some((content(new, layer)?, instruction(new, layer))));
    pairs.by(|layer| content(old, layer), |layer| content(new, layer));
    let same = pairs.found.len();
    pairs.by(|layer| instruction(old, layer), |layer| instruction(new, layer));
    let mut partner: Vec<Option<(usize, LayerChangeKind)>> = vec![None; after];
    for (at, (from, to)) in pairs.found.iter().enumerate() {
        partner[*to] = Some((*from, if at < same { LayerChangeKind::Unchanged } else { LayerChangeKind::Rebuilt }));
    }
    let mut stored = stored::of(old, new, union, &partner);
    let (old_sums, new_sums) = (old.index.sums().layers, new.index.sums().layers);
    let row = |change, from: Option<usize>, to: Option<usize>, stored| {
        let (is, was) = (to.map(|layer| new_sums[layer]).unwrap_or_default(), from.map(|layer| old_sums[layer]).unwrap_or_default());
        let delta = |part: fn(&LayerSums) -> Measures| Delta::between(part(&was), part(&is));
        LayerChange {
            change,
            old: from,
            new: to,
            instruction: to.map_or_else(|| instruction(old, from?), |layer| instruction(new, layer)).map(str::to_owned),
            line: to.and_then(|layer| new.line(layer)),
            delta: delta(LayerSums::total),
            live: delta(|sums| sums.live),
            overhead: delta(|sums| sums.overhead),
            stored,
        }
    };
    let mut gone = removed_before(&pairs.old, &partner, before);
    let mut rows = Vec::with_capacity(after + pairs.old.len());
    for layer in 0..=after {
        rows.extend(gone[layer].drain(..).map(|from| row(LayerChangeKind::Removed, Some(from), None, None)));
        if layer < after {
            let (from, change) = partner[layer].map_or((None, LayerChangeKind::Added), |(from, change)| (Some(from), change));
            rows.push(row(change, from, Some(layer), stored[layer].take()));
        }
    }
    rows
}

/// For each layer of the new image, and the end, the removed ones that stood right before it.
fn removed_before(removed: &[usize], partner: &[Option<(usize, LayerChangeKind)>], before: usize) -> Vec<Vec<usize>> {
    let mut first = vec![partner.len(); before + 1];
    for (to, from) in partner.iter().enumerate() {
        if let Some((from, _)) = from {
            first[*from] = to;
        }
    }
    for at in (0..before).rev() {
        first[at] = first[at].min(first[at + 1]);
    }
    let mut places = vec![Vec::new(); partner.len() + 1];
    for layer in removed {
        places[first[*layer]].push(*layer);
    }
    places
}

/// What names a layer's content.
fn content<'a>(analysis: &'a Analysis<'_>, layer: usize) -> Option<&'a str> {
    let image = analysis.index.image();
    let layer = &image.layers()[layer];
    let computed = || image.changeset(layer).and_then(|changeset| changeset.diff_digest.as_ref());
    layer.diff_id().map(crate::oci::DiffId::as_str).or_else(|| computed().or(layer.digest()).map(crate::oci::Digest::as_str))
}

/// What made a layer, where history tells.
fn instruction<'a>(analysis: &'a Analysis<'_>, layer: usize) -> Option<&'a str> {
    analysis.index.layer_at(layer).instruction().map(|made| made.text.as_str()).filter(|text| !text.is_empty())
}
