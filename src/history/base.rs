//! Guesses from the history alone how many of the first layers are the base image.
//!
//! The report asks for it where nothing better is known. Between any two layers that have rows lies a [`Seam`]; each of
//! the `guess_…` functions looks at all of them for one kind of evidence, and the first to find some is believed.

use super::words::short;
use super::{Alignment, Dialect, HistoryRow, Instruction, Pairing, Verb, field, is_jib_filler};
use serde::Serialize;

/// Where the base image ends, judged by the history alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BaseGuess {
    /// How many of the first layers belong to the base; at least one, and never all.
    pub layers: usize,
    /// Why, as a fragment to be put after "because".
    pub evidence: String,
    /// How far to trust it.
    pub confidence: Confidence,
}

/// How far to trust a [`BaseGuess`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// One sign that own Dockerfiles can give as well.
    Weak,
    /// The sign of a build that ended and another that began.
    Likely,
}

/// Rows written in one build are rarely further apart; a base image is rarely younger.
const GAP_SECONDS: u64 = 10 * 60;

/// The place between two layers, with every sign that two builds meet there.
struct Seam<'a> {
    /// Layers below.
    layers: usize,
    below: &'a Instruction,
    above: &'a Instruction,
    /// The last `CMD` or `ENTRYPOINT` between the two: base images end with one.
    closer: Option<&'a Instruction>,
    /// Whether the times of the rows around it are known.
    timed: bool,
    /// The longest time between neighbouring rows, if above [`GAP_SECONDS`].
    gap: Option<u64>,
}

impl Seam<'_> {
    /// The builder changes. Names, as they are to be shown.
    fn switch(&self) -> Option<(&'static str, &'static str)> {
        let (below, above) = (builder(self.below)?, builder(self.above)?);
        (below != above).then_some((below, above))
    }

    /// buildah's remark on the row above: the reference or image id it was built on.
    fn built_on(&self) -> Option<&str> {
        field(self.above.comment.as_ref()).strip_prefix("FROM ").map(str::trim)
    }

    fn guess(&self, confidence: Confidence, evidence: String) -> BaseGuess {
        BaseGuess { layers: self.layers, evidence, confidence }
    }
}

/// Guesses how many of the first layers are the base image. `None` when nothing points to a place, also when all
/// layers could be the base: then there is nothing to set apart.
///
/// A wrong guess hides layers that could be changed, so the rule is to claim too little rather than too much: a `CMD`
/// in the middle of a Dockerfile moves the end of the base only if time has passed or the builder has changed there.
#[must_use]
pub fn guess_base(history: &[HistoryRow], pairing: &Pairing) -> Option<BaseGuess> {
    let how = pairing.mismatch.map(|mismatch| mismatch.how);
    if how == Some(Alignment::Unknown) {
        return None;
    }
    let rows: Vec<Instruction> = history.iter().map(Instruction::parse).collect();
    let seams = seams(&rows, history, pairing);
    let mut guess =
        guess_buildah(&seams).or_else(|| guess_two_builds(&seams)).or_else(|| guess_root(&seams)).or_else(|| guess_closer(&seams))?;
    if how.is_some() {
        guess.confidence = Confidence::Weak;
    }
    Some(guess)
}

fn seams<'a>(rows: &'a [Instruction], history: &[HistoryRow], pairing: &Pairing) -> Vec<Seam<'a>> {
    let upper = pairing.rows.iter().skip(1);
    let pairs = pairing.rows.iter().zip(upper).enumerate();
    let found = pairs.filter_map(|(index, (low, high))| {
        let (low, high) = ((*low)?, (*high)?);
        let stretch = rows.get(low..=high)?;
        let is_closer = |at: usize| {
            let metadata = history.get(low + at).is_some_and(|row| row.empty_layer);
            metadata && stretch.get(at).is_some_and(|row| matches!(row.verb, Verb::Cmd | Verb::Entrypoint))
        };
        let closer = (0..stretch.len()).rev().find(|at| is_closer(*at));
        // What happens before the closer happens inside the build that wrote it.
        let times: Vec<i64> = stretch.iter().skip(closer.unwrap_or(0)).filter_map(|row| seconds(row.created.as_deref()?)).collect();
        let gap = times.iter().zip(times.iter().skip(1)).map(|(a, b)| a.abs_diff(*b)).max();
        Some(Seam {
            layers: index + 1,
            below: stretch.first()?,
            above: stretch.last()?,
            closer: closer.and_then(|at| stretch.get(at)),
            timed: gap.is_some(),
            gap: gap.filter(|gap| *gap > GAP_SECONDS),
        })
    });
    found.collect()
}

