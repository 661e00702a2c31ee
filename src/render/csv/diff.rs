//! A comparison as rows: each part adds up to the whole change, but for the overhead beside it and the directories.

use super::{row, row_with};
use crate::compare::{Comparison, Delta};
use std::io::{self, Write};

/// Layers, packages, rules, kinds of files and files, one row each.
pub fn diff(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    row(&["part", "change", "name", "old", "new", "line", "entries", "content_bytes", "diff_bytes", "blob_bytes"], out)?;
    let number = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
    let line = |line: Option<u32>| line.map(|line| line.to_string()).unwrap_or_default();
    for layer in &comparison.layers {
        let about = [layer.change.name(), layer.instruction.as_deref().unwrap_or_default()];
        one("layer", about, [number(layer.old), number(layer.new), line(layer.line)], &layer.delta, out)?;
    }
    for package in &comparison.packages {
        let name = format!("{}:{}", package.ecosystem.name(), package.name);
        let version = |version: &Option<String>| version.clone().unwrap_or_default();
        let place = [version(&package.old_version), version(&package.new_version), line(package.line)];
        one("package", [package.change.name(), &name], place, &package.delta, out)?;
    }
    one("package", ["", crate::breakdown::UNATTRIBUTED], Default::default(), &comparison.unattributed, out)?;
    for finding in &comparison.findings {
        let bytes = [finding.old.content_bytes.to_string(), finding.new.content_bytes.to_string(), String::new()];
        one("finding", [finding.level.name(), &finding.rule], bytes, &finding.delta, out)?;
    }
    one("finding", ["", crate::breakdown::NO_FINDING], Default::default(), &comparison.unclaimed, out)?;
    for kind in &comparison.files.kinds {
        one("files", [kind.change.name(), &format!("{} paths", kind.paths)], Default::default(), &kind.delta, out)?;
    }
    for file in &comparison.files.list {
        one("file", [file.change.name(), &file.path.shown], Default::default(), &file.delta, out)?;
    }
    for directory in &comparison.directories {
        one("directory", ["", &directory.path.shown], Default::default(), &directory.delta, out)?;
    }
    one("overhead", ["", "belongs to no entry"], Default::default(), &comparison.overhead, out)?;
    one("total", ["", "all entries"], Default::default(), &comparison.delta, out)
}

fn one(part: &str, [change, name]: [&str; 2], [old, new, line]: [String; 3], delta: &Delta, out: &mut dyn Write) -> io::Result<()> {
    let numbers = [delta.entries, delta.content_bytes, delta.diff_bytes, delta.blob_bytes];
    row_with(&[part, change, name, &old, &new, &line], &numbers, out)
}
