//! `plimsoll.toml`: levels, rules of one's own, exceptions, and what is said of mistakes.

mod support;

use serde_json::Value;
use support::{Entry, ImageSpec, Layer, Layout, Outcome, plimsoll};
use tempfile::TempDir;

/// Package lists that stay, a file that is deleted later, and a tree of the image's own.
fn image() -> Layout {
    let layers = [
        Layer::new(&[
            Entry::file("var/lib/apt/lists/a_Packages", vec![b'a'; 300_000]),
            Entry::file("var/lib/apt/lists/b_Packages", vec![b'b'; 100_000]),
            Entry::file("opt/tool/gone", vec![b'g'; 200_000]),
            Entry::file("srv/fixtures/traffic", vec![b't'; 150_000]),
        ]),
        Layer::new(&[Entry::whiteout("opt/tool/gone")]),
    ];
    Layout::of(&ImageSpec::new(&layers).created_by(&["RUN apt-get update && make all", "RUN rm /opt/tool/gone"]))
}

fn configured(text: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("plimsoll.toml"), text).expect("a new file");
    directory
}

/// What the binary does in a directory with this configuration.
fn run(config: &str, args: &[&str]) -> Outcome {
    let directory = configured(config);
    Outcome::of(plimsoll().current_dir(directory.path()).args(args))
}

fn report(config: &str) -> Value {
    let image = image();
    let outcome = run(config, &[image.arg(), "--format", "json"]);
    outcome.assert_status(0);
    outcome.json()
}

/// Level, content and excuse of each finding of a rule.
fn findings(report: &Value, rule: &str) -> Vec<(String, u64, Option<String>)> {
    let all = report["findings"].as_array().expect("findings").iter().filter(|finding| finding["rule"] == rule);
    all.map(|finding| {
        let level = finding["level"].as_str().expect("a level").to_owned();
        (level, finding["content_bytes"].as_u64().expect("bytes"), finding["allowed"].as_str().map(str::to_owned))
    })
    .collect()
}

/// Rules whose findings some edit clears.
fn edited(report: &Value) -> Vec<&str> {
    let edits = report["edits"].as_array().expect("edits");
    edits.iter().flat_map(|edit| edit["findings"].as_array().expect("rules")).filter_map(Value::as_str).collect()
}

fn warn(bytes: u64) -> Vec<(String, u64, Option<String>)> {
    vec![("warn".to_owned(), bytes, None)]
}

#[test]
fn without_a_file_all_is_as_built_in() {
    let report = report("");
    assert_eq!(findings(&report, "apt/lists"), warn(400_000));
    assert_eq!(findings(&report, "layer/deleted"), warn(200_000));
    assert_eq!(edited(&report), ["apt/lists", "layer/deleted"]);
}

#[test]
fn a_level_off_removes_finding_and_edit() {
    let report = report("[levels]\n\"apt/lists\" = \"off\"");
    assert_eq!(findings(&report, "apt/lists"), []);
    assert_eq!(edited(&report), ["layer/deleted"]);
    let off = self::report("[levels]\n\"layer/*\" = \"off\"\n\"apt/lists\" = \"info\"");
    assert_eq!(findings(&off, "layer/deleted"), []);
    assert_eq!(findings(&off, "apt/lists"), [("info".to_owned(), 400_000, None)]);
    assert!(off["edits"].as_array().expect("edits").is_empty(), "what is off or info is not to be changed: {}", off["edits"]);
    assert_eq!(off["totals"], report["totals"], "levels change no sum");
}

#[test]
fn a_rules_own_level_beats_its_tools() {
    let report = report("[levels]\n\"layer/*\" = \"info\"\n\"layer/deleted\" = \"fail\"");
    assert_eq!(findings(&report, "layer/deleted"), [("fail".to_owned(), 200_000, None)]);
}

/// A deletion in a copy from the build context is an edit of another kind; levels hold there too.
#[test]
fn levels_hold_for_every_kind_of_edit() {
    let big = vec![b'x'; 200_000];
    let layers = [
        Layer::new(&[Entry::file("app/data", &big), Entry::file("app/gone", &big)]),
        Layer::new(&[Entry::whiteout("app/gone"), Entry::file("app/data", &big).owner(1, 1)]),
    ];
    let layout = Layout::of(&ImageSpec::new(&layers).created_by(&["COPY . /app # buildkit", "RUN rm /app/gone && chown -R 1:1 /app"]));
    let kinds = |config: &str| {
        let report = run(config, &[layout.arg(), "--format", "json"]).json();
        let edits = report["edits"].as_array().expect("edits").clone();
        let mut kinds: Vec<String> = edits.iter().map(|edit| edit["kind"].as_str().expect("a kind").to_owned()).collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds(""), ["ignore", "metadata"]);
    assert_eq!(kinds("[levels]\n\"layer/deleted\" = \"info\""), ["metadata"]);
    assert_eq!(kinds("[levels]\n\"layer/metadata-only\" = \"off\""), ["ignore"]);
    assert_eq!(kinds("[[allow]]\nrule = \"layer/*\"\nreason = \"legacy\""), [""; 0]);
}

