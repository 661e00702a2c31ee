//! Analyses that are kept: saved ones and the cache.

use super::output::List;
use super::source::{CACHE_SIZE, CachePlace, Source, cache_size};
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Save {
    #[command(flatten)]
    pub(crate) source: Source,
    /// File to write, usually NAME.plimsoll, or `-` for standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Cache {
    #[command(subcommand)]
    pub(crate) command: CacheCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// List the layers whose content is known, last used first
    List(CacheList),
    /// Remove what was used longest ago
    Prune(CachePrune),
    /// Print where the cache is
    Dir(CachePlace),
}

#[derive(Debug, Args)]
pub(crate) struct CacheList {
    #[command(flatten)]
    pub(crate) place: CachePlace,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
pub(crate) struct CachePrune {
    #[command(flatten)]
    pub(crate) place: CachePlace,
    /// Remove everything
    #[arg(long, conflicts_with = "max_size", help_heading = "Choosing")]
    pub(crate) all: bool,
    /// Size that is left at most
    #[arg(long, value_name = "SIZE", env = "PLIMSOLL_CACHE_SIZE", hide_env_values = true, default_value = CACHE_SIZE, value_parser = cache_size, help_heading = "Choosing")]
    pub(crate) max_size: u64,
}
