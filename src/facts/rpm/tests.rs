//! Databases that rpm and Berkeley DB wrote, against what `rpm -qa` says of them.

use super::*;
use crate::facts::tests::{fact, kind_of, spelled};
use crate::facts::{Owned, Package};
use crate::paths::Paths;
use std::io::Read;

const TRUTH: &str = include_str!("../../../testdata/packages/rpm/truth.txt");

fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(gzip).read_to_end(&mut out).expect("a whole gzip file");
    out
}

fn sqlite_file() -> Vec<u8> {
    unpacked(include_bytes!("../../../testdata/packages/rpm/rpmdb.sqlite.gz"))
}

fn bdb_file() -> Vec<u8> {
    unpacked(include_bytes!("../../../testdata/packages/rpm/Packages.gz"))
}

/// As rpm's `rpmpkg.c` writes it.
fn ndb_file(headers: &[Cow<'_, [u8]>]) -> Vec<u8> {
    let mut out = b"RpmP".to_vec();
    out.extend([0, 0, 1, 1].map(u32::to_le_bytes).concat());
    out.resize(4096, 0);
    for (number, header) in headers.iter().enumerate() {
        let (package, block) = (number as u32 + 1, out.len() as u32 / 16);
        let length = header.len() as u32;
        let blocks = (16 + length + 12).div_ceil(16);
        let slot = [b"Slot".to_vec(), [package, block, blocks].map(u32::to_le_bytes).concat()].concat();
        out[32 + 16 * number..48 + 16 * number].copy_from_slice(&slot);
        out.extend(b"BlbS");
        out.extend([package, 7, length].map(u32::to_le_bytes).concat());
        out.extend(&**header);
        out.resize((block + blocks) as usize * 16 - 12, 0);
        out.extend([0, length].map(u32::to_le_bytes).concat());
        out.extend(b"BlbE");
    }
    out
}

fn packages(path: &str, content: &[u8]) -> (Paths, Vec<Package>) {
    let (paths, found) = fact(path, content);
    let Ok(Some(Fact::Packages(packages))) = found else { panic!("{found:?}") };
    (paths, packages)
}

/// In the form of `truth.txt`, less what is left out on purpose, a sorted list for each package.
fn told(paths: &Paths, packages: &[Package]) -> Vec<Vec<String>> {
    let mut all: Vec<_> = packages
        .iter()
        .map(|package| {
            let Package { name, version, architecture, source, .. } = package;
            let mut lines = vec![format!("{name} {version} {architecture} {source}")];
            lines.extend(spelled(paths, &package.files).iter().map(|file| format!("F 0 {file}")));
            lines.extend(package.depends.iter().map(|need| format!("R {}", need.join("|"))));
            lines.extend(package.recommends.iter().map(|need| format!("W {}", need.join("|"))));
            lines.extend(package.provides.iter().map(|provided| format!("P {provided}")));
            lines[1..].sort();
            lines
        })
        .collect();
    all.sort();
    all
}

fn truth() -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::new();
    for line in TRUTH.lines() {
        let own = |name: &str| all.last().is_some_and(|package| package[0].starts_with(&format!("{name} ")));
        match line.split_once(' ').expect("two words") {
            ("F", rest) if !rest.starts_with("0 ") => {}
            ("R", rest) if rest.starts_with("rpmlib(") || rest.contains(" if ") => {}
            ("P", rest) if own(rest) => {}
            ("R", "(plim-alpha or plim-other >= 2)") => all.last_mut().expect("a package").push("R plim-alpha|plim-other".to_owned()),
            ("F" | "R" | "P" | "W", _) => all.last_mut().expect("a package").push(line.to_owned()),
            // The source package is told by its file, `NAME-VERSION-RELEASE.src.rpm`.
            _ => all.push(vec![line.replace("-0.9~rc1-1.src.rpm", "").replace("-1.2-3.src.rpm", "")]),
        }
    }
    for lines in &mut all {
        lines[1..].sort();
    }
    all.sort();
    all
}

#[test]
fn files_are_known_by_place() {
    for path in ["var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db", "var/lib/rpm/Packages"] {
        assert_eq!(kind_of(path, b"x"), Some(Kind::Rpm), "{path}");
    }
    assert_eq!(kind_of("var/lib/rpm/Name", b"x"), None);
}

#[test]
fn all_forms_tell_what_rpm_tells() {
    let sqlite = sqlite_file();
    let ndb = ndb_file(&sqlite::headers(&sqlite).expect("rpm wrote it"));
    for (path, content) in
        [("usr/lib/sysimage/rpm/rpmdb.sqlite", sqlite), ("var/lib/rpm/Packages", bdb_file()), ("var/lib/rpm/Packages.db", ndb)]
    {
        let (paths, packages) = packages(path, &content);
        assert_eq!(packages.len(), 9, "{path}");
        assert!(packages.iter().all(|package| matches!(package.files, Owned::Listed(_))));
        assert_eq!(told(&paths, &packages), truth(), "{path}");
    }
}

#[test]
fn damaged_databases_end_soon() {
    let sqlite = sqlite_file();
    let ndb = ndb_file(&sqlite::headers(&sqlite).expect("rpm wrote it"));
    for (path, content) in [("var/lib/rpm/rpmdb.sqlite", sqlite), ("var/lib/rpm/Packages", bdb_file()), ("var/lib/rpm/Packages.db", ndb)] {
        for end in (1..content.len()).step_by(997) {
            let _ = fact(path, &content[..end]);
        }
        // Every byte of some pages, each set to all ones and to zero: numbers, types, links.
        for at in (0..200).chain(4096..4200).chain((8192..content.len()).step_by(487)) {
            for value in [0, 1, 255] {
                let mut damaged = content.clone();
                damaged[at] = value;
                let (_, found) = fact(path, &damaged);
                assert_ne!(found, Err("the parser failed; please report it".to_owned()), "{path} {at}");
            }
        }
    }
}
