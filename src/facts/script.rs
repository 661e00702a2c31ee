//! Scripts: what runs them, and the words of theirs that may be commands. Sources: `execve(2)` for
//! the first line, `env(1)` from GNU coreutils, POSIX "Shell Command Language" for what parts words.

use super::{Fact, Input, SMALL};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Distinct words of one script.
const MOST_WORDS: usize = 2000;
/// No command has a longer name.
const LONGEST_WORD: usize = 64;
/// What Linux reads of the first line.
const FIRST_LINE: usize = 256;

/// A script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The program that runs it, as the first line has it; after `/usr/bin/env` the name; empty for source without one.
    pub interpreter: String,
    /// Of shell scripts the hashes ([`word`]) of all words that may be commands, of others of the words that begin a
    /// quoted string; in order. Hashes,
    /// because a saved analysis holds facts and never contents of files.
    pub words: Vec<u64>,
}

impl Script {
    /// Whether a shell script has this name among its words, as a command or otherwise.
    pub fn mentions(&self, name: &[u8]) -> bool {
        self.words.binary_search(&word(name)).is_ok()
    }
}

/// The hash of a word, as [`Script::words`] has it.
pub fn word(text: &[u8]) -> u64 {
    twox_hash::XxHash3_128::oneshot(text) as u64
}

/// Whether a file is a script that people wrote for this image, by path and first bytes. What comes
/// with packages as documentation, source or module is not run from a command line.
pub(super) fn suspect(path: &[u8], size: u64, start: &[u8]) -> bool {
    let modules = |part: &[u8]| matches!(part, b"node_modules" | b"site-packages" | b"dist-packages");
    let candidate = size <= SMALL && (start.starts_with(b"#!") || is_source(path));
    candidate && !path.starts_with(b"usr/share/doc/") && !path.starts_with(b"usr/src/") && !path.split(|byte| *byte == b'/').any(modules)
}

/// The source of a program of the image's own: not where the system keeps its.
fn is_source(path: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 9] = [b".py", b".rb", b".php", b".js", b".mjs", b".cjs", b".ts", b".pl", b".lua"];
    ENDINGS.iter().any(|ending| path.ends_with(ending))
        && ![&b"usr/lib/"[..], b"usr/share/", b"lib/", b"usr/local/lib/"].iter().any(|place| path.starts_with(place))
}

/// Parses; `None` where the first line names no program.
pub(super) fn parse(input: &Input<'_>) -> Option<Fact> {
    let content = input.content.start();
    let content = &content[..content.len().min(SMALL as usize)];
    let (first, body) = match content.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&content[..end], &content[end + 1..]),
        None => (content, &[][..]),
    };
    let Some(first) = first.strip_prefix(b"#!") else {
        // A program starts others by strings: `subprocess.run(["git", "log"])`.
        let words = quoted(content);
        return (!words.is_empty()).then_some(Fact::Script(Script { interpreter: String::new(), words }));
    };
    let first = String::from_utf8_lossy(&first[..first.len().min(FIRST_LINE)]);
    let interpreter = interpreter(&first)?.to_owned();
    // Also where a shell comes second: `/bin/busybox sh`, `/usr/bin/with-contenv bash`.
    let named = |part: &str| is_shell(part.rsplit('/').next().unwrap_or_default());
    let shell = named(&interpreter) || first.split_ascii_whitespace().any(named);
    let words = if shell { words(body) } else { quoted(body) };
    Some(Fact::Script(Script { interpreter, words }))
}

