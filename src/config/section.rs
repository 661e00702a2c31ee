//! The budgets of `plimsoll.toml`: `[budget]`, `[profile.NAME]` and `[image."GLOB"]`.
//!
//! Read from the document itself and not by way of serde, so that an error can name the line and the key that may have
//! been meant.

use super::document::{self, Wrong, shown, text};
use crate::budget::{Bound, KEYS, Limit, Measure, Share, Steps, Subject, What};
use crate::rules::Level;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The budgets of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetConfig {
    /// For every image.
    pub common: Option<Section>,
    /// For images by a glob on their names, in the order of the file.
    pub images: Vec<(String, Section)>,
    /// By name, for who asks for them.
    pub profiles: Vec<(String, Section)>,
}

impl BudgetConfig {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.common.is_none() && self.images.is_empty() && self.profiles.is_empty()
    }
}

/// One section of budgets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// The limits, in the order of the file.
    pub limits: Vec<Limit>,
    /// What growth is measured against: a file of `plimsoll baseline`, a saved analysis or an image.
    pub baseline: Option<String>,
}

/// The keys at the top of a configuration.
const TOP: [&str; 8] = ["floor", "levels", "rule", "allow", "checklist", "budget", "profile", "image"];

/// Sees that every key at the top of a document is known.
pub(super) fn check_top(document: &DeTable<'_>) -> Result<(), Wrong> {
    let strangers = document.iter().filter(|(key, _)| !TOP.contains(&&**key.get_ref()));
    let Some((key, value)) = strangers.min_by_key(|(key, _)| key.span().start) else { return Ok(()) };
    let what = if value.get_ref().is_table() || value.get_ref().is_array() { "section" } else { "key" };
    Err((key.span(), unknown(what, key.get_ref(), &TOP)))
}

/// Reads the budgets of a document.
pub(super) fn read(document: &DeTable<'_>, rules: &[&str]) -> Result<BudgetConfig, Wrong> {
    let mut config = BudgetConfig::default();
    for (key, value) in document {
        match &**key.get_ref() {
            "budget" => config.common = Some(section(table(value, "[budget]")?, rules)?),
            "profile" => config.profiles = named(value, "[profile.NAME]", rules)?,
            "image" => config.images = named(value, "[image.\"GLOB\"]", rules)?,
            _ => {}
        }
    }
    Ok(config)
}

fn named(value: &Spanned<DeValue<'_>>, form: &str, rules: &[&str]) -> Result<Vec<(String, Section)>, Wrong> {
    let mut sections: Vec<_> = table(value, form)?.iter().collect();
    sections.sort_by_key(|(key, _)| key.span().start);
    sections.into_iter().map(|(key, value)| Ok((key.get_ref().to_string(), section(table(value, form)?, rules)?))).collect()
}

fn table<'v, 'i>(value: &'v Spanned<DeValue<'i>>, form: &str) -> Result<&'v DeTable<'i>, Wrong> {
    value.get_ref().as_table().ok_or_else(|| (value.span(), format!("expected a section {form}, found {}", shown(value.get_ref()))))
}

fn unknown(what: &str, key: &str, known: &[&str]) -> String {
    // Words that mean the same to people.
    let words =
        [("shadowed", "hidden"), ("wasted", "hidden"), ("size", "disk"), ("content", "disk"), ("blob", "pull"), ("compressed", "pull")];
    let meant = words.iter().fold(key.replace('-', "_"), |key, (said, meant)| key.replace(said, meant));
    document::unknown(what, key, &meant, known)
}

/// The keys of a section.
pub(super) fn section_keys() -> Vec<String> {
    let each = KEYS.iter().flat_map(|(key, _)| [format!("max_{key}"), format!("warn_{key}")]);
    each.chain(["min_efficiency", "warn_efficiency", "fail_on", "warn_on", "baseline", "limit"].map(str::to_owned)).collect()
}

