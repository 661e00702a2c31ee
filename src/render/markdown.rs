//! Markdown for comments and job summaries (`CommonMark` with GitHub's tables), in which nothing from an image is markup.
//!
//! Names and instructions stand in code spans, other text from outside is escaped sign by sign. Neither can start a
//! comment that a tool looks for, mention anybody, or leave its table cell.

mod check;
mod diff;
mod weigh;

pub use check::check;
pub use diff::diff;
pub use weigh::weigh;

use super::text::fit;
use crate::text::escaped;
use std::fmt::Write as _;

/// What a comment on GitHub may be long (65,536 characters); counted in bytes, which are never fewer.
pub const LONGEST: usize = 65_536;
/// What a summary of a job may be long: GitHub takes 1 MiB of a step, which others may write to as well.
pub const LONGEST_SUMMARY: usize = 900_000;

/// What a document is for.
#[derive(Debug, Clone, Copy)]
pub enum Form<'k> {
    /// A comment on a change, found again by its hidden marker; the key tells it from those about other images, and is the
    /// image's name without its tag where none is given.
    Comment {
        /// The key.
        key: Option<&'k str>,
    },
    /// The summary of a job: longer, and without a marker.
    Summary,
}

impl Form<'_> {
    /// An empty document, and its hidden marker.
    fn document(self, reserve: usize, kind: &str, name: &str) -> (Document, String) {
        match self {
            Self::Comment { key: id } => {
                let id = key(id.unwrap_or_else(|| super::problems::untagged(name)));
                (Document::new(reserve), format!("<!-- plimsoll:{kind}:{id} -->\n"))
            }
            Self::Summary => (Document { longest: LONGEST_SUMMARY, ..Document::new(reserve) }, String::new()),
        }
    }

    /// Rows of a table of which a comment shows `few`.
    fn rows(self, few: usize) -> usize {
        match self {
            Self::Comment { .. } => few,
            Self::Summary => 10 * few,
        }
    }
}

/// Zero-width space: parts what would be a mention, a reference or a comment, and is not seen.
const BREAK: char = '\u{200b}';

/// Text from outside as text.
pub fn text(from_outside: &str) -> String {
    let safe = escaped(from_outside.as_bytes());
    let mut out = String::with_capacity(safe.len() + 8);
    for character in safe.chars() {
        // All that starts markup, an address or a formula somewhere; the rest stays readable.
        if character.is_ascii_punctuation() && !",;%/?()'\"".contains(character) {
            out.push('\\');
        }
        out.push(character);
        // Mentions and references are looked for after escapes are gone.
        if matches!(character, '@' | '#') {
            out.push(BREAK);
        }
    }
    out
}

/// Text from outside as a code span, cut to `width` cells.
pub fn code(from_outside: &str, width: usize) -> String {
    let body = fit(from_outside, width).replace("<!--", &format!("<{BREAK}!--"));
    let body = body.trim();
    if body.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(body, '`') + 1);
    // A blank keeps a backtick at an end apart from the fence; it is taken off again.
    let pad = if body.starts_with('`') || body.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{body}{pad}{fence}")
}

/// The same within a table, where a bar ends the cell even in code.
pub fn code_cell(from_outside: &str, width: usize) -> String {
    // A backslash before the bar would be its escape; so it is no part of the text then.
    let parted = from_outside.replace("\\|", &format!("\\{BREAK}|"));
    let shown = if parted.contains(BREAK) { escaped(from_outside.as_bytes()).replace("\\|", "\\ |") } else { parted };
    code(&shown, width).replace('|', "\\|")
}

/// What may stand in a comment that nobody sees, and be found again: letters, digits and `. _ / : -`.
pub fn key(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._/:-".contains(c) { c } else { '_' };
    let key: String = name.chars().take(128).map(plain).collect();
    key.replace("--", "-_")
}

