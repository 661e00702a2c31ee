//! The default view: what the image weighs, what of it is hidden and whose instruction is to
//! blame, on one screen.

mod culprits;
mod details;
mod lists;

use culprits::culprits;
pub use details::details;
pub use lists::{entries, tree};

use super::size::{count, percent, plural};
use super::style::{Paint, Style};
use super::text::{cells, fit, fit_path, left, numbers};
use crate::layer::Measures;
use crate::report::{Confidence, LayerReport, Report};
use crate::text::escaped;
use std::fmt::Write as _;

/// Rows of the sections: together they fit a screen of 40 lines.
const CULPRITS: usize = 5;
const LAYERS: usize = 10;
const DIRECTORIES: usize = 5;

/// The default view.
pub fn report(report: &Report, style: &Style) -> String {
    let mut page = Page { text: String::new(), style, report };
    page.head();
    page.hull();
    page.culprits();
    page.layers();
    page.directories();
    page.notes();
    page.next();
    page.text
}

struct Page<'r> {
    text: String,
    style: &'r Style,
    report: &'r Report,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn title(&mut self, title: &str, columns: &[&str]) {
        let width = self.style.size_width();
        let mut right = String::new();
        for column in columns {
            let _ = write!(right, " {column:>width$}");
        }
        let room = self.style.width.saturating_sub(right.chars().count() + 1);
        let title = left(title, room);
        let line = format!(" {}{}", self.style.paint(Paint::Title, title.trim_end()), " ".repeat(title.len() - title.trim_end().len()));
        let right = self.style.paint(Paint::Dim, &right);
        self.text.push('\n');
        self.line(&format!("{line}{right}"));
    }

    /// Name, platform, source; the base and how it is known.
    fn head(&mut self) {
        let report = self.report;
        let name = report.image.names.first().cloned().unwrap_or_else(|| "(untagged)".to_owned());
        let what = format!("{}  {}", escaped(report.image.platform.as_bytes()), plural(report.layers.len() as u64, "layer", "layers"));
        let what = fit(&what, self.style.width / 2);
        let (kind, reference) = (report.source.kind.name(), &report.source.reference);
        let source = if reference.starts_with(&format!("{kind}:")) { reference.clone() } else { format!("{kind}:{reference}") };
        let room = self.style.width.saturating_sub(cells(&what) + 4);
        let source = fit_path(&source, room / 2);
        let name = fit(&name, room.saturating_sub(cells(&source)));
        let gap = self.style.width.saturating_sub(cells(&name) + cells(&what) + 2 + cells(&source)).max(2);
        let line =
            format!("{}  {what}{}{}", self.style.paint(Paint::Strong, &name), " ".repeat(gap), self.style.paint(Paint::Dim, &source));
        self.line(&line);
        let base = base(report);
        let base = fit(&base, self.style.width);
        let base = self.style.paint(Paint::Dim, &base);
        self.line(&base);
        self.text.push('\n');
    }

    /// The sizes, and the hull: one bar whose segments add up to the size on disk.
    fn hull(&mut self) {
        let report = self.report;
        let disk = self.style.size(report.image.disk_bytes, 0);
        let pull = report.image.pull_bytes.map_or_else(|| "–".to_owned(), |bytes| self.style.size(bytes, 0));
        let pull_note = if report.image.pull_bytes.is_some() { "to pull" } else { "to pull (stored uncompressed: unknown)" };
        let hidden = report.shadowed.all.content_bytes;
        let share = percent(hidden, report.image.disk_bytes);
        let line =
            format!("   {} on disk     {} {pull_note}", self.style.paint(Paint::Strong, &disk), self.style.paint(Paint::Strong, &pull));
        self.line(&line);
        if !report.complete {
            let warning = self.style.paint(Paint::Alarm, "INCOMPLETE: these are the numbers of what was read; see the notes below");
            self.line(&format!("   {warning}"));
        }
        self.text.push('\n');
        let parts = [
            ("base", report.hull.base.content_bytes, '█', None),
            ("own", report.hull.own.content_bytes, '▓', None),
            ("unneeded", report.hull.unneeded.content_bytes, '▒', Some(Paint::Unneeded)),
            ("hidden by later layers", hidden, '░', Some(Paint::Hidden)),
        ];
        let shown: Vec<_> = parts.into_iter().filter(|part| part.1 > 0).collect();
        let label = |(name, bytes, mark, _): &(&str, u64, char, Option<Paint>)| {
            let share = if *name == "hidden by later layers" { format!(" ({share})") } else { String::new() };
            let mark = if self.style.bars { format!("{mark} ") } else { String::new() };
            format!("{mark}{name} {}{share}", self.style.size(*bytes, 0))
        };
        let mut legend = String::from("  ");
        for part in shown.iter().map(label) {
            if cells(&legend) + cells(&part) + 3 > self.style.width {
                self.line(&std::mem::replace(&mut legend, "  ".to_owned()));
            }
            legend.push_str(if legend.len() > 2 { "   " } else { " " });
            legend.push_str(&part);
        }
        self.line(&legend);
        if self.style.bars && report.image.disk_bytes > 0 {
            let cells = self.style.width.min(100).saturating_sub(6);
            let mut bar = String::from("   ");
            let widths = share_out(&shown.iter().map(|part| part.1).collect::<Vec<_>>(), cells);
            for ((_, _, mark, paint), width) in shown.iter().zip(widths) {
                let segment: String = std::iter::repeat_n(*mark, width).collect();
                bar.push_str(&paint.map_or_else(|| segment.clone(), |paint| self.style.paint(paint, &segment)));
            }
            self.line(&bar);
        }
    }

    /// Hidden bytes, by the instruction to blame.
    fn culprits(&mut self) {
        let culprits = culprits(self.report);
        if culprits.is_empty() {
            self.text.push('\n');
            self.line(" Nothing is hidden: every byte of every layer can be seen in the image.");
            return;
        }
        self.title("HIDDEN BYTES, by the layer to blame", &["disk", "pull"]);
        let width = self.style.size_width();
        let room = self.style.width.saturating_sub(2 * (width + 1) + 5);
        for culprit in culprits.iter().take(CULPRITS) {
            let number = self.style.paint(Paint::Number, &format!("{:>3}", culprit.layer + 1));
            let instruction = left(instruction(&self.report.layers[culprit.layer]), room);
            let line = format!("{number}  {instruction}{}", self.sizes(&culprit.sum));
            self.line(&line);
            let why = format!("     {}", fit(&culprit.why(self.report), self.style.width.saturating_sub(5)));
            let why = self.style.paint(Paint::Dim, &why);
            self.line(&why);
        }
        let rest: Measures = culprits.iter().skip(CULPRITS).map(|culprit| culprit.sum).sum();
        if rest.content_bytes > 0 {
            let line = format!(
                "     {}{}",
                left(&format!("{} more, smaller (--details lists them)", culprits.len() - CULPRITS), room),
                self.sizes(&rest)
            );
            self.line(&line);
        }
    }

    fn sizes(&self, sum: &Measures) -> String {
        let width = self.style.size_width();
        let pull =
            if self.report.image.pull_bytes.is_some() { self.style.size(sum.blob_bytes, width) } else { format!("{:>width$}", "–") };
        format!(" {} {pull}", self.style.size(sum.content_bytes, width))
    }

    fn layers(&mut self) {
        let report = self.report;
        if report.layers.is_empty() {
            self.text.push('\n');
            self.line(" No layers: the image holds metadata only.");
            return;
        }
        self.title("LAYERS, base first", &["disk", "pull", "hidden"]);
        let mut shown: Vec<usize> = (0..report.layers.len()).collect();
        shown.sort_by_key(|number| {
            let layer = &report.layers[*number];
            (layer.present, std::cmp::Reverse(layer.all.content_bytes), *number)
        });
        let folded = if shown.len() > LAYERS { shown.split_off(LAYERS - 1) } else { Vec::new() };
        shown.sort_unstable();
        let widest = report.layers.iter().map(|layer| layer.all.content_bytes).max().unwrap_or(0);
        let bar = if self.style.bars && self.style.width >= 100 { 20 } else { 0 };
        for number in shown {
            self.layer(&report.layers[number], widest, bar);
        }
        if !folded.is_empty() {
            let sum: Measures = folded.iter().map(|number| report.layers[*number].all).sum();
            let hidden: u64 = folded.iter().map(|number| report.layers[*number].shadowed.all.content_bytes).sum();
            let label = format!("{} more, smaller ({})", folded.len(), numbers(folded.clone()));
            let line = self.row("", &label, bar, "", &self.sizes(&sum), hidden);
            self.line(&line);
        }
    }

    fn layer(&mut self, layer: &LayerReport, widest: u64, bar: usize) {
        let number = (layer.index + 1).to_string();
        if !layer.present {
            let size =
                layer.declared_bytes.map_or_else(|| "unknown size".to_owned(), |bytes| format!("{} compressed", self.style.size(bytes, 0)));
            let text = format!("{}: not in the source, {size}", instruction(layer));
            let line = format!(
                "{}  {}",
                self.style.paint(Paint::Number, &format!("{number:>3}")),
                self.style.paint(Paint::Alarm, &fit(&text, self.style.width.saturating_sub(5)))
            );
            self.line(&line);
            return;
        }
        let mut drawn = String::new();
        if bar > 0 && widest > 0 {
            let cells = |bytes: u64| (u128::from(bytes) * bar as u128).div_ceil(u128::from(widest)) as usize;
            let whole = cells(layer.all.content_bytes);
            let live = cells(layer.live.content_bytes).min(whole);
            let mark = if layer.base { "█" } else { "▓" };
            drawn =
                format!("{}{}{}", mark.repeat(live), self.style.paint(Paint::Hidden, &"░".repeat(whole - live)), " ".repeat(bar - whole));
        }
        let line = self.row(&number, instruction(layer), bar, &drawn, &self.sizes(&layer.all), layer.shadowed.all.content_bytes);
        self.line(&line);
    }

    fn row(&self, number: &str, text: &str, bar: usize, drawn: &str, sizes: &str, hidden: u64) -> String {
        let width = self.style.size_width();
        let gap = if bar > 0 { bar + 1 } else { 0 };
        let room = self.style.width.saturating_sub(3 * (width + 1) + 5 + gap);
        let hidden =
            if hidden == 0 { format!("{:>width$}", "–") } else { self.style.paint(Paint::Hidden, &self.style.size(hidden, width)) };
        let drawn = if bar == 0 {
            String::new()
        } else if drawn.is_empty() {
            " ".repeat(gap)
        } else {
            format!(" {drawn}")
        };
        format!("{}  {}{drawn}{sizes} {hidden}", self.style.paint(Paint::Number, &format!("{number:>3}")), left(text, room))
    }

    fn directories(&mut self) {
        let rows: Vec<_> = self.report.directories.iter().take(DIRECTORIES).collect();
        if rows.is_empty() {
            return;
        }
        self.title("HEAVIEST DIRECTORIES, live bytes with all below", &["disk", "pull"]);
        let room = self.style.width.saturating_sub(2 * (self.style.size_width() + 1) + 5);
        for row in rows {
            let line = format!("     {}{}", left(&fit_path(&row.path.shown, room), room), self.sizes(&row.live));
            self.line(&line);
        }
    }

    /// What must be known to trust the numbers; the rest is in the details.
    fn notes(&mut self) {
        const LOUD: [&str; 5] = ["blob-absent", "index-not-usable", "history-mismatch", "layer-count", "lone-zero-block"];
        // Engines write opaque markers into every new directory: true, and of no use to anybody here.
        let notes = self.report.notes.iter().filter(|note| note.code != "opaque-without-target");
        let (loud, quiet): (Vec<_>, Vec<_>) = notes.partition(|note| LOUD.contains(&note.code.as_str()));
        if loud.is_empty() && quiet.is_empty() && self.report.limits_hit.is_empty() {
            return;
        }
        self.text.push('\n');
        let limits = self
            .report
            .limits_hit
            .iter()
            .map(|hit| format!("{} `{}` of {}; `--limit {}=VALUE` raises it", hit.message, hit.limit, count(hit.max), hit.limit));
        let loud: Vec<String> = limits.chain(loud.into_iter().map(lists::note)).collect();
        for text in loud {
            let line = format!(" {} {}", self.style.paint(Paint::Alarm, "!"), fit(&text, self.style.width.saturating_sub(3)));
            self.line(&line);
        }
        if !quiet.is_empty() {
            let times = plural(quiet.iter().map(|note| note.count).sum(), "note", "notes");
            let line = self.style.paint(Paint::Dim, &format!(" {times} on how unusual entries were read (--details lists them)"));
            self.line(&line);
        }
    }

    fn next(&mut self) {
        self.text.push('\n');
        let reference = &self.report.source.reference;
        let image = if reference.chars().count() <= 16 { reference.as_str() } else { "IMAGE" };
        let next = format!(" Next: plimsoll {image} --details  ·  plimsoll tree {image}  ·  plimsoll files {image} --hidden");
        let line = self.style.paint(Paint::Dim, &fit(&next, self.style.width));
        self.line(&line);
    }
}

