//! Which paths a pattern matches, found a slice at a time: keys are never kept waiting.

use super::ground::Ground;
use crate::error::Result;
use crate::paths::NodeId;
use globset::GlobMatcher;

/// Paths that are looked at before the next key is.
const SLICE: usize = 50_000;

/// What is looked for.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// A part of a name or, with a slash, of a path; letters match both cases unless one is a capital.
    Part { text: Vec<u8>, exact: bool, whole_path: bool },
    /// A glob, as `plimsoll files --path` has them.
    Glob { glob: Box<GlobMatcher>, whole_path: bool },
}

impl Pattern {
    /// A glob if it has the signs of one, else a part.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let whole_path = text.contains('/');
        if text.contains(['*', '?', '[', '{']) {
            return Ok(Self::Glob { glob: Box::new(crate::files::glob(text)?), whole_path });
        }
        let exact = text.chars().any(char::is_uppercase);
        Ok(Self::Part { text: text.as_bytes().to_vec(), exact, whole_path })
    }

    fn is_match(&self, paths: &crate::paths::Paths, node: NodeId) -> bool {
        let (Self::Part { whole_path, .. } | Self::Glob { whole_path, .. }) = self;
        if *whole_path {
            let mut path = paths.path(node);
            if matches!(self, Self::Part { .. }) {
                path.insert(0, b'/');
            }
            return self.is_match_of(&path);
        }
        self.is_match_of(paths.name(node))
    }

    fn is_match_of(&self, name: &[u8]) -> bool {
        match self {
            Self::Part { text, exact, .. } => contains(name, text, *exact),
            Self::Glob { glob, .. } => crate::files::is_match(glob, name),
        }
    }
}

/// Whether `part`, which is not empty, is in `name`.
fn contains(name: &[u8], part: &[u8], exact: bool) -> bool {
    let Some((first, rest)) = part.split_first() else { return true };
    let same = |a: u8, b: u8| if exact { a == b } else { a.eq_ignore_ascii_case(&b) };
    let Some(last) = name.len().checked_sub(part.len()) else { return false };
    (0..=last).any(|at| same(name[at], *first) && name[at + 1..].iter().zip(rest).all(|(a, b)| same(*a, *b)))
}

/// A search through all paths, as far as it has come.
pub(super) struct Search {
    pattern: Pattern,
    next: usize,
    found: Vec<bool>,
}

impl Search {
    pub(super) fn new(pattern: Pattern, ground: &Ground<'_>) -> Self {
        Self { pattern, next: 1, found: vec![false; ground.number.len()] }
    }

    /// Looks at some more paths; what was found, once all were looked at.
    pub(super) fn advance(&mut self, ground: &Ground<'_>) -> Option<Vec<bool>> {
        let end = (self.next + SLICE).min(self.found.len());
        for node in self.next..end {
            self.found[node] = self.pattern.is_match(ground.paths(), node as NodeId);
        }
        self.next = end;
        (end == self.found.len()).then(|| std::mem::take(&mut self.found))
    }

    /// How much is done, in percent.
    pub(super) fn percent(&self) -> usize {
        self.next * 100 / self.found.len().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn parts_match_as_people_expect() {
        assert!(contains(b"README.md", b"readme", false));
        assert!(!contains(b"README.md", b"Readme", true));
        assert!(contains(b"abab", b"bab", true));
        assert!(!contains(b"ab", b"abc", false));
        assert!(contains(b"", b"", false));
    }
}
