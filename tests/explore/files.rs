//! What is in files, hidden ones too; what is marked, and what it is written as.

use crate::story::{PLAIN, story};
use crate::support::{Entry, ImageSpec, Layer, Layout, docker_archive, file, gzip, run};
use crossterm::event::KeyCode;
use serde_json::{Value, json};

fn layout() -> Layout {
    let base = [Entry::dir("bin"), Entry::file("bin/program", b"\x7fELF\0\0\x01")];
    let copied = [
        Entry::dir("app"),
        Entry::file("app/.env", "API_KEY=deleted-and-still-there\n"),
        Entry::file("app/main.py", "print('hello')\nprint('again')\n"),
        Entry::symlink("app/link", "main.py"),
        Entry::hardlink("app/second-name", "app/main.py"),
        Entry::file("app/empty", ""),
    ];
    let mut spec = ImageSpec::new(&[Layer::new(&base), Layer::new(&copied), Layer::new(&[Entry::whiteout("app/.env")])]).created_by(&[
        "ADD rootfs.tar /",
        "COPY . /app",
        "RUN rm /app/.env",
    ]);
    spec.config = json!({"WorkingDir": "/app"});
    Layout::of(&spec)
}

/// The point of it all: what a later layer deleted can be read.
#[test]
fn a_deleted_secret_is_found_and_read() {
    story(layout().arg(), (120, 40), PLAIN, |screen| {
        screen.keys("/.env").enter().shows("- ").shows("file deleted later, by layer 3: RUN rm /app/.env");
        screen.shows("stored   by layer 2: COPY . /app").shows("the deletion frees nothing");
        screen.enter().shows("/app/.env  of layer 2").shows("API_KEY=deleted-and-still-there");
        screen.esc().keys("i").shows("┏ 1 Layers").shows("COPY . /app").shows("layer 2 of 3");
        screen.keys("2I").shows("layer 3 of 3");
    });
}

#[test]
fn text_bytes_links_and_nothing() {
    story(layout().arg(), (120, 40), PLAIN, |screen| {
        screen.keys("/program").enter().enter().shows("00000000  7f 45 4c 46 00 00 01");
        screen.keys("b").shows("\\x7fELF").keys("q");
        screen.keys("/main.py").enter().enter().shows("1 print('hello')").shows("line 1 of 2");
        screen.keys("/again").enter().shows("line 2 of 2").keys("y");
        screen.esc().keys("/second-name").enter().enter().shows("print('hello')").esc();
        screen.keys("/link").enter().shows("link → main.py").enter().shows("/app/main.py · Esc goes back to the link");
        screen.keys("/empty").enter().enter().shows("an empty file");
    });
}

/// A source that is read once has no contents, and says so.
#[test]
fn why_there_is_no_content() {
    let archive = docker_archive(&ImageSpec::new(&[Layer::new(&[Entry::file("a", "x")])]), &["a:1"]);
    let (_kept, path) = file("image.tar.gz", &gzip(&archive));
    story(path.to_str().expect("a plain path"), (120, 40), PLAIN, |screen| {
        screen.enter().shows("! contents are read in a second pass").ctrl('e').shows("! contents are read in a second pass");
    });
}

#[test]
fn marked_rows_are_written_as_files_writes_them() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = |name: &str| directory.path().join(name).to_str().expect("a plain path").to_owned();
    let layout = layout();
    story(layout.arg(), (120, 40), PLAIN, |screen| {
        screen.keys("x").shows("! nothing is marked");
        screen.keys("/.env").enter().keys("m").keys("/main.py").enter().keys("v").shows("2 marked, 62 B").shows("*");
        for name in ["list.csv", "list.json", ".dockerignore", "out/"] {
            screen.keys("x").ctrl('u').keys(&place(name)).enter().lacks("!");
        }
        screen.keys("x").ctrl('u').keys(&place("what")).enter().shows("! the name says what is written");
    });
    let read = |name: &str| std::fs::read_to_string(place(name)).expect("a file");
    let all = run(&["files", layout.arg(), "--format", "json"]).json();
    let wanted = |row: &&Value| ["/app/.env", "/app/main.py"].contains(&row["path"].as_str().unwrap_or_default());
    let mut expected: Vec<&Value> = all.as_array().expect("a list").iter().filter(wanted).collect();
    expected.sort_by_key(|row| row["path"].as_str());
    let written: Value = serde_json::from_str(&read("list.json")).expect("JSON");
    assert_eq!(written.as_array().expect("a list").iter().collect::<Vec<_>>(), expected);
    let csv = run(&["files", layout.arg(), "--format", "csv"]).text();
    assert!(read("list.csv").lines().count() == 3 && read("list.csv").lines().all(|line| csv.contains(line)), "{}", read("list.csv"));
    let patterns = read(".dockerignore");
    assert_eq!(patterns.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>(), [".env", "main.py"]);
    assert_eq!(read("out/app/.env"), "API_KEY=deleted-and-still-there\n");
    assert_eq!(read("out/app/main.py"), "print('hello')\nprint('again')\n");
}

/// A directory that is marked stands for all below it; the mark goes as it came.
#[test]
fn a_marked_directory_is_all_in_it() {
    story(layout().arg(), (120, 40), PLAIN, |screen| {
        screen.keys("/app").enter().keys("m").shows("1 marked, 62 B");
        screen.keys("km").lacks("marked");
        screen.keys("1").ctrl('l').keys("k2gm").shows("1 marked, 62 B");
    });
}

#[test]
fn rows_can_be_left_out() {
    story(layout().arg(), (120, 40), PLAIN, |screen| {
        assert_eq!(screen.names(), ["app/", "bin/"]);
        screen.keys("H").shows("1 left out");
        assert_eq!(screen.names(), ["bin/"]);
        screen.keys("U");
        assert_eq!(screen.names(), ["app/", "bin/"]);
    });
}

#[test]
fn search_walks_through_hits_and_around() {
    story(layout().arg(), (120, 40), PLAIN, |screen| {
        screen.ctrl('o').keys("/m").enter().shows("4 hits");
        let hit = |screen: &crate::story::Screen<'_>| screen.pane("4 Details")[0].trim().to_owned();
        let mut seen = vec![hit(screen)];
        for _ in 0..4 {
            screen.keys("n");
            seen.push(hit(screen));
        }
        assert_eq!(seen, ["/app/empty", "/app/main.py", "/app/second-name", "/bin/program", "/app/empty"]);
        screen.keys("N");
        assert_eq!(hit(screen), "/bin/program");
        screen.keys("N");
        assert_eq!(hit(screen), "/app/second-name");
        screen.keys("/no-such-name").enter().shows("nothing in what is shown here has that name");
        screen.press(KeyCode::Esc).lacks("no-such-name");
    });
}
