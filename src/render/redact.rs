//! Secrets in instructions, taken out of what is written for others to see.
//!
//! History keeps what a build was given: build arguments, `ENV`, addresses with passwords. Whoever pulls the image can read
//! them, but a comment on a change or a list of alerts has more readers still. What looks like a credential is replaced by
//! [`REDACTED`]; what it belongs to stays.

use crate::breakdown::{Breakdown, Group};
use crate::budget::Verdict;
use crate::checklist::Checklist;
use crate::compare::Comparison;
use crate::facts::{is_secret_value, is_secret_variable};
use crate::report::Report;

/// What stands for a secret.
pub const REDACTED: &str = "[redacted]";
/// What comes before a credential in a header, by RFC 7235 and the habits of registries and source hosts.
const SCHEMES: [&str; 4] = ["bearer", "basic", "token", "apikey"];

/// Assignments in one word that are looked at: `A=B=C` is rarely longer.
const ASSIGNMENTS: usize = 64;

/// An instruction, or any other text, without what looks like a credential.
///
/// ```
/// use plimsoll::render::redact::redact;
/// assert_eq!(redact("RUN TOKEN=abc123 make"), "RUN TOKEN=[redacted] make");
/// assert_eq!(redact("ADD https://me:pw123@host/a /"), "ADD https://me:[redacted]@host/a /");
/// ```
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = Before::Nothing;
    while !rest.is_empty() {
        let blank = rest.find(|c: char| !is_end(c)).unwrap_or(rest.len());
        out.push_str(&rest[..blank]);
        rest = &rest[blank..];
        let (word, after) = rest.split_at(word_length(rest));
        rest = after;
        if !word.is_empty() {
            out.push_str(&redact_word(word, before));
            before = Before::of(word, before);
        }
    }
    out
}

/// What the words before one say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// The next word is a value if it looks like one: after `--password`, or `ENV API_TOKEN`.
    Name,
    /// The next word names a variable: after `ENV` or `ARG`.
    Variable,
    /// The next word is how one authenticates: after `Authorization:`.
    Header,
}

impl Before {
    fn of(word: &str, before: Self) -> Self {
        let bare = word.trim_matches(['"', '\'']);
        let lower = bare.to_ascii_lowercase();
        if before == Self::Header && SCHEMES.contains(&lower.as_str()) {
            return Self::Name;
        }
        let option = bare.strip_prefix("--").filter(|name| !name.contains('='));
        if lower.ends_with("authorization:") {
            Self::Header
        } else if lower.ends_with("-token:") || option.is_some_and(named_secret) || (before == Self::Variable && named_secret(bare)) {
            Self::Name
        } else if matches!(bare, "ENV" | "ARG") {
            Self::Variable
        } else {
            Self::Nothing
        }
    }
}

/// Whether a variable or an option of this name holds a secret.
fn named_secret(name: &str) -> bool {
    is_secret_variable(&name.replace('-', "_"), "value")
}

/// Signs between words of a shell or of JSON.
fn is_end(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, ';' | '|' | '&' | '(' | ')' | '<' | '>')
}

/// The bytes of the first word, quoted parts of it included.
fn word_length(text: &str) -> usize {
    let mut quote = None;
    let mut escape = false;
    for (at, sign) in text.char_indices() {
        match (quote, sign) {
            _ if escape => escape = false,
            (_, '\\') => escape = true,
            (None, '"' | '\'') if is_value_start(&text[..at]) => quote = Some(sign),
            (Some(open), sign) if sign == open => quote = None,
            (None, sign) if is_end(sign) => return at,
            _ => {}
        }
    }
    if quote.is_some() { text.find(is_end).unwrap_or(text.len()) } else { text.len() }
}

/// Only quotes around a value keep words together: a command in quotes is looked at word by word.
fn is_value_start(before: &str) -> bool {
    before.ends_with('=') || before.ends_with(':')
}

