//! Parts of a whole, exactly.

use std::fmt;

/// A part of a whole, in millionths: four digits after the point of a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u64);

impl Share {
    /// All of it.
    pub const ALL: Self = Self(1_000_000);

    /// Parses `5%` or `12.5 %`.
    ///
    /// ```
    /// assert_eq!(plimsoll::budget::Share::parse("12.5 %"), Some(plimsoll::budget::Share(125_000)));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        Self::decimal(text.trim().strip_suffix('%')?.trim_end(), 4)
    }

    /// Parses `0.95`.
    pub fn ratio(text: &str) -> Option<Self> {
        Self::decimal(text.trim(), 6)
    }

    /// A decimal number times ten to the power of `digits`, with no more than so many after the point.
    fn decimal(text: &str, digits: usize) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || !plain(whole) || fraction.len() > digits || !plain(fraction) {
            return None;
        }
        let text = format!("{whole}{fraction:0<digits$}");
        text.parse().ok().map(Self)
    }

    /// The largest whole number within it.
    pub fn of(self, whole: u64) -> u64 {
        u64::try_from(u128::from(whole) * u128::from(self.0) / 1_000_000).unwrap_or(u64::MAX)
    }

    /// As a number from 0 to 1, where it is a part.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        write!(f, "{} %", text.trim_end_matches('0').trim_end_matches('.'))
    }
}
