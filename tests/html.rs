//! The page for browsers and the picture, in a browser: their numbers are those of the JSON, whatever an image is called it is
//! text, and the page can be used by pointer, by keyboard, without sight and without scripts.
//!
//! Needs Chromium's headless shell, or Chromium.

mod support;

#[path = "html/access.rs"]
mod access;
#[path = "html/books.rs"]
mod books;
#[path = "html/browser.rs"]
mod browser;
#[path = "html/change.rs"]
mod change;
#[path = "html/check.rs"]
mod check;
#[path = "html/choose.rs"]
mod choose;
#[path = "html/find.rs"]
mod find;
#[path = "html/hostile.rs"]
mod hostile;
#[path = "html/large.rs"]
mod large;
#[path = "html/moves.rs"]
mod moves;
#[path = "html/odd.rs"]
mod odd;
#[path = "html/open.rs"]
mod open;
#[path = "html/picture.rs"]
mod picture;
#[path = "html/platforms.rs"]
mod platforms;
#[path = "html/zoom.rs"]
mod zoom;

use browser::Browser;
use serde_json::Value;
use std::path::{Path, PathBuf};
use support::{Outcome, plimsoll, testdata};
use tempfile::TempDir;

/// A page in a directory that goes with it.
struct Page {
    _directory: TempDir,
    path: PathBuf,
}

impl Page {
    /// Of what `plimsoll ARGS --output html=FILE` writes.
    #[track_caller]
    fn new(args: &[&str]) -> Self {
        Self::ending(args, 0)
    }

    /// The same, of what ends with this exit status.
    #[track_caller]
    fn ending(args: &[&str], status: i32) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("page.html");
        let output = format!("html={}", path.display());
        Outcome::of(plimsoll().args(args).args(["--output", &output])).assert_status(status);
        Self { _directory: directory, path }
    }

    fn demo() -> Self {
        Self::new(&[demo()])
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.path).expect("a page in UTF-8")
    }

    /// In a browser, with this address.
    fn open(&self, hash: &str) -> Browser {
        let mut browser = Browser::new();
        browser.go(&self.path, hash);
        browser
    }
}

fn demo() -> &'static str {
    static PATH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PATH.get_or_init(|| path_text(&testdata("demo.tar")))
}

fn path_text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// A list of a JSON document.
#[track_caller]
fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("a list expected at {pointer}"))
}
