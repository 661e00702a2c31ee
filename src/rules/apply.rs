//! Rules applied to an image: each entry goes to the first rule that selects it.

mod compiled;
mod packages;

pub(super) use compiled::check;
pub(crate) use compiled::check_patterns;

use super::detect::Detected;
use super::evidence::Evidence;
use super::finding::{Finding, Findings, NONE};
use super::pattern::{Label, Matches};
use super::{Guard, Level, Rule};
use crate::attribution::{Attribution, PackageId};
use crate::config::Allow;
use crate::index::{Cause, Fate, Index, Placed};
use crate::paths::{NodeId, ROOT};
use compiled::{Compiled, Use};
use hashbrown::HashMap;

/// What rules may claim, by paths and contents alone: whoever owns an entry, and whatever the image is for.
#[derive(Debug)]
pub struct Candidates<'a> {
    rules: Vec<Rule>,
    allows: &'a [Allow],
    compiled: Compiled,
    labels: Matches,
    detected: Detected,
}

impl<'a> Candidates<'a> {
    /// Looks for what `rules` are about, and where `allows` excuse it.
    pub fn new(index: &Index, rules: Vec<Rule>, allows: &'a [Allow]) -> Self {
        let compiled = Compiled::new(&rules, allows, index.image());
        let labels = compiled.patterns.run(index.paths());
        let detected = Detected::new(index, &rules);
        Self { rules, allows, compiled, labels, detected }
    }
}

/// Applies rules to what they may claim. The first `base` layers are the base's.
pub fn apply(index: &Index, attribution: &Attribution<'_>, evidence: &Evidence, candidates: Candidates<'_>, base: usize) -> Findings {
    let Candidates { rules, allows, compiled, labels, mut detected } = candidates;
    detected.add_packages(index, attribution, &rules);
    let levels = compiled.levels(index, &labels, evidence, &rules);
    let of_package = packages::of_package(attribution, evidence, &rules, &levels, base);
    let mut work = Work {
        index,
        attribution,
        rules: &rules,
        compiled: &compiled,
        labels: &labels,
        levels: &levels,
        allows: allows_of(&rules, allows),
        of_package,
        detected,
        causes: by_cause(&rules, &levels),
        named: evidence.named_paths().iter().filter_map(|path| index.paths().find(path.as_bytes())).filter(|node| *node != ROOT).collect(),
        from_context: index.image().layers().iter().map(is_from_context).collect(),
        origin: vec![(0, false); index.paths().len()],
        has: HashMap::new(),
    };
    let mut found: Vec<Finding> = Vec::new();
    let mut numbers: HashMap<(usize, Level, bool, Option<usize>), u16> = HashMap::new();
    let mut claimed = Vec::new();
    for layer in 0..index.image().layers().len() {
        let mut of_layer = vec![NONE; index.image().entries(index.layer_at(layer)).len()];
        for placed in index.layer(layer) {
            work.trace(&placed);
            let Some((rule, level)) = work.claim(&placed) else { continue };
            let allowed = work.allowed(rule, placed.node);
            let level = if allowed.is_some() { level.min(Level::Info) } else { level };
            let number = *numbers.entry((rule, level, layer < base, allowed)).or_insert_with(|| {
                let reason = allowed.map(|number| allows[number].reason.clone());
                found.push(Finding { allowed: reason, ..Finding::new(rule, level, layer < base) });
                (found.len() - 1) as u16
            });
            found[usize::from(number)].add(&placed);
            of_layer[placed.number] = number;
        }
        claimed.push(of_layer);
    }
    // Most content first; claims follow their findings. What weighs nothing is nobody's waste.
    let mut order: Vec<u16> = (0..found.len() as u16).filter(|number| found[usize::from(*number)].all.content_bytes > 0).collect();
    order.sort_by_key(|number| {
        let finding = &found[usize::from(*number)];
        (std::cmp::Reverse(finding.all.content_bytes), finding.base, finding.rule, std::cmp::Reverse(finding.level), *number)
    });
    let mut place = vec![NONE; found.len()];
    for (new, old) in (0..).zip(&order) {
        place[usize::from(*old)] = new;
    }
    for claim in claimed.iter_mut().flatten().filter(|claim| **claim != NONE) {
        *claim = place[usize::from(*claim)];
    }
    let mut sorted: Vec<(u16, Finding)> = place.into_iter().zip(found).filter(|(place, _)| *place != NONE).collect();
    sorted.sort_by_key(|(place, _)| *place);
    Findings { rules, found: sorted.into_iter().map(|(_, finding)| finding).collect(), claimed }
}

