//! The lists beside the map: edits, findings, layers, packages, notes.

use super::super::link::Links;
use crate::checklist::{Check, Checklist, Outcome};
use crate::layer::Measures;
use crate::render::html::data::cut;
use crate::render::html::{segments, serialized};
use crate::render::problems::Judged;
use crate::render::size::{count, plural, size};
use crate::render::table;
use crate::report::{EditReport, FindingReport, LayerReport, PackageReport, PathReport, Report};
use crate::rules::Level;
use minijinja::{Value, context};
use std::cmp::Reverse;

/// Rows that a page has room for; what is left is counted.
const PACKAGES: usize = 1000;
const NOTES: usize = 300;
/// Signs of an instruction in a row, and in full.
const SHORT: usize = 110;
const WHOLE: usize = 20_000;
/// Findings that lie open.
const OPEN: usize = 3;

pub(in crate::render::html) fn of(judged: &Judged<'_>, checklist: &Checklist, links: Links<'_>) -> Value {
    let report = judged.report;
    let owned: Measures = report.packages.iter().map(|package| package.all).sum();
    let mut findings: Vec<&FindingReport> = report.findings.iter().collect();
    // What must not ship first, whatever its size; what only the base's makers can change last.
    findings.sort_by_key(|row| (row.base, row.allowed.is_some(), row.level != Level::Fail, Reverse(row.all.content_bytes)));
    context! {
        report => serialized(report),
        pull => report.image.pull_bytes.is_some(),
        lines => report.image.dockerfile.as_deref().map(|name| table::lines_known(name, report.image.lines_by)),
        edits => edits(report, links),
        findings => findings.iter().enumerate().map(|(at, row)| finding(judged, row, at < OPEN, links)).collect::<Vec<_>>(),
        checks => checks(checklist),
        passed => checklist.passed,
        failed => checklist.failed,
        layers => layers(judged, links),
        packages => report.packages.iter().take(PACKAGES).map(|row| package(report, row, links)).collect::<Vec<_>>(),
        rest => rest(report),
        unattributed => serialized(report.totals.minus(owned)),
        notes => notes(report),
        notes_left => report.notes.len().saturating_sub(NOTES),
        duplicates => duplicates(report),
    }
}

fn edits(report: &Report, links: Links<'_>) -> Vec<Value> {
    let (certain, review): (Vec<&EditReport>, Vec<&EditReport>) = report.edits.iter().partition(|edit| edit.certain);
    let groups = [
        ("Certain", "These hold without anybody's judgement. Each entry counts once, so that the savings add up.", certain),
        ("Check first whether the program needs it", "Not counted in what the edits make of the image.", review),
    ];
    let group = |(title, note, edits): (&str, &str, Vec<&EditReport>)| {
        let sum: Measures = edits.iter().map(|edit| edit.saves).sum();
        let edits: Vec<Value> = edits.iter().map(|one| edit(report, one, links)).collect();
        context! { title, note, edits, disk => sum.content_bytes, pull => sum.blob_bytes }
    };
    groups.into_iter().filter(|group| !group.2.is_empty()).map(group).collect()
}

fn edit(report: &Report, edit: &EditReport, links: Links<'_>) -> Value {
    let rule = |id: &String| context! { id, link => links.group("rule", [cut(id).as_str()]) };
    context! {
        number => edit.number,
        title => edit.title.clone(),
        place => place(report, &edit.layers),
        instruction => edit.instruction.as_deref().filter(|_| edit.layers.len() == 1).map(|text| shortened(text, SHORT)),
        disk => edit.saves.content_bytes,
        pull => edit.saves.blob_bytes,
        alone => Some(edit.alone.content_bytes).filter(|alone| *alone != edit.saves.content_bytes),
        details => edit.details.clone(),
        snippet => edit.snippet.clone(),
        findings => edit.findings.iter().map(rule).collect::<Vec<_>>(),
        kept => (!edit.kept.is_empty()).then(|| format!("{} of own layers stay", plural(edit.kept.len() as u64, "package", "packages"))),
    }
}

