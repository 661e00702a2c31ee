//! From what is chosen to what belongs to it: its files, the layer that stores it, the one that hides it.

use super::super::comparison::Scope;
use super::super::keys::Pane;
use super::super::rows::{Shows, Sort};
use super::Explorer;
use crate::edits::Removal;
use crate::index::Fate;
use crate::layer::EntryKind;

impl Explorer<'_> {
    /// Narrows the tree of the whole image to the files of what is chosen.
    pub(super) fn show_found(&mut self) {
        if let Some((label, entries)) = self.found.entries(&self.ground, self.report) {
            self.show_all(label, entries);
        }
    }

    pub(super) fn show_all(&mut self, label: String, entries: Removal) {
        let last = self.ground.layers().saturating_sub(1);
        self.trees.truncate(1);
        self.active = 0;
        self.layers.at = last;
        let tree = &mut self.trees[0];
        tree.set_scope(&self.ground, Scope::Stacked(last));
        tree.shows = Shows::ALL;
        tree.filter_these(&self.ground, label, entries);
        self.focus(Pane::Tree);
    }

    /// Only what is stored and cannot be seen, most of it first.
    pub(super) fn waste(&mut self) {
        let mut hidden = Removal::nothing(self.ground.index);
        // Directories are listed again by every layer that has something in them.
        for placed in self.ground.index.entries().filter(|placed| placed.fate != Fate::Live && placed.entry.kind != EntryKind::Directory) {
            hidden.insert(placed.layer, placed.number);
        }
        self.trees[0].sort = Sort::Hidden;
        self.trees[0].reversed = false;
        self.show_all("waste: stored, and hidden by a later layer".to_owned(), hidden);
    }

    /// From a link to its target.
    pub(super) fn follow(&mut self) {
        let led = self.trees[self.active].follow(&self.ground);
        self.message = Some(match led {
            Ok(text) => (true, text),
            Err(why) => (false, format!("the link leads nowhere: {why}")),
        });
    }

    /// The layer that stores what is chosen.
    pub(super) fn payer(&self) -> Option<usize> {
        match self.pane {
            Pane::Found => self.found.culprit(&self.ground, self.report),
            Pane::Tree => self.trees[self.active].placed(&self.ground).map(|placed| placed.layer),
            Pane::Layers | Pane::Details => None,
        }
    }

    /// The layer that hides it.
    pub(super) fn hider(&self) -> Option<usize> {
        let placed = self.trees[self.active].placed(&self.ground)?;
        match placed.fate {
            Fate::Shadowed { by, .. } => Some(by.into()),
            Fate::Live => None,
        }
    }

    pub(super) fn go_to_layer(&mut self, layer: Option<usize>) {
        let Some(layer) = layer else {
            self.message = Some((false, "no layer: nothing hides it, or it has no entry of its own".to_owned()));
            return;
        };
        let node = self.trees[self.active].node().filter(|_| self.pane == Pane::Tree);
        self.choose_layer(layer);
        self.settle();
        if let Some(node) = node {
            let tree = &mut self.trees[self.active];
            if tree.comparison.change(node).is_some() {
                tree.reveal(&self.ground, node);
            }
        }
        self.focus(Pane::Layers);
    }
}
