//! Keys: the most important ones of a pane below it, all of them on a page.

use super::super::explorer::Explorer;
use super::super::keys::{BINDINGS, Command, Key, Pane, Where};
use super::super::theme::Role;

use crate::render::text::{cells, left};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Widget};

/// Cells of keys on the page of all.
const KEYS: usize = 19;
/// Cells of the page.
const PAGE: u16 = 86;

impl Explorer<'_> {
    pub(super) fn draw_footer(&self, buffer: &mut Buffer, area: Rect) {
        let keys: Vec<(String, &str)> = if self.viewer.is_some() {
            [("Esc", "back"), ("/", "search"), ("b", "bytes"), ("w", "wrap"), ("Ctrl+E", "write to disk"), ("Y", "copy")]
                .map(|(key, word)| (key.to_owned(), word))
                .into()
        } else if self.prompt.is_some() {
            vec![("Enter".to_owned(), "accept"), ("Esc".to_owned(), "drop")]
        } else {
            self.short_keys()
        };
        let mut spans = Vec::new();
        let mut room = usize::from(area.width);
        for (key, word) in keys {
            let need = cells(&key) + cells(word) + 3;
            if need <= room {
                room -= need;
                spans.push(Span::styled(key, self.paint(Role::Strong)));
                spans.push(Span::styled(format!(" {word}  "), self.paint(Role::Dim)));
            }
        }
        buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    }

    /// Help and the way out first, for they must be there on the narrowest screen.
    fn short_keys(&self) -> Vec<(String, &'static str)> {
        let here =
            |at: Where| BINDINGS.iter().filter(move |binding| binding.at == at).filter_map(|binding| Some((binding, binding.short?)));
        let sure = |command: Command| {
            matches!(command, Command::Help | Command::Quit | Command::Switch | Command::Edits | Command::Search | Command::Filter)
        };
        let everywhere = || here(Where::Everywhere);
        let first = everywhere().filter(|(binding, _)| sure(binding.command));
        let rest = everywhere().filter(|(binding, _)| !sure(binding.command));
        let all = first.chain(here(Where::In(self.pane))).chain(rest);
        all.filter_map(|(binding, word)| Some((self.keys.of(binding).first()?.name(), word))).collect()
    }

    pub(super) fn draw_help(&mut self, buffer: &mut Buffer, body: Rect) {
        let mut lines: Vec<Line<'static>> = Vec::new();
        lines.push(Line::from(Span::styled("Signs in the tree", self.paint(Role::Title))));
        lines.extend(SIGNS.iter().map(|text| Line::from(*text)));
        let sections = [
            ("Everywhere", Where::Everywhere),
            ("Tree", Where::In(Pane::Tree)),
            ("Layers", Where::In(Pane::Layers)),
            ("Findings and edits", Where::In(Pane::Found)),
        ];
        for (title, at) in sections {
            lines.push(Line::default());
            lines.push(Line::from(Span::styled(title, self.paint(Role::Title))));
            for binding in BINDINGS.iter().filter(|binding| binding.at == at && !binding.help.is_empty()) {
                let keys = self.keys.of(binding).into_iter().map(Key::name).collect::<Vec<_>>().join(" ");
                lines.push(Line::from(vec![
                    Span::styled(left(&keys, KEYS), self.paint(Role::Accent)),
                    Span::raw(format!(" {}", binding.help)),
                ]));
            }
        }
        lines.push(Line::default());
        lines.push(Line::from(Span::styled("A file that is looked at", self.paint(Role::Title))));
        for (keys, help) in FILE {
            lines.push(Line::from(vec![Span::styled(left(keys, KEYS), self.paint(Role::Accent)), Span::raw(format!(" {help}"))]));
        }
        let width = PAGE.min(body.width);
        let area = Rect { x: body.x + (body.width - width) / 2, width, ..body };
        let height = usize::from(area.height.saturating_sub(2));
        let Some(help) = &mut self.help else { return };
        help.top = help.top.min(lines.len().saturating_sub(height));
        help.height = height;
        let top = help.top;
        let more = if lines.len() > height {
            format!(" line {} of {}, ↑ and ↓ · Esc closes ", top + 1, lines.len())
        } else {
            " Esc closes ".to_owned()
        };
        Clear.render(area, buffer);
        buffer.set_style(area, self.paint(Role::Text));
        let block = Block::bordered()
            .border_type(BorderType::Thick)
            .border_style(self.paint(Role::Focus))
            .title_top(" All keys ")
            .title_bottom(Line::from(more).right_aligned());
        let inner = block.inner(area);
        block.render(area, buffer);
        for (at, line) in lines.iter().skip(top).take(height).enumerate() {
            buffer.set_line(inner.x + 1, inner.y + at as u16, line, inner.width.saturating_sub(1));
        }
    }
}

/// Keys that mean something else there.
const FILE: &[(&str, &str)] = &[
    ("Esc q", "back to the panes; a file that is still read is read no more"),
    ("/ n N", "search in it; next, previous"),
    ("← →", "to the left and to the right"),
    ("w Ctrl+P", "break long lines, or cut them"),
    ("b", "as bytes, or as text"),
    ("Ctrl+E", "write it to disk"),
    ("y Y", "copy its path, or its text"),
];

const SIGNS: &[&str] = &[
    "+  added by this layer; in the image, added since the base",
    "~  other content, or a directory with changes below it",
    "=  the same content stored again: only owner, mode or time differ",
    "-  removed; in the image, stored by a layer and not there any more",
    "*  marked",
    "disk, own: what the layer itself stores. hidden: bytes that are stored and",
    "cannot be seen. hides: bytes of lower layers that this layer hides.",
    "hidden and hides free nothing: whoever pulls the image pulls them too.",
];
