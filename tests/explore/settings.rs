//! `explore.toml`: what the explorer begins with.

use crate::story::{PLAIN, Screen, story};
use crate::support::{Entry, Layout, layout_of, plimsoll, testdata};
use plimsoll::tui::Settings;
use std::fs;
use std::path::Path;

fn settings(text: &str) -> Settings {
    Settings::parse(text, "explore.toml").expect("settings")
}

fn begun(image: &str, size: (u16, u16), text: &str, tell: impl FnOnce(&mut Screen<'_>)) {
    story(image, size, PLAIN, |screen| {
        screen.explorer.set_settings(&settings(text));
        screen.take(Vec::new());
        tell(screen);
    });
}

/// Directories three deep; the second layer changes, adds and removes.
fn image() -> Layout {
    let base = [
        Entry::file("a/b/c/deep", "d".repeat(3_000)),
        Entry::file("a/shallow", "s"),
        Entry::file("z/kept", "k".repeat(500)),
        Entry::file("z/edited", "before"),
        Entry::file("z/gone", "g"),
    ];
    layout_of(&[&base, &[Entry::file("z/edited", "after"), Entry::file("z/new", "n"), Entry::whiteout("z/gone")]])
}

fn names(text: &str) -> String {
    let mut names = String::new();
    begun(image().arg(), (120, 40), text, |screen| {
        screen.shows(" · 1/");
        names = screen.names().join(" ");
    });
    names
}

#[test]
fn directories_begin_as_deep_as_is_said() {
    assert_eq!(names(""), "a/ z/");
    assert_eq!(names("open = false"), names(""));
    assert_eq!(names("open = 0"), names(""));
    assert_eq!(names("open = 1"), "a/ b/ shallow z/ kept edited new gone");
    assert_eq!(names("open = 2"), "a/ b/ c/ shallow z/ kept edited new gone");
    let all = "a/ b/ c/ deep shallow z/ kept edited new gone";
    assert_eq!(names("open = 3"), all);
    assert_eq!(names("open = true"), all);
    assert_eq!(names("open = 0xff"), all);
}

#[test]
fn rows_begin_in_the_order_that_is_said() {
    assert_eq!(names("order = 'name'\nreverse = true"), "z/ a/");
    assert_eq!(names("reverse = true\nopen = true"), "z/ gone new edited kept a/ shallow b/ c/ deep");
    begun(image().arg(), (120, 40), "order = 'hidden'\nmeasure = 'tar'", |screen| {
        screen.shows("by hidden · ").shows("  tar ").keys("s").shows("by name · ");
        // The second tree begins so too.
        screen.keys("A");
        assert_eq!(screen.text().matches("by name · ").count(), 2, "{}", screen.text());
    });
}

#[test]
fn differences_are_hidden_from_the_start() {
    assert_eq!(names("open = true\nhide = ['unchanged']"), "z/ edited new gone");
    assert_eq!(names("open = true\nhide = 'added'"), "a/ b/ c/ deep shallow z/ kept edited gone");
    assert_eq!(names("open = true\nhide = ['changed', 'removed', 'unchanged']"), "z/ new");
    // Of a layer alone what is unchanged is hidden, unless it is said that nothing is.
    assert_eq!(names("open = true\ntree = 'layer'"), "z/ edited new gone");
    assert!(names("open = true\ntree = 'layer'\nhide = []").contains("kept"));
    begun(image().arg(), (120, 40), "hide = ['removed']", |screen| {
        screen.shows("without removed").keys("S").shows("layer 2 alone").shows("without removed").lacks("unchanged ·");
        screen.ctrl('r').lacks("without removed");
    });
    begun(image().arg(), (120, 40), "hide = ['added', 'changed', 'removed']\ntree = 'layer'", |screen| {
        screen.ctrl('u').shows("Nothing of what is shown").lacks("changed no files");
    });
}

#[test]
fn trees_columns_and_names_as_is_said() {
    begun(image().arg(), (200, 40), "tree = 'both'\nattributes = true", |screen| {
        screen.shows("2 Tree: layer 2 alone").shows("2 Tree: the whole image");
        assert_eq!(screen.text().matches("mode       owner").count(), 2, "{}", screen.text());
        screen.ctrl('b').lacks("mode       owner");
    });
    begun(image().arg(), (120, 40), "tree = 'image'\nwrap = true", |screen| {
        screen.shows("2 Tree: the whole image").lacks("alone");
        screen.keys("/deep").enter().enter();
        assert!(screen.pane("/a/b/c/deep").iter().filter(|row| row.contains("ddd")).count() > 20, "its line is broken");
    });
}

/// The column of the border between the panes.
fn border(screen: &Screen<'_>) -> usize {
    let text = screen.text();
    let line: Vec<char> = text.lines().nth(1).expect("a line").chars().collect();
    line.iter().position(|sign| *sign == '┏').expect("the tree")
}

#[test]
fn the_tree_is_as_wide_as_is_said() {
    for (text, width, left) in [
        ("tree-width = 0.7", 200, 60),
        ("tree-width = \"25 %\"", 200, 150),
        ("tree-width = 0.5", 140, 70),
        // Either side can still be read.
        ("tree-width = 0.999", 200, 24),
        ("tree-width = 0.001", 200, 176),
        // On a narrow screen panes stand one above the other.
        ("tree-width = 0.7", 100, 0),
    ] {
        begun(image().arg(), (width, 40), text, |screen| {
            if left == 0 {
                assert!(screen.text().lines().nth(1).expect("a line").starts_with("┌ 1 Layers"), "{}", screen.text());
            } else {
                assert_eq!(border(screen), left, "{text} of {width}: {}", screen.text());
            }
        });
    }
}

#[test]
fn keys_are_bound() {
    begun(image().arg(), (120, 40), "keys = ['f5=reverse', 'Q=quit,f6=layers']", |screen| {
        screen.press(crossterm::event::KeyCode::F(5)).shows("smallest first");
        screen.press(crossterm::event::KeyCode::F(6)).shows("┏ 1 Layers").shows("Q quit");
        screen.keys("Q");
        assert!(screen.explorer.is_done());
    });
    begun(image().arg(), (120, 40), "keys = 'f5=help'", |screen| {
        screen.press(crossterm::event::KeyCode::F(5)).shows("All keys");
    });
}

/// A wrong file is told before anything is read: its name, the line, what is wrong and what is right.
#[test]
fn mistakes_name_the_line_and_what_is_right() {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("own.toml");
    let all = "attributes, hide, keys, measure, open, order, reverse, theme, tree, tree-width, wrap";
    for (text, told) in [
        ("\nmesure = 'pull'", format!(":2: unknown key `mesure`; did you mean `measure`? The keys are {all}")),
        ("tree_width = 0.5", format!(":1: unknown key `tree_width`; did you mean `tree-width`? The keys are {all}")),
        ("[filetree]\npane-width = 0.5", format!(":1: unknown key `filetree`. The keys are {all}")),
        ("\"\\u001b[31m\" = 1", "unknown key `\\u{1b}[31m`.".to_owned()),
        ("order = 'name'\nmeasure = 'disc'", ":2: `measure`: expected one of disk, pull, tar, found \"disc\"".to_owned()),
        ("order = 1", ":1: `order`: expected text in quotation marks, found 1".to_owned()),
        ("theme = 'beige'", ":1: `theme`: expected one of terminal, catppuccin-mocha, ".to_owned()),
        ("hide = ['added',\n'modified']", ":2: `hide`: expected some of added, changed, removed, unchanged, found \"modified\"".to_owned()),
        ("hide = [1]", ":1: `hide`: expected text in quotation marks, found 1".to_owned()),
        ("open = -1", ":1: `open`: expected a number of levels such as 1, true for all, or false for none, found -1".to_owned()),
        ("open = 99999999999999999999999", ":1: `open`: expected a number of levels".to_owned()),
        ("open = 'all'", ":1: `open`: expected a number of levels".to_owned()),
        ("tree = 'stacked'", ":1: `tree`: expected one of image, layer, both, found \"stacked\"".to_owned()),
        ("tree-width = 1.0", ":1: `tree-width`: expected a part such as 0.6 or \"60%\"".to_owned()),
        ("tree-width = '0%'", "`tree-width`: expected a part".to_owned()),
        (
            "tree-width = 80",
            "`tree-width`: expected a part such as 0.6 or \"60%\", more than nothing and less than all, found 80".to_owned(),
        ),
        ("wrap = 'yes'", ":1: `wrap`: expected true or false, found \"yes\"".to_owned()),
        ("keys = ['f5=sort',\n'ctrl+x=explode']", ":2: `keys`: there is no action `explode`; the actions are added, ".to_owned()),
        ("keys = [['f5=sort']]", ":1: `keys`: expected text in quotation marks, found a value of type array".to_owned()),
        ("wrap = true\nwrap = true", ":2: duplicate key".to_owned()),
        ("wrap = ", ":1: ".to_owned()),
    ] {
        fs::write(&path, text).expect("writable");
        let output = plimsoll().args(["explore", "absent.tar", "--explore-config"]).arg(&path).output().expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}: {stderr}");
        assert!(stderr.contains("own.toml:") && stderr.contains(&told), "{text}: {told} expected in {stderr}");
    }
}

