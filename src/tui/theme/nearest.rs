//! The nearest of the colours that a terminal has, as long as it can be read.

use super::Depth;
use ratatui::style::Color;

/// Least contrast of text with its background: WCAG 2.2, success criterion 1.4.3.
pub(super) const READABLE: f64 = 4.5;

/// Levels of red, green and blue in the cube of xterm's 256 colours, which begins at 16; from 232 on there are grays.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// A colour as the terminal can show it, on a background if it is to be read on one.
pub(super) fn nearest(color: u32, on: Option<u32>, depth: Depth) -> Color {
    let [_, red, green, blue] = color.to_be_bytes();
    if depth == Depth::True {
        return Color::Rgb(red, green, blue);
    }
    // The background is shown by its nearest too.
    let on = on.map(|on| indexed(closest(on, None)));
    Color::Indexed(closest(color, on))
}

fn closest(color: u32, on: Option<u32>) -> u8 {
    let readable = |index: &u8| on.is_none_or(|on| contrast(indexed(*index), on) >= READABLE);
    // The first sixteen are whatever the terminal was told.
    (16..=u8::MAX).filter(readable).min_by_key(|index| distance(color, indexed(*index))).unwrap_or(u8::MAX)
}

/// What one of the 256 looks like.
pub(super) fn indexed(index: u8) -> u32 {
    let [red, green, blue] = match index.checked_sub(232) {
        Some(gray) => [8 + 10 * gray; 3],
        None => {
            let cube = usize::from(index.saturating_sub(16));
            [LEVELS[cube / 36 % 6], LEVELS[cube / 6 % 6], LEVELS[cube % 6]]
        }
    };
    u32::from_be_bytes([0, red, green, blue])
}

/// How far colours are apart: the eye is keenest on green.
fn distance(one: u32, other: u32) -> u32 {
    let part = |at: usize| u32::from(one.to_be_bytes()[at].abs_diff(other.to_be_bytes()[at])).pow(2);
    2 * part(1) + 4 * part(2) + 3 * part(3)
}

/// Contrast of two colours, from 1 to 21, as WCAG 2.2 defines it.
pub(super) fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance of an sRGB colour, by the same definition.
fn luminance(color: u32) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let [_, red, green, blue] = color.to_be_bytes();
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
