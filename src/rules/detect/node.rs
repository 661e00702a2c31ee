//! What packages of Node.js bring for platforms that are not the image's.

use crate::index::{Index, Placed};
use crate::paths::NodeId;

/// Systems as `process.platform` names them.
const SYSTEMS: [&str; 8] = ["linux", "darwin", "win32", "android", "freebsd", "openbsd", "netbsd", "sunos"];
/// Architectures as `process.arch` names them, with Go's name of each.
const ARCHITECTURES: [(&str, &str); 9] = [
    ("x64", "amd64"),
    ("arm64", "arm64"),
    ("ia32", "386"),
    ("arm", "arm"),
    ("ppc64", "ppc64le"),
    ("s390x", "s390x"),
    ("riscv64", "riscv64"),
    ("loong64", "loong64"),
    ("mips64el", "mips64le"),
];

/// Entries below `prebuilds/<system>-<architecture>`, and below packages of a scope that are named so,
/// where the image is for another platform.
pub(super) fn foreign(index: &Index, found: &mut dyn FnMut(&Placed<'_>)) {
    let paths = index.paths();
    let architecture = index.image().platform().architecture.as_str();
    let mut selected = vec![false; paths.len()];
    let mut modules = vec![false; paths.len()];
    // A directory's number is smaller than those of what it holds.
    for node in 1..paths.len() as NodeId {
        let parent = paths.parent(node) as usize;
        modules[node as usize] = modules[parent] || paths.name(node) == b"node_modules";
        selected[node as usize] = selected[parent]
            || modules[parent]
                && (paths.name(parent as NodeId) == b"prebuilds" || paths.name(parent as NodeId).starts_with(b"@"))
                && std::str::from_utf8(paths.name(node)).is_ok_and(|name| is_foreign(name, architecture));
    }
    if selected.contains(&true) {
        index.entries().filter(|placed| selected[placed.node as usize]).for_each(|placed| found(&placed));
    }
}

/// Whether a name such as `linux-x64` or `sharp-darwin-arm64` is of another platform than Linux on an architecture,
/// which has Go's name. Names that are not understood are of no platform.
fn is_foreign(name: &str, architecture: &str) -> bool {
    let parts: Vec<&str> = name.split(['-', '+']).collect();
    let Some(at) = parts.iter().position(|part| SYSTEMS.contains(part)) else { return false };
    let of_part = |part: &str| ARCHITECTURES.iter().find(|(node, _)| *node == part).map(|(_, go)| *go);
    let named: Vec<&str> = parts[at + 1..].iter().filter_map(|part| of_part(part)).collect();
    if named.is_empty() || !ARCHITECTURES.iter().any(|(_, go)| *go == architecture) {
        return false;
    }
    parts[at] != "linux" || !named.contains(&architecture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_platforms() {
        for (name, expected) in [
            ("linux-x64", false),
            ("linux-arm64", true),
            ("darwin-x64", true),
            ("darwin-x64+arm64", true),
            ("win32-x64-msvc", true),
            ("sharp-linuxmusl-x64", false),
            ("sharp-linux-x64", false),
            ("sharp-darwin-arm64", true),
            ("swc-linux-x64-gnu", false),
            ("core-linux-arm64-musl", true),
            ("linux", false),
            ("darwin", false),
            ("node", false),
            ("", false),
        ] {
            assert_eq!(is_foreign(name, "amd64"), expected, "{name}");
        }
        assert!(!is_foreign("linux-x64", ""));
        assert!(is_foreign("android-arm64", "arm64"));
    }
}
