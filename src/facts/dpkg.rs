//! Debian's package database. Sources: Debian Policy chapters 5 and 7, `dpkg(1)` "Package states"
//! and "FILES", `apt-get(8)`; distroless images keep one `status.d/NAME` for each package instead of
//! `status`.

use super::bounds::Bounds;
use super::{Ecosystem, Fact, Input, Interner, Owned, Package};
use crate::paths::ROOT;

/// `var/lib/dpkg/status`, or one of `status.d`.
pub(super) fn status(input: &Input<'_>, _: &mut Interner<'_>) -> Result<Fact, String> {
    let text = String::from_utf8_lossy(input.content.whole()?);
    let mut bounds = Bounds::new();
    let mut packages = Vec::new();
    for paragraph in paragraphs(&text) {
        let mut package = Package { ecosystem: Ecosystem::Deb, files: Owned::Elsewhere, ..Package::default() };
        // Distroless images have no such field: what they list is there.
        let mut present = true;
        for (key, value) in paragraph {
            match key {
                "Package" => value.clone_into(&mut package.name),
                "Version" => value.clone_into(&mut package.version),
                "Architecture" => value.clone_into(&mut package.architecture),
                // `name (version)` where the version differs.
                "Source" => value.split(' ').next().unwrap_or_default().clone_into(&mut package.source),
                "Status" => present = has_files(value),
                "Essential" => package.essential = value == "yes",
                "Depends" | "Pre-Depends" => relations(value, &mut package.depends, &mut bounds)?,
                "Recommends" => relations(value, &mut package.recommends, &mut bounds)?,
                "Provides" => {
                    let mut provided = Vec::new();
                    relations(value, &mut provided, &mut bounds)?;
                    package.provides.extend(provided.into_iter().flatten());
                }
                _ => {}
            }
        }
        if present && !package.name.is_empty() {
            bounds.package()?;
            packages.push(package);
        }
    }
    Ok(Fact::Packages(packages))
}

/// Whether the files of a package are there, by its `want error state`: also when its setup did not
/// finish or its removal did not. Of `config-files` only those of the administrator are left.
fn has_files(status: &str) -> bool {
    let state = status.split_ascii_whitespace().nth(2);
    matches!(
        state,
        Some(
            "installed" | "unpacked" | "half-installed" | "half-configured" | "triggers-awaited" | "triggers-awaiting" | "triggers-pending"
        )
    )
}

/// The package and, where more than one can be installed at once, the architecture that a list of
/// files is for: `var/lib/dpkg/info/NAME.list` or `NAME:ARCH.list`, and `status.d/NAME.md5sums`.
pub fn list_of(path: &[u8]) -> Option<(String, Option<String>)> {
    let (directory, name) = path.split_at(path.iter().rposition(|byte| *byte == b'/')? + 1);
    let stem = match directory {
        b"var/lib/dpkg/info/" => name.strip_suffix(b".list"),
        b"var/lib/dpkg/status.d/" => name.strip_suffix(b".md5sums"),
        _ => None,
    };
    let stem = String::from_utf8_lossy(stem.filter(|stem| !stem.is_empty())?);
    Some(match stem.split_once(':') {
        Some((name, architecture)) => (name.to_owned(), Some(architecture.to_owned())),
        None => (stem.into_owned(), None),
    })
}

/// `var/lib/dpkg/info/NAME.list`, a path a line; or `status.d/NAME.md5sums`, which has a checksum first.
pub(super) fn list(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let content = input.content.whole()?;
    let sums = input.path.ends_with(b".md5sums");
    let mut nodes = Vec::new();
    for line in content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let path = match line.iter().position(|byte| *byte == b' ') {
            Some(cut) if sums => line[cut..].trim_ascii_start(),
            _ => line,
        };
        // Every package lists the root, as `/.`.
        let node = interner.path(path);
        if node != ROOT {
            nodes.push(node);
        }
    }
    Ok(Fact::Files(nodes))
}

