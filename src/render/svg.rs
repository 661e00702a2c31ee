//! A picture of an image (SVG 1.1): its directories and files, each as large as what it takes on disk.
//!
//! For a README, a pull request or a wiki: no script, no font of its own, nothing that is loaded. Names are text, cut and
//! clipped to their cells. It is light or dark as the reader's system is, and its text larger where the picture is narrow.
//! Areas are exact: nothing is drawn between cells but lines upon them, and what is too small for a cell of its own has one
//! together with the like of its directory.

mod cells;
mod squarify;
mod text;

use super::problems::Judged;
use super::size::{percent, plural, size};
use super::xml::xml;
use crate::analysis::Analysis;
use crate::breakdown::Tree;
use crate::report::Report;
use cells::{Cell, Frame};
use squarify::Rect;
use std::fmt::Write as _;

/// About how many directories and files are looked at; of those less are large enough to be seen.
const NODES: usize = 1500;
const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 796.0;
const MARGIN: f64 = 24.0;
const AREA: Rect = Rect { x: MARGIN, y: 176.0, w: WIDTH - 2.0 * MARGIN, h: 540.0 };
const STYLE: &str = include_str!("svg/style.css");
/// The kinds of bytes, as classes and as they are told.
const KINDS: [(&str, &str); 4] = [("base", "base"), ("own", "own"), ("unneeded", "unneeded"), ("hidden", "hidden by later layers")];

/// What the picture is of.
#[derive(Debug, Clone)]
pub struct Picture {
    tree: Tree,
}

impl Picture {
    /// Adds up what was analysed, by directory.
    pub fn new(analysis: &Analysis<'_>) -> Self {
        Self { tree: Tree::new(analysis, &[], NODES) }
    }
}

/// The picture as an SVG document; `picture` is of the same image as the report. It is called by `title`, else by the image's name.
pub fn image(judged: &Judged<'_>, picture: &Picture, title: Option<&str>) -> String {
    let name = title.map_or_else(|| judged.name(), |title| text::tail(&crate::text::escaped(title.as_bytes())));
    let (cells, frames) = cells::cells(&picture.tree, AREA);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plimsoll\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         role=\"img\" aria-labelledby=\"plimsoll-title plimsoll-desc\">\n"
    );
    let figures = figures(judged);
    let _ = writeln!(out, "<title id=\"plimsoll-title\">{}: {}</title>", xml(&name), xml(&figures.join(", ")));
    let _ = writeln!(out, "<desc id=\"plimsoll-desc\">{}</desc>", xml(&description(judged)));
    let _ = writeln!(out, "<style>\n{STYLE}</style>");
    patterns(&mut out);
    let _ = writeln!(out, "<rect class=\"page\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>", WIDTH - 1.0, HEIGHT - 1.0);
    heading(&mut out, judged, &name, &figures);
    for cell in &cells {
        draw(&mut out, judged, cell);
    }
    if cells.is_empty() {
        let _ = writeln!(out, "<text class=\"dim\" x=\"{MARGIN}\" y=\"{}\" font-size=\"28\">No file has content.</text>", AREA.y + 50.0);
    }
    cuts(&mut out, &cells, &frames);
    legend(&mut out, judged);
    out.push_str("</svg>\n");
    out
}

/// The two sizes and what is hidden, in words.
fn figures(judged: &Judged<'_>) -> [String; 3] {
    let report = judged.report;
    let pull = report.image.pull_bytes.map_or_else(|| "pull not known".to_owned(), |bytes| format!("{} to pull", size(bytes, judged.unit)));
    let hidden = percent(report.shadowed.all.content_bytes, report.totals.content_bytes);
    [format!("{} on disk", size(report.image.disk_bytes, judged.unit)), pull, format!("{hidden} hidden by later layers")]
}

/// For those who do not see it.
fn description(judged: &Judged<'_>) -> String {
    let parts: Vec<String> =
        KINDS.iter().zip(kinds(judged.report)).map(|((_, name), bytes)| format!("{name} {}", size(bytes, judged.unit))).collect();
    format!("A map of the image by directory ({}). Areas are sizes on disk: {}.", about(judged.report), parts.join(", "))
}

