//! Why one image weighs more than another: layers, packages, files and findings of the two, matched.
//!
//! Every byte of both images is in exactly one row of each list, so that the rows of a list add up to the
//! whole change, in every measure; lists that are beside the books say so. Comparing the other way round
//! gives the same rows with the other sign. Time is linear in entries, memory in entries and paths.

mod delta;
mod files;
mod findings;
mod layers;
mod packages;
mod pairs;
mod summary;
mod tree;
mod union;

pub use delta::Delta;
pub use files::{DirectoryChange, FileChange, FileChangeKind, Files, FilesOfKind};
pub use findings::FindingChange;
pub use layers::{LayerChange, LayerChangeKind, Stored};
pub use packages::{PackageChange, PackageChangeKind};
pub use summary::{Piece, Sentence};
pub use tree::{By, Part};

use crate::analysis::Analysis;
use crate::budget::Verdict;
use crate::image::SourceInfo;
use crate::layer::Measures;
use schemars::JsonSchema;
use serde::Serialize;
use union::Union;

/// Version of the comparison's JSON form.
pub const SCHEMA: &str = "1.0";

/// Two images, and all that differs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Comparison {
    /// Version of this form.
    pub schema: String,
    /// Where the growth comes from, in a sentence or two.
    pub summary: String,
    /// The same in pieces, for formats that mark up names.
    #[serde(skip)]
    pub sentence: Sentence,
    /// False when a blob of either is absent or a limit ended the reading: every number is then of what was read.
    pub complete: bool,
    /// The image before.
    pub old: Side,
    /// The image after.
    pub new: Side,
    /// All entries: each list adds up to this.
    pub delta: Delta,
    /// Entries of the file system, and markers.
    pub live: Delta,
    /// Entries that later layers hide: `live` + `shadowed` = `delta`.
    pub shadowed: Delta,
    /// What belongs to no entry: `delta` + `overhead` = the change of the layers' sizes.
    pub overhead: Delta,
    /// Compressed size of all layers, each digest once; null where either source stores plain tars.
    pub pull_bytes: Option<i64>,
    /// Layers, in the order of the new image, removed ones where they were.
    pub layers: Vec<LayerChange>,
    /// Packages that came, went or changed, most content first; those that weigh the same are left out.
    pub packages: Vec<PackageChange>,
    /// Entries that no package lists.
    pub unattributed: Delta,
    /// Paths.
    pub files: Files,
    /// Directories that changed most, each with all that is below it: beside the books.
    pub directories: Vec<DirectoryChange>,
    /// What rules find, new waste first.
    pub findings: Vec<FindingChange>,
    /// Entries that no rule claims.
    pub unclaimed: Delta,
    /// What came of the budgets that the new image is held to, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// One of the two images.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Side {
    /// Where it was read from.
    pub source: SourceInfo,
    /// Names and tags in the source.
    pub names: Vec<String>,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// Digest of the manifest, where there is one.
    pub manifest_digest: Option<String>,
    /// Digest of the configuration: what Docker shows as image id.
    pub id: Option<String>,
    /// The Dockerfile that agrees with history, from which the lines are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// False when a blob is absent or a limit ended the reading.
    pub complete: bool,
    /// How many layers it has.
    pub layers: usize,
    /// All entries.
    pub totals: Measures,
    /// Entries of the file system, and markers.
    pub live: Measures,
    /// Entries that later layers hide.
    pub shadowed: Measures,
    /// What belongs to no entry.
    pub overhead: Measures,
    /// Compressed size of all layers, each digest once; null where the source stores plain tars.
    pub pull_bytes: Option<u64>,
}

