//! Between panes, rows and layers; what the trees show of the chosen layer.

use super::super::comparison::Scope;
use super::super::keys::Pane;
use super::super::tree::Tree;
use super::Explorer;

impl Explorer<'_> {
    pub(super) fn focus(&mut self, pane: Pane) {
        self.pane = pane;
        if pane != Pane::Tree {
            self.beside = pane;
        }
        if pane != Pane::Details {
            self.details_of = pane;
        }
        self.details.top = 0;
    }

    pub(super) fn switch(&mut self) {
        match self.pane {
            Pane::Tree if self.active + 1 < self.trees.len() => self.active += 1,
            Pane::Tree => {
                self.active = 0;
                self.focus(self.beside);
            }
            _ => self.focus(Pane::Tree),
        }
    }

    pub(super) fn step(&mut self, by: isize) {
        match self.pane {
            Pane::Layers => self.choose_layer(self.layers.at.saturating_add_signed(by)),
            Pane::Tree => self.tree().step(by),
            Pane::Found => {
                let count = self.found.count(self.report);
                self.found.cursor().step(by, count);
            }
            Pane::Details => self.details.top = self.details.top.saturating_add_signed(by),
        }
        if self.pane != Pane::Details {
            self.details.top = 0;
        }
    }

    /// By half pages.
    pub(super) fn page(&mut self, halves: isize) {
        let height = match self.pane {
            Pane::Layers => self.layers.height,
            Pane::Tree => self.tree().height,
            Pane::Found => self.found.cursor().height,
            Pane::Details => self.details.height,
        };
        self.step(halves * (height.max(2) / 2).cast_signed());
    }

    /// Chooses a layer; the trees follow before the next screen.
    pub(super) fn choose_layer(&mut self, layer: usize) {
        self.layers.at = layer.min(self.ground.layers().saturating_sub(1));
    }

    /// Lets the trees show the layer that is chosen: before a screen is drawn, and before a key that is about the tree. Not
    /// for every layer that is passed on the way: each takes a while in a large image.
    pub(in super::super) fn settle(&mut self) {
        for tree in &mut self.trees {
            let scope = tree.scope().of(self.layers.at);
            tree.set_scope(&self.ground, scope);
        }
    }

    pub(super) fn scope(&mut self, stacked: bool) {
        let layer = self.layers.at;
        let scope = if stacked { Scope::Stacked(layer) } else { Scope::Layer(layer) };
        let ground = &self.ground;
        self.trees[self.active].set_scope(ground, scope);
        if self.trees.len() > 1 {
            self.trees.truncate(1);
            self.active = 0;
            self.trees[0].set_scope(ground, scope);
        }
    }

    /// The layer alone above the image up to it, or one of both again.
    pub(super) fn split(&mut self) {
        self.active = 0;
        if self.trees.len() > 1 {
            self.trees.truncate(1);
            return;
        }
        let layer = self.layers.at;
        self.trees[0].set_scope(&self.ground, Scope::Layer(layer));
        let mut second = Tree::new(&self.ground, Scope::Stacked(layer), &self.start);
        second.measure = self.trees[0].measure;
        second.sort = self.trees[0].sort;
        second.reversed = self.trees[0].reversed;
        second.lay(&self.ground);
        self.trees.push(second);
    }
}
