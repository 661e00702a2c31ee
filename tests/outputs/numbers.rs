//! What alerts and gauges say, against what was put into the image.

use super::readers::{github, gitlab, junit, markdown, openmetrics, sarif};
use super::support::{Entry, ImageSpec, Layer, Layout, named};
use super::{directory, text, within};
use std::path::Path;

const LISTS: usize = 400_000;
const LINES: [&str; 3] = ["ADD rootfs.tar /", "RUN /bin/sh -c apt-get update # buildkit", "COPY .env /app/.env # buildkit"];
const DOCKERFILE: &str = "FROM base\n# Why.\n\nRUN apt-get \\\n  update\nCOPY .env /app/.env\n";

fn layers(lists: usize, base: &str) -> [Layer; 3] {
    [
        Layer::new(&[Entry::file("etc/os-release", base)]),
        Layer::new(&[Entry::file("var/lib/apt/lists/a_Packages", vec![7; lists])]),
        Layer::new(&[Entry::file("app/.env", "API_TOKEN=abcdef0123456789\n")]),
    ]
}

/// The image under a name, whose history is that of the Dockerfile.
fn image(lists: usize, base: &str, name: &str) -> Layout {
    let layout = Layout::new();
    layout.index(&[named(layout.image(&ImageSpec::new(&layers(lists, base)).created_by(&LINES)), name)]);
    layout
}

/// A project with its Dockerfile and its budgets.
fn project() -> tempfile::TempDir {
    let place = directory();
    std::fs::write(place.path().join("Dockerfile"), DOCKERFILE).expect("a new file");
    std::fs::write(place.path().join("plimsoll.toml"), "[budget]\nmax_disk = \"100 kB\"\nmax_layers = 9\nwarn_hidden = 5\n")
        .expect("a new file");
    place
}

#[track_caller]
fn check(place: &Path, image: &Layout, format: &str) -> String {
    let outcome = within(place, &["check", image.arg(), "--format", format]);
    outcome.assert_status(1);
    outcome.text()
}

#[test]
fn alerts_are_at_the_lines_at_fault() {
    let (place, image) = (project(), image(LISTS, "ID=x\n", "app:1"));
    let run = sarif(&check(place.path(), &image, "sarif"));
    let results = run["results"].as_array().expect("results");
    let found = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap_or_else(|| panic!("no {rule}: {run}"));
    let place_of = |rule: &str| found(rule)["locations"][0]["physicalLocation"].clone();
    assert_eq!(
        place_of("apt/lists"),
        serde_json::json!({"artifactLocation": {"uri": "Dockerfile"}, "region": {"startLine": 4, "endLine": 5}})
    );
    assert_eq!(place_of("secret/dotenv")["region"]["startLine"], 6);
    assert_eq!(found("secret/dotenv")["level"], "error");
    assert_eq!(found("secret/dotenv")["locations"][0]["logicalLocations"][0]["name"], "layer 3");
    // A budget is where it is configured.
    assert_eq!(place_of("budget/disk")["artifactLocation"]["uri"], "plimsoll.toml");
    let issues = gitlab(&check(place.path(), &image, "gitlab"));
    let issue = |rule: &str| issues.iter().find(|issue| issue["check_name"] == rule).unwrap_or_else(|| panic!("no {rule}"));
    assert_eq!(issue("apt/lists")["location"], serde_json::json!({"path": "Dockerfile", "lines": {"begin": 4}}));
    assert_eq!((&issue("secret/dotenv")["severity"], &issue("budget/disk")["severity"]), (&"critical".into(), &"critical".into()));
    let annotations = github(&check(place.path(), &image, "github"));
    let first = &annotations[0];
    assert_eq!((first.level.as_str(), first.properties["title"].as_str()), ("error", "plimsoll 400 kB"), "the edit first: {annotations:?}");
    assert_eq!((first.properties["file"].as_str(), first.properties["line"].as_str()), ("Dockerfile", "4"));
    assert!(annotations.iter().any(|annotation| annotation.properties["title"] == "plimsoll budget/disk"));
    assert!(markdown(&check(place.path(), &image, "markdown")).contains("Dockerfile:4"));
}

#[test]
fn a_rebuild_has_the_same_fingerprints_and_another_image_has_others() {
    let place = project();
    let prints = |image: &Layout| -> Vec<(String, String)> {
        let run = sarif(&check(place.path(), image, "sarif"));
        let one = |result: &serde_json::Value| (result["ruleId"].to_string(), result["partialFingerprints"].to_string());
        run["results"].as_array().expect("results").iter().map(one).collect()
    };
    let first = prints(&image(LISTS, "ID=x\n", "registry.example.com/app:1"));
    assert!(first.len() >= 3, "{first:?}");
    assert_eq!(first, prints(&image(LISTS + 1000, "ID=y\nVERSION=2\n", "registry.example.com/app:2")));
    let other = prints(&image(LISTS, "ID=x\n", "registry.example.com/web:1"));
    assert!(first.iter().all(|print| !other.contains(print)), "{other:?}");
}