fn longest_run(text: &str, sign: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == sign { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A document that stays short enough: tables leave out rows that do not fit, and say how many.
#[derive(Debug)]
pub struct Document {
    text: String,
    /// Bytes that tables must leave to what follows them.
    reserve: usize,
    /// Bytes that it may have.
    longest: usize,
}

impl Document {
    /// An empty one. What is written outside of tables takes at most `reserve` bytes.
    pub fn new(reserve: usize) -> Self {
        Self { text: String::new(), reserve, longest: LONGEST }
    }

    /// A paragraph, a heading or a line of HTML, and an empty line.
    pub fn paragraph(&mut self, text: &str) {
        self.reserve = self.reserve.saturating_sub(text.len() + 2);
        self.text.push_str(text);
        self.text.push_str("\n\n");
    }

    /// A table of finished cells, at most `most` rows of it; columns whose name starts with `>` are numbers.
    pub fn table(&mut self, columns: &[&str], rows: &[Vec<String>], most: usize) {
        if rows.is_empty() {
            return;
        }
        let names: Vec<_> = columns.iter().map(|name| name.trim_start_matches('>')).collect();
        let rule: Vec<_> = columns.iter().map(|name| if name.starts_with('>') { "--:" } else { "---" }).collect();
        let _ = write!(self.text, "| {} |\n| {} |\n", names.join(" | "), rule.join(" | "));
        let mut shown = 0;
        for row in rows.iter().take(most) {
            let line = format!("| {} |\n", row.join(" | "));
            // Room for the line that counts the rest.
            if self.text.len() + line.len() + 100 + self.reserve > self.longest {
                break;
            }
            self.text.push_str(&line);
            shown += 1;
        }
        if shown < rows.len() {
            let rest = super::size::count((rows.len() - shown) as u64);
            let _ = writeln!(self.text, "| {rest} more |{}", " |".repeat(columns.len() - 1));
        }
        self.text.push('\n');
    }

    /// The text, with one newline at its end.
    pub fn finish(self) -> String {
        let mut text = self.text;
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_the_longest_fence() {
        assert_eq!(code("a", 99), "`a`");
        assert_eq!(code("a`b``c", 99), "```a`b``c```");
        assert_eq!(code("`a", 99), "`` `a ``");
        assert_eq!(code(" \u{202e} ", 99), "`\\u{202e}`");
        assert_eq!(code("", 99), "");
        assert_eq!(code("a\n<!-- x", 99), "`a\\n<\u{200b}!-- x`");
        assert_eq!(code_cell("a|b", 99), "`a\\|b`");
        assert_eq!(code_cell("a\\|b", 99), "`a\\ \\|b`");
    }

    #[test]
    fn text_is_only_text() {
        assert_eq!(text("a*b <x>"), "a\\*b \\<x\\>");
        assert_eq!(text("@team #1"), "\\@\u{200b}team \\#\u{200b}1");
        assert_eq!(text("a\nb"), "a\\\\nb");
    }

    #[test]
    fn keys_stay_in_their_comment() {
        assert_eq!(key("corpus/app:1"), "corpus/app:1");
        assert!(!key("a-->--!><!--b").contains("--"));
        assert_eq!(key(&"x".repeat(1000)).len(), 128);
    }

    #[test]
    fn rows_that_do_not_fit_are_counted() {
        let mut document = Document::new(1000);
        let rows: Vec<Vec<String>> = (0..3000).map(|at| vec!["x".repeat(90), at.to_string()]).collect();
        document.paragraph("head");
        document.table(&["name", ">number"], &rows, usize::MAX);
        document.paragraph(&"y".repeat(900));
        let text = document.finish();
        assert!(text.len() <= LONGEST && text.len() > LONGEST - 500, "{}", text.len());
        let shown = text.lines().filter(|line| line.starts_with("| xxx")).count();
        assert!(text.contains(&format!("| {} more | |\n", super::super::size::count(3000 - shown as u64))), "{shown}");
        let mut few = Document::new(0);
        few.table(&["name"], &rows.iter().map(|row| row[..1].to_vec()).collect::<Vec<_>>(), 2);
        assert!(few.finish().ends_with("| 2,998 more |\n"));
    }
}