/// Whether a layer was copied from the build context.
pub(super) fn is_from_context(layer: &crate::image::Layer) -> bool {
    layer.instruction().is_some_and(crate::history::Instruction::is_from_context)
}

/// For each rule the exceptions from it: those for certain paths, then those for all.
fn allows_of(rules: &[Rule], allows: &[Allow]) -> Vec<Vec<usize>> {
    let about = |rule: &Rule| {
        let (some, all): (Vec<usize>, Vec<usize>) =
            (0..allows.len()).filter(|number| allows[*number].is_about(&rule.id)).partition(|number| !allows[*number].paths.is_empty());
        // The first without paths leaves nothing to others.
        some.into_iter().chain(all.into_iter().take(1)).collect()
    };
    rules.iter().map(about).collect()
}

/// Rules about nothing but fates, in order.
fn by_cause(rules: &[Rule], levels: &[Level]) -> Vec<usize> {
    let alone = |rule: &Rule| {
        let select = &rule.select;
        !select.causes.is_empty()
            && select.paths.is_empty()
            && select.packages.is_empty()
            && select.secrets.is_empty()
            && select.detector.is_empty()
    };
    (0..rules.len()).filter(|number| levels[*number] != Level::Off && alone(&rules[*number])).collect()
}

struct Work<'w> {
    index: &'w Index,
    attribution: &'w Attribution<'w>,
    rules: &'w [Rule],
    compiled: &'w Compiled,
    labels: &'w Matches,
    levels: &'w [Level],
    /// For each rule the exceptions from it.
    allows: Vec<Vec<usize>>,
    of_package: Vec<Option<usize>>,
    detected: Detected,
    causes: Vec<usize>,
    /// Paths that environment variables name.
    named: Vec<NodeId>,
    /// Whether each layer was copied from the build context.
    from_context: Vec<bool>,
    /// For each path the layer that its content came with, whatever stored it again since; and whether the next
    /// version is the same content again.
    origin: Vec<(u16, bool)>,
    /// Whether a directory has the names that a rule asks for.
    has: HashMap<(NodeId, usize), bool>,
}

