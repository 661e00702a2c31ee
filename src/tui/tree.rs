//! The tree: which rows there are, which one is chosen, what is open.

mod follow;
mod narrow;

use super::comparison::{Comparison, Only, Scope, Weight};
use super::ground::Ground;
use super::matcher::Search;
use super::rows::{Choice, Found, Measure, Order, Row, Shows, Sort};
use super::settings::Start;
use crate::edits::Removal;
use crate::index::Placed;
use crate::paths::{NodeId, ROOT};
use std::collections::HashSet;

/// A filter that leaves no more rows than this opens all directories.
const FILTERED: usize = 300;
/// A layer that changed no more does.
const CHANGED: usize = 40;
/// Rows that most screens have room for.
const SCREEN: usize = 30;

/// What rows are narrowed to.
pub(super) struct Filter {
    /// What it is, for people.
    pub(super) label: String,
    /// As it was typed; nothing where it was not.
    pub(super) typed: Option<String>,
    search: Option<Search>,
    /// Paths that pass, with all that is in those that matched.
    matched: Vec<bool>,
    /// The entries that are meant, where it is about entries and not about paths.
    entries: Option<Removal>,
    /// How many paths matched.
    pub(super) count: usize,
}

/// What is looked for with `/`.
pub(super) struct Finding {
    pub(super) text: String,
    search: Option<Search>,
    matched: Vec<bool>,
    found: Option<Found>,
    /// Where it began: every further letter starts there again.
    origin: NodeId,
}

pub(super) struct Tree {
    pub(super) comparison: Comparison,
    pub(super) shows: Shows,
    /// What is shown at first, whatever the tree is of.
    own: Option<Shows>,
    pub(super) sort: Sort,
    /// The smallest first.
    pub(super) reversed: bool,
    pub(super) measure: Measure,
    pub(super) filter: Option<Filter>,
    pub(super) finding: Option<Finding>,
    pub(super) hidden: HashSet<NodeId>,
    pub(super) rows: Vec<Row>,
    pub(super) cursor: usize,
    pub(super) top: usize,
    /// Rows that the last screen had room for.
    pub(super) height: usize,
    /// Links that were followed, the last one last.
    pub(super) followed: Vec<NodeId>,
    open: Vec<bool>,
    /// What was open before a filter opened more, and before a layer that changed little did.
    unfiltered: Option<Vec<bool>>,
    usual: Option<Vec<bool>>,
    visible: Vec<bool>,
}

impl Tree {
    pub(super) fn new(ground: &Ground<'_>, scope: Scope, start: &Start) -> Self {
        let count = ground.number.len();
        let mut tree = Self {
            comparison: Comparison::new(ground, scope, Only::All),
            shows: Shows::ALL,
            own: None,
            sort: Sort::default(),
            reversed: false,
            measure: Measure::default(),
            filter: None,
            finding: None,
            hidden: HashSet::new(),
            rows: Vec::new(),
            cursor: 0,
            top: 0,
            height: 1,
            followed: Vec::new(),
            open: vec![false; count],
            unfiltered: None,
            usual: None,
            visible: Vec::new(),
        };
        tree.begin(ground, start);
        tree
    }

    /// Shows what somebody likes to begin with.
    pub(super) fn begin(&mut self, ground: &Ground<'_>, start: &Start) {
        (self.measure, self.sort, self.reversed) = (start.measure, start.sort, start.reversed);
        self.own = start.shows;
        self.shows = self.usual_shows(self.scope());
        // A directory comes after the one that holds it; those that the root holds are the first level.
        let mut depth = vec![0; ground.directories.len()];
        for (number, node) in ground.directories.iter().enumerate().skip(1) {
            depth[number] = depth[ground.number[ground.paths().parent(*node) as usize] as usize] + 1;
            self.open[*node as usize] = depth[number] <= start.open;
        }
        self.narrow(ground);
    }

    /// What a layer did is shown alone; of the image, all; unless it was said what is to be.
    fn usual_shows(&self, scope: Scope) -> Shows {
        self.own.unwrap_or(match scope {
            Scope::Layer(_) => Shows::CHANGES,
            Scope::Stacked(_) => Shows::ALL,
        })
    }

    pub(super) fn scope(&self) -> Scope {
        self.comparison.scope
    }

    /// Shows something else; what is shown of it goes back to what is usual where it is of another kind.
    pub(super) fn set_scope(&mut self, ground: &Ground<'_>, scope: Scope) {
        if scope == self.scope() {
            return;
        }
        if matches!(scope, Scope::Layer(_)) != matches!(self.scope(), Scope::Layer(_)) {
            self.shows = self.usual_shows(scope);
        }
        self.followed.clear();
        self.comparison = Comparison::new(ground, scope, self.only());
        let filtered = self.unfiltered.take().map(|open| self.open = open).is_some();
        if let Some(usual) = self.usual.take() {
            self.open = usual;
        }
        self.narrow(ground);
        if matches!(scope, Scope::Layer(_)) {
            self.usual = Some(self.open.clone());
            self.open_few(ground, CHANGED);
        }
        if filtered {
            self.unfiltered = Some(self.open.clone());
            self.open_few(ground, FILTERED);
        }
    }

