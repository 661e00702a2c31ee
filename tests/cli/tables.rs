//! Tables for people: colour where it is wanted, lines that fit, numbers that say what they are.

use crate::demo;
use crate::support::{Entry, layout_of, plimsoll, testdata};
use unicode_width::UnicodeWidthStr;

/// Colour only where someone sees it or asks for it.
#[test]
fn colour() {
    let escapes = |args: &[&str], environment: &[(&str, &str)]| {
        let output = plimsoll().arg(testdata("demo.tar")).args(args).envs(environment.iter().copied()).output().expect("the binary runs");
        assert!(output.status.success());
        output.stdout.contains(&0x1b)
    };
    assert!(!escapes(&[], &[]), "a pipe shows no colours");
    assert!(escapes(&["--color", "always"], &[]));
    assert!(escapes(&["--color", "always"], &[("NO_COLOR", "1")]), "a flag wins over the environment");
    assert!(escapes(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!escapes(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!escapes(&[], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    assert!(!escapes(&["--format", "json", "--color", "always"], &[]), "data is never coloured");
    assert!(!escapes(&["--format", "csv", "--color", "always"], &[]));
}

/// A path is cut for who looks at it, and whole for who searches.
#[test]
fn paths_in_a_pipe_are_whole() {
    let path = "a-directory-with-a-long-name/".repeat(8) + "file";
    let layout = layout_of(&[&[Entry::file(&path, "text")]]);
    let list = |columns: Option<&str>| {
        let mut command = plimsoll();
        command.args(["files", layout.arg()]).env_remove("COLUMNS").envs(columns.map(|columns| ("COLUMNS", columns)));
        String::from_utf8(command.output().expect("the binary runs").stdout).expect("UTF-8")
    };
    assert!(list(None).contains(&path));
    assert!(!list(Some("100")).contains(&path) && list(Some("100")).contains('…'));
}

/// `--dive` adds dive's numbers, and nothing else.
#[test]
fn dives_numbers_are_a_line() {
    let (plain, with) = (demo(&["demo.tar"], 100), demo(&["demo.tar", "--dive"], 100));
    let added: Vec<&str> = with.lines().filter(|line| line.starts_with(" dive says: ")).collect();
    assert_eq!(added, [" dive says: efficiency 79.4284 %, 7.88 MB wasted, user wasted 60.3479 %"]);
    assert_eq!(with.replacen(&format!("{}\n\n", added[0]), "", 1), plain);
}

/// Colour adds escape codes and bars, and changes no word and no number.
#[test]
fn colour_is_never_the_only_carrier() {
    let coloured = demo(&["files", "demo.tar", "--color", "always"], 100);
    let mut plain = String::new();
    for (number, part) in coloured.split('\x1b').enumerate() {
        plain.push_str(if number == 0 { part } else { part.split_once('m').expect("only colours are set").1 });
    }
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(lines(&plain), lines(&demo(&["files", "demo.tar"], 100)));
}

/// No line is wider than the terminal, whatever the names and instructions are.
#[test]
fn lines_fit_the_terminal() {
    let long = "long-name/".repeat(15);
    let wide = "日本語".repeat(30);
    let odd = layout_of(&[
        &[
            Entry::file(format!("{long}file"), vec![b'x'; 70_000]),
            Entry::file(format!("{wide}/{wide}"), [b'y'; 9000]),
            Entry::file("\u{202e}rtl\u{1b}[31m\n", [b'z'; 800]),
        ],
        &[Entry::whiteout("long-name"), Entry::file(format!("{wide}/{wide}"), [b'y'; 9000]).mode(0o600)],
    ]);
    let demo = testdata("demo.tar");
    for image in [demo.to_str().expect("plain"), odd.arg()] {
        for columns in [60, 80, 120, 160] {
            for args in
                [&[image][..], &[image, "--bytes"], &["files", image], &["tree", image, "--depth", "9"], &[image, "--color", "always"]]
            {
                let text = crate::demo(args, columns);
                for line in text.lines() {
                    let shown: String = line
                        .split('\x1b')
                        .enumerate()
                        .map(|(n, part)| if n == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) })
                        .collect();
                    let width = shown.width();
                    assert!(width <= columns as usize, "{args:?} at {columns}: {width} cells: {line}");
                    assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
                }
            }
        }
    }
}

/// Every size in a column stands below the column's name; every other has a word beside it.
#[test]
fn every_number_is_labelled() {
    for columns in [60, 80, 120, 160] {
        let text = demo(&["demo.tar"], columns);
        let mut names = 0;
        let mut cells = 0;
        for line in text.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            let heads = words.iter().rev().take_while(|word| ["disk", "pull", "waste"].contains(word)).count();
            if heads > 1 {
                names = heads;
            } else if let found @ 2.. = trailing_sizes(&words) {
                assert_eq!(found, names, "at {columns}: {line}");
                cells += found;
            }
        }
        assert!(cells > 20, "at {columns}, {cells} cells: {text}");
        for label in ["on disk", "to pull", "base", "own", "hidden by later layers"] {
            assert!(text.contains(label), "{label}: {text}");
        }
    }
}

/// How many sizes a line ends with: `1.98 MB`, or `–` for none.
fn trailing_sizes(words: &[&str]) -> usize {
    match words {
        [rest @ .., "–"] => 1 + trailing_sizes(rest),
        [rest @ .., number, "B" | "kB" | "MB" | "GB"] if number.starts_with(|c: char| c.is_ascii_digit()) => 1 + trailing_sizes(rest),
        _ => 0,
    }
}

/// Powers of 1000 as Docker prints them, powers of 1024 or whole bytes if asked.
#[test]
fn units() {
    let total = 15_042_816;
    assert!(demo(&["demo.tar"], 100).contains("15.0 MB on disk"));
    assert!(demo(&["demo.tar", "--iec"], 100).contains("14.3 MiB on disk"));
    let bytes = demo(&["demo.tar", "--bytes"], 100);
    assert!(bytes.contains("15,042,816 B on disk"), "{total} in {bytes}");
}

/// The screen tells which image it is, where its base ends and why, and what to do next.
#[test]
fn the_first_screen() {
    let text = demo(&["demo.tar"], 100);
    for needed in [
        "demo/app:1",
        "linux/amd64",
        "11 layers",
        "base: layer 1",
        "64.6 %",
        "RUN chown -R app:app /app",
        "plimsoll plan",
        "plimsoll explore",
    ] {
        assert!(text.contains(needed), "{needed}: {text}");
    }
    assert!(text.lines().count() <= 45, "it fits a screen: {text}");
}
