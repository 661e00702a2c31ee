//! One plain layer: headers, extension headers, sparse maps and ends of archives of every kind.
//!
//! The first byte says whether the rest is a tar whose checksums are mended, a tar as it is, or
//! choices for members to be built.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use plimsoll::layer::EntryKind;
use plimsoll::source::Verify;
use plimsoll_fuzz::{archive, tar, weigh};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((&control, rest)) = data.split_first() else { return Corpus::Reject };
    let layer = match control & 3 {
        0 => {
            let mut layer = rest.to_vec();
            tar::mend(&mut layer);
            layer
        }
        1 => rest.to_vec(),
        _ => match tar::build(&mut Unstructured::new(rest), 40) {
            Ok(layer) => layer,
            Err(_) => return Corpus::Reject,
        },
    };
    let Ok((index, report)) = weigh(archive::of_layer(&layer, Some(&layer)), Verify::All) else { return Corpus::Keep };
    let changeset = index.image().changeset(index.layer_at(0)).expect("the layer is in the archive");
    if report.limits_hit.is_empty() && report.layers[0].compression == Some(plimsoll::layer::Compression::None) {
        assert_eq!(changeset.diff_bytes, layer.len() as u64, "every byte of the tar is in the books");
        assert_eq!(changeset.blob_bytes, layer.len() as u64, "a plain blob is its tar");
    }
    for (number, entry) in changeset.entries.iter().enumerate() {
        assert!(entry.content_bytes <= entry.diff_bytes);
        assert!(entry.diff_bytes >= 512, "an entry has a header");
        assert!(!entry.kind.is_marker() || entry.content_bytes == 0);
        let links = matches!(entry.kind, EntryKind::Symlink | EntryKind::Hardlink);
        assert_eq!(changeset.link(entry).is_some(), links, "entry {number}");
        let _ = (changeset.logical_bytes(number), changeset.device(number));
    }
    Corpus::Keep
});
