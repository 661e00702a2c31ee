//! One line that is typed.

use crate::index::Place;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a line is typed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asks {
    Filter,
    Search,
    /// Where what is marked is written to.
    Export,
    /// Where this file is written to.
    Extract(Place),
    /// What is looked for in the file that is shown.
    InFile,
}

impl Asks {
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Filter => "Filter",
            Self::Search | Self::InFile => "Search",
            Self::Export => "Write to",
            Self::Extract(_) => "Write the file to",
        }
    }

    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Filter => "part of a name, or a glob such as **/*.pyc · Enter keeps it, Esc drops it",
            Self::Search | Self::InFile => "Enter, then n and N",
            Self::Export => "NAME.csv or .json: a list · .dockerignore: patterns · DIR/: the files",
            Self::Extract(_) => "Enter writes it, Esc does not",
        }
    }
}

/// A line being typed.
#[derive(Debug, Clone)]
pub(super) struct Prompt {
    pub(super) asks: Asks,
    pub(super) text: String,
    pub(super) error: Option<String>,
}

/// What came of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    Changed,
    Accepted,
    Dropped,
    /// It is no key for typing.
    Nothing,
}

impl Prompt {
    pub(super) fn new(asks: Asks, text: String) -> Self {
        Self { asks, text, error: None }
    }

    pub(super) fn key(&mut self, event: &KeyEvent) -> Typed {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let is_live = matches!(self.asks, Asks::Filter | Asks::Search | Asks::InFile);
        match event.code {
            KeyCode::Esc => Typed::Dropped,
            KeyCode::Char('c' | 'g') if ctrl => Typed::Dropped,
            KeyCode::Char('f') if ctrl && self.asks == Asks::Filter => Typed::Dropped,
            KeyCode::Enter => Typed::Accepted,
            KeyCode::Backspace if self.text.is_empty() && is_live => Typed::Dropped,
            KeyCode::Backspace => {
                self.text.pop();
                Typed::Changed
            }
            KeyCode::Char('u') if ctrl => {
                self.text.clear();
                Typed::Changed
            }
            KeyCode::Char('w') if ctrl => {
                let kept = self.text.trim_end().rfind([' ', '/']).map_or(0, |at| at + 1);
                self.text.truncate(kept);
                Typed::Changed
            }
            KeyCode::Char(key) if !ctrl => {
                self.text.push(key);
                Typed::Changed
            }
            _ => Typed::Nothing,
        }
    }

    /// Text that was pasted: its first line.
    pub(super) fn paste(&mut self, text: &str) {
        self.text.extend(text.lines().next().unwrap_or_default().chars().filter(|sign| !sign.is_control()));
    }
}
