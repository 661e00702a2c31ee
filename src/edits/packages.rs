//! Packages that can be left out: what rules name, and all that only those need.

mod install;

use super::{Draft, EditKind, Ground, Removal};
use crate::attribution::PackageId;
use crate::facts::Ecosystem;
use crate::index::Placed;
use crate::layer::EntryKind;
use crate::paths::{NodeId, ROOT};
use crate::rules::Remedy;
use crate::runtime::Runtime;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Recommended packages that programs fail without, though nothing says so.
const SAFE: [&str; 7] = ["ca-certificates", "tzdata", "netbase", "locales", "fonts-*", "libnss-*", "passwd"];

/// Build in a first stage: the system's packages that only building needs.
pub(super) fn stage(ground: &Ground<'_>, runtime: &Runtime) -> Option<Draft> {
    let attribution = ground.attribution;
    let packages = attribution.packages();
    let own = |id: &PackageId| packages[*id as usize].layer >= ground.base && packages[*id as usize].ecosystem().is_system();
    let named = claimed(ground, Remedy::Stage);
    // Whoever switched off the rules about deleted files does not mind packages that are removed later either.
    let minds = ground.minds_cause(crate::index::Cause::DeletedFile);
    let removed: BTreeSet<PackageId> =
        (0..packages.len() as PackageId).filter(|id| minds && own(id) && !packages[*id as usize].is_live()).collect();
    let wanted: BTreeSet<PackageId> = named.iter().copied().filter(own).collect();
    let inputs = inputs(ground, runtime);
    if wanted.is_empty() && removed.is_empty() && inputs.is_none() {
        return None;
    }
    let graph = attribution.graph();
    // What stays: what is not in question, what was asked for and is no build tool, what runs.
    let mut keep: BTreeMap<PackageId, String> = BTreeMap::new();
    let mut work = Vec::new();
    for id in (0..packages.len() as PackageId).filter(|id| packages[*id as usize].is_live()) {
        let installed = &packages[id as usize];
        let why = if !own(&id) {
            Some("the base image has it".to_owned())
        } else if let Some(why) = runtime.needed.get(&id) {
            Some(why.clone())
        } else if !wanted.contains(&id) && installed.asked != Some(false) {
            Some("asked for".to_owned())
        } else {
            None
        };
        if let Some(why) = why {
            keep.insert(id, why);
            work.push(id);
        }
    }
    let mut by_name: HashMap<&str, PackageId> = HashMap::new();
    for (id, installed) in (0..).zip(packages).filter(|(_, installed)| installed.is_live()) {
        by_name.entry(&installed.package.name).or_insert(id);
    }
    while let Some(id) = work.pop() {
        // Debian's interpreter is of use to programs of one's own only with its library, which it does not need itself.
        if let Some(whole) = packages[id as usize].package.name.strip_suffix("-minimal").filter(|name| name.starts_with("python"))
            && let Some(other) = by_name.get(whole).copied()
            && !keep.contains_key(&other)
        {
            keep.insert(other, format!("{whole} programs need its library"));
            work.push(other);
        }
        // Some recommendations are needs that nobody wrote down.
        for wish in graph.recommends[id as usize].iter().flatten() {
            let other = &packages[*wish as usize];
            if own(wish) && other.is_live() && is_safe(&other.package.name) && !keep.contains_key(wish) && !wanted.contains(wish) {
                keep.insert(*wish, format!("{} recommends it, and programs fail without it", packages[id as usize].package.name));
                work.push(*wish);
            }
        }
        for need in &graph.needs[id as usize] {
            if need.iter().any(|one| keep.contains_key(one)) {
                continue;
            }
            if let Some(first) = need.iter().find(|one| packages[**one as usize].is_live()) {
                keep.insert(*first, format!("{} needs it", packages[id as usize].package.name));
                work.push(*first);
            }
        }
    }
    let drop: BTreeSet<PackageId> = (0..packages.len() as PackageId).filter(|id| own(id) && !keep.contains_key(id)).collect();
    let vain = drop.is_disjoint(&wanted) && drop.is_disjoint(&removed);
    if vain && inputs.is_none() {
        return None;
    }
    let drop = if vain { BTreeSet::new() } else { drop };
    let mut removal = of_packages(ground, &drop);
    let mut layers: BTreeSet<usize> = drop.iter().map(|id| packages[*id as usize].layer).collect();
    if let Some(inputs) = &inputs {
        removal.add(&inputs.removal);
        layers.extend(&inputs.layers);
    }
    let name = |id: &PackageId| packages[*id as usize].package.name.as_str();
    // Removing one package marks others as asked for; what an instruction names says more.
    let asked: Vec<PackageId> = drop.iter().copied().filter(|id| packages[*id as usize].asked == Some(true)).collect();
    let says = |id: &PackageId| ground.text(packages[*id as usize].layer).split_whitespace().any(|word| word == name(id));
    let said: Vec<&str> = asked.iter().filter(|id| says(id)).map(name).collect();
    let asked: Vec<&str> = if said.is_empty() { asked.iter().map(name).collect() } else { said };
    // To be installed by name is what nothing else that stays brings along.
    let brought: BTreeSet<PackageId> =
        keep.keys().filter(|id| own(id)).flat_map(|id| graph.needs[*id as usize].iter().flatten().copied()).collect();
    let mut roots: Vec<PackageId> = keep.keys().copied().filter(|id| own(id) && !brought.contains(id)).collect();
    let mut covered = BTreeSet::new();
    let cover = |id: PackageId, covered: &mut BTreeSet<PackageId>| {
        let mut work = vec![id];
        while let Some(id) = work.pop() {
            if covered.insert(id) {
                work.extend(graph.needs[id as usize].iter().flatten().filter(|need| keep.contains_key(need)));
            }
        }
    };
    for id in &roots {
        cover(*id, &mut covered);
    }
    // Packages that need each other bring each other along, and nothing brings the first: what runs, or was asked for.
    let mut rest: Vec<PackageId> = keep.keys().copied().filter(|id| own(id) && !covered.contains(id)).collect();
    rest.sort_by_key(|id| (!runtime.needed.contains_key(id), packages[*id as usize].asked != Some(true), *id));
    for id in rest {
        if !covered.contains(&id) {
            cover(id, &mut covered);
            roots.push(id);
        }
    }
    let stay: Vec<&str> = roots.iter().map(name).collect();
    let title = match (stay.len(), asked.is_empty()) {
        (1..=3, _) => format!("Build in a first stage; run with {} only", list(&stay)),
        (_, false) => format!("Build in a first stage; leave out {}", list(&asked)),
        _ if drop.is_empty() => "Build in a first stage; copy only what runs".to_owned(),
        _ => format!("Build in a first stage; {} packages go", drop.len()),
    };
    let mut details = vec![format!(
        "{} go{}; none of the {} that stay needs them.",
        crate::render::size::plural(drop.len() as u64, "package", "packages"),
        if asked.is_empty() { String::new() } else { format!(": {}, and what only they need", list(&asked)) },
        keep.len(),
    )];
    if drop.is_empty() {
        details.clear();
    }
    let probe = |id: &&PackageId| stay.contains(&name(id)) && keep.get(*id).is_some_and(|why| why.contains("health check"));
    details.extend(keep.keys().filter(probe).map(|id| format!("{} stays for the health check (`plimsoll checklist`).", name(id))));
    if let Some(inputs) = &inputs {
        details.push(format!("With it go {}.", inputs.titles.join("; ")));
    }
    let spared: Vec<String> = wanted
        .iter()
        .filter(|id| !drop.contains(id))
        .map(|id| format!("{} stays: {}", name(id), keep.get(id).map_or("", String::as_str)))
        .collect();
    details.extend(spared);
    let gone_later: Vec<&str> = drop.iter().filter(|id| removed.contains(id)).map(name).collect();
    if !gone_later.is_empty() {
        let by: BTreeSet<usize> = drop.iter().filter_map(|id| packages[*id as usize].removed).collect();
        let by: Vec<usize> = by.into_iter().collect();
        details.push(format!("Removing {} later ({}) freed 0 bytes.", list(&gone_later), ground.places(&by)));
    }
    let kept = keep.iter().filter(|(id, _)| own(id)).map(|(id, why)| (*id, why.clone())).collect();
    let deb = |id: &PackageId| packages[*id as usize].ecosystem() == Ecosystem::Deb;
    let installs = |layer: &&usize| ground.text(**layer).contains("install ");
    let lean = layers.iter().filter(installs).all(|layer| ground.text(*layer).contains("--no-install-recommends"));
    let snippet = if drop.iter().chain(keep.keys()).any(deb) {
        install::stages(ground, &asked, lean, &stay)
    } else {
        install::stages(ground, &[], lean, &[])
    };
    Some(Draft { kind: EditKind::Stage, title, details, snippet, layers: layers.into_iter().collect(), certain: true, kept, removal })
}

