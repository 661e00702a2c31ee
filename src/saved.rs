//! An analysis in a file: facts (names, sizes, hashes), never file contents.
//!
//! `PLIMSOLL`, a format version, a SHA-256 of what follows, then one zstd frame of postcard. Every
//! number is checked on reading, for a saved analysis may come from anywhere. A version is read
//! only by the programs that write it; the image itself is the lasting form.

use crate::error::{Error, Result};
use crate::history::{HistoryRow, Instruction};
use crate::image::{Image, Layer, SourceInfo, count_placements};
use crate::layer::compression::Decoder;
use crate::layer::read_fully;
use crate::layer::{Changeset, Compression, Context, Entry, EntryKind, Hasher, LimitHit, Measures, Toc};
use crate::limits::Limits;
use crate::note::{Note, Notes};
use crate::oci::{Algorithm, DiffId, Digest, Platform};
use crate::paths::{NodeId, Paths};
use crate::reference::{Place, Reference};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Read, Write};

const MAGIC: &[u8; 8] = b"PLIMSOLL";
const VERSION: u32 = 1;

/// Unlike the report's JSON this form is not self-describing: no field may be left out.
#[derive(Serialize, Deserialize)]
struct Saved<'i> {
    source: SourceInfo,
    names: Vec<String>,
    platform: (String, String, String),
    manifest_digest: Option<Digest>,
    config_digest: Option<Digest>,
    created: String,
    annotations: BTreeMap<String, String>,
    history: Vec<SavedRow>,
    nodes: Vec<(NodeId, Vec<u8>)>,
    changesets: Vec<SavedChangeset<'i>>,
    layers: Vec<SavedLayer>,
    notes: Vec<SavedNote>,
}

/// When, by what, comment, author, and whether it made no layer.
type SavedRow = (Option<String>, Option<String>, Option<String>, Option<String>, bool);
/// Code, layer, path, message, count.
type SavedNote = (String, Option<u64>, Option<String>, String, u64);

#[derive(Serialize, Deserialize)]
struct SavedChangeset<'i> {
    compression: Compression,
    toc: Option<Toc>,
    entries: Cow<'i, [Entry]>,
    blob_bytes: u64,
    diff_bytes: u64,
    overhead: Measures,
    blob_digest: Option<Digest>,
    diff_digest: Option<Digest>,
    limit: Option<LimitHit>,
    links: Cow<'i, [u8]>,
    logical: Cow<'i, BTreeMap<u32, u64>>,
    devices: Cow<'i, BTreeMap<u32, (u32, u32)>>,
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

/// Writes an image's analysis.
pub fn write(image: &Image, out: &mut impl Write) -> Result<()> {
    let io = |error| Error::io("writing the saved analysis")(error);
    let failed = |error: postcard::Error| Error::malformed("saved analysis", error);
    let plain = postcard::to_stdvec(&Saved::of(image)).map_err(failed)?;
    let mut packed = vec![0; zstd_safe::compress_bound(plain.len())];
    let length = zstd_safe::compress(&mut packed[..], &plain, 3)
        .map_err(|code| Error::malformed("saved analysis", zstd_safe::get_error_name(code)))?;
    packed.truncate(length);
    out.write_all(MAGIC).map_err(io)?;
    out.write_all(&VERSION.to_le_bytes()).map_err(io)?;
    out.write_all(checksum(&packed).hex().as_bytes()).map_err(io)?;
    out.write_all(&packed).map_err(io)
}

fn checksum(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(bytes);
    hasher.finish()
}

/// Reads the saved analysis that `reference` names; `None` if it names something else.
pub fn open(reference: &Reference, limits: &Limits) -> Result<Option<Image>> {
    let Place::Path(path) = &reference.place else { return Ok(None) };
    if !path.is_file() {
        return Ok(None);
    }
    let io = |error| Error::io(format_args!("reading `{}`", path.display()))(error);
    let mut file = std::fs::File::open(path).map_err(io)?;
    let mut magic = [0; MAGIC.len()];
    if read_fully(&mut file, &mut magic)? < magic.len() || magic != *MAGIC {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    read(&bytes, limits).map(Some).map_err(|error| error.within(&path.display()))
}

/// Reads what [`write`] wrote, after its magic.
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
        return Err(Error::Mismatch {
            place: "saved analysis".into(),
            measure: "digest",
            expected: expected.escape_ascii().to_string(),
            found: found.hex().to_owned(),
        });
    }
    // An entry takes at most its size in memory; names are limited on their own.
    let most = limits.entries.saturating_mul(size_of::<Entry>() as u64).saturating_add(limits.names.saturating_mul(2));
    let context = Context::new(limits.clone());
    let mut plain = Vec::new();
    Decoder::new(packed, &context)?.take(most + 1).read_to_end(&mut plain).map_err(Error::io("unpacking"))?;
    if plain.len() as u64 > most {
        return Err(Error::Limit {
            place: "saved analysis".into(),
            what: "its unpacked size".into(),
            limit: "entries",
            max: limits.entries,
        });
    }
    let saved: Saved<'_> = postcard::from_bytes(&plain).map_err(|error| broken(&error.to_string()))?;
    let image = saved.image()?;
    let of_layer: Vec<_> = image.layers.iter().map(|layer| layer.changeset).collect();
    let sizes = of_layer.iter().flatten().map(|number| &image.changesets[*number]);
    if sizes.map(|changeset| u128::from(changeset.diff_bytes) + u128::from(changeset.blob_bytes)).sum::<u128>() > 1 << 62 {
        return Err(broken("its layers are larger than any image"));
    }
    count_placements(&image.changesets, &of_layer, limits)?;
    Ok(image)
}

