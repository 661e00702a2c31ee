//! The screen: one line above, panes, one line of what is asked or chosen, and keys.

mod footer;
mod head;
mod lists;

mod tree;
mod viewer;

use super::explorer::Explorer;
use super::keys::Pane;
use super::theme::Role;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

/// From this width on panes stand side by side.
const WIDE: u16 = 110;
/// From this height on a wide screen shows findings beside layers and details.
const HIGH: u16 = 40;

/// A pane has at least this width there.
const LEAST: u16 = 24;

impl Explorer<'_> {
    /// Draws all of it.
    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        self.settle();
        let area = frame.area();
        let buffer = frame.buffer_mut();
        self.areas.clear();
        buffer.set_style(area, self.paint(Role::Text));
        if area.height < 4 || area.width < 12 {
            let text = Line::from("plimsoll: no room");
            buffer.set_line(area.x, area.y, &text, area.width);
            return;
        }
        let body = Rect { y: area.y + 1, height: area.height - 3, ..area };
        self.draw_head(buffer, Rect { height: 1, ..area });
        if self.viewer.is_some() {
            self.draw_viewer(buffer, body);
        } else {
            for (pane, number, place) in self.layout(body) {
                match pane {
                    Pane::Layers => self.draw_layers(buffer, place),
                    Pane::Found => self.draw_found(buffer, place),
                    Pane::Details => self.draw_details(buffer, place),
                    Pane::Tree => self.draw_tree(buffer, place, number),
                }
            }
        }
        self.draw_line(buffer, Rect { y: area.bottom() - 2, height: 1, ..area });
        self.draw_footer(buffer, Rect { y: area.bottom() - 1, height: 1, ..area });
        if self.help.is_some() {
            self.draw_help(buffer, body);
        }
    }

    /// Where each pane is; of the tree both, if there are two.
    fn layout(&self, body: Rect) -> Vec<(Pane, usize, Rect)> {
        let mut panes = Vec::new();
        let rest = if body.height < 9 {
            // Room for one alone.
            if self.pane != Pane::Tree {
                return vec![(self.pane, 0, body)];
            }
            body
        } else if body.width >= WIDE {
            let (left, right) = columns(body, self.left_width(body.width));
            self.left(left, &mut panes);
            right
        } else {
            let want = match self.beside {
                Pane::Layers => self.ground.layers() as u16 + 3,
                Pane::Found => self.found.count(self.report) as u16 + 3,
                _ => body.height,
            };
            let most = if self.pane == Pane::Tree { body.height * 2 / 5 } else { body.height * 3 / 5 };
            let (above, below) = rows(body, want.min(most).max(4));
            panes.push((self.beside, 0, above));
            below
        };
        if self.trees.len() > 1 {
            let (above, below) = rows(rest, rest.height / 2);
            panes.extend([(Pane::Tree, 0, above), (Pane::Tree, 1, below)]);
        } else {
            panes.push((Pane::Tree, 0, rest));
        }
        panes
    }

    /// What is left of a wide screen beside the tree.
    fn left_width(&self, width: u16) -> u16 {
        match self.start.tree_width {
            Some(share) => (width - share.of(width.into()) as u16).clamp(LEAST, width - LEAST),
            None => (width / 2).clamp(55, 60).max(width * 9 / 20).min(90),
        }
    }

    /// Beside the tree.
    fn left(&self, left: Rect, panes: &mut Vec<(Pane, usize, Rect)>) {
        let layers = self.ground.layers() as u16 + 3;
        if left.height >= HIGH {
            let (first, rest) = rows(left, layers.min(left.height * 2 / 5).max(6));
            let found = self.found.count(self.report) as u16 + 3;
            let (second, third) = rows(rest, found.min(rest.height * 2 / 5).max(6));
            panes.extend([(Pane::Layers, 0, first), (Pane::Found, 0, second), (Pane::Details, 0, third)]);
        } else {
            let upper = if self.beside == Pane::Found || (self.beside == Pane::Details && self.details_of == Pane::Found) {
                Pane::Found
            } else {
                Pane::Layers
            };
            let want = if upper == Pane::Found { self.found.count(self.report) as u16 + 3 } else { layers };
            let (first, rest) = rows(left, want.min(left.height / 2).max(5));
            panes.extend([(upper, 0, first), (Pane::Details, 0, rest)]);
        }
    }

    /// A pane's border with its titles; what is left inside. The one that keys go to has a thick one.
    fn frame(&mut self, buffer: &mut Buffer, area: Rect, (pane, number): (Pane, usize), title: &str, below: &str) -> Rect {
        let focused = self.pane == pane && (pane != Pane::Tree || self.active == number);
        let room = usize::from(area.width.saturating_sub(4));
        let title = format!(" {} ", crate::render::text::fit(title, room));
        let (kind, style, title_style) = if focused {
            (BorderType::Thick, self.paint(Role::Focus), self.paint(Role::Focus))
        } else {
            (BorderType::Plain, self.paint(Role::Dim), self.paint(Role::Text))
        };
        let mut block = Block::bordered().border_type(kind).border_style(style).title_top(Span::styled(title, title_style));
        if !below.is_empty() {
            let below = format!(" {} ", crate::render::text::fit(below, room));
            block = block.title_bottom(Line::from(Span::styled(below, self.paint(Role::Dim))).right_aligned());
        }
        let inner = block.inner(area);
        block.render(area, buffer);
        inner
    }

    /// How a piece of text looks.
    pub(super) fn paint(&self, role: Role) -> Style {
        self.look.of(role)
    }

    /// A row of a list: turned round if it is chosen and keys go to it, underlined if they go elsewhere.
    fn chosen(&self, buffer: &mut Buffer, area: Rect, pane: Pane) {
        let style = if self.pane == pane {
            self.look.chosen()
        } else {
            Style::new().remove_modifier(Modifier::DIM).add_modifier(Modifier::UNDERLINED)
        };
        buffer.set_style(area, style);
    }
}

/// How much of layers was read until now, once something was.
fn read_so_far(style: &crate::render::style::Style, bytes: u64) -> String {
    if bytes == 0 { String::new() } else { format!(" {} read", style.size(bytes, 0)) }
}

/// Draws one line of an area; where it is.
fn row(buffer: &mut Buffer, area: Rect, line: u16, spans: Vec<Span<'static>>) -> Rect {
    let row = Rect { y: area.y + line, height: 1, ..area };
    buffer.set_line(row.x, row.y, &Line::from(spans), row.width);
    row
}

fn rows(area: Rect, first: u16) -> (Rect, Rect) {
    let first = first.min(area.height);
    (Rect { height: first, ..area }, Rect { y: area.y + first, height: area.height - first, ..area })
}

fn columns(area: Rect, first: u16) -> (Rect, Rect) {
    let first = first.min(area.width);
    (Rect { width: first, ..area }, Rect { x: area.x + first, width: area.width - first, ..area })
}
