//! The same binary as a plugin of Docker's command line: under the name `docker-plimsoll` it is `docker plimsoll`.
//!
//! Docker asks each plugin for its metadata, then calls it with the whole line that was typed after `docker`.

use super::Cli;
use anyhow::Result;
use clap::{CommandFactory, FromArgMatches};
use plimsoll::Error;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

/// What Docker asks a plugin first, in place of its name.
const METADATA: &str = "docker-cli-plugin-metadata";
const NAME: &str = "plimsoll";

/// What the process was called for.
#[derive(Debug)]
pub(crate) enum Call {
    /// A line to carry out.
    Line(Box<Cli>),
    /// Docker asks what this plugin is.
    Metadata,
}

/// Reads what was typed, the program's own name first. Wrong usage, help and the version end the process here.
pub(crate) fn call(mut typed: Vec<OsString>) -> Result<Call> {
    let mut command = Cli::command();
    if is_plugin(&typed) {
        match typed.get(1).and_then(|word| word.to_str()) {
            Some(METADATA) => return Ok(Call::Metadata),
            Some(NAME) => drop(typed.remove(1)),
            // `docker help plimsoll`.
            Some("help") if typed.get(2).is_some_and(|word| word == NAME) => drop(typed.splice(1..3, ["--help".into()])),
            // Docker's own options, such as `docker --context NAME plimsoll`. Left out in silence they would weigh an image
            // of another engine.
            other => return Err(misplaced(other.unwrap_or_default()).into()),
        }
        command = command.bin_name("docker plimsoll");
    }
    let mut matches = command.try_get_matches_from(&typed).unwrap_or_else(|error| super::mistakes::explained(error, &typed).exit());
    let cli = Cli::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit());
    Ok(Call::Line(Box::new(cli)))
}

/// What Docker shows of a plugin, as one line of JSON; fields as in its `cli-plugins/manager/metadata.go`.
pub(crate) fn metadata(out: &mut dyn Write) -> std::io::Result<()> {
    let metadata = serde_json::json!({
        "SchemaVersion": "0.1.0",
        "Vendor": "plimsoll",
        "Version": env!("CARGO_PKG_VERSION"),
        "ShortDescription": "Weigh a container image, and what to change in it",
        "URL": env!("CARGO_PKG_REPOSITORY"),
    });
    writeln!(out, "{metadata}")
}

fn is_plugin(typed: &[OsString]) -> bool {
    let name = typed.first().and_then(|program| Path::new(program).file_name()).and_then(|name| name.to_str());
    name.is_some_and(|name| name == "docker-plimsoll" || name.eq_ignore_ascii_case("docker-plimsoll.exe"))
}

fn misplaced(word: &str) -> Error {
    Error::Usage(format!(
        "expected `docker plimsoll …`, found `{}` before `plimsoll`: give options after it (`--host` for an engine), or set DOCKER_CONTEXT",
        word.escape_debug()
    ))
}
