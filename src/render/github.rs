//! Annotations: commands of GitHub's workflows, one a line, which it shows at the lines of a change.
//!
//! Only ten of a level are shown for a step, so that the most that is written is nine and how many more there are. What
//! to change comes first.

use super::problems::{Judged, dockerfile};
use super::size::size;
use super::text::fit;
use crate::budget::Outcome;
use crate::rules::Level;
use std::fmt::Write as _;

/// Annotations beside the one that counts the rest.
const MOST: usize = 9;
/// Cells of a message, and of a title.
const MESSAGE: usize = 500;
const TITLE: usize = 100;

struct Annotation {
    level: &'static str,
    file: String,
    lines: Option<[u32; 2]>,
    title: String,
    message: String,
}

/// The annotations of an image.
pub fn annotations(judged: &Judged<'_>) -> String {
    let mut all = edits(judged);
    let problems = judged.problems().into_iter().filter(|problem| problem.allowed.is_none() && problem.level >= Level::Warn);
    let mut problems: Vec<Annotation> = problems
        .map(|problem| Annotation {
            level: if problem.level == Level::Fail { "error" } else { "warning" },
            lines: problem.lines.first().copied(),
            title: format!("plimsoll {}", problem.rule),
            file: problem.file,
            message: problem.message,
        })
        .collect();
    problems.sort_by_key(|annotation| annotation.level);
    all.append(&mut problems);
    let mut text = String::new();
    for annotation in all.iter().take(MOST) {
        annotation.write(&mut text);
    }
    if all.len() > MOST {
        let rest = &all[MOST..];
        let level = if rest.iter().any(|annotation| annotation.level == "error") { "error" } else { "warning" };
        let more = format!("{} more: `plimsoll findings` and `plimsoll plan` list all", rest.len());
        Annotation { level, file: dockerfile(judged.report), lines: None, title: "plimsoll".to_owned(), message: more }.write(&mut text);
    }
    text
}

/// The way under every limit; without budgets the certain edits. An image within its budgets needs none.
fn edits(judged: &Judged<'_>) -> Vec<Annotation> {
    let report = judged.report;
    let lines = |layers: &[usize]| {
        let mut known = layers.iter().filter_map(|layer| report.layers.get(*layer));
        known.find_map(|layer| layer.lines.or(layer.line.map(|line| [line, line])))
    };
    let one = |level, layers: &[usize], title: &str, disk: u64, pull: u64| {
        let pull = if report.image.pull_bytes.is_some() { format!(" (pull {})", size(pull, judged.unit)) } else { String::new() };
        Annotation {
            level,
            file: dockerfile(report),
            lines: lines(layers),
            title: format!("plimsoll {}", size(disk, judged.unit)),
            message: format!("{title}{pull}"),
        }
    };
    match judged.verdict {
        Some(verdict) => {
            let level = if verdict.verdict == Outcome::Fail { "error" } else { "warning" };
            let way = verdict.way.iter().flat_map(|way| &way.edits);
            way.map(|edit| one(level, &edit.layers, &edit.title, edit.content_bytes, edit.blob_bytes)).collect()
        }
        None => {
            let certain = report.edits.iter().filter(|edit| edit.certain);
            certain.map(|edit| one("warning", &edit.layers, &edit.title, edit.saves.content_bytes, edit.saves.blob_bytes)).collect()
        }
    }
}

impl Annotation {
    fn write(&self, text: &mut String) {
        let _ = write!(text, "::{} file={}", self.level, property(&self.file));
        if let Some([first, last]) = self.lines {
            let _ = write!(text, ",line={first},endLine={}", last.max(first));
        }
        let _ = writeln!(text, ",title={}::{}", property(&fit(&self.title, TITLE)), data(&fit(&self.message, MESSAGE)));
    }
}

/// Text after `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text for the log of a workflow, in which no line is a command: neither `::name::` at its start nor `##[name]` anywhere.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let blank = line.len() - line.trim_start().len();
        let (blank, rest) = line.split_at(blank);
        out.push_str(blank);
        if rest.starts_with("::") {
            out.push('\u{200b}');
        }
        out.push_str(&rest.replace("##[", "##\u{200b}["));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_property_or_a_line() {
        assert_eq!(property("a:b,c%d\r\n"), "a%3Ab%2Cc%25d%0D%0A");
        assert_eq!(data("a:b,c%0A\n::error::x"), "a:b,c%250A%0A::error::x");
    }

    #[test]
    fn no_line_of_a_log_is_a_command() {
        assert_eq!(harmless("a ::b::\nc\n"), "a ::b::\nc\n");
        assert_eq!(harmless("::b::x\n \t::c::y"), "\u{200b}::b::x\n \t\u{200b}::c::y");
        assert_eq!(harmless("a ##[add-mask]b"), "a ##\u{200b}[add-mask]b");
    }
}
