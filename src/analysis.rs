//! An image judged: whose each byte is, what is waste, what to change.

use crate::attribution::Attribution;
use crate::config::{Allow, Config, Date};
use crate::dockerfile::{Lines, Step};
use crate::edits::{EditName, Plan};
use crate::facts::{Fact, OsRelease};
use crate::image::{Base, base};
use crate::index::{Fate, Index};
use crate::oci::DiffId;
use crate::parallel::both;
use crate::provenance::Matched;
use crate::rules::{Candidates, Evidence, Findings, Rule};
use crate::text::escaped;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Edits of the image as it was before some of them were made: those that are left keep their numbers.
    pub known: Vec<EditName>,
}

/// The Dockerfile that made an image.
#[derive(Debug, Clone, Default)]
pub struct Dockerfile {
    /// Its name, with where it is; empty where none is known.
    pub name: String,
    /// How it is known; `None` where it is not.
    pub by: Option<LinesBy>,
    /// For each layer the lines that made it; those of the FROM for the base's.
    pub lines: Vec<Option<Lines>>,
}

/// How lines of a Dockerfile are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinesBy {
    /// The build's provenance says which lines made which blobs.
    Provenance,
    /// The same for other blobs, as many in the same order.
    ProvenanceOrder,
    /// The Dockerfile is in the build's provenance, and agrees with the image's history.
    ProvenanceHistory,
    /// The Dockerfile was named, and agrees with the image's history.
    Named,
    /// The Dockerfile is in the image, and agrees with its history.
    Image,
    /// The Dockerfile was at hand, and agrees with the image's history.
    Nearby,
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
        let mut analysis = Self::without_plan(index, options);
        analysis.plan = Plan::new(
            index,
            &analysis.attribution,
            &analysis.evidence,
            &analysis.findings,
            analysis.base.layers,
            &analysis.dockerfile.lines,
            &options.known,
        );
        analysis
    }

    /// The same without what to change, for an image that edits were made to.
    pub(crate) fn without_plan(index: &'i Index, options: &AnalysisOptions) -> Self {
        let mut base = base::find(index.image(), options.base.as_ref());
        let mut named = options.dockerfiles.iter();
        if let Some((name, made)) = named.find_map(|(name, steps)| Some((name, crate::dockerfile::made(index.image(), None, steps)?))) {
            base::by_dockerfile(&mut base, name, &made);
        }
        let (allowed, expired) = options.config.allows(options.today);
        let candidates = || {
            let rules = options.config.catalogue(options.rules.as_deref().unwrap_or_else(|| crate::rules::built_in()));
            Candidates::new(index, rules, &allowed)
        };
        let owners = || {
            let attribution = Attribution::new(index);
            let evidence = Evidence::new(index, &attribution);
            (attribution, evidence)
        };
        let (candidates, (attribution, evidence)) = both(candidates, owners);
        let findings = crate::rules::apply(index, &attribution, &evidence, candidates, base.layers);
        let dockerfile = Dockerfile::find(index, base.layers, options);
        Self {
            index,
            base,
            attribution,
            evidence,
            findings,
            plan: Plan::default(),
            dockerfile,
            config: options.config.clone(),
            allowed,
            expired,
        }
    }

    /// The line of the Dockerfile that made a layer.
    pub fn line(&self, layer: usize) -> Option<u32> {
        self.lines(layer).map(|lines| lines.start)
    }

    /// All lines of that instruction.
    pub fn lines(&self, layer: usize) -> Option<Lines> {
        self.dockerfile.lines.get(layer).copied().flatten()
    }

    /// A layer as people find it: `layer 3`, or `layer 3, line 6` where the Dockerfile is known.
    pub(crate) fn place(&self, layer: usize) -> String {
        let line = self.line(layer).map(|line| format!(", line {line}")).unwrap_or_default();
        format!("layer {}{line}", layer + 1)
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
    /// The first that tells: named, of the build's provenance, in the image, nearby. All but the provenance must agree
    /// with history.
    fn find(index: &Index, base: usize, options: &AnalysisOptions) -> Self {
        let agrees = |by: LinesBy, name: String, steps: &[Step]| {
            let made = crate::dockerfile::made(index.image(), Some(base), steps)?;
            Some(Self { name, by: Some(by), lines: made.lines })
        };
        let given = |by, list: &[(String, Vec<Step>)]| list.iter().find_map(|(name, steps)| agrees(by, name.clone(), steps));
        let inside = || {
            let steps = index.facts().filter_map(|(placed, fact)| match fact {
                Fact::Dockerfile(steps) => Some((format!("/{} in the image", escaped(&index.paths().path(placed.node))), steps)),
                _ => None,
            });
            steps.take(100).find_map(|(name, steps)| agrees(LinesBy::Image, name, steps))
        };
        let attested = || {
            let provenance = index.image().provenance()?;
            let name = provenance.dockerfile.clone().unwrap_or_else(|| "Dockerfile".to_owned());
            if provenance.layers.iter().any(Option::is_some) {
                let by_order = provenance.matched == Some(Matched::Order);
                let by = if by_order { LinesBy::ProvenanceOrder } else { LinesBy::Provenance };
                return Some(Self { name, by: Some(by), lines: provenance.layers.clone() });
            }
            // Its blobs are not the image's, but its Dockerfile may be.
            agrees(LinesBy::ProvenanceHistory, name, &provenance.steps)
        };
        let named = given(LinesBy::Named, &options.dockerfiles);
        named.or_else(attested).or_else(inside).or_else(|| given(LinesBy::Nearby, &options.nearby)).unwrap_or_default()
    }
}
