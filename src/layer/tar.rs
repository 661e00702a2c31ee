//! A bounded walk over the members of a tar stream.
//!
//! The `tar` crate's iterator has no cap on extension headers, so the walker is ours. It follows
//! what container engines extract, which is Go's `archive/tar`: links, directories and devices
//! have no body whatever their size field says, a pax `size` belongs to the member and not to an
//! extension header between, GNU long names win over pax paths. Sources: POSIX.1-2017 `pax`
//! (ustar and pax headers), GNU tar manual "Basic Tar Format" and "Storing Sparse Files".

mod header;
mod sparse;

pub(crate) use sparse::extents;

use crate::error::{Error, Result};
use crate::layer::compression::Decoder;
use crate::limits::Limits;
use header::Header;
use std::io::Read;

/// Headers and bodies come in multiples of this.
pub(crate) const BLOCK: u64 = 512;

/// Where a [`Walker`] gets its bytes.
pub(crate) trait Stream {
    /// Fills `out` unless the stream ends; never takes more.
    fn read_full(&mut self, out: &mut [u8]) -> Result<usize>;
    /// Bytes of the stored stream that went into the output so far.
    fn position(&self) -> u64;
    /// Passes over `count` bytes; how many there were.
    fn skip(&mut self, count: u64) -> Result<u64> {
        let mut buffer = [0; 8192];
        let mut left = count;
        while left > 0 {
            let want = left.min(buffer.len() as u64) as usize;
            let got = self.read_full(&mut buffer[..want])?;
            left -= got as u64;
            if got < want {
                break;
            }
        }
        Ok(count - left)
    }
}

/// A [`Stream`] that can show its bytes where they are.
pub(crate) trait Lend: Stream {
    /// The next `want` bytes, at most [`MOST`](crate::layer::compression::MOST); fewer only at the end.
    fn lend(&mut self, want: usize) -> Result<&[u8]>;
}

impl<R: Read> Stream for Decoder<'_, R> {
    fn read_full(&mut self, out: &mut [u8]) -> Result<usize> {
        Decoder::read_full(self, out)
    }

    fn position(&self) -> u64 {
        Decoder::position(self)
    }
}

impl<R: Read> Lend for Decoder<'_, R> {
    fn lend(&mut self, want: usize) -> Result<&[u8]> {
        Decoder::lend(self, want)
    }
}

/// One member: its header and all its extension headers, made one.
#[derive(Debug, Default)]
pub(crate) struct Member {
    /// Name as stored, not normalised.
    pub path: Vec<u8>,
    /// Link target as stored.
    pub link: Vec<u8>,
    /// The type flag byte; `b'5'` for a directory of V7 tar, known by its trailing slash alone.
    pub typeflag: u8,
    /// Permission, set-id and sticky bits.
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Major and minor number of a device.
    pub device: (u32, u32),
    /// Bytes of file data that are stored.
    pub size: u64,
    /// Apparent size of a sparse file.
    pub logical: Option<u64>,
    /// The sparse map as stored: files with the same data in other places are not the same.
    pub map: Vec<u8>,
    /// Headers, extension headers and sparse maps.
    pub header_bytes: u64,
}

impl Member {
    /// Whether it is a regular file.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.typeflag, 0 | b'0' | b'7')
    }

    fn clear(&mut self) {
        let (mut path, mut link) = (std::mem::take(&mut self.path), std::mem::take(&mut self.link));
        path.clear();
        link.clear();
        *self = Self { path, link, ..Self::default() };
    }

    /// Zero bytes that fill the last block of the body.
    pub(crate) fn padding(&self) -> u64 {
        self.size.wrapping_neg() % BLOCK
    }
}

/// What the walk met that belongs to no member.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Stray {
    /// Bytes of the tar.
    pub diff: u64,
    /// Bytes of the stored stream for them.
    pub blob: u64,
    /// Of `diff`: bytes after the end marker that are not zero blocks.
    pub trailing: u64,
    /// The archive ended at a single zero block with more behind it.
    pub lone_zero_block: bool,
}

