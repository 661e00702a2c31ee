//! One or two sentences that a reviewer can act on: where the growth comes from, told by rules over the numbers.
//!
//! The first cause that explains at least half of the change is told: bytes stored again, waste, packages, a
//! directory; if none does, the layer with the largest part. Shares are of the change, in whole percent.

use super::{Comparison, FileChangeKind, FindingChange, LayerChange, LayerChangeKind, PackageChange, PackageChangeKind};
use crate::render::size::{Unit, plural, signed, size};
use crate::render::text::fit;
use crate::rules::Level;

/// Cells of an instruction in a sentence.
const CODE: usize = 60;
/// Things of one kind that a sentence names.
const NAMED: usize = 3;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Our own words.
    Text(String),
    /// Words that somebody else chose, such as the title of a rule.
    Quote(String),
    /// A name or an instruction: text from outside.
    Code(String),
    /// A number of bytes.
    Bytes(u64),
    /// A change of a number of bytes.
    Change(i64),
}

/// Sentences in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    pieces: Vec<Piece>,
}

impl Sentence {
    /// The pieces in their order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The pieces that are not ours, to be changed.
    pub(crate) fn others_words(&mut self) -> impl Iterator<Item = &mut String> {
        self.pieces.iter_mut().filter_map(|piece| match piece {
            Piece::Quote(text) | Piece::Code(text) => Some(text),
            _ => None,
        })
    }

    /// As one line of text. Long names are shortened, and those that could move a cursor made safe.
    pub fn plain(&self, unit: Unit) -> String {
        let one = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Quote(words) => fit(words, 2 * CODE),
            Piece::Code(code) => format!("`{}`", fit(code, CODE)),
            Piece::Bytes(bytes) => size(*bytes, unit),
            Piece::Change(bytes) => signed(*bytes, unit),
        };
        self.pieces.iter().map(one).collect()
    }

    fn text(mut self, text: &str) -> Self {
        self.pieces.push(Piece::Text(text.to_owned()));
        self
    }

    fn quote(mut self, words: &str) -> Self {
        self.pieces.push(Piece::Quote(words.to_owned()));
        self
    }

    fn code(mut self, code: &str) -> Self {
        self.pieces.push(Piece::Code(code.to_owned()));
        self
    }

    fn bytes(mut self, bytes: u64) -> Self {
        self.pieces.push(Piece::Bytes(bytes));
        self
    }

    fn change(mut self, bytes: i64) -> Self {
        self.pieces.push(Piece::Change(bytes));
        self
    }

    /// `a, b and 3 more`, each told by `one`.
    fn list<T>(mut self, all: &[T], one: impl Fn(Self, &T) -> Self) -> Self {
        for (at, item) in all.iter().take(NAMED).enumerate() {
            self = one(if at == 0 { self } else { self.text(", ") }, item);
        }
        if all.len() > NAMED { self.text(&format!(" and {} more", all.len() - NAMED)) } else { self }
    }

    /// What a rule found, more or less of it than before.
    fn finding(self, row: &FindingChange) -> Self {
        self.quote(&row.title).text(" (").code(&row.rule).text(", ").change(row.delta.content_bytes).text(")")
    }

    /// The instruction of a layer, and its line.
    fn instruction(self, layer: &LayerChange) -> Self {
        let known = match &layer.instruction {
            Some(text) => self.code(text),
            None => self.text("a layer that history does not tell of"),
        };
        match (layer.line, layer.new.or(layer.old)) {
            (Some(line), _) => known.text(&format!(" (line {line})")),
            (None, Some(number)) => known.text(&format!(" (layer {})", number + 1)),
            (None, None) => known,
        }
    }
}

pub(super) fn of(comparison: &Comparison) -> Sentence {
    let growth = comparison.delta.content_bytes;
    let sentence = Sentence::default();
    let sentence = match growth {
        _ if comparison.is_unchanged() => {
            return sentence.text(&format!("Unchanged: the same {}.", plural(comparison.new.layers as u64, "layer", "layers")));
        }
        0 => same_size(comparison, sentence),
        1.. => grown(comparison, growth.unsigned_abs(), sentence),
        _ => shrunk(comparison, growth.unsigned_abs(), sentence),
    };
    let must_not_ship: Vec<_> =
        comparison.findings.iter().filter(|finding| finding.level == Level::Fail && finding.delta.entries > 0).collect();
    if must_not_ship.is_empty() {
        return sentence;
    }
    sentence.text(" New, and must not ship: ").list(&must_not_ship, |sentence, finding| sentence.code(&finding.rule)).text(".")
}

/// `97 % of the growth`, or all of it.
fn share(part: u64, whole: u64, of: &str) -> String {
    if part >= whole {
        return format!("All of the {of}");
    }
    let percent = (u128::from(part) * 100 + u128::from(whole) / 2) / u128::from(whole.max(1));
    // Nearly all is not all.
    format!("{} % of the {of}", percent.min(99))
}

/// A sum that stops at its end: what shrank and what grew may together be more than any image.
fn total(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(0, u64::saturating_add)
}

