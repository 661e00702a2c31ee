//! What may go, if a person says so.

use super::{Draft, EditKind, Ground, Removal};
use crate::rules::Remedy;
use std::collections::BTreeSet;

/// One draft for each rule whose remedy is a person's judgement.
pub(super) fn review(ground: &Ground<'_>) -> Vec<Draft> {
    let findings = ground.findings;
    let asked = |finding: &&crate::rules::Finding| {
        let rule = findings.rule(finding);
        rule.remedy == Remedy::Review && !rule.muted && finding.allowed.is_none()
    };
    let own = findings.found.iter().filter(|finding| !finding.base).filter(asked);
    let draft = |finding: &crate::rules::Finding| {
        let mut removal = Removal::nothing(ground.index);
        // With the older copies of what a `chown` stored again, which its rule claims.
        for placed in ground.index.entries().filter(|placed| placed.layer >= ground.base) {
            if findings.of(&ground.last(&placed)).is_some_and(|of| std::ptr::eq(of, finding)) {
                removal.insert(placed.layer, placed.number);
            }
        }
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
            removal,
        }
    };
    own.map(draft).collect()
}
