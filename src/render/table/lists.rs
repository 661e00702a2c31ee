//! Lists of entries and directories.

use crate::index::{Directories, Fate, Index, Placed};
use crate::layer::Measures;
use crate::note::Note;
use crate::paths::{NodeId, ROOT};
use crate::render::size::count;
use crate::render::style::{Paint, Style};
use crate::render::text::{fit, fit_path};
use crate::text::escaped;
use std::fmt::Write as _;

/// One note as a line.
pub(super) fn note(note: &Note) -> String {
    let layer = note.layer.map(|layer| format!("layer {}: ", layer + 1)).unwrap_or_default();
    let path = note.path.as_deref().map(|path| format!("`{path}`: ")).unwrap_or_default();
    let times = if note.count > 1 { format!(" ({} times)", count(note.count)) } else { String::new() };
    format!("{layer}{path}{}{times}", note.message)
}

/// Entries, `top` of them; 0 means all.
pub fn entries(index: &Index, placed: &[Placed<'_>], top: usize, style: &Style) -> String {
    let mut text = String::new();
    let width = style.size_width();
    let top = if top == 0 { placed.len() } else { top.min(placed.len()) };
    let pull = style.width >= 70;
    let heading = format!(
        "{:>width$} {}layer  {:<9} {:<22} path",
        "disk",
        if pull { format!("{:>width$} ", "blob") } else { String::new() },
        "kind",
        "fate"
    );
    let _ = writeln!(text, "{}", style.paint(Paint::Dim, &heading));
    for entry in &placed[..top] {
        let fate = match entry.fate {
            Fate::Live if entry.path_fate != Fate::Live => "live by another name".to_owned(),
            Fate::Live => "live".to_owned(),
            Fate::Shadowed { by, cause } => format!("{} by {}", cause.name(), by + 1),
        };
        let fate = format!("{fate:<22}");
        let fate = if entry.fate == Fate::Live { fate } else { style.paint(Paint::Hidden, &fate) };
        let blob = if pull { format!("{} ", style.size(entry.entry.blob_bytes, width)) } else { String::new() };
        let number = style.paint(Paint::Number, &format!("{:>5}", entry.layer + 1));
        let used = width + 1 + blob.chars().count() + 7 + 10 + 23;
        let path = fit_path(&format!("/{}", escaped(&index.paths().path(entry.node))), style.width.saturating_sub(used).max(20));
        let _ =
            writeln!(text, "{} {blob}{number}  {:<9} {fate} {path}", style.size(entry.entry.content_bytes, width), entry.entry.kind.name());
    }
    let sum: Measures = placed.iter().map(|placed| placed.entry.measures()).sum();
    let shown = if top < placed.len() { format!(", {} shown (--top N)", count(top as u64)) } else { String::new() };
    let total = format!(
        "{} {}{} entries{shown}",
        style.size(sum.content_bytes, width),
        if pull { format!("{} ", style.size(sum.blob_bytes, width)) } else { String::new() },
        count(sum.entries)
    );
    let _ = writeln!(text, "{}", style.paint(Paint::Strong, &total));
    text
}

/// Directories down to `depth`, the heaviest first, those below a hundredth of all folded.
pub fn tree(index: &Index, directories: &Directories, depth: usize, style: &Style) -> String {
    let width = style.size_width();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}",
        style.paint(Paint::Dim, &format!("{:>width$} {:>width$} {:>width$}  directory, with all below it", "disk", "blob", "hidden"))
    );
    let all = directories.of(ROOT).map_or(0, |(live, hidden)| live.content_bytes + hidden.content_bytes);
    let line = |node: NodeId, level: usize, text: &mut String| {
        let (live, hidden) = directories.of(node).unwrap_or_default();
        let name = if node == ROOT { "/".to_owned() } else { format!("{}/", escaped(index.paths().name(node))) };
        row(text, style, &(live, hidden), &format!("{}{name}", "  ".repeat(level)));
    };
    let mut stack = vec![(ROOT, 0, true)];
    while let Some((node, level, visible)) = stack.pop() {
        if !visible {
            continue;
        }
        line(node, level, &mut text);
        if level >= depth {
            continue;
        }
        let weight = |child: &NodeId| directories.of(*child).map_or(0, |(live, hidden)| live.content_bytes + hidden.content_bytes);
        let mut below: Vec<NodeId> = directories.below(node).collect();
        below.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| index.paths().name(*a).cmp(index.paths().name(*b))));
        let small = below.iter().position(|child| weight(child) < all / 100).unwrap_or(below.len());
        // One small directory is no shorter folded.
        let small = if below.len() - small <= 1 { below.len() } else { small };
        if small < below.len() {
            let sum = below[small..]
                .iter()
                .filter_map(|child| directories.of(*child))
                .fold(<(Measures, Measures)>::default(), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            row(&mut text, style, &sum, &format!("{}{} smaller directories", "  ".repeat(level + 1), below.len() - small));
        }
        stack.extend(below[..small].iter().rev().map(|child| (*child, level + 1, true)));
    }
    text
}

fn row(text: &mut String, style: &Style, sums: &(Measures, Measures), name: &str) {
    let width = style.size_width();
    let hidden = match sums.1.content_bytes {
        0 => format!("{:>width$}", "–"),
        bytes => style.paint(Paint::Hidden, &style.size(bytes, width)),
    };
    let name = fit(name, style.width.saturating_sub(3 * (width + 1) + 1).max(20));
    let _ = writeln!(text, "{} {} {hidden}  {name}", style.size(sums.0.content_bytes, width), style.size(sums.0.blob_bytes, width));
}
