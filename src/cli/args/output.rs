//! How and where something is written.

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueEnum, ValueHint};
use std::path::{Path, PathBuf};

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
    /// Write to FILE instead of standard output (`-`)
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = PathBufValueParser::new().try_map(alone))]
    output: Option<PathBuf>,
}

impl Output {
    /// The file; none is standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| !is_standard(path))
    }
}

/// Whether it is written as standard output is.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A file's name, and not a format or one with its format before it, as commands take it that write several.
fn alone(path: PathBuf) -> Result<PathBuf, String> {
    let text = path.to_str().unwrap_or_default();
    match text.split_once('=') {
        None if ListFormat::from_str(text, false).is_ok() => {
            Err(format!("expected a file: write `--format {text}`, or ./{text} for a file of this name"))
        }
        Some((format, file)) if ListFormat::from_str(format, false).is_ok() => Err(format!(
            "there is one format here: write `--format {format} --output {file}`, or ./{format}={file} for a file of this name"
        )),
        _ => Ok(path),
    }
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
