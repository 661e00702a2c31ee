//! All that a renderer or a gate may see of an image, as one value.
//!
//! Sizes are whole bytes; nothing here is rounded or formatted. Within a major version of
//! [`SCHEMA`] the JSON form only grows. Layers are numbered from 0 here and from 1 for people.

mod judged;

pub use crate::image::{Base, Confidence, Evidence};
pub(crate) use judged::unneeded_entries;
pub use judged::{EditPart, EditReport, FindingReport, FoundPath, KeptPackage, PackageReport};

pub use crate::analysis::LinesBy;

use crate::analysis::{Analysis, AnalysisOptions};
use crate::facts::OsRelease;
use crate::image::{Layer, SourceInfo};
use crate::index::{Cause, Directories, Index, Sums};
use crate::layer::{Compression, LimitHit, Listing, Measures, Toc};
use crate::note::Note;
use crate::oci::DiffId;
use crate::parallel::both;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// Version of the report's JSON form.
pub const SCHEMA: &str = "1.0";

/// What is asked of a report.
#[derive(Debug, Clone, Default)]
pub struct ReportOptions {
    /// Diff ids of an image that may be the base.
    pub base: Option<(String, Vec<DiffId>)>,
    /// How many directories and groups of duplicates to list; 0 means 10.
    pub top: usize,
}

/// A weighed image.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this form.
    pub schema: String,
    /// Where the image was read from.
    pub source: SourceInfo,
    /// Which image it is.
    pub image: ImageReport,
    /// False when a blob is absent or a limit ended the reading: every number is then of what was read.
    pub complete: bool,
    /// Limits that were reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits_hit: Vec<LimitHit>,
    /// All entries of all layers: `live` + `shadowed`.
    pub totals: Measures,
    /// Entries of the image's file system, and markers.
    pub live: Measures,
    /// Entries that later layers hide.
    pub shadowed: Shadowed,
    /// Bytes that belong to no entry: `totals` + `overhead` = the sum of the layers' sizes.
    pub overhead: Measures,
    /// Live content over all content; 1 for an empty image.
    pub efficiency: f64,
    /// Live entries by whose they are.
    pub hull: Hull,
    /// Layers, base first.
    pub layers: Vec<LayerReport>,
    /// Hidden entries by who paid, who hid, and why.
    pub hidden: Vec<HiddenReport>,
    /// Where most of the live bytes are, each with all that is below it.
    pub directories: Vec<DirectoryReport>,
    /// Equal contents that are live at once; beside the books.
    pub duplicates: DuplicatesReport,
    /// What the rules found, most content first.
    pub findings: Vec<FindingReport>,
    /// What to change: certain edits, most content first, then those for a person to check.
    pub edits: Vec<EditReport>,
    /// Packages that the image has or had, most content first.
    pub packages: Vec<PackageReport>,
    /// What is left of `totals` without all that findings of own layers claim, at level `warn` and above.
    pub without_findings: Measures,
    /// What is left of `totals` when all certain edits are made.
    pub without_edits: Measures,
    /// dive's numbers, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dive: Option<DiveReport>,
    /// What was odd.
    pub notes: Vec<Note>,
}

/// Which image it is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ImageReport {
    /// Names and tags in the source.
    pub names: Vec<String>,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// Digest of the manifest, where there is one.
    pub manifest_digest: Option<String>,
    /// Digest of the configuration: what Docker shows as image id.
    pub id: Option<String>,
    /// When it was built, as the configuration says.
    pub created: Option<String>,
    /// Content of all layers: what `docker images` shows with a graph driver.
    pub disk_bytes: u64,
    /// Compressed size of all layers, each digest once; null where the source stores plain tars.
    pub pull_bytes: Option<u64>,
    /// Where the base image ends.
    pub base: Base,
    /// Set where this is no image that was read but a prediction: the edits whose bytes are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// The Dockerfile that the lines are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// How the lines are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines_by: Option<LinesBy>,
    /// The distribution, where `/etc/os-release` tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<OsRelease>,
}

/// Hidden entries, in all and by cause.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Shadowed {
    /// All of them.
    #[serde(flatten)]
    pub all: Measures,
    /// By cause; all seven are there.
    pub causes: BTreeMap<Cause, Measures>,
}

