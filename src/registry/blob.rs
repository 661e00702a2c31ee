//! A blob as it comes: read once, in order, and continued where a connection broke off.

use super::Repository;
use super::range;
use super::transport::broken;
use crate::error::{Error, Result};
use crate::oci::Digest;
use reqwest::blocking::Response;
use std::io::{self, Read};

/// How often one blob is continued.
const RESUMES: u32 = 5;

/// The bytes of one blob. They are not verified: whoever reads them hashes them as they pass.
///
/// At most one byte more than the size comes out, which tells that the blob is too long. An error
/// holds the library's own ([`Error::io`] takes it out).
pub struct Blob {
    repository: Repository,
    digest: Digest,
    /// As the image says, or as the registry said first.
    size: Option<u64>,
    position: u64,
    resumes: u32,
    body: Body,
}

/// What still comes.
enum Body {
    Open(Response),
    /// A connection broke off; the reason.
    Broken(String),
    /// Nothing: all is here, or an error was given.
    Ended,
}

impl Blob {
    pub(super) fn open(repository: Repository, digest: Digest, size: Option<u64>) -> Result<Self> {
        let mut blob = Self { repository, digest, size, position: 0, resumes: 0, body: Body::Ended };
        let response = blob.ask()?;
        let length = response.content_length();
        if let (Some(expected), Some(found)) = (size, length)
            && expected != found
        {
            return Err(blob.wrong_size(expected, found));
        }
        blob.size = size.or(length);
        blob.body = Body::Open(response);
        Ok(blob)
    }

    /// Bytes in all, where the image or the registry says so.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    fn place(&self) -> String {
        self.repository.place("blob", &self.digest)
    }

    fn wrong_size(&self, expected: u64, found: u64) -> Error {
        let (expected, found) = (expected.to_string(), found.to_string());
        Error::Mismatch { place: self.place(), measure: "size", expected, found }
    }

    /// The answer that holds what comes at `position`.
    fn ask(&self) -> Result<Response> {
        let range = (self.position > 0).then(|| range::asked(self.position, self.size.map(|size| size - self.position)));
        self.repository.blob_answer(&self.digest, range)
    }

    /// Goes on where the bytes ended. A registry that knows no ranges sends all from the start; what
    /// was had already is then read past.
    fn resume(&mut self, why: &str) -> Result<()> {
        let place = self.place();
        if self.resumes == RESUMES {
            return Err(Error::network(place, format!("{why}; it broke off {} times, at last after {} bytes", RESUMES + 1, self.position)));
        }
        self.resumes += 1;
        let mut response = self.ask()?;
        let mut broke = None;
        if response.status() == reqwest::StatusCode::RANGE_NOT_SATISFIABLE {
            return Err(match self.size {
                Some(size) => self.wrong_size(size, self.position),
                None => Error::network(place, format!("{why}; the registry does not continue it")),
            });
        }
        if response.status() == reqwest::StatusCode::PARTIAL_CONTENT {
            let held = range::held(response.headers()).map_err(|found| self.wrong_part(&found))?;
            if held.first != self.position || held.whole.zip(self.size).is_some_and(|(found, expected)| found != expected) {
                return Err(self.wrong_part(&format!("{held:?}")));
            }
        } else if self.position > 0 {
            let had = io::copy(&mut Read::take(&mut response, self.position), &mut io::sink());
            match had {
                Ok(had) if had == self.position => {}
                Ok(had) => broke = Some(format!("the body ended after {had} bytes")),
                Err(error) => broke = Some(broken(&error)),
            }
        }
        self.body = broke.map_or(Body::Open(response), Body::Broken);
        Ok(())
    }

    fn wrong_part(&self, found: &str) -> Error {
        Error::malformed(self.place(), format_args!("expected the bytes from {} on, found {found}", self.position))
    }

    fn advance(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            match &mut self.body {
                Body::Ended => return Ok(0),
                Body::Broken(why) => {
                    let why = std::mem::take(why);
                    self.resume(&why)?;
                }
                Body::Open(response) => {
                    // One byte more than there should be: it tells that there are more.
                    let room = self.size.map_or(u64::MAX, |size| size.saturating_add(1) - self.position);
                    let room = usize::try_from(room).unwrap_or(usize::MAX).min(buffer.len());
                    match response.read(&mut buffer[..room]) {
                        Ok(0) => self.end(None),
                        Ok(count) => {
                            self.position += count as u64;
                            self.repository.count(count as u64);
                            return Ok(count);
                        }
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => self.end(Some(broken(&error))),
                    }
                }
            }
        }
    }

    /// The body ended, as its framing says or because it broke off. Whether that is the end of the
    /// blob its size tells; if that is unknown, the framing.
    fn end(&mut self, broke: Option<String>) {
        let complete = self.size.map_or(broke.is_none(), |size| self.position >= size);
        self.body = if complete { Body::Ended } else { Body::Broken(broke.unwrap_or_else(|| "the body ended early".to_owned())) };
    }
}

impl Read for Blob {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.advance(buffer).map_err(|error| {
            self.body = Body::Ended;
            error.into_io()
        })
    }
}
