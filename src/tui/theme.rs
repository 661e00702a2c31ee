//! What things look like: a theme gives each role of a piece of text its colour, and drawing code names roles alone.
//!
//! Signs and words say whatever colours say. [`Theme::Terminal`] leaves colours to the terminal, so that they fit its
//! background; each other theme is a palette that people know from their editors, with a background of its own.

mod nearest;
mod palettes;

use nearest::nearest;
use ratatui::style::{Color, Modifier, Style};

/// A palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// The terminal's own colours, on its own background.
    #[default]
    Terminal,
    /// Catppuccin, its darkest flavour.
    CatppuccinMocha,
    /// Cyberdream.
    Cyberdream,
    /// Dracula.
    Dracula,
    /// Gruvbox on dark.
    GruvboxDark,
    /// Kanagawa, its wave.
    Kanagawa,
    /// Nord.
    Nord,
    /// One Dark.
    OneDark,
    /// Oxocarbon.
    Oxocarbon,
    /// Rosé Pine.
    RosePine,
    /// Solarized on dark.
    SolarizedDark,
    /// Tokyo Night.
    TokyoNight,
    /// Catppuccin on light.
    CatppuccinLatte,
    /// GitHub on light.
    GithubLight,
    /// Gruvbox on light.
    GruvboxLight,
    /// Rosé Pine on light.
    RosePineDawn,
    /// Solarized on light.
    SolarizedLight,
}

impl Theme {
    /// All of them: the terminal's, dark ones, light ones.
    pub const ALL: [Self; 17] = [
        Self::Terminal,
        Self::CatppuccinMocha,
        Self::Cyberdream,
        Self::Dracula,
        Self::GruvboxDark,
        Self::Kanagawa,
        Self::Nord,
        Self::OneDark,
        Self::Oxocarbon,
        Self::RosePine,
        Self::SolarizedDark,
        Self::TokyoNight,
        Self::CatppuccinLatte,
        Self::GithubLight,
        Self::GruvboxLight,
        Self::RosePineDawn,
        Self::SolarizedLight,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::CatppuccinMocha => "catppuccin-mocha",
            Self::Cyberdream => "cyberdream",
            Self::Dracula => "dracula",
            Self::GruvboxDark => "gruvbox-dark",
            Self::Kanagawa => "kanagawa",
            Self::Nord => "nord",
            Self::OneDark => "one-dark",
            Self::Oxocarbon => "oxocarbon",
            Self::RosePine => "rose-pine",
            Self::SolarizedDark => "solarized-dark",
            Self::TokyoNight => "tokyo-night",
            Self::CatppuccinLatte => "catppuccin-latte",
            Self::GithubLight => "github-light",
            Self::GruvboxLight => "gruvbox-light",
            Self::RosePineDawn => "rose-pine-dawn",
            Self::SolarizedLight => "solarized-light",
        }
    }

    /// The theme of that name.
    ///
    /// ```
    /// use plimsoll::tui::Theme;
    /// assert_eq!(Theme::named("dracula"), Some(Theme::Dracula));
    /// assert_eq!(Theme::named("beige"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self.number() + 1) % Self::ALL.len()]
    }

    /// Its place among all.
    pub(super) fn number(self) -> usize {
        Self::ALL.iter().position(|theme| *theme == self).unwrap_or_default()
    }
}

/// Which colours a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// The sixteen that it has names for: palettes cannot be shown.
    #[default]
    Sixteen,
    /// 256 of them: the nearest is taken.
    Indexed,
    /// Any.
    True,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    /// What is read first.
    Strong,
    /// Titles of sections, and names that were looked for.
    Title,
    /// Explanations, and lines around panes.
    Dim,
    /// Numbers of layers, lines to be typed.
    Accent,
    /// The line around the pane that keys go to.
    Focus,
    Added,
    Changed,
    Removed,
    /// Bytes that a later layer hides.
    Hidden,
    /// What an edit removes, what a rule warns of.
    Warning,
    /// What can be had, what is as it should be.
    Good,
    /// What is wrong.
    Alarm,
    // Of a file's text:
    Comment,
    Keyword,
    Quoted,
    Number,
    Key,
}

