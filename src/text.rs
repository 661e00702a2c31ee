//! Bytes that came from an image as text: made safe for people's terminals, or exact in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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

/// Base64 with padding (RFC 4648, section 4), for paths that are no UTF-8.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What base64 with padding stands for; `None` if it is none, or of more than `most` bytes.
pub fn from_base64(text: &str, most: usize) -> Option<Vec<u8>> {
    if text.len() / 4 > most.div_ceil(3) {
        return None;
    }
    STANDARD.decode(text).ok().filter(|bytes| bytes.len() <= most)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, months and days counted from 1.
pub(crate) fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so the leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
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
    fn as_the_rfc_has_it() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
            assert_eq!(from_base64(coded, 6).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(from_base64("Zm9vYmFy", 5), None);
        for rubbish in ["Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zm 9", "Zm9v\n", "Zm9-", "é==="] {
            assert_eq!(from_base64(rubbish, 100), None, "{rubbish:?}");
        }
    }
}
