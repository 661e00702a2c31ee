//! What rows show of bytes, and in which order they come.

use super::super::comparison::Weight;
use crate::layer::Measures;

/// Which of the three measures is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// Content on disk.
    #[default]
    Disk,
    /// Bytes of the stored blob.
    Pull,
    /// Bytes of the layer's tar.
    Tar,
}

impl Measure {
    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Disk => Self::Pull,
            Self::Pull => Self::Tar,
            Self::Tar => Self::Disk,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Pull => "pull",
            Self::Tar => "tar",
        }
    }

    /// The bytes that it means.
    pub fn of(self, measures: &Measures) -> u64 {
        match self {
            Self::Disk => measures.content_bytes,
            Self::Pull => measures.blob_bytes,
            Self::Tar => measures.diff_bytes,
        }
    }
}

/// In which order what a directory holds is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Most bytes first.
    #[default]
    Size,
    /// Most hidden bytes first.
    Hidden,
    /// By name.
    Name,
    /// Most bytes to pull first.
    Pull,
}

impl Sort {
    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Size => Self::Hidden,
            Self::Hidden => Self::Name,
            Self::Name => Self::Pull,
            Self::Pull => Self::Size,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Hidden => "hidden",
            Self::Name => "name",
            Self::Pull => "pull",
        }
    }

    /// As the tree has it, the first of its ends first or the last.
    pub(in super::super) fn words(self, reversed: bool) -> String {
        let last = if self == Self::Name { "z to a" } else { "smallest first" };
        let last = if reversed { format!(", {last}") } else { String::new() };
        format!("by {}{last}", self.name())
    }

    pub(super) fn key(self, measure: Measure, weight: &Weight) -> (u64, u64) {
        let hidden = measure.of(&weight.hidden) + measure.of(&weight.hides);
        match self {
            Self::Size => (measure.of(&weight.size), hidden),
            Self::Hidden => (hidden, measure.of(&weight.size)),
            Self::Name => (0, 0),
            Self::Pull => (weight.size.blob_bytes, weight.hidden.blob_bytes + weight.hides.blob_bytes),
        }
    }
}
