//! dive mode gives dive's own numbers: dive 0.13.1 is run on the same images.

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{run, testdata};

/// A gate must not change its mind when a team moves from dive to plimsoll: images made for it,
/// one feature of layers each, and random ones. `PLIMSOLL_CASES` asks for more of the latter.
#[test]
fn made_images() {
    let kept = tempfile::tempdir().expect("a temporary directory");
    let random = std::env::var("PLIMSOLL_CASES").unwrap_or_else(|_| "40".to_owned());
    let status = Command::new("python3").arg(testdata("dive/cases.py")).arg(kept.path()).arg(random).status();
    assert!(status.expect("these tests need Python 3").success());
    let cases = files_of(kept.path());
    assert!(cases.len() > 60, "{}", cases.len());
    agrees(&cases, &NOT_KEPT);
}

/// What no real writer writes and plimsoll does not keep: other than dive's, but known to be.
const NOT_KEPT: [&str; 7] = [
    // A size in the header of a link or a directory, which has no body.
    "hand-hard-link-with-size.tar",
    "hand-slash-with-size.tar",
    // Bits of the file type in the mode field.
    "hand-modes.tar",
    // Ids beyond 32 bits.
    "hand-pax-ids.tar",
    // A leading `/` or `..`, as spelled: plimsoll lists where the entry lands.
    "hand-leading-slash.tar",
    "hand-dot-dot.tar",
    "hand-dot-dot-in-first-layer.tar",
];

/// The same for what real writers wrote.
#[test]
fn real_images() {
    // dive knows neither `repositories` without a manifest nor archives compressed as a whole.
    const REFUSED: [&str; 2] = ["docker19-legacy.tar", "nix-layered.tar.gz"];
    let archives: Vec<_> = files_of(&testdata("archives"))
        .into_iter()
        .filter(|path| !REFUSED.iter().any(|name| path.ends_with(name)))
        .filter(|path| {
            let truth = path.with_extension("truth.json");
            let Ok(truth) = std::fs::read(truth) else { return false };
            let truth: Value = serde_json::from_slice(&truth).expect("JSON");
            truth["kind"] == "docker-archive" && truth["images"].as_array().is_some_and(|images| images.len() == 1)
        })
        .collect();
    assert!(archives.len() > 12, "{archives:?}");
    agrees(&archives, &[]);
}

fn files_of(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(directory).expect("a directory").map(|item| item.expect("an item").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "tar" || extension == "gz"));
    files.sort();
    files
}

/// All images are compared before the test fails, so that one look tells what they share. Those in
/// `other` must differ, so that the list stays true.
#[track_caller]
fn agrees(images: &[PathBuf], other: &[&str]) {
    let dive = dive();
    let differences: Vec<String> = images
        .iter()
        .filter_map(|image| {
            let name = image.file_name().expect("a file").to_string_lossy();
            let difference = json_difference(&dive, image).or_else(|| numbers_difference(&dive, image));
            match (difference, other.contains(&&*name)) {
                (Some(difference), false) => Some(format!("{name}: {difference}")),
                (None, true) => Some(format!("{name}: agrees, take it off the list")),
                _ => None,
            }
        })
        .collect();
    assert!(differences.is_empty(), "{} of {} differ from dive:\n{}", differences.len(), images.len(), differences.join("\n"));
}

/// `--format dive-json` against `dive --json`: the same bytes, but for the order of references of
/// equal size, which dive's unstable sort leaves to chance.
fn json_difference(dive: &Path, image: &Path) -> Option<String> {
    let kept = tempfile::tempdir().expect("a temporary directory");
    let written = kept.path().join("dive.json");
    let output = Command::new(dive).args(["--source", "docker-archive", "--json"]).arg(&written).arg(image).env_remove("CI").output();
    let output = output.expect("dive runs");
    let Ok(truth) = std::fs::read(&written) else { return Some(format!("dive failed: {}", String::from_utf8_lossy(&output.stdout))) };
    let ours = run(&[image.as_os_str(), "--format".as_ref(), "dive-json".as_ref()]);
    ours.assert_status(0);

    let head = |bytes: &[u8]| bytes.windows(15).position(|window| window == b"\"fileReference\"").map(|at| bytes[..at].to_vec());
    let (our_head, their_head) = (head(&ours.stdout), head(&truth));
    if our_head != their_head {
        let text = |head: Option<Vec<u8>>| String::from_utf8_lossy(&head.unwrap_or_default()).into_owned();
        let (ours, theirs) = (text(our_head), text(their_head));
        let same = ours.chars().zip(theirs.chars()).take_while(|(a, b)| a == b).count().saturating_sub(40);
        let near = |text: &str| text.chars().skip(same).take(120).collect::<String>();
        return Some(format!("plimsoll `…{}…`, dive `…{}…`", near(&ours), near(&theirs)));
    }
    let references = |bytes: &[u8]| {
        let json: Value = serde_json::from_slice(bytes).expect("JSON");
        let all = json["image"]["fileReference"].as_array().cloned().unwrap_or_default();
        let sizes: Vec<_> = all.iter().map(|one| one["sizeBytes"].clone()).collect();
        let mut sorted: Vec<_> = all.iter().map(ToString::to_string).collect();
        sorted.sort();
        (sizes, sorted)
    };
    let (ours, theirs) = (references(&ours.stdout), references(&truth));
    (ours != theirs).then(|| format!("references: plimsoll {ours:?}, dive {theirs:?}"))
}

/// `--dive` against what dive prints for CI.
fn numbers_difference(dive: &Path, image: &Path) -> Option<String> {
    let output = Command::new(dive).args(["--source", "docker-archive"]).arg(image).env("CI", "true").output().expect("dive runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = |label: &str| {
        let rest = printed.split_once(label).unwrap_or_else(|| panic!("dive prints {label}: {printed}")).1;
        rest.split_whitespace().next().unwrap_or_default().to_owned()
    };
    let theirs = [number("efficiency:"), number("wastedBytes:"), number("userWastedPercent:")];

    let ours = run(&[image.as_os_str(), "--dive".as_ref(), "--format".as_ref(), "json".as_ref()]);
    ours.assert_status(0);
    let ours = &ours.json()["dive"];
    let percent = |value: &Value| value.as_f64().map_or("none".to_owned(), |share| format!("{:.4}", share * 100.0));
    let ours = [percent(&ours["efficiencyScore"]), ours["wastedBytes"].to_string(), percent(&ours["userWastedPercent"])];
    // plimsoll never prints NaN or infinity: what dive calls so is null.
    let theirs = theirs.map(|number| if matches!(number.as_str(), "NaN" | "+Inf" | "-Inf") { "none".to_owned() } else { number });
    (ours != theirs).then(|| format!("numbers: plimsoll {ours:?}, dive {theirs:?}"))
}

/// dive, from `$DIVE`, from the path, or where pip put it.
fn dive() -> PathBuf {
    if let Some(dive) = std::env::var_os("DIVE") {
        return dive.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let scripts = "import sysconfig as s, os; print(s.get_path('scripts')); print(s.get_path('scripts', os.name + '_user'))";
    if let Ok(output) = Command::new("python3").args(["-c", scripts]).output() {
        places.extend(String::from_utf8_lossy(&output.stdout).lines().map(PathBuf::from));
    }
    places
        .into_iter()
        .map(|place| place.join("dive"))
        .find(|dive| dive.is_file())
        .expect("these tests compare with dive 0.13.1, which is not installed: run `.ci/test`, which installs it, or set $DIVE")
}