fn finding(judged: &Judged<'_>, row: &FindingReport, open: bool, links: Links<'_>) -> Value {
    let report = judged.report;
    let rule = judged.rules.iter().find(|rule| rule.id == row.rule);
    let path = |path: &crate::report::FoundPath| {
        context! {
            path => path.path.shown.clone(), layer => path.layer + 1, live => path.live, link => links.path(&path.path.shown),
            disk => path.all.content_bytes, pull => path.all.blob_bytes,
        }
    };
    context! {
        open,
        rule => row.rule.clone(),
        level => row.level.name(),
        allowed => row.allowed.clone(),
        title => row.title.clone(),
        base => row.base,
        all => serialized(row.all),
        hidden => row.shadowed.content_bytes,
        place => place(report, &row.layers),
        blame => Some(place(report, &row.culprits)).filter(|_| row.culprits != row.layers && !row.culprits.is_empty()),
        why => rule.map(|rule| &rule.why),
        fix => rule.map(|rule| &rule.fix),
        not => rule.map(|rule| &rule.not).filter(|not| !not.is_empty()),
        also => rule.map(|rule| rule.also.join(", ")).filter(|also| !also.is_empty()),
        link => links.group("rule", [cut(&row.rule).as_str()]),
        paths => row.paths.iter().map(path).collect::<Vec<_>>(),
        more => row.all.entries.saturating_sub(row.paths.len() as u64),
    }
}

/// What failed first; otherwise in their order.
fn checks(checklist: &Checklist) -> Vec<Value> {
    let mut checks: Vec<&Check> = checklist.checks.iter().collect();
    checks.sort_by_key(|check| match check.outcome {
        Outcome::Fail => (u8::from(check.allowed.is_some()), Reverse(check.level)),
        Outcome::Pass => (2, Reverse(Level::Off)),
        Outcome::NotApplicable => (3, Reverse(Level::Off)),
    });
    let word = |check: &Check| match (check.outcome, &check.allowed) {
        (Outcome::Fail, Some(_)) => ("allowed", ""),
        // Whatever its level: what failed is seen.
        (Outcome::Fail, None) => ("fail", if check.level == Level::Fail { "fail" } else { "warn" }),
        (Outcome::Pass, _) => ("pass", "pass"),
        (Outcome::NotApplicable, _) => ("n/a", ""),
    };
    let one = |check: &Check| {
        let (word, class) = word(check);
        context! {
            id => check.id.clone(), title => check.title.clone(), word, class,
            evidence => check.evidence.clone(), advice => check.advice.clone(), allowed => check.allowed.clone(),
        }
    };
    checks.into_iter().map(one).collect()
}

fn layers(judged: &Judged<'_>, links: Links<'_>) -> Vec<Value> {
    let report = judged.report;
    let widest = report.layers.iter().map(|layer| layer.all.content_bytes).max().unwrap_or(0);
    let one = |layer: &LayerReport| {
        let seen = layer.live.content_bytes.saturating_sub(layer.unneeded.content_bytes);
        let kept = if layer.base { ("base", "base", seen) } else { ("own", "own", seen) };
        let parts = [
            kept,
            ("unneeded", "unneeded", layer.unneeded.content_bytes),
            ("hidden", "hidden by later layers", layer.shadowed.all.content_bytes),
        ];
        let length = (u128::from(layer.all.content_bytes) * 1000 / u128::from(widest.max(1))) as u64;
        let from = if layer.base && layer.line.is_some() { "FROM: " } else { "" };
        let said: Vec<String> =
            parts.iter().filter(|part| part.2 > 0).map(|(_, name, bytes)| format!("{name} {}", size(*bytes, judged.unit))).collect();
        context! {
            number => layer.index + 1,
            line => layer.line,
            base => layer.base,
            present => layer.present,
            declared => layer.declared_bytes,
            short => format!("{from}{}", shortened(table::instruction(layer), SHORT)),
            whole => shortened(layer.created_by.as_deref().unwrap_or("history does not tell what made it"), WHOLE),
            facts => facts(layer, judged),
            link => links.group("layer", [(layer.index + 1).to_string().as_str()]),
            bar => serialized(segments(&parts, length.max(u64::from(layer.all.content_bytes > 0) * 4))),
            bar_name => said.join(", "),
            disk => layer.all.content_bytes,
            pull => layer.blob_size(),
            hidden => layer.shadowed.all.content_bytes,
            unneeded => layer.unneeded.content_bytes,
            reason => table::reason(report, layer).replace("see ", "see edit ").replace(" above", ""),
        }
    };
    report.layers.iter().map(one).collect()
}

