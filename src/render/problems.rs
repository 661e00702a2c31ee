//! What is wrong with an image, one problem after another, as programs list it that show alerts.
//!
//! Budgets that are exceeded come first, then what rules found in own layers. Every text is safe to show; nothing in it is
//! the base image's, whose users cannot change it.

use super::size::{Unit, plural, size};
use super::text::fit;
use crate::budget::{Amount, BudgetReport, Kind, Outcome, Verdict};
use crate::report::{FindingReport, FoundPath, LinesBy, Report};
use crate::rules::{Level, Remedy, Rule};
use crate::text::escaped;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Most problems that are listed: what GitHub takes of a file of alerts.
pub const MOST: usize = 5000;
/// Cells of a name within a message.
const NAME: usize = 200;
/// Cells of a message.
const MESSAGE: usize = 1000;

/// An image, the rules that were applied, and what came of its budgets.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// The image.
    pub report: &'a Report,
    /// The rules, for what they say of themselves.
    pub rules: &'a [Rule],
    /// What came of the budgets, where there are some.
    pub verdict: Option<&'a Verdict>,
    /// The file in which budgets are configured.
    pub configuration: &'a str,
    /// How byte counts are written.
    pub unit: Unit,
}

/// One problem.
#[derive(Debug, Clone)]
pub struct Problem {
    /// `budget/NAME`, or the rule.
    pub rule: String,
    /// How much it matters.
    pub level: Level,
    /// Why it is accepted, where an exception says so.
    pub allowed: Option<String>,
    /// What it is, in a few words.
    pub title: String,
    /// What was found.
    pub message: String,
    /// The file to change, relative to the project.
    pub file: String,
    /// The first and last line of each instruction at fault, where they are known.
    pub lines: Vec<[u32; 2]>,
    /// The layers at fault, from 0.
    pub layers: Vec<usize>,
    /// The path in the image, where it is about one.
    pub path: Option<String>,
    /// The same for the same problem in another build of the image: of rule, image and path alone.
    pub fingerprint: String,
}

