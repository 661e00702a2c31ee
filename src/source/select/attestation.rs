//! What is attested about the chosen image: `BuildKit`'s provenance, where the source has it.
//!
//! It is a gift: where it is absent nothing is said, and whatever is wrong with it is a note and never an error.

use super::{described, described_within};
use crate::error::{Error, Result};
use crate::image::Wanted;
use crate::limits::Limits;
use crate::note::Notes;
use crate::oci::{self, Descriptor, Digest, Manifest};
use crate::provenance::{Matched, Provenance};
use crate::source::Store;

/// How the annotation of a provenance begins; the version follows.
const PROVENANCE: &str = "https://slsa.dev/provenance/";

/// The provenance of an image with these layers.
pub(super) fn provenance(
    store: &Store,
    manifest: &Descriptor,
    layers: &[Wanted],
    limits: &Limits,
    notes: &mut Notes,
) -> Option<Provenance> {
    let digests: Vec<Option<Digest>> = layers.iter().map(|layer| layer.digest.clone()).collect();
    let read = || statement(store, manifest, limits)?.map(|statement| Provenance::read(&statement, &digests)).transpose();
    match read() {
        Ok(found) => {
            if let Some(found) = &found {
                note(found, notes);
            }
            found
        }
        Err(error) => {
            notes.add("provenance-unreadable", None, None, &format!("the build's provenance is not used: {error}"));
            None
        }
    }
}

fn note(found: &Provenance, notes: &mut Notes) {
    let message = match found.matched {
        Some(Matched::Order) => {
            "the blobs of the build's provenance are not those of the image (compressed anew?); its steps are matched to layers by their order"
        }
        None if !found.steps.is_empty() => {
            "the blobs of the build's provenance are not those of the image, nor as many; its steps are matched to no layer"
        }
        _ => return,
    };
    notes.add("provenance-of-other-blobs", None, None, message);
}

/// The statement that a manifest of attestations names; `None` where it has none of this kind, or the source has not got it.
fn statement(store: &Store, manifest: &Descriptor, limits: &Limits) -> Result<Option<Vec<u8>>> {
    let Some(bytes) = described(store, manifest, limits)? else { return Ok(None) };
    let manifest: Manifest = oci::parse(&bytes, "attestation manifest")?;
    let kind = |layer: &&Descriptor| layer.annotation("in-toto.io/predicate-type").is_some_and(|kind| kind.starts_with(PROVENANCE));
    let layers = manifest.layers.unwrap_or_default();
    let Some(layer) = layers.iter().find(kind) else { return Ok(None) };
    let limit = |what: String| Error::Limit { place: "attestation".into(), what, limit: "attestation", max: limits.attestation };
    if let Some(size) = layer.size.filter(|size| *size > limits.attestation) {
        return Err(limit(format!("a statement of {size} bytes")));
    }
    described_within(store, layer, limits.attestation).map_err(|error| match error {
        Error::Limit { what, limit: "document", .. } => limit(what),
        error => error,
    })
}
