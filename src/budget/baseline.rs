//! What an image weighed, kept in a small file.
//!
//! A few lines of TOML that are reviewed with the change that raises them. `baseline` is the version of the form.

use super::{Measure, Subject};
use crate::analysis::Analysis;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The version that is written and read.
const VERSION: u32 = 1;

/// What an image weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// What the image was called.
    pub image: String,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// What it weighed.
    pub totals: Totals,
}

/// The totals that growth is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Content of all layers.
    pub disk: u64,
    /// Compressed size of all layers; absent where it is not known.
    pub pull: Option<u64>,
    /// The layer tars.
    pub diff: u64,
    /// Content that can be seen.
    pub live: u64,
    /// Content that later layers hide.
    pub hidden: u64,
    /// Content of own layers.
    pub own: u64,
    /// Number of layers.
    pub layers: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    baseline: u32,
    #[serde(default)]
    image: String,
    #[serde(default)]
    platform: String,
    totals: Totals,
}

impl Baseline {
    /// What an image weighs now.
    pub fn of(analysis: &Analysis<'_>) -> Self {
        let sums = analysis.index.sums();
        let image = analysis.index.image();
        let total = sums.total();
        let own = sums.layers.iter().skip(analysis.base.layers).map(|layer| layer.total().content_bytes).sum();
        Self {
            image: image.names().first().cloned().unwrap_or_default(),
            platform: image.platform().to_string(),
            totals: Totals {
                disk: total.content_bytes,
                pull: crate::report::pull_bytes(analysis.index),
                diff: total.diff_bytes + sums.overhead().diff_bytes,
                live: sums.live().content_bytes,
                hidden: sums.shadowed().content_bytes,
                own,
                layers: image.layers().len() as u64,
            },
        }
    }

    /// Whether a file is one, by its first key.
    pub fn is_one(text: &str) -> bool {
        let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        first.is_some_and(|line| line.split('=').next().is_some_and(|key| key.trim() == "baseline"))
    }

    /// Parses a file; `name` names it in errors.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| Error::malformed(format!("baseline `{name}`"), error.message()))?;
        if file.baseline != VERSION {
            let what = format!("expected version {VERSION}, found {}; make it anew with `plimsoll baseline`", file.baseline);
            return Err(Error::malformed(format!("baseline `{name}`"), what));
        }
        Ok(Self { image: file.image, platform: file.platform, totals: file.totals })
    }

    /// The text of a file.
    pub fn text(&self) -> String {
        // The escapes of JSON are TOML's too.
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let Totals { disk, pull, diff, live, hidden, own, layers } = self.totals;
        let mut text = format!(
            "# What the image weighed; `plimsoll check --baseline FILE` holds it to that. `plimsoll baseline --update` lowers it.\n\
             baseline = {VERSION}\nimage = {}\nplatform = {}\n\n[totals]\ndisk = {disk}\n",
            quoted(&crate::text::escaped(self.image.as_bytes())),
            quoted(&crate::text::escaped(self.platform.as_bytes()))
        );
        if let Some(pull) = pull {
            let _ = writeln!(text, "pull = {pull}");
        }
        let _ = write!(text, "diff = {diff}\nlive = {live}\nhidden = {hidden}\nown = {own}\nlayers = {layers}\n");
        text
    }

    /// Lowered to what an image weighs now, wherever that is less; nothing is raised.
    #[must_use]
    pub fn lowered(&self, now: &Self) -> Self {
        let (old, new) = (self.totals, now.totals);
        let totals = Totals {
            disk: old.disk.min(new.disk),
            pull: old.pull.map(|pull| pull.min(new.pull.unwrap_or(pull))),
            diff: old.diff.min(new.diff),
            live: old.live.min(new.live),
            hidden: old.hidden.min(new.hidden),
            own: old.own.min(new.own),
            layers: old.layers.min(new.layers),
        };
        Self { totals, ..self.clone() }
    }

    /// The total that a subject's growth is measured by.
    pub(super) fn value(&self, subject: &Subject, measure: Measure) -> Option<u64> {
        let totals = self.totals;
        match (subject, measure) {
            (Subject::Image, Measure::Disk) => Some(totals.disk),
            (Subject::Image, Measure::Pull) => totals.pull,
            (Subject::Image, Measure::Diff) => Some(totals.diff),
            (Subject::Image, Measure::Live) => Some(totals.live),
            (Subject::Image, Measure::Hidden) => Some(totals.hidden),
            (Subject::Own, Measure::Disk) => Some(totals.own),
            _ => None,
        }
    }
}
