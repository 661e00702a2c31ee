//! What an image weighs by each limit's measure.

use super::{Baseline, Limit, Measure, Subject, What};
use crate::analysis::Analysis;
use crate::files::glob;
use crate::index::{Fate, Placed, Sums};
use crate::layer::Measures;
use crate::report::PathReport;
use crate::rules::Finding;
use globset::GlobMatcher;
use std::collections::HashSet;

/// Things that are named as the reason; a few tell.
const NAMED: usize = 5;

/// What is found for one limit.
#[derive(Debug, Clone, Default)]
pub(super) struct Actual {
    /// Bytes, or how many; of efficiency the live content.
    pub(super) value: u64,
    /// What a part in percent is of.
    pub(super) whole: u64,
    /// The largest of what counts: paths, layers.
    pub(super) why: Vec<String>,
    /// Of findings: the rules that made them, each once.
    pub(super) rules: Vec<String>,
}

/// The sums of an image that limits are about.
pub(super) struct Tally<'a> {
    analysis: &'a Analysis<'a>,
    sums: Sums,
    pull: Option<u64>,
    /// Layers that lost every entry to an edit, and would not be made.
    emptied: u64,
}

/// A limit cannot be held against this image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// The source stores plain tars.
    Pull,
    /// There is no baseline, or it does not tell.
    Baseline,
}

impl<'a> Tally<'a> {
    pub(super) fn new(analysis: &'a Analysis<'a>, emptied: u64) -> Self {
        Self { analysis, sums: analysis.index.sums(), pull: crate::report::pull_bytes(analysis.index), emptied }
    }

    /// The value for one limit.
    pub(super) fn of(&self, limit: &Limit, baseline: Option<&Baseline>) -> Result<Actual, Unknown> {
        if limit.what.needs_pull() && self.pull.is_none() {
            return Err(Unknown::Pull);
        }
        let total = self.sums.total().content_bytes;
        Ok(match &limit.what {
            What::Bytes(subject, measure) => self.bytes(subject, *measure),
            What::Growth(subject, measure) => {
                let now = self.bytes(subject, *measure).value;
                let before = baseline.and_then(|baseline| baseline.value(subject, *measure)).ok_or(Unknown::Baseline)?;
                Actual { value: now.saturating_sub(before), whole: before, ..Actual::default() }
            }
            What::Layers => {
                let layers = self.analysis.index.image().layers().len() as u64;
                Actual { value: layers.saturating_sub(self.emptied), ..Actual::default() }
            }
            What::Efficiency => Actual { value: self.sums.live().content_bytes, whole: total, ..Actual::default() },
            What::Findings(level) => {
                let found: Vec<&Finding> = self.own_findings().filter(|finding| finding.level >= *level).collect();
                let entry = |finding: &&Finding| {
                    let place = finding.entries.iter().max_by_key(|place| self.analysis.index.placed(**place).entry.content_bytes)?;
                    Some(self.path(&self.analysis.index.placed(*place)))
                };
                let mut rules: Vec<String> = Vec::new();
                for finding in &found {
                    let id = &self.analysis.findings.rules[finding.rule].id;
                    if !rules.contains(id) {
                        rules.push(id.clone());
                    }
                }
                Actual { value: found.len() as u64, whole: 0, why: found.iter().take(NAMED).filter_map(entry).collect(), rules }
            }
        })
    }

    fn bytes(&self, subject: &Subject, measure: Measure) -> Actual {
        let layers = self.sums.layers.len();
        let base = self.analysis.base.layers.min(layers);
        let (value, why) = match subject {
            Subject::Image => (self.layers(0..layers, measure), Vec::new()),
            Subject::Own => (self.layers(base..layers, measure), Vec::new()),
            Subject::Layer => {
                let largest = (base..layers).map(|layer| (self.layers(layer..layer + 1, measure), layer)).max_by_key(|(bytes, _)| *bytes);
                largest.map_or((0, Vec::new()), |(bytes, layer)| (bytes, vec![self.layer_name(layer)]))
            }
            _ => self.entries(subject, measure),
        };
        // Of what is hidden and live the whole is what it is a part of; of all else the image.
        let whole = match (subject, measure) {
            (Subject::Image | Subject::Own | Subject::Layer, Measure::Live | Measure::Hidden) => {
                self.layers(if *subject == Subject::Image { 0 } else { base }..layers, Measure::Disk)
            }
            (_, Measure::Live | Measure::Hidden) => self.layers(0..layers, Measure::Disk),
            _ => self.layers(0..layers, measure),
        };
        Actual { value, whole, why, ..Actual::default() }
    }