/// What is known of a layer beside its sizes.
fn facts(layer: &LayerReport, judged: &Judged<'_>) -> Vec<[String; 2]> {
    let fact = |name: &str, value: Option<String>| value.map(|value| [name.to_owned(), value]);
    let stored = layer.present.then(|| size(layer.blob_size(), judged.unit));
    let facts = [
        fact("digest", layer.digest.clone()),
        fact("diff id", layer.diff_id.clone()),
        fact("blob", stored.map(|bytes| format!("{bytes}, {}", layer.compression.map_or("unknown", crate::layer::Compression::name)))),
        fact("tar", layer.present.then(|| size(layer.all.diff_bytes + layer.overhead.diff_bytes, judged.unit))),
        fact("entries", layer.present.then(|| count(layer.all.entries))),
        fact("created", layer.created.clone()),
        fact("line", layer.lines.map(|[first, last]| if first == last { first.to_string() } else { format!("{first}–{last}") })),
    ];
    facts.into_iter().flatten().collect()
}

fn package(report: &Report, row: &PackageReport, links: Links<'_>) -> Value {
    let key = cut(format!("{} {}", row.name, row.version).trim_end());
    context! {
        name => row.name.clone(),
        version => row.version.clone(),
        ecosystem => row.ecosystem.name(),
        link => links.group("package", [row.ecosystem.name(), key.as_str()]),
        base => row.base,
        dev => row.dev,
        removed => row.removed.map(|layer| place(report, &[layer])),
        layer => row.layer + 1,
        disk => row.all.content_bytes,
        pull => row.all.blob_bytes,
        hidden => row.shadowed.content_bytes,
        why => shortened(&table::package_why(row, None), 2 * SHORT),
    }
}

/// Packages beyond those that are listed.
fn rest(report: &Report) -> Option<Value> {
    let rest = report.packages.get(PACKAGES..).filter(|rest| !rest.is_empty())?;
    let sum: Measures = rest.iter().map(|package| package.all).sum();
    let hidden: Measures = rest.iter().map(|package| package.shadowed).sum();
    Some(context! { count => rest.len(), disk => sum.content_bytes, pull => sum.blob_bytes, hidden => hidden.content_bytes })
}

fn notes(report: &Report) -> Vec<Value> {
    let limits = report.limits_hit.iter().map(|hit| {
        let message = format!("{} `{}` of {}; `--limit {}=VALUE` raises it", hit.message, hit.limit, count(hit.max), hit.limit);
        context! { code => "limit", message, layer => "", count => "" }
    });
    let notes = report.notes.iter().take(NOTES).map(|note| {
        let layer = note.layer.map(|layer| (layer + 1).to_string()).unwrap_or_default();
        context! { code => note.code.clone(), message => note.message.clone(), path => note.path.clone(), layer, count => count(note.count) }
    });
    limits.chain(notes).collect()
}

fn duplicates(report: &Report) -> Value {
    let groups = report.duplicates.groups.iter().map(|group| {
        let paths: Vec<String> = group.paths.iter().map(|path: &PathReport| path.shown.clone()).collect();
        context! { each => group.content_bytes, paths }
    });
    let spare = report.duplicates.spare;
    context! { content_bytes => spare.content_bytes, entries => spare.entries, groups => groups.collect::<Vec<_>>() }
}

/// `lines 3, 5–7`, or layers where no Dockerfile is known.
pub(super) fn place(report: &Report, layers: &[usize]) -> String {
    let word = if report.image.dockerfile.is_some() { "line" } else { "layer" };
    let places = table::places(report, layers);
    match places.contains([',', '–']) {
        _ if places.is_empty() => places,
        true => format!("{word}s {places}"),
        false => format!("{word} {places}"),
    }
}

/// At most so many signs.
pub(in crate::render::html) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}
