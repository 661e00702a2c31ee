//! What came of the budgets.

use super::tally::{Actual, Tally, Unknown};
use super::{Baseline, Bound, Budgets, Limit, Way, What};
use crate::analysis::Analysis;
use crate::error::{Error, Result};
use crate::image::SourceInfo;
use crate::render::size::{Unit, size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What came of one budget, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Within its limit.
    Pass,
    /// Above where it warns.
    Warn,
    /// Above its limit.
    Fail,
}

impl Outcome {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// Bytes, how many, or a part from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Amount {
    /// Bytes, or how many.
    Whole(u64),
    /// A part.
    Part(f64),
}

/// What an [`Amount`] is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Bytes.
    Bytes,
    /// How many.
    Count,
    /// A part from 0 to 1.
    Part,
}

/// All budgets of an image, and what came of them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Version of this form: that of the report.
    pub schema: String,
    /// The worst of all budgets.
    pub verdict: Outcome,
    /// Where the image was read from.
    pub source: SourceInfo,
    /// Names and tags of the image.
    pub names: Vec<String>,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// False when a blob is absent or a limit ended the reading: every number is then of what was read.
    pub complete: bool,
    /// The sections that the budgets are from.
    pub sections: Vec<String>,
    /// What growth is measured against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Content of all layers.
    pub disk_bytes: u64,
    /// Compressed size of all layers; null where the source stores plain tars.
    pub pull_bytes: Option<u64>,
    /// The budgets.
    pub budgets: Vec<BudgetReport>,
    /// The fewest edits that bring all under their limits, where one is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    /// The Dockerfile that lines are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// Exceptions that hold no more, and are not applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expired: Vec<String>,
}

/// One budget.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BudgetReport {
    /// Its key without `max_`, or what `of` says.
    pub name: String,
    /// The name for people.
    pub title: String,
    /// What the numbers are of.
    pub kind: Kind,
    /// What was found.
    pub actual: Amount,
    /// Above it (of efficiency: below it) the budget fails; where it only warns, above it it warns. Of a part in percent,
    /// and of both, the number that it comes to here.
    pub limit: Amount,
    /// Above it the budget warns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn: Option<Amount>,
    /// The limit as it is configured.
    pub configured: String,
    /// Of what the part in percent is, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<u64>,
    /// What came of it.
    pub verdict: Outcome,
    /// How far it is over what it fails or warns at.
    pub over: Amount,
    /// The largest of what counts, where that tells: paths, layers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// Of findings: the rules that made them, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

impl Verdict {
    /// Holds an image against its budgets. What cannot be told is an error and never passes.
    pub fn of(analysis: &Analysis<'_>, budgets: &Budgets, baseline: Option<&Baseline>) -> Result<Self> {
        if budgets.limits.is_empty() {
            return Err(Budgets::none());
        }
        let reports = reports(analysis, budgets, baseline, 0)?;
        let image = analysis.index.image();
        Ok(Self {
            schema: crate::report::SCHEMA.to_owned(),
            verdict: worst(&reports),
            source: image.source().clone(),
            names: image.names().to_vec(),
            platform: image.platform().to_string(),
            complete: !image.is_incomplete(),
            sections: budgets.sections.clone(),
            baseline: budgets.baseline.clone(),
            disk_bytes: analysis.index.sums().total().content_bytes,
            pull_bytes: crate::report::pull_bytes(analysis.index),
            budgets: reports,
            way: None,
            dockerfile: Some(analysis.dockerfile.name.clone()).filter(|name| !name.is_empty()),
            expired: analysis.expired.iter().map(crate::config::Allow::expiry).collect(),
        })
    }
}

/// The worst of some budgets.
pub(super) fn worst(reports: &[BudgetReport]) -> Outcome {
    reports.iter().map(|report| report.verdict).max().unwrap_or(Outcome::Pass)
}

