//! `plimsoll check`: budgets at the exact byte, the shortest way under them, baselines, dive's rules, exit statuses.

#[path = "check/baseline.rs"]
mod baseline;
#[path = "check/dive.rs"]
mod dive;
mod support;
#[path = "check/way.rs"]
mod way;

use serde_json::{Value, json};
use std::path::Path;
use support::{Entry, ImageSpec, Layer, Layout, Outcome, plimsoll};
use tempfile::TempDir;

const LISTS: usize = 400_000;
const GONE: usize = 200_000;
const TOOL: usize = 50_000;
const DOC: usize = 7_000;
const BASE: usize = 1_000;
const STATUS: &str = "Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n\n";
const OWNED: &str = "/usr/lib/tool/x\n";

fn file(path: &str, size: usize) -> Entry {
    // Not all alike, so that compressed sizes differ.
    Entry::file(path, (0..size).map(|at| (at * at / 7 % 251) as u8).collect::<Vec<_>>())
}

fn layers() -> [Layer; 3] {
    [
        Layer::new(&[file("usr/lib/base", BASE)]),
        Layer::new(&[
            Entry::file("var/lib/dpkg/status", STATUS),
            Entry::file("var/lib/dpkg/info/tool.list", OWNED),
            file("usr/lib/tool/x", TOOL),
            file("var/lib/apt/lists/a_Packages", LISTS),
            file("opt/gone", GONE),
        ]),
        Layer::new(&[Entry::whiteout("opt/gone"), file("usr/share/doc/x/readme", DOC)]),
    ]
}

/// The image, its base, and its layers.
fn image() -> (Layout, Layout, [Layer; 3]) {
    let layers = layers();
    let lines = ["ADD rootfs.tar /", "RUN apt-get update && apt-get install tool", "RUN rm /opt/gone && document"];
    let whole = Layout::of(&ImageSpec::new(&layers).created_by(&lines));
    let base = Layout::of(&ImageSpec::new(&layers[..1]).created_by(&lines[..1]));
    (whole, base, layers)
}

/// A directory with this configuration.
fn directory(config: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    if !config.is_empty() {
        std::fs::write(directory.path().join("plimsoll.toml"), config).expect("a new file");
    }
    directory
}

/// What `plimsoll ARGS` does in a directory.
fn within(directory: &Path, args: &[&str]) -> Outcome {
    Outcome::of(plimsoll().current_dir(directory).args(args))
}

fn run(config: &str, args: &[&str]) -> Outcome {
    within(directory(config).path(), args)
}

/// The verdict on the image: `plimsoll check IMAGE ARGS --format json`.
#[track_caller]
fn verdict(config: &str, args: &[&str], status: i32) -> Value {
    let outcome = run(config, &[&["check"], args, &["--format", "json"]].concat());
    outcome.assert_status(status);
    outcome.json()
}

#[track_caller]
fn budget<'v>(verdict: &'v Value, name: &str) -> &'v Value {
    let all = verdict["budgets"].as_array().expect("budgets");
    all.iter().find(|budget| budget["name"] == name).unwrap_or_else(|| panic!("no budget {name}: {verdict}"))
}

/// Everything that is counted in bytes, with what it is by the entries above.
fn quantities(layers: &[Layer; 3], image: &Layout) -> Vec<(String, String, u64)> {
    let blobs: Vec<u64> = layers.iter().map(|layer| layer.blob.len() as u64).collect();
    let tars: Vec<u64> = layers.iter().map(|layer| layer.tar.len() as u64).collect();
    let own = (TOOL + LISTS + GONE + DOC + STATUS.len() + OWNED.len()) as u64;
    let disk = own + BASE as u64;
    let key = |key: &str, bytes: u64| (format!("{{verb}}_{key} = {{limit}}"), key.to_owned(), bytes);
    let limit = |of: &str, measure: &str, bytes: u64| {
        let name = if measure == "disk" { of.to_owned() } else { format!("{of} ({measure})") };
        (format!("[[budget.limit]]\nof = \"{of}\"\nmeasure = \"{measure}\"\n{{verb}} = {{limit}}"), name, bytes)
    };
    // Whose files of dpkg's are is a matter of packages, and tested there.
    let packages = run("", &["packages", image.arg(), "--format", "json"]).json();
    let tool = packages[0]["content_bytes"].as_u64().expect("bytes");
    assert_eq!((packages[0]["name"].as_str(), tool >= TOOL as u64), (Some("tool"), true));
    vec![
        key("disk", disk),
        key("pull", blobs.iter().sum()),
        key("diff", tars.iter().sum()),
        key("live", disk - GONE as u64),
        key("hidden", GONE as u64),
        key("own", own),
        key("own_pull", blobs[1] + blobs[2]),
        key("own_diff", tars[1] + tars[2]),
        key("layer", own - DOC as u64),
        key("layer_pull", blobs[1]),
        key("layers", 3),
        limit("own", "hidden", GONE as u64),
        limit("own", "live", own - GONE as u64),
        limit("path:/usr/share/doc/**", "disk", DOC as u64),
        limit("path:gone", "hidden", GONE as u64),
        limit("path:/opt/**", "live", 0),
        limit("rule:apt/lists", "disk", LISTS as u64),
        limit("rule:apt/*", "disk", LISTS as u64),
        limit("package:deb:tool", "disk", tool),
        limit("package:deb:t*l", "disk", tool),
        limit("package:npm:tool", "disk", 0),
        limit("ecosystem:deb", "disk", tool),
    ]
}

