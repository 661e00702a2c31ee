//! The command line: what is typed, what is printed, and the status at the end.

mod support;

#[path = "cli/formats.rs"]
mod formats;
#[path = "cli/listing.rs"]
mod listing;
#[path = "cli/plan.rs"]
mod plan;
#[path = "cli/tables.rs"]
mod tables;
#[path = "cli/usage.rs"]
mod usage;

use support::{plimsoll, testdata};

/// What `plimsoll ARGS` prints for the demo image, in a pipe of `columns`.
fn demo(args: &[&str], columns: u32) -> String {
    let directory = testdata("");
    let output = plimsoll().current_dir(directory).args(args).env("COLUMNS", columns.to_string()).output().expect("the binary runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The default view is the product's face: a change to it is looked at.
#[test]
fn the_default_view() {
    insta::assert_snapshot!("view-80", demo(&["demo.tar"], 80));
    insta::assert_snapshot!("view-120", demo(&["demo.tar"], 120));
}

/// All that is known, the books first.
#[test]
fn the_details() {
    insta::assert_snapshot!("details", demo(&["demo.tar", "--details"], 100));
}

/// Lists of entries and of directories.
#[test]
fn the_lists() {
    insta::assert_snapshot!("files", demo(&["files", "demo.tar", "--top", "20"], 100));
    insta::assert_snapshot!("tree", demo(&["tree", "demo.tar"], 100));
}
