//! A TOML file of ours, read so that an error names the file, the line, and what may have been meant.

use super::near;
use crate::error::{Error, Result};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong, and where.
pub(crate) type Wrong = (Range<usize>, String);

/// The tables of a file's text; `name` names it in errors.
pub(crate) fn parse<'t>(text: &'t str, name: &str) -> Result<Spanned<DeTable<'t>>> {
    DeTable::parse(text).map_err(|error| broken(text, name, &error))
}

/// That a text is no TOML, or not of the form that is expected.
pub(crate) fn broken(text: &str, name: &str, error: &toml::de::Error) -> Error {
    told(text, name, error.span(), &error.message().replace('\n', "; "))
}

/// What is wrong with a file, at a place of its text.
pub(crate) fn told(text: &str, name: &str, span: Option<Range<usize>>, what: &str) -> Error {
    let line = span.map_or(String::new(), |span| format!(":{}", line_of(text, span.start)));
    Error::Usage(format!("{}{line}: {what}", name.escape_debug()))
}

/// The line of a place in a text, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// That there is no such key, and which may have been meant: `meant` is the key in words that are known.
pub(crate) fn unknown<'k>(what: &str, key: &str, meant: &str, known: &[&'k str]) -> String {
    let near: Vec<&'k str> = match known.iter().find(|known| **known == meant) {
        Some(known) => vec![known],
        None => near(meant, known.iter().copied()).into_iter().take(2).collect(),
    };
    let hint = match near.as_slice() {
        [] => format!("; expected one of {}", known.join(", ")),
        near => format!("; did you mean `{}`?", near.join("` or `")),
    };
    format!("unknown {what} `{}`{hint}", key.escape_debug())
}

/// A value that is text.
pub(crate) fn text<'v>(value: &'v DeValue<'_>) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| format!("expected text in quotation marks, found {}", shown(value)))
}

/// A value as errors have it.
pub(crate) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", text.escape_debug()),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        other => format!("a value of type {}", other.type_str()),
    }
}