/// What weighs as much as its limit passes; one byte more and it fails, or warns.
#[test]
fn every_quantity_at_the_exact_byte() {
    let (image, base, layers) = image();
    for (text, name, bytes) in quantities(&layers, &image) {
        for (verb, limit, expected) in
            [("max", bytes, "pass"), ("max", bytes.saturating_sub(1), "fail"), ("warn", bytes.saturating_sub(1), "warn")]
        {
            if bytes == 0 && expected != "pass" {
                continue;
            }
            let config = format!("[budget]\n{}", text.replace("{verb}", verb).replace("{limit}", &limit.to_string()));
            let verdict = verdict(&config, &[image.arg(), "--base", base.arg()], i32::from(expected == "fail"));
            let found = budget(&verdict, &name);
            assert_eq!(found["verdict"], expected, "{config}: {found}");
            assert_eq!(found["actual"], bytes, "{config}");
            assert_eq!(found["limit"], limit, "{config}");
            assert_eq!(found["over"], bytes - limit, "{config}");
            assert_eq!(verdict["verdict"], expected);
        }
    }
}

/// Parts in percent, with a size or without: one byte decides here too.
#[test]
fn parts_and_sizes_together() {
    let (image, ..) = image();
    let disk = BASE + TOOL + LISTS + GONE + DOC + STATUS.len() + OWNED.len();
    // 200,000 of 658,093 are 30.39 %.
    assert_eq!(disk, 658_093);
    for (limit, expected, comes_to) in [
        ("30.4%", "pass", 200_060),
        ("30.39%", "fail", 199_994),
        ("30 %", "fail", 197_427),
        ("30% and 200kB", "pass", 200_000),
        ("30% and 199999", "fail", 199_999),
        ("200 kB or 40%", "pass", 200_000),
        ("30% or 300 kB", "fail", 197_427),
        ("40% or 199999B", "fail", 199_999),
        ("195.3125KiB", "pass", 200_000),
        ("0.2MB", "pass", 200_000),
    ] {
        let status = i32::from(expected == "fail");
        let flagged = verdict("", &[image.arg(), "--max-hidden", limit], status);
        let filed = verdict(&format!("[budget]\nmax_hidden = \"{limit}\""), &[image.arg()], status);
        for verdict in [&flagged, &filed] {
            let found = budget(verdict, "hidden");
            assert_eq!((&found["verdict"], &found["limit"]), (&json!(expected), &json!(comes_to)), "{limit}");
        }
    }
}

/// Warning and failing, in one table or in two keys.
#[test]
fn warn_and_fail() {
    let (image, ..) = image();
    for (warn, fail, expected) in [(199_999, 200_000, "warn"), (200_000, 200_000, "pass"), (100, 199_999, "fail")] {
        let status = i32::from(expected == "fail");
        for config in [
            format!("[budget]\nmax_hidden = {{ warn = {warn}, fail = {fail} }}"),
            format!("[budget]\nwarn_hidden = {warn}\nmax_hidden = {fail}"),
        ] {
            let verdict = verdict(&config, &[image.arg()], status);
            let found = budget(&verdict, "hidden");
            assert_eq!((&found["verdict"], &found["limit"], &found["warn"]), (&json!(expected), &json!(fail), &json!(warn)), "{config}");
        }
    }
}

