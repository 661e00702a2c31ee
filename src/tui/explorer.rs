//! The explorer's state, and what each key does to it.

mod commands;
mod file;
mod jumps;
mod mouse;
mod moves;
mod prompt;

use super::comparison::Scope;
use super::found::FoundPane;
use super::ground::Ground;
use super::keys::{Command, Keys, Pane};
use super::list::Cursor;
use super::marks::Marks;
use super::prompt::Prompt;
use super::request::{Answer, Request};
use super::settings::{Settings, Start, Trees};
use super::theme::{Depth, Look, Theme};
use super::tree::Tree;
use super::viewer::{Content, Viewer};
use crate::Report;
use crate::analysis::Analysis;
use crate::render::style::Style;
use crossterm::event::{Event, KeyEvent, KeyEventKind};
use ratatui::layout::Rect;

/// What happens.
#[derive(Debug)]
pub enum Input {
    /// In the terminal.
    Event(Event),
    /// What came of a request.
    Answer(Answer),
    /// The terminal is gone, or somebody wants this to end.
    End,
}

/// A file, or files, being written.
pub(super) struct Writing {
    ticket: u64,
    /// Bytes of layers that were read for it until now.
    pub(super) read: u64,
}

/// The explorer of one image.
pub struct Explorer<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) report: &'a Report,
    pub(super) style: Style,
    pub(super) look: Look,
    /// Why no contents are to be had, where none are.
    pub(super) no_contents: Option<String>,
    pub(super) keys: Keys,
    /// What it begins with.
    pub(super) start: Start,
    pub(super) pane: Pane,
    /// The pane that was used before the tree.
    pub(super) beside: Pane,
    /// The pane that details are about while they have the keys.
    pub(super) details_of: Pane,
    pub(super) layers: Cursor,
    /// One, or two in a split.
    pub(super) trees: Vec<Tree>,
    pub(super) active: usize,
    pub(super) found: FoundPane,
    pub(super) details: Cursor,
    pub(super) marks: Marks,
    pub(super) attributes: bool,
    pub(super) wraps: bool,
    pub(super) help: Option<Cursor>,
    pub(super) viewer: Option<Viewer>,
    pub(super) prompt: Option<Prompt>,
    /// What was done, or why not.
    pub(super) message: Option<(bool, String)>,
    /// Where panes were drawn, for the mouse.
    pub(super) areas: Vec<(Pane, usize, Rect)>,
    /// What is being written.
    pub(super) writing: Vec<Writing>,
    tickets: u64,
    done: bool,
}

impl<'a> Explorer<'a> {
    /// Begins as somebody likes it, and with their keys. The theme is for who knows what the terminal can show.
    pub fn set_settings(&mut self, settings: &Settings) {
        self.keys = settings.keys.clone();
        self.start = settings.start;
        (self.attributes, self.wraps) = (self.start.attributes, self.start.wraps);
        self.trees[0].begin(&self.ground, &self.start);
        match self.start.trees {
            Trees::Image => {}
            Trees::Layer => self.scope(false),
            Trees::Both => self.split(),
        }
        for tree in &mut self.trees {
            tree.step(isize::MIN / 2);
        }
    }

    /// Takes keys of one's own.
    pub fn set_keys(&mut self, keys: Keys) {
        self.keys = keys;
    }

    /// For what takes a while.
    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// The end of what was begun last; whoever does it says when it has stopped.
    fn stop_writing(&self) -> Vec<Request> {
        self.writing.last().map(|writing| Request::Stop { ticket: writing.ticket }).into_iter().collect()
    }

    /// Shows a theme, as a terminal of this depth can. On one of sixteen colours the terminal's own stay.
    pub fn set_theme(&mut self, theme: Theme, depth: Depth) {
        self.look = Look::new(theme, depth, self.style.color);
        if let Some(why) = self.no_themes().filter(|_| theme != Theme::Terminal) {
            self.message = Some((false, format!("theme {}: {why}", theme.name())));
        }
    }

    /// The next theme.
    fn next_theme(&mut self) {
        if let Some(why) = self.no_themes() {
            self.message = Some((false, why.to_owned()));
            return;
        }
        let theme = self.look.theme.next();
        self.look = Look::new(theme, self.look.depth, self.look.color);
        self.message = Some((true, format!("theme {} ({} of {})", theme.name(), theme.number() + 1, Theme::ALL.len())));
    }

