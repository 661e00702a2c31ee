//! The page of one image for each of its platforms.

use super::data::{Data, Tables, bounded, cut};
use super::image::{kinds, layer_name, lists, shown};
use super::link::Links;
use super::{Tab, segments, serialized, unit_name};
use crate::analysis::Analysis;
use crate::breakdown::Tree;
use crate::checklist::Checklist;
use crate::render::problems::Judged;
use crate::render::size::plural;
use crate::render::table;
use crate::report::{LayerReport, Report};
use minijinja::{Value, context};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, Write};

/// About how many nodes all trees together may have, and one of them.
const NODES: usize = 24_000;
const MOST: usize = 8000;
/// Platforms that the map has; of more there are tables alone, as trees of fewer nodes would show little.
const MAPS: usize = 24;
/// Signs of an instruction.
const SHORT: usize = 110;

/// The bytes of an image's platforms as the page's map has them: each by directory.
#[derive(Debug, Clone, Default)]
pub struct PlatformTrees {
    /// How many nodes each may have.
    most: usize,
    trees: Vec<(Vec<Json>, u64)>,
    checklists: Vec<Checklist>,
    packages: Vec<String>,
    rules: Vec<String>,
    sets: Vec<Vec<usize>>,
    layers: usize,
}

impl PlatformTrees {
    /// For so many platforms.
    pub fn new(platforms: usize) -> Self {
        Self { most: (NODES / platforms.clamp(1, MAPS)).min(MOST), ..Self::default() }
    }

    /// Adds up what was analysed of the next platform, and folds what is too small to be seen.
    pub fn add(&mut self, analysis: &Analysis<'_>) {
        self.checklists.push(Checklist::of(analysis));
        if self.trees.len() == MAPS {
            return;
        }
        let mut tables = Tables::after(self.sets.len(), self.packages.len(), self.rules.len(), self.layers);
        let tree = bounded(|most| Tree::new(analysis, &[], most), self.most);
        // Blobs always: whether all of them are what is pulled is not known yet.
        self.trees.push((tables.flat(&tree, true), tree.folded));
        let package = |id| crate::breakdown::label(analysis.attribution.package(id).package);
        let (packages, rules, sets) = tables.names(package, |id| analysis.findings.rules[id as usize].id.clone());
        self.packages.extend(packages);
        self.rules.extend(rules);
        self.sets.extend(sets);
        self.layers += analysis.index.image().layers().len();
    }
}

/// Writes the page; `trees` are of the same images in the same order. Where the reports are without credentials, so is the rest.
pub fn platforms(all: &[Judged<'_>], trees: &PlatformTrees, redacted: bool, title: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = all.first() else { return Ok(()) };
    let names = names(all);
    let pull = all.iter().all(|judged| judged.report.image.pull_bytes.is_some());
    let data = Data {
        change: false,
        many: true,
        first: names[0].clone(),
        unit: unit_name(first.unit),
        pull,
        columns: 4,
        layers: all.iter().flat_map(|judged| judged.report.layers.iter().map(|layer| layer_name(judged.report, layer.index))).collect(),
        packages: trees.packages.clone(),
        rules: trees.rules.clone(),
        sets: trees.sets.clone(),
        trees: names.iter().cloned().zip(trees.trees.iter().map(|(tree, _)| tree.clone())).collect(),
        folded: names.iter().cloned().zip(trees.trees.iter().map(|(_, folded)| *folded)).collect(),
        whole: None,
    };
    let links = |at: usize| if at < trees.trees.len() { Links::Tree(&names[at]) } else { Links::None };
    let checklists: Vec<_> = trees.checklists.iter().map(|checklist| shown(checklist, redacted)).collect();
    let image = |(at, judged): (usize, &Judged<'_>)| {
        let suffix = if at == 0 { String::new() } else { format!("-{}", at + 1) };
        context! { of => names[at].clone(), named => format!(" of {}", names[at]), suffix, ..lists::of(judged, &checklists[at], links(at)) }
    };
    let widest = all.iter().map(|judged| judged.report.image.disk_bytes).max().unwrap_or(0);
    let body = context! {
        name => first.name(),
        source => first.report.source.shown(),
        platforms => all.len(),
        complete => all.iter().all(|judged| judged.report.complete),
        without => first.report.image.without.join(", "),
        pull,
        left => all.len() - trees.trees.len(),
        names => names[..trees.trees.len()].to_vec(),
        kinds => kinds(),
        rows => all.iter().enumerate().map(|(at, judged)| row(judged, &names[at], links(at), widest)).collect::<Vec<_>>(),
        shared => shared(all, &names),
        images => all.iter().enumerate().map(image).collect::<Vec<_>>(),
        sections => serialized(tabs(all, checklists.iter().map(|checklist| checklist.failed).sum())),
    };
    let about = format!("{}, {}", first.name(), plural(all.len() as u64, "platform", "platforms"));
    super::write(title, &about, include_str!("platforms.html"), &body, &data, first.unit, out)
}

/// What each is called, no two alike.
fn names(all: &[Judged<'_>]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let one = |judged: &Judged<'_>| {
        let name = cut(&judged.report.image.platform);
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name} ({times})") }
    };
    all.iter().map(one).collect()
}

fn row(judged: &Judged<'_>, name: &str, links: Links<'_>, widest: u64) -> Value {
    let report = judged.report;
    let (hull, hidden) = (&report.hull, report.shadowed.all.content_bytes);
    let parts = [
        ("base", "base", hull.base.content_bytes),
        ("own", "own", hull.own.content_bytes),
        ("unneeded", "unneeded", hull.unneeded.content_bytes),
        ("hidden", "hidden by later layers", hidden),
    ];
    let length = (u128::from(report.image.disk_bytes) * 1000 / u128::from(widest.max(1))) as u64;
    let said: Vec<String> = parts
        .iter()
        .filter(|part| part.2 > 0)
        .map(|(_, name, bytes)| format!("{name} {}", crate::render::size::size(*bytes, judged.unit)))
        .collect();
    context! {
        name,
        link => links.path("/"),
        layers => report.layers.len(),
        packages => report.packages.len(),
        disk => report.image.disk_bytes,
        pull => report.image.pull_bytes,
        hidden,
        unneeded => hull.unneeded.content_bytes,
        edits => report.edits.iter().filter(|edit| edit.certain).count(),
        edited_disk => report.without_edits.content_bytes,
        edited_pull => report.image.pull_bytes.map(|pull| pull.saturating_sub(report.totals.blob_bytes.saturating_sub(report.without_edits.blob_bytes))),
        bar => serialized(segments(&parts, length)),
        bar_name => said.join(", "),
        complete => report.complete,
        manifest => report.image.manifest_digest.clone(),
        id => report.image.id.clone(),
        created => report.image.created.clone(),
    }
}

/// What a layer is stored as: two platforms share it if they name the same blob.
fn stored<'r>(judged: &Judged<'r>) -> impl Iterator<Item = (String, &'r LayerReport)> {
    let report: &'r Report = judged.report;
    report.layers.iter().filter_map(|layer| Some((layer.digest.clone().or_else(|| layer.diff_id.clone())?, layer)))
}