/// At least half.
fn explains(part: u64, whole: u64) -> bool {
    part > 0 && part >= whole - whole / 2
}

fn grown(comparison: &Comparison, growth: u64, sentence: Sentence) -> Sentence {
    let copies = |layer: &&LayerChange| layer.stored.as_ref().map_or(0, |stored| stored.copies().content_bytes);
    let added = comparison.layers.iter().filter(|layer| layer.change == LayerChangeKind::Added);
    let mut copying: Vec<&LayerChange> = added.filter(|layer| copies(layer) > 0).collect();
    let copied = total(copying.iter().map(copies));
    if explains(copied, growth) {
        copying.sort_by_key(|layer| std::cmp::Reverse(copies(layer)));
        copying.retain(|layer| copies(layer) >= copied / 10);
        let head = sentence.text(&share(copied, growth, "growth")).text(" is a copy of bytes that were already there: ");
        let told = copies_of(head, &copying).text(".");
        let fresh = total(comparison.layers.iter().filter_map(|layer| layer.stored.as_ref()).map(|stored| stored.fresh.content_bytes));
        return if fresh > 0 { told.text(" New content is ").bytes(fresh).text(".") } else { told };
    }
    let mut waste: Vec<_> = comparison.findings.iter().filter(|row| row.level >= Level::Warn && row.delta.content_bytes > 0).collect();
    let wasted = total(waste.iter().map(|row| row.delta.content_bytes.unsigned_abs()));
    if explains(wasted, growth) {
        waste.retain(|row| row.delta.content_bytes.unsigned_abs() >= wasted / 20);
        let head = sentence.text(&share(wasted, growth, "growth")).text(" is waste that rules find: ");
        return head.list(&waste, |sentence, row| sentence.finding(row)).text(".");
    }
    let packages: Vec<_> = comparison.packages.iter().filter(|package| package.delta.content_bytes > 0).collect();
    let packed = total(packages.iter().map(|package| package.delta.content_bytes.unsigned_abs()));
    if explains(packed, growth) {
        let head = sentence.text(&share(packed, growth, "growth")).text(&format!(" is packages, {}: ", counted(&packages)));
        return head.list(&packages, |sentence, one| package(sentence, one)).text(".");
    }
    elsewhere(comparison, growth, 1, "growth", sentence)
}

/// Layers that store what was there: in one breath where it is the same they store.
fn copies_of(sentence: Sentence, layers: &[&LayerChange]) -> Sentence {
    let of = |layer: &LayerChange| {
        let stored = layer.stored.as_ref()?;
        let again = stored.again.content_bytes >= stored.duplicate.content_bytes;
        Some((again, stored.below.as_ref().map(|path| path.shown.clone())))
    };
    let (Some(first), Some(what)) = (layers.first(), layers.first().and_then(|layer| of(layer))) else { return sentence };
    let Some(path) =
        what.1.as_ref().filter(|_| layers.len() > 1 && layers.len() <= NAMED && layers.iter().all(|layer| of(layer) == Some(what.clone())))
    else {
        return sentence.list(layers, |sentence, layer| copy(sentence, layer));
    };
    let bytes = total(layers.iter().filter_map(|layer| layer.stored.as_ref()).map(|stored| stored.copies().content_bytes));
    let mut told = sentence.instruction(first);
    for (at, layer) in layers.iter().enumerate().skip(1) {
        told = told.text(if at + 1 == layers.len() { " and " } else { ", " }).instruction(layer);
    }
    told.text(" store ").bytes(bytes).text(" of ").code(path).text(how(what.0))
}

/// How a layer stores what was there.
fn how(again: bool) -> &'static str {
    if again { " again, with another owner, mode or time" } else { " that is at another path already" }
}

/// A layer that stores what was there.
fn copy(sentence: Sentence, layer: &LayerChange) -> Sentence {
    let Some(stored) = &layer.stored else { return sentence };
    let again = stored.again.content_bytes >= stored.duplicate.content_bytes;
    let told = sentence.instruction(layer).text(" stores ").bytes(stored.copies().content_bytes);
    let told = match &stored.below {
        Some(path) => told.text(" of ").code(&path.shown),
        None => told,
    };
    told.text(how(again))
}

/// `2 added, 1 upgraded`
fn counted(packages: &[&PackageChange]) -> String {
    let kinds = [
        PackageChangeKind::Added,
        PackageChangeKind::Removed,
        PackageChangeKind::Upgraded,
        PackageChangeKind::Resized,
        PackageChangeKind::Hidden,
    ];
    let count = |kind: PackageChangeKind| packages.iter().filter(|package| package.change == kind).count();
    let told = kinds.into_iter().filter(|kind| count(*kind) > 0).map(|kind| format!("{} {}", count(kind), kind.name()));
    told.collect::<Vec<_>>().join(", ")
}

fn package(sentence: Sentence, package: &PackageChange) -> Sentence {
    let version = match (&package.old_version, &package.new_version) {
        (Some(old), Some(new)) if old != new => format!(" {old} → {new}"),
        _ => String::new(),
    };
    sentence.code(&format!("{}{version}", package.name)).text(" ").change(package.delta.content_bytes)
}

