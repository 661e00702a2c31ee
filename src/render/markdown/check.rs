//! What came of the budgets, for a comment on a change or the summary of a job.

use super::weigh::{findings, footer, place};
use super::{Form, code_cell, text};
use crate::budget::{BudgetReport, Kind, Outcome, Verdict, Way};
use crate::render::problems::{Judged, amount};
use crate::render::size::{Unit, plural, size};
use crate::render::text::fit;

/// Rows of a table in a comment.
const ROWS: usize = 20;
/// Cells of a name.
const NAME: usize = 100;
/// Bytes that all but the tables take at most.
const RESERVE: usize = 8 << 10;

/// Each budget, and what to change where one is exceeded. One line where none is.
pub fn check(judged: &Judged<'_>, verdict: &Verdict, form: Form<'_>) -> String {
    let unit = judged.unit;
    let name = crate::render::problems::image_name(&judged.report.image.names, &judged.report.source.reference);
    let (mut document, marker) = form.document(RESERVE, "check", name);
    let count = |outcome: Outcome| verdict.budgets.iter().filter(|report| report.verdict == outcome).count() as u64;
    let total = plural(verdict.budgets.len() as u64, "budget", "budgets");
    let pull = verdict.pull_bytes.map(|pull| format!(", {} to pull", size(pull, unit))).unwrap_or_default();
    let weighs = format!("{} on disk{pull}", size(verdict.disk_bytes, unit));
    if verdict.verdict == Outcome::Pass && verdict.complete && matches!(form, Form::Comment { .. }) {
        document.paragraph(&format!("{marker}⚓ Image budgets: {total}, all pass; {weighs}."));
        return document.finish();
    }
    let head = match verdict.verdict {
        Outcome::Fail => format!("**{}** of {total} exceeded", count(Outcome::Fail)),
        Outcome::Warn => format!("{} of {total} above where they warn", count(Outcome::Warn)),
        Outcome::Pass => format!("{total}, all pass"),
    };
    document.paragraph(&format!("{marker}### ⚓ Image budgets: {head}"));
    document.paragraph(&format!("The image has {weighs}."));
    if !verdict.complete {
        document.paragraph("**Incomplete**: a blob is not in its source or a limit was reached; these are the numbers of what was read.");
    }
    let mut budgets: Vec<&BudgetReport> = verdict.budgets.iter().collect();
    budgets.sort_by_key(|report| std::cmp::Reverse(report.verdict));
    let rows: Vec<_> = budgets.iter().map(|report| row(report, unit)).collect();
    document.table(&["", "budget", ">actual", ">limit", ">over", "what counts"], &rows, form.rows(ROWS));
    if let Some(way) = &verdict.way {
        shortest(&mut document, judged, verdict, way, form);
    }
    findings(&mut document, judged, form);
    document.paragraph(&footer(judged));
    document.finish()
}

fn row(report: &BudgetReport, unit: Unit) -> Vec<String> {
    let show = |value| amount(value, report.kind, unit);
    let word = match report.verdict {
        Outcome::Fail => "**FAIL**",
        Outcome::Warn => "warn",
        Outcome::Pass => "pass",
    };
    let least = if report.kind == Kind::Part { "≥ " } else { "" };
    let percent = report.configured.contains('%') && report.kind == Kind::Bytes;
    let limit = if percent { text(&report.configured) } else { show(report.limit) };
    let over = if report.verdict == Outcome::Pass { String::new() } else { show(report.over) };
    let why: Vec<String> = report.why.iter().take(5).map(|name| code_cell(name, NAME)).collect();
    vec![word.to_owned(), text(&fit(&report.title, NAME)), show(report.actual), format!("{least}{limit}"), over, why.join(" ")]
}

fn shortest(document: &mut super::Document, judged: &Judged<'_>, verdict: &Verdict, way: &Way, form: Form<'_>) {
    let unit = judged.unit;
    let line = if verdict.verdict == Outcome::Fail { "limit" } else { "warning line" };
    let pull = way.after.pull_bytes.map(|pull| format!(", {} to pull", size(pull, unit))).unwrap_or_default();
    let after = format!("{} on disk{pull}", size(way.after.disk_bytes, unit));
    document.paragraph(&match (way.enough, way.fewest) {
        (true, true) => format!("**Shortest way under every {line}**, to {after}:"),
        (true, false) => format!("**A way under every {line}**, perhaps not the shortest, to {after}:"),
        (false, _) => format!("**No certain edits bring it under every {line}**; all of them leave {after}:"),
    });
    let row = |edit: &crate::budget::WayEdit| {
        let pull = if way.after.pull_bytes.is_some() { size(edit.blob_bytes, unit) } else { "–".to_owned() };
        let what = text(&fit(&edit.title, 2 * NAME));
        vec![edit.number.to_string(), place(judged.report, &edit.layers), what, size(edit.content_bytes, unit), pull]
    };
    document.table(&[">", "where", "edit", ">disk", ">pull"], &way.edits.iter().map(row).collect::<Vec<_>>(), form.rows(ROWS));
}
