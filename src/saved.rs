//! An analysis in a file: facts (names, sizes, hashes), never file contents.
//!
//! `PLIMSOLL`, a format version, a SHA-256 of what follows, then one zstd frame of postcard values:
//! the head, then list after list, each after its length. Lengths are held against the limits before
//! anything is made from them, and every number is checked, for a saved analysis may come from
//! anywhere. A version is read only by the programs that write it; the image is the lasting form.

mod values;

use crate::dockerfile::Lines;
use crate::error::{Error, Result};
use crate::facts::Fact;
use crate::history::{HistoryRow, Instruction};
use crate::image::{Image, Layer, SourceInfo, count_placements};
use crate::layer::compression::Decoder;
use crate::layer::{Changeset, Compression, Context, Entry, EntryKind, Hasher, LimitHit, Measures, Toc, read_fully};
use crate::limits::Limits;
use crate::note::{Note, Notes};
use crate::oci::{Algorithm, DiffId, Digest, Platform};
use crate::paths::{NodeId, Paths};
use crate::provenance::{BuiltFrom, Matched, Provenance};
use crate::reference::{Place, Reference};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use values::{Reader, Writer};

const MAGIC: &[u8; 8] = b"PLIMSOLL";
/// The form that this version of the library writes, and the only one that it reads.
pub const VERSION: u32 = 4;

/// Names, annotations, history rows and notes: more than any image has, and less than hurts.
const MANY: u64 = 100_000;

// Unlike the report's JSON these forms are not self-describing: no field may be left out.

#[derive(Serialize, Deserialize)]
struct Head {
    source: SourceInfo,
    platform: (String, String, String),
    manifest_digest: Option<Digest>,
    config_digest: Option<Digest>,
    created: String,
    /// As JSON: its own form is not of a fixed shape.
    config: String,
    provenance: Option<ProvenanceHead>,
}

/// What provenance says beside its lists; those follow the layers.
#[derive(Serialize, Deserialize)]
struct ProvenanceHead {
    dockerfile: Option<String>,
    matched: Option<Matched>,
    from: Option<BuiltFrom>,
}