/// Walks the members of a tar stream.
pub(crate) struct Walker<'l, S> {
    stream: S,
    limits: &'l Limits,
    /// Body and padding of the current member still to be passed.
    body: u64,
    padding: u64,
    /// The whole body of the current member.
    declared: u64,
    /// Padding of the last member that is not in the stream.
    missing: u64,
    ended: bool,
    entry: u64,
    stray: Stray,
    extension: Vec<u8>,
}

impl<'l, S: Stream> Walker<'l, S> {
    pub(crate) fn new(stream: S, limits: &'l Limits) -> Self {
        Self {
            stream,
            limits,
            body: 0,
            padding: 0,
            declared: 0,
            missing: 0,
            ended: false,
            entry: 0,
            stray: Stray::default(),
            extension: Vec::new(),
        }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    pub(crate) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    pub(crate) fn stray(&self) -> Stray {
        self.stray
    }

    /// Goes to the next member; `false` at the end of the archive, with the stream read to its end.
    pub(crate) fn next(&mut self, member: &mut Member) -> Result<bool> {
        self.finish()?;
        if self.ended {
            return Ok(false);
        }
        self.entry += 1;
        let entry = self.entry;
        self.read_member(member).map_err(|error| error.within(&format_args!("tar entry {entry}")))
    }

    /// Reads the body of the current member; 0 at its end.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let want = self.body.min(out.len() as u64) as usize;
        let got = self.stream.read_full(&mut out[..want])?;
        self.body -= got as u64;
        if got < want {
            return Err(cut(self.entry, self.declared, self.body));
        }
        Ok(got)
    }

    /// Passes over what is left of the current member, so that the stream stands at its boundary.
    pub(crate) fn finish(&mut self) -> Result<()> {
        let left = self.body + self.padding;
        if left == 0 {
            return Ok(());
        }
        let got = self.stream.skip(left)?;
        // Some writers leave out the padding of the last member; the engines accept it.
        if got < self.body {
            return Err(cut(self.entry, self.declared, self.body - got));
        }
        (self.body, self.padding, self.missing) = (0, 0, left - got);
        Ok(())
    }

    /// Padding of the last member that [`Walker::finish`] did not find: it is nobody's byte.
    pub(crate) fn missing_padding(&self) -> u64 {
        self.missing
    }

    fn read_member(&mut self, member: &mut Member) -> Result<bool> {
        member.clear();
        self.missing = 0;
        let mut pax = header::Pax::default();
        let (mut long_name, mut long_link) = (None, None);
        let mut extensions = 0;
        loop {
            let before = self.stream.position();
            let mut block = [0; BLOCK as usize];
            match self.stream.read_full(&mut block)? {
                512 if block.iter().any(|byte| *byte != 0) => {}
                512 if extensions == 0 => return self.end(before).map(|()| false),
                0 if extensions == 0 => {
                    self.ended = true;
                    // The compressed stream's own end was read by now.
                    self.stray.blob += self.stream.position() - before;
                    return Ok(false);
                }
                512 => {
                    return Err(Error::malformed("header", "expected the header that an extension header announced, found a zero block"));
                }
                count => return Err(Error::malformed("header", format_args!("truncated: expected 512 bytes, found {count}"))),
            }
            let header = Header::parse(&block)?;
            let kind = header.typeflag();
            if !matches!(kind, b'L' | b'K' | b'x' | b'X' | b'g') {
                member.header_bytes += BLOCK;
                header.describe(member)?;
                pax.apply(member);
                return self.complete(member, &header, &pax, long_name, long_link).map(|()| true);
            }
            extensions += 1;
            if extensions > self.limits.extensions {
                return Err(limit("extension headers in a row", "extensions", self.limits.extensions));
            }
            let size = header.size()?;
            if size > self.limits.extension {
                return Err(limit(&format!("an extension header of {size} bytes"), "extension", self.limits.extension));
            }
            self.read_extension(size as usize)?;
            let total = BLOCK + size.next_multiple_of(BLOCK);
            match kind {
                b'L' => long_name = Some(c_string(&self.extension).to_vec()),
                b'K' => long_link = Some(c_string(&self.extension).to_vec()),
                // Engines do not apply a global header to what follows.
                b'g' => {
                    self.stray.diff += total;
                    self.stray.blob += self.stream.position() - before;
                    continue;
                }
                _ => pax = header::Pax::parse(&self.extension)?,
            }
            member.header_bytes += total;
        }
    }

