//! Packages of two images, matched by name.

use super::delta::Delta;
use super::pairs::Pairs;
use super::union::Union;
use crate::analysis::Analysis;
use crate::attribution::Installed;
use crate::facts::Ecosystem;
use crate::layer::Measures;
use crate::paths::NodeId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PackageChangeKind {
    /// Only the new image has it.
    Added,
    /// The new image has it no more; its bytes may be hidden there all the same.
    Removed,
    /// Both have it, in different versions.
    Upgraded,
    /// Both have the same version, and it weighs another amount.
    Resized,
    /// Neither has it any more: bytes of a package that an earlier layer brought and a later one removed.
    Hidden,
    /// Only the compressed size differs.
    Repacked,
}

impl PackageChangeKind {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Upgraded => "upgraded",
            Self::Resized => "resized",
            Self::Hidden => "hidden",
            Self::Repacked => "repacked",
        }
    }
}

/// One package, in the old image, the new one or both.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PackageChange {
    /// What became of it.
    pub change: PackageChangeKind,
    /// Its package manager, as in a package URL.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its architecture, where the database tells.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub architecture: String,
    /// Its version in the old image.
    pub old_version: Option<String>,
    /// Its version in the new image.
    pub new_version: Option<String>,
    /// All its entries, hidden ones included.
    #[serde(flatten)]
    pub delta: Delta,
    /// The layer of the new image that brought it, from 0.
    pub layer: Option<usize>,
    /// The line of the new image's Dockerfile that brought it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// One image's packages, with what they weigh.
struct Packages<'a, 'i> {
    analysis: &'a Analysis<'i>,
    weights: Vec<Measures>,
}

impl<'a, 'i> Packages<'a, 'i> {
    fn new(analysis: &'a Analysis<'i>) -> Self {
        Self { analysis, weights: analysis.attribution.weights().into_iter().map(|(live, hidden)| live + hidden).collect() }
    }

    fn all(&self) -> &'a [Installed<'i>] {
        self.analysis.attribution.packages()
    }

    fn unattributed(&self) -> Measures {
        self.analysis.index.sums().total().minus(self.weights.iter().copied().sum())
    }
}

type Name<'i> = (Ecosystem, &'i str, &'i str);

pub(super) fn compare(old: &Analysis<'_>, new: &Analysis<'_>, union: &Union<'_>) -> (Vec<PackageChange>, Delta) {
    let (before, after) = (Packages::new(old), Packages::new(new));
    let mut groups: BTreeMap<Name<'_>, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (number, one) in before.all().iter().enumerate() {
        groups.entry(name(one)).or_default().0.push(number);
    }
    for (number, one) in after.all().iter().enumerate() {
        groups.entry(name(one)).or_default().1.push(number);
    }
    let mut rows = Vec::new();
    for (from, to) in groups.into_values() {
        let pairs = pair(&before, &after, union, Pairs::new(from, to));
        let both = pairs.found.iter().map(|(from, to)| (Some(*from), Some(*to)));
        let alone = pairs.old.iter().map(|from| (Some(*from), None)).chain(pairs.new.iter().map(|to| (None, Some(*to))));
        rows.extend(both.chain(alone).filter_map(|(from, to)| row(&before, &after, from, to)));
    }
    rows.sort_by(|a, b| {
        let weight = |row: &PackageChange| std::cmp::Reverse((row.delta.content_bytes.unsigned_abs(), row.delta.diff_bytes.unsigned_abs()));
        weight(a).cmp(&weight(b))
    });
    (rows, Delta::between(before.unattributed(), after.unattributed()))
}

fn name<'i>(installed: &Installed<'i>) -> Name<'i> {
    (installed.ecosystem(), &installed.package.name, &installed.package.architecture)
}

/// Several versions of a package may be there at once, and some of them removed again: the most alike first.
fn pair(before: &Packages<'_, '_>, after: &Packages<'_, '_>, union: &Union<'_>, mut pairs: Pairs) -> Pairs {
    let (old, new) = (|at: usize| &before.all()[at], |at: usize| &after.all()[at]);
    let record = |node: NodeId| union.of_new(node);
    pairs.by(
        |at| Some((old(at).package.version.as_str(), old(at).is_live(), old(at).record)),
        |at| Some((new(at).package.version.as_str(), new(at).is_live(), record(new(at).record))),
    );
    pairs.by(
        |at| Some((old(at).package.version.as_str(), old(at).is_live())),
        |at| Some((new(at).package.version.as_str(), new(at).is_live())),
    );
    pairs.by(|at| old(at).is_live().then(|| old(at).record), |at| new(at).is_live().then(|| record(new(at).record)));
    pairs.by(|at| old(at).is_live().then_some(()), |at| new(at).is_live().then_some(()));
    // Removed by a layer that is new: its bytes stay.
    pairs.by(|at| Some(old(at).package.version.as_str()), |at| Some(new(at).package.version.as_str()));
    pairs
}

/// None where nothing is to be told.
fn row(before: &Packages<'_, '_>, after: &Packages<'_, '_>, from: Option<usize>, to: Option<usize>) -> Option<PackageChange> {
    let (was, is) = (from.map(|at| &before.all()[at]), to.map(|at| &after.all()[at]));
    let weight = |packages: &Packages<'_, '_>, at: Option<usize>| at.map(|at| packages.weights[at]).unwrap_or_default();
    let delta = Delta::between(weight(before, from), weight(after, to));
    let live = |one: Option<&Installed<'_>>| one.is_some_and(Installed::is_live);
    let version = |one: Option<&Installed<'_>>| one.map(|one| one.package.version.clone());
    let (old_version, new_version) = (version(was), version(is));
    let change = match (live(was), live(is)) {
        (false, true) => PackageChangeKind::Added,
        (true, false) => PackageChangeKind::Removed,
        (true, true) if old_version != new_version => PackageChangeKind::Upgraded,
        _ if delta.is_zero() => return None,
        _ if delta.content_bytes == 0 && delta.entries == 0 => PackageChangeKind::Repacked,
        (true, true) => PackageChangeKind::Resized,
        (false, false) => PackageChangeKind::Hidden,
    };
    let package = is.or(was)?.package;
    let layer = is.map(|one| one.layer);
    Some(PackageChange {
        change,
        ecosystem: package.ecosystem,
        name: package.name.clone(),
        architecture: package.architecture.clone(),
        old_version,
        new_version,
        delta,
        layer,
        line: layer.and_then(|layer| after.analysis.line(layer)),
    })
}