/// Live entries by whose they are; with the hidden ones they add up to the totals.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Hull {
    /// Live entries of the base image's layers.
    pub base: Measures,
    /// Live entries of the image's own layers that are needed, as far as edits tell.
    pub own: Measures,
    /// Live entries of the image's own layers that certain edits remove.
    pub unneeded: Measures,
}

/// One layer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LayerReport {
    /// Its number, from 0.
    pub index: usize,
    /// Digest of the blob as stored.
    pub digest: Option<String>,
    /// Digest of the uncompressed tar.
    pub diff_id: Option<String>,
    /// Media type, as the manifest has it.
    pub media_type: Option<String>,
    /// How the blob is stored, by its content; null where it is absent.
    pub compression: Option<Compression>,
    /// The index for lazy runtimes that it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toc: Option<Toc>,
    /// Where its files are from; absent where its tar was read.
    #[serde(default, skip_serializing_if = "Listing::is_tar")]
    pub files: Listing,
    /// What made it, in a clean form; null where history does not tell.
    pub instruction: Option<String>,
    /// What made it, as history has it.
    pub created_by: Option<String>,
    /// When it was made.
    pub created: Option<String>,
    /// The line of the Dockerfile that made it, where that is known; for layers of the base that of the FROM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The first and the last line of that instruction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<[u32; 2]>,
    /// Whether it belongs to the base image.
    pub base: bool,
    /// False where the blob is not in the source.
    pub present: bool,
    /// Whether the image says that the blob is to be had elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
    /// Size of the blob as the manifest has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_bytes: Option<u64>,
    /// All its entries.
    #[serde(flatten)]
    pub all: Measures,
    /// Its live entries.
    pub live: Measures,
    /// Its hidden entries.
    pub shadowed: Shadowed,
    /// Of the live ones, those that certain edits remove.
    pub unneeded: Measures,
    /// What belongs to no entry.
    pub overhead: Measures,
}

/// Hidden entries of one kind.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct HiddenReport {
    /// The layer that stores them.
    pub layer: usize,
    /// The layer that hides them.
    pub by: usize,
    /// Why.
    pub cause: Cause,
    /// What they weigh.
    #[serde(flatten)]
    pub all: Measures,
}

impl HiddenReport {
    /// The layer whose instruction is to blame: whoever stores again what was there, and whoever
    /// stored what is deleted later, for the deletion frees nothing.
    pub fn culprit(&self) -> usize {
        if self.cause.blames_payer() { self.layer } else { self.by }
    }
}

/// A directory with all that is below it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DirectoryReport {
    /// Its path, with a leading slash.
    #[serde(flatten)]
    pub path: PathReport,
    /// Live entries at and below it.
    pub live: Measures,
    /// Hidden entries at and below it.
    pub shadowed: Measures,
}

/// A path: readable, and exact where it is no UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathReport {
    /// With a leading slash; bytes that are no UTF-8 are replaced.
    pub path: String,
    /// The exact bytes in base64, where they are no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_b64: Option<String>,
    /// Without control characters and other surprises, each byte that is no UTF-8 as `\\xNN`.
    #[serde(skip)]
    pub shown: String,
}

impl PathReport {
    /// From bytes without a leading slash.
    pub fn new(path: &[u8]) -> Self {
        let mut whole = Vec::with_capacity(path.len() + 1);
        whole.push(b'/');
        whole.extend_from_slice(path);
        let shown = crate::text::escaped(&whole);
        match String::from_utf8(whole) {
            Ok(path) => Self { path, path_b64: None, shown },
            Err(error) => Self {
                path: String::from_utf8_lossy(error.as_bytes()).into_owned(),
                path_b64: Some(crate::text::base64(error.as_bytes())),
                shown,
            },
        }
    }
}

/// Files whose content another live file has too.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DuplicatesReport {
    /// All copies but the first.
    #[serde(flatten)]
    pub spare: Measures,
    /// The most wasteful groups.
    pub groups: Vec<DuplicateGroup>,
}

/// Files of equal content.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DuplicateGroup {
    /// Content of one of them.
    pub content_bytes: u64,
    /// Where they are.
    pub paths: Vec<PathReport>,
}

