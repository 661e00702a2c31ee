//! What the terminal can show, asked once.

use super::{Color, Look};
use plimsoll::render::size::Unit;
use plimsoll::render::style::Style;
use std::io::IsTerminal;

/// A pipe has no width; this fits a page and most screens.
const PIPED_WIDTH: usize = 100;

/// How tables are to look on standard output, or in a file.
pub(crate) fn style(look: &Look, to_file: bool) -> Style {
    let terminal = !to_file && std::io::stdout().is_terminal();
    let color = match look.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if anstyle_query::no_color() => false,
        Color::Auto if anstyle_query::clicolor_force() => true,
        Color::Auto => terminal && anstyle_query::clicolor().unwrap_or(true) && anstyle_query::term_supports_ansi_color(),
    };
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
    let width = measured.or(columns).unwrap_or(PIPED_WIDTH).clamp(60, 160);
    let unit = match (look.bytes, look.iec) {
        (true, _) => Unit::Bytes,
        (_, true) => Unit::Iec,
        _ => Unit::Si,
    };
    Style { color, bars: terminal || color, width, unit }
}
