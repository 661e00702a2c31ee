//! `explore.toml`: how somebody likes the explorer to begin.
//!
//! ```toml
//! theme = "nord"
//! keys = ["ctrl+x=quit", "f5=sort"]  # as `--bind` has them
//! measure = "pull"                   # disk, pull, tar
//! order = "name"                     # size, hidden, name, pull
//! reverse = true                     # the smallest first
//! open = 1                           # levels of directories that are open; true for all, false for none
//! hide = ["unchanged"]               # added, changed, removed, unchanged
//! tree = "layer"                     # image, layer, both
//! tree-width = 0.6                   # of the screen, where panes stand side by side
//! attributes = true                  # mode and owner
//! wrap = true                        # long names and lines are broken
//! ```

use super::keys::Keys;
use super::rows::{Measure, Shows, Sort};
use super::theme::Theme;
use crate::budget::Share;
use crate::config::document::{self, Wrong, shown, text};
use crate::config::near;
use crate::error::Result;
use toml::Spanned;
use toml::de::DeValue;

/// What a file of settings says; the rest is as it is without one.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The theme.
    pub theme: Option<Theme>,
    /// The keys of the table, with those of one's own.
    pub keys: Keys,
    pub(super) start: Start,
}

/// What is shown at the start.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Start {
    pub(super) measure: Measure,
    pub(super) sort: Sort,
    pub(super) reversed: bool,
    /// Levels of directories that are open.
    pub(super) open: usize,
    /// Which differences are shown, where that is not left to what the tree is of.
    pub(super) shows: Option<Shows>,
    pub(super) trees: Trees,
    /// Of the width of the screen.
    pub(super) tree_width: Option<Share>,
    pub(super) attributes: bool,
    pub(super) wraps: bool,
}

/// What there is a tree of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Trees {
    /// The whole image.
    #[default]
    Image,
    /// The last layer alone.
    Layer,
    Both,
}

impl Trees {
    fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Layer => "layer",
            Self::Both => "both",
        }
    }
}

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Attributes,
    Hide,
    Keys,
    Measure,
    Open,
    Order,
    Reverse,
    Theme,
    Tree,
    TreeWidth,
    Wrap,
}

impl Key {
    const ALL: [Self; 11] = [
        Self::Attributes,
        Self::Hide,
        Self::Keys,
        Self::Measure,
        Self::Open,
        Self::Order,
        Self::Reverse,
        Self::Theme,
        Self::Tree,
        Self::TreeWidth,
        Self::Wrap,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Attributes => "attributes",
            Self::Hide => "hide",
            Self::Keys => "keys",
            Self::Measure => "measure",
            Self::Open => "open",
            Self::Order => "order",
            Self::Reverse => "reverse",
            Self::Theme => "theme",
            Self::Tree => "tree",
            Self::TreeWidth => "tree-width",
            Self::Wrap => "wrap",
        }
    }

    fn named(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|key| key.name() == name).ok_or_else(|| {
            let all = Self::ALL.map(Self::name);
            let near = near(&name.replace('_', "-"), all.into_iter());
            let meant = near.first().map_or_else(|| ".".to_owned(), |near| format!("; did you mean `{near}`?"));
            format!("unknown key `{}`{meant} The keys are {}", name.escape_debug(), all.join(", "))
        })
    }
}