fn shrunk(comparison: &Comparison, saved: u64, sentence: Sentence) -> Sentence {
    let head = sentence.text("Smaller by ").bytes(saved).text(". ");
    let mut waste: Vec<_> = comparison.findings.iter().rev().filter(|row| row.delta.content_bytes < 0).collect();
    let gone = total(waste.iter().map(|row| row.delta.content_bytes.unsigned_abs()));
    if explains(gone, saved) {
        waste.retain(|row| row.delta.content_bytes.unsigned_abs() >= gone / 20);
        let told = head.text(&share(gone, saved, "saving")).text(" is waste that is gone: ");
        return told.list(&waste, |sentence, row| sentence.finding(row)).text(".");
    }
    let packages: Vec<_> = comparison.packages.iter().filter(|package| package.delta.content_bytes < 0).collect();
    let packed = total(packages.iter().map(|package| package.delta.content_bytes.unsigned_abs()));
    if explains(packed, saved) {
        let told = head.text(&share(packed, saved, "saving")).text(&format!(" is packages, {}: ", counted(&packages)));
        return told.list(&packages, |sentence, one| package(sentence, one)).text(".");
    }
    elsewhere(comparison, saved, -1, "saving", head)
}

/// A directory, or else a layer.
fn elsewhere(comparison: &Comparison, whole: u64, sign: i64, of: &str, sentence: Sentence) -> Sentence {
    let part = |bytes: i64| if bytes.signum() == sign { bytes.unsigned_abs() } else { 0 };
    // The smallest of those that explain it says most.
    let mut directories = comparison.directories.iter().rev();
    if let Some(directory) = directories.find(|directory| explains(part(directory.delta.content_bytes), whole)) {
        let bytes = part(directory.delta.content_bytes);
        let counts = match (directory.added, directory.removed) {
            (0, 0) => String::new(),
            (added, 0) => format!(", where {}", plural(added.into(), "path is new", "paths are new")),
            (0, removed) => format!(", where {}", plural(removed.into(), "path is gone", "paths are gone")),
            (added, removed) => format!(", where {} and {removed} gone", plural(added.into(), "path is new", "paths are new")),
        };
        return sentence.text(&share(bytes, whole, of)).text(" is below ").code(&directory.path.shown).text(&format!("{counts}."));
    }
    let Some(layer) = comparison.layers.iter().max_by_key(|layer| (part(layer.delta.content_bytes), std::cmp::Reverse(layer.new))) else {
        return sentence;
    };
    let bytes = part(layer.delta.content_bytes);
    let how = match layer.change {
        LayerChangeKind::Added => "comes with",
        LayerChangeKind::Removed => "went with",
        LayerChangeKind::Rebuilt | LayerChangeKind::Unchanged => "comes from another outcome of",
    };
    sentence.text(&share(bytes, whole, of)).text(&format!(" {how} ")).instruction(layer).text(".")
}

fn same_size(comparison: &Comparison, sentence: Sentence) -> Sentence {
    let files = &comparison.files;
    let rebuilt = comparison.layers.iter().filter(|layer| layer.change != LayerChangeKind::Unchanged).count() as u64;
    if files.changed() == 0 {
        let layers = match rebuilt {
            0 => "no layer is new".to_owned(),
            rebuilt => plural(rebuilt, "layer is new or built again", "layers are new or built again"),
        };
        return sentence.text(&format!("The same files, of the same size on disk; {layers}."));
    }
    let kinds = [
        (FileChangeKind::Added, "added"),
        (FileChangeKind::Removed, "removed"),
        (FileChangeKind::Content, "with other content"),
        (FileChangeKind::Metadata, "with another owner or mode"),
        (FileChangeKind::Type, "of another type"),
        (FileChangeKind::Hidden, "stored more or less often"),
    ];
    let counts = kinds.into_iter().map(|(kind, word)| (files.of(kind).0, word)).filter(|(count, _)| *count > 0);
    let counts = counts.map(|(count, word)| format!("{} {word}", crate::render::size::count(count))).collect::<Vec<_>>().join(", ");
    sentence.text(&format!("The same size on disk; {}: {counts}.", plural(files.changed(), "path differs", "paths differ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_honest() {
        assert_eq!(share(5, 5, "growth"), "All of the growth");
        assert_eq!(share(999, 1000, "growth"), "99 % of the growth");
        assert_eq!(share(1, 2, "saving"), "50 % of the saving");
        assert_eq!(share(u64::MAX - 1, u64::MAX, "growth"), "99 % of the growth");
        assert!(explains(1, 2) && !explains(0, 0) && !explains(1, 3) && explains(2, 3) && explains(u64::MAX, 1));
    }

    #[test]
    fn names_are_safe_and_short() {
        let sentence = Sentence::default().text("from ").code("RUN \x1b[31m").text(", ").change(-1500).text(" ").bytes(7);
        assert_eq!(sentence.plain(Unit::Si), "from `RUN \\x1b[31m`, −1.50 kB 7 B");
        assert!(Sentence::default().code(&"x".repeat(1000)).plain(Unit::Si).chars().count() <= CODE + 2);
    }
}
