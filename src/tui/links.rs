//! Where a symbolic link leads, in the state that a tree shows.

use super::ground::Ground;
use crate::layer::EntryKind;
use crate::paths::{NodeId, ROOT};
use crate::text::escaped;

/// Links that may be followed on the way, as Linux has it: `path_resolution(7)`.
const HOPS: usize = 40;
/// What a container's runtime mounts: an image has nothing there.
const MOUNTED: [&[u8]; 3] = [b"dev", b"proc", b"sys"];

/// What a link names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) node: NodeId,
    /// It names something above the root, which is the root itself.
    pub(super) climbs: bool,
}

/// What `link`, at `node`, names after the first `layers` layers. Links on the way are followed, the last one is not: a link
/// to a link leads to that one. If it leads nowhere, why.
pub(super) fn target(ground: &Ground<'_>, layers: usize, node: NodeId, link: &[u8]) -> Result<Target, String> {
    let mut way = Way { ground, at: ground.paths().parent(node), left: Vec::new(), climbs: false };
    way.enter(link);
    let mut hops = 0;
    while let Some(part) = way.left.pop() {
        if part == b".." {
            way.climbs |= way.at == ROOT;
            way.at = ground.paths().parent(way.at);
            continue;
        }
        let next = ground.paths().child(way.at, &part).ok_or_else(|| way.missing(&part))?;
        if way.left.is_empty() {
            way.at = next;
            break;
        }
        let entry = ground.versions.after(ground.index, next, layers);
        let link = entry.as_ref().filter(|entry| entry.entry.kind == EntryKind::Symlink).and_then(|entry| ground.index.link(entry));
        match link {
            Some(link) => {
                hops += 1;
                if hops > HOPS {
                    return Err(format!("more than {HOPS} links are on the way: they lead in a circle"));
                }
                way.enter(link);
            }
            None if ground.is_directory(next) => way.at = next,
            None => return Err(format!("{} is no directory", ground.shown(next))),
        }
    }
    Ok(Target { node: way.at, climbs: way.climbs })
}

/// A path on the way to its end.
struct Way<'g, 'i> {
    ground: &'g Ground<'i>,
    at: NodeId,
    /// The parts that are left, the next one last.
    left: Vec<Vec<u8>>,
    climbs: bool,
}

impl Way<'_, '_> {
    /// Goes on with a link's target.
    fn enter(&mut self, link: &[u8]) {
        if link.starts_with(b"/") {
            self.at = ROOT;
        }
        let parts = link.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b"."));
        self.left.extend(parts.rev().map(<[u8]>::to_vec));
    }

    fn missing(&self, part: &[u8]) -> String {
        let mut path = self.ground.paths().path(self.at);
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(part);
        let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
        let why = if MOUNTED.contains(&first) {
            format!("; only a running container has something in /{}", escaped(first))
        } else {
            String::new()
        };
        format!("no layer has /{}{why}", escaped(&path))
    }
}
