//! What the explorer begins with: a file, variables over it, and flags over both.

use super::super::{Binding, configured, directories};
use anyhow::Result;
use plimsoll::Error;
use plimsoll::tui::Settings;
use std::path::PathBuf;

/// The file's name among a user's settings.
const DEFAULT: &str = "explore.toml";
/// Most of a file that is read: it has a dozen lines.
const MOST: u64 = 64 << 10;

pub(super) fn read(binding: &Binding) -> Result<Settings> {
    let named = binding.explore_config.clone().filter(|path| !path.as_os_str().is_empty());
    let mut settings = match named.or_else(usual) {
        Some(path) => Settings::parse(&configured::text(&path, MOST, "settings of the explorer")?, &path.display().to_string())?,
        None => Settings::default(),
    };
    for text in &binding.bind {
        settings.keys.bind(text).map_err(|wrong| Error::Usage(format!("--bind: {wrong}")))?;
    }
    settings.theme = binding.theme.or(settings.theme);
    Ok(settings)
}

/// The file that is read unless another is named, if it is there.
fn usual() -> Option<PathBuf> {
    let path = directories::settings()?.join(DEFAULT);
    configured::is_there(&path).then_some(path)
}
