//! File contents, in a second pass over the layers that hold them.
//!
//! Nothing is ever written outside the target: names are resolved below an open directory handle,
//! symbolic links are made last and never followed, and the target must be empty before.

mod target;

use crate::error::{Error, Result};
use crate::files::matches_any;
use crate::index::{Cause, Fate, Index, Placed};
use crate::layer::compression::Decoder;
use crate::layer::tar::{Member, Walker, extents};
use crate::layer::{Context, EntryKind};
use crate::note::Notes;
use crate::paths::{NodeId, ROOT};
use crate::progress::{self, Progress};
use crate::source::Contents;
use crate::text::escaped;
use globset::GlobMatcher;
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::path::Path;
use target::Target;

/// Writes the content of the file at `path` to `out`: the one the image shows, or the one that
/// `layer`, a number from 0, stores, though it may be hidden. Fails if there is no such file or layer.
pub fn cat(index: &Index, contents: &Contents, path: &[u8], layer: Option<usize>, out: &mut dyn Write) -> Result<()> {
    let shown = escaped(path);
    let found = match layer {
        None => index.find(path),
        Some(layer) => {
            if layer >= index.image().layers().len() {
                return Err(Error::NotFound(format!("the image has {} layers, and no layer {}", index.image().layers().len(), layer + 1)));
            }
            let node = index.paths().find(path);
            index.layer(layer).filter(|placed| Some(placed.node) == node && !placed.entry.kind.is_marker()).last()
        }
    };
    let place = layer.map_or_else(|| "the image".to_owned(), |layer| format!("layer {}", layer + 1));
    let found = found.ok_or_else(|| {
        let live = index.paths().find(path).and_then(|node| index.at(node)).filter(|_| layer.is_none());
        if let Some(link) = live {
            let target = index.image().changeset(index.layer_at(link.layer)).and_then(|changeset| changeset.link(link.entry));
            let target = escaped(target.unwrap_or_default());
            return Error::NotFound(format!("`{shown}` is a link to `{target}`, which leads to nothing in the image"));
        }
        let remedy = match last_layer(index, path) {
            Some(last) => format!("layer {last} stores it: add `--layer {last}`"),
            None => "`plimsoll files IMAGE --path GLOB` finds paths".to_owned(),
        };
        Error::NotFound(format!("`{shown}` is not in {place}; {remedy}"))
    })?;
    let data = index.data(&found);
    if data.entry.kind != EntryKind::File {
        return Err(Error::Usage(format!("`{shown}` is a {}, not a file", data.entry.kind.name())));
    }
    content(index, contents, &data, out, &())
}

/// The number, from 1, of the last layer that stores something at a path.
fn last_layer(index: &Index, path: &[u8]) -> Option<usize> {
    let node = index.paths().find(path)?;
    let mut layers = (0..index.image().layers().len()).rev();
    layers.find(|layer| index.layer(*layer).any(|placed| placed.node == node && !placed.entry.kind.is_marker())).map(|layer| layer + 1)
}

/// Writes the content of a file's entry to `out`, hidden or not; of a hard link that of its file.
pub fn content(index: &Index, contents: &Contents, placed: &Placed<'_>, out: &mut dyn Write, progress: &dyn Progress) -> Result<()> {
    let data = index.data(placed);
    if data.entry.kind != EntryKind::File {
        let shown = escaped(&index.paths().path(placed.node));
        return Err(Error::Usage(format!("`{shown}` is a {}, not a file", data.entry.kind.name())));
    }
    let wanted = BTreeMap::from([(data.layer, BTreeMap::from([(data.number as u32, data.node)]))]);
    let mut out = Stopped { out, progress };
    each(index, contents, &wanted, progress, |_, _, _, piece| piece.copy_to(&mut out).map_err(Error::io("writing")))
}

/// The first `most` bytes of a file's content, and whether there are more.
pub fn peek(index: &Index, contents: &Contents, placed: &Placed<'_>, most: usize, progress: &dyn Progress) -> Result<(Vec<u8>, bool)> {
    let mut out = Capped { bytes: Vec::new(), most, full: false };
    let read = content(index, contents, placed, &mut out, progress);
    if !out.full {
        read?;
    }
    Ok((out.bytes, out.full))
}

/// Writes until the progress says that nobody waits for it: a hole may be larger than all that is read.
struct Stopped<'o> {
    out: &'o mut dyn Write,
    progress: &'o dyn Progress,
}

impl Write for Stopped<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        progress::advance(self.progress, 0).map_err(Error::into_io)?;
        self.out.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Takes so many bytes, and no more.
