//! What the mouse does: it chooses rows, and its wheel moves.

use super::super::keys::Pane;
use super::super::request::Request;
use super::Explorer;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

/// Rows that a turn of the mouse's wheel moves.
const WHEEL: isize = 3;

impl Explorer<'_> {
    pub(super) fn mouse(&mut self, mouse: MouseEvent) -> Vec<Request> {
        let wheel = match mouse.kind {
            MouseEventKind::ScrollUp => Some(-WHEEL),
            MouseEventKind::ScrollDown => Some(WHEEL),
            MouseEventKind::Down(MouseButton::Left) => None,
            _ => return Vec::new(),
        };
        let position = Position::new(mouse.column, mouse.row);
        let hit = self.areas.iter().find(|(_, _, area)| area.contains(position)).copied();
        match (wheel, &mut self.viewer, &mut self.help) {
            (Some(by), Some(viewer), _) => viewer.step(by),
            (Some(by), _, Some(help)) => help.top = help.top.saturating_add_signed(by),
            (None, Some(_), _) | (None, _, Some(_)) => {}
            _ => {
                if let Some((pane, number, area)) = hit {
                    self.focus(pane);
                    self.active = number.min(self.trees.len() - 1);
                    match wheel {
                        Some(by) => self.step(by),
                        None => self.click(usize::from(mouse.row.saturating_sub(area.y))),
                    }
                }
            }
        }
        Vec::new()
    }

    /// Chooses the row so far below a pane's first one; a directory that is chosen already opens or closes.
    pub(super) fn click(&mut self, row: usize) {
        match self.pane {
            Pane::Tree => {
                let tree = &mut self.trees[self.active];
                let at = tree.top + row;
                if at == tree.cursor {
                    tree.toggle(&self.ground);
                } else if at < tree.rows.len() {
                    tree.cursor = at;
                }
            }
            Pane::Layers => self.choose_layer(self.layers.top + row),
            Pane::Found => {
                let count = self.found.count(self.report);
                let cursor = self.found.cursor();
                cursor.at = (cursor.top + row).min(count.saturating_sub(1));
            }
            Pane::Details => {}
        }
    }
}
