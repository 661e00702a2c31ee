//! The published form of each JSON document: JSON Schema, draft 2020-12, derived from the types that are written.

use super::json::PlanReport;
use crate::budget::Verdict;
use crate::checklist::Checklist;
use crate::compare::Comparison;
use crate::report::Report;
use schemars::{Schema, schema_for};

/// A document whose form is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// What `plimsoll IMAGE` writes.
    Report,
    /// What `plimsoll plan` writes.
    Plan,
    /// What `plimsoll checklist` writes.
    Checklist,
    /// What `plimsoll diff` writes.
    Diff,
    /// What `plimsoll check` writes.
    Check,
    /// `plimsoll.toml`.
    Config,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Report, Self::Plan, Self::Checklist, Self::Diff, Self::Check, Self::Config];

    /// As `plimsoll schema` takes it; with the major version it is the name of the published file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Plan => "plan",
            Self::Checklist => "checklist",
            Self::Diff => "diff",
            Self::Check => "check",
            Self::Config => "config",
        }
    }

    /// What it is, in a line.
    pub fn about(self) -> &'static str {
        match self {
            Self::Report => "What `plimsoll IMAGE --format json` writes",
            Self::Plan => "What `plimsoll plan IMAGE --format json` writes",
            Self::Checklist => "What `plimsoll checklist IMAGE --format json` writes",
            Self::Diff => "What `plimsoll diff OLD NEW --format json` writes",
            Self::Check => "What `plimsoll check IMAGE --format json` writes",
            Self::Config => "`plimsoll.toml`",
        }
    }

    /// Its JSON Schema.
    pub fn schema(self) -> Schema {
        match self {
            Self::Report => schema_for!(Report),
            Self::Plan => schema_for!(PlanReport<'_>),
            Self::Checklist => schema_for!(Checklist),
            Self::Diff => schema_for!(Comparison),
            Self::Check => schema_for!(Verdict),
            Self::Config => Schema::try_from(crate::config::schema()).unwrap_or_default(),
        }
    }
}