fn redact_word(word: &str, before: Before) -> String {
    if before == Before::Name && !word.starts_with('$') && !word.starts_with("\"$") && !word.starts_with('-') {
        return quoted_as(word);
    }
    if before == Before::Header {
        let scheme = word.trim_matches(['"', '\'']).to_ascii_lowercase();
        return if SCHEMES.contains(&scheme.as_str()) { word.to_owned() } else { quoted_as(word) };
    }
    let assigned = word.match_indices('=').take(ASSIGNMENTS).find(|(at, _)| {
        let (before, value) = (&word[..*at], &word[at + 1..]);
        let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).map_or(0, |last| last + 1);
        // The byte after a sign that is none of these may be within a longer one.
        let name = before.get(start..).unwrap_or_default().trim_start_matches('-').replace('-', "_");
        is_secret_variable(&name, value) && (named_secret(&name) || !value.contains("://"))
    });
    match assigned {
        Some((at, _)) => format!("{}={}", tokens(&passwords(&word[..at])), quoted_as(&word[at + 1..])),
        None => tokens(&passwords(word)),
    }
}

/// The mark in the quotes that were there.
fn quoted_as(value: &str) -> String {
    if value.trim_matches(['"', '\'']) == REDACTED {
        return value.to_owned();
    }
    let open: String = value.chars().take_while(|sign| matches!(sign, '"' | '\'')).take(1).collect();
    let close: String = value.chars().rev().take_while(|sign| matches!(sign, '"' | '\'' | ',' | ']')).collect();
    let close: String = close.chars().rev().collect();
    format!("{open}{REDACTED}{close}")
}

/// `scheme://user:password@host` without the password; a lone user may be a token, and goes if it looks like one.
fn passwords(word: &str) -> String {
    let mut parts = word.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("://");
        let end = part.find(['/', '"', '\'', '?', '#']).unwrap_or(part.len());
        match part[..end].rsplit_once('@') {
            Some((user, host)) => {
                match user.split_once(':') {
                    Some((name, password)) if !password.starts_with('$') && !password.is_empty() => {
                        out.push_str(&tokens(name));
                        out.push(':');
                        out.push_str(REDACTED);
                    }
                    _ => out.push_str(&tokens(user)),
                }
                out.push('@');
                out.push_str(host);
                out.push_str(&part[end..]);
            }
            None => out.push_str(part),
        }
    }
    out
}

/// Tokens that say themselves what they are, wherever they stand in a word.
fn tokens(word: &str) -> String {
    let part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '.');
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let between = rest.find(part).unwrap_or(rest.len());
        out.push_str(&rest[..between]);
        rest = &rest[between..];
        let (token, after) = rest.split_at(rest.find(|sign| !part(sign)).unwrap_or(rest.len()));
        rest = after;
        out.push_str(if is_secret_value(token) { REDACTED } else { token });
    }
    out
}

fn redact_all<'t>(texts: impl IntoIterator<Item = &'t mut String>) {
    for text in texts {
        *text = redact(text);
    }
}

/// A report without secrets in its instructions and edits.
pub fn report(report: &mut Report) {
    for layer in &mut report.layers {
        redact_all(layer.instruction.iter_mut().chain(&mut layer.created_by));
    }
    for edit in &mut report.edits {
        redact_all(edit.instruction.iter_mut().chain([&mut edit.title]).chain(&mut edit.details).chain(&mut edit.snippet));
    }
    redact_all(report.notes.iter_mut().map(|note| &mut note.message));
}

/// Without credentials in what checks found in instructions.
pub fn checklist(checklist: &mut Checklist) {
    for check in &mut checklist.checks {
        check.evidence = redact(&check.evidence);
        check.advice = redact(&check.advice);
    }
}

/// A verdict without secrets in its edits.
pub fn verdict(verdict: &mut Verdict) {
    let way = verdict.way.iter_mut().flat_map(|way| &mut way.edits);
    redact_all(way.map(|edit| &mut edit.title));
    redact_all(verdict.budgets.iter_mut().flat_map(|budget| &mut budget.why));
}

