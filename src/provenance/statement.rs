//! The parts of a statement that matter here, whatever its version. All else is passed over unread.
//!
//! Lists are bounded and what they hold is small, so that no statement takes much more memory than its own text.

use super::chains::Chain;
use super::lists::{Blobs, First, List, Map, Span};
use crate::dockerfile::Lines;
use crate::oci::{Digest, lenient};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::HashMap;

/// Steps of one build: the largest have hundreds.
const STEPS: usize = 10_000;
/// Ways in which one step's blobs are compressed.
const VARIANTS: usize = 16;
/// Files that lines may be of.
const FILES: usize = 100;
/// What a build used.
const MATERIALS: usize = 10_000;
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Statement<'a> {
    #[serde(borrow)]
    pub(super) predicate: Option<Predicate<'a>>,
}

/// SLSA v0.2 and v1 in one: they have no field in common.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Predicate<'a> {
    // v0.2
    #[serde(deserialize_with = "lenient")]
    materials: List<Material, MATERIALS>,
    #[serde(deserialize_with = "lenient")]
    invocation: Parameters,
    #[serde(deserialize_with = "lenient")]
    build_config: BuildConfig,
    #[serde(borrow)]
    metadata: Option<Metadata<'a>>,
    // v1
    #[serde(deserialize_with = "lenient")]
    build_definition: BuildDefinition,
    #[serde(borrow)]
    run_details: Option<RunDetails<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BuildDefinition {
    #[serde(deserialize_with = "lenient")]
    resolved_dependencies: List<Material, MATERIALS>,
    #[serde(deserialize_with = "lenient")]
    external_parameters: Parameters,
    #[serde(deserialize_with = "lenient")]
    internal_parameters: Parameters,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Parameters {
    #[serde(deserialize_with = "lenient")]
    config_source: ConfigSource,
    #[serde(deserialize_with = "lenient")]
    build_config: BuildConfig,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ConfigSource {
    /// v0.2.
    entry_point: Option<String>,
    /// v1.
    path: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RunDetails<'a> {
    #[serde(borrow)]
    metadata: Option<Metadata<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Metadata<'a> {
    /// v0.2 has the first name, v1 the second.
    #[serde(borrow, rename = "https://mobyproject.org/buildkit@v1#metadata", alias = "buildkit_metadata")]
    buildkit: Option<BuildKit<'a>>,
}

/// `BuildKit`'s own part.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct BuildKit<'a> {
    #[serde(borrow)]
    source: Option<Source<'a>>,
    #[serde(deserialize_with = "lenient")]
    layers: Map<List<Blobs, VARIANTS>, STEPS>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Source<'a> {
    #[serde(borrow)]
    infos: Option<List<Info<'a>, FILES>>,
    #[serde(deserialize_with = "lenient")]
    locations: Map<Option<Locations>, STEPS>,
}

/// A file that lines are of.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Info<'a> {
    #[serde(borrow)]
    pub(super) filename: Cow<'a, str>,
    /// Its text, in base64.
    #[serde(borrow)]
    pub(super) data: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Locations {
    #[serde(deserialize_with = "lenient")]
    locations: First<Location>,
}

/// A `sourceIndex` of 0 is left out.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Location {
    source_index: u64,
    #[serde(deserialize_with = "lenient")]
    ranges: Span,
}

