//! What screens look like, whole.

use crate::story::{PLAIN, story};
use crossterm::event::KeyCode;

const DEMO: &str = "testdata/demo.tar";

#[test]
fn narrow() {
    story(DEMO, (80, 24), PLAIN, |screen| {
        insta::assert_snapshot!("80-opening", screen.text());
        screen.ctrl('u').keys("S").ctrl('b');
        screen.press(KeyCode::Tab).keys("kkk");
        insta::assert_snapshot!("80-layer", screen.text());
        screen.keys("3");
        insta::assert_snapshot!("80-findings", screen.text());
        screen.enter();
        insta::assert_snapshot!("80-finding-in-the-tree", screen.text());
        screen.keys("?");
        insta::assert_snapshot!("80-help", screen.text());
    });
}

#[test]
fn wide() {
    story(DEMO, (200, 60), PLAIN, |screen| {
        insta::assert_snapshot!("200-opening", screen.text());
        screen.keys("e ").keys("j ");
        insta::assert_snapshot!("200-edits", screen.text());
        screen.keys("1").keys("kkkkkk").keys("A");
        insta::assert_snapshot!("200-both-trees", screen.text());
        screen.keys("A").keys("2");
        screen.keys("/.env").enter().enter();
        insta::assert_snapshot!("200-file", screen.text());
    });
}

/// The screen in the README is a real one.
#[test]
fn the_readme_shows_a_real_screen() {
    story(DEMO, (110, 27), PLAIN, |screen| {
        screen.keys("1").ctrl('l').keys("2/pack-").enter();
        let readme = std::fs::read_to_string("README.md").expect("the README");
        assert!(readme.contains(&screen.text()), "the README does not have this screen:\n{}", screen.text());
    });
}

#[test]
fn between() {
    story(DEMO, (120, 40), PLAIN, |screen| {
        screen.keys("w");
        insta::assert_snapshot!("120-waste", screen.text());
        screen.keys("f*.js");
        insta::assert_snapshot!("120-filter", screen.text());
    });
}
