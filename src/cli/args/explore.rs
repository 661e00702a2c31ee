//! What `plimsoll explore` takes.

use super::{Judge, Look, Source, values};
use clap::Args;
use plimsoll::tui::Theme;

#[derive(Debug, Args)]
#[command(after_long_help = "The tree shows the whole image, or what one layer changed: + added, ~ other content, = the same content \
    stored again with another owner, mode or time, - removed. Files that later layers hide are there too, and can be looked at. \
    `?` lists all keys; those of dive do what they do there. The mouse chooses and scrolls; with Shift most terminals select \
    text. Nothing is written but what is asked for. Without a terminal, `plimsoll tree` and `plimsoll files` print what is shown \
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
    /// Show the colours of a palette; `t` shows the next
    #[arg(long, value_name = "NAME", env = "PLIMSOLL_THEME", hide_env_values = true, default_value = "terminal",
        value_parser = values::theme(), help_heading = "Keys and colours")]
    pub(crate) theme: Theme,
}
