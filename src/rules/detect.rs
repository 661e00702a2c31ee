//! What data cannot say: detectors, each a function named in a rule's `detector`.

use super::Rule;
use crate::attribution::Attribution;
use crate::facts::Fact;
use crate::index::{Index, Placed};
use std::collections::HashMap;

/// What the detectors found, by entry.
#[derive(Debug, Default)]
pub(super) struct Detected(HashMap<(usize, usize), Vec<usize>>);

impl Detected {
    /// Rules that a detector found to select an entry.
    pub(super) fn of(&self, placed: &Placed<'_>) -> &[usize] {
        self.0.get(&(placed.layer, placed.number)).map_or(&[], Vec::as_slice)
    }
}

/// A detector: whether it selects an entry for what its content says.
type OfFact = fn(&Fact) -> bool;

/// Detectors of facts.
const FACTS: &[(&str, OfFact)] = &[("core-dump", |fact| matches!(fact, Fact::Elf(elf) if elf.core))];

/// Whether a detector of this name exists.
pub(super) fn check(name: &str) -> Result<(), String> {
    if name.is_empty() || FACTS.iter().any(|(known, _)| *known == name) {
        return Ok(());
    }
    let known: Vec<_> = FACTS.iter().map(|(name, _)| *name).collect();
    Err(format!("expected a detector out of {}, found `{name}`", known.join(", ")))
}

/// Runs the detectors that rules name.
pub(super) fn detect(index: &Index, _attribution: &Attribution<'_>, rules: &[Rule]) -> Detected {
    let mut wanted: Vec<(usize, OfFact)> = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        wanted.extend(FACTS.iter().filter(|(name, _)| *name == rule.select.detector).map(|(_, test)| (number, *test)));
    }
    let mut detected = Detected::default();
    for (placed, fact) in index.facts() {
        if let Fact::Secret(kind) = fact {
            let of_kind = (0..rules.len()).filter(|number| rules[*number].select.secrets.contains(kind));
            detected.0.entry((placed.layer, placed.number)).or_default().extend(of_kind);
        }
        for (rule, test) in &wanted {
            if test(fact) {
                detected.0.entry((placed.layer, placed.number)).or_default().push(*rule);
            }
        }
    }
    detected
}
