//! What a RUN should clean up itself.

use super::{Draft, EditKind, Ground, Removal};
use crate::index::Fate;
use crate::layer::Measures;
use crate::paths::{NodeId, ROOT};
use crate::rules::Remedy;
use crate::text::escaped;
use std::collections::{BTreeMap, BTreeSet};

/// Paths that a snippet names.
const NAMED: usize = 6;
/// What a RUN leaves behind below this is no edit of its own.
const LEAST: u64 = 64 << 10;

/// One edit for each RUN that leaves waste behind, or stores what a later one deletes.
pub(super) fn clean(ground: &Ground<'_>) -> Vec<Draft> {
    let own = ground.base..ground.index.image().layers().len();
    own.filter(|layer| !ground.from_context(*layer)).filter_map(|layer| one(ground, layer)).collect()
}

fn one(ground: &Ground<'_>, layer: usize) -> Option<Draft> {
    let index = ground.index;
    let mut removal = Removal::nothing(index);
    let mut sum = Measures::default();
    let mut later: BTreeMap<usize, Measures> = BTreeMap::new();
    let mut rules = BTreeSet::new();
    for placed in index.layer(layer) {
        let Some(finding) = ground.findings.of(&placed) else { continue };
        let rule = ground.findings.rule(finding);
        let deleted = match placed.fate {
            Fate::Shadowed { by, cause } if cause.blames_payer() && usize::from(by) >= ground.base => Some(usize::from(by)),
            _ => None,
        };
        let clears = match rule.remedy {
            Remedy::Clean | Remedy::Secret => finding.level > crate::rules::Level::Info,
            Remedy::SameRun => deleted.is_some() && finding.level > crate::rules::Level::Info,
            _ => false,
        };
        if clears {
            removal.insert(layer, placed.number);
            sum += placed.entry.measures();
            rules.insert(finding.rule);
            if let Some(by) = deleted {
                *later.entry(by).or_default() += placed.entry.measures();
            }
        }
    }
    if sum.content_bytes < LEAST {
        return None;
    }
    removal.follow(index);
    let paths = trees(ground, &removal, &rules);
    let shown = paths.iter().take(NAMED).map(|path| path.as_str()).collect::<Vec<_>>().join(" ");
    let more = if paths.len() > NAMED { " …" } else { "" };
    let copied = ground.from_stage(layer);
    // The lists are of one RUN and used by the next: removing them at its end would break that.
    let joined = joins(ground, layer);
    let deleted: Vec<String> = later.keys().map(|by| (by + 1).to_string()).collect();
    let mut layers = vec![layer];
    let title = if copied {
        format!("Copy from the stage without {shown}{more}")
    } else if let Some(next) = joined {
        layers.push(next);
        format!("Join with the next RUN and end it with `rm -rf {shown}{more}`")
    } else if !later.is_empty() {
        layers.extend(later.keys());
        format!("Delete in the same RUN: `rm -rf {shown}{more}`")
    } else {
        format!("End the RUN with `rm -rf {shown}{more}`")
    };
    let mut details: Vec<String> = rules.iter().map(|rule| ground.findings.rules[*rule].title.clone()).collect();
    if !deleted.is_empty() {
        details.push(format!("Deleting it in layer {} freed 0 bytes.", deleted.join(", ")));
    }
    let snippet = snippet(ground, &layers, &paths, copied);
    Some(Draft { kind: EditKind::Clean, title, details, snippet, layers, certain: true, removal })
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

fn snippet(ground: &Ground<'_>, layers: &[usize], paths: &[String], copied: bool) -> Vec<String> {
    if copied {
        return vec![format!("RUN rm -rf {}   # in the stage, before the COPY", paths.join(" "))];
    }
    let commands: Vec<&str> =
        layers.iter().map(|layer| ground.text(*layer).trim_start_matches("RUN ").trim()).filter(|text| !text.is_empty()).collect();
    let mut lines = vec![format!("RUN {} \\", commands.join(" && "))];
    // What a joined instruction deletes itself needs no second `rm`.
    if !layers[1..].iter().any(|layer| ground.text(*layer).contains("rm -")) {
        lines.push(format!(" && rm -rf {}", paths.iter().take(20).cloned().collect::<Vec<_>>().join(" ")));
    } else if let Some(last) = lines.last_mut() {
        *last = last.trim_end_matches([' ', '\\']).to_owned();
    }
    lines
}

/// The largest trees that go as a whole, as a shell would name them: `dir/*` where the directory itself stays. All
/// layers count: what another one has below a directory must not be named with it.
fn trees(ground: &Ground<'_>, removal: &Removal, rules: &BTreeSet<usize>) -> Vec<String> {
    let index = ground.index;
    let paths = index.paths();
    // For each path how many entries at and below it stay, and what goes.
    let mut stays = vec![0u32; paths.len()];
    let mut goes = vec![0u64; paths.len()];
    let mut kept = vec![false; paths.len()];
    for placed in index.entries().filter(|placed| !placed.entry.kind.is_marker()) {
        let node = placed.node as usize;
        match (placed.entry.kind == crate::layer::EntryKind::Directory, removal.has(placed.layer, placed.number)) {
            (true, gone) => kept[node] |= !gone,
            // Counted with its header, so that an empty file goes too.
            (false, true) => goes[node] += placed.entry.diff_bytes,
            (false, false) => stays[node] += 1,
        }
    }
    // A directory's number is smaller than those of what it holds.
    for node in (1..paths.len()).rev() {
        let parent = paths.parent(node as NodeId) as usize;
        stays[parent] += stays[node];
        goes[parent] += goes[node];
    }
    let whole = |node: NodeId| node != ROOT && goes[node as usize] > 0 && stays[node as usize] == 0;
    let mut found: Vec<(u64, String)> = Vec::new();
    // Directories that a rule empties by name are written as that, though an empty lock file may stay.
    let emptied = emptied(ground, rules);
    let inside = |node: NodeId| {
        let mut at = node;
        while at != ROOT && !emptied.contains(&at) {
            at = paths.parent(at);
        }
        at != ROOT
    };
    for node in emptied.iter().filter(|node| goes[**node as usize] > 0) {
        found.push((goes[*node as usize], format!("/{}/*", escaped(&paths.path(*node)))));
    }
    for node in (1..paths.len() as NodeId).filter(|node| whole(*node) && !whole(paths.parent(*node)) && !inside(*node)) {
        let path = escaped(&paths.path(node));
        found.push((goes[node as usize], if kept[node as usize] { format!("/{path}/*") } else { format!("/{path}") }));
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Directories whose whole content one of the rules selects by a pattern without wildcards before its `/**`.
fn emptied(ground: &Ground<'_>, rules: &BTreeSet<usize>) -> BTreeSet<NodeId> {
    let patterns = rules.iter().flat_map(|rule| &ground.findings.rules[*rule].select.paths);
    let roots = patterns.filter_map(|pattern| pattern.strip_suffix("/**")).filter(|root| !root.contains(['*', '?', '[', '{']));
    roots.filter_map(|root| ground.index.paths().find(root.as_bytes())).filter(|node| *node != ROOT).collect()
}
