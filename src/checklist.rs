//! What good images have, checked one by one: pass, fail or not applicable, each with its evidence.
//!
//! Nothing here has bytes of its own, so nothing is added to any sum: sizes are part of the evidence.
//! A check looks at the configuration, at history and at what the analysis found, and stands back
//! where the image's purpose excuses it. Of secrets in variables only the names are ever shown.
//!
//! To add a check: a row in `CHECKS` and its function.

mod base;
mod config;
mod environment;
mod look;
mod order;
mod size;

pub use size::SizeTarget;

use crate::analysis::Analysis;
use crate::image::SourceInfo;
use crate::rules::Level;
use look::{Look, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the checklist's JSON form.
pub const SCHEMA: &str = "1.0";

/// All checks of an image.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Checklist {
    /// Version of this form.
    pub schema: String,
    /// Where the image was read from.
    pub source: SourceInfo,
    /// Names and tags in the source.
    pub names: Vec<String>,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// False when a part of the image was not read: the checks are then of what was.
    pub complete: bool,
    /// The Dockerfile that lines are of, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// How the lines are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines_by: Option<crate::analysis::LinesBy>,
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed, but for those that an exception accepts.
    pub failed: usize,
    /// The checks, always in this order.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// `subject/offence`, as configuration names it.
    pub id: String,
    /// What is asked for, in a few words.
    pub title: String,
    /// How it came out.
    pub outcome: Outcome,
    /// How much it matters.
    pub level: Level,
    /// What was looked at: layer, line or field of the configuration.
    pub evidence: String,
    /// What to change; empty unless it failed.
    pub advice: String,
    /// Layers that it is about, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<usize>,
    /// Their lines in the Dockerfile, where those are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u32>,
    /// Why a failure is accepted, where an exception says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// The question does not arise, or nothing tells.
    NotApplicable,
}

impl Outcome {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A check: its id, what is asked for, and how it is found out.
type Row = (&'static str, &'static str, fn(&Look<'_>) -> Verdict);

const CHECKS: [Row; 15] = [
    ("base/full-variant", "base without compilers", base::full_variant),
    ("base/unpinned", "base pinned by tag and digest", base::unpinned),
    ("stage/single", "built in a stage of its own", base::single),
    ("stage/copy-all", "COPY brings only what is needed", base::copy_all),
    ("order/deps-after-source", "dependencies before the source", order::dependencies),
    ("order/split-run", "packages installed and cleaned in one RUN", order::split_run),
    ("chown/run", "owner and mode set by COPY", order::chown),
    ("config/root-user", "does not run as root", config::user),
    ("config/shell-form", "started without a shell around it", config::shell_form),
    ("config/no-healthcheck", "has a health check", config::healthcheck),
    ("config/healthcheck-tool", "health check needs no extra program", config::healthcheck_tool),
    ("config/secret-env", "no secrets in variables", environment::secrets),
    ("config/python-env", "Python logs at once, leaves no .pyc", environment::python),
    ("config/no-labels", "labels tell source, revision, version", environment::labels),
    ("config/size-target", "within the size for its kind", size::target),
];

/// The ids of all checks.
pub fn ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(id, ..)| *id)
}

impl Checklist {
    /// Checks an image; what is configured `off` is left out.
    pub fn of(analysis: &Analysis<'_>) -> Self {
        let look = Look::new(analysis);
        let image = analysis.index.image();
        let mut checks = Vec::new();
        for (id, title, run) in CHECKS {
            let level = analysis.config.level(id).unwrap_or(Level::Info);
            if level == Level::Off {
                continue;
            }
            let verdict = run(&look);
            let failed = verdict.outcome == Outcome::Fail;
            let allow = analysis.allowed.iter().find(|allow| failed && allow.paths.is_empty() && allow.is_about(id));
            let mut lines: Vec<u32> = verdict.layers.iter().filter_map(|layer| analysis.line(*layer)).collect();
            lines.dedup();
            checks.push(Check {
                id: id.to_owned(),
                title: title.to_owned(),
                outcome: verdict.outcome,
                level,
                evidence: verdict.evidence,
                advice: verdict.advice,
                layers: verdict.layers,
                lines,
                allowed: allow.map(|allow| allow.reason.clone()),
            });
        }
        let count = |outcome: Outcome| checks.iter().filter(|check| check.outcome == outcome && check.allowed.is_none()).count();
        Self {
            schema: SCHEMA.to_owned(),
            source: image.source.clone(),
            names: image.names.clone(),
            platform: image.platform.to_string(),
            complete: !image.is_incomplete(),
            dockerfile: Some(analysis.dockerfile.name.clone()).filter(|name| !name.is_empty()),
            lines_by: analysis.dockerfile.by,
            passed: count(Outcome::Pass),
            failed: count(Outcome::Fail),
            checks,
        }
    }
}
