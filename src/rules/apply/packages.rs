//! Rules about packages.

use crate::attribution::{Attribution, Installed, PackageId};
use crate::rules::evidence::Evidence;
use crate::rules::pattern::matches;
use crate::rules::{Level, Rule};

/// For each package the first rule about it. Packages of the base are not for own layers to leave out.
pub(super) fn of_package(
    attribution: &Attribution<'_>,
    evidence: &Evidence,
    rules: &[Rule],
    levels: &[Level],
    base: usize,
) -> Vec<Option<usize>> {
    let packages = attribution.packages();
    let names: Vec<Option<String>> = packages
        .iter()
        .map(|installed| (installed.layer >= base).then(|| format!("{}:{}", installed.ecosystem().name(), installed.package.name)))
        .collect();
    let mut first = vec![None; packages.len()];
    for (number, rule) in rules.iter().enumerate() {
        let select = &rule.select;
        if levels[number] == Level::Off || select.packages.is_empty() {
            continue;
        }
        let is_wanted = |id: usize| {
            names[id].as_ref().is_some_and(|name| select.packages.iter().any(|pattern| matches(pattern.as_bytes(), name.as_bytes())))
                && select.dev.is_none_or(|dev| dev == packages[id].dev)
                && !(select.unneeded && evidence.runtime().needed.contains_key(&(id as PackageId)))
        };
        let wanted: Vec<bool> = (0..packages.len()).map(is_wanted).collect();
        let needed =
            if select.unneeded && wanted.contains(&true) { needed(packages, &attribution.graph().needs, &wanted) } else { Vec::new() };
        for id in (0..packages.len()).filter(|id| wanted[*id] && !needed.get(*id).is_some_and(|needed| *needed)) {
            first[id].get_or_insert(number);
        }
    }
    first
}

/// Which packages the image needs for something else than those that are wanted and what only they lead to.
fn needed(packages: &[Installed<'_>], needs: &[Vec<Vec<PackageId>>], wanted: &[bool]) -> Vec<bool> {
    let follow = |mut there: Vec<bool>| {
        let mut work: Vec<usize> = (0..there.len()).filter(|id| there[*id]).collect();
        while let Some(id) = work.pop() {
            for next in needs[id].iter().flatten().map(|next| *next as usize) {
                if !there[next] {
                    there[next] = true;
                    work.push(next);
                }
            }
        }
        there
    };
    let reached = follow(wanted.to_vec());
    let asked = |id: usize| packages[id].asked == Some(true) && !wanted[id];
    follow((0..packages.len()).map(|id| packages[id].is_live() && (!reached[id] || asked(id))).collect())
}
