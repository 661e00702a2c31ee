//! What interpreters of Python have to do with what is there for them.

use crate::facts::Fact;
use crate::index::{Index, Placed};
use crate::layer::EntryKind;
use crate::paths::NodeId;
use std::collections::HashSet;

/// Bytecode for a version of Python that the finished image has no interpreter of. Nothing is found
/// where no interpreter can be told: the program may bring its own.
pub(super) fn stale_bytecode(index: &Index, found: &mut dyn FnMut(&Placed<'_>)) {
    let paths = index.paths();
    let is_program = |node: NodeId| index.at(node).is_some_and(|placed| placed.entry.kind != EntryKind::Directory);
    let version = |node: NodeId| interpreter_version(paths.name(node)).filter(|_| is_program(node));
    let versions: HashSet<String> = (1..paths.len() as NodeId).filter_map(version).collect();
    if versions.is_empty() {
        return;
    }
    let is_stale = |node: NodeId| bytecode_version(paths.name(node)).is_some_and(|version| !versions.contains(version));
    let stale: Vec<bool> = (0..paths.len() as NodeId).map(is_stale).collect();
    if stale.contains(&true) {
        let is_stale = |placed: &Placed<'_>| placed.entry.kind == EntryKind::File && stale[placed.node as usize];
        index.entries().filter(is_stale).for_each(|placed| found(&placed));
    }
}

/// `311` of `python3.11`, `python3.11d` and `libpython3.11.so.1.0`.
fn interpreter_version(name: &[u8]) -> Option<String> {
    let rest = name.strip_prefix(b"libpython").or_else(|| name.strip_prefix(b"python"))?;
    let rest = std::str::from_utf8(rest).ok()?;
    let (major, rest) = rest.split_once('.')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (minor, rest) = rest.split_at(digits);
    let ends = rest.is_empty() || rest == "d" || rest == "t" || rest == "m" || rest.contains(".so");
    (ends && !minor.is_empty() && major.len() == 1 && major.bytes().all(|byte| byte.is_ascii_digit())).then(|| format!("{major}{minor}"))
}

/// `311` of `module.cpython-311.opt-1.pyc`.
fn bytecode_version(name: &[u8]) -> Option<&str> {
    const TAG: &[u8] = b".cpython-";
    let stem = name.strip_suffix(b".pyc")?;
    let tag = &stem[stem.windows(TAG.len()).rposition(|part| part == TAG)? + TAG.len()..];
    let digits = tag.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&tag[..digits]).ok().filter(|_| digits > 1)
}

/// Standard libraries other than that of the interpreter which the image is about: the one that a
/// virtual environment was made with, else that in `/usr/local`, else the one that came last.
pub(super) fn second_library(index: &Index, found: &mut dyn FnMut(&Placed<'_>)) {
    let paths = index.paths();
    let there = |node: NodeId, name: &str| paths.child(node, name.as_bytes()).and_then(|child| index.at(child));
    // Each library with the layer that it is from.
    let mut libraries: Vec<(NodeId, usize)> = Vec::new();
    for node in 1..paths.len() as NodeId {
        if interpreter_version(paths.name(node)).is_some()
            && paths.name(paths.parent(node)) == b"lib"
            && paths.child(node, b"encodings").is_some()
            && let Some(module) = there(node, "os.py").or_else(|| there(node, "os.pyc"))
        {
            libraries.push((node, module.layer));
        }
    }
    if libraries.len() < 2 {
        return;
    }
    let homes: HashSet<NodeId> = index
        .facts()
        .filter(|(placed, _)| index.at(placed.node).is_some_and(|live| live.layer == placed.layer))
        .filter_map(|(_, fact)| match fact {
            // The interpreter is in `bin`, its library beside that.
            Fact::Venv { home } => {
                let directory = index.find(home.as_bytes()).map(|placed| placed.node).or_else(|| paths.find(home.as_bytes()));
                directory.map(|directory| paths.parent(directory))
            }
            _ => None,
        })
        .collect();
    let prefix = |node: NodeId| paths.parent(paths.parent(node));
    let local = paths.find(b"usr/local");
    let Some((main, _)) =
        libraries.iter().max_by_key(|(node, layer)| (homes.contains(&prefix(*node)), Some(prefix(*node)) == local, *layer)).copied()
    else {
        return;
    };
    let mut other = vec![false; paths.len()];
    for (node, _) in libraries.iter().filter(|(node, _)| prefix(*node) != prefix(main) && !homes.contains(&prefix(*node))) {
        other[*node as usize] = true;
    }
    // A directory's number is smaller than those of what it holds.
    for node in 1..paths.len() as NodeId {
        let packages = matches!(paths.name(node), b"site-packages" | b"dist-packages");
        other[node as usize] |= other[paths.parent(node) as usize] && !packages;
    }
    index.entries().filter(|placed| other[placed.node as usize]).for_each(|placed| found(&placed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        for (name, expected) in [
            ("python3.11", Some("311")),
            ("python2.7", Some("27")),
            ("python3.13t", Some("313")),
            ("libpython3.12.so.1.0", Some("312")),
            ("python3", None),
            ("python3.11-config", None),
            ("python3.11.py", None),
            ("libpython3.so", None),
            ("python.", None),
            ("python.3", None),
        ] {
            assert_eq!(interpreter_version(name.as_bytes()).as_deref(), expected, "{name}");
        }
        for (name, expected) in [
            ("os.cpython-311.pyc", Some("311")),
            ("os.cpython-39.opt-1.pyc", Some("39")),
            ("a.cpython-311.b.cpython-312.pyc", Some("312")),
            ("os.pypy39.pyc", None),
            ("os.pyc", None),
            ("x.cpython-.pyc", None),
            ("x.cpython-311-x86_64-linux-gnu.so", None),
        ] {
            assert_eq!(bytecode_version(name.as_bytes()), expected, "{name}");
        }
    }
}
