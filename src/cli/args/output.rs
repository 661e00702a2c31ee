//! How and where something is written.

use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// How tables look.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Look {
    /// When to use colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Show sizes in powers of 1024 (KiB, MiB) instead of 1000 (kB, MB)
    #[arg(long, conflicts_with = "bytes")]
    pub(crate) iec: bool,
    /// Show sizes in whole bytes
    #[arg(long)]
    pub(crate) bytes: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// If the terminal shows colours and `NO_COLOR` is not set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Where it is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// Write to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    #[default]
    Table,
    /// For programs: an array, one object a line; of plan and checklist one document
    Json,
    /// One a row, below a line of names; text that a spreadsheet takes for a formula begins with an apostrophe
    Csv,
}

/// How a list is written.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) output: Output,
}
