//! Crates that a Rust program was built from, where `cargo auditable` built it. Source:
//! cargo-auditable's `PARSING.md` and its JSON schema: zlib-compressed JSON in the section `.dep-v0`.

use super::json::{self, Each, Loose};
use super::{Ecosystem, Owned, Package};
use serde::Deserialize;
use std::io::Read;

/// Most of the JSON that is read; cargo-auditable's readers have the same limit.
const MOST: u64 = 8 << 20;
/// Most crates that are kept.
const CRATES: usize = 5000;
/// Most edges between all of them.
const EDGES: usize = 200_000;
/// Most bytes of the names at their ends.
const NAMES: usize = 16 << 20;

#[derive(Deserialize)]
struct Audit {
    packages: Each<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: Loose,
    version: Loose,
    #[serde(default)]
    kind: Loose,
    #[serde(default)]
    dependencies: Vec<u32>,
    #[serde(default)]
    root: Loose,
}

/// The program's own crate first; what only build scripts needed is not in the program.
pub(super) fn packages(section: &[u8]) -> Option<Vec<Package>> {
    let mut text = Vec::new();
    flate2::read::ZlibDecoder::new(section).take(MOST).read_to_end(&mut text).ok()?;
    let audit: Audit = json::read(&text).ok()?;
    let mut crates: Vec<_> = audit.packages.0.into_iter().take(CRATES).map(|(_, entry)| entry).collect();
    let names: Vec<String> = crates.iter_mut().map(|entry| std::mem::take(&mut entry.name).text()).collect();
    let build: Vec<bool> = crates.iter_mut().map(|entry| std::mem::take(&mut entry.kind).text() == "build").collect();
    let (mut found, mut edges, mut room) = (Vec::new(), 0, NAMES);
    for ((entry, name), build_only) in crates.into_iter().zip(&names).zip(&build) {
        if *build_only {
            continue;
        }
        let left = EDGES - edges;
        let kept = entry.dependencies.iter().filter(|number| build.get(**number as usize) == Some(&false));
        let needs = kept.filter_map(|number| names.get(*number as usize));
        let fits = |name: &&String| room.checked_sub(name.len()).map(|rest| room = rest).is_some();
        let depends: Vec<_> = needs.take(left).take_while(fits).map(|name| vec![name.clone()]).collect();
        edges += depends.len();
        let package = Package {
            ecosystem: Ecosystem::Cargo,
            name: name.clone(),
            version: entry.version.text(),
            depends,
            files: Owned::Listed(Vec::new()),
            ..Package::default()
        };
        if entry.root.flag() { found.insert(0, package) } else { found.push(package) }
    }
    Some(found)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write;

    pub(in crate::facts) const TEXT: &str = r#"{"packages":[{"name":"adler","version":"1.0.2","source":"crates.io"},
        {"name":"cc","version":"1.0.83","source":"crates.io","kind":"build"},
        {"name":"hello","version":"0.1.0","source":"local","dependencies":[0,1,9],"root":true}]}"#;

    pub(in crate::facts) fn section(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).expect("to memory");
        encoder.finish().expect("to memory")
    }

    #[test]
    fn crates_of_a_section() {
        let found = packages(&section(TEXT)).expect("it is well formed");
        let list: Vec<_> =
            found.iter().map(|package| (package.name.as_str(), package.version.as_str(), package.depends.concat())).collect();
        assert_eq!(list, [("hello", "0.1.0", vec!["adler".to_owned()]), ("adler", "1.0.2", vec![])]);
        assert_eq!(packages(b"no zlib"), None);
        // A long name at the end of many edges.
        let (name, edges) = ("a".repeat(4000), "1,".repeat(100_000));
        let text = format!(r#"{{"packages":[{{"name":"x","version":"1","dependencies":[{edges}1]}},{{"name":"{name}","version":"1"}}]}}"#);
        let found = packages(&section(&text)).expect("it is well formed");
        let bytes: usize = found.iter().flat_map(|package| package.depends.iter().flatten()).map(String::len).sum();
        assert!(bytes > 1 << 20 && bytes <= NAMES, "{bytes}");
        assert_eq!(packages(&section("{\"packages\":[")), None);
    }
}
