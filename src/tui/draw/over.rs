//! A file looked at, over all panes.

use super::super::explorer::Explorer;
use super::super::list::in_sight;
use super::super::theme::Role;
use crate::render::size::plural;

use crate::render::text::{cells, fit};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

impl Explorer<'_> {
    pub(super) fn draw_viewer(&mut self, buffer: &mut Buffer, area: Rect) {
        let strong = self.paint(Role::Focus);
        let (dim, alarm, hit) = (self.paint(Role::Dim), self.paint(Role::Alarm), self.paint(Role::Good));
        let Some(viewer) = &mut self.viewer else { return };
        let room = usize::from(area.width.saturating_sub(4));
        let count = viewer.lines().len();
        let below = match &viewer.content {
            None => "reading …".to_owned(),
            Some(Err(_)) => String::new(),
            Some(Ok(content)) => {
                let cut = if content.cut { ", the first MiB of it" } else { "" };
                let bytes = plural(content.bytes.len() as u64, "byte", "bytes");
                let row = if content.as_bytes { "row" } else { "line" };
                format!("{row} {} of {count} · {bytes}{cut}", (viewer.cursor.at + 1).min(count.max(1)))
            }
        };
        let block = Block::bordered()
            .border_type(BorderType::Thick)
            .border_style(strong)
            .title_top(Span::styled(format!(" {} ", fit(&viewer.title, room)), strong))
            .title_bottom(Line::from(Span::styled(format!(" {} ", fit(&below, room)), dim)).right_aligned());
        let inner = block.inner(area);
        block.render(area, buffer);
        let height = usize::from(inner.height).max(1);
        viewer.cursor.height = height;
        viewer.cursor.top = in_sight(viewer.cursor.top, viewer.cursor.at, height, count);
        match &viewer.content {
            None => {
                buffer.set_line(
                    inner.x,
                    inner.y,
                    &Line::from(Span::styled("reading … (layers are read from their start)", dim)),
                    inner.width,
                );
            }
            Some(Err(why)) => {
                for (line, text) in crate::render::text::lines_of(why, inner.width.into()).iter().take(height).enumerate() {
                    buffer.set_line(inner.x, inner.y + line as u16, &Line::from(Span::styled(text.clone(), alarm)), inner.width);
                }
            }
            Some(Ok(content)) if content.bytes.is_empty() => {
                buffer.set_line(inner.x, inner.y, &Line::from(Span::styled("an empty file", dim)), inner.width);
            }
            Some(Ok(content)) => {
                let digits = if content.as_bytes { 0 } else { count.to_string().len() };
                let wide = usize::from(inner.width).saturating_sub(digits + usize::from(digits > 0)).max(1);
                let wanted = viewer.looks_for.as_ref().map(|text| text.to_lowercase()).filter(|text| !text.is_empty());
                let mut line = 0;
                for (at, text) in content.lines().iter().enumerate().skip(viewer.cursor.top).take(height) {
                    let found = wanted.as_ref().is_some_and(|wanted| text.to_lowercase().contains(wanted));
                    let style = if found { hit.add_modifier(Modifier::BOLD | Modifier::UNDERLINED) } else { ratatui::style::Style::new() };
                    let number_style = if at == viewer.cursor.at { dim.add_modifier(Modifier::REVERSED) } else { dim };
                    let parts = if viewer.wraps { super::super::wrap::pieces(text, wide) } else { vec![aside(text, viewer.aside, wide)] };
                    for (part, piece) in parts.into_iter().enumerate() {
                        if line >= height {
                            break;
                        }
                        let number = if part == 0 { format!("{:>digits$}", at + 1) } else { " ".repeat(digits) };
                        let gap = if digits > 0 { " " } else { "" };
                        let spans = vec![
                            Span::styled(if digits > 0 { number } else { String::new() }, number_style),
                            Span::raw(gap),
                            Span::styled(piece, style),
                        ];
                        buffer.set_line(inner.x, inner.y + line as u16, &Line::from(spans), inner.width);
                        line += 1;
                    }
                }
            }
        }
    }
}

/// A line without its first cells, cut to `width`.
fn aside(text: &str, from: usize, width: usize) -> String {
    let mut skipped = 0;
    let mut used = 0;
    let mut out = String::new();
    for sign in text.chars() {
        let wide = cells(sign.encode_utf8(&mut [0; 4]));
        if skipped < from {
            skipped += wide.max(1);
            continue;
        }
        if used + wide > width {
            out.pop();
            out.push('…');
            break;
        }
        used += wide;
        out.push(sign);
    }
    out
}
