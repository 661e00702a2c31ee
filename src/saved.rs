//! An analysis in a file: facts (names, sizes, hashes), never file contents.
//!
//! `PLIMSOLL`, a format version, a SHA-256 of what follows, then one zstd frame of postcard values:
//! the head, then list after list, each after its length. Lengths are held against the limits before
//! anything is made from them, and every number is checked, for a saved analysis may come from
//! anywhere. A version is read only by the programs that write it; the image is the lasting form.

mod changeset;
mod frame;
mod parts;
mod values;

pub(crate) use changeset::{Head, Room};
pub(crate) use frame::{most, seal, unseal};
pub(crate) use values::{Reader, Writer};

use crate::dockerfile::Lines;
use crate::error::{Error, Result};
use crate::history::{HistoryRow, Instruction};
use crate::image::{Image, Layer, SourceInfo, count_placements};
use crate::layer::read_fully;
use crate::limits::Limits;
use crate::oci::{DiffId, Digest, Platform};
use crate::provenance::{BuiltFrom, Matched, Provenance};
use crate::reference::{Place, Reference, Selector, same_name};
use crate::source::Options;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

const MAGIC: &[u8; 8] = b"PLIMSOLL";
/// The form that this version of the library writes, and the only one that it reads.
pub const VERSION: u32 = 5;

/// Names, annotations, history rows and notes: more than any image has, and less than hurts.
const MANY: u64 = 100_000;

// Unlike the report's JSON these forms are not self-describing: no field may be left out.

#[derive(Serialize, Deserialize)]
struct SavedImage {
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

/// Writes an image's analysis.
pub fn write(image: &Image, out: &mut impl Write) -> Result<()> {
    let io = |error| Error::io("writing the saved analysis")(error);
    let sealed = seal(&pack(image)?, 3)?;
    out.write_all(MAGIC).map_err(io)?;
    out.write_all(&VERSION.to_le_bytes()).map_err(io)?;
    out.write_all(&sealed).map_err(io)
}

fn pack(image: &Image) -> Result<Vec<u8>> {
    let mut to = Writer::default();
    to.one(&SavedImage {
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
    to.paths(&image.paths)?;
    to.many(image.changesets.iter().map(Head::of))?;
    image.changesets.iter().try_for_each(|changeset| to.lists(changeset))?;
    to.many(image.layers.iter().map(SavedLayer::of))?;
    if let Some(provenance) = &image.provenance {
        to.many(provenance.steps.iter())?;
        to.many(provenance.layers.iter())?;
        to.many(provenance.images.iter())?;
    }
    to.notes(&image.notes)?;
    Ok(to.finish())
}

/// Reads the saved analysis that `reference` names; `None` if it names something else. Fails if it is not of the image
/// and platform that are wanted.
pub fn open(reference: &Reference, options: &Options) -> Result<Option<Image>> {
    let Some((file, path)) = find(reference)? else { return Ok(None) };
    let limits = &options.limits;
    let mut bytes = Vec::new();
    file.take(most(limits) + 1).read_to_end(&mut bytes).map_err(Error::io(format_args!("reading `{}`", path.display())))?;
    let image = read(&bytes, limits).map_err(|error| error.within(&path.display()))?;
    is_meant(&image, options.image.as_ref().or(reference.image.as_ref()), options.platform.as_ref())?;
    Ok(Some(image))
}

/// Whether it is the image that was asked for: an archive may hold several, a saved analysis is of one.
fn is_meant(image: &Image, selector: Option<&Selector>, platform: Option<&Platform>) -> Result<()> {
    let is_it = match selector {
        None => true,
        Some(Selector::Index(number)) => *number == 0,
        Some(Selector::Name(name)) => image.names.iter().any(|own| same_name(name, own)),
    };
    if !is_it {
        let wanted = match selector {
            Some(Selector::Index(number)) => format!("@{number}"),
            Some(Selector::Name(name)) => format!("named `{}`", name.escape_debug()),
            None => String::new(),
        };
        let own = if image.names.is_empty() { "an untagged one".to_owned() } else { image.names.join(", ") };
        return Err(Error::NotFound(format!("no image {wanted} in the saved analysis; it is of {}", own.escape_debug())));
    }
    match platform {
        Some(wanted) if !image.platform.serves(wanted) => {
            Err(Error::NotFound(format!("no image for {wanted} in the saved analysis; it is of one for {}", image.platform)))
        }
        _ => Ok(()),
    }
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
    unpack(&unseal(rest, limits)?, limits)
}

fn unpack(plain: &[u8], limits: &Limits) -> Result<Image> {
    let broken = |what: &str| Error::malformed("saved analysis", what);
    let mut from = Reader::new(plain);
    let head: SavedImage = from.one()?;
    let names = from.many("names", MANY)?;
    let annotations: Vec<(String, String)> = from.many("annotations", MANY)?;
    let history: Vec<SavedRow> = from.many("history rows", MANY)?;
    let row = |(created, created_by, comment, author, empty_layer)| HistoryRow { created, created_by, comment, author, empty_layer };
    let history: Vec<HistoryRow> = history.into_iter().map(row).collect();
    let paths = from.paths(limits)?;
    let heads: Vec<Head> = from.many("layers", limits.layers)?;
    let mut room = Room::new(&paths, limits);
    let changesets = heads.into_iter().map(|head| head.unpack(&mut from, &mut room)).collect::<Result<Vec<_>>>()?;
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
    let notes = from.notes()?;
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
