//! The edits: what to change, and what it saves.

use super::Page;
use crate::layer::Measures;
use crate::render::size::plural;
use crate::render::style::Paint;
use crate::render::text::{first_lines, left, lines_of, numbers};
use crate::report::{EditReport, FindingReport, Report};
use crate::rules::Level;

/// Edits that the default view shows.
const EDITS: usize = 6;
/// Cells for lines or layers.
const PLACES: usize = 10;

impl Page<'_> {
    /// Certain edits, then what there is to check, and secrets.
    pub(super) fn edits(&mut self) {
        let report = self.report;
        let mut certain: Vec<&EditReport> = report.edits.iter().filter(|edit| edit.certain).collect();
        if certain.iter().any(|edit| self.counts(&edit.saves)) {
            certain.retain(|edit| self.counts(&edit.saves));
        }
        let review: Vec<&EditReport> = report.edits.iter().filter(|edit| !edit.certain && self.counts(&edit.saves)).collect();
        let secrets: Vec<&FindingReport> =
            report.findings.iter().filter(|finding| finding.rule.starts_with("secret/") && finding.level >= Level::Warn).collect();
        if certain.is_empty() && review.is_empty() && secrets.is_empty() {
            self.text.push('\n');
            self.line(" Nothing to change.");
            return;
        }
        if certain.is_empty() {
            self.text.push('\n');
        } else {
            let room = self.edit_room();
            self.title("WHAT TO CHANGE", &[self.where_word(), "disk", "pull"]);
            for edit in certain.iter().take(EDITS) {
                let row = self.edit_row(edit, &edit.title);
                self.line(&row);
                if let Some(detail) = edit.details.first() {
                    for line in first_lines(detail, self.style.width.saturating_sub(5).min(94), 2) {
                        let line = format!("     {}", self.style.paint(Paint::Dim, &line));
                        self.line(&line);
                    }
                }
            }
            let shown: Vec<usize> = certain.iter().take(EDITS).map(|edit| edit.number).collect();
            let rest: Vec<&EditReport> = report.edits.iter().filter(|edit| edit.certain && !shown.contains(&edit.number)).collect();
            if !rest.is_empty() {
                let sum: Measures = rest.iter().map(|edit| edit.saves).sum();
                let text = left(&format!("{} more, smaller (plimsoll plan lists them)", rest.len()), room);
                let line = format!("   {text} {:>PLACES$}{}", "", self.sizes(&sum));
                self.line(&line);
            }
            if shown.len() + rest.len() > 1 {
                self.together(&report.edits.iter().filter(|edit| edit.certain).collect::<Vec<_>>());
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
        let (them, they_give) = if count == 1 { ("it", "it gives") } else { ("them", "they give") };
        let text = format!(
            "{}: {shown}{more}. Whoever can pull the image can read {them}: replace what {they_give} access to, and keep {them} out.",
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
        // The sum is that of the plan; what is small is not named.
        let all: Measures = self.report.edits.iter().filter(|edit| !edit.certain).map(|edit| edit.saves).sum();
        let count = self.report.edits.iter().filter(|edit| !edit.certain).count();
        let named = |most: usize| {
            let parts: Vec<String> =
                review.iter().take(most).map(|edit| format!("{} {}", edit.title, self.style.size(edit.saves.content_bytes, 0))).collect();
            let more = if count > parts.len() { ", …" } else { "" };
            let text = format!("Check first, {} more: {}{more}", self.style.size(all.content_bytes, 0), parts.join(", "));
            lines_of(&text, self.style.width.saturating_sub(4))
        };
        // As many as go into two lines.
        let lines = (1..=4).rev().map(named).find(|lines| lines.len() <= 2).unwrap_or_else(|| named(1));
        for (number, line) in lines.into_iter().enumerate() {
            let mark = if number == 0 { "?" } else { " " };
            self.line(&format!(" {mark} {line}"));
        }
    }

    /// Cells for an edit's title.
    fn edit_room(&self) -> usize {
        self.style.width.saturating_sub(2 * (self.style.size_width() + 1) + 3 + PLACES + 1)
    }

    /// An edit's first line: its number, the title or what of it fits, where, and what it saves.
    fn edit_row(&self, edit: &EditReport, title: &str) -> String {
        let place = format!("{:>PLACES$}", self.places(edit));
        let mark = if edit.certain { format!("{:>2}", edit.number) } else { format!("{:>2}?", edit.number) };
        let room = (self.edit_room() + 2).saturating_sub(mark.len());
        format!(
            "{} {} {}{}",
            self.style.paint(Paint::Number, &mark),
            left(title, room),
            self.style.paint(Paint::Number, &place),
            self.sizes(&edit.saves)
        )
    }

    /// What edits save together.
    fn together(&mut self, edits: &[&EditReport]) {
        let all: Measures = edits.iter().map(|edit| edit.saves).sum();
        let sum = self.style.paint(Paint::Good, &format!("{:>width$}{}", "together", self.sizes(&all), width = PLACES + 3));
        let line = format!("   {}{sum}", " ".repeat(self.edit_room().saturating_sub(2)));
        self.line(&line);
    }

    /// Lines of the Dockerfile, or else numbers of layers, as many as fit their column.
    fn places(&self, edit: &EditReport) -> String {
        let all = self.all_places(edit);
        if all.chars().count() <= PLACES { all } else { format!("{}, …", all.split(", ").next().unwrap_or_default()) }
    }

    /// All of them.
    fn all_places(&self, edit: &EditReport) -> String {
        self.numbers(&edit.layers)
    }

    /// `3, 10–12`: lines of the Dockerfile, or else numbers of layers.
    pub(super) fn numbers(&self, layers: &[usize]) -> String {
        places(self.report, layers)
    }

    /// The line of the Dockerfile that made a layer, or else the layer's number.
    pub(super) fn place(&self, layer: usize) -> u32 {
        place(self.report, layer)
    }

    pub(super) fn has_lines(&self) -> bool {
        self.report.image.dockerfile.is_some()
    }

    pub(super) fn where_word(&self) -> &'static str {
        if self.has_lines() { "line" } else { "layer" }
    }
}

/// The line of the Dockerfile that made a layer, or else the layer's number.
pub(super) fn place(report: &Report, layer: usize) -> u32 {
    let found = report.layers.get(layer).filter(|_| report.image.dockerfile.is_some());
    found.and_then(|layer| layer.line).unwrap_or(layer as u32 + 1)
}

/// `3, 10–12`: lines of the Dockerfile, or else numbers of layers.
pub(in crate::render) fn places(report: &Report, layers: &[usize]) -> String {
    numbers(layers.iter().map(|layer| place(report, *layer) as usize - 1).collect())
}

/// Every edit in full: title, where, savings, reasons, snippet; the certain ones and their sum, then those to check.
pub(super) fn all(page: &mut Page<'_>) {
    let report = page.report;
    let (certain, review): (Vec<&EditReport>, Vec<&EditReport>) = report.edits.iter().partition(|edit| edit.certain);
    for (title, edits) in [("WHAT TO CHANGE", certain), ("CHECK FIRST whether the program needs it", review)] {
        if edits.is_empty() {
            continue;
        }
        page.title(title, &[page.where_word(), "disk", "pull"]);
        for edit in &edits {
            one(page, edit);
        }
        if edits.len() > 1 {
            page.together(&edits);
        }
    }
}

fn one(page: &mut Page<'_>, edit: &EditReport) {
    let indent = if edit.certain { 3 } else { 4 };
    let mut titles = lines_of(&edit.title, page.edit_room() + 3 - indent).into_iter();
    let row = page.edit_row(edit, &titles.next().unwrap_or_default());
    page.line(&row);
    for more in titles {
        page.line(&format!("{}{more}", " ".repeat(indent)));
    }
    let places = page.all_places(edit);
    let places = (places != page.places(edit)).then(|| format!("{}s {places}", page.where_word()));
    for detail in places.iter().chain(&edit.details) {
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
