//! The default view: what the image weighs, what it could weigh, which instructions to change for
//! that, and what each layer holds, on one screen.

mod breakdown;
mod check;
mod checklist;
mod culprits;
mod details;
mod diff;
mod edits;
mod judged;
mod layers;
mod lists;
mod packages;
mod platforms;
mod pull;

#[cfg(feature = "html")]
pub(super) use self::{edits::places, layers::reason, packages::why as package_why};
pub use breakdown::breakdown;
pub use check::check;
pub use checklist::checklist;
pub use details::details;
pub use diff::diff;
pub use judged::{findings, plan, rules};
pub use lists::{cache, entries, tree};
pub use packages::{Packages, packages};
pub use platforms::platforms;
pub use pull::pulls;

use super::size::{count, percent, plural};
use super::style::{Paint, Style};
use super::text::{cells, fit, fit_path, left};
use crate::layer::Measures;
use crate::report::{Confidence, LayerReport, LinesBy, Report};
use crate::text::escaped;
use std::fmt::Write as _;

/// Rows of the sections: together they fit a screen of 40 lines.
const DIRECTORIES: usize = 5;

/// The default view.
pub fn report(report: &Report, style: &Style) -> String {
    let mut page = Page { text: String::new(), style, report };
    page.head();
    page.hull();
    page.edits();
    page.layers();
    if report.edits.is_empty() {
        page.directories();
    }
    page.dive();
    page.notes();
    page.next();
    page.text
}

struct Page<'r> {
    text: String,
    style: &'r Style,
    report: &'r Report,
}

/// Which Dockerfile lines are of, and how they are known.
fn lines_of(dockerfile: &str, by: Option<LinesBy>, style: &Style) -> String {
    style.paint(Paint::Dim, &fit(&lines_known(dockerfile, by), style.width))
}

