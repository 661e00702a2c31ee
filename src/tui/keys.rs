//! Which key does what, in which pane: one table, for what keys do, for the footer and for the help.

mod own;

pub use own::Keys;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A part of the screen that keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// The layers.
    Layers,
    /// The tree, or both.
    Tree,
    /// Findings and edits.
    Found,
    /// All about what is chosen.
    Details,
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// End.
    Quit,
    /// Between the tree and the pane that was used before it.
    Switch,
    /// To the next pane.
    NextPane,
    /// To a pane.
    Focus(Pane),
    /// All keys.
    Help,
    /// Up or down by rows.
    Step(isize),
    /// Up or down by pages; half pages count one.
    Page(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// To the directory that holds the row.
    Left,
    /// Into the directory.
    Right,
    /// Open or close the directory; make or unmake the edit.
    Toggle,
    /// Open or close all directories.
    ToggleAll,
    /// Look at the file; show a finding's files.
    Enter,
    /// The image up to the layer.
    Stacked,
    /// What the layer changed.
    Layer,
    /// One, or the other.
    Scope,
    /// Both, one above the other.
    Split,
    /// Show or hide what was added.
    Added,
    /// Show or hide what was removed.
    Removed,
    /// Show or hide what changed.
    Changed,
    /// Show or hide what is as it was.
    Same,
    /// Show or hide mode and owner.
    Attributes,
    /// Write the file to disk.
    Extract,
    /// Break long lines, or cut them.
    Wrap,
    /// By name, or by size.
    SortByName,
    /// The next order.
    Sort,
    /// The other end of the order first.
    Reverse,
    /// The next measure.
    Measure,
    /// Narrow the tree.
    Filter,
    /// Look for a name.
    Search,
    /// The next that was found.
    Next,
    /// The one before.
    Previous,
    /// To the layer that stores it.
    Payer,
    /// To the layer that hides it.
    Hider,
    /// Mark, or take the mark away.
    Mark,
    /// Write what is marked.
    Export,
    /// The edits.
    Edits,
    /// What is stored and cannot be seen.
    Waste,
    /// Leave the row out.
    Hide,
    /// Show again what was left out.
    Unhide,
    /// Copy the path.
    CopyPath,
    /// Copy the instruction.
    CopyText,
    /// What dive says.
    Dive,
    /// The next theme.
    Theme,
    /// Close what is open: filter, search, help.
    Close,
    /// Stop, until the shell continues it.
    Suspend,
}

/// Where keys of a table row hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    Everywhere,
    In(Pane),
}

pub(super) struct Binding {
    pub(super) keys: &'static [Key],
    pub(super) at: Where,
    pub(super) command: Command,
    pub(super) help: &'static str,
    /// A word for the footer, where the key is worth one.
    pub(super) short: Option<&'static str>,
}

/// A key, alone or with Ctrl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Plain(char),
    Ctrl(char),
    Code(KeyCode),
}

impl Key {
    pub(super) fn is(self, event: &KeyEvent) -> bool {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        match (self, event.code) {
            (Self::Plain(own), KeyCode::Char(key)) => !ctrl && own == key,
            (Self::Ctrl(own), KeyCode::Char(key)) => ctrl && own == key.to_ascii_lowercase(),
            (Self::Code(own), key) => own == key,
            _ => false,
        }
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Plain(' ') => "Space".to_owned(),
            Self::Plain(key) => key.to_string(),
            Self::Ctrl(' ') => "Ctrl+Space".to_owned(),
            Self::Ctrl(key) => format!("Ctrl+{}", key.to_ascii_uppercase()),
            Self::Code(KeyCode::Up) => "↑".to_owned(),
            Self::Code(KeyCode::Down) => "↓".to_owned(),
            Self::Code(KeyCode::Left) => "←".to_owned(),
            Self::Code(KeyCode::Right) => "→".to_owned(),
            Self::Code(KeyCode::PageUp) => "PgUp".to_owned(),
            Self::Code(KeyCode::PageDown) => "PgDn".to_owned(),
            Self::Code(KeyCode::BackTab) => "Shift+Tab".to_owned(),
            Self::Code(KeyCode::F(number)) => format!("F{number}"),
            Self::Code(key) => format!("{key:?}"),
        }
    }
}

