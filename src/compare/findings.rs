//! What rules find in two images.

use super::Side;
use super::delta::Delta;
use crate::analysis::Analysis;
use crate::layer::Measures;
use crate::rules::Level;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What one rule claims, the base image's entries included.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FindingChange {
    /// The rule.
    pub rule: String,
    /// How much it matters, at most.
    pub level: Level,
    /// What was found, in a few words.
    pub title: String,
    /// Its entries in the old image.
    pub old: Measures,
    /// Its entries in the new image.
    pub new: Measures,
    /// What it claims more.
    #[serde(flatten)]
    pub delta: Delta,
}

pub(super) fn compare(old: &Analysis<'_>, new: &Analysis<'_>, before: &Side, after: &Side) -> (Vec<FindingChange>, Delta) {
    let mut rows: BTreeMap<&str, FindingChange> = BTreeMap::new();
    // The new image's levels come first: exceptions are about it.
    for (analysis, is_new) in [(new, true), (old, false)] {
        for finding in &analysis.findings.found {
            let rule = analysis.findings.rule(finding);
            let row = rows.entry(&rule.id).or_insert_with(|| FindingChange {
                rule: rule.id.clone(),
                level: finding.level,
                title: rule.title.clone(),
                old: Measures::default(),
                new: Measures::default(),
                delta: Delta::default(),
            });
            if is_new {
                row.new += finding.all;
                row.level = row.level.max(finding.level);
            } else {
                row.old += finding.all;
            }
        }
    }
    let mut rows: Vec<FindingChange> = rows.into_values().collect();
    for row in &mut rows {
        row.delta = Delta::between(row.old, row.new);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.delta.content_bytes, row.delta.diff_bytes)));
    let claimed = |part: fn(&FindingChange) -> Measures| rows.iter().map(part).sum::<Measures>();
    let unclaimed = Delta::between(before.totals.minus(claimed(|row| row.old)), after.totals.minus(claimed(|row| row.new)));
    (rows, unclaimed)
}
