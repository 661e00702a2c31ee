//! What dive prints.

use super::super::{FileReference, Numbers};
use super::{Rule, Ruling, Threshold};
use std::fmt::Write as _;

/// What dive prints: its numbers, the files that are stored more than once, and what came of the rules.
pub fn text(numbers: &Numbers, references: &[FileReference], rulings: &[Ruling]) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "  efficiency: {} %", go_fixed(numbers.efficiency * 100.0));
    let _ = writeln!(text, "  wastedBytes: {} bytes ({})", numbers.wasted_bytes, go_size(numbers.wasted_bytes));
    let _ = writeln!(text, "  userWastedPercent: {} %", go_fixed(numbers.user_wasted_percent * 100.0));
    text.push_str("Inefficient Files:\nCount  Wasted Space  File Path\n");
    if references.is_empty() {
        text.push_str("None\n");
    }
    for reference in references {
        let path = crate::text::escaped(&reference.file);
        let _ = writeln!(text, "{:>5}  {:>12}  {path}", reference.count, go_size(reference.size_bytes));
    }
    text.push_str("Results:\n");
    for ruling in rulings {
        let _ = writeln!(text, "  {}", line(ruling, numbers));
    }
    let count = |passes: Option<bool>| rulings.iter().filter(|ruling| ruling.passes == passes).count();
    let (passed, failed, skipped) = (count(Some(true)), count(Some(false)), count(None));
    let word = if failed > 0 { "FAIL" } else { "PASS" };
    let total = rulings.len();
    let _ = writeln!(text, "Result:{word} [Total:{total}] [Passed:{passed}] [Failed:{failed}] [Warn:0] [Skipped:{skipped}]");
    text
}

fn line(ruling: &Ruling, numbers: &Numbers) -> String {
    let name = ruling.rule.name();
    match (ruling.passes, ruling.threshold) {
        (None, _) | (_, Threshold::Disabled) => format!("SKIP: {name}: rule disabled"),
        (Some(true), _) => format!("PASS: {name}"),
        (_, Threshold::Bytes(most)) => {
            format!("FAIL: {name}: too many bytes wasted (wasted-bytes={} > threshold={most})", numbers.wasted_bytes)
        }
        (_, Threshold::Ratio(least)) if ruling.rule == Rule::LowestEfficiency => {
            format!("FAIL: {name}: image efficiency is too low (efficiency={} < threshold={least})", go_float(numbers.efficiency))
        }
        (_, Threshold::Ratio(most)) => format!(
            "FAIL: {name}: too many bytes wasted, relative to the user bytes added (%-user-wasted-bytes={} > threshold={most})",
            go_float(numbers.user_wasted_percent)
        ),
    }
}

/// Go's `%v`, for the values that there are.
fn go_float(number: f64) -> String {
    if number == f64::INFINITY { "+Inf".to_owned() } else { number.to_string() }
}

/// Go's `%2.4f`.
fn go_fixed(number: f64) -> String {
    if number.is_finite() { format!("{number:.4}") } else { go_float(number) }
}

/// go-humanize's `Bytes`: one digit after the point below ten.
fn go_size(bytes: u64) -> String {
    if bytes < 10 {
        return format!("{bytes} B");
    }
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let power = ((bytes as f64).ln() / 1000_f64.ln()).floor();
    let value = (bytes as f64 / 1000_f64.powf(power) * 10.0 + 0.5).floor() / 10.0;
    #[expect(clippy::cast_sign_loss, reason = "a logarithm of ten or more is not negative")]
    let unit = units.get(power as usize).copied().unwrap_or("EB");
    if value < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}
