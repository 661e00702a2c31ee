//! An image, told to [`Dive`] the way dive reads it.

use super::{Dive, Entry, FileLists, LayerLabel, MISSING_COMMAND};
use crate::index::Index;
use crate::report::DiveReport;

/// Feeds the layers of an image, in the manifest's order.
pub fn of(index: &Index, lists: FileLists) -> Dive {
    let image = index.image();
    let mut dive = Dive::new(lists);
    // dive takes the n-th row that made a layer for the n-th layer, whether they fit or not.
    let mut rows = image.history.iter().filter(|row| !row.empty_layer);
    for layer in image.layers() {
        let row = rows.next();
        let label = LayerLabel {
            // The first component of the layer's name in the archive.
            id: layer.path.split('/').next().unwrap_or_default().to_owned(),
            digest: row.and(layer.diff_id()).map(|id| id.as_str().to_owned()).unwrap_or_default(),
            command: row.map_or_else(|| MISSING_COMMAND.to_owned(), |row| row.created_by.clone().unwrap_or_default()),
        };
        let mut builder = dive.layer(label);
        let Some(changeset) = image.changeset(layer) else { continue };
        for (number, entry) in changeset.entries.iter().enumerate() {
            builder.add(&Entry {
                path: &index.paths().path(entry.node),
                type_flag: entry.typeflag,
                link_name: changeset.link_name(entry).unwrap_or_default(),
                size: changeset.logical_bytes(number),
                mode: entry.mode.into(),
                uid: entry.uid.into(),
                gid: entry.gid.into(),
            });
        }
        builder.finish();
    }
    dive
}

/// dive's three numbers. What it prints as NaN or infinity is no number.
pub fn report(index: &Index) -> DiveReport {
    let numbers = of(index, FileLists::Omit).numbers();
    DiveReport {
        efficiency_score: numbers.efficiency,
        wasted_bytes: numbers.wasted_bytes,
        user_wasted_percent: Some(numbers.user_wasted_percent).filter(|share| share.is_finite()),
    }
}
