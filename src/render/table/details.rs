//! Everything the report knows, for who wants to read: whole instructions, all causes, all notes.

use super::Page;
use super::culprits::culprits;
use super::lists::note;
use crate::layer::Measures;
use crate::render::size::{count, percent, plural};
use crate::render::style::{Paint, Style};
use crate::report::Report;
use crate::text::escaped;
use std::fmt::Write as _;

/// All sections, however long.
pub fn details(report: &Report, style: &Style) -> String {
    let mut text = String::new();
    let title = |text: &mut String, title: &str| {
        let _ = writeln!(text, "\n {}", style.paint(Paint::Title, title));
    };
    let width = style.size_width();
    let row = |name: &str, sum: &Measures| {
        format!(
            "   {name:<44} {:>18} {} {} {}",
            plural(sum.entries, "entry", "entries"),
            style.size(sum.content_bytes, width),
            style.size(sum.diff_bytes, width),
            style.size(sum.blob_bytes, width)
        )
    };
    title(&mut text, "THE BOOKS");
    let _ = writeln!(text, "   {:<44} {:>18} {:>width$} {:>width$} {:>width$}", "", "", "disk", "tar", "pull");
    let _ = writeln!(text, "{}", row("live", &report.live));
    for (cause, sum) in report.shadowed.causes.iter().filter(|(_, sum)| sum.entries > 0) {
        let _ = writeln!(text, "{}", row(&format!("hidden: {}", cause.name()), sum));
    }
    let _ = writeln!(text, "{}", row("total", &report.totals));
    let _ = writeln!(text, "{}", row("overhead (belongs to no entry)", &report.overhead));
    let _ = writeln!(text, "{}", row("sum of the layers", &(report.totals + report.overhead)));
    let _ = writeln!(text, "   live content is {} of all content", percent(report.live.content_bytes, report.totals.content_bytes));

    if !report.edits.is_empty() {
        let mut page = Page { text: String::new(), style, report };
        super::edits::all(&mut page);
        text.push_str(&page.text);
    }

    let culprits = culprits(report);
    if !culprits.is_empty() {
        title(&mut text, "HIDDEN BYTES, by the layer to blame");
        for culprit in &culprits {
            let number = style.paint(Paint::Number, &format!("{:>3}", culprit.layer + 1));
            let sizes = format!("{} disk, {} pull", style.size(culprit.sum.content_bytes, 0), style.size(culprit.sum.blob_bytes, 0));
            let made = escaped(super::instruction(&report.layers[culprit.layer]).as_bytes());
            let _ = writeln!(text, "{number}  {made}: {sizes}");
            let _ = writeln!(text, "     {}", style.paint(Paint::Dim, &escaped(culprit.why(report).as_bytes())));
        }
    }

    if !report.findings.is_empty() {
        title(&mut text, "FINDINGS, by rule (plimsoll explain RULE IMAGE)");
        for finding in &report.findings {
            let whose = if finding.base { "base" } else { "own" };
            let _ = writeln!(
                text,
                "   {:<5} {:<28} {} disk {} pull, hidden {}; {whose}",
                finding.level.name(),
                finding.rule,
                style.size(finding.all.content_bytes, width),
                style.size(finding.all.blob_bytes, width),
                style.size(finding.shadowed.content_bytes, 0),
            );
        }
    }

    title(&mut text, "LAYERS");
    for layer in &report.layers {
        let whose = if layer.base { "base" } else { "own" };
        let stored = match (layer.compression, layer.toc) {
            (None, _) => "not in the source".to_owned(),
            (Some(compression), None) => compression.name().to_owned(),
            (Some(compression), Some(toc)) => format!("{}, {}", compression.name(), toc.name()),
        };
        let files = if layer.files.is_tar() { "" } else { "; files: toc" };
        let number = style.paint(Paint::Number, &format!("{:>3}", layer.index + 1));
        let _ = writeln!(text, "{number}  {}", escaped(layer.instruction.as_deref().unwrap_or("(history does not tell)").as_bytes()));
        let sizes = format!(
            "{} disk, {} tar, {} blob ({stored}{files}), {}; hidden {}; {whose}",
            style.size(layer.all.content_bytes, 0),
            style.size(layer.all.diff_bytes + layer.overhead.diff_bytes, 0),
            style.size(layer.blob_size(), 0),
            plural(layer.all.entries, "entry", "entries"),
            style.size(layer.shadowed.all.content_bytes, 0)
        );
        let _ = writeln!(text, "     {}", style.paint(Paint::Dim, &sizes));
        let names = [("digest", &layer.digest), ("diff_id", &layer.diff_id)].map(|(what, id)| id.as_ref().map(|id| format!("{what} {id}")));
        let names: Vec<_> = names.into_iter().flatten().collect();
        let _ = writeln!(text, "     {}", style.paint(Paint::Dim, &escaped(names.join("  ").as_bytes())));
    }

    if !report.hidden.is_empty() {
        title(&mut text, "HIDDEN, by the layer that pays, the layer that hides, and the cause");
        let (rows, empty): (Vec<_>, Vec<_>) = report.hidden.iter().partition(|row| row.all.content_bytes > 0);
        for row in rows {
            let _ = writeln!(
                text,
                "   {:>3} hidden by {:>3}  {:<18} {:>18} {} disk {} pull",
                row.layer + 1,
                row.by + 1,
                row.cause.name(),
                plural(row.all.entries, "entry", "entries"),
                style.size(row.all.content_bytes, width),
                style.size(row.all.blob_bytes, width)
            );
        }
        let rest: Measures = empty.iter().map(|row| row.all).sum();
        if rest.entries > 0 {
            let blob = style.size(rest.blob_bytes, 0);
            let _ = writeln!(text, "   and {} directories, links and empty files: 0 B disk, {blob} pull", count(rest.entries));
        }
    }

    if report.duplicates.spare.entries > 0 {
        title(&mut text, "EQUAL CONTENT, live more than once (no part of the books above)");
        let _ = writeln!(
            text,
            "   {} in {}",
            style.size(report.duplicates.spare.content_bytes, 0),
            plural(report.duplicates.spare.entries, "spare copy", "spare copies")
        );
        for group in &report.duplicates.groups {
            let paths: Vec<_> = group.paths.iter().map(|path| path.shown.clone()).collect();
            let _ = writeln!(text, "   {} each  {}", style.size(group.content_bytes, width), paths.join("  "));
        }
    }

    if !report.notes.is_empty() {
        title(&mut text, "NOTES");
        for one in &report.notes {
            let _ = writeln!(text, "   {}: {}", one.code, note(one));
        }
    }
    text
}