    /// What layers weigh.
    fn layers(&self, range: std::ops::Range<usize>, measure: Measure) -> u64 {
        let sums = &self.sums.layers[range.clone()];
        match measure {
            Measure::Disk => sums.iter().map(|layer| layer.total().content_bytes).sum(),
            Measure::Live => sums.iter().map(|layer| layer.live.content_bytes).sum(),
            Measure::Hidden => sums.iter().map(|layer| layer.shadowed.content_bytes).sum(),
            Measure::Diff => sums.iter().map(|layer| layer.total().diff_bytes + layer.overhead.diff_bytes).sum(),
            Measure::Pull if range.len() == self.sums.layers.len() => self.pull.unwrap_or_default(),
            Measure::Pull => {
                // Blobs that a layer before the range has too are pulled anyway.
                let image = self.analysis.index.image();
                let digest = |layer: &usize| image.layers()[*layer].digest().map(crate::oci::Digest::as_str);
                let mut seen: HashSet<Option<&str>> = (0..range.start).map(|layer| digest(&layer)).collect();
                let one = |layer: usize| match image.changeset(&image.layers()[layer]) {
                    Some(changeset) => changeset.blob_bytes,
                    None => image.layers()[layer].declared_bytes.unwrap_or_default(),
                };
                range.filter(|layer| digest(layer).is_none() || seen.insert(digest(layer))).map(one).sum()
            }
        }
    }

    /// What the entries weigh that a subject names, and the largest of them.
    fn entries(&self, subject: &Subject, measure: Measure) -> (u64, Vec<String>) {
        let index = self.analysis.index;
        let (mut sum, mut largest) = (0, Vec::<(u64, Placed<'_>)>::new());
        let members = Members::new(self.analysis, subject);
        for placed in index.entries().filter(|placed| members.has(placed)) {
            let bytes = of_entry(&placed, measure);
            sum += bytes;
            if bytes > 0 && (largest.len() < NAMED || largest.iter().any(|(known, _)| *known < bytes)) {
                largest.push((bytes, placed));
                largest.sort_by_key(|(bytes, placed)| (std::cmp::Reverse(*bytes), placed.layer, placed.number));
                largest.truncate(NAMED);
            }
        }
        (sum, largest.iter().map(|(_, placed)| self.path(placed)).collect())
    }

    fn own_findings(&self) -> impl Iterator<Item = &Finding> {
        self.analysis.findings.found.iter().filter(|finding| counts(finding))
    }

    fn path(&self, placed: &Placed<'_>) -> String {
        PathReport::new(&self.analysis.index.paths().path(placed.node)).shown
    }

    fn layer_name(&self, layer: usize) -> String {
        let text = self.analysis.index.layer_at(layer).instruction().map_or("", |made| made.text.as_str());
        let place = match self.analysis.line(layer) {
            Some(line) => format!("line {line}"),
            None => format!("layer {}", layer + 1),
        };
        crate::text::escaped(format!("{place} {text}").trim_end().as_bytes())
    }
}

/// Whether a finding counts against a limit: the base's cannot be changed here, and exceptions are accepted.
pub(super) fn counts(finding: &Finding) -> bool {
    !finding.base && finding.allowed.is_none()
}

/// One entry's bytes; a marker has no content.
pub(super) fn of_entry(placed: &Placed<'_>, measure: Measure) -> u64 {
    let Measures { content_bytes, diff_bytes, blob_bytes, .. } = placed.entry.measures();
    match measure {
        Measure::Disk => content_bytes,
        Measure::Pull => blob_bytes,
        Measure::Diff => diff_bytes,
        Measure::Live if placed.fate == Fate::Live => content_bytes,
        Measure::Hidden if placed.fate != Fate::Live => content_bytes,
        Measure::Live | Measure::Hidden => 0,
    }
}

/// The entries that a subject names.
pub(super) struct Members<'a> {
    analysis: &'a Analysis<'a>,
    subject: &'a Subject,
    /// For each path whether the glob matches it.
    paths: Vec<bool>,
}

impl<'a> Members<'a> {
    pub(super) fn new(analysis: &'a Analysis<'a>, subject: &'a Subject) -> Self {
        let paths = analysis.index.paths();
        let matcher: Option<GlobMatcher> = match subject {
            // It was parsed with the configuration.
            Subject::Path(text) => glob(text).ok(),
            _ => None,
        };
        let matched = matcher.map(|glob| {
            let one = std::slice::from_ref(&glob);
            (0..paths.len()).map(|node| crate::files::matches_any(one, &paths.path(node as u32))).collect()
        });
        Self { analysis, subject, paths: matched.unwrap_or_default() }
    }

    pub(super) fn has(&self, placed: &Placed<'_>) -> bool {
        let base = self.analysis.base.layers;
        match self.subject {
            Subject::Image => true,
            Subject::Own | Subject::Layer => placed.layer >= base,
            Subject::Path(_) => self.paths.get(placed.node as usize).copied().unwrap_or(false),
            Subject::Package(ecosystem, name) => self.analysis.attribution.owner(placed).is_some_and(|id| {
                let package = self.analysis.attribution.package(id).package;
                package.ecosystem == *ecosystem && crate::rules::matches(name.as_bytes(), package.name.as_bytes())
            }),
            Subject::Ecosystem(ecosystem) => {
                self.analysis.attribution.owner(placed).is_some_and(|id| self.analysis.attribution.package(id).ecosystem() == *ecosystem)
            }
            Subject::Rule(id) => self.analysis.findings.of(placed).is_some_and(|finding| {
                let rule = &self.analysis.findings.rule(finding).id;
                counts(finding) && (rule == id || id.strip_suffix('*').is_some_and(|tool| rule.starts_with(tool)))
            }),
        }
    }
}