#[derive(Serialize, Deserialize)]
struct ChangesetHead {
    compression: Compression,
    toc: Option<Toc>,
    blob_bytes: u64,
    diff_bytes: u64,
    overhead_diff_bytes: u64,
    overhead_blob_bytes: u64,
    blob_digest: Option<Digest>,
    diff_digest: Option<Digest>,
    limit: Option<LimitHit>,
    links: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct SavedLayer {
    changeset: Option<u32>,
    digest: Option<Digest>,
    diff_id: Option<DiffId>,
    declared_bytes: Option<u64>,
    media_type: String,
    path: String,
    foreign: bool,
    row: Option<u32>,
}

/// When, by what, comment, author, and whether it made no layer.
type SavedRow = (Option<String>, Option<String>, Option<String>, Option<String>, bool);
/// Code, layer, path, message, count.
type SavedNote = (String, Option<u64>, Option<String>, String, u64);

/// Writes an image's analysis.
pub fn write(image: &Image, out: &mut impl Write) -> Result<()> {
    let io = |error| Error::io("writing the saved analysis")(error);
    let plain = pack(image)?;
    let mut packed = vec![0; zstd_safe::compress_bound(plain.len())];
    let length = zstd_safe::compress(&mut packed[..], &plain, 3)
        .map_err(|code| Error::malformed("saved analysis", zstd_safe::get_error_name(code)))?;
    packed.truncate(length);
    out.write_all(MAGIC).map_err(io)?;
    out.write_all(&VERSION.to_le_bytes()).map_err(io)?;
    out.write_all(checksum(&packed).hex().as_bytes()).map_err(io)?;
    out.write_all(&packed).map_err(io)
}

fn pack(image: &Image) -> Result<Vec<u8>> {
    let mut to = Writer::default();
    let paths = &image.paths;
    to.one(&Head {
        source: image.source.clone(),
        platform: (image.platform.os.clone(), image.platform.architecture.clone(), image.platform.variant.clone()),
        manifest_digest: image.manifest_digest.clone(),
        config_digest: image.config_digest.clone(),
        created: image.created.clone(),
        config: serde_json::to_string(&image.config).unwrap_or_default(),
        provenance: image.provenance.as_ref().map(|provenance| ProvenanceHead {
            dockerfile: provenance.dockerfile.clone(),
            matched: provenance.matched,
            from: provenance.from.clone(),
        }),
    })?;
    to.many(image.names.iter())?;
    to.many(image.annotations.iter())?;
    to.many(image.history.iter().map(|row| (&row.created, &row.created_by, &row.comment, &row.author, row.empty_layer)))?;
    to.many((1..paths.len() as NodeId).map(|node| paths.parent(node)))?;
    to.many((1..paths.len() as NodeId).map(|node| paths.name(node).len() as u32))?;
    to.bytes(paths.names())?;
    to.many(image.changesets.iter().map(ChangesetHead::of))?;
    for changeset in &image.changesets {
        to.many(changeset.entries.iter())?;
        to.many(changeset.logical.iter())?;
        to.many(changeset.devices.iter())?;
        to.many(changeset.facts.iter())?;
    }
    to.many(image.layers.iter().map(SavedLayer::of))?;
    if let Some(provenance) = &image.provenance {
        to.many(provenance.steps.iter())?;
        to.many(provenance.layers.iter())?;
        to.many(provenance.images.iter())?;
    }
    let notes = image.notes.as_slice().iter();
    to.many(notes.map(|note| (&note.code, note.layer.map(|layer| layer as u64), &note.path, &note.message, note.count)))?;
    Ok(to.finish())
}

fn checksum(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(bytes);
    hasher.finish()
}

/// Reads the saved analysis that `reference` names; `None` if it names something else.
pub fn open(reference: &Reference, limits: &Limits) -> Result<Option<Image>> {
    let Some((file, path)) = find(reference)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(unpacked(limits) + 1).read_to_end(&mut bytes).map_err(Error::io(format_args!("reading `{}`", path.display())))?;
    read(&bytes, limits).map(Some).map_err(|error| error.within(&path.display()))
}

/// Whether `reference` names a saved analysis.
pub fn is_saved(reference: &Reference) -> Result<bool> {
    Ok(find(reference)?.is_some())
}

/// The file behind its magic, if it has it.
fn find(reference: &Reference) -> Result<Option<(File, &Path)>> {
    let Place::Path(path) = &reference.place else { return Ok(None) };
    if !path.is_file() {
        return Ok(None);
    }
    let mut file = File::open(path).map_err(Error::io(format_args!("opening `{}`", path.display())))?;
    let mut magic = [0; MAGIC.len()];
    let found = read_fully(&mut file, &mut magic)? == magic.len() && magic == *MAGIC;
    Ok(found.then_some((file, path)))
}

/// What an analysis within the limits may unpack to: an entry takes less than half its size in
/// memory, the names are there twice at most.
fn unpacked(limits: &Limits) -> u64 {
    limits.entries.saturating_mul(32).saturating_add(limits.names).saturating_add(64 << 20)
}

/// Reads what [`write()`] wrote, after its magic.
fn read(bytes: &[u8], limits: &Limits) -> Result<Image> {
    let broken = |what: &str| Error::malformed("saved analysis", what);
    let (version, rest) = bytes.split_first_chunk().ok_or_else(|| broken("cut off"))?;
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(Error::Unsupported(format!(
            "saved analysis of version {version}, expected {VERSION}: save the image again with this version"
        )));
    }
    let (expected, packed) = rest.split_at_checked(64).ok_or_else(|| broken("cut off"))?;
    let found = checksum(packed);
    if expected != found.hex().as_bytes() {
        let expected = expected.escape_ascii().to_string();
        return Err(Error::Mismatch { place: "saved analysis".into(), measure: "digest", expected, found: found.hex().to_owned() });
    }
    let most = unpacked(limits);
    let context = Context::new(limits.clone());
    let mut plain = Vec::new();
    Decoder::new(packed, &context)?.take(most + 1).read_to_end(&mut plain).map_err(Error::io("unpacking"))?;
    if plain.len() as u64 > most {
        let what = "its unpacked size".to_owned();
        return Err(Error::Limit { place: "saved analysis".into(), what, limit: "entries", max: limits.entries });
    }
    unpack(&plain, limits)
}