impl<'i> Saved<'i> {
    fn of(image: &'i Image) -> Self {
        let paths = &image.paths;
        Self {
            source: image.source.clone(),
            names: image.names.clone(),
            platform: (image.platform.os.clone(), image.platform.architecture.clone(), image.platform.variant.clone()),
            manifest_digest: image.manifest_digest.clone(),
            config_digest: image.config_digest.clone(),
            created: image.created.clone(),
            annotations: image.annotations.clone(),
            history: image
                .history
                .iter()
                .cloned()
                .map(|row| (row.created, row.created_by, row.comment, row.author, row.empty_layer))
                .collect(),
            nodes: (1..paths.len() as NodeId).map(|node| (paths.parent(node), paths.name(node).to_vec())).collect(),
            changesets: image.changesets.iter().map(SavedChangeset::of).collect(),
            layers: image.layers.iter().map(SavedLayer::of).collect(),
            notes: image
                .notes
                .as_slice()
                .iter()
                .cloned()
                .map(|note| (note.code, note.layer.map(|layer| layer as u64), note.path, note.message, note.count))
                .collect(),
        }
    }

    fn image(self) -> Result<Image> {
        let broken = |what: &str| Error::malformed("saved analysis", what);
        let paths = Paths::rebuild(self.nodes.iter().map(|(parent, name)| (*parent, name.as_slice())))?;
        let changesets = self.changesets.into_iter().map(|changeset| changeset.changeset(&paths)).collect::<Result<Vec<_>>>()?;
        let row = |(created, created_by, comment, author, empty_layer)| HistoryRow { created, created_by, comment, author, empty_layer };
        let history: Vec<HistoryRow> = self.history.into_iter().map(row).collect();
        if self.layers.len() > 60_000 {
            return Err(broken("too many layers"));
        }
        let layers = self
            .layers
            .into_iter()
            .map(|layer| layer.layer(&history, changesets.len()).ok_or_else(|| broken("a layer names what is not there")))
            .collect::<Result<_>>()?;
        let mut notes = Notes::default();
        notes.extend(self.notes.into_iter().map(|(code, layer, path, message, count)| Note {
            code,
            layer: layer.map(|layer| layer as usize),
            path,
            message,
            count,
        }));
        let (os, architecture, variant) = self.platform;
        Ok(Image {
            source: self.source,
            names: self.names,
            platform: Platform { os, architecture, variant },
            manifest_digest: self.manifest_digest,
            config_digest: self.config_digest,
            created: self.created,
            annotations: self.annotations,
            history,
            paths,
            changesets,
            layers,
            notes,
        })
    }
}

impl<'i> SavedChangeset<'i> {
    fn of(changeset: &'i Changeset) -> Self {
        Self {
            compression: changeset.compression,
            toc: changeset.toc,
            entries: Cow::Borrowed(&changeset.entries),
            blob_bytes: changeset.blob_bytes,
            diff_bytes: changeset.diff_bytes,
            overhead: changeset.overhead,
            blob_digest: changeset.blob_digest.clone(),
            diff_digest: changeset.diff_digest.clone(),
            limit: changeset.limit.clone(),
            links: Cow::Borrowed(&changeset.links),
            logical: Cow::Borrowed(&changeset.logical),
            devices: Cow::Borrowed(&changeset.devices),
        }
    }

    /// The books must balance here as they did when they were saved.
    fn changeset(self, paths: &Paths) -> Result<Changeset> {
        let (mut diff, mut blob) = (Some(self.overhead.diff_bytes), Some(self.overhead.blob_bytes));
        for entry in self.entries.iter() {
            diff = diff.and_then(|sum| sum.checked_add(entry.diff_bytes));
            blob = blob.and_then(|sum| sum.checked_add(entry.blob_bytes));
            let known = (entry.node as usize) < paths.len();
            if !known || entry.content_bytes > entry.diff_bytes || entry.kind != EntryKind::of(entry.typeflag, paths.name(entry.node)) {
                return Err(Error::malformed("saved analysis", "an entry has an impossible path, kind or size"));
            }
        }
        if diff != Some(self.diff_bytes) || blob != Some(self.blob_bytes) || self.diff_bytes > 1 << 60 || self.blob_bytes > 1 << 60 {
            return Err(Error::malformed("saved analysis", "a layer's entries do not add up to its size"));
        }
        Ok(Changeset {
            compression: self.compression,
            toc: self.toc,
            entries: self.entries.into_owned(),
            blob_bytes: self.blob_bytes,
            diff_bytes: self.diff_bytes,
            overhead: self.overhead,
            blob_digest: self.blob_digest,
            diff_digest: self.diff_digest,
            limit: self.limit,
            notes: Notes::default(),
            paths: Paths::default(),
            links: self.links.into_owned(),
            logical: self.logical.into_owned(),
            devices: self.devices.into_owned(),
        })
    }
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
        if changeset.is_some_and(|number| number >= changesets) {
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
