//! Python distributions. Sources: the packaging specifications "Recording installed projects"
//! (`METADATA`, `RECORD`) and "Core metadata"; setuptools' older `PKG-INFO` has the same fields.

use super::{Ecosystem, Fact, Input, Interner, Owned, Package};

/// `NAME.dist-info/METADATA`, `NAME.egg-info/PKG-INFO`, or a `NAME.egg-info` that is a file.
pub(super) fn metadata(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let start = input.content.start();
    // The description, which may be long, comes after an empty line.
    let text = String::from_utf8_lossy(start);
    let headers = text.split("\n\n").next().unwrap_or_default();
    let mut package = Package { ecosystem: Ecosystem::Pypi, ..Package::default() };
    for line in headers.lines().filter(|line| !line.starts_with([' ', '\t'])) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match key {
            "Name" => normalised(value).clone_into(&mut package.name),
            "Version" => value.clone_into(&mut package.version),
            "Requires-Dist" => package.depends.extend(requirement(value)),
            _ => {}
        }
    }
    if package.name.is_empty() {
        return Err("expected a `Name`, found none".to_owned());
    }
    // Without a RECORD only what is known by name: the metadata itself and the usual directory.
    let directory = match input.path {
        path if path.ends_with(b"/METADATA") || path.ends_with(b"/PKG-INFO") => parent(path),
        path => path,
    };
    let own = interner.path(directory);
    package.files = if input.path.ends_with(b"/METADATA") {
        Owned::Below(vec![own])
    } else {
        let code = interner.relative(parent(directory), package.name.replace('-', "_").as_bytes());
        Owned::Below(vec![own, code])
    };
    Ok(Fact::Packages(vec![package]))
}

/// `NAME.dist-info/RECORD`: CSV of path, hash and size, relative to the directory above.
pub(super) fn record(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let content = input.content.whole()?;
    let base = parent(parent(input.path)).to_vec();
    let mut nodes = Vec::new();
    for line in content.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        let path = match line.strip_prefix(b"\"") {
            Some(quoted) => quoted.split(|byte| *byte == b'"').next(),
            None => line.split(|byte| *byte == b',').next(),
        };
        if let Some(path) = path.filter(|path| !path.is_empty()) {
            nodes.push(interner.relative(&base, path));
        }
    }
    Ok(Fact::Files(nodes))
}

fn parent(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(&[], |cut| &path[..cut])
}

/// Names are compared in lower case with `-` for `_` and `.` (PEP 503).
fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(&part.to_ascii_lowercase());
    }
    out
}

/// `requests[socks] (>=2.8) ; python_version < "3"` as a name; what only an extra needs is left out.
fn requirement(value: &str) -> Option<Vec<String>> {
    let (need, marker) = value.split_once(';').unwrap_or((value, ""));
    if marker.contains("extra ==") || marker.contains("extra==") {
        return None;
    }
    let name = need.trim().split([' ', '[', '(', '<', '>', '=', '!', '~', '@']).next().unwrap_or_default();
    (!name.is_empty()).then(|| vec![normalised(name)])
}
