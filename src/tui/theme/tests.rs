use super::nearest::{READABLE, contrast, indexed};
use super::{Depth, Look, Role, Theme};
use ratatui::style::{Color, Modifier};

const ROLES: [Role; 18] = [
    Role::Text,
    Role::Strong,
    Role::Title,
    Role::Dim,
    Role::Accent,
    Role::Focus,
    Role::Added,
    Role::Changed,
    Role::Removed,
    Role::Hidden,
    Role::Warning,
    Role::Good,
    Role::Alarm,
    Role::Comment,
    Role::Keyword,
    Role::Quoted,
    Role::Number,
    Role::Key,
];

fn rgb(color: Option<Color>) -> u32 {
    match color {
        Some(Color::Rgb(red, green, blue)) => u32::from_be_bytes([0, red, green, blue]),
        Some(Color::Indexed(index)) => indexed(index),
        other => panic!("a palette's colour, not {other:?}"),
    }
}

/// The examples that are commonly given for the definition: black on white, and the lightest gray that passes on white.
#[test]
fn contrast_is_that_of_wcag() {
    assert!((contrast(0, 0x00ff_ffff) - 21.0).abs() < 1e-9);
    assert!((contrast(0x0076_7676, 0x00ff_ffff) - 4.54).abs() < 0.005);
    assert!((contrast(0x0077_7777, 0x00ff_ffff) - 4.48).abs() < 0.005);
    assert!((contrast(0x00ff_0000, 0x00ff_ffff) - 3.998).abs() < 0.005);
}

/// xterm's table of 256 colours.
#[test]
fn indexed_colours_are_those_of_xterm() {
    for (index, color) in
        [(16, 0), (21, 0x0000_00ff), (110, 0x0087_afd7), (196, 0x00ff_0000), (231, 0x00ff_ffff), (232, 0x0008_0808), (255, 0x00ee_eeee)]
    {
        assert_eq!(indexed(index), color, "{index}");
    }
}

#[test]
fn everything_can_be_read_in_every_theme() {
    for theme in Theme::ALL.into_iter().skip(1) {
        for depth in [Depth::True, Depth::Indexed] {
            let look = Look::new(theme, depth, true);
            let looks = ROLES.map(|role| (format!("{role:?}"), look.of(role)));
            for (role, style) in looks.into_iter().chain([("chosen".to_owned(), look.chosen())]) {
                let contrast = contrast(rgb(style.fg), rgb(style.bg));
                assert!(contrast >= READABLE, "{role} of {} at {depth:?}: {contrast:.2}", theme.name());
            }
        }
    }
}

/// Signs tell too, but colours that cannot be told apart would be none.
#[test]
fn what_differs_looks_different() {
    for theme in Theme::ALL {
        for depth in [Depth::True, Depth::Indexed] {
            let look = Look::new(theme, depth, true);
            let colors = [Role::Text, Role::Added, Role::Changed, Role::Removed].map(|role| look.of(role).fg);
            for (at, color) in colors.iter().enumerate() {
                assert!(!colors[..at].contains(color), "{} at {depth:?}: {colors:?}", theme.name());
            }
            assert_ne!(look.of(Role::Text).fg, look.of(Role::Accent).fg, "{}", theme.name());
        }
    }
}

#[test]
fn no_colour_is_no_colour() {
    for theme in Theme::ALL {
        for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
            let look = Look::new(theme, depth, false);
            for role in ROLES {
                assert_eq!((look.of(role).fg, look.of(role).bg), (None, None), "{role:?} of {}", theme.name());
            }
            assert!(look.chosen().add_modifier.contains(Modifier::REVERSED));
        }
    }
}

/// Sixteen colours are the terminal's.
#[test]
fn a_palette_needs_more_than_sixteen_colours() {
    let (plain, dracula) = (Look::new(Theme::Terminal, Depth::Sixteen, true), Look::new(Theme::Dracula, Depth::Sixteen, true));
    for role in ROLES {
        assert_eq!(plain.of(role), dracula.of(role));
    }
}

#[test]
fn names_are_found_and_lead_around() {
    let mut theme = Theme::Terminal;
    for expected in Theme::ALL {
        assert_eq!(theme, expected);
        assert_eq!(Theme::named(theme.name()), Some(theme));
        theme = theme.next();
    }
    assert_eq!(theme, Theme::Terminal);
}
