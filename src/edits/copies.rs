//! Instructions that store again what is there already: `chown -R`, `chmod -R`, `touch`.

use super::{Draft, EditKind, Ground, Removal};
use crate::index::{Cause, Fate};
use crate::layer::Measures;
use std::collections::BTreeMap;

/// Copies below this are no edit of their own.
const LEAST: u64 = 64 << 10;

/// One edit for all instructions that change owners and modes.
pub(super) fn metadata(ground: &Ground<'_>) -> Option<Draft> {
    let index = ground.index;
    let mut removal = Removal::nothing(index);
    let mut sums: BTreeMap<usize, Measures> = BTreeMap::new();
    let mut chosen = Vec::new();
    for (older, newer) in ground.again.pairs() {
        let (older, newer) = (index.placed(*older), index.placed(*newer));
        let hides = matches!(older.path_fate, Fate::Shadowed { by, .. } if usize::from(by) == newer.layer);
        if hides && newer.layer >= ground.base && ground.minds(&older, Cause::MetadataOnly) {
            *sums.entry(newer.layer).or_default() += newer.entry.measures();
            chosen.push((newer.layer, newer.number));
        }
    }
    sums.retain(|layer, sum| sum.content_bytes >= LEAST && on_purpose(ground, *layer));
    for (layer, entry) in chosen {
        if sums.contains_key(&layer) {
            removal.insert(layer, entry);
        }
    }
    if sums.is_empty() {
        return None;
    }
    let layers: Vec<usize> = sums.keys().copied().collect();
    let mut verbs = Vec::new();
    let mut owners = Vec::new();
    for layer in &layers {
        for command in ground.text(*layer).split(['&', ';', '|']).map(str::trim) {
            let mut words = command.split_whitespace().skip_while(|word| *word == "RUN");
            let Some(tool) = words.next().filter(|tool| ["chown", "chmod", "chgrp", "touch"].contains(tool)) else { continue };
            let recursive = words.clone().any(|word| word == "-R" || word == "--recursive");
            let verb = if recursive { format!("`{tool} -R`") } else { format!("`{tool}`") };
            if !verbs.contains(&verb) {
                verbs.push(verb);
            }
            if tool == "chown" {
                owners.extend(words.find(|word| !word.starts_with('-')).map(str::to_owned));
            }
        }
    }
    let owner = owners.first().cloned();
    let title = match &owner {
        Some(owner) => format!("Drop {}; use COPY --chown={owner}", verbs.join(" and ")),
        None => format!("Drop {}; set the mode where the files come in (COPY --chmod)", verbs.join(" and ")),
    };
    let mut snippet = Vec::new();
    if let Some(owner) = &owner {
        snippet.push(format!("COPY --chown={owner} …"));
        snippet.push("# files that a RUN makes: run it as that user, or end the same RUN with the chown".to_owned());
    }
    let details =
        vec!["The same bytes are stored again with another owner or mode; code may stay root's as long as it can be read.".to_owned()];
    Some(Draft { kind: EditKind::Metadata, title, details, snippet, layers, certain: true, kept: Vec::new(), removal })
}

/// Whether an instruction changes owners, modes or times because it means to.
pub(super) fn on_purpose(ground: &Ground<'_>, layer: usize) -> bool {
    let text = ground.text(layer);
    ["chown", "chmod", "chgrp", "touch"].iter().any(|tool| text.split(['&', ';', '|', ' ']).any(|word| word == *tool))
}
