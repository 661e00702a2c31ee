//! Measures that may be less than nothing.

use crate::layer::Measures;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// What the three measures grew by, and the number of entries. Sums stop at the ends of their range, which no image
/// that can be read comes near to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delta {
    /// Number of tar entries.
    pub entries: i64,
    /// Bytes of file data as stored.
    pub content_bytes: i64,
    /// Bytes of the uncompressed layer tar.
    pub diff_bytes: i64,
    /// Bytes of the blob as stored in the source.
    pub blob_bytes: i64,
}

/// What `new` is more than `old`.
pub(super) fn difference(old: u64, new: u64) -> i64 {
    let exact = i128::from(new) - i128::from(old);
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

impl Delta {
    /// What `new` is more than `old`.
    pub fn between(old: Measures, new: Measures) -> Self {
        Self {
            entries: difference(old.entries, new.entries),
            content_bytes: difference(old.content_bytes, new.content_bytes),
            diff_bytes: difference(old.diff_bytes, new.diff_bytes),
            blob_bytes: difference(old.blob_bytes, new.blob_bytes),
        }
    }

    /// Nothing grew or shrank.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    fn with(self, other: Self, join: impl Fn(i64, i64) -> i64) -> Self {
        Self {
            entries: join(self.entries, other.entries),
            content_bytes: join(self.content_bytes, other.content_bytes),
            diff_bytes: join(self.diff_bytes, other.diff_bytes),
            blob_bytes: join(self.blob_bytes, other.blob_bytes),
        }
    }
}

impl Add for Delta {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(other, i64::saturating_add)
    }
}

impl Sub for Delta {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.with(other, i64::saturating_sub)
    }
}

impl Neg for Delta {
    type Output = Self;
    fn neg(self) -> Self {
        Self::default() - self
    }
}

impl AddAssign for Delta {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Delta {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl std::iter::Sum for Delta {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl From<Measures> for Delta {
    fn from(measures: Measures) -> Self {
        Self::between(Measures::default(), measures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_range_hold() {
        assert_eq!(difference(u64::MAX, 0), i64::MIN);
        assert_eq!(difference(0, u64::MAX), i64::MAX);
        assert_eq!(difference(7, 5), -2);
        let least = Delta { content_bytes: i64::MIN, ..Delta::default() };
        assert_eq!((-least).content_bytes, i64::MAX);
        assert_eq!((least + least).content_bytes, i64::MIN);
    }
}
