//! Themes: colours of palettes, where the terminal has them and they are wanted.

use crate::story::{PLAIN, Screen, story};
use crate::support::{plimsoll, testdata};
use plimsoll::render::style::Style;
use plimsoll::tui::{Depth, Theme};
use ratatui::style::{Color, Modifier};
use std::collections::BTreeSet;

const COLOR: Style = Style { color: true, ..PLAIN };

fn demo() -> String {
    testdata("demo.tar").to_str().expect("UTF-8").to_owned()
}

/// Foreground and background of each cell.
fn colors(screen: &Screen<'_>) -> BTreeSet<String> {
    screen.terminal.backend().buffer().content.iter().map(|cell| format!("{:?} {:?}", cell.fg, cell.bg)).collect()
}

fn backgrounds(screen: &Screen<'_>) -> Vec<Color> {
    let mut seen: Vec<Color> = screen.terminal.backend().buffer().content.iter().map(|cell| cell.bg).collect();
    seen.dedup();
    seen
}

/// A palette paints all of the screen, on every screen that there is.
#[test]
fn no_cell_is_left_out() {
    for theme in [Theme::Dracula, Theme::GithubLight] {
        for depth in [Depth::True, Depth::Indexed] {
            story(&demo(), (100, 30), COLOR, |screen| {
                screen.explorer.set_theme(theme, depth);
                for keys in ["", "1", "3", "e", "A", "w", "f*.js", "?", "2"] {
                    screen.esc().esc().keys(keys);
                    let unpainted =
                        screen.terminal.backend().buffer().content.iter().filter(|cell| cell.bg == Color::Reset || cell.fg == Color::Reset);
                    assert_eq!(unpainted.count(), 0, "{} at {depth:?} after {keys:?}\n{}", theme.name(), screen.text());
                    let is_of_depth =
                        |color: &Color| matches!((depth, color), (Depth::True, Color::Rgb(..)) | (Depth::Indexed, Color::Indexed(_)));
                    assert!(backgrounds(screen).iter().all(is_of_depth), "{depth:?}");
                }
                screen.esc().esc().keys("w").esc().keys("/start.sh").enter().enter().shows("of layer");
                assert!(!backgrounds(screen).contains(&Color::Reset), "the file's page too");
            });
        }
    }
}

#[test]
fn a_key_shows_one_after_the_other() {
    story(&demo(), (100, 30), COLOR, |screen| {
        screen.explorer.set_theme(Theme::Terminal, Depth::True);
        let mut seen = Vec::new();
        for theme in Theme::ALL.into_iter().skip(1) {
            screen.keys("t").shows(&format!("theme {}", theme.name()));
            assert!(!seen.contains(&colors(screen)), "{} looks like another", theme.name());
            seen.push(colors(screen));
        }
        screen.keys("t").shows("theme terminal (1 of 17)");
        assert!(backgrounds(screen).iter().all(|color| *color == Color::Reset), "its own background");
        // From within a file too.
        screen.keys("/start.sh").enter().enter().keys("t").shows("of layer");
        assert!(backgrounds(screen).contains(&Color::Rgb(0x1e, 0x1e, 0x2e)));
    });
}

/// The text is the same whatever the colours are.
#[test]
fn colours_say_nothing_that_the_text_does_not() {
    let text = |style: Style, theme: Theme, depth: Depth| {
        let mut seen = String::new();
        story(&demo(), (120, 40), style, |screen| {
            screen.explorer.set_theme(theme, depth);
            for keys in ["j", "1", "S", "3", "e", " "] {
                screen.keys(keys);
                seen.push_str(&screen.text());
            }
        });
        seen
    };
    let plain = text(PLAIN, Theme::Terminal, Depth::Sixteen);
    assert_eq!(text(COLOR, Theme::Nord, Depth::True), plain);
    assert_eq!(text(COLOR, Theme::SolarizedLight, Depth::Indexed), plain);
}

#[test]
fn without_colour_no_theme_has_any() {
    story(&demo(), (100, 30), PLAIN, |screen| {
        screen.explorer.set_theme(Theme::Dracula, Depth::True);
        screen.keys("2").keys("t").shows("! no colours are wanted here");
        assert_eq!(colors(screen), BTreeSet::from(["Reset Reset".to_owned()]));
        let chosen = screen.terminal.backend().buffer().content.iter().any(|cell| cell.modifier.contains(Modifier::REVERSED));
        assert!(chosen, "the chosen row is turned round");
    });
    story(&demo(), (100, 30), COLOR, |screen| {
        screen.explorer.set_theme(Theme::Dracula, Depth::Sixteen);
        screen.take(Vec::new());
        screen.shows("! theme dracula: this terminal has sixteen colours");
        assert!(!colors(screen).iter().any(|colors| colors.contains("Rgb") || colors.contains("Indexed")));
    });
}

#[test]
fn names_are_listed_and_checked() {
    let help = plimsoll().args(["explore", "--help"]).output().expect("it runs");
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    for theme in Theme::ALL {
        assert!(help.contains(theme.name()), "{help}");
    }
    let refused = plimsoll().args(["explore", "absent.tar", "--theme", "beige"]).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("rose-pine-dawn"));
    let refused = plimsoll().args(["explore", "absent.tar"]).env("PLIMSOLL_THEME", "beige").output().expect("it runs");
    assert_eq!(refused.status.code(), Some(2));
    // Read, and so it is the terminal that is missing.
    for name in ["", "nord"] {
        let output = plimsoll().args(["explore", "absent.tar"]).env("PLIMSOLL_THEME", name).output().expect("it runs");
        assert!(String::from_utf8_lossy(&output.stderr).contains("a terminal is needed"), "{output:?}");
    }
}
