//! PHP packages that Composer installed. Source: Composer's manual, "The `composer.json` schema",
//! and `FilesystemRepository` of Composer 1 (a list) and 2 (an object) for `installed.json`.

use super::json::{self, Each, Loose};
use super::names::parent;
use super::{Ecosystem, Fact, Input, Interner, Owned, Package};
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Deserialize)]
struct Installed {
    #[serde(default)]
    packages: Each<Entry>,
    #[serde(default, rename = "dev-package-names")]
    dev: Loose,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: Loose,
    #[serde(default)]
    version: Loose,
    #[serde(default)]
    require: Loose,
    #[serde(default)]
    provide: Loose,
    #[serde(default)]
    replace: Loose,
    /// Absent in Composer 1, null where the package has no files.
    #[serde(default, rename = "install-path")]
    path: Option<Loose>,
    #[serde(default, rename = "type")]
    kind: Loose,
}

/// `vendor/composer/installed.json`.
pub(super) fn installed(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let content = input.content.whole()?;
    let Installed { packages, dev } = if content.trim_ascii_start().starts_with(b"[") {
        Installed { packages: json::read(content)?, dev: Loose::Other }
    } else {
        json::read(content)?
    };
    let dev: HashSet<String> = dev.names().into_iter().collect();
    let base = interner.path(parent(input.path));
    let mut found = Vec::new();
    for (_, entry) in packages.0 {
        let name = entry.name.text();
        if name.is_empty() {
            continue;
        }
        let place = match entry.path.map(Loose::text) {
            Some(path) => Some(path),
            None if entry.kind.text() == "metapackage" => None,
            None => Some(format!("../{name}")),
        };
        let files = match place.filter(|path| !path.is_empty()) {
            Some(path) => Owned::Below(vec![interner.relative(base, path.as_bytes())]),
            None => Owned::Listed(Vec::new()),
        };
        // `php`, `ext-json` and the like are of the platform; packages have a vendor.
        let needs = entry.require.names().into_iter().filter(|need| need.contains('/'));
        found.push(Package {
            ecosystem: Ecosystem::Composer,
            version: entry.version.text(),
            depends: needs.map(|need| vec![need]).collect(),
            provides: entry.provide.names().into_iter().chain(entry.replace.names()).collect(),
            dev: dev.contains(&name),
            name,
            files,
            ..Package::default()
        });
    }
    Ok(Fact::Packages(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{fact, spelled};

    #[test]
    fn both_versions_of_composer() {
        let packages = r#"[{"name":"monolog/monolog","version":"3.5.0","require":{"php":">=8.1","psr/log":"^2"},
            "provide":{"psr/log-implementation":"3.0.0"},"type":"library" PATH},{"name":"phpunit/phpunit","version":"10.5.1"}]"#;
        let one = packages.replace("PATH", "");
        let two = format!(
            r#"{{"packages":{},"dev":true,"dev-package-names":["phpunit/phpunit"]}}"#,
            packages.replace("PATH", r#","install-path":"../monolog/monolog""#)
        );
        for (text, dev) in [(one, false), (two, true)] {
            let (paths, found) = fact("app/vendor/composer/installed.json", text.as_bytes());
            let Ok(Some(Fact::Packages(packages))) = found else { panic!("{found:?}") };
            assert_eq!(packages[0].name, "monolog/monolog");
            assert_eq!(packages[0].depends, [["psr/log"]]);
            assert_eq!(packages[0].provides, ["psr/log-implementation"]);
            assert_eq!(spelled(&paths, &packages[0].files), ["/app/vendor/monolog/monolog"]);
            assert_eq!(spelled(&paths, &packages[1].files), ["/app/vendor/phpunit/phpunit"]);
            assert_eq!((packages[0].dev, packages[1].dev), (false, dev));
        }
    }
}
