//! Names, links, instructions and contents that try to speak to the terminal.

use crate::story::{PLAIN, story};
use crate::support::{Entry, ImageSpec, Layer, Layout};
use crossterm::event::KeyCode;

const NAMES: &[&[u8]] = &[
    b"a\x1b[31mred",
    b"b\x1b]52;c;ZXZpbA==\x07",
    "c\u{202e}txt.exe".as_bytes(),
    b"d\r\ne",
    b"e\xff\xfe",
    "f\u{9b}31m".as_bytes(),
    "g\u{200b}日本語".as_bytes(),
    b"h\x08\x08",
];

#[test]
fn nothing_reaches_the_terminal_raw() {
    let mut entries: Vec<Entry> = NAMES.iter().map(|name| Entry::file(name, b"x\x1b[2J\x9b\xe2\x80\xae\n\x07")).collect();
    entries.push(Entry::symlink("link", b"to\x1b[5m\x07"));
    let spec = ImageSpec::new(&[Layer::new(&entries), Layer::new(&[Entry::whiteout("link")])])
        .created_by(&["RUN echo \x1b[41m \u{202e} \x07", "RUN rm \x1b]0;title\x07 link"]);
    let layout = Layout::of(&spec);
    for size in [(80, 24), (120, 40), (200, 60)] {
        story(layout.arg(), size, PLAIN, |screen| {
            let mut seen = String::new();
            for keys in ["", "S", "1", "k", "2", "3", "e", "4", "2", "A", "?"] {
                screen.keys(keys);
                seen.push_str(&screen.text());
            }
            screen.esc().esc().keys("2Sg");
            for _ in 0..NAMES.len() {
                screen.enter();
                assert!(screen.text().contains(" of layer 1"), "{}", screen.text());
                seen.push_str(&screen.text());
                screen.ctrl('e');
                seen.push_str(&screen.text());
                screen.esc().esc().press(KeyCode::Down);
                seen.push_str(&screen.text());
            }
            screen.keys("f\u{1b}[31m");
            seen.push_str(&screen.text());
            let bad = |sign: &char| {
                (sign.is_control() && *sign != '\n')
                    || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
            };
            assert_eq!(seen.chars().find(bad), None, "{size:?}");
            assert!(seen.contains("a\\x1b[31mred") && seen.contains("c\\u{202e}txt.exe") && seen.contains("日本語"), "{seen}");
            assert!(seen.contains("x\\x1b[2J"), "contents are escaped too: {}", screen.text());
        });
    }
}

/// What goes to the clipboard is the path as it is shown, in base64.
#[test]
fn a_copied_path_is_safe_to_paste() {
    let layout = Layout::of(&ImageSpec::new(&[Layer::new(&[Entry::file(b"a\nrm -rf x", "x")])]));
    story(layout.arg(), (80, 24), PLAIN, |screen| {
        screen.keys("y");
        assert_eq!(screen.asked, [plimsoll::tui::Request::Copy("/a\\nrm -rf x".to_owned())]);
    });
}
