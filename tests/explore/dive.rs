//! Every key of dive does here what it does there: its `README.md`, "Key bindings", and its default bindings.

use crate::story::{BYTES, PLAIN, Screen, story};
use crate::support::{Entry, ImageSpec, Layer, Layout, run, testdata};
use crossterm::event::{KeyCode, KeyModifiers};
use serde_json::Value;

/// A base, and a layer that adds, changes and removes; two more directories are as they were.
fn layout() -> Layout {
    let base = [
        Entry::dir("etc"),
        Entry::file("etc/hosts", "localhost"),
        Entry::file("etc/passwd", "root"),
        Entry::file("etc/motd", "hello"),
        Entry::dir("srv"),
        Entry::file("srv/large", "x".repeat(5000)),
        Entry::file("srv/as-it-was", "same"),
    ];
    let own = [
        Entry::dir("etc"),
        Entry::file("etc/passwd", "root and me"),
        Entry::file("etc/hosts", "localhost").owner(1, 1),
        Entry::whiteout("etc/motd"),
        Entry::dir("opt"),
        Entry::file("opt/new", "n".repeat(200)),
    ];
    Layout::of(&ImageSpec::new(&[Layer::new(&base), Layer::new(&own)]).created_by(&["ADD rootfs.tar /", "RUN change things"]))
}

/// The tree of the second layer with all that is unchanged, as dive begins; all open.
fn tree(tell: impl FnOnce(&mut Screen<'_>)) {
    story(layout().arg(), (100, 40), PLAIN, |screen| {
        screen.keys("1").ctrl('l').keys("2").ctrl('u').ctrl('o');
        if screen.text().contains('▸') {
            screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL);
        }
        if screen.text().contains('▸') {
            screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL);
        }
        assert_eq!(screen.names(), ALL, "{}", screen.text());
        screen.keys("g");
        tell(screen);
    });
}

const ALL: [&str; 9] = ["etc/", "hosts", "motd", "passwd", "opt/", "new", "srv/", "as-it-was", "large"];

fn without(names: &[&str]) -> Vec<String> {
    ALL.into_iter().filter(|name| !names.contains(name)).map(str::to_owned).collect()
}

#[test]
fn ctrl_c_and_q_quit() {
    story(layout().arg(), (80, 24), PLAIN, |screen| {
        screen.ctrl('c');
        assert!(screen.explorer.is_done());
    });
    story(layout().arg(), (80, 24), PLAIN, |screen| {
        screen.keys("q");
        assert!(screen.explorer.is_done());
    });
}

#[test]
fn tab_switches_between_layers_and_tree() {
    story(layout().arg(), (80, 24), PLAIN, |screen| {
        screen.shows("┏ 2 Tree").shows("┌ 1 Layers");
        screen.press(KeyCode::Tab).shows("┏ 1 Layers").shows("┌ 2 Tree");
        screen.press(KeyCode::Tab).shows("┏ 2 Tree").shows("┌ 1 Layers");
    });
}

#[test]
fn ctrl_f_filters_and_esc_closes_the_filter() {
    tree(|screen| {
        screen.ctrl('f').keys("passwd").shows("Filter: passwd");
        assert_eq!(screen.names(), ["etc/", "passwd"]);
        screen.enter().shows("· filter passwd");
        screen.esc();
        assert_eq!(screen.names(), ALL);
        // dive's other key for it, as terminals send it.
        screen.ctrl('7').keys("opt").esc();
        assert_eq!(screen.names(), ALL);
        screen.ctrl('f').keys("**/[hm]*");
        assert_eq!(screen.names(), ["etc/", "hosts", "motd"]);
    });
}

#[test]
fn arrows_and_letters_move() {
    tree(|screen| {
        let at = |screen: &Screen<'_>| screen.pane("2 Tree").len();
        assert!(at(screen) > 0);
        screen.shows("1/9").press(KeyCode::Down).shows("2/9").keys("j").shows("3/9");
        screen.press(KeyCode::Up).shows("2/9").keys("k").shows("1/9").keys("k").shows("1/9");
        // Right goes into a directory, left to the one that holds the row.
        screen.press(KeyCode::Right).shows("2/9").press(KeyCode::Left).shows("1/9");
        screen.keys("l").shows("2/9").keys("h").shows("1/9");
        screen.keys(" ");
        assert_eq!(screen.names(), without(&["hosts", "motd", "passwd"]));
        screen.press(KeyCode::Right).shows("2/9");
        assert_eq!(screen.names(), ALL, "a closed directory is opened on the way in");
    });
}

