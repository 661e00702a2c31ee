//! Things worth telling that stop nothing.

use serde::{Deserialize, Serialize};

/// Something odd that was met and dealt with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Note {
    /// Stable name of what it is about, such as `whiteout-without-target`.
    pub code: String,
    /// The layer's number, counted from 0, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
    /// The first path it is about, escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What was found and what was made of it.
    pub message: String,
    /// How many times, in this layer.
    pub count: u64,
}

/// Notes, one for each code and layer, so that no image can flood them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Adds a note, or counts it where its code was noted for the layer already.
    pub fn add(&mut self, code: &str, layer: Option<usize>, path: Option<&[u8]>, message: &str) {
        self.add_with(code, layer, message, || path.map(<[u8]>::to_vec));
    }

    /// The same with a path that costs something to make: it is asked for the first note alone.
    pub(crate) fn add_with(&mut self, code: &str, layer: Option<usize>, message: &str, path: impl FnOnce() -> Option<Vec<u8>>) {
        // The current layer's notes are the last.
        if let Some(note) = self.0.iter_mut().rev().find(|note| note.code == code && note.layer == layer) {
            note.count += 1;
            return;
        }
        let path = path().map(|path| crate::text::escaped(&path));
        self.0.push(Note { code: code.to_owned(), layer, path, message: message.to_owned(), count: 1 });
    }

    /// The same notes, about layer `layer`.
    pub(crate) fn of_layer(&self, layer: usize) -> impl Iterator<Item = Note> + '_ {
        self.0.iter().map(move |note| Note { layer: Some(layer), ..note.clone() })
    }

    /// All notes.
    pub fn as_slice(&self) -> &[Note] {
        &self.0
    }

    pub(crate) fn extend(&mut self, notes: impl IntoIterator<Item = Note>) {
        self.0.extend(notes);
    }
}
