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
    // With the layer that first brought the content: which instruction should have set owner and mode.
    let mut chosen: Vec<(usize, usize, usize, u64)> = Vec::new();
    for (older, newer) in ground.again.pairs() {
        let (older, newer) = (index.placed(*older), index.placed(*newer));
        let hides = matches!(older.path_fate, Fate::Shadowed { by, .. } if usize::from(by) == newer.layer);
        if hides && newer.layer >= ground.base && ground.minds(&older, Cause::MetadataOnly) {
            *sums.entry(newer.layer).or_default() += newer.entry.measures();
            // Pairs come in the order of the newer, so what the older one copied is known.
            let before = chosen.binary_search_by_key(&(older.layer, older.number), |(layer, entry, ..)| (*layer, *entry));
            let origin = before.map_or(older.layer, |at| chosen[at].2);
            chosen.push((newer.layer, newer.number, origin, newer.entry.content_bytes));
        }
    }
    sums.retain(|layer, sum| sum.content_bytes >= LEAST && on_purpose(ground, *layer));
    let mut origins: BTreeMap<usize, u64> = BTreeMap::new();
    for (layer, entry, origin, bytes) in chosen {
        if sums.contains_key(&layer) {
            removal.insert(layer, entry);
            *origins.entry(origin).or_default() += bytes;
        }
    }
    if sums.is_empty() {
        return None;
    }
    let layers: Vec<usize> = sums.keys().copied().collect();
    let mut verbs = Vec::new();
    let mut owners = Vec::new();
    let mut changes = Vec::new();
    for layer in &layers {
        for command in ground.text(*layer).split(['&', ';', '|']).map(str::trim) {
            let mut words = command.split_whitespace().skip_while(|word| *word == "RUN");
            let Some(tool) = words.next().filter(|tool| ["chown", "chmod", "chgrp", "touch"].contains(tool)) else { continue };
            changes.push(command.trim_start_matches("RUN ").trim());
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
    let snippet = snippet(ground, origins, owner.as_deref(), &changes);
    let copied = snippet.iter().any(|line| !line.starts_with("# files that a RUN makes"));
    let verbs = verbs.join(" and ");
    let title = match &owner {
        Some(owner) if copied => format!("Drop {verbs}; use COPY --chown={owner}"),
        Some(_) => format!("Drop {verbs}; set owners where files are made"),
        None if copied => format!("Drop {verbs}; set modes where files come in (COPY --chmod)"),
        None => format!("Drop {verbs}; set modes where files are made"),
    };
    let details =
        vec!["The same bytes are stored again with another owner or mode; code may stay root's as long as it can be read.".to_owned()];
    Some(Draft { kind: EditKind::Metadata, title, details, snippet, layers, certain: true, kept: Vec::new(), removal })
}

/// Each instruction that brought files which are stored again, as it could be; most bytes first. What a builder left out
/// of history is an ellipsis.
fn snippet(ground: &Ground<'_>, origins: BTreeMap<usize, u64>, owner: Option<&str>, changes: &[&str]) -> Vec<String> {
    /// Instructions that are shown.
    const SHOWN: usize = 6;
    let all: u64 = origins.values().sum();
    let mut origins: Vec<(u64, usize)> = origins.into_iter().map(|(origin, bytes)| (bytes, origin)).collect();
    origins.retain(|(bytes, _)| bytes.saturating_mul(100) >= all);
    origins.sort_unstable_by_key(|(bytes, origin)| (std::cmp::Reverse(*bytes), *origin));
    let flag = owner.map_or_else(|| "--chmod=…".to_owned(), |owner| format!("--chown={owner}"));
    let mut lines = Vec::new();
    let mut made = Vec::new();
    for origin in origins.into_iter().take(SHOWN).map(|(_, origin)| origin) {
        let text = ground.text(origin);
        match text.split_once(' ') {
            Some((verb @ ("COPY" | "ADD"), rest)) if !rest.contains("--chown=") => lines.push(format!("{verb} {flag} {}", plain(rest))),
            Some(("COPY" | "ADD", rest)) => lines.push(format!("# it has its owner already: COPY {rest}")),
            _ => made.push(origin),
        }
    }
    if !made.is_empty() {
        made.sort_unstable();
        // Each makes but a part of what is changed at the end, so that paths are left out.
        let mut own: Vec<String> = Vec::new();
        for change in changes {
            let words = change.split_whitespace().take_while(|word| !word.contains('/') && *word != ".");
            let command = format!("`{}`", words.collect::<Vec<_>>().join(" "));
            if command.len() < 80 && !own.contains(&command) {
                own.push(command);
            }
        }
        let own = own.iter().map(String::as_str).take(3).collect::<Vec<_>>();
        let it = if made.len() == 1 { "it" } else { "each" };
        let end =
            if own.is_empty() { String::new() } else { format!(", or end {it} with {} of what it makes", super::packages::list(&own)) };
        let user = if owner.is_some() { "run it as that user, once there is one" } else { "set modes there" };
        lines.push(format!("# files that a RUN makes ({}): {user}{end}", ground.places(&made)));
    }
    lines
}

/// `dir:… in /app`, as the classic builder writes it, as a Dockerfile has it.
fn plain(operands: &str) -> String {
    match operands.split_once(" in ") {
        Some((what, into)) if what.starts_with("dir:") || what.starts_with("file:") || what.starts_with("multi:") => format!("… {into}"),
        _ => operands.to_owned(),
    }
}

/// Whether an instruction changes owners, modes or times because it means to.
pub(super) fn on_purpose(ground: &Ground<'_>, layer: usize) -> bool {
    let text = ground.text(layer);
    ["chown", "chmod", "chgrp", "touch"].iter().any(|tool| text.split(['&', ';', '|', ' ']).any(|word| word == *tool))
}
