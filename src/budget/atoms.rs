//! What sets of edits can do for a limit at best, without stacking the image anew for each set.
//!
//! A set of edits is a mask, a bit for each. Entries that the same edits remove are one atom. Bytes of an entry go if one of
//! its edits is made; hidden bytes may go too if the layer that hides them changes. So what is left by this count is never
//! more than what a new stacking finds, and a set that does not suffice here does not suffice.

use super::tally::{Members, Tally, counts, of_entry};
use super::verdict::exceeds;
use super::{Baseline, Bound, Limit, Measure, Subject, What};
use crate::analysis::Analysis;
use crate::index::{Fate, Placed};
use crate::rules::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// A set of edits, as bits.
pub(super) type Set = u64;

/// Edits that are looked at: one for each bit.
pub(super) const MOST: usize = 64;

/// For each entry the edits that remove it.
pub(super) struct Masks {
    of_layer: Vec<Vec<Set>>,
    /// For each layer the edits that remove anything of it.
    touched: Vec<Set>,
}

/// One limit that must be kept, and what each set of edits leaves of it at best.
pub(super) struct Target {
    what: What,
    bound: Bound,
    shape: Shape,
    /// A total that growth is more than.
    before: u64,
}

enum Shape {
    /// Bytes of groups, the largest of which counts, and the whole that a part is of.
    Bytes { groups: Vec<Sum>, whole: Sum },
    /// Things, each of which goes when all of its entries do.
    Things { count: u64, entries: Vec<Vec<Set>> },
}

/// Bytes, and what of them each set takes.
#[derive(Debug, Clone, Default)]
struct Sum {
    all: u64,
    cuts: Vec<(Set, u64)>,
}

impl Sum {
    fn of(atoms: BTreeMap<Set, u64>) -> Self {
        Self { all: atoms.values().sum(), cuts: atoms.into_iter().filter(|(set, bytes)| *set != 0 && *bytes > 0).collect() }
    }

    fn fixed(all: u64) -> Self {
        Self { all, cuts: Vec::new() }
    }

    fn after(&self, set: Set) -> u64 {
        let gone: u64 = self.cuts.iter().filter(|(of, _)| of & set != 0).map(|(_, bytes)| bytes).sum();
        self.all.saturating_sub(gone)
    }
}