#[test]
fn efficiency_has_a_least() {
    let (image, ..) = image();
    // 458,093 of 658,093 are 0.69609 %.
    for (limit, expected) in [("69.6%", "pass"), ("0.6960", "pass"), ("69.61%", "fail"), ("0.69609", "pass"), ("0.6961", "fail")] {
        let verdict = verdict("", &[image.arg(), "--min-efficiency", limit], i32::from(expected == "fail"));
        assert_eq!(budget(&verdict, "efficiency")["verdict"], expected, "{limit}");
    }
}

/// Findings by level; those of the base and those that are accepted do not count, until the exception ends.
#[test]
fn findings_by_level() {
    let (image, ..) = image();
    let on = |config: &str, level: &str, status: i32| verdict(config, &[image.arg(), "--fail-on", level], status);
    let found = on("", "warn", 1);
    // Package lists, and what was deleted.
    assert_eq!(budget(&found, "findings:warn")["actual"], 2);
    assert_eq!(on("", "fail", 0)["verdict"], "pass");
    assert_eq!(
        budget(&on("[levels]\n\"apt/lists\" = \"fail\"", "fail", 1), "findings:fail")["why"],
        json!(["/var/lib/apt/lists/a_Packages"])
    );
    let allow =
        |expires: &str| format!("[levels]\n\"apt/lists\" = \"fail\"\n[[allow]]\nrule = \"apt/lists\"\nreason = \"a mirror\"\n{expires}");
    on(&allow(""), "fail", 0);
    on(&allow("expires = 9999-12-31"), "fail", 0);
    let expired = run(&allow("expires = 2001-01-01"), &["check", image.arg(), "--fail-on", "fail", "--format", "json"]);
    expired.assert_status(1);
    assert!(expired.stderr.contains("expired on 2001-01-01"), "{}", expired.stderr);
    assert!(expired.json()["expired"][0].as_str().is_some_and(|text| text.contains("a mirror")));
    let limit = "[[budget.limit]]\nof = \"findings:warn\"\nmax = 2\nwarn = 1";
    assert_eq!(verdict(limit, &[image.arg()], 0)["verdict"], "warn");
    // The base's own are nothing that this image can change.
    let based = run("", &["check", image.arg(), "--fail-on", "warn", "--base", image.arg()]);
    based.assert_status(0);
}

const SECTIONS: &str = r#"
[budget]
max_disk = "1 MB"
max_layers = 2

[image."registry.example.com/web/*"]
max_disk = 10

[image."*:latest"]
max_disk = 658091

[profile.strict]
max_disk = 9
warn_hidden = 8
"#;

/// `[budget]`, then images by name in the order of the file, then the profile, then flags.
#[test]
fn sections_lie_over_each_other() {
    let (image, ..) = image();
    let disk = |args: &[&str]| {
        let verdict = verdict(SECTIONS, &[&[image.arg()], args].concat(), 1);
        (budget(&verdict, "disk")["limit"].clone(), verdict["sections"].clone(), verdict["budgets"].as_array().expect("budgets").len())
    };
    assert_eq!(disk(&[]), (json!(1_000_000), json!(["budget"]), 2));
    assert_eq!(disk(&["--profile", "strict"]), (json!(9), json!(["budget", "profile strict"]), 3));
    assert_eq!(disk(&["--profile", "strict", "--max-disk", "7B"]), (json!(7), json!(["budget", "profile strict", "command line"]), 3));
    let named = |name: &str| {
        let layout = Layout::new();
        let descriptor = layout.image(&ImageSpec::new(&layers()));
        layout.index(&[support::named(descriptor, name)]);
        let verdict = verdict(SECTIONS, &[layout.arg()], 1);
        (budget(&verdict, "disk")["limit"].clone(), verdict["sections"].clone())
    };
    assert_eq!(named("registry.example.com/web/shop:1.2"), (json!(10), json!(["budget", "image \"registry.example.com/web/*\""])));
    assert_eq!(
        named("registry.example.com/web/shop:latest"),
        (json!(658_091), json!(["budget", "image \"registry.example.com/web/*\"", "image \"*:latest\""]))
    );
    assert_eq!(named("registry.example.com/other:1"), (json!(1_000_000), json!(["budget"])));
    let unknown = run(SECTIONS, &["check", image.arg(), "--profile", "stict"]);
    unknown.assert_status(2);
    assert!(unknown.stderr.contains("did you mean `strict`?"), "{}", unknown.stderr);
}

