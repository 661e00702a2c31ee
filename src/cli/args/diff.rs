//! Two images beside each other.

use super::format::DiffFormat;
use super::judging::Judge;
use super::output::Look;
use super::source::Source;
use crate::cli::outputs;
use clap::{Args, ValueHint};

#[derive(Debug, Args)]
#[command(
    mut_arg("image", |image| image.value_name("NEW").help("The image after")),
    mut_arg("select", |select| select.help("Which image, where NEW holds several: a name, or @N")),
    mut_arg("kind_of_source", |kind| kind.help("Read NEW as this kind of source; before OLD, write it with a colon")),
    mut_arg("platform", |platform| platform.help("Which platform of both images: os/arch or os/arch/variant")),
    after_long_help = "OLD and NEW are whatever plimsoll reads; one of them may be `-`, and a base beside what is built on it is a \
        fine pair. Every byte of both is in one layer, belongs to one package or none, one rule or none, and one path: each of \
        these lists adds up to the whole change. Layers are the same by content, and built again where the same instruction made \
        another content; packages are matched by name, files by path and content. Budgets of plimsoll.toml are told of NEW; the exit status is 0 whatever \
        differs, and `plimsoll check` is what fails."
)]
pub(crate) struct Diff {
    /// The image before: an archive, OCI layout directory, saved analysis, name, or `-`
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) old: String,
    #[command(flatten)]
    pub(crate) source: Source,
    /// Which image, where OLD holds several: a name, or @N
    #[arg(long, value_name = "REF|@N", help_heading = "Reading")]
    pub(crate) old_image: Option<String>,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// Hold NEW to [profile.NAME] of the configuration too, over [budget]
    #[arg(long, value_name = "NAME", help_heading = "Judging")]
    pub(crate) profile: Option<String>,
    /// List the files that changed most too, in the table
    #[arg(long, help_heading = "Showing")]
    pub(crate) files: bool,
    /// How many files to list; 0 for all (json, csv and markdown: 1000; the table shows 20)
    #[arg(long, value_name = "N", help_heading = "Showing")]
    pub(crate) top: Option<usize>,
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: DiffFormat,
    #[command(flatten)]
    pub(crate) outputs: outputs::Outputs,
}
