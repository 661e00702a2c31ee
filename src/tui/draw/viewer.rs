//! A file looked at, over all panes.

use super::super::explorer::Explorer;
use super::super::theme::{Look, Role};
use super::super::viewer::{Content, Viewer};
use super::super::wrap::{broken, cut};
use crate::render::size::{count as grouped, plural};
use crate::render::text::{fit, fit_path};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

/// What is said while a file is read.
const READING: &str = "Layers are read from their start. Esc stops it.";

impl Explorer<'_> {
    pub(super) fn draw_viewer(&mut self, buffer: &mut Buffer, area: Rect) {
        let look = self.look;
        let Some(viewer) = &mut self.viewer else { return };
        let room = usize::from(area.width.saturating_sub(4));
        let inner = Block::bordered().inner(area);
        let height = usize::from(inner.height).max(1);
        let digits = viewer.digits();
        viewer.keep_in_sight(height, usize::from(inner.width).saturating_sub(digits + usize::from(digits > 0)));
        let below = state(viewer, &self.style);
        let block = Block::bordered()
            .border_type(BorderType::Thick)
            .border_style(look.of(Role::Focus))
            .title_top(Span::styled(format!(" {} ", fit_path(&viewer.title, room)), look.of(Role::Focus)))
            .title_bottom(Line::from(Span::styled(format!(" {} ", fit(&below, room)), look.of(Role::Dim))).right_aligned());
        block.render(area, buffer);
        let say = |text: &str, role: Role| vec![vec![Span::styled(text.to_owned(), look.of(role))]];
        let lines = match viewer.content.take() {
            None => say(READING, Role::Dim),
            Some(Err(why)) => {
                let lines = crate::render::text::lines_of(&why, inner.width.into());
                viewer.content = Some(Err(why));
                lines.into_iter().map(|line| vec![Span::styled(line, look.of(Role::Alarm))]).collect()
            }
            Some(Ok(mut content)) => {
                let width = usize::from(inner.width);
                let lines = if content.bytes.is_empty() {
                    say("an empty file", Role::Dim)
                } else {
                    rows(viewer, &mut content, digits, (width, height), &look)
                };
                viewer.content = Some(Ok(content));
                lines
            }
        };
        for (line, spans) in lines.into_iter().take(height).enumerate() {
            buffer.set_line(inner.x, inner.y + line as u16, &Line::from(spans), inner.width);
        }
    }
}

/// Where in the file that is, and how much of it there is.
fn state(viewer: &Viewer, style: &crate::render::style::Style) -> String {
    match &viewer.content {
        None => format!("reading …{}", super::read_so_far(style, viewer.read)),
        Some(Err(_)) => String::new(),
        Some(Ok(content)) => {
            let cut = if content.cut { ", the first MiB of it" } else { "" };
            let bytes = plural(content.bytes.len() as u64, "byte", "bytes");
            let row = if content.as_bytes { "row" } else { "line" };
            let count = content.lines().len();
            let part = viewer.rows_shown().map_or_else(String::new, |(shown, rows)| {
                format!(", its rows {}–{} of {}", grouped(shown.start as u64 + 1), grouped(shown.end as u64), grouped(rows as u64))
            });
            format!("{row} {} of {count}{part} · {bytes}{cut}", (viewer.cursor.at + 1).min(count.max(1)))
        }
    }
}

/// The rows of a screen: numbers of lines, and their text by the roles of its parts.
fn rows(viewer: &Viewer, content: &mut Content, digits: usize, (width, height): (usize, usize), look: &Look) -> Vec<Vec<Span<'static>>> {
    let count = content.lines().len();
    let room = width.saturating_sub(digits + usize::from(digits > 0)).max(1);
    let wanted = viewer.wanted();
    let mut rows = Vec::new();
    for at in viewer.cursor.top..count {
        let left = height.saturating_sub(rows.len());
        if left == 0 {
            break;
        }
        let (text, mut roles) = content.line(at, wanted.as_deref());
        let skip = if at == viewer.cursor.top { viewer.scroll.skip } else { 0 };
        let parts = if viewer.wraps {
            broken(text, &mut roles, room, skip..skip + left)
        } else {
            vec![cut(text, &mut roles, viewer.scroll.aside, room)]
        };
        for (part, pieces) in parts.into_iter().enumerate() {
            let mut spans = Vec::new();
            if digits > 0 {
                let chosen = if at == viewer.cursor.at { Modifier::REVERSED } else { Modifier::empty() };
                let number = if part == 0 { format!("{:>digits$}", at + 1) } else { " ".repeat(digits) };
                spans.extend([Span::styled(number, look.of(Role::Dim).add_modifier(chosen)), Span::raw(" ")]);
            }
            spans.extend(
                pieces.into_iter().map(|((role, hit), piece)| Span::styled(piece, if hit { look.chosen() } else { look.of(role) })),
            );
            rows.push(spans);
        }
    }
    rows
}