/// Wrong use before broken input, that before incomplete, that before a failing budget.
#[test]
fn exit_statuses() {
    let (image, _, layers) = image();
    let status = |config: &str, args: &[&str], expected: i32| {
        let outcome = run(config, &[&["check"], args].concat());
        assert_eq!(outcome.status, Some(expected), "{config} {args:?}: {}", outcome.stderr);
        outcome
    };
    let image = image.arg();
    status("", &[image, "--max-disk", "1GB"], 0);
    status("", &[image, "--max-disk", "1B"], 1);
    status("", &[image, "--max-disk", "1B", "--exit-zero"], 0);
    status("[budget]\nwarn_disk = 1", &[image], 0);
    // No budget, no such one, one that makes no sense.
    let none = status("", &[image], 2);
    assert!(none.stderr.contains("[budget]\nmax_disk = \"300 MB\"\nmax_hidden = \"5% and 10 MB\""), "{}", none.stderr);
    status("[image.\"other\"]\nmax_disk = 1", &[image], 2);
    status("", &[image, "--max-disk", "5%"], 2);
    status("", &[image, "--max-layers", "5MB or 3%"], 2);
    status("", &[image, "--max-hidden", "lots"], 2);
    // Nobody means 300 bytes; whoever does says so. A configuration means what it says.
    for (flag, text, number) in [
        ("--max-disk", "300", "300"),
        ("--max-own", "5% and 10", "10"),
        ("--max-hidden", "999 or 5%", "999"),
        ("--max-growth", " 1.5", "1.5"),
    ] {
        let asked = status("", &[image, flag, text], 2);
        assert!(asked.stderr.contains(&format!("{flag}: {number} what? Write {number}MB, or {number}B")), "{}", asked.stderr);
    }
    for (text, expected) in [("0", 1), ("300B", 1), ("300 B", 1), ("1000", 1), ("1000000000", 0)] {
        status("", &[image, "--max-disk", text], expected);
    }
    status("", &[image, "--max-hidden", "100% or 1kB"], 1);
    status("", &[image, "--max-layers", "20"], 0);
    status("[budget]\nmax_disk = 300", &[image], 1);
    status("[budget]\nmax_disk = \"300\"", &[image], 1);
    status("", &[image, "--max-growth", "5%"], 2);
    status("[budget]\nmax_dsk = 1", &[image, "--max-disk", "1B"], 2);
    status("", &["/nonexistent.tar", "--max-disk", "1B"], 3);
    status("[budget]\nmax_dsk = 1", &["/nonexistent.tar"], 2);
    // Layers that are stored as they are: what a pull costs nobody knows.
    let plain = support::layout(&layers.clone().map(Layer::plain));
    let unknown = status("", &[plain.arg(), "--max-pull", "1GB"], 2);
    assert!(unknown.stderr.contains("nobody knows what a pull costs"), "{}", unknown.stderr);
    status("[[budget.limit]]\nof = \"path:/opt/**\"\nmeasure = \"pull\"\nmax = \"1GB\"", &[plain.arg()], 2);
    status("", &[plain.arg(), "--max-disk", "1GB"], 0);
    // Incomplete decides before any budget, and nothing but --allow-incomplete excuses it.
    let [first, second, third] = layers;
    let partial = support::layout(&[first, second, third.absent()]);
    status("", &[partial.arg(), "--max-disk", "1GB"], 5);
    status("", &[partial.arg(), "--max-disk", "1B"], 5);
    status("", &[partial.arg(), "--max-disk", "1B", "--exit-zero"], 5);
    status("", &[partial.arg(), "--max-disk", "1B", "--allow-incomplete"], 1);
    status("", &[partial.arg(), "--max-disk", "1GB", "--allow-incomplete"], 0);
    status("", &[partial.arg(), "--max-growth", "5%"], 2);
    let (whole, ..) = self::image();
    status("", &[whole.arg(), "--max-disk", "1GB", "--limit", "entries=3"], 5);
}

