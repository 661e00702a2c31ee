//! An archive on its way from an engine.

use super::http::{Relay, io_chain};
use crate::error::{Error, Result};
use reqwest::blocking::Response;
use serde::Deserialize;
use std::io::Read;
use std::sync::Arc;

/// How Docker's engine begins the text that it appends when an export fails midway: by then it has
/// promised success, and HTTP ends as if all were well (moby `pkg/streamformatter`).
const FAILURE: &[u8] = br#"{"errorDetail":"#;

/// Bytes of such a text.
const FAILURE_LIMIT: u64 = 64 << 10;

/// The body of an answer. Fields are dropped in order: the response hangs up before its relay ends.
pub(super) struct Stream {
    response: Response,
    /// What was read ahead, the next byte first.
    ahead: std::io::Cursor<Vec<u8>>,
    /// Bytes given to the reader.
    count: u64,
    place: String,
    _relay: Option<Arc<Relay>>,
}

impl Stream {
    pub(super) fn new(response: Response, place: String, relay: Option<Arc<Relay>>) -> Self {
        Self { response, ahead: std::io::Cursor::default(), count: 0, place, _relay: relay }
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let ahead = self.ahead.read(buffer).map_err(Error::io("reading from memory"))?;
        if ahead > 0 {
            return Ok(ahead);
        }
        let count = self.response.read(buffer).map_err(|error| self.broke_off(&io_chain(&error)))?;
        // The text is a chunk of HTTP of its own, and so begins a read of its own.
        if count == 0 || !FAILURE.starts_with(&buffer[..count.min(FAILURE.len())]) {
            return Ok(count);
        }
        let mut text = buffer[..count].to_vec();
        (&mut self.response).take(FAILURE_LIMIT).read_to_end(&mut text).map_err(|error| self.broke_off(&io_chain(&error)))?;
        if let Some(message) = failure(&text) {
            return Err(self.broke_off(&message));
        }
        // A file of the image begins so: it is what it seems.
        self.ahead = std::io::Cursor::new(text);
        self.ahead.read(buffer).map_err(Error::io("reading from memory"))
    }

    fn broke_off(&self, why: &str) -> Error {
        Error::network(&self.place, format_args!("broke off after {} bytes: {why}", self.count))
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.next(buffer).map_err(Error::into_io)?;
        self.count += count as u64;
        Ok(count)
    }
}

/// The message, if `text` is a failure and nothing else: an archive ends in zeros, not in this.
fn failure(text: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Failure {
        #[serde(rename = "errorDetail")]
        detail: Detail,
    }
    #[derive(Deserialize)]
    struct Detail {
        message: String,
    }
    Some(serde_json::from_slice::<Failure>(text).ok()?.detail.message)
}
