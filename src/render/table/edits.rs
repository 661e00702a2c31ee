//! The edits: what to change, and what it saves.

use super::Page;
use crate::layer::Measures;
use crate::render::size::plural;
use crate::render::style::Paint;
use crate::render::text::{left, lines_of};
use crate::report::{EditReport, FindingReport};
use crate::rules::Level;

/// Edits that the default view shows.
const EDITS: usize = 6;

impl Page<'_> {
    /// Certain edits, then what there is to check, and secrets.
    pub(super) fn edits(&mut self) {
        let report = self.report;
        let certain: Vec<&EditReport> = report.edits.iter().filter(|edit| edit.certain && self.counts(&edit.saves)).collect();
        let review: Vec<&EditReport> = report.edits.iter().filter(|edit| !edit.certain && self.counts(&edit.saves)).collect();
        let secrets: Vec<&FindingReport> =
            report.findings.iter().filter(|finding| finding.rule.starts_with("secret/") && finding.level >= Level::Warn).collect();
        if certain.is_empty() && review.is_empty() && secrets.is_empty() {
            self.text.push('\n');
            self.line(" Nothing to change.");
            return;
        }
        let width = self.style.size_width();
        let room = self.style.width.saturating_sub(2 * (width + 1) + 3 + 9);
        if certain.is_empty() {
            self.text.push('\n');
        } else {
            self.title("WHAT TO CHANGE", &[self.where_word(), "disk", "pull"]);
            for edit in certain.iter().take(EDITS) {
                let title = left(&edit.title, room);
                let place = format!("{:>8}", self.places(edit));
                let line = format!(
                    " {} {title} {}{}",
                    self.style.paint(Paint::Number, &edit.number.to_string()),
                    self.style.paint(Paint::Number, &place),
                    self.sizes(&edit.saves)
                );
                self.line(&line);
                if let Some(detail) = edit.details.first() {
                    for line in lines_of(detail, self.style.width.saturating_sub(5).min(94)).into_iter().take(2) {
                        let line = format!("     {}", self.style.paint(Paint::Dim, &line));
                        self.line(&line);
                    }
                }
            }
            if certain.len() > EDITS {
                let rest: Measures = certain.iter().skip(EDITS).map(|edit| edit.saves).sum();
                let line = format!(
                    "   {} {:>8}{}",
                    left(&format!("{} more, smaller (--details lists them)", certain.len() - EDITS), room),
                    "",
                    self.sizes(&rest)
                );
                self.line(&line);
            }
            if certain.len() > 1 {
                let all: Measures = certain.iter().map(|edit| edit.saves).sum();
                let line = format!(
                    "   {}{}",
                    " ".repeat(room.saturating_sub(2)),
                    self.style.paint(Paint::Good, &format!("{:>11}{}", "together", self.sizes(&all)))
                );
                self.line(&line);
            }
        }
        self.secrets(&secrets);
        self.review(&review);
    }

    /// Whether a saving is worth a line of its own.
    fn counts(&self, saves: &Measures) -> bool {
        const LEAST: u64 = 64 << 10;
        saves.content_bytes >= LEAST.max(self.report.image.disk_bytes / 2000)
    }

    fn secrets(&mut self, secrets: &[&FindingReport]) {
        if secrets.is_empty() {
            return;
        }
        let mut paths: Vec<&str> = secrets.iter().flat_map(|finding| &finding.paths).map(|found| found.path.shown.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        let count = paths.len() as u64;
        let shown = paths.iter().take(4).copied().collect::<Vec<_>>().join(", ");
        let more = if paths.len() > 4 { ", …" } else { "" };
        let text = format!(
            "{}: {shown}{more}. Whoever can pull the image can read it: replace what it gives access to, and keep it out.",
            plural(count, "secret", "secrets")
        );
        for (number, line) in lines_of(&text, self.style.width.saturating_sub(4)).into_iter().enumerate() {
            let mark = if number == 0 { self.style.paint(Paint::Alarm, "!") } else { " ".to_owned() };
            self.line(&format!(" {mark} {line}"));
        }
    }

    fn review(&mut self, review: &[&EditReport]) {
        if review.is_empty() {
            return;
        }
        let all: Measures = review.iter().map(|edit| edit.saves).sum();
        let parts: Vec<String> =
            review.iter().take(4).map(|edit| format!("{} {}", edit.title, self.style.size(edit.saves.content_bytes, 0))).collect();
        let more = if review.len() > 4 { ", …" } else { "" };
        let text = format!("Check first, {} more: {}{more}", self.style.size(all.content_bytes, 0), parts.join(", "));
        for (number, line) in lines_of(&text, self.style.width.saturating_sub(4)).into_iter().take(2).enumerate() {
            let mark = if number == 0 { "?" } else { " " };
            self.line(&format!(" {mark} {line}"));
        }
    }

    /// Lines of the Dockerfile, or else numbers of layers.
    fn places(&self, edit: &EditReport) -> String {
        let numbers: Vec<u32> = edit.layers.iter().map(|layer| self.place(*layer)).collect();
        let text = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        if text.len() <= 8 { text } else { format!("{},…", numbers.first().copied().unwrap_or_default()) }
    }

    /// The line of the Dockerfile that made a layer, or else the layer's number.
    pub(super) fn place(&self, layer: usize) -> u32 {
        let found = self.report.layers.get(layer).filter(|_| self.has_lines());
        found.and_then(|layer| layer.line).unwrap_or(layer as u32 + 1)
    }

    pub(super) fn has_lines(&self) -> bool {
        self.report.image.dockerfile.is_some()
    }

    pub(super) fn where_word(&self) -> &'static str {
        if self.has_lines() { "line" } else { "layer" }
    }
}

/// Every edit in full: title, where, savings, reasons, snippet.
pub(super) fn all(page: &mut Page<'_>) {
    let report = page.report;
    for edit in &report.edits {
        let mark =
            if edit.certain { page.style.paint(Paint::Number, &format!("{:>3}", edit.number)) } else { format!("{:>2}?", edit.number) };
        let place = format!(
            "({} {}) {} disk, {} pull{}",
            page.where_word(),
            page.places(edit),
            page.style.size(edit.saves.content_bytes, 0),
            if report.image.pull_bytes.is_some() { page.style.size(edit.saves.blob_bytes, 0) } else { "–".to_owned() },
            if edit.certain { "" } else { "; check first" },
        );
        for (number, line) in lines_of(&format!("{} {place}", edit.title), page.style.width.saturating_sub(5)).into_iter().enumerate() {
            let mark = if number == 0 { mark.clone() } else { "   ".to_owned() };
            page.line(&format!("{mark}  {line}"));
        }
        for detail in &edit.details {
            for line in lines_of(detail, page.style.width.saturating_sub(5)) {
                let line = format!("     {}", page.style.paint(Paint::Dim, &line));
                page.line(&line);
            }
        }
        for line in &edit.snippet {
            let line = format!("       {}", crate::text::escaped(line.as_bytes()));
            page.line(&line);
        }
    }
}
