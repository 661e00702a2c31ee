//! Each format read back as strictly as its definition has it.

use crate::support::testdata;
use pulldown_cmark::{Event, Options, Parser, Tag};
use quick_xml::XmlVersion;
use quick_xml::events::Event as Xml;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// No control character but a newline, nothing that turns or hides text.
#[track_caller]
pub(super) fn assert_plain(text: &str) {
    for character in text.chars() {
        let hidden = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        assert!(character == '\n' || !character.is_control() && !hidden, "{character:?} in {text}");
    }
}

fn assert_strings_plain(value: &Value) {
    match value {
        Value::String(text) => assert_plain(text),
        Value::Array(all) => all.iter().for_each(assert_strings_plain),
        Value::Object(all) => all.values().for_each(assert_strings_plain),
        _ => {}
    }
}

/// A log by the published schema, and by what code scanning asks beyond it; its one run.
#[track_caller]
pub(super) fn sarif(text: &str) -> Value {
    let schema = std::fs::read(testdata("sarif/sarif-schema-2.1.0.json")).expect("test data");
    let mut schema: Value = serde_json::from_slice(&schema).expect("JSON");
    // A bracket too many, as published: no regular expression. We name no language.
    for part in ["run", "toolComponent"] {
        schema["definitions"][part]["properties"]["language"].as_object_mut().expect("a property").remove("pattern").expect("a pattern");
    }
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{"tool": {}}]})));
    let log: Value = serde_json::from_str(text).expect("JSON");
    let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_strings_plain(&log);
    let run = log["runs"][0].clone();
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    let mut prints = BTreeSet::new();
    for result in results {
        let at = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[at]["id"], result["ruleId"]);
        for part in ["shortDescription", "fullDescription", "help"] {
            assert!(!rules[at][part]["text"].as_str().expect("text").is_empty());
        }
        assert!(!result["message"]["text"].as_str().expect("text").contains("]("), "a link: {result}");
        assert!(prints.insert(result["partialFingerprints"].to_string()), "twice: {result}");
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a place");
        assert!(!uri.starts_with('/') && !uri.contains(".."), "{uri}");
    }
    assert!(results.len() <= 5000);
    run
}

/// The issues of a Code Quality report.
#[track_caller]
pub(super) fn gitlab(text: &str) -> Vec<Value> {
    let issues: Vec<Value> = serde_json::from_str(text).expect("an array");
    let mut prints = BTreeSet::new();
    for issue in &issues {
        assert_strings_plain(issue);
        let keys: Vec<&str> = issue.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["check_name", "description", "fingerprint", "location", "severity"]);
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().expect("text")));
        assert!(prints.insert(issue["fingerprint"].as_str().expect("text").to_owned()), "twice: {issue}");
        let path = issue["location"]["path"].as_str().expect("a path");
        assert!(!path.is_empty() && !path.starts_with("./") && !path.starts_with('/'), "{path}");
        assert!(issue["location"]["lines"]["begin"].as_u64().expect("a line") >= 1);
        assert!(!issue["description"].as_str().expect("text").is_empty());
    }
    issues
}

/// A command of a workflow, as a runner reads it.
#[derive(Debug)]
pub(super) struct Annotation {
    pub(super) level: String,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) message: String,
}

/// The commands, of which nothing else may be between.
#[track_caller]
pub(super) fn github(text: &str) -> Vec<Annotation> {
    assert_plain(text);
    let one = |line: &str| {
        let (head, message) =
            line.strip_prefix("::").and_then(|rest| rest.split_once("::")).unwrap_or_else(|| panic!("no command: {line}"));
        let (level, properties) = head.split_once(' ').expect("properties");
        assert!(["error", "warning"].contains(&level), "{line}");
        let decoded =
            |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or_else(|| panic!("no property: {line}"));
            assert!(["file", "line", "endLine", "title"].contains(&name), "{line}");
            (name.to_owned(), decoded(value))
        };
        Annotation { level: level.to_owned(), properties: properties.split(',').map(pair).collect(), message: decoded(message) }
    };
    let all: Vec<Annotation> = text.lines().map(one).collect();
    assert!(all.len() <= 10, "GitHub shows ten");
    all
}

/// An element with its attributes, its own text, and what it is in.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) within: Vec<String>,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) text: String,
}

