//! All about what is chosen, as lines.

use super::explorer::Explorer;
use super::found::List;
use super::keys::Pane;
use super::wrap::lines;
use crate::index::{Fate, Placed};
use crate::layer::{EntryKind, Measures};
use crate::paths::NodeId;
use crate::render::size::count;
use crate::render::style::Paint;
use crate::render::text::numbers;
use crate::text::escaped;

/// Versions of one path that are listed.
const VERSIONS: usize = 20;
/// Cells of the words before values.
const LABEL: usize = 9;
/// Cells of a number of bytes, and of entries.
const BYTES: usize = 14;
const ENTRIES: usize = 10;

/// Lines of a page, each with its paint.
pub(super) struct Page {
    pub(super) lines: Vec<(Option<Paint>, String)>,
    width: usize,
}

impl Page {
    fn new(width: usize) -> Self {
        Self { lines: Vec::new(), width: width.max(20) }
    }

    fn text(&mut self, paint: Option<Paint>, text: &str) {
        for line in lines(text, self.width) {
            self.lines.push((paint, line));
        }
    }

    fn gap(&mut self) {
        if self.lines.last().is_some_and(|(_, line)| !line.is_empty()) {
            self.lines.push((None, String::new()));
        }
    }

    /// A value with its label before it.
    fn field(&mut self, label: &str, paint: Option<Paint>, value: &str) {
        for (number, line) in lines(value, self.width.saturating_sub(LABEL)).into_iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            self.lines.push((paint, format!("{label:<LABEL$}{line}")));
        }
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
    fn measures(&self, page: &mut Page, rows: &[(&str, Option<Paint>, &Measures)]) {
        let known = self.report.image.pull_bytes.is_some();
        let with_entries = page.width >= LABEL + (2 + usize::from(known)) * BYTES + ENTRIES;
        let line = |label: &str, disk: String, pull: String, tar: String, entries: String| {
            let pull = if known { format!("{pull:>BYTES$}") } else { String::new() };
            let entries = if with_entries { format!("{entries:>ENTRIES$}") } else { String::new() };
            format!("{label:<LABEL$}{disk:>BYTES$}{pull}{tar:>BYTES$}{entries}")
        };
        let heading = line("bytes", "disk".into(), "pull".into(), "tar".into(), "entries".into());
        page.lines.push((Some(Paint::Dim), heading));
        for (label, paint, sum) in rows {
            let cells = [sum.content_bytes, sum.blob_bytes, sum.diff_bytes, sum.entries].map(count);
            let [disk, pull, tar, entries] = cells;
            // Nothing is no alarm.
            let paint = if **sum == Measures::default() { Some(Paint::Dim) } else { *paint };
            page.lines.push((paint, line(label, disk, pull, tar, entries)));
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

    fn row_page(&self, page: &mut Page) {
        let tree = &self.trees[self.active];
        let Some(node) = tree.node() else {
            return page.text(Some(Paint::Dim), "no row is chosen");
        };
        page.text(Some(Paint::Strong), &self.ground.shown(node));
        let placed = tree.comparison.entry(&self.ground, node);
        if let Some(placed) = &placed {
            self.entry_fields(page, placed);
        } else {
            page.field("what", None, "a directory that no layer lists: what is in it implies it");
        }
        let weight = tree.weight(&self.ground, node);
        let directory = self.ground.is_directory(node);
        let stacked = matches!(tree.scope(), super::Scope::Stacked(_));
        if directory {
            page.gap();
            let hidden = ("hidden", Some(Paint::Hidden), &weight.hidden);
            if stacked {
                self.measures(page, &[("seen", None, &weight.size), hidden]);
            } else {
                self.measures(page, &[("stores", None, &weight.size), hidden, ("hides", Some(Paint::Hidden), &weight.hides)]);
            }
        }
        // A directory that each layer lists anew has no story, but where it is gone.
        let there = self.ground.versions.after(self.ground.index, node, self.ground.layers()).is_some();
        if let Some(placed) = placed.filter(|placed| placed.entry.kind != EntryKind::Directory || !there) {
            self.story(page, &placed);
        }
        self.versions(page, node);
    }

    /// What an entry is.
    fn entry_fields(&self, page: &mut Page, placed: &Placed<'_>) {
        let entry = placed.entry;
        let link = self.ground.index.link(placed).map(|link| format!(" → {}", escaped(link))).unwrap_or_default();
        page.field("what", None, &format!("{}{link}", entry.kind.name()));
        page.field("mode", None, &format!("{:04o} {}  owner {}:{}", entry.mode, mode(placed), entry.uid, entry.gid));
        page.field("time", None, &time(entry.mtime));
        let data = self.ground.index.data(placed);
        if entry.kind != EntryKind::Directory {
            page.gap();
            self.measures(page, &[("size", None, &data.entry.measures())]);
        }
        let logical = self.ground.index.image().changeset(self.ground.index.layer_at(data.layer)).map(|set| set.logical_bytes(data.number));
        if let Some(logical) = logical.filter(|logical| *logical != data.entry.content_bytes) {
            page.field("apparent", None, &format!("{} bytes: a sparse file", count(logical)));
        }
    }

    /// Who pays for it, who hides it, whose it is.
    fn story(&self, page: &mut Page, placed: &Placed<'_>) {
        page.gap();
        page.field("stored", None, &format!("by {}", self.layer_words(placed.layer)));
        match (placed.fate, placed.path_fate) {
            (Fate::Live, Fate::Live) => page.field("fate", Some(Paint::Good), "live: it is in the image's file system"),
            (Fate::Live, Fate::Shadowed { by, cause }) => {
                let text =
                    format!("its bytes live on under another name; this one: {}, by {}", cause.phrase(), self.layer_words(by.into()));
                page.field("fate", None, &text);
            }
            (Fate::Shadowed { by, cause }, _) => {
                let text = format!("{}, by {}", cause.phrase(), self.layer_words(by.into()));
                page.field("hidden", Some(Paint::Hidden), &text);
                if cause.blames_payer() {
                    page.field("", Some(Paint::Hidden), "the deletion frees nothing: the bytes stay in the layer that stores them");
                }
            }
        }
        let analysis = self.ground.analysis;
        if let Some(id) = analysis.attribution.owner(placed) {
            let package = analysis.attribution.package(id).package;
            page.field("package", None, &crate::breakdown::label(package));
        }
        if let Some(finding) = analysis.findings.of(placed) {
            let rule = analysis.findings.rule(finding);
            page.field("finding", Some(Paint::Unneeded), &format!("{} ({}): {}", rule.id, finding.level.name(), rule.title));
        }
    }

    /// All entries of a path, where there are several.
    fn versions(&self, page: &mut Page, node: NodeId) {
        let all = self.ground.versions.of(node);
        if all.len() < 2 {
            return;
        }
        page.gap();
        let listed = |place: &crate::index::Place| self.ground.index.entry_at(*place).entry.kind == EntryKind::Directory;
        if all.iter().all(listed) {
            // A layer lists the directories of what it has; that says nothing of what is in them.
            return page.field("listed", None, &format!("by layers {}", numbers(all.iter().map(|place| place.layer as usize).collect())));
        }
        page.text(Some(Paint::Title), &format!("stored {} times", all.len()));
        for place in all.iter().take(VERSIONS) {
            let placed = self.ground.index.entry_at(*place);
            let fate = match placed.fate {
                Fate::Live => "live".to_owned(),
                Fate::Shadowed { by, cause } => format!("hidden by {}: {}", by + 1, cause.phrase()),
            };
            let paint = if placed.fate == Fate::Live { None } else { Some(Paint::Hidden) };
            page.field(&format!("layer {}", placed.layer + 1), paint, &format!("{}  {fate}", count(placed.entry.content_bytes)));
        }
        if all.len() > VERSIONS {
            page.text(Some(Paint::Dim), &format!("and {} more", all.len() - VERSIONS));
        }
    }

    fn layer_page(&self, page: &mut Page, number: usize) {
        let Some(layer) = self.report.layers.get(number) else { return page.text(Some(Paint::Dim), "no layer") };
        let base = if layer.base { "  (base image)" } else { "" };
        let lines = match layer.lines {
            Some([first, last]) if first != last => format!(", lines {first}–{last}"),
            Some([first, _]) => format!(", line {first}"),
            None => String::new(),
        };
        page.text(Some(Paint::Strong), &format!("layer {} of {}{lines}{base}", number + 1, self.report.layers.len()));
        page.text(None, self.instruction(number));
        page.gap();
        let rows = [
            ("stores", None, &layer.all),
            ("live", None, &layer.live),
            ("unneeded", Some(Paint::Unneeded), &layer.unneeded),
            ("hidden", Some(Paint::Hidden), &layer.shadowed.all),
            ("overhead", Some(Paint::Dim), &layer.overhead),
        ];
        self.measures(page, &rows);
        page.gap();
        for hidden in self.report.hidden.iter().filter(|hidden| hidden.layer == number && hidden.all.content_bytes > 0) {
            let bytes = self.style.size(hidden.all.content_bytes, 0);
            page.field("hidden", Some(Paint::Hidden), &format!("{bytes} by layer {}: {}", hidden.by + 1, hidden.cause.phrase()));
        }
        for hides in
            self.report.hidden.iter().filter(|hidden| hidden.by == number && hidden.layer != number && hidden.all.content_bytes > 0)
        {
            let bytes = self.style.size(hides.all.content_bytes, 0);
            page.field("hides", Some(Paint::Hidden), &format!("{bytes} of layer {}: {}", hides.layer + 1, hides.cause.phrase()));
        }
        page.gap();
        let stored = layer.compression.map_or("absent: its blob is not in the source", crate::layer::Compression::name);
        page.field("stored", None, stored);
        for (label, value) in [("digest", &layer.digest), ("diff id", &layer.diff_id), ("created", &layer.created)] {
            if let Some(value) = value {
                page.field(label, Some(Paint::Dim), value);
            }
        }
    }

    fn found_page(&self, page: &mut Page) {
        match self.found.list {
            List::Findings => self.finding_page(page),
            List::Edits => self.edit_page(page),
        }
    }

    fn finding_page(&self, page: &mut Page) {
        let Some((number, finding)) = self.found.finding(self.report) else {
            return page.text(Some(Paint::Dim), "the rules found nothing");
        };
        let found = &self.ground.analysis.findings.found[number];
        let rule = self.ground.analysis.findings.rule(found);
        page.text(Some(Paint::Strong), &finding.title);
        let base = if finding.base { ", in the base image" } else { "" };
        page.text(Some(Paint::Dim), &format!("{} · {}{base}", finding.rule, finding.level.name()));
        if let Some(reason) = &finding.allowed {
            page.field("allowed", None, reason);
        }
        page.gap();
        self.measures(page, &[("all", None, &finding.all), ("hidden", Some(Paint::Hidden), &finding.shadowed)]);
        page.gap();
        page.field("layers", None, &numbers(finding.layers.clone()));
        for layer in &finding.culprits {
            page.field("to blame", None, &self.layer_words(*layer));
        }
        page.gap();
        for (label, text) in [("why", &rule.why), ("fix", &rule.fix), ("not", &rule.not)] {
            for (at, line) in text.lines().enumerate() {
                page.field(if at == 0 { label } else { "" }, None, line);
            }
        }
        page.gap();
        for path in &finding.paths {
            let hidden = if path.live { "" } else { "  hidden" };
            page.field(&self.style.size(path.all.content_bytes, 0), None, &format!(" {}{hidden}", path.path.shown));
        }
    }

    fn edit_page(&self, page: &mut Page) {
        let Some(edit) = self.found.edit(self.report) else {
            return page.text(Some(Paint::Good), "nothing to change");
        };
        page.text(Some(Paint::Strong), &format!("{}. {}", edit.number, edit.title));
        page.text(Some(Paint::Dim), if edit.certain { "certain" } else { "check first whether the program needs it" });
        page.gap();
        self.measures(page, &[("saves", Some(Paint::Good), &edit.saves), ("alone", None, &edit.alone)]);
        page.gap();
        for layer in &edit.layers {
            page.field("change", None, &self.layer_words(*layer));
        }
        page.gap();
        for detail in &edit.details {
            page.text(None, detail);
        }
        if !edit.snippet.is_empty() {
            page.gap();
            // Lines that are to be typed are not broken.
            page.lines.extend(edit.snippet.iter().map(|line| (Some(Paint::Number), format!("  {}", escaped(line.as_bytes())))));
        }
        page.gap();
        page.field("clears", None, &edit.findings.join(", "));
    }
}

/// A time in UTC; as a number where no calendar has it.
fn time(mtime: i64) -> String {
    const YEAR_10000: u64 = 253_402_300_800;
    match u64::try_from(mtime) {
        Ok(seconds) if seconds < YEAR_10000 => {
            let of_day = seconds % 86_400;
            let date = crate::config::Date::of_unix(seconds);
            format!("{date} {:02}:{:02}:{:02} UTC", of_day / 3600, of_day / 60 % 60, of_day % 60)
        }
        _ => format!("{mtime} seconds since 1970"),
    }
}

/// Kind and permissions as `ls -l` writes them.
pub(super) fn mode(placed: &Placed<'_>) -> String {
    let kind = match placed.entry.kind {
        EntryKind::Directory => 'd',
        EntryKind::Symlink => 'l',
        EntryKind::Special => match placed.entry.typeflag {
            b'3' => 'c',
            b'4' => 'b',
            b'6' => 'p',
            _ => '?',
        },
        _ => '-',
    };
    let mode = placed.entry.mode;
    let bit = |at: u16, sign: char| if mode & at == 0 { '-' } else { sign };
    // Set-id and sticky bits stand where the right to execute does; in capitals where there is none.
    let execute = |special: u16, at: u16, sign: char| match (mode & special != 0, mode & at != 0) {
        (true, true) => sign,
        (true, false) => sign.to_ascii_uppercase(),
        (false, true) => 'x',
        (false, false) => '-',
    };
    let signs = [
        kind,
        bit(0o400, 'r'),
        bit(0o200, 'w'),
        execute(0o4000, 0o100, 's'),
        bit(0o40, 'r'),
        bit(0o20, 'w'),
        execute(0o2000, 0o10, 's'),
        bit(0o4, 'r'),
        bit(0o2, 'w'),
        execute(0o1000, 0o1, 't'),
    ];
    signs.into_iter().collect()
}
