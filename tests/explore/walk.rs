//! Whatever keys come, in whatever order, on whatever screen.

use crate::story::{PLAIN, story};
use crate::support::{Entry, layout_of};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use plimsoll::tui::Input;

const KEYS: &[KeyCode] = &[
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Backspace,
    KeyCode::F(1),
];

/// The same each time.
fn numbers() -> impl FnMut(usize) -> usize {
    let mut state = 7u64;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    }
}

#[test]
fn no_keys_in_any_order_break_it() {
    story("testdata/demo.tar", (80, 24), PLAIN, |screen| {
        let mut number = numbers();
        for step in 0..3000 {
            let letters = "12345abcdefghijklmnoprstuvwxyzAGHIMNSUY/?* .";
            let letter = letters.chars().nth(number(letters.chars().count())).expect("below their number");
            let (code, modifiers) = match number(5) {
                0 | 1 => (KEYS[number(KEYS.len())], KeyModifiers::NONE),
                // Quitting would be the end of the story.
                2 if !matches!(letter, 'c' | 'z') => (KeyCode::Char(letter), KeyModifiers::CONTROL),
                _ => (KeyCode::Char(letter), KeyModifiers::NONE),
            };
            // Nothing is to be written here.
            if matches!(code, KeyCode::Enter) && screen.text().contains("Write ") {
                screen.esc();
            }
            if number(40) == 0 {
                let kind = [MouseEventKind::ScrollDown, MouseEventKind::ScrollUp, MouseEventKind::Down(MouseButton::Left)][number(3)];
                let (column, row) = (u16::try_from(number(100)).expect("small"), u16::try_from(number(30)).expect("small"));
                screen.take(vec![Input::Event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))]);
            }
            screen.take(vec![Input::Event(Event::Key(KeyEvent::new(code, modifiers)))]);
            if step % 100 == 0 {
                let (width, height) = (10 + u16::try_from(number(200)).expect("small"), 3 + u16::try_from(number(60)).expect("small"));
                screen.terminal.backend_mut().resize(width, height);
            }
            assert!(!screen.explorer.is_done(), "it goes on after {code:?} {modifiers:?}");
        }
    });
}

#[test]
fn every_size_of_terminal() {
    story("testdata/demo.tar", (80, 24), PLAIN, |screen| {
        for keys in ["", "?", "e", "1", "4", "A"] {
            screen.esc().esc().esc().keys(keys);
            for (width, height) in (1..=36).step_by(5).flat_map(|width| (1..=14).map(move |height| (width, height))) {
                screen.terminal.backend_mut().resize(width, height);
                screen.keys("j");
            }
        }
        screen.terminal.backend_mut().resize(10, 3);
        screen.keys("j").shows("plimsoll:");
        screen.esc().esc();
        screen.terminal.backend_mut().resize(80, 24);
        screen.keys("2").shows("2 Tree");
    });
}

/// Keys that come while a screen is drawn are all taken, and the screen is drawn once for them.
#[test]
fn keys_that_wait_are_all_taken() {
    let files: Vec<Entry> = (0..500).map(|number| Entry::file(format!("file-{number:03}"), "x")).collect();
    let layout = layout_of(&[&files]);
    story(layout.arg(), (80, 24), PLAIN, |screen| {
        screen.keys(&"j".repeat(300)).shows("301/500");
        screen.press(KeyCode::End).shows("500/500").press(KeyCode::PageUp);
        screen.keys("g").shows(" 1/500");
    });
}

#[test]
fn an_image_without_files_or_layers() {
    let layout = layout_of(&[]);
    story(layout.arg(), (80, 24), PLAIN, |screen| {
        screen.keys("123e4AS").press(KeyCode::Enter);
        screen.keys("2jkmxIiwn/a").enter();
        screen.shows("0 B on disk");
    });
    let layout = layout_of(&[&[]]);
    story(layout.arg(), (120, 40), PLAIN, |screen| {
        screen.keys("S123e4A2jkmiI").enter();
        screen.shows("0 B on disk");
    });
}

/// A tree deeper than any stack that recursion would have.
#[test]
fn as_deep_as_can_be() {
    let deep = "d/".repeat(2000) + "end";
    let layout = layout_of(&[&[Entry::file(&deep, "x")]]);
    story(layout.arg(), (80, 24), PLAIN, |screen| {
        screen.key(KeyCode::Char(' '), KeyModifiers::CONTROL).press(KeyCode::End).shows("end");
        screen.keys("h").shows("2,000/2,001");
    });
}

/// Keys that are typed before a search is done are about what it finds.
#[test]
fn keys_typed_ahead_of_a_search() {
    let mut files: Vec<Entry> = (0..500).map(|number| Entry::file(format!("file-{number:03}"), "x")).collect();
    files.push(Entry::file("wanted", "its content"));
    let layout = layout_of(&[&files]);
    story(layout.arg(), (80, 24), PLAIN, |screen| {
        let key = |code| Input::Event(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        let mut typed: Vec<Input> = "/wanted".chars().map(|letter| key(KeyCode::Char(letter))).collect();
        typed.extend([key(KeyCode::Enter), key(KeyCode::Enter)]);
        screen.take(typed);
        screen.shows("its content").esc().esc();
        // What ends a search is seen, though no key comes after it.
        for letter in "/wanted".chars() {
            screen.explorer.handle(key(KeyCode::Char(letter)));
        }
        assert!(screen.explorer.work() && !screen.explorer.work());
    });
}