impl Settings {
    /// Parses the text of a file; `name` names it in errors.
    ///
    /// ```
    /// use plimsoll::tui::{Settings, Theme};
    /// let settings = Settings::parse("theme = 'nord'\norder = 'name'", "explore.toml")?;
    /// assert_eq!(settings.theme, Some(Theme::Nord));
    /// let wrong = Settings::parse("ordre = 'name'", "explore.toml").unwrap_err().to_string();
    /// assert!(wrong.starts_with("explore.toml:1: unknown key `ordre`; did you mean `order`?"));
    /// # Ok::<(), plimsoll::Error>(())
    /// ```
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let document = document::parse(text, name)?;
        let mut entries: Vec<_> = document.get_ref().iter().collect();
        // Of several mistakes the first is told.
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut settings = Self::default();
        for (key, value) in entries {
            let done = Key::named(key.get_ref()).map_err(|why| (key.span(), why)).and_then(|key| {
                let wrong = |(span, why)| (span, format!("`{}`: {why}", key.name()));
                settings.set(key, value).map_err(wrong)
            });
            done.map_err(|(span, why)| document::told(text, name, Some(span), &why))?;
        }
        Ok(settings)
    }

    fn set(&mut self, key: Key, value: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
        let here = |why| (value.span(), why);
        let (start, of) = (&mut self.start, value.get_ref());
        match key {
            Key::Attributes => start.attributes = flag(of).map_err(here)?,
            Key::Hide => start.shows = Some(hidden(value)?),
            Key::Keys => {
                for (one, text) in texts(value)? {
                    self.keys.bind(text).map_err(|why| (one, why))?;
                }
            }
            Key::Measure => start.measure = one_of(of, &[Measure::Disk, Measure::Pull, Measure::Tar], Measure::name).map_err(here)?,
            Key::Open => start.open = levels(of).map_err(here)?,
            Key::Order => start.sort = one_of(of, &[Sort::Size, Sort::Hidden, Sort::Name, Sort::Pull], Sort::name).map_err(here)?,
            Key::Reverse => start.reversed = flag(of).map_err(here)?,
            Key::Theme => self.theme = Some(one_of(of, &Theme::ALL, Theme::name).map_err(here)?),
            Key::Tree => start.trees = one_of(of, &[Trees::Image, Trees::Layer, Trees::Both], Trees::name).map_err(here)?,
            Key::TreeWidth => start.tree_width = Some(part(of).map_err(here)?),
            Key::Wrap => start.wraps = flag(of).map_err(here)?,
        }
        Ok(())
    }
}

fn flag(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("expected true or false, found {}", shown(value)))
}

/// One of a few words.
fn one_of<T: Copy>(value: &DeValue<'_>, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    let wanted = text(value)?;
    all.iter().copied().find(|one| name(*one) == wanted).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|one| name(*one)).collect();
        format!("expected one of {}, found {}", names.join(", "), shown(value))
    })
}

/// One text, or a list of them, each with its place.
fn texts<'v>(value: &'v Spanned<DeValue<'_>>) -> Result<Vec<(std::ops::Range<usize>, &'v str)>, Wrong> {
    let one = |value: &'v Spanned<DeValue<'_>>| Ok((value.span(), text(value.get_ref()).map_err(|why| (value.span(), why))?));
    match value.get_ref().as_array() {
        Some(list) => list.iter().map(one).collect(),
        None => Ok(vec![one(value)?]),
    }
}

/// What is left of all differences.
fn hidden(value: &Spanned<DeValue<'_>>) -> Result<Shows, Wrong> {
    let mut shows = Shows::ALL;
    for (span, name) in texts(value)? {
        let shown = match name {
            "added" => &mut shows.added,
            "changed" => &mut shows.changed,
            "removed" => &mut shows.removed,
            "unchanged" => &mut shows.same,
            _ => return Err((span, format!("expected some of added, changed, removed, unchanged, found \"{}\"", name.escape_debug()))),
        };
        *shown = false;
    }
    Ok(shows)
}

fn levels(value: &DeValue<'_>) -> Result<usize, String> {
    let wrong = || format!("expected a number of levels such as 1, true for all, or false for none, found {}", shown(value));
    match value {
        DeValue::Boolean(all) => Ok(if *all { usize::MAX } else { 0 }),
        DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// A part of a whole that is neither nothing nor all of it.
fn part(value: &DeValue<'_>) -> Result<Share, String> {
    let share = match value {
        DeValue::Float(number) => Share::ratio(number.as_str()),
        DeValue::String(text) => Share::parse(text),
        _ => None,
    };
    let share = share.filter(|share| *share > Share(0) && *share < Share::ALL);
    share.ok_or_else(|| format!("expected a part such as 0.6 or \"60%\", more than nothing and less than all, found {}", shown(value)))
}
