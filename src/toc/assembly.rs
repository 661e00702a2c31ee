//! From the entries of a table of contents to a changeset.

use super::entries::{Item, Kind};
use super::ledger::Ledger;
use super::location::Location;
use super::split::Split;
use crate::error::{Error, Result};
use crate::layer::tar::{BLOCK, Member, Walker};
use crate::layer::{Changeset, Compression, ContentHash, Context, Listing, Toc};
use crate::oci::{Algorithm, Digest};

/// End-of-archive blocks, which all writers of these formats write.
const END: u64 = 2 * BLOCK;

pub(super) struct Assembly<'a> {
    location: &'a Location,
    context: &'a Context,
    /// The tar headers, if they are there.
    walker: Option<Walker<'a, Split<'a, 'a>>>,
    changeset: Changeset,
    ledger: Ledger,
    member: Member,
    file: Option<Chunks>,
}

/// How far the chunks of the last file go.
struct Chunks {
    entry: u32,
    name: String,
    size: u64,
    /// Up to here its chunks told of its content.
    told: u64,
    /// Where its data begins, or that of its last chunk, and where all of it ends.
    offset: u64,
    end: Option<u64>,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(location: &'a Location, split: Option<Split<'a, 'a>>, context: &'a Context) -> Self {
        let compression = match location.form {
            Toc::Estargz => Compression::Gzip,
            Toc::ZstdChunked => Compression::Zstd,
        };
        let mut changeset = Changeset::new(compression, ContentHash::Sha256);
        changeset.toc = Some(location.form);
        changeset.listing = Listing::Toc;
        changeset.blob_bytes = location.blob_size;
        Self {
            location,
            context,
            walker: split.map(|split| Walker::new(split, &context.limits)),
            changeset,
            ledger: Ledger::new(location.end),
            member: Member::default(),
            file: None,
        }
    }

    /// One entry, in the order of the tar.
    pub(super) fn add(&mut self, item: &Item<'_>) -> Result<()> {
        if item.kind == Kind::Chunk {
            return self.chunk(item);
        }
        self.complete()?;
        if item.size > self.context.limits.output && item.kind == Kind::Reg {
            let what = format!("a file of {} bytes", item.size);
            return Err(Error::Limit { place: String::new(), what, limit: "output", max: self.context.limits.output });
        }
        let missing = self.describe(item)?;
        let hash = hash(item)?;
        let (member, entry) = (&self.member, self.changeset.entries.len() as u32);
        self.changeset.push(member, missing, 0, hash, self.context)?;
        let (header, padding, size) = (member.header_bytes, member.padding() - missing, member.size);
        self.context.spend_output(header + padding + size)?;
        self.ledger.between(Some(entry), header);
        if size > 0 {
            self.data(item, entry)?;
            self.ledger.between(Some(entry), padding);
        }
        Ok(())
    }

    /// Describes the member by its tar header if that is there; says how much of its padding is not.
    fn describe(&mut self, item: &Item<'_>) -> Result<u64> {
        let Self { walker: Some(walker), member, .. } = self else {
            item.describe(&mut self.member)?;
            return Ok(0);
        };
        let name = &item.name;
        if !walker.next(member)? {
            return Err(Error::malformed("tar headers", format_args!("expected one for `{name}`, found the end of the tar")));
        }
        // POSIX: what is of no known type is a regular file.
        let kind = if matches!(member.typeflag, b'1'..=b'6') { member.typeflag } else { b'0' };
        let size = if item.kind == Kind::Reg { item.size } else { 0 };
        if !item.is_named(&member.path) || kind != item.typeflag() || size != member.size || !member.map.is_empty() {
            let path = String::from_utf8_lossy(&member.path);
            return Err(Error::malformed(
                "tar headers",
                format_args!("expected one for `{name}` of {size} bytes, found `{path}` of {} bytes", member.size),
            ));
        }
        walker.finish()?;
        Ok(walker.missing_padding())
    }

    /// The data of a file, or the first chunk of it.
    fn data(&mut self, item: &Item<'_>, entry: u32) -> Result<()> {
        let told = if item.chunk_size == 0 { item.size } else { item.chunk_size };
        if told > item.size || item.chunk_offset != 0 {
            return Err(Error::malformed("chunk", format_args!("expected at most the file's {} bytes, found {told}", item.size)));
        }
        self.ledger.data(entry, item.offset, item.end_offset, told, &mut self.changeset.entries)?;
        let (name, size, offset, end) = (item.name.clone().into_owned(), item.size, item.offset, item.end_offset);
        self.file = Some(Chunks { entry, name, size, told, offset, end });
        Ok(())
    }