const FIXTURES: &str = r#"
[[rule]]
id = "acme/fixtures"
title = "recorded traffic"
why = "Only tests read it."
fix = "Add it to .dockerignore."
remedy = "clean"
[rule.select]
paths = ["srv/fixtures/**", "var/lib/apt/lists/b_*"]
"#;

#[test]
fn a_rule_of_ones_own_claims_first() {
    let report = report(FIXTURES);
    assert_eq!(findings(&report, "acme/fixtures"), warn(250_000));
    assert_eq!(findings(&report, "apt/lists"), warn(300_000));
    assert!(edited(&report).contains(&"acme/fixtures"));
    let rules = run(FIXTURES, &["rules"]).text();
    assert!(rules.starts_with("acme/fixtures"), "{rules}");
    let explained = run(FIXTURES, &["explain", "acme/fixtures"]).text();
    assert!(explained.contains("Only tests read it."), "{explained}");
}

#[test]
fn an_exception_for_all_of_a_rule() {
    let report = report("[[allow]]\nrule = \"apt/*\"\nreason = \"a mirror\"\nexpires = 9999-12-31");
    assert_eq!(findings(&report, "apt/lists"), [("info".to_owned(), 400_000, Some("a mirror".to_owned()))]);
    assert_eq!(edited(&report), ["layer/deleted"]);
    let image = image();
    let table = run("[[allow]]\nrule = \"apt/lists\"\nreason = \"a mirror\"", &["findings", image.arg()]).text();
    assert!(table.contains("(allowed: a mirror)"), "{table}");
    let csv = run("[[allow]]\nrule = \"apt/lists\"\nreason = \"a mirror\"", &["findings", image.arg(), "--format", "csv"]).text();
    assert!(csv.contains("\"a mirror\""), "{csv}");
}

#[test]
fn an_exception_for_certain_paths() {
    let report = report("[[allow]]\nrule = \"apt/lists\"\npaths = [\"**/b_*\"]\nreason = \"read at start\"");
    let mut found = findings(&report, "apt/lists");
    found.sort();
    assert_eq!(found, [("info".to_owned(), 100_000, Some("read at start".to_owned())), ("warn".to_owned(), 300_000, None)]);
    let saved = report["edits"][0]["content_bytes"].as_u64().expect("bytes");
    assert_eq!(saved, 500_000, "the edit leaves what is allowed: {}", report["edits"]);
}

#[test]
fn an_expired_exception_is_not_applied_and_told() {
    let config = "[[allow]]\nrule = \"apt/lists\"\nreason = \"until the move\"\nexpires = 2020-02-29";
    let image = image();
    let outcome = run(config, &[image.arg(), "--format", "json"]);
    outcome.assert_status(0);
    let report = outcome.json();
    assert_eq!(findings(&report, "apt/lists"), warn(400_000));
    let note = report["notes"].as_array().expect("notes").iter().find(|note| note["code"] == "allow-expired").expect("a note");
    for text in [note["message"].as_str().expect("text"), &outcome.stderr] {
        assert!(text.contains("apt/lists expired on 2020-02-29") && text.contains("until the move"), "{text}");
    }
    let table = run(config, &[image.arg()]).text();
    assert!(table.contains("! the exception from apt/lists expired"), "{table}");
}

