//! Sums: whatever bytes are grouped by, all groups together are the image.

use crate::support::{MEASURES, json, number, plimsoll, run};
use crate::{Sample, archives};
use serde_json::Value;

const HIERARCHIES: [&str; 7] = [
    "layer",
    "ecosystem,package,layer",
    "instruction,directory",
    "rule,layer",
    "directory,package",
    "package",
    "layer,instruction,package,ecosystem,rule,directory",
];

/// A group is what the groups below it are, and live and hidden bytes are all of it.
fn assert_sums(parent: &Value, whole: &str, groups: &Value) {
    let groups = groups.as_array().expect("groups");
    for measure in MEASURES.into_iter().chain(["entries"]) {
        let sum: u64 = groups.iter().map(|group| number(group, &format!("/{measure}"))).sum();
        assert_eq!(number(parent, &format!("{whole}/{measure}")), sum, "{measure} of {}", parent["name"]);
    }
    for group in groups {
        for measure in MEASURES.into_iter().chain(["entries"]) {
            let of = |part: &str| number(group, &format!("{part}/{measure}"));
            assert_eq!(of(""), of("/live") + of("/shadowed"), "{measure} of {}", group["name"]);
        }
        if !group["groups"].is_null() {
            assert_sums(group, "", &group["groups"]);
        }
    }
}

/// Every hierarchy of every image balances in all measures, with the layers' sizes and as CSV too.
#[test]
fn every_hierarchy_adds_up_to_the_image() {
    let sample = Sample::new().layout();
    let mut images = archives();
    images.push(sample.path().to_owned());
    for image in images {
        let report = json(&[&image], 0);
        for by in HIERARCHIES {
            let name = image.to_str().expect("plain names");
            let groups = json(&[name, "--by", by], 0);
            assert_eq!(groups["totals"], report["totals"], "{name} by {by}");
            assert_eq!(groups["overhead"], report["overhead"], "{name} by {by}");
            assert_sums(&groups, "/totals", &groups["groups"]);

            let csv = run(&[name, "--by", by, "--format", "csv"]).text();
            let levels = by.split(',').count();
            for (column, measure) in ["entries", "content_bytes", "diff_bytes", "blob_bytes"].into_iter().enumerate() {
                // From the right: names may have commas.
                let cell = |row: &str| row.trim_end_matches('"').rsplit("\",\"").nth(11 - column).and_then(|cell| cell.parse::<u64>().ok());
                let sum: u64 = csv.lines().skip(1).map(|row| cell(row).unwrap_or_else(|| panic!("{row}"))).sum();
                let whole = number(&report, &format!("/totals/{measure}")) + number(&report, &format!("/overhead/{measure}"));
                assert_eq!(sum, whole, "{measure} of {name} by {by}");
            }
            assert_eq!(csv.lines().next().expect("names").split(',').count(), levels + 12);
        }
    }
}

/// The bytes that stand first in a row of a table written with `--bytes`.
fn disk(row: &str) -> Option<u64> {
    row.trim_start().split_once(" B").and_then(|(number, _)| number.replace(',', "").parse().ok())
}

/// The rows of the table add up to its last, which is the image, whatever is left out.
#[test]
fn the_table_adds_up() {
    let sample = Sample::new().layout();
    let mut images = archives();
    images.push(sample.path().to_owned());
    for image in images {
        let total = number(&json(&[&image], 0), "/totals/content_bytes");
        for options in [&["--top", "1"][..], &["--all"], &["--ecosystem", "npm", "--top", "1"], &["--ecosystem", "deb", "--all"], &[]] {
            let text = run(&[&["packages", image.to_str().expect("plain"), "--bytes"], options].concat()).text();
            let rows: Vec<u64> = text.lines().skip(1).filter_map(disk).collect();
            let (last, others) = rows.split_last().expect("a total");
            assert_eq!((*last, others.iter().sum::<u64>()), (total, total), "{options:?}: {text}");
            assert!(text.contains("unattributed") && text.contains("total; "), "{text}");
        }
    }
}

/// The sum of all packages is what `--by ecosystem` has beside the unattributed.
#[test]
fn packages_are_what_is_attributed() {
    let sample = Sample::new();
    let layout = sample.layout();
    let packages = run(&["packages", layout.arg(), "--all", "--format", "json"]).json();
    let groups = json(&[layout.arg(), "--by", "ecosystem"], 0);
    for group in groups["groups"].as_array().expect("groups").iter().filter(|group| group["name"] != "unattributed") {
        let of = packages.as_array().expect("packages").iter().filter(|package| package["ecosystem"] == group["name"]);
        for measure in MEASURES {
            let sum: u64 = of.clone().map(|package| number(package, &format!("/{measure}"))).sum();
            assert_eq!(sum, number(group, &format!("/{measure}")), "{measure} of {}", group["name"]);
        }
    }
    let unattributed = groups["groups"].as_array().expect("groups").iter().find(|group| group["name"] == "unattributed");
    let (content, _) = sample.weight(&["dpkg/status", "os-release", "extended_states", "opt/data"]);
    assert_eq!(number(unattributed.expect("some are nobody's"), "/content_bytes"), content);
}

/// Groups have the names that keys promise, with exact bytes.
#[test]
fn groups_by_name() {
    let sample = Sample::new();
    let layout = sample.layout();
    let of = |by: &str| {
        let groups = json(&[layout.arg(), "--by", by], 0);
        let list = groups["groups"].as_array().expect("groups").clone();
        list.iter().map(|group| (group["name"].as_str().expect("a name").to_owned(), number(group, "/content_bytes"))).collect::<Vec<_>>()
    };
    let find = |list: &[(String, u64)], name: &str| list.iter().find(|(found, _)| found == name).map(|(_, bytes)| *bytes);
    let layers = of("layer");
    let content = |layer: usize| sample.layers[layer].iter().map(|entry| entry.data.len() as u64).sum::<u64>();
    assert_eq!(find(&layers, "layer 1: ADD rootfs.tar /"), Some(content(0)));
    assert_eq!(find(&layers, "layer 4: RUN apt-get remove curl"), Some(content(3)));
    let directories = of("directory");
    assert_eq!(find(&directories, "/opt"), Some(3000));
    assert_eq!(find(&directories, "/app/node_modules"), Some(sample.weight(&["app/node_modules"]).0));
    let packages = of("package");
    assert_eq!(find(&packages, "deb:curl 7.88.1-10"), Some(5000 + crate::CURL.len() as u64));
    assert!(find(&of("rule"), "no finding").is_some());
}

/// Small groups are folded in the table alone, and `--details` unfolds them.
#[test]
fn tables_fold_what_is_small() {
    let layout = Sample::new().layout();
    let text = |options: &[&str]| {
        let output = plimsoll().arg(layout.arg()).args(["--by", "directory"]).args(options).output().expect("the binary runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert!(text(&[]).contains("smaller"), "{}", text(&[]));
    assert!(!text(&["--details"]).contains("smaller"));
    for needed in ["all entries", "overhead", "sum of the layers", "/usr/lib"] {
        assert!(text(&[]).contains(needed), "{needed}");
    }
}

/// What cannot be grouped by is said, with what can.
#[test]
fn wrong_keys() {
    let layout = Sample::new().layout();
    for (options, words) in [
        (&["--by", "colour"][..], "[possible values: layer, instruction, "),
        (&["--by", "layer,layer"], "each key can be given once"),
        (&["--by", "layer", "--format", "dive-json"], "there are no such groups in that format"),
    ] {
        let outcome = run(&[&[layout.arg()], options].concat());
        outcome.assert_status(2);
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
}
