//! What the terminal can show, asked once.

use super::{Color, Look};
use plimsoll::render::size::Unit;
use plimsoll::render::style::Style;
#[cfg(feature = "tui")]
use plimsoll::tui::Depth;
use std::io::IsTerminal;

/// A pipe has no width; this fits a page and most screens.
const PIPED_WIDTH: usize = 100;

/// Which colours the terminal can show, by what it says of itself.
#[cfg(feature = "tui")]
pub(crate) fn depth() -> Depth {
    let is_named = |part: &str| std::env::var("TERM").is_ok_and(|name| name.contains(part));
    if anstyle_query::truecolor() || is_named("-direct") {
        Depth::True
    } else if cfg!(windows) || is_named("256color") {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

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

/// The same for rows that end with a path: it is cut for a terminal, or where a width is asked for. What goes into a pipe
/// or a file is searched.
pub(crate) fn uncut(look: &Look, to_file: bool) -> Style {
    let style = style(look, to_file);
    let seen = !to_file && std::io::stdout().is_terminal();
    if seen || std::env::var_os("COLUMNS").is_some() { style } else { Style { width: u16::MAX.into(), ..style } }
}
