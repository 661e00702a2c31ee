//! What contents are compared by.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use twox_hash::XxHash3_128;

/// The hash by which contents are found equal; it verifies nothing. Contents can only be compared
/// where it is the same, so all layers of an image are read with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ContentHash {
    /// xxh3-128: cheap next to inflate.
    #[default]
    Xxh3,
    /// The first half of SHA-256: tables of contents give no other, so all layers of an image need
    /// it where the files of one are taken from its table of contents.
    Sha256,
}

/// A [`ContentHash`] in progress.
pub(super) enum ContentHasher {
    Xxh3(Box<XxHash3_128>),
    Sha256(Sha256),
}

impl ContentHash {
    pub(super) fn hasher(self) -> ContentHasher {
        match self {
            Self::Xxh3 => ContentHasher::Xxh3(Box::default()),
            Self::Sha256 => ContentHasher::Sha256(Sha256::new()),
        }
    }

    /// The hash of content that is there as a whole.
    pub(crate) fn of(self, content: &[u8]) -> u128 {
        match self {
            Self::Xxh3 => XxHash3_128::oneshot(content),
            Self::Sha256 => first_half(&Sha256::digest(content)),
        }
    }
}

impl ContentHasher {
    pub(super) fn update(&mut self, content: &[u8]) {
        match self {
            Self::Xxh3(hash) => hash.write(content),
            Self::Sha256(hash) => hash.update(content),
        }
    }

    pub(super) fn finish(self) -> u128 {
        match self {
            Self::Xxh3(hash) => hash.finish_128(),
            Self::Sha256(hash) => first_half(&hash.finalize()),
        }
    }
}

fn first_half(hash: &[u8]) -> u128 {
    hash.iter().take(16).fold(0, |value, byte| value << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1: SHA-256 of "abc".
    #[test]
    fn half_of_sha256_is_its_first_32_digits() {
        assert_eq!(ContentHash::Sha256.of(b"abc"), 0xba78_16bf_8f01_cfea_4141_40de_5dae_2223);
        let mut hasher = ContentHash::Sha256.hasher();
        hasher.update(b"a");
        hasher.update(b"bc");
        assert_eq!(hasher.finish(), ContentHash::Sha256.of(b"abc"));
    }
}
