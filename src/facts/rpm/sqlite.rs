//! The table `Packages` of `rpmdb.sqlite`. Source: sqlite.org, "Database File Format", sections 1.3,
//! 1.5, 1.6, 2.1 and 2.6.

use super::big;
use std::borrow::Cow;

pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

struct Database<'d> {
    content: &'d [u8],
    page: usize,
    /// Bytes of a page that are not reserved.
    usable: usize,
    /// Pages that may still be looked at: a sound database needs none twice.
    left: usize,
    /// Bytes that rows may still have, which do not overlap in a sound one.
    bytes: usize,
}

/// The headers of all packages.
pub(super) fn headers(content: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, String> {
    let page = match big(content, 16, 2) {
        Some(1) => 65536,
        Some(size) if size >= 512 => size,
        _ => return Err("no SQLite database".to_owned()),
    };
    let usable = page.saturating_sub(big(content, 20, 1).unwrap_or(0));
    if usable < 480 {
        return Err("no SQLite database".to_owned());
    }
    let mut database = Database { content, page, usable, left: content.len() / page, bytes: content.len() };
    let mut root = None;
    database.table(1, &mut |record| {
        // type, name, tbl_name, rootpage, sql
        if column(record, 0) == Some(b"table") && column(record, 1) == Some(b"Packages") {
            root = column(record, 3).and_then(|number| big(number, 0, number.len().min(8)));
        }
    })?;
    // The schema, which is short, was read beside it.
    (database.left, database.bytes) = (content.len() / page, content.len());
    let mut found = Vec::new();
    database.table(root.ok_or("no table `Packages`")?, &mut |record| {
        // hnum, blob; shorter than any header, it would take more memory than the database.
        if let Some(blob) = column(record, 1).filter(|blob| blob.len() >= 24) {
            found.push(Cow::Owned(blob.to_vec()));
        }
    })?;
    Ok(found)
}

impl<'d> Database<'d> {
    fn page(&mut self, number: usize) -> Result<&'d [u8], String> {
        self.left = self.left.checked_sub(1).ok_or("its pages form a loop")?;
        let start = number.checked_sub(1).and_then(|before| before.checked_mul(self.page));
        let page = start.and_then(|start| self.content.get(start..start.checked_add(self.page)?));
        page.map(|page| &page[..self.usable]).ok_or_else(|| format!("it has no page {number}"))
    }

    /// Hands over each record of the table whose tree has this root.
    fn table(&mut self, root: usize, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        let mut open = vec![root];
        while let Some(number) = open.pop() {
            let page = self.page(number)?;
            let start = if number == 1 { 100 } else { 0 };
            let count = big(page, start + 3, 2).unwrap_or(0);
            let (interior, cells) = match page.get(start) {
                Some(5) => (true, start + 12),
                Some(13) => (false, start + 8),
                _ => return Err(format!("its page {number} is not of a table")),
            };
            if interior {
                open.extend(big(page, start + 8, 4));
            }
            for cell in (0..count).rev() {
                let Some(at) = big(page, cells + 2 * cell, 2) else { continue };
                if interior {
                    open.extend(big(page, at, 4));
                    // More are open than are left: it cannot end well, and `open` must not grow.
                    if open.len() > self.left + 1 {
                        return Err("its pages form a loop".to_owned());
                    }
                } else if let Some(cell) = page.get(at..) {
                    each(&self.payload(cell)?);
                }
            }
        }
        Ok(())
    }

    /// A leaf's cell: the length of the payload, the row's number, the payload or its start, and the
    /// first overflow page.
    fn payload(&mut self, cell: &'d [u8]) -> Result<Cow<'d, [u8]>, String> {
        let cut = || "a row is cut off".to_owned();
        let (length, cell) = varint(cell).ok_or_else(cut)?;
        let (_, cell) = varint(cell).ok_or_else(cut)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= self.bytes).ok_or_else(cut)?;
        self.bytes -= length;
        if length <= self.usable - 35 {
            return cell.get(..length).map(Cow::Borrowed).ok_or_else(cut);
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + (length - least) % (self.usable - 4);
        let local = if fitting <= self.usable - 35 { fitting } else { least };
        let mut payload = cell.get(..local).ok_or_else(cut)?.to_vec();
        let mut next = big(cell, local, 4).ok_or_else(cut)?;
        while payload.len() < length {
            let page = self.page(next)?;
            next = big(page, 0, 4).ok_or_else(cut)?;
            payload.extend_from_slice(&page[4..page.len().min(4 + length - payload.len())]);
        }
        Ok(Cow::Owned(payload))
    }
}

/// A column of a record: its bytes, whatever its type.
fn column(record: &[u8], wanted: usize) -> Option<&[u8]> {
    let (length, mut types) = varint(record)?;
    let length = usize::try_from(length).ok()?;
    let mut at = length;
    types = &types[..length.checked_sub(record.len() - types.len())?.min(types.len())];
    for number in 0.. {
        let (kind, rest) = varint(types)?;
        types = rest;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            _ => kind.saturating_sub(12) / 2,
        };
        let end = at.checked_add(usize::try_from(size).ok()?)?;
        if number == wanted {
            return record.get(at..end);
        }
        at = end;
    }
    None
}

/// A number of one to nine bytes, the high bits first; the ninth counts with all its bits.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for at in 0..9 {
        let byte = *bytes.get(at)?;
        if at == 8 {
            return Some((value << 8 | u64::from(byte), &bytes[9..]));
        }
        value = value << 7 | u64::from(byte & 127);
        if byte & 128 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}
