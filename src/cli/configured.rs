//! What is configured, and which day it is.

use super::run::message;
use super::{ConfigCommand, Configured};
use anyhow::{Context, Result};
use plimsoll::budget::Budgets;
use plimsoll::config::{Config, Date};
use std::path::Path;

/// The configuration that is read unless another is named.
const DEFAULT: &str = "plimsoll.toml";
/// Most of a configuration that is read.
const MOST: u64 = 1 << 20;

/// The configuration that was named, or that of the directory.
pub(crate) fn read(configured: &Configured) -> Result<Config> {
    let named = configured.config.as_deref().filter(|path| !path.as_os_str().is_empty());
    match (named, Path::new(DEFAULT)) {
        (Some(path), _) => read_file(path),
        (None, path) if is_there(path) => read_file(path),
        (None, _) => Ok(Config::default()),
    }
}

fn read_file(path: &Path) -> Result<Config> {
    let name = path.display();
    let text = text(path, MOST, "configuration")?;
    Ok(Config::parse(&text, &name.to_string())?)
}

/// The text of a file of ours that has at most so many bytes.
pub(crate) fn text(path: &Path, most: u64, what: &str) -> Result<String> {
    use std::io::Read;
    let name = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("opening the {what} `{name}`"))?;
    let mut text = String::new();
    file.take(most + 1).read_to_string(&mut text).with_context(|| format!("reading the {what} `{name}`"))?;
    if text.len() as u64 > most {
        return Err(plimsoll::Error::Usage(format!("{name}: expected a {what} of at most {most} bytes")).into());
    }
    Ok(text)
}

/// `plimsoll config`; the exit status.
pub(crate) fn run(command: &ConfigCommand) -> u8 {
    let ConfigCommand::Check(args) = command;
    let files = if args.files.is_empty() { vec![DEFAULT.into()] } else { args.files.clone() };
    if args.files.is_empty() && !is_there(Path::new(DEFAULT)) {
        message(&format!("plimsoll: {}", absent()));
        return 3;
    }
    let mut status = 0;
    // All are looked at, so that one run tells all that is wrong.
    for file in files {
        if let Err(error) = read_file(&file) {
            message(&format!("plimsoll: {}", plimsoll::text::escaped_lines(&format!("{error:#}"))));
            let code = error.downcast_ref::<plimsoll::Error>().map_or(3, plimsoll::Error::exit_code);
            status = if status == 0 { code } else { code.min(status) };
        }
    }
    status
}

/// Whether there is something, be it what it may.
pub(crate) fn is_there(path: &Path) -> bool {
    !std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// What to do where there is nothing to check.
fn absent() -> String {
    format!(
        "there is no `{DEFAULT}` here; name the file (`plimsoll config check FILE`), or write one. Three lines are enough:\n\n{}\n",
        Budgets::EXAMPLE
    )
}

/// The day, in UTC. The library never asks the clock.
pub(crate) fn today() -> Date {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Date::of_unix(since.map_or(0, |since| since.as_secs()))
}
