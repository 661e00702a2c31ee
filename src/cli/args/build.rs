//! What `plimsoll build` takes: its own options, then whatever the engine's build takes.

#[cfg(feature = "tui")]
use super::explore::Binding;
use super::format::Format;
use super::judging::Configured;
use super::output::Look;
use super::source::{CACHE_SIZE, CachePlace, cache_size};
use crate::cli::build::Engine;
use crate::cli::outputs;
use clap::builder::{EnumValueParser, OsStringValueParser, PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, ValueEnum, ValueHint};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// No option here has a name that a build of Docker's or Podman's takes, but for `--format` and `--output`, whose
/// values are told apart: what is meant for the engine is never taken for plimsoll's, or the other way round.
#[derive(Debug, Args)]
#[command(
    mut_arg("output", |output| output.short(None).value_name("FORMAT=FILE").value_parser(OsStringValueParser::new().try_map(own_output))
        .help("Write FORMAT to FILE too, or to standard output (`-`), as often as given")),
    after_long_help = "Options of plimsoll come first. From the first word on that is none of them, all is the engine's, as it stands: \
        what plimsoll takes as well (--format of podman, --output) write after another argument of the engine's, or after `--`.\n\n    \
        plimsoll build -t app .\n    plimsoll build --explore -f docker/Dockerfile --target runtime .\n    plimsoll build --format \
        json -t app . > app.json\n    plimsoll build --engine podman -- --format docker .\n\nThe engine is Docker if it answers, else Podman; it runs \
        what the Dockerfile says, as ever, and plimsoll runs nothing of the image. What the engine prints goes to standard error. The lines of the \
        Dockerfile that it built are shown, unless it came by standard input or from an address.\n\nExit status: of a build \
        that fails, the engine's own; afterwards as of `plimsoll IMAGE`. Budgets are checked by `plimsoll check`."
)]
pub(crate) struct Build {
    /// Look around in the image in the terminal, as `plimsoll explore` does
    #[cfg(feature = "tui")]
    #[arg(long, conflicts_with_all = ["details", "dive", "format", "output"], help_heading = "Showing")]
    pub(crate) explore: bool,
    /// Show everything: whole instructions, all edits and findings, why bytes are hidden, duplicates, notes
    #[arg(long, help_heading = "Showing")]
    pub(crate) details: bool,
    /// Add dive's efficiency, wasted bytes and user wasted percent, as dive computes them
    #[arg(long, help_heading = "Showing")]
    pub(crate) dive: bool,
    /// Who builds; by default Docker if it answers, else Podman
    #[arg(long, value_enum, value_name = "ENGINE", help_heading = "Building")]
    pub(crate) engine: Option<Engine>,
    /// The address of Docker's engine, as in `DOCKER_HOST`
    #[arg(long, value_name = "ADDRESS", help_heading = "Building")]
    pub(crate) host: Option<String>,
    /// The base image: an archive, layout, saved analysis or name; the layers that it shares with the image are the base's. Left
    /// out, the Dockerfile tells, or the image's history
    #[arg(long, value_name = "IMAGE", value_hint = ValueHint::AnyPath, help_heading = "Judging")]
    pub(crate) base: Option<String>,
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// Output format
    #[arg(long, value_parser = OwnFormat, default_value = "table", value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) outputs: outputs::Outputs,
    #[command(flatten)]
    pub(crate) look: Look,
    /// Raise or lower a limit that guards against hostile images, more than once for several; `plimsoll --help` has
    /// them all
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Reading")]
    pub(crate) limit: Vec<String>,
    /// Worker threads; by default one for each processor
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, help_heading = "Reading")]
    pub(crate) threads: usize,
    #[command(flatten)]
    pub(crate) place: CachePlace,
    /// Size to which the cache is held: what was used longest ago goes first
    #[arg(long, value_name = "SIZE", env = "PLIMSOLL_CACHE_SIZE", hide_env_values = true, default_value = CACHE_SIZE, value_parser = cache_size,
        help_heading = "Cache")]
    pub(crate) cache_size: u64,
    #[cfg(feature = "tui")]
    #[command(flatten)]
    pub(crate) binding: Binding,
    /// What the engine's build takes, passed on as it stands, such as `-t app .`
    #[arg(value_name = "ENGINE-ARGUMENTS", required = true, trailing_var_arg = true, allow_hyphen_values = true,
        value_hint = ValueHint::AnyPath, help_heading = None::<&str>)]
    pub(crate) arguments: Vec<OsString>,
}

/// What is to be done with an option that is the engine's.
const REMEDY: &str = "for the engine's own option write it after another argument of the engine's, or after `--`";

/// A format of ours; those of podman's images are told apart.
#[derive(Debug, Clone)]
struct OwnFormat;

impl TypedValueParser for OwnFormat {
    type Value = Format;

    fn parse_ref(&self, command: &clap::Command, argument: Option<&clap::Arg>, value: &OsStr) -> Result<Format, clap::Error> {
        if value == "oci" || value == "docker" {
            let what = format!("--format {}: no format of plimsoll's; {REMEDY}\n", value.to_string_lossy());
            return Err(clap::Error::raw(ErrorKind::InvalidValue, what).with_cmd(command));
        }
        EnumValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Format::value_variants().iter().filter_map(ValueEnum::to_possible_value)))
    }
}

/// `FORMAT=FILE`. Without a format it could be where the engine is to put what it builds.
fn own_output(value: OsString) -> Result<PathBuf, String> {
    let format = value.to_str().and_then(|text| text.split_once('=')).map(|(format, _)| format);
    if format.is_some_and(|format| Format::from_str(format, false).is_ok()) {
        return Ok(value.into());
    }
    Err(format!("expected FORMAT=FILE, such as json=report.json; {REMEDY}"))
}
