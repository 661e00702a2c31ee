//! Python distributions. Sources: the packaging specifications "Recording installed projects"
//! (`METADATA`, `RECORD`) and "Core metadata"; setuptools' older `PKG-INFO` has the same fields, and
//! its `top_level.txt` and `installed-files.txt` tell what belongs to it; PEP 405 (`pyvenv.cfg`).

use super::bounds::Bounds;
use super::{Ecosystem, Fact, Input, Interner, Owned, Package};
use crate::paths::ROOT;

/// `NAME.dist-info/METADATA`, `NAME.egg-info/PKG-INFO`, or a `NAME.egg-info` that is a file.
pub(super) fn metadata(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let text = String::from_utf8_lossy(input.content.start());
    let mut bounds = Bounds::new();
    let mut package = Package { ecosystem: Ecosystem::Pypi, ..Package::default() };
    // The description, which may be long, comes after an empty line.
    for line in text.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with([' ', '\t'])) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match key {
            "Name" => package.name = normalised(value),
            "Version" => value.clone_into(&mut package.version),
            "Requires-Dist" => {
                bounds.name()?;
                package.depends.extend(requirement(value));
            }
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
        let base = interner.path(parent(directory));
        let code = interner.relative(base, package.name.replace('-', "_").as_bytes());
        Owned::Below(vec![own, code])
    };
    Ok(Fact::Packages(vec![package]))
}

/// `NAME.dist-info/RECORD`: CSV of path, hash and size, relative to the directory above.
pub(super) fn record(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let content = input.content.whole()?;
    let base = interner.path(parent(parent(input.path)));
    let mut nodes = Vec::new();
    for line in content.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let node = match line.strip_prefix(b"\"") {
            Some(quoted) => interner.relative(base, &unquoted(quoted)),
            None => interner.relative(base, line.split(|byte| *byte == b',').next().unwrap_or_default()),
        };
        if node != base && node != ROOT {
            nodes.push(node);
        }
    }
    Ok(Fact::Files(nodes))
}

/// `NAME.egg-info/installed-files.txt`, a path a line, relative to the directory that it is in.
pub(super) fn installed_files(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let content = input.content.whole()?;
    let base = interner.path(parent(input.path));
    let lines = content.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    // A line `.`, which is the directory itself, stands for nothing more than that.
    let nodes = lines.filter(|line| !line.is_empty()).map(|line| interner.relative(base, line));
    Ok(Fact::Files(nodes.filter(|node| *node != ROOT).collect()))
}

/// `NAME.egg-info/top_level.txt`, a module a line: a directory, or a file with `.py` at its end.
pub(super) fn top_level(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let content = input.content.whole()?;
    let base = interner.path(parent(parent(input.path)));
    let mut nodes = Vec::new();
    let lines = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    for name in lines.filter(|name| !name.is_empty() && !name.contains(&b'/') && !name.starts_with(b".")) {
        for node in [interner.relative(base, name), interner.relative(base, &[name, b".py"].concat())] {
            if node != ROOT {
                nodes.push(node);
            }
        }
    }
    Ok(Fact::Below(nodes))
}

/// `pyvenv.cfg`: where the interpreter is that a virtual environment was made with.
pub(super) fn venv(input: &Input<'_>) -> Option<Fact> {
    let text = String::from_utf8_lossy(input.content.start());
    let mut values = text.lines().filter_map(|line| line.split_once('='));
    let (_, home) = values.find(|(key, _)| key.trim().eq_ignore_ascii_case("home"))?;
    let home = home.trim();
    (!home.is_empty() && home.len() <= 4096).then(|| Fact::Venv { home: home.to_owned() })
}

