//! The shortest way under every limit: the fewest edits of the plan that suffice.
//!
//! Sets of edits are tried in the order of their size. What a set leaves at best is known without stacking ([`Target`]);
//! a set that may suffice is then stacked and judged as an image of its own, so that what is said of it is exact. The work
//! is bounded: where the bound is met before the search is over, edits are added one by one instead, and [`Way::fewest`]
//! is false.

use super::atoms::{MOST, Masks, Set, Target};
use super::verdict::{reports, worst};
use super::{Baseline, BudgetReport, Budgets, Outcome};
use crate::analysis::{Analysis, AnalysisOptions};
use crate::edits::Removal;
use crate::error::Result;
use crate::limits::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sets that are looked at.
const SETS: usize = 200_000;
/// Sets that are stacked, each as much work as the image itself.
const STACKED: usize = 12;

/// Edits that bring an image under its limits, as far as edits can.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Way {
    /// The edits, in the order of the plan.
    pub edits: Vec<WayEdit>,
    /// Whether they suffice. If not, these are all certain edits.
    pub enough: bool,
    /// Whether no smaller set suffices; of sets as small as this it is the one that saves most on disk.
    pub fewest: bool,
    /// What they leave.
    pub after: After,
    /// How many certain edits there are.
    pub certain: usize,
    /// What all of them leave.
    pub all: After,
}

/// One edit on the way.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WayEdit {
    /// Its number, from 1, as `--without` takes it.
    pub number: usize,
    /// What to do.
    pub title: String,
    /// The layers whose instructions change, from 0.
    pub layers: Vec<usize>,
    /// The lines of the Dockerfile, where they are known.
    pub lines: Vec<u32>,
    /// What it saves on disk beyond the edits before it on the way.
    pub content_bytes: u64,
    /// The same of a pull.
    pub blob_bytes: u64,
}

/// An image after some edits, stacked and judged anew.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct After {
    /// What came of the budgets.
    pub verdict: Outcome,
    /// Content of all layers.
    pub disk_bytes: u64,
    /// Compressed size; null where the source stores plain tars.
    pub pull_bytes: Option<u64>,
    /// Each budget.
    pub budgets: Vec<BudgetReport>,
}

struct Search<'a> {
    analysis: &'a Analysis<'a>,
    budgets: &'a Budgets,
    baseline: Option<&'a Baseline>,
    options: &'a AnalysisOptions,
    limits: &'a Limits,
    /// Numbers of the certain edits.
    edits: Vec<usize>,
    targets: Vec<Target>,
    /// The worst that is accepted.
    goal: Outcome,
    looked: usize,
    stacked: usize,
}

impl Way {
    /// Looks for the way, `None` if nothing fails or warns, or there is no certain edit.
    pub fn find(
        analysis: &Analysis<'_>,
        budgets: &Budgets,
        baseline: Option<&Baseline>,
        options: &AnalysisOptions,
        limits: &Limits,
    ) -> Result<Option<Self>> {
        let now = reports(analysis, budgets, baseline, 0)?;
        let goal = match worst(&now) {
            Outcome::Fail => Outcome::Warn,
            Outcome::Warn => Outcome::Pass,
            Outcome::Pass => return Ok(None),
        };
        let certain: Vec<usize> = analysis.plan.certain().collect();
        if certain.is_empty() {
            return Ok(None);
        }
        let edits: Vec<usize> = certain.iter().copied().take(MOST).collect();
        let masks = Masks::new(analysis, &edits);
        let targets = budgets.limits.iter().zip(&now).filter(|(_, report)| report.verdict > goal).filter_map(|(limit, _)| {
            let bound = if goal == Outcome::Pass { limit.steps.warn } else { limit.steps.fail };
            Some(Target::new(analysis, &masks, limit, bound?, baseline))
        });
        let targets = targets.collect();
        let mut search = Search { analysis, budgets, baseline, options, limits, edits, targets, goal, looked: 0, stacked: 0 };
        let all = search.after(&certain)?;
        let found = search.run()?;
        let enough = found.is_some();
        let (numbers, fewest, after) = match found {
            Some((numbers, fewest, after)) => (numbers, fewest && certain.len() <= MOST, after),
            None => (certain.clone(), false, all.clone()),
        };
        Ok(Some(Self { edits: search.describe(&numbers), enough, fewest, after, certain: certain.len(), all }))
    }
}

