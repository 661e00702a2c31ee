//! What to change: each [`Edit`] is one change to one instruction, with what it saves.
//!
//! Findings say which bytes are waste; an edit says which instruction to change so that they are
//! never stored, and removes whatever goes with them: copies that a later `chown` made, packages that
//! nothing left needs. What an edit saves is counted entry by entry, and each entry goes to the first
//! edit that removes it, so the edits add up and the image without all of them is exact.

mod again;
mod census;
mod context;
mod copies;
mod instruction;
mod numbers;
mod packages;
mod removal;
mod review;
mod together;
mod trees;

pub use numbers::EditName;
pub use removal::Removal;

use crate::attribution::{Attribution, PackageId};
use crate::dockerfile::Lines;
use crate::index::{Cause, Fate, Index, Placed, Sums};
use crate::layer::Measures;
use crate::parallel::both;
use crate::rules::{Evidence, Findings};
use again::{Again, is_again};
use census::Census;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// What kind of change an edit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EditKind {
    /// Build in a stage of its own; ship what the program needs.
    Stage,
    /// Set owner and mode when files come in.
    Metadata,
    /// Keep files out of the build context.
    Ignore,
    /// Delete in the same RUN.
    Clean,
    /// Leave packages out.
    Omit,
    /// A person has to decide.
    Review,
}

/// One change.
#[derive(Debug)]
pub struct Edit {
    /// Its number, from 1.
    pub number: usize,
    /// What kind of change it is.
    pub kind: EditKind,
    /// What to do, in one line.
    pub title: String,
    /// More of it: reasons, what stays and why.
    pub details: Vec<String>,
    /// Lines for a Dockerfile or a `.dockerignore`.
    pub snippet: Vec<String>,
    /// The layers whose instructions change.
    pub layers: Vec<usize>,
    /// Whether it holds without anybody's judgement.
    pub certain: bool,
    /// Packages of own layers that stay, each with the reason; of edits that leave packages out.
    pub kept: Vec<(PackageId, String)>,
    /// The findings that it clears at least in part.
    pub findings: Vec<usize>,
    /// What it removes that no edit before it removes.
    pub saves: Measures,
    /// All that it removes, whatever others remove.
    pub alone: Measures,
    /// Whether it keeps secrets out, which matters whatever their size.
    pub keeps_secrets_out: bool,
    /// The entries that it removes.
    pub removal: Removal,
}

/// All edits, and what they leave.
#[derive(Debug, Default)]
pub struct Plan {
    /// Certain edits, most content first, then those for a person to check.
    pub edits: Vec<Edit>,
}

/// What edits are made from.
pub(crate) struct Ground<'g> {
    pub(crate) index: &'g Index,
    pub(crate) attribution: &'g Attribution<'g>,
    pub(crate) findings: &'g Findings,
    /// How many of the first layers are the base's.
    pub(crate) base: usize,
    /// For each layer the lines of the Dockerfile that made it; empty where no Dockerfile is known.
    pub(crate) lines: &'g [Option<Lines>],
    /// Own layers that may be worth an edit of their own, in order.
    suspects: Vec<usize>,
    sums: Sums,
    again: Again,
    census: OnceLock<Census>,
}

/// An edit before it is known what others remove.
pub(crate) struct Draft {
    pub(crate) kind: EditKind,
    pub(crate) title: String,
    pub(crate) details: Vec<String>,
    pub(crate) snippet: Vec<String>,
    pub(crate) layers: Vec<usize>,
    pub(crate) certain: bool,
    pub(crate) kept: Vec<(PackageId, String)>,
    pub(crate) removal: Removal,
}

impl Plan {
    /// Finds the edits. The first `base` layers are the base's, which no edit changes; `lines` are the lines of the
    /// Dockerfile that made each layer, or empty. Edits that `known` has keep their numbers.
    pub fn new(
        index: &Index,
        attribution: &Attribution<'_>,
        evidence: &Evidence,
        findings: &Findings,
        base: usize,
        lines: &[Option<Lines>],
        known: &[EditName],
    ) -> Self {
        let sums = || {
            let sums = index.sums();
            let suspects = suspects(&sums, findings, base);
            (sums, suspects)
        };
        let ((sums, suspects), again) = both(sums, || Again::new(index));
        let ground = Ground { index, attribution, findings, base, lines, suspects, sums, again, census: OnceLock::new() };
        let runtime = evidence.runtime();
        let whole = || {
            let mut drafts = Vec::from_iter(packages::stage(&ground, runtime));
            drafts.extend(copies::metadata(&ground));
            drafts.extend(packages::omit(&ground));
            drafts
        };
        let parts = || {
            let mut drafts = context::ignore(&ground);
            drafts.extend(instruction::clean(&ground));
            (drafts, review::review(&ground))
        };
        let (mut drafts, (parts, reviews)) = both(whole, parts);
        drafts.extend(parts);
        let (certain, reviews) = both(|| settle(&ground, drafts), || settle(&ground, reviews));
        let mut plan = Self { edits: certain.into_iter().chain(reviews).collect() }.settled(index);
        if !known.is_empty() {
            plan.numbered_as(known);
        }
        together::explain(&ground, &mut plan);
        plan
    }

