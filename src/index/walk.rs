//! Paths followed as the kernel follows them in a container: through symbolic links, below the root.

use super::stack::{MADE_HERE, Stack};
use super::{Cause, Index};
use crate::error::{Error, Result};
use crate::layer::EntryKind;
use crate::paths::{NodeId, ROOT};

/// Symbolic links followed for one path before it is taken for a loop, as Linux counts them.
const MAX_HOPS: usize = 40;
/// A longer target no system call accepts.
pub(super) const MAX_TARGET: usize = 4096;

/// What a directory is looked up for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Below {
    /// For a marker: it applies to lower layers, and not through a link that this layer replaces.
    Only,
    /// For an entry: what is in the way becomes a directory.
    AndHere,
}

/// Whether a symbolic link at the end of a path is followed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Last {
    Keep,
    Follow,
}

impl Stack<'_> {
    /// Where the directory `node` is, symbolic links followed; `None` if a marker's directory is
    /// made by its own layer in place of a link.
    pub(super) fn directory(&mut self, layer: usize, node: NodeId, below: Below) -> Result<Option<NodeId>> {
        // As nearly always.
        if self.is_plain(node) {
            return Ok(Some(node));
        }
        let mut chain = Vec::new();
        let mut at = node;
        while at != ROOT {
            chain.push(at);
            at = self.index.paths().parent(at);
        }
        let mut at = ROOT;
        while let Some(raw) = chain.pop() {
            let next = if self.index.paths().parent(raw) == at {
                raw
            } else {
                let name = self.index.paths().name(raw).to_vec();
                self.intern(at, &name)?
            };
            at = match self.current(next).map(|placed| placed.entry.kind) {
                None | Some(EntryKind::Directory) => next,
                Some(EntryKind::Symlink) => {
                    if below == Below::Only && self.flags[raw as usize] & MADE_HERE != 0 {
                        return Ok(None);
                    }
                    let target = self.follow(next, &mut 0)?;
                    if target.is_none() {
                        let message = "a symbolic link in a directory of the path leads nowhere; not followed";
                        self.note(layer, "symlink-loop", next, message);
                    }
                    let to = target.unwrap_or(next);
                    self.make_way(layer, to, below);
                    to
                }
                Some(_) => {
                    self.make_way(layer, next, below);
                    next
                }
            };
        }
        Ok(Some(at))
    }

    /// An entry below a path needs directories there: what else is on the way goes.
    fn make_way(&mut self, layer: usize, node: NodeId, below: Below) {
        if below == Below::Only {
            return;
        }
        let mut at = node;
        while at != ROOT {
            if self.current(at).is_some_and(|placed| placed.entry.kind != EntryKind::Directory) {
                let here = self.index.live[at as usize].layer as usize == layer;
                self.kill(at, layer, if here { Cause::RepeatedInLayer } else { Cause::ReplacedByType });
            }
            at = self.index.paths().parent(at);
        }
    }

    /// The node that the symbolic link at `node` leads to; `None` for a loop.
    fn follow(&mut self, node: NodeId, hops: &mut usize) -> Result<Option<NodeId>> {
        let Some(placed) = self.current(node) else { return Ok(None) };
        let target = self.target(&placed).unwrap_or_default().to_vec();
        if target.len() > MAX_TARGET {
            return Ok(None);
        }
        let start = if target.starts_with(b"/") { ROOT } else { self.index.paths().parent(node) };
        *hops += 1;
        self.walk_from(start, &target, Last::Follow, hops)
    }

    pub(super) fn walk(&mut self, start: NodeId, path: &[u8], last: Last) -> Result<Option<NodeId>> {
        self.walk_from(start, path, last, &mut 0)
    }

    /// Walks `path` from `start` as the kernel does, below the root, making nodes that do not exist.
    fn walk_from(&mut self, start: NodeId, path: &[u8], last: Last, hops: &mut usize) -> Result<Option<NodeId>> {
        let mut at = start;
        let mut parts: Vec<Vec<u8>> = components(path);
        while let Some(part) = parts.pop() {
            self.steps += 1;
            if self.steps > self.limits.link_steps {
                return Err(Error::Limit {
                    place: "image".into(),
                    what: "the length of symbolic link walks".into(),
                    limit: "link-steps",
                    max: self.limits.link_steps,
                });
            }
            if part == b".." {
                at = self.index.paths().parent(at);
                continue;
            }
            let next = self.intern(at, &part)?;
            let link = self.current(next).filter(|placed| placed.entry.kind == EntryKind::Symlink);
            match link.map(|placed| self.target(&placed).unwrap_or_default().to_vec()) {
                Some(target) if last == Last::Follow || !parts.is_empty() => {
                    *hops += 1;
                    if *hops > MAX_HOPS || target.len() > MAX_TARGET {
                        return Ok(None);
                    }
                    if target.starts_with(b"/") {
                        at = ROOT;
                    }
                    parts.append(&mut components(&target));
                }
                _ => at = next,
            }
        }
        Ok(Some(at))
    }
}

/// The components of a path, the last first.
fn components(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|byte| *byte == b'/').rev().filter(|part| !matches!(part, [] | [b'.'])).map(<[u8]>::to_vec).collect()
}

/// Finds a live path in a finished index, following symbolic links.
pub(super) fn find(index: &Index, path: &[u8]) -> Option<NodeId> {
    let mut at = ROOT;
    let mut parts = components(path);
    let mut hops = 0;
    while let Some(part) = parts.pop() {
        if part == b".." {
            at = index.paths().parent(at);
            continue;
        }
        let next = index.paths().child(at, &part)?;
        match index.at(next).filter(|placed| placed.entry.kind == EntryKind::Symlink) {
            None => at = next,
            Some(placed) => {
                hops += 1;
                let target = index.image().changeset(index.layer_at(placed.layer))?.link(placed.entry)?;
                if hops > MAX_HOPS || target.len() > MAX_TARGET {
                    return None;
                }
                if target.starts_with(b"/") {
                    at = ROOT;
                }
                parts.append(&mut components(target));
            }
        }
    }
    Some(at)
}
