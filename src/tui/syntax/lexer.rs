//! One line after the other, each from the state that the one before left.

use super::{Keys, Language, Quote, Role, Shape};

/// What a line begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) enum State {
    #[default]
    Plain,
    /// A comment.
    Block,
    /// Quoted text, by its number in the language's table.
    Quote(u8),
    /// Between the angle brackets of a tag.
    Tag,
    /// Quoted text there.
    TagQuote(u8),
    /// A block of code in Markdown.
    Fence,
}

/// The parts of a line.
pub(in super::super) struct Lexer<'l> {
    language: &'static Language,
    line: &'l str,
    at: usize,
    state: State,
    /// Nothing but blanks came yet.
    first: bool,
}

/// Most bytes of one quoted sign: `'\u{10ffff}'`.
const SINGLE: usize = 14;

impl<'l> Lexer<'l> {
    pub(in super::super) fn new(language: &'static Language, state: State, line: &'l str) -> Self {
        Self { language, line, at: 0, state, first: true }
    }

    /// What the next line begins in.
    pub(in super::super) fn after(mut self) -> State {
        while self.next().is_some() {}
        match self.state {
            State::Quote(number) | State::TagQuote(number) if !self.language.quotes[usize::from(number)].lines => State::Plain,
            state => state,
        }
    }

    /// The end of the next part, and what it is.
    pub(in super::super) fn next(&mut self) -> Option<(usize, Role)> {
        let rest = &self.line[self.at..];
        let sign = rest.chars().next()?;
        let (length, role) = match (self.state, self.language.shape) {
            (State::Block, _) => self.block(rest, 0),
            (State::Quote(number), _) => self.quote(rest, number, State::Plain),
            (State::TagQuote(number), _) => self.quote(rest, number, State::Tag),
            (_, Shape::Diff) => (rest.len(), diff(rest)),
            (_, Shape::Markdown) => self.markdown(rest, sign),
            _ if sign.is_whitespace() => (blanks(rest), Role::Text),
            (State::Tag, _) => self.tag(rest, sign),
            (_, Shape::Markup) => self.markup(rest, sign),
            (_, Shape::Code) => self.code(rest, sign),
        };
        self.first &= sign.is_whitespace();
        self.at += length;
        Some((self.at, role))
    }

    fn code(&mut self, rest: &str, sign: char) -> (usize, Role) {
        let language = self.language;
        let before = self.line[..self.at].chars().next_back();
        let in_word = before.is_some_and(is_of_word);
        // `$#`, `a#b` and `&#38;` are no comments.
        let begins = |mark: &&str| rest.starts_with(*mark) && (is_of_two(mark) || before.is_none_or(char::is_whitespace));
        if language.comments.iter().any(begins) {
            return (rest.len(), Role::Comment);
        }
        if let Some((open, _)) = language.block.filter(|(open, _)| rest.starts_with(open)) {
            return self.block(rest, open.len());
        }
        if self.first
            && let Some(key) = key(language.keys, self.line, self.at)
        {
            return key;
        }
        let quotes = (0..).zip(language.quotes);
        for (number, quote) in quotes.filter(|(_, quote)| rest.starts_with(quote.open)) {
            if quote.single {
                if let Some(length) = single(rest, quote) {
                    return (length, Role::Quoted);
                }
            } else if !in_word || !matches!(language.keys, Keys::Colon | Keys::Equals) {
                return self.quoted(rest, number);
            }
        }
        if sign.is_ascii_digit() && !in_word {
            return (number(rest), Role::Number);
        }
        if matches!(sign, '@' | '$') && !in_word {
            let name = word(&rest[1..]);
            let role = if sign == '@' { Role::Keyword } else { Role::Key };
            return (1 + name, if name > 0 && (sign == '@' || language.variables) { role } else { Role::Text });
        }
        let length = word(rest);
        if length == 0 {
            return (sign.len_utf8(), Role::Text);
        }
        let placed = language.keys != Keys::Instruction || self.first;
        (length, if placed && !in_word && self.is_keyword(&rest[..length]) { Role::Keyword } else { Role::Text })
    }

