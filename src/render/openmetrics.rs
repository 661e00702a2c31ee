//! `OpenMetrics` 1.0, in its text form: gauges for a time series of an image.

use super::problems::Judged;
use crate::budget::{Amount, Kind, Outcome};
use crate::text::escaped;
use std::collections::HashSet;
use std::fmt::Write as _;

/// The gauges of an image.
pub fn exposition(judged: &Judged<'_>) -> String {
    let report = judged.report;
    let mut text = Text { text: String::new(), image: [("image", judged.name()), ("platform", escaped(report.image.platform.as_bytes()))] };
    text.family("plimsoll_image_bytes", "bytes", "What the image weighs, by measure.");
    let disk = [
        ("disk", Some(report.totals.content_bytes)),
        ("pull", report.image.pull_bytes),
        ("tar", Some(report.totals.diff_bytes + report.overhead.diff_bytes)),
        ("live", Some(report.live.content_bytes)),
        ("hidden", Some(report.shadowed.all.content_bytes)),
        ("without_edits", Some(report.without_edits.content_bytes)),
    ];
    for (measure, bytes) in disk {
        if let Some(bytes) = bytes {
            text.sample("plimsoll_image_bytes", &[("measure", measure)], bytes);
        }
    }
    text.family("plimsoll_hidden_bytes", "bytes", "Content that later layers hide, by cause.");
    for (cause, measures) in &report.shadowed.causes {
        text.sample("plimsoll_hidden_bytes", &[("cause", cause.name())], measures.content_bytes);
    }
    text.family("plimsoll_layers", "", "Layers.");
    text.sample("plimsoll_layers", &[], report.layers.len());
    text.family("plimsoll_complete", "", "1 if all of the image was read.");
    text.sample("plimsoll_complete", &[], u8::from(report.complete));
    text.family("plimsoll_finding_bytes", "bytes", "Content that a rule found.");
    let mut seen = HashSet::new();
    for row in &report.findings {
        if seen.insert((&row.rule, row.base)) {
            let base = if row.base { "true" } else { "false" };
            let labels = [("rule", row.rule.as_str()), ("level", row.level.name()), ("base", base)];
            text.sample("plimsoll_finding_bytes", &labels, row.all.content_bytes);
        }
    }
    budgets(&mut text, judged);
    text.text.push_str("# EOF\n");
    text.text
}

fn budgets(text: &mut Text, judged: &Judged<'_>) {
    let Some(verdict) = judged.verdict else { return };
    let mut seen = HashSet::new();
    // Two budgets of one name would be two samples of one series.
    let budgets: Vec<_> = verdict.budgets.iter().filter(|budget| seen.insert(&budget.name)).collect();
    text.family("plimsoll_budget_verdict", "", "What came of a budget: 0 pass, 1 warn, 2 fail.");
    for budget in &budgets {
        let outcome = match budget.verdict {
            Outcome::Pass => 0,
            Outcome::Warn => 1,
            Outcome::Fail => 2,
        };
        text.sample("plimsoll_budget_verdict", &[("budget", budget.name.as_str())], outcome);
    }
    for (family, help) in [("plimsoll_budget_actual", "What was found."), ("plimsoll_budget_limit", "What is allowed.")] {
        text.family(family, "", help);
        for budget in &budgets {
            let kind = match budget.kind {
                Kind::Bytes => "bytes",
                Kind::Count => "count",
                Kind::Part => "part",
            };
            let value = if family.ends_with("limit") { budget.limit } else { budget.actual };
            let labels = [("budget", budget.name.as_str()), ("kind", kind)];
            match value {
                Amount::Whole(value) => text.sample(family, &labels, value),
                Amount::Part(value) => text.sample(family, &labels, format!("{value:?}")),
            }
        }
    }
}

struct Text {
    text: String,
    image: [(&'static str, String); 2],
}

impl Text {
    /// The lines before the samples of a gauge. A unit is the end of its name too.
    fn family(&mut self, name: &str, unit: &str, help: &str) {
        let _ = writeln!(self.text, "# TYPE {name} gauge");
        if !unit.is_empty() {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.text, "# HELP {name} {help}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let own = self.image.iter().map(|(name, value)| (*name, value.as_str()));
        let labels: Vec<String> = own.chain(labels.iter().copied()).map(|(name, value)| format!("{name}=\"{}\"", label(value))).collect();
        let _ = writeln!(self.text, "{name}{{{}}} {value}", labels.join(","));
    }
}

/// The value of a label: a backslash, a quote and a newline are escaped.
fn label(value: &str) -> String {
    escaped(value.as_bytes()).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
