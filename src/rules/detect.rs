//! What data cannot say: detectors, each a function named in a rule's `detector`.

mod context;
mod node;
mod python;

use super::Rule;
use crate::attribution::Attribution;
use crate::edits::Removal;
use crate::facts::{Ecosystem, Fact};
use crate::index::{Index, Place, Placed};

/// What the detectors found, by entry.
#[derive(Debug)]
pub(super) struct Detected {
    /// Each with a rule, in order.
    rules: Vec<(Place, usize)>,
    /// Entries that are in the table: nearly none is, and every one is asked for.
    any: Removal,
}

impl Detected {
    /// Runs the detectors that rules name, but for those of packages.
    pub(super) fn new(index: &Index, rules: &[Rule]) -> Self {
        let mut wanted: Vec<(usize, OfFact)> = Vec::new();
        let mut detected = Self { rules: Vec::new(), any: Removal::nothing(index) };
        for (number, rule) in rules.iter().enumerate() {
            wanted.extend(FACTS.iter().filter(|(name, _)| *name == rule.select.detector).map(|(_, test)| (number, *test)));
            for (_, find) in IMAGES.iter().filter(|(name, _)| *name == rule.select.detector) {
                find(index, &mut |placed| detected.add(placed, number));
            }
        }
        for (placed, fact) in index.facts() {
            if let Fact::Secret(kind) = fact {
                let of_kind = (0..rules.len()).filter(|number| rules[*number].select.secrets.contains(kind));
                of_kind.for_each(|rule| detected.add(&placed, rule));
            }
            for (rule, test) in &wanted {
                if test(fact) {
                    detected.add(&placed, *rule);
                }
            }
        }
        detected.rules.sort_unstable();
        detected
    }

    /// Runs the detectors of packages that rules name.
    pub(super) fn add_packages(&mut self, index: &Index, attribution: &Attribution<'_>, rules: &[Rule]) {
        for (number, rule) in rules.iter().enumerate() {
            for (_, test) in PACKAGES.iter().filter(|(name, _)| *name == rule.select.detector) {
                let packages = test(attribution);
                if !packages.contains(&true) {
                    continue;
                }
                for placed in index.entries() {
                    if attribution.owner(&placed).is_some_and(|owner| packages[owner as usize]) {
                        self.add(&placed, number);
                    }
                }
            }
        }
        self.rules.sort_unstable();
    }

    /// Rules that a detector found to select an entry.
    pub(super) fn of(&self, placed: &Placed<'_>) -> impl Iterator<Item = usize> + '_ {
        let place = placed.place();
        let rules = if self.any.has_place(place) { &self.rules[self.rules.partition_point(|(at, _)| *at < place)..] } else { &[] };
        rules.iter().take_while(move |(at, _)| *at == place).map(|(_, rule)| *rule)
    }

    fn add(&mut self, placed: &Placed<'_>, rule: usize) {
        self.any.insert(placed.layer, placed.number);
        self.rules.push((placed.place(), rule));
    }
}

/// A detector: whether it selects an entry for what its content says.
type OfFact = fn(&Fact) -> bool;

/// A detector that has to see the whole image: it hands over each entry that it selects.
type OfImage = fn(&Index, &mut dyn FnMut(&Placed<'_>));

/// Detectors of facts.
const FACTS: &[(&str, OfFact)] = &[("core-dump", |fact| matches!(fact, Fact::Elf(elf) if elf.core))];

/// Detectors of images.
const IMAGES: &[(&str, OfImage)] = &[
    ("copied-over", context::copied_over),
    ("copied-twice", context::copied_twice),
    ("foreign-node-binary", node::foreign),
    ("python-bytecode-without-interpreter", python::stale_bytecode),
    ("second-python", python::second_library),
];

/// A detector: which packages it selects, with all their entries.
type OfPackages = fn(&Attribution<'_>) -> Vec<bool>;

/// Detectors of packages.
const PACKAGES: &[(&str, OfPackages)] = &[("apk-virtual", only_for_virtual)];

/// Whether a detector of this name exists.
pub(super) fn check(name: &str) -> Result<(), String> {
    let facts = FACTS.iter().map(|(name, _)| *name);
    let known: Vec<&str> = facts.chain(IMAGES.iter().map(|(name, _)| *name)).chain(PACKAGES.iter().map(|(name, _)| *name)).collect();
    if name.is_empty() || known.contains(&name) {
        return Ok(());
    }
    Err(format!("expected a detector out of {}, found `{name}`", known.join(", ")))
}

/// Packages of apk that are there for nothing but a virtual package that was made to build: `apk add --virtual
/// .build-deps`. The names begin with a dot by custom; `.run-deps` and the like are there for running.
fn only_for_virtual(attribution: &Attribution<'_>) -> Vec<bool> {
    let packages = attribution.packages();
    let apk = |id: usize| packages[id].ecosystem() == Ecosystem::Apk && packages[id].is_live();
    let asked: Vec<usize> = (0..packages.len()).filter(|id| apk(*id) && packages[*id].asked == Some(true)).collect();
    let to_build = |name: &str| match name.strip_prefix('.') {
        Some(name) => !name.contains("run"),
        None => matches!(name, "build-deps" | "build-dependencies" | "builddeps"),
    };
    let (made, others): (Vec<usize>, Vec<usize>) = asked.into_iter().partition(|id| to_build(&packages[*id].package.name));
    if made.is_empty() {
        return vec![false; packages.len()];
    }
    let graph = attribution.graph();
    let reach = |from: Vec<usize>| {
        let mut reached = vec![false; packages.len()];
        let mut work = from;
        while let Some(id) = work.pop() {
            if !std::mem::replace(&mut reached[id], true) {
                work.extend(graph.needs[id].iter().flatten().map(|need| *need as usize).filter(|need| apk(*need)));
            }
        }
        reached
    };
    // What was there before was not installed for it.
    let since = made.iter().map(|id| packages[*id].layer).min().unwrap_or_default();
    let (virtually, otherwise) = (reach(made), reach(others));
    (0..packages.len()).map(|id| virtually[id] && !otherwise[id] && packages[id].layer >= since).collect()
}
