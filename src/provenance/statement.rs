//! The parts of a statement that matter here, whatever its version. All else is passed over unread.
//!
//! Lists are bounded and what they hold is small, so that no statement takes more memory than its own text.

use super::chains::Chain;
use crate::dockerfile::Lines;
use crate::oci::{Digest, lenient};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

/// Steps of one build: the largest have hundreds.
const STEPS: usize = 10_000;
/// Ways in which one step's blobs are compressed.
const VARIANTS: usize = 16;
/// Files that lines may be of.
const FILES: usize = 100;
/// What a build used.
const MATERIALS: usize = 10_000;
/// A line number beyond is nobody's.
const LINE: u64 = 10_000_000;

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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Position {
    line: u64,
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
struct StepId(Option<u32>);

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

/// A list that may have so many elements.
struct List<T, const MOST: usize>(Vec<T>);

/// An object whose keys are steps, with at most so many of them.
struct Map<T, const MOST: usize>(Vec<(StepId, T)>);

/// The first element of a list.
struct First<T>(Option<T>);

/// From the first line of some ranges to the last.
#[derive(Default)]
struct Span(Option<Lines>);

/// Descriptors of blobs, as their digests.
struct Blobs(Chain);

impl<T, const MOST: usize> Default for List<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> Default for Map<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// Makes an `R` of a list's elements, one by one.
trait FromList<'de>: Sized {
    fn from_list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error>;
}

struct ListVisitor<R>(PhantomData<R>);

impl<'de, R: FromList<'de>> Visitor<'de> for ListVisitor<R> {
    type Value = R;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<R, A::Error> {
        R::from_list(list)
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> FromList<'de> for List<T, MOST> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = list.next_element()? {
            if all.len() == MOST {
                return Err(A::Error::custom(format_args!("more than {MOST} elements")));
            }
            all.push(element);
        }
        Ok(Self(all))
    }
}

impl<'de, T: Deserialize<'de>> FromList<'de> for First<T> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let first = list.next_element()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self(first))
    }
}

impl<'de> FromList<'de> for Span {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut span: Option<(u64, u64)> = None;
        while let Some(Range { start, end }) = list.next_element()? {
            let (start, end) = (start.line, end.line.max(start.line));
            if start > 0 {
                span = Some(span.map_or((start, end), |known| (known.0.min(start), known.1.max(end))));
            }
        }
        let lines = |(start, end): (u64, u64)| Lines { start: start as u32, end: end as u32 };
        Ok(Self(span.filter(|(_, end)| *end <= LINE).map(lines)))
    }
}

impl<'de> FromList<'de> for Blobs {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        struct Blob {
            digest: Digest,
        }
        // A digest is as long in the text: no list of them is much larger here than there.
        let mut chain = Chain::new();
        while let Some(Blob { digest }) = list.next_element()? {
            chain.push(digest);
        }
        Ok(Self(chain))
    }
}

/// Gives each kind of list its `Deserialize`.
macro_rules! lists {
    ($([$($generics:tt)*] $list:ty,)+) => {$(
        impl<'de, $($generics)*> Deserialize<'de> for $list {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_seq(ListVisitor(PhantomData))
            }
        }
    )+};
}

lists! {
    [T: Deserialize<'de>, const MOST: usize] List<T, MOST>,
    [T: Deserialize<'de>] First<T>,
    [] Span,
    [] Blobs,
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Map<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapVisitor<T, const MOST: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for MapVisitor<T, MOST> {
            type Value = Map<T, MOST>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    if all.len() == MOST {
                        return Err(A::Error::custom(format_args!("more than {MOST} steps")));
                    }
                    all.push(entry);
                }
                Ok(Map(all))
            }
        }
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }
}
