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
    let draft = |finding: &Finding| {
        let layers: BTreeSet<usize> = finding.parts.keys().map(|(payer, _)| *payer).collect();
        let rule = findings.rule(finding);
        Draft {
            kind: EditKind::Review,
            title: rule.title.clone(),
            details: vec![rule.why.clone()],
            snippet: Vec::new(),
            layers: layers.into_iter().collect(),
            certain: false,
            kept: Vec::new(),
            removal: removal(ground, finding),
        }
    };
    findings.found.iter().filter(|finding| asked(finding)).map(draft).collect()
}

/// What a rule claims for good, with the older copies of what a `chown` stored again.
fn removal(ground: &Ground<'_>, finding: &Finding) -> Removal {
    let mut removal = Removal::nothing(ground.index);
    for place in finding.entries.iter().filter(|place| ground.again.next(**place).is_none()) {
        let copies = std::iter::successors(Some(*place), |place| ground.again.before(*place));
        copies
            .filter(|place| place.layer as usize >= ground.base)
            .for_each(|place| removal.insert(place.layer as usize, place.entry as usize));
    }
    removal
}