/// All elements of a well-formed document.
#[track_caller]
pub(super) fn junit(text: &str) -> Vec<Element> {
    let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    assert!(text.starts_with(start), "{text}");
    assert_plain(text);
    assert!(!text.contains(['\u{fffe}', '\u{ffff}']), "no characters of XML");
    let mut reader = quick_xml::Reader::from_str(&text[start.len()..]);
    reader.config_mut().enable_all_checks(true);
    let (mut open, mut all): (Vec<usize>, Vec<Element>) = (Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().expect("well-formed");
        match event {
            Xml::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                assert!(["testsuites", "testsuite", "testcase", "failure", "system-out"].contains(&name.as_str()), "{name}");
                let mut attributes = BTreeMap::new();
                for attribute in tag.attributes() {
                    let attribute = attribute.expect("an attribute, once");
                    let value = attribute.normalized_value(XmlVersion::Explicit1_0).expect("known entities").into_owned();
                    attributes.insert(attribute.key.as_ref().to_owned(), value);
                }
                let within = open.iter().map(|at| all[*at].name.clone()).collect();
                open.push(all.len());
                all.push(Element { name, within, attributes, text: String::new() });
            }
            Xml::End(_) => {
                open.pop();
            }
            Xml::Text(found) => match open.last() {
                Some(at) => all[*at].text.push_str(&found),
                None => assert!(found.trim().is_empty(), "text outside: {found:?}"),
            },
            Xml::GeneralRef(entity) => {
                let sign = match &*entity {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    other => panic!("an entity {other}"),
                };
                all[*open.last().expect("within an element")].text.push_str(sign);
            }
            Xml::Eof => break,
            other => panic!("neither element nor text: {other:?}"),
        }
    }
    assert!(open.is_empty());
    let cases = all.iter().filter(|element| element.name == "testcase").count().to_string();
    let failures = all.iter().filter(|element| element.name == "failure").count().to_string();
    for suite in &all[..2] {
        assert_eq!((&suite.attributes["tests"], &suite.attributes["failures"]), (&cases, &failures));
    }
    for element in &all {
        let expected: &[&str] = match element.name.as_str() {
            "testsuites" => &[],
            "testsuite" => &["testsuites"],
            "testcase" => &["testsuites", "testsuite"],
            _ => &["testsuites", "testsuite", "testcase"],
        };
        assert_eq!(element.within, expected);
    }
    all
}

/// Samples as Prometheus' own parser of `OpenMetrics` reads them: `[name, labels, value]`.
#[track_caller]
pub(super) fn openmetrics(text: &str) -> Vec<(String, BTreeMap<String, String>, f64)> {
    const SCRIPT: &str = "import json, sys\n\
        from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse\n\
        text = sys.stdin.buffer.read().decode('utf-8')\n\
        print(json.dumps([[s.name, s.labels, s.value] for f in parse(text) for s in f.samples if f.type == 'gauge']))\n";
    assert_plain(text);
    // Debian's package is of Debian's interpreter.
    let mut child = Command::new("/usr/bin/python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python: .ci/test installs it");
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "not OpenMetrics, or no python3-prometheus-client: {errors}\n{text}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Markdown in which all markup is ours: its text without markup, code included.
#[track_caller]
pub(super) fn markdown(text: &str) -> String {
    assert_plain(text);
    let mut plain = String::new();
    let mut markers = 0;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("a link to {dest_url}: {text}"),
            Event::Start(Tag::CodeBlock(_)) => panic!("a block of code: {text}"),
            Event::Html(html) | Event::InlineHtml(html) => {
                let html = html.trim();
                markers += usize::from(html.starts_with("<!-- plimsoll:") && html.ends_with(" -->"));
                let ours = ["<details><summary>", "</summary>", "</details>", "<sub>", "</sub>", "<!-- plimsoll:"];
                assert!(html.is_empty() || ours.iter().any(|tag| html.starts_with(tag)), "HTML: {html}");
            }
            Event::Text(words) | Event::Code(words) => plain.push_str(&words),
            _ => plain.push('\n'),
        }
    }
    assert_eq!(markers, text.matches("<!--").count(), "{text}");
    assert!(markers <= 1, "{text}");
    plain
}