/// What dive 0.13.1 prints for the image.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiveReport {
    /// dive's efficiency, 0 to 1.
    pub efficiency_score: f64,
    /// dive's wasted bytes: all copies, the live one too.
    pub wasted_bytes: u64,
    /// Wasted over user bytes; null where dive prints NaN or infinity.
    pub user_wasted_percent: Option<f64>,
}

impl Report {
    /// Adds up what `index` holds.
    ///
    /// ```
    /// # fn main() -> plimsoll::Result<()> {
    /// # let reference = plimsoll::Reference::parse("testdata/demo.tar")?;
    /// # let image = plimsoll::Source::open(&reference)?.read(&plimsoll::Options::default(), &())?;
    /// let index = plimsoll::Index::build(image, &plimsoll::Limits::default())?;
    /// let report = plimsoll::Report::new(&index, &plimsoll::ReportOptions::default());
    /// assert_eq!(report.totals.content_bytes, report.image.disk_bytes);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(index: &Index, options: &ReportOptions) -> Self {
        Self::of(&Analysis::new(index, &AnalysisOptions { base: options.base.clone(), ..AnalysisOptions::default() }), options.top)
    }

    /// Adds up what an analysis found; `top` is how many directories and groups of duplicates to list, 0 for 10.
    pub fn of(analysis: &Analysis<'_>, top: usize) -> Self {
        let (index, base) = (analysis.index, &analysis.base);
        let image = index.image();
        let sums = index.sums();
        let totals = sums.total();
        let mut hull = Hull::default();
        for (number, layer) in sums.layers.iter().enumerate() {
            *if number < base.layers { &mut hull.base } else { &mut hull.own } += layer.live;
        }
        let top = if top == 0 { 10 } else { top };
        let judged = || (judged::unneeded(analysis), judged::findings(analysis), judged::edits(analysis), judged::packages(analysis));
        let whole = || (directories(index, top), duplicates(index, top));
        let ((unneeded, findings, edits, packages), (directories, duplicates)) = both(judged, whole);
        hull.unneeded = unneeded.iter().copied().sum();
        hull.own = hull.own.minus(hull.unneeded);
        Self {
            schema: SCHEMA.to_owned(),
            source: image.source.clone(),
            image: ImageReport {
                names: image.names.clone(),
                platform: image.platform.to_string(),
                manifest_digest: image.manifest_digest.as_ref().map(ToString::to_string),
                id: image.config_digest.as_ref().map(ToString::to_string),
                created: Some(image.created.clone()).filter(|created| !created.is_empty()),
                disk_bytes: totals.content_bytes,
                pull_bytes: pull_bytes(index),
                base: base.clone(),
                without: Vec::new(),
                dockerfile: Some(analysis.dockerfile.name.clone()).filter(|name| !name.is_empty()),
                lines_by: analysis.dockerfile.by,
                system: analysis.system().cloned(),
            },
            complete: !image.is_incomplete(),
            limits_hit: limits_hit(index),
            totals,
            live: sums.live(),
            shadowed: shadowed(sums.shadowed(), sums.of_all()),
            overhead: sums.overhead(),
            efficiency: if totals.content_bytes == 0 { 1.0 } else { sums.live().content_bytes as f64 / totals.content_bytes as f64 },
            hull,
            layers: image
                .layers
                .iter()
                .enumerate()
                .map(|(number, layer)| LayerReport {
                    line: analysis.line(number),
                    lines: analysis.lines(number).map(|lines| [lines.start, lines.end]),
                    unneeded: unneeded[number],
                    ..LayerReport::new(index, number, layer, &sums, number < base.layers)
                })
                .collect(),
            hidden: hidden(&sums),
            directories,
            duplicates,
            findings,
            edits,
            packages,
            without_findings: totals.minus(judged::claimed(analysis)),
            without_edits: totals.minus(judged::removed(analysis)),
            dive: None,
            notes: judged::notes(analysis),
        }
    }
}

/// Each with the first layer it ended.
fn limits_hit(index: &Index) -> Vec<LimitHit> {
    let image = index.image();
    let hit = |(number, changeset): (usize, &crate::layer::Changeset)| {
        let hit = changeset.limit.as_ref()?;
        let layer = image.layers.iter().position(|layer| layer.changeset == Some(number))?;
        Some(LimitHit { message: format!("layer {}: {}", layer + 1, hit.message), ..hit.clone() })
    };
    image.changesets.iter().enumerate().filter_map(hit).collect()
}

