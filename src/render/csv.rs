//! CSV (RFC 4180) that no spreadsheet takes for a formula.

mod diff;

pub use diff::diff;

use crate::text::escaped;
use std::io::{self, Write};

/// Writes one row, names made safe for a terminal. Every field is quoted; text that a spreadsheet would evaluate gets an
/// apostrophe in front (OWASP, "CSV Injection").
pub fn row(fields: &[&str], out: &mut dyn Write) -> io::Result<()> {
    row_with(fields, &[], out)
}

/// The same with numbers at its end: what is less than nothing is no formula.
fn row_with(fields: &[&str], numbers: &[i64], out: &mut dyn Write) -> io::Result<()> {
    let text = |field: &&str| {
        let guard = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        format!("\"{guard}{}\"", escaped(field.as_bytes()).replace('"', "\"\""))
    };
    let cells: Vec<String> = fields.iter().map(text).chain(numbers.iter().map(|number| format!("\"{number}\""))).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// The layers of images side by side.
pub fn pulls(comparison: &crate::pull::Comparison, out: &mut dyn Write) -> io::Result<()> {
    row(&["image", "platform", "layer", "digest", "blob_bytes", "media_type", "plain", "foreign", "shared_with"], out)?;
    for image in &comparison.images {
        for (number, layer) in image.outline.layers.iter().enumerate() {
            let shared: Vec<_> = layer.shared_with.iter().map(ToString::to_string).collect();
            row(
                &[
                    &image.outline.reference,
                    &image.outline.platform,
                    &number.to_string(),
                    &layer.digest.to_string(),
                    &layer.blob_bytes.to_string(),
                    &layer.media_type,
                    if layer.plain { "true" } else { "false" },
                    if layer.foreign { "true" } else { "false" },
                    &shared.join(" "),
                ],
                out,
            )?;
        }
    }
    Ok(())
}

/// The budgets of a verdict.
pub fn check(verdict: &crate::budget::Verdict, out: &mut dyn Write) -> io::Result<()> {
    use crate::budget::Amount;
    let number = |amount: Amount| match amount {
        Amount::Whole(number) => number.to_string(),
        Amount::Part(part) => part.to_string(),
    };
    row(&["name", "verdict", "actual", "limit", "over", "warn", "configured", "why"], out)?;
    for report in &verdict.budgets {
        row(
            &[
                &report.name,
                report.verdict.name(),
                &number(report.actual),
                &number(report.limit),
                &number(report.over),
                &report.warn.map(number).unwrap_or_default(),
                &report.configured,
                &report.why.join(" "),
            ],
            out,
        )?;
    }
    Ok(())
}

/// The layers of a report.
pub fn layers(report: &crate::Report, out: &mut dyn Write) -> io::Result<()> {
    row(
        &[
            "layer",
            "digest",
            "base",
            "instruction",
            "entries",
            "content_bytes",
            "diff_bytes",
            "blob_bytes",
            "live_content_bytes",
            "shadowed_content_bytes",
            "live_blob_bytes",
            "shadowed_blob_bytes",
            "overhead_diff_bytes",
            "overhead_blob_bytes",
        ],
        out,
    )?;
    for layer in &report.layers {
        let number = |n: u64| n.to_string();
        row(
            &[
                &number(layer.index as u64),
                layer.digest.as_deref().unwrap_or_default(),
                if layer.base { "true" } else { "false" },
                layer.instruction.as_deref().unwrap_or_default(),
                &number(layer.all.entries),
                &number(layer.all.content_bytes),
                &number(layer.all.diff_bytes),
                &number(layer.all.blob_bytes),
                &number(layer.live.content_bytes),
                &number(layer.shadowed.all.content_bytes),
                &number(layer.live.blob_bytes),
                &number(layer.shadowed.all.blob_bytes),
                &number(layer.overhead.diff_bytes),
                &number(layer.overhead.blob_bytes),
            ],
            out,
        )?;
    }
    Ok(())
}

/// What `measures` adds to a row: entries and the three sizes.
fn measures(of: &crate::layer::Measures) -> [String; 4] {
    [of.entries, of.content_bytes, of.diff_bytes, of.blob_bytes].map(|number| number.to_string())
}

/// Numbers from 0, parted by blanks.
fn numbers(list: &[usize]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The edits of a report.
pub fn edits(report: &crate::Report, out: &mut dyn Write) -> io::Result<()> {
    let names = ["edit", "kind", "certain", "title", "line", "layers", "entries", "content_bytes", "diff_bytes", "blob_bytes", "findings"];
    row(&names, out)?;
    for edit in &report.edits {
        let kind = serde_json::to_value(edit.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
        let [entries, content, diff, blob] = measures(&edit.saves);
        let line = edit.line.map(|line| line.to_string()).unwrap_or_default();
        let certain = if edit.certain { "true" } else { "false" };
        let (number, layers, findings) = (edit.number.to_string(), numbers(&edit.layers), edit.findings.join(" "));
        row(&[&number, &kind, certain, &edit.title, &line, &layers, &entries, &content, &diff, &blob, &findings], out)?;
    }
    Ok(())
}

/// The findings of a report.
pub fn findings(report: &crate::Report, out: &mut dyn Write) -> io::Result<()> {
    let names = [
        "rule",
        "level",
        "title",
        "base",
        "entries",
        "content_bytes",
        "diff_bytes",
        "blob_bytes",
        "shadowed_entries",
        "shadowed_content_bytes",
        "shadowed_diff_bytes",
        "shadowed_blob_bytes",
        "layers",
        "culprits",
        "allowed",
    ];
    row(&names, out)?;
    for finding in &report.findings {
        let base = if finding.base { "true" } else { "false" };
        let mut fields = vec![finding.rule.clone(), finding.level.name().to_owned(), finding.title.clone(), base.to_owned()];
        fields.extend(measures(&finding.all));
        fields.extend(measures(&finding.shadowed));
        fields.extend([numbers(&finding.layers), numbers(&finding.culprits), finding.allowed.clone().unwrap_or_default()]);
        row(&fields.iter().map(String::as_str).collect::<Vec<_>>(), out)?;
    }
    Ok(())
}

/// Rules.
pub fn rules(rules: &[crate::rules::Rule], out: &mut dyn Write) -> io::Result<()> {
    row(&["rule", "level", "title", "also"], out)?;
    rules.iter().try_for_each(|rule| row(&[&rule.id, rule.level.name(), &rule.title, &rule.also.join(" ")], out))
}

/// What a cache keeps.
pub fn cache(kept: &[crate::cache::Kept], out: &mut dyn Write) -> io::Result<()> {
    row(&["digest", "version", "blob_bytes", "entries", "bytes", "last_used"], out)?;
    kept.iter().try_for_each(|kept| {
        let [blob, entries, bytes] = [kept.blob_bytes, kept.entries, kept.bytes].map(|number| number.to_string());
        row(&[kept.digest.as_str(), &kept.version, &blob, &entries, &bytes, &kept.last_used()], out)
    })
}

/// A checklist.
pub fn checklist(checklist: &crate::checklist::Checklist, out: &mut dyn Write) -> io::Result<()> {
    row(&["check", "outcome", "level", "title", "layers", "lines", "evidence", "advice", "allowed"], out)?;
    checklist.checks.iter().try_for_each(|check| {
        let lines = check.lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let (layers, allowed) = (numbers(&check.layers), check.allowed.as_deref().unwrap_or_default());
        let outcome = check.outcome.name();
        row(&[&check.id, outcome, check.level.name(), &check.title, &layers, &lines, &check.evidence, &check.advice, allowed], out)
    })
}

/// Entries.
pub fn entries(items: impl Iterator<Item = super::json::EntryReport>, out: &mut dyn Write) -> io::Result<()> {
    row(
        &[
            "path",
            "layer",
            "kind",
            "live",
            "cause",
            "by",
            "content_bytes",
            "diff_bytes",
            "blob_bytes",
            "mode",
            "uid",
            "gid",
            "mtime",
            "link",
        ],
        out,
    )?;
    for item in items {
        row(
            &[
                &item.path.shown,
                &item.layer.to_string(),
                item.kind.name(),
                if item.live { "true" } else { "false" },
                item.cause.unwrap_or_default(),
                &item.by.map(|by| by.to_string()).unwrap_or_default(),
                &item.measures.content_bytes.to_string(),
                &item.measures.diff_bytes.to_string(),
                &item.measures.blob_bytes.to_string(),
                &item.mode,
                &item.uid.to_string(),
                &item.gid.to_string(),
                &item.mtime.to_string(),
                item.link.as_deref().unwrap_or_default(),
            ],
            out,
        )?;
    }
    Ok(())
}

/// Directories.
pub fn directories(items: impl Iterator<Item = crate::report::DirectoryReport>, out: &mut dyn Write) -> io::Result<()> {
    row(
        &[
            "path",
            "live_entries",
            "live_content_bytes",
            "live_diff_bytes",
            "live_blob_bytes",
            "shadowed_entries",
            "shadowed_content_bytes",
            "shadowed_diff_bytes",
            "shadowed_blob_bytes",
        ],
        out,
    )?;
    for item in items {
        let mut fields = vec![item.path.shown];
        for measures in [item.live, item.shadowed] {
            fields.extend([measures.entries, measures.content_bytes, measures.diff_bytes, measures.blob_bytes].map(|n| n.to_string()));
        }
        row(&fields.iter().map(String::as_str).collect::<Vec<_>>(), out)?;
    }
    Ok(())
}

/// Packages.
pub fn packages<'r>(packages: impl Iterator<Item = &'r crate::report::PackageReport>, out: &mut dyn Write) -> io::Result<()> {
    let names = [
        "number",
        "ecosystem",
        "package",
        "version",
        "architecture",
        "source",
        "purl",
        "entries",
        "content_bytes",
        "diff_bytes",
        "blob_bytes",
        "shadowed_entries",
        "shadowed_content_bytes",
        "shadowed_diff_bytes",
        "shadowed_blob_bytes",
        "layer",
        "removed",
        "line",
        "base",
        "why",
        "chain",
        "dev",
        "needs",
        "record",
    ];
    row(&names, out)?;
    let yes = |it: bool| if it { "true" } else { "false" }.to_owned();
    for package in packages {
        let mut fields = vec![
            package.number.to_string(),
            package.ecosystem.name().to_owned(),
            // With the ecosystem in front no scope of npm looks like a formula, and `files --package` takes it as it is.
            format!("{}:{}", package.ecosystem.name(), package.name),
            package.version.clone(),
            package.architecture.clone(),
            package.source.clone(),
            package.purl.clone(),
        ];
        fields.extend(measures(&package.all));
        fields.extend(measures(&package.shadowed));
        fields.extend([
            package.layer.to_string(),
            package.removed.map(|layer| layer.to_string()).unwrap_or_default(),
            package.line.map(|line| line.to_string()).unwrap_or_default(),
            yes(package.base),
            package.why.clone(),
            package.chain.join(" "),
            yes(package.dev),
            numbers(&package.needs),
            package.record.shown.clone(),
        ]);
        row(&fields.iter().map(String::as_str).collect::<Vec<_>>(), out)?;
    }
    Ok(())
}

/// The groups of the last level, one column for each level; what belongs to no entry comes last.
pub fn breakdown(breakdown: &crate::breakdown::Breakdown, out: &mut dyn Write) -> io::Result<()> {
    let mut names: Vec<String> = breakdown.keys.iter().map(|key| key.name().to_owned()).collect();
    for part in ["", "live_", "shadowed_"] {
        names.extend(["entries", "content_bytes", "diff_bytes", "blob_bytes"].map(|name| format!("{part}{name}")));
    }
    let mut write = |fields: Vec<String>| row(&fields.iter().map(String::as_str).collect::<Vec<_>>(), out);
    write(names)?;
    for (way, group) in breakdown.rows() {
        let mut fields: Vec<String> = way.into_iter().map(str::to_owned).collect();
        for part in [&group.all, &group.live, &group.shadowed] {
            fields.extend(measures(part));
        }
        write(fields)?;
    }
    let mut last = vec![String::new(); breakdown.keys.len()];
    if let Some(first) = last.first_mut() {
        "overhead".clone_into(first);
    }
    last.extend(measures(&breakdown.overhead));
    last.extend(vec!["0".to_owned(); 8]);
    write(last)
}
