//! Findings and edits: what is waste, what to change, and what is left then; and what dive says of it.

use super::ground::Ground;
use super::list::Cursor;
use super::request::Score;
use crate::dive::FileReference;
use crate::edits::Removal;
use crate::index::Place;
use crate::layer::Measures;
use crate::report::{EditReport, FindingReport, Report};
use std::collections::BTreeSet;

/// Which of the lists is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Findings,
    Edits,
    /// What dive counts as wasted.
    Dive,
}

pub(super) struct FoundPane {
    pub(super) list: List,
    findings: Cursor,
    edits: Cursor,
    wasted: Cursor,
    /// What dive says, once it was asked for and is counted.
    pub(super) score: Option<Score>,
    /// It was asked for.
    pub(super) asked: bool,
    /// Findings that have a row, by their number in the report: own ones before the base's.
    pub(super) shown: Vec<usize>,
    /// Edits that are applied, by their number in the report.
    pub(super) applied: BTreeSet<usize>,
    /// What is left with them.
    pub(super) left: Measures,
}

impl FoundPane {
    pub(super) fn new(report: &Report) -> Self {
        let mut shown: Vec<usize> = (0..report.findings.len()).collect();
        shown.sort_by_key(|number| report.findings[*number].base);
        let list = if report.edits.is_empty() { List::Findings } else { List::Edits };
        Self {
            list,
            findings: Cursor::default(),
            edits: Cursor::default(),
            wasted: Cursor::default(),
            score: None,
            asked: false,
            shown,
            applied: BTreeSet::new(),
            left: report.totals,
        }
    }

    pub(super) fn cursor(&mut self) -> &mut Cursor {
        match self.list {
            List::Findings => &mut self.findings,
            List::Edits => &mut self.edits,
            List::Dive => &mut self.wasted,
        }
    }

    pub(super) fn count(&self, report: &Report) -> usize {
        match self.list {
            List::Findings => self.shown.len(),
            List::Edits => report.edits.len(),
            List::Dive => self.score.as_ref().map_or(0, |score| score.wasted.len()),
        }
    }

    pub(super) fn finding<'r>(&self, report: &'r Report) -> Option<(usize, &'r FindingReport)> {
        let number = *self.shown.get(self.findings.at).filter(|_| self.list == List::Findings)?;
        Some((number, report.findings.get(number)?))
    }

    pub(super) fn edit<'r>(&self, report: &'r Report) -> Option<&'r EditReport> {
        report.edits.get(self.edits.at).filter(|_| self.list == List::Edits)
    }

    /// The chosen path of those that dive counts as wasted.
    pub(super) fn wasted(&self) -> Option<&FileReference> {
        self.score.as_ref().filter(|_| self.list == List::Dive)?.wasted.get(self.wasted.at)
    }

    /// All that is stored at it.
    fn wasted_places<'g>(&self, ground: &'g Ground<'_>) -> &'g [Place] {
        let node = self.wasted().and_then(|wasted| ground.paths().find(wasted.file.strip_prefix(b"/").unwrap_or(&wasted.file)));
        node.map_or(&[], |node| ground.versions.of(node))
    }

    /// Applies the chosen edit, or takes it back.
    pub(super) fn toggle(&mut self, ground: &Ground<'_>, report: &Report) {
        let number = self.edits.at;
        if self.list != List::Edits || number >= report.edits.len() {
            return;
        }
        if !self.applied.remove(&number) {
            self.applied.insert(number);
        }
        let removal = ground.analysis.plan.removal(ground.index, self.applied.iter().copied());
        self.left = report.totals.minus(removal.measures(ground.index));
    }

    /// The layer whose instruction is to blame for what is chosen.
    pub(super) fn culprit(&self, ground: &Ground<'_>, report: &Report) -> Option<usize> {
        match self.list {
            List::Findings => self.finding(report).and_then(|(_, finding)| finding.culprits.first().or(finding.layers.first())).copied(),
            List::Edits => self.edit(report).and_then(|edit| edit.layers.first()).copied(),
            // Without it the path would not be there twice.
            List::Dive => self.wasted_places(ground).last().map(|place| place.layer as usize),
        }
    }

    /// The entries of what is chosen, and a name for them.
    pub(super) fn entries(&self, ground: &Ground<'_>, report: &Report) -> Option<(String, Removal)> {
        if let Some((number, finding)) = self.finding(report) {
            let mut entries = Removal::nothing(ground.index);
            for place in &ground.analysis.findings.found[number].entries {
                entries.insert(place.layer as usize, place.entry as usize);
            }
            return Some((format!("finding {}", finding.rule), entries));
        }
        if let Some(wasted) = self.wasted() {
            let mut entries = Removal::nothing(ground.index);
            for place in self.wasted_places(ground) {
                entries.insert(place.layer as usize, place.entry as usize);
            }
            return Some((format!("dive: {}", crate::text::escaped(&wasted.file)), entries));
        }
        let edit = self.edit(report)?;
        let removal = ground.analysis.plan.edits.get(self.edits.at)?.removal.clone();
        Some((format!("edit {}", edit.number), removal))
    }
}
