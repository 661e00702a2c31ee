//! `Packages` as a hash of Berkeley DB, which rpm used up to 4.16. Source: Berkeley DB's
//! `src/dbinc/db_page.h`. The hash itself is not needed: every page of a bucket is looked at.

use super::{big, little};
use std::borrow::Cow;

/// Bytes before the index of a page.
const HEAD: usize = 26;

struct Database<'d> {
    content: &'d [u8],
    page: usize,
    swapped: bool,
    /// Overflow pages that may still be looked at: a sound database has each once.
    left: usize,
}

/// The headers of all packages.
pub(super) fn headers(content: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, String> {
    let swapped = match content.get(12..16) {
        Some(b"\x61\x15\x06\0") => false,
        Some(b"\0\x06\x15\x61") => true,
        _ => return Err("no rpm database".to_owned()),
    };
    let mut database = Database { content, page: 0, swapped, left: 0 };
    database.page = database.number(content, 20, 4).filter(|size| (512..=65536).contains(size)).ok_or("its page size is impossible")?;
    database.left = content.len() / database.page;
    let mut found = Vec::new();
    for page in content.chunks_exact(database.page).skip(1) {
        // Buckets, unsorted before Berkeley DB 4.6 and sorted since.
        if matches!(page[25], 2 | 13) {
            database.bucket(page, &mut found)?;
        }
    }
    Ok(found)
}

impl<'d> Database<'d> {
    fn number(&self, bytes: &[u8], at: usize, length: usize) -> Option<usize> {
        if self.swapped { big(bytes, at, length) } else { little(bytes, at, length) }
    }

    /// Keys and values in turns, from the end of the page down.
    fn bucket(&mut self, page: &'d [u8], found: &mut Vec<Cow<'d, [u8]>>) -> Result<(), String> {
        let count = self.number(page, 20, 2).unwrap_or(0);
        let mut end = page.len();
        for item in 0..count {
            let Some(at) = self.number(page, HEAD + 2 * item, 2).filter(|at| *at < end) else { break };
            let bytes = &page[at..end];
            end = at;
            if item % 2 == 0 {
                continue;
            }
            match bytes.first() {
                // The record of key 0 is the number of the last package.
                Some(1) if bytes.len() > 16 => found.push(Cow::Borrowed(&bytes[1..])),
                Some(3) => {
                    if let (Some(first), Some(length)) = (self.number(bytes, 4, 4), self.number(bytes, 8, 4)) {
                        found.push(Cow::Owned(self.overflow(first, length)?));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A value on pages of its own.
    fn overflow(&mut self, first: usize, length: usize) -> Result<Vec<u8>, String> {
        let (mut number, mut value) = (first, Vec::new());
        while value.len() < length {
            self.left = self.left.checked_sub(1).ok_or("its pages form a loop")?;
            let start = number.checked_mul(self.page);
            let page = start.and_then(|start| self.content.get(start..start.checked_add(self.page)?)).filter(|page| page[25] == 7);
            let page = page.ok_or_else(|| format!("its page {number} has no overflow"))?;
            let used = self.number(page, 22, 2).unwrap_or(0);
            value.extend_from_slice(page.get(HEAD..HEAD + used).ok_or_else(|| format!("its page {number} is damaged"))?);
            number = self.number(page, 16, 4).unwrap_or(0);
        }
        value.truncate(length);
        Ok(value)
    }
}
