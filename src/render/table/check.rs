//! What came of the budgets, and the shortest way under them.

use crate::budget::{Amount, BudgetReport, Kind, Outcome, Verdict, Way, WayEdit};
use crate::render::size::plural;
use crate::render::style::{Paint, Style};
use crate::render::text::{cells, fit, left, lines_of};
use std::fmt::Write as _;

/// Each budget, what exceeds it, and what to change.
pub fn check(verdict: &Verdict, style: &Style) -> String {
    let mut text = String::new();
    let rows: Vec<Row> = verdict.budgets.iter().map(|report| Row::new(report, style)).collect();
    let widest = |column: fn(&Row) -> &str, title: &str| rows.iter().map(|row| cells(column(row))).max().unwrap_or(0).max(title.len());
    let widths = [widest(|row| &row.actual, "actual"), widest(|row| &row.limit, "limit"), widest(|row| &row.over, "over")];
    // The first two words of a line, the columns, and two blanks before each.
    let room = style.width.saturating_sub(8 + widths.iter().sum::<usize>() + 6);
    let name = rows.iter().map(|row| cells(&row.title)).max().unwrap_or(0).clamp(12, room.max(12));
    head(&mut text, verdict, &widths, name, style);
    for row in &rows {
        row.write(&mut text, &widths, name, style);
    }
    if let Some(way) = &verdict.way {
        shortest(&mut text, verdict, way, style);
    }
    last(&mut text, verdict, style);
    text
}

struct Row {
    outcome: Outcome,
    title: String,
    actual: String,
    limit: String,
    over: String,
    aside: Vec<String>,
}

fn amount(amount: Amount, kind: Kind, style: &Style) -> String {
    match (amount, kind) {
        (Amount::Whole(bytes), Kind::Bytes) => style.size(bytes, 0),
        (Amount::Whole(count), _) => crate::render::size::count(count),
        (Amount::Part(part), _) => format!("{:.2} %", part * 100.0),
    }
}

impl Row {
    fn new(report: &BudgetReport, style: &Style) -> Self {
        let show = |value: Amount| amount(value, report.kind, style);
        let share = match (report.actual, report.whole) {
            (Amount::Whole(part), Some(whole)) => format!(" · {}", crate::render::size::percent(part, whole)),
            _ => String::new(),
        };
        let least = if report.kind == Kind::Part { "≥ " } else { "" };
        let limit =
            if report.configured.contains('%') && report.kind == Kind::Bytes { report.configured.clone() } else { show(report.limit) };
        let mut aside = Vec::new();
        if let Some(warn) = report.warn.filter(|_| report.verdict != Outcome::Pass) {
            aside.push(format!("(warn from {})", show(warn)));
        }
        aside.extend(report.why.iter().cloned());
        Self {
            outcome: report.verdict,
            title: report.title.clone(),
            actual: show(report.actual) + &share,
            limit: format!("{least}{limit}"),
            over: if report.verdict == Outcome::Pass { String::new() } else { show(report.over) },
            aside,
        }
    }

    fn write(&self, text: &mut String, widths: &[usize; 3], name: usize, style: &Style) {
        let (word, paint) = match self.outcome {
            Outcome::Fail => ("FAIL", Paint::Alarm),
            Outcome::Warn => ("warn", Paint::Unneeded),
            Outcome::Pass => ("pass", Paint::Good),
        };
        let right = |text: &str, width: usize| format!("  {}{text}", " ".repeat(width.saturating_sub(cells(text))));
        let mut line = format!("  {}  {}", style.paint(paint, word), left(&self.title, name));
        for (column, width) in [&self.actual, &self.limit, &self.over].into_iter().zip(widths) {
            line.push_str(&right(column, *width));
        }
        let used = 8 + name + widths.iter().map(|width| width + 2).sum::<usize>();
        let aside = self.aside.join("  ");
        if aside.is_empty() {
            let _ = writeln!(text, "{}", line.trim_end());
        } else if used + 2 + cells(&aside) <= style.width {
            let _ = writeln!(text, "{line}  {}", style.paint(Paint::Dim, &aside));
        } else {
            let _ = writeln!(text, "{}", line.trim_end());
            for line in lines_of(&aside, style.width.saturating_sub(8)) {
                let _ = writeln!(text, "        {}", style.paint(Paint::Dim, line.trim()));
            }
        }
    }
}

fn head(text: &mut String, verdict: &Verdict, widths: &[usize; 3], name: usize, style: &Style) {
    let image = verdict.names.first().unwrap_or(&verdict.source.reference);
    let _ = writeln!(text, "{}", fit(&format!("{image}  {}", verdict.platform), style.width));
    if !verdict.complete {
        let _ = writeln!(text, "{}", style.paint(Paint::Alarm, "INCOMPLETE: these are the numbers of what was read"));
    }
    let sections: Vec<String> =
        verdict.sections.iter().map(|name| if name == "command line" { name.clone() } else { format!("[{name}]") }).collect();
    let mut line = left(&sections.join(" "), 8 + name);
    for (title, width) in ["actual", "limit", "over"].into_iter().zip(widths) {
        let _ = write!(line, "  {title:>width$}");
    }
    let _ = writeln!(text, "{}", style.paint(Paint::Dim, line.trim_end()));
}

