//! Paths that a file's content names, as nodes of the layer's trie.

use crate::paths::{NodeId, Paths, ROOT};

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
        self.full |= self.paths.len() >= self.nodes || self.paths.name_bytes() + path.len() as u64 > self.names;
        if self.full {
            return ROOT;
        }
        self.paths.intern_path(path).map_or(ROOT, |(node, _)| node)
    }

    /// The node of a path relative to the directory `base`, `..` resolved.
    pub(crate) fn relative(&mut self, base: &[u8], path: &[u8]) -> NodeId {
        if path.starts_with(b"/") {
            return self.path(path);
        }
        self.path(&[base, b"/", path].concat())
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
