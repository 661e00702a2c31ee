//! One package's header: an index of tags and a store of their values. Source: rpm's documentation,
//! "RPM V4 package format", "Header format"; tags from `rpmtag.h`.

use super::big;
use crate::facts::names::clip;
use crate::facts::{Ecosystem, Interner, Owned, Package};
use crate::paths::NodeId;

const NAME: usize = 1000;
const VERSION: usize = 1001;
const RELEASE: usize = 1002;
const EPOCH: usize = 1003;
const ARCH: usize = 1022;
const FILESTATES: usize = 1029;
const SOURCERPM: usize = 1044;
const PROVIDENAME: usize = 1047;
const REQUIRENAME: usize = 1049;
const DIRINDEXES: usize = 1116;
const BASENAMES: usize = 1117;
const DIRNAMES: usize = 1118;
const RECOMMENDNAME: usize = 5046;

const INT32: usize = 4;
/// Most tags of a package, and most directories: rpm's own have a hundred and some thousands.
const TAGS: usize = 10_000;
const DIRECTORIES: usize = 1_000_000;

/// What all packages of a database may use together.
pub(super) struct Budget {
    /// Names in relations.
    names: usize,
    /// Bytes of paths, each with its directory.
    paths: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { names: 2_000_000, paths: 128 << 20 }
    }
}

/// The tags of a header; of each only the first.
struct Header<'h> {
    /// Tag, type, offset and count.
    index: Vec<(usize, usize, usize, usize)>,
    store: &'h [u8],
}

impl<'h> Header<'h> {
    fn parse(blob: &'h [u8]) -> Option<Self> {
        let (entries, length) = (big(blob, 0, 4)?, big(blob, 4, 4)?);
        let end = entries.checked_mul(16)?.checked_add(8)?;
        let store = blob.get(end..end.checked_add(length)?)?;
        let rows = blob[8..end].chunks_exact(16).take(TAGS);
        let index = rows.filter_map(|row| Some((big(row, 0, 4)?, big(row, 4, 4)?, big(row, 8, 4)?, big(row, 12, 4)?)));
        Some(Self { index: index.collect(), store })
    }

    fn find(&self, tag: usize) -> Option<(usize, &'h [u8], usize)> {
        let (_, kind, offset, count) = self.index.iter().find(|entry| entry.0 == tag)?;
        Some((*kind, self.store.get(*offset..)?, *count))
    }

    /// The strings of a tag. There cannot be more than the store has bytes.
    fn strings(&self, tag: usize) -> impl Iterator<Item = &'h [u8]> + use<'h> {
        let (_, bytes, count) = self.find(tag).unwrap_or((0, &[], 0));
        // Each ends with a zero; after the last zero comes nothing of this tag.
        let end = bytes.iter().rposition(|byte| *byte == 0).unwrap_or(0);
        bytes[..end].split(|byte| *byte == 0).take(count)
    }

    fn text(&self, tag: usize) -> String {
        self.strings(tag).next().map(|text| clip(&String::from_utf8_lossy(text))).unwrap_or_default()
    }

    fn numbers(&self, tag: usize) -> impl Iterator<Item = usize> + use<'h> {
        let (_, bytes, count) = self.find(tag).filter(|found| found.0 == INT32).unwrap_or((0, &[], 0));
        bytes.chunks_exact(4).take(count).filter_map(|number| big(number, 0, 4))
    }
}

/// The package that a header describes; none where it is damaged or has no name.
pub(super) fn package(blob: &[u8], budget: &mut Budget, interner: &mut Interner<'_>) -> Option<Package> {
    let header = Header::parse(blob)?;
    let name = header.text(NAME);
    if name.is_empty() {
        return None;
    }
    let version = format!("{}-{}", header.text(VERSION), header.text(RELEASE));
    let version = header.numbers(EPOCH).next().map_or(version.clone(), |epoch| format!("{epoch}:{version}"));
    let mut relations = |tag| -> Vec<Vec<String>> {
        let mut all: Vec<Vec<String>> = Vec::new();
        for text in header.strings(tag) {
            let need = relation(&clip(&String::from_utf8_lossy(text)));
            // One name follows itself where it is needed in several versions or at several times.
            if need.is_empty() || all.last() == Some(&need) || budget.names < need.len() {
                continue;
            }
            budget.names -= need.len();
            all.push(need);
        }
        all
    };
    Some(Package {
        ecosystem: Ecosystem::Rpm,
        version,
        architecture: header.text(ARCH),
        source: source(&header.text(SOURCERPM)).unwrap_or_default().to_owned(),
        depends: relations(REQUIRENAME),
        recommends: relations(RECOMMENDNAME),
        provides: relations(PROVIDENAME).into_iter().flatten().filter(|provided| *provided != name).collect(),
        files: Owned::Listed(files(&header, budget, interner)),
        name,
        ..Package::default()
    })
}

/// `NAME-VERSION-RELEASE.src.rpm` as a name.
fn source(file: &str) -> Option<&str> {
    Some(file.rsplit_once('-')?.0.rsplit_once('-')?.0)
}

/// A name, or a boolean dependency: of `(a or b)` the alternatives; others, which ask for something
/// only under a condition, say nothing here.
fn relation(text: &str) -> Vec<String> {
    if text.starts_with("rpmlib(") || text.is_empty() {
        return Vec::new();
    }
    let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return vec![text.to_owned()] };
    if [" if ", " unless ", " and ", " with ", " without "].iter().any(|word| inside.contains(word)) {
        return Vec::new();
    }
    let names = inside.split(" or ").filter_map(|need| need.trim_matches(['(', ' ']).split(' ').next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The files that were installed: not those that the installation left out or another package replaced.
fn files(header: &Header<'_>, budget: &mut Budget, interner: &mut Interner<'_>) -> Vec<NodeId> {
    let directories: Vec<&[u8]> = header.strings(DIRNAMES).take(DIRECTORIES).collect();
    let states = header.find(FILESTATES).map(|(_, bytes, count)| &bytes[..count.min(bytes.len())]).unwrap_or_default();
    let mut nodes = Vec::new();
    let mut path = Vec::new();
    for (number, (name, directory)) in header.strings(BASENAMES).zip(header.numbers(DIRINDEXES)).enumerate() {
        let Some(directory) = directories.get(directory).filter(|_| states.get(number).is_none_or(|state| *state == 0)) else { continue };
        let Some(left) = budget.paths.checked_sub(directory.len() + name.len()) else { break };
        budget.paths = left;
        path.clear();
        path.extend_from_slice(directory);
        path.extend_from_slice(name);
        nodes.push(interner.path(&path));
    }
    nodes
}
