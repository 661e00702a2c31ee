//! What pulling images costs, by their manifests alone: no layer is read.
//!
//! A node keeps each blob once, whatever the number of images that name it; what it pulls is what
//! it does not have. Sizes are of the compressed layers, as the manifest has them; configurations
//! (a few kilobytes) are given apart. Foreign layers are not counted: they come from elsewhere. What
//! a layer that is stored plain will take is not known, and not guessed.

use crate::oci::Digest;
use crate::report::SCHEMA;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One image for one platform, as its manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// The reference as typed.
    pub reference: String,
    /// Names in the source.
    pub names: Vec<String>,
    /// The platform it is for; empty where nothing says so.
    pub platform: String,
    /// The manifest's digest.
    pub manifest_digest: Digest,
    /// Bytes of the configuration.
    pub config_bytes: u64,
    /// Its layers, base first.
    pub layers: Vec<OutlineLayer>,
}

/// A layer, as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutlineLayer {
    /// The blob's digest.
    pub digest: Digest,
    /// The blob's size.
    pub blob_bytes: u64,
    /// The blob's media type.
    pub media_type: String,
    /// Stored uncompressed, so that what a pull takes is not known.
    pub plain: bool,
    /// Foreign: to be had elsewhere, and not counted.
    pub foreign: bool,
    /// Which of the images have it too: their places in the list, from 0.
    pub shared_with: Vec<usize>,
}

/// Images beside each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Version of this form.
    pub schema: String,
    /// The images.
    pub images: Vec<Weighed>,
    /// Bytes that all of them take together, each blob once; unknown where one is stored plain.
    pub together_bytes: Option<u64>,
    /// `pulls[a][b]`: bytes that a node that has image `a` pulls for image `b`, where they are known.
    pub pulls: Vec<Vec<Option<u64>>>,
}

/// An image with its sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// The image.
    #[serde(flatten)]
    pub outline: Outline,
    /// Bytes to pull, each blob once; unknown where one is stored plain.
    pub pull_bytes: Option<u64>,
    /// Those of them that another image of the list has too.
    pub shared_bytes: Option<u64>,
}

/// Compares images by the blobs that they name.
pub fn compare(mut outlines: Vec<Outline>) -> Comparison {
    let mut holders: BTreeMap<Digest, BTreeSet<usize>> = BTreeMap::new();
    for (number, outline) in outlines.iter().enumerate() {
        for layer in outline.layers.iter().filter(|layer| !layer.foreign) {
            holders.entry(layer.digest.clone()).or_default().insert(number);
        }
    }
    for (number, outline) in outlines.iter_mut().enumerate() {
        for layer in &mut outline.layers {
            let all = holders.get(&layer.digest).into_iter().flatten();
            layer.shared_with = all.copied().filter(|other| *other != number).collect();
        }
    }
    let blobs: Vec<BTreeMap<Digest, Option<u64>>> = outlines.iter().map(blobs).collect();
    let all: BTreeMap<Digest, Option<u64>> = blobs.iter().flatten().map(|(digest, bytes)| (digest.clone(), *bytes)).collect();
    let pulls = blobs.iter().map(|has| blobs.iter().map(|wants| sum(wants, |digest| !has.contains_key(digest))).collect()).collect();
    let images = outlines
        .into_iter()
        .zip(&blobs)
        .map(|(outline, blobs)| Weighed {
            outline,
            pull_bytes: sum(blobs, |_| true),
            shared_bytes: sum(blobs, |digest| holders.get(digest).is_some_and(|holders| holders.len() > 1)),
        })
        .collect();
    Comparison { schema: SCHEMA.to_owned(), images, together_bytes: sum(&all, |_| true), pulls }
}

/// The blobs that a pull brings, each once, with what they take.
fn blobs(outline: &Outline) -> BTreeMap<Digest, Option<u64>> {
    let bytes = |layer: &OutlineLayer| (!layer.plain).then_some(layer.blob_bytes);
    outline.layers.iter().filter(|layer| !layer.foreign).map(|layer| (layer.digest.clone(), bytes(layer))).collect()
}

fn sum(blobs: &BTreeMap<Digest, Option<u64>>, which: impl Fn(&Digest) -> bool) -> Option<u64> {
    // A manifest's sizes are below 2^50 each; a hostile list of them still must not overflow.
    blobs.iter().filter(|(digest, _)| which(digest)).try_fold(0u64, |sum, (_, bytes)| Some(sum.saturating_add((*bytes)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(letter: char) -> Digest {
        Digest::parse(&format!("sha256:{}", letter.to_string().repeat(64))).expect("a digest")
    }

    fn image(layers: &[(char, u64)]) -> Outline {
        let layer = |(letter, blob_bytes): &(char, u64)| OutlineLayer {
            digest: digest(*letter),
            blob_bytes: *blob_bytes,
            media_type: String::new(),
            plain: *letter == 'd',
            foreign: *letter == 'f',
            shared_with: Vec::new(),
        };
        Outline {
            reference: String::new(),
            names: Vec::new(),
            platform: String::new(),
            manifest_digest: digest('0'),
            config_bytes: 7,
            layers: layers.iter().map(layer).collect(),
        }
    }

    #[test]
    fn a_node_pulls_what_it_does_not_have() {
        // `b` twice in one image is pulled once; a foreign layer never.
        let found = compare(vec![image(&[('a', 100), ('b', 10), ('b', 10)]), image(&[('a', 100), ('c', 1), ('f', 5000)]), image(&[])]);
        let pulls: Vec<Vec<_>> = found.pulls.iter().map(|row| row.iter().copied().map(Option::unwrap_or_default).collect()).collect();
        assert_eq!(pulls, [[0, 1, 0], [10, 0, 0], [110, 101, 0]]);
        assert_eq!(found.images.iter().map(|image| image.pull_bytes).collect::<Vec<_>>(), [Some(110), Some(101), Some(0)]);
        assert_eq!(found.images.iter().map(|image| image.shared_bytes).collect::<Vec<_>>(), [Some(100), Some(100), Some(0)]);
        assert_eq!(found.together_bytes, Some(111));
        assert_eq!(found.images[0].outline.layers[0].shared_with, [1]);
        assert!(found.images[0].outline.layers[1].shared_with.is_empty());
    }

    #[test]
    fn what_is_stored_plain_takes_nobody_knows_what() {
        let found = compare(vec![image(&[('a', 100), ('d', 10)]), image(&[('a', 100)])]);
        assert_eq!(found.pulls, [[Some(0), Some(0)], [None, Some(0)]]);
        assert_eq!(found.images.iter().map(|image| image.pull_bytes).collect::<Vec<_>>(), [None, Some(100)]);
        assert_eq!((found.images[0].shared_bytes, found.together_bytes), (Some(100), None));
    }
}
