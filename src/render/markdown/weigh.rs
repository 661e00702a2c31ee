//! What an image weighs and what to change, for a comment or the summary of a job.

use super::{Document, Form, code, code_cell, text};
use crate::render::problems::{Judged, dockerfile, image_name};
use crate::render::size::{percent, size};
use crate::render::text::{fit, numbers};
use crate::report::{EditReport, FindingReport, LayerReport, Report};
use crate::rules::Level;

/// Rows of a table in a comment.
const ROWS: usize = 10;
/// Cells of a name or an instruction.
const NAME: usize = 100;
/// Bytes that all but the tables take at most.
const RESERVE: usize = 8 << 10;

/// The image: its sizes, what to change, what rules found, and its layers.
pub fn weigh(judged: &Judged<'_>, form: Form<'_>) -> String {
    let (report, unit) = (judged.report, judged.unit);
    let bytes = |bytes: u64| size(bytes, unit);
    let (mut document, marker) = form.document(RESERVE, "weigh", image_name(&report.image.names, &report.source.reference));
    let pull = report.image.pull_bytes.map(|pull| format!(", **{}** to pull", bytes(pull))).unwrap_or_default();
    document.paragraph(&format!("{marker}### ⚓ Image size: **{}** on disk{pull}", bytes(report.image.disk_bytes)));
    if !report.complete {
        document.paragraph("**Incomplete**: a blob is not in its source or a limit was reached; these are the numbers of what was read.");
    }
    let total = report.totals.content_bytes;
    let parts = [
        ("base", report.hull.base),
        ("own", report.hull.own),
        ("unneeded", report.hull.unneeded),
        ("hidden by later layers", report.shadowed.all),
    ];
    let row = |(what, part): &(&str, crate::layer::Measures)| {
        vec![(*what).to_owned(), bytes(part.content_bytes), percent(part.content_bytes, total)]
    };
    document.table(&["of disk", ">bytes", ">part"], &parts.iter().map(row).collect::<Vec<_>>(), ROWS);
    edits(&mut document, judged, form);
    findings(&mut document, judged, form);
    let row = |layer: &LayerReport| {
        let made = layer.instruction.as_deref().map_or_else(|| "(history does not tell)".to_owned(), |made| code_cell(made, NAME));
        let base = if layer.base { "base " } else { "" };
        let line = layer.line.filter(|_| !layer.base).map(|line| format!("line {line} ")).unwrap_or_default();
        let hidden = bytes(layer.shadowed.all.content_bytes);
        vec![(layer.index + 1).to_string(), format!("{base}{line}{made}"), bytes(layer.all.content_bytes), hidden, bytes(layer.blob_size())]
    };
    document.paragraph("<details><summary>Layers</summary>");
    let rows: Vec<_> = report.layers.iter().map(row).collect();
    document.table(&[">layer", "instruction", ">disk", ">of it hidden", ">blob"], &rows, form.rows(3 * ROWS));
    document.paragraph("</details>");
    document.paragraph(&footer(judged));
    document.finish()
}

fn edits(document: &mut Document, judged: &Judged<'_>, form: Form<'_>) {
    let report = judged.report;
    let row = |edit: &EditReport| {
        let pull = if report.image.pull_bytes.is_some() { size(edit.saves.blob_bytes, judged.unit) } else { "–".to_owned() };
        let check = if edit.certain { "" } else { " (to be checked first)" };
        let what = format!("{}{check}", text(&fit(&edit.title, 2 * NAME)));
        vec![edit.number.to_string(), place(report, &edit.layers), what, size(edit.saves.content_bytes, judged.unit), pull]
    };
    let rows: Vec<_> = report.edits.iter().map(row).collect();
    if !rows.is_empty() {
        document.paragraph(&format!("All certain edits leave {} on disk:", size(report.without_edits.content_bytes, judged.unit)));
    }
    document.table(&[">", "where", "edit", ">disk", ">pull"], &rows, form.rows(ROWS));
}

/// Where an edit is: lines of the Dockerfile, or layers.
pub(super) fn place(report: &Report, layers: &[usize]) -> String {
    let mut lines: Vec<u32> = layers.iter().filter_map(|layer| report.layers.get(*layer)?.line).collect();
    if lines.len() == layers.len() && !lines.is_empty() {
        lines.dedup();
        let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
        return code_cell(&format!("{}:{}", dockerfile(report), lines.join(",")), NAME);
    }
    let plural = if layers.len() == 1 { "" } else { "s" };
    format!("layer{plural} {}", numbers(layers.to_vec()))
}

/// What rules found in own layers and must not ship.
pub(super) fn findings(document: &mut Document, judged: &Judged<'_>, form: Form<'_>) {
    let shown = |row: &&FindingReport| !row.base && !row.below_floor && row.allowed.is_none() && row.level >= Level::Warn;
    let mut found: Vec<&FindingReport> = judged.report.findings.iter().filter(shown).collect();
    found.sort_by_key(|row| std::cmp::Reverse(row.level));
    let row = |row: &&FindingReport| {
        let level = if row.level == Level::Fail { "**FAIL**" } else { row.level.name() };
        let path = row.paths.first().map(|path| code_cell(&path.path.shown, NAME)).unwrap_or_default();
        let bytes = size(row.all.content_bytes, judged.unit);
        vec![level.to_owned(), code_cell(&row.rule, NAME), text(&fit(&row.title, NAME)), bytes, path]
    };
    document.table(&["", "rule", "what", ">disk", "such as"], &found.iter().map(row).collect::<Vec<_>>(), form.rows(ROWS));
}

pub(super) fn footer(judged: &Judged<'_>) -> String {
    let image = &judged.report.image;
    let digest = image.manifest_digest.as_ref().or(image.id.as_ref());
    let digest = digest.map(|digest| format!(" {}", code(&digest.chars().take("sha256:".len() + 12).collect::<String>(), NAME)));
    let name = code(image_name(&image.names, &judged.report.source.reference), NAME);
    let platform = text(&fit(&image.platform, NAME));
    format!("<sub>plimsoll {} · {platform} · {name}{}</sub>", env!("CARGO_PKG_VERSION"), digest.unwrap_or_default())
}