/// An image or a repository that the build used.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Material {
    uri: String,
    #[serde(deserialize_with = "lenient")]
    digest: Digests,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Digests {
    sha256: Option<String>,
    sha512: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BuildConfig {
    #[serde(deserialize_with = "lenient")]
    llb_definition: List<Vertex, STEPS>,
}

/// A step.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Vertex {
    id: StepId,
    #[serde(deserialize_with = "lenient")]
    op: Op,
    #[serde(rename = "inputs", deserialize_with = "first_input")]
    pub(super) input: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Op {
    #[serde(rename = "Op", deserialize_with = "lenient")]
    op: Kind,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kind {
    source: Option<SourceOp>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SourceOp {
    identifier: String,
}

impl Predicate<'_> {
    pub(super) fn images(&self) -> impl Iterator<Item = (&str, Option<Digest>)> {
        let digest = |digests: &Digests| {
            let named = |algorithm: &str, hex: &Option<String>| Digest::parse(&format!("{algorithm}:{}", hex.as_ref()?)).ok();
            named("sha256", &digests.sha256).or_else(|| named("sha512", &digests.sha512))
        };
        let materials = self.materials.0.iter().chain(&self.build_definition.resolved_dependencies.0);
        materials.map(move |material| (material.uri.as_str(), digest(&material.digest)))
    }

    /// Steps by their numbers.
    pub(super) fn vertices(&self) -> impl Iterator<Item = (u32, &Vertex)> {
        let definition = &self.build_definition;
        // v1 began with it among the external parameters.
        let configs = [&self.build_config, &definition.internal_parameters.build_config, &definition.external_parameters.build_config];
        configs.into_iter().flat_map(|config| &config.llb_definition.0).filter_map(|vertex| Some((vertex.id.0?, vertex)))
    }

    pub(super) fn metadata(&self) -> Option<&BuildKit<'_>> {
        let v1 = || self.run_details.as_ref()?.metadata.as_ref();
        self.metadata.as_ref().or_else(v1)?.buildkit.as_ref()
    }

    /// The file that the builder was given.
    pub(super) fn entry_point(&self) -> Option<&str> {
        let v1 = &self.build_definition.external_parameters.config_source.path;
        self.invocation.config_source.entry_point.as_deref().or(v1.as_deref()).filter(|name| !name.is_empty())
    }
}

impl BuildKit<'_> {
    /// What each step left, one entry for each way of compression.
    pub(super) fn chains(&self) -> Vec<(u32, &Chain)> {
        let steps = self.layers.0.iter().filter_map(|(key, variants)| Some((key.0?, variants)));
        steps.flat_map(|(step, variants)| variants.0.iter().map(move |blobs| (step, &blobs.0))).collect()
    }

    /// For each step the file and the lines that asked for it.
    pub(super) fn places(&self) -> HashMap<u32, (u64, Lines)> {
        let Some(source) = &self.source else { return HashMap::new() };
        let one = |(key, locations): &(StepId, Option<Locations>)| {
            let place = locations.as_ref()?.locations.0.as_ref()?;
            Some((key.0?, (place.source_index, place.ranges.0?)))
        };
        source.locations.0.iter().filter_map(one).collect()
    }

    pub(super) fn info(&self, file: u64) -> Option<&Info<'_>> {
        self.source.as_ref()?.infos.as_ref()?.0.get(usize::try_from(file).ok()?)
    }
}

impl Vertex {
    /// `NAME@DIGEST` of the image that the step brings, if it brings one.
    pub(super) fn image(&self) -> Option<&str> {
        let identifier = &self.op.op.source.as_ref()?.identifier;
        let image = identifier.strip_prefix("docker-image://").or_else(|| identifier.strip_prefix("oci-layout://"))?;
        (image.len() <= super::NAME).then_some(image)
    }
}

/// A step's number, out of `step4` or `step4:0`; `None` of anything else.
#[derive(Default)]
pub(super) struct StepId(Option<u32>);

impl StepId {
    fn of(text: &str) -> Self {
        let number = text.strip_prefix("step").map(|rest| rest.split(':').next().unwrap_or(rest));
        Self(number.and_then(|number| number.parse().ok()))
    }
}

impl<'de> Deserialize<'de> for StepId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&Cow::<str>::deserialize(deserializer)?))
    }
}

fn first_input<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Ok(Option::<First<StepId>>::deserialize(deserializer)?.and_then(|first| first.0?.0))
}