/// A theme on a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) theme: Theme,
    pub(super) depth: Depth,
    /// Whether there are any colours.
    pub(super) color: bool,
    shown: Option<Palette>,
}

/// The colours of a palette.
#[derive(Debug, Clone, Copy)]
struct Palette {
    background: Color,
    text: Color,
    dim: Color,
    accent: Color,
    added: Color,
    changed: Color,
    removed: Color,
    keyword: Color,
    quoted: Color,
    number: Color,
    key: Color,
}

impl Look {
    /// A theme as a terminal of this depth can show it; without colours none is shown.
    pub(super) fn new(theme: Theme, depth: Depth, color: bool) -> Self {
        let shown = theme.colors().filter(|_| color && depth != Depth::Sixteen).map(|colors| Palette::new(colors, depth));
        Self { theme, depth, color, shown }
    }

    /// How a piece of text looks.
    pub(super) fn of(&self, role: Role) -> Style {
        let style = match &self.shown {
            Some(palette) => Style::new().fg(palette.color(role)).bg(palette.background),
            None if self.color => terminal(role),
            None => Style::new(),
        };
        style.add_modifier(self.modifier(role))
    }

    fn modifier(&self, role: Role) -> Modifier {
        match role {
            Role::Strong | Role::Focus | Role::Alarm => Modifier::BOLD,
            Role::Title => Modifier::BOLD | Modifier::UNDERLINED,
            // A palette has a colour for it.
            Role::Dim | Role::Comment if self.shown.is_none() => Modifier::DIM,
            _ => Modifier::empty(),
        }
    }

    /// The chosen row of the pane that keys go to, one look from end to end: signs say what colours said.
    pub(super) fn chosen(&self) -> Style {
        match &self.shown {
            Some(palette) => Style::new().fg(palette.background).bg(palette.accent),
            None => Style::new().fg(Color::Reset).remove_modifier(Modifier::DIM).add_modifier(Modifier::REVERSED),
        }
    }
}

/// The terminal's colours that fit light and dark backgrounds alike; the others are its text.
fn terminal(role: Role) -> Style {
    match role {
        Role::Text | Role::Strong | Role::Title | Role::Dim | Role::Focus | Role::Comment => Style::new(),
        Role::Accent | Role::Number | Role::Key => Style::new().fg(Color::Cyan),
        Role::Added | Role::Good | Role::Quoted => Style::new().fg(Color::Green),
        Role::Changed | Role::Warning => Style::new().fg(Color::Yellow),
        Role::Removed | Role::Hidden | Role::Alarm => Style::new().fg(Color::Red),
        Role::Keyword => Style::new().fg(Color::Magenta),
    }
}

impl Palette {
    fn new(colors: [u32; 11], depth: Depth) -> Self {
        let background = nearest(colors[0], None, depth);
        let [_, text, dim, accent, added, changed, removed, keyword, quoted, number, key] =
            colors.map(|color| nearest(color, Some(colors[0]), depth));
        Self { background, text, dim, accent, added, changed, removed, keyword, quoted, number, key }
    }

    fn color(&self, role: Role) -> Color {
        match role {
            Role::Text | Role::Strong | Role::Title => self.text,
            Role::Dim | Role::Comment => self.dim,
            Role::Accent | Role::Focus => self.accent,
            Role::Added | Role::Good => self.added,
            Role::Changed | Role::Warning => self.changed,
            Role::Removed | Role::Hidden | Role::Alarm => self.removed,
            Role::Keyword => self.keyword,
            Role::Quoted => self.quoted,
            Role::Number => self.number,
            Role::Key => self.key,
        }
    }
}

#[cfg(test)]
mod tests;