impl Work<'_> {
    /// Follows where content came from; entries are handed over layer by layer.
    fn trace(&mut self, placed: &Placed<'_>) {
        let origin = &mut self.origin[placed.node as usize];
        if !origin.1 {
            origin.0 = placed.layer as u16;
        }
        origin.1 = matches!(placed.path_fate, Fate::Shadowed { cause: Cause::MetadataOnly, .. });
    }

    /// The first rule that selects an entry, and its level there.
    fn claim(&mut self, placed: &Placed<'_>) -> Option<(usize, Level)> {
        if placed.entry.kind.is_marker() {
            return None;
        }
        let mut best: Option<usize> = None;
        let mut propose = |rule: usize| best = Some(best.map_or(rule, |best| best.min(rule)));
        let labels = self.labels;
        let mut seen = usize::MAX;
        for label in labels.of(placed.node) {
            let Use::Select(rule) = self.compiled.uses[*label as usize] else { continue };
            if rule != seen && self.levels[rule] != Level::Off && self.selects(rule, placed) {
                propose(rule);
            }
            seen = rule;
        }
        if let Some(owner) = self.attribution.owner(placed)
            && let Some(rule) = self.of_package(owner)
            && self.holds(rule, placed)
        {
            propose(rule);
        }
        for rule in self.detected.of(placed) {
            if self.levels[rule] != Level::Off && self.holds(rule, placed) {
                propose(rule);
            }
        }
        if let Fate::Shadowed { cause, .. } = placed.fate {
            for rule in &self.causes {
                if self.rules[*rule].select.causes.contains(&cause) && self.holds(*rule, placed) {
                    propose(*rule);
                    break;
                }
            }
        }
        let rule = best?;
        Some((rule, self.level(rule, placed)?))
    }

    /// The first exception from a rule that holds for a path.
    fn allowed(&self, rule: usize, node: NodeId) -> Option<usize> {
        let there = |number: usize| {
            let names = |label: &Label| matches!(self.compiled.uses[*label as usize], Use::Allow(of) if of == number);
            !self.compiled.somewhere[number] || self.labels.of(node).iter().any(names)
        };
        self.allows[rule].iter().copied().find(|number| there(*number))
    }

    fn of_package(&self, owner: PackageId) -> Option<usize> {
        self.of_package.get(owner as usize).copied().flatten()
    }

    /// Whether a rule whose path pattern matched selects the entry.
    fn selects(&mut self, rule: usize, placed: &Placed<'_>) -> bool {
        self.holds(rule, placed) && self.has(rule, placed.node)
    }

    /// What must hold however the entry was found.
    fn holds(&self, rule: usize, placed: &Placed<'_>) -> bool {
        let select = &self.rules[rule].select;
        let cause = match placed.fate {
            Fate::Shadowed { cause, .. } => Some(cause),
            Fate::Live => None,
        };
        (select.causes.is_empty() || cause.is_some_and(|cause| select.causes.contains(&cause)))
            && placed.entry.content_bytes >= select.min_bytes
            && select.owned.is_none_or(|owned| owned == self.attribution.owner(placed).is_some())
            && select.context.is_none_or(|context| context == self.from_context[self.origin[placed.node as usize].0 as usize])
            && select.linked.is_none_or(|linked| linked == self.index.has_other_name(placed))
            && self.level(rule, placed).is_some()
            && (select.within.is_empty() || self.labelled(placed.node, |what| matches!(what, Use::Within(of) if of == rule)))
            && (select.except.is_empty() || !self.labelled(placed.node, |what| matches!(what, Use::Except(of) if of == rule)))
    }

    /// Whether a pattern for this use matches a path.
    fn labelled(&self, node: NodeId, test: impl Fn(Use) -> bool) -> bool {
        self.labels.of(node).iter().any(|label| test(self.compiled.uses[*label as usize]))
    }

    /// Whether the directory that the pattern names has what it must have.
    fn has(&mut self, rule: usize, node: NodeId) -> bool {
        let names = &self.rules[rule].select.has;
        if names.is_empty() {
            return true;
        }
        let paths = self.index.paths();
        let mut at = paths.parent(node);
        loop {
            let root = |label: &Label| matches!(self.compiled.uses[*label as usize], Use::Root(of) if of == rule);
            if self.labels.of(at).iter().any(root) {
                let all = || names.iter().all(|name| paths.child(at, name.as_bytes()).is_some());
                if *self.has.entry((at, rule)).or_insert_with(all) {
                    return true;
                }
            }
            if at == ROOT {
                return false;
            }
            at = paths.parent(at);
        }
    }

    /// The rule's level for an entry: a path that the environment names is there on purpose.
    fn level(&self, rule: usize, placed: &Placed<'_>) -> Option<Level> {
        let mut level = self.levels[rule];
        let on_purpose = |guard: &&Guard| guard.env_path;
        if let Some(guard) = self.rules[rule].unless.iter().find(on_purpose)
            && self.is_named(placed.node)
        {
            level = level.min(guard.then.unwrap_or(Level::Off));
        }
        Some(level).filter(|level| *level != Level::Off)
    }

    fn is_named(&self, node: NodeId) -> bool {
        let mut at = node;
        while at != ROOT {
            if self.named.contains(&at) {
                return true;
            }
            at = self.index.paths().parent(at);
        }
        false
    }
}
