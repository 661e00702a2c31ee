//! A file looked at: asked for, scrolled, searched.

use super::super::keys::{Command, Pane};
use super::super::list::Cursor;
use super::super::prompt::{Asks, Prompt};
use super::super::request::Request;
use super::super::viewer::{Scroll, Viewer};
use super::Explorer;
use crate::layer::EntryKind;
use crossterm::event::{KeyCode, KeyEvent};

/// Columns that a key moves a file that is wider than the screen.
const SIDEWAYS: usize = 8;

impl Explorer<'_> {
    /// Asks for the content of the chosen file.
    pub(super) fn look_at(&mut self) -> Vec<Request> {
        let Some(placed) = self.trees[self.active].placed(&self.ground) else { return Vec::new() };
        let data = self.ground.index.data(&placed);
        if data.entry.kind != EntryKind::File {
            let what = placed.entry.kind.name();
            self.message = Some((false, format!("a {what} has no content")));
            return Vec::new();
        }
        if let Some(why) = &self.no_contents {
            self.message = Some((false, why.clone()));
            return Vec::new();
        }
        let ticket = self.ticket();
        let place = placed.place();
        self.viewer = Some(Viewer {
            place,
            title: format!("{}  of layer {}", self.ground.shown(placed.node), placed.layer + 1),
            ticket,
            read: 0,
            content: None,
            cursor: Cursor::default(),
            scroll: Scroll::default(),
            wraps: self.wraps,
            looks_for: None,
        });
        vec![Request::Read { place, ticket }]
    }

    pub(super) fn viewer_key(&mut self, key: &KeyEvent) -> Vec<Request> {
        let Some(viewer) = &mut self.viewer else { return Vec::new() };
        let page = (viewer.cursor.height.max(2) / 2).cast_signed();
        match (key.code, self.keys.command(key, Pane::Tree)) {
            (_, Some(Command::Close)) if !self.writing.is_empty() => return self.stop_writing(),
            (KeyCode::Char('q'), _) | (_, Some(Command::Close)) => {
                let stop = viewer.content.is_none().then_some(Request::Stop { ticket: viewer.ticket });
                self.viewer = None;
                return stop.into_iter().collect();
            }
            (_, Some(Command::Quit)) => self.done = true,
            (_, Some(Command::Step(by))) => viewer.step(by),
            (_, Some(Command::Page(halves))) => viewer.step(halves * page),
            (_, Some(Command::First)) => viewer.go_to_end(false),
            (_, Some(Command::Last)) => viewer.go_to_end(true),
            (_, Some(Command::Right)) => viewer.scroll.aside += SIDEWAYS,
            (_, Some(Command::Left)) => viewer.scroll.aside = viewer.scroll.aside.saturating_sub(SIDEWAYS),
            (KeyCode::Char('w'), _) | (_, Some(Command::Wrap)) => {
                viewer.wraps ^= true;
                viewer.unscroll();
            }
            (KeyCode::Char('b'), _) => {
                if let Some(Ok(content)) = &mut viewer.content {
                    content.as_bytes ^= true;
                    content.lay();
                    viewer.cursor = Cursor { height: viewer.cursor.height, ..Cursor::default() };
                    viewer.unscroll();
                }
            }
            (_, Some(Command::Theme)) => self.next_theme(),
            (_, Some(Command::Search)) => self.prompt = Some(Prompt::new(Asks::InFile, String::new())),
            (_, Some(Command::Next)) => viewer.go(true),
            (_, Some(Command::Previous)) => viewer.go(false),
            (_, Some(Command::Extract)) => {
                let placed = self.ground.index.entry_at(viewer.place);
                self.prompt = Some(Prompt::new(Asks::Extract(viewer.place), super::super::marks::file_name(&self.ground, &placed)));
            }
            (KeyCode::Char('Y'), _) => {
                if let Some(Ok(content)) = &viewer.content {
                    let text = String::from_utf8_lossy(&content.bytes).into_owned();
                    return self.copy("content", text);
                }
            }
            (_, Some(Command::CopyPath)) => {
                let node = self.ground.index.entry_at(viewer.place).node;
                return self.copy("path", self.ground.shown(node));
            }
            _ => {}
        }
        Vec::new()
    }
}