impl Masks {
    /// Of edits by their numbers in the plan, each at its bit.
    pub(super) fn new(analysis: &Analysis<'_>, edits: &[usize]) -> Self {
        let removals: Vec<_> = edits.iter().map(|number| &analysis.plan.edits[*number].removal).collect();
        let of = |placed: Placed<'_>| {
            let bits = removals.iter().enumerate().filter(|(_, removal)| removal.has(placed.layer, placed.number));
            bits.fold(0, |set, (bit, _)| set | 1 << bit)
        };
        let layers = analysis.index.image().layers().len();
        let of_layer: Vec<Vec<Set>> = (0..layers).map(|layer| analysis.index.layer(layer).map(of).collect()).collect();
        let touched = of_layer.iter().map(|sets| sets.iter().fold(0, |all, set| all | set)).collect();
        Self { of_layer, touched }
    }

    fn removes(&self, placed: &Placed<'_>) -> Set {
        self.of_layer[placed.layer][placed.number]
    }

    /// The edits that may take an entry from what is hidden.
    fn frees(&self, placed: &Placed<'_>) -> Set {
        match placed.fate {
            Fate::Live => self.removes(placed),
            Fate::Shadowed { by, .. } => self.removes(placed) | self.touched[usize::from(by)],
        }
    }

    /// The distinct sets of some entries.
    fn distinct<'p>(&self, entries: impl Iterator<Item = Placed<'p>>) -> Vec<Set> {
        entries.map(|placed| self.frees(&placed)).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

impl Target {
    pub(super) fn new(analysis: &Analysis<'_>, masks: &Masks, limit: &Limit, bound: Bound, baseline: Option<&Baseline>) -> Self {
        let index = analysis.index;
        let bytes = |subject: &Subject, measure: Measure| bytes(analysis, masks, subject, measure);
        let (shape, before) = match &limit.what {
            What::Bytes(subject, measure) => {
                let groups = if *subject == Subject::Layer {
                    let base = analysis.base.layers;
                    (base..index.image().layers().len()).map(|layer| of_layer(analysis, masks, layer, *measure)).collect()
                } else {
                    vec![bytes(subject, *measure)]
                };
                let whole = match (subject, measure) {
                    (Subject::Own | Subject::Layer, Measure::Live | Measure::Hidden) => bytes(&Subject::Own, Measure::Disk),
                    (_, Measure::Live | Measure::Hidden) => bytes(&Subject::Image, Measure::Disk),
                    _ => bytes(&Subject::Image, *measure),
                };
                (Shape::Bytes { groups, whole }, 0)
            }
            What::Growth(subject, measure) => {
                let before = baseline.and_then(|baseline| baseline.value(subject, *measure)).unwrap_or(0);
                (Shape::Bytes { groups: vec![bytes(subject, *measure)], whole: Sum::fixed(before) }, before)
            }
            What::Efficiency => {
                let hidden = bytes(&Subject::Image, Measure::Hidden);
                (Shape::Bytes { groups: vec![hidden], whole: bytes(&Subject::Image, Measure::Disk) }, 0)
            }
            What::Layers => {
                let layers = 0..index.image().layers().len();
                let entries =
                    layers.clone().map(|layer| masks.of_layer[layer].iter().copied().collect::<BTreeSet<_>>()).collect::<Vec<_>>();
                let entries = entries.into_iter().filter(|sets| !sets.is_empty()).map(|sets| sets.into_iter().collect()).collect();
                (Shape::Things { count: layers.len() as u64, entries }, 0)
            }
            What::Findings(level) => {
                let found = analysis.findings.found.iter().filter(|finding| counts(finding) && finding.level >= *level);
                let one = |finding: &Finding| masks.distinct(finding.entries.iter().map(|place| index.placed(*place)));
                let entries: Vec<Vec<Set>> = found.map(one).collect();
                (Shape::Things { count: entries.len() as u64, entries }, 0)
            }
        };
        Self { what: limit.what.clone(), bound, shape, before }
    }

    /// Whether a set of edits may suffice.
    pub(super) fn may_hold(&self, set: Set) -> bool {
        self.holds(set, set)
    }

    /// Whether a part of a set may suffice: as little left as by all of it, of the whole as it is now.
    pub(super) fn may_hold_in(&self, set: Set) -> bool {
        // Of efficiency the whole matters twice; it is then left to the sets themselves.
        self.what == What::Efficiency || self.holds(set, 0)
    }

    fn holds(&self, set: Set, set_of_whole: Set) -> bool {
        let (value, whole) = match &self.shape {
            Shape::Bytes { groups, whole } => {
                let value = groups.iter().map(|group| group.after(set)).max().unwrap_or(0);
                (value.saturating_sub(self.before), whole.after(set_of_whole))
            }
            Shape::Things { count, entries } => {
                let gone = entries.iter().filter(|entries| entries.iter().all(|of| of & set != 0)).count() as u64;
                (count - gone, 0)
            }
        };
        // Of efficiency the shape has what is hidden.
        let value = if self.what == What::Efficiency { whole.saturating_sub(value) } else { value };
        !exceeds(&self.what, self.bound, &super::tally::Actual { value, whole, ..super::tally::Actual::default() })
    }
}

/// The bytes of a subject.
fn bytes(analysis: &Analysis<'_>, masks: &Masks, subject: &Subject, measure: Measure) -> Sum {
    let members = Members::new(analysis, subject);
    let mut atoms: BTreeMap<Set, u64> = BTreeMap::new();
    for placed in analysis.index.entries().filter(|placed| members.has(placed)) {
        // What a rule claims may change with what the entry hides or is hidden by.
        let loose = measure == Measure::Hidden || matches!(subject, Subject::Rule(_));
        let set = if loose { masks.frees(&placed) } else { masks.removes(&placed) };
        *atoms.entry(set).or_default() += of_entry(&placed, measure);
    }
    let mut sum = Sum::of(atoms);
    // With what belongs to no entry; of a pull each digest once, as it is counted.
    if matches!(subject, Subject::Image | Subject::Own) {
        let limit = Limit { what: What::Bytes(subject.clone(), measure), steps: super::Steps::default() };
        sum.all = Tally::new(analysis, 0).of(&limit, None).map_or(sum.all, |actual| actual.value);
    }
    sum
}

/// The bytes of one layer.
fn of_layer(analysis: &Analysis<'_>, masks: &Masks, layer: usize, measure: Measure) -> Sum {
    let mut atoms: BTreeMap<Set, u64> = BTreeMap::new();
    for placed in analysis.index.layer(layer) {
        let set = if measure == Measure::Hidden { masks.frees(&placed) } else { masks.removes(&placed) };
        *atoms.entry(set).or_default() += of_entry(&placed, measure);
    }
    Sum::of(atoms)
}
