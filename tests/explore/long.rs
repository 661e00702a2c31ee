//! Lines of a file that are longer than the screen is.

use crate::story::{PLAIN, Screen, story};
use crate::support::{Entry, Layout, layout_of};
use crossterm::event::{Event, KeyCode, KeyModifiers, MouseEvent, MouseEventKind};
use plimsoll::tui::Input;
use std::fmt::Write as _;

/// Of a screen of 80 by 24 cells: rows for text, and signs in a row beside the number of its line.
const ROWS: usize = 19;
const ROOM: usize = 75;

/// So many rows, each with its number at its start.
fn numbered(rows: usize) -> String {
    (0..rows).fold(String::new(), |mut text, row| {
        let _ = write!(text, "{:<ROOM$}", format!("row{row:05}."));
        text
    })
}

/// Two short lines, one of 200 rows, one of 3, and short ones to ten in all.
fn image() -> Layout {
    let mut lines = vec!["first".to_owned(), "second".to_owned(), numbered(200), numbered(3).replace("row", "few")];
    lines.extend((5..=10).map(|number| format!("line {number}")));
    let wide = "日本語".repeat(4000) + "END";
    layout_of(&[&[Entry::file("long", lines.join("\n")), Entry::file("wide", wide)]])
}

fn look<'s, 'i>(screen: &'s mut Screen<'i>, name: &str) -> &'s mut Screen<'i> {
    screen.keys("/").keys(name).enter().enter().shows("of layer 1")
}

/// The rows of the file on the screen, without numbers of lines and what is blank.
fn rows(screen: &Screen<'_>) -> Vec<String> {
    let rows = screen.pane("/long").into_iter();
    rows.map(|row| row.get(3..).unwrap_or_default().trim().to_owned()).filter(|row| !row.is_empty()).collect()
}

#[test]
fn it_is_gone_through_row_by_row() {
    story(image().arg(), (80, 24), PLAIN, |screen| {
        look(screen, "long").keys("w");
        assert_eq!(rows(screen)[..3], ["first", "second", "row00000."]);
        screen.keys("jj").shows("line 3 of 10, its rows 1–19 of 200");
        assert_eq!((rows(screen)[0].as_str(), rows(screen).len()), ("row00000.", ROWS));
        // All of its rows, one after the other, each on a screen at its time.
        for row in 1..=200 - ROWS {
            screen.keys("j");
            assert_eq!(rows(screen)[0], format!("row{row:05}."));
        }
        assert_eq!(rows(screen)[ROWS - 1], "row00199.");
        // Then the next line, with as much of it as there is room for.
        screen.keys("j").shows("line 4 of 10 · ");
        assert_eq!(rows(screen)[ROWS - 4..], ["row00199.", "few00000.", "few00001.", "few00002."]);
        screen.keys("j").shows("line 5 of 10");
        assert_eq!(rows(screen)[ROWS - 1], "line 5");
        // And back: to its last screen, and up through it.
        screen.keys("kk").shows("line 3 of 10, its rows 182–200 of 200");
        screen.press(KeyCode::PageUp).shows("rows 164–182 of 200").press(KeyCode::PageDown).shows("rows 182–200 of 200");
        for _ in 0..200 - ROWS {
            screen.keys("k");
        }
        screen.shows("rows 1–19 of 200").keys("k").shows("line 2 of 10");
        assert_eq!(rows(screen)[..2], ["second", "row00000."]);
        // To the ends of the file.
        screen.keys("G").shows("line 10 of 10");
        assert_eq!(rows(screen)[ROWS - 1], "line 10");
        screen.keys("g").shows("line 1 of 10");
        assert_eq!(rows(screen)[0], "first");
        let wheel = |kind| Input::Event(Event::Mouse(MouseEvent { kind, column: 9, row: 9, modifiers: KeyModifiers::NONE }));
        screen.take(vec![wheel(MouseEventKind::ScrollDown), wheel(MouseEventKind::ScrollDown)]);
        screen.shows("line 3 of 10, its rows 5–23 of 200");
        // Cut, it is one row, and broken again it begins with its first.
        screen.keys("w").shows("line 3 of 10 · ").keys("w").shows("its rows 1–19");
        // On another screen it has other rows.
        screen.press(KeyCode::PageDown).press(KeyCode::PageDown).shows("rows 37–55 of 200");
        screen.terminal.backend_mut().resize(160, 24);
        screen.take(Vec::new());
        screen.shows("its rows 18–36 of 97").shows("row00036.");
    });
}

#[test]
fn a_search_leads_into_it() {
    story(image().arg(), (80, 24), PLAIN, |screen| {
        look(screen, "long").keys("w").keys("/row00100").enter().shows("line 3 of 10, its rows 92–110 of 200");
        assert!(rows(screen).contains(&"row00100.".to_owned()));
        // What is on the screen needs no step; what is not is gone to, forwards, round, and back.
        screen.keys("/row0010").enter().shows("its rows 92–110");
        screen.keys("n").shows("its rows 92–110");
        screen.keys("/00001.").enter().shows("line 4 of 10").keys("n").shows("line 3 of 10, its rows 1–19").keys("N").shows("line 4 of 10");
        screen.keys("/9.").enter().shows("line 3 of 10, its rows 1–19");
        let mut seen: Vec<String> = Vec::new();
        while !screen.text().contains("row00199.") {
            screen.keys("n");
            seen.extend(rows(screen).into_iter().filter(|row| row.contains("9.")));
            assert!(seen.len() < 100, "{seen:?}");
        }
        seen.dedup();
        let expected: Vec<String> = (1..20).map(|ten| format!("row{:05}.", ten * 10 + 9)).collect();
        assert_eq!(seen, expected, "no hit is passed over");
        screen.keys("N").lacks("row00199.");
        // Of a line that is cut: the columns that have it.
        screen.keys("w").keys("g").keys("/row00150").enter().shows("row00150.").shows("line 3 of 10").lacks("first");
        screen.keys("/first").enter().shows("first").keys("/few00002").enter().shows("few00002.");
    });
}

/// Signs of two cells; a row has room for so many halves.
#[test]
fn wide_signs() {
    story(image().arg(), (80, 24), PLAIN, |screen| {
        look(screen, "wide").keys("w").shows("line 1 of 1, its rows 1–19 of 316");
        screen.keys("G").shows("its rows 298–316 of 316").shows("END");
        screen.keys("g").shows("its rows 1–19 of 316").lacks("END").keys("/end").enter().shows("END");
        screen.keys("w").shows("日本語日本語").keys("/END").enter().shows("語END");
    });
}