/// What building needs and leaves behind beside packages.
struct Inputs {
    removal: Removal,
    layers: BTreeSet<usize>,
    titles: Vec<String>,
}

/// Entries of rules about build directories, but for what the image runs.
fn inputs(ground: &Ground<'_>, runtime: &Runtime) -> Option<Inputs> {
    let mut found = Inputs { removal: Removal::nothing(ground.index), layers: BTreeSet::new(), titles: Vec::new() };
    for finding in &ground.findings.found {
        let rule = ground.findings.rule(finding);
        if finding.base || rule.remedy != Remedy::Stage || !rule.select.packages.is_empty() || finding.level <= crate::rules::Level::Info {
            continue;
        }
        let mut take = |placed: &Placed<'_>| {
            if placed.layer >= ground.base && !runtime.files.contains(&placed.node) {
                found.removal.insert(placed.layer, placed.number);
            }
        };
        finding.entries.iter().for_each(|place| take(&ground.index.placed(*place)));
        let roots = roots(ground, finding);
        if !roots.is_empty() {
            ground.own().filter(|placed| is_below(ground, placed.node, &roots)).for_each(|placed| take(&placed));
        }
        found.layers.extend(finding.parts.keys().map(|(payer, _)| *payer));
        found.titles.push(rule.title.clone());
    }
    ground.follow(&mut found.removal);
    (!found.titles.is_empty()).then_some(found)
}

