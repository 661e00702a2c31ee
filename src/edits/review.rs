//! What may go, if a person says so.

use super::{Draft, EditKind, Ground, Removal};
use crate::rules::{Finding, Remedy};
use std::collections::BTreeSet;

/// One draft for each rule whose remedy is a person's judgement.
pub(super) fn review(ground: &Ground<'_>) -> Vec<Draft> {
    let findings = ground.findings;
    let asked = |finding: &Finding| {
        let rule = findings.rule(finding);
        rule.remedy == Remedy::Review && !rule.muted && finding.allowed.is_none() && !finding.base
    };
    let mut removals: Vec<Option<Removal>> =
        findings.found.iter().map(|finding| asked(finding).then(|| Removal::nothing(ground.index))).collect();
    if removals.iter().all(Option::is_none) {
        return Vec::new();
    }
    for placed in ground.own() {
        // With the older copies of what a `chown` stored again, which its rule claims.
        let finding = findings.number_of(ground.last(&placed).place());
        if let Some(removal) = finding.and_then(|number| removals[number].as_mut()) {
            removal.insert(placed.layer, placed.number);
        }
    }
    let draft = |(finding, removal): (&Finding, Option<Removal>)| {
        let layers: BTreeSet<usize> = finding.parts.keys().map(|(payer, _)| *payer).collect();
        let rule = findings.rule(finding);
        Some(Draft {
            kind: EditKind::Review,
            title: rule.title.clone(),
            details: vec![rule.why.clone()],
            snippet: Vec::new(),
            layers: layers.into_iter().collect(),
            certain: false,
            kept: Vec::new(),
            removal: removal?,
        })
    };
    findings.found.iter().zip(removals).filter_map(draft).collect()
}
