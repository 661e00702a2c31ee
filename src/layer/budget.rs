//! Resources that all workers of one analysis share.

use crate::error::{Error, Result};
use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes of memory to be lent: a worker waits until enough came back.
///
/// A worker never holds one share while it waits for another, so waiting always ends.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: &'static str,
    max: u64,
    free: Mutex<u64>,
    returned: Condvar,
}

/// Bytes taken from a [`Budget`]; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share<'b> {
    budget: &'b Budget,
    bytes: u64,
}

impl Budget {
    pub(crate) fn new(limit: &'static str, max: u64) -> Self {
        Self { limit, max, free: Mutex::new(max), returned: Condvar::new() }
    }

    pub(crate) fn take(&self, what: &str, bytes: u64) -> Result<Share<'_>> {
        if bytes > self.max {
            return Err(Error::Limit { place: String::new(), what: format!("{what} of {bytes} bytes"), limit: self.limit, max: self.max });
        }
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = self.returned.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= bytes;
        Ok(Share { budget: self, bytes })
    }
}

impl Share<'_> {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.budget.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.budget.returned.notify_all();
    }
}