/// buildah writes `FROM <what it built on>` on every row of its own: the reference on the first one, and in a layered
/// build the ids of its intermediate images on the others. Rows of another builder above mean that the remark belongs
/// to a lower build, which is then part of the base.
fn guess_buildah(seams: &[Seam]) -> Option<BaseGuess> {
    let own = seams.iter().rev().take_while(|seam| seam.built_on().is_some()).count();
    let own = seams.get(seams.len() - own..)?;
    let is_id = |name: &str| name.len() >= 12 && name.chars().all(|c| c.is_ascii_hexdigit());
    let named = own.iter().rev().find(|seam| seam.built_on().is_some_and(|name| !is_id(name)));
    if let Some(seam) = named {
        let evidence = format!("buildah noted `FROM {}` on the row above it", seam.built_on().unwrap_or(""));
        return Some(seam.guess(Confidence::Likely, evidence));
    }
    if let Some((seam, gap)) = own.iter().rev().find_map(|seam| Some((seam, seam.gap?))) {
        let evidence = format!("buildah continued from it {}", apart(gap));
        return Some(seam.guess(Confidence::Likely, evidence));
    }
    // From scratch the first row has no remark either, so this alone proves little.
    Some(own.first()?.guess(Confidence::Weak, "buildah's notes begin above it".to_owned()))
}

/// Base images build on base images, so the last place counts.
fn guess_two_builds(seams: &[Seam]) -> Option<BaseGuess> {
    seams.iter().rev().find_map(|seam| {
        let evidence = match (seam.closer, seam.gap, seam.switch()) {
            (Some(closer), Some(gap), _) => {
                format!("`{}` ends it and the next row was written {}", short(&closer.text, 40), apart(gap))
            }
            (_, _, Some((below, above))) => {
                format!("its last row was written by {below}, the next one by {above}")
            }
            _ => return None,
        };
        Some(seam.guess(Confidence::Likely, evidence))
    })
}

/// A root filesystem at the bottom is the base, or at least the first part of it.
fn guess_root(seams: &[Seam]) -> Option<BaseGuess> {
    let seam = seams.iter().take_while(|seam| root(seam.below).is_some()).last()?;
    let evidence = match (seam.closer, seam.gap) {
        (Some(closer), _) => format!("it is a root filesystem, followed by `{}`", short(&closer.text, 40)),
        (None, Some(gap)) => format!("it is a root filesystem, and the next row was written {}", apart(gap)),
        (None, None) => "it is a root filesystem".to_owned(),
    };
    let sure = seam.closer.is_some() || seam.gap.is_some() || root(seam.below) == Some(Root::Published);
    Some(seam.guess(if sure { Confidence::Likely } else { Confidence::Weak }, evidence))
}

/// Only a `CMD` in the middle is left. With times and no gap it may be the author's own, and the first one claims the
/// least; without times the last one is as good a sign as there is.
fn guess_closer(seams: &[Seam]) -> Option<BaseGuess> {
    let mut closed = seams.iter().filter(|seam| seam.closer.is_some());
    let timed = closed.clone().all(|seam| seam.timed);
    let seam = if timed { closed.next() } else { closed.next_back() }?;
    let evidence = format!("`{}` stands before further layers", short(&seam.closer?.text, 40));
    Some(seam.guess(Confidence::Weak, evidence))
}

/// Who wrote a row, as far as a change of it means another build. `None` if the row says nothing of it.
fn builder(row: &Instruction) -> Option<&'static str> {
    const OTHER: &str = "another tool";
    match row.dialect {
        // Not every row of buildah has its remark.
        Dialect::Classic | Dialect::Buildah => Some("a classic builder"),
        Dialect::Jib if is_jib_filler(field(row.comment.as_ref()), row.raw.trim()) => Some(OTHER),
        Dialect::Unknown if row.verb == Verb::Unknown && !row.raw.trim().is_empty() => Some(OTHER),
        Dialect::Unknown => None,
        dialect => Some(dialect.as_str()),
    }
}

/// How sure it is that a row brought a whole root filesystem.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Root {
    /// An archive put at `/`, which own Dockerfiles do as well.
    Unpacked,
    /// Written by the tool of a distribution, or imported.
    Published,
}

fn root(row: &Instruction) -> Option<Root> {
    const ARCHIVES: [&str; 8] = [".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tar.zst", ".tar.lzma"];
    let comment = field(row.comment.as_ref());
    if row.verb == Verb::Unknown {
        let published = comment.starts_with("debuerreotype")
            || comment.starts_with("Imported from")
            || row.text.starts_with("debian.sh ")
            || row.text.starts_with("Apply image ")
            || row.text.starts_with("Install update ");
        return published.then_some(Root::Published);
    }
    let (source, target) = row.text.strip_prefix("ADD ")?.rsplit_once(' ')?;
    let source = source.rsplit(' ').find(|word| *word != "in")?;
    let archive = source == "file:…" || ARCHIVES.iter().any(|ending| source.ends_with(ending));
    (archive && target == "/").then_some(Root::Unpacked)
}

/// A time span in words a reader can judge.
fn apart(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit} apart")
}

/// Seconds since 1970 of an RFC 3339 time, leniently: the fraction is ignored, a missing zone is UTC. Reproducible
/// builds write the year 1, 1970 or 1980 for "no time", so those are none.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19).unwrap_or(0));
    if year <= 1980 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let zone = text.get(19..).unwrap_or("").trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let two = |at: usize| zone.get(at..at + 2).and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
    let offset = match zone.bytes().next() {
        Some(b'+') => two(1) * 3_600 + two(4) * 60,
        Some(b'-') => -(two(1) * 3_600 + two(4) * 60),
        _ => 0,
    };
    Some(crate::text::days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset)
}
