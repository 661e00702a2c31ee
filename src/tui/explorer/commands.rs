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
            Command::Dive => {
                self.found.list = List::Dive;
                self.focus(Pane::Found);
                if !std::mem::replace(&mut self.found.asked, true) {
                    return vec![Request::Score { ticket: self.ticket() }];
                }
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
            Command::Theme => self.next_theme(),
            Command::Measure => self.measure(),
            Command::Close if !self.writing.is_empty() => return self.stop_writing(),
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
            Command::Reverse => {
                tree.reversed ^= true;
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

    pub(super) fn tree(&mut self) -> &mut Tree {
        &mut self.trees[self.active]
    }

    fn ask(&mut self, asks: Asks, text: String) {
        self.focus(Pane::Tree);
        self.prompt = Some(Prompt::new(asks, text));
    }

    fn enter(&mut self) -> Vec<Request> {
        match self.pane {
            Pane::Tree => {
                let Some(node) = self.trees[self.active].node() else { return Vec::new() };
                if self.trees[self.active].placed(&self.ground).is_some_and(|placed| placed.entry.kind == EntryKind::Symlink) {
                    self.follow();
                    return Vec::new();
                }
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
        if tree.unfollow(ground) || tree.finding.take().is_some() {
        } else if tree.filter.is_some() {
            tree.clear_filter(ground);
        } else if self.trees.len() > 1 {
            self.split();
        }
    }
}
