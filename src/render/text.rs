//! Names that came from an image, made safe for people's terminals.

use std::fmt::Write as _;

/// `bytes` as text in which nothing moves a cursor or hides: control characters, bidirectional
/// marks, zero-width characters and bytes that are no UTF-8 are shown as escapes.
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push(&mut text, character);
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// The same for a message of several lines, whose own newlines stay.
pub fn escaped_lines(text: &str) -> String {
    text.lines().map(|line| escaped(line.as_bytes())).collect::<Vec<_>>().join("\n")
}

fn push(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        '\t' => text.push_str("\\t"),
        '\r' => text.push_str("\\r"),
        '\0'..='\x1f' | '\x7f' => {
            let _ = write!(text, "\\x{:02x}", character as u32);
        }
        // C1 controls, zero-width characters, bidirectional marks and isolates, line separators,
        // interlinear and tag characters.
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => {
            let _ = write!(text, "\\u{{{:x}}}", character as u32);
        }
        character => text.push(character),
    }
}

/// `text`, made safe, cut to `width` terminal cells with an ellipsis.
pub fn fit(text: &str, width: usize) -> String {
    let safe = escaped(text.as_bytes());
    if unicode_width::UnicodeWidthStr::width(safe.as_str()) <= width {
        return safe;
    }
    let mut cut = String::new();
    let mut used = 1;
    for character in safe.chars() {
        used += unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
        if used > width {
            break;
        }
        cut.push(character);
    }
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// `text` and blanks up to `width` cells.
pub fn left(text: &str, width: usize) -> String {
    let fitted = fit(text, width);
    let blanks = width.saturating_sub(unicode_width::UnicodeWidthStr::width(fitted.as_str()));
    format!("{fitted}{}", " ".repeat(blanks))
}

/// The end of a path, which says more than its start, in `width` cells.
pub fn fit_path(path: &str, width: usize) -> String {
    let safe = escaped(path.as_bytes());
    if unicode_width::UnicodeWidthStr::width(safe.as_str()) <= width {
        return safe;
    }
    let mut kept: Vec<char> = Vec::new();
    let mut used = 1;
    for character in safe.chars().rev() {
        used += unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(character);
    }
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// `0, 2, 3, 4` as people count and write it: `1, 3–5`.
pub fn numbers(mut zero_based: Vec<usize>) -> String {
    zero_based.sort_unstable();
    zero_based.dedup();
    let runs = zero_based.chunk_by(|a, b| a + 1 == *b);
    let text = runs.map(|run| match run {
        [one] => format!("{}", one + 1),
        [first, second] => format!("{}, {}", first + 1, second + 1),
        [first, .., last] => format!("{}–{}", first + 1, last + 1),
        [] => String::new(),
    });
    text.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_a_cursor_or_hides() {
        assert_eq!(escaped(b"a\x1b[31m\x07\r\n"), "a\\x1b[31m\\x07\\r\\n");
        assert_eq!(escaped("x\u{202e}y\u{200b}".as_bytes()), "x\\u{202e}y\\u{200b}");
        assert_eq!(escaped("\u{9b}31m".as_bytes()), "\\u{9b}31m");
        assert_eq!(escaped(b"caf\xe9"), "caf\\xe9");
        assert_eq!(escaped("日本語 ü".as_bytes()), "日本語 ü");
    }

    #[test]
    fn width_is_cells() {
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(left("ab", 4), "ab  ");
        assert_eq!(numbers(vec![4, 2, 3, 0, 8, 9]), "1, 3–5, 9, 10");
    }
}
