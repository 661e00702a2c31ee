//! The tree as rows: what passes the filters, in order, below directories that are open.

mod found;
mod sort;

pub(super) use found::Found;
pub use sort::{Measure, Sort};

use super::comparison::Comparison;
use super::ground::Ground;
use crate::index::Change;
use crate::paths::NodeId;
use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;

/// Which differences are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shows {
    pub(super) added: bool,
    pub(super) removed: bool,
    pub(super) changed: bool,
    pub(super) same: bool,
}

impl Shows {
    pub(super) const ALL: Self = Self { added: true, removed: true, changed: true, same: true };
    pub(super) const CHANGES: Self = Self { same: false, ..Self::ALL };

    fn has(self, change: Change) -> bool {
        match change {
            Change::Same => self.same,
            Change::Added => self.added,
            Change::Changed | Change::Metadata => self.changed,
            Change::Removed => self.removed,
        }
    }

    /// What is not shown, in words.
    pub(super) fn missing(self) -> Vec<&'static str> {
        let all = [(self.added, "added"), (self.removed, "removed"), (self.changed, "changed"), (self.same, "unchanged")];
        all.into_iter().filter(|(shown, _)| !shown).map(|(_, name)| name).collect()
    }
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) node: NodeId,
    pub(super) depth: u16,
}

/// What decides which rows there are, and in which order.
pub(super) struct Choice<'c> {
    pub(super) comparison: &'c Comparison,
    pub(super) shows: Shows,
    pub(super) matched: Option<&'c [bool]>,
    pub(super) hidden: &'c HashSet<NodeId>,
}

impl Choice<'_> {
    /// Which paths have a row, were all directories open: those that pass, and the directories they are in.
    pub(super) fn visible(&self, ground: &Ground<'_>) -> Vec<bool> {
        let count = ground.number.len();
        let mut visible = vec![false; count];
        for node in 1..count {
            let matches = self.matched.is_none_or(|matched| matched[node]);
            visible[node] = matches && self.comparison.change(node as NodeId).is_some_and(|change| self.shows.has(change));
        }
        // A directory that only changed because of what is in it, and of which nothing is left, goes too.
        let mut holds = vec![false; ground.directories.len()];
        for node in (1..count).rev() {
            let own = ground.number[node];
            if let Some(holds) = holds.get(own as usize) {
                visible[node] = *holds || (visible[node] && ground.children.of(node as NodeId).is_empty());
            }
            visible[node] &= self.hidden.is_empty() || !self.hidden.contains(&(node as NodeId));
            if visible[node] {
                holds[ground.number[ground.paths().parent(node as NodeId) as usize] as usize] = true;
            }
        }
        visible
    }
}

/// Paths that match, and all that is in directories that do.
pub(super) fn with_inside(ground: &Ground<'_>, mut matched: Vec<bool>) -> Vec<bool> {
    for node in 1..matched.len() {
        matched[node] |= matched[ground.paths().parent(node as NodeId) as usize];
    }
    matched
}

/// How rows are ordered and which are open.
pub(super) struct Order<'o> {
    pub(super) ground: &'o Ground<'o>,
    pub(super) comparison: &'o Comparison,
    pub(super) visible: &'o [bool],
    pub(super) sort: Sort,
    /// What would come last comes first.
    pub(super) reversed: bool,
    pub(super) measure: Measure,
}

impl Order<'_> {
    /// What a directory holds, in order.
    pub(super) fn children(&self, node: NodeId) -> Vec<NodeId> {
        let shown = self.ground.children.of(node).iter().copied().filter(|child| self.visible[*child as usize]);
        let name = |child: NodeId| self.ground.paths().name(child);
        if self.sort == Sort::Name {
            let mut list: Vec<NodeId> = shown.collect();
            list.sort_unstable_by(|a, b| self.turned(name(*a).cmp(name(*b))));
            return list;
        }
        let key = |child: NodeId| (Reverse(self.sort.key(self.measure, &self.comparison.weight(self.ground, child))), child);
        let mut list: Vec<_> = shown.map(key).collect();
        // What weighs the same is in the order of names, either way.
        list.sort_unstable_by(|a, b| self.turned(a.0.cmp(&b.0)).then_with(|| name(a.1).cmp(name(b.1))));
        list.into_iter().map(|(_, child)| child).collect()
    }

    fn turned(&self, order: Ordering) -> Ordering {
        if self.reversed { order.reverse() } else { order }
    }

    /// The rows below a directory at a depth.
    pub(super) fn rows(&self, node: NodeId, depth: u16, open: &[bool]) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut stack: Vec<Row> = Vec::new();
        let push = |stack: &mut Vec<Row>, node: NodeId, depth: u16| {
            stack.extend(self.children(node).into_iter().rev().map(|node| Row { node, depth }));
        };
        push(&mut stack, node, depth);
        while let Some(row) = stack.pop() {
            rows.push(row);
            if open[row.node as usize] && self.ground.is_directory(row.node) {
                push(&mut stack, row.node, row.depth.saturating_add(1));
            }
        }
        rows
    }

    /// Directories among `rows` that are closed, each with how many rows it would bring.
    pub(super) fn closed(&self, rows: &[Row], open: &[bool]) -> Vec<(NodeId, usize)> {
        let closed = rows.iter().map(|row| row.node).filter(|node| self.ground.is_directory(*node) && !open[*node as usize]);
        let brings = |node: NodeId| {
            let children = self.ground.children.of(node).iter();
            (node, children.filter(|child| self.visible[**child as usize]).count())
        };
        closed.map(brings).filter(|(_, count)| *count > 0).collect()
    }
}
