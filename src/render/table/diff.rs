//! A comparison: the sentence first, then sizes, layers, packages, waste and directories.

use crate::budget::Outcome;
use crate::compare::{Comparison, FileChange, LayerChange, LayerChangeKind, PackageChangeKind};
use crate::layer::Measures;
use crate::render::changes;
use crate::render::size::{count, plural, signed};
use crate::render::style::{Paint, Style};
use crate::render::text::{cells, fit, fit_path, left, lines_of};

/// Rows of the lists.
const LAYERS: usize = 12;
const PACKAGES: usize = 10;
const FINDINGS: usize = 8;
const DIRECTORIES: usize = 8;
/// From this width on reasons stand beside their layers, else below.
const WITH_REASONS: usize = 116;
const REASON: usize = 50;

/// The comparison; with `files`, so many of the paths that changed most, 0 for all that are there.
pub fn diff(comparison: &Comparison, files: Option<usize>, style: &Style) -> String {
    let mut page = Page { text: String::new(), style, comparison };
    if !page.head() {
        return page.text;
    }
    page.sizes();
    page.layers();
    page.packages();
    page.findings();
    page.directories();
    if let Some(top) = files {
        page.files(if top == 0 { usize::MAX } else { top });
    }
    page.notes(files.is_some());
    page.text
}

