//! What pulling images costs, side by side.

use crate::pull::{Comparison, OutlineLayer, Weighed};
use crate::render::size::{count, plural};
use crate::render::style::{Paint, Style};
use crate::render::text::{cells, fit, left};
use std::fmt::Write as _;

/// Images whose pulls are compared one with the other; beyond, the table has no room.
const COMPARED: usize = 6;
/// The longest name that a column is made for.
const NAME: usize = 60;

/// Images, what a node that has one pulls for another, and layers where `layers` asks for them.
pub fn pulls(comparison: &Comparison, layers: bool, style: &Style) -> String {
    let mut text = String::new();
    images(&mut text, comparison, style);
    if (2..=COMPARED).contains(&comparison.images.len()) {
        text.push('\n');
        matrix(&mut text, comparison, style);
    }
    if layers {
        for (number, image) in comparison.images.iter().enumerate() {
            text.push('\n');
            layer_list(&mut text, number, image, comparison.images.len(), style);
        }
    }
    text
}

fn images(text: &mut String, comparison: &Comparison, style: &Style) {
    let width = style.size_width();
    let longest = |of: fn(&Weighed) -> &str| comparison.images.iter().map(|image| cells(of(image))).max().unwrap_or(0);
    let platform = longest(|image| &image.outline.platform).clamp(8, 24);
    let taken = 4 + platform + 2 * width + 12;
    let name = longest(|image| &image.outline.reference).clamp(9, NAME.min(style.width.saturating_sub(taken).max(12)));
    let several = comparison.images.len() > 1;
    let shared = |cell: &str| if several { format!("  {cell:>width$}") } else { String::new() };
    let heading = format!("    {:<name$} {:<platform$} {:>width$} {:>6}{}", "image", "platform", "pull", "layers", shared("shared"));
    let _ = writeln!(text, "{}", style.paint(Paint::Dim, &heading));
    for (number, image) in comparison.images.iter().enumerate() {
        let _ = writeln!(
            text,
            "{} {} {} {} {:>6}{}",
            style.paint(Paint::Number, &format!("{:>3}", number + 1)),
            left(&image.outline.reference, name),
            left(&image.outline.platform, platform),
            style.paint(Paint::Strong, &known(image.pull_bytes, style, width)),
            count(image.outline.layers.len() as u64),
            shared(known(image.shared_bytes, style, width).trim_start()),
        );
    }
    if comparison.images.iter().any(|image| image.pull_bytes.is_none()) {
        let _ =
            writeln!(text, "    {}", style.paint(Paint::Dim, "– layers are stored uncompressed: what they take in a pull is not known"));
    }
    if several {
        let together = left("together, each layer once", name + platform + 1);
        let _ = writeln!(text, "    {} {}", together, style.paint(Paint::Strong, &known(comparison.together_bytes, style, width)));
    }
}

/// A size, or a dash for what is stored plain.
fn known(bytes: Option<u64>, style: &Style, width: usize) -> String {
    style.pull(bytes.unwrap_or_default(), bytes.is_some(), width)
}

fn matrix(text: &mut String, comparison: &Comparison, style: &Style) {
    let width = style.size_width().max(10);
    let mut heading = format!("{:<24}", "    A node that has pulls");
    for number in 1..=comparison.images.len() {
        let _ = write!(heading, " {:>width$}", format!("for {number}"));
    }
    let _ = writeln!(text, "{}", style.paint(Paint::Dim, &heading));
    let mut row = |has: &str, bytes: &mut dyn Iterator<Item = Option<u64>>| {
        let cell = |bytes| if bytes == Some(0) { format!(" {:>width$}", "-") } else { format!(" {}", known(bytes, style, width)) };
        let cells: String = bytes.map(cell).collect();
        let _ = writeln!(text, "    {has:<20}{cells}");
    };
    row("nothing", &mut comparison.images.iter().map(|image| image.pull_bytes));
    for (number, pulls) in comparison.pulls.iter().enumerate() {
        row(&(number + 1).to_string(), &mut pulls.iter().copied());
    }
}

fn layer_list(text: &mut String, number: usize, image: &Weighed, images: usize, style: &Style) {
    let width = style.size_width();
    let of = if images > 1 { format!(" of {}", number + 1) } else { String::new() };
    let _ = writeln!(text, "{}", style.paint(Paint::Title, &format!("LAYERS{of}")));
    for (place, layer) in image.outline.layers.iter().enumerate() {
        let place = style.paint(Paint::Number, &format!("{:>5}", place + 1));
        let digest = fit(&layer.digest.to_string(), 20);
        let line = format!("{place} {} {digest}{}", style.size(layer.blob_bytes, width), remark(layer, images));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let config = format!("configuration {}", plural(image.outline.config_bytes, "byte", "bytes"));
    let _ = writeln!(text, "      {}", style.paint(Paint::Dim, &config));
}

fn remark(layer: &OutlineLayer, images: usize) -> String {
    if layer.foreign {
        return "  foreign: from elsewhere, not counted".into();
    }
    let plain = if layer.plain { "  stored uncompressed" } else { "" };
    let shared = match layer.shared_with.len() {
        0 => String::new(),
        others if others + 1 == images && others > 1 => "  in all".into(),
        _ => format!("  also in {}", layer.shared_with.iter().map(|other| (other + 1).to_string()).collect::<Vec<_>>().join(", ")),
    };
    format!("{plain}{shared}")
}