/// Each budget held against an image; `emptied` layers lost all they had to edits.
pub(super) fn reports(analysis: &Analysis<'_>, budgets: &Budgets, baseline: Option<&Baseline>, emptied: u64) -> Result<Vec<BudgetReport>> {
    let tally = Tally::new(analysis, emptied);
    let one = |limit: &Limit| {
        let actual = tally.of(limit, baseline).map_err(|unknown| cannot(limit, unknown, baseline))?;
        Ok(BudgetReport::new(limit, actual))
    };
    budgets.limits.iter().map(one).collect()
}

fn cannot(limit: &Limit, unknown: Unknown, baseline: Option<&Baseline>) -> Error {
    let name = limit.what.name();
    let name = name.escape_debug();
    Error::Usage(match (unknown, baseline) {
        (Unknown::Pull, _) => format!(
            "budget `{name}`: the source stores layers uncompressed, so that nobody knows what a pull costs; check the image in a \
             registry or an OCI layout with compressed layers, or take the budget out"
        ),
        (Unknown::Baseline, None) => format!(
            "budget `{name}`: there is nothing to measure growth against; name it with --baseline or `baseline` in the configuration"
        ),
        (Unknown::Baseline, Some(_)) => {
            format!("budget `{name}`: the baseline does not tell, as its layers were stored uncompressed; make it from compressed ones")
        }
    })
}

impl BudgetReport {
    fn new(limit: &Limit, actual: Actual) -> Self {
        let kind = match limit.what {
            What::Efficiency => Kind::Part,
            What::Layers | What::Findings(_) => Kind::Count,
            What::Bytes(..) | What::Growth(..) => Kind::Bytes,
        };
        let steps = limit.steps;
        let exceeded = |bound: Option<Bound>| bound.is_some_and(|bound| exceeds(&limit.what, bound, &actual));
        let verdict = match (exceeded(steps.fail), exceeded(steps.warn)) {
            (true, _) => Outcome::Fail,
            (_, true) => Outcome::Warn,
            _ => Outcome::Pass,
        };
        let amount = |bound: Bound| match kind {
            Kind::Part => Amount::Part(bound.share.unwrap_or(super::Share(0)).as_f64()),
            _ => Amount::Whole(bound.most(actual.whole)),
        };
        let found = match kind {
            Kind::Part if actual.whole == 0 => Amount::Part(1.0),
            Kind::Part => Amount::Part(actual.value as f64 / actual.whole as f64),
            _ => Amount::Whole(actual.value),
        };
        let main = steps.fail.or(steps.warn).unwrap_or(Bound::of(u64::MAX));
        let decisive = if verdict == Outcome::Warn { steps.warn.unwrap_or(main) } else { main };
        let over = match (found, amount(decisive)) {
            (Amount::Whole(found), Amount::Whole(limit)) => Amount::Whole(found.saturating_sub(limit)),
            (Amount::Part(found), Amount::Part(limit)) => Amount::Part((limit - found).max(0.0)),
            _ => Amount::Whole(0),
        };
        let bytes = |bytes: u64| if kind == Kind::Bytes { size(bytes, Unit::Si) } else { bytes.to_string() };
        Self {
            name: limit.what.name(),
            title: limit.what.title(),
            kind,
            actual: found,
            limit: amount(main),
            warn: steps.warn.filter(|_| steps.fail.is_some()).map(amount),
            configured: main.text(bytes),
            whole: main.share.filter(|_| kind == Kind::Bytes).map(|_| actual.whole),
            verdict,
            over,
            why: if verdict == Outcome::Pass { Vec::new() } else { actual.why },
            rules: if verdict == Outcome::Pass { Vec::new() } else { actual.rules },
        }
    }
}

/// Whether a value is over a bound; of efficiency whether it falls short, compared without rounding.
pub(super) fn exceeds(what: &What, bound: Bound, actual: &Actual) -> bool {
    if *what == What::Efficiency {
        let least = u128::from(bound.share.unwrap_or(super::Share(0)).0) * u128::from(actual.whole);
        return u128::from(actual.value) * 1_000_000 < least;
    }
    actual.value > bound.most(actual.whole)
}
