//! Two states of the image compared: how every path differs, and what it weighs.

use super::ground::{Ground, NO_DIRECTORY};
use crate::edits::Removal;
use crate::index::{Change, Fate, Placed, is_there};
use crate::layer::{EntryKind, Measures};
use crate::paths::{NodeId, ROOT};

/// What the tree shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What one layer changed.
    Layer(usize),
    /// The image up to and with one layer; marks are against the base.
    Stacked(usize),
}

impl Scope {
    /// Its layer, the last one.
    pub fn layer(self) -> usize {
        match self {
            Self::Layer(layer) | Self::Stacked(layer) => layer,
        }
    }

    /// The same of another layer.
    #[must_use]
    pub fn of(self, layer: usize) -> Self {
        match self {
            Self::Layer(_) => Self::Layer(layer),
            Self::Stacked(_) => Self::Stacked(layer),
        }
    }

    /// How many layers make the state that is compared with.
    fn before(self, base: usize) -> usize {
        match self {
            Self::Layer(layer) => layer,
            Self::Stacked(layer) if layer < base => 0,
            Self::Stacked(_) => base,
        }
    }

    /// How many layers make the state that is shown.
    pub(super) fn after(self) -> usize {
        self.layer() + 1
    }
}

/// What a row of the tree weighs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Of a layer: what it stores. Stacked: what can be seen.
    pub size: Measures,
    /// Of a layer: the part of it that this or a later layer hides. Stacked: what is stored and cannot be seen.
    pub hidden: Measures,
    /// Of a layer: what it hides of lower layers. Stacked: nothing.
    pub hides: Measures,
}

impl Weight {
    fn add(&mut self, other: &Self) {
        self.size += other.size;
        self.hidden += other.hidden;
        self.hides += other.hides;
    }

    /// What one entry adds, with the fate of its bytes.
    fn count(&mut self, scope: Scope, placed: &Placed<'_>) {
        let measures = placed.entry.measures();
        match (scope, placed.fate) {
            (Scope::Layer(layer), fate) if placed.layer == layer => {
                self.size += measures;
                if fate != Fate::Live {
                    self.hidden += measures;
                }
            }
            (Scope::Layer(layer), Fate::Shadowed { by, .. }) if usize::from(by) == layer && placed.layer < layer => self.hides += measures,
            (Scope::Layer(_), _) => {}
            (Scope::Stacked(layer), _) if placed.layer > layer => {}
            (Scope::Stacked(_), fate) => {
                *if is_there(fate, scope.after()) { &mut self.size } else { &mut self.hidden } += measures;
            }
        }
    }
}

/// How a path differs; what is in neither state has no row.
const ABSENT: u8 = 0;

fn code(change: Change) -> u8 {
    change as u8 + 1
}

fn change(code: u8) -> Option<Change> {
    const ALL: [Change; 5] = [Change::Same, Change::Added, Change::Changed, Change::Metadata, Change::Removed];
    ALL.get(usize::from(code).checked_sub(1)?).copied()
}

/// Which entries are counted.
#[derive(Debug, Clone, Default)]
pub(super) enum Only {
    /// All of them.
    #[default]
    All,
    /// Those at these paths.
    Paths(Vec<bool>),
    /// These.
    Entries(Removal),
}

impl Only {
    fn has(&self, placed: &Placed<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Paths(paths) => paths[placed.node as usize],
            Self::Entries(entries) => entries.has(placed.layer, placed.number),
        }
    }
}

/// Two states compared.
pub(super) struct Comparison {
    pub(super) scope: Scope,
    only: Only,
    changes: Vec<u8>,
    weights: Vec<Weight>,
}

impl Comparison {
    /// Compares; what is weighed is narrowed to `only` some entries, which paths differ is not.
    pub(super) fn new(ground: &Ground<'_>, scope: Scope, only: Only) -> Self {
        let mut made =
            Self { scope, only, changes: vec![ABSENT; ground.number.len()], weights: vec![Weight::default(); ground.directories.len()] };
        made.entries(ground);
        made.markers(ground);
        made.add_up(ground);
        made.judge(ground);
        made
    }

    /// What all of it weighs.
    pub(super) fn total(&self) -> Weight {
        self.weights[0]
    }

    /// How a path differs; `None` where it is in neither state.
    pub(super) fn change(&self, node: NodeId) -> Option<Change> {
        change(self.changes[node as usize])
    }

    /// What a path weighs, a directory with all below it.
    pub(super) fn weight(&self, ground: &Ground<'_>, node: NodeId) -> Weight {
        let number = ground.number[node as usize];
        let mut weight = if number == NO_DIRECTORY { Weight::default() } else { self.weights[number as usize] };
        for place in ground.versions.of(node) {
            let placed = ground.index.entry_at(*place);
            let own = number == NO_DIRECTORY || placed.entry.kind != EntryKind::Directory;
            if own && self.only.has(&placed) {
                weight.count(self.scope, &placed);
            }
        }
        weight
    }