struct Capped {
    bytes: Vec<u8>,
    most: usize,
    full: bool,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.most - self.bytes.len();
        if room == 0 && !bytes.is_empty() {
            self.full = true;
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let taken = room.min(bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What [`extract`] did.
#[derive(Debug, Default)]
pub struct Extracted {
    /// Files written, hard links not counted.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What could not be written as it is in the image.
    pub notes: Notes,
}

/// Writes the image's files, or what `layer`, a number from 0, stores, below `directory`, which must be empty or not there. Permissions (without
/// set-id bits) and times of files are kept, owners are not; devices are left out, with a note.
pub fn extract(index: &Index, contents: &Contents, directory: &Path, layer: Option<usize>, only: &[GlobMatcher]) -> Result<Extracted> {
    write(index, contents, directory, choose(index, layer, only)?, &())
}

/// The same for these entries, live or hidden. Of a path that is there twice the entry of the higher layer is written.
pub fn extract_entries(
    index: &Index,
    contents: &Contents,
    directory: &Path,
    entries: &[Placed<'_>],
    progress: &dyn Progress,
) -> Result<Extracted> {
    let mut entries: Vec<&Placed<'_>> = entries.iter().filter(|placed| !placed.entry.kind.is_marker() && placed.node != ROOT).collect();
    entries.sort_by_key(|placed| (placed.layer, placed.number));
    let chosen: HashMap<NodeId, Placed<'_>> = entries.into_iter().map(|placed| (placed.node, *placed)).collect();
    write(index, contents, directory, in_order(index, chosen), progress)
}

fn write(
    index: &Index,
    contents: &Contents,
    directory: &Path,
    chosen: Vec<(NodeId, Placed<'_>)>,
    progress: &dyn Progress,
) -> Result<Extracted> {
    let target = Target::create(directory)?;
    let mut done = Extracted::default();
    let paths = index.paths();
    // File contents by layer and entry, each with all its names.
    let mut files: BTreeMap<usize, BTreeMap<u32, Vec<NodeId>>> = BTreeMap::new();
    let mut links = Vec::new();
    let mut directories = Vec::new();
    for (node, placed) in chosen {
        let data = index.data(&placed);
        match data.entry.kind {
            EntryKind::File => files.entry(data.layer).or_default().entry(data.number as u32).or_default().push(node),
            EntryKind::Symlink => links.push((node, data)),
            EntryKind::Directory => directories.push((node, data.entry.mode)),
            _ => done.notes.add("not-extracted", None, Some(&paths.path(node)), "a device, a FIFO or a link without target is not written"),
        }
    }
    for (node, _) in &directories {
        target.directory(&paths.path(*node))?;
    }
    let mut open: Option<((usize, u32), target::Out)> = None;
    let written = each(index, contents, &files, progress, |layer, names: &Vec<NodeId>, number, piece| {
        if open.as_ref().is_none_or(|(current, _)| *current != (layer, number)) {
            let path = paths.path(names[0]);
            open = Some(((layer, number), target.file(&path)?));
            done.files += 1;
        }
        done.bytes += piece.length();
        match &mut open {
            Some((_, out)) => out.write(piece),
            None => Ok(()),
        }
    });
    if let (Err(_), Some((_, out))) = (&written, open) {
        target.drop_unfinished(out);
    }
    written?;
    for (layer, wanted) in &files {
        let entries = index.image().entries(&index.image().layers()[*layer]);
        for (number, names) in wanted {
            let entry = &entries[*number as usize];
            let first = paths.path(names[0]);
            for name in &names[1..] {
                target.hard_link(&first, &paths.path(*name))?;
            }
            target.finish_file(&first, entry.mode, entry.mtime)?;
        }
    }
    for (node, placed) in links {
        let link =
            index.image().changeset(index.layer_at(placed.layer)).and_then(|changeset| changeset.link(placed.entry)).unwrap_or_default();
        target.symlink(link, &paths.path(node))?;
    }
    // The deepest first, for a directory may forbid to enter it.
    for (node, mode) in directories.into_iter().rev() {
        target.finish_directory(&paths.path(node), mode)?;
    }
    Ok(done)
}

/// The entries to write, by the order of their paths.
fn choose<'i>(index: &'i Index, layer: Option<usize>, only: &[GlobMatcher]) -> Result<Vec<(NodeId, Placed<'i>)>> {
    let paths = index.paths();
    let mut chosen: HashMap<NodeId, Placed<'i>> = HashMap::new();
    match layer {
        None => chosen.extend((1..paths.len() as NodeId).filter_map(|node| Some((node, index.at(node)?)))),
        Some(layer) if layer >= index.image().layers().len() => {
            return Err(Error::NotFound(format!("the image has {} layers, and no layer {}", index.image().layers().len(), layer + 1)));
        }
        // A path that comes twice is what it is last, and what was below a replaced one is gone.
        Some(layer) => {
            let stays = |placed: &Placed<'_>| !matches!(placed.path_fate, Fate::Shadowed { cause: Cause::RepeatedInLayer, .. });
            let files = index.layer(layer).filter(|placed| !placed.entry.kind.is_marker() && placed.node != ROOT && stays(placed));
            chosen.extend(files.map(|placed| (placed.node, placed)));
        }
    }
    chosen.retain(|node, _| only.is_empty() || matches_any(only, &paths.path(*node)));
    if chosen.is_empty() && !only.is_empty() {
        let globs: Vec<String> = only.iter().map(|glob| format!("`{}`", escaped(glob.glob().glob().as_bytes()))).collect();
        let what = format!("no path matches {}; `plimsoll files IMAGE --path GLOB` finds paths", globs.join(" or "));
        return Err(Error::NotFound(what));
    }
    Ok(in_order(index, chosen))
}

fn in_order<'i>(index: &Index, chosen: HashMap<NodeId, Placed<'i>>) -> Vec<(NodeId, Placed<'i>)> {
    let order = index.paths().order();
    let mut chosen: Vec<_> = chosen.into_iter().collect();
    chosen.sort_by_key(|(node, _)| order[*node as usize]);
    chosen
}

/// Gives the contents of the wanted entries of each layer, piece by piece; of an empty file an empty piece.
fn each<T>(
    index: &Index,
    contents: &Contents,
    wanted: &BTreeMap<usize, BTreeMap<u32, T>>,
    progress: &dyn Progress,
    mut give: impl FnMut(usize, &T, u32, Piece<'_>) -> Result<()>,
) -> Result<()> {
    let context = contents.context();
    let layers: Vec<_> = wanted.iter().collect();
    let paths: Vec<&str> = layers.iter().map(|(layer, _)| index.layer_at(**layer).path.as_str()).collect();
    contents.blobs(&paths, progress, &mut |number, blob| {
        let (layer, wanted) = layers[number];
        of_layer(*layer, blob, wanted, &context, |what, number, piece| give(*layer, what, number, piece))
    })
}

/// The same of one layer, read from its blob.
fn of_layer<T>(
    layer: usize,
    blob: &mut dyn Read,
    wanted: &BTreeMap<u32, T>,
    context: &Context,
    mut give: impl FnMut(&T, u32, Piece<'_>) -> Result<()>,
) -> Result<()> {
    let place = format!("layer {}", layer + 1);
    let decoder = Decoder::new(blob, context).map_err(|error| error.within(&place))?;
    let mut walker = Walker::new(decoder, &context.limits);
    let mut member = Member::default();
    let mut piece = vec![0; 256 << 10];
    let last = wanted.last_key_value().map_or(0, |(number, _)| *number);
    for number in 0..=last {
        if !walker.next(&mut member).map_err(|error| error.within(&place))? {
            return Err(Error::malformed(&place, "it changed since it was analysed"));
        }
        let Some(what) = wanted.get(&number) else { continue };
        let max = context.limits.output;
        if member.logical.is_some_and(|logical| logical > max) {
            return Err(Error::Limit { place, what: "the size of a sparse file".into(), limit: "output", max });
        }
        let whole = [(0, member.size)];
        let sparse = member.logical.map(|_| extents(&member)).transpose().map_err(|error| error.within(&place))?;
        let mut at = 0;
        for (offset, length) in sparse.as_deref().unwrap_or(&whole) {
            give(what, number, Piece::Hole(offset - at))?;
            let mut left = *length;
            while left > 0 {
                let want = left.min(piece.len() as u64) as usize;
                let count = walker.read(&mut piece[..want])?;
                left -= count as u64;
                give(what, number, Piece::Data(&piece[..count]))?;
            }
            at = offset + length;
        }
        give(what, number, Piece::Hole(member.logical.map_or(0, |logical| logical - at)))?;
    }
    Ok(())
}

/// A part of a file: data, or a hole that reads as zeros.
#[derive(Clone, Copy)]
enum Piece<'d> {
    Data(&'d [u8]),
    Hole(u64),
}

impl Piece<'_> {
    fn length(self) -> u64 {
        match self {
            Self::Data(data) => data.len() as u64,
            Self::Hole(length) => length,
        }
    }

    fn copy_to(self, out: &mut dyn Write) -> std::io::Result<()> {
        match self {
            Self::Data(data) => out.write_all(data),
            Self::Hole(length) => std::io::copy(&mut std::io::repeat(0).take(length), &mut &mut *out).map(drop),
        }
    }
}
