//! From a tar member to an [`Entry`], whether the member was read or a table of contents tells of it.

use super::entry::NO_LINK;
use super::tar::{Member, Stray};
use super::{Changeset, Compression, ContentHash, Context, Entry, EntryKind, Listing, Measures};
use crate::error::{Error, Result};
use crate::note::Notes;
use crate::paths::Paths;
use std::collections::BTreeMap;

impl Changeset {
    /// Nothing yet.
    pub(crate) fn new(compression: Compression, content_hash: ContentHash) -> Self {
        Self {
            compression,
            toc: None,
            listing: Listing::Tar,
            content_hash,
            entries: Vec::new(),
            blob_bytes: 0,
            diff_bytes: 0,
            overhead: Measures::default(),
            blob_digest: None,
            diff_digest: None,
            limit: None,
            notes: Notes::default(),
            paths: Paths::new(),
            links: Vec::new(),
            logical: BTreeMap::new(),
            devices: BTreeMap::new(),
            facts: Vec::new(),
        }
    }

    /// Adds the entry that `member` describes: `missing` bytes of its padding are not there, and
    /// its content has the hash `hash`.
    pub(crate) fn push(&mut self, member: &Member, missing: u64, blob_bytes: u64, hash: u128, context: &Context) -> Result<()> {
        let number = self.entries.len() as u32;
        let used = (self.paths.len() as u64, self.paths.name_bytes(), self.links.len());
        let (node, odd) = self.paths.intern_path(&member.path)?;
        if odd.escapes {
            self.notes.add("path-escapes-root", None, Some(&member.path), "`..` leads above the root; held at the root");
        }
        if odd.too_long {
            self.notes.add("path-too-long", None, Some(&member.path), "longer than 4096 bytes, which no Linux system call accepts");
        }
        let kind = EntryKind::of(member.typeflag, self.paths.name(node));
        let mut link = NO_LINK;
        if !member.link.is_empty() || matches!(kind, EntryKind::Symlink | EntryKind::Hardlink) {
            let full =
                |_| Error::Limit { place: "link targets".into(), what: "their length".into(), limit: "names", max: u64::from(u32::MAX) };
            link = u32::try_from(self.links.len()).map_err(full)?;
            self.links.extend_from_slice(&(member.link.len() as u32).to_le_bytes());
            self.links.extend_from_slice(&member.link);
        }
        // A marker's body is no file data, but dive counts it.
        let marked = Some(member.size).filter(|size| kind.is_marker() && *size > 0);
        if let Some(logical) = member.logical.or(marked) {
            self.logical.insert(number, logical);
        }
        if matches!(member.typeflag, b'3' | b'4') {
            self.devices.insert(number, member.device);
        }
        let limits = &context.limits;
        Context::spend(&context.entries, 1, "entries", "the number of entries", limits.entries)?;
        context.spend_paths(&self.paths, (used.0, used.1))?;
        Context::spend(&context.names, (self.links.len() - used.2) as u64, "names", "the length of all names", limits.names)?;
        let id = |id: u64| u32::try_from(id).unwrap_or(u32::MAX);
        let diff_bytes = member.header_bytes + member.size + member.padding() - missing;
        // A marker's body, which should be empty, is nobody's file data.
        let content_bytes = if kind.is_marker() { 0 } else { member.size };
        self.entries.push(Entry {
            node,
            link,
            content_bytes,
            diff_bytes,
            blob_bytes,
            mtime: member.mtime,
            content_hash: [hash as u64, (hash >> 64) as u64],
            uid: id(member.uid),
            gid: id(member.gid),
            mode: member.mode as u16,
            kind,
            typeflag: member.typeflag,
        });
        Ok(())
    }

    /// Notes what is odd about the end of the tar.
    pub(crate) fn note_end(&mut self, stray: &Stray) {
        if stray.trailing > 0 {
            let message = format!("{} bytes after the end-of-archive marker; counted as overhead", stray.trailing);
            self.notes.add("data-after-end", None, None, &message);
        }
        if stray.lone_zero_block {
            self.notes.add(
                "lone-zero-block",
                None,
                None,
                "the archive ends at a single zero block with more behind it, where engines stop with an error",
            );
        }
    }
}
