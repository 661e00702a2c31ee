//! Packages of npm, pnpm and yarn. Sources: npm's `package.json`, `package-lock.json` and `folders`
//! manual pages; Node.js, "Modules: loading from `node_modules` folders".

use super::json::{self, Each, Loose};
use super::names::{last, parent};
use super::{Ecosystem, Fact, Input, Interner, Kind, Owned, Package};
use serde::Deserialize;

/// Which of npm's files this is.
pub(super) fn kind(directory: &[u8], name: &[u8]) -> Option<Kind> {
    let mut parts = directory.rsplit(|byte| *byte == b'/');
    let inside = |directory: &[u8]| directory.split(|byte| *byte == b'/').any(|part| part == b"node_modules");
    match name {
        b"package.json" if !inside(directory) => Some(Kind::NpmRoot),
        b"package.json" => {
            // NAME below `node_modules`, or @SCOPE/NAME; further below it is a part of a package.
            let (own, above, top) = (parts.next()?, parts.next()?, parts.next());
            let plain = above == b"node_modules" && !own.starts_with(b"@") && !own.starts_with(b".");
            let scoped = above.starts_with(b"@") && top == Some(b"node_modules");
            (plain || scoped).then_some(Kind::NpmPackage)
        }
        b".package-lock.json" if parts.next() == Some(b"node_modules") => Some(Kind::NpmLock),
        b"package-lock.json" | b"npm-shrinkwrap.json" if !inside(directory) => Some(Kind::NpmLock),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Manifest {
    name: Loose,
    version: Loose,
    dependencies: Loose,
    optional_dependencies: Loose,
    peer_dependencies: Loose,
    dev_dependencies: Loose,
}

/// `dependencies` and `optionalDependencies`; the latter are in both where the registry rewrote the file.
fn needs(dependencies: Loose, optional: Loose) -> Vec<String> {
    let mut names = dependencies.names();
    names.append(&mut optional.names());
    names.sort_unstable();
    names.dedup();
    names
}

/// `node_modules/NAME/package.json`.
pub(super) fn package(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let manifest: Manifest = json::read(input.content.whole()?)?;
    let directory = parent(input.path);
    // What dependents call it: the directory, which differs where an alias was asked for.
    let mut called = String::from_utf8_lossy(last(directory)).into_owned();
    if last(parent(directory)).starts_with(b"@") {
        called = format!("{}/{called}", String::from_utf8_lossy(last(parent(directory))));
    }
    let name = Some(manifest.name.text()).filter(|name| !name.is_empty()).unwrap_or_else(|| called.clone());
    let provides = if name == called { Vec::new() } else { vec![called] };
    Ok(Fact::Packages(vec![Package {
        ecosystem: Ecosystem::Npm,
        name,
        version: manifest.version.text(),
        depends: needs(manifest.dependencies, manifest.optional_dependencies).into_iter().map(|name| vec![name]).collect(),
        recommends: manifest.peer_dependencies.names().into_iter().map(|name| vec![name]).collect(),
        provides,
        files: Owned::Below(vec![interner.path(directory)]),
        ..Package::default()
    }]))
}

/// `package.json` of a project.
pub(super) fn root(input: &Input<'_>) -> Result<Option<Fact>, String> {
    let manifest: Manifest = json::read(input.content.whole()?)?;
    let dependencies = needs(manifest.dependencies, manifest.optional_dependencies);
    let dev = manifest.dev_dependencies.names();
    // One that asks for nothing only says what kind of modules the files beside it are.
    Ok((!dependencies.is_empty() || !dev.is_empty()).then_some(Fact::NodeRoot { dependencies, dev }))
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    packages: Each<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    #[serde(default)]
    dev: Loose,
}

/// `package-lock.json` of versions 2 and 3, and the copy of it that npm leaves in `node_modules`.
pub(super) fn lock(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Option<Fact>, String> {
    let lock: Lock = json::read(input.content.whole()?)?;
    let directory = parent(input.path);
    let base =
        if input.path.ends_with(b"/.package-lock.json") || input.path == b".package-lock.json" { parent(directory) } else { directory };
    let base = interner.path(base);
    let dev = lock.packages.0.iter().filter(|(path, locked)| locked.dev.flag() && !path.is_empty());
    let nodes: Vec<_> = dev.map(|(path, _)| interner.relative(base, path.as_bytes())).collect();
    Ok((!nodes.is_empty()).then_some(Fact::DevOnly(nodes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{fact, kind_of, spelled};

    #[test]
    fn files_are_known_by_place() {
        let cases = [
            ("app/node_modules/ms/package.json", Some(Kind::NpmPackage)),
            ("app/node_modules/@babel/core/package.json", Some(Kind::NpmPackage)),
            ("app/node_modules/.pnpm/ms@2.1.3/node_modules/ms/package.json", Some(Kind::NpmPackage)),
            ("app/node_modules/a/node_modules/b/package.json", Some(Kind::NpmPackage)),
            ("app/node_modules/ms/dist/package.json", None),
            ("app/node_modules/@babel/package.json", None),
            ("app/node_modules/package.json", None),
            ("app/package.json", Some(Kind::NpmRoot)),
            ("package.json", Some(Kind::NpmRoot)),
            ("app/package-lock.json", Some(Kind::NpmLock)),
            ("app/node_modules/.package-lock.json", Some(Kind::NpmLock)),
            ("app/node_modules/ms/package-lock.json", None),
        ];
        for (path, kind) in cases {
            assert_eq!(kind_of(path, b"{}"), kind, "{path}");
        }
    }

    #[test]
    fn package_with_an_alias() {
        let text = br#"{"name":"debug","version":"4.3.4","dependencies":{"ms":"2.1.2"},
            "optionalDependencies":{"ms":"2","fsevents":"1"},"peerDependencies":{"supports-color":"*"},"devDependencies":{"x":"1"}}"#;
        let (paths, found) = fact("app/node_modules/@my/debug4/package.json", text);
        let Ok(Some(Fact::Packages(packages))) = found else { panic!("{found:?}") };
        let package = &packages[0];
        assert_eq!((package.name.as_str(), package.version.as_str()), ("debug", "4.3.4"));
        assert_eq!(package.depends, [["fsevents"], ["ms"]]);
        assert_eq!(package.recommends, [["supports-color"]]);
        assert_eq!(package.provides, ["@my/debug4"]);
        assert_eq!(spelled(&paths, &package.files), ["/app/node_modules/@my/debug4"]);
    }

    #[test]
    fn odd_types_count_as_absent() {
        let (_, found) = fact("n/node_modules/x/package.json", b"\xef\xbb\xbf{\"name\":7,\"version\":null,\"dependencies\":[1,[2]]}");
        let Ok(Some(Fact::Packages(packages))) = found else { panic!("{found:?}") };
        assert_eq!((packages[0].name.as_str(), packages[0].depends.len()), ("x", 0));
    }

    #[test]
    fn root_and_lock() {
        let (_, found) = fact("app/package.json", br#"{"dependencies":{"express":"4"},"devDependencies":{"jest":"29"}}"#);
        assert_eq!(found, Ok(Some(Fact::NodeRoot { dependencies: vec!["express".into()], dev: vec!["jest".into()] })));
        assert_eq!(fact("app/package.json", br#"{"type":"module"}"#).1, Ok(None));
        let text = br#"{"lockfileVersion":3,"packages":{"":{"devDependencies":{"jest":"29"}},"node_modules/jest":{"dev":true},
            "node_modules/a":{"devOptional":true},"node_modules/a/node_modules/b":{"dev":true,"optional":true}}}"#;
        for path in ["app/package-lock.json", "app/node_modules/.package-lock.json"] {
            let (paths, found) = fact(path, text);
            let Ok(Some(Fact::DevOnly(nodes))) = found else { panic!("{found:?}") };
            assert_eq!(spelled(&paths, &Owned::Listed(nodes)), ["/app/node_modules/jest", "/app/node_modules/a/node_modules/b"]);
        }
        assert!(fact("app/package-lock.json", b"{").1.is_err());
    }
}
