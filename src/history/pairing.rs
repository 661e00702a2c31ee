//! Joins the rows of a history with the layers of the image.
//!
//! [`Image`](crate::image::Image) pairs once when it is assembled; [`guess_base`](super::guess_base) takes the result.
//! Rows and layers are only counted here, not read.

use super::HistoryRow;
use serde::Serialize;
use std::fmt;

/// Which history row made which layer. `rootfs.diff_ids` is the truth; rows with `empty_layer` are skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pairing {
    /// One per layer, bottom first: index into the history.
    pub rows: Vec<Option<usize>>,
    /// Set when the history does not fit the layers, to be shown to the user.
    pub mismatch: Option<Mismatch>,
}

/// The history does not have one layer-making row for each layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// Rows that claim to have made a layer.
    pub rows: usize,
    /// Layers there are.
    pub layers: usize,
    /// What was done about it.
    pub how: Alignment,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, layers, how } = self;
        let done = match how {
            Alignment::AlignedFromEnd => "matched from the end",
            Alignment::Unknown => "which row made which layer is unknown",
        };
        write!(f, "history has {rows} rows that made a layer, the image {layers} layers; {done}")
    }
}

/// What [`pair`] did with a history that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// More rows than layers: the last row belongs to the last layer, the first rows are left over.
    AlignedFromEnd,
    /// Fewer rows than layers: which are missing cannot be known, so no layer has a row.
    Unknown,
}

/// Pairs `layers` layers with the rows of the history.
#[must_use]
pub fn pair(history: &[HistoryRow], layers: usize) -> Pairing {
    let made: Vec<usize> = history.iter().enumerate().filter(|(_, row)| !row.empty_layer).map(|(index, _)| index).collect();
    let mismatch = |how| Some(Mismatch { rows: made.len(), layers, how });
    match made.len().checked_sub(layers) {
        None => Pairing { rows: vec![None; layers], mismatch: mismatch(Alignment::Unknown) },
        Some(spare) => Pairing {
            rows: made.iter().copied().skip(spare).map(Some).collect(),
            mismatch: if spare == 0 { None } else { mismatch(Alignment::AlignedFromEnd) },
        },
    }
}
