//! Colours of a file's text: comments, quoted text, numbers, keywords and keys, by tables of how languages are written.
//!
//! Files come from an image and are hostile: the time is linear in what is shown, whatever is written there, and nothing is
//! kept but one [`State`] for each line. That rules out grammars of editors (`syntect`), whose expressions can be made to
//! backtrack, and libraries that try each of their expressions at each place (`synoptic`), besides the megabyte or more that
//! either adds to the program. This here knows no grammar: where it errs, a word has the wrong colour until the line or the
//! quote ends. It works on lines as they are shown, so what was escaped stays escaped.

mod languages;
mod lexer;
mod named;

pub(super) use lexer::{Lexer, State};
pub(super) use named::of;

use super::theme::Role;
use std::ops::Range;

/// How a language is written.
pub(super) struct Language {
    /// Whole names of files, in small letters; of what is before the first dot, if the name goes on.
    files: &'static [&'static str],
    /// What names end in, in small letters.
    extensions: &'static [&'static str],
    /// Programs that `#!` names.
    interpreters: &'static [&'static str],
    shape: Shape,
    /// What begins a comment that goes to the end of its line.
    comments: &'static [&'static str],
    /// What begins and ends one that may go over several lines.
    block: Option<(&'static str, &'static str)>,
    /// Longer ones first.
    quotes: &'static [Quote],
    /// Words, with blanks between them.
    keywords: &'static str,
    keys: Keys,
    /// Keywords are such in small and capital letters.
    any_case: bool,
    /// `$name` is the name of something.
    variables: bool,
}

/// What a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Code,
    /// Tags within text.
    Markup,
    /// Lines that say what they are by their first sign.
    Diff,
    Markdown,
}

/// What names a value, if something does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    None,
    /// Quoted text before a colon.
    Quoted,
    /// What is before the first colon of a line that a blank or nothing follows; quoted text before one too.
    Colon,
    /// What is before the first equals sign of a line, or a line in brackets.
    Equals,
    /// What is before the first colon or equals sign of a line that is not indented.
    Target,
    /// None, but keywords are such only at the beginning of a line.
    Instruction,
}

/// Quoted text.
struct Quote {
    open: &'static str,
    close: &'static str,
    /// A backslash takes the sign after it along.
    escapes: bool,
    /// It may go over several lines.
    lines: bool,
    /// It is one sign, maybe an escaped one: in Rust an apostrophe begins other things too.
    single: bool,
}

/// The roles of a line's bytes, found as far as they are asked for.
pub(super) struct Roles<'l> {
    lexer: Option<Lexer<'l>>,
    end: usize,
    role: Role,
    /// What was looked for, in order.
    hits: std::iter::Peekable<std::vec::IntoIter<Range<usize>>>,
}

/// What a byte of a line is: its role, and whether it is of what was looked for.
pub(super) type Kind = (Role, bool);

impl<'l> Roles<'l> {
    /// Of a line of plain text, if there is no lexer.
    pub(super) fn new(lexer: Option<Lexer<'l>>, hits: Vec<Range<usize>>) -> Self {
        Self { lexer, end: 0, role: Role::Text, hits: hits.into_iter().peekable() }
    }

    /// What the byte there is; bytes are asked for one after the other.
    pub(super) fn at(&mut self, byte: usize) -> Kind {
        while byte >= self.end {
            let rest = (usize::MAX, Role::Text);
            (self.end, self.role) = self.lexer.as_mut().and_then(Lexer::next).unwrap_or(rest);
        }
        while self.hits.next_if(|hit| hit.end <= byte).is_some() {}
        (self.role, self.hits.peek().is_some_and(|hit| hit.contains(&byte)))
    }
}

#[cfg(test)]
mod tests;
