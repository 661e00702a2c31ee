//! An image judged: whose each byte is, what is waste, what to change.

use crate::attribution::Attribution;
use crate::edits::Plan;
use crate::image::{Base, base};
use crate::index::Index;
use crate::oci::DiffId;
use crate::rules::{Evidence, Findings, Rule};

/// How an image is judged.
#[derive(Debug, Clone, Default)]
pub struct AnalysisOptions {
    /// Diff ids of an image that may be the base, and its name.
    pub base: Option<(String, Vec<DiffId>)>,
    /// The rules; by default the built-in ones.
    pub rules: Option<Vec<Rule>>,
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
}

impl<'i> Analysis<'i> {
    /// Judges an image.
    pub fn new(index: &'i Index, options: &AnalysisOptions) -> Self {
        let base = base::find(index.image(), options.base.as_ref());
        let attribution = Attribution::new(index);
        let evidence = Evidence::new(index, &attribution);
        let rules = options.rules.clone().unwrap_or_else(|| crate::rules::built_in().to_vec());
        let findings = crate::rules::apply(index, &attribution, &evidence, rules, base.layers);
        let plan = Plan::new(index, &attribution, &findings, base.layers);
        Self { index, base, attribution, evidence, findings, plan }
    }
}