/// Which image it is, and whether it is all of it.
fn about(report: &Report) -> String {
    let mut text = format!("{}, {}", report.image.platform, plural(report.layers.len() as u64, "layer", "layers"));
    if !report.image.without.is_empty() {
        let _ = write!(text, ", a prediction: without {}", report.image.without.join(", "));
    }
    if !report.complete {
        text.push_str(", incomplete: of what was read");
    }
    text
}

fn kinds(report: &Report) -> [u64; 4] {
    [report.hull.base, report.hull.own, report.hull.unneeded, report.shadowed.all].map(|sum| sum.content_bytes)
}

/// A kind is told by its mark as well as by its colour.
fn patterns(out: &mut String) {
    out.push_str("<defs>");
    for (kind, mark) in [("base", "M0 4h8"), ("unneeded", "M-1 9 9-1M-1 1 1-1M7 9 9 7"), ("hidden", "M-1-1 9 9M-1 7 1 9M7-1 9 1")] {
        let _ = write!(
            out,
            "<pattern id=\"plimsoll-{kind}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
             <rect class=\"{kind}-fill\" width=\"8\" height=\"8\"/><path class=\"{kind}-mark\" d=\"{mark}\"/></pattern>"
        );
    }
    out.push_str("</defs>\n");
}

/// Where a narrow picture is shown small its text has other sizes, and so other lines.
fn heading(out: &mut String, judged: &Judged<'_>, name: &str, figures: &[String; 3]) {
    let room = WIDTH - 2.0 * MARGIN;
    let about = about(judged.report);
    let line = |out: &mut String, y: u32, size: f64, class: &str, text: &str| {
        let letters = if class == "b" { size * text::BOLD } else { size };
        let text = text::begin(text, letters, room).unwrap_or_default();
        let _ = write!(out, "<text class=\"{class}\" x=\"{MARGIN}\" y=\"{y}\" font-size=\"{size}\">{}</text>", xml(&text));
    };
    out.push_str("<g class=\"w\">");
    line(out, 48, 30.0, "b", name);
    line(out, 80, 18.0, "dim", &about);
    let _ = write!(out, "<text class=\"dim\" x=\"{MARGIN}\" y=\"142\" font-size=\"20\">");
    for (at, figure) in figures.iter().enumerate() {
        // The number, which has a unit, is what one looks for.
        let (number, words) = figure.split_at(figure.match_indices(' ').nth(1).map_or(0, |(at, _)| at));
        let gap = if at == 0 { "" } else { " dx=\"36\"" };
        let _ = write!(out, "<tspan class=\"b\" font-size=\"38\"{gap}>{}</tspan>{}", xml(number), xml(words));
    }
    out.push_str("</text></g>\n<g class=\"n\">");
    line(out, 56, 46.0, "b", name);
    line(out, 106, 38.0, "", &figures[..2].join(", "));
    line(out, 152, 34.0, "dim", &figures[2]);
    out.push_str("</g>\n");
}

fn draw(out: &mut String, judged: &Judged<'_>, cell: &Cell) {
    let Rect { x, y, w, h } = cell.place;
    let bytes = cell.bytes();
    let _ = write!(out, "<g data-bytes=\"{bytes}\"><title>{}</title>", xml(&told(judged, cell)));
    let mut offset = 0.0;
    for ((kind, _), part) in KINDS.iter().zip(cell.parts).filter(|(_, part)| *part > 0) {
        let share = part as f64 / bytes as f64;
        // In bands along the longer side, so that each can be seen.
        let (x, y, w, h) = if w >= h { (x + offset * w, y, share * w, h) } else { (x, y + offset * h, w, share * h) };
        let _ = write!(out, "<rect class=\"{kind}\" {}/>", place(x, y, w, h));
        offset += share;
    }
    label(out, judged, cell, "w", [17.0, 14.0]);
    label(out, judged, cell, "n", [32.0, 28.0]);
    out.push_str("</g>\n");
}

/// What a cell is called, and where that is. Of what is left of a directory it is the directory's own name.
fn name(cell: &Cell) -> (String, &str) {
    if !cell.is_rest {
        return (cell.name.strip_prefix('/').filter(|name| !name.is_empty()).unwrap_or("/").to_owned(), &cell.within);
    }
    let (within, name) = cell.within.rsplit_once('/').unwrap_or_default();
    (format!("{name}/*"), within)
}