    /// What the edits with these numbers remove together.
    pub fn removal(&self, index: &Index, numbers: impl IntoIterator<Item = usize>) -> Removal {
        let mut all = Removal::nothing(index);
        for edit in numbers.into_iter().filter_map(|number| self.edits.get(number)) {
            all.add(&edit.removal);
        }
        all
    }

    /// The certain edits' numbers.
    pub fn certain(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.edits.len()).filter(|number| self.edits[*number].certain)
    }

    /// Gives each entry to the first edit that removes it, and puts those first that then save most.
    fn settled(mut self, index: &Index) -> Self {
        // Once in the order of what each would save alone, then in the order of what that leaves.
        for _ in 0..2 {
            let mut taken = Removal::nothing(index);
            for edit in &mut self.edits {
                edit.saves = edit.removal.measures_without(index, &taken);
                taken.add(&edit.removal);
            }
            self.edits.retain(|edit| edit.saves.content_bytes >= LEAST || edit.keeps_secrets_out);
            self.edits.sort_by_key(|edit| (!edit.certain, std::cmp::Reverse(edit.saves.content_bytes)));
        }
        let mut taken = Removal::nothing(index);
        for edit in &mut self.edits {
            edit.saves = edit.removal.measures_without(index, &taken);
            taken.add(&edit.removal);
        }
        // What those before it remove already needs no edit of its own.
        self.edits.retain(|edit| edit.saves.content_bytes > 0);
        for (at, edit) in self.edits.iter_mut().enumerate() {
            edit.number = at + 1;
        }
        self
    }
}

/// An edit that saves less is not worth anybody's time.
const LEAST: u64 = 4 << 10;

/// Drafts as edits, most content first.
fn settle(ground: &Ground<'_>, drafts: Vec<Draft>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = drafts.into_iter().map(|draft| draft.edit(ground)).collect();
    edits.sort_by_key(|edit| (std::cmp::Reverse(edit.alone.content_bytes), edit.layers.clone()));
    edits
}

impl Draft {
    fn edit(self, ground: &Ground<'_>) -> Edit {
        let Self { kind, title, details, snippet, layers, certain, kept, removal } = self;
        let alone = removal.measures(ground.index);
        let mut clears = vec![false; ground.findings.found.len()];
        for place in removal.places() {
            // Bytes that are stored again are saved where they are stored again.
            for place in [Some(place), ground.again.before(place)].into_iter().flatten() {
                if let Some(number) = ground.findings.number_of(place) {
                    clears[number] = true;
                }
            }
        }
        let findings: Vec<usize> = (0..clears.len()).filter(|number| clears[*number] && !ground.findings.found[*number].base).collect();
        let secret = |number: &usize| ground.findings.rule(&ground.findings.found[*number]).remedy == crate::rules::Remedy::Secret;
        let keeps_secrets_out = findings.iter().any(secret);
        Edit {
            number: 0,
            keeps_secrets_out,
            kind,
            title,
            details,
            snippet,
            layers,
            certain,
            kept,
            findings,
            saves: Measures::default(),
            alone,
            removal,
        }
    }
}

/// Layers that get an edit of their own: all that an engine can mount (overlay2 takes 128); what has more is not meant to run.
const LAYERS: usize = 128;

