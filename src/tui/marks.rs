//! Marked rows, and what they are written as.

use super::comparison::Scope;
use super::ground::Ground;
use super::request::Request;
use crate::index::{Fate, Place, Placed};
use crate::layer::Measures;
use crate::paths::NodeId;
use crate::render::{csv, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What was marked, with what the tree showed then: that says which entries are meant.
#[derive(Default)]
pub(super) struct Marks {
    rows: BTreeMap<NodeId, Scope>,
    pub(super) places: BTreeSet<Place>,
    pub(super) sum: Measures,
}

impl Marks {
    pub(super) fn has(&self, node: NodeId) -> bool {
        self.rows.contains_key(&node)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn toggle(&mut self, ground: &Ground<'_>, node: NodeId, scope: Scope) {
        if self.rows.remove(&node).is_none() {
            self.rows.insert(node, scope);
        }
        self.places = self.rows.iter().flat_map(|(node, scope)| ground.below(*node).flat_map(|node| meant(ground, node, *scope))).collect();
        self.sum = self.places.iter().map(|place| ground.index.entry_at(*place).entry.measures()).sum();
    }

    /// What is to be done to write it there: the name says what is wanted.
    pub(super) fn export(&self, ground: &Ground<'_>, name: &str, ticket: u64) -> Result<Request, String> {
        let to = PathBuf::from(name);
        let entries = || self.places.iter().map(|place| json::EntryReport::new(ground.index, &ground.index.entry_at(*place)));
        let mut bytes = Vec::new();
        let extension = to.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension {
            _ if name.ends_with('/') => return Ok(Request::ExtractAll { places: self.places.iter().copied().collect(), to, ticket }),
            "json" => json::lines(entries(), &mut bytes).map_err(|error| error.to_string())?,
            "csv" => csv::entries(entries(), &mut bytes).map_err(|error| error.to_string())?,
            _ if name.ends_with(".dockerignore") => bytes = self.patterns(ground)?.into_bytes(),
            _ => return Err("the name says what is written: NAME.csv, NAME.json, .dockerignore, or DIR/ for the files".to_owned()),
        }
        Ok(Request::Write { to, bytes, ticket })
    }

    /// Lines for `.dockerignore`: what is marked and came from the build context.
    fn patterns(&self, ground: &Ground<'_>) -> Result<String, String> {
        let mut lines = BTreeSet::new();
        for (node, scope) in &self.rows {
            let from_context = ground.below(*node).flat_map(|below| meant(ground, below, *scope)).any(|place| {
                let made = ground.index.layer_at(place.layer as usize).instruction();
                made.is_some_and(crate::history::Instruction::is_from_context)
            });
            if from_context {
                lines.insert(pattern(ground, *node));
            }
        }
        if lines.is_empty() {
            return Err("nothing that is marked came from the build context by COPY or ADD".to_owned());
        }
        let note = "# relative to where COPY puts the context; check against the directory that it copies\n";
        Ok(note.to_owned() + &lines.into_iter().map(|line| line + "\n").collect::<String>())
    }
}

/// The entries that a row stands for: of a layer those that it stores, of the image the one that is seen, or, where none
/// is, those that are stored in vain.
fn meant(ground: &Ground<'_>, node: NodeId, scope: Scope) -> Vec<Place> {
    let places = ground.versions.of(node).iter().copied();
    match scope {
        Scope::Layer(layer) => {
            let stored: Vec<Place> = places.clone().filter(|place| place.layer as usize == layer).collect();
            if !stored.is_empty() {
                return stored;
            }
            // Of what a layer deletes: what it hides.
            let hides = |place: &Place| matches!(ground.index.entry_at(*place).fate, Fate::Shadowed { by, .. } if usize::from(by) == layer);
            places.filter(hides).collect()
        }
        Scope::Stacked(layer) => match ground.versions.after(ground.index, node, layer + 1) {
            Some(placed) => vec![placed.place()],
            None => places.filter(|place| place.layer as usize <= layer).collect(),
        },
    }
}

/// A path relative to the working directory, where COPY mostly puts things; with the signs escaped that have a meaning
/// in patterns.
fn pattern(ground: &Ground<'_>, node: NodeId) -> String {
    let path = ground.paths().path(node);
    let directory = ground.index.image().config().working_dir.trim_matches('/').as_bytes();
    let inside = path.strip_prefix(directory).and_then(|rest| rest.strip_prefix(b"/")).filter(|_| !directory.is_empty());
    let text = crate::text::escaped(inside.unwrap_or(&path));
    let special = |sign: char| matches!(sign, '*' | '?' | '[' | '\\' | '!' | '#');
    text.chars().flat_map(|sign| special(sign).then_some('\\').into_iter().chain(std::iter::once(sign))).collect()
}

/// A name for a file that is written: its own, without what a shell or a file system may take amiss.
pub(super) fn file_name(ground: &Ground<'_>, placed: &Placed<'_>) -> String {
    let name = String::from_utf8_lossy(ground.paths().name(placed.node)).into_owned();
    let safe: String = name.chars().map(|sign| if sign.is_alphanumeric() || ".-_+".contains(sign) { sign } else { '_' }).collect();
    format!("./{safe}")
}
