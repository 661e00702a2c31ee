//! SARIF 2.1.0 (OASIS), as code scanning shows it: one result for each problem, at a line of the Dockerfile where it is known.

use super::problems::{Judged, Problem, untagged};
use crate::rules::{Level, Rule};
use crate::text::escaped;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Where the format's schema is.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Locations of one result.
const LOCATIONS: usize = 10;

/// The problems of an image as one run.
pub fn log(judged: &Judged<'_>, out: &mut dyn Write) -> io::Result<()> {
    let problems = judged.problems();
    let mut rules: BTreeMap<&str, &Problem> = BTreeMap::new();
    for problem in &problems {
        rules.entry(&problem.rule).or_insert(problem);
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(at, rule)| (*rule, at)).collect();
    let results: Vec<Value> = problems.iter().map(|problem| result(judged, problem, index[problem.rule.as_str()])).collect();
    let name = judged.name();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "plimsoll",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|problem| descriptor(judged, problem)).collect::<Vec<_>>(),
            }},
            // Runs about several images of one project stay apart.
            "automationDetails": {"id": format!("plimsoll/{}/{}/", untagged(&name), escaped(judged.report.image.platform.as_bytes()))},
            "columnKind": "unicodeCodePoints",
            "properties": {"image": name, "platform": escaped(judged.report.image.platform.as_bytes()), "complete": judged.report.complete},
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Fail => "error",
        Level::Warn => "warning",
        Level::Info => "note",
        Level::Off => "none",
    }
}

/// A message, in which brackets before a parenthesis would be a link (section 3.11.6).
fn message(text: &str) -> String {
    text.replace("](", "] (")
}

fn descriptor(judged: &Judged<'_>, problem: &Problem) -> Value {
    let known = judged.rules.iter().find(|rule| escaped(rule.id.as_bytes()) == problem.rule);
    let level = level(known.map_or(problem.level, |rule| rule.level));
    let (full, help) = match known {
        Some(rule) => (rule.why.clone(), help(rule)),
        None => {
            let is = "A limit on the image, in the configuration or on the command line, is exceeded.".to_owned();
            (is, "`plimsoll plan IMAGE` lists what to change, `plimsoll check IMAGE` the shortest way under every limit.".to_owned())
        }
    };
    let plain = |text: &str| message(&crate::text::escaped_lines(text));
    json!({
        "id": problem.rule,
        "shortDescription": {"text": message(&problem.title)},
        "fullDescription": {"text": plain(&full)},
        "help": {"text": plain(&help)},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": [if problem.rule.starts_with("secret/") { "security" } else { "size" }]},
    })
}

fn help(rule: &Rule) -> String {
    let not = if rule.not.is_empty() { String::new() } else { format!("\n\n{}", rule.not) };
    format!("{}\n\n{}{not}", rule.why, rule.fix)
}

fn result(judged: &Judged<'_>, problem: &Problem, rule: usize) -> Value {
    let mut result = json!({
        "ruleId": problem.rule,
        "ruleIndex": rule,
        "level": level(problem.level),
        "message": {"text": message(&problem.message)},
        "locations": locations(judged, problem),
        "partialFingerprints": {"plimsoll/v1": problem.fingerprint},
    });
    if let Some(why) = &problem.allowed {
        result["suppressions"] = json!([{"kind": "external", "justification": message(&escaped(why.as_bytes()))}]);
    }
    result
}

/// The lines of the Dockerfile, each a location; without them the file, and the layers as what only the image knows.
fn locations(judged: &Judged<'_>, problem: &Problem) -> Vec<Value> {
    let layer = |layer: &usize| {
        let made = judged.report.layers.get(*layer).and_then(|layer| layer.instruction.as_deref()).unwrap_or_default();
        let name = format!("layer {}", layer + 1);
        let full = match &problem.path {
            Some(path) => format!("{name}: {path}"),
            None => format!("{name}: {}", super::text::fit(made, 200)),
        };
        json!({"name": name, "fullyQualifiedName": full, "kind": "resource"})
    };
    let logical: Vec<Value> = problem.layers.iter().take(LOCATIONS).map(layer).collect();
    let file = json!({"uri": uri(&problem.file)});
    let lines = |[first, last]: &[u32; 2]| {
        let region = json!({"startLine": (*first).max(1), "endLine": (*last).max(*first).max(1)});
        json!({"physicalLocation": {"artifactLocation": file, "region": region}})
    };
    let mut all: Vec<Value> = problem.lines.iter().take(LOCATIONS).map(lines).collect();
    if all.is_empty() {
        // What shows alerts wants a line.
        all.push(json!({"physicalLocation": {"artifactLocation": file, "region": {"startLine": 1}}}));
    }
    if !logical.is_empty() {
        all[0]["logicalLocations"] = Value::Array(logical);
    }
    all
}

/// A relative reference (RFC 3986): all but plain signs as `%XX`.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte.into());
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #[test]
    fn places_are_references() {
        assert_eq!(super::uri("docker/Dockerfile.a"), "docker/Dockerfile.a");
        assert_eq!(super::uri("a b:c%ü"), "a%20b%3Ac%25%C3%BC");
    }
}
