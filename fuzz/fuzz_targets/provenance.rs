//! Statements of provenance: whatever they say, each layer has lines that a file may have, or none.
//!
//! The input is the statement. The image's first blobs are those that it names first, so that steps have something to be
//! matched to.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::oci::Digest;
use plimsoll::provenance::Provenance;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let told = text.split('"').filter_map(|word| Digest::parse(word).ok()).take(5).map(Some);
    let mut layers: Vec<Option<Digest>> = told.collect();
    layers.resize(layers.len().max(3), None);
    for count in [layers.len(), 3, 1, 0] {
        let layers = &layers[..count];
        let Ok(found) = Provenance::read(data, layers) else { return };
        assert!(found.layers.is_empty() || found.layers.len() == layers.len());
        assert!(found.layers.iter().flatten().all(|lines| 0 < lines.start && lines.start <= lines.end));
        assert_eq!(found.matched.is_some(), !found.layers.is_empty());
        assert!(found.from.is_none_or(|from| from.layers <= layers.len() && (from.layers == 0) == from.image.is_none()));
    }
});
