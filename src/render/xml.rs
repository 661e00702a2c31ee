//! Text in XML.

use crate::text::escaped;
use std::fmt::Write as _;

/// Text within an element or a value in quotes (XML 1.0, sections 2.2 and 2.4): no control characters, no markup.
pub(super) fn xml(text: &str) -> String {
    xml_lines(&escaped(text.as_bytes()))
}

/// The same for our own lines.
pub(super) fn xml_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // No characters of XML, though of Unicode.
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{{{:x}}}", character as u32);
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_is_markup() {
        assert_eq!(
            super::xml("<a b='c' d=\"e\">]]>&\0\u{ffff}\u{1b}\n"),
            "&lt;a b=&apos;c&apos; d=&quot;e&quot;&gt;]]&gt;&amp;\\x00\\u{ffff}\\x1b\\n"
        );
    }
}
