//! Layers stacked: the [`Fate`] of every entry.
//!
//! Each byte of each layer is live or hidden by a later layer, for one of seven reasons. The
//! stacking follows the OCI image specification (`layer.md`, "Applying Changesets") and agrees
//! with what engines put on disk: markers hide lower layers only and before anything else of
//! their layer, a non-directory replaces a directory with all it holds, symbolic links in parent
//! directories are followed below the root, and a file's bytes live while any of its names does.
//!
//! Time is linear in entries and markers: every node hidden with its directory was put there by
//! an entry first (see `stack`).

mod directories;
mod duplicates;
mod stack;
mod sums;
mod versions;
mod walk;

pub use directories::Directories;
pub use duplicates::Duplicates;
pub use sums::{Hidden, LayerSums, Sums};
pub use versions::{Change, Versions, is_there};

use crate::error::Result;
use crate::facts::Fact;
use crate::image::{Image, Layer};
use crate::layer::{Entry, EntryKind};
use crate::note::Notes;
use crate::paths::{NodeId, Paths};
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

/// Why bytes are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A later layer stores the same content again, with other metadata: chmod, chown, touch.
    MetadataOnly,
    /// A later layer stores other content at the path.
    Overwritten,
    /// A later layer deletes the file.
    DeletedFile,
    /// A later layer deletes a directory that holds it.
    DeletedDir,
    /// A later layer hides all that its directory held.
    Opaque,
    /// A later layer has something of another type at the path, or above it.
    ReplacedByType,
    /// The same layer has the path again.
    RepeatedInLayer,
}

impl Cause {
    /// All causes, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::MetadataOnly,
        Self::Overwritten,
        Self::DeletedFile,
        Self::DeletedDir,
        Self::Opaque,
        Self::ReplacedByType,
        Self::RepeatedInLayer,
    ];

    /// The name in JSON and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::MetadataOnly => "metadata_only",
            Self::Overwritten => "overwritten",
            Self::DeletedFile => "deleted_file",
            Self::DeletedDir => "deleted_dir",
            Self::Opaque => "opaque",
            Self::ReplacedByType => "replaced_by_type",
            Self::RepeatedInLayer => "repeated_in_layer",
        }
    }

    /// What happened, for people.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::MetadataOnly => "same content stored again (owner, mode or time changed)",
            Self::Overwritten => "overwritten with other content",
            Self::DeletedFile => "file deleted later",
            Self::DeletedDir => "directory deleted later",
            Self::Opaque => "directory emptied and written anew",
            Self::ReplacedByType => "replaced by something of another type",
            Self::RepeatedInLayer => "stored twice in one layer",
        }
    }

    /// Whether the layer that stores the bytes is to blame for them, and not the one that hides them:
    /// a deletion frees nothing, so they should not have been stored.
    pub fn blames_payer(self) -> bool {
        matches!(self, Self::DeletedFile | Self::DeletedDir)
    }

    fn is_marker(self) -> bool {
        matches!(self, Self::DeletedFile | Self::DeletedDir | Self::Opaque)
    }
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is part of the image's file system (or a marker, which hides and is never hidden).
    Live,
    /// It takes space and cannot be seen.
    Shadowed {
        /// The layer that hid it.
        by: u16,
        /// Why.
        cause: Cause,
    },
}

/// An entry at its place in an image.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'i> {
    /// Number of its layer, the one that pays for it.
    pub layer: usize,
    /// Its number within the layer.
    pub number: usize,
    /// The entry.
    pub entry: &'i Entry,
    /// Where it lands: its own path, unless a symbolic link in its directory leads elsewhere.
    pub node: NodeId,
    /// Fate of its bytes.
    pub fate: Fate,
    /// Fate of its name; differs for a file whose bytes live on under another name.
    pub path_fate: Fate,
}

