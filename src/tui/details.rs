//! All about what is chosen, as lines.

mod found;
mod path;
mod words;

pub(super) use words::mode;

use super::explorer::Explorer;
use super::keys::Pane;
use super::theme::Role;
use super::wrap::lines;
use crate::layer::Measures;
use crate::render::size::count;

/// Cells of the words before values.
const LABEL: usize = 9;
/// Cells of dive's words.
const NAMED: usize = 24;
/// Cells of a number of bytes, and of entries.
const BYTES: usize = 14;
const ENTRIES: usize = 10;

/// Lines of a page, each with its role.
pub(super) struct Page {
    pub(super) lines: Vec<(Role, String)>,
    width: usize,
}

impl Page {
    fn new(width: usize) -> Self {
        Self { lines: Vec::new(), width: width.max(20) }
    }

    fn text(&mut self, role: Role, text: &str) {
        for line in lines(text, self.width) {
            self.lines.push((role, line));
        }
    }

    fn gap(&mut self) {
        if self.lines.last().is_some_and(|(_, line)| !line.is_empty()) {
            self.lines.push((Role::Text, String::new()));
        }
    }

    /// A value with its label before it.
    fn field(&mut self, label: &str, role: Role, value: &str) {
        for (number, line) in lines(value, self.width.saturating_sub(LABEL)).into_iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            self.lines.push((role, format!("{label:<LABEL$}{line}")));
        }
    }

    /// The same with a longer label.
    fn named(&mut self, label: &str, role: Role, value: &str) {
        self.text(role, &format!("{label:<NAMED$}{value}"));
    }
}

impl Explorer<'_> {
    /// About the chosen row of the pane that was used last.
    pub(super) fn details_page(&self, width: usize) -> Page {
        let mut page = Page::new(width);
        match self.subject() {
            Pane::Layers => self.layer_page(&mut page, self.layers.at),
            Pane::Found => self.found_page(&mut page),
            Pane::Tree | Pane::Details => self.row_page(&mut page),
        }
        page
    }

    /// Which pane's row the details are about.
    pub(super) fn subject(&self) -> Pane {
        if self.pane == Pane::Details { self.details_of } else { self.pane }
    }

    /// A table of exact bytes, one row for each of `rows`.
    fn measures(&self, page: &mut Page, rows: &[(&str, Role, &Measures)]) {
        let known = self.report.image.pull_bytes.is_some();
        let with_entries = page.width >= LABEL + (2 + usize::from(known)) * BYTES + ENTRIES;
        let line = |label: &str, disk: String, pull: String, tar: String, entries: String| {
            let pull = if known { format!("{pull:>BYTES$}") } else { String::new() };
            let entries = if with_entries { format!("{entries:>ENTRIES$}") } else { String::new() };
            format!("{label:<LABEL$}{disk:>BYTES$}{pull}{tar:>BYTES$}{entries}")
        };
        let heading = line("bytes", "disk".into(), "pull".into(), "tar".into(), "entries".into());
        page.lines.push((Role::Dim, heading));
        for (label, role, sum) in rows {
            let cells = [sum.content_bytes, sum.blob_bytes, sum.diff_bytes, sum.entries].map(count);
            let [disk, pull, tar, entries] = cells;
            // Nothing is no alarm.
            let role = if **sum == Measures::default() { Role::Dim } else { *role };
            page.lines.push((role, line(label, disk, pull, tar, entries)));
        }
    }

    /// A layer as people find it, with what made it.
    fn layer_words(&self, layer: usize) -> String {
        let line = self.report.layers[layer].line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("layer {}{line}: {}", layer + 1, self.instruction(layer))
    }

    pub(super) fn instruction(&self, layer: usize) -> &str {
        self.report.layers.get(layer).and_then(|layer| layer.instruction.as_deref()).unwrap_or("(history does not tell)")
    }

    fn layer_page(&self, page: &mut Page, number: usize) {
        let Some(layer) = self.report.layers.get(number) else { return page.text(Role::Dim, "no layer") };
        let base = if layer.base { "  (base image)" } else { "" };
        let lines = match layer.lines {
            Some([first, last]) if first != last => format!(", lines {first}–{last}"),
            Some([first, _]) => format!(", line {first}"),
            None => String::new(),
        };
        page.text(Role::Strong, &format!("layer {} of {}{lines}{base}", number + 1, self.report.layers.len()));
        page.text(Role::Text, self.instruction(number));
        page.gap();
        let rows = [
            ("stores", Role::Text, &layer.all),
            ("live", Role::Text, &layer.live),
            ("unneeded", Role::Warning, &layer.unneeded),
            ("hidden", Role::Hidden, &layer.shadowed.all),
            ("overhead", Role::Dim, &layer.overhead),
        ];
        self.measures(page, &rows);
        page.gap();
        for hidden in self.report.hidden.iter().filter(|hidden| hidden.layer == number && hidden.all.content_bytes > 0) {
            let bytes = self.style.size(hidden.all.content_bytes, 0);
            page.field("hidden", Role::Hidden, &format!("{bytes} by layer {}: {}", hidden.by + 1, hidden.cause.phrase()));
        }
        for hides in
            self.report.hidden.iter().filter(|hidden| hidden.by == number && hidden.layer != number && hidden.all.content_bytes > 0)
        {
            let bytes = self.style.size(hides.all.content_bytes, 0);
            page.field("hides", Role::Hidden, &format!("{bytes} of layer {}: {}", hides.layer + 1, hides.cause.phrase()));
        }
        page.gap();
        let stored = layer.compression.map_or("absent: its blob is not in the source", crate::layer::Compression::name);
        page.field("stored", Role::Text, stored);
        for (label, value) in [("digest", &layer.digest), ("diff id", &layer.diff_id), ("created", &layer.created)] {
            if let Some(value) = value {
                page.field(label, Role::Dim, value);
            }
        }
    }
}