/// How the base is known.
fn base(report: &Report) -> String {
    let base = &report.image.base;
    let name = base.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    match (base.layers, &base.detail) {
        (0, None) => format!("base{name}: not known, nothing tells where it ends (--base IMAGE says which it is)"),
        (layers, detail) => {
            let sure = if base.confidence == Some(Confidence::Weak) { "perhaps " } else { "" };
            let which = match layers {
                0 => "none of the layers".to_owned(),
                1 => "layer 1".to_owned(),
                layers => format!("layers 1–{layers}"),
            };
            format!("base{name}: {sure}{which}; {}", detail.as_deref().unwrap_or_default())
        }
    }
}

/// What made a layer, for people.
fn instruction(layer: &LayerReport) -> &str {
    layer.instruction.as_deref().unwrap_or("(history does not tell)")
}

/// Cells for each part, at least one for each that is not zero, together exactly `cells`.
fn share_out(parts: &[u64], cells: usize) -> Vec<usize> {
    let total: u128 = parts.iter().map(|part| u128::from(*part)).sum::<u128>().max(1);
    let mut widths: Vec<usize> = parts.iter().map(|part| ((u128::from(*part) * cells as u128 / total) as usize).max(1)).collect();
    let used: usize = widths.iter().sum();
    if let Some(widest) = (0..widths.len()).max_by_key(|at| widths[*at]) {
        widths[widest] = (widths[widest] + cells).saturating_sub(used);
    }
    widths
}
