//! A comparison as a comment on a change: found again by its marker, one line where little changed.

use super::{Document, Form, code, code_cell, text};
use crate::budget::Outcome;
use crate::compare::{Comparison, FileChange, LayerChange, LayerChangeKind, PackageChange, Piece, Side};
use crate::render::changes;
use crate::render::size::{Unit, plural, signed, size};
use crate::render::text::fit;

/// Rows of the tables that are not folded, and of those that are.
const ROWS: usize = 10;
const FOLDED: usize = 30;
/// Cells of a name or an instruction.
const NAME: usize = 100;
/// Bytes that all but the tables take at most.
const RESERVE: usize = 16 << 10;

/// What differs, for a comment or a summary.
pub fn diff(comparison: &Comparison, form: Form<'_>, unit: Unit) -> String {
    let (mut document, marker) = form.document(RESERVE, "image-size", comparison.new.name());
    if comparison.is_unchanged() {
        let weighs = size(comparison.new.totals.content_bytes, unit);
        document.paragraph(&format!("{marker}⚓ Image size: unchanged, {weighs} on disk{}.", exceeded(comparison, unit)));
        return document.finish();
    }
    let disk = format!("**{}** on disk{}", signed(comparison.delta.content_bytes, unit), relative(comparison));
    let pull = comparison
        .pull_bytes
        .map(|bytes| format!(", **{}** to pull{}", signed(bytes, unit), changes::relative(Some(bytes), comparison.old.pull_bytes)));
    let head = format!("⚓ Image size: {disk}{}", pull.unwrap_or_default());
    if changes::is_small(comparison) && comparison.complete {
        document.paragraph(&format!("{marker}{head}{}. {}", exceeded(comparison, unit), sentence(comparison, unit)));
        return document.finish();
    }
    document.paragraph(&format!("{marker}### {head}"));
    document.paragraph(&sentence(comparison, unit));
    if !comparison.complete {
        document.paragraph("**Incomplete**: a blob is not in its source or a limit was reached; these are the numbers of what was read.");
    }
    sizes(&mut document, comparison, unit);
    layers(&mut document, comparison, form, unit);
    if let Some(left) = changes::without_copies(comparison, unit) {
        document.paragraph(&format!("Without these copies the change would be **{left}**."));
    }
    findings(&mut document, comparison, form, unit);
    folded(&mut document, comparison, form, unit);
    document.paragraph(&footer(comparison, unit));
    document.finish()
}

/// Budgets that fail, where one line is all that is said.
fn exceeded(comparison: &Comparison, unit: Unit) -> String {
    let fails = comparison.verdict.as_ref().is_some_and(|verdict| verdict.verdict == Outcome::Fail);
    let budgets = changes::budgets(comparison, unit).filter(|_| fails);
    budgets.map(|budgets| format!(", {}", text(&budgets))).unwrap_or_default()
}

fn relative(comparison: &Comparison) -> String {
    changes::relative(Some(comparison.delta.content_bytes), Some(comparison.old.totals.content_bytes))
}

fn sentence(comparison: &Comparison, unit: Unit) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Text(words) => words.clone(),
        Piece::Quote(words) => text(&fit(words, NAME)),
        Piece::Code(name) => code(name, NAME),
        Piece::Bytes(bytes) => size(*bytes, unit),
        Piece::Change(bytes) => signed(*bytes, unit),
    };
    comparison.sentence.pieces().iter().map(one).collect()
}

fn sizes(document: &mut Document, comparison: &Comparison, unit: Unit) {
    let bytes = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), |bytes| size(bytes, unit));
    let change = |bytes: Option<i64>| bytes.map_or_else(|| "–".to_owned(), |bytes| signed(bytes, unit));
    let rows = changes::sizes(comparison).into_iter().map(|changes::Size { what, old, new, change: delta }| {
        let delta = if what == "disk" || what == "pull" { format!("**{}**", change(delta)) } else { change(delta) };
        vec![what.to_owned(), bytes(old), bytes(new), delta]
    });
    document.table(&["", ">before", ">after", ">change"], &rows.collect::<Vec<_>>(), ROWS);
}

