//! An image judged: whose each byte is, what is waste, what to change.

use crate::attribution::Attribution;
use crate::config::{Allow, Config, Date};
use crate::dockerfile::Step;
use crate::edits::Plan;
use crate::facts::{Fact, OsRelease};
use crate::image::{Base, base};
use crate::index::{Fate, Index};
use crate::oci::DiffId;
use crate::rules::{Evidence, Findings, Rule};
use crate::text::escaped;

/// How an image is judged.
#[derive(Debug, Clone, Default)]
pub struct AnalysisOptions {
    /// Diff ids of an image that may be the base, and its name.
    pub base: Option<(String, Vec<DiffId>)>,
    /// The rules; by default the built-in ones.
    pub rules: Option<Vec<Rule>>,
    /// What a user configured.
    pub config: Config,
    /// The day on which exceptions must hold; without one they all do.
    pub today: Option<Date>,
    /// Dockerfiles that may have made the image, with their names: those that a user named.
    pub dockerfiles: Vec<(String, Vec<Step>)>,
    /// The same: those that happen to be at hand, tried after those in the image.
    pub nearby: Vec<(String, Vec<Step>)>,
}

/// The Dockerfile that made an image.
#[derive(Debug, Clone, Default)]
pub struct Dockerfile {
    /// Its name, with where it is; empty where none is known.
    pub name: String,
    /// For each layer the line that made it.
    pub lines: Vec<Option<u32>>,
}

/// All that is known of an image.
#[derive(Debug)]
pub struct Analysis<'i> {
    /// The stacked layers.
    pub index: &'i Index,
    /// Where the base image ends.
    pub base: Base,
    /// Packages, and what they own.
    pub attribution: Attribution<'i>,
    /// What the image says of its purpose.
    pub evidence: Evidence,
    /// What the rules found.
    pub findings: Findings,
    /// What to change.
    pub plan: Plan,
    /// The Dockerfile that made it.
    pub dockerfile: Dockerfile,
    /// What a user configured.
    pub config: Config,
    /// Exceptions that hold.
    pub allowed: Vec<Allow>,
    /// Exceptions that hold no more, and are not applied.
    pub expired: Vec<Allow>,
}

impl<'i> Analysis<'i> {
    /// Judges an image.
    pub fn new(index: &'i Index, options: &AnalysisOptions) -> Self {
        let base = base::find(index.image(), options.base.as_ref());
        let attribution = Attribution::new(index);
        let evidence = Evidence::new(index, &attribution);
        let config = options.config.clone();
        let rules = config.catalogue(options.rules.as_deref().unwrap_or_else(|| crate::rules::built_in()));
        let (allowed, expired) = config.allows(options.today);
        let findings = crate::rules::apply(index, &attribution, &evidence, rules, &allowed, base.layers);
        let dockerfile = Dockerfile::find(index, base.layers, options);
        let plan = Plan::new(index, &attribution, &evidence, &findings, base.layers, &dockerfile.lines);
        Self { index, base, attribution, evidence, findings, plan, dockerfile, config, allowed, expired }
    }

    /// The line of the Dockerfile that made a layer.
    pub fn line(&self, layer: usize) -> Option<u32> {
        self.dockerfile.lines.get(layer).copied().flatten()
    }

    /// The distribution that the finished image is. `/etc/os-release` comes before the one below `/usr/lib`.
    pub fn system(&self) -> Option<&'i OsRelease> {
        let index = self.index;
        let live = index.facts().filter(|(placed, _)| placed.path_fate == Fate::Live);
        let found = live.filter_map(|(placed, fact)| match fact {
            Fact::OsRelease(system) => Some((index.paths().path(placed.node) != b"etc/os-release", system)),
            _ => None,
        });
        found.min_by_key(|(second, _)| *second).map(|(_, system)| system)
    }
}

impl Dockerfile {
    /// The first that agrees with history: named, in the image, nearby.
    fn find(index: &Index, base: usize, options: &AnalysisOptions) -> Self {
        let inside = index.facts().filter_map(|(placed, fact)| match fact {
            Fact::Dockerfile(steps) => Some((format!("/{} in the image", escaped(&index.paths().path(placed.node))), steps)),
            _ => None,
        });
        let given = |list: &'_ [(String, Vec<Step>)]| list.iter().map(|(name, steps)| (name.clone(), steps.clone())).collect::<Vec<_>>();
        let inside = inside.take(100).map(|(name, steps)| (name, steps.clone()));
        let mut all = given(&options.dockerfiles).into_iter().chain(inside).chain(given(&options.nearby));
        let agrees = |(name, steps): (String, Vec<Step>)| {
            let lines = crate::dockerfile::lines(index.image(), base, &steps)?;
            Some(Self { name, lines })
        };
        all.find_map(agrees).unwrap_or_default()
    }
}
