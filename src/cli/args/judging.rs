//! How an image is judged.

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// How an image is judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct Judge {
    /// The base image: an archive, layout, saved analysis or name; the layers that it shares with IMAGE are the
    /// base's. Left out, the image's history tells
    #[arg(long, value_name = "IMAGE", value_hint = ValueHint::AnyPath)]
    pub(crate) base: Option<String>,
    /// The Dockerfile that made IMAGE: its line numbers are shown instead of layer numbers, if it agrees with the image's
    /// history. By default that of the build's provenance, then one in the image or ./Dockerfile
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) dockerfile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) configured: Configured,
}

/// What is configured.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct Configured {
    /// The configuration: levels, rules of your own, exceptions; by default ./plimsoll.toml, if there is one
    // An empty variable is one that is not set.
    #[arg(long, value_name = "FILE", env = "PLIMSOLL_CONFIG", hide_env_values = true, value_hint = ValueHint::FilePath,
        value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(crate) config: Option<PathBuf>,
}