/// The build directories that a finding is about, for rules that know them by what they hold: the products in them go
/// with the rest, for the program is copied from there.
fn roots(ground: &Ground<'_>, finding: &crate::rules::Finding) -> BTreeSet<NodeId> {
    let has = &ground.findings.rule(finding).select.has;
    let paths = ground.index.paths();
    let is_root = |node: NodeId| !has.is_empty() && has.iter().all(|name| paths.child(node, name.as_bytes()).is_some());
    let above = |node: NodeId| {
        let mut at = node;
        while at != ROOT && !is_root(at) {
            at = paths.parent(at);
        }
        (at != ROOT).then_some(at)
    };
    let nodes: BTreeSet<NodeId> = finding.entries.iter().map(|place| paths.parent(ground.index.placed(*place).node)).collect();
    nodes.into_iter().filter_map(above).collect()
}

fn is_below(ground: &Ground<'_>, node: NodeId, roots: &BTreeSet<NodeId>) -> bool {
    let mut at = node;
    while at != ROOT {
        if roots.contains(&at) {
            return true;
        }
        at = ground.index.paths().parent(at);
    }
    false
}

/// Leave packages of a language out: one edit for each ecosystem.
pub(super) fn omit(ground: &Ground<'_>) -> Vec<Draft> {
    let packages = ground.attribution.packages();
    let named = claimed(ground, Remedy::Omit);
    let graph = ground.attribution.graph();
    let mut drafts = Vec::new();
    for ecosystem in Ecosystem::ALL {
        let of_it = |id: &PackageId| packages[*id as usize].ecosystem() == ecosystem;
        let wanted: BTreeSet<PackageId> = named.iter().copied().filter(of_it).collect();
        if wanted.is_empty() {
            continue;
        }
        // In question is only what they lead to; whatever else is there stays, with all that it needs.
        let mut reached = wanted.clone();
        let mut work: Vec<PackageId> = wanted.iter().copied().collect();
        while let Some(id) = work.pop() {
            for next in graph.needs[id as usize].iter().flatten() {
                if reached.insert(*next) {
                    work.push(*next);
                }
            }
        }
        let mut keep: BTreeSet<PackageId> = (0..packages.len() as PackageId)
            .filter(|id| of_it(id) && (!reached.contains(id) || packages[*id as usize].asked == Some(true) && !wanted.contains(id)))
            .collect();
        work.extend(&keep);
        while let Some(id) = work.pop() {
            for next in graph.needs[id as usize].iter().flatten() {
                if keep.insert(*next) {
                    work.push(*next);
                }
            }
        }
        let drop: BTreeSet<PackageId> =
            reached.into_iter().filter(|id| !keep.contains(id) && packages[*id as usize].layer >= ground.base).collect();
        let names: Vec<&str> =
            wanted.iter().filter(|id| drop.contains(id)).map(|id| packages[*id as usize].package.name.as_str()).collect();
        if names.is_empty() {
            continue;
        }
        let layers: BTreeSet<usize> = drop.iter().map(|id| packages[*id as usize].layer).collect();
        let more = drop.len() - names.len();
        let details = vec![format!(
            "{}{}: nothing else in the image needs them.",
            list(&names),
            if more > 0 { format!(" and {more} that only they need") } else { String::new() }
        )];
        let says = |command: &str| layers.iter().any(|layer| ground.text(*layer).contains(command));
        let (title, snippet) = match ecosystem {
            Ecosystem::Npm => {
                // `npm ci` wants a lock file, which who wrote `npm install` may not have.
                let bare = !says("npm ci") && (says("npm install") || says("npm i "));
                let command = if bare { "npm install --omit=dev" } else { "npm ci --omit=dev" };
                (format!("Leave development dependencies out: `{command}`"), vec![format!("RUN {command} && npm cache clean --force")])
            }
            Ecosystem::Composer => (
                "Leave development dependencies out: `composer install --no-dev`".to_owned(),
                vec!["RUN composer install --no-dev --optimize-autoloader".to_owned()],
            ),
            _ => {
                let layers: Vec<usize> = layers.iter().copied().collect();
                (format!("Take {} out of the runtime image", list(&names)), install::without(ground, &layers, &names))
            }
        };
        let removal = of_packages(ground, &drop);
        drafts.push(Draft {
            kind: EditKind::Omit,
            title,
            details,
            snippet,
            layers: layers.into_iter().collect(),
            certain: true,
            kept: Vec::new(),
            removal,
        });
    }
    drafts
}

