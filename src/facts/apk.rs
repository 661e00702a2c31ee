//! Alpine's package database. Sources: the Alpine wiki's "Apk spec" (`installed`), `apk-world(5)`,
//! and apk-tools' `package.c` for what a dependency may look like.

use super::bounds::Bounds;
use super::{Ecosystem, Fact, Input, Interner, Owned, Package};
use crate::paths::ROOT;

/// Names in `world`: people ask for dozens.
const MOST_ASKED: usize = 100_000;

/// `lib/apk/db/installed`: a paragraph for each package, a letter and a colon before each value.
pub(super) fn installed(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let mut bounds = Bounds::new();
    let mut packages = Vec::new();
    let mut paragraph = Paragraph::default();
    for line in input.content.whole()?.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            paragraph.finish(&mut packages, &mut bounds)?;
        } else if let [letter, b':', value @ ..] = line {
            paragraph.field(*letter, value, interner, &mut bounds)?;
        }
    }
    paragraph.finish(&mut packages, &mut bounds)?;
    Ok(Fact::Packages(packages))
}

/// `etc/apk/world`: what was asked for by name. `.build-deps` and the like are virtual packages,
/// which `apk add --virtual` makes.
pub(super) fn world(input: &Input<'_>) -> Result<Fact, String> {
    let text = String::from_utf8_lossy(input.content.whole()?);
    let names = text.split_ascii_whitespace().filter_map(dependency);
    Ok(Fact::Asked(names.take(MOST_ASKED).map(str::to_owned).collect()))
}

#[derive(Default)]
struct Paragraph {
    package: Package,
    files: Vec<u32>,
    /// The directory that following files are in; the root at first, as apk has it.
    directory: u32,
}

