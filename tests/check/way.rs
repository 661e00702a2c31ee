//! The shortest way under every limit, against all sets of edits tried one by one.

use super::support::{Entry, ImageSpec, Layer, Layout};
use super::{budget, file, run, verdict};
use serde_json::{Value, json};

/// Five edits that overlap in what they leave hidden: lists, a deleted file, a copy with another owner, two caches.
fn image() -> Layout {
    let data = file("srv/data", 300_000);
    let layers = [
        Layer::new(&[file("var/lib/apt/lists/a_Packages", 120_000), file("usr/bin/x", 10_000)]),
        Layer::new(&[data.clone(), file("opt/gone", 200_000)]),
        Layer::new(&[Entry::whiteout("opt/gone"), file("root/.npm/_cacacache/x", 10), file("root/.npm/_cacache/content-v2/x", 90_000)]),
        Layer::new(&[data.clone().owner(7, 7), file("root/.cache/pip/http/x", 60_000)]),
        Layer::new(&[file("usr/bin/y", 5_000), file("var/cache/apk/APKINDEX.x.tar.gz", 40_000)]),
    ];
    let lines = ["RUN apt-get update", "RUN fetch", "RUN rm /opt/gone && npm i", "RUN chown -R 7:7 /srv && pip install x", "RUN apk add y"];
    Layout::of(&ImageSpec::new(&layers).created_by(&lines))
}

/// What is left without some edits, as `--without` tells: disk, pull, hidden.
fn without(image: &Layout, edits: &[u64]) -> (u64, u64, u64) {
    let numbers: Vec<String> = edits.iter().map(u64::to_string).collect();
    let joined = numbers.join(",");
    let args = ["--without", &joined, "--format", "json"];
    let report = run("", &[&[image.arg()][..], if edits.is_empty() { &args[2..] } else { &args[..] }].concat()).json();
    let number = |value: &Value| value.as_u64().expect("a number");
    (number(&report["image"]["disk_bytes"]), number(&report["image"]["pull_bytes"]), number(&report["shadowed"]["content_bytes"]))
}

#[test]
fn no_smaller_set_of_edits_suffices() {
    let image = image();
    let plan = run("", &["plan", image.arg(), "--format", "json"]).json();
    let certain: Vec<u64> = plan["edits"]
        .as_array()
        .expect("edits")
        .iter()
        .filter(|edit| edit["certain"] == true)
        .map(|edit| edit["number"].as_u64().expect("a number"))
        .collect();
    assert!((4..=7).contains(&certain.len()), "{plan}");
    // The truth: every set of edits, by what is left of it.
    let sets: Vec<(Vec<u64>, (u64, u64, u64))> = (0..1_u32 << certain.len())
        .map(|set| {
            let edits: Vec<u64> = certain.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, edit)| *edit).collect();
            let left = without(&image, &edits);
            (edits, left)
        })
        .collect();
    let (disk, pull, hidden) = sets[0].1;
    let mut sizes = std::collections::BTreeSet::new();
    for (disk_part, pull_part, hidden_part) in [
        (100, 100, 50),
        (100, 100, 5),
        (90, 100, 100),
        (70, 100, 100),
        (50, 100, 100),
        (100, 60, 100),
        (80, 90, 40),
        (45, 45, 10),
        (10, 10, 0),
    ] {
        let limits = (disk * disk_part / 100, pull * pull_part / 100, hidden * hidden_part / 100);
        let holds = |left: &(u64, u64, u64)| left.0 <= limits.0 && left.1 <= limits.1 && left.2 <= limits.2;
        if holds(&(disk, pull, hidden)) {
            continue;
        }
        let least = sets.iter().filter(|(_, left)| holds(left)).map(|(edits, _)| edits.len()).min();
        let config = format!("[budget]\nmax_disk = {}\nmax_pull = {}\nmax_hidden = {}", limits.0, limits.1, limits.2);
        let verdict = verdict(&config, &[image.arg()], 1);
        let way = &verdict["way"];
        assert_eq!(way["enough"], least.is_some(), "{config}: {way}");
        let edits: Vec<u64> =
            way["edits"].as_array().expect("edits").iter().map(|edit| edit["number"].as_u64().expect("a number")).collect();
        match least {
            Some(least) => {
                assert_eq!((edits.len(), &way["fewest"]), (least, &json!(true)), "{config}: {way}");
                assert_ne!(way["after"]["verdict"], "fail");
            }
            None => assert_eq!(edits, certain, "all that is certain is shown"),
        }
        sizes.insert(least);
        // What is said of it is what `--without` says of the same edits.
        let (_, left) = sets.iter().find(|(set, _)| *set == edits).expect("one of the sets");
        let said = |name: &str| {
            let after =
                way["after"]["budgets"].as_array().expect("budgets").iter().find(|budget| budget["name"] == name).expect("the budget");
            after["actual"].as_u64().expect("bytes")
        };
        assert_eq!((said("disk"), said("pull"), said("hidden")), *left, "{config}");
        assert_eq!((way["after"]["disk_bytes"].as_u64(), way["after"]["pull_bytes"].as_u64()), (Some(left.0), Some(left.1)));
        let saved: u64 = way["edits"].as_array().expect("edits").iter().map(|edit| edit["content_bytes"].as_u64().expect("bytes")).sum();
        assert_eq!(saved, disk - left.0, "savings on the way add up");
        // All of them: the last of the sets.
        assert_eq!(way["all"]["disk_bytes"].as_u64(), Some(sets[sets.len() - 1].1.0));
    }
    assert!(sizes.len() >= 4, "the cases need ways of several lengths, and one that is none: {sizes:?}");
}