struct Page<'r> {
    text: String,
    style: &'r Style,
    comparison: &'r Comparison,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn size(&self, bytes: i64) -> String {
        format!("{:>1$}", signed(bytes, self.style.unit), self.style.size_width() + 1)
    }

    /// Compressed bytes; unknown where a source has none.
    fn pull(&self, bytes: i64) -> String {
        if self.comparison.pull_bytes.is_some() { self.size(bytes) } else { format!("{:>1$}", "–", self.style.size_width() + 1) }
    }

    /// Cells beside the two numbers of a row.
    fn room(&self) -> usize {
        self.style.width.saturating_sub(2 * (self.style.size_width() + 2))
    }

    /// A section, its two columns of numbers at the right.
    fn title(&mut self, title: &str, aside: usize) {
        let width = self.style.size_width() + 1;
        let shown = fit(title, self.room().saturating_sub(1 + aside));
        let gap = " ".repeat(self.room().saturating_sub(1 + aside + cells(&shown)));
        let why = if aside > 0 { "  why" } else { "" };
        let right = format!(" {:>width$} {:>width$}{why}", "disk", "pull");
        let line = format!(" {}{gap}{}", self.style.paint(Paint::Title, &shown), self.style.paint(Paint::Dim, &right));
        self.text.push('\n');
        self.line(&line);
    }

    /// A sign, a name and the two numbers.
    fn row(&mut self, sign: &str, name: &str, disk: i64, pull: i64, aside: (usize, &str)) {
        let paint = match sign {
            "+" => Paint::Hidden,
            "−" => Paint::Good,
            _ => Paint::Dim,
        };
        let room = self.room().saturating_sub(4 + aside.0);
        let sign = format!(" {} ", self.style.paint(paint, sign));
        let why = if aside.0 > 0 { format!("  {}", fit(aside.1, aside.0.saturating_sub(2))) } else { String::new() };
        let line = format!("{sign} {} {} {}{}", left(name, room), self.size(disk), self.pull(pull), self.style.paint(Paint::Dim, &why));
        self.line(&line);
    }

    /// Names, the two changes and the sentence. False if that is all that there is to say.
    fn head(&mut self) -> bool {
        let comparison = self.comparison;
        let (old, new) = (&comparison.old, &comparison.new);
        let platform = fit(&new.platform, 24);
        let room = self.style.width.saturating_sub(cells(&platform) + 5);
        let names = [old, new].map(|side| fit(side.name(), room / 2));
        let line = format!("{} → {}  {platform}", names[0], self.style.paint(Paint::Strong, &names[1]));
        self.line(&line);
        if old.platform != new.platform {
            let text = fit(&format!("! the old image is for another platform: {}", old.platform), self.style.width);
            let text = self.style.paint(Paint::Alarm, &text);
            self.line(&text);
        }
        if !comparison.complete {
            let text = "INCOMPLETE: a blob is not in its source or a limit was reached; these are the numbers of what was read";
            for line in lines_of(text, self.style.width) {
                let line = self.style.paint(Paint::Alarm, &line);
                self.line(&line);
            }
        }
        if comparison.is_unchanged() {
            let pull = new.pull_bytes.map(|bytes| format!(", {} to pull", self.style.size(bytes, 0))).unwrap_or_default();
            let sentence = comparison.summary.trim_end_matches('.').to_owned();
            let line = format!("{sentence}; {} on disk{pull}.", self.style.size(new.totals.content_bytes, 0));
            self.line(&fit(&line, self.style.width));
            return false;
        }
        let strong = |bytes: i64| self.style.paint(Paint::Strong, &signed(bytes, self.style.unit));
        let disk = changes::relative(Some(comparison.delta.content_bytes), Some(old.totals.content_bytes));
        let pull = comparison.pull_bytes.map_or_else(
            || "– to pull (stored uncompressed: unknown)".to_owned(),
            |bytes| format!("{} to pull{}", strong(bytes), changes::relative(Some(bytes), old.pull_bytes)),
        );
        let line = format!("\n   {} on disk{disk}     {pull}\n", strong(comparison.delta.content_bytes));
        self.line(&line);
        for line in lines_of(&comparison.sentence.plain(self.style.unit), self.style.width.saturating_sub(6)) {
            self.line(&format!("   {line}"));
        }
        true
    }

    fn sizes(&mut self) {
        let width = self.style.size_width() + 1;
        let name = self.style.width.saturating_sub(3 * (width + 1)).min(36);
        self.text.push('\n');
        let heading = format!("{}{:>width$} {:>width$} {:>width$}", " ".repeat(name), "before", "after", "change");
        let heading = self.style.paint(Paint::Dim, &heading);
        self.line(&heading);
        let dash = || format!("{:>width$}", "–");
        for changes::Size { what, old, new, change } in changes::sizes(self.comparison) {
            let bytes = |bytes: Option<u64>| bytes.map_or_else(dash, |bytes| self.style.size(bytes, width));
            let change = change.map_or_else(dash, |change| self.size(change));
            let line = format!("{}{} {} {change}", left(&format!("   {what}"), name), bytes(old), bytes(new));
            self.line(&line);
        }
        let (old, new) = (self.comparison.old.layers, self.comparison.new.layers);
        let change = match new.cmp(&old) {
            std::cmp::Ordering::Less => format!("−{}", old - new),
            std::cmp::Ordering::Equal => "0".to_owned(),
            std::cmp::Ordering::Greater => format!("+{}", new - old),
        };
        let line = format!("{}{old:>width$} {new:>width$} {change:>width$}", left("   layers", name));
        self.line(&line);
    }

    fn layers(&mut self) {
        let comparison = self.comparison;
        let mut shown: Vec<usize> = (0..comparison.layers.len()).filter(|at| changed(&comparison.layers[*at])).collect();
        shown.sort_by_key(|at| std::cmp::Reverse(comparison.layers[*at].delta.content_bytes.unsigned_abs()));
        let rest = shown.split_off(shown.len().min(LAYERS));
        shown.sort_unstable();
        if shown.is_empty() {
            return;
        }
        let aside = if self.style.width >= WITH_REASONS { REASON } else { 0 };
        let lines = comparison.layers.iter().any(|layer| layer.line.is_some());
        self.title(if lines { "LAYERS, by line of the Dockerfile" } else { "LAYERS" }, aside);
        for layer in shown.iter().map(|at| &comparison.layers[*at]) {
            let place = match (layer.line, layer.new) {
                (Some(line), _) => line.to_string(),
                (None, Some(number)) if !lines => (number + 1).to_string(),
                (None, Some(_) | None) => String::new(),
            };
            let made = layer.instruction.as_deref().unwrap_or("(history does not tell)");
            let why = changes::why(comparison, layer, self.style.unit);
            let blob = layer.delta.blob_bytes.saturating_add(layer.overhead.blob_bytes);
            let name = format!("{place:>3} {made}");
            self.row(sign(layer.change), &name, layer.delta.content_bytes, blob, (aside, &why));
            if let Some(why) = changes::remark(comparison, layer, self.style.unit).filter(|_| aside == 0) {
                let line = self.style.paint(Paint::Dim, &fit(&format!("        {why}"), self.style.width));
                self.line(&line);
            }
        }
        if !rest.is_empty() {
            let sum = |part: fn(&LayerChange) -> i64| rest.iter().map(|at| part(&comparison.layers[*at])).fold(0, i64::saturating_add);
            let (disk, blob) = (sum(|layer| layer.delta.content_bytes), sum(|layer| layer.delta.blob_bytes));
            self.row(" ", &format!("    {} more that changed, smaller", rest.len()), disk, blob, (aside, ""));
        }
        let same = comparison.layers.iter().filter(|layer| !changed(layer));
        let same = same.count() as u64;
        if same > 0 {
            let line = self.style.paint(Paint::Dim, &format!("     {} unchanged", plural(same, "layer", "layers")));
            self.line(&line);
        }
    }

    fn packages(&mut self) {
        let comparison = self.comparison;
        let all = changes::packages(comparison);
        if all.is_empty() {
            return;
        }
        self.title(&format!("PACKAGES: {}", changes::package_counts(comparison)), 0);
        for package in all.iter().take(PACKAGES) {
            let sign = match package.change {
                PackageChangeKind::Added => "+",
                PackageChangeKind::Removed => "−",
                _ => "~",
            };
            let name = format!("{:<9} {}", package.change.name(), changes::package(package));
            self.row(sign, &name, package.delta.content_bytes, package.delta.blob_bytes, (0, ""));
        }
        if all.len() > PACKAGES {
            let rest: crate::compare::Delta = all[PACKAGES..].iter().map(|package| package.delta).sum();
            self.row(" ", &format!("{} more", count((all.len() - PACKAGES) as u64)), rest.content_bytes, rest.blob_bytes, (0, ""));
        }
        let rest = comparison.unattributed;
        self.row(" ", "unattributed: no package lists it", rest.content_bytes, rest.blob_bytes, (0, ""));
    }

    fn findings(&mut self) {
        let comparison = self.comparison;
        let all: Vec<_> = comparison.findings.iter().filter(|row| row.delta.content_bytes != 0 || row.delta.entries != 0).collect();
        if all.is_empty() {
            return;
        }
        self.title("WASTE, by rule", 0);
        for row in all.iter().take(FINDINGS) {
            let sign = match (row.old == Measures::default(), row.new == Measures::default()) {
                (true, _) => "+",
                (_, true) => "−",
                _ => "~",
            };
            let name = format!("{:<5} {:<26} {}", row.level.name(), row.rule, row.title);
            self.row(sign, &name, row.delta.content_bytes, row.delta.blob_bytes, (0, ""));
        }
        if all.len() > FINDINGS {
            let rest: crate::compare::Delta = all[FINDINGS..].iter().map(|row| row.delta).sum();
            self.row(" ", &format!("{} more rules", all.len() - FINDINGS), rest.content_bytes, rest.blob_bytes, (0, ""));
        }
        let rest = comparison.unclaimed;
        self.row(" ", "no finding: no rule claims it", rest.content_bytes, rest.blob_bytes, (0, ""));
    }

    fn directories(&mut self) {
        let rows = &self.comparison.directories;
        if rows.is_empty() {
            return;
        }
        self.title("DIRECTORIES that changed most, with all below", 0);
        let room = self.room().saturating_sub(4);
        for row in rows.iter().take(DIRECTORIES) {
            self.row(
                direction(row.delta.content_bytes),
                &fit_path(&row.path.shown, room),
                row.delta.content_bytes,
                row.delta.blob_bytes,
                (0, ""),
            );
        }
    }

    fn files(&mut self, top: usize) {
        let files = &self.comparison.files;
        if files.list.is_empty() {
            return;
        }
        self.title("FILES that changed most, all their copies counted", 0);
        let room = self.room().saturating_sub(4 + 10);
        for row in files.list.iter().take(top) {
            let name = format!("{:<9} {}", row.change.name(), fit_path(&row.path.shown, room));
            self.row(direction_of(row), &name, row.delta.content_bytes, row.delta.blob_bytes, (0, ""));
        }
        let shown = files.list.len().min(top) as u64;
        if shown < files.changed() {
            let line = format!("     {} more (--top N)", count(files.changed() - shown));
            let line = self.style.paint(Paint::Dim, &line);
            self.line(&line);
        }
    }

    fn notes(&mut self, files: bool) {
        let comparison = self.comparison;
        let hint = if files || comparison.files.changed() == 0 { "" } else { " (--files lists them)" };
        let text = format!(" {}{hint}", changes::file_counts(comparison));
        self.text.push('\n');
        for line in lines_of(&text, self.style.width.saturating_sub(1)) {
            let line = self.style.paint(Paint::Dim, &line);
            self.line(&line);
        }
        if let Some(budgets) = changes::budgets(comparison, self.style.unit) {
            let fails = comparison.verdict.as_ref().is_some_and(|verdict| verdict.verdict == Outcome::Fail);
            let text = self.style.paint(if fails { Paint::Alarm } else { Paint::Dim }, &fit(&budgets, self.style.width));
            self.line(&text);
        }
        if let Some(dockerfile) = &comparison.new.dockerfile {
            let text = format!("lines: of {dockerfile}, which agrees with the new image's history");
            let text = self.style.paint(Paint::Dim, &fit(&text, self.style.width));
            self.line(&text);
        }
    }
}

/// Whether a layer is worth a row.
fn changed(layer: &LayerChange) -> bool {
    layer.change != LayerChangeKind::Unchanged || layer.delta.content_bytes != 0
}

fn sign(change: LayerChangeKind) -> &'static str {
    match change {
        LayerChangeKind::Added => "+",
        LayerChangeKind::Removed => "−",
        LayerChangeKind::Rebuilt | LayerChangeKind::Unchanged => "~",
    }
}

fn direction(bytes: i64) -> &'static str {
    if bytes < 0 { "−" } else { "+" }
}

fn direction_of(row: &FileChange) -> &'static str {
    use crate::compare::FileChangeKind::{Added, Removed};
    match row.change {
        Added => "+",
        Removed => "−",
        _ => "~",
    }
}
