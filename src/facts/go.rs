//! Modules that a Go program was built from. Source: Go's `debug/buildinfo` (the header, which the
//! linker puts at the start of the data segment) and `runtime/debug.ParseBuildInfo` (its text).

use super::names::clip;
use super::{Captured, Ecosystem, Owned, Package};

/// How much of each writable segment is kept: the header comes before the data proper, but in
/// position-independent programs after what is read-only once relocated.
pub(super) const MOST: u64 = 1 << 20;
/// Most modules that are kept.
const MODULES: usize = 5000;

/// The program's own module first, then those it was built from, then the standard library.
pub(super) fn packages(content: &Captured, segments: impl Iterator<Item = (u64, u64)>) -> Vec<Package> {
    for (offset, length) in segments {
        let Some(kept) = content.from(offset) else { continue };
        let segment = &kept[..kept.len().min(usize::try_from(length.min(MOST)).unwrap_or(usize::MAX))];
        // It is aligned in memory as in the file, which the start of a segment may not be.
        let first = usize::try_from(offset.wrapping_neg() % 16).unwrap_or(0);
        let found = (first..segment.len()).step_by(16).find(|at| segment[*at..].starts_with(b"\xff Go buildinf:"));
        if let Some((version, text)) = found.and_then(|at| header(&segment[at..])) {
            return modules(&version, &text);
        }
    }
    Vec::new()
}

/// The version of Go and the text about modules. Before Go 1.18 pointers led to both, through data
/// that is not kept.
fn header(bytes: &[u8]) -> Option<(String, String)> {
    if bytes.get(15)? & 2 == 0 {
        return None;
    }
    let (version, rest) = string(bytes.get(32..)?)?;
    let (text, _) = string(rest)?;
    // The linker frames the text with 16 bytes on each side.
    let text = if text.len() >= 33 && text[text.len() - 17] == b'\n' { &text[16..text.len() - 16] } else { &[] };
    Some((String::from_utf8_lossy(version).into_owned(), String::from_utf8_lossy(text).into_owned()))
}

/// A string after its length, an unsigned LEB128.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0;
    for (number, byte) in bytes.iter().take(4).enumerate() {
        length |= usize::from(byte & 127) << (7 * number);
        if byte & 128 == 0 {
            return bytes.get(number + 1..)?.split_at_checked(length);
        }
    }
    None
}

fn modules(version: &str, text: &str) -> Vec<Package> {
    let package = |name: &str, version: &str| Package {
        ecosystem: Ecosystem::Golang,
        name: clip(name),
        version: clip(version),
        files: Owned::Listed(Vec::new()),
        ..Package::default()
    };
    let mut main = Package::default();
    let mut found: Vec<Package> = Vec::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let (key, name, at) = (fields.next(), fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        match key {
            // Without modules only the path of the program is known.
            Some("path") => main = package(name, ""),
            Some("mod") => main = package(name, at),
            Some("dep") if found.len() < MODULES => found.push(package(name, at)),
            // What the module above was replaced with: a module, or a directory beside the main one.
            Some("=>") => {
                if let Some(last) = found.last_mut().filter(|_| !name.starts_with(['.', '/'])) {
                    *last = package(name, at);
                }
            }
            _ => {}
        }
    }
    // `go1.22.1 X:nocoverageredesign`: the name of the standard library in vulnerability databases.
    if let Some(version) = version.split(' ').next().and_then(|version| version.strip_prefix("go")) {
        found.push(package("stdlib", version));
    }
    if !main.name.is_empty() {
        main.depends = found.iter().map(|package| vec![package.name.clone()]).collect();
        found.insert(0, main);
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// As `go version -m` printed it of a program that imports one module, and a replaced one.
    pub(in crate::facts) const TEXT: &str = "path\texample.com/cmd/hello\nmod\texample.com/hello\t(devel)\t\n\
        dep\tgithub.com/pkg/errors\tv0.9.1\th1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=\n\
        dep\tgolang.org/x/text\tv0.3.0\n=>\tgithub.com/golang/text\tv0.3.8\th1:nAL+RVCQ9uMn3vJZbV+MRnydTJFPf8qqY42YiA6MrqY=\n\
        dep\texample.com/dep\tv1.2.3\n=>\t./dep\t(devel)\t\n\
        build\t-compiler=gc\n";

    pub(in crate::facts) fn info(text: &str) -> Vec<u8> {
        let mut out = b"\xff Go buildinf:\x08\x02".to_vec();
        out.resize(32, 0);
        out.push(8);
        out.extend(b"go1.22.1");
        let text = format!("0123456789abcdef{text}0123456789abcdef");
        out.extend([text.len() as u8 | 128, (text.len() >> 7) as u8]);
        out.extend(text.as_bytes());
        out
    }

    #[test]
    fn modules_of_a_segment() {
        let bytes = [vec![0; 64], info(TEXT), vec![0; 7]].concat();
        let content = Captured::complete(&bytes);
        let list = |from| -> Vec<String> {
            let packages = packages(&content, std::iter::once((from, bytes.len() as u64)));
            packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
        };
        let truth = [
            "example.com/hello (devel)",
            "github.com/pkg/errors v0.9.1",
            "github.com/golang/text v0.3.8",
            "example.com/dep v1.2.3",
            "stdlib 1.22.1",
        ];
        assert_eq!(list(0), truth);
        assert_eq!(list(5), truth, "a segment that does not start at a multiple of 16");
        for end in 64..bytes.len() {
            packages(&Captured::complete(&bytes[..end]), std::iter::once((0, u64::MAX)));
        }
    }
}