#[test]
fn the_floor_of_tables() {
    let below = |config: &str| {
        let report = report(config);
        let found = report["findings"].as_array().expect("findings").iter();
        found
            .filter(|finding| finding["below_floor"] == true)
            .map(|finding| finding["rule"].as_str().expect("a rule").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(below(""), ["layer/deleted"], "by default 256 KiB");
    assert_eq!(below("floor = \"100kB\""), [""; 0]);
    assert_eq!(below("floor = 1000000"), ["apt/lists", "layer/deleted"]);
}

#[test]
fn levels_show_in_rules_and_explain() {
    let config = "[levels]\n\"apt/lists\" = \"fail\"";
    let rules = run(config, &["rules", "--format", "csv"]).text();
    assert!(rules.contains("\"apt/lists\",\"fail\""), "{rules}");
    let explained = run(config, &["explain", "apt/lists"]).text();
    assert!(explained.contains("level: fail"), "{explained}");
    let missed = run(config, &["explain", "apt/list"]);
    missed.assert_status(2);
    assert!(missed.stderr.contains("apt/lists"), "{}", missed.stderr);
}

/// The option, then the variable, then the file in the directory.
#[test]
fn where_it_comes_from() {
    let (one, two) = (configured("[levels]\n\"apt/lists\" = \"fail\""), configured("[levels]\n\"apt/lists\" = \"info\""));
    let there = two.path().join("plimsoll.toml");
    let level = |command: &mut assert_cmd::Command| {
        let outcome = Outcome::of(command.current_dir(one.path()).args(["rules", "--format", "csv"]));
        outcome.assert_status(0);
        let text = outcome.text();
        let row = text.lines().find(|line| line.starts_with("\"apt/lists\"")).expect("the rule").to_owned();
        row.split('"').nth(3).expect("a level").to_owned()
    };
    assert_eq!(level(&mut plimsoll()), "fail");
    assert_eq!(level(plimsoll().env("PLIMSOLL_CONFIG", &there)), "info");
    assert_eq!(level(plimsoll().env("PLIMSOLL_CONFIG", "")), "fail");
    let option = Outcome::of(plimsoll().env("PLIMSOLL_CONFIG", "no-such").args(["rules", "--config"]).arg(&there));
    option.assert_status(0);
    let absent = Outcome::of(plimsoll().args(["rules", "--config", "no-such.toml"]));
    assert_eq!(absent.status, Some(3));
    assert!(absent.stderr.contains("no-such.toml"), "{}", absent.stderr);
    let default = image();
    Outcome::of(plimsoll().env("PLIMSOLL_CONFIG", &there).arg(default.arg())).assert_status(0);
}

/// Every mistake names the file, the line, and what was expected.
#[test]
fn mistakes_are_named() {
    let rule =
        |id: &str, rest: &str| format!("[[rule]]\nid = \"{id}\"\ntitle = \"t\"\nwhy = \"w\"\nfix = \"f\"\nremedy = \"clean\"\n{rest}\n");
    let select = "select.paths = [\"a/**\"]";
    for (config, line, hints) in [
        ("floor = 1\nflor = 2".to_owned(), 2, &["unknown key `flor`; did you mean `floor`?", "`floor`"][..]),
        ("floor = \"much\"".to_owned(), 1, &["a size such as"]),
        ("floor = -1".to_owned(), 1, &["a size such as"]),
        ("[levels]\n\"apt/list\" = \"off\"".to_owned(), 2, &["`apt/list`", "apt/lists"]),
        ("[levels]\n\"atp/*\" = \"off\"".to_owned(), 2, &["`atp/*`"]),
        ("[levels]\n\n\"apt/lists\" = \"loud\"".to_owned(), 3, &["loud", "`off`", "`fail`"]),
        ("[[allow]]\nrule = \"apt/lists\"".to_owned(), 1, &["reason"]),
        ("[[allow]]\nrule = \"apt/lists\"\nreason = \" \"".to_owned(), 1, &["expected a reason"]),
        ("[[allow]]\nrule = \"apt/lsits\"\nreason = \"r\"".to_owned(), 1, &["apt/lists"]),
        ("[[allow]]\nrule = \"apt/lists\"\nreason = \"r\"\npaths = [\"a//b\"]".to_owned(), 1, &["a//b"]),
        ("[[allow]]\nrule = \"apt/lists\"\nreason = \"r\"\nexpires = \"soon\"".to_owned(), 4, &["expected a date", "2027-01-31", "soon"]),
        ("[[allow]]\nrule = \"apt/lists\"\nreason = \"r\"\nexpires = 2027-02-31".to_owned(), 4, &["date"]),
        ("[[allow]]\nrule = \"apt/lists\"\nreason = \"r\"\nexpires = 10:00:00".to_owned(), 4, &["expected a date"]),
        ("[[allow]]\nrule = \"apt/lists\"\nreason = \"r\"\nuntil = 2027-01-31".to_owned(), 4, &["unknown field `until`", "expires"]),
        (rule("apt/lists", select), 1, &["the id is taken"]),
        (rule("config/root-user", select), 1, &["the id is taken"]),
        (rule("a/b", select) + &rule("a/b", select), 8, &["the id is taken"]),
        (rule("plain", select), 1, &["tool/offence"]),
        (rule("a/b", "select.paths = []"), 1, &["expected `paths`"]),
        (rule("a/b", "select.paths = [\"{a\"]"), 1, &["{a,b}"]),
        (rule("a/b", "select.path = [\"a\"]"), 7, &["unknown field `path`", "`paths`"]),
        ("[checklist]\nsize-target = \"big\"".to_owned(), 2, &["300MB"]),
        ("[checklist]\nsize-target = { good = \"2MB\", acceptable = \"1MB\" }".to_owned(), 2, &["good ≤ acceptable ≤ limit"]),
        ("floor = ".to_owned(), 1, &[]),
    ] {
        let outcome = run(&config, &["rules"]);
        outcome.assert_status(2);
        assert!(outcome.stdout.is_empty());
        assert!(outcome.stderr.contains(&format!("plimsoll.toml:{line}: ")), "{config}\n{}", outcome.stderr);
        for hint in hints {
            assert!(outcome.stderr.contains(hint), "{config}\nhint {hint}: {}", outcome.stderr);
        }
    }
}
