//! What data cannot say: detectors, each a function named in a rule's `detector`.

mod node;
mod python;

use super::Rule;
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

    fn add(&mut self, placed: &Placed<'_>, rule: usize) {
        self.0.entry((placed.layer, placed.number)).or_default().push(rule);
    }
}

/// A detector: whether it selects an entry for what its content says.
type OfFact = fn(&Fact) -> bool;

/// A detector that has to see the whole image: it hands over each entry that it selects.
type OfImage = fn(&Index, &mut dyn FnMut(&Placed<'_>));

/// Detectors of facts.
const FACTS: &[(&str, OfFact)] = &[("core-dump", |fact| matches!(fact, Fact::Elf(elf) if elf.core))];

/// Detectors of images.
const IMAGES: &[(&str, OfImage)] = &[
    ("foreign-node-binary", node::foreign),
    ("python-bytecode-without-interpreter", python::stale_bytecode),
    ("second-python", python::second_library),
];

/// Whether a detector of this name exists.
pub(super) fn check(name: &str) -> Result<(), String> {
    let known: Vec<&str> = FACTS.iter().map(|(name, _)| *name).chain(IMAGES.iter().map(|(name, _)| *name)).collect();
    if name.is_empty() || known.contains(&name) {
        return Ok(());
    }
    Err(format!("expected a detector out of {}, found `{name}`", known.join(", ")))
}

/// Runs the detectors that rules name.
pub(super) fn detect(index: &Index, rules: &[Rule]) -> Detected {
    let mut wanted: Vec<(usize, OfFact)> = Vec::new();
    let mut detected = Detected::default();
    for (number, rule) in rules.iter().enumerate() {
        wanted.extend(FACTS.iter().filter(|(name, _)| *name == rule.select.detector).map(|(_, test)| (number, *test)));
        for (_, find) in IMAGES.iter().filter(|(name, _)| *name == rule.select.detector) {
            find(index, &mut |placed| detected.add(placed, number));
        }
    }
    for (placed, fact) in index.facts() {
        if let Fact::Secret(kind) = fact {
            let of_kind = (0..rules.len()).filter(|number| rules[*number].select.secrets.contains(kind));
            of_kind.for_each(|rule| detected.add(&placed, rule));
        }
        for (rule, test) in &wanted {
            if test(fact) {
                detected.add(&placed, *rule);
            }
        }
    }
    detected
}
