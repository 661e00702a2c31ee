//! Keys that people bind themselves.

use super::{BINDINGS, Binding, Command, Key, Pane, Where};
use crossterm::event::{KeyCode, KeyEvent};

/// The keys of the table, and before them those of one's own.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    own: Vec<(Key, Command)>,
}

impl Keys {
    /// Binds keys, as `ctrl+x=quit` has it, or several with commas between them. A key keeps what it does in panes that have
    /// no such action.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, in words.
    ///
    /// ```
    /// let mut keys = plimsoll::tui::Keys::default();
    /// keys.bind("ctrl+x=quit,f5=sort").expect("two keys");
    /// assert!(keys.bind("ctrl+x=explode").unwrap_err().contains("no action"));
    /// ```
    pub fn bind(&mut self, text: &str) -> Result<(), String> {
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            // The last sign: `==sort` binds the key `=`.
            let all = || Self::actions().collect::<Vec<_>>().join(", ");
            let (key, action) = one
                .rsplit_once('=')
                .ok_or_else(|| format!("expected KEY=ACTION, found `{}`; the actions are {}", one.escape_debug(), all()))?;
            let key = parse(key).ok_or_else(|| {
                format!("there is no key `{}`; keys are such as x, ctrl+x, f5, enter, space, up, pgdn, home", key.escape_debug())
            })?;
            let command = BINDINGS
                .iter()
                .map(|binding| binding.command)
                .find(|command| command.name() == action)
                .ok_or_else(|| format!("there is no action `{}`; the actions are {}", action.escape_debug(), all()))?;
            self.own.retain(|(other, known)| *other != key || !overlap(*known, command));
            self.own.push((key, command));
        }
        Ok(())
    }

    /// The names of all actions.
    pub fn actions() -> impl Iterator<Item = &'static str> {
        let mut names: Vec<_> = BINDINGS.iter().map(|binding| binding.command.name()).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter()
    }

    /// What a key means in a pane: the pane's own meaning before that which holds everywhere.
    pub(in super::super) fn command(&self, event: &KeyEvent, pane: Pane) -> Option<Command> {
        let own = self.own.iter().filter(|(key, _)| key.is(event)).map(|(_, command)| *command);
        let fits = |at: Where| BINDINGS.iter().filter(move |binding| binding.at == at);
        let places = [Where::In(pane), Where::Everywhere];
        let bound = own.clone().find(|command| places.iter().any(|at| fits(*at).any(|binding| binding.command == *command)));
        let known = |at: &Where| fits(*at).find(|binding| binding.keys.iter().any(|key| key.is(event)));
        bound.or_else(|| places.iter().find_map(known).map(|binding| binding.command))
    }

    /// The key of an action that holds everywhere, as people read it.
    pub(in super::super) fn name(&self, command: Command) -> String {
        let binding = BINDINGS.iter().find(|binding| binding.command == command);
        binding.and_then(|binding| Some(self.of(binding).first()?.name())).unwrap_or_default()
    }

    /// The keys that lead to a row of the table: one's own first, without those that do something else now.
    pub(in super::super) fn of(&self, binding: &Binding) -> Vec<Key> {
        let own = self.own.iter().filter(|(_, command)| *command == binding.command).map(|(key, _)| *key);
        let taken = |key: &Key| self.own.iter().any(|(other, command)| other == key && holds(*command, binding.at));
        own.chain(binding.keys.iter().copied().filter(|key| !taken(key))).collect()
    }
}

/// Whether an action is there in a place.
fn holds(command: Command, at: Where) -> bool {
    BINDINGS.iter().any(|binding| binding.command == command && (binding.at == at || binding.at == Where::Everywhere))
}

/// Whether there is a place for both of two actions.
fn overlap(one: Command, other: Command) -> bool {
    BINDINGS.iter().any(|binding| binding.command == one && holds(other, binding.at))
        || BINDINGS.iter().any(|binding| binding.command == other && holds(one, binding.at))
}

fn parse(text: &str) -> Option<Key> {
    let mut letters = text.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return (!letter.is_control()).then_some(Key::Plain(letter));
    }
    let text = text.to_ascii_lowercase();
    if let Some(key) = text.strip_prefix("ctrl+").or_else(|| text.strip_prefix("ctrl-")) {
        return match parse(key)? {
            Key::Plain(letter) => Some(Key::Ctrl(letter)),
            _ => None,
        };
    }
    let function = || text.strip_prefix('f')?.parse().ok().filter(|number| (1..=12).contains(number)).map(KeyCode::F);
    let code = match text.as_str() {
        "space" => return Some(Key::Plain(' ')),
        "enter" => KeyCode::Enter,
        "tab" => KeyCode::Tab,
        "shift+tab" => KeyCode::BackTab,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "insert" => KeyCode::Insert,
        "delete" => KeyCode::Delete,
        "backspace" => KeyCode::Backspace,
        _ => function()?,
    };
    Some(Key::Code(code))
}

impl Command {
    /// As it is bound.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::Switch => "switch",
            Self::NextPane => "next-pane",
            Self::Focus(Pane::Layers) => "layers",
            Self::Focus(Pane::Tree) => "tree",
            Self::Focus(Pane::Found) => "findings",
            Self::Focus(Pane::Details) => "details",
            Self::Help => "help",
            Self::Step(rows) if rows < 0 => "up",
            Self::Step(_) => "down",
            Self::Page(pages) if pages < 0 => "page-up",
            Self::Page(_) => "page-down",
            Self::First => "first",
            Self::Last => "last",
            Self::Left => "left",
            Self::Right => "right",
            Self::Toggle => "toggle",
            Self::ToggleAll => "toggle-all",
            Self::Enter => "enter",
            Self::Stacked => "whole-image",
            Self::Layer => "layer-alone",
            Self::Scope => "scope",
            Self::Split => "split",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Same => "unchanged",
            Self::Attributes => "attributes",
            Self::Extract => "extract",
            Self::Wrap => "wrap",
            Self::SortByName => "sort-by-name",
            Self::Sort => "sort",
            Self::Reverse => "reverse",
            Self::Measure => "measure",
            Self::Filter => "filter",
            Self::Search => "search",
            Self::Next => "next",
            Self::Previous => "previous",
            Self::Payer => "instruction",
            Self::Hider => "hider",
            Self::Mark => "mark",
            Self::Export => "export",
            Self::Edits => "edits",
            Self::Waste => "waste",
            Self::Hide => "hide",
            Self::Unhide => "unhide",
            Self::CopyPath => "copy-path",
            Self::CopyText => "copy-instruction",
            Self::Dive => "dive",
            Self::Theme => "theme",
            Self::Close => "close",
            Self::Suspend => "suspend",
        }
    }
}
