//! Postcard values one after the other, and lists that know their length before they are made.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

fn failed(error: postcard::Error) -> Error {
    Error::malformed("saved analysis", error)
}

#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn one(&mut self, value: &impl Serialize) -> Result<()> {
        self.0 = postcard::to_extend(value, std::mem::take(&mut self.0)).map_err(failed)?;
        Ok(())
    }

    pub(crate) fn many<T: Serialize>(&mut self, values: impl ExactSizeIterator<Item = T>) -> Result<()> {
        self.one(&(values.len() as u64))?;
        values.into_iter().try_for_each(|value| self.one(&value))
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.one(&(bytes.len() as u64))?;
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

pub(crate) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// Whether everything was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn one<T: Deserialize<'b>>(&mut self) -> Result<T> {
        let (value, rest) = postcard::take_from_bytes(self.0).map_err(failed)?;
        self.0 = rest;
        Ok(value)
    }

    /// A value that takes at most so many bytes here, for a few may make many in memory.
    pub(crate) fn one_within<T: Deserialize<'b>>(&mut self, most: u64) -> Result<T> {
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(self.0.len());
        let (value, rest) = postcard::take_from_bytes(&self.0[..most]).map_err(failed)?;
        self.0 = &self.0[most - rest.len()..];
        Ok(value)
    }

    /// A list of at most `most` values; the space for them is made as they come.
    pub(crate) fn many<T: Deserialize<'b>>(&mut self, what: &str, most: u64) -> Result<Vec<T>> {
        let count: u64 = self.one()?;
        if count > most {
            return Err(Error::malformed("saved analysis", format_args!("{count} {what}, expected at most {most}")));
        }
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.one()?);
        }
        Ok(values)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'b [u8]> {
        let count: u64 = self.one()?;
        let (bytes, rest) = usize::try_from(count)
            .ok()
            .and_then(|count| self.0.split_at_checked(count))
            .ok_or_else(|| Error::malformed("saved analysis", "cut off"))?;
        self.0 = rest;
        Ok(bytes)
    }
}
