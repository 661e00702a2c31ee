//! Free text of builders made readable: one line, without digests and the structures of Go.
//!
//! Used by `Instruction::parse` for what an instruction shows, and by [`base`](super::base) for what it quotes of one.

use super::{Dialect, HistoryRow, field, is_jib_filler};

/// The phrase for builders that know no Dockerfile.
pub(super) fn phrase(row: &HistoryRow, dialect: Dialect) -> String {
    let by = tidy(field(row.created_by.as_ref()));
    let comment = tidy(field(row.comment.as_ref()));
    let what = match dialect {
        Dialect::Jib if is_jib_filler(&comment, &by) => "layer of the base without history".to_owned(),
        Dialect::Nix if comment.starts_with("store paths:") => store_paths(&comment),
        Dialect::Apko => comment.strip_prefix("This is an apko ").unwrap_or(&comment).to_owned(),
        Dialect::Ko if comment.is_empty() => by.strip_prefix("ko ").unwrap_or(&by).to_owned(),
        Dialect::Bazel if comment.is_empty() => by.strip_prefix("bazel ").unwrap_or(&by).trim_end_matches([' ', '.']).to_owned(),
        _ if comment.is_empty() => by,
        _ => comment,
    };
    let (name, what) = (dialect.as_str(), what.trim());
    if what.is_empty() { name.to_owned() } else { format!("{name}: {what}") }
}

/// `store paths: ['/nix/store/<hash>-glibc-2.39']` without what no reader needs. A layer may hold thousands of paths;
/// the first ones tell enough.
fn store_paths(comment: &str) -> String {
    const SHOWN: usize = 4;
    let mut paths = comment.split(['\'', '"']).filter_map(|part| {
        let name = part.strip_prefix("/nix/store/")?;
        Some(name.split_once('-').map_or(name, |(_, rest)| rest)).filter(|name| !name.is_empty())
    });
    let first: Vec<&str> = paths.by_ref().take(SHOWN).collect();
    match (first.len(), paths.count()) {
        (0, _) => "store paths".to_owned(),
        (1, 0) => format!("store path {}", first.concat()),
        (_, 0) => format!("store paths {}", first.join(", ")),
        (_, rest) => format!("store paths {} and {rest} more", first.join(", ")),
    }
}

/// One line: line continuations and every run of white space become one space.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let line = line.trim_end();
        // The last line has nothing to continue with, so a backslash there is text.
        let line = if lines.peek().is_some() { line.strip_suffix('\\').unwrap_or(line) } else { line };
        for word in line.split_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}

/// `--chown=1:1file:0a1b…(64 digits) in /x` → `--chown=1:1 file:… in /x`: the digest is of the build context, which
/// nobody has, and the classic builder forgot the space.
pub(super) fn hide_digest(text: &str) -> String {
    for kind in ["file:", "dir:", "multi:"] {
        for (at, _) in text.match_indices(kind) {
            let (Some(before), Some(after)) = (text.get(..at), text.get(at + kind.len()..)) else {
                continue;
            };
            let rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            if after.len() - rest.len() >= 16 {
                return format!("{} {kind}…{rest}", before.trim_end()).trim().to_owned();
            }
        }
    }
    text.to_owned()
}

/// Some values are stored as Go prints its own structures: `map[80/tcp:{}]`, `&{["CMD-SHELL" "curl -f …"] "0s" …}`.
pub(super) fn undo_go_format(text: String) -> String {
    if let Some(ports) = text.strip_prefix("map[").and_then(|rest| rest.strip_suffix(']')) {
        return ports.replace(":{}", "");
    }
    let Some(list) = text.strip_prefix("&{[") else {
        return text;
    };
    let mut words = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in list.chars() {
        match c {
            ']' if !quoted => break,
            ' ' if !quoted => words.push(String::new()),
            '\\' if !escaped => escaped = true,
            '"' if !escaped => quoted = !quoted,
            _ => {
                escaped = false;
                words.last_mut().into_iter().for_each(|word| word.push(c));
            }
        }
    }
    if let Some(first) = words.first_mut().filter(|first| *first == "CMD-SHELL") {
        "CMD".clone_into(first);
    }
    words.join(" ")
}

/// The text cut to `width` terminal columns, ending in `…` if anything was left out.
pub(super) fn short(text: &str, width: usize) -> String {
    let (mut used, mut fits) = (0_usize, 0_usize);
    for (at, c) in text.char_indices() {
        let next = used + columns(c);
        if next > width {
            let kept = text.get(..fits).unwrap_or("").trim_end();
            return if width == 0 { String::new() } else { format!("{kept}…") };
        }
        used = next;
        // One column is kept for the ellipsis.
        if used < width {
            fits = at + c.len_utf8();
        }
    }
    text.to_owned()
}

/// Terminal columns of a character: close to what terminals do, without a table of all of Unicode.
pub(super) fn columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0x200B..=0x200F | 0x20D0..=0x20FF | 0x2060..=0x2064 | 0xFE00..=0xFE0F | 0xFEFF => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1_F300..=0x1_F64F
        | 0x1_F680..=0x1_F6FF
        | 0x1_F900..=0x1_FAFF
        | 0x2_0000..=0x3_FFFD => 2,
        _ => 1,
    }
}
