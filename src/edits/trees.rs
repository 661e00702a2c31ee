//! What goes as a whole, named as a shell would name it.

use super::{Ground, Removal};
use crate::paths::{NodeId, Paths, ROOT};
use crate::text::escaped;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Trees that are named; a removal may have a hundred thousand.
const NAMED: usize = 20;

/// The largest trees that go as a whole: `dir/*` where the directory itself stays.
pub(super) struct Trees {
    /// The first of them, most bytes first.
    pub(super) names: Vec<String>,
    /// How many there are.
    pub(super) count: usize,
    /// The directory that all are in.
    within: NodeId,
}

impl Trees {
    /// All layers count: what another one has below a directory must not be named with it. `rules` are those that
    /// select what goes.
    pub(super) fn new(ground: &Ground<'_>, removal: &Removal, rules: &BTreeSet<usize>) -> Self {
        let paths = ground.index.paths();
        let mut found = find(ground, removal, rules);
        let count = found.len();
        let common = found.iter().map(|tree| tree.node).reduce(|a, b| common(paths, a, b));
        // Of equal weight those come first whose names do: all that are as heavy as the last have to be named.
        if count > NAMED {
            let (_, last, _) = found.select_nth_unstable_by_key(NAMED - 1, |tree| Reverse(tree.bytes));
            let least = last.bytes;
            found.retain(|tree| tree.bytes >= least);
        }
        let mut named: Vec<(Reverse<u64>, String, NodeId)> =
            found.into_iter().map(|tree| (Reverse(tree.bytes), tree.name(paths), tree.node)).collect();
        named.sort_unstable();
        named.truncate(NAMED);
        let within = match (common, named.first()) {
            // Not the first tree itself, though the others be in it.
            (Some(common), Some((_, _, first))) if common == *first => paths.parent(common),
            (common, _) => common.unwrap_or(ROOT),
        };
        Self { names: named.into_iter().map(|(_, name, _)| name).collect(), count, within }
    }

    /// All of them in a few words: themselves as `shown`, or the directory that they are in.
    pub(super) fn gist(&self, paths: &Paths, shown: &str) -> String {
        if self.count <= 3 {
            return shown.to_owned();
        }
        let count = crate::render::size::plural(self.count as u64, "path", "paths");
        if self.within == ROOT { count } else { format!("{count} below /{}", escaped(&paths.path(self.within))) }
    }
}

/// One tree.
struct Tree {
    node: NodeId,
    bytes: u64,
    /// The directory itself stays.
    stays: bool,
}

impl Tree {
    fn name(&self, paths: &Paths) -> String {
        format!("/{}{}", escaped(&paths.path(self.node)), if self.stays { "/*" } else { "" })
    }
}

fn find(ground: &Ground<'_>, removal: &Removal, rules: &BTreeSet<usize>) -> Vec<Tree> {
    let paths = ground.index.paths();
    let census = ground.census();
    let losses = census.losses(ground.index, removal);
    // `/root/*` or `/var/lib/*` would be true, and read as more than it is.
    let near_root = |node: NodeId| {
        let parent = paths.parent(node);
        let shared = paths.parent(parent) == ROOT && matches!(paths.name(parent), b"var" | b"usr" | b"home");
        census.is_parent(node) && (parent == ROOT || shared)
    };
    let whole = |node: NodeId| node != ROOT && losses.empties(node) && !near_root(node);
    // Directories that a rule empties by name are written as that, though an empty lock file may stay.
    let emptied = emptied(ground, rules);
    let inside = |node: NodeId| {
        let mut at = node;
        while at != ROOT && !emptied.contains(&at) {
            at = paths.parent(at);
        }
        at != ROOT
    };
    let by_rule = emptied.iter().copied().filter(|node| losses.bytes(*node) > 0);
    let by_rule = by_rule.map(|node| Tree { node, bytes: losses.bytes(node), stays: true });
    let others = (1..paths.len() as NodeId).filter(|node| whole(*node) && !whole(paths.parent(*node)) && !inside(*node));
    let others = others.map(|node| Tree { node, bytes: losses.bytes(node), stays: losses.leaves_directory(node) });
    by_rule.chain(others).collect()
}

/// The deepest path that both are at or below.
fn common(paths: &Paths, a: NodeId, b: NodeId) -> NodeId {
    let (mut a, mut b) = (a, b);
    // A directory's number is smaller than those of what it holds.
    while a != b {
        if a > b { a = paths.parent(a) } else { b = paths.parent(b) }
    }
    a
}

/// Directories whose whole content one of the rules selects by a pattern without wildcards before its `/**`.
fn emptied(ground: &Ground<'_>, rules: &BTreeSet<usize>) -> BTreeSet<NodeId> {
    let patterns = rules.iter().flat_map(|rule| &ground.findings.rules[*rule].select.paths);
    let roots = patterns.filter_map(|pattern| pattern.strip_suffix("/**")).filter(|root| !root.contains(['*', '?', '[', '{']));
    roots.filter_map(|root| ground.index.paths().find(root.as_bytes())).filter(|node| *node != ROOT).collect()
}
