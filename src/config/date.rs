//! Days, in UTC.

use serde::{Deserialize, Deserializer};
use std::fmt;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// Month, from 1.
    pub month: u8,
    /// Day, from 1.
    pub day: u8,
}

impl Date {
    /// The day in UTC of a time in seconds since 1970.
    ///
    /// ```
    /// assert_eq!(plimsoll::config::Date::of_unix(1_709_164_800).to_string(), "2024-02-29");
    /// ```
    pub fn of_unix(seconds: u64) -> Self {
        // Years begin in March here, so that the leap day is the last (Howard Hinnant, "chrono-compatible low-level date
        // algorithms").
        let days = seconds / 86_400 + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day_of_month = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + u64::from(month <= 2);
        Self { year: year as u16, month: month as u8, day: day_of_month as u8 }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "expected a date without quotation marks, such as 2027-01-31";
        let found = toml::Value::deserialize(deserializer)?;
        let shown = match &found {
            toml::Value::String(text) => format!("\"{}\"", text.escape_debug()),
            toml::Value::Datetime(time) => time.to_string(),
            other => format!("a value of type {}", other.type_str()),
        };
        match found.as_datetime() {
            Some(toml::value::Datetime { date: Some(date), time: None, offset: None }) => {
                Ok(Self { year: date.year, month: date.month, day: date.day })
            }
            _ => Err(serde::de::Error::custom(format!("{EXPECTED}, found {shown}"))),
        }
    }
}
