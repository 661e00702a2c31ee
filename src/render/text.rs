//! Text fitted into a terminal's cells, names made safe on the way.

use crate::text::escaped;

/// Cells that `text` takes in a terminal.
pub fn cells(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// `text`, made safe, cut to `width` terminal cells with an ellipsis.
pub fn fit(text: &str, width: usize) -> String {
    let safe = escaped(text.as_bytes());
    if cells(&safe) <= width {
        return safe;
    }
    if width == 0 {
        return String::new();
    }
    let mut cut = String::new();
    for character in safe.chars().take(most(width)) {
        cut.push(character);
        // Measured whole: a sign may widen the one before it.
        if cells(&cut) >= width {
            cut.pop();
            break;
        }
    }
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// Characters worth looking at for `width` cells: a few marks on each, not a million.
fn most(width: usize) -> usize {
    8 * width + 8
}

/// `text` and blanks up to `width` cells.
pub fn left(text: &str, width: usize) -> String {
    let fitted = fit(text, width);
    let blanks = width.saturating_sub(cells(&fitted));
    format!("{fitted}{}", " ".repeat(blanks))
}

/// `text`, made safe, in lines of at most `width` cells, broken between words where it can be.
pub fn lines_of(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let word = fit(word, width);
        if !line.is_empty() && cells(&line) + 1 + cells(&word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}

/// The first `most` lines of a text; what is cut off is an ellipsis.
pub fn first_lines(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines = lines_of(text, width);
    if let Some(last) = lines.get(most.saturating_sub(1)).filter(|_| lines.len() > most) {
        let cut = match last.rsplit_once(' ') {
            Some((start, _)) if cells(last) + 2 > width => start,
            _ => last,
        };
        let cut = format!("{} …", cut.trim_end_matches([' ', ',', ';', ':', '.']));
        lines.truncate(most - 1);
        lines.push(fit(&cut, width.max(8)));
    }
    lines
}

/// The end of a path, which says more than its start, in `width` cells.
pub fn fit_path(path: &str, width: usize) -> String {
    let safe = escaped(path.as_bytes());
    if cells(&safe) <= width {
        return safe;
    }
    if width == 0 {
        return String::new();
    }
    let mut start = safe.len();
    for (at, _) in safe.char_indices().rev().take(most(width)) {
        if cells(&safe[at..]) >= width {
            break;
        }
        start = at;
    }
    format!("…{}", &safe[start..])
}

/// `0, 2, 3, 4` as people count and write it: `1, 3–5`.
pub fn numbers(mut zero_based: Vec<usize>) -> String {
    zero_based.sort_unstable();
    zero_based.dedup();
    let runs = zero_based.chunk_by(|a, b| a + 1 == *b);
    let text = runs.map(|run| match run {
        [one] => format!("{}", one + 1),
        [first, second] => format!("{}, {}", first + 1, second + 1),
        [first, .., last] => format!("{}–{}", first + 1, last + 1),
        [] => String::new(),
    });
    text.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_is_cells() {
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(left("ab", 4), "ab  ");
        assert_eq!(first_lines("one two three, four", 9, 2), ["one two", "three …"]);
        assert_eq!(first_lines("one two thirteen four", 9, 2), ["one two", "thirteen…"]);
        assert_eq!(first_lines("one two a bcdefg hij", 9, 2), ["one two a", "bcdefg …"]);
        assert_eq!(first_lines("one two three", 9, 2), ["one two", "three"]);
        assert_eq!(numbers(vec![4, 2, 3, 0, 8, 9]), "1, 3–5, 9, 10");
    }
}
