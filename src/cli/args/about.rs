//! What plimsoll says of itself.

use super::output::Output;
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The document that it describes
    #[arg(value_enum, default_value_t)]
    pub(crate) of: Document,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Document {
    /// What `plimsoll IMAGE --format json` writes
    #[default]
    Report,
    /// What `plimsoll checklist IMAGE --format json` writes
    Checklist,
    /// What `plimsoll diff OLD NEW --format json` writes
    Diff,
    /// What `plimsoll check IMAGE --format json` writes
    Check,
    /// `plimsoll.toml`
    Config,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
    #[command(flatten)]
    pub(crate) output: Output,
}
