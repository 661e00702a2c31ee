//! Which format goes where.

use super::support::{Entry, ImageSpec, Layer, Layout, Outcome, named, plimsoll};
use super::{directory, text, within};

fn image(name: &str) -> Layout {
    let layout = Layout::new();
    let spec = ImageSpec::new(&[Layer::new(&[Entry::file("a", vec![1; 3000])])]);
    layout.index(&[named(layout.image(&spec), name)]);
    layout
}

#[test]
fn files_have_what_standard_output_would_have() {
    let (place, image) = (directory(), image("app:1"));
    let commands: [(&[&str], &[&str]); 3] = [
        (
            &["check", image.arg(), "--max-disk", "1MB"],
            &["table", "json", "csv", "markdown", "sarif", "junit", "github", "github-summary", "gitlab", "openmetrics"],
        ),
        (
            &[image.arg()],
            &["table", "json", "csv", "dive-json", "markdown", "sarif", "github", "github-summary", "gitlab", "openmetrics", "svg"],
        ),
        (&["diff", image.arg(), image.arg()], &["table", "json", "csv", "markdown", "github-summary"]),
    ];
    for (number, (command, formats)) in commands.into_iter().enumerate() {
        let outputs: Vec<String> = formats.iter().flat_map(|format| ["-o".to_owned(), format!("{format}={number}.{format}")]).collect();
        let all = within(place.path(), &[command, &outputs.iter().map(String::as_str).collect::<Vec<_>>()].concat());
        all.assert_status(0);
        // People see the table beside.
        assert_eq!(all.text(), within(place.path(), command).text());
        for format in formats {
            let one = within(place.path(), &[command, &["--format", format]].concat());
            one.assert_status(0);
            let file = text(&place.path().join(format!("{number}.{format}")));
            assert_eq!(file, one.text(), "{command:?} {format}");
            let there = within(place.path(), &[command, &["--output", &format!("{format}=-")]].concat());
            assert_eq!(there.text(), one.text(), "{command:?} {format}=-");
        }
        // A file alone has the chosen format, and nothing is printed.
        let plain = within(place.path(), &[command, &["--format", "csv", "-o", "plain"]].concat());
        assert_eq!((plain.text(), text(&place.path().join("plain"))), (String::new(), text(&place.path().join(format!("{number}.csv")))));
        let dash = within(place.path(), &[command, &["--format", "csv", "-o", "-"]].concat());
        assert_eq!(dash.text(), text(&place.path().join("plain")));
        assert!(!place.path().join("-").exists());
    }
}

#[test]
fn what_cannot_be_meant_is_said() {
    let (place, image) = (directory(), image("app:1"));
    let check = ["check", image.arg(), "--max-disk", "1MB"];
    for (args, says) in [
        (&["-o", "sarfi=x"][..], "junit, github"),
        (&["-o", "dive-json=x"], "no format `dive-json` here"),
        (&["-o", "json="], "expected FORMAT=FILE"),
        (&["-o", "a", "-o", "b"], "several files"),
        (&["-o", "json=a", "-o", "csv=a"], "two formats for `a`"),
        (&["-o", "json=-", "-o", "csv=-"], "two formats for standard output"),
        (&["-o", "json=-", "--format", "csv"], "two formats for standard output"),
        (&["--redact", "--no-redact"], "cannot be used with"),
    ] {
        let outcome = within(place.path(), &[&check[..], args].concat());
        outcome.assert_status(2);
        assert!(outcome.stderr.contains(says), "{args:?}: {}", outcome.stderr);
    }
    within(place.path(), &[&check[..], &["-o", "./sarfi=x"]].concat()).assert_status(0);
    assert!(text(&place.path().join("sarfi=x")).contains("pass"));
    within(place.path(), &[image.arg(), "--by", "layer", "--format", "sarif"]).assert_status(2);
    within(place.path(), &[image.arg(), "--all-platforms", "-o", "sarif=x"]).assert_status(2);
    assert_eq!(std::fs::read_dir(place.path()).expect("a directory").count(), 1, "nothing else was written");
}

#[test]
fn a_summary_is_added_to_its_file() {
    let (place, image) = (directory(), image("app:1"));
    let file = place.path().join("summary");
    std::fs::write(&file, "# Before\n\n").expect("a new file");
    within(place.path(), &["check", image.arg(), "--max-disk", "1MB", "--output", "github-summary=summary"]).assert_status(0);
    let found = text(&file);
    assert!(found.starts_with("# Before\n\n### ⚓ Image budgets"), "{found}");
    within(place.path(), &["check", image.arg(), "--max-disk", "1MB", "--output", "markdown=summary", "--key", "web"]).assert_status(0);
    assert!(text(&file).starts_with("<!-- plimsoll:check:web -->"), "{}", text(&file));
}

#[test]
fn no_line_of_a_workflows_log_is_a_command() {
    let image = image("::error::pwned ##[add-mask]x");
    let run = |on_github: &str| {
        let outcome = Outcome::of(plimsoll().env("GITHUB_ACTIONS", on_github).args(["check", image.arg(), "--max-disk", "1MB"]));
        outcome.assert_status(0);
        outcome.text()
    };
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    assert!(run("").lines().any(is_command), "the name stands at the start of a line");
    assert!(!run("true").lines().any(is_command), "{}", run("true"));
}