impl Judged<'_> {
    /// The name of the image, safe to show.
    pub fn name(&self) -> String {
        escaped(image_name(&self.report.image.names, &self.report.source.reference).as_bytes())
    }

    /// All problems, the worst of budgets and of findings first; at most [`MOST`].
    pub fn problems(&self) -> Vec<Problem> {
        let budgets = self.verdict.into_iter().flat_map(|verdict| &verdict.budgets);
        let mut budgets: Vec<_> = budgets.filter(|budget| budget.verdict != Outcome::Pass).map(|budget| self.budget(budget)).collect();
        budgets.sort_by_key(|problem| std::cmp::Reverse(problem.level));
        let mut findings: Vec<_> = self.report.findings.iter().filter(|row| shown(row)).flat_map(|row| self.finding(row)).collect();
        findings.sort_by_key(|problem| std::cmp::Reverse(problem.level));
        let mut all: Vec<_> = budgets.into_iter().chain(findings).take(MOST).collect();
        let mut seen = HashSet::new();
        for problem in &mut all {
            // Two that are alike in all that stays: told apart by their order.
            let mut again = 1;
            while !seen.insert(problem.fingerprint.clone()) {
                again += 1;
                problem.fingerprint = self.fingerprint(&problem.rule, &format!("{}#{again}", problem.path.as_deref().unwrap_or_default()));
            }
        }
        all
    }

    fn budget(&self, budget: &BudgetReport) -> Problem {
        let verdict = self.verdict.map(|verdict| verdict.sections.as_slice()).unwrap_or_default();
        // A limit that was typed is in no file.
        let typed = verdict.iter().all(|section| section == "command line");
        let rule = escaped(format!("budget/{}", budget.name).as_bytes());
        Problem {
            level: if budget.verdict == Outcome::Fail { Level::Fail } else { Level::Warn },
            allowed: None,
            title: escaped(format!("budget: {}", budget.title).as_bytes()),
            message: fit(&format!("{}: {}", self.name(), budget_message(budget, self.unit)), MESSAGE),
            file: if typed { dockerfile(self.report) } else { in_project(self.configuration, "plimsoll.toml") },
            lines: Vec::new(),
            layers: Vec::new(),
            path: None,
            fingerprint: self.fingerprint(&rule, ""),
            rule,
        }
    }

    /// One problem for a rule; of secrets one for each that is listed, as each has to be replaced.
    fn finding(&self, row: &FindingReport) -> Vec<Problem> {
        let secret = self.rules.iter().any(|rule| rule.id == row.rule && rule.remedy == Remedy::Secret);
        let entries = plural(row.all.entries, "entry", "entries");
        if secret && !row.paths.is_empty() {
            let more = row.all.entries.saturating_sub(row.paths.len() as u64);
            let more = if more == 0 { String::new() } else { format!(" ({entries} in all, the largest are listed)") };
            let one = |path: &FoundPath| {
                let hidden = if path.live { "" } else { "; a later layer hides it, and who pulls the image has it all the same" };
                let message = format!("{}: {}{hidden}{more}", row.title, fit(&path.path.shown, NAME));
                self.problem(row, &message, vec![path.layer], Some(path.path.shown.clone()))
            };
            return row.paths.iter().map(one).collect();
        }
        let example = row.paths.first().map(|path| format!(", such as {}", fit(&path.path.shown, NAME))).unwrap_or_default();
        let message = format!("{}: {} on disk in {entries}{example}", row.title, size(row.all.content_bytes, self.unit));
        let layers = if row.culprits.is_empty() { row.layers.clone() } else { row.culprits.clone() };
        vec![self.problem(row, &message, layers, None)]
    }

    fn problem(&self, row: &FindingReport, message: &str, layers: Vec<usize>, path: Option<String>) -> Problem {
        let known = layers.iter().filter_map(|layer| self.report.layers.get(*layer));
        let mut lines: Vec<[u32; 2]> = known.filter_map(|layer| layer.lines.or(layer.line.map(|line| [line, line]))).collect();
        lines.dedup();
        let rule = escaped(row.rule.as_bytes());
        Problem {
            level: row.level,
            allowed: row.allowed.clone(),
            title: escaped(row.title.as_bytes()),
            message: fit(message, MESSAGE),
            file: dockerfile(self.report),
            lines,
            layers,
            fingerprint: self.fingerprint(&rule, path.as_deref().unwrap_or_default()),
            path,
            rule,
        }
    }

    fn fingerprint(&self, rule: &str, path: &str) -> String {
        let name = untagged(image_name(&self.report.image.names, &self.report.source.reference));
        let mut hash = Sha256::new();
        for part in [rule, name, self.report.image.platform.as_str(), path] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut text = String::with_capacity(32);
        for byte in &hash.finalize()[..16] {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// Own, and large enough to be shown.
fn shown(row: &FindingReport) -> bool {
    !row.base && !row.below_floor && row.level > Level::Off
}

/// What an image is called: by its first name, else as it was typed.
pub fn image_name<'n>(names: &'n [String], reference: &'n str) -> &'n str {
    names.first().map_or(reference, String::as_str)
}

/// The name of an image without tag and digest: the same for every build.
pub fn untagged(name: &str) -> &str {
    let name = name.split('@').next().unwrap_or(name);
    match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => name,
    }
}

/// A budget's number as people read it.
pub fn amount(amount: Amount, kind: Kind, unit: Unit) -> String {
    match (amount, kind) {
        (Amount::Whole(bytes), Kind::Bytes) => size(bytes, unit),
        (Amount::Whole(count), _) => super::size::count(count),
        (Amount::Part(part), _) => format!("{:.2} %", part * 100.0),
    }
}

/// What was found, what is allowed, and what counts.
pub fn budget_message(budget: &BudgetReport, unit: Unit) -> String {
    let show = |value| amount(value, budget.kind, unit);
    let (is, bound) = if budget.kind == Kind::Part { ("at least", "below it") } else { ("at most", "over it") };
    let limit = if budget.verdict == Outcome::Warn { budget.warn.unwrap_or(budget.limit) } else { budget.limit };
    let mut text = format!("{} is {}, {is} {} is allowed: {} {bound}", budget.title, show(budget.actual), show(limit), show(budget.over));
    if budget.verdict == Outcome::Pass {
        text = format!("{} is {}, {is} {} is allowed", budget.title, show(budget.actual), show(limit));
    } else if !budget.why.is_empty() {
        let _ = write!(text, " ({})", budget.why.join(", "));
    }
    escaped(text.as_bytes())
}

/// The Dockerfile as a file of the project.
pub fn dockerfile(report: &Report) -> String {
    let name = report.image.dockerfile.as_deref().unwrap_or("Dockerfile");
    if report.image.lines_by == Some(LinesBy::Image) {
        // `/app/Dockerfile in the image` is most likely a copy of the project's own.
        let path = name.strip_suffix(" in the image").unwrap_or(name);
        return in_project(path, "Dockerfile");
    }
    in_project(name, "Dockerfile")
}

/// A path below the project's directory; of any other path the last part alone.
fn in_project(path: &str, otherwise: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let outside = path.starts_with('/') || parts.contains(&"..");
    let kept = if outside { parts.last().copied().filter(|part| *part != "..").unwrap_or_default().to_owned() } else { parts.join("/") };
    if kept.is_empty() { otherwise.to_owned() } else { escaped(kept.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_no_part_of_the_key() {
        assert_eq!(untagged("registry.example.com:5000/app/web:1.2"), "registry.example.com:5000/app/web");
        assert_eq!(untagged("registry.example.com:5000/app"), "registry.example.com:5000/app");
        assert_eq!(untagged("app@sha256:00"), "app");
        assert_eq!(untagged("app"), "app");
    }

    #[test]
    fn places_are_in_the_project() {
        assert_eq!(in_project("./docker/Dockerfile", "x"), "docker/Dockerfile");
        assert_eq!(in_project("/home/me/app/Dockerfile", "x"), "Dockerfile");
        assert_eq!(in_project("../Dockerfile", "x"), "Dockerfile");
        assert_eq!(in_project("a/../..", "x"), "x");
        assert_eq!(in_project("a\nb", "x"), "a\\nb");
        assert_eq!(in_project("//", "x"), "x");
    }
}
