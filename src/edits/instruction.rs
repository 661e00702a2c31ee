//! What a RUN should clean up itself.

use super::trees::Trees;
use super::{Draft, EditKind, Ground, Removal};
use crate::index::{Cause, Fate, Placed};
use crate::layer::Measures;
use crate::rules::Remedy;
use crate::text::escaped;
use std::collections::BTreeMap;

/// Paths that a snippet names.
const NAMED: usize = 6;
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
    let mut later: BTreeMap<usize, Measures> = BTreeMap::new();
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
        if let Some(by) = vain_by {
            *later.entry(by).or_default() += placed.entry.measures();
        }
    }
    if sum.content_bytes < LEAST {
        return None;
    }
    ground.follow(&mut removal);
    removal.add(&superseded);
    let trees = Trees::new(ground, &removal, &rules.keys().copied().collect());
    if trees.count == 0 && superseded.is_empty() {
        return None;
    }
    let shown = trees.names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(" ");
    let more = if trees.count > NAMED { " …" } else { "" };
    let copied = ground.is_from_stage(layer);
    // The lists are of one RUN and used by the next: removing them at its end would break that.
    let joined = joins(ground, layer);
    let vain: Measures = later.values().copied().sum();
    let mut layers = vec![layer];
    let mut by_weight: Vec<(u64, usize)> = rules.into_iter().map(|(rule, bytes)| (bytes, rule)).collect();
    by_weight.sort_unstable_by_key(|(bytes, rule)| (std::cmp::Reverse(*bytes), *rule));
    let most = by_weight.first().map_or(0, |(bytes, _)| *bytes);
    let titles = by_weight.iter().filter(|(bytes, _)| *bytes >= most / 20).map(|(_, rule)| ground.findings.rules[*rule].title.as_str());
    let mut details = vec![format!(
        "It leaves behind: {}.",
        titles.map(|title| title.trim_end_matches(" kept in the image")).collect::<Vec<_>>().join("; ")
    )];
    let mut change = Change::End;
    let title = if copied {
        change = Change::Copied;
        format!("Copy from the stage without {shown}{more}")
    } else if let Some(next) = joined {
        layers.push(next);
        change = Change::Joined;
        format!("Join {} and end with `rm -rf {shown}{more}`", ground.places(&layers))
    } else if vain.content_bytes * 2 > sum.content_bytes {
        // A stray byte is no reason to join one more.
        layers.extend(later.iter().filter(|(_, sum)| sum.content_bytes * 20 > vain.content_bytes).map(|(by, _)| *by));
        if deletes(ground, layer, &removal) {
            details = vec![format!("Deleting it later freed 0 bytes: it stays in {}, hidden.", ground.places(&[layer]))];
            change = Change::Deleted;
            format!("Join {}: delete {} in the same RUN", ground.places(&layers), trees.gist(ground.index.paths(), &shown))
        } else {
            details = vec![format!("The older version stays in {}, hidden.", ground.places(&[layer]))];
            change = Change::Once;
            format!("Join {}: write {} once", ground.places(&layers), largest(ground, &superseded))
        }
    } else {
        format!("End the RUN with `rm -rf {shown}{more}`")
    };
    let snippet = snippet(ground, &layers, &trees, change);
    Some(Draft { kind: EditKind::Clean, title, details, snippet, layers, certain: true, kept: Vec::new(), removal })
}

/// The later instruction that makes an entry vain, if joining it with the one that stores the entry mends that: it
/// deletes or overwrites, or stores the same again without meaning to.
fn hider(ground: &Ground<'_>, placed: &Placed<'_>) -> Option<usize> {
    let Fate::Shadowed { by, cause } = placed.fate else { return None };
    let by = usize::from(by);
    let mends = match cause {
        Cause::DeletedFile | Cause::DeletedDir | Cause::Opaque | Cause::ReplacedByType => true,
        Cause::Overwritten => !ground.is_from_context(by),
        Cause::MetadataOnly => !ground.is_from_context(by) && !super::copies::on_purpose(ground, by),
        Cause::RepeatedInLayer => false,
    };
    (by >= ground.base && mends && ground.minds(placed, cause)).then_some(by)
}

/// The next RUN, if it uses package lists that this one only fetched.
fn joins(ground: &Ground<'_>, layer: usize) -> Option<usize> {
    let updates = |text: &str| text.contains("apt-get update") || text.contains("apt update");
    let installs = |text: &str| text.contains("apt-get install") || text.contains("apt install");
    if !updates(ground.text(layer)) || installs(ground.text(layer)) {
        return None;
    }
    (layer + 1..ground.index.image().layers().len()).find(|next| installs(ground.text(*next)) && !updates(ground.text(*next)))
}

/// The largest of these entries, and how many more there are.
fn largest(ground: &Ground<'_>, of: &Removal) -> String {
    let entries = of.places().map(|place| ground.index.placed(place)).filter(|placed| placed.entry.content_bytes > 0);
    let mut entries: Vec<_> = entries.map(|placed| (std::cmp::Reverse(placed.entry.content_bytes), placed.node)).collect();
    entries.sort_unstable();
    let Some((_, first)) = entries.first() else { return "what they share".to_owned() };
    let name = format!("/{}", escaped(&ground.index.paths().path(*first)));
    if entries.len() == 1 { name } else { format!("{name} and {} more", entries.len() - 1) }
}

/// Whether most of what goes is deleted later, rather than written again.
fn deletes(ground: &Ground<'_>, layer: usize, removal: &Removal) -> bool {
    let mut sums = (0, 0);
    for placed in removal.places_in(layer).map(|place| ground.index.placed(place)) {
        if let Fate::Shadowed { cause, .. } = placed.fate {
            *if cause.blames_payer() { &mut sums.0 } else { &mut sums.1 } += placed.entry.content_bytes;
        }
    }
    sums.0 >= sums.1
}

/// The instruction as it could be written. What a later one does besides is its own affair: it is named, not copied.
fn snippet(ground: &Ground<'_>, layers: &[usize], trees: &Trees, kind: Change) -> Vec<String> {
    let command = |layer: usize| ground.text(layer).trim_start_matches("RUN ").trim();
    let listed = trees.names.join(" ");
    let more = if trees.count > trees.names.len() {
        format!("   # and {} more: plimsoll files --layer {}", trees.count - trees.names.len(), layers[0] + 1)
    } else {
        String::new()
    };
    match kind {
        Change::Copied => vec![format!("RUN rm -rf {listed}   # in the stage, before the COPY{more}")],
        Change::Once => vec![format!("# {}: write it once, in one RUN", ground.places(layers))],
        Change::Joined => {
            let commands: Vec<&str> = layers.iter().map(|layer| command(*layer)).filter(|text| !text.is_empty()).collect();
            vec![format!("RUN {} \\", commands.join(" && ")), format!(" && rm -rf {listed}{more}")]
        }
        Change::Deleted => vec![
            format!("RUN {} \\", command(layers[0])),
            format!(" && rm -rf {listed}{more}"),
            format!("# {} need not delete it any more", ground.places(&layers[1..])),
        ],
        Change::End => vec![format!("RUN {} \\", command(layers[0])), format!(" && rm -rf {listed}{more}")],
    }
}

/// How an instruction changes.
#[derive(Clone, Copy)]
enum Change {
    /// A copy from a stage, which should be clean before.
    Copied,
    /// Joined with the next, which uses what this one fetches.
    Joined,
    /// It deletes what a later one deletes.
    Deleted,
    /// Joined with a later one that writes the same files.
    Once,
    /// It cleans up behind itself.
    End,
}
