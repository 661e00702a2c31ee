//! Paths that a file's content names, as nodes of the layer's trie.

use crate::paths::{NodeId, Paths, ROOT};

/// No Linux system call accepts a longer path, so no package has one; a hostile one would be walked
/// for each file below it.
const LONGEST: usize = 4096;

/// Turns paths into nodes, up to a number of new ones.
pub(crate) struct Interner<'p> {
    paths: &'p mut Paths,
    /// Nodes and bytes of names that may still be made.
    nodes: usize,
    names: u64,
    full: bool,
}

impl<'p> Interner<'p> {
    pub(crate) fn new(paths: &'p mut Paths, nodes: u64, names: u64) -> Self {
        let (made, used) = (paths.len(), paths.name_bytes());
        Self {
            nodes: made.saturating_add(usize::try_from(nodes).unwrap_or(usize::MAX)),
            names: used.saturating_add(names),
            paths,
            full: false,
        }
    }

    /// The node of a path from the root, with or without a leading slash. When the limit on nodes is
    /// reached it is the root, which no package owns, and [`Interner::is_full`] tells.
    pub(crate) fn path(&mut self, path: &[u8]) -> NodeId {
        if self.refuses(path) {
            return ROOT;
        }
        self.paths.intern_path(path).map_or(ROOT, |(node, _)| node)
    }

    /// The node of a path relative to the directory `base`, `..` resolved; an absolute path stays so.
    pub(crate) fn relative(&mut self, base: NodeId, path: &[u8]) -> NodeId {
        if path.starts_with(b"/") {
            return self.path(path);
        }
        if self.refuses(path) {
            return ROOT;
        }
        self.paths.intern_below(base, path).map_or(ROOT, |(node, _)| node)
    }

    fn refuses(&mut self, path: &[u8]) -> bool {
        self.full |= self.paths.len() >= self.nodes || self.paths.name_bytes() + path.len() as u64 > self.names;
        self.full || path.len() > LONGEST
    }

    /// Whether the limit on nodes was reached.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    #[cfg(test)]
    pub(crate) fn spelled(&self, node: NodeId) -> String {
        String::from_utf8_lossy(&self.paths.path(node)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_relative_paths() {
        let mut paths = Paths::new();
        let mut interner = Interner::new(&mut paths, 1000, 10_000);
        let base = interner.path(b"usr/lib/python3");
        let mut spelled = |path: &[u8]| {
            let node = interner.relative(base, path);
            interner.spelled(node)
        };
        assert_eq!(spelled(b"six.py"), "usr/lib/python3/six.py");
        assert_eq!(spelled(b"../../bin/x"), "usr/bin/x");
        assert_eq!(spelled(b"../../../../../../etc/x"), "etc/x");
        assert_eq!(spelled(b"/opt//./x"), "opt/x");
        assert_eq!(spelled(&b"a/".repeat(5000)), "");
    }

    #[test]
    fn stops_when_full() {
        let mut paths = Paths::new();
        let mut interner = Interner::new(&mut paths, 2, 100);
        assert_ne!(interner.path(b"a/b"), ROOT);
        assert!(!interner.is_full());
        assert_eq!(interner.relative(1, b"c"), ROOT);
        assert!(interner.is_full());
    }
}
