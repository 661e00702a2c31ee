//! Parts of a blob: `Range` and `Content-Range` (RFC 9110, section 14).

use reqwest::header::{CONTENT_RANGE, HeaderMap};

/// The header that asks for `length` bytes from `start` on, or for all of them. A last byte is named
/// where it is known: some storages refuse other forms.
pub(super) fn asked(start: u64, length: Option<u64>) -> String {
    match length {
        Some(length) => format!("bytes={start}-{}", start.saturating_add(length.saturating_sub(1))),
        None => format!("bytes={start}-"),
    }
}

/// What an answer says it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) first: u64,
    pub(super) last: u64,
    /// The size of the whole, where it is said.
    pub(super) whole: Option<u64>,
}

/// Reads `Content-Range: bytes 0-50/1000` of an answer; why not, for a message.
pub(super) fn held(headers: &HeaderMap) -> Result<Held, String> {
    let text = headers.get(CONTENT_RANGE).ok_or("a part without a `Content-Range`")?;
    let text = text.to_str().unwrap_or_default();
    parse(text).ok_or_else(|| format!("the `Content-Range` `{}`", text.escape_debug()))
}

fn parse(text: &str) -> Option<Held> {
    let (range, whole) = text.strip_prefix("bytes ")?.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let whole = if whole == "*" { None } else { Some(number(whole)?) };
    let held = Held { first: number(first)?, last: number(last)?, whole };
    let fits = held.first <= held.last && whole.is_none_or(|whole| held.last < whole);
    fits.then_some(held)
}

/// Digits alone: `parse` would take a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(asked(100, Some(51)), "bytes=100-150");
        assert_eq!(asked(100, None), "bytes=100-");
        assert_eq!(parse("bytes 100-150/1000"), Some(Held { first: 100, last: 150, whole: Some(1000) }));
        assert_eq!(parse("bytes 0-0/*"), Some(Held { first: 0, last: 0, whole: None }));
        for text in [
            "",
            "bytes */1000",
            "bytes 5-4/10",
            "bytes 0-10/10",
            "bytes +1-5/10",
            "bytes 0-99999999999999999999/*",
            "bytes 1-5",
            "items 1-5/10",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
