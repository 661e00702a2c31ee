//! Where the system keeps a user's files of a kind: XDG Base Directory Specification, in which a path that is not absolute is
//! passed over, and Windows' own variables there.

use std::path::PathBuf;

/// Files of the cache: they can be made again.
pub(crate) fn cache() -> Option<PathBuf> {
    variable("XDG_CACHE_HOME")
        .map(|caches| caches.join("plimsoll"))
        .or_else(|| if cfg!(windows) { Some(variable("LOCALAPPDATA")?.join("plimsoll").join("cache")) } else { None })
        .or_else(|| variable("HOME").map(|home| home.join(".cache").join("plimsoll")))
}

/// Files of settings.
#[cfg(feature = "tui")]
pub(crate) fn settings() -> Option<PathBuf> {
    variable("XDG_CONFIG_HOME")
        .map(|settings| settings.join("plimsoll"))
        .or_else(|| if cfg!(windows) { Some(variable("APPDATA")?.join("plimsoll")) } else { None })
        .or_else(|| variable("HOME").map(|home| home.join(".config").join("plimsoll")))
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}
