//! Where the file data of new layers comes from.

use super::LayerChangeKind;
use crate::analysis::Analysis;
use crate::compare::union::Union;
use crate::index::Placed;
use crate::layer::{EntryKind, Measures};
use crate::paths::NodeId;
use crate::report::PathReport;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashSet;

/// Layers whose copies are looked for in directories: each look takes as long as there are paths.
const LOCATED: usize = 8;

/// A layer's files with content, each in one of four parts.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Stored {
    /// A layer below has the same content at the same path: only metadata changed.
    pub again: Measures,
    /// A layer below has the same content at another path.
    pub duplicate: Measures,
    /// The old image has the same content in a layer that is no more: it moved or was built again.
    pub kept: Measures,
    /// Neither image had it before.
    pub fresh: Measures,
    /// Where nearly all of `again` and `duplicate` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<PathReport>,
}

impl Stored {
    /// What was there already.
    pub fn copies(&self) -> Measures {
        self.again + self.duplicate
    }
}

type Content = [u64; 2];

/// Contents, and where they are.
#[derive(Default)]
struct Seen {
    anywhere: HashSet<Content>,
    at: HashSet<(NodeId, Content)>,
}

impl Seen {
    fn add(&mut self, node: NodeId, content: Content) {
        self.anywhere.insert(content);
        self.at.insert((node, content));
    }
}

/// For each layer of the new image that is added or rebuilt what it stores.
pub(super) fn of(
    old: &Analysis<'_>,
    new: &Analysis<'_>,
    union: &Union<'_>,
    partner: &[Option<(usize, LayerChangeKind)>],
) -> Vec<Option<Stored>> {
    let changed = |layer: usize| partner[layer].is_none_or(|(_, change)| change != LayerChangeKind::Unchanged);
    let mut found: Vec<Option<Stored>> = vec![None; partner.len()];
    if !(0..partner.len()).any(changed) {
        return found;
    }
    let before: HashSet<Content> = old.index.entries().filter(has_content).map(|placed| placed.entry.content_hash).collect();
    let files = |layer: usize| new.index.layer(layer).filter(has_content);
    let mut seen = Seen::default();
    for (layer, slot) in found.iter_mut().enumerate() {
        if changed(layer) {
            let mut stored = Stored::default();
            for placed in files(layer) {
                let content = placed.entry.content_hash;
                let part = if seen.at.contains(&(placed.node, content)) {
                    &mut stored.again
                } else if seen.anywhere.contains(&content) {
                    &mut stored.duplicate
                } else if before.contains(&content) {
                    &mut stored.kept
                } else {
                    &mut stored.fresh
                };
                *part += placed.entry.measures();
            }
            *slot = Some(stored);
        }
        files(layer).for_each(|placed| seen.add(placed.node, placed.entry.content_hash));
    }
    locate(new, union, &mut found);
    found
}

fn has_content(placed: &Placed<'_>) -> bool {
    placed.entry.kind == EntryKind::File && placed.entry.content_bytes > 0
}

/// Says where the heaviest layers' copies are.
fn locate(new: &Analysis<'_>, union: &Union<'_>, found: &mut [Option<Stored>]) {
    let copies = |stored: &Option<Stored>| stored.as_ref().map_or(0, |stored| stored.copies().content_bytes);
    let mut heaviest: Vec<usize> = (0..found.len()).filter(|layer| copies(&found[*layer]) > 0).collect();
    heaviest.sort_by_key(|layer| std::cmp::Reverse(copies(&found[*layer])));
    heaviest.truncate(LOCATED);
    let Some(last) = heaviest.iter().max().copied() else { return };
    let mut wanted = vec![false; found.len()];
    for layer in &heaviest {
        wanted[*layer] = true;
    }
    let mut anywhere: HashSet<Content> = HashSet::new();
    for layer in 0..=last {
        let files = || new.index.layer(layer).filter(has_content);
        if wanted[layer] {
            let mut below = vec![0u64; union.len()];
            let mut all = 0;
            for placed in files().filter(|placed| anywhere.contains(&placed.entry.content_hash)) {
                below[union.of_new(placed.node) as usize] += placed.entry.content_bytes;
                all += placed.entry.content_bytes;
            }
            if let (Some(at), Some(stored)) = (center(union, below, all), &mut found[layer]) {
                stored.below = Some(PathReport::new(&union.path(at)));
            }
        }
        anywhere.extend(files().map(|placed| placed.entry.content_hash));
    }
}

/// The deepest path at or below which nine tenths of the bytes are; none if that is the root.
fn center(union: &Union<'_>, mut below: Vec<u64>, all: u64) -> Option<NodeId> {
    // What holds so much is one chain of directories, and the deepest comes first from the end.
    for at in (1..union.len() as NodeId).rev() {
        let own = below[at as usize];
        if own > 0 && own >= all - all / 10 {
            return Some(at);
        }
        below[union.parent(at) as usize] += own;
    }
    None
}
