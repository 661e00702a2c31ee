//! What the tree is made from, once for an image: who is below whom, and what each path held after each layer.

use crate::analysis::Analysis;
use crate::index::{Index, Place, Placed, Versions};
use crate::layer::EntryKind;
use crate::paths::{Children, NodeId, Paths, ROOT};

/// A path that is no directory has no number as one.
pub(super) const NO_DIRECTORY: u32 = u32::MAX;

/// An image, ready to be looked at.
pub(super) struct Ground<'a> {
    pub(super) analysis: &'a Analysis<'a>,
    pub(super) index: &'a Index,
    pub(super) versions: Versions,
    /// Whiteouts and opaque markers, layer by layer.
    pub(super) markers: Vec<Place>,
    pub(super) children: Children,
    /// For each path its number among directories.
    pub(super) number: Vec<u32>,
    /// Directories, each after the one that holds it.
    pub(super) directories: Vec<NodeId>,
    /// How many of the first layers a stacked tree is compared with: the base's, or the first alone.
    pub(super) base: usize,
}

impl<'a> Ground<'a> {
    pub(super) fn new(analysis: &'a Analysis<'a>) -> Self {
        let index = analysis.index;
        let versions = index.versions();
        let children = index.paths().children();
        let mut number = vec![NO_DIRECTORY; index.paths().len()];
        let mut markers = Vec::new();
        // Those without anything in them are known by their entries alone.
        number[ROOT as usize] = 0;
        for placed in index.entries() {
            if placed.entry.kind == EntryKind::Directory {
                number[placed.node as usize] = 0;
            } else if placed.entry.kind.is_marker() {
                markers.push(placed.place());
            }
        }
        let mut directories = Vec::new();
        for (node, number) in (0..).zip(&mut number) {
            if *number != NO_DIRECTORY || !children.of(node).is_empty() {
                *number = directories.len() as u32;
                directories.push(node);
            }
        }
        Self { analysis, index, versions, markers, children, number, directories, base: analysis.base.layers.max(1) }
    }

    pub(super) fn paths(&self) -> &'a Paths {
        self.index.paths()
    }

    pub(super) fn layers(&self) -> usize {
        self.index.image().layers().len()
    }

    pub(super) fn is_directory(&self, node: NodeId) -> bool {
        self.number[node as usize] != NO_DIRECTORY
    }

    /// The number of the directory that an entry counts for: its own, or the one that holds it.
    pub(super) fn holder(&self, placed: &Placed<'_>) -> usize {
        let own = self.number[placed.node as usize];
        if own != NO_DIRECTORY && placed.entry.kind == EntryKind::Directory {
            return own as usize;
        }
        self.number[self.paths().parent(placed.node) as usize] as usize
    }

    /// A path with a leading slash, safe to show.
    pub(super) fn shown(&self, node: NodeId) -> String {
        format!("/{}", crate::text::escaped(&self.paths().path(node)))
    }

    /// The paths at and below one, each before those below it.
    pub(super) fn below(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut stack = vec![node];
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            stack.extend(self.children.of(next).iter().rev());
            Some(next)
        })
    }
}