/// A comparison without secrets in its instructions.
pub fn comparison(comparison: &mut Comparison) {
    redact_all(comparison.layers.iter_mut().filter_map(|layer| layer.instruction.as_mut()));
    comparison.summary = redact(&comparison.summary);
    redact_all(comparison.sentence.others_words());
    comparison.verdict.iter_mut().for_each(verdict);
}

/// Groups of bytes without secrets in the names of instructions.
pub fn breakdown(breakdown: &mut Breakdown) {
    groups(&mut breakdown.groups);
}

/// As deep as there are keys.
fn groups(all: &mut [Group]) {
    for group in all {
        group.name = redact(&group.name);
        groups(&mut group.groups);
    }
}

#[cfg(test)]
mod tests {
    use super::redact;

    // Put together here, so that no scanner takes this file for a leak.
    fn issued() -> String {
        format!("ghp_{}", "a1B2".repeat(9))
    }

    #[test]
    fn secrets_go_and_what_they_belong_to_stays() {
        let issued = issued();
        for (text, secret, left) in [
            ("|2 API_TOKEN=s3cr3t A=1 /bin/sh -c make", "s3cr3t", "|2 API_TOKEN=[redacted] A=1 /bin/sh -c make"),
            ("ENV DB_PASSWORD=\"two words\" PORT=80", "words", "ENV DB_PASSWORD=\"[redacted]\" PORT=80"),
            ("ENV SECRET_KEY hunter2", "hunter2", "ENV SECRET_KEY [redacted]"),
            ("RUN git clone https://me:pw123@example.com/x.git", "pw123", "RUN git clone https://me:[redacted]@example.com/x.git"),
            ("RUN export TOKEN=abc123;make", "abc123", "RUN export TOKEN=[redacted];make"),
            ("RUN tool --password abc123 --x", "abc123", "RUN tool --password [redacted] --x"),
            ("RUN tool --api-key=abc123", "abc123", "RUN tool --api-key=[redacted]"),
            ("RUN curl -H \"Authorization: Bearer abc123\" u", "abc123", "RUN curl -H \"Authorization: Bearer [redacted]\" u"),
            ("RUN curl -H 'PRIVATE-TOKEN: abc123'", "abc123", "RUN curl -H 'PRIVATE-TOKEN: [redacted]'"),
            ("RUN sh -c 'NPM_TOKEN=abc123 npm ci'", "abc123", "RUN sh -c 'NPM_TOKEN=[redacted] npm ci'"),
            ("ENV DATABASE_URL=postgres://app:pw123@db/app", "pw123", "ENV DATABASE_URL=postgres://app:[redacted]@db/app"),
        ] {
            assert_eq!(redact(text), left);
            assert!(!redact(text).contains(secret));
        }
        assert_eq!(redact(&format!("RUN login {issued}")), "RUN login [redacted]");
        assert_eq!(redact(&format!("RUN git clone https://{issued}@h/x")), "RUN git clone https://[redacted]@h/x");
        assert_eq!(redact(&format!("RUN X=a{}b,{issued}", "")), "RUN X=ab,[redacted]");
    }

    #[test]
    fn the_rest_stays_as_it_is() {
        for text in [
            "RUN apt-get update && apt-get install -y curl  # buildkit",
            "ENV PATH=/usr/local/bin:/usr/bin LANG=C.UTF-8",
            "ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
            "RUN TOKEN=$(cat /run/secrets/token) make",
            "RUN TOKEN=${TOKEN} npm ci",
            "ADD https://example.com/a@b /",
            "COPY --from=build /app /app",
            "RUN echo \"it's\" 'x \" y' \\",
            "ENV SECRET_FILE=/run/secrets/a",
            "  odd   blanks\t;; ((",
            "",
            "日本語=ü",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
