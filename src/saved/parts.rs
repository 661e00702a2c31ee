//! Paths and notes, packed.

use super::MANY;
use super::values::{Reader, Writer};
use crate::error::Result;
use crate::limits::Limits;
use crate::note::{Note, Notes};
use crate::paths::{NodeId, Paths};

/// Code, layer, path, message, count.
type SavedNote = (String, Option<u64>, Option<String>, String, u64);

impl Writer {
    /// Parents and name lengths of all nodes but the root, in interning order, then their names.
    pub(crate) fn paths(&mut self, paths: &Paths) -> Result<()> {
        self.many((1..paths.len() as NodeId).map(|node| paths.parent(node)))?;
        self.many((1..paths.len() as NodeId).map(|node| paths.name(node).len() as u32))?;
        self.bytes(paths.names())
    }

    pub(crate) fn notes(&mut self, notes: &Notes) -> Result<()> {
        let notes = notes.as_slice().iter();
        self.many(notes.map(|note| (&note.code, note.layer.map(|layer| layer as u64), &note.path, &note.message, note.count)))
    }
}

impl Reader<'_> {
    pub(crate) fn paths(&mut self, limits: &Limits) -> Result<Paths> {
        let parents: Vec<NodeId> = self.many("nodes", limits.nodes)?;
        let lengths: Vec<u32> = self.many("nodes", limits.nodes)?;
        Paths::rebuild(&parents, &lengths, self.bytes()?)
    }

    pub(crate) fn notes(&mut self) -> Result<Notes> {
        let saved: Vec<SavedNote> = self.many("notes", MANY)?;
        let mut notes = Notes::default();
        notes.extend(saved.into_iter().map(|(code, layer, path, message, count)| Note {
            code,
            layer: layer.map(|layer| layer as usize),
            path,
            message,
            count: count.min(1 << 40),
        }));
        Ok(notes)
    }
}