/// The same as text.
pub(super) fn lines_known(dockerfile: &str, by: Option<LinesBy>) -> String {
    match by {
        Some(LinesBy::Provenance) => format!("lines: provenance ({dockerfile}, mode=max)"),
        Some(LinesBy::ProvenanceOrder) => format!("lines: provenance ({dockerfile}, mode=max), by the order of its steps"),
        Some(LinesBy::ProvenanceHistory) => format!("lines: provenance ({dockerfile}, mode=max), which agrees with history"),
        _ => format!("lines: of {dockerfile}, which agrees with history"),
    }
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn title(&mut self, title: &str, columns: &[&str]) {
        self.title_with(title, columns, 0);
    }

    /// The same with `aside` cells for a column of words after the sizes.
    fn title_with(&mut self, title: &str, columns: &[&str], aside: usize) {
        let width = self.style.size_width();
        let mut right = String::new();
        for column in columns {
            let _ = write!(right, " {column:>width$}");
        }
        let aside = if aside > 0 { aside + 2 } else { 0 };
        let room = self.style.width.saturating_sub(right.chars().count() + 1 + aside);
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
        let (kind, reference) = (report.source.kind.name(), report.source.bare());
        let room = self.style.width.saturating_sub(cells(&what) + 4);
        // What kind of source it is says more than the start of its path.
        let source = format!("{kind}:{}", fit_path(reference, (room / 2).saturating_sub(cells(kind) + 1).max(4)));
        let name = fit(&name, room.saturating_sub(cells(&source)));
        let gap = self.style.width.saturating_sub(cells(&name) + cells(&what) + 2 + cells(&source)).max(2);
        let line =
            format!("{}  {what}{}{}", self.style.paint(Paint::Strong, &name), " ".repeat(gap), self.style.paint(Paint::Dim, &source));
        self.line(&line);
        let base = base(report);
        let base = fit(&base, self.style.width);
        let base = self.style.paint(Paint::Dim, &base);
        self.line(&base);
        if !report.image.without.is_empty() {
            let text = format!("a prediction: the image without the bytes of {}", report.image.without.join(", "));
            let text = self.style.paint(Paint::Strong, &fit(&text, self.style.width));
            self.line(&text);
        }
        let listed = report.layers.iter().filter(|layer| !layer.files.is_tar()).count();
        if listed > 0 {
            let text = "files: by tables of contents, without packages and contents; --no-toc reads everything";
            let text = if listed < report.layers.len() { format!("{text} ({listed} of {})", report.layers.len()) } else { text.to_owned() };
            let text = self.style.paint(Paint::Dim, &fit(&text, self.style.width));
            self.line(&text);
        }
        if let Some(name) = &report.image.dockerfile {
            let text = lines_of(name, report.image.lines_by, self.style);
            self.line(&text);
        }
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
        let now = format!("{} on disk     {} {pull_note}", self.style.paint(Paint::Strong, &disk), self.style.paint(Paint::Strong, &pull));
        let room = self.style.width.saturating_sub(cells(&format!("   {disk} on disk     {pull} {pull_note}")));
        let target = self.target(room);
        self.line(&format!("   {now}{target}"));
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

    /// What the certain edits make of the image, if that is worth saying; on a line of its own where there is no room.
    fn target(&self, room: usize) -> String {
        let report = self.report;
        let count = report.edits.iter().filter(|edit| edit.certain).count() as u64;
        let left = report.without_edits;
        let saved = report.totals.content_bytes - left.content_bytes.min(report.totals.content_bytes);
        if count == 0 || saved == 0 {
            return String::new();
        }
        let pull = report.image.pull_bytes.map(|pull| {
            let saved = report.totals.blob_bytes.saturating_sub(left.blob_bytes);
            format!("  {} to pull", self.style.size(pull.saturating_sub(saved), 0))
        });
        let verb = if count == 1 { "makes" } else { "make" };
        let disk = format!("{} on disk{}", self.style.size(left.content_bytes, 0), pull.unwrap_or_default());
        let share = format!("(−{})", percent(saved, report.totals.content_bytes));
        let plain = format!("{} {verb} it {disk} {share}", plural(count, "edit", "edits"));
        let text = format!("{} {verb} it {} {share}", plural(count, "edit", "edits"), self.style.paint(Paint::Good, &disk));
        let fits = cells(&plain) + 6 <= room;
        let short = cells(&plain) + 3 <= self.style.width;
        match (fits, short) {
            (true, _) => format!("      {text}"),
            (_, true) => format!("\n   {text}"),
            _ => format!("\n   {}", fit(&plain, self.style.width.saturating_sub(3))),
        }
    }

    fn sizes(&self, sum: &Measures) -> String {
        let width = self.style.size_width();
        let pull =
            if self.report.image.pull_bytes.is_some() { self.style.size(sum.blob_bytes, width) } else { format!("{:>width$}", "–") };
        format!(" {} {pull}", self.style.size(sum.content_bytes, width))
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

    /// The same image as dive weighs it.
    fn dive(&mut self) {
        let Some(dive) = &self.report.dive else { return };
        let user = dive.user_wasted_percent.map_or_else(|| "–".to_owned(), |share| format!("{:.4} %", share * 100.0));
        let wasted = self.style.size(dive.wasted_bytes, 0);
        let line = format!(" dive says: efficiency {:.4} %, {wasted} wasted, user wasted {user}", dive.efficiency_score * 100.0);
        self.text.push('\n');
        self.line(&fit(&line, self.style.width));
    }

    /// What must be known to trust the numbers; the rest is in the details.
    fn notes(&mut self) {
        const LOUD: [&str; 7] =
            ["blob-absent", "index-not-usable", "history-mismatch", "layer-count", "lone-zero-block", "allow-expired", "platform-differs"];
        // Engines write opaque markers into every new directory: true, and of no use to anybody here.
        let notes = self.report.notes.iter().filter(|note| note.code != "opaque-without-target" && note.code != "layer-from-toc");
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
        let reference = &self.report.source.reference;
        let image = if reference.chars().count() <= 16 { reference.as_str() } else { "IMAGE" };
        let look = if cfg!(feature = "tui") { "explore" } else { "tree" };
        self.suggest(&[&format!("plan {image}"), &format!("{look} {image}"), &format!("{image} --details")]);
    }

    /// What to run next: as many commands as fit the line, each whole, so that it can be copied.
    fn suggest(&mut self, commands: &[&str]) {
        let mut line = String::new();
        for command in commands {
            let lead = if line.is_empty() { " Next: " } else { "  ·  " };
            let more = format!("{lead}plimsoll {command}");
            if !line.is_empty() && line.chars().count() + more.chars().count() > self.style.width {
                break;
            }
            line += &more;
        }
        self.text.push('\n');
        let line = self.style.paint(Paint::Dim, &fit(&line, self.style.width));
        self.line(&line);
    }
}

/// How the base is known.
pub(super) fn base(report: &Report) -> String {
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
pub(super) fn instruction(layer: &LayerReport) -> &str {
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