    /// The chosen path.
    pub(super) fn node(&self) -> Option<NodeId> {
        self.rows.get(self.cursor).map(|row| row.node)
    }

    /// The chosen path's entry.
    pub(super) fn placed<'i>(&self, ground: &Ground<'i>) -> Option<Placed<'i>> {
        self.comparison.entry(ground, self.node()?)
    }

    pub(super) fn weight(&self, ground: &Ground<'_>, node: NodeId) -> Weight {
        self.comparison.weight(ground, node)
    }

    pub(super) fn is_open(&self, node: NodeId) -> bool {
        self.open[node as usize]
    }

    pub(super) fn is_found(&self, node: NodeId) -> bool {
        self.finding.as_ref().and_then(|finding| finding.found.as_ref()).is_some_and(|found| found.has(node))
    }

    /// Decides anew which paths have rows.
    pub(super) fn narrow(&mut self, ground: &Ground<'_>) {
        let choice = Choice {
            comparison: &self.comparison,
            shows: self.shows,
            matched: self.filter.as_ref().filter(|filter| filter.search.is_none()).map(|filter| filter.matched.as_slice()),
            hidden: &self.hidden,
        };
        self.visible = choice.visible(ground);
        if let Some(finding) = self.finding.as_mut().filter(|finding| finding.search.is_none()) {
            finding.found = Some(Found::new(ground, &finding.matched, &self.visible));
        }
        self.lay(ground);
    }

    /// Makes the rows anew; the chosen path stays chosen, or the directory that has it.
    pub(super) fn lay(&mut self, ground: &Ground<'_>) {
        let chosen = self.node();
        self.rows = self.order(ground).rows(ROOT, 0, &self.open);
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        let mut at = chosen.unwrap_or(ROOT);
        while at != ROOT {
            if let Some(row) = self.rows.iter().position(|row| row.node == at) {
                self.cursor = row;
                break;
            }
            at = ground.paths().parent(at);
        }
    }

    fn order<'o>(&'o self, ground: &'o Ground<'o>) -> Order<'o> {
        let Self { comparison, visible, sort, reversed, measure, .. } = self;
        Order { ground, comparison, visible, sort: *sort, reversed: *reversed, measure: *measure }
    }

    /// Opens or closes the chosen directory.
    pub(super) fn toggle(&mut self, ground: &Ground<'_>) {
        let Some(row) = self.rows.get(self.cursor).copied() else { return };
        if !ground.is_directory(row.node) {
            return;
        }
        self.open[row.node as usize] ^= true;
        let next = self.cursor + 1;
        if self.open[row.node as usize] {
            let below = self.order(ground).rows(row.node, row.depth.saturating_add(1), &self.open);
            self.rows.splice(next..next, below);
        } else {
            let end = self.rows[next..].iter().position(|other| other.depth <= row.depth).map_or(self.rows.len(), |at| next + at);
            self.rows.drain(next..end);
        }
    }

    /// Opens all directories, or closes them if one is open.
    pub(super) fn toggle_all(&mut self, ground: &Ground<'_>) {
        let opens = !self.rows.iter().any(|row| self.open[row.node as usize]);
        for node in &ground.directories {
            self.open[*node as usize] = opens;
        }
        self.lay(ground);
    }

    /// Into the chosen directory, which is opened.
    pub(super) fn enter(&mut self, ground: &Ground<'_>) {
        let Some(row) = self.rows.get(self.cursor).copied().filter(|row| ground.is_directory(row.node)) else { return };
        if !self.open[row.node as usize] {
            self.toggle(ground);
        }
        if self.rows.get(self.cursor + 1).is_some_and(|next| next.depth > row.depth) {
            self.cursor += 1;
        }
    }

    /// To the directory that holds the chosen row.
    pub(super) fn leave(&mut self) {
        let Some(depth) = self.rows.get(self.cursor).map(|row| row.depth) else { return };
        if let Some(at) = self.rows[..self.cursor].iter().rposition(|row| row.depth < depth) {
            self.cursor = at;
        }
    }

    /// Moves by so many rows, and stays within them.
    pub(super) fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
    }

    /// Shows a path, whatever is closed; what keeps it from being shown is given up.
    pub(super) fn reveal(&mut self, ground: &Ground<'_>, node: NodeId) {
        if !self.visible[node as usize] {
            self.shows = Shows::ALL;
            self.hidden.clear();
            self.clear_filter(ground);
        }
        let mut at = ground.paths().parent(node);
        let mut changed = false;
        while at != ROOT {
            changed |= !std::mem::replace(&mut self.open[at as usize], true);
            at = ground.paths().parent(at);
        }
        if changed {
            self.lay(ground);
        }
        if let Some(row) = self.rows.iter().position(|row| row.node == node) {
            self.cursor = row;
            // In the middle, so that it is seen what is around it.
            self.top = row.saturating_sub(self.height / 2);
        }
    }
}