/// Findings and layers are judged anew on what is left.
#[test]
fn findings_go_with_their_edit() {
    let image = image();
    let config = "[budget]\nfail_on = \"warn\"\nmax_layers = 9";
    let found = verdict(config, &[image.arg()], 1);
    let way = &found["way"];
    let count = budget(&found, "findings:warn")["actual"].as_u64().expect("a number");
    assert!(count >= 4, "{found}");
    if way["enough"] == true {
        assert_eq!(way["after"]["verdict"], "pass", "{way}");
    }
    let left =
        way["after"]["budgets"].as_array().expect("budgets").iter().find(|budget| budget["name"] == "findings:warn").expect("the budget");
    assert!(left["actual"].as_u64().expect("a number") < count, "{way}");
}

/// A layer that keeps nothing is not made: a `chown` that is dropped leaves no layer.
#[test]
fn a_layer_that_loses_all_is_gone() {
    let data = file("srv/data", 300_000);
    let layers = [Layer::new(std::slice::from_ref(&data)), Layer::new(&[data.owner(7, 7)])];
    let image = Layout::of(&ImageSpec::new(&layers).created_by(&["COPY data /srv/data", "RUN chown 7:7 /srv/data"]));
    let found = verdict("", &[image.arg(), "--max-layers", "1"], 1);
    assert_eq!(found["way"]["enough"], true, "{found}");
    assert_eq!(found["way"]["after"]["budgets"][0]["actual"], 1);
}

/// A warning has its way too, and a pass has none.
#[test]
fn a_way_to_no_warning() {
    let image = image();
    let disk = without(&image, &[]).0;
    let warned = verdict(&format!("[budget]\nwarn_disk = {}", disk - 1), &[image.arg()], 0);
    assert_eq!(
        (&warned["verdict"], &warned["way"]["enough"], warned["way"]["edits"].as_array().map(Vec::len)),
        (&json!("warn"), &json!(true), Some(1))
    );
    let passed = verdict(&format!("[budget]\nwarn_disk = {disk}"), &[image.arg()], 0);
    assert_eq!(passed["way"], Value::Null);
}
