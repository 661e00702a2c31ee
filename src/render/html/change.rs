//! The page of a change from one image to another.

use super::data::{Data, LayerName, Tables, Whole, cut};
use super::image::{DIRECTORY, shortened};
use super::{Tab, link, serialized, unit_name};
use crate::analysis::Analysis;
use crate::budget::Outcome;
use crate::compare::{By, Comparison, Delta, FileChangeKind, LayerChange, PackageChange, Piece, Side};
use crate::render::changes;
use crate::render::size::{Unit, signed, size};
use crate::text::escaped;
use minijinja::{Value, context};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The tree that is looked at first, and about how many nodes of it there are at first.
const DIRECTORIES: usize = 5000;
/// The other trees, and about how many nodes of each there may be.
const TREES: [(&str, By, usize); 3] = [("package", By::Package, 4000), ("layer", By::Layer, 3500), ("rule", By::Rule, 2000)];
/// Rows that a page has room for; what is left is added up.
const ROWS: usize = 1000;
/// Signs of an instruction.
const SHORT: usize = 140;

/// A change as the page's map has it: by directory, package, layer and rule.
#[derive(Debug, Clone)]
pub struct ChangeTrees {
    trees: BTreeMap<String, Vec<Json>>,
    folded: BTreeMap<String, u64>,
    whole: Option<Whole>,
    sets: Vec<Vec<usize>>,
}

impl ChangeTrees {
    /// Adds up what was compared, and folds what is too small to be seen; by directory the whole is there as well.
    pub fn new(comparison: &Comparison, old: &Analysis<'_>, new: &Analysis<'_>) -> io::Result<Self> {
        let pull = comparison.pull_bytes.is_some();
        let mut tables = Tables::default();
        let by_directory = |most| comparison.tree(old, new, By::Directory, most);
        let (flat, left, whole) = tables.both(by_directory, DIRECTORIES, pull)?;
        let (mut trees, mut folded) = (BTreeMap::from([(DIRECTORY.to_owned(), flat)]), BTreeMap::from([(DIRECTORY.to_owned(), left)]));
        for (name, by, most) in TREES {
            let tree = comparison.tree(old, new, by, most);
            trees.insert(name.to_owned(), tables.flat(&tree, pull));
            folded.insert(name.to_owned(), tree.folded);
        }
        let (_, _, sets) = tables.names(|_| String::new(), |_| String::new());
        Ok(Self { trees, folded, whole, sets })
    }
}

/// Writes the page; `trees` are of the same comparison.
pub fn change(comparison: &Comparison, trees: &ChangeTrees, unit: Unit, title: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let data = Data {
        change: true,
        many: false,
        first: DIRECTORY.to_owned(),
        unit: unit_name(unit),
        pull: comparison.pull_bytes.is_some(),
        columns: if comparison.pull_bytes.is_some() { 4 } else { 3 },
        layers: comparison.layers.iter().enumerate().map(layer_name).collect(),
        packages: Vec::new(),
        rules: Vec::new(),
        sets: trees.sets.clone(),
        trees: trees.trees.clone(),
        folded: trees.folded.clone(),
        whole: trees.whole.clone(),
    };
    let (old, new) = (&comparison.old, &comparison.new);
    let body = context! {
        old => side(old, "old"),
        new => side(new, "new"),
        complete => comparison.complete,
        budgets => changes::budgets(comparison, unit),
        fails => comparison.verdict.as_ref().is_some_and(|verdict| verdict.verdict == Outcome::Fail),
        sentence => comparison.sentence.pieces().iter().map(|one| piece(one, unit)).collect::<Vec<_>>(),
        delta => serialized(comparison.delta),
        shadowed => serialized(comparison.shadowed),
        pull_delta => comparison.pull_bytes,
        pull => comparison.pull_bytes.is_some(),
        kinds => ["added", "grown", "shrunk", "removed"].map(|id| context! { id, name => id }).to_vec(),
        sections => serialized(tabs(comparison)),
        ..lists(comparison, unit)
    };
    let about = format!("{} → {}", escaped(old.name().as_bytes()), escaped(new.name().as_bytes()));
    super::write(title, &about, include_str!("change.html"), &body, &data, unit, out)
}

