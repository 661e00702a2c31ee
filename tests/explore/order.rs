//! The order of rows, and its reverse.

use crate::story::{PLAIN, Screen, story};
use crate::support::{Entry, layout_of};

/// Two of a size, one larger, one smaller, a directory in between; the largest is stored again above, so that its first copy is hidden.
fn image() -> crate::support::Layout {
    let base = [
        Entry::file("b-mid", "m".repeat(2_000)),
        Entry::file("a-mid", "m".repeat(2_000)),
        Entry::file("large", "l".repeat(9_000)),
        Entry::file("small", "s"),
        Entry::file("dir/two", "t".repeat(3_000)),
        Entry::file("dir/one", "o".repeat(1_000)),
    ];
    layout_of(&[&base, &[Entry::file("large", "L".repeat(9_000))]])
}

fn rows(screen: &Screen<'_>) -> String {
    screen.names().join(" ")
}

#[test]
fn every_order_turned_round() {
    story(image().arg(), (100, 30), PLAIN, |screen| {
        screen.key(crossterm::event::KeyCode::Char(' '), crossterm::event::KeyModifiers::CONTROL);
        assert_eq!(rows(screen), "large dir/ two one a-mid b-mid small");
        screen.shows("by size · ").keys("r").shows("by size, smallest first · ");
        assert_eq!(rows(screen), "small a-mid b-mid dir/ one two large", "what weighs the same stays in the order of names");
        screen.keys("s").shows("by hidden, smallest first · ");
        assert_eq!(rows(screen), "small a-mid b-mid dir/ one two large");
        screen.keys("s").shows("by name, z to a · ");
        assert_eq!(rows(screen), "small large dir/ two one b-mid a-mid");
        screen.keys("r").shows("by name · ");
        assert_eq!(rows(screen), "a-mid b-mid dir/ one two large small");
        // A search goes through rows as they are shown.
        screen.keys("rg/mid").enter().keys("n").shows("7/7").keys("N").shows("6/7");
        // The second tree has it too; what is waste begins with most of it.
        screen.esc().keys("A");
        assert_eq!(screen.text().matches("by name, z to a").count(), 2, "{}", screen.text());
        screen.keys("w").shows("by hidden · ");
    });
}

#[test]
fn it_can_be_bound() {
    story(image().arg(), (100, 30), PLAIN, |screen| {
        let mut keys = plimsoll::tui::Keys::default();
        keys.bind("f6=reverse").expect("a key");
        screen.explorer.set_keys(keys);
        screen.press(crossterm::event::KeyCode::F(6)).shows("by size, smallest first");
    });
}
