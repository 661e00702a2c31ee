//! From the versions of every database to the layers between which each package is there.

use super::Installed;
use crate::facts::{Ecosystem, Elf, Fact, Package};
use crate::index::{Cause, Fate, Index, Record};
use crate::paths::NodeId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The packages of all records, by record, then in their order.
pub(super) fn find(index: &Index) -> Vec<Installed<'_>> {
    // Records by where they are: each may have a version in several layers.
    let mut records: BTreeMap<NodeId, Vec<(Record, &[Package])>> = BTreeMap::new();
    for (record, fact) in index.records() {
        if let Fact::Packages(packages) | Fact::Elf(Elf { packages, .. }) = fact {
            records.entry(record.node).or_default().push((record, packages));
        }
    }
    let mut automatic: Option<&[String]> = None;
    let mut asked: Option<&[String]> = None;
    let mut requested = BTreeSet::new();
    let mut dev: BTreeSet<NodeId> = BTreeSet::new();
    let mut node_root: BTreeSet<&str> = BTreeSet::new();
    for (_, fact) in index.facts() {
        match fact {
            Fact::Automatic(names) => automatic = Some(names),
            Fact::Asked(names) => asked = Some(names),
            Fact::DevOnly(directories) => dev.extend(directories),
            Fact::NodeRoot { dependencies, dev } => node_root.extend(dependencies.iter().chain(dev).map(String::as_str)),
            _ => {}
        }
    }
    for node in 1..index.paths().len() as NodeId {
        if index.paths().name(node) == b"REQUESTED" && index.at(node).is_some() {
            requested.insert(index.paths().parent(node));
        }
    }
    let mut found = Vec::new();
    for (record, versions) in &records {
        one_record(*record, versions, &mut found);
    }
    // What was asked for by name: apt keeps the others, apk these, pip marks these.
    let automatic: Option<BTreeSet<&str>> = automatic.map(|names| names.iter().map(String::as_str).collect());
    let world: Option<BTreeSet<&str>> = asked.map(|names| names.iter().map(String::as_str).collect());
    let pip_marks = !requested.is_empty();
    for installed in &mut found {
        // Go by the directory: a package may be there twice, once for each purpose.
        installed.dev |= installed.ecosystem() == Ecosystem::Npm && dev.contains(&index.paths().parent(installed.record));
        installed.asked = installed.asked.or_else(|| match installed.ecosystem() {
            Ecosystem::Deb => automatic.as_ref().map(|names| !names.contains(installed.package.name.as_str())),
            Ecosystem::Apk => world.as_ref().map(|names| names.contains(installed.package.name.as_str())),
            Ecosystem::Npm if !node_root.is_empty() => Some(node_root.contains(installed.package.name.as_str())),
            Ecosystem::Pypi if pip_marks => Some(requested.contains(&index.paths().parent(installed.record))),
            _ => None,
        });
    }
    found
}

fn one_record<'i>(record: NodeId, versions: &[(Record, &'i [Package])], found: &mut Vec<Installed<'i>>) {
    // A version that was left out counts where a later one is stored; else its packages went with it.
    let stored = versions.iter().rposition(|(version, _)| version.fate.is_some()).map_or(0, |last| last + 1);
    let versions = &versions[..stored];
    // Packages that are there, by what tells them apart.
    let mut open: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for (version, packages) in versions {
        let mut next = HashMap::with_capacity(packages.len());
        for package in *packages {
            let key = (package.name.as_str(), package.version.as_str(), package.architecture.as_str());
            let number = open.remove(&key).unwrap_or_else(|| {
                found.push(Installed { package, layer: version.layer, removed: None, record, asked: package.asked, dev: package.dev });
                found.len() - 1
            });
            // The last version of the record knows best what a package needs.
            found[number].package = package;
            next.insert(key, number);
        }
        for gone in open.into_values() {
            found[gone].removed = Some(version.layer);
        }
        open = next;
    }
    let Some((last, _)) = versions.last() else { return };
    if let Some(Fate::Shadowed { by, cause }) = last.fate
        && matches!(cause, Cause::DeletedFile | Cause::DeletedDir | Cause::Opaque | Cause::ReplacedByType | Cause::Overwritten)
    {
        for gone in open.into_values() {
            found[gone].removed = Some(by.into());
        }
    }
}
