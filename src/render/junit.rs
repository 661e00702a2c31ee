//! `JUnit` XML, as every CI shows it: a test case for each budget, and one for each finding that must not ship.

use super::problems::{Judged, budget_message};
use super::xml::{xml, xml_lines};
use crate::budget::{BudgetReport, Outcome};
use crate::rules::Level;
use crate::text::escaped;
use std::fmt::Write as _;

/// The test cases of an image, in a suite of its name.
pub fn suite(judged: &Judged<'_>) -> String {
    let problems = judged.problems();
    let found: Vec<_> = problems
        .iter()
        .filter(|problem| problem.level == Level::Fail && problem.allowed.is_none() && !problem.rule.starts_with("budget/"))
        .collect();
    let budgets = judged.verdict.map(|verdict| verdict.budgets.as_slice()).unwrap_or_default();
    let failures = budgets.iter().filter(|budget| budget.verdict == Outcome::Fail).count() + found.len();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\"", budgets.len() + found.len());
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"plimsoll\" {counts}>");
    let name = format!("{} {}", judged.name(), judged.report.image.platform);
    let _ = writeln!(text, "  <testsuite name=\"{}\" {counts} skipped=\"0\">", xml(&name));
    for budget in budgets {
        case(&mut text, judged, budget);
    }
    for problem in found {
        let name = match &problem.path {
            Some(path) => format!("{} {path}", problem.rule),
            None => problem.rule.clone(),
        };
        let line = problem.lines.first().map(|lines| format!(" line=\"{}\"", lines[0])).unwrap_or_default();
        let _ =
            writeln!(text, "    <testcase name=\"{}\" classname=\"plimsoll.findings\" file=\"{}\"{line}>", xml(&name), xml(&problem.file));
        let _ = writeln!(text, "      <failure message=\"{0}\" type=\"{1}\">{0}</failure>", xml(&problem.message), xml(&problem.rule));
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn case(text: &mut String, judged: &Judged<'_>, budget: &BudgetReport) {
    let message = xml(&budget_message(budget, judged.unit));
    let _ = writeln!(text, "    <testcase name=\"{}\" classname=\"plimsoll.budgets\">", xml(&budget.title));
    let _ = match budget.verdict {
        Outcome::Fail => {
            let way = judged.verdict.and_then(|verdict| verdict.way.as_ref()).filter(|way| way.enough);
            let way = way.map(|way| format!("\nThe shortest way under every limit:\n{}", titles(way))).unwrap_or_default();
            writeln!(text, "      <failure message=\"{message}\" type=\"budget\">{message}{}</failure>", xml_lines(&way))
        }
        Outcome::Warn => writeln!(text, "      <system-out>warning: {message}</system-out>"),
        Outcome::Pass => writeln!(text, "      <system-out>{message}</system-out>"),
    };
    text.push_str("    </testcase>\n");
}

fn titles(way: &crate::budget::Way) -> String {
    way.edits.iter().map(|edit| format!("{}. {}", edit.number, escaped(edit.title.as_bytes()))).collect::<Vec<_>>().join("\n")
}