fn section(table: &DeTable<'_>, rules: &[&str]) -> Result<Section, Wrong> {
    let mut section = Section::default();
    let known = section_keys();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in keys {
        let name: &str = key.get_ref();
        let wrong = |why: String| (value.span(), format!("`{name}`: {why}"));
        match name {
            "baseline" => section.baseline = Some(text(value.get_ref()).map_err(wrong)?.to_owned()),
            "limit" => {
                let list = value
                    .get_ref()
                    .as_array()
                    .ok_or_else(|| wrong("expected tables [[….limit]], found ".to_owned() + &shown(value.get_ref())))?;
                for item in list {
                    add(&mut section, limit(self::table(item, "[[….limit]]")?, &item.span(), rules)?);
                }
            }
            "fail_on" => add(&mut section, findings(value.get_ref(), true).map_err(wrong)?),
            "warn_on" => add(&mut section, findings(value.get_ref(), false).map_err(wrong)?),
            "min_efficiency" => add(&mut section, efficiency(value.get_ref(), true).map_err(wrong)?),
            "warn_efficiency" => add(&mut section, efficiency(value.get_ref(), false).map_err(wrong)?),
            _ => {
                let (is_fail, quantity) = match (name.strip_prefix("max_"), name.strip_prefix("warn_")) {
                    (Some(quantity), _) => (true, quantity),
                    (_, Some(quantity)) => (false, quantity),
                    _ => return Err((key.span(), unknown("key", name, &known))),
                };
                let Some((_, what)) = KEYS.iter().find(|(known, _)| *known == quantity) else {
                    return Err((key.span(), unknown("key", name, &known)));
                };
                let steps = steps(value.get_ref(), what, is_fail).map_err(wrong)?;
                add(&mut section, Limit { what: what.clone(), steps });
            }
        }
    }
    for limit in &section.limits {
        ordered(limit).map_err(|why| (table.values().map(Spanned::span).min_by_key(|span| span.start).unwrap_or_default(), why))?;
    }
    Ok(section)
}

/// Adds a limit to a section, or its steps to what is there for the same.
pub(crate) fn add(section: &mut Section, limit: Limit) {
    match section.limits.iter_mut().find(|known| known.what == limit.what) {
        Some(known) => {
            known.steps.warn = limit.steps.warn.or(known.steps.warn);
            known.steps.fail = limit.steps.fail.or(known.steps.fail);
        }
        None => section.limits.push(limit),
    }
}

/// A warning that comes after the failure never comes.
fn ordered(limit: &Limit) -> Result<(), String> {
    let (Some(warn), Some(fail)) = (limit.steps.warn, limit.steps.fail) else { return Ok(()) };
    let at_most = |a: Option<u64>, b: Option<u64>| a.zip(b).is_none_or(|(a, b)| a <= b);
    let share = |bound: Bound| bound.share.map(|share| share.0);
    let fine = if limit.what == What::Efficiency {
        at_most(share(fail), share(warn))
    } else {
        at_most(warn.amount, fail.amount) && at_most(share(warn), share(fail))
    };
    let wrong = format!("{}: it fails before it warns; the warning must come first", limit.what.name());
    if fine { Ok(()) } else { Err(wrong) }
}

/// One bound, or a table with both.
fn steps(value: &DeValue<'_>, what: &What, is_fail: bool) -> Result<Steps, String> {
    let Some(table) = value.as_table() else {
        let bound = Some(bound(value, what)?);
        return Ok(if is_fail { Steps { fail: bound, warn: None } } else { Steps { warn: bound, fail: None } });
    };
    let mut steps = Steps::default();
    for (key, value) in table {
        let key: &str = key.get_ref();
        match key {
            "warn" => steps.warn = Some(bound(value.get_ref(), what)?),
            "fail" if is_fail => steps.fail = Some(bound(value.get_ref(), what)?),
            _ => return Err(unknown("key", key, if is_fail { &["warn", "fail"] } else { &["warn"] })),
        }
    }
    Ok(steps)
}

fn bound(value: &DeValue<'_>, what: &What) -> Result<Bound, String> {
    let found = match value {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok().map(Bound::of),
        DeValue::String(text) if what.is_bytes() => Bound::parse(text),
        _ => None,
    };
    check(found, what).map_err(|expected| format!("{expected}, found {}", shown(value)))
}

