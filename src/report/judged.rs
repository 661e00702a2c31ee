//! What was judged of an image: findings, edits, packages.

use super::PathReport;
use crate::analysis::Analysis;
use crate::attribution::{Reasons, Why};
use crate::edits::EditKind;
use crate::facts::Ecosystem;
use crate::index::{Cause, Fate, Place, Placed};
use crate::layer::Measures;
use crate::rules::{Finding, Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Paths that a finding lists.
const PATHS: usize = 10;
/// A finding below both this and a thousandth of the image is left out of tables.
const FLOOR: u64 = 256 << 10;

/// Entries that one rule claims.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FindingReport {
    /// Its rule.
    pub rule: String,
    /// How much it matters.
    pub level: Level,
    /// Why it is accepted, where an exception says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// What was found, in a few words.
    pub title: String,
    /// Whether the entries are the base image's, which its users cannot change.
    pub base: bool,
    /// Too little to be shown in tables.
    pub below_floor: bool,
    /// All its entries.
    #[serde(flatten)]
    pub all: Measures,
    /// Those that are hidden.
    pub shadowed: Measures,
    /// Layers that store them.
    pub layers: Vec<usize>,
    /// Layers whose instructions are to blame.
    pub culprits: Vec<usize>,
    /// First and last line of each of those instructions in the Dockerfile, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<[u32; 2]>,
    /// Its largest entries.
    pub paths: Vec<FoundPath>,
}

/// One entry of a finding.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FoundPath {
    /// Where it is.
    #[serde(flatten)]
    pub path: PathReport,
    /// The layer that stores it.
    pub layer: usize,
    /// Whether it can be seen.
    pub live: bool,
    /// What it weighs.
    #[serde(flatten)]
    pub all: Measures,
}

/// One change to one instruction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EditReport {
    /// Its number, from 1, as `--without` takes it.
    pub number: usize,
    /// What kind of change it is.
    pub kind: EditKind,
    /// What to do, in one line.
    pub title: String,
    /// The instruction to change, the first if there are several.
    pub instruction: Option<String>,
    /// Its line in the Dockerfile, where that is known.
    pub line: Option<u32>,
    /// The layers whose instructions change.
    pub layers: Vec<usize>,
    /// Whether it holds without anybody's judgement.
    pub certain: bool,
    /// What it saves beyond the edits before it.
    #[serde(flatten)]
    pub saves: Measures,
    /// What it saves if it is the only one.
    pub alone: Measures,
    /// Where its bytes are: they add up to what it saves.
    pub parts: Vec<EditPart>,
    /// Packages of own layers that stay, and why; of edits that leave packages out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptPackage>,
    /// Rules whose findings it clears, at least in part.
    pub findings: Vec<String>,
    /// Reasons, and what stays.
    pub details: Vec<String>,
    /// Lines for a Dockerfile or a `.dockerignore`.
    pub snippet: Vec<String>,
}

/// A package that stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct KeptPackage {
    /// Its package manager.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Why it stays.
    pub why: String,
}

/// What an edit removes from one layer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EditPart {
    /// The layer.
    pub layer: usize,
    /// All that goes.
    #[serde(flatten)]
    pub all: Measures,
    /// Of that what can be seen.
    pub live: Measures,
}

/// One package.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PackageReport {
    /// Its number in the image's whole list, from 0; `needs` goes by it.
    pub number: usize,
    /// Its package manager, as in a package URL.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture, where the database tells.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub architecture: String,
    /// The source package that it was built from, where it differs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Its package URL.
    pub purl: String,
    /// All its entries, hidden ones included.
    #[serde(flatten)]
    pub all: Measures,
    /// Those that are hidden.
    pub shadowed: Measures,
    /// The layer that brought it.
    pub layer: usize,
    /// The layer that removed it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<usize>,
    /// The line of the Dockerfile that brought it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Whether the base image has it.
    pub base: bool,
    /// Why it is there: `asked`, `dependency`, `recommended` or `unknown`.
    pub why: String,
    /// From what was asked for to what needs or recommends it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// Only development needs it, as a lock file or a database says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dev: bool,
    /// Numbers of the packages that it needs; of alternatives all that are there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<usize>,
    /// The file that lists it.
    pub record: PathReport,
}

pub(super) fn findings(analysis: &Analysis<'_>) -> Vec<FindingReport> {
    let total = analysis.index.sums().total().content_bytes;
    let floor = analysis.config.floor.unwrap_or_else(|| FLOOR.max(total / 1000));
    analysis.findings.found.iter().map(|finding| one_finding(analysis, finding, floor)).collect()
}

