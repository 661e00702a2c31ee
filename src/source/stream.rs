//! An archive that can be read only once, front to back: a pipe, or a file compressed as a whole.
//!
//! The manifest comes last, so every member that may be a layer is scanned as it passes. Reading
//! (and undoing the outer compression), scanning and hashing run side by side, with a few blocks
//! between them and nothing on disk.

use super::archive::{Item, Names, UNNAMED, walk};
use super::work::{Blob, Blobs};
use super::{Options, Verify, beside, files};
use crate::error::{Error, Result};
use crate::layer::compression::Decoder;
use crate::layer::read_fully;
use crate::layer::tar::{Member, Stream, Walker};
use crate::layer::{Compression, Context, may_be_layer};
use crate::oci::{Algorithm, Digest};
use crate::progress::{Counted, Progress};
use crate::text::escaped;
use std::io::Read;
use std::ops::ControlFlow;

/// Everything that an archive held, read.
pub(super) struct Scanned {
    names: Names<Held>,
    /// The limit on all documents.
    documents: u64,
}

enum Held {
    Document(Vec<u8>),
    Blob(Box<Blob>),
    /// Neither a layer nor small enough for a document.
    Passed(u64),
}

impl Scanned {
    pub(super) fn size(&self, path: &str) -> Option<u64> {
        self.names.resolve(path).map(|(_, held)| match held {
            Held::Document(bytes) => bytes.len() as u64,
            Held::Blob(blob) => blob.size,
            Held::Passed(size) => *size,
        })
    }

    pub(super) fn compression(&self, path: &str) -> Option<Compression> {
        match self.names.resolve(path)?.1 {
            Held::Blob(blob) => Some(blob.scan.as_ref().ok()?.compression),
            Held::Document(_) | Held::Passed(_) => None,
        }
    }

    pub(super) fn document(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self.names.resolve(path).map(|(_, held)| held) {
            None => Ok(None),
            Some(Held::Blob(blob)) if blob.size == 0 => Ok(Some(Vec::new())),
            Some(Held::Blob(blob)) if blob.size <= limit => {
                Err(Error::malformed(path, format_args!("not the JSON expected: found {} bytes that begin as a layer does", blob.size)))
            }
            Some(Held::Document(bytes)) if bytes.len() as u64 <= limit => Ok(Some(bytes.clone())),
            Some(Held::Passed(size)) if *size <= limit => Err(Error::Limit {
                place: escaped(path.as_bytes()),
                what: format!("a document of {size} bytes, kept until the manifest is known,"),
                limit: "documents",
                max: self.documents,
            }),
            Some(_) => Err(files::too_large(path, self.size(path).unwrap_or(0), limit)),
        }
    }

    /// The layers that `recipe` wants; all others are dropped.
    pub(super) fn take(mut self, recipe: &crate::image::Recipe) -> Blobs {
        let mut blobs = Blobs::default();
        // All are resolved before the first is taken: a link must find its target.
        let resolve = |wanted: &crate::image::Wanted| self.names.resolve(&wanted.path).map(|(path, _)| path.to_owned());
        let paths: Vec<_> = recipe.layers.iter().map(resolve).collect();
        for path in paths {
            blobs.add(path, |path| match self.names.remove(path)? {
                Held::Blob(blob) => Some(*blob),
                Held::Document(bytes) => Some(Blob::not_a_layer(bytes.len() as u64)),
                Held::Passed(size) => Some(Blob::not_a_layer(size)),
            });
        }
        blobs
    }
}

