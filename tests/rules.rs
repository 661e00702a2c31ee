//! The built-in rules against their recipes: `support/recipe.rs` says how to write one.

#![allow(clippy::format_push_string, clippy::format_collect, reason = "short texts, read more easily so")]

mod support;

#[path = "support/recipe.rs"]
mod recipe;

use plimsoll::rules::built_in;
use recipe::{Recipe, Section, found};
use serde_json::Value;
use std::sync::OnceLock;
use support::{Layout, assert_books, index_of, json};

/// All recipes with the reports of their sections.
fn judged() -> &'static [(Recipe, Vec<Value>)] {
    static ALL: OnceLock<Vec<(Recipe, Vec<Value>)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let with_reports = |recipe: Recipe| {
            let reports = recipe.sections.iter().map(report).collect();
            (recipe, reports)
        };
        recipe::all().into_iter().map(with_reports).collect()
    })
}

fn report(section: &Section) -> Value {
    let layout = Layout::of(&section.image);
    let index = index_of(layout.arg(), &plimsoll::Options::default()).expect("recipes build sound images");
    let report = plimsoll::Report::new(&index, &plimsoll::ReportOptions::default());
    serde_json::to_value(&report).expect("reports are JSON")
}

/// Calls `test` for every section; what it complains of is told of all at once.
#[track_caller]
fn each(test: impl Fn(&Recipe, usize, &Value) -> Option<String>) {
    let mut broken = String::new();
    for (recipe, reports) in judged() {
        for (number, report) in reports.iter().enumerate() {
            if let Some(why) = test(recipe, number, report) {
                broken += &format!("\ntestdata/rules/{}.recipe, section `{}`: {why}\n", recipe.rule, recipe.sections[number].title);
            }
        }
    }
    assert!(broken.is_empty(), "{broken}");
}

/// Findings of the recipe's own rule.
fn own<'r>(recipe: &Recipe, report: &'r Value) -> Vec<&'r Value> {
    report["findings"].as_array().expect("findings").iter().filter(|finding| finding["rule"] == recipe.rule.as_str()).collect()
}

#[test]
fn every_rule_has_a_recipe_and_every_recipe_a_rule() {
    let recipes: Vec<&str> = judged().iter().map(|(recipe, _)| recipe.rule.as_str()).collect();
    let mut rules: Vec<&str> = built_in().iter().map(|rule| rule.id.as_str()).collect();
    rules.sort_unstable();
    let mut sorted = recipes.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, rules, "recipes on the left, rules on the right");
}

/// The first cells of the table in `docs/rules-proven.md`, and whether their row's counts agree.
fn proofs() -> Vec<(String, bool)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules-proven.md");
    let text = std::fs::read_to_string(file).expect("the document");
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split('|').map(str::trim).collect();
        let [rule, _, files, truth, ours, _] = cells.as_slice() else { return None };
        Some((rule.trim_end_matches('`').to_owned(), *files != "0" && truth == ours))
    };
    text.lines().filter_map(row).collect()
}

/// A rule ships only if a real tool or package was seen to leave what it finds, to the byte.
#[test]
fn every_rule_was_seen_on_a_real_tree() {
    let proofs = proofs();
    let disagree: Vec<&String> = proofs.iter().filter(|(_, agrees)| !agrees).map(|(rule, _)| rule).collect();
    assert!(disagree.is_empty(), "rows of docs/rules-proven.md whose counts differ: {disagree:?}");
    let mut seen: Vec<&str> = proofs.iter().map(|(rule, _)| rule.as_str()).collect();
    let mut rules: Vec<&str> = built_in().iter().map(|rule| rule.id.as_str()).collect();
    seen.sort_unstable();
    seen.dedup();
    rules.sort_unstable();
    assert_eq!(seen, rules, "docs/rules-proven.md on the left, rules on the right: prove them with benches/proof, or leave them out");
}

#[test]
fn the_first_section_of_a_recipe_makes_its_rule_fire() {
    each(|recipe, number, report| {
        (number == 0 && own(recipe, report).is_empty()).then(|| format!("its own rule does not fire, found {:#?}", found(report)))
    });
}

#[test]
fn what_is_found_is_what_is_expected() {
    each(|recipe, number, report| {
        let (expected, found) = (&recipe.sections[number].expected, found(report));
        let lines = |lines: &[String]| lines.iter().map(|line| format!("\n    {line}")).collect::<String>();
        let paths = || -> String {
            let findings = report["findings"].as_array().expect("findings");
            let path = |path: &Value| format!(" {}={}", path["path"].as_str().unwrap_or("?"), path["content_bytes"]);
            let of = |finding: &Value| finding["paths"].as_array().expect("paths").iter().map(path).collect::<String>();
            findings.iter().map(|finding| format!("\n    {}:{}", finding["rule"].as_str().unwrap_or("?"), of(finding))).collect()
        };
        (*expected != found).then(|| format!("\n  expected{}\n  found{}\n  in{}", lines(expected), lines(&found), paths()))
    });
}

#[test]
fn a_silent_section_is_silent() {
    each(|recipe, number, report| {
        let loud = own(recipe, report).into_iter().find(|finding| finding["level"] != "info");
        let loud = loud.filter(|_| recipe.sections[number].silent)?;
        Some(format!("its own rule fires: {loud:#}"))
    });
}

#[test]
fn every_recipe_has_a_silent_section() {
    each(|recipe, number, _| {
        let none = !recipe.sections.iter().any(|section| section.silent);
        (number == 0 && none).then(|| "no section begins with `== silent`".to_owned())
    });
}

#[test]
fn the_books_balance() {
    for (_, reports) in judged() {
        reports.iter().for_each(assert_books);
    }
}

#[test]
fn the_program_finds_the_same() {
    let (recipe, _) = judged().iter().find(|(recipe, _)| recipe.rule == "apt/lists").expect("the first rule");
    let section = &recipe.sections[0];
    let layout = Layout::of(&section.image);
    assert_eq!(found(&json(&[layout.arg()], 0)), section.expected);
}