#[test]
fn formats_say_the_same() {
    let (image, ..) = image();
    let args = ["--max-hidden", "1kB", "--max-disk", "1GB"];
    let csv = run("", &[&["check", image.arg(), "--format", "csv"], &args[..]].concat());
    csv.assert_status(1);
    let expected = "\"name\",\"verdict\",\"actual\",\"limit\",\"over\",\"warn\",\"configured\",\"why\"\r\n\
        \"disk\",\"pass\",\"658093\",\"1000000000\",\"0\",\"\",\"1.00 GB\",\"\"\r\n\
        \"hidden\",\"fail\",\"200000\",\"1000\",\"199000\",\"\",\"1.00 kB\",\"\"\r\n";
    assert_eq!(csv.text(), expected);
    let schema: Value = run("", &["schema", "check"]).json();
    let checker = jsonschema::validator_for(&schema).expect("a schema");
    let verdict = verdict("", &[&[image.arg()], &args[..]].concat(), 1);
    checker.validate(&verdict).expect("a verdict of the published form");
}

/// What people see, at three widths.
#[test]
fn the_table() {
    let (image, ..) = image();
    let config = "[budget]\nmax_disk = { warn = \"10 kB\", fail = \"300 kB\" }\nmax_hidden = \"5% and 10 kB\"\nmax_layers = 20\nfail_on = \"warn\"\n";
    let directory = directory(config);
    for width in [80, 100, 120] {
        let outcome = Outcome::of(plimsoll().current_dir(directory.path()).env("COLUMNS", width.to_string()).args(["check", image.arg()]));
        outcome.assert_status(1);
        assert!(outcome.text().lines().all(|line| line.chars().count() <= width), "{}", outcome.text());
        insta::assert_snapshot!(format!("table-{width}"), outcome.text());
    }
}

/// Every mistake is told with its line, and what may have been meant.
#[test]
fn mistakes_in_the_configuration() {
    let wrong = [
        "[budgets]\nmax_disk = 1",
        "[budget]\nmax-disk = \"1 MB\"",
        "# first\n\n[budget]\nmax_dsik = \"1 MB\"",
        "[budget]\nmax_shadowed = \"1 MB\"",
        "[budget]\nmax_disk = \"lots\"",
        "[budget]\nmax_disk = \"5%\"",
        "[budget]\nmax_disk = -1",
        "[budget]\nmax_disk = 1.5",
        "[budget]\nmax_hidden = \"5% and 3%\"",
        "[budget]\nmax_hidden = \"5% an 3MB\"",
        "[budget]\nmax_layers = \"20\"",
        "[budget]\nmax_disk = { wran = 1 }",
        "[budget]\nwarn_disk = { fail = 1 }",
        "[budget]\nwarn_disk = 2\nmax_disk = 1",
        "[budget]\nmin_efficiency = 1.5",
        "[budget]\nfail_on = \"error\"",
        "[budget]\nbaseline = 3",
        "budget = 3",
        "[budget]\nlimit = 3",
        "[[budget.limit]]\nmax = 1",
        "[[budget.limit]]\nof = \"own\"",
        "[[budget.limit]]\nof = \"pakage:deb:x\"\nmax = 1",
        "[[budget.limit]]\nof = \"package:deb\"\nmax = 1",
        "[[budget.limit]]\nof = \"package:debian:x\"\nmax = 1",
        "[[budget.limit]]\nof = \"rule:apt/list\"\nmax = 1",
        "[[budget.limit]]\nof = \"findings:bad\"\nmax = 1",
        "[[budget.limit]]\nof = \"findings:warn\"\nmeasure = \"disk\"\nmax = 1",
        "[[budget.limit]]\nof = \"own\"\nmeasure = \"disc\"\nmax = 1",
        "[[budget.limit]]\nof = \"own\"\nmaximum = 1",
        "[[budget.limit]]\nof = \"path:a{b\"\nmax = 1",
        "[profile.strict]\nmax_dsk = 1",
        "[image.\"a*\"]\nmax_disk = true",
        "[budget]\nmax_disk = \"1 MB\"\nmax_disk = \"2 MB\"",
    ];
    let mut said = String::new();
    for text in wrong {
        let outcome = run(text, &["config", "check"]);
        assert_eq!(outcome.status, Some(2), "{text}: {}", outcome.stderr);
        assert!(outcome.stderr.starts_with("plimsoll: plimsoll.toml:"), "{text}: {}", outcome.stderr);
        said.extend([text, "\n  → ", outcome.stderr.trim_end(), "\n"]);
    }
    insta::assert_snapshot!("mistakes", said);
}

