//! Directories that changed most.

use super::FileChangeKind;
use crate::compare::delta::Delta;
use crate::compare::union::Union;
use crate::index::Index;
use crate::layer::EntryKind;
use crate::paths::NodeId;
use crate::report::PathReport;
use schemars::JsonSchema;
use serde::Serialize;

/// How many are told.
const TOP: usize = 20;

/// A directory with all that is below it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DirectoryChange {
    /// Where it is.
    #[serde(flatten)]
    pub path: PathReport,
    /// All entries at and below it, in all layers.
    #[serde(flatten)]
    pub delta: Delta,
    /// Paths at and below it that only the new image shows.
    pub added: u32,
    /// Paths at and below it that only the old image shows.
    pub removed: u32,
}

/// Those with at least a hundredth of all that changed, but for mere parents of one that has nearly all the same.
pub(super) fn compare(
    old: &Index,
    new: &Index,
    union: &Union<'_>,
    deltas: &[Delta],
    changed: &[(NodeId, FileChangeKind)],
) -> Vec<DirectoryChange> {
    let gross = deltas.iter().map(|delta| delta.content_bytes.unsigned_abs()).fold(0, u64::saturating_add);
    let least = (gross / 100).max(1);
    let mut sums = deltas.to_vec();
    let mut counts = vec![(0u32, 0u32); sums.len()];
    for (at, change) in changed {
        let (added, removed) = &mut counts[*at as usize];
        match change {
            FileChangeKind::Added => *added = 1,
            FileChangeKind::Removed => *removed = 1,
            _ => {}
        }
    }
    let mut holds = vec![false; sums.len()];
    let mut largest = vec![0u64; sums.len()];
    let mut found: Vec<NodeId> = Vec::new();
    // A directory's number is smaller than those of what it holds: its sum is whole when it is reached.
    for at in (1..sums.len() as NodeId).rev() {
        let here = at as usize;
        let (sum, (added, removed)) = (sums[here], counts[here]);
        let own = sum.content_bytes.unsigned_abs();
        let parent = union.parent(at) as usize;
        let is_directory = holds[here] || is_directory(old, new, union, at);
        if is_directory {
            largest[parent] = largest[parent].max(own);
            if own >= least && largest[here] < own / 4 * 3 {
                found.push(at);
            }
        }
        holds[parent] = true;
        sums[parent] += sum;
        counts[parent].0 += added;
        counts[parent].1 += removed;
    }
    found.sort_by_key(|at| (std::cmp::Reverse(sums[*at as usize].content_bytes.unsigned_abs()), *at));
    found.truncate(TOP);
    let one = |at: NodeId| {
        let (added, removed) = counts[at as usize];
        DirectoryChange { path: PathReport::new(&union.path(at)), delta: sums[at as usize], added, removed }
    };
    found.into_iter().map(one).collect()
}

fn is_directory(old: &Index, new: &Index, union: &Union<'_>, at: NodeId) -> bool {
    let (was, is) = super::shown(old, new, union, at);
    [was, is].into_iter().flatten().any(|placed| placed.entry.kind == EntryKind::Directory)
}
