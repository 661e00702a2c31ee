//! The page of one image.

mod budgets;
pub(super) mod lists;

pub(super) use lists::shortened;

use super::data::{Data, LayerName, Tables, Whole, bounded};
use super::link::Links;
use super::{Tab, segments, serialized, unit_name};
use crate::analysis::Analysis;
use crate::breakdown::{Key, Tree};
use crate::checklist::Checklist;
use crate::layer::Measures;
use crate::render::problems::Judged;
use crate::render::size::{percent, plural};
use crate::render::{redact, table};
use crate::report::Report;
use minijinja::{Value, context};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The tree that is looked at first, and about how many nodes of it there are at first.
pub(super) const DIRECTORY: &str = "directory";
const DIRECTORIES: usize = 5000;
/// The other trees, and about how many nodes of each there may be.
const TREES: [(&str, &[Key], usize); 3] =
    [("package", &[Key::Ecosystem, Key::Package], 5000), ("layer", &[Key::Layer], 4000), ("rule", &[Key::Rule], 2500)];

/// An image's bytes as the page's map has them: by directory, package, layer and rule.
#[derive(Debug, Clone)]
pub struct ImageTrees {
    trees: BTreeMap<String, Vec<Json>>,
    folded: BTreeMap<String, u64>,
    whole: Option<Whole>,
    checklist: Checklist,
    packages: Vec<String>,
    rules: Vec<String>,
    sets: Vec<Vec<usize>>,
}

impl ImageTrees {
    /// Adds up what was analysed, and folds what is too small to be seen; by directory the whole is there as well.
    pub fn new(analysis: &Analysis<'_>) -> io::Result<Self> {
        let pull = crate::report::pull_bytes(analysis.index).is_some();
        let mut tables = Tables::default();
        let (flat, left, whole) = tables.both(|most| Tree::new(analysis, &[], most), DIRECTORIES, pull)?;
        let (mut trees, mut folded) = (BTreeMap::from([(DIRECTORY.to_owned(), flat)]), BTreeMap::from([(DIRECTORY.to_owned(), left)]));
        for (name, keys, most) in TREES {
            let tree = bounded(|most| Tree::new(analysis, keys, most), most);
            trees.insert(name.to_owned(), tables.flat(&tree, pull));
            folded.insert(name.to_owned(), tree.folded);
        }
        let package = |id| crate::breakdown::label(analysis.attribution.package(id).package);
        let rule = |id: u32| analysis.findings.rules[id as usize].id.clone();
        let (packages, rules, sets) = tables.names(package, rule);
        Ok(Self { trees, folded, whole, checklist: Checklist::of(analysis), packages, rules, sets })
    }
}

/// Writes the page; `trees` are of the same image as the report. Where the report is without credentials, so is the rest.
/// A `title` is shown beside the image's name.
pub fn image(judged: &Judged<'_>, trees: &ImageTrees, redacted: bool, title: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let report = judged.report;
    let checklist = shown(&trees.checklist, redacted);
    let pull = report.image.pull_bytes.is_some();
    let data = Data {
        change: false,
        many: false,
        first: DIRECTORY.to_owned(),
        unit: unit_name(judged.unit),
        pull,
        columns: if pull { 4 } else { 3 },
        layers: report.layers.iter().map(|layer| layer_name(report, layer.index)).collect(),
        packages: trees.packages.clone(),
        rules: trees.rules.clone(),
        sets: trees.sets.clone(),
        trees: trees.trees.clone(),
        folded: trees.folded.clone(),
        whole: trees.whole.clone(),
    };
    let body = context! {
        name => judged.name(),
        report => serialized(report),
        source => report.source.shown(),
        base => table::base(report),
        without => report.image.without.join(", "),
        pull,
        budgets => judged.verdict.map(|verdict| budgets::of(judged, verdict)),
        target => target(report),
        hull => serialized(hull(report)),
        hull_name => hull_name(judged),
        kinds => kinds(),
        sections => serialized(tabs(report, &checklist)),
        it => lists::of(judged, &checklist, Links::All),
    };
    super::write(title, &judged.name(), include_str!("image.html"), &body, &data, judged.unit, out)
}

/// A checklist as others may see it.
pub(super) fn shown(checklist: &Checklist, redacted: bool) -> Cow<'_, Checklist> {
    let mut shown = Cow::Borrowed(checklist);
    if redacted {
        redact::checklist(shown.to_mut());
    }
    shown
}

pub(super) fn layer_name(report: &Report, layer: usize) -> LayerName {
    let layer = &report.layers[layer];
    let line = layer.line.filter(|_| report.image.dockerfile.is_some()).map(|line| format!(" (line {line})")).unwrap_or_default();
    let number = layer.index + 1;
    LayerName { number, place: format!("{number}{line}"), text: super::data::cut(table::instruction(layer)) }
}

/// What the certain edits make of the image, if that is worth saying.
fn target(report: &Report) -> Option<Value> {
    let count = report.edits.iter().filter(|edit| edit.certain).count() as u64;
    let (totals, left) = (report.totals, report.without_edits);
    let saved = totals.content_bytes.saturating_sub(left.content_bytes);
    if count == 0 || saved == 0 {
        return None;
    }
    let verb = if count == 1 { "makes it" } else { "make it" };
    let pull = report.image.pull_bytes.map(|pull| pull.saturating_sub(totals.blob_bytes.saturating_sub(left.blob_bytes)));
    Some(context! {
        edits => format!("{} {verb}", plural(count, "edit", "edits")),
        disk => left.content_bytes,
        pull,
        share => percent(saved, totals.content_bytes),
    })
}

fn hull_parts(report: &Report) -> [(&'static str, &'static str, Measures); 4] {
    [
        ("base", "base", report.hull.base),
        ("own", "own", report.hull.own),
        ("unneeded", "unneeded", report.hull.unneeded),
        ("hidden", "hidden by later layers", report.shadowed.all),
    ]
}

fn hull(report: &Report) -> Vec<super::Segment> {
    segments(&hull_parts(report).map(|(kind, name, sum)| (kind, name, sum.content_bytes)), 1000)
}

/// The bar for those who do not see it.
fn hull_name(judged: &Judged<'_>) -> String {
    let parts =
        hull_parts(judged.report).map(|(_, name, sum)| format!("{name} {}", crate::render::size::size(sum.content_bytes, judged.unit)));
    format!("Of the size on disk: {}", parts.join(", "))
}

pub(super) fn kinds() -> Vec<Value> {
    let kinds = [("base", "base"), ("own", "own"), ("unneeded", "unneeded"), ("hidden", "hidden by later layers")];
    kinds.into_iter().map(|(id, name)| context! { id, name }).collect()
}

fn tabs(report: &Report, checklist: &Checklist) -> Vec<Tab> {
    vec![
        Tab { id: "map", name: "Map", count: None },
        Tab { id: "edits", name: "Edits", count: Some(report.edits.len()) },
        Tab { id: "findings", name: "Findings", count: Some(report.findings.len()) },
        Tab { id: "checklist", name: "Checklist", count: Some(checklist.failed) },
        Tab { id: "layers", name: "Layers", count: Some(report.layers.len()) },
        Tab { id: "packages", name: "Packages", count: Some(report.packages.len()) },
        Tab { id: "notes", name: "Notes", count: Some(report.notes.len() + report.limits_hit.len()) },
    ]
}
