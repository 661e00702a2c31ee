//! What is configured, and which day it is.

use super::Configured;
use anyhow::{Context, Result};
use plimsoll::config::{Config, Date};
use std::path::Path;

/// Most of a configuration that is read.
const MOST: u64 = 1 << 20;

/// The configuration that was named, or that of the directory.
pub(crate) fn read(configured: &Configured) -> Result<Config> {
    use std::io::Read;
    let named = configured.config.as_deref().filter(|path| !path.as_os_str().is_empty());
    let path = named.unwrap_or(Path::new("plimsoll.toml"));
    let name = path.display();
    let file = match std::fs::File::open(path) {
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        file => file.with_context(|| format!("opening the configuration `{name}`"))?,
    };
    let mut text = String::new();
    file.take(MOST + 1).read_to_string(&mut text).with_context(|| format!("reading the configuration `{name}`"))?;
    if text.len() as u64 > MOST {
        return Err(plimsoll::Error::Usage(format!("{name}: expected a configuration of at most {MOST} bytes")).into());
    }
    Ok(Config::parse(&text, &name.to_string())?)
}

/// The day, in UTC. The library never asks the clock.
pub(crate) fn today() -> Date {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Date::of_unix(since.map_or(0, |since| since.as_secs()))
}