/// Every file is looked at, and each that is wrong is named.
#[test]
fn configurations_are_checked_alone() {
    let directory = directory("[budget]\nmax_disk = 1");
    std::fs::write(directory.path().join("wrong.toml"), "[budget]\nmax_disk = true").expect("a file");
    within(directory.path(), &["config", "check"]).assert_status(0);
    within(directory.path(), &["config", "check", "plimsoll.toml"]).assert_status(0);
    let elsewhere = tempfile::tempdir().expect("a directory");
    let nothing = within(elsewhere.path(), &["config", "check"]);
    nothing.assert_status(3);
    for words in ["there is no `plimsoll.toml` here", "plimsoll config check FILE", "[budget]\nmax_disk = \"300 MB\""] {
        assert!(nothing.stderr.contains(words), "{}", nothing.stderr);
    }
    let both = within(directory.path(), &["config", "check", "wrong.toml", "plimsoll.toml", "absent.toml"]);
    both.assert_status(2);
    assert!(both.stderr.contains("wrong.toml:2") && both.stderr.contains("absent.toml"), "{}", both.stderr);
}

/// The published schema takes what the parser takes, and refuses what it refuses.
#[test]
fn the_schema_and_the_parser_agree() {
    let schema = run("", &["schema", "config"]).json();
    let published = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/config-1.json")).expect("the schema");
    assert_eq!(
        serde_json::from_str::<Value>(&published).expect("JSON"),
        schema,
        "renew it with `plimsoll schema config > schema/config-1.json`"
    );
    let checker = jsonschema::draft202012::new(&schema).expect("a schema");
    let agree = |text: &str, right: bool| {
        let document: toml::Table = text.parse().expect("TOML");
        let document = serde_json::to_value(&document).expect("JSON");
        assert_eq!(checker.is_valid(&document), right, "{text}");
        let outcome = run(text, &["config", "check"]);
        assert_eq!(outcome.status == Some(0), right, "{text}: {}", outcome.stderr);
    };
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    let blocks = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let examples: Vec<&str> = blocks.filter(|block| !block.starts_with("# explore.toml")).collect();
    assert!(examples.iter().any(|text| text.contains("[budget]")), "the README shows budgets");
    for text in examples {
        agree(text, true);
    }
    for text in [
        "[budget]\nmax_disk = 5\nwarn_disk = \"4 B\"\nmax_layers = 3",
        "[budget]\nmax_hidden = \"5% and 10 MB\"\nmax_own = \"1.5GiB or 10.25 %\"",
        "[budget]\nmax_disk = { warn = \"1kB\", fail = \"1MB\" }\nwarn_pull = { warn = 3 }",
        "[budget]\nmin_efficiency = 0.9\nwarn_efficiency = \"95.5%\"\nfail_on = \"fail\"",
        "[profile.x]\nmax_growth = \"5%\"\nbaseline = \"plimsoll.lock\"\n[image.\"*\"]\nmax_layer = 1",
        "[[budget.limit]]\nof = \"package:npm:left-pad\"\nmeasure = \"pull\"\nmax = \"1 MB\"",
        "[[budget.limit]]\nof = \"findings:warn\"\nwarn = 3",
        "[checklist]\nsize-target = \"3MB\"",
    ] {
        agree(text, true);
    }
    for text in [
        "[budget]\nmax-disk = 5",
        "[budget]\nmax_disk = \"5%\"",
        "[budget]\nmax_disk = \"five\"",
        "[budget]\nmax_disk = -5",
        "[budget]\nmax_disk = { warm = 5 }",
        "[budget]\nwarn_disk = { fail = 5 }",
        "[budget]\nmax_layers = \"20\"",
        "[budget]\nmax_hidden = \"5% and\"",
        "[budget]\nmin_efficiency = 1.5",
        "[budget]\nmin_efficiency = \"101%\"",
        "[budget]\nfail_on = \"error\"",
        "[budget]\nbaseline = 3",
        "[[budget.limit]]\nof = \"own\"",
        "[[budget.limit]]\nmax = 1",
        "[[budget.limit]]\nof = \"ecosystem:pip\"\nmax = 1",
        "[profile.x]\nmax_dsk = 1",
        "[budgets]\nmax_disk = 1",
        "[levels]\n\"apt/lists\" = \"error\"",
        "[[allow]]\nrule = \"apt/lists\"",
    ] {
        agree(text, false);
    }
}