fn unpack(plain: &[u8], limits: &Limits) -> Result<Image> {
    let broken = |what: &str| Error::malformed("saved analysis", what);
    let mut from = Reader::new(plain);
    let head: Head = from.one()?;
    let names = from.many("names", MANY)?;
    let annotations: Vec<(String, String)> = from.many("annotations", MANY)?;
    let history: Vec<SavedRow> = from.many("history rows", MANY)?;
    let row = |(created, created_by, comment, author, empty_layer)| HistoryRow { created, created_by, comment, author, empty_layer };
    let history: Vec<HistoryRow> = history.into_iter().map(row).collect();
    let parents: Vec<NodeId> = from.many("nodes", limits.nodes)?;
    let lengths: Vec<u32> = from.many("nodes", limits.nodes)?;
    let paths = Paths::rebuild(&parents, &lengths, from.bytes()?)?;
    // A tar brings the path of each entry in full, here it is a number: what all of them would be in
    // full is held to what a scan may read.
    let lengths = paths.lengths();
    let mut spelled = 0u64;
    let heads: Vec<ChangesetHead> = from.many("layers", limits.layers)?;
    let (mut changesets, mut left, mut said) = (Vec::with_capacity(heads.len()), limits.entries, limits.names);
    for head in heads {
        let changeset = head.changeset(&mut from, left, &mut said, &paths)?;
        left -= changeset.entries.len() as u64;
        spelled += changeset.entries.iter().map(|entry| lengths[entry.node as usize]).sum::<u64>();
        if spelled > limits.names.saturating_mul(4) {
            let what = "the length of all paths".to_owned();
            return Err(Error::Limit { place: "saved analysis".into(), what, limit: "names", max: limits.names });
        }
        changesets.push(changeset);
    }
    let saved: Vec<SavedLayer> = from.many("layers", limits.layers)?;
    // Rows and layers go up together, so that no row is read for two layers.
    if !saved.iter().filter_map(|layer| layer.row).is_sorted_by(|a, b| a < b) {
        return Err(broken("its layers and its history are not in one order"));
    }
    let layers =
        saved.into_iter().map(|layer| layer.layer(&history, changesets.len()).ok_or_else(|| broken("a layer names what is not there")));
    let layers = layers.collect::<Result<Vec<_>>>()?;
    let of_layer: Vec<_> = layers.iter().map(|layer| layer.changeset).collect();
    count_placements(&changesets, &of_layer, limits)?;
    let sizes = of_layer.iter().flatten().map(|number| &changesets[*number]);
    if sizes.map(|changeset| u128::from(changeset.diff_bytes) + u128::from(changeset.blob_bytes)).sum::<u128>() > 1 << 62 {
        return Err(broken("its layers are larger than any image"));
    }
    let provenance = head.provenance.map(|head| head.provenance(&mut from, layers.len())).transpose()?;
    let saved: Vec<SavedNote> = from.many("notes", MANY)?;
    let mut notes = Notes::default();
    notes.extend(saved.into_iter().map(|(code, layer, path, message, count)| Note {
        code,
        layer: layer.map(|layer| layer as usize),
        path,
        message,
        count: count.min(1 << 40),
    }));
    let (os, architecture, variant) = head.platform;
    Ok(Image {
        source: head.source,
        names,
        platform: Platform { os, architecture, variant },
        manifest_digest: head.manifest_digest,
        config_digest: head.config_digest,
        created: head.created,
        annotations: annotations.into_iter().collect(),
        config: serde_json::from_str(&head.config).map_err(|_| broken("its configuration is no JSON"))?,
        history,
        paths,
        changesets,
        layers,
        provenance,
        notes,
    })
}

impl ProvenanceHead {
    fn provenance(self, from: &mut Reader<'_>, layers: usize) -> Result<Provenance> {
        let Self { dockerfile, matched, from: base } = self;
        let steps = from.many("instructions", MANY)?;
        let lines: Vec<Option<Lines>> = from.many("layers of the provenance", layers as u64)?;
        let images = from.many("images of the build", MANY)?;
        if !(lines.is_empty() || lines.len() == layers) || base.as_ref().is_some_and(|base| base.layers > layers) {
            return Err(Error::malformed("saved analysis", "its provenance is of another number of layers"));
        }
        Ok(Provenance { dockerfile, steps, layers: lines, matched, from: base, images })
    }
}

impl ChangesetHead {
    fn of(changeset: &Changeset) -> Self {
        Self {
            compression: changeset.compression,
            toc: changeset.toc,
            blob_bytes: changeset.blob_bytes,
            diff_bytes: changeset.diff_bytes,
            overhead_diff_bytes: changeset.overhead.diff_bytes,
            overhead_blob_bytes: changeset.overhead.blob_bytes,
            blob_digest: changeset.blob_digest.clone(),
            diff_digest: changeset.diff_digest.clone(),
            limit: changeset.limit.clone(),
            links: changeset.links.clone(),
        }
    }

