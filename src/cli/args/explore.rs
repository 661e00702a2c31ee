//! What `plimsoll explore` takes.

use super::{Judge, Look, Source, values};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_long_help = "The tree shows the whole image, or what one layer changed: + added, ~ other content, = the same content \
    stored again with another owner, mode or time, - removed. Files that later layers hide are there too, and can be looked at. \
    `?` lists all keys; those of dive do what they do there. The mouse chooses and scrolls; with Shift most terminals select \
    text. Nothing is written but what is asked for.\n\nA file of settings (explore.toml) may have theme, keys, \
    measure, order, reverse, open, hide, tree, tree-width, attributes and wrap; the README tells what each takes. Without a terminal, `plimsoll tree` and `plimsoll files` print what is shown \
    here.")]
pub(crate) struct Explore {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) binding: Binding,
}

/// Keys of one's own.
#[derive(Debug, Clone, Args)]
pub(crate) struct Binding {
    /// Bind a key, such as ctrl+x=quit, or several with commas between them; `help` lists the actions
    // An empty variable is one that is not set.
    #[arg(long, value_name = "KEY=ACTION", env = "PLIMSOLL_BIND", hide_env_values = true, help_heading = "Keys and colours")]
    pub(crate) bind: Vec<String>,
    /// Show the colours of a palette, by default the terminal's own; `t` shows the next
    #[arg(long, value_name = "NAME", env = "PLIMSOLL_THEME", hide_env_values = true, default_value = "", hide_default_value = true,
        value_parser = values::theme(), help_heading = "Keys and colours")]
    pub(crate) theme: values::MaybeTheme,
    /// What the explorer begins with: theme, keys, order and more, under what flags and variables say; by default
    /// `plimsoll/explore.toml` in `$XDG_CONFIG_HOME` or `~/.config`, if it is there
    #[arg(long, value_name = "FILE", env = "PLIMSOLL_EXPLORE_CONFIG", hide_env_values = true, value_hint = ValueHint::FilePath,
        value_parser = OsStringValueParser::new().map(PathBuf::from), help_heading = "Keys and colours")]
    pub(crate) explore_config: Option<PathBuf>,
}