fn layers(document: &mut Document, comparison: &Comparison, form: Form<'_>, unit: Unit) {
    let mut changed: Vec<&LayerChange> = comparison.layers.iter().filter(|layer| layer.change != LayerChangeKind::Unchanged).collect();
    changed.sort_by_key(|layer| std::cmp::Reverse(layer.delta.content_bytes.unsigned_abs()));
    let row = |layer: &&LayerChange| {
        let line = layer.line.map(|line| format!("line {line} ")).unwrap_or_default();
        let made = layer.instruction.as_deref().map_or_else(|| "(history does not tell)".to_owned(), |made| code_cell(made, NAME));
        vec![
            layer.change.name().to_owned(),
            format!("{line}{made}"),
            signed(layer.delta.content_bytes, unit),
            pull(comparison, layer.delta.blob_bytes.saturating_add(layer.overhead.blob_bytes), unit),
            changes::why(comparison, layer, unit),
        ]
    };
    document.table(&["layer", "instruction", ">disk", ">pull", "why"], &changed.iter().map(row).collect::<Vec<_>>(), form.rows(ROWS));
}

/// A change of compressed bytes; unknown where a source has none.
fn pull(comparison: &Comparison, bytes: i64, unit: Unit) -> String {
    if comparison.pull_bytes.is_some() { signed(bytes, unit) } else { "–".to_owned() }
}

fn findings(document: &mut Document, comparison: &Comparison, form: Form<'_>, unit: Unit) {
    let changed = comparison.findings.iter().filter(|row| row.delta.content_bytes != 0 || row.delta.entries != 0);
    let rows = changed.map(|row| {
        vec![code_cell(&row.rule, NAME), row.level.name().to_owned(), text(&fit(&row.title, NAME)), signed(row.delta.content_bytes, unit)]
    });
    document.table(&["rule", "level", "what", ">disk"], &rows.collect::<Vec<_>>(), form.rows(ROWS));
}

/// Packages, directories and files: below a line that opens them.
fn folded(document: &mut Document, comparison: &Comparison, form: Form<'_>, unit: Unit) {
    let unchanged = plural(comparison.layers_that(LayerChangeKind::Unchanged) as u64, "layer", "layers");
    let (packages, files) = (changes::package_counts(comparison), changes::file_counts(comparison));
    document.paragraph(&format!("<details><summary>{packages}; {files}; {unchanged} unchanged</summary>"));
    let row = |row: &PackageChange| {
        vec![row.change.name().to_owned(), code_cell(&changes::package(row), NAME), signed(row.delta.content_bytes, unit)]
    };
    document.table(&["", "package", ">disk"], &changes::packages(comparison).into_iter().map(row).collect::<Vec<_>>(), form.rows(FOLDED));
    let rows = comparison.directories.iter().map(|row| vec![code_cell(&row.path.shown, NAME), signed(row.delta.content_bytes, unit)]);
    document.table(&["directory, with all below", ">disk"], &rows.collect::<Vec<_>>(), form.rows(ROWS));
    let row =
        |row: &FileChange| vec![row.change.name().to_owned(), code_cell(&row.path.shown, NAME), signed(row.delta.content_bytes, unit)];
    document.table(&["", "file", ">disk"], &comparison.files.list.iter().map(row).collect::<Vec<_>>(), form.rows(FOLDED));
    document.paragraph("</details>");
}

fn footer(comparison: &Comparison, unit: Unit) -> String {
    let side = |side: &Side| {
        let digest = side.manifest_digest.as_ref().or(side.id.as_ref());
        let digest = digest.map(|digest| digest.chars().take("sha256:".len() + 12).collect::<String>());
        let name = code(side.name(), NAME);
        digest.map_or_else(|| name.clone(), |digest| format!("{name} {}", code(&digest, NAME)))
    };
    let (old, new) = (side(&comparison.old), side(&comparison.new));
    let platform = text(&fit(&comparison.new.platform, NAME));
    let budgets = changes::budgets(comparison, unit).map(|budgets| format!("{} · ", text(&budgets))).unwrap_or_default();
    format!("<sub>plimsoll {} · {platform} · {budgets}{old} → {new}</sub>", env!("CARGO_PKG_VERSION"))
}
