//! Budgets, and what they are held against.

use super::format::CheckFormat;
use super::judging::Judge;
use super::output::Look;
use super::source::Source;
use crate::cli::outputs;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(mut_arg("image", |image| image.required(false).required_unless_present("migrate")), after_long_help = "Budgets are in plimsoll.toml; three lines are enough:\n\n    [budget]\n    max_disk = \"300 MB\"\n    \
    max_hidden = \"5% and 10 MB\"\n\nFlags come before the file; a size below 1,000 needs its unit there: 300MB, 300B. `plimsoll config check` looks at the file alone.\n\nExit status: 0 all \
    pass, or warn; 1 a budget fails; 2 wrong usage or configuration, or a budget that cannot be told; 3, 4 and 5 as of every \
    command. With dive's rules: 0 or 1, as dive.")]
pub(crate) struct Check {
    /// Content of all layers, such as 300MB; above it the check fails
    #[arg(long, value_name = "SIZE", help_heading = "Budgets")]
    pub(crate) max_disk: Option<String>,
    /// Compressed size of all layers
    #[arg(long, value_name = "SIZE", help_heading = "Budgets")]
    pub(crate) max_pull: Option<String>,
    /// Content of the layers that are not the base's
    #[arg(long, value_name = "SIZE|N%", help_heading = "Budgets")]
    pub(crate) max_own: Option<String>,
    /// Content that later layers hide, such as 10MB, 5%, or '5% and 10MB' for both to be exceeded
    #[arg(long, value_name = "SIZE|N%", help_heading = "Budgets")]
    pub(crate) max_hidden: Option<String>,
    /// Number of layers
    #[arg(long, value_name = "N", help_heading = "Budgets")]
    pub(crate) max_layers: Option<String>,
    /// Growth on disk since the baseline
    #[arg(long, value_name = "SIZE|N%", help_heading = "Budgets")]
    pub(crate) max_growth: Option<String>,
    /// Live content over all content, such as 95%; below it the check fails
    #[arg(long, value_name = "N%", help_heading = "Budgets")]
    pub(crate) min_efficiency: Option<String>,
    /// Fail on findings of this level or above in own layers; exceptions are left out
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Budgets")]
    pub(crate) fail_on: Option<FailOn>,
    /// Also hold the image to [profile.NAME] of the configuration, over [budget]
    #[arg(long, value_name = "NAME", help_heading = "Budgets")]
    pub(crate) profile: Option<String>,
    /// What growth is measured against: a file of `plimsoll baseline`, a saved analysis or an image. Without a budget on
    /// growth nothing may grow
    #[arg(long, value_name = "FILE|IMAGE", value_hint = ValueHint::AnyPath, help_heading = "Budgets")]
    pub(crate) baseline: Option<String>,
    /// Exit 0 although a budget fails; an incomplete image is 5 all the same
    #[arg(long, help_heading = "Budgets")]
    pub(crate) exit_zero: bool,
    /// dive's rules; by default ./.dive-ci, where there is no other budget
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Coming from dive")]
    pub(crate) ci_config: Option<PathBuf>,
    /// dive's rule of this name: a number from 0 to 1, or disabled
    #[arg(long = "lowestEfficiency", value_name = "RATIO", help_heading = "Coming from dive")]
    pub(crate) lowest_efficiency: Option<String>,
    /// dive's rule of this name: a size, or disabled
    #[arg(long = "highestWastedBytes", value_name = "SIZE", help_heading = "Coming from dive")]
    pub(crate) highest_wasted_bytes: Option<String>,
    /// dive's rule of this name: a number from 0 to 1, or disabled
    #[arg(long = "highestUserWastedPercent", value_name = "RATIO", help_heading = "Coming from dive")]
    pub(crate) highest_user_wasted_percent: Option<String>,
    /// Print dive's rules as budgets of plimsoll.toml, and check nothing
    #[arg(long, help_heading = "Coming from dive")]
    pub(crate) migrate: bool,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) outputs: outputs::Outputs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Findings that are worth changing
    Warn,
    /// Findings that must not ship
    Fail,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// Lower what FILE has to what the image weighs now; nothing is raised
    #[arg(long, requires = "output", help_heading = "Output")]
    pub(crate) update: bool,
    /// Write to FILE, usually plimsoll.lock, instead of standard output (`-`)
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// See whether configurations are valid
    Check(ConfigCheck),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigCheck {
    /// The files; by default ./plimsoll.toml
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
}