/// All that is known of a cell: what a pointer is told.
fn told(judged: &Judged<'_>, cell: &Cell) -> String {
    let there: Vec<String> = KINDS
        .iter()
        .zip(cell.parts)
        .filter(|(_, part)| *part > 0)
        .map(|((_, name), part)| format!("{name} {}", size(part, judged.unit)))
        .collect();
    let path = text::tail(&format!("{}{}", cell.within, cell.name));
    let rest = if cell.is_rest { format!("/: {}", plural(cell.entries, "smaller entry", "smaller entries")) } else { String::new() };
    format!("{path}{rest}: {} on disk ({})", size(cell.bytes(), judged.unit), there.join(", "))
}

/// Name, size and directory, as far as there is room; `class` is for which width of the picture.
fn label(out: &mut String, judged: &Judged<'_>, cell: &Cell, class: &str, [large, small]: [f64; 2]) {
    let Rect { x, y, w, h } = cell.place;
    let pad = small / 2.0;
    let room = w - 2.0 * pad;
    let first = large + pad * 0.6;
    if h < first + pad {
        return;
    }
    let (name, within) = name(cell);
    let Some(name) = text::begin(&name, large, room) else { return };
    let _ =
        write!(out, "<svg class=\"{class}\" {}><text class=\"t\" x=\"{pad}\" y=\"{first:.0}\">{}</text>", place(x, y, w, h), xml(&name));
    let bytes = size(cell.bytes(), judged.unit);
    let mut line = first + small * 1.3;
    if line + pad <= h && text::width(&bytes, small) <= room {
        let _ = write!(out, "<text class=\"s\" x=\"{pad}\" y=\"{line:.0}\">{bytes}</text>");
        line += small * 1.3;
    }
    if line + pad <= h
        && let Some(within) = text::end(within, small, room).filter(|within| !within.is_empty())
    {
        let _ = write!(out, "<text class=\"s\" x=\"{pad}\" y=\"{line:.0}\">{}</text>", xml(&within));
    }
    out.push_str("</svg>");
}

fn place(x: f64, y: f64, w: f64, h: f64) -> String {
    format!("x=\"{x:.2}\" y=\"{y:.2}\" width=\"{w:.2}\" height=\"{h:.2}\"")
}

/// Lines between cells, and broader ones round the upper directories.
fn cuts(out: &mut String, cells: &[Cell], frames: &[Frame]) {
    let all = cells.iter().map(|cell| (cell.depth, cell.place)).chain(frames.iter().map(|frame| (frame.depth, frame.place)));
    let of = |depths: std::ops::RangeInclusive<usize>| all.clone().filter(move |(depth, _)| depths.contains(depth));
    for (width, depths) in [(1, 3..=usize::MAX), (3, 2..=2), (6, 0..=1)] {
        let mut lines = String::new();
        for (_, Rect { x, y, w, h }) in of(depths) {
            let _ = write!(lines, "M{x:.1} {y:.1}h{w:.1}v{h:.1}h-{w:.1}z");
        }
        if !lines.is_empty() {
            let _ = writeln!(out, "<path class=\"cuts\" stroke-width=\"{width}\" d=\"{lines}\"/>");
        }
    }
}

fn legend(out: &mut String, judged: &Judged<'_>) {
    let parts = kinds(judged.report);
    for (class, letters, with_sizes) in [("w", 17.0, true), ("n", 30.0, false)] {
        let _ = write!(out, "<g class=\"{class}\">");
        let mut x = MARGIN;
        for ((kind, name), bytes) in KINDS.iter().zip(parts).filter(|(_, bytes)| *bytes > 0) {
            let name = if with_sizes { format!("{name} {}", size(bytes, judged.unit)) } else { (*kind).to_owned() };
            let chip = letters * 0.9;
            let _ = write!(out, "<rect class=\"{kind}\" rx=\"3\" {}/>", place(x, 748.0 - chip * 0.86, chip, chip));
            x += chip + letters * 0.4;
            let _ = write!(out, "<text x=\"{x:.0}\" y=\"748\" font-size=\"{letters}\">{name}</text>");
            x += text::width(&name, letters) + letters;
        }
        if with_sizes {
            let version = env!("CARGO_PKG_VERSION");
            let told = format!("area: bytes on disk · name/*: what is too small in it for a cell of its own · plimsoll {version}");
            let _ = write!(out, "<text class=\"dim\" x=\"{MARGIN}\" y=\"776\" font-size=\"14\">{told}</text>");
        }
        out.push_str("</g>\n");
    }
}