/// Where an edit is, as `Dockerfile:6`, or its layers.
fn place(verdict: &Verdict, edit: &WayEdit) -> String {
    if edit.lines.len() == edit.layers.len() && !edit.lines.is_empty() {
        // `/app/Dockerfile in the image` is too long to be repeated.
        let file = verdict.dockerfile.as_deref().unwrap_or("Dockerfile");
        let file = file.split(' ').next().unwrap_or(file).rsplit('/').next().unwrap_or(file);
        let mut lines = edit.lines.clone();
        lines.dedup();
        return format!("{file}:{}", lines.iter().map(u32::to_string).collect::<Vec<_>>().join(","));
    }
    let plural = if edit.layers.len() == 1 { "" } else { "s" };
    format!("layer{plural} {}", crate::render::text::numbers(edit.layers.clone()))
}

fn shortest(text: &mut String, verdict: &Verdict, way: &Way, style: &Style) {
    let line = if verdict.verdict == Outcome::Fail { "limit" } else { "warning line" };
    let numbers: Vec<String> = way.edits.iter().map(|edit| edit.number.to_string()).collect();
    let edits = match numbers.as_slice() {
        [one] => format!("edit {one}"),
        [rest @ .., last] => format!("edits {} and {last}", rest.join(", ")),
        [] => String::new(),
    };
    let pull = way.after.pull_bytes.map(|pull| format!(", {} pull", style.size(pull, 0))).unwrap_or_default();
    let weighs = format!("{} disk{pull}", style.size(way.after.disk_bytes, 0));
    let title = match (way.enough, way.fewest) {
        (true, true) => format!("Shortest way under every {line}: {edits}"),
        (true, false) => format!("A way under every {line}, perhaps not the shortest: {edits}"),
        (false, _) => format!("No certain edits bring it under every {line}"),
    };
    let predicted = if way.enough { format!("(predicted {weighs})") } else { format!("(all of them leave {weighs})") };
    let one_line = format!("{title}   {predicted}");
    let parts = if cells(&one_line) <= style.width { vec![one_line] } else { vec![title, predicted] };
    text.push('\n');
    for line in parts.iter().flat_map(|part| lines_of(part, style.width)) {
        let _ = writeln!(text, "{}", style.paint(Paint::Strong, &line));
    }
    let places: Vec<String> = way.edits.iter().map(|edit| place(verdict, edit)).collect();
    let place_width = places.iter().map(|place| cells(place)).max().unwrap_or(0).min(style.width / 4);
    let size = style.size_width();
    let has_pull = way.after.pull_bytes.is_some();
    let sizes = if has_pull { 2 * (size + 1) } else { size + 1 };
    let room = style.width.saturating_sub(5 + place_width + 2 + sizes);
    for (edit, place) in way.edits.iter().zip(&places) {
        let pull = if has_pull { format!(" {}", style.size(edit.blob_bytes, size)) } else { String::new() };
        let number = style.paint(Paint::Number, &format!("{:>3}", edit.number));
        let disk = style.size(edit.content_bytes, size);
        let _ = writeln!(text, "{number}  {}  {} {disk}{pull}", left(place, place_width), left(&edit.title, room));
    }
    if !way.enough {
        stays(text, "still over", &way.after.budgets, Outcome::Fail, style);
    }
    all_edits(text, way, style);
}

/// Budgets that are not kept.
fn stays(text: &mut String, what: &str, budgets: &[BudgetReport], from: Outcome, style: &Style) {
    let over: Vec<String> = budgets
        .iter()
        .filter(|report| report.verdict >= from)
        .map(|report| format!("{} by {}", report.title, amount(report.over, report.kind, style)))
        .collect();
    if !over.is_empty() {
        for line in lines_of(&format!("{what}: {}", over.join(", ")), style.width) {
            let _ = writeln!(text, "{line}");
        }
    }
}

/// What all edits leave, where that is still not without a warning.
fn all_edits(text: &mut String, way: &Way, style: &Style) {
    if !way.enough || way.all.verdict == Outcome::Pass || way.after.verdict == Outcome::Pass {
        return;
    }
    let edits =
        if way.certain == 1 { "The one certain edit leaves".to_owned() } else { format!("All {} certain edits leave", way.certain) };
    let leaves = format!("{edits} {}, above a warning line", style.size(way.all.disk_bytes, 0));
    stays(text, &leaves, &way.all.budgets, Outcome::Warn, style);
}

fn last(text: &mut String, verdict: &Verdict, style: &Style) {
    let count = |outcome: Outcome| verdict.budgets.iter().filter(|report| report.verdict == outcome).count();
    let total = plural(verdict.budgets.len() as u64, "budget", "budgets");
    let (fails, warns) = (count(Outcome::Fail), count(Outcome::Warn));
    let warned = if warns > 0 { format!(", {warns} more with a warning") } else { String::new() };
    let (line, paint) = match verdict.verdict {
        Outcome::Fail => (format!("fail: {fails} of {total}{warned}"), Paint::Alarm),
        Outcome::Warn => (format!("warn: {warns} of {total}"), Paint::Unneeded),
        Outcome::Pass => (format!("pass: {total}"), Paint::Good),
    };
    let _ = writeln!(text, "\n{}", style.paint(paint, &line));
    // What may be meant to be there has a way to be said so; of sizes the limit itself is changed.
    if let Some(rule) = verdict.budgets.iter().filter(|report| report.verdict == Outcome::Fail).find_map(|report| report.rules.first()) {
        let _ = writeln!(text, "{}", style.paint(Paint::Dim, &format!("to allow a finding with a reason: plimsoll explain {rule} IMAGE")));
    }
}