/// Packages whose entries a rule with this remedy claims.
fn claimed(ground: &Ground<'_>, remedy: Remedy) -> BTreeSet<PackageId> {
    let mut found = BTreeSet::new();
    let findings = ground.findings;
    for finding in findings
        .found
        .iter()
        .filter(|finding| !finding.base && findings.rule(finding).remedy == remedy && finding.level > crate::rules::Level::Info)
    {
        if findings.rule(finding).select.packages.is_empty() && findings.rule(finding).select.detector.is_empty() {
            continue;
        }
        found.extend(finding.entries.iter().filter_map(|place| ground.attribution.owner(&ground.index.placed(*place))));
    }
    found
}

/// All entries of these packages in own layers; a directory goes when all that claim it do.
fn of_packages(ground: &Ground<'_>, drop: &BTreeSet<PackageId>) -> Removal {
    let mut removal = Removal::nothing(ground.index);
    let mut drops = vec![false; ground.attribution.packages().len()];
    for id in drop {
        drops[*id as usize] = true;
    }
    let drops = |id: &PackageId| drops[*id as usize];
    let goes = |placed: &Placed<'_>| {
        let shared = if placed.entry.kind == EntryKind::Directory { ground.attribution.claimants(placed.node) } else { &[] };
        if shared.len() > 1 { shared.iter().all(drops) } else { ground.attribution.owner(placed).is_some_and(|owner| drops(&owner)) }
    };
    if !drop.is_empty() {
        ground.own().filter(goes).for_each(|placed| removal.insert(placed.layer, placed.number));
    }
    removal
}

fn is_safe(name: &str) -> bool {
    SAFE.iter().any(|safe| crate::rules::matches(safe.as_bytes(), name.as_bytes()))
}

/// Names, the first few of many.
pub(super) fn list(names: &[&str]) -> String {
    const SHOWN: usize = 6;
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] if names.len() <= SHOWN => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", names[..SHOWN - 1].join(", "), names.len() - SHOWN + 1),
    }
}