/// Reads the archive to its end.
pub(super) fn scan(reader: Box<dyn Read + Send>, options: &Options, context: &Context, progress: &dyn Progress) -> Result<Scanned> {
    let mut names = Names::new();
    let mut kept = 0;
    members(Counted::new(reader, progress), context, |walker, member, name| {
        if !member.is_file() {
            names.link(member, &name);
            return Ok(ControlFlow::Continue(()));
        }
        let mut first = vec![0; beside::CHUNK.min(usize::try_from(member.size).unwrap_or(beside::CHUNK))];
        walker.read(&mut first)?;
        // Nothing at all is a layer without entries.
        let held = if first.is_empty() || may_be_layer(&first) {
            Held::Blob(Box::new(blob(walker, member, &name, first, options.verify, context)?))
        } else if is_document(&name, &first, member.size, kept, options) {
            kept += member.size;
            let start = first.len();
            first.resize(member.size as usize, 0);
            walker.read(&mut first[start..])?;
            Held::Document(first)
        } else {
            Held::Passed(member.size)
        };
        names.insert(name, Item::File(held));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Scanned { names, documents: options.limits.documents })
}

/// Where a member's content is read, and what that is read from.
pub(super) type Members<'c> = Walker<'c, Outer<'c, Box<dyn Read + 'c>>>;

/// Walks an archive's members, each with its name below the root, until it ends or `each` breaks off.
pub(super) fn members<'c>(
    reader: impl Read + 'c,
    context: &'c Context,
    each: impl FnMut(&mut Members<'c>, &Member, String) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let limits = &context.limits;
    let decoder = Decoder::new(uncompressed(reader)?, context).map_err(|error| error.within(&UNNAMED))?;
    let outer = Outer { decoder, out: 0, max: limits.output };
    walk(Walker::new(outer, limits), limits, each)
}

/// Whether a member is kept, of which `first` is the beginning, when `kept` bytes of others are.
fn is_document(name: &str, first: &[u8], size: u64, kept: u64, options: &Options) -> bool {
    let limits = &options.limits;
    let limit = if name == "manifest.json" { limits.archive_manifest } else { limits.document };
    if size <= limit {
        return kept + size <= limits.documents;
    }
    // Half of the room is for documents that an image cannot do without.
    is_provenance(first) && size <= limits.attestation && kept + size <= limits.documents / 2
}

/// Whether a document begins as a statement of provenance does: its type, what it is about, then all the rest.
fn is_provenance(first: &[u8]) -> bool {
    const KIND: &[u8] = b"https://slsa.dev/provenance/";
    first.starts_with(b"{") && first[..first.len().min(512)].windows(KIND.len()).any(|window| window == KIND)
}

/// Scans one member that may be a layer, and hashes it beside.
fn blob(walker: &mut Members<'_>, member: &Member, name: &str, first: Vec<u8>, verify: Verify, context: &Context) -> Result<Blob> {
    let digest = Digest::from_blob_path(name);
    let stored = match (verify, &digest) {
        (Verify::None, _) => None,
        (_, Some(digest)) => Some(digest.algorithm()),
        (_, None) => Some(Algorithm::Sha256),
    };
    // Which diff id it must have is not known yet. Stored plain, its digest is its diff id.
    let plain = Compression::sniff(&first) == Compression::None;
    let diff = match verify {
        Verify::None => None,
        Verify::Named if digest.is_some() => None,
        _ => Some(Algorithm::Sha256).filter(|_| !plain || stored != Some(Algorithm::Sha256)),
    };
    let (scan, digest) = beside::scan(first, |next| walker.read(next), beside::Hashes { stored, diff }, context)?;
    Ok(Blob { size: member.size, digest, scan, fresh: false })
}

/// Undoes xz and bzip2; gzip, zstd and none are left to the decoder.
fn uncompressed<'r>(mut reader: impl Read + 'r) -> Result<Box<dyn Read + 'r>> {
    let mut start = [0; 6];
    let count = read_fully(&mut reader, &mut start)?;
    if count == 0 {
        return Err(Error::malformed(UNNAMED, "expected a tar, found nothing: the input is empty"));
    }
    let whole = std::io::Cursor::new(start).take(count as u64).chain(reader);
    if start.starts_with(b"BZh") {
        return Ok(Box::new(Unpacked { reader: bzip2::read::MultiBzDecoder::new(whole), format: "bzip2 stream" }));
    }
    if start == [0xfd, b'7', b'z', b'X', b'Z', 0] {
        // 256 MiB is four times what `xz -9` needs.
        let stream = liblzma::stream::Stream::new_stream_decoder(256 << 20, liblzma::stream::CONCATENATED)
            .map_err(|error| Error::malformed("xz archive", error))?;
        return Ok(Box::new(Unpacked { reader: liblzma::read::XzDecoder::new_stream(whole, stream), format: "xz stream" }));
    }
    Ok(Box::new(whole))
}

/// What a library unpacks, which says what is wrong and not with what.
struct Unpacked<R> {
    reader: R,
    format: &'static str,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.reader.read(out).map_err(|error| {
            // What the system or a connection says is none of its own.
            let is_ours = error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Error>);
            if is_ours || error.raw_os_error().is_some() || error.kind() == std::io::ErrorKind::Interrupted {
                return error;
            }
            let what = match error.kind() {
                std::io::ErrorKind::UnexpectedEof => "cut off: expected more compressed data, found the end".to_owned(),
                _ => format!("corrupt: {error}"),
            };
            Error::malformed(self.format, what).into_io()
        })
    }
}

/// The archive's own decompression, held to the output limit.
pub(super) struct Outer<'c, R> {
    decoder: Decoder<'c, R>,
    out: u64,
    max: u64,
}

impl<R: Read> Stream for Outer<'_, R> {
    fn read_full(&mut self, out: &mut [u8]) -> Result<usize> {
        let count = self.decoder.read_full(out)?;
        self.out += count as u64;
        if self.out > self.max {
            return Err(Error::Limit {
                place: String::new(),
                what: "the archive's decompressed size".into(),
                limit: "output",
                max: self.max,
            });
        }
        Ok(count)
    }

    fn position(&self) -> u64 {
        self.out
    }
}