impl Paragraph {
    fn field(&mut self, letter: u8, value: &[u8], interner: &mut Interner<'_>, bounds: &mut Bounds) -> Result<(), String> {
        let text = || String::from_utf8_lossy(value);
        let package = &mut self.package;
        match letter {
            b'P' => package.name = text().into_owned(),
            b'V' => package.version = text().into_owned(),
            b'A' => package.architecture = text().into_owned(),
            b'o' => package.source = text().into_owned(),
            b'D' => {
                for name in text().split_ascii_whitespace().filter_map(dependency) {
                    bounds.name()?;
                    package.depends.push(vec![name.to_owned()]);
                }
            }
            b'p' => {
                for name in text().split_ascii_whitespace().filter_map(dependency) {
                    bounds.name()?;
                    package.provides.push(name.to_owned());
                }
            }
            b'F' => self.directory = interner.path(value),
            b'R' => {
                let node = interner.relative(self.directory, value);
                if node != ROOT {
                    self.files.push(node);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds the package, if the paragraph was one, and starts anew.
    fn finish(&mut self, packages: &mut Vec<Package>, bounds: &mut Bounds) -> Result<(), String> {
        let Self { mut package, files, .. } = std::mem::take(self);
        if package.name.is_empty() {
            return Ok(());
        }
        bounds.package()?;
        package.ecosystem = Ecosystem::Apk;
        package.files = Owned::Listed(files);
        if package.source == package.name {
            package.source.clear();
        }
        packages.push(package);
        Ok(())
    }
}

/// `so:libc.so.1>=1.2`, `busybox~1.36@edge` as a name; none for `!conflict`.
fn dependency(text: &str) -> Option<&str> {
    let name = text.split(['<', '>', '=', '~', '@']).next().unwrap_or_default();
    (!name.is_empty() && !name.starts_with('!')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Captured;
    use crate::paths::Paths;

    const INSTALLED: &str = "C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=
P:alpine-baselayout
V:3.4.3-r1
A:x86_64
S:8911
I:331776
T:Alpine base dir structure and init scripts
o:alpine-baselayout
m:Natanael Copa <ncopa@alpinelinux.org>
D:alpine-baselayout-data=3.4.3-r1 /bin/sh
q:1000
F:
F:dev
M:0:0:0755
F:etc
R:motd
Z:Q1SLkS9hBidUbPwwrw+XR0Whv3ww8=
F:etc/profile.d
R:20locale.sh
Z:Q1lq29lQzPmSCFKVmQ+bvmZ/DPTE4=

C:Q1aSQrzsCa4TXZWdCYkyTTbqVpiIE=
P:libcrypto3
V:3.1.4-r1
A:x86_64
o:openssl
D:!libressl so:libc.musl-x86_64.so.1 pc:zlib>=1.2 foo~2@edge
p:so:libcrypto.so.3=3 cmd:openssl=3.1.4-r1
F:lib
R:libcrypto.so.3

P:.build-deps
V:20231130.002337
A:noarch
D:gcc musl-dev

";

    fn packages(text: &[u8]) -> (Vec<Package>, Vec<Vec<String>>) {
        let mut paths = Paths::new();
        let mut interner = Interner::new(&mut paths, 100_000, 1 << 20);
        let content = Captured::complete(text);
        let fact = installed(&Input { path: b"lib/apk/db/installed", content: &content }, &mut interner).unwrap();
        let Fact::Packages(packages) = fact else { panic!("{fact:?}") };
        let files = packages.iter().map(|package| match &package.files {
            Owned::Listed(nodes) => nodes.iter().map(|node| interner.spelled(*node)).collect(),
            other => panic!("{other:?}"),
        });
        let files = files.collect();
        (packages, files)
    }

    #[test]
    fn reads_a_database() {
        let (packages, files) = packages(INSTALLED.as_bytes());
        let names: Vec<_> = packages.iter().map(|package| (package.name.as_str(), package.version.as_str())).collect();
        assert_eq!(names, [("alpine-baselayout", "3.4.3-r1"), ("libcrypto3", "3.1.4-r1"), (".build-deps", "20231130.002337")]);
        assert_eq!(packages[0].depends, [["alpine-baselayout-data"], ["/bin/sh"]]);
        assert_eq!((packages[0].source.as_str(), packages[1].source.as_str()), ("", "openssl"));
        assert_eq!(packages[1].depends, [["so:libc.musl-x86_64.so.1"], ["pc:zlib"], ["foo"]]);
        assert_eq!(packages[1].provides, ["so:libcrypto.so.3", "cmd:openssl"]);
        assert_eq!(files, [vec!["etc/motd", "etc/profile.d/20locale.sh"], vec!["lib/libcrypto.so.3"], vec![]]);
    }

    #[test]
    fn survives_what_no_apk_writes() {
        assert!(packages(b"").0.is_empty());
        assert!(packages(b"\n\n\n\nP:\n\n:\nP\n").0.is_empty());
        // Cut off, without a name, in CRLF, not UTF-8.
        let (found, files) = packages(b"V:1\n\nP:a\r\nV:1\r\nF:../../x\r\nR:../y\r\nR:..\r\n\r\nP:\xff\xfe\nF:d\nR:");
        assert_eq!(found.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(), ["a", "\u{fffd}\u{fffd}"]);
        assert_eq!(files[0], ["y"]);
        // The directory itself, not a file in it.
        assert_eq!(files[1], ["d"]);
    }

    #[test]
    fn refuses_what_would_not_fit() {
        let content = Captured::complete(&b"P:a\n\n".repeat(100_001));
        let mut paths = Paths::new();
        let mut interner = Interner::new(&mut paths, 100, 100);
        assert!(installed(&Input { path: b"lib/apk/db/installed", content: &content }, &mut interner).is_err());
    }

    #[test]
    fn reads_what_was_asked_for() {
        let content = Captured::complete(b"alpine-baselayout\n.build-deps=20231130.002337\ncurl>8 bash@edge\n!nano\n\xff\n");
        let fact = world(&Input { path: b"etc/apk/world", content: &content }).unwrap();
        let names = ["alpine-baselayout", ".build-deps", "curl", "bash", "\u{fffd}"];
        assert_eq!(fact, Fact::Asked(names.map(str::to_owned).to_vec()));
    }
}
