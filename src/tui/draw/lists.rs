//! Layers, findings and edits, details.

use super::super::explorer::Explorer;
use super::super::found::List;
use super::super::keys::{Command, Pane};
use super::super::theme::Role;
use super::row;
use crate::layer::Measures;

use crate::render::size::count as grouped;
use crate::render::text::{cells, fit, fit_path, left};
use crate::report::EditReport;
use crate::rules::Level;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

/// Cells of how often a path is stored.
const COUNT: usize = 6;

impl Explorer<'_> {
    fn known(&self) -> bool {
        self.report.image.pull_bytes.is_some()
    }

    fn bytes(&self, bytes: u64) -> String {
        self.style.size(bytes, self.style.size_width())
    }

    /// Hidden bytes, a dash for none.
    pub(super) fn part(&self, bytes: u64) -> Span<'static> {
        let width = self.style.size_width();
        if bytes == 0 {
            return Span::styled(format!("{:>width$}", "–"), self.paint(Role::Dim));
        }
        Span::styled(self.bytes(bytes), self.paint(Role::Hidden))
    }

    /// A cell of the column of what is pulled, and a blank; nothing where nobody knows.
    fn pull_cell(&self, text: &str) -> String {
        let width = self.style.size_width();
        if self.known() { format!("{text:>width$} ") } else { String::new() }
    }

    pub(super) fn draw_layers(&mut self, buffer: &mut Buffer, area: Rect) {
        let count = self.report.layers.len();
        let below = format!("{} of {count}", self.layers.at + 1);
        let inner = self.frame(buffer, area, (Pane::Layers, 0), "1 Layers", &below);
        let (width, has_lines) = (self.style.size_width(), self.report.layers.iter().any(|layer| layer.line.is_some()));
        let line = |text: &str| if has_lines { format!(" {text:>4}") } else { String::new() };
        let heading = format!("  #{} {:>width$} {}{:>width$}  made by", line("line"), "disk", self.pull_cell("pull"), "hidden");
        row(buffer, inner, 0, vec![Span::styled(heading, self.paint(Role::Dim))]);
        let body = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        self.layers.keep_in_sight(body.height.into(), count);
        let room = usize::from(body.width).saturating_sub(3 + line("").len() + 2 * (width + 1) + self.pull_cell("").len() + 2);
        self.areas.push((Pane::Layers, 0, body));
        for (at, layer) in self.report.layers.iter().enumerate().skip(self.layers.top).take(body.height.into()) {
            let number = layer.line.map_or_else(|| "–".to_owned(), |line| line.to_string());
            let pull = self.pull_cell(&self.style.size(layer.blob_size(), 0));
            let role = if layer.base { Role::Dim } else { Role::Text };
            let spans = vec![
                Span::styled(format!("{:>3}{}", at + 1, line(&number)), self.paint(Role::Accent)),
                Span::styled(format!(" {} {pull}", self.bytes(layer.all.content_bytes)), self.paint(role)),
                self.part(layer.shadowed.all.content_bytes),
                Span::styled(format!("  {}", fit(self.instruction(at), room)), self.paint(role)),
            ];
            let row = row(buffer, body, (at - self.layers.top) as u16, spans);
            if at == self.layers.at {
                self.chosen(buffer, row, Pane::Layers);
            }
        }
    }

    pub(super) fn draw_found(&mut self, buffer: &mut Buffer, area: Rect) {
        let count = self.found.count(self.report);
        let at = self.found.cursor().at;
        let (title, below) = match self.found.list {
            List::Findings => ("3 Findings · e edits · D dive", format!("{} of {count}", (at + 1).min(count))),
            List::Edits => ("e Edits · 3 findings · D dive", self.left_over()),
            List::Dive => {
                ("D Wasted, as dive counts · 3 findings · e edits", format!("{} of {}", (at + 1).min(count), grouped(count as u64)))
            }
        };
        let inner = self.frame(buffer, area, (Pane::Found, 0), title, &below);
        let width = self.style.size_width();
        let heading = match self.found.list {
            List::Findings => format!("      {:>width$} {:>width$}  what was found", "disk", "hidden"),
            List::Edits => format!("      {:>width$} {} what to change", "disk", self.pull_cell("pull")),
            List::Dive => format!("{:>COUNT$} {:>width$}  path", "count", "all of it"),
        };
        row(buffer, inner, 0, vec![Span::styled(heading, self.paint(Role::Dim))]);
        let body = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        self.found.cursor().keep_in_sight(body.height.into(), count);
        self.areas.push((Pane::Found, 0, body));
        if count == 0 {
            let (text, role) = match self.found.list {
                List::Edits => ("Nothing to change.", Role::Good),
                List::Findings => ("Nothing was found.", Role::Good),
                List::Dive if self.found.score.is_none() => ("counting …", Role::Dim),
                List::Dive => ("No path is stored twice.", Role::Good),
            };
            row(buffer, body, 0, vec![Span::styled(text, self.paint(role))]);
        }
        let top = self.found.cursor().top;
        for number in top..count.min(top + usize::from(body.height)) {
            let spans = match self.found.list {
                List::Findings => self.finding_row(self.found.shown[number], body.width.into()),
                List::Edits => self.edit_row(number, &self.report.edits[number], body.width.into()),
                List::Dive => self.wasted_row(number, body.width.into()),
            };
            let row = row(buffer, body, (number - top) as u16, spans);
            if number == at {
                self.chosen(buffer, row, Pane::Found);
            }
        }
    }

    fn finding_row(&self, number: usize, width: usize) -> Vec<Span<'static>> {
        let finding = &self.report.findings[number];
        let (word, role) = match finding.level {
            _ if finding.allowed.is_some() => ("ok", Role::Dim),
            Level::Fail => ("fail", Role::Alarm),
            Level::Warn => ("warn", Role::Warning),
            Level::Info | Level::Off => ("info", Role::Dim),
        };
        let of_base = if finding.base { Role::Dim } else { Role::Text };
        let base = if finding.base { " (base)" } else { "" };
        let room = width.saturating_sub(6 + 2 * self.style.size_width() + 3);
        let title = fit(&format!("{}{base}", finding.title), room);
        vec![
            Span::styled(format!(" {word:<4} "), self.paint(role)),
            Span::styled(format!("{} ", self.bytes(finding.all.content_bytes)), self.paint(of_base)),
            self.part(finding.shadowed.content_bytes),
            Span::styled(format!("  {title}  "), self.paint(of_base)),
            Span::styled(fit(&finding.rule, room.saturating_sub(cells(&title) + 2)), self.paint(Role::Dim)),
        ]
    }

    fn edit_row(&self, number: usize, edit: &EditReport, room: usize) -> Vec<Span<'static>> {
        let applied = self.found.applied.contains(&number);
        let pull = self.pull_cell(&self.style.size(edit.saves.blob_bytes, 0));
        let mark = if applied { "[x]" } else { "[ ]" };
        let sure = if edit.certain { "" } else { "? " };
        let room = room.saturating_sub(6 + self.style.size_width() + 1 + pull.len() + 1);
        let role = if applied { Role::Good } else { Role::Text };
        vec![
            Span::styled(format!("{mark}{:>2} ", edit.number), self.paint(role)),
            Span::raw(format!("{} {pull} ", self.bytes(edit.saves.content_bytes))),
            Span::styled(fit(&format!("{sure}{}", edit.title), room), self.paint(role)),
        ]
    }

    fn wasted_row(&self, number: usize, width: usize) -> Vec<Span<'static>> {
        let Some(wasted) = self.found.score.as_ref().and_then(|score| score.wasted.get(number)) else { return Vec::new() };
        let room = width.saturating_sub(COUNT + 1 + self.style.size_width() + 2);
        vec![
            Span::styled(format!("{:>COUNT$} ", wasted.count), self.paint(Role::Accent)),
            Span::styled(self.bytes(wasted.size_bytes), self.paint(Role::Text)),
            Span::styled(format!("  {}", fit_path(&crate::text::escaped(&wasted.file), room)), self.paint(Role::Text)),
        ]
    }

    /// What is left with the edits that are applied.
    fn left_over(&self) -> String {
        let applied = &self.found.applied;
        if applied.is_empty() {
            return "Space applies an edit".to_owned();
        }
        let left: &Measures = &self.found.left;
        let saved = self.report.totals.minus(*left);
        let pull =
            self.report.image.pull_bytes.map(|pull| format!(", {} to pull", self.style.size(pull.saturating_sub(saved.blob_bytes), 0)));
        format!("left: {} on disk{}", self.style.size(left.content_bytes, 0), pull.unwrap_or_default())
    }

    pub(super) fn draw_details(&mut self, buffer: &mut Buffer, area: Rect) {
        let page = self.details_page(area.width.saturating_sub(3).into());
        let height = usize::from(area.height.saturating_sub(2));
        let most = page.lines.len().saturating_sub(height);
        self.details.top = self.details.top.min(most);
        self.details.height = height;
        let line = (most > 0).then(|| format!("line {} of {}", self.details.top + 1, page.lines.len()));
        // What dive says is of the whole image, as the layers are.
        let more = (self.subject() == Pane::Layers).then(|| format!("{}: dive's score, wasted files", self.keys.name(Command::Dive)));
        let below = more.into_iter().chain(line).collect::<Vec<_>>().join(" · ");
        let title = match self.subject() {
            Pane::Layers => "4 Details: layer",
            Pane::Found if self.found.list == List::Dive => "4 Details: what dive says",
            Pane::Found => "4 Details: what was found",
            Pane::Tree | Pane::Details => "4 Details: path",
        };
        let inner = self.frame(buffer, area, (Pane::Details, 0), title, &below);
        self.areas.push((Pane::Details, 0, inner));
        for (line, (role, text)) in page.lines.iter().skip(self.details.top).take(height).enumerate() {
            let text = left(&format!(" {text}"), inner.width.into());
            row(buffer, inner, line as u16, vec![Span::styled(text, self.paint(*role))]);
        }
    }
}
