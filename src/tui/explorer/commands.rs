//! What keys do, but for those of a file that is looked at.

use super::super::comparison::Scope;
use super::super::found::List;
use super::super::keys::{Command, Pane};
use super::super::list::Cursor;
use super::super::marks;
use super::super::prompt::{Asks, Prompt};
use super::super::request::Request;
use super::super::rows::Sort;
use super::super::tree::Tree;
use super::Explorer;
use crate::edits::Removal;
use crate::index::Fate;
use crate::layer::EntryKind;

impl Explorer<'_> {
    pub(super) fn carry_out(&mut self, command: Command) -> Vec<Request> {
        let moves = matches!(command, Command::Step(_) | Command::Page(_) | Command::First | Command::Last);
        if !(moves && self.pane == Pane::Layers) {
            self.settle();
        }
        match command {
            Command::Quit => self.done = true,
            Command::Switch => self.switch(),
            Command::NextPane => self.focus(match self.pane {
                Pane::Layers => Pane::Tree,
                Pane::Tree => Pane::Found,
                Pane::Found => Pane::Details,
                Pane::Details => Pane::Layers,
            }),
            Command::Focus(Pane::Found) => {
                self.found.list = List::Findings;
                self.focus(Pane::Found);
            }
            Command::Focus(pane) => self.focus(pane),
            Command::Edits => {
                self.found.list = List::Edits;
                self.focus(Pane::Found);
            }
            Command::Help => self.help = Some(Cursor::default()),
            Command::Step(by) => self.step(by),
            Command::Page(halves) => self.page(halves),
            Command::First => self.step(isize::MIN / 2),
            Command::Last => self.step(isize::MAX / 2),
            Command::Enter => return self.enter(),
            Command::Toggle if self.pane == Pane::Found => self.found.toggle(&self.ground, self.report),
            Command::Stacked => self.scope(true),
            Command::Layer => self.scope(false),
            Command::Scope => self.scope(matches!(self.trees[self.active].scope(), Scope::Layer(_))),
            Command::Split => self.split(),
            Command::Filter => {
                let text = self.tree().filter.as_ref().and_then(|filter| filter.typed.clone()).unwrap_or_default();
                self.ask(Asks::Filter, text);
            }
            Command::Search => {
                self.tree().finding = None;
                self.ask(Asks::Search, String::new());
            }
            Command::Export if self.marks.len() == 0 => {
                self.message = Some((false, "nothing is marked: m marks a row of the tree".to_owned()));
            }
            Command::Export => self.prompt = Some(Prompt::new(Asks::Export, "marked.csv".to_owned())),
            Command::Payer => self.go_to_layer(self.payer()),
            Command::Hider => self.go_to_layer(self.hider()),
            Command::Waste => self.waste(),
            Command::CopyPath => {
                let Some(node) = self.trees[self.active].node() else { return Vec::new() };
                return self.copy("path", self.ground.shown(node));
            }
            Command::CopyText => {
                let text = self.report.layers.get(self.layers.at).and_then(|layer| layer.instruction.clone()).unwrap_or_default();
                return self.copy("instruction", text);
            }
            Command::Extract => self.ask_extract(),
            Command::Attributes => self.attributes = !self.attributes,
            Command::Wrap => self.wraps = !self.wraps,
            Command::Measure => self.measure(),
            Command::Close => self.close(),
            Command::Suspend => return vec![Request::Suspend],
            command => self.tree_command(command),
        }
        Vec::new()
    }

    /// What concerns the tree alone.
    fn tree_command(&mut self, command: Command) {
        let ground = &self.ground;
        let tree = &mut self.trees[self.active];
        match command {
            Command::Toggle => tree.toggle(ground),
            Command::ToggleAll => tree.toggle_all(ground),
            Command::Left => tree.leave(),
            Command::Right => tree.enter(ground),
            Command::Added => {
                tree.shows.added ^= true;
                tree.narrow(ground);
            }
            Command::Removed => {
                tree.shows.removed ^= true;
                tree.narrow(ground);
            }
            Command::Changed => {
                tree.shows.changed ^= true;
                tree.narrow(ground);
            }
            Command::Same => {
                tree.shows.same ^= true;
                tree.narrow(ground);
            }
            Command::SortByName => {
                tree.sort = if tree.sort == Sort::Name { Sort::Size } else { Sort::Name };
                tree.lay(ground);
            }
            Command::Sort => {
                tree.sort = tree.sort.next();
                tree.lay(ground);
            }
            Command::Next => tree.go(ground, true),
            Command::Previous => tree.go(ground, false),
            Command::Mark => {
                if let Some(node) = tree.node() {
                    self.marks.toggle(ground, node, tree.scope());
                    tree.step(1);
                }
            }
            Command::Hide => {
                if let Some(node) = tree.node() {
                    // What comes after it is chosen then.
                    tree.hidden.insert(node);
                    let at = tree.cursor;
                    tree.narrow(ground);
                    tree.cursor = at.min(tree.rows.len().saturating_sub(1));
                }
            }
            Command::Unhide => {
                tree.hidden.clear();
                tree.narrow(ground);
            }
            _ => {}
        }
    }

    fn tree(&mut self) -> &mut Tree {
        &mut self.trees[self.active]
    }

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

    fn switch(&mut self) {
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

    fn scope(&mut self, stacked: bool) {
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
    fn split(&mut self) {
        self.active = 0;
        if self.trees.len() > 1 {
            self.trees.truncate(1);
            return;
        }
        let layer = self.layers.at;
        self.trees[0].set_scope(&self.ground, Scope::Layer(layer));
        let mut second = Tree::new(&self.ground, Scope::Stacked(layer));
        second.measure = self.trees[0].measure;
        second.sort = self.trees[0].sort;
        second.lay(&self.ground);
        self.trees.push(second);
    }

    fn ask(&mut self, asks: Asks, text: String) {
        self.focus(Pane::Tree);
        self.prompt = Some(Prompt::new(asks, text));
    }

    fn enter(&mut self) -> Vec<Request> {
        match self.pane {
            Pane::Tree => {
                let Some(node) = self.trees[self.active].node() else { return Vec::new() };
                if self.ground.is_directory(node) {
                    self.trees[self.active].toggle(&self.ground);
                    return Vec::new();
                }
                self.look_at()
            }
            Pane::Found => {
                self.show_found();
                Vec::new()
            }
            Pane::Layers | Pane::Details => Vec::new(),
        }
    }

    /// Narrows the tree of the whole image to the files of what is chosen.
    fn show_found(&mut self) {
        if let Some((label, entries)) = self.found.entries(&self.ground, self.report) {
            self.show_all(label, entries);
        }
    }

    fn show_all(&mut self, label: String, entries: Removal) {
        let last = self.ground.layers().saturating_sub(1);
        self.trees.truncate(1);
        self.active = 0;
        self.layers.at = last;
        let tree = &mut self.trees[0];
        tree.set_scope(&self.ground, Scope::Stacked(last));
        tree.shows = super::super::rows::Shows::ALL;
        tree.filter_these(&self.ground, label, entries);
        self.focus(Pane::Tree);
    }

    /// Only what is stored and cannot be seen, most of it first.
    fn waste(&mut self) {
        let mut hidden = Removal::nothing(self.ground.index);
        // Directories are listed again by every layer that has something in them.
        for placed in self.ground.index.entries().filter(|placed| placed.fate != Fate::Live && placed.entry.kind != EntryKind::Directory) {
            hidden.insert(placed.layer, placed.number);
        }
        self.trees[0].sort = Sort::Hidden;
        self.show_all("waste: stored, and hidden by a later layer".to_owned(), hidden);
    }

    /// The layer that stores what is chosen.
    fn payer(&self) -> Option<usize> {
        match self.pane {
            Pane::Found => self.found.culprit(self.report),
            Pane::Tree => self.trees[self.active].placed(&self.ground).map(|placed| placed.layer),
            Pane::Layers | Pane::Details => None,
        }
    }

    /// The layer that hides it.
    fn hider(&self) -> Option<usize> {
        let placed = self.trees[self.active].placed(&self.ground)?;
        match placed.fate {
            Fate::Shadowed { by, .. } => Some(by.into()),
            Fate::Live => None,
        }
    }

    fn go_to_layer(&mut self, layer: Option<usize>) {
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

    fn ask_extract(&mut self) {
        if let Some(why) = &self.no_contents {
            self.message = Some((false, why.clone()));
            return;
        }
        let placed = self.trees[self.active].placed(&self.ground);
        match placed.filter(|placed| self.ground.index.data(placed).entry.kind == EntryKind::File) {
            Some(placed) => self.prompt = Some(Prompt::new(Asks::Extract(placed.place()), marks::file_name(&self.ground, &placed))),
            None => self.message = Some((false, "not a file: mark directories with m, and write them with x and DIR/".to_owned())),
        }
    }

    fn measure(&mut self) {
        let measure = self.trees[self.active].measure.next();
        for tree in &mut self.trees {
            tree.measure = measure;
            tree.lay(&self.ground);
        }
    }

    pub(super) fn copy(&mut self, what: &str, text: String) -> Vec<Request> {
        self.message = Some((true, format!("{what} copied, if the terminal allows it")));
        vec![Request::Copy(text)]
    }

    /// Closes what is on top.
    fn close(&mut self) {
        let ground = &self.ground;
        let tree = &mut self.trees[self.active];
        if tree.finding.take().is_some() {
        } else if tree.filter.is_some() {
            tree.clear_filter(ground);
        } else if self.trees.len() > 1 {
            self.split();
        }
    }
}
