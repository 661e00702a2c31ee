//! Lists of entries and directories.

use crate::cache::Kept;
use crate::index::{Directories, Fate, Index, Placed};
use crate::layer::Measures;
use crate::note::Note;
use crate::paths::{NodeId, ROOT};
use crate::render::size::{count, plural};
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

/// Entries, `top` of them; 0 means all. A narrow terminal gets fewer columns.
pub fn entries(index: &Index, placed: &[Placed<'_>], top: usize, style: &Style) -> String {
    let mut text = String::new();
    let width = style.size_width();
    let top = if top == 0 { placed.len() } else { top.min(placed.len()) };
    let wide = style.width >= 2 * width + 62;
    let known = crate::report::pull_bytes(index).is_some();
    let pull = |cell: String| if wide { format!("{cell:>width$} ") } else { String::new() };
    let kind = |cell: &str| if wide { format!("{cell:<9} ") } else { String::new() };
    let heading = format!("{:>width$} {}layer  {}{:<24} path", "disk", pull("pull".to_owned()), kind("kind"), "fate");
    let room = style.width.saturating_sub(heading.chars().count() - 4).max(10);
    let _ = writeln!(text, "{}", style.paint(Paint::Dim, &heading));
    for entry in &placed[..top] {
        let fate = match entry.fate {
            Fate::Live if entry.path_fate != Fate::Live => "live by another name".to_owned(),
            Fate::Live => "live".to_owned(),
            Fate::Shadowed { by, cause } => format!("{} by {}", cause.name(), by + 1),
        };
        let fate = format!("{fate:<24}");
        let fate = if entry.fate == Fate::Live { fate } else { style.paint(Paint::Hidden, &fate) };
        let disk = style.size(entry.entry.content_bytes, width);
        let pull = pull(style.pull(entry.entry.blob_bytes, known, width));
        let number = style.paint(Paint::Number, &format!("{:>5}", entry.layer + 1));
        let kind = kind(entry.entry.kind.name());
        let path = fit_path(&format!("/{}", escaped(&index.paths().path(entry.node))), room);
        let _ = writeln!(text, "{disk} {pull}{number}  {kind}{fate} {path}");
    }
    let sum: Measures = placed.iter().map(|placed| placed.entry.measures()).sum();
    let shown = if top < placed.len() { format!(", {} shown (--top N)", count(top as u64)) } else { String::new() };
    let (disk, pull) = (style.size(sum.content_bytes, width), pull(style.pull(sum.blob_bytes, known, width)));
    let total = format!("{disk} {pull}{}{shown}", plural(sum.entries, "entry", "entries"));
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
        style.paint(Paint::Dim, &format!("{:>width$} {:>width$} {:>width$}  directory, with all below it", "live", "live pull", "hidden"))
    );
    let known = crate::report::pull_bytes(index).is_some();
    let all = directories.of(ROOT).map_or(0, |(live, hidden)| live.content_bytes + hidden.content_bytes);
    let line = |node: NodeId, level: usize, text: &mut String| {
        let (live, hidden) = directories.of(node).unwrap_or_default();
        let name = if node == ROOT { "/".to_owned() } else { format!("{}/", escaped(index.paths().name(node))) };
        row(text, style, known, &(live, hidden), &format!("{}{name}", indent(level)));
    };
    let mut stack = vec![Row::Directory(ROOT, 0)];
    while let Some(next) = stack.pop() {
        let (node, level) = match next {
            Row::Directory(node, level) => (node, level),
            Row::Folded(sums, count, level) => {
                row(&mut text, style, known, &sums, &format!("{}{count} smaller directories", indent(level)));
                continue;
            }
        };
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
            let sums = below[small..].iter().filter_map(|child| directories.of(*child));
            let sums = sums.fold(<(Measures, Measures)>::default(), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            stack.push(Row::Folded(sums, below.len() - small, level + 1));
        }
        stack.extend(below[..small].iter().rev().map(|child| Row::Directory(*child, level + 1)));
    }
    text
}

/// What a cache keeps of blobs.
pub fn cache(kept: &[Kept], style: &Style) -> String {
    let width = style.size_width();
    let mut text = String::new();
    let heading = format!("{:>width$} {:>10} {:>width$}  {:<20}  digest", "blob", "entries", "kept", "last used (UTC)");
    let room = style.width.saturating_sub(heading.chars().count() - "digest".len());
    let _ = writeln!(text, "{}", style.paint(Paint::Dim, &heading));
    for kept in kept {
        let (blob, bytes) = (style.size(kept.blob_bytes, width), style.size(kept.bytes, width));
        let digest = fit(kept.digest.as_str(), room);
        let _ = writeln!(text, "{blob} {:>10} {bytes}  {:<20}  {digest}", count(kept.entries), kept.last_used());
    }
    let bytes = style.size(kept.iter().map(|kept| kept.bytes).sum(), 0);
    let total = format!("{}, {bytes}", plural(kept.len() as u64, "blob", "blobs"));
    let _ = writeln!(text, "{}", style.paint(Paint::Strong, &total));
    text
}

/// Two blanks for each level, up to a depth that fits a screen.
fn indent(level: usize) -> String {
    "  ".repeat(level.min(30))
}

/// A row of a tree, at its depth.
enum Row {
    Directory(NodeId, usize),
    /// Small directories in one row.
    Folded((Measures, Measures), usize, usize),
}

fn row(text: &mut String, style: &Style, known: bool, sums: &(Measures, Measures), name: &str) {
    let width = style.size_width();
    let hidden = match sums.1.content_bytes {
        0 => format!("{:>width$}", "–"),
        bytes => style.paint(Paint::Hidden, &style.size(bytes, width)),
    };
    let name = fit(name, style.width.saturating_sub(3 * (width + 1) + 1).max(20));
    let _ = writeln!(text, "{} {} {hidden}  {name}", style.size(sums.0.content_bytes, width), style.pull(sums.0.blob_bytes, known, width));
}