fn one_finding(analysis: &Analysis<'_>, finding: &Finding, floor: u64) -> FindingReport {
    let rule = analysis.findings.rule(finding);
    let index = analysis.index;
    let mut largest: Vec<Place> = finding.entries.clone();
    let weight = |place: &Place| (std::cmp::Reverse(index.placed(*place).entry.content_bytes), *place);
    if largest.len() > PATHS {
        largest.select_nth_unstable_by_key(PATHS, weight);
        largest.truncate(PATHS);
    }
    largest.sort_by_key(weight);
    let path = |place: &Place| {
        let placed = index.placed(*place);
        FoundPath {
            path: PathReport::new(&index.paths().path(placed.node)),
            layer: placed.layer,
            live: placed.fate == Fate::Live,
            all: placed.entry.measures(),
        }
    };
    // Directories that a layer merely lists again do not make it one of those at fault.
    let weighty = || finding.parts.iter().filter(|(_, part)| part.all.content_bytes > 0).map(|(place, _)| place);
    let unique = |all: BTreeSet<usize>| all.into_iter().collect();
    let culprits: BTreeSet<usize> = weighty().map(|(_, culprit)| *culprit).collect();
    FindingReport {
        lines: culprits.iter().filter_map(|layer| analysis.lines(*layer)).map(|lines| [lines.start, lines.end]).collect(),
        rule: rule.id.clone(),
        level: finding.level,
        allowed: finding.allowed.clone(),
        title: rule.title.clone(),
        base: finding.base,
        below_floor: finding.all.content_bytes < floor && rule.remedy != crate::rules::Remedy::Secret,
        all: finding.all,
        shadowed: finding.shadowed,
        layers: unique(weighty().map(|(payer, _)| *payer).collect()),
        culprits: unique(culprits),
        paths: largest.iter().map(path).collect(),
    }
}

pub(super) fn edits(analysis: &Analysis<'_>) -> Vec<EditReport> {
    let text = |layer: &usize| analysis.index.layer_at(*layer).instruction().map(|made| made.text.clone());
    let rule = |number: &usize| analysis.findings.rule(&analysis.findings.found[*number]).id.clone();
    let kept = |(id, why): &(u32, String)| {
        let package = analysis.attribution.package(*id).package;
        KeptPackage { ecosystem: package.ecosystem, name: package.name.clone(), why: why.clone() }
    };
    let mut taken = crate::edits::Removal::nothing(analysis.index);
    let one = |edit: &crate::edits::Edit| EditReport {
        parts: parts(analysis, edit, &mut taken),
        number: edit.number,
        kind: edit.kind,
        title: edit.title.clone(),
        instruction: edit.layers.first().and_then(text),
        line: edit.layers.first().and_then(|layer| analysis.line(*layer)),
        layers: edit.layers.clone(),
        certain: edit.certain,
        saves: edit.saves,
        alone: edit.alone,
        kept: edit.kept.iter().map(kept).collect(),
        findings: edit.findings.iter().map(rule).collect::<BTreeSet<_>>().into_iter().collect(),
        details: edit.details.clone(),
        snippet: edit.snippet.clone(),
    };
    analysis.plan.edits.iter().map(one).collect()
}

/// What an edit removes that no edit before it removes, by layer.
fn parts(analysis: &Analysis<'_>, edit: &crate::edits::Edit, taken: &mut crate::edits::Removal) -> Vec<EditPart> {
    let index = analysis.index;
    let mut parts = Vec::new();
    for layer in 0..index.image().layers().len() {
        let (mut all, mut live) = <(Measures, Measures)>::default();
        for placed in edit.removal.places_in(layer).filter(|place| !taken.has_place(*place)).map(|place| index.placed(place)) {
            all += placed.entry.measures();
            if placed.fate == Fate::Live {
                live += placed.entry.measures();
            }
        }
        if all.entries > 0 {
            parts.push(EditPart { layer, all, live });
        }
    }
    taken.add(&edit.removal);
    parts
}

