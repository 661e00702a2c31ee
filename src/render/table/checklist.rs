//! The checklist.

use crate::checklist::{Check, Checklist, Outcome};
use crate::render::style::{Paint, Style};
use crate::render::text::{cells, fit, left, lines_of};
use std::fmt::Write as _;

/// Checks with their evidence; advice where it helps.
pub fn checklist(checklist: &Checklist, style: &Style) -> String {
    let mut text = String::new();
    let name = checklist.names.first().map_or("(untagged)", String::as_str);
    let name = fit(name, style.width / 2);
    let counts = format!("{} passed, {} failed", checklist.passed, checklist.failed);
    let gap = style.width.saturating_sub(cells(&name) + cells(&counts) + 2 + cells(&checklist.platform)).max(2);
    let _ =
        writeln!(text, "{}  {}{}{counts}", style.paint(Paint::Strong, &name), fit(&checklist.platform, style.width / 4), " ".repeat(gap));
    if !checklist.complete {
        let _ = writeln!(text, "{}", style.paint(Paint::Alarm, "INCOMPLETE: the checks are of what was read"));
    }
    if let Some(name) = &checklist.dockerfile {
        let _ = writeln!(text, "{}", super::lines_of(name, checklist.lines_by, style));
    }
    text.push('\n');
    let widest = checklist.checks.iter().map(|check| check.id.len()).max().unwrap_or(0);
    for check in &checklist.checks {
        one(&mut text, check, widest, style);
    }
    let _ = writeln!(
        text,
        "\n{}",
        style.paint(Paint::Dim, &fit("Sizes are evidence here and in no sum; `plimsoll plan` has what to change.", style.width))
    );
    text
}

fn one(text: &mut String, check: &Check, widest: usize, style: &Style) {
    let (word, paint) = match (check.outcome, &check.allowed) {
        (Outcome::Fail, Some(_)) => ("allow", Paint::Unneeded),
        (Outcome::Fail, None) => ("FAIL", Paint::Alarm),
        (Outcome::Pass, _) => ("pass", Paint::Good),
        (Outcome::NotApplicable, _) => ("n/a", Paint::Dim),
    };
    let indent = 1 + 5 + 2 + widest + 2;
    // Beside the id where there is room for a sentence, else below it.
    let beside = style.width >= indent + 48;
    let indent = if beside { indent } else { 8 };
    let room = style.width.saturating_sub(indent);
    let head = format!(" {}{}  {}", style.paint(paint, word), " ".repeat(5 - word.len()), left(&check.id, widest));
    let mut rows: Vec<(String, bool)> =
        lines_of(&check.evidence, room).into_iter().map(|line| (line, check.outcome == Outcome::NotApplicable)).collect();
    if let Some(reason) = &check.allowed {
        rows.extend(lines_of(&format!("allowed: {reason}"), room).into_iter().map(|line| (line, true)));
    } else if !check.advice.is_empty() {
        rows.extend(lines_of(&format!("→ {}", check.advice), room).into_iter().map(|line| (line, true)));
    }
    let shown = |(line, dim): (String, bool)| if dim { style.paint(Paint::Dim, &line) } else { line };
    let mut rows = rows.into_iter().map(shown);
    let first = if beside { rows.next().map(|row| format!("  {row}")).unwrap_or_default() } else { format!("  {}", check.title) };
    let _ = writeln!(text, "{}", format!("{head}{first}").trim_end());
    for row in rows {
        let _ = writeln!(text, "{}{row}", " ".repeat(indent));
    }
}