    /// The entry that a row stands for: what is shown there, or else what was last there.
    pub(super) fn entry<'i>(&self, ground: &Ground<'i>, node: NodeId) -> Option<Placed<'i>> {
        let after = ground.versions.after(ground.index, node, self.scope.after());
        let gone = || {
            let stored = ground.versions.of(node).iter().rev().find(|place| place.layer as usize <= self.scope.layer());
            stored.map(|place| ground.index.entry_at(*place))
        };
        after.or_else(gone)
    }

    /// Weighs other entries of the same.
    pub(super) fn weigh(&mut self, ground: &Ground<'_>, only: Only) {
        self.weights = vec![Weight::default(); ground.directories.len()];
        self.only = only;
        match &self.only {
            Only::All => *self = Self::new(ground, self.scope, Only::All),
            Only::Paths(paths) => {
                let nodes = (0..).zip(paths).filter(|(_, wanted)| **wanted);
                let places = nodes.flat_map(|(node, _)| ground.versions.of(node));
                places.for_each(|place| count(&mut self.weights, ground, self.scope, &ground.index.entry_at(*place)));
            }
            Only::Entries(entries) => {
                entries.places().for_each(|place| count(&mut self.weights, ground, self.scope, &ground.index.entry_at(place)));
            }
        }
        if !matches!(self.only, Only::All) {
            self.add_up(ground);
        }
    }

    /// Every path by its own entries.
    fn entries(&mut self, ground: &Ground<'_>) {
        let (before, after) = (self.scope.before(ground.base), self.scope.after());
        for node in 0..ground.number.len() as NodeId {
            let places = ground.versions.of(node);
            if places.first().is_none_or(|place| place.layer as usize >= after) {
                continue;
            }
            let (mut old, mut new, mut stored) = (None, None, false);
            for place in places.iter().take_while(|place| (place.layer as usize) < after) {
                let placed = ground.index.entry_at(*place);
                stored |= !matches!(self.scope, Scope::Layer(layer) if placed.layer != layer);
                // As `Versions::after` has it, both in one go: a million times that counts.
                if placed.layer < before && is_there(placed.path_fate, before) {
                    old = Some(placed);
                }
                if is_there(placed.path_fate, after) {
                    new = Some(placed);
                }
                if self.only.has(&placed) {
                    count(&mut self.weights, ground, self.scope, &placed);
                }
            }
            self.changes[node as usize] = match ground.index.change(old.as_ref(), new.as_ref()) {
                Some(change) => code(change),
                // It was stored, and nobody will see it.
                None if stored => code(Change::Removed),
                None => ABSENT,
            };
        }
    }

    /// Markers are no files, but take space in their layer.
    fn markers(&mut self, ground: &Ground<'_>) {
        for placed in ground.markers.iter().map(|place| ground.index.entry_at(*place)).filter(|placed| self.only.has(placed)) {
            count(&mut self.weights, ground, self.scope, &placed);
        }
    }

    /// A directory weighs what is below it.
    fn add_up(&mut self, ground: &Ground<'_>) {
        for (number, node) in ground.directories.iter().enumerate().skip(1).rev() {
            let weight = self.weights[number];
            self.weights[ground.number[ground.paths().parent(*node) as usize] as usize].add(&weight);
        }
    }

    /// A directory differs as what is below it does.
    fn judge(&mut self, ground: &Ground<'_>) {
        let mut below = vec![Below::default(); ground.directories.len()];
        for node in (1..ground.number.len() as NodeId).rev() {
            let own = ground.number[node as usize];
            let holder = ground.number[ground.paths().parent(node) as usize] as usize;
            if own != NO_DIRECTORY {
                let own = own as usize;
                self.changes[node as usize] = below[own].judge(self.changes[node as usize]);
            }
            below[holder].add(self.changes[node as usize]);
        }
        let of_root = below[0].judge(self.changes[ROOT as usize]);
        self.changes[ROOT as usize] = of_root;
    }
}

/// Counts an entry for the directory that it is in.
fn count(weights: &mut [Weight], ground: &Ground<'_>, scope: Scope, placed: &Placed<'_>) {
    weights[ground.holder(placed)].count(scope, placed);
}

/// What there is in a directory.
#[derive(Clone, Copy, Default)]
struct Below {
    old: bool,
    new: bool,
    /// Something differs in more than owner, mode or time.
    changed: bool,
    again: bool,
}

impl Below {
    fn add(&mut self, code: u8) {
        let Some(change) = change(code) else { return };
        self.changed |= !matches!(change, Change::Same | Change::Metadata);
        self.again |= change == Change::Metadata;
        self.old |= change != Change::Added;
        self.new |= change != Change::Removed;
    }

    /// How a directory differs whose own entry, if any, differs so.
    fn judge(self, own: u8) -> u8 {
        match change(own) {
            // Implied by what is in it.
            None if !self.old && !self.new => ABSENT,
            None if !self.old => code(Change::Added),
            None if !self.new => code(Change::Removed),
            None | Some(Change::Same | Change::Metadata) if self.changed => code(Change::Changed),
            None | Some(Change::Same) if self.again => code(Change::Metadata),
            None => code(Change::Same),
            Some(_) => own,
        }
    }
}
