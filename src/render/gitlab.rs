//! Code Quality of GitLab: an array of issues, as a merge request shows them.

use super::problems::{Judged, Problem};
use super::text::fit;
use crate::rules::Level;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Cells of a description: it is shown in one line.
const DESCRIPTION: usize = 400;

/// The problems of an image; what an exception accepts is left out.
pub fn issues(judged: &Judged<'_>, out: &mut dyn Write) -> io::Result<()> {
    let issues: Vec<Value> = judged.problems().iter().filter(|problem| problem.allowed.is_none()).map(issue).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

fn issue(problem: &Problem) -> Value {
    let severity = match problem.level {
        Level::Fail => "critical",
        Level::Warn => "minor",
        Level::Info | Level::Off => "info",
    };
    json!({
        "description": fit(&problem.message, DESCRIPTION),
        "check_name": problem.rule,
        "fingerprint": problem.fingerprint,
        "severity": severity,
        // A line there must be.
        "location": {"path": problem.file, "lines": {"begin": problem.lines.first().map_or(1, |lines| lines[0].max(1))}},
    })
}