    /// Why no palette can be shown, where none can.
    fn no_themes(&self) -> Option<&'static str> {
        match self.look.depth {
            _ if !self.look.color => Some("no colours are wanted here (NO_COLOR, --color never)"),
            Depth::Sixteen => Some("this terminal has sixteen colours, as TERM and COLORTERM have it; palettes need 256"),
            Depth::Indexed | Depth::True => None,
        }
    }

    /// Begins with the whole image; `no_contents` says why no file can be looked at, where none can.
    pub fn new(analysis: &'a Analysis<'a>, report: &'a Report, style: Style, no_contents: Option<String>) -> Self {
        let ground = Ground::new(analysis);
        let last = ground.layers().saturating_sub(1);
        let start = Start::default();
        let tree = Tree::new(&ground, Scope::Stacked(last), &start);
        Self {
            ground,
            report,
            style,
            look: Look::new(Theme::default(), Depth::default(), style.color),
            no_contents,
            keys: Keys::default(),
            start,
            pane: Pane::Tree,
            beside: Pane::Layers,
            details_of: Pane::Tree,
            layers: Cursor { at: last, ..Cursor::default() },
            trees: vec![tree],
            active: 0,
            found: FoundPane::new(report),
            details: Cursor::default(),
            marks: Marks::default(),
            attributes: false,
            wraps: false,
            help: None,
            viewer: None,
            prompt: None,
            message: None,
            areas: Vec::new(),
            writing: Vec::new(),
            tickets: 0,
            done: false,
        }
    }

    /// Whether it was left.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Goes on with what takes time, for a moment; whether there is more to do, or something to be shown.
    pub fn work(&mut self) -> bool {
        let mut busy = false;
        for tree in &mut self.trees {
            busy |= tree.work(&self.ground);
        }
        busy
    }

    /// Takes what happened; what is to be done outside comes back.
    pub fn handle(&mut self, input: Input) -> Vec<Request> {
        match input {
            Input::Event(Event::Key(key)) if key.kind != KeyEventKind::Release => self.key(&key),
            Input::Event(Event::Mouse(mouse)) => self.mouse(mouse),
            Input::Event(Event::Paste(text)) => {
                if let Some(prompt) = &mut self.prompt {
                    prompt.paste(&text);
                    self.typed();
                }
                Vec::new()
            }
            Input::Event(_) => Vec::new(),
            Input::End => {
                self.done = true;
                Vec::new()
            }
            Input::Answer(answer) => {
                self.answer(answer);
                Vec::new()
            }
        }
    }

    fn key(&mut self, key: &KeyEvent) -> Vec<Request> {
        self.message = None;
        if self.prompt.is_some() {
            return self.prompt_key(key);
        }
        if self.viewer.is_some() {
            return self.viewer_key(key);
        }
        let command = self.keys.command(key, self.pane);
        if self.help.is_some() {
            self.help_command(command);
            return Vec::new();
        }
        let Some(command) = command else { return Vec::new() };
        // A key that was typed ahead is about what is being looked for.
        while !matches!(command, Command::Quit | Command::Close) && self.trees[self.active].work(&self.ground) {}
        self.carry_out(command)
    }

    fn help_command(&mut self, command: Option<Command>) {
        let Some(help) = &mut self.help else { return };
        let page = (help.height.max(2) / 2).cast_signed();
        match command {
            Some(Command::Step(by)) => help.top = help.top.saturating_add_signed(by),
            Some(Command::Page(halves)) => help.top = help.top.saturating_add_signed(halves * page),
            Some(Command::First) => help.top = 0,
            Some(Command::Last) => help.top = usize::MAX / 2,
            Some(Command::Quit | Command::Close | Command::Help) => self.help = None,
            _ => {}
        }
    }

    fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Content { ticket, content } => {
                if let Some(viewer) = self.viewer.as_mut().filter(|viewer| viewer.ticket == ticket) {
                    let name = self.ground.paths().name(self.ground.index.entry_at(viewer.place).node);
                    viewer.content = Some(content.map(|(bytes, cut)| Content::new(name, bytes, cut)));
                }
            }
            Answer::Progress { ticket, bytes } => {
                if let Some(viewer) = self.viewer.as_mut().filter(|viewer| viewer.ticket == ticket) {
                    viewer.read = bytes;
                }
                for writing in self.writing.iter_mut().filter(|writing| writing.ticket == ticket) {
                    writing.read = bytes;
                }
            }
            Answer::Score(score) => self.found.score = Some(score),
            Answer::Done { ticket, done } => {
                self.writing.retain(|writing| writing.ticket != ticket);
                self.message = Some(match done {
                    Ok(text) => (true, text),
                    Err(text) => (false, text),
                });
            }
        }
    }
}
