//! What says what to change, and why.

use super::judging::{Configured, Judge};
use super::output::{Color, List, ListFormat, Look, Output};
use super::source::{MaybeSource, Source};
use clap::Args;

#[derive(Debug, Args)]
#[command(after_long_help = "Each edit is one change to one or a few instructions. Its number is what `--without` takes. What it saves \
    is counted beyond the edits before it, so that savings add up. An edit is certain, or marked `?` and to be checked first: \
    only a person can tell whether the program needs those bytes. The JSON form has `totals`, `without_edits` (what is left \
    after the certain ones) and `edits`.")]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
#[command(after_long_help = "An entry is claimed by one rule at most, so that findings add up. Levels are info, warn and fail; \
    `plimsoll.toml` changes them. The exit status is 0 whatever was found. `plimsoll explain RULE IMAGE` says more.")]
pub(crate) struct Findings {
    /// List small findings and those of the base image too
    #[arg(long, help_heading = "Choosing")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Each check passes, fails or is not applicable (n/a), with its evidence. Checks add nothing to any sum: \
    what to change, and what that saves, is in `plimsoll plan`. The exit status is 0 whatever the outcome. Of secrets in variables only the names are shown.")]
pub(crate) struct Checklist {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
pub(crate) struct Rules {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// When to use colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = "Output")]
    pub(crate) color: Color,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The rule, such as apt/lists; `plimsoll rules` lists them
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) source: MaybeSource,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) output: Output,
}
