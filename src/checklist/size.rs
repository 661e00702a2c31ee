//! What an image of its kind should weigh.

use super::look::{Look, Verdict, bytes, fail, not_applicable, pass};
use crate::config::Size;
use serde::{Deserialize, Deserializer};

/// What an image may weigh on disk, in three steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeTarget {
    /// Good up to here.
    pub good: u64,
    /// Acceptable up to here.
    pub acceptable: u64,
    /// Not to be exceeded at all.
    pub limit: u64,
}

/// A Python service, by what is recommended for such images.
const PYTHON: SizeTarget = SizeTarget { good: 200_000_000, acceptable: 300_000_000, limit: 500_000_000 };

impl<'de> Deserialize<'de> for SizeTarget {
    /// One size, or `{ good = …, acceptable = …, limit = … }`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Steps {
            good: Option<Size>,
            acceptable: Size,
            limit: Option<Size>,
        }
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = SizeTarget;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a size such as \"300MB\", or { good = \"200MB\", acceptable = \"300MB\", limit = \"500MB\" }")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<SizeTarget, E> {
                let one = crate::render::size::parse(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))?;
                Ok(SizeTarget { good: one, acceptable: one, limit: one })
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<SizeTarget, E> {
                let one = u64::try_from(number).map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(number), &self))?;
                Ok(SizeTarget { good: one, acceptable: one, limit: one })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<SizeTarget, A::Error> {
                let steps = Steps::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                let acceptable = steps.acceptable.0;
                let (good, limit) = (steps.good.map_or(acceptable, |size| size.0), steps.limit.map_or(acceptable, |size| size.0));
                if good > acceptable || acceptable > limit {
                    return Err(serde::de::Error::custom("expected good ≤ acceptable ≤ limit"));
                }
                Ok(SizeTarget { good, acceptable, limit })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

pub(super) fn target(look: &Look<'_>) -> Verdict {
    let analysis = look.analysis;
    let (target, whose) = match analysis.config.size_target {
        Some(target) => (target, "as configured"),
        None if analysis.evidence.builds() => return not_applicable("the image's purpose is building"),
        None if look.is_python() => (PYTHON, "for a Python service"),
        None => return not_applicable("no target for its kind; [checklist] size-target in plimsoll.toml sets one"),
    };
    let disk = analysis.index.sums().total().content_bytes;
    let weighs = format!("weighs {} on disk", bytes(disk));
    if disk <= target.good {
        return pass(format!("{weighs}: within {} {whose}", bytes(target.good)));
    }
    if disk <= target.acceptable {
        return pass(format!("{weighs}: acceptable {whose} up to {}; good is {}", bytes(target.acceptable), bytes(target.good)));
    }
    let (step, size) = if disk > target.limit { ("the limit", target.limit) } else { ("the acceptable size", target.acceptable) };
    let heaviest: Vec<String> = analysis
        .plan
        .edits
        .iter()
        .filter(|edit| edit.certain && edit.saves.content_bytes > disk / 100)
        .take(3)
        .map(|edit| format!("{} ({})", edit.number, bytes(edit.saves.content_bytes)))
        .collect();
    let advice = match heaviest.as_slice() {
        [] => "see `plimsoll tree` for what is heavy".to_owned(),
        [one] => format!("edit {one} of `plimsoll plan`"),
        edits => format!("edits {} of `plimsoll plan`", edits.join(", ")),
    };
    fail(format!("{weighs}: {} above {step} of {} {whose}", bytes(disk - size), bytes(size)), advice)
}
