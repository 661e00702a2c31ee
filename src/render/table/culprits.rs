//! Hidden bytes by whose instruction is to blame.

use super::instruction;
use crate::index::Cause;
use crate::layer::Measures;
use crate::render::size::plural;
use crate::render::text::numbers;
use crate::report::Report;
use std::collections::BTreeMap;

/// Hidden bytes that one layer is to blame for, for one reason.
pub(super) struct Culprit {
    pub(super) layer: usize,
    cause: Cause,
    pub(super) sum: Measures,
    /// The layers at the other end: those that paid, or the one that deleted.
    others: Vec<usize>,
}

/// Everything hidden, by layer to blame and cause; most content first.
pub(super) fn culprits(report: &Report) -> Vec<Culprit> {
    let mut found: BTreeMap<(usize, bool, Cause), Culprit> = BTreeMap::new();
    for row in report.hidden.iter().filter(|row| row.all.content_bytes > 0) {
        let layer = row.culprit();
        let deleted = matches!(row.cause, Cause::DeletedFile | Cause::DeletedDir);
        // Deleting files and deleting directories is one story.
        let cause = if deleted { Cause::DeletedDir } else { row.cause };
        let culprit =
            found.entry((layer, deleted, cause)).or_insert_with(|| Culprit { layer, cause, sum: Measures::default(), others: Vec::new() });
        culprit.sum += row.all;
        culprit.others.push(if deleted { row.by } else { row.layer });
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by_key(|culprit| (std::cmp::Reverse(culprit.sum.content_bytes), culprit.layer, culprit.cause));
    found
}

impl Culprit {
    /// What happened, in one line.
    pub(super) fn why(&self, report: &Report) -> String {
        let entries = plural(self.sum.entries, "entry", "entries");
        let others = numbers(self.others.clone());
        let one = self.others.iter().all(|other| *other == self.others[0]);
        let layers = if one { format!("layer {others}") } else { format!("layers {others}") };
        match self.cause {
            Cause::DeletedFile | Cause::DeletedDir => {
                let by = self.others.first().filter(|_| one).and_then(|by| report.layers.get(*by));
                let by = by.map(|by| format!(": {}", instruction(by))).unwrap_or_default();
                format!("{entries} deleted by {layers}, which freed 0 bytes{by}")
            }
            Cause::MetadataOnly => format!("{entries} of {layers} stored again: same content, other owner, mode or time"),
            Cause::Overwritten => format!("{entries} of {layers} stored again with other content"),
            Cause::Opaque => format!("{entries} of {layers} hidden: directory emptied and written anew"),
            Cause::ReplacedByType => format!("{entries} of {layers} replaced by something of another type"),
            Cause::RepeatedInLayer => format!("{entries} twice in the layer's own archive"),
        }
    }
}