/// An image with the fate of every entry.
#[derive(Debug)]
pub struct Index {
    image: Image,
    fates: Vec<Vec<Fate>>,
    /// Fates of names, where they differ from those of their bytes.
    name_fates: HashMap<Place, Fate>,
    /// Where entries land that a symbolic link led elsewhere.
    moved: HashMap<Place, NodeId>,
    /// A bit for each entry that is in one of these tables, as nearly none is: every entry is asked for.
    odd: Vec<Vec<u64>>,
    /// For each node the entry whose name the file system shows; [`Place::NOWHERE`] for none.
    live: Vec<Place>,
    /// Data entries that hard links lead to.
    inodes: HashMap<Place, Place>,
    /// Live names of data entries that have or had more than one.
    names: HashMap<Place, u32>,
    notes: Notes,
    /// What entries said of packages that [`Index::without`] left out.
    left_out: Vec<(Record, Fact)>,
}

/// Where contents say something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) layer: usize,
    pub(crate) node: NodeId,
    /// What became of its name; `None` of an entry that was left out.
    pub(crate) fate: Option<Fate>,
}

/// An entry's layer and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The layer's number.
    pub layer: u32,
    /// The entry's number in it.
    pub entry: u32,
}

impl Place {
    /// No entry.
    pub(crate) const NOWHERE: Self = Self { layer: u32::MAX, entry: u32::MAX };
}

impl Index {
    /// Stacks the layers of `image`.
    ///
    /// ```
    /// # fn main() -> plimsoll::Result<()> {
    /// # let reference = plimsoll::Reference::parse("testdata/demo.tar")?;
    /// # let image = plimsoll::Source::open(&reference)?.read(&plimsoll::Options::default(), &())?;
    /// let index = plimsoll::Index::build(image, &plimsoll::Limits::default())?;
    /// let sums = index.sums();
    /// assert_eq!(sums.total().content_bytes, sums.live().content_bytes + sums.shadowed().content_bytes);
    /// # Ok(())
    /// # }
    /// ```
    pub fn build(image: Image, limits: &crate::Limits) -> Result<Self> {
        stack::build(image, limits)
    }

    /// Stacks the layers anew without some of their entries. What those weighed is in no layer then;
    /// overhead stays. What they said of packages is still known: an older version of a database tells
    /// whose files its layer brought, whether or not it is stored.
    pub fn without(&self, removal: &crate::edits::Removal, limits: &crate::Limits) -> Result<Self> {
        let mut index = Self::build(self.image.without(removal), limits)?;
        let gone = self.facts().filter(|(placed, fact)| fact.is_of_packages() && removal.has_place(placed.place()));
        let gone = gone.map(|(placed, fact)| (Record { layer: placed.layer, node: placed.node, fate: None }, fact.clone()));
        index.left_out = self.left_out.iter().cloned().chain(gone).collect();
        Ok(index)
    }

    /// The image.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// All paths.
    pub fn paths(&self) -> &Paths {
        &self.image.paths
    }

