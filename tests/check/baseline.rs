//! What was written down is what growth is measured against; it is lowered and never raised.

use super::support::{Entry, ImageSpec, Layer, Layout};
use super::{budget, directory, file, within};
use serde_json::json;
use std::fs;

/// An image of so much live and so much hidden content.
fn image(live: usize, hidden: usize) -> Layout {
    let layers = [Layer::new(&[file("usr/x", live), file("opt/gone", hidden)]), Layer::new(&[Entry::whiteout("opt/gone")])];
    Layout::of(&ImageSpec::new(&layers))
}

#[test]
fn growth_at_the_exact_byte() {
    let (old, directory) = (image(10_000, 2_000), directory(""));
    within(directory.path(), &["baseline", old.arg(), "-o", "plimsoll.lock"]).assert_status(0);
    within(directory.path(), &["save", old.arg(), "-o", "old.plimsoll"]).assert_status(0);
    // Of 12,000 bytes 5 % are 600.
    for (live, limit, expected) in [
        (10_600, "5%", "pass"),
        (10_601, "5%", "fail"),
        (10_601, "5% and 601B", "pass"),
        (10_602, "5% and 601B", "fail"),
        (10_500, "499B or 5%", "fail"),
        (9_000, "0", "pass"),
    ] {
        let new = image(live, 2_000);
        for baseline in ["plimsoll.lock", "old.plimsoll", old.arg()] {
            let args = ["check", new.arg(), "--baseline", baseline, "--max-growth", limit, "--format", "json"];
            let outcome = within(directory.path(), &args);
            outcome.assert_status(i32::from(expected == "fail"));
            let verdict = outcome.json();
            let growth = budget(&verdict, "growth");
            assert_eq!(
                (&growth["verdict"], &growth["actual"]),
                (&json!(expected), &json!(live.saturating_sub(10_000))),
                "{limit} {baseline}"
            );
        }
    }
}

/// Without a budget on growth nothing may grow: on disk, and of what is hidden.
#[test]
fn a_baseline_alone_is_a_ratchet() {
    let directory = directory("[budget]\nbaseline = \"plimsoll.lock\"");
    within(directory.path(), &["baseline", image(10_000, 2_000).arg(), "-o", "plimsoll.lock"]).assert_status(0);
    for (live, hidden, status) in [(10_000, 2_000, 0), (10_001, 2_000, 1), (9_000, 2_001, 1), (9_000, 1_000, 0)] {
        within(directory.path(), &["check", image(live, hidden).arg()]).assert_status(status);
    }
}

#[test]
fn an_update_lowers_and_never_raises() {
    let directory = directory("");
    let path = directory.path().join("plimsoll.lock");
    let write = |image: &Layout, update: &[&str]| {
        within(directory.path(), &[&["baseline", image.arg(), "-o", "plimsoll.lock"], update].concat()).assert_status(0);
        fs::read_to_string(&path).expect("the baseline")
    };
    let total = |text: &str, name: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).expect("the total");
        line.parse().expect("a number")
    };
    let first = write(&image(10_000, 2_000), &[]);
    assert_eq!(
        (total(&first, "disk"), total(&first, "live"), total(&first, "hidden"), total(&first, "layers")),
        (12_000, 10_000, 2_000, 2)
    );
    assert_eq!(write(&image(10_000, 2_000), &["--update"]), first, "the same image changes nothing");
    // Less is hidden, more is live: only the former is taken.
    let second = write(&image(10_500, 1_000), &["--update"]);
    assert_eq!((total(&second, "disk"), total(&second, "live"), total(&second, "hidden")), (11_500, 10_000, 1_000));
    assert_eq!(write(&image(90_000, 80_000), &["--update"]), second, "nothing is raised");
    let anew = write(&image(90_000, 80_000), &[]);
    assert_eq!(total(&anew, "disk"), 170_000, "but for a file that is made anew");
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let image = image(1_000, 10);
    let directory = directory("");
    within(directory.path(), &["baseline", image.arg(), "-o", "new.lock", "--update"]).assert_status(3);
    assert!(!directory.path().join("new.lock").exists());
    let check = |text: &str| {
        fs::write(directory.path().join("x.lock"), text).expect("a file");
        within(directory.path(), &["check", image.arg(), "--baseline", "x.lock"])
    };
    check("baseline = 2\n[totals]\ndisk=1\ndiff=1\nlive=1\nhidden=1\nown=1\nlayers=1\n").assert_status(3);
    check("baseline = 1\n[totals]\ndisk = 1\n").assert_status(3);
    // A baseline of plain layers does not know what a pull was.
    let plain = check("baseline = 1\n[totals]\ndisk=1\ndiff=1\nlive=1\nhidden=10\nown=1\nlayers=1\n");
    plain.assert_status(1);
    fs::write(directory.path().join("plimsoll.toml"), "[budget]\nmax_growth_pull = 1\nbaseline = \"x.lock\"").expect("a file");
    within(directory.path(), &["check", image.arg()]).assert_status(2);
    within(directory.path(), &["check", image.arg(), "--baseline", "absent.lock"]).assert_status(3);
}