impl Search<'_> {
    /// The smallest set that suffices, whether that is known, and what it leaves.
    fn run(&mut self) -> Result<Option<(Vec<usize>, bool, After)>> {
        let mut fewest = true;
        for size in 1..=self.edits.len() {
            let mut found = Vec::new();
            fewest &= self.sets(size, 0, 0, &mut found);
            // Of sets of a size the one that saves most.
            found.sort_by_key(|set| (std::cmp::Reverse(self.saves(*set)), *set));
            for set in found {
                if self.stacked >= STACKED {
                    fewest = false;
                    break;
                }
                self.stacked += 1;
                let numbers = self.numbers(set);
                let after = self.after(&numbers)?;
                if after.verdict <= self.goal {
                    return Ok(Some((numbers, fewest, after)));
                }
            }
            if !fewest {
                return self.one_by_one();
            }
        }
        Ok(None)
    }

    /// Collects the sets with `left` more edits from bit `from` on that may suffice; false if there are too many to look at.
    fn sets(&mut self, left: usize, from: usize, set: Set, found: &mut Vec<Set>) -> bool {
        if left == 0 {
            self.looked += 1;
            if self.targets.iter().all(|target| target.may_hold(set)) {
                found.push(set);
            }
            return self.looked < SETS;
        }
        let rest = self.edits.len() - from;
        if rest < left {
            return true;
        }
        // All that could be added does not suffice: no set from here does.
        let bits = if rest >= 64 { Set::MAX } else { (1 << rest) - 1 };
        if !self.targets.iter().all(|target| target.may_hold_in(set | bits << from)) {
            self.looked += 1;
            return self.looked < SETS;
        }
        (from..self.edits.len()).all(|bit| self.sets(left - 1, bit + 1, set | 1 << bit, found))
    }

    /// Adds the edit that saves most, one by one, until it suffices.
    fn one_by_one(&self) -> Result<Option<(Vec<usize>, bool, After)>> {
        let mut set: Set = 0;
        let mut tries = 0;
        for bit in 0..self.edits.len() {
            set |= 1 << bit;
            if !self.targets.iter().all(|target| target.may_hold(set)) {
                continue;
            }
            tries += 1;
            let numbers = self.numbers(set);
            let after = self.after(&numbers)?;
            if after.verdict <= self.goal {
                return Ok(Some((numbers, false, after)));
            }
            if tries >= STACKED {
                break;
            }
        }
        Ok(None)
    }

    fn numbers(&self, set: Set) -> Vec<usize> {
        self.edits.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, number)| *number).collect()
    }

    /// What a set saves, more or less: what edits remove twice is counted with the first.
    fn saves(&self, set: Set) -> u64 {
        self.numbers(set).iter().map(|number| self.analysis.plan.edits[*number].saves.content_bytes).sum()
    }

    /// The image without what some edits remove.
    fn after(&self, numbers: &[usize]) -> Result<After> {
        let index = self.analysis.index;
        let removal = self.analysis.plan.removal(index, numbers.iter().copied());
        let reduced = index.without(&removal, self.limits)?;
        let layers = index.image().layers().iter().zip(reduced.image().layers());
        let emptied =
            layers.filter(|(before, after)| !index.image().entries(before).is_empty() && reduced.image().entries(after).is_empty());
        let emptied = emptied.count() as u64;
        let analysis = Analysis::without_plan(&reduced, self.options);
        let budgets = reports(&analysis, self.budgets, self.baseline, emptied)?;
        Ok(After {
            verdict: worst(&budgets),
            disk_bytes: reduced.sums().total().content_bytes,
            pull_bytes: crate::report::pull_bytes(&reduced),
            budgets,
        })
    }

    fn describe(&self, numbers: &[usize]) -> Vec<WayEdit> {
        let analysis = self.analysis;
        let mut taken = Removal::nothing(analysis.index);
        let one = |number: &usize| {
            let edit = &analysis.plan.edits[*number];
            let saves = edit.removal.measures_without(analysis.index, &taken);
            taken.add(&edit.removal);
            WayEdit {
                number: edit.number,
                title: edit.title.clone(),
                layers: edit.layers.clone(),
                lines: edit.layers.iter().filter_map(|layer| analysis.line(*layer)).collect(),
                content_bytes: saves.content_bytes,
                blob_bytes: saves.blob_bytes,
            }
        };
        numbers.iter().map(one).collect()
    }
}
