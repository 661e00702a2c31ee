//! What a COPY from the build context brings in vain.

use crate::index::{Fate, Index, Placed};
use crate::layer::EntryKind;
use crate::paths::NodeId;
use crate::rules::apply::is_from_context;
use std::collections::HashMap;

/// Directories that builds make, and that a developer's machine has too.
const MADE: [&[u8]; 6] = [b"node_modules", b".venv", b"venv", b"vendor", b"__pypackages__", b"bower_components"];

/// Smaller files are the same by chance: licences, empty modules, icons.
const LEAST: u64 = 64 << 10;

/// Entries that a COPY writes into such a directory, where an earlier instruction of another kind made it.
pub(super) fn copied_over(index: &Index, found: &mut dyn FnMut(&Placed<'_>)) {
    let paths = index.paths();
    if !index.image().layers().iter().any(is_from_context) {
        return;
    }
    // For each path the topmost such directory at or above it.
    let mut within: Vec<NodeId> = vec![0; paths.len()];
    for node in 1..paths.len() as NodeId {
        let above = within[paths.parent(node) as usize];
        within[node as usize] = if above == 0 && MADE.contains(&paths.name(node)) { node } else { above };
    }
    let mut made = vec![false; paths.len()];
    for (number, layer) in index.image().layers().iter().enumerate() {
        let copied = is_from_context(layer);
        for placed in index.layer(number) {
            let directory = within[placed.node as usize];
            if directory == 0 || placed.node == directory {
                continue;
            }
            if !copied {
                made[directory as usize] = true;
            } else if made[directory as usize] {
                found(&placed);
            }
        }
    }
}

/// Live files from the build context that a later instruction stores again elsewhere.
pub(super) fn copied_twice(index: &Index, found: &mut dyn FnMut(&Placed<'_>)) {
    let candidate =
        |placed: &Placed<'_>| placed.entry.kind == EntryKind::File && placed.entry.content_bytes >= LEAST && placed.path_fate == Fate::Live;
    let mut copied: HashMap<(u64, [u64; 2]), Vec<Placed<'_>>> = HashMap::new();
    let layers = index.image().layers().iter().enumerate();
    for (number, layer) in layers.skip_while(|(_, layer)| !is_from_context(layer)) {
        let from_context = is_from_context(layer);
        for placed in index.layer(number).filter(candidate) {
            let content = (placed.entry.content_bytes, placed.entry.content_hash);
            if let Some(earlier) = copied.get_mut(&content).filter(|earlier| earlier.iter().all(|earlier| earlier.layer < number)) {
                // Each is found once: the later one stays.
                earlier.drain(..).for_each(|earlier| found(&earlier));
            }
            if from_context {
                copied.entry(content).or_default().push(placed);
            }
        }
    }
}