/// The first words of quoted strings, as base names.
fn quoted(content: &[u8]) -> Vec<u64> {
    const LONGEST: usize = 256;
    let mut found = BTreeSet::new();
    for line in content.split(|byte| *byte == b'\n') {
        let mut rest = line;
        while let Some(open) = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`')) {
            let quote = rest[open];
            rest = &rest[open + 1..];
            let Some(close) = rest.iter().take(LONGEST).position(|byte| *byte == quote) else { continue };
            let text = rest[..close].split(u8::is_ascii_whitespace).next().unwrap_or_default();
            let name = text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte);
            if !name.is_empty() && name.len() <= LONGEST_WORD && name.iter().all(plain) && found.len() < MOST_WORDS {
                found.insert(word(name));
            }
            rest = &rest[close + 1..];
        }
    }
    found.into_iter().collect()
}

/// What runs the script, by its first line without `#!`.
fn interpreter(line: &str) -> Option<&str> {
    let mut parts = line.split_ascii_whitespace();
    let program = parts.next()?;
    if program.rsplit('/').next() != Some("env") {
        return Some(program);
    }
    // The first that is neither an option nor a variable; `-S` may have the name right behind it.
    let names = parts.map(|part| part.strip_prefix("-S").or_else(|| part.strip_prefix("--split-string=")).unwrap_or(part));
    let mut names = names.filter(|part| !part.is_empty() && !part.starts_with('-') && !part.contains('='));
    Some(names.next().unwrap_or(program))
}

/// `openrc-run` is a shell with more functions.
fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" | "openrc-run")
}

fn words(body: &[u8]) -> Vec<u64> {
    let mut found = BTreeSet::new();
    // Comments speak of much that is not run.
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start).filter(|line| !line.starts_with(b"#"));
    for line in lines {
        let mut from = 0;
        for end in (0..=line.len()).filter(|at| line.get(*at).is_none_or(|byte| parts(*byte))) {
            let token = &line[from..end];
            // The alternative in `${COMMAND:-default}`.
            let default = from > 0 && line[from - 1] == b':';
            let token = token.strip_prefix(b"-").filter(|_| default).unwrap_or(token);
            from = end + 1;
            if let Some(name) = command(token) {
                found.insert(word(name));
                if found.len() == MOST_WORDS {
                    return found.into_iter().collect();
                }
            }
        }
    }
    found.into_iter().collect()
}

/// Whether a byte stands between words.
fn parts(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"|&;()<>{}[]$`\\\"'*?!#~=%,:^@".contains(&byte)
}

