//! Text broken into lines, without losing any of it.

use crate::render::text::cells;
use crate::text::escaped;

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
    use super::lines;

    #[test]
    fn nothing_is_lost() {
        assert_eq!(lines("a bc 0123456789abc d", 8), ["a bc", "01234567", "89abc d"]);
        assert_eq!(lines("", 8), [""]);
        assert_eq!(lines("日本語日本語", 8), ["日本語日", "本語"]);
        assert_eq!(lines("a\x07", 8), ["a\\x07"]);
    }
}
