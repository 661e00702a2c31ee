//! Enter on a link: to what it names, and back.

use crate::story::{PLAIN, Screen, story};
use crate::support::{Entry, Layout, layout_of};
use crossterm::event::{KeyCode, KeyModifiers};

fn image() -> Layout {
    let base = [
        Entry::symlink("bin", "usr/bin"),
        Entry::symlink("etc/os-release", "../usr/lib/os-release"),
        Entry::symlink("etc/mtab", "/proc/mounts"),
        Entry::file("usr/lib/os-release", "ID=demo"),
        Entry::file("usr/bin/python3.12", "ELF"),
        Entry::symlink("usr/bin/python3", "python3.12"),
        Entry::symlink("usr/bin/python", "python3"),
        // By way of two links to directories, one of them absolute.
        Entry::symlink("opt/tool", "/bin/./python3.12"),
        Entry::symlink("opt/lib", "/usr/lib/"),
        Entry::symlink("opt/through", "lib//os-release"),
        Entry::symlink("opt/high", "../../../../usr/lib/os-release"),
        Entry::symlink("opt/root", "/"),
        Entry::symlink("opt/self", "self"),
        Entry::symlink("opt/ring-a", "ring-b/x"),
        Entry::symlink("opt/ring-b", "ring-a/x"),
        Entry::symlink("opt/lost", "not/there"),
        Entry::symlink("opt/file", "../usr/lib/os-release/x"),
        Entry::symlink("opt/old", "data"),
        Entry::file("opt/data", "soon gone"),
        Entry::symlink("opt/new", "../srv/added"),
        Entry::symlink("opt/odd", b"\xff\x1b[31m"),
    ];
    layout_of(&[&base, &[Entry::file("srv/added", "later"), Entry::whiteout("opt/data")]])
}

/// The row that is chosen, by the line below the panes once a key has cleared what was said.
fn chosen(screen: &mut Screen<'_>) -> String {
    screen.ctrl('p').ctrl('p');
    let text = screen.text();
    let line = text.lines().rev().nth(1).expect("a line");
    line.split("  ").next().expect("a path").to_owned()
}

fn go(screen: &mut Screen<'_>, name: &str) {
    screen.keys(&format!("/{name}")).enter();
    assert!(chosen(screen).ends_with(name), "{}", screen.text());
}

#[test]
fn to_what_it_names_and_back() {
    story(image().arg(), (130, 50), PLAIN, |screen| {
        for (link, target) in [
            ("etc/os-release", "/usr/lib/os-release"),
            ("opt/tool", "/usr/bin/python3.12"),
            ("opt/lib", "/usr/lib"),
            ("opt/through", "/usr/lib/os-release"),
            ("/bin", "/usr/bin"),
        ] {
            go(screen, link);
            screen.enter().shows(&format!("{target} · Esc goes back to the link"));
            assert_eq!(chosen(screen), target, "of {link}");
            screen.esc();
            assert!(chosen(screen).ends_with(link), "back: {}", screen.text());
            screen.esc();
        }
        // A link to a link leads to that one; each step has its way back.
        screen.keys("/**/python").enter().enter();
        assert_eq!(chosen(screen), "/usr/bin/python3");
        screen.enter();
        assert_eq!(chosen(screen), "/usr/bin/python3.12");
        screen.esc();
        assert_eq!(chosen(screen), "/usr/bin/python3");
        screen.esc();
        assert_eq!(chosen(screen), "/usr/bin/python");
        screen.shows("/**/python 1 hit").esc().lacks(" hit");
    });
}

#[test]
fn nowhere_is_told() {
    story(image().arg(), (130, 50), PLAIN, |screen| {
        for (link, why) in [
            ("etc/mtab", "! the link leads nowhere: no layer has /proc; only a running container has something in /proc"),
            ("opt/self", "! the link leads nowhere: it names itself"),
            ("opt/ring-a", "! the link leads nowhere: more than 40 links are on the way"),
            ("opt/lost", "! the link leads nowhere: no layer has /opt/not"),
            ("opt/file", "! the link leads nowhere: /usr/lib/os-release is no directory"),
            ("opt/odd", "! the link leads nowhere: no layer has /opt/\\xff\\x1b[31m"),
        ] {
            go(screen, link);
            screen.enter().shows(why);
            assert!(chosen(screen).ends_with(link), "it stays there");
            screen.esc();
        }
        go(screen, "opt/high");
        screen.enter().shows("/usr/lib/os-release · above the root there is only the root");
        go(screen, "opt/root");
        screen.enter().shows("/ is all of this tree");
        screen.shows(" 1/");
        screen.esc();
        assert!(chosen(screen).ends_with("opt/root"));
        // What is removed has a row.
        go(screen, "opt/old");
        screen.enter().shows("/opt/data · it is removed, the link leads nowhere");
        assert_eq!(chosen(screen), "/opt/data");
    });
}

/// In the tree that is looked at: of the image up to a layer, or of what a layer changed.
#[test]
fn in_the_tree_that_is_shown() {
    story(image().arg(), (130, 50), PLAIN, |screen| {
        go(screen, "opt/new");
        screen.enter().shows("/srv/added · Esc").keys("1k2");
        go(screen, "opt/new");
        screen.enter().shows("! the link leads nowhere: /srv/added is not there; layer 2 brings it");
        go(screen, "opt/old");
        screen.enter().shows("/opt/data · Esc").lacks("removed");
        // What keeps the target from being shown is given up.
        screen.esc().keys("f").keys("os-release").enter();
        screen.keys("G").shows("→ ../usr/lib/os-release").enter().shows("/usr/lib/os-release · Esc").lacks("the filter is gone");
        screen.keys("f").ctrl('u').keys("opt/tool").enter();
        screen.keys("gj").enter().shows("/usr/bin/python3.12 · the filter is gone");
        // Of a layer alone: what lies below is shown then.
        screen.esc().esc().keys("S").key(KeyCode::Char('u'), KeyModifiers::CONTROL).keys("/opt/through").enter().enter();
        screen.shows("/usr/lib/os-release · Esc").shows("layer 1 alone").esc();
        assert!(chosen(screen).ends_with("opt/through"));
        // A way back is of the tree that it was taken in, and a filter ends it.
        screen.enter().keys("S").esc().shows("the image up to layer 1");
        go(screen, "opt/tool");
        screen.enter().keys("fpython").enter().shows("filter python").esc().esc().lacks("filter python");
        assert!(chosen(screen).contains("/usr/bin/python"), "{}", screen.text());
    });
}