/// The name of a command that a token may be: not an option, not a number.
fn command(token: &[u8]) -> Option<&[u8]> {
    if token.starts_with(b"-") {
        return None;
    }
    let name = token.rsplit(|byte| *byte == b'/').next()?;
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte);
    let valid = name.len() <= LONGEST_WORD && name.iter().all(allowed) && name.iter().any(u8::is_ascii_alphabetic);
    valid.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Captured;

    fn script(text: &[u8]) -> Option<Script> {
        let content = Captured::complete(text);
        parse(&Input { path: b"entrypoint.sh", content: &content }).map(|fact| match fact {
            Fact::Script(script) => script,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn reads_an_entrypoint() {
        let text = "#!/usr/bin/env bash
set -Eeo pipefail
# needs wget for the license
  #and gpg
if [ \"$(id -u)\" = '0' ]; then
    find \"$PGDATA\" \\! -user postgres -exec chown postgres '{}' +
    exec su-exec postgres \"$BASH_SOURCE\" \"$@\"
fi
x=$(curl --fail https://example.com/a.tar.gz|/usr/bin/tar -xz);`g++ -v`&&7z x 2>/dev/null
exec ${CMD:-nginx} \"$dir/run.py\"
";
        let script = script(text.as_bytes()).unwrap();
        assert_eq!(script.interpreter, "bash");
        assert!(script.words.is_sorted_by(|a, b| a < b));
        for name in ["set", "id", "find", "chown", "su-exec", "curl", "tar", "g++", "7z", "nginx", "run.py", "null", "a.tar.gz"] {
            assert!(script.mentions(name.as_bytes()), "{name}");
        }
        for name in ["wget", "gpg", "--fail", "-u", "0", "2", "", "bin", "fail"] {
            assert!(!script.mentions(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn finds_what_runs_a_script() {
        let of = |line: &str| script(line.as_bytes()).map(|script| (script.interpreter, !script.words.is_empty()));
        let some = |name: &str, words| Some((name.to_owned(), words));
        assert_eq!(of("#!/bin/sh\nid"), some("/bin/sh", true));
        assert_eq!(of("#! /bin/sh -e\r\nid\r\n"), some("/bin/sh", true));
        assert_eq!(of("#!/usr/bin/env -S python3 -u\nimport os"), some("python3", false));
        assert_eq!(of("#!/usr/bin/env -S A=1 node --x\nid"), some("node", false));
        assert_eq!(of("#!/usr/bin/env -Sbash\nid"), some("bash", true));
        assert_eq!(of("#!/usr/bin/env"), some("/usr/bin/env", false));
        assert_eq!(of("#!/usr/bin/with-contenv bash\nid"), some("/usr/bin/with-contenv", true));
        assert_eq!(of("#!/bin/busybox sh\nid"), some("/bin/busybox", true));
        for none in ["", "#!", "#!\n/bin/sh", "#! \t\r\n", "echo"] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }

    #[test]
    fn bounds_hostile_scripts() {
        let many = (0..5000).map(|number| format!("a{number}")).collect::<Vec<_>>().join(" ");
        assert_eq!(script(format!("#!/bin/sh\n{many}").as_bytes()).unwrap().words.len(), MOST_WORDS);
        let long = [&b"#!/bin/sh "[..], &b"x".repeat(60_000)].concat();
        assert_eq!(script(&long).unwrap().words.len(), 0);
        assert_eq!(script(b"#!/bin/sh\n\xff\xfe\0 a\xff ../.. . .. -").unwrap().words.len(), 0);
        assert!(script(b"#!\xff\xff\nid").is_some());
    }

    #[test]
    fn leaves_modules_and_documentation() {
        let suspect = |path: &str| super::suspect(path.as_bytes(), 100, b"#!/bin/sh\n");
        for path in ["entrypoint.sh", "usr/local/bin/x", "etc/init.d/ssh", "app/node_modules_x/a", "docker-entrypoint.d/10-x.sh"] {
            assert!(suspect(path), "{path}");
        }
        for path in ["usr/share/doc/git/x", "usr/src/linux/x", "app/node_modules/x/cli.js", "usr/lib/python3/dist-packages/x.py"] {
            assert!(!suspect(path), "{path}");
        }
        assert!(!super::suspect(b"a", SMALL + 1, b"#!/bin/sh"));
        assert!(!super::suspect(b"a", 10, b"# /bin/sh"));
    }

    #[test]
    fn comes_after_databases_and_secrets() {
        use crate::facts::Kind;
        let of = |path: &str, start: &[u8]| Kind::of(path.as_bytes(), 100, start);
        assert_eq!(of("lib/apk/db/installed", b"#!/bin/sh"), Some(Kind::ApkInstalled));
        assert_eq!(of("usr/lib/apk/db/installed", b"P:a"), Some(Kind::ApkInstalled));
        assert_eq!(of("etc/apk/world", b"a"), Some(Kind::ApkWorld));
        assert_eq!(of("opt/a.egg-info/top_level.txt", b"a"), Some(Kind::PythonTopLevel));
        assert_eq!(of("opt/a.egg-info/installed-files.txt", b"a"), Some(Kind::PythonInstalled));
        assert_eq!(of("venv/pyvenv.cfg", b"home"), Some(Kind::PythonVenv));
        assert_eq!(of("app/.env", b"#!/bin/sh"), Some(Kind::Secret));
        assert_eq!(of("app/id_rsa", b"\x7fELF"), Some(Kind::Elf));
        assert_eq!(of("app/run", b"#!/bin/sh"), Some(Kind::Script));
        assert_eq!(of("app/world", b"a"), None);
    }
}