    fn is_keyword(&self, word: &str) -> bool {
        let same = |keyword: &str| if self.language.any_case { keyword.eq_ignore_ascii_case(word) } else { keyword == word };
        // Longer ones there are none.
        word.len() < 20 && self.language.keywords.split(' ').any(same)
    }

    /// Up to the end of a comment, looked for behind so many bytes.
    fn block(&mut self, rest: &str, from: usize) -> (usize, Role) {
        let close = self.language.block.map_or("", |(_, close)| close);
        let end = rest[from..].find(close).map(|at| from + at + close.len());
        self.state = if end.is_some() { State::Plain } else { State::Block };
        (end.unwrap_or(rest.len()), Role::Comment)
    }

    /// Quoted text from its beginning. Before a colon it may be a key.
    fn quoted(&mut self, rest: &str, number: u8) -> (usize, Role) {
        let open = self.language.quotes[usize::from(number)].open.len();
        let (length, role) = self.quote(&rest[open..], number, State::Plain);
        let end = open + length;
        let names = matches!(self.language.keys, Keys::Quoted | Keys::Colon) && self.state == State::Plain;
        if names && rest[end..].trim_start().starts_with(':') {
            return (end, Role::Key);
        }
        (end, role)
    }

    /// Up to the end of quoted text, and what comes then.
    fn quote(&mut self, rest: &str, number: u8, then: State) -> (usize, Role) {
        let quote = &self.language.quotes[usize::from(number)];
        let end = closed(rest, quote);
        self.state = match (end, then) {
            (Some(_), _) => then,
            (None, State::Tag) => State::TagQuote(number),
            (None, _) => State::Quote(number),
        };
        (end.unwrap_or(rest.len()), Role::Quoted)
    }

    fn markup(&mut self, rest: &str, sign: char) -> (usize, Role) {
        if let Some((open, _)) = self.language.block.filter(|(open, _)| rest.starts_with(open)) {
            return self.block(rest, open.len());
        }
        if sign != '<' {
            return (rest.find('<').unwrap_or(rest.len()), Role::Text);
        }
        let name = rest[1..].trim_start_matches(['/', '!', '?']);
        let before = rest.len() - name.len();
        let length = name.find(|sign: char| !is_of_word(sign) && !matches!(sign, '-' | ':' | '.')).unwrap_or(name.len());
        if length == 0 {
            return (1, Role::Text);
        }
        self.state = State::Tag;
        (before + length, Role::Keyword)
    }

    fn tag(&mut self, rest: &str, sign: char) -> (usize, Role) {
        if sign == '>' {
            self.state = State::Plain;
            return (1, Role::Keyword);
        }
        if let Some((number, quote)) = (0..).zip(self.language.quotes).find(|(_, quote)| rest.starts_with(quote.open)) {
            let (length, role) = self.quote(&rest[quote.open.len()..], number, State::Tag);
            return (quote.open.len() + length, role);
        }
        match rest.find(|sign: char| !is_of_word(sign) && !matches!(sign, '-' | ':' | '.')).unwrap_or(rest.len()) {
            0 => (sign.len_utf8(), Role::Text),
            length => (length, Role::Key),
        }
    }

    fn markdown(&mut self, rest: &str, sign: char) -> (usize, Role) {
        if self.at == 0 {
            let text = rest.trim_start();
            if text.starts_with("```") || text.starts_with("~~~") {
                self.state = if self.state == State::Fence { State::Plain } else { State::Fence };
                return (rest.len(), Role::Quoted);
            }
            match (self.state, text.chars().next()) {
                (State::Fence, _) => return (rest.len(), Role::Quoted),
                (_, Some('#')) => return (rest.len(), Role::Keyword),
                (_, Some('>')) => return (rest.len(), Role::Comment),
                (_, Some('-' | '*' | '+')) if text[1..].starts_with(' ') => return (rest.len() - text.len() + 1, Role::Keyword),
                _ => {}
            }
        }
        if sign == '`' {
            let end = rest[1..].find('`').map_or(rest.len(), |at| at + 2);
            return (end, Role::Quoted);
        }
        (rest.find('`').unwrap_or(rest.len()), Role::Text)
    }
}

