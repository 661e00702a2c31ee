//! Colour, width and units: how a table is to look. Decided outside, from the terminal.

use super::size::Unit;

/// How a table is to look.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether escape codes may be written.
    pub color: bool,
    /// Whether bars may be drawn.
    pub bars: bool,
    /// Cells in a line.
    pub width: usize,
    /// How byte counts are written.
    pub unit: Unit,
}

/// What a piece of text is. Colour never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// The two sizes.
    Strong,
    /// Section titles.
    Title,
    /// Explanations.
    Dim,
    /// Numbers of layers.
    Number,
    /// Hidden bytes.
    Hidden,
    /// Bytes that an edit removes.
    Unneeded,
    /// What can be had.
    Good,
    /// What is wrong.
    Alarm,
}

impl Style {
    /// `text` with its escape codes, or alone.
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Strong => "1",
            Paint::Title => "1;4",
            Paint::Dim => "2",
            Paint::Number => "36",
            Paint::Hidden => "31",
            Paint::Unneeded => "33",
            Paint::Good => "1;32",
            Paint::Alarm => "1;31",
        };
        if self.color && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A size, right-aligned in `width` cells.
    pub fn size(&self, bytes: u64, width: usize) -> String {
        format!("{:>width$}", super::size::size(bytes, self.unit))
    }

    /// Compressed bytes, right-aligned in `width` cells; a dash where the source stores plain tars.
    pub(crate) fn pull(&self, bytes: u64, known: bool, width: usize) -> String {
        if known { self.size(bytes, width) } else { format!("{:>width$}", "–") }
    }

    /// Cells that a size needs.
    pub fn size_width(&self) -> usize {
        if self.unit == Unit::Bytes { 17 } else { 9 }
    }
}
