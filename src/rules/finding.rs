//! What a rule found: entries, and what they weigh.

use super::{Level, Rule};
use crate::index::{Fate, Place, Placed};
use crate::layer::Measures;
use std::collections::BTreeMap;

/// Entries that one rule claims, in the base or in own layers.
#[derive(Debug)]
pub struct Finding {
    /// Its rule's number in the catalogue.
    pub rule: usize,
    /// Its level, guards and configuration applied.
    pub level: Level,
    /// Why it is accepted, where an exception says so.
    pub allowed: Option<String>,
    /// Whether the entries are the base image's.
    pub base: bool,
    /// All entries.
    pub all: Measures,
    /// Those that are hidden.
    pub shadowed: Measures,
    /// By who pays, and whose instruction is to blame.
    pub parts: BTreeMap<(usize, usize), Part>,
    /// The entries, layer by layer.
    pub entries: Vec<Place>,
}

/// The entries of a finding that one layer pays for and one is to blame for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    /// All of them.
    pub all: Measures,
    /// Those that are hidden.
    pub shadowed: Measures,
}

/// All findings, and which rule claims each entry.
#[derive(Debug)]
pub struct Findings {
    /// The rules that were applied, first come first served.
    pub rules: Vec<Rule>,
    /// What they found, most content first.
    pub found: Vec<Finding>,
    /// For each layer the finding that claims each entry, or `NONE`.
    pub(super) claimed: Vec<Vec<u16>>,
}

/// No finding.
pub(super) const NONE: u16 = u16::MAX;

impl Findings {
    /// The finding that claims an entry.
    pub fn of(&self, placed: &Placed<'_>) -> Option<&Finding> {
        self.found.get(self.number_of(placed.place())?)
    }

    /// The number of the finding that claims the entry at a place.
    pub(crate) fn number_of(&self, place: Place) -> Option<usize> {
        let claim = self.claimed[place.layer as usize].get(place.entry as usize).copied().filter(|claim| *claim != NONE)?;
        Some(claim.into())
    }

    /// A finding's rule.
    pub fn rule(&self, finding: &Finding) -> &Rule {
        &self.rules[finding.rule]
    }
}

impl Finding {
    pub(super) fn new(rule: usize, level: Level, base: bool) -> Self {
        Self {
            rule,
            level,
            allowed: None,
            base,
            all: Measures::default(),
            shadowed: Measures::default(),
            parts: BTreeMap::new(),
            entries: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, placed: &Placed<'_>) {
        let measures = placed.entry.measures();
        let part = self.parts.entry((placed.layer, culprit(placed))).or_default();
        part.all += measures;
        self.all += measures;
        if placed.fate != Fate::Live {
            part.shadowed += measures;
            self.shadowed += measures;
        }
        self.entries.push(placed.place());
    }
}

/// The layer whose instruction is to blame for an entry's bytes: see `report::HiddenReport::culprit`.
fn culprit(placed: &Placed<'_>) -> usize {
    match placed.fate {
        Fate::Shadowed { by, cause } if !cause.blames_payer() => by.into(),
        _ => placed.layer,
    }
}