/// Each digest once, as a registry sends it; unknown as soon as one layer is stored plain.
pub(crate) fn pull_bytes(index: &Index) -> Option<u64> {
    let mut seen = HashSet::new();
    let mut sum = 0;
    for layer in &index.image().layers {
        let bytes = match index.image().changeset(layer) {
            Some(changeset) if changeset.compression == Compression::None => return None,
            Some(changeset) => changeset.blob_bytes,
            None => layer.declared_bytes?,
        };
        let name = layer.digest.as_ref().map_or(&layer.path as &str, crate::oci::Digest::as_str);
        if seen.insert(name) {
            sum += bytes;
        }
    }
    Some(sum)
}

fn shadowed(all: Measures, hidden: impl Iterator<Item = (Cause, Measures)>) -> Shadowed {
    let mut causes: BTreeMap<Cause, Measures> = Cause::ALL.into_iter().map(|cause| (cause, Measures::default())).collect();
    for (cause, measures) in hidden {
        *causes.entry(cause).or_default() += measures;
    }
    Shadowed { all, causes }
}

fn hidden(sums: &Sums) -> Vec<HiddenReport> {
    let mut rows: Vec<_> = sums
        .hidden
        .iter()
        .map(|(hidden, all)| HiddenReport { layer: hidden.payer, by: hidden.by, cause: hidden.cause, all: *all })
        .collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.all.content_bytes), row.layer, row.by, row.cause));
    rows
}

fn directories(index: &Index, top: usize) -> Vec<DirectoryReport> {
    let directories = index.directories();
    directories.heaviest(top).into_iter().filter_map(|node| DirectoryReport::new(index, &directories, node)).collect()
}

impl DirectoryReport {
    /// The directory at `node`; `None` if it is none.
    pub fn new(index: &Index, directories: &Directories, node: crate::paths::NodeId) -> Option<Self> {
        let (live, shadowed) = directories.of(node)?;
        Some(Self { path: PathReport::new(&index.paths().path(node)), live, shadowed })
    }
}

fn duplicates(index: &Index, top: usize) -> DuplicatesReport {
    let found = index.duplicates();
    let group = |places: &Vec<crate::index::Place>| {
        let files: Vec<_> = places.iter().map(|place| index.placed(*place)).collect();
        DuplicateGroup {
            content_bytes: files.first().map_or(0, |file| file.entry.content_bytes),
            paths: files.iter().take(top).map(|file| PathReport::new(&index.paths().path(file.node))).collect(),
        }
    };
    DuplicatesReport { spare: found.spare, groups: found.groups.iter().take(top).map(group).collect() }
}

impl LayerReport {
    fn new(index: &Index, number: usize, layer: &Layer, sums: &Sums, base: bool) -> Self {
        let changeset = index.image().changeset(layer);
        let of_layer = sums.layers[number];
        let made = layer.instruction.as_ref();
        Self {
            index: number,
            digest: layer.digest.as_ref().map(ToString::to_string),
            diff_id: layer.diff_id.as_ref().map(ToString::to_string),
            media_type: Some(layer.media_type.clone()).filter(|media_type| !media_type.is_empty()),
            compression: changeset.map(|changeset| changeset.compression),
            toc: changeset.and_then(|changeset| changeset.toc),
            files: changeset.map(|changeset| changeset.listing).unwrap_or_default(),
            instruction: made.map(|made| made.text.clone()),
            created_by: made.map(|made| made.raw.clone()),
            created: made.and_then(|made| made.created.clone()),
            line: None,
            lines: None,
            unneeded: Measures::default(),
            base,
            present: changeset.is_some(),
            foreign: layer.foreign,
            declared_bytes: layer.declared_bytes,
            all: of_layer.total(),
            live: of_layer.live,
            shadowed: shadowed(of_layer.shadowed, sums.of_payer(number)),
            overhead: of_layer.overhead,
        }
    }

    /// Size of the blob: entries and overhead; as declared where the blob is absent.
    pub fn blob_size(&self) -> u64 {
        if self.present { self.all.blob_bytes + self.overhead.blob_bytes } else { self.declared_bytes.unwrap_or(0) }
    }
}
