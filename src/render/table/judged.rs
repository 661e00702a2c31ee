//! Findings, edits and rules as lists.

use super::Page;
use crate::render::size::plural;
use crate::render::style::{Paint, Style};
use crate::render::text::{fit, left};
use crate::report::Report;
use crate::rules::Rule;
use std::fmt::Write as _;

/// All edits in full.
pub fn plan(report: &Report, style: &Style) -> String {
    let mut page = Page { text: String::new(), style, report };
    page.head();
    page.hull();
    if report.edits.is_empty() {
        page.text.push('\n');
        page.line(" Nothing to change.");
    }
    super::edits::all(&mut page);
    if report.edits.iter().any(|edit| edit.certain) {
        let some = if report.edits.len() > 1 { "IMAGE --without 1,2" } else { "IMAGE --without 1" };
        page.suggest(&["IMAGE --without certain", some]);
    }
    page.text
}

/// Findings, most content first; without `all` only those of own layers that are worth a look.
pub fn findings(report: &Report, all: bool, style: &Style) -> String {
    let width = style.size_width();
    let mut text = String::new();
    let page = Page { text: String::new(), style, report };
    let places = format!("{}s", page.where_word());
    let heading = format!("{:<5} {:<28} {:>width$} {:>width$} {:>width$}  {places}", "level", "rule", "disk", "pull", "hidden");
    let _ = writeln!(text, "{}", style.paint(Paint::Dim, &fit(&heading, style.width)));
    let shown: Vec<_> = report.findings.iter().filter(|finding| all || (!finding.base && !finding.below_floor)).collect();
    for finding in &shown {
        let place = if finding.base { "base".to_owned() } else { page.numbers(&finding.layers) };
        let hidden = match finding.shadowed.content_bytes {
            0 => format!("{:>width$}", "–"),
            bytes => style.size(bytes, width),
        };
        let line = format!(
            "{:<5} {} {} {} {hidden}  {place}",
            finding.level.name(),
            left(&finding.rule, 28),
            style.size(finding.all.content_bytes, width),
            style.pull(finding.all.blob_bytes, report.image.pull_bytes.is_some(), width)
        );
        let _ = writeln!(text, "{}", fit(&line, style.width));
        let title = match &finding.allowed {
            Some(reason) => format!("{} (allowed: {reason})", finding.title),
            None => finding.title.clone(),
        };
        let _ = writeln!(text, "      {}", style.paint(Paint::Dim, &fit(&title, style.width.saturating_sub(6))));
    }
    let rest = report.findings.len() - shown.len();
    if rest > 0 {
        let _ = writeln!(
            text,
            "{}",
            style.paint(
                Paint::Dim,
                &format!("{} more, small or the base image\'s (--all lists them)", plural(rest as u64, "finding", "findings"))
            )
        );
    }
    if let Some(dockerfile) = &report.image.dockerfile {
        let _ = writeln!(text, "{}", super::lines_of(dockerfile, report.image.lines_by, style));
    }
    if report.findings.is_empty() {
        let _ = writeln!(text, "No rule found anything.");
    }
    text
}

/// The catalogue.
pub fn rules(rules: &[Rule], style: &Style) -> String {
    let mut text = String::new();
    let widest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules {
        let line = format!("{:<widest$}  {:<5} {}", rule.id, rule.level.name(), rule.title);
        let _ = writeln!(text, "{}", fit(&line, style.width));
    }
    let count = plural(rules.len() as u64, "rule", "rules");
    let last = format!("{count}, in the order in which they claim entries; `plimsoll explain RULE [IMAGE]` says more");
    for line in crate::render::text::lines_of(&last, style.width) {
        let _ = writeln!(text, "{}", style.paint(Paint::Dim, &line));
    }
    text
}