const fn bind(keys: &'static [Key], at: Where, command: Command, short: Option<&'static str>, help: &'static str) -> Binding {
    Binding { keys, at, command, help, short }
}

use Key::{Code, Ctrl, Plain};
use Where::{Everywhere, In};

/// All keys. Those that dive has do what they do there.
pub(super) const BINDINGS: &[Binding] = &[
    bind(&[Code(KeyCode::Up), Plain('k')], Everywhere, Command::Step(-1), None, "up"),
    bind(&[Code(KeyCode::Down), Plain('j')], Everywhere, Command::Step(1), None, "down"),
    bind(&[Code(KeyCode::PageUp)], Everywhere, Command::Page(-2), None, "a page up"),
    bind(&[Code(KeyCode::PageDown), Ctrl('d')], Everywhere, Command::Page(2), None, "a page down"),
    bind(&[Code(KeyCode::Home), Plain('g')], Everywhere, Command::First, None, "first row"),
    bind(&[Code(KeyCode::End), Plain('G')], Everywhere, Command::Last, None, "last row"),
    bind(&[Code(KeyCode::Tab)], Everywhere, Command::Switch, Some("switch"), "between the tree and the pane before it"),
    bind(&[Code(KeyCode::BackTab)], Everywhere, Command::NextPane, None, "next pane"),
    bind(&[Plain('1')], Everywhere, Command::Focus(Pane::Layers), None, "layers"),
    bind(&[Plain('2')], Everywhere, Command::Focus(Pane::Tree), None, "tree"),
    bind(&[Plain('3')], Everywhere, Command::Focus(Pane::Found), None, "findings: what is waste"),
    bind(&[Plain('e')], Everywhere, Command::Edits, Some("edits"), "edits: what to change, and what is left then"),
    bind(&[Plain('D')], Everywhere, Command::Dive, Some("dive's score"), "dive's numbers: its score, and what it counts as wasted"),
    bind(&[Plain('4')], Everywhere, Command::Focus(Pane::Details), None, "details of what is chosen"),
    bind(&[Ctrl('a')], In(Pane::Layers), Command::Stacked, Some("whole image"), "the image up to and with the layer"),
    bind(&[Ctrl('l')], In(Pane::Layers), Command::Layer, Some("layer alone"), "what the layer changed"),
    bind(&[Code(KeyCode::Enter), Code(KeyCode::Right), Plain('l')], In(Pane::Layers), Command::Switch, None, "to the tree"),
    bind(&[Plain('Y')], In(Pane::Layers), Command::CopyText, None, "copy the instruction"),
    bind(&[Plain(' ')], In(Pane::Tree), Command::Toggle, None, "open or close the directory"),
    bind(&[Ctrl(' ')], In(Pane::Tree), Command::ToggleAll, None, "open or close all directories"),
    bind(&[Code(KeyCode::Right), Plain('l')], In(Pane::Tree), Command::Right, None, "into the directory"),
    bind(&[Code(KeyCode::Left), Plain('h')], In(Pane::Tree), Command::Left, None, "to the directory that holds it"),
    bind(
        &[Code(KeyCode::Enter)],
        In(Pane::Tree),
        Command::Enter,
        Some("look"),
        "look at the file, hidden or not; open the directory; follow the link",
    ),
    bind(&[Ctrl('e')], In(Pane::Tree), Command::Extract, None, "write the file to disk"),
    bind(&[Plain('i')], In(Pane::Tree), Command::Payer, Some("instruction"), "to the instruction that stores it"),
    bind(&[Plain('I')], In(Pane::Tree), Command::Hider, None, "to the instruction that hides it"),
    bind(&[Ctrl('a')], In(Pane::Tree), Command::Added, None, "show or hide what was added  +"),
    bind(&[Ctrl('r')], In(Pane::Tree), Command::Removed, None, "show or hide what was removed  -"),
    bind(
        &[Ctrl('m'), Plain('M')],
        In(Pane::Tree),
        Command::Changed,
        None,
        "show or hide what changed  ~ =  (most terminals send Ctrl+M as Enter)",
    ),
    bind(&[Ctrl('u')], In(Pane::Tree), Command::Same, Some("unchanged"), "show or hide what is unchanged"),
    bind(&[Ctrl('b')], In(Pane::Tree), Command::Attributes, None, "show or hide mode and owner"),
    bind(&[Ctrl('p')], In(Pane::Tree), Command::Wrap, None, "break long names, or cut them"),
    bind(&[Ctrl('o')], In(Pane::Tree), Command::SortByName, None, "order: by name or by size"),
    bind(&[Plain('s')], In(Pane::Tree), Command::Sort, Some("sort"), "order: size, hidden, name, pull"),
    bind(&[Plain('r')], In(Pane::Tree), Command::Reverse, None, "order: the smallest first, or the largest again"),
    bind(&[Plain('m'), Plain('v')], In(Pane::Tree), Command::Mark, Some("mark"), "mark, or take the mark away"),
    bind(&[Plain('H')], In(Pane::Tree), Command::Hide, None, "leave the row out"),
    bind(&[Plain('U')], In(Pane::Tree), Command::Unhide, None, "show again what was left out"),
    bind(&[Plain('y')], In(Pane::Tree), Command::CopyPath, None, "copy the path"),
    bind(
        &[Code(KeyCode::Enter), Code(KeyCode::Right), Plain('l')],
        In(Pane::Found),
        Command::Enter,
        Some("its files"),
        "show its files in the tree",
    ),
    bind(&[Plain(' ')], In(Pane::Found), Command::Toggle, Some("apply"), "apply the edit: see what is left"),
    bind(&[Plain('i')], In(Pane::Found), Command::Payer, Some("instruction"), "to the instruction that is to blame"),
    bind(&[Plain('S')], Everywhere, Command::Scope, Some("layer/image"), "tree of the layer alone, or of the image up to it"),
    bind(&[Plain('A')], Everywhere, Command::Split, None, "both trees, one above the other"),
    bind(
        &[Plain('f'), Ctrl('f'), Ctrl('/')],
        Everywhere,
        Command::Filter,
        Some("filter"),
        "filter: a part of a name, or a glob such as **/*.pyc",
    ),
    // What terminals send for Ctrl+/.
    bind(&[Ctrl('7')], Everywhere, Command::Filter, None, ""),
    bind(&[Plain('/')], Everywhere, Command::Search, Some("search"), "search for a name"),
    bind(&[Plain('n')], Everywhere, Command::Next, None, "next that was found"),
    bind(&[Plain('N')], Everywhere, Command::Previous, None, "the one before"),
    bind(&[Plain('w')], Everywhere, Command::Waste, Some("waste"), "only what is stored and cannot be seen"),
    bind(&[Plain('d')], Everywhere, Command::Measure, Some("measure"), "measure: disk, pull, tar"),
    bind(&[Plain('x')], Everywhere, Command::Export, Some("export"), "write what is marked: a list, .dockerignore lines, or the files"),
    bind(
        &[Code(KeyCode::Esc)],
        Everywhere,
        Command::Close,
        None,
        "stop what is read or written; back to the link; close filter, search, second tree",
    ),
    bind(&[Plain('t')], Everywhere, Command::Theme, None, "next theme: other colours"),
    bind(&[Plain('?'), Code(KeyCode::F(1))], Everywhere, Command::Help, Some("help"), "all keys"),
    bind(&[Ctrl('z')], Everywhere, Command::Suspend, None, "back to the shell until `fg`"),
    bind(&[Plain('q'), Ctrl('c')], Everywhere, Command::Quit, Some("quit"), "quit"),
];
