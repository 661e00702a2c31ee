//! Bytes by a hierarchy of keys, indented.

use crate::breakdown::{Breakdown, Group};
use crate::layer::Measures;
use crate::render::size::count;
use crate::render::style::{Paint, Style};
use crate::render::text::fit;
use std::fmt::Write as _;

/// From this width on there is room for the layer tar's column.
const WITH_TAR: usize = 100;

/// Groups, most content first; without `details` those below a thousandth of the image are folded.
pub fn breakdown(breakdown: &Breakdown, details: bool, style: &Style) -> String {
    let mut table = Table { text: String::new(), style, tar: style.width >= WITH_TAR, known: breakdown.pulled };
    let keys: Vec<&str> = breakdown.keys.iter().map(|key| key.name()).collect();
    let heading = table.columns(["disk", "tar", "pull", "hidden"].map(str::to_owned), &keys.join(", then "), 0);
    table.line(Paint::Dim, &heading);
    let floor = if details { 0 } else { breakdown.totals.content_bytes.div_ceil(1000).max(1) };
    table.groups(&breakdown.groups, 0, floor);
    table.row(Paint::Strong, &breakdown.totals, &breakdown.shadowed, "all entries", 0);
    table.row(Paint::Dim, &breakdown.overhead, &Measures::default(), "overhead: belongs to no entry", 0);
    table.row(Paint::Strong, &(breakdown.totals + breakdown.overhead), &breakdown.shadowed, "sum of the layers", 0);
    if !breakdown.complete {
        let warning = fit("INCOMPLETE: these are the numbers of what was read", style.width);
        table.line(Paint::Alarm, &warning);
    }
    table.text
}

struct Table<'s> {
    text: String,
    style: &'s Style,
    tar: bool,
    /// Whether what a pull takes is known.
    known: bool,
}

impl Table<'_> {
    fn groups(&mut self, groups: &[Group], level: usize, floor: u64) {
        let small = groups.iter().position(|group| group.all.content_bytes < floor).unwrap_or(groups.len());
        // One small group is no shorter folded.
        let small = if groups.len() - small <= 1 { groups.len() } else { small };
        for group in &groups[..small] {
            let paint = if level == 0 && !group.groups.is_empty() { Some(Paint::Strong) } else { None };
            self.plain_or(paint, &group.all, &group.shadowed, &group.name, level);
            self.groups(&group.groups, level + 1, floor);
        }
        if small < groups.len() {
            let all: Measures = groups[small..].iter().map(|group| group.all).sum();
            let hidden: Measures = groups[small..].iter().map(|group| group.shadowed).sum();
            self.row(Paint::Dim, &all, &hidden, &format!("{} smaller", count((groups.len() - small) as u64)), level);
        }
    }

    fn plain_or(&mut self, paint: Option<Paint>, all: &Measures, hidden: &Measures, name: &str, level: usize) {
        match paint {
            Some(paint) => self.row(paint, all, hidden, name, level),
            None => {
                let text = self.cells(all, hidden, name, level);
                let _ = writeln!(self.text, "{}", text.trim_end());
            }
        }
    }

    fn row(&mut self, paint: Paint, all: &Measures, hidden: &Measures, name: &str, level: usize) {
        let text = self.cells(all, hidden, name, level);
        self.line(paint, &text);
    }

    fn line(&mut self, paint: Paint, text: &str) {
        let _ = writeln!(self.text, "{}", self.style.paint(paint, text.trim_end()));
    }

    fn cells(&self, all: &Measures, hidden: &Measures, name: &str, level: usize) -> String {
        let size = |bytes: u64| self.style.size(bytes, 0);
        let hidden = if hidden.content_bytes == 0 { "–".to_owned() } else { size(hidden.content_bytes) };
        self.columns([size(all.content_bytes), size(all.diff_bytes), self.style.pull(all.blob_bytes, self.known, 0), hidden], name, level)
    }

    fn columns(&self, [disk, tar, pull, hidden]: [String; 4], name: &str, level: usize) -> String {
        let width = self.style.size_width();
        let tar = if self.tar { format!("{tar:>width$} ") } else { String::new() };
        let sizes = if self.tar { 4 } else { 3 };
        let room = self.style.width.saturating_sub(sizes * (width + 1) + 1 + 2 * level);
        format!("{disk:>width$} {tar}{pull:>width$} {hidden:>width$}  {}{}", "  ".repeat(level), fit(name, room))
    }
}
