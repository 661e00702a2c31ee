//! Bloat rules: data that says which bytes are waste, why, and what to do about it.
//!
//! A rule is one TOML file, `rules/<tool>/<offence>.toml`, in the form that users write in
//! `plimsoll.toml` too. It selects entries that are there — by path, package, content or fate —
//! never the text of commands, and stands back where evidence in the image excuses them
//! ([`Guard`]). An entry is claimed by the first rule of the catalogue that selects it, so the
//! findings of all rules add up.

mod apply;
mod catalog;
mod detect;
mod evidence;
mod finding;
mod pattern;

pub(crate) use apply::check_patterns;
pub use apply::{Candidates, apply};
pub use catalog::built_in;
pub use evidence::Evidence;
pub use finding::{Finding, Findings, Part};
pub(crate) use pattern::matches;

use crate::error::{Error, Result};
use crate::facts::SecretKind;
use crate::index::Cause;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rule is switched off.
    Off,
    /// Worth knowing.
    Info,
    /// Worth changing.
    #[default]
    Warn,
    /// Must not ship.
    Fail,
}

impl Level {
    /// The name in JSON and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What kind of change removes the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Delete them in the instruction that makes them; keep them out of the build context where a COPY brings them.
    Clean,
    /// Delete them in the instruction that makes them, not in a later one.
    SameRun,
    /// Keep owner and mode as they should be from the start.
    Metadata,
    /// Build in a stage of its own, and leave these packages out of the one that ships.
    Stage,
    /// Leave these packages out.
    Omit,
    /// Keep them out of the image altogether; what was there must be replaced.
    Secret,
    /// Nothing that is certain: a person has to decide.
    Review,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `tool/offence`, the path of its file.
    pub id: String,
    /// What was found, in a few words.
    pub title: String,
    /// Why it is waste.
    pub why: String,
    /// What to change in a Dockerfile.
    pub fix: String,
    /// What does not help, or is often done wrong.
    #[serde(default)]
    pub not: String,
    /// Rules of other tools about the same.
    #[serde(default)]
    pub also: Vec<String>,
    /// How much it matters, unless configured otherwise.
    #[serde(default)]
    pub level: Level,
    /// What kind of change removes it.
    pub remedy: Remedy,
    /// What it is about.
    pub select: Select,
    /// When it stands back.
    #[serde(default)]
    pub unless: Vec<Guard>,
    /// Configuration holds that it is not worth changing: it makes no edits.
    #[serde(skip)]
    pub muted: bool,
}

/// Which entries a rule is about. `paths`, `packages`, `secrets` and `detector` each name candidates, of which one is
/// needed; all other fields that are given must hold for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Select {
    /// Path patterns from the root. `$NAME/…` is below the directory that an environment variable of
    /// the image names, and nothing where it names none.
    pub paths: Vec<String>,
    /// Path patterns of which one must hold, whatever named the candidate.
    pub within: Vec<String>,
    /// Path patterns that are left out.
    pub except: Vec<String>,
    /// Packages, `ecosystem:name` with `*`, installed by an own layer.
    pub packages: Vec<String>,
    /// Of these packages only those that nothing else in the image needs.
    pub unneeded: bool,
    /// Of these packages only those that development alone needs, as a lock file says, or only others.
    pub dev: Option<bool>,
    /// Kinds of secret.
    pub secrets: Vec<SecretKind>,
    /// What only code can tell, by name.
    pub detector: String,
    /// Why entries are hidden.
    pub causes: Vec<Cause>,
    /// Names that must be in the directory before the pattern's last `/**`.
    pub has: Vec<String>,
    /// Least content of an entry.
    pub min_bytes: u64,
    /// Only files that belong to a package, or only others.
    pub owned: Option<bool>,
    /// Only entries that a COPY or ADD brings from the build context, or only others.
    pub context: Option<bool>,
    /// Only files whose content has another live name (a hard link), or only others.
    pub linked: Option<bool>,
}

/// Evidence in the image that excuses a rule: all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Guard {
    /// The image's purpose is building.
    pub builds: bool,
    /// Something in the image compiles at run time.
    pub compiles: bool,
    /// One of these environment variables is set, or `NAME=VALUE` to just that.
    pub env: Vec<String>,
    /// The entry is at or below a path that an environment variable names.
    pub env_path: bool,
    /// Entrypoint, command or health check runs one of these.
    pub command: Vec<String>,
    /// A live path matches one of these patterns.
    pub file: Vec<String>,
    /// One of these packages is there, `ecosystem:name` with `*`.
    pub package: Vec<String>,
    /// An instruction contains one of these.
    pub history: Vec<String>,
    /// One of these labels is set.
    pub label: Vec<String>,
    /// What becomes of the rule: it is silent unless a level is given.
    pub then: Option<Level>,
}

impl Rule {
    /// Parses a rule's TOML; `place` names it in the error.
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        let rule: Self = toml::from_str(text).map_err(|error| Error::malformed(format!("rule `{place}`"), error.to_string().trim()))?;
        rule.check().map_err(|why| Error::malformed(format!("rule `{place}`"), why))?;
        Ok(rule)
    }

    /// Whether it selects something, by patterns and names that there are.
    pub(crate) fn check(&self) -> Result<(), String> {
        let select = &self.select;
        if select.paths.is_empty()
            && select.packages.is_empty()
            && select.secrets.is_empty()
            && select.detector.is_empty()
            && select.causes.is_empty()
        {
            return Err("expected `paths`, `packages`, `secrets`, `causes` or `detector` in [select], found none".to_owned());
        }
        apply::check(self).and_then(|()| detect::check(&select.detector))
    }
}
