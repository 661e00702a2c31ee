//! What looks at entries and their content.

use super::judging::Judge;
use super::output::{List, Output};
use super::source::Source;
use super::values::{cause, kind, package, size};
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Files {
    /// Only paths that match: without a slash in any directory, with a leading one from the root
    #[arg(long, value_name = "GLOB", help_heading = "Choosing")]
    pub(crate) path: Vec<String>,
    /// Only entries with at least this much content: 500, 10kB, 1.5MiB
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Choosing")]
    pub(crate) min_size: Option<u64>,
    /// Only entries that layer N stores (numbered from 1, as the tables show)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Choosing")]
    pub(crate) layer: Option<u16>,
    /// Only entries hidden for this cause: `metadata_only`, `overwritten`, `deleted_file`, `deleted_dir`, `opaque`,
    /// `replaced_by_type` or `repeated_in_layer`
    #[arg(long, value_name = "CAUSE", value_parser = cause(), help_heading = "Choosing")]
    pub(crate) cause: Vec<plimsoll::index::Cause>,
    /// Only entries whose bytes are live
    #[arg(long, conflicts_with_all = ["hidden", "cause"], help_heading = "Choosing")]
    pub(crate) live: bool,
    /// Only entries that later layers hide
    #[arg(long, visible_alias = "shadowed", help_heading = "Choosing")]
    pub(crate) hidden: bool,
    /// Only entries of this kind: file, directory, symlink, hardlink, whiteout, opaque or special
    #[arg(long, value_name = "KIND", value_parser = kind(), help_heading = "Choosing")]
    pub(crate) kind: Vec<plimsoll::layer::EntryKind>,
    /// Only entries of this package, such as deb:gcc-12 or npm:@babel/core; any version of it
    #[arg(long, value_name = "ECOSYSTEM:NAME", value_parser = package, help_heading = "Choosing")]
    pub(crate) package: Vec<(plimsoll::facts::Ecosystem, String)>,
    /// Only entries that this rule found, such as apt/lists
    #[arg(long, value_name = "ID", help_heading = "Choosing")]
    pub(crate) rule: Vec<String>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// Order
    #[arg(long, value_enum, default_value_t, value_name = "BY", help_heading = "Output")]
    pub(crate) sort: SortBy,
    /// How many to show; 0 for all (the default of json and csv; tables show 40)
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) top: Option<usize>,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortBy {
    /// Most content first
    #[default]
    Content,
    /// Most bytes of the layer tar first
    Diff,
    /// Most compressed bytes first
    Blob,
    /// By path
    Path,
}

#[derive(Debug, Args)]
pub(crate) struct Tree {
    /// How many levels of directories
    #[arg(long, short, value_name = "N", default_value_t = 3, help_heading = "Choosing")]
    pub(crate) depth: usize,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
pub(crate) struct Cat {
    /// The version that layer N stores, though it may be hidden (numbered from 1)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Choosing")]
    pub(crate) layer: Option<u16>,
    #[command(flatten)]
    pub(crate) source: Source,
    /// The file, as a process in the container would name it
    #[arg(help_heading = None::<&str>)]
    pub(crate) path: String,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Extract {
    /// Write what layer N stores, hidden or not (numbered from 1), instead of what the image shows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Choosing")]
    pub(crate) layer: Option<u16>,
    /// Only paths that match
    #[arg(long, value_name = "GLOB", help_heading = "Choosing")]
    pub(crate) path: Vec<String>,
    #[command(flatten)]
    pub(crate) source: Source,
    /// Directory to write to; made if absent, and must be empty
    #[arg(value_hint = ValueHint::DirPath, help_heading = None::<&str>)]
    pub(crate) directory: PathBuf,
}
