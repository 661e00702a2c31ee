//! What the classic builders and `BuildKit` put before a `RUN`: build arguments and the shell.
//!
//! Only `Instruction::parse` asks. Both are found by their form alone, so a value may be cut wrongly, but every
//! byte of the text is either split off or handed back.

/// Words with their offsets. Only ASCII space separates, so every separator is one byte.
fn words_at(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = 0;
    let words = text.split(|c: char| c.is_ascii_whitespace()).map(move |word| {
        let at = next;
        next += word.len() + 1;
        (at, word)
    });
    words.filter(|(_, word)| !word.is_empty())
}

/// Splits `|N k=v … command`. The arguments are joined by single spaces without quotes, so a value with spaces only
/// ends where the shell begins; without a shell a value is taken to be one word.
pub(super) fn split_build_args(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let text = text.strip_prefix('|')?;
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    if digits.is_empty() || rest.starts_with(|c: char| !c.is_ascii_whitespace()) {
        return None;
    }
    let count = digits.parse().unwrap_or(usize::MAX);
    let mut starts = Vec::new();
    let (mut shell, mut early_shell, mut plain) = (None, None, None);
    for (at, word) in words_at(rest) {
        if rest.get(at..).and_then(shell_end).is_some() {
            // A shell among the first N may be part of a value; none before it means that the list was left out.
            if starts.is_empty() || starts.len() >= count {
                shell = Some(at);
                break;
            }
            early_shell = early_shell.or(Some(at));
        } else if starts.len() < count {
            if is_assignment(word) {
                starts.push(at);
            }
        } else if plain.is_none() {
            plain = Some(at);
        }
    }
    let end = shell.or(early_shell).or(plain).unwrap_or(rest.len());
    let (list, command) = rest.split_at_checked(end)?;
    let ends = starts.iter().copied().skip(1).chain([end]);
    let args = starts.iter().zip(ends).filter_map(|(start, end)| {
        let (key, value) = list.get(*start..end.min(list.len()))?.trim_end().split_once('=')?;
        Some((key.to_owned(), value.to_owned()))
    });
    Some((args.collect(), command))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(key, _)| {
        key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ShellKind {
    Unix,
    Cmd,
    PowerShell,
}

fn shell_kind(program: &str) -> Option<ShellKind> {
    let name = program.rsplit(['/', '\\']).next().filter(|name| name.len() <= 14)?.to_ascii_lowercase();
    match name.strip_suffix(".exe").unwrap_or(&name) {
        "sh" | "ash" | "bash" | "dash" | "fish" | "ksh" | "zsh" => Some(ShellKind::Unix),
        "cmd" => Some(ShellKind::Cmd),
        "powershell" | "pwsh" => Some(ShellKind::PowerShell),
        _ => None,
    }
}

/// Splits a command into its shell (`/bin/bash -o pipefail -c`) and what the shell is to do.
pub(super) fn split_shell(text: &str) -> Option<(&str, &str)> {
    let (end, kind) = shell_end(text)?;
    let mut rest = text.get(end..)?.trim_start();
    if kind == ShellKind::PowerShell {
        rest = after_preferences(rest);
    }
    let shell = text.get(..text.len().checked_sub(rest.len())?)?;
    Some((shell.trim(), rest))
}

/// Where the shell at the beginning of the text ends, with the option that introduces the command.
fn shell_end(text: &str) -> Option<(usize, ShellKind)> {
    // No real shell has more options, and the bound keeps repeated calls linear.
    const MOST_WORDS: usize = 12;
    let mut words = words_at(text).take(MOST_WORDS);
    let (_, mut program) = words.next()?;
    if matches!(program.rsplit('/').next(), Some("busybox" | "env")) {
        (_, program) = words.next()?;
    }
    let kind = shell_kind(program)?;
    let mut after_option = false;
    for (at, word) in words {
        let (is_option, is_last) = match kind {
            ShellKind::Unix => {
                let letters = word.strip_prefix('-').unwrap_or("");
                let last = letters.contains('c') && letters.chars().all(|c| c.is_ascii_alphabetic());
                (word.starts_with(['-', '+']), last)
            }
            ShellKind::Cmd => (word.starts_with('/'), word.eq_ignore_ascii_case("/c")),
            ShellKind::PowerShell => {
                let last = ["-command", "-c"].iter().any(|flag| word.eq_ignore_ascii_case(flag));
                (word.starts_with('-'), last)
            }
        };
        if is_last {
            return Some((at + word.len(), kind));
        }
        // An option may have a value: `-o pipefail`, `-ExecutionPolicy Bypass`.
        if !is_option && !after_option {
            return None;
        }
        after_option = is_option && kind != ShellKind::Cmd;
    }
    None
}

/// Windows images put settings into `SHELL` (`$ErrorActionPreference = 'Stop';`), so they belong to the shell.
fn after_preferences(mut rest: &str) -> &str {
    while let Some((statement, tail)) = rest.split_once(';').filter(|_| rest.starts_with('$')) {
        let Some((name, _)) = statement.split_once('=') else {
            break;
        };
        if !name.trim_end().ends_with("Preference") {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}
