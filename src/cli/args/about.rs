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
    /// What `plimsoll plan IMAGE --format json` writes
    Plan,
    /// What `plimsoll checklist IMAGE --format json` writes
    Checklist,
    /// What `plimsoll diff OLD NEW --format json` writes
    Diff,
    /// What `plimsoll check IMAGE --format json` writes
    Check,
    /// `plimsoll.toml`
    Config,
}

impl Document {
    /// The library's.
    pub(crate) fn published(self) -> plimsoll::render::schema::Document {
        use plimsoll::render::schema::Document;
        match self {
            Self::Report => Document::Report,
            Self::Plan => Document::Plan,
            Self::Checklist => Document::Checklist,
            Self::Diff => Document::Diff,
            Self::Check => Document::Check,
            Self::Config => Document::Config,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
    #[command(flatten)]
    pub(crate) output: Output,
}
