//! The tar headers that zstd:chunked keeps: the layer's tar with files' data left out (tar-split).
//!
//! JSON values one after the other, a line each: `type` 2 has raw bytes of the tar in base64 as
//! `payload`, `type` 1 stands for the data of a file of `size` bytes. The walker reads it as the
//! tar it was, so that entries are what a scan of the layer would find.

use super::Bounded;
use crate::error::{Error, Result};
use crate::layer::tar::Stream;
use serde::Deserialize;
use std::borrow::Cow;

/// A tar whose files' data can be passed over but not read.
pub(super) struct Split<'c, 'b> {
    stream: Bounded<'c, 'b>,
    /// A line may be as long as this.
    longest: u64,
    /// Unpacked bytes, and where the next line begins in them.
    lines: Vec<u8>,
    next: usize,
    /// Raw bytes, and how many were handed out.
    segment: Vec<u8>,
    out: usize,
    /// Data that stands next in the tar, after the segment.
    data: u64,
    total: u64,
}

#[derive(Deserialize)]
struct Record<'j> {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(default)]
    size: u64,
    #[serde(borrow, default)]
    payload: Option<Cow<'j, str>>,
}

impl<'c, 'b> Split<'c, 'b> {
    pub(super) fn new(stream: Bounded<'c, 'b>, longest: u64) -> Self {
        Self { stream, longest, lines: Vec::new(), next: 0, segment: Vec::new(), out: 0, data: 0, total: 0 }
    }

    /// Bytes of the tar so far.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Goes to the next record; `false` at the end.
    fn record(&mut self) -> Result<bool> {
        let Some(end) = self.line()? else { return Ok(false) };
        let line = &self.lines[self.next..end];
        self.next = end + 1;
        let wrong = |what: &dyn std::fmt::Display| Error::malformed("tar headers", what);
        let record: Record<'_> = serde_json::from_slice(line).map_err(|error| wrong(&error))?;
        match record.kind {
            1 => self.data = record.size,
            2 => {
                let bytes = crate::text::from_base64(record.payload.as_deref().unwrap_or_default(), usize::MAX);
                self.segment = bytes.ok_or_else(|| wrong(&"expected base64"))?;
                self.out = 0;
            }
            kind => return Err(wrong(&format_args!("expected a record of type 1 or 2, found {kind}"))),
        }
        Ok(true)
    }

    /// Where the next line ends; none at the end of all.
    fn line(&mut self) -> Result<Option<usize>> {
        let mut looked = self.next;
        loop {
            if let Some(at) = self.lines[looked..].iter().position(|byte| *byte == b'\n') {
                return Ok(Some(looked + at));
            }
            self.lines.drain(..self.next);
            self.next = 0;
            looked = self.lines.len();
            if looked as u64 > self.longest {
                return Err(Error::Limit { place: "tar headers".into(), what: "a line".into(), limit: "toc", max: self.longest });
            }
            self.lines.resize(looked + (64 << 10), 0);
            let count = self.stream.read_full(&mut self.lines[looked..])?;
            self.lines.truncate(looked + count);
            if count == 0 {
                return if looked == 0 { Ok(None) } else { Err(Error::malformed("tar headers", "cut off inside a line")) };
            }
        }
    }
}

impl Stream for Split<'_, '_> {
    fn read_full(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            let left = &self.segment[self.out..];
            if !left.is_empty() {
                let count = left.len().min(out.len() - filled);
                out[filled..filled + count].copy_from_slice(&left[..count]);
                self.out += count;
                filled += count;
            } else if self.data > 0 {
                return Err(Error::malformed("tar headers", "expected a header or padding, found a file's data"));
            } else if !self.record()? {
                break;
            }
        }
        self.total += filled as u64;
        Ok(filled)
    }

    fn position(&self) -> u64 {
        self.total
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        let mut left = count;
        while left > 0 {
            let here = (self.segment.len() - self.out) as u64;
            if here > 0 {
                let skipped = here.min(left);
                self.out += skipped as usize;
                left -= skipped;
            } else if self.data > 0 {
                let skipped = self.data.min(left);
                self.data -= skipped;
                left -= skipped;
            } else if !self.record()? {
                break;
            }
        }
        self.total += count - left;
        Ok(count - left)
    }
}