/// A mark that is one sign begins a comment only after a blank.
fn is_of_two(mark: &str) -> bool {
    mark.len() > 1
}

fn is_of_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

fn blanks(rest: &str) -> usize {
    rest.len() - rest.trim_start().len()
}

/// Bytes of the word that a text begins with.
fn word(rest: &str) -> usize {
    rest.find(|sign| !is_of_word(sign)).unwrap_or(rest.len())
}

/// Bytes of the number that a text begins with: `1_000`, `0x1f`, `1.5e3`.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let of_number = byte.is_ascii_alphanumeric() || *byte == b'_';
        let dot = *byte == b'.' && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !of_number && !dot {
            break;
        }
        end += 1;
    }
    end
}

/// The end of quoted text, behind what closes it.
fn closed(rest: &str, quote: &Quote) -> Option<usize> {
    if !quote.escapes {
        return rest.find(quote.close).map(|at| at + quote.close.len());
    }
    let (bytes, close) = (rest.as_bytes(), quote.close.as_bytes());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            // The sign after it may be of several bytes: none of them is a backslash or a quote.
            at += 2;
        } else if bytes[at..].starts_with(close) {
            return Some(at + close.len());
        } else {
            at += 1;
        }
    }
    None
}

/// One quoted sign, with its quotes.
fn single(rest: &str, quote: &Quote) -> Option<usize> {
    let inside = rest.get(quote.open.len()..)?;
    let first = inside.chars().next()?;
    let end = if first == '\\' {
        let window = inside.char_indices().map(|(at, sign)| at + sign.len_utf8()).take_while(|end| *end <= SINGLE).last()?;
        closed(&inside[..window], quote)?
    } else {
        first.len_utf8() + inside[first.len_utf8()..].starts_with(quote.close).then_some(quote.close.len())?
    };
    Some(quote.open.len() + end)
}

/// What names a value at the beginning of a line.
fn key(keys: Keys, line: &str, at: usize) -> Option<(usize, Role)> {
    let rest = &line[at..];
    let plain = |text: &&str| !text.is_empty() && !text.contains(['"', '\'', '{', '(', '#']);
    match keys {
        Keys::None | Keys::Quoted | Keys::Instruction => None,
        Keys::Equals if rest.starts_with('[') => Some((rest.find(']').map_or(rest.len(), |end| end + 1), Role::Keyword)),
        Keys::Equals => rest.split_once('=').map(|(key, _)| key.trim_end()).filter(plain).map(|key| (key.len(), Role::Key)),
        Keys::Target if at > 0 => None,
        Keys::Target => rest.find([':', '=']).map(|end| rest[..end].trim_end()).filter(plain).map(|key| (key.len(), Role::Key)),
        Keys::Colon => {
            let name = rest.trim_start_matches(['-', ' ']);
            let before = rest.len() - name.len();
            let end =
                name.match_indices(':').map(|(end, _)| end).find(|end| name[end + 1..].chars().next().is_none_or(char::is_whitespace))?;
            Some(&name[..end]).filter(plain).map(|key| (before + key.len(), Role::Key))
        }
    }
}

fn diff(line: &str) -> Role {
    match line.as_bytes() {
        [b'+', b'+', b'+', b' ', ..] | [b'-', b'-', b'-', b' ', ..] => Role::Key,
        [b'+' | b'>', ..] => Role::Added,
        [b'-' | b'<', ..] => Role::Removed,
        [b'@', b'@', ..] => Role::Keyword,
        [b' ', ..] | [] => Role::Text,
        _ => Role::Comment,
    }
}