pub(super) fn packages(analysis: &Analysis<'_>) -> Vec<PackageReport> {
    let attribution = &analysis.attribution;
    let reasons = attribution.reasons();
    let graph = attribution.graph();
    let system = analysis.system();
    let one = |(id, (live, hidden)): (u32, (Measures, Measures))| {
        let installed = attribution.package(id);
        let package = installed.package;
        let mut needs: Vec<usize> = graph.needs[id as usize].iter().flatten().map(|need| *need as usize).collect();
        needs.sort_unstable();
        needs.dedup();
        PackageReport {
            number: id as usize,
            ecosystem: package.ecosystem,
            name: package.name.clone(),
            version: package.version.clone(),
            architecture: package.architecture.clone(),
            source: package.source.clone(),
            purl: crate::purl::purl(package, system),
            all: live + hidden,
            shadowed: hidden,
            layer: installed.layer,
            removed: installed.removed,
            line: analysis.line(installed.layer),
            base: installed.layer < analysis.base.layers,
            why: reasons.why(id).name().to_owned(),
            chain: chain(analysis, &reasons, id),
            dev: installed.dev,
            needs,
            record: PathReport::new(&analysis.index.paths().path(installed.record)),
        }
    };
    let mut all: Vec<PackageReport> = (0..).zip(attribution.weights()).map(one).collect();
    all.sort_by(|a, b| {
        let key = |package: &PackageReport| (std::cmp::Reverse(package.all.content_bytes), package.ecosystem);
        key(a)
            .cmp(&key(b))
            .then_with(|| (&a.name, &a.version, a.layer, &a.record.path).cmp(&(&b.name, &b.version, b.layer, &b.record.path)))
    });
    // Numbers follow the order of the list.
    let mut place = vec![0; all.len()];
    for (new, package) in all.iter_mut().enumerate() {
        place[std::mem::replace(&mut package.number, new)] = new;
    }
    for package in &mut all {
        package.needs.iter_mut().for_each(|need| *need = place[*need]);
        package.needs.sort_unstable();
    }
    all
}

/// Names on the way to a package; only the ends of a long way.
fn chain(analysis: &Analysis<'_>, reasons: &Reasons, id: u32) -> Vec<String> {
    const MOST: usize = 12;
    if !matches!(reasons.why(id), Why::Needed | Why::Recommended) {
        return Vec::new();
    }
    let names: Vec<String> = reasons.chain(id).into_iter().map(|link| analysis.attribution.package(link).package.name.clone()).collect();
    if names.len() <= MOST {
        return names;
    }
    let (head, tail) = (&names[..MOST / 2], &names[names.len() - MOST / 2..]);
    head.iter().cloned().chain(std::iter::once("…".to_owned())).chain(tail.iter().cloned()).collect()
}

/// What was odd in the image, and exceptions that hold no more.
pub(super) fn notes(analysis: &Analysis<'_>) -> Vec<crate::note::Note> {
    let expired = analysis.expired.iter().map(|allow| crate::note::Note {
        code: "allow-expired".to_owned(),
        layer: None,
        path: None,
        message: allow.expiry(),
        count: 1,
    });
    analysis.index.notes().as_slice().iter().cloned().chain(expired).collect()
}

/// What findings of own layers claim, at level `warn` and above.
pub(super) fn claimed(analysis: &Analysis<'_>) -> Measures {
    let own = analysis.findings.found.iter().filter(|finding| !finding.base && finding.level >= Level::Warn);
    own.map(|finding| finding.all).sum()
}

/// What all certain edits remove.
pub(super) fn removed(analysis: &Analysis<'_>) -> Measures {
    analysis.plan.edits.iter().filter(|edit| edit.certain).map(|edit| edit.saves).sum()
}

/// For each layer its live entries that certain edits remove.
pub(super) fn unneeded(analysis: &Analysis<'_>) -> Vec<Measures> {
    let index = analysis.index;
    let mut sums = vec![Measures::default(); index.image().layers().len()];
    unneeded_each(analysis, |placed, unneeded| {
        if unneeded {
            sums[placed.layer] += placed.entry.measures();
        }
    });
    sums
}

/// For each entry of the index, in its order, whether it is live and certain edits remove it, but for copies of what
/// stays in a layer below: those are stored in vain, and needed all the same.
pub(crate) fn unneeded_entries(analysis: &Analysis<'_>) -> Vec<bool> {
    let mut all = Vec::new();
    unneeded_each(analysis, |_, unneeded| all.push(unneeded));
    all
}

fn unneeded_each(analysis: &Analysis<'_>, mut take: impl FnMut(&Placed<'_>, bool)) {
    let index = analysis.index;
    let certain = analysis.plan.removal(index, analysis.plan.certain());
    // For each path whether an older version of the same content stays.
    let mut stays = vec![false; index.paths().len()];
    index.entries().for_each(|placed| {
        let goes = certain.has(placed.layer, placed.number);
        let node = placed.node as usize;
        let unneeded = placed.fate == Fate::Live && goes && !stays[node];
        let again = matches!(placed.path_fate, Fate::Shadowed { cause: Cause::MetadataOnly, .. });
        stays[node] = again && (!goes || stays[node]);
        take(&placed, unneeded);
    });
}