#[test]
fn pages() {
    let files: Vec<Entry> = (0..200).map(|number| Entry::file(format!("file-{number:03}"), "x")).collect();
    let layout = Layout::of(&ImageSpec::new(&[Layer::new(&files)]));
    story(layout.arg(), (80, 24), PLAIN, |screen| {
        screen.press(KeyCode::PageDown);
        let rows = screen.tree().len() & !1;
        screen.shows(&format!("{}/200", rows + 1));
        screen.press(KeyCode::PageUp).shows(" 1/200");
    });
}

#[test]
fn ctrl_a_and_ctrl_l_in_the_layers() {
    story(layout().arg(), (100, 40), PLAIN, |screen| {
        screen.keys("1").ctrl('l').shows("2 Tree: layer 2 alone");
        screen.ctrl('a').shows("2 Tree: the whole image");
        screen.keys("k").shows("2 Tree: the image up to layer 1");
        assert_eq!(screen.names(), ["srv/", "etc/"]);
        screen.ctrl('l').shows("2 Tree: layer 1 alone").keys("j").shows("2 Tree: layer 2 alone, RUN change things");
        screen.lacks("as-it-was");
    });
}

#[test]
fn space_closes_and_opens_a_directory() {
    tree(|screen| {
        screen.keys(" ");
        assert_eq!(screen.names(), without(&["hosts", "motd", "passwd"]));
        screen.keys(" ");
        assert_eq!(screen.names(), ALL);
    });
}

#[test]
fn ctrl_space_closes_and_opens_all() {
    tree(|screen| {
        screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL);
        assert_eq!(screen.names(), ["etc/", "opt/", "srv/"]);
        screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL);
        assert_eq!(screen.names(), ALL);
    });
}

#[test]
fn ctrl_a_r_m_u_hide_and_show_in_the_tree() {
    let alone = |press: fn(&mut Screen<'_>), gone: &[&str]| {
        tree(|screen| {
            press(screen);
            assert_eq!(screen.names(), without(gone));
            press(screen);
            assert_eq!(screen.names(), ALL);
        });
    };
    alone(|screen| _ = screen.ctrl('a'), &["opt/", "new"]);
    alone(|screen| _ = screen.ctrl('r'), &["motd"]);
    alone(|screen| _ = screen.ctrl('m'), &["passwd", "hosts"]);
    alone(|screen| _ = screen.keys("M"), &["passwd", "hosts"]);
    alone(|screen| _ = screen.ctrl('u'), &["srv/", "as-it-was", "large"]);
}

/// What dive says by colour alone is said by signs too; and what it cannot tell apart, by one of its own.
#[test]
fn marks() {
    tree(|screen| {
        let mark = |name: &str| {
            let row = screen.tree().into_iter().find(|row| row.ends_with(name)).unwrap_or_else(|| panic!("a row {name}"));
            row.split_whitespace().find(|word| ["+", "~", "=", "-"].contains(word)).unwrap_or(" ").to_owned()
        };
        assert_eq!(
            [mark("new"), mark("opt/"), mark("etc/"), mark("passwd"), mark(" hosts"), mark("motd"), mark("large"), mark("srv/")],
            ["+", "+", "~", "~", "=", "-", " ", " "]
        );
    });
}

#[test]
fn ctrl_b_shows_attributes() {
    tree(|screen| {
        screen.lacks("drwxr-xr-x 0:0").ctrl('b').shows("drwxr-xr-x 0:0").shows("-rw-r--r-- 1:1");
        screen.ctrl('b').lacks("-rw-r--r-- 1:1");
    });
}

#[test]
fn ctrl_o_sorts_by_name_or_size() {
    tree(|screen| {
        screen.ctrl('o').shows("by size");
        assert_eq!(screen.names(), ["opt/", "new", "etc/", "passwd", "hosts", "motd", "srv/", "as-it-was", "large"]);
        screen.ctrl('o').shows("by name");
        assert_eq!(screen.names(), ALL);
    });
}