/// Where the file is: as it is named, by a flag before a variable, or among the user's settings; there it need not be.
#[test]
fn places() {
    let place = tempfile::tempdir().expect("a directory");
    let [named, xdg, home] = ["named", "xdg", "home"].map(|name| place.path().join(name));
    for (directory, mistake) in [(&named, "named"), (&xdg.join("plimsoll"), "of-xdg"), (&home.join(".config/plimsoll"), "of-home")] {
        fs::create_dir_all(directory).expect("a directory");
        fs::write(directory.join("explore.toml"), format!("{mistake} = 1")).expect("writable");
    }
    let told = |variables: &[(&str, &Path)], args: &[&str]| {
        let mut command = plimsoll();
        command.args(["explore", "absent.tar"]).args(args).envs(variables.iter().copied());
        let output = command.output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let file = named.join("explore.toml");
    let text = file.to_str().expect("a plain path");
    let absent = place.path().join("absent.toml");
    let nothing = Path::new("");
    for (variables, args, status, words) in [
        (&[("HOME", home.as_path())][..], &[][..], 2, "unknown key `of-home`"),
        (&[("HOME", &home), ("XDG_CONFIG_HOME", &xdg)], &[], 2, "unknown key `of-xdg`"),
        (&[("HOME", &home), ("XDG_CONFIG_HOME", Path::new("xdg"))], &[], 2, "unknown key `of-home`"),
        (&[("XDG_CONFIG_HOME", &xdg), ("PLIMSOLL_EXPLORE_CONFIG", &file)], &[], 2, "unknown key `named`"),
        (&[("PLIMSOLL_EXPLORE_CONFIG", &absent)], &["--explore-config", text], 2, "unknown key `named`"),
        (&[("XDG_CONFIG_HOME", &xdg), ("PLIMSOLL_EXPLORE_CONFIG", nothing)], &[], 2, "unknown key `of-xdg`"),
        (&[("PLIMSOLL_EXPLORE_CONFIG", &absent)], &[], 3, "opening the settings of the explorer"),
        (&[("HOME", &named), ("XDG_CONFIG_HOME", &named)], &[], 2, "a terminal is needed"),
        (&[], &[], 2, "a terminal is needed"),
    ] {
        let (code, stderr) = told(variables, args);
        assert_eq!(code, Some(status), "{variables:?} {args:?}: {stderr}");
        assert!(stderr.contains(words), "{variables:?} {args:?}: {words} expected in {stderr}");
    }
    let help = plimsoll().args(["explore", "--help"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&help.stdout).contains("--explore-config <FILE>"));
}

/// A flag before its variable, that before the file; keys of all of them hold that are not bound twice.
#[cfg(unix)]
#[test]
fn flags_before_variables_before_the_file() {
    use crate::real::{Tmux, explore};
    let place = tempfile::tempdir().expect("a directory");
    fs::create_dir(place.path().join("plimsoll")).expect("a directory");
    let text = "theme = 'nord'\norder = 'name'\nkeys = ['f5=findings', 'f6=findings']\n";
    fs::write(place.path().join("plimsoll/explore.toml"), text).expect("writable");
    let demo = testdata("demo.tar").display().to_string();
    let (nord, dracula) = ("48;2;46;52;64", "48;2;40;42;54");
    for (variables, args, color) in [
        ("", "", nord),
        ("PLIMSOLL_THEME=", "", nord),
        ("PLIMSOLL_THEME=dracula PLIMSOLL_BIND=f6=edits", "", dracula),
        ("PLIMSOLL_THEME=nord PLIMSOLL_BIND=f6=dive", "--theme dracula --bind f6=edits", dracula),
        ("PLIMSOLL_THEME=nord", "--theme terminal", ""),
    ] {
        let tmux = Tmux::new(&format!("settings{}", variables.len() + 7 * args.len()), (100, 40));
        tmux.run(&["set", "-sa", "terminal-features", ",screen-256color:RGB"]);
        tmux.type_line(&format!(
            "COLORTERM=truecolor XDG_CONFIG_HOME={} {variables} {}",
            place.path().display(),
            explore(&format!("{demo} {args}"))
        ));
        tmux.wait("by name · ");
        let codes = tmux.run(&["capture-pane", "-e", "-p"]);
        assert!(codes.contains(color) && (!color.is_empty() || !codes.contains("48;2;")), "{variables} {args}: {codes:?}");
        tmux.keys(&["F5"]);
        tmux.wait("┏ 3 Findings");
        tmux.keys(&["2", "F6"]);
        tmux.wait(if variables.contains("BIND") { "┏ e Edits" } else { "┏ 3 Findings" });
        tmux.quit("q");
    }
}
