//! What came of the budgets, at the top of the page.

use super::lists::place;
use crate::budget::{Amount, BudgetReport, Kind, Outcome, Verdict, Way, WayEdit};
use crate::render::html::{segments, serialized};
use crate::render::problems::{Judged, amount};
use crate::render::size::plural;
use minijinja::{Value, context};
use std::cmp::Reverse;

/// Each budget, the worst first, and what to change.
pub(super) fn of(judged: &Judged<'_>, verdict: &Verdict) -> Value {
    let count = |outcome: Outcome| verdict.budgets.iter().filter(|report| report.verdict == outcome).count() as u64;
    let total = plural(verdict.budgets.len() as u64, "budget", "budgets");
    let head = match verdict.verdict {
        Outcome::Fail if count(Outcome::Warn) > 0 => {
            format!("{} of {total} failed, {} more with a warning", count(Outcome::Fail), count(Outcome::Warn))
        }
        Outcome::Fail => format!("{} of {total} failed", count(Outcome::Fail)),
        Outcome::Warn => format!("{} of {total} above where they warn", count(Outcome::Warn)),
        Outcome::Pass => format!("{total}, all passed"),
    };
    let mut budgets: Vec<&BudgetReport> = verdict.budgets.iter().collect();
    budgets.sort_by_key(|report| Reverse(report.verdict));
    context! {
        verdict => verdict.verdict.name(),
        head,
        sections => verdict.sections.iter().map(|name| if name == "command line" { "the command line".to_owned() } else { format!("[{name}]") }).collect::<Vec<_>>().join(", "),
        baseline => verdict.baseline.clone(),
        has_why => budgets.iter().any(|report| !report.why.is_empty()),
        has_over => verdict.verdict != Outcome::Pass,
        rows => budgets.into_iter().map(|report| row(judged, report)).collect::<Vec<_>>(),
        way => verdict.way.as_ref().map(|way| shortest(judged, verdict, way)),
        expired => verdict.expired.clone(),
    }
}

fn row(judged: &Judged<'_>, report: &BudgetReport) -> Value {
    let show = |value| amount(value, report.kind, judged.unit);
    let least = if report.kind == Kind::Part { "≥ " } else { "≤ " };
    let percent = report.configured.contains('%') && report.kind == Kind::Bytes;
    let limit = if percent { report.configured.clone() } else { show(report.limit) };
    context! {
        name => report.name.clone(),
        title => report.title.clone(),
        verdict => report.verdict.name(),
        actual => show(report.actual), actual_exact => exact(report.actual),
        limit => format!("{least}{limit}"), comes_to => percent.then(|| show(report.limit)), limit_exact => exact(report.limit),
        over => (report.verdict != Outcome::Pass).then(|| show(report.over)), over_exact => exact(report.over),
        warn => report.warn.map(show),
        why => report.why.clone(),
        bar => serialized(bar(report)),
        bar_name => format!("{} of {}", show(report.actual), show(report.limit)),
    }
}

/// A number as JSON has it.
fn exact(amount: Amount) -> String {
    match amount {
        Amount::Whole(whole) => whole.to_string(),
        Amount::Part(part) => part.to_string(),
    }
}

/// How much of a limit is used, and how far it is exceeded.
fn bar(report: &BudgetReport) -> Vec<super::super::Segment> {
    let (Amount::Whole(found), Amount::Whole(limit)) = (report.actual, report.limit) else { return Vec::new() };
    let over = found.saturating_sub(limit);
    let (used, room) = (found.min(limit), limit.saturating_sub(found));
    segments(&[("used", "used", used), ("over", "over", over), ("room", "room", room)], 1000)
}

fn shortest(judged: &Judged<'_>, verdict: &Verdict, way: &Way) -> Value {
    let line = if verdict.verdict == Outcome::Fail { "limit" } else { "warning line" };
    let title = match (way.enough, way.fewest) {
        (true, true) => format!("Shortest way under every {line}"),
        (true, false) => format!("A way under every {line}, perhaps not the shortest"),
        (false, _) => format!("No certain edits bring it under every {line}; all of them"),
    };
    let still = |report: &&BudgetReport| report.verdict == Outcome::Fail;
    let over = |report: &BudgetReport| format!("{} by {}", report.title, amount(report.over, report.kind, judged.unit));
    let edit = |edit: &WayEdit| {
        context! { number => edit.number, title => edit.title.clone(), place => place(judged.report, &edit.layers), disk => edit.content_bytes, pull => edit.blob_bytes }
    };
    context! {
        title,
        disk => way.after.disk_bytes,
        pull => way.after.pull_bytes,
        edits => way.edits.iter().map(edit).collect::<Vec<_>>(),
        still => if way.enough { Vec::new() } else { way.after.budgets.iter().filter(still).map(over).collect() },
    }
}
