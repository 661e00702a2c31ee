//! The line above: which image, what it weighs, what it could weigh.

use super::super::Pane;
use super::super::explorer::Explorer;
use super::super::found::List;
use super::super::prompt::Prompt;
use super::super::theme::Role;
use crate::index::Fate;
use crate::render::size::percent;

use crate::render::text::{cells, fit};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

impl Explorer<'_> {
    pub(super) fn draw_head(&self, buffer: &mut Buffer, area: Rect) {
        let report = self.report;
        let size = |bytes: u64| self.style.size(bytes, 0);
        let name = report.image.names.first().map_or("(untagged)", String::as_str);
        let hidden = report.shadowed.all.content_bytes;
        let disk = report.image.disk_bytes;
        let mut parts = vec![(Role::Strong, format!("{} on disk", size(disk)))];
        if let Some(pull) = report.image.pull_bytes {
            parts.push((Role::Strong, format!("{} to pull", size(pull))));
        }
        parts.push((Role::Hidden, format!("{} hidden ({})", size(hidden), percent(hidden, disk))));
        if !report.complete {
            parts.insert(0, (Role::Alarm, "INCOMPLETE".to_owned()));
        }
        let certain = report.edits.iter().filter(|edit| edit.certain).count();
        if certain > 0 {
            let left = size(report.without_edits.content_bytes);
            let noun = if certain == 1 { "edit leaves" } else { "edits leave" };
            parts.push((Role::Good, format!("{certain} {noun} {left}")));
        }
        parts.push((Role::Dim, report.image.platform.clone()));
        let width = usize::from(area.width);
        // A long name gives way to the three sizes.
        let used: usize = parts.iter().take(3).map(|(_, text)| cells(text) + 3).sum();
        let mut spans = vec![Span::styled(fit(name, width.saturating_sub(used).max(16.min(width))), self.paint(Role::Accent))];
        let mut room = width.saturating_sub(cells(&spans[0].content));
        for (role, text) in parts {
            // What does not fit whole is left out: half a number is none.
            if cells(&text) + 3 <= room {
                room -= cells(&text) + 3;
                spans.push(Span::styled(" · ", self.paint(Role::Dim)));
                spans.push(Span::styled(crate::text::escaped(text.as_bytes()), self.paint(role)));
            }
        }
        buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    }

    /// The line above the keys: what is asked, what was done, or what the chosen row is.
    pub(super) fn draw_line(&self, buffer: &mut Buffer, area: Rect) {
        let width = usize::from(area.width);
        let spans = if let Some(prompt) = &self.prompt {
            self.asked(prompt, width)
        } else if let Some((good, text)) = &self.message {
            let role = if *good { Role::Good } else { Role::Alarm };
            let text = if *good { text.clone() } else { format!("! {text}") };
            vec![Span::styled(fit(&text, width), self.paint(role))]
        } else if let Some(writing) = self.writing.last() {
            let text = format!("writing …{} · Esc stops it", super::read_so_far(&self.style, writing.read));
            vec![Span::styled(fit(&text, width), self.paint(Role::Accent))]
        } else {
            vec![Span::styled(fit(&self.summary(), width), self.paint(Role::Dim))]
        };
        buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    }

    fn asked(&self, prompt: &Prompt, width: usize) -> Vec<Span<'static>> {
        let label = format!("{}: ", prompt.asks.label());
        let room = width.saturating_sub(cells(&label) + 1);
        // The end is where it is typed.
        let text = crate::render::text::fit_path(&prompt.text, room);
        let left = room.saturating_sub(cells(&text) + 3);
        let (role, beside) = match &prompt.error {
            Some(error) => (Role::Alarm, format!("! {error}")),
            None => (Role::Dim, prompt.asks.hint().to_owned()),
        };
        vec![
            Span::styled(label, self.paint(Role::Strong)),
            Span::raw(text),
            Span::styled("▏", self.paint(Role::Strong)),
            Span::styled(format!("  {}", fit(&beside, left)), self.paint(role)),
        ]
    }

    /// What is chosen, in one line.
    fn summary(&self) -> String {
        match self.pane {
            Pane::Layers => format!("layer {}: {}", self.layers.at + 1, self.instruction(self.layers.at)),
            Pane::Found => match self.found.list {
                List::Findings => self.found.finding(self.report).map_or_else(String::new, |(_, finding)| finding.title.clone()),
                List::Dive => self.found.wasted().map_or_else(String::new, |wasted| crate::text::escaped(&wasted.file)),
                List::Edits => self.found.edit(self.report).map_or_else(String::new, |edit| edit.title.clone()),
            },
            Pane::Tree | Pane::Details => self.row_summary(),
        }
    }

    fn row_summary(&self) -> String {
        let tree = &self.trees[self.active];
        let Some(node) = tree.node() else { return String::new() };
        let path = self.ground.shown(node);
        if let Some((0, 100)) = tree.found() {
            return "nothing in what is shown here has that name; S shows the whole image, or the layer alone".to_owned();
        }
        let placed = tree.comparison.entry(&self.ground, node).filter(|placed| placed.entry.kind != crate::layer::EntryKind::Directory);
        let Some(placed) = placed else { return path };
        let stored = format!("stored by {}: {}", placed.layer + 1, self.instruction(placed.layer));
        match placed.fate {
            Fate::Live => format!("{path}  {stored}"),
            Fate::Shadowed { by, cause } => format!("{path}  {} by {}; {stored}", cause.phrase(), by + 1),
        }
    }
}