#[test]
fn each_budget_is_a_test_case() {
    let (place, image) = (project(), image(LISTS, "ID=x\n", "app:1"));
    let elements = junit(&check(place.path(), &image, "junit"));
    let cases: Vec<(&str, &str)> = elements
        .iter()
        .enumerate()
        .filter(|(_, element)| element.name == "testcase")
        .map(|(at, element)| (element.attributes["name"].as_str(), elements[at + 1].name.as_str()))
        .collect();
    let expected =
        [("disk", "failure"), ("hidden by later layers", "system-out"), ("layers", "system-out"), ("secret/dotenv /app/.env", "failure")];
    for case in expected {
        assert!(cases.contains(&case), "{case:?} not in {cases:?}");
    }
    assert_eq!(cases.len(), expected.len());
}

#[test]
fn gauges_have_the_numbers_of_the_image() {
    let (place, image) = (project(), image(LISTS, "ID=x\n", "app:1"));
    let env = "API_TOKEN=abcdef0123456789\n".len();
    let samples = openmetrics(&check(place.path(), &image, "openmetrics"));
    let value = |name: &str, label: &str, is: &str| {
        let found: Vec<f64> = samples
            .iter()
            .filter(|sample| sample.0 == name && (label.is_empty() || sample.1[label] == is))
            .map(|sample| sample.2)
            .collect();
        assert_eq!(found.len(), 1, "{name} {label}={is}: {samples:?}");
        found[0].to_string().parse::<u64>().expect("a whole number")
    };
    let layers = layers(LISTS, "ID=x\n");
    assert_eq!(value("plimsoll_image_bytes", "measure", "disk"), (LISTS + env + 5) as u64);
    assert_eq!(value("plimsoll_image_bytes", "measure", "pull"), layers.iter().map(|layer| layer.blob.len() as u64).sum::<u64>());
    assert_eq!(value("plimsoll_image_bytes", "measure", "tar"), layers.iter().map(|layer| layer.tar.len() as u64).sum::<u64>());
    assert_eq!(value("plimsoll_image_bytes", "measure", "hidden"), 0);
    assert_eq!(value("plimsoll_finding_bytes", "rule", "apt/lists"), LISTS as u64);
    assert_eq!(value("plimsoll_layers", "", ""), 3);
    assert_eq!(value("plimsoll_budget_verdict", "budget", "disk"), 2);
    assert_eq!(value("plimsoll_budget_verdict", "budget", "layers"), 0);
    assert_eq!(value("plimsoll_budget_limit", "budget", "disk"), 100_000);
    assert!(samples.iter().all(|sample| sample.1["image"] == "app:1" && sample.1["platform"] == "linux/amd64"));
}

#[test]
fn one_line_where_all_pass() {
    let (place, image) = (directory(), image(LISTS, "ID=x\n", "app:1"));
    let run = |format: &str| {
        let outcome = within(place.path(), &["check", image.arg(), "--max-disk", "1MB", "--format", format]);
        outcome.assert_status(0);
        outcome.text()
    };
    let comment = run("markdown");
    assert_eq!(comment.lines().count(), 2, "{comment}");
    assert!(markdown(&comment).contains("1 budget, all pass"));
    assert!(text_of_first(&github(&run("github"))).contains("environment file"));
}

fn text_of_first(all: &[super::readers::Annotation]) -> &str {
    &all[0].message
}

#[test]
fn exceptions_are_no_alerts() {
    let (place, image) = (project(), image(LISTS, "ID=x\n", "app:1"));
    let path = place.path().join("plimsoll.toml");
    let config = text(&path) + "\n[[allow]]\nrule = \"secret/dotenv\"\nreason = \"a [sample](x)\"\n";
    std::fs::write(path, config).expect("a file");
    let run = sarif(&check(place.path(), &image, "sarif"));
    let result =
        run["results"].as_array().expect("results").iter().find(|result| result["ruleId"] == "secret/dotenv").expect("a result").clone();
    assert_eq!(result["suppressions"], serde_json::json!([{"kind": "external", "justification": "a [sample] (x)"}]));
    assert!(gitlab(&check(place.path(), &image, "gitlab")).iter().all(|issue| issue["check_name"] != "secret/dotenv"));
    assert!(!check(place.path(), &image, "github").contains("secret/dotenv"));
    assert!(!check(place.path(), &image, "junit").contains("secret/dotenv"));
}
