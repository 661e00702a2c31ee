//! Text broken into lines without losing any of it, or cut.

use super::syntax::{Kind, Roles};
use super::theme::Role;
use crate::render::text::cells;
use crate::text::escaped;
use std::ops::Range;

/// A word, which must be safe to show, in pieces of at most so many cells.
pub(super) fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for sign in text.chars() {
        let wide = cells(sign.encode_utf8(&mut [0; 4]));
        if used + wide > width && used > 0 {
            pieces.push(String::new());
            used = 0;
        }
        if let Some(last) = pieces.last_mut() {
            last.push(sign);
        }
        used += wide;
    }
    pieces
}

/// Parts of a row, each with what it is.
pub(super) type Parts = Vec<(Kind, String)>;

fn push(parts: &mut Parts, kind: Kind, sign: char) {
    match parts.last_mut().filter(|(last, _)| *last == kind) {
        Some((_, text)) => text.push(sign),
        None => parts.push((kind, sign.to_string())),
    }
}

/// How many rows a line of a file is broken into, wherever a row is full.
pub(super) fn rows_of(text: &str, width: usize) -> usize {
    // What is shown has no signs without a cell but such as are not ASCII.
    if text.is_ascii() { text.len().div_ceil(width.max(1)).max(1) } else { starts(text, width).count() }
}

/// Where the row begins that so many come before; past the last row the end.
pub(super) fn rows_to(text: &str, width: usize, rows: usize) -> usize {
    if text.is_ascii() {
        return rows.saturating_mul(width.max(1)).min(text.len());
    }
    starts(text, width).nth(rows).unwrap_or(text.len())
}

/// Where rows begin.
fn starts(text: &str, width: usize) -> impl Iterator<Item = usize> {
    let mut used = 0;
    let later = text.char_indices().filter_map(move |(at, sign)| {
        let wide = cells(sign.encode_utf8(&mut [0; 4]));
        let is_full = used + wide > width && used > 0;
        used = if is_full { wide } else { used + wide };
        is_full.then_some(at)
    });
    std::iter::once(0).chain(later)
}

/// Where a line goes on after so many cells.
pub(super) fn cells_to(text: &str, most: usize) -> usize {
    if text.is_ascii() {
        return most.min(text.len());
    }
    let mut used = 0;
    let first = text.char_indices().find(|(_, sign)| {
        used += cells(sign.encode_utf8(&mut [0; 4]));
        used > most
    });
    first.map_or(text.len(), |(at, _)| at)
}

/// These rows of a line of a file that is broken wherever a row is full.
pub(super) fn broken(text: &str, roles: &mut Roles<'_>, width: usize, wanted: Range<usize>) -> Vec<Parts> {
    let mut rows = vec![Parts::new()];
    let mut used = 0;
    let start = rows_to(text, width, wanted.start);
    for (at, sign) in text[start..].char_indices() {
        let wide = cells(sign.encode_utf8(&mut [0; 4]));
        if used + wide > width && used > 0 {
            if rows.len() == wanted.len() {
                break;
            }
            rows.push(Parts::new());
            used = 0;
        }
        if let Some(row) = rows.last_mut() {
            push(row, roles.at(start + at), sign);
        }
        used += wide;
    }
    rows
}

/// A line of a file without its first cells, cut to `width`.
pub(super) fn cut(text: &str, roles: &mut Roles<'_>, from: usize, width: usize) -> Parts {
    let (mut skipped, mut used) = (0, 0);
    let mut row = Parts::new();
    for (at, sign) in text.char_indices() {
        let wide = cells(sign.encode_utf8(&mut [0; 4]));
        let kind = roles.at(at);
        if skipped < from {
            skipped += wide.max(1);
            continue;
        }
        if used + wide > width {
            if let Some((_, last)) = row.last_mut() {
                last.pop();
            }
            push(&mut row, (Role::Dim, false), '…');
            break;
        }
        used += wide;
        push(&mut row, kind, sign);
    }
    row
}

/// Text, made safe, in lines: broken between words, and within those that are longer than a line.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = vec![String::new()];
    let mut used = 0;
    let safe = escaped(text.as_bytes());
    for piece in safe.split(' ').flat_map(|word| pieces(word, width)) {
        let wide = cells(&piece);
        if used > 0 && used + 1 + wide > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(&piece);
        }
        used += wide;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::syntax::{Lexer, Roles, State, of};
    use super::*;

    fn roles(text: &str) -> Roles<'_> {
        Roles::new(Some(Lexer::new(of(b"a.py", b"").expect("Python"), State::default(), text)), Vec::new())
    }

    fn text(parts: &Parts) -> String {
        parts.iter().map(|(_, part)| part.as_str()).collect()
    }

    /// A part that is broken or cut goes on as what it is.
    #[test]
    fn parts_keep_their_roles() {
        let line = "x = 'quoted 日本' # why";
        let rows = broken(line, &mut roles(line), 8, 0..9);
        assert_eq!(rows.iter().map(text).collect::<Vec<_>>(), ["x = 'quo", "ted 日本", "' # why"]);
        assert_eq!(rows[1], [((Role::Quoted, false), "ted 日本".to_owned())]);
        assert_eq!(rows[2][0], ((Role::Quoted, false), "'".to_owned()));
        assert_eq!(rows[2].last(), Some(&((Role::Comment, false), "# why".to_owned())));
        assert_eq!(broken(line, &mut roles(line), 8, 0..2), rows[..2]);
        assert_eq!(broken(line, &mut roles(line), 8, 1..9), rows[1..], "what comes before it is known");
        assert_eq!(broken("", &mut roles(""), 8, 0..2), [Parts::new()]);

        let whole = cut(line, &mut roles(line), 0, 40);
        assert_eq!(text(&whole), line);
        let part = cut(line, &mut roles(line), 6, 8);
        assert_eq!(part, [((Role::Quoted, false), "uoted ".to_owned()), ((Role::Dim, false), "…".to_owned())], "half a sign is none");
        assert_eq!(text(&cut(line, &mut roles(line), 30, 8)), "");
    }

    /// Rows are counted as they are broken, of plain signs and of others.
    #[test]
    fn rows_are_where_they_are_broken() {
        for (text, width) in
            [("", 8), ("12345678", 8), ("123456789", 8), ("0123456789abcdef0", 4), ("日本語日本語 a\u{301}", 3), ("日本", 1)]
        {
            let rows = broken(text, &mut roles(text), width, 0..99);
            assert_eq!(rows_of(text, width), rows.len(), "{text}");
            let mut start = 0;
            for (number, row) in rows.iter().enumerate() {
                assert_eq!(rows_to(text, width, number), start, "{text}");
                start += super::tests::text(row).len();
            }
            assert_eq!(rows_to(text, width, rows.len()), text.len());
        }
        assert_eq!(("日本語".len(), cells_to("日本語", 3), cells_to("日本語", 6)), (9, 3, 9));
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(lines("a bc 0123456789abc d", 8), ["a bc", "01234567", "89abc d"]);
        assert_eq!(lines("", 8), [""]);
        assert_eq!(lines("日本語日本語", 8), ["日本語日", "本語"]);
        assert_eq!(lines("a\x07", 8), ["a\\x07"]);
    }
}