    /// A further chunk belongs to the file before it.
    fn chunk(&mut self, item: &Item<'_>) -> Result<()> {
        let wrong = |what: &str| Error::malformed("chunk", format_args!("`{}` {what}", item.name));
        let file = self.file.as_mut().filter(|file| item.name.is_empty() || file.name == item.name);
        let file = file.ok_or_else(|| wrong("does not follow its file"))?;
        let size = if item.chunk_size == 0 { file.size - file.told } else { item.chunk_size };
        if item.chunk_offset != file.told || size == 0 || size > file.size - file.told {
            return Err(wrong("does not go on where the chunk before it ends"));
        }
        file.told += size;
        match file.end {
            // The file's data is in the books as a whole.
            Some(end) if item.offset < file.offset || item.offset > end => Err(wrong("is not inside its file's data")),
            Some(_) => {
                file.offset = item.offset;
                Ok(())
            }
            None => self.ledger.data(file.entry, item.offset, None, size, &mut self.changeset.entries),
        }
    }

    /// The chunks of the last file are all there.
    fn complete(&mut self) -> Result<()> {
        match self.file.take() {
            Some(file) if file.told != file.size => Err(Error::malformed(
                "chunk",
                format_args!("expected chunks of `{}` up to its {} bytes, found them up to {}", file.name, file.size, file.told),
            )),
            _ => Ok(()),
        }
    }

    /// All entries were added; `tar_bytes` of the tar are the table of contents itself.
    pub(super) fn finish(mut self, tar_bytes: u64) -> Result<Changeset> {
        self.complete()?;
        self.end(tar_bytes)?;
        let Self { location, mut ledger, mut changeset, .. } = self;
        ledger.finish(&mut changeset.entries)?;
        changeset.overhead.blob_bytes = ledger.overhead + (location.blob_size - location.end);
        changeset.diff_bytes = changeset.overhead.diff_bytes + told(&changeset);
        let tied = if location.checksum.is_some() { "" } else { "; no digest in the manifest vouches for it" };
        let message = format!(
            "names and sizes come from the layer's own table of contents, not from its bytes, and nothing is known of \
             what is in its files, such as packages{tied}; `--no-toc` reads the layer in full"
        );
        changeset.notes.add("layer-from-toc", None, None, &message);
        changeset.entries.shrink_to_fit();
        Ok(changeset)
    }

    /// What of the tar belongs to no entry.
    fn end(&mut self, tar_bytes: u64) -> Result<()> {
        let told = told(&self.changeset);
        let overhead = if let Some(walker) = &mut self.walker {
            if walker.next(&mut self.member)? {
                let path = String::from_utf8_lossy(&self.member.path);
                return Err(Error::malformed("tar headers", format_args!("expected the end of the tar, found `{path}`")));
            }
            let stray = walker.stray();
            self.ledger.between(None, stray.diff);
            self.changeset.note_end(&stray);
            let total = walker.stream().total();
            if told.checked_add(stray.diff) != Some(total) {
                let what = format!("expected a tar of {told} bytes and {} that are no entry's, found {total}", stray.diff);
                return Err(Error::malformed("tar headers", what));
            }
            stray.diff
        } else {
            self.plain_end(told, tar_bytes)?
        };
        self.changeset.overhead.diff_bytes = overhead;
        self.context.spend_output(overhead)
    }

    /// The same where headers count a block each: what else the tar holds, as far as that is known.
    fn plain_end(&mut self, told: u64, tar_bytes: u64) -> Result<u64> {
        let message = match self.location.diff_bytes {
            None => "the size of the layer's tar is not known: its headers count 512 bytes each, without extension headers and end blocks",
            Some(whole) => {
                let least = told.checked_add(tar_bytes);
                let overhead = least.and_then(|least| whole.checked_sub(least)).ok_or_else(|| {
                    Error::malformed(
                        "tar",
                        format_args!("expected at most {whole} bytes, found entries of {told} and an index of {tar_bytes}"),
                    )
                })?;
                if overhead == END {
                    return Ok(tar_bytes + overhead);
                }
                self.note_headers(
                    "extension headers of its entries (long names, extended attributes) count as overhead of the layer's tar",
                );
                return Ok(tar_bytes + overhead);
            }
        };
        self.note_headers(message);
        Ok(tar_bytes)
    }

    fn note_headers(&mut self, message: &str) {
        self.changeset.notes.add("toc-header-sizes", None, None, message);
    }
}

/// Tar bytes of all entries; within the limit `output`, so the sum cannot overflow.
fn told(changeset: &Changeset) -> u64 {
    changeset.entries.iter().map(|entry| entry.diff_bytes).fold(0, u64::saturating_add)
}

/// The hash that a scan by SHA-256 would find.
fn hash(item: &Item<'_>) -> Result<u128> {
    if item.kind != Kind::Reg || item.size == 0 {
        return Ok(ContentHash::Sha256.of(b""));
    }
    let digest = Digest::parse(&item.digest)?;
    let half = (digest.algorithm() == Algorithm::Sha256).then(|| u128::from_str_radix(&digest.hex()[..32], 16).ok()).flatten();
    half.ok_or_else(|| Error::malformed("digest", format_args!("expected sha256, found `{digest}`")))
}
