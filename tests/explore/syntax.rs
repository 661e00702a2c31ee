//! Colours of what is in files.

use crate::story::{PLAIN, Screen, story};
use crate::support::{Entry, Layout, layout_of};
use crossterm::event::KeyCode;
use plimsoll::render::style::Style;
use plimsoll::tui::{Depth, Theme};
use ratatui::style::{Color, Modifier};

const COLOR: Style = Style { color: true, ..PLAIN };
/// Of the palette that Dracula publishes; its purple is for numbers.
const PINK: Color = Color::Rgb(0xff, 0x79, 0xc6);
const YELLOW: Color = Color::Rgb(0xf1, 0xfa, 0x8c);
const PURPLE: Color = Color::Rgb(0xbd, 0x93, 0xf9);
const TEXT: Color = Color::Rgb(0xf8, 0xf8, 0xf2);

fn layout() -> Layout {
    let script =
        b"#!/usr/bin/env python3\nimport os  # what for\nname = 'it\xe2\x80\xae\x1b[31m' + str(42)\n\"\"\"long\nlonger\"\"\"\nafter = 1\n";
    layout_of(&[&[Entry::file("tool", script), Entry::file("zzz", "import 'a' 42\n")]])
}

fn look(screen: &mut Screen<'_>, name: &str) {
    screen.explorer.set_theme(Theme::Dracula, Depth::True);
    screen.keys("/").keys(name).enter().enter().shows("of layer 1");
}

/// Foregrounds of a text on the screen, cell by cell.
#[track_caller]
fn colors(screen: &Screen<'_>, text: &str) -> Vec<Color> {
    let buffer = screen.terminal.backend().buffer();
    for line in buffer.content.chunks(buffer.area.width.into()) {
        let signs: Vec<&str> = line.iter().map(ratatui::buffer::Cell::symbol).collect();
        let wanted: Vec<String> = text.chars().map(String::from).collect();
        if let Some(at) = signs.windows(wanted.len()).position(|signs| signs == wanted) {
            return line[at..at + wanted.len()].iter().map(|cell| cell.fg).collect();
        }
    }
    panic!("`{text}` expected in\n{}", screen.text());
}

#[track_caller]
fn is_all(screen: &Screen<'_>, text: &str, color: Color) {
    assert!(colors(screen, text).iter().all(|found| *found == color), "{text}: {:?}\n{}", colors(screen, text), screen.text());
}

#[test]
fn parts_of_a_program_have_their_colours() {
    story(layout().arg(), (80, 24), COLOR, |screen| {
        look(screen, "tool");
        is_all(screen, "import", PINK);
        is_all(screen, " os ", TEXT);
        is_all(screen, "42", PURPLE);
        // What is quoted, with what is escaped in it, and over lines.
        is_all(screen, "'it\\u{202e}\\x1b[31m'", YELLOW);
        is_all(screen, "longer\"\"\"", YELLOW);
        is_all(screen, "after = ", TEXT);
        // From below its first line too.
        screen.press(KeyCode::End).keys("w");
        is_all(screen, "longer\"\"\"", YELLOW);
        // Moved to the left, `# what for` begins elsewhere and is a comment still.
        screen.press(KeyCode::Home).keys("w").press(KeyCode::Right).shows("os  # what for".trim_start_matches("os"));
        let comment = colors(screen, "# what for");
        assert!(comment.iter().all(|color| *color == comment[0] && *color != TEXT));
        screen.press(KeyCode::Left);
        // As bytes it is no program.
        screen.keys("b");
        is_all(screen, "6d 70 6f 72 74", TEXT);
    });
    story(layout().arg(), (80, 24), COLOR, |screen| {
        look(screen, "zzz");
        is_all(screen, "import 'a' 42", TEXT);
    });
}

/// What is looked for is turned round, whatever its colours; all else keeps its own.
#[test]
fn hits_are_seen() {
    story(layout().arg(), (80, 24), COLOR, |screen| {
        look(screen, "tool");
        screen.keys("/OS  #").enter();
        let cells = &screen.terminal.backend().buffer().content;
        let turned: String = cells.iter().filter(|cell| cell.bg == PURPLE).map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(turned, "os  #");
        is_all(screen, "import", PINK);
    });
    story(layout().arg(), (80, 24), PLAIN, |screen| {
        look(screen, "tool");
        screen.keys("/LONG").enter();
        let cells = &screen.terminal.backend().buffer().content;
        let turned: String =
            cells.iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).map(ratatui::buffer::Cell::symbol).collect();
        // With the number of the line that the search went to.
        assert_eq!(turned.replace(' ', ""), "4longlong");
    });
}

#[test]
fn without_colour_there_is_none() {
    story(layout().arg(), (80, 24), PLAIN, |screen| {
        look(screen, "tool");
        screen.shows("name = 'it\\u{202e}\\x1b[31m' + str(42)");
        assert!(screen.terminal.backend().buffer().content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    });
}

/// One line as long as can be, of what takes most to tell apart: it is shown, broken, walked through and searched.
#[test]
fn the_longest_lines_are_shown() {
    let line = |part: &str| part.repeat((1 << 20) / part.len());
    let files = [
        ("a.py", line("'''\"\\")),
        ("b.yml", line("a: \"")),
        ("c.html", line("<a b=\"")),
        ("d.rs", line("r#\"'\\x")),
        ("e.js", line("\x01`/*")),
    ];
    let entries: Vec<Entry> = files.iter().map(|(name, content)| Entry::file(*name, content)).collect();
    let layout = layout_of(&[&entries]);
    story(layout.arg(), (100, 30), COLOR, |screen| {
        for (name, content) in &files {
            look(screen, name);
            let start: String = content.chars().take(4).filter(|sign| !sign.is_control()).collect();
            screen.shows(&start).keys("w").keys("jkG").keys("/nowhere").enter().keys("n");
            screen.keys("w").press(KeyCode::Right).press(KeyCode::Right).shows("of 1").esc();
        }
    });
}
