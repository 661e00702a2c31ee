//! `Packages.db`, rpm's own database. Source: rpm's `lib/backend/ndb/rpmpkg.c`: pages of slots at
//! the start, then blobs in blocks of 16 bytes.

use super::little;
use std::borrow::Cow;

pub(super) const MAGIC: &[u8] = b"RpmP";
const PAGE: usize = 4096;
const SLOT: usize = 16;
const BLOCK: usize = 16;

/// The headers of all packages; slots that lead to nothing are left out.
pub(super) fn headers(content: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let pages = little(content, 12, 4).unwrap_or(0);
    let end = pages.saturating_mul(PAGE).min(content.len());
    // A file is as long as its blobs together; slots that share one would be longer.
    let mut left = content.len();
    let mut found = Vec::new();
    // The file's header takes the place of the first two slots.
    for slot in content[..end].chunks_exact(SLOT).skip(2) {
        let blob = blob(content, slot).and_then(|blob| Some((blob, left.checked_sub(blob.len())?)));
        if let Some((blob, rest)) = blob {
            left = rest;
            found.push(Cow::Borrowed(blob));
        }
    }
    found
}

fn blob<'c>(content: &'c [u8], slot: &[u8]) -> Option<&'c [u8]> {
    let (package, block) = (little(slot, 4, 4)?, little(slot, 8, 4)?);
    if !slot.starts_with(b"Slot") || block == 0 {
        return None;
    }
    let at = block.checked_mul(BLOCK)?;
    let head = content.get(at..at.checked_add(16)?)?;
    if !head.starts_with(b"BlbS") || little(head, 4, 4)? != package {
        return None;
    }
    content.get(at + 16..(at + 16).checked_add(little(head, 12, 4)?)?).filter(|blob| !blob.is_empty())
}