impl Comparison {
    /// Compares two images; `top` is how many files to list.
    ///
    /// ```
    /// # fn main() -> plimsoll::Result<()> {
    /// use plimsoll::analysis::{Analysis, AnalysisOptions};
    /// use plimsoll::compare::Comparison;
    /// # use plimsoll::{Index, Limits, Options, Reference, Source};
    /// # let index = |path: &str| {
    /// #     let image = Source::open(&Reference::parse(path)?)?.read(&Options::default(), &())?;
    /// #     Index::build(image, &Limits::default())
    /// # };
    /// let (old, new) = (index("testdata/archives/kaniko.tar")?, index("testdata/demo.tar")?);
    /// let options = AnalysisOptions::default();
    /// let comparison = Comparison::of(&Analysis::new(&old, &options), &Analysis::new(&new, &options), 1000);
    /// let layers: i64 = comparison.layers.iter().map(|layer| layer.delta.content_bytes).sum();
    /// assert_eq!(layers, comparison.delta.content_bytes);
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(old: &Analysis<'_>, new: &Analysis<'_>, top: usize) -> Self {
        let union = Union::new(old.index.paths(), new.index.paths());
        let (before, after) = (Side::new(old), Side::new(new));
        let (packages, unattributed) = packages::compare(old, new, &union);
        let (files, directories) = files::compare(old.index, new.index, &union, top);
        let (findings, unclaimed) = findings::compare(old, new, &before, &after);
        let mut comparison = Self {
            schema: SCHEMA.to_owned(),
            summary: String::new(),
            sentence: Sentence::default(),
            complete: before.complete && after.complete,
            delta: Delta::between(before.totals, after.totals),
            live: Delta::between(before.live, after.live),
            shadowed: Delta::between(before.shadowed, after.shadowed),
            overhead: Delta::between(before.overhead, after.overhead),
            pull_bytes: before.pull_bytes.zip(after.pull_bytes).map(|(old, new)| delta::difference(old, new)),
            layers: layers::compare(old, new, &union),
            old: before,
            new: after,
            packages,
            unattributed,
            files,
            directories,
            findings,
            unclaimed,
            verdict: None,
        };
        comparison.sentence = summary::of(&comparison);
        comparison.summary = comparison.sentence.plain(crate::render::size::Unit::Si);
        comparison
    }

    /// All entries of both images by one hierarchy and then by path, cut to about `most` nodes; the parts of each are
    /// what [`Part`] says. `old` and `new` are those that were compared.
    pub fn tree(&self, old: &Analysis<'_>, new: &Analysis<'_>, by: By, most: usize) -> crate::breakdown::Tree {
        tree::of(self, old, new, by, most)
    }

    /// Whether nothing differs: neither a layer nor a path nor a byte.
    pub fn is_unchanged(&self) -> bool {
        let layers = self.layers.iter().all(|layer| layer.change == LayerChangeKind::Unchanged);
        layers && self.delta.is_zero() && self.overhead.is_zero() && self.files.changed() == 0
    }

    /// How many layers changed in this way.
    pub fn layers_that(&self, change: LayerChangeKind) -> usize {
        self.layers.iter().filter(|layer| layer.change == change).count()
    }

    /// How many packages changed in this way.
    pub fn packages_that(&self, change: PackageChangeKind) -> usize {
        self.packages.iter().filter(|package| package.change == change).count()
    }
}

impl Side {
    fn new(analysis: &Analysis<'_>) -> Self {
        let image = analysis.index.image();
        let sums = analysis.index.sums();
        Self {
            source: image.source.clone(),
            names: image.names.clone(),
            platform: image.platform.to_string(),
            manifest_digest: image.manifest_digest.as_ref().map(ToString::to_string),
            id: image.config_digest.as_ref().map(ToString::to_string),
            dockerfile: Some(analysis.dockerfile.name.clone()).filter(|name| !name.is_empty()),
            complete: !image.is_incomplete(),
            layers: image.layers.len(),
            totals: sums.total(),
            live: sums.live(),
            shadowed: sums.shadowed(),
            overhead: sums.overhead(),
            pull_bytes: crate::report::pull_bytes(analysis.index),
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        self.names.first().map_or(&self.source.reference, String::as_str)
    }
}