/// A bound that means something for what it is of, or what would.
pub(crate) fn check(bound: Option<Bound>, what: &What) -> Result<Bound, String> {
    match bound {
        Some(bound) if bound.share.is_none() || what.takes_share() => Ok(bound),
        _ if !what.is_bytes() => Err("expected a number such as 20".to_owned()),
        _ if !what.takes_share() => Err("expected a size such as \"300 MB\"".to_owned()),
        _ => Err("expected a size such as \"300 MB\", a part such as \"5%\", or both: \"5% and 10 MB\" or \"5% or 10 MB\"".to_owned()),
    }
}

fn efficiency(value: &DeValue<'_>, is_fail: bool) -> Result<Limit, String> {
    let share = match value {
        DeValue::String(text) => Share::parse(text),
        DeValue::Float(number) => Share::ratio(number.as_str()),
        DeValue::Integer(number) => Share::ratio(number.as_str()),
        _ => None,
    };
    let share = share.filter(|share| *share <= Share::ALL);
    let share = share.ok_or_else(|| format!("expected a part such as \"95%\" or 0.95, found {}", shown(value)))?;
    let bound = Some(Bound { amount: None, share: Some(share), both: false });
    let steps = if is_fail { Steps { fail: bound, warn: None } } else { Steps { warn: bound, fail: None } };
    Ok(Limit { what: What::Efficiency, steps })
}

fn findings(value: &DeValue<'_>, is_fail: bool) -> Result<Limit, String> {
    let level = level(text(value)?)?;
    let bound = Some(Bound::of(0));
    let steps = if is_fail { Steps { fail: bound, warn: None } } else { Steps { warn: bound, fail: None } };
    Ok(Limit { what: What::Findings(level), steps })
}

fn level(text: &str) -> Result<Level, String> {
    let all = [Level::Info, Level::Warn, Level::Fail];
    let found = all.into_iter().find(|level| level.name() == text);
    found.ok_or_else(|| format!("expected a level (info, warn or fail), found \"{}\"", text.escape_debug()))
}

/// One `[[….limit]]`.
fn limit(table: &DeTable<'_>, span: &Range<usize>, rules: &[&str]) -> Result<Limit, Wrong> {
    const NAMES: [&str; 4] = ["of", "measure", "max", "warn"];
    for (key, _) in table {
        if !NAMES.contains(&&**key.get_ref()) {
            return Err((key.span(), unknown("key", key.get_ref(), &NAMES)));
        }
    }
    let of = table.get("of").ok_or_else(|| (span.clone(), "[[….limit]]: expected `of`, found none".to_owned()))?;
    let wrong = |why: String| (of.span(), format!("`of`: {why}"));
    let of_text = text(of.get_ref()).map_err(wrong)?;
    let measure =
        table.get("measure").map(|value| measure(value).map_err(|why| (value.span(), format!("`measure`: {why}")))).transpose()?;
    let what = match of_text.split_once(':') {
        Some(("findings", name)) if measure.is_none() => What::Findings(level(name).map_err(wrong)?),
        Some(("findings", _)) => return Err(wrong("findings are counted and have no `measure`".to_owned())),
        _ => What::Bytes(Subject::parse(of_text).map_err(wrong)?, measure.unwrap_or(Measure::Disk)),
    };
    if let What::Bytes(Subject::Rule(id), _) = &what {
        super::check_id(id, rules).map_err(wrong)?;
    }
    let bound_of = |key: &str| {
        let Some(value) = table.get(key) else { return Ok(None) };
        bound(value.get_ref(), &what).map(Some).map_err(|why| (value.span(), format!("`{key}`: {why}")))
    };
    let steps = Steps { warn: bound_of("warn")?, fail: bound_of("max")? };
    if steps == Steps::default() {
        return Err((span.clone(), format!("limit of `{}`: expected `max` or `warn`, found neither", of_text.escape_debug())));
    }
    let limit = Limit { what, steps };
    ordered(&limit).map_err(|why| (of.span(), why))?;
    Ok(limit)
}

fn measure(value: &Spanned<DeValue<'_>>) -> Result<Measure, String> {
    let text = text(value.get_ref())?;
    let all = Measure::ALL;
    all.into_iter()
        .find(|measure| measure.name() == text)
        .ok_or_else(|| format!("expected one of {}, found \"{}\"", all.map(Measure::name).join(", "), text.escape_debug()))
}