    /// What was odd in the image and in its stacking.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The live entry at a node: the one whose name the file system shows.
    pub fn at(&self, node: NodeId) -> Option<Placed<'_>> {
        self.live.get(node as usize).filter(|place| **place != Place::NOWHERE).map(|place| self.placed(*place))
    }

    /// The data entry of a name: itself, unless it is a hard link that leads to another entry.
    pub fn data(&self, placed: &Placed<'_>) -> Placed<'_> {
        let place = placed.place();
        self.placed(self.inodes.get(&place).copied().unwrap_or(place))
    }

    /// Whether the content of an entry has a live name besides the entry's own.
    pub fn has_other_name(&self, placed: &Placed<'_>) -> bool {
        let place = placed.place();
        let data = self.inodes.get(&place).unwrap_or(&place);
        let own = u32::from(placed.path_fate == Fate::Live);
        self.names.get(data).is_some_and(|names| *names > own)
    }

    /// All entries, layer by layer in the order of their tars. What looks at every one does so with `for_each`, which
    /// takes half the time of a loop.
    pub fn entries(&self) -> impl Iterator<Item = Placed<'_>> {
        (0..self.image.layers.len()).flat_map(|layer| self.layer(layer))
    }

    /// The entries of one layer, by its number from 0.
    ///
    /// # Panics
    ///
    /// If the image has no such layer; there are as many as [`Image::layers`] has.
    pub fn layer(&self, layer: usize) -> impl Iterator<Item = Placed<'_>> {
        let odd = &self.odd[layer];
        let both = self.layer_entries(layer).iter().zip(&self.fates[layer]).enumerate();
        both.map(move |(number, (entry, fate))| self.checked(layer, number, entry, *fate, odd))
    }

    /// What contents say, with the entries that say it, layer by layer.
    pub fn facts(&self) -> impl Iterator<Item = (Placed<'_>, &Fact)> {
        self.image.layers.iter().enumerate().flat_map(move |(number, layer)| {
            let facts = self.image.changeset(layer).map(crate::layer::Changeset::facts).unwrap_or_default();
            facts.iter().map(move |(entry, fact)| (self.placed(Place { layer: number as u32, entry: *entry }), fact))
        })
    }

    /// What contents say of packages, stored or left out: those of one path in the order of their layers.
    pub(crate) fn records(&self) -> impl Iterator<Item = (Record, &Fact)> {
        let stored = self.facts().filter(|(_, fact)| fact.is_of_packages());
        let stored = stored.map(|(placed, fact)| (Record { layer: placed.layer, node: placed.node, fate: Some(placed.path_fate) }, fact));
        let mut all: Vec<_> = stored.chain(self.left_out.iter().map(|(record, fact)| (*record, fact))).collect();
        all.sort_by_key(|(record, _)| record.layer);
        all.into_iter()
    }

    /// Finds a live path as a process in the container would, following symbolic links.
    pub fn find(&self, path: &[u8]) -> Option<Placed<'_>> {
        self.at(walk::find(self, path)?)
    }

    /// The entry at a place that came from this index.
    pub(crate) fn placed(&self, place: Place) -> Placed<'_> {
        let (layer, number) = (place.layer as usize, place.entry as usize);
        let entry = &self.layer_entries(layer)[number];
        self.checked(layer, number, entry, self.fates[layer][number], &self.odd[layer])
    }

    /// An entry with what the tables of exceptions say of it; `odd` are the bits of its layer. Nearly all land at their
    /// own path, and their names share the fate of their bytes.
    #[inline]
    fn checked<'i>(&'i self, layer: usize, number: usize, entry: &'i Entry, fate: Fate, odd: &[u64]) -> Placed<'i> {
        let is_odd = odd[number / 64] >> (number % 64) & 1 == 1;
        let (node, path_fate) = if is_odd { self.exception(layer, number, entry.node, fate) } else { (entry.node, fate) };
        Placed { layer, number, entry, node, fate, path_fate }
    }

    #[cold]
    fn exception(&self, layer: usize, number: usize, node: NodeId, fate: Fate) -> (NodeId, Fate) {
        let place = Place { layer: layer as u32, entry: number as u32 };
        (self.moved.get(&place).copied().unwrap_or(node), self.name_fates.get(&place).copied().unwrap_or(fate))
    }

    /// Says that an entry is in one of the tables of exceptions.
    fn mark_odd(&mut self, place: Place) {
        self.odd[place.layer as usize][place.entry as usize / 64] |= 1 << (place.entry % 64);
    }

    fn layer_entries(&self, layer: usize) -> &[Entry] {
        self.image.entries(&self.image.layers[layer])
    }

    /// The layer that a number in a [`Fate`] means.
    pub fn layer_at(&self, number: usize) -> &Layer {
        &self.image.layers[number]
    }
}

impl Placed<'_> {
    /// Layer and number.
    pub(crate) fn place(&self) -> Place {
        Place { layer: self.layer as u32, entry: self.number as u32 }
    }

    /// Whether two entries of the same path are of one type, hard links counted as files.
    fn same_type(&self, other: &Self) -> bool {
        let kind = |entry: &Entry| match entry.kind {
            EntryKind::Special => (entry.kind, entry.typeflag),
            // One without a target is an empty file.
            EntryKind::Hardlink => (EntryKind::File, 0),
            kind => (kind, 0),
        };
        kind(self.entry) == kind(other.entry)
    }
}