    fn complete(
        &mut self,
        member: &mut Member,
        header: &Header<'_>,
        pax: &header::Pax,
        name: Option<Vec<u8>>,
        link: Option<Vec<u8>>,
    ) -> Result<()> {
        if let Some(name) = name {
            member.path = name;
        }
        if let Some(link) = link {
            member.link = link;
        }
        // Go: only the type of before POSIX tells a directory by its slash.
        if member.typeflag == 0 && member.path.ends_with(b"/") {
            member.typeflag = b'5';
        }
        // POSIX: a link, directory or device has no body; Go ignores the field, and so do engines.
        if matches!(member.typeflag, b'1'..=b'6') {
            member.size = 0;
        }
        self.padding = member.padding();
        self.body = member.size;
        self.declared = member.size;
        sparse::resolve(self, member, header, pax)
    }

    fn read_extension(&mut self, size: usize) -> Result<()> {
        self.extension.clear();
        self.extension.resize(size.next_multiple_of(BLOCK as usize), 0);
        let got = self.stream.read_full(&mut self.extension)?;
        if got < size {
            return Err(Error::malformed("extension header", format_args!("truncated: expected {size} bytes, found {got}")));
        }
        self.extension.truncate(size);
        Ok(())
    }

    /// Reads one more block of headers for the current member.
    fn header_block(&mut self, member: &mut Member) -> Result<[u8; 512]> {
        let mut block = [0; 512];
        if self.stream.read_full(&mut block)? < block.len() {
            return Err(Error::malformed("sparse map", "truncated"));
        }
        member.header_bytes += BLOCK;
        Ok(block)
    }

    /// After the first zero block: all the rest belongs to no member.
    fn end(&mut self, before: u64) -> Result<()> {
        self.ended = true;
        let mut diff = BLOCK;
        let mut buffer = vec![0; 64 << 10];
        let mut second = true;
        loop {
            let got = self.stream.read_full(&mut buffer)?;
            let trailing = buffer[..got].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            if second && got > 0 {
                second = false;
                self.stray.lone_zero_block = buffer[..got.min(512)].iter().any(|byte| *byte != 0);
            }
            if trailing > 0 {
                self.stray.trailing = diff + trailing as u64 - BLOCK;
            }
            diff += got as u64;
            if got < buffer.len() {
                break;
            }
        }
        self.stray.diff += diff;
        self.stray.blob += self.stream.position() - before;
        Ok(())
    }
}

impl<S: Lend> Walker<'_, S> {
    /// The next `most` bytes of the current member's body; none at its end. Its padding is passed
    /// over with the last of them where there is room: for a small member the second call of a
    /// decoder costs as much as the first.
    pub(crate) fn lend(&mut self, most: usize) -> Result<&[u8]> {
        let size = self.body.min(most as u64);
        let padding = if size + self.padding <= most as u64 { self.padding } else { 0 };
        let bytes = self.stream.lend((size + padding) as usize)?;
        let got = bytes.len() as u64;
        if got < size {
            return Err(cut(self.entry, self.declared, self.body - got));
        }
        self.body -= size;
        if padding > 0 {
            (self.padding, self.missing) = (0, size + padding - got);
        }
        Ok(&bytes[..size as usize])
    }
}

fn cut(entry: u64, declared: u64, missing: u64) -> Error {
    let (place, found) = (format!("tar entry {entry}"), declared - missing);
    Error::malformed(place, format_args!("truncated: expected a body of {declared} bytes, found {found}"))
}

fn limit(what: &str, limit: &'static str, max: u64) -> Error {
    Error::Limit { place: String::new(), what: what.to_owned(), limit, max }
}

/// Up to the first NUL.
fn c_string(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Whether `bytes` open with a header block, or with the zero block of an archive of nothing.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    bytes.first_chunk::<512>().is_some_and(|block| block.iter().all(|byte| *byte == 0) || Header::parse(block).is_ok())
}
