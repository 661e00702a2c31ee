//! Several formats from one run: valid by their own rules whatever an image is called and holds, with the numbers of the image,
//! and without its secrets.

#[path = "outputs/files.rs"]
mod files;
#[path = "outputs/hostile.rs"]
mod hostile;
#[path = "outputs/numbers.rs"]
mod numbers;
#[path = "outputs/readers.rs"]
mod readers;
mod support;

use std::path::Path;
use support::{Outcome, plimsoll};
use tempfile::TempDir;

/// What `plimsoll ARGS` does in a directory.
fn within(directory: &Path, args: &[&str]) -> Outcome {
    Outcome::of(plimsoll().current_dir(directory).env_remove("GITHUB_ACTIONS").args(args))
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn text(path: &Path) -> String {
    String::from_utf8(std::fs::read(path).expect("it was written")).expect("UTF-8")
}