#[test]
fn ctrl_e_extracts_the_file() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let to = directory.path().join("out");
    tree(|screen| {
        screen.keys("/large").enter().ctrl('e').shows("Write the file to: ./large");
        screen.ctrl('u').keys(to.to_str().expect("a plain path")).enter().shows("written");
        assert_eq!(std::fs::read_to_string(&to).expect("a file"), "x".repeat(5000));
        // What is there already stays.
        screen.ctrl('e').ctrl('u').keys(to.to_str().expect("a plain path")).enter().shows("! writing").shows("exists");
    });
}

#[test]
fn ctrl_p_wraps() {
    let name = "n".repeat(120);
    let layout = Layout::of(&ImageSpec::new(&[Layer::new(&[Entry::file(&name, "x")])]));
    story(layout.arg(), (80, 24), PLAIN, |screen| {
        assert!(screen.tree()[0].contains("nn…"), "{}", screen.text());
        screen.ctrl('p');
        let shown: usize = screen.tree().iter().map(|row| row.matches('n').count()).sum();
        assert_eq!(shown, 120);
    });
}

#[test]
fn question_mark_helps() {
    story(layout().arg(), (80, 24), PLAIN, |screen| {
        screen.keys("?").shows("All keys").press(KeyCode::PageDown).esc().lacks("All keys");
    });
}

/// What dive shows of the image is here too, and equal to the file that `dive --json` writes.
#[test]
fn its_score_and_what_it_counts_as_wasted() {
    let demo = testdata("demo.tar");
    let demo = demo.to_str().expect("a plain path");
    let written: Value = run(&[demo, "--format", "dive-json"]).json();
    let image = &written["image"];
    let grouped = |bytes: &Value| {
        let digits = bytes.as_u64().expect("bytes").to_string();
        let parts: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).expect("digits")).collect();
        parts.join(",")
    };
    story(demo, (120, 60), BYTES, |screen| {
        screen.lacks("dive's score, wasted files").keys("1").shows(" D: dive's score, wasted files ");
        screen.keys("D").shows("┏ D Wasted, as dive counts");
        let details = screen.pane("4 Details").join("\n");
        for (label, value) in [
            ("Total Image size", format!("({} bytes)", grouped(&image["sizeBytes"]))),
            ("Potential wasted space", format!("({} bytes)", grouped(&image["inefficientBytes"]))),
            ("Image efficiency score", format!("{:.4} %", image["efficiencyScore"].as_f64().expect("a number") * 100.0)),
        ] {
            let line = details.lines().find(|line| line.contains(label)).unwrap_or_else(|| panic!("{label} in {details}"));
            assert!(line.ends_with(&value), "{line}: {value}");
        }
        let expected = image["fileReference"].as_array().expect("a list");
        assert!(expected.len() > 100);
        for (at, wasted) in expected.iter().enumerate() {
            let details = screen.pane("4 Details").join("\n");
            let has = |label: &str, value: &str| details.lines().any(|line| line.trim().starts_with(label) && line.ends_with(value));
            let path: String = details
                .lines()
                .skip_while(|line| !line.trim().starts_with('/'))
                .take_while(|line| !line.contains("Count"))
                .map(str::trim)
                .collect();
            assert_eq!(path, wasted["file"], "row {at}");
            assert!(has("Count", &wasted["count"].to_string()), "{details}");
            assert!(has("Total Space", &format!("({} bytes)", grouped(&wasted["sizeBytes"]))), "{details}");
            screen.keys("j");
        }
        // The rows themselves, from the first.
        screen.keys("g");
        let row = screen.pane("D Wasted")[1].clone();
        let words: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(words[..2], [expected[0]["count"].to_string(), grouped(&expected[0]["sizeBytes"])]);
        // To its files, and to the layer that stores it once more.
        screen.enter().shows(&format!("dive: {}", &expected[0]["file"].as_str().expect("a path")[..12]));
        screen.keys("Di").shows("┏ 1 Layers");
    });
    let clean = Layout::of(&ImageSpec::new(&[Layer::new(&[Entry::file("a", "x")])]));
    story(clean.arg(), (120, 40), PLAIN, |screen| {
        screen.keys("D").shows("No path is stored twice.").shows("100.0000 %").enter().keys("ijk");
    });
}
