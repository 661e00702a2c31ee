//! `plimsoll.toml`: levels, rules of one's own, and exceptions with a reason.
//!
//! ```toml
//! floor = "256kB"                # findings below it are left out of tables
//!
//! [levels]                       # of a rule, a check or a whole tool: off, info, warn or fail
//! "apt/lists" = "fail"
//! "layer/*" = "info"
//!
//! [[rule]]                       # in the form of the built-in ones; they claim entries first
//! id = "acme/fixtures"
//! title = "recorded traffic"
//! why = "Only tests read it."
//! fix = "Add `fixtures` to .dockerignore."
//! remedy = "clean"
//! select.paths = ["srv/fixtures/**"]
//!
//! [[allow]]                      # an exception
//! rule = "apt/lists"
//! paths = ["opt/x/**"]           # only there; by default everywhere
//! reason = "the installer reads them"
//! expires = 2027-01-31           # the last day on which it holds
//!
//! [checklist]
//! size-target = "300MB"
//!
//! [budget]                       # what `plimsoll check` holds an image to
//! max_disk = "300 MB"
//! ```
//!
//! Another section is a field of `File` and one of [`Config`], and a line in [`Config::parse`].

mod date;
pub(crate) mod document;
mod near;
mod schema;
mod section;

pub use date::Date;
pub use near::near;
pub use schema::schema;
pub use section::{BudgetConfig, Section};
pub(crate) use section::{add, check as check_bound};

use crate::checklist::SizeTarget;
use crate::error::Result;
use crate::rules::{Level, Rule};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use toml::Spanned;

/// What a user configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Findings with less content are left out of tables.
    pub floor: Option<u64>,
    /// Levels by rule, by check, or by `tool/*`.
    pub levels: BTreeMap<String, Level>,
    /// Rules that claim entries before the built-in ones do.
    pub rules: Vec<Rule>,
    /// Exceptions.
    pub allow: Vec<Allow>,
    /// What an image may weigh.
    pub size_target: Option<SizeTarget>,
    /// What `plimsoll check` holds an image to.
    pub budgets: BudgetConfig,
}