fn lists(comparison: &Comparison, unit: Unit) -> Value {
    let packages = changes::packages(comparison);
    let listed: Delta = packages.iter().take(ROWS).map(|package| package.delta).sum();
    let all: Delta = comparison.packages.iter().map(|package| package.delta).sum();
    let left = comparison.packages.len() - packages.len().min(ROWS);
    let files: Delta = comparison.files.list.iter().take(ROWS).map(|file| file.delta).sum();
    let shown_files = comparison.files.list.len().min(ROWS) as u64;
    let all_files: u64 = comparison.files.kinds.iter().map(|kind| kind.paths).sum();
    context! {
        layers => comparison.layers.iter().enumerate().map(|(row, layer)| layer_row(comparison, row, layer, unit)).collect::<Vec<_>>(),
        packages => packages.iter().take(ROWS).map(|package| package_row(package)).collect::<Vec<_>>(),
        packages_rest => (left > 0).then(|| context! { count => left, delta => serialized(all - listed) }),
        unattributed => serialized(comparison.unattributed),
        kinds_of_files => comparison.files.kinds.iter().filter(|kind| kind.paths > 0).map(|kind| context! {
            name => file_kind(kind.change), paths => kind.paths, delta => serialized(kind.delta),
        }).collect::<Vec<_>>(),
        files => comparison.files.list.iter().take(ROWS).map(|file| context! {
            change => file.change.name(), path => file.path.shown.clone(), link => link::to_path(&file.path.shown), delta => serialized(file.delta),
        }).collect::<Vec<_>>(),
        files_left => all_files - shown_files,
        files_rest => serialized(comparison.delta - files),
        findings => comparison.findings.iter().map(|row| context! {
            level => row.level.name(), title => row.title.clone(), rule => row.rule.clone(), link => link::to("rule", [cut(&row.rule).as_str()]),
            old => row.old.content_bytes, new => row.new.content_bytes, delta => serialized(row.delta),
        }).collect::<Vec<_>>(),
        unclaimed => serialized(comparison.unclaimed),
    }
}

fn layer_row(comparison: &Comparison, row: usize, layer: &LayerChange, unit: Unit) -> Value {
    context! {
        change => layer.change.name(),
        old => layer.old.map(|number| number + 1),
        new => layer.new.map(|number| number + 1),
        text => instruction(layer, SHORT),
        note => changes::why(comparison, layer, unit),
        link => link::to("layer", [(row + 1).to_string().as_str()]),
        delta => serialized(layer.delta),
    }
}

fn instruction(layer: &LayerChange, most: usize) -> String {
    let line = layer.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    format!("{line}{}", shortened(layer.instruction.as_deref().unwrap_or("(history does not tell)"), most))
}

fn layer_name((row, layer): (usize, &LayerChange)) -> LayerName {
    let place = match (layer.old.map(|number| number + 1), layer.new.map(|number| number + 1)) {
        (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
        (_, Some(new)) if layer.old.is_some() => new.to_string(),
        (_, Some(new)) => format!("+{new}"),
        (Some(old), None) => format!("−{old}"),
        (None, None) => String::new(),
    };
    LayerName { number: row + 1, place, text: cut(&instruction(layer, SHORT)) }
}

fn package_row(package: &PackageChange) -> Value {
    let architecture = if package.architecture.is_empty() { String::new() } else { format!(":{}", package.architecture) };
    let key = cut(&format!("{}{architecture}", package.name));
    context! {
        change => package.change.name(),
        name => package.name.clone(),
        ecosystem => package.ecosystem.name(),
        link => link::to("package", [package.ecosystem.name(), key.as_str()]),
        old => package.old_version.as_deref().unwrap_or("–"),
        new => package.new_version.as_deref().unwrap_or("–"),
        delta => serialized(package.delta),
    }
}

fn file_kind(kind: FileChangeKind) -> &'static str {
    match kind {
        FileChangeKind::Added => "added",
        FileChangeKind::Removed => "removed",
        FileChangeKind::Content => "with other content",
        FileChangeKind::Metadata => "with another owner or mode only",
        FileChangeKind::Type => "of another type",
        FileChangeKind::Hidden => "stored more or less often",
        FileChangeKind::Unchanged => "unchanged",
    }
}

fn piece(piece: &Piece, unit: Unit) -> Value {
    match piece {
        Piece::Text(text) | Piece::Quote(text) => context! { text, code => false },
        Piece::Code(text) => context! { text => shortened(text, SHORT), code => true },
        Piece::Bytes(bytes) => context! { text => size(*bytes, unit), code => false },
        Piece::Change(bytes) => context! { text => signed(*bytes, unit), code => false },
    }
}

fn side(side: &Side, word: &str) -> Value {
    context! {
        word,
        name => side.name(),
        platform => side.platform.clone(),
        layers => side.layers,
        source => side.source.shown(),
        manifest => side.manifest_digest.clone(),
        id => side.id.clone(),
        disk => side.totals.content_bytes,
        pull => side.pull_bytes,
    }
}

fn tabs(comparison: &Comparison) -> Vec<Tab> {
    vec![
        Tab { id: "map", name: "Map", count: None },
        Tab { id: "layers", name: "Layers", count: Some(comparison.layers.len()) },
        Tab { id: "packages", name: "Packages", count: Some(changes::packages(comparison).len()) },
        Tab { id: "files", name: "Files", count: Some(usize::try_from(comparison.files.changed()).unwrap_or(usize::MAX)) },
        Tab { id: "findings", name: "Findings", count: Some(comparison.findings.len()) },
    ]
}