/// The bytes that a layer takes in its source, or is said to take.
fn blob(layer: &LayerReport) -> u64 {
    if layer.present { layer.blob_size() } else { layer.declared_bytes.unwrap_or(0) }
}

/// Layers of several platforms, and what all platforms take where each layer is kept once.
fn shared(all: &[Judged<'_>], names: &[String]) -> Value {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut layers: Vec<(&LayerReport, &Report, Vec<usize>)> = Vec::new();
    for (at, judged) in all.iter().enumerate() {
        for (key, layer) in stored(judged) {
            match known.entry(key) {
                Entry::Vacant(new) => {
                    new.insert(layers.len());
                    layers.push((layer, judged.report, vec![at]));
                }
                Entry::Occupied(old) => {
                    let of = &mut layers[*old.get()].2;
                    if of.last() != Some(&at) {
                        of.push(at);
                    }
                }
            }
        }
    }
    let once: u64 = layers.iter().map(|(layer, ..)| blob(layer)).sum();
    let apart: u64 = layers.iter().map(|(layer, _, of)| blob(layer) * of.len() as u64).sum();
    layers.retain(|(.., of)| of.len() > 1);
    layers.sort_by_key(|(layer, ..)| std::cmp::Reverse(blob(layer)));
    let row = |(layer, _, of): &(&LayerReport, &Report, Vec<usize>)| {
        let platforms =
            if of.len() == all.len() { "all".to_owned() } else { of.iter().map(|at| names[*at].as_str()).collect::<Vec<_>>().join(", ") };
        context! { text => lists::shortened(table::instruction(layer), SHORT), disk => layer.all.content_bytes, blob => blob(layer), platforms, count => of.len() }
    };
    context! {
        rows => layers.iter().map(row).collect::<Vec<_>>(),
        blob => layers.iter().map(|(layer, ..)| blob(layer)).sum::<u64>(),
        disk => layers.iter().map(|(layer, ..)| layer.all.content_bytes).sum::<u64>(),
        once,
        apart,
    }
}

fn tabs(all: &[Judged<'_>], failed: usize) -> Vec<Tab> {
    let sum = |count: fn(&Report) -> usize| Some(all.iter().map(|judged| count(judged.report)).sum());
    vec![
        Tab { id: "platforms", name: "Platforms", count: Some(all.len()) },
        Tab { id: "map", name: "Map", count: None },
        Tab { id: "edits", name: "Edits", count: sum(|report| report.edits.len()) },
        Tab { id: "findings", name: "Findings", count: sum(|report| report.findings.len()) },
        Tab { id: "checklist", name: "Checklist", count: Some(failed) },
        Tab { id: "layers", name: "Layers", count: sum(|report| report.layers.len()) },
        Tab { id: "packages", name: "Packages", count: sum(|report| report.packages.len()) },
        Tab { id: "notes", name: "Notes", count: sum(|report| report.notes.len() + report.limits_hit.len()) },
    ]
}