/// An exception: what a rule finds there is known and accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// A rule or a check, or `tool/*`.
    pub rule: String,
    /// Path patterns; none for everywhere.
    pub paths: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    floor: Option<Size>,
    levels: BTreeMap<String, Spanned<Level>>,
    rule: Vec<Spanned<Rule>>,
    allow: Vec<Spanned<AllowTable>>,
    checklist: ChecklistTable,
    // Read by `section`, with better errors.
    budget: serde::de::IgnoredAny,
    profile: serde::de::IgnoredAny,
    image: serde::de::IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowTable {
    rule: String,
    #[serde(default)]
    paths: Vec<String>,
    reason: String,
    expires: Option<Date>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct ChecklistTable {
    size_target: Option<SizeTarget>,
}

/// A number of bytes, as people write it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size(pub(crate) u64);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Size;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a size such as 4096, \"256kB\" or \"1.5MiB\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Size, E> {
                crate::render::size::parse(text).map(Size).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Size, E> {
                u64::try_from(number).map(Size).map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(number), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Config {
    /// Parses the text of a file; `name` names it in errors.
    ///
    /// ```
    /// let config = plimsoll::config::Config::parse("[levels]\n\"apt/lists\" = \"fail\"", "plimsoll.toml")?;
    /// assert!(config.catalogue(plimsoll::rules::built_in()).iter().any(|rule| rule.level.name() == "fail"));
    /// # Ok::<(), plimsoll::Error>(())
    /// ```
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let at = |span: Option<std::ops::Range<usize>>, what: &str| document::told(text, name, span, what);
        let document = document::parse(text, name)?;
        section::check_top(document.get_ref()).map_err(|(span, why)| at(Some(span), &why))?;
        let file: File = toml::from_str(text).map_err(|error| document::broken(text, name, &error))?;
        let mut rules: Vec<Rule> = Vec::new();
        for rule in file.rule {
            let (span, rule) = (rule.span(), rule.into_inner());
            check_rule(&rule, &rules).map_err(|why| at(Some(span), &why))?;
            rules.push(rule);
        }
        let own: Vec<String> = rules.iter().map(|rule| rule.id.clone()).collect();
        let mut known: Vec<&str> = own.iter().map(String::as_str).collect();
        known.extend(crate::rules::built_in().iter().map(|rule| rule.id.as_str()));
        for check in crate::checklist::ids() {
            known.push(check);
        }
        let budgets = section::read(document.get_ref(), &known).map_err(|(span, why)| at(Some(span), &why))?;
        let mut levels = BTreeMap::new();
        for (id, level) in file.levels {
            check_id(&id, &known).map_err(|why| at(Some(level.span()), &format!("[levels] {why}")))?;
            levels.insert(id, level.into_inner());
        }
        let mut allow = Vec::new();
        for one in file.allow {
            let (span, table) = (one.span(), one.into_inner());
            check_id(&table.rule, &known).and_then(|()| check_allow(&table)).map_err(|why| at(Some(span), &format!("[[allow]] {why}")))?;
            let AllowTable { rule, paths, reason, expires } = table;
            allow.push(Allow { rule, paths, reason, expires });
        }
        Ok(Self { floor: file.floor.map(|size| size.0), levels, rules, allow, size_target: file.checklist.size_target, budgets })
    }

    /// All rules in the order in which they claim entries, the user's first, at their configured levels.
    pub fn catalogue(&self, built_in: &[Rule]) -> Vec<Rule> {
        let mut all: Vec<Rule> = self.rules.iter().chain(built_in).cloned().collect();
        for rule in &mut all {
            if let Some(level) = self.level(&rule.id) {
                rule.muted = level <= Level::Info;
                rule.level = level;
            }
        }
        all
    }

    /// The level that is configured for a rule or a check: its own before its tool's.
    pub fn level(&self, id: &str) -> Option<Level> {
        let tool = id.split('/').next().unwrap_or(id);
        self.levels.get(id).or_else(|| self.levels.get(&format!("{tool}/*"))).copied()
    }

    /// The exceptions that hold on a day, and those that held until one before it.
    pub fn allows(&self, today: Option<Date>) -> (Vec<Allow>, Vec<Allow>) {
        let expired = |allow: &Allow| allow.expires.zip(today).is_some_and(|(last, today)| last < today);
        self.allow.iter().cloned().partition(|allow| !expired(allow))
    }
}

impl Allow {
    /// That it holds no more, for people.
    pub fn expiry(&self) -> String {
        let day = self.expires.map(|day| format!(" on {day}")).unwrap_or_default();
        format!("the exception from {} expired{day} and is not applied (reason: {})", self.rule, self.reason)
    }

    /// Whether it is about a rule or a check.
    pub fn is_about(&self, id: &str) -> bool {
        self.rule == id || self.rule.strip_suffix('*').is_some_and(|tool| id.starts_with(tool))
    }
}

fn check_rule(rule: &Rule, others: &[Rule]) -> Result<(), String> {
    let id = &rule.id;
    let parts: Vec<&str> = id.split('/').collect();
    let plain = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if parts.len() != 2 || !parts.iter().all(plain) {
        return Err(format!("rule `{}`: expected an id of the form tool/offence", id.escape_debug()));
    }
    if crate::rules::built_in().iter().any(|known| known.id == *id) || crate::checklist::ids().any(|known| known == id) {
        return Err(format!("rule `{id}`: the id is taken by a built-in one; choose another, or set its level in [levels]"));
    }
    if others.iter().any(|other| other.id == *id) {
        return Err(format!("rule `{id}`: the id is taken by a rule above"));
    }
    rule.check().map_err(|why| format!("rule `{id}`: {why}"))
}

fn check_allow(allow: &AllowTable) -> Result<(), String> {
    if allow.reason.trim().is_empty() {
        return Err(format!("rule `{}`: expected a reason, found an empty one", allow.rule));
    }
    crate::rules::check_patterns(&allow.paths)
}

/// Whether an id, or `tool/*`, names something.
fn check_id(id: &str, known: &[&str]) -> Result<(), String> {
    let found = match id.strip_suffix("/*") {
        Some(tool) => known.iter().any(|known| known.split('/').next() == Some(tool)),
        None => known.contains(&id),
    };
    if found {
        return Ok(());
    }
    let near = near(id, known.iter().copied());
    let hint = if near.is_empty() { String::new() } else { format!("; near it are {}", near.join(", ")) };
    Err(format!("no rule is named `{}`; `plimsoll rules` lists them{hint}", id.escape_debug()))
}
