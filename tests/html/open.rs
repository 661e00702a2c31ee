//! `--open`: a browser is told of a page that is whole.

use crate::demo;
use crate::support::{Outcome, plimsoll};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory with programs that are called as browsers are.
struct Desk {
    directory: TempDir,
}

impl Desk {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in ["path", "tmp"] {
            std::fs::create_dir(directory.path().join(name)).expect("a directory");
        }
        Self { directory }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.at(name).to_str().expect("a path in UTF-8").to_owned()
    }

    /// A program of these lines.
    fn program(&self, name: &str, lines: &str) -> String {
        let path = self.at(name);
        std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).expect("a file");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a program");
        self.text(name)
    }

    /// One that notes what it is told, and keeps the page as it is then.
    fn browser(&self) -> String {
        let (told, seen) = (self.text("told"), self.text("seen.html"));
        self.program("browser", &format!("printf '%s\\n' \"$@\" > '{told}'\n/bin/cp \"${{1#file://}}\" '{seen}' 2>/dev/null\nexit 0"))
    }

    fn run(&self, browser: &str, args: &[&str]) -> Outcome {
        let mut command = plimsoll();
        // Nothing but what a test puts there can open a page.
        command.env("BROWSER", browser).env("PATH", self.at("path")).env("TMPDIR", self.at("tmp"));
        Outcome::of(command.args(args))
    }

    fn told(&self) -> String {
        std::fs::read_to_string(self.at("told")).unwrap_or_default().trim_end().to_owned()
    }
}

fn is_whole(page: &Path) -> bool {
    std::fs::read_to_string(page).is_ok_and(|text| text.starts_with("<!DOCTYPE html>") && text.trim_end().ends_with("</html>"))
}

#[test]
fn the_file_that_was_named_is_shown() {
    let desk = Desk::new();
    let browser = desk.browser();
    let page = desk.text("page.html");
    let outcome = desk.run(&browser, &[demo(), "--output", &format!("html={page}"), "--open"]);
    outcome.assert_status(0);
    assert_eq!(desk.told(), format!("file://{page}"));
    assert!(is_whole(&desk.at("seen.html")), "it was whole when the browser came");
    assert!(outcome.text().contains("on disk"), "the table is there as ever: {}", outcome.text());
    // No sign of a name means anything to a browser.
    let odd = desk.text("a b#c%41?ü&'.html");
    desk.run(&browser, &[demo(), "--output", &format!("html={odd}"), "--open"]).assert_status(0);
    assert_eq!(desk.told(), format!("file://{}/a%20b%23c%2541%3F%C3%BC%26%27.html", desk.directory.path().display()));
    // A budget that fails is told all the same.
    std::fs::remove_file(desk.at("told")).expect("a file");
    desk.run(&browser, &["check", demo(), "--max-disk", "1 B", "--output", &format!("html={page}"), "--open"]).assert_status(1);
    assert_eq!(desk.told(), format!("file://{page}"));
}

#[test]
fn without_a_file_one_is_made_for_its_owner_alone() {
    let desk = Desk::new();
    let outcome = desk.run(&desk.browser(), &["diff", demo(), demo(), "--format", "html", "--open"]);
    outcome.assert_status(0);
    assert_eq!(outcome.text(), "", "the page is not written twice");
    let path = PathBuf::from(desk.told().strip_prefix("file://").expect("an address").to_owned());
    assert_eq!(path.parent(), Some(desk.at("tmp").as_path()));
    assert!(is_whole(&path), "it stays");
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(outcome.stderr.contains(path.to_str().expect("UTF-8")), "{}", outcome.stderr);
}

#[test]
fn browsers_are_tried_in_turn() {
    let desk = Desk::new();
    let browser = desk.browser();
    let refuses = desk.program("refuses", "exit 3");
    let page = desk.text("page.html");
    let output = format!("html={page}");
    let args = [demo(), "--output", &output, "--open"];
    desk.run(&format!("{}:{refuses}:{browser} --new-window %s --last", desk.text("absent")), &args).assert_status(0);
    assert_eq!(desk.told(), format!("--new-window\nfile://{page}\n--last"));
    // One that runs on has the page.
    let stays = desk.program("stays", &format!("printf '%s' \"$1\" > '{}'\nexec /bin/sleep 4", desk.text("told")));
    desk.run(&stays, &args).assert_status(0);
    assert_eq!(desk.told(), format!("file://{page}"));
    // None is named: what the system has.
    std::fs::remove_file(desk.at("told")).expect("a file");
    std::fs::copy(desk.at("browser"), desk.at("path/xdg-open")).expect("a copy");
    desk.run("", &args).assert_status(0);
    assert_eq!(desk.told(), format!("file://{page}"));
}

#[test]
fn it_is_an_error_where_nothing_can_be_shown() {
    let desk = Desk::new();
    let browser = desk.browser();
    for args in [[demo(), "--open"].as_slice(), &[demo(), "--open", "--format", "json"], &["check", demo(), "--open", "--max-disk", "1 GB"]]
    {
        let outcome = desk.run(&browser, args);
        outcome.assert_status(2);
        assert!(outcome.stderr.contains("--open: there is no page to show; add --format html"), "{}", outcome.stderr);
        assert_eq!(outcome.text(), "");
    }
    assert_eq!(desk.told(), "");
    let page = desk.text("page.html");
    let outcome = desk.run(&desk.text("absent"), &[demo(), "--output", &format!("html={page}"), "--open"]);
    outcome.assert_status(2);
    assert!(is_whole(Path::new(&page)), "what was asked for is there");
    for words in [&page, "is not there", "xdg-open", "BROWSER"] {
        assert!(outcome.stderr.contains(words), "{words}: {}", outcome.stderr);
    }
    // Where the image cannot be read there is nothing to show, and no file is left.
    desk.run(&browser, &["/nonexistent.tar", "--format", "html", "--open"]).assert_status(3);
    assert_eq!(std::fs::read_dir(desk.at("tmp")).expect("a directory").count(), 0);
}