/// `var/lib/apt/extended_states`.
pub(super) fn extended_states(input: &Input<'_>) -> Result<Fact, String> {
    let text = String::from_utf8_lossy(input.content.whole()?);
    let mut bounds = Bounds::new();
    let mut automatic = Vec::new();
    for paragraph in paragraphs(&text) {
        let (mut name, mut auto) = ("", false);
        for (key, value) in paragraph {
            match key {
                "Package" => name = value,
                "Auto-Installed" => auto = value == "1",
                _ => {}
            }
        }
        if auto && !name.is_empty() {
            bounds.package()?;
            automatic.push(name.to_owned());
        }
    }
    Ok(Fact::Automatic(automatic))
}

/// Paragraphs of `Key: value` lines; continuation lines, which no field here has, are left out.
fn paragraphs(text: &str) -> impl Iterator<Item = impl Iterator<Item = (&str, &str)>> {
    text.split("\n\n").map(|paragraph| {
        let lines = paragraph.lines().filter(|line| !line.starts_with([' ', '\t']));
        lines.filter_map(|line| line.split_once(':').map(|(key, value)| (key, value.trim())))
    })
}

/// `a (>= 1) | b:any, c [amd64]` as names: commas part needs, bars the alternatives for one.
fn relations(value: &str, into: &mut Vec<Vec<String>>, bounds: &mut Bounds) -> Result<(), String> {
    for need in value.split(',') {
        // Most have no alternative, and a list that grows has room for four.
        let mut names = Vec::with_capacity(1);
        for text in need.split('|') {
            let name = text.trim().split([' ', '(', '[', '<', ':']).next().unwrap_or_default();
            if !name.is_empty() {
                bounds.name()?;
                names.push(name.to_owned());
            }
        }
        if !names.is_empty() {
            into.push(names);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Captured;
    use crate::paths::Paths;

    fn read(path: &[u8], text: &[u8]) -> (Fact, Vec<String>) {
        let mut paths = Paths::new();
        let mut interner = Interner::new(&mut paths, 1000, 100_000);
        let content = Captured::complete(text);
        let input = Input { path, content: &content };
        let by_list = path.ends_with(b".list") || path.ends_with(b".md5sums");
        let fact = if by_list { list(&input, &mut interner) } else { status(&input, &mut interner) }.unwrap();
        let files = match &fact {
            Fact::Files(nodes) => nodes.iter().map(|node| interner.spelled(*node)).collect(),
            _ => Vec::new(),
        };
        (fact, files)
    }

    fn packages(text: &[u8]) -> Vec<Package> {
        match read(b"var/lib/dpkg/status", text).0 {
            Fact::Packages(packages) => packages,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_a_package() {
        let text = b"Package: libc6
Status: install ok installed
Priority: optional
Section: libs
Installed-Size: 12986
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: amd64
Multi-Arch: same
Source: glibc (2.36-9+deb12u4)
Version: 2.36-9+deb12u4
Replaces: libc6-amd64
Provides: libc6-2.36, base-files (= 1) [amd64]
Depends: libgcc-s1, debconf (>= 0.5) | debconf-2.0
Pre-Depends: perl:any
Recommends: libidn2-0 (>= 2.0.5~), libnss-nis
Conffiles:
 /etc/ld.so.conf.d/x86_64-linux-gnu.conf d4e7a7b88a71b5ffd9e2644e71a0cfab
Description: GNU C Library: Shared libraries
 Contains the standard libraries that are used by nearly all programs on
 .
 the system. Package: none

Package: base-files
Essential: yes
Status: install ok installed
Version: 12.4+deb12u5
";
        let found = packages(text);
        assert_eq!(found.len(), 2);
        let libc = &found[0];
        assert_eq!((libc.name.as_str(), libc.version.as_str(), libc.architecture.as_str()), ("libc6", "2.36-9+deb12u4", "amd64"));
        assert_eq!(libc.source, "glibc");
        assert_eq!(libc.depends, [vec!["libgcc-s1"], vec!["debconf", "debconf-2.0"], vec!["perl"]]);
        assert_eq!(libc.recommends, [["libidn2-0"], ["libnss-nis"]]);
        assert_eq!(libc.provides, ["libc6-2.36", "base-files"]);
        assert!(!libc.essential && found[1].essential);
    }

    #[test]
    fn counts_what_has_files() {
        let there = |status: &str| !packages(format!("Package: a\nStatus: {status}\nVersion: 1\n").as_bytes()).is_empty();
        for status in ["install ok installed", "hold ok installed", "deinstall ok installed", "install  reinstreq\thalf-installed"] {
            assert!(there(status), "{status}");
        }
        for state in ["unpacked", "half-configured", "triggers-awaited", "triggers-pending"] {
            assert!(there(&format!("install ok {state}")), "{state}");
        }
        for status in ["deinstall ok config-files", "purge ok not-installed", "install ok", "", "installed", "install ok bogus"] {
            assert!(!there(status), "{status}");
        }
        // status.d of distroless.
        assert_eq!(packages(b"Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all\n").len(), 1);
    }

    #[test]
    fn survives_what_no_dpkg_writes() {
        assert!(packages(b"\n\n\n").is_empty());
        assert!(packages(b"no colon\n: no key\n\xff\xff\xff").is_empty());
        assert_eq!(packages(b"Package: a\r\nStatus: install ok installed\r\nDepends: , | ,(\r\n")[0].depends.len(), 0);
        // Cut off within a field.
        assert_eq!(packages(b"Package: a\nStatus: install ok installed\nDepends: b, c (>").len(), 1);
        let many = format!("Package: a\nDepends: {}\n", "a,".repeat(1_000_001));
        let content = Captured::complete(many.as_bytes());
        let mut paths = Paths::new();
        let mut interner = Interner::new(&mut paths, 10, 10);
        assert!(status(&Input { path: b"var/lib/dpkg/status", content: &content }, &mut interner).is_err());
    }

    #[test]
    fn reads_lists_of_files() {
        let (_, files) = read(b"var/lib/dpkg/info/hostname.list", b"/.\n/bin\n/bin/hostname\n/usr/share/doc/a b\n/../../x");
        assert_eq!(files, ["bin", "bin/hostname", "usr/share/doc/a b", "x"]);
        let sums = b"eb7cb4d7d1ad9ac6ea8b15dd26e3d76e  usr/share/zoneinfo/Etc/GMT\neb7c  ./usr/a b\n";
        assert_eq!(read(b"var/lib/dpkg/status.d/tzdata.md5sums", sums).1, ["usr/share/zoneinfo/Etc/GMT", "usr/a b"]);
    }

    #[test]
    fn names_the_package_of_a_list() {
        let of = |path: &str| list_of(path.as_bytes());
        assert_eq!(of("var/lib/dpkg/info/adduser.list"), Some(("adduser".into(), None)));
        assert_eq!(of("var/lib/dpkg/info/libc6:amd64.list"), Some(("libc6".into(), Some("amd64".into()))));
        assert_eq!(of("var/lib/dpkg/info/python3.11.list"), Some(("python3.11".into(), None)));
        assert_eq!(of("var/lib/dpkg/status.d/base-files.md5sums"), Some(("base-files".into(), None)));
        for other in ["var/lib/dpkg/info/.list", "var/lib/dpkg/info/adduser.md5sums", "adduser.list", "opt/adduser.list"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn reads_what_came_along() {
        let text = b"Package: libx\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: vim\nAuto-Installed: 0\n\nAuto-Installed: 1\n";
        let content = Captured::complete(text);
        let fact = extended_states(&Input { path: b"var/lib/apt/extended_states", content: &content }).unwrap();
        assert_eq!(fact, Fact::Automatic(vec!["libx".to_owned()]));
    }
}
