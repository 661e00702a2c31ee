//! Keys of one's own.

use crate::story::{PLAIN, story};
use crate::support::{plimsoll, testdata};
use crossterm::event::{KeyCode, KeyModifiers};
use plimsoll::tui::Keys;

fn keys(text: &str) -> Keys {
    let mut keys = Keys::default();
    keys.bind(text).expect("keys");
    keys
}

fn demo() -> String {
    testdata("demo.tar").to_str().expect("UTF-8").to_owned()
}

#[test]
fn a_key_does_what_it_is_bound_to() {
    story(&demo(), (100, 30), PLAIN, |screen| {
        screen.explorer.set_keys(keys("Q=quit, f5=filter ,ctrl+t=findings,==edits"));
        screen.ctrl('t');
        assert!(screen.text().contains("┏ 3 Findings"), "{}", screen.text());
        screen.keys("=");
        assert!(screen.text().contains("┏ e Edits"), "{}", screen.text());
        screen.keys("2").key(KeyCode::F(5), KeyModifiers::NONE);
        screen.keys("bin");
        assert!(screen.text().contains("bin"), "{}", screen.text());
        screen.key(KeyCode::Esc, KeyModifiers::NONE);
        // The footer and the page of all keys say so.
        assert!(screen.text().contains("Q quit") && screen.text().contains("F5 filter"), "{}", screen.text());
        assert!(!screen.explorer.is_done());
        screen.keys("Q");
        assert!(screen.explorer.is_done());
    });
}

/// A key that is bound anew does no longer what it did, where both would hold; the old action keeps its other keys.
#[test]
fn a_key_is_taken_from_its_action() {
    story(&demo(), (100, 30), PLAIN, |screen| {
        screen.explorer.set_keys(keys("q=help"));
        screen.keys("q");
        assert!(screen.text().contains("All keys") && !screen.explorer.is_done());
        screen.key(KeyCode::Esc, KeyModifiers::NONE);
        assert!(screen.text().contains("Ctrl+C quit"), "{}", screen.text());
        screen.ctrl('c');
        assert!(screen.explorer.is_done());
    });
    // `s` sorts in the tree, and is free elsewhere.
    story(&demo(), (100, 30), PLAIN, |screen| {
        screen.explorer.set_keys(keys("s=layer-alone"));
        screen.keys("2s1");
        assert!(screen.text().contains("the whole image"), "{}", screen.text());
        screen.keys("s");
        assert!(screen.text().contains("alone"), "{}", screen.text());
    });
}

#[test]
fn mistakes_are_told_before_anything_is_read() {
    let refused = |bound: &str| {
        let output = plimsoll().args(["explore", "absent.tar", "--bind", bound]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    assert!(refused("ctrl+x=explode").contains("--bind: there is no action `explode`; the actions are added, "));
    assert!(refused("hyper+x=quit").contains("there is no key `hyper+x`"));
    assert!(refused("help").contains("expected KEY=ACTION, found `help`; the actions are"));
    let names: Vec<_> = Keys::actions().collect();
    assert!(names.len() > 40 && names.contains(&"quit"), "{names:?}");
    for name in names {
        keys(&format!("f9={name}"));
    }
}
