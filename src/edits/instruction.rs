//! What a RUN should clean up itself.

mod wording;

use super::trees::Trees;
use super::{Draft, EditKind, Ground, Removal};
use crate::index::{Cause, Fate, Placed};
use crate::layer::Measures;
use crate::rules::Remedy;
use std::collections::BTreeMap;
use wording::{Gone, Later, Wording};

/// What a RUN leaves behind below this is no edit of its own.
const LEAST: u64 = 64 << 10;

/// One edit for each RUN that leaves waste behind, or stores what a later one deletes.
pub(super) fn clean(ground: &Ground<'_>) -> Vec<Draft> {
    let layers = ground.suspects.iter().copied().filter(|layer| !ground.is_from_context(*layer));
    layers.filter_map(|layer| one(ground, layer)).collect()
}

fn one(ground: &Ground<'_>, layer: usize) -> Option<Draft> {
    let index = ground.index;
    // What is never to be there goes with its copies; of what is written twice the last stays.
    let mut removal = Removal::nothing(index);
    let mut superseded = Removal::nothing(index);
    let mut sum = Measures::default();
    let mut later = Later::default();
    let mut rules: BTreeMap<usize, u64> = BTreeMap::new();
    for placed in index.layer(layer) {
        // A package that is removed later is for the edit that leaves it out.
        let attribution = ground.attribution;
        let package = attribution.owner(&placed).map(|owner| attribution.package(owner));
        if package.is_some_and(|package| package.ecosystem().is_system() && !package.is_live()) {
            continue;
        }
        // What a later `chown` stores again is judged by what becomes of that.
        let last = ground.last(&placed);
        // A COPY's own fault is none of the RUN that made the file first.
        let copied_over = last.layer != layer && ground.is_from_context(last.layer);
        let finding =
            Some(&last).filter(|_| !copied_over).and_then(|last| ground.findings.of(last)).or_else(|| ground.findings.of(&placed));
        let vain_by = hider(ground, &last).or_else(|| hider(ground, &placed));
        let ruled = finding.is_some_and(|finding| {
            matches!(ground.findings.rule(finding).remedy, Remedy::Clean | Remedy::Secret) && finding.level > crate::rules::Level::Info
        });
        if !ruled && vain_by.is_none() {
            continue;
        }
        let kept =
            matches!(last.fate, Fate::Shadowed { cause: Cause::Overwritten, .. }) || last.fate == Fate::Live && placed.fate != Fate::Live;
        if kept && !ruled { &mut superseded } else { &mut removal }.insert(layer, placed.number);
        sum += placed.entry.measures();
        if let Some(finding) = finding {
            *rules.entry(finding.rule).or_default() += placed.entry.content_bytes;
        }
        if let Some((by, cause)) = vain_by {
            later.add(by, cause, &placed.entry.measures());
        }
    }
    if sum.content_bytes < LEAST {
        return None;
    }
    ground.follow(&mut removal);
    let mut all = removal.clone();
    all.add(&superseded);
    let trees = Trees::new(ground, &all, &rules.keys().copied().collect());
    let gone = Gone { layer, trees, superseded, titles: titles(ground, rules), sum };
    let Wording { title, details, snippet, layers, once } = gone.wording(ground, &later)?;
    // What is not told is not saved.
    let removal = if once { all } else { removal };
    Some(Draft { kind: EditKind::Clean, title, details, snippet, layers, certain: true, kept: Vec::new(), removal })
}

/// Titles of the rules that claim most of what goes, the first first.
fn titles(ground: &Ground<'_>, rules: BTreeMap<usize, u64>) -> Vec<String> {
    let mut by_weight: Vec<(u64, usize)> = rules.into_iter().map(|(rule, bytes)| (bytes, rule)).collect();
    by_weight.sort_unstable_by_key(|(bytes, rule)| (std::cmp::Reverse(*bytes), *rule));
    let most = by_weight.first().map_or(0, |(bytes, _)| *bytes);
    let weighty = by_weight.iter().filter(|(bytes, _)| *bytes >= most / 20);
    weighty.map(|(_, rule)| ground.findings.rules[*rule].title.clone()).collect()
}

/// The later instruction that makes an entry vain, and how, if joining it with the one that stores the entry mends that: it
/// deletes or overwrites, or stores the same again without meaning to.
fn hider(ground: &Ground<'_>, placed: &Placed<'_>) -> Option<(usize, Cause)> {
    let Fate::Shadowed { by, cause } = placed.fate else { return None };
    let by = usize::from(by);
    let mends = match cause {
        Cause::DeletedFile | Cause::DeletedDir | Cause::Opaque | Cause::ReplacedByType => true,
        Cause::Overwritten => !ground.is_from_context(by),
        Cause::MetadataOnly => !ground.is_from_context(by) && !super::copies::on_purpose(ground, by),
        Cause::RepeatedInLayer => false,
    };
    (by >= ground.base && mends && ground.minds(placed, cause)).then_some((by, cause))
}
