//! What the two forms of a comparison for people have in common: words beside the numbers.

use super::problems::amount;
use super::size::{Unit, percent, plural, size};
use crate::budget::Outcome;
use crate::compare::{Comparison, Delta, FileChangeKind, LayerChange, LayerChangeKind, PackageChange, PackageChangeKind, Stored};
use crate::layer::Measures;

/// Why a layer weighs more or less, in a few words of our own.
pub(super) fn why(comparison: &Comparison, layer: &LayerChange, unit: Unit) -> String {
    let obvious = match layer.change {
        LayerChangeKind::Removed => "not in the new image",
        LayerChangeKind::Unchanged => "",
        _ if layer.stored.as_ref().is_none_or(|stored| all(stored) == 0) => "no file content",
        _ => "new content",
    };
    remark(comparison, layer, unit).unwrap_or_else(|| obvious.to_owned())
}

/// The same where it is not obvious.
pub(super) fn remark(comparison: &Comparison, layer: &LayerChange, unit: Unit) -> Option<String> {
    if layer.change == LayerChangeKind::Unchanged {
        return (!layer.delta.is_zero()).then(|| "the same content, stored otherwise".to_owned());
    }
    let stored = layer.stored.as_ref().filter(|stored| all(stored) > 0)?;
    if 2 * u128::from(stored.copies().content_bytes) >= u128::from(all(stored)) {
        return Some(copies(stored, layer.instruction.as_deref().unwrap_or_default(), unit));
    }
    if layer.change == LayerChangeKind::Rebuilt {
        if stored.fresh.content_bytes == 0 {
            return Some("built again, with the same content".to_owned());
        }
        return Some(format!("built again; {} of it is new content", size(stored.fresh.content_bytes, unit)));
    }
    let came = comparison.packages.iter().filter(|package| package.layer == layer.new && package.change == PackageChangeKind::Added);
    match came.count() {
        0 if stored.fresh.content_bytes == 0 => Some("content that the old image had in another layer".to_owned()),
        0 => None,
        count => Some(format!("brings {}", plural(count as u64, "package", "packages"))),
    }
}

fn all(stored: &Stored) -> u64 {
    (stored.copies() + stored.kept + stored.fresh).content_bytes
}

fn copies(stored: &Stored, instruction: &str, unit: Unit) -> String {
    if stored.again.content_bytes < stored.duplicate.content_bytes {
        return format!("{} is at another path already", size(stored.duplicate.content_bytes, unit));
    }
    let again = format!("{} stored again", size(stored.again.content_bytes, unit));
    match (instruction.contains("chown"), instruction.contains("chmod")) {
        (true, true) => format!("{again}; use COPY --chown --chmod"),
        (true, false) => format!("{again}; use COPY --chown"),
        (false, true) => format!("{again}; use COPY --chmod"),
        (false, false) => format!("{again}: other owner, mode or time"),
    }
}

/// What comes of the new image's budgets.
pub(super) fn budgets(comparison: &Comparison, unit: Unit) -> Option<String> {
    let verdict = comparison.verdict.as_ref()?;
    let over = || {
        let of = verdict.budgets.iter().filter(|report| report.verdict == verdict.verdict);
        of.map(|report| format!("{} by {}", report.title, amount(report.over, report.kind, unit))).collect::<Vec<_>>().join("; ")
    };
    Some(match verdict.verdict {
        Outcome::Fail => format!("over budget: {}", over()),
        Outcome::Warn => format!("above where a budget warns: {}", over()),
        Outcome::Pass => format!("within {}", plural(verdict.budgets.len() as u64, "budget", "budgets")),
    })
}

/// Packages that people see: those of other versions first, and none of which only headers or compressed bytes differ.
pub(super) fn packages(comparison: &Comparison) -> Vec<&PackageChange> {
    let another = |package: &PackageChange| package.old_version != package.new_version;
    let worth = |package: &&PackageChange| package.delta.content_bytes != 0 || another(package);
    let mut all: Vec<&PackageChange> = comparison.packages.iter().filter(worth).collect();
    all.sort_by_key(|package| !another(package));
    all
}