/// A quoted field of CSV from behind its first quote, with `""` for a quote in it.
fn unquoted(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = field.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
            break;
        }
        out.push(byte);
    }
    out
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
    // Every other piece between quotes is a value, and no variable.
    let mut outside = marker.split(['"', '\'']).step_by(2);
    if outside.any(|part| part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == "extra")) {
        return None;
    }
    let name = need.trim().split([' ', '\t', '[', '(', '<', '>', '=', '!', '~', '@']).next().unwrap_or_default();
    (!name.is_empty()).then(|| vec![normalised(name)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Captured;
    use crate::paths::Paths;

    type Parser = fn(&Input<'_>, &mut Interner<'_>) -> Result<Fact, String>;

    fn read(parser: Parser, path: &str, text: &[u8]) -> (Result<Fact, String>, Vec<String>) {
        let mut paths = Paths::new();
        let mut interner = Interner::new(&mut paths, 1000, 100_000);
        let content = Captured::complete(text);
        let fact = parser(&Input { path: path.as_bytes(), content: &content }, &mut interner);
        let nodes = match &fact {
            Ok(Fact::Files(nodes) | Fact::Below(nodes)) => nodes.clone(),
            Ok(Fact::Packages(packages)) => match &packages[0].files {
                Owned::Below(nodes) => nodes.clone(),
                other => panic!("{other:?}"),
            },
            _ => Vec::new(),
        };
        (fact, nodes.iter().map(|node| interner.spelled(*node)).collect())
    }

    fn package(path: &str, text: &[u8]) -> (Package, Vec<String>) {
        match read(metadata, path, text) {
            (Ok(Fact::Packages(mut packages)), files) => (packages.remove(0), files),
            other => panic!("{other:?}"),
        }
    }

    const METADATA: &str = "Metadata-Version: 2.1
Name: Requests_Toolbelt
Version: 2.31.0
Summary: Python HTTP for Humans.
License: Apache 2.0
        continued: Name: no
Requires-Dist: charset-normalizer (<4,>=2)
Requires-Dist: zope.interface[test]>=1.21.1
Requires-Dist: win-inet-pton ; (sys_platform == \"win32\") and python_version != \"extra\"
Requires-Dist: PySocks !=1.5.7,>=1.5.6 ; extra == 'socks'
Requires-Dist: chardet; python_version<'3' and extra=='use_chardet'
Requires-Dist: pip @ https://example.com/pip.whl

Name: not-this
Requires-Dist: not-this
";

    #[test]
    fn reads_metadata() {
        for text in [METADATA.to_owned(), METADATA.replace('\n', "\r\n")] {
            let (package, files) = package("usr/lib/site-packages/requests-2.31.0.dist-info/METADATA", text.as_bytes());
            assert_eq!((package.name.as_str(), package.version.as_str()), ("requests-toolbelt", "2.31.0"));
            assert_eq!(package.depends, [["charset-normalizer"], ["zope-interface"], ["win-inet-pton"], ["pip"]]);
            assert_eq!(files, ["usr/lib/site-packages/requests-2.31.0.dist-info"]);
        }
        let (_, files) = package("opt/six.egg-info/PKG-INFO", b"Name: six-x\nVersion: 1");
        assert_eq!(files, ["opt/six.egg-info", "opt/six_x"]);
        let (_, files) = package("opt/argparse-1.2.egg-info", b"Name: argparse");
        assert_eq!(files, ["opt/argparse-1.2.egg-info", "opt/argparse"]);
    }

    #[test]
    fn survives_metadata_that_no_tool_writes() {
        for text in [&b""[..], b"\n\nName: a", b"Name", b"Name:\n", b"\xff\xfe: \xff", b"Name: ...\n"] {
            assert!(read(metadata, "a.dist-info/METADATA", text).0.is_err());
        }
        let (package, _) = package("METADATA", b"Name: a\nRequires-Dist: ;;;\nRequires-Dist: b ; extra");
        assert!(package.depends.is_empty());
    }

    #[test]
    fn reads_records() {
        let text = b"../../../bin/f2py,sha256=x,237\nnumpy/__init__.py,sha256=x,1\r\nnumpy/__pycache__/__init__.cpython-311.pyc,,\n\
\"numpy/a, \"\"b\"\".py\",sha256=x,1\nnumpy-1.dist-info/RECORD,,\n\n,,\n/etc/x,,\n../../../../../../../../..,,\n\"cut";
        let (_, files) = read(record, "opt/lib/python3/site-packages/numpy-1.dist-info/RECORD", text);
        let base = "opt/lib/python3/site-packages";
        let expected = [
            "opt/bin/f2py".to_owned(),
            format!("{base}/numpy/__init__.py"),
            format!("{base}/numpy/__pycache__/__init__.cpython-311.pyc"),
            format!("{base}/numpy/a, \"b\".py"),
            format!("{base}/numpy-1.dist-info/RECORD"),
            "etc/x".to_owned(),
            format!("{base}/cut"),
        ];
        assert_eq!(files, expected);
    }

    #[test]
    fn reads_what_setuptools_wrote() {
        let (_, files) = read(installed_files, "opt/lib/six.egg-info/installed-files.txt", b"../six.py\r\n../../bin/six\nPKG-INFO\n\n");
        assert_eq!(files, ["opt/lib/six.py", "opt/bin/six", "opt/lib/six.egg-info/PKG-INFO"]);
        let (fact, files) = read(top_level, "opt/lib/six.egg-info/top_level.txt", b"six\n\n..\n../../etc\n");
        assert_eq!(files, ["opt/lib/six", "opt/lib/six.py"]);
        assert!(matches!(fact, Ok(Fact::Below(_))));
    }

    #[test]
    fn reads_the_home_of_an_environment() {
        let home = |text: &[u8]| venv(&Input { path: b"venv/pyvenv.cfg", content: &Captured::complete(text) });
        let found = home(b"version = 3.11.7\r\nHome = /usr/local/bin\r\nexecutable = /usr/local/bin/python3\r\n");
        assert_eq!(found, Some(Fact::Venv { home: "/usr/local/bin".to_owned() }));
        assert_eq!(home(b"home"), None);
        assert_eq!(home(b"home=\n\xff"), None);
    }
}