/// Own layers that may be worth an edit of their own, in order: those with most content that is hidden or claimed.
fn suspects(sums: &Sums, findings: &Findings, base: usize) -> Vec<usize> {
    let hidden = sums.layers.iter().map(|layer| layer.shadowed.content_bytes);
    let mut sums: Vec<(u64, usize)> = hidden.zip(0..).collect();
    for finding in &findings.found {
        // A secret may be small, and is worth an edit all the same.
        let secret = findings.rule(finding).remedy == crate::rules::Remedy::Secret;
        for ((payer, _), part) in &finding.parts {
            // What is hidden is counted already.
            let seen = part.all.minus(part.shadowed).content_bytes;
            sums[*payer].0 =
                sums[*payer].0.saturating_add(seen).saturating_add(if secret { part.all.entries.saturating_mul(1 << 40) } else { 0 });
        }
    }
    sums.retain(|(sum, layer)| *sum > 0 && *layer >= base);
    sums.sort_unstable_by_key(|(sum, layer)| (std::cmp::Reverse(*sum), *layer));
    let mut layers: Vec<usize> = sums.into_iter().take(LAYERS).map(|(_, layer)| layer).collect();
    layers.sort_unstable();
    layers
}

impl<'g> Ground<'g> {
    /// Entries of own layers.
    pub(crate) fn own(&self) -> impl Iterator<Item = Placed<'g>> {
        let index = self.index;
        (self.base..self.index.image().layers().len()).flat_map(|layer| index.layer(layer))
    }

    /// The last version of an entry's content at its path: what became of that tells what the entry is for.
    pub(crate) fn last(&self, placed: &Placed<'g>) -> Placed<'g> {
        // Most have none, and need no search.
        let last = is_again(placed).then(|| self.again.last(placed.place())).flatten();
        last.map_or(*placed, |last| self.index.placed(last))
    }

    /// The next version of an entry at its path, if that is the same content again.
    fn next(&self, placed: &Placed<'g>) -> Option<Placed<'g>> {
        is_again(placed).then(|| self.again.next(placed.place())).flatten().map(|next| self.index.placed(next))
    }

    /// Leaves out also what exists only because of what is left out: copies that a later layer made with nothing but
    /// other metadata.
    pub(crate) fn follow(&self, removal: &mut Removal) {
        for place in removal.clone().places() {
            let mut at = self.index.placed(place);
            while let Fate::Shadowed { by, .. } = at.path_fate
                && let Some(next) = self.next(&at).filter(|next| next.layer == usize::from(by))
                && !removal.has(next.layer, next.number)
            {
                removal.insert(next.layer, next.number);
                at = next;
            }
        }
    }

    /// How many entries each path has.
    fn census(&self) -> &Census {
        self.census.get_or_init(|| Census::new(self.index))
    }

    /// Layers as people find them: `line 5`, `lines 5 and 6`, or `layer 2` where no Dockerfile is known.
    pub(crate) fn places(&self, layers: &[usize]) -> String {
        let line = |layer: &usize| self.lines.get(*layer).copied().flatten().map(|lines| lines.start);
        let (what, numbers): (&str, Vec<String>) = if layers.iter().all(|layer| line(layer).is_some()) {
            ("line", layers.iter().filter_map(line).map(|line| line.to_string()).collect())
        } else {
            ("layer", layers.iter().map(|layer| (layer + 1).to_string()).collect())
        };
        let plural = if numbers.len() == 1 { "" } else { "s" };
        format!("{what}{plural} {}", packages::list(&numbers.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// Whether an entry that is hidden for this cause is worth an edit: not if an exception covers it, nor where the
    /// configuration has muted the rules about it.
    pub(crate) fn minds(&self, placed: &Placed<'_>, cause: Cause) -> bool {
        match self.findings.of(placed) {
            Some(finding) => finding.allowed.is_none() && !self.findings.rule(finding).muted,
            None => self.minds_cause(cause),
        }
    }

    /// Whether the configuration has left the rules about a cause as they are.
    pub(crate) fn minds_cause(&self, cause: Cause) -> bool {
        !self.findings.rules.iter().any(|rule| rule.select.causes.contains(&cause) && rule.muted)
    }

    /// The readable instruction that made a layer.
    pub(crate) fn text(&self, layer: usize) -> &str {
        self.index.layer_at(layer).instruction().map_or("", |made| made.text.as_str())
    }

    /// Whether a layer was copied from the build context.
    pub(crate) fn is_from_context(&self, layer: usize) -> bool {
        self.index.layer_at(layer).instruction().is_some_and(crate::history::Instruction::is_from_context)
    }

    /// Whether a layer was copied from another stage.
    pub(crate) fn is_from_stage(&self, layer: usize) -> bool {
        self.index.layer_at(layer).instruction().is_some_and(crate::history::Instruction::is_from_stage)
    }
}
