//! Text that fits without knowing the font: by a generous guess at its width, and clipped to its cell where that is not enough.

use unicode_width::UnicodeWidthChar;

/// Width of a usual letter of a sans-serif font, in parts of its size.
pub(super) const LETTER: f64 = 0.6;
/// How much wider bold letters are.
pub(super) const BOLD: f64 = 1.2;
/// Signs of a path that are told; what no image needs is cut.
const MOST: usize = 240;

/// How wide a text of this size is, about.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|sign| sign.width().unwrap_or(0)).sum::<usize>() as f64 * size * LETTER
}

/// The beginning that fits, with an ellipsis where it is cut; nothing if that is less than three signs.
pub(super) fn begin(text: &str, size: f64, room: f64) -> Option<String> {
    if width(text, size) <= room {
        return Some(text.to_owned());
    }
    let signs = taken(text.chars(), size, room)?;
    Some(format!("{}…", text.chars().take(signs).collect::<String>().trim_end()))
}

/// The same of the end: of a path that says more.
pub(super) fn end(text: &str, size: f64, room: f64) -> Option<String> {
    if width(text, size) <= room {
        return Some(text.to_owned());
    }
    let signs = taken(text.chars().rev(), size, room)?;
    Some(format!("…{}", text.chars().skip(text.chars().count() - signs).collect::<String>()))
}

/// How many signs fit beside an ellipsis.
fn taken(signs: impl Iterator<Item = char>, size: f64, room: f64) -> Option<usize> {
    let mut left = room / (size * LETTER) - 1.0;
    let fits = |sign: &char| {
        left -= sign.width().unwrap_or(0) as f64;
        left >= 0.0
    };
    Some(signs.take_while(fits).count()).filter(|signs| *signs >= 3)
}

/// The end of a path, if all of it is more than anybody reads.
pub(super) fn tail(path: &str) -> String {
    let signs = path.chars().count();
    if signs <= MOST { path.to_owned() } else { format!("…{}", path.chars().skip(signs - MOST).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(begin("node_modules", 10.0, 80.0).as_deref(), Some("node_modules"));
        assert_eq!(begin("node_modules", 10.0, 48.0).as_deref(), Some("node_mo…"));
        assert_eq!(end("/usr/lib/node", 10.0, 48.0).as_deref(), Some("…ib/node"));
        assert_eq!(begin("日本語の名前", 10.0, 48.0).as_deref(), Some("日本語…"));
        assert_eq!(begin("node_modules", 10.0, 20.0), None);
        assert_eq!(begin("", 10.0, 0.0).as_deref(), Some(""));
        assert_eq!(tail(&"x".repeat(5000)).chars().count(), MOST + 1);
    }
}
