//! The layers: what made each, what it holds, and what of that is waste.

use super::edits::place;
use super::{Page, instruction};
use crate::index::Cause;
use crate::layer::Measures;
use crate::render::style::Paint;
use crate::render::text::{fit, left, numbers};
use crate::report::{LayerReport, Report};

/// Layers that are shown one by one.
const LAYERS: usize = 10;
/// From this width on there is room for bars, and then for reasons.
const WITH_BARS: usize = 90;
const WITH_REASONS: usize = 110;
/// Cells of a reason.
const REASON: usize = 22;

impl Page<'_> {
    pub(super) fn layers(&mut self) {
        let report = self.report;
        if report.layers.is_empty() {
            self.text.push('\n');
            self.line(" No layers: the image holds metadata only.");
            return;
        }
        let reasons = if self.style.width >= WITH_REASONS { REASON } else { 0 };
        let bar = if self.style.bars && self.style.width >= WITH_BARS { 18 } else { 0 };
        let title = if self.has_lines() { "LAYERS, by line of the Dockerfile" } else { "LAYERS, base first" };
        self.title_with(title, &["disk", "pull", "waste"], reasons);
        let mut shown: Vec<usize> = (0..report.layers.len()).collect();
        shown.sort_by_key(|number| {
            let layer = &report.layers[*number];
            (layer.present, std::cmp::Reverse(layer.all.content_bytes), *number)
        });
        let folded = if shown.len() > LAYERS { shown.split_off(LAYERS - 1) } else { Vec::new() };
        shown.sort_unstable();
        let widest = report.layers.iter().map(|layer| layer.all.content_bytes).max().unwrap_or(0);
        for number in shown {
            self.layer(&report.layers[number], widest, bar, reasons);
        }
        if !folded.is_empty() {
            let sum: Measures = folded.iter().map(|number| pulled(&report.layers[*number])).sum();
            let waste: u64 = folded.iter().map(|number| waste(&report.layers[*number])).sum();
            let places = folded.iter().map(|layer| self.place(*layer) as usize - 1).collect();
            let label = format!("{} more, smaller ({})", folded.len(), numbers(places));
            let line = self.row("", &label, bar, "", &self.sizes(&sum), waste, reasons, "");
            self.line(&line);
        }
    }

    fn layer(&mut self, layer: &LayerReport, widest: u64, bar: usize, reasons: usize) {
        let number = match (self.has_lines(), layer.line) {
            (true, Some(line)) => line.to_string(),
            (true, None) => String::new(),
            _ => (layer.index + 1).to_string(),
        };
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
            let seen = cells(layer.live.content_bytes).min(whole);
            let kept = cells(layer.live.content_bytes - layer.unneeded.content_bytes.min(layer.live.content_bytes)).min(seen);
            let mark = if layer.base { "█" } else { "▓" };
            drawn = format!(
                "{}{}{}{}",
                mark.repeat(kept),
                self.style.paint(Paint::Unneeded, &"▒".repeat(seen - kept)),
                self.style.paint(Paint::Hidden, &"░".repeat(whole - seen)),
                " ".repeat(bar - whole)
            );
        }
        // The line is the FROM's: the instruction is one of another Dockerfile.
        let text = match layer.line.filter(|_| layer.base) {
            Some(_) => format!("FROM: {}", instruction(layer)),
            None => instruction(layer).to_owned(),
        };
        let reason = if reasons > 0 { reason(self.report, layer) } else { String::new() };
        let line = self.row(&number, &text, bar, &drawn, &self.sizes(&pulled(layer)), waste(layer), reasons, &reason);
        self.line(&line);
    }

    #[expect(clippy::too_many_arguments, reason = "the cells of one row")]
    fn row(&self, number: &str, text: &str, bar: usize, drawn: &str, sizes: &str, waste: u64, reasons: usize, reason: &str) -> String {
        let width = self.style.size_width();
        let gap = if bar > 0 { bar + 1 } else { 0 };
        let aside = if reasons > 0 { reasons + 2 } else { 0 };
        let room = self.style.width.saturating_sub(3 * (width + 1) + 5 + gap + aside);
        let waste = if waste == 0 { format!("{:>width$}", "–") } else { self.style.paint(Paint::Hidden, &self.style.size(waste, width)) };
        let drawn = if bar == 0 {
            String::new()
        } else if drawn.is_empty() {
            " ".repeat(gap)
        } else {
            format!(" {drawn}")
        };
        let reason = if reasons > 0 { format!("  {}", self.style.paint(Paint::Dim, &fit(reason, reasons))) } else { String::new() };
        format!("{}  {}{drawn}{sizes} {waste}{reason}", self.style.paint(Paint::Number, &format!("{number:>3}")), left(text, room))
    }
}

/// The one thing that makes most of a layer's waste.
pub(in crate::render) fn reason(report: &Report, layer: &LayerReport) -> String {
    let mut reasons: Vec<(u64, String)> = Vec::new();
    for row in report.hidden.iter().filter(|row| row.layer == layer.index) {
        let by = place(report, row.by);
        let text = match row.cause {
            Cause::MetadataOnly => format!("stored again by {by}"),
            Cause::Overwritten => format!("overwritten by {by}"),
            Cause::DeletedFile | Cause::DeletedDir => format!("deleted by {by}"),
            Cause::Opaque => format!("emptied by {by}"),
            Cause::ReplacedByType => format!("replaced by {by}"),
            Cause::RepeatedInLayer => "stored twice".to_owned(),
        };
        match reasons.iter_mut().find(|(_, known)| *known == text) {
            Some((bytes, _)) => *bytes += row.all.content_bytes,
            None => reasons.push((row.all.content_bytes, text)),
        }
    }
    for edit in report.edits.iter().filter(|edit| edit.certain) {
        let bytes: u64 = edit.parts.iter().filter(|part| part.layer == layer.index).map(|part| part.live.content_bytes).sum();
        reasons.push((bytes, format!("see {} above", edit.number)));
    }
    reasons.into_iter().filter(|(bytes, _)| *bytes > 0).max_by_key(|(bytes, _)| *bytes).map(|(_, text)| text).unwrap_or_default()
}

/// A layer's measures, its blob in full: a pull brings what belongs to no entry, too.
fn pulled(layer: &LayerReport) -> Measures {
    Measures { blob_bytes: layer.blob_size(), ..layer.all }
}

/// What of a layer cannot be seen, or is not needed.
fn waste(layer: &LayerReport) -> u64 {
    layer.shadowed.all.content_bytes + layer.unneeded.content_bytes
}
