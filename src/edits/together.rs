//! How edits of the same instruction go together.

use super::{Edit, EditKind, Ground, Plan, Removal, packages};
use crate::index::{Fate, Hidden, Placed};
use crate::layer::EntryKind;
use std::collections::{BTreeMap, BTreeSet};

/// Adds to certain edits what becomes of instructions that several of them are about.
pub(super) fn explain(ground: &Ground<'_>, plan: &mut Plan) {
    let stage = plan.edits.iter().find(|edit| edit.kind == EditKind::Stage && edit.certain);
    let emptied = stage.map(|stage| deleters(ground, &stage.removal)).unwrap_or_default();
    let mut remarks: Vec<Vec<String>> = plan.edits.iter().map(|edit| shared(ground, plan, edit, &emptied)).collect();
    for (layer, edits) in idle(ground, plan) {
        let numbers: Vec<usize> = edits.iter().map(|at| plan.edits[*at].number).collect();
        let (Some(last), [_, _, ..]) = (edits.last(), numbers.as_slice()) else { continue };
        let place = ground.places(&[layer]);
        remarks[*last].push(format!("With {} {place} has nothing left to delete, and goes.", edits_named(&numbers)));
    }
    for (edit, remarks) in plan.edits.iter_mut().zip(remarks) {
        edit.details.extend(remarks);
    }
}

/// `edit 3`, `edits 1, 3 and 4`.
fn edits_named(numbers: &[usize]) -> String {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let plural = if words.len() == 1 { "" } else { "s" };
    format!("edit{plural} {}", packages::list(&words.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// What other certain edits do to the instruction that an edit changes; `emptied` are layers that delete what a stage of
/// its own never ships.
fn shared(ground: &Ground<'_>, plan: &Plan, edit: &Edit, emptied: &BTreeSet<usize>) -> Vec<String> {
    if edit.kind != EditKind::Clean || !edit.certain {
        return Vec::new();
    }
    let mut remarks = Vec::new();
    let mut same: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for other in plan.edits.iter().filter(|other| other.certain && other.number != edit.number) {
        let number = other.number;
        if other.kind == EditKind::Stage {
            let emptied = edit.layers[1..].iter().find(|layer| emptied.contains(layer));
            let shared = edit.layers.iter().find(|layer| other.layers.contains(layer));
            if let Some(layer) = emptied {
                let place = ground.places(&[*layer]);
                remarks.push(format!("With edit {number} {place} has nothing to remove, and this is done with it."));
            } else if let Some(layer) = shared.filter(|_| cleans_lists(edit) && cleans_lists(other)) {
                let place = ground.places(&[*layer]);
                remarks.push(format!("Edit {number} rewrites {place} too: the RUN of its last stage has this already."));
            } else if let Some(layer) = shared {
                let place = ground.places(&[*layer]);
                remarks.push(format!("Edit {number} splits {place}: this is about what is left of it in the last stage."));
            }
        } else if other.kind == EditKind::Clean
            && let Some(layer) = edit.layers.iter().find(|layer| other.layers.contains(layer))
            && (edit.layers.first() == Some(layer) || other.layers.first() == Some(layer))
        {
            same.entry(*layer).or_default().push(number);
        }
    }
    for (layer, numbers) in same {
        let verb = if numbers.len() == 1 { "changes" } else { "change" };
        let others = edits_named(&numbers);
        remarks.push(format!("E{} {verb} {} too: make them together.", &others[1..], ground.places(&[layer])));
    }
    remarks
}

/// Whether what an edit shows removes APT's package lists, and hardly anything else.
fn cleans_lists(edit: &Edit) -> bool {
    edit.snippet.iter().any(|line| line.trim_start_matches(" && ") == "rm -rf /var/lib/apt/lists/*")
}

/// Layers that delete a good part of what goes.
fn deleters(ground: &Ground<'_>, removal: &Removal) -> BTreeSet<usize> {
    const LEAST: u64 = 64 << 10;
    let mut sums: BTreeMap<usize, u64> = BTreeMap::new();
    for placed in removal.places().map(|place| ground.index.placed(place)) {
        if let Fate::Shadowed { by, cause } = placed.fate
            && cause.blames_payer()
        {
            *sums.entry(by.into()).or_default() += placed.entry.content_bytes;
        }
    }
    sums.into_iter().filter(|(_, bytes)| *bytes >= LEAST).map(|(layer, _)| layer).collect()
}

/// Own layers that do nothing but delete what certain edits remove, with those edits' places in the plan.
fn idle(ground: &Ground<'_>, plan: &Plan) -> BTreeMap<usize, BTreeSet<usize>> {
    let layers = ground.base..ground.index.image().layers().len();
    let plain = |layer: &usize| {
        let mut entries = ground.index.layer(*layer);
        entries.all(|placed| placed.entry.kind.is_marker() || placed.entry.kind == EntryKind::Directory)
    };
    let mut found: BTreeMap<usize, BTreeSet<usize>> = layers.filter(plain).map(|layer| (layer, BTreeSet::new())).collect();
    // Dropping a `chown` alone leaves what it copied to be deleted.
    let certain: Vec<usize> = plan.certain().filter(|at| plan.edits[*at].kind != EditKind::Metadata).collect();
    for placed in deleted(ground, &found.keys().copied().collect()) {
        let Fate::Shadowed { by, .. } = placed.fate else { continue };
        let by = usize::from(by);
        // With what it is stored again of.
        for place in std::iter::successors(Some(placed.place()), |place| ground.again.before(*place)) {
            let Some(edits) = found.get_mut(&by) else { break };
            match certain.iter().find(|at| plan.edits[**at].removal.has_place(place)) {
                Some(at) => _ = edits.insert(*at),
                None => _ = found.remove(&by),
            }
        }
    }
    found
}

/// What these layers delete, directories apart: of what is stored again the last version. Only layers are looked at that
/// have something of it.
fn deleted<'g>(ground: &Ground<'g>, by: &BTreeSet<usize>) -> impl Iterator<Item = Placed<'g>> {
    let index = ground.index;
    let theirs = |hidden: &&Hidden| hidden.cause.blames_payer() && by.contains(&hidden.by);
    let payers: BTreeSet<usize> = ground.sums.hidden.keys().filter(theirs).map(|hidden| hidden.payer).collect();
    let goes = |placed: &Placed<'g>| {
        let theirs = matches!(placed.fate, Fate::Shadowed { by: hider, cause } if cause.blames_payer() && by.contains(&usize::from(hider)));
        theirs && placed.entry.kind != EntryKind::Directory && ground.next(placed).is_none()
    };
    payers.into_iter().flat_map(|layer| index.layer(layer)).filter(goes)
}
