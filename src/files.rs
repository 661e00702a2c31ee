//! Which entries a user asks for, and in which order.

use crate::error::{Error, Result};
use crate::index::{Cause, Fate, Index, Placed};
use crate::layer::EntryKind;
use globset::{Glob, GlobBuilder, GlobMatcher};

/// Filters; an entry is listed if it passes all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Globs on the path without a leading slash; one must match.
    pub paths: Vec<GlobMatcher>,
    /// Least content.
    pub min_bytes: u64,
    /// The layer that stores it, from 0.
    pub layer: Option<usize>,
    /// Why it is hidden.
    pub causes: Vec<Cause>,
    /// Live entries only, or hidden ones only.
    pub live: Option<bool>,
    /// What it is.
    pub kinds: Vec<EntryKind>,
}

/// In which order entries are listed; equal ones by path, then by layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Most content first.
    #[default]
    Content,
    /// Most of the layer tar first.
    Diff,
    /// Most compressed bytes first.
    Blob,
    /// By path.
    Path,
}

/// A glob on bytes: `*` stays within a directory, `**` does not. A pattern without a slash is
/// looked for in every directory; a leading slash means the root.
pub fn glob(pattern: &str) -> Result<GlobMatcher> {
    let rooted = pattern.strip_prefix('/');
    let whole = match rooted {
        Some(rest) => rest.to_owned(),
        None if pattern.contains('/') => pattern.to_owned(),
        None => format!("**/{pattern}"),
    };
    let glob: Glob = GlobBuilder::new(whole.trim_end_matches('/'))
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map_err(|error| Error::Usage(format!("path glob `{}`: {error}", pattern.escape_debug())))?;
    Ok(glob.compile_matcher())
}

impl Filter {
    fn passes(&self, placed: &Placed<'_>) -> bool {
        let cause = match placed.fate {
            Fate::Live => None,
            Fate::Shadowed { cause, .. } => Some(cause),
        };
        placed.entry.content_bytes >= self.min_bytes
            && self.layer.is_none_or(|layer| layer == placed.layer)
            && self.live.is_none_or(|live| live == cause.is_none())
            && (self.causes.is_empty() || cause.is_some_and(|cause| self.causes.contains(&cause)))
            && (self.kinds.is_empty() || self.kinds.contains(&placed.entry.kind))
    }

    fn matches(&self, index: &Index, placed: &Placed<'_>) -> bool {
        if self.paths.is_empty() {
            return true;
        }
        matches_any(&self.paths, &index.paths().path(placed.node))
    }
}

/// Whether one of the globs matches a path without a leading slash.
pub(crate) fn matches_any(globs: &[GlobMatcher], path: &[u8]) -> bool {
    let path = path_of(path);
    globs.iter().any(|glob| glob.is_match(&path))
}

/// Whether a glob matches a path without a leading slash.
#[cfg(feature = "tui")]
pub(crate) fn is_match(glob: &GlobMatcher, path: &[u8]) -> bool {
    glob.is_match(path_of(path))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> std::path::PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Lists entries.
pub fn list<'i>(index: &'i Index, filter: &Filter, sort: Sort) -> Vec<Placed<'i>> {
    let mut found: Vec<Placed<'i>> = index.entries().filter(|placed| filter.passes(placed) && filter.matches(index, placed)).collect();
    let order = index.paths().order();
    found.sort_by_key(|placed| {
        let entry = placed.entry;
        let bytes = match sort {
            Sort::Content => entry.content_bytes,
            Sort::Diff => entry.diff_bytes,
            Sort::Blob => entry.blob_bytes,
            Sort::Path => 0,
        };
        (std::cmp::Reverse(bytes), order[placed.node as usize], placed.layer, placed.number)
    });
    found
}
