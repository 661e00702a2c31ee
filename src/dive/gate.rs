//! dive's rules for continuous integration: its thresholds, its file and its verdict.
//!
//! As in dive 0.13.1: a flag comes before the file, the file before what is built in; a value that is equal to its
//! threshold passes; NaN passes, as no comparison with it holds. Later versions of dive also take `off`, `false` and nothing
//! for a rule that is switched off, and so does this.

mod file;
mod text;

pub use file::read;
pub use text::text;

use super::Numbers;
use crate::error::{Error, Result};
use std::fmt::Write as _;

/// The rules, in the order in which dive prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Wasted over user bytes.
    HighestUserWastedPercent,
    /// Wasted bytes.
    HighestWastedBytes,
    /// Efficiency.
    LowestEfficiency,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::HighestUserWastedPercent, Self::HighestWastedBytes, Self::LowestEfficiency];

    /// The name in dive's file and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::HighestUserWastedPercent => "highestUserWastedPercent",
            Self::HighestWastedBytes => "highestWastedBytes",
            Self::LowestEfficiency => "lowestEfficiency",
        }
    }

    fn built_in(self) -> &'static str {
        match self {
            Self::HighestUserWastedPercent => "0.1",
            Self::HighestWastedBytes => "disabled",
            Self::LowestEfficiency => "0.9",
        }
    }
}

/// Values as they are written, by rule; `None` where nothing is.
pub type Written = [Option<String>; 3];

/// A threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// The rule is switched off.
    Disabled,
    /// Bytes.
    Bytes(u64),
    /// A part from 0 to 1.
    Ratio(f64),
}

/// What came of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// The rule.
    pub rule: Rule,
    /// Its threshold.
    pub threshold: Threshold,
    /// `None` where it is switched off, else whether it passes.
    pub passes: Option<bool>,
}

/// dive's rules with their thresholds.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    thresholds: [Threshold; 3],
}

impl Gate {
    /// The first of flags, file and what is built in that has a value.
    pub fn new(flags: &Written, file: &Written) -> Result<Self> {
        let mut thresholds = [Threshold::Disabled; 3];
        for (number, rule) in Rule::ALL.into_iter().enumerate() {
            let text = flags[number].as_deref().or(file[number].as_deref()).unwrap_or(rule.built_in());
            thresholds[number] = threshold(rule, text)?;
        }
        Ok(Self { thresholds })
    }

    /// What comes of each rule.
    pub fn judge(&self, numbers: &Numbers) -> Vec<Ruling> {
        let one = |(rule, threshold): (Rule, Threshold)| {
            let fails = match (rule, threshold) {
                (_, Threshold::Disabled) => None,
                (Rule::LowestEfficiency, Threshold::Ratio(least)) => Some(least > numbers.efficiency),
                (_, Threshold::Ratio(most)) => Some(numbers.user_wasted_percent > most),
                (_, Threshold::Bytes(most)) => Some(numbers.wasted_bytes > most),
            };
            Ruling { rule, threshold, passes: fails.map(|fails| !fails) }
        };
        Rule::ALL.into_iter().zip(self.thresholds).map(one).collect()
    }

    /// The same thresholds as budgets of `plimsoll.toml`.
    pub fn migrated(&self) -> String {
        let mut text = String::from(
            "# From dive's rules. dive counts every copy of a file that is stored twice, the one that is seen too, and not what\n\
             # a deleted directory held; plimsoll counts what later layers hide. Look at `plimsoll check` once and set the\n\
             # limits to what you mean.\n[budget]\n",
        );
        let part = |ratio: f64| format!("{} %", trimmed(ratio * 100.0)).replace(' ', "");
        let mut own = None;
        for (rule, threshold) in Rule::ALL.into_iter().zip(self.thresholds).rev() {
            let _ = match (rule, threshold) {
                (_, Threshold::Disabled) => writeln!(text, "# {} is switched off", rule.name()),
                (Rule::LowestEfficiency, Threshold::Ratio(ratio)) => {
                    writeln!(text, "min_efficiency = \"{}\"   # lowestEfficiency", part(ratio))
                }
                (_, Threshold::Ratio(ratio)) => {
                    own = Some(part(ratio));
                    Ok(())
                }
                (_, Threshold::Bytes(bytes)) => writeln!(text, "max_hidden = {bytes}   # highestWastedBytes"),
            };
        }
        if let Some(part) = own {
            let _ = write!(text, "\n[[budget.limit]]   # highestUserWastedPercent\nof = \"own\"\nmeasure = \"hidden\"\nmax = \"{part}\"\n");
        }
        text
    }
}

/// A percentage with the digits that a budget takes.
fn trimmed(percent: f64) -> String {
    let text = format!("{percent:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn threshold(rule: Rule, text: &str) -> Result<Threshold> {
    if ["", "disabled", "off", "false"].contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(Threshold::Disabled);
    }
    let wrong = |expected: &str| {
        let name = rule.name();
        Error::Usage(format!("{name}: invalid value '{}': expected {expected}, or `disabled`", text.escape_debug()))
    };
    if rule == Rule::HighestWastedBytes {
        return bytes(text).map(Threshold::Bytes).ok_or_else(|| wrong("a size such as 20MB"));
    }
    let ratio: f64 = text.parse().map_err(|_| wrong("a number from 0 to 1"))?;
    // What is no number passes here as in dive, and then every value passes.
    if !ratio.is_nan() && !(0.0..=1.0).contains(&ratio) { Err(wrong("a number from 0 to 1")) } else { Ok(Threshold::Ratio(ratio)) }
}

/// A size as go-humanize parses it: a decimal with commas anywhere, a unit, and the product cut to a whole number.
fn bytes(text: &str) -> Option<u64> {
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.replace(',', "").parse().ok()?;
    let unit = unit.trim().to_lowercase();
    let (unit, step) = match unit.strip_suffix("ib").or_else(|| unit.strip_suffix('i')) {
        Some(rest) if !rest.is_empty() => (rest, 1024_f64),
        _ => (unit.strip_suffix('b').unwrap_or(&unit), 1000.0),
    };
    let power = ["", "k", "m", "g", "t", "p", "e"].iter().position(|known| *known == unit)?;
    let bytes = number * step.powi(i32::try_from(power).ok()?);
    #[expect(clippy::cast_sign_loss, reason = "a number without a sign is not negative")]
    (bytes < u64::MAX as f64).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_dive_takes_them() {
        for (text, expected) in [("20MB", 20_000_000), ("20MiB", 20 << 20), ("20Mb", 20_000_000), ("1,000", 1000), ("2.002k", 2001)] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
        for (text, expected) in [("2 kib", 2048), (".5MB", 500_000), ("7", 7), ("3ki", 3072), ("1EB", 1_000_000_000_000_000_000)] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
        for wrong in ["3XB", "-2", "", "ib", "1 i", "99999EB", "1.2.3"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
