//! One image for each of its platforms, side by side.

use crate::render::size::count;
use crate::render::style::{Paint, Style};
use crate::render::text::{cells, fit, left};
use crate::report::Report;
use std::fmt::Write as _;

/// What each platform's image weighs, and what its edits would leave.
pub fn platforms(reports: &[Report], style: &Style) -> String {
    let mut text = String::new();
    let Some(first) = reports.first() else { return text };
    let name = first.image.names.first().map_or("(untagged)", String::as_str);
    let _ =
        writeln!(text, "{}  {}\n", style.paint(Paint::Strong, &fit(name, style.width / 2)), fit(&first.source.reference, style.width / 2));
    let width = style.size_width();
    let platform = reports.iter().map(|report| cells(&report.image.platform)).max().unwrap_or(0).clamp(8, 24);
    let wider = width.max("edited disk".len());
    let wide = style.width >= platform + 3 * (width + 1) + 2 * (wider + 2) + 9;
    let last = |cell: String| if wide { format!("  {cell:>wider$}") } else { String::new() };
    let heading = format!(
        "  {:<platform$} {:>6} {:>width$} {:>width$} {:>width$}{}{}",
        "platform",
        "layers",
        "disk",
        "pull",
        "hidden",
        last("edited disk".into()),
        last("edited pull".into())
    );
    let _ = writeln!(text, "{}", style.paint(Paint::Dim, &heading));
    for report in reports {
        let pull = |bytes: Option<u64>| bytes.map_or_else(|| format!("{:>width$}", "–"), |bytes| style.size(bytes, width));
        let edited = report.without_edits;
        let _ = writeln!(
            text,
            "  {} {:>6} {} {} {}{}{}",
            left(&report.image.platform, platform),
            count(report.layers.len() as u64),
            style.paint(Paint::Strong, &style.size(report.image.disk_bytes, width)),
            pull(report.image.pull_bytes),
            style.paint(Paint::Hidden, &style.size(report.shadowed.all.content_bytes, width)),
            last(style.size(edited.content_bytes, wider)),
            // As for one image: what the edits save, off what a pull takes.
            last(pull(report.image.pull_bytes.map(|pull| pull.saturating_sub(report.totals.blob_bytes.saturating_sub(edited.blob_bytes))))),
        );
    }
    let next = "edited: with all certain edits made; `--platform PLATFORM` shows them";
    let _ = writeln!(text, "\n {}", style.paint(Paint::Dim, &fit(next, style.width)));
    text
}