    /// The books must balance here as they did when they were saved.
    fn changeset(self, from: &mut Reader<'_>, most: u64, said: &mut u64, paths: &Paths) -> Result<Changeset> {
        let entries: Vec<Entry> = from.many("entries", most)?;
        let logical: Vec<(u32, u64)> = from.many("sparse files", most)?;
        let devices: Vec<(u32, (u32, u32))> = from.many("devices", most)?;
        let facts = facts(from, most, said)?;
        let ordered = facts.is_sorted_by(|(a, _), (b, _)| a < b) && facts.last().is_none_or(|(last, _)| (*last as usize) < entries.len());
        if !ordered || !facts.iter().all(|(_, fact)| fact.fits(paths.len())) {
            return Err(Error::malformed("saved analysis", "a fact is about what is not there"));
        }
        let (mut diff, mut blob) = (Some(self.overhead_diff_bytes), Some(self.overhead_blob_bytes));
        for entry in &entries {
            diff = diff.and_then(|sum| sum.checked_add(entry.diff_bytes));
            blob = blob.and_then(|sum| sum.checked_add(entry.blob_bytes));
            let known = (entry.node as usize) < paths.len();
            if !known || entry.content_bytes > entry.diff_bytes || entry.kind != EntryKind::of(entry.typeflag, paths.name(entry.node)) {
                return Err(Error::malformed("saved analysis", "an entry has an impossible path, kind or size"));
            }
        }
        if diff != Some(self.diff_bytes) || blob != Some(self.blob_bytes) {
            return Err(Error::malformed("saved analysis", "a layer's entries do not add up to its size"));
        }
        Ok(Changeset {
            compression: self.compression,
            toc: self.toc,
            entries,
            blob_bytes: self.blob_bytes,
            diff_bytes: self.diff_bytes,
            overhead: Measures { diff_bytes: self.overhead_diff_bytes, blob_bytes: self.overhead_blob_bytes, ..Measures::default() },
            blob_digest: self.blob_digest,
            diff_digest: self.diff_digest,
            limit: self.limit,
            notes: Notes::default(),
            paths: Paths::default(),
            links: self.links,
            logical: logical.into_iter().collect(),
            devices: devices.into_iter().collect(),
            facts,
        })
    }
}

/// Facts that together take at most `left` bytes of memory.
fn facts(from: &mut Reader<'_>, most: u64, left: &mut u64) -> Result<Vec<(u32, Fact)>> {
    /// An empty list is one byte here and as many in memory.
    const GROWTH: u64 = size_of::<Vec<u8>>() as u64;
    let many = || Error::malformed("saved analysis", "its facts are more than the limit on names allows");
    let count: u64 = from.one()?;
    if count > most {
        return Err(many());
    }
    let mut facts = Vec::new();
    for _ in 0..count {
        let (entry, fact): (u32, Fact) = from.one_within(*left / GROWTH + 1024)?;
        *left = left.checked_sub(fact.weight()).ok_or_else(many)?;
        facts.push((entry, fact));
    }
    Ok(facts)
}

impl SavedLayer {
    fn of(layer: &Layer) -> Self {
        Self {
            changeset: layer.changeset.map(|number| number as u32),
            digest: layer.digest.clone(),
            diff_id: layer.diff_id.clone(),
            declared_bytes: layer.declared_bytes,
            media_type: layer.media_type.clone(),
            path: layer.path.clone(),
            foreign: layer.foreign,
            row: layer.row.map(|row| row as u32),
        }
    }

    fn layer(self, history: &[HistoryRow], changesets: usize) -> Option<Layer> {
        let row = self.row.map(|row| row as usize);
        let changeset = self.changeset.map(|number| number as usize);
        let instruction = match row {
            Some(row) => Some(Instruction::parse(history.get(row)?)),
            None => None,
        };
        if changeset.is_some_and(|number| number >= changesets) || self.declared_bytes.is_some_and(|bytes| bytes > 1 << 50) {
            return None;
        }
        Some(Layer {
            changeset,
            digest: self.digest,
            diff_id: self.diff_id,
            declared_bytes: self.declared_bytes,
            media_type: self.media_type,
            path: self.path,
            foreign: self.foreign,
            row,
            instruction,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_held_to_what_they_take_in_memory() {
        // A package whose needs are empty lists: a byte each, and two dozen in memory.
        let package = crate::facts::Package { depends: vec![Vec::new(); 100_000], ..Default::default() };
        let fact = Fact::Packages(vec![package]);
        let weight = fact.weight();
        assert!(weight > 2_400_000, "{weight}");
        let mut to = Writer::default();
        to.many([(0u32, &fact), (1, &fact)].iter()).unwrap();
        let bytes = to.finish();
        assert!(bytes.len() < 210_000);
        let mut left = 2 * weight;
        assert_eq!(facts(&mut Reader::new(&bytes), 10, &mut left).unwrap(), [(0, fact.clone()), (1, fact)]);
        assert_eq!(left, 0);
        // Too much together, and one that is not even made.
        assert!(facts(&mut Reader::new(&bytes), 10, &mut (2 * weight - 1)).is_err());
        assert!(facts(&mut Reader::new(&bytes), 10, &mut (weight / 2)).is_err());
        assert!(facts(&mut Reader::new(&bytes), 1, &mut (2 * weight)).is_err());
    }
}
