//! Java archives, known by the names in their central directory; the entries are not read.
//! Sources: PKWARE's APPNOTE.TXT 4.3.12 to 4.3.16; Maven's archiver (`META-INF/maven/GROUP/ARTIFACT/
//! pom.properties`); Spring Boot's "executable jar format" for archives inside of archives.

use super::names::last;
use super::{Captured, Ecosystem, Fact, Input, Interner, Owned, Package, Ranges};

/// How much of the end is kept: the central directory of some 20 000 entries.
const END: u64 = 2 << 20;
/// Most packages of one archive.
const MOST: usize = 5000;

/// Whether it is named like one.
pub(super) fn is_archive(name: &[u8]) -> bool {
    [b".jar", b".war", b".ear"].iter().any(|end| name.ends_with(*end))
}

/// What tells.
pub(super) fn ranges(size: u64) -> Ranges {
    Ranges::of(vec![(size.saturating_sub(END), size)])
}

/// `NAME.jar`, `.war` or `.ear`.
pub(super) fn archive(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let (mut poms, mut nested) = (Vec::new(), Vec::new());
    for name in names(input.content)? {
        let text = String::from_utf8_lossy(name);
        if let Some(inside) = text.strip_prefix("META-INF/maven/").and_then(|rest| rest.strip_suffix("/pom.properties")) {
            if let (Some((group, artifact)), true) = (inside.split_once('/'), poms.len() < MOST) {
                poms.push((group.to_owned(), artifact.to_owned()));
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
    let named = |(_, artifact): &&(String, String)| {
        stem.strip_prefix(artifact.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let own = if poms.len() == 1 { poms.first() } else { poms.iter().filter(named).max_by_key(|(_, artifact)| artifact.len()) };
    let mut main = match own {
        Some((group, artifact)) => {
            let rest = stem.strip_prefix(artifact.as_str()).and_then(|rest| rest.strip_prefix('-'));
            package(format!("{group}:{artifact}"), rest.unwrap_or_else(|| cut(stem).1))
        }
        None => package(cut(stem).0.to_owned(), cut(stem).1),
    };
    main.files = Owned::Below(vec![interner.path(input.path)]);
    let mut found = vec![main];
    found.extend(poms.iter().filter(|pom| Some(*pom) != own).map(|(group, artifact)| package(format!("{group}:{artifact}"), "")));
    for stem in &nested {
        let stem = String::from_utf8_lossy(stem);
        let (name, version) = cut(&stem);
        found.push(package(name.to_owned(), version));
    }
    Ok(Fact::Packages(found))
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

/// Names in the central directory.
fn names(content: &Captured) -> Result<Vec<&[u8]>, String> {
    let size = content.size();
    let base = size.saturating_sub(END);
    let tail = content.from(base).unwrap_or_default();
    let number = |at: usize, length: usize| -> Option<u64> {
        let bytes = tail.get(at..at.checked_add(length)?)?;
        Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    };
    // The end record is 22 bytes long and a comment of up to 65535 may follow.
    let first = tail.len().saturating_sub(22 + 65535);
    let end =
        (first..tail.len().saturating_sub(21)).rev().find(|at| tail[*at..].starts_with(b"PK\x05\x06")).ok_or("no end of a zip archive")?;
    let (mut length, mut place) = (number(end + 12, 4).unwrap_or(0), number(end + 16, 4).unwrap_or(0));
    if place == u64::from(u32::MAX) || length == u64::from(u32::MAX) {
        // Zip64: a locator stands before the record and says where a wider one is.
        let locator = end.checked_sub(20).filter(|at| tail[*at..].starts_with(b"PK\x06\x07"));
        let wide = locator.and_then(|at| number(at + 8, 8)).and_then(|at| usize::try_from(at.checked_sub(base)?).ok());
        let wide =
            wide.filter(|at| tail.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x06\x06"))).ok_or("no end of a zip64 archive")?;
        (length, place) = (number(wide + 40, 8).unwrap_or(0), number(wide + 48, 8).unwrap_or(0));
    } else {
        // The directory ends where this record begins; offsets are off where a script stands before the archive.
        place = (base + end as u64).saturating_sub(length);
    }
    let start = place.checked_sub(base).and_then(|at| usize::try_from(at).ok()).ok_or("its directory is larger than what is read")?;
    let stop = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).min(tail.len());
    let (mut at, mut names) = (start, Vec::new());
    while at < stop && tail[at..].starts_with(b"PK\x01\x02") {
        let (Some(name), Some(extra), Some(comment)) = (number(at + 28, 2), number(at + 30, 2), number(at + 32, 2)) else { break };
        let Some(text) = tail.get(at + 46..at + 46 + name as usize) else { break };
        names.push(text);
        at += 46 + (name + extra + comment) as usize;
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{fact, spelled};

    /// Made as `zip` does, of empty stored entries.
    fn zip(entries: &[&str], before: &[u8]) -> Vec<u8> {
        let (mut out, mut directory) = (before.to_vec(), Vec::new());
        for name in entries {
            let mut header = vec![0; 26];
            header[22] = name.len() as u8;
            directory.extend(b"PK\x01\x02\x14\0");
            directory.extend(&header);
            directory.extend([0; 14]);
            directory.extend(name.as_bytes());
            out.extend(b"PK\x03\x04");
            out.extend(&header);
            out.extend(name.as_bytes());
        }
        let place = out.len() as u32;
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
    fn cut_and_large_archives() {
        let large = zip(&["META-INF/maven/g/a/pom.properties"], &[b"PK\x03\x04".as_slice(), &vec![0; 3 << 20]].concat());
        assert_eq!(packages("a-1.jar", &large), ["g:a 1"]);
        let small = zip(&["META-INF/maven/g/a/pom.properties"], b"");
        for end in 4..small.len() {
            assert!(fact("a-1.jar", &small[..end]).1.is_err(), "{end}");
        }
    }
}