/// `deb:curl 7.88 → 8.1`
pub(super) fn package(package: &PackageChange) -> String {
    let version = match (&package.old_version, &package.new_version) {
        (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
        (old, new) => new.as_ref().or(old.as_ref()).cloned().unwrap_or_default(),
    };
    format!("{}:{} {version}", package.ecosystem.name(), package.name).trim_end().to_owned()
}

/// `5 packages added, 0 removed, 1 upgraded`
pub(super) fn package_counts(comparison: &Comparison) -> String {
    let that = |kind| comparison.packages_that(kind);
    let added = plural(that(PackageChangeKind::Added) as u64, "package", "packages");
    format!("{added} added, {} removed, {} upgraded", that(PackageChangeKind::Removed), that(PackageChangeKind::Upgraded))
}

/// `976 paths added, 9 with other content`
pub(super) fn file_counts(comparison: &Comparison) -> String {
    let kinds = [
        (FileChangeKind::Added, "added"),
        (FileChangeKind::Removed, "removed"),
        (FileChangeKind::Content, "with other content"),
        (FileChangeKind::Metadata, "with another owner or mode only"),
        (FileChangeKind::Type, "of another type"),
        (FileChangeKind::Hidden, "stored more or less often"),
    ];
    let told = kinds.into_iter().map(|(kind, word)| (comparison.files.of(kind).0, word)).filter(|(count, _)| *count > 0);
    let mut told = told.map(|(count, word)| format!("{} {word}", super::size::count(count)));
    match told.next() {
        Some(first) => std::iter::once(format!("paths: {first}")).chain(told).collect::<Vec<_>>().join(", "),
        None => "no path changed".to_owned(),
    }
}

/// A row of the first table; what is not known is not there.
pub(super) struct Size {
    pub(super) what: &'static str,
    pub(super) old: Option<u64>,
    pub(super) new: Option<u64>,
    pub(super) change: Option<i64>,
}

/// The rows of the first table.
pub(super) fn sizes(comparison: &Comparison) -> Vec<Size> {
    let (old, new) = (&comparison.old, &comparison.new);
    let content = |what, old: &Measures, new: &Measures, delta: &Delta| Size {
        what,
        old: Some(old.content_bytes),
        new: Some(new.content_bytes),
        change: Some(delta.content_bytes),
    };
    vec![
        content("disk", &old.totals, &new.totals, &comparison.delta),
        Size { what: "pull", old: old.pull_bytes, new: new.pull_bytes, change: comparison.pull_bytes },
        content("of disk: live", &old.live, &new.live, &comparison.live),
        content("of disk: hidden by later layers", &old.shadowed, &new.shadowed, &comparison.shadowed),
    ]
}

/// ` (+45.9 %)`, of what was before.
pub(super) fn relative(change: Option<i64>, before: Option<u64>) -> String {
    let share = change.zip(before).and_then(|(change, before)| super::size::change(change, before));
    share.map(|share| format!(" ({share})")).unwrap_or_default()
}

/// Whether a change is too small for more than a line: less than a quarter of a MiB and than a thousandth.
pub(super) fn is_small(comparison: &Comparison) -> bool {
    let small = |change: i64, before: u64| change.unsigned_abs() < (256u64 << 10).max(before / 1000);
    let alarm = |level, entries: i64| level == crate::rules::Level::Fail && entries > 0;
    let pull = comparison.pull_bytes.zip(comparison.old.pull_bytes).is_none_or(|(change, before)| small(change, before));
    pull && small(comparison.delta.content_bytes, comparison.old.totals.content_bytes)
        && !comparison.findings.iter().any(|finding| alarm(finding.level, finding.delta.entries))
}

/// `all but 13.2 MB (1.4 %) of it`: what the new layers would cost without their copies.
pub(super) fn without_copies(comparison: &Comparison, unit: Unit) -> Option<String> {
    let added = comparison.layers.iter().filter(|layer| layer.change == LayerChangeKind::Added);
    let copied: u64 = added.filter_map(|layer| layer.stored.as_ref()).map(|stored| stored.copies().content_bytes).sum();
    let left = comparison.delta.content_bytes.saturating_sub_unsigned(copied);
    let worth = copied > 0 && comparison.delta.content_bytes > 0 && copied >= comparison.delta.content_bytes.unsigned_abs() / 10;
    let before = comparison.old.totals.content_bytes;
    let share = if before > 0 && left > 0 { format!(" (+{})", percent(left.unsigned_abs(), before)) } else { String::new() };
    worth.then(|| format!("{}{share}", super::size::signed(left, unit)))
}
