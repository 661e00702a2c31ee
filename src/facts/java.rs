//! Java archives, known by the names in their central directory. Of the entries only Maven's
//! properties are read, as far as they are in the part that is kept: always in a small archive.
//! Sources: Maven's archiver (`META-INF/maven/GROUP/ARTIFACT/
//! pom.properties`); Spring Boot's "executable jar format" for archives inside of archives.

mod zip;

use super::names::{clip, last};
use super::{Captured, Ecosystem, Fact, Input, Interner, Owned, Package, Ranges};

/// How much of the end is kept: the central directory of some 20 000 entries.
const END: u64 = 2 << 20;
/// How much of the start is kept: Maven's own archiver puts its properties there.
const START: u64 = 256 << 10;
/// Most packages of one archive.
const MOST: usize = 5000;
/// Most of its poms whose version is read, and most of each that is.
const READ: (usize, u64) = (200, 16 << 10);

/// Whether it is named like one.
pub(super) fn is_archive(name: &[u8]) -> bool {
    [b".jar", b".war", b".ear"].iter().any(|end| name.ends_with(*end))
}

/// What tells.
pub(super) fn ranges(size: u64) -> Ranges {
    Ranges::of(vec![(0, size.min(START)), (size.saturating_sub(END), size)])
}

/// `NAME.jar`, `.war` or `.ear`.
pub(super) fn archive(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let (mut poms, mut nested) = (Vec::new(), Vec::new());
    for entry in zip::entries(input.content)? {
        let text = String::from_utf8_lossy(entry.name);
        if let Some(inside) = text.strip_prefix("META-INF/maven/").and_then(|rest| rest.strip_suffix("/pom.properties")) {
            if let (Some((group, artifact)), true) = (inside.split_once('/'), poms.len() < MOST) {
                let version = if poms.len() < READ.0 { version(input.content, &entry) } else { None };
                poms.push(Pom { name: format!("{group}:{artifact}"), artifact: artifact.to_owned(), version: version.unwrap_or_default() });
            }
        } else if let (Some(stem), true) = (text.strip_suffix(".jar"), nested.len() < MOST) {
            nested.push(last(stem.as_bytes()).to_vec());
        }
    }
    let package = |name: String, version: &str| Package {
        ecosystem: Ecosystem::Maven,
        name,
        version: version.to_owned(),
        files: Owned::Listed(Vec::new()),
        ..Package::default()
    };
    let file = String::from_utf8_lossy(last(input.path));
    let stem = file.rsplit_once('.').map_or(&*file, |(stem, _)| stem);
    // Where several are merged into one archive, the one that the file is named after is its own.
    let named = |pom: &&Pom| stem.strip_prefix(pom.artifact.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let own = if poms.len() == 1 { poms.first() } else { poms.iter().filter(named).max_by_key(|pom| pom.artifact.len()) };
    let mut main = match own {
        Some(pom) if !pom.version.is_empty() => package(pom.name.clone(), &pom.version),
        Some(pom) => {
            let rest = stem.strip_prefix(pom.artifact.as_str()).and_then(|rest| rest.strip_prefix('-'));
            let rest = rest.filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
            package(pom.name.clone(), rest.unwrap_or_else(|| cut(stem).1))
        }
        None => package(cut(stem).0.to_owned(), cut(stem).1),
    };
    main.files = Owned::Below(vec![interner.path(input.path)]);
    let mut found = vec![main];
    let others = poms.iter().filter(|pom| own.is_none_or(|own| own.name != pom.name));
    found.extend(others.map(|pom| package(pom.name.clone(), &pom.version)));
    for stem in &nested {
        let stem = String::from_utf8_lossy(stem);
        let (name, version) = cut(&stem);
        found.push(package(name.to_owned(), version));
    }
    Ok(Fact::Packages(found))
}

/// What Maven left in an archive.
struct Pom {
    /// `GROUP:ARTIFACT`.
    name: String,
    artifact: String,
    /// Empty where it was out of reach.
    version: String,
}

/// The version in a `pom.properties`.
fn version(content: &Captured, entry: &zip::Entry<'_>) -> Option<String> {
    let text = entry.read(content, READ.1)?;
    let text = String::from_utf8_lossy(&text);
    // A build that left a placeholder knew no version either.
    let version = text.lines().find_map(|line| line.trim().strip_prefix("version="))?;
    (!version.starts_with('$')).then(|| clip(version))
}

/// `ARTIFACT-VERSION`: the version starts with the first part that starts with a digit, or with a
/// later one after a word that is no qualifier of versions, as in `log4j-1.2-api-2.17.1`.
fn cut(stem: &str) -> (&str, &str) {
    const QUALIFIERS: [&str; 10] = ["alpha", "beta", "rc", "cr", "m", "b", "snapshot", "build", "jre", "android"];
    let mut found = None;
    for (at, _) in stem.match_indices('-') {
        let before = &stem[..at];
        let word = before.rsplit('-').next().unwrap_or_default();
        let part = stem[at + 1..].split('-').next().unwrap_or_default();
        if !part.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        let plain = word.starts_with(|first: char| first.is_ascii_alphabetic()) && !QUALIFIERS.contains(&&*word.to_ascii_lowercase());
        if found.is_none() || plain && part.contains('.') {
            found = Some(at);
        }
    }
    found.map_or((stem, ""), |at| (&stem[..at], &stem[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{fact, spelled};
    use std::io::Read;

    /// Made as `zip` does, of empty entries.
    fn zip(entries: &[&str], before: &[u8]) -> Vec<u8> {
        let entries: Vec<_> = entries.iter().map(|name| (*name, 0, b"".as_slice())).collect();
        zip_of(&entries, before)
    }

    /// Of names, methods and stored bytes.
    fn zip_of(entries: &[(&str, u8, &[u8])], before: &[u8]) -> Vec<u8> {
        let (mut out, mut directory) = (before.to_vec(), Vec::new());
        for (name, method, data) in entries {
            let mut header = vec![0; 26];
            (header[4], header[14], header[22]) = (*method, data.len() as u8, name.len() as u8);
            directory.extend(b"PK\x01\x02\x14\0");
            directory.extend(&header);
            directory.extend([0; 10]);
            // As if nothing stood before it.
            directory.extend(((out.len() - before.len()) as u32).to_le_bytes());
            directory.extend(name.as_bytes());
            out.extend(b"PK\x03\x04");
            out.extend(&header);
            out.extend(name.as_bytes());
            out.extend(*data);
        }
        let place = (out.len() - before.len()) as u32;
        out.extend(&directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend([entries.len() as u8, 0, entries.len() as u8, 0]);
        out.extend((directory.len() as u32).to_le_bytes());
        out.extend(place.to_le_bytes());
        out.extend([0, 0]);
        out
    }

    fn packages(path: &str, content: &[u8]) -> Vec<String> {
        let (paths, found) = fact(path, content);
        let Ok(Some(Fact::Packages(packages))) = found else { panic!("{found:?}") };
        assert_eq!(spelled(&paths, &packages[0].files), [format!("/{path}")]);
        assert!(packages[1..].iter().all(|package| package.files == Owned::Listed(Vec::new())));
        packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
    }

    #[test]
    fn names_are_cut_from_versions() {
        let cases = [
            ("guava-31.1-jre", ("guava", "31.1-jre")),
            ("log4j-1.2-api-2.17.1", ("log4j-1.2-api", "2.17.1")),
            ("jsr305-3.0.2", ("jsr305", "3.0.2")),
            ("spring-core-5.0.0.RC-1", ("spring-core", "5.0.0.RC-1")),
            ("foo-1.0-20230101.120000-1", ("foo", "1.0-20230101.120000-1")),
            ("foo-1.0-rc-1.2", ("foo", "1.0-rc-1.2")),
            ("app", ("app", "")),
            ("-", ("-", "")),
        ];
        for (stem, truth) in cases {
            assert_eq!(cut(stem), truth, "{stem}");
        }
    }

    #[test]
    fn archives_by_their_directory() {
        let pom = "META-INF/maven/com.google.guava/guava/pom.properties";
        assert_eq!(packages("opt/guava-31.1-jre.jar", &zip(&["META-INF/MANIFEST.MF", pom], b"")), ["com.google.guava:guava 31.1-jre"]);
        assert_eq!(packages("opt/jsr305-3.0.2.jar", &zip(&["a.class"], b"")), ["jsr305 3.0.2"]);
        let merged = zip(&[pom, "META-INF/maven/g/app/pom.properties", "BOOT-INF/lib/slf4j-api-1.7.36.jar"], b"");
        assert_eq!(packages("app-2.jar", &merged), ["g:app 2", "com.google.guava:guava ", "slf4j-api 1.7.36"]);
    }

    #[test]
    fn versions_of_poms() {
        let pom = "META-INF/maven/g/a/pom.properties";
        let text = b"#Created by Apache Maven 3.8.7\ngroupId=g\nartifactId=a\nversion=2.4.0\n";
        let mut encoder = flate2::read::DeflateEncoder::new(text.as_slice(), flate2::Compression::default());
        let mut deflated = Vec::new();
        encoder.read_to_end(&mut deflated).expect("from memory");
        for (method, data) in [(0, text.as_slice()), (8, &deflated)] {
            for before in [b"PK".as_slice(), b"PK and a script"] {
                assert_eq!(packages("opt/a-debian.jar", &zip_of(&[("x", 0, b"y"), (pom, method, data)], before)), ["g:a 2.4.0"]);
            }
        }
        assert_eq!(packages("opt/a-debian.jar", &zip_of(&[(pom, 0, b"version=${v}")], b"")), ["g:a "]);
    }

    #[test]
    fn cut_and_large_archives() {
        let large = zip(&["META-INF/maven/g/a/pom.properties"], &[b"PK\x03\x04".as_slice(), &vec![0; 3 << 20]].concat());
        assert_eq!(packages("a-1.jar", &large), ["g:a 1"]);
        let small = zip(&["META-INF/maven/g/a/pom.properties"], b"");
        for end in 4..small.len() {
            assert!(fact("a-1.jar", &small[..end]).1.is_err(), "{end}");
        }
    }
}
