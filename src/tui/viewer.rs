//! A file looked at: as text, or as bytes where it is none.

mod scroll;

pub(super) use scroll::Scroll;

use super::list::Cursor;
use super::syntax::{Language, Lexer, Roles, State};
use crate::index::Place;
use crate::text::escaped;
use std::ops::Range;

/// Most of a file that is looked at.
pub const LOOKED_AT: usize = 1 << 20;
/// A file with a zero byte in its first bytes is no text, as git and grep have it.
const SNIFFED: usize = 8000;
/// Bytes in a row where they are shown as numbers.
const IN_ROW: usize = 16;

/// A file that is looked at, or being read.
pub(super) struct Viewer {
    pub(super) place: Place,
    pub(super) title: String,
    /// What it said when it was asked for: later answers to older questions are not for it.
    pub(super) ticket: u64,
    /// Bytes of its layer that were read for it until now.
    pub(super) read: u64,
    pub(super) content: Option<Result<Content, String>>,
    pub(super) cursor: Cursor,
    pub(super) scroll: Scroll,
    pub(super) wraps: bool,
    pub(super) looks_for: Option<String>,
}

pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// There is more than was read.
    pub(super) cut: bool,
    pub(super) as_bytes: bool,
    /// Safe to show.
    lines: Vec<String>,
    /// What its text is coloured by.
    language: Option<&'static Language>,
    /// What the first lines begin in, as far as it was asked for.
    states: Vec<State>,
}

impl Content {
    /// Of a file with this name.
    pub(super) fn new(name: &[u8], bytes: Vec<u8>, cut: bool) -> Self {
        let as_bytes = bytes.iter().take(SNIFFED).any(|byte| *byte == 0);
        let language = super::syntax::of(name, &bytes);
        let mut content = Self { bytes, cut, as_bytes, lines: Vec::new(), language, states: Vec::new() };
        content.lay();
        content
    }

    /// Makes the lines anew.
    pub(super) fn lay(&mut self) {
        self.lines = if self.as_bytes { dump(&self.bytes) } else { text(&self.bytes) };
    }

    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// A line, and what its parts are; what is looked for is in small letters.
    pub(super) fn line(&mut self, number: usize, wanted: Option<&str>) -> (&str, Roles<'_>) {
        let language = self.language.filter(|_| !self.as_bytes);
        if let Some(language) = language {
            while self.states.len() <= number {
                let before = self.states.last().zip(self.states.len().checked_sub(1));
                self.states.push(before.map_or(State::default(), |(state, at)| Lexer::new(language, *state, &self.lines[at]).after()));
            }
        }
        let line = &self.lines[number];
        let lexer = language.map(|language| Lexer::new(language, self.states[number], line));
        (line, Roles::new(lexer, wanted.map_or_else(Vec::new, |wanted| hits(line, wanted))))
    }
}

impl Viewer {
    pub(super) fn lines(&self) -> &[String] {
        match &self.content {
            Some(Ok(content)) => content.lines(),
            _ => &[],
        }
    }
}

/// Where a text is in a line, in letters of either case.
fn hits(line: &str, wanted: &str) -> Vec<Range<usize>> {
    // Small letters may be of other lengths: for each of their bytes the sign that it comes from.
    let (mut small, mut from) = (String::with_capacity(line.len()), Vec::with_capacity(line.len()));
    for (at, sign) in line.char_indices() {
        small.extend(sign.to_lowercase());
        from.resize(small.len(), at..at + sign.len_utf8());
    }
    small.match_indices(wanted).map(|(at, found)| from[at].start..from[at + found.len() - 1].end).collect()
}

/// Lines; tabs become blanks, everything else that moves a cursor or hides is escaped.
fn text(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = |line: &[u8]| {
        let parts = line.strip_suffix(b"\r").unwrap_or(line).split(|byte| *byte == b'\t');
        parts.map(escaped).collect::<Vec<_>>().join("    ")
    };
    bytes.split(|byte| *byte == b'\n').map(line).collect()
}

/// Rows of bytes as numbers and, where they have one, signs.
fn dump(bytes: &[u8]) -> Vec<String> {
    use std::fmt::Write;
    let row = |(number, row): (usize, &[u8])| {
        let mut text = format!("{:08x} ", number * IN_ROW);
        for at in 0..IN_ROW {
            let gap = if at == IN_ROW / 2 { " " } else { "" };
            let _ = match row.get(at) {
                Some(byte) => write!(text, "{gap} {byte:02x}"),
                None => write!(text, "{gap}   "),
            };
        }
        text.push_str("  ");
        text.extend(row.iter().map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' }));
        text
    };
    bytes.chunks(IN_ROW).enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_of_either_case() {
        let hits = |line: &str, wanted: &str| hits(line, wanted).into_iter().map(|hit| (hit.start, hit.end)).collect::<Vec<_>>();
        assert_eq!(hits("Os osos ÖS", "os"), [(0, 2), (3, 5), (5, 7)]);
        assert_eq!(hits("xÖS", "ös"), [(1, 4)]);
        // A capital whose small letter is longer.
        assert_eq!(hits("İa", "a"), [(2, 3)]);
        assert!(hits("", "a").is_empty());
    }

    #[test]
    fn text_is_safe_and_bytes_are_numbers() {
        let content = Content::new(b"a", b"a\tb\r\n\x1b[31m\xff\n".to_vec(), false);
        assert_eq!(content.lines(), ["a    b", "\\x1b[31m\\xff"]);
        let content = Content::new(b"a", b"\0ELF".to_vec(), false);
        assert_eq!(content.lines()[0].trim_end(), format!("00000000  00 45 4c 46{}.ELF", " ".repeat(12 * 3 + 3)));
    }
}
