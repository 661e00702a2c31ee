//! What a registry says when it does not give what was asked for, as the library's errors.

use super::Shared;
use super::endpoint::Endpoint;
use super::exchange;
use super::transport::Transport;
use crate::error::Error;
use reqwest::blocking::Response;
use serde::Deserialize;

/// Bytes of the answer that are looked at.
const BODY: u64 = 1 << 20;
/// Characters of a message of the registry that are shown.
const SHOWN: usize = 200;

/// The distribution specification's "Error Codes".
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    errors: Vec<Entry>,
    /// Token services say it in one of these.
    #[serde(default)]
    details: serde_json::Value,
    #[serde(default)]
    error_description: serde_json::Value,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    code: serde_json::Value,
    #[serde(default)]
    message: serde_json::Value,
}

/// The error that an answer of another status than success means.
pub(super) fn error(shared: &Shared, endpoint: &Endpoint, answer: Response, place: &str) -> Error {
    let status = answer.status();
    // Storage elsewhere knows nothing of the user, and what it says is not for the user.
    if !exchange::is_home(shared, endpoint, answer.url()) {
        let host = answer.url().host_str().unwrap_or_default().escape_debug().to_string();
        return match status.as_u16() {
            404 => Error::NotFound(format!("{place}: the storage `{host}` has none")),
            _ => Error::network(place, format!("the storage `{host}` answered {status}")),
        };
    }
    let message = message(answer, &shared.transport);
    match status.as_u16() {
        401 | 403 => {
            let why = "it is refused: the image is private, or does not exist";
            Error::auth(place, format!("{why} ({status}{message}); {}", endpoint.session.tried()))
        }
        404 | 410 => Error::NotFound(format!("{place}: the registry has none{message}; check the name and the tag")),
        429 => Error::network(place, format!("too many requests{message}; wait, or log in to be allowed more")),
        _ => Error::network(place, format!("the registry answered {status}{message}")),
    }
}

/// `: MESSAGE`, escaped and cut, or nothing.
pub(super) fn message(answer: Response, transport: &Transport) -> String {
    let body = exchange::body(answer, BODY, transport.patience()).unwrap_or_default();
    let text = said(&body);
    if text.is_empty() { text } else { format!(": `{text}`") }
}

fn said(body: &[u8]) -> String {
    let Ok(found) = serde_json::from_slice::<Said>(body) else { return String::new() };
    let own = found.errors.iter().flat_map(|entry| [&entry.message, &entry.code]);
    let said = own.chain([&found.details, &found.error_description]).filter_map(|value| value.as_str());
    let Some(text) = said.map(str::trim).find(|text| !text.is_empty()) else { return String::new() };
    let mut cut: String = text.chars().take(SHOWN).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    crate::text::escaped(cut.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn the_first_message_is_shown() {
        let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}}]}"#;
        assert_eq!(said(unknown.as_bytes()), "manifest unknown");
        assert_eq!(said(br#"{"errors":[{"code":"DENIED"},{"message":"second"}]}"#), "DENIED");
        assert_eq!(said(br#"{"details":"incorrect username or password"}"#), "incorrect username or password");
        for body in ["", "<html>", "[]", "{}", r#"{"errors":5}"#, r#"{"errors":[{"message":5}]}"#] {
            assert_eq!(said(body.as_bytes()), "", "{body}");
        }
    }

    #[test]
    fn messages_are_hostile() {
        let long = format!(r#"{{"errors":[{{"message":"\u001b[2J{}"}}]}}"#, "ä".repeat(5000));
        let shown = said(long.as_bytes());
        assert!(shown.starts_with("\\x1b[2Jä") && shown.ends_with('…') && shown.chars().count() < 220, "{shown}");
    }
}
