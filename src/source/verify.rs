//! What was read is what the image names, or it is an error that shows both.

use super::Verify;

use super::work::{Blob, Blobs};
use crate::error::{Error, Result};
use crate::image::{Checked, Recipe, Wanted};
use crate::layer::{Changeset, Compression};
use crate::oci::Digest;

pub(super) fn check(recipe: &Recipe, blobs: Blobs, verify: Verify) -> Result<Checked> {
    for (number, (wanted, blob)) in recipe.layers.iter().zip(&blobs.of_layer).enumerate() {
        if let Some(blob) = blob {
            stored(wanted, &blobs.read[*blob], verify).map_err(|error| error.within(&place(number, wanted)))?;
        }
    }
    let mut changesets = Vec::with_capacity(blobs.read.len());
    let fresh = blobs.read.iter().map(|blob| blob.fresh).collect();
    for (number, blob) in blobs.read.into_iter().enumerate() {
        let layer = blobs.of_layer.iter().position(|of| *of == Some(number)).unwrap_or_default();
        let place = place(layer, &recipe.layers[layer]);
        let mut changeset = blob.scan.map_err(|error| error.within(&place))?;
        if changeset.compression == Compression::None && changeset.diff_digest.is_none() {
            changeset.diff_digest.clone_from(&blob.digest);
        }
        changeset.blob_digest = blob.digest;
        changesets.push(changeset);
    }
    for (number, (wanted, blob)) in recipe.layers.iter().zip(&blobs.of_layer).enumerate() {
        if let Some(blob) = blob {
            uncompressed(wanted, &changesets[*blob], verify).map_err(|error| error.within(&place(number, wanted)))?;
        }
    }
    Ok(Checked { changesets, fresh, of_layer: blobs.of_layer })
}

fn place(number: usize, wanted: &Wanted) -> String {
    format!("layer {} (`{}`)", number + 1, wanted.path)
}

/// Size and digest of the blob as stored.
fn stored(wanted: &Wanted, blob: &Blob, verify: Verify) -> Result<()> {
    if verify == Verify::None {
        return Ok(());
    }
    let mismatch = |measure, expected, found| Error::Mismatch { place: String::new(), measure, expected, found };
    if let (Some(expected), Some(found)) = (&wanted.digest, &blob.digest)
        && expected != found
    {
        return Err(mismatch("digest", expected.to_string(), found.to_string()));
    }
    match wanted.size {
        Some(expected) if expected != blob.size => Err(mismatch("size", format!("{expected} bytes"), format!("{} bytes", blob.size))),
        _ => Ok(()),
    }
}

/// The diff id, wherever the uncompressed bytes were hashed.
fn uncompressed(wanted: &Wanted, changeset: &Changeset, verify: Verify) -> Result<()> {
    let named = verify == Verify::Named && wanted.digest.is_some();
    if verify == Verify::None || (named && changeset.compression != Compression::None) {
        return Ok(());
    }
    let (Some(expected), Some(found)) = (&wanted.diff_id, &changeset.diff_digest) else { return Ok(()) };
    if expected.algorithm() == found.algorithm() {
        if expected.is_of(found) {
            return Ok(());
        }
        let (expected, found) = (expected.to_string(), Digest::to_string(found));
        return Err(Error::Mismatch { place: String::new(), measure: "diff_id", expected, found });
    }
    if named {
        return Ok(());
    }
    // A pipe is hashed before it is known with what.
    Err(Error::Unsupported(format!(
        "checking the diff_id `{expected}`: in a pipe what layers unpack to is hashed with SHA-256 alone; name a file, or read it with --no-verify"
    )))
}
