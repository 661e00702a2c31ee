//! Where an image is read from: sources push blobs into the pipe.
//!
//! A [`Source`] is a file, a directory or a stream. Files and directories are read in parallel,
//! blob by blob; a stream is read once, in the order it comes, and nothing of it touches the disk.
//! What the blobs mean (indexes, manifests, platforms) is decided in `select` for all alike.

mod archive;
mod files;
mod layout;
mod select;
mod stream;
mod verify;
mod work;

pub use select::Listed;

use crate::error::{Error, Result};
use crate::image::{Image, SourceKind, assemble};
use crate::layer::{Compression, ContentHash, Context, read_fully};
use crate::limits::Limits;
use crate::oci::Platform;
use crate::progress::Progress;
use crate::reference::{Place, Reference, Selector};
use archive::Archive;
use layout::Layout;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use stream::Scanned;

/// Which digests are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// None.
    None,
    /// Each blob by the best name it has: its digest, else its diff id.
    #[default]
    Named,
    /// Each blob by its digest, and each layer by its diff id too.
    All,
}

/// How a source is to be read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which image, where there are several.
    pub image: Option<Selector>,
    /// Which platform, where there are several; by default the machine's architecture on Linux.
    pub platform: Option<Platform>,
    /// Which digests are checked.
    pub verify: Verify,
    /// Caps on hostile input.
    pub limits: Limits,
    /// Worker threads for files and directories; 0 means one for each processor.
    pub threads: usize,
    /// What contents are compared by.
    pub content_hash: ContentHash,
}

/// An opened source.
pub struct Source {
    input: Input,
    /// As the reference demands.
    kind: Option<SourceKind>,
    image: Option<Selector>,
    text: String,
}

enum Input {
    Archive(File),
    Layout(Layout),
    Stream(Box<dyn Read + Send>),
}

/// What the blobs are looked up in, whatever the source.
enum Store {
    Archive(Archive),
    Layout(Layout),
    Scanned(Scanned),
}

impl Source {
    /// Opens what `reference` names.
    ///
    /// ```
    /// # fn main() -> plimsoll::Result<()> {
    /// let reference = plimsoll::Reference::parse("testdata/demo.tar")?;
    /// let source = plimsoll::Source::open(&reference)?;
    /// let image = source.read(&plimsoll::Options::default(), &())?;
    /// assert!(image.layers().len() > 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(reference: &Reference) -> Result<Self> {
        let input = match &reference.place {
            Place::Stdin => Input::Stream(Box::new(std::io::stdin())),
            Place::As(SourceKind::Dir, path) => Input::Layout(Layout::dir(path)),
            Place::As(SourceKind::OciLayout, path) => Input::Layout(Layout::open(path)?),
            Place::Path(path) if path.is_dir() => Input::Layout(Layout::open(path)?),
            Place::As(_, path) | Place::Path(path) => Self::sniff(path)?,
        };
        let kind = if let Place::As(kind, _) = &reference.place { Some(*kind) } else { None };
        Ok(Self { input, kind, image: reference.image.clone(), text: reference.text.clone() })
    }

    /// Reads an archive, compressed as a whole or not, from any stream; `name` names it in reports.
    pub fn stream(reader: impl Read + Send + 'static, name: &str) -> Self {
        Self { input: Input::Stream(Box::new(reader)), kind: None, image: None, text: name.to_owned() }
    }

    /// A plain tar can be read in parallel; one compressed as a whole only from front to back.
    fn sniff(path: &Path) -> Result<Input> {
        let doing = || format!("reading `{}`", path.display());
        let mut file = files::open(path)?;
        let mut start = [0; 6];
        let count = read_fully(&mut file, &mut start)?;
        file.rewind().map_err(Error::io(doing()))?;
        let whole = matches!(&start[..count], [b'B', b'Z', b'h', ..] | [0xfd, b'7', b'z', b'X', b'Z', 0]);
        if whole || Compression::sniff(&start[..count]) != Compression::None {
            return Ok(Input::Stream(Box::new(file)));
        }
        Ok(Input::Archive(file))
    }

    /// Lists the images in the source.
    pub fn list(self, options: &Options, progress: &dyn Progress) -> Result<Vec<Listed>> {
        let context = Context::hashing(options.limits.clone(), options.content_hash);
        let store = self.input.store(options, &context, progress)?;
        Ok(select::images(&store, self.kind, &options.limits)?.listed())
    }

    /// Reads one image.
    pub fn read(self, options: &Options, progress: &dyn Progress) -> Result<Image> {
        let context = Context::hashing(options.limits.clone(), options.content_hash);
        let store = self.input.store(options, &context, progress)?;
        let selector = options.image.as_ref().or(self.image.as_ref());
        let images = select::images(&store, self.kind, &options.limits)?;
        let recipe = images.choose(&store, selector, options.platform.as_ref(), &options.limits)?;
        let blobs = match store {
            Store::Scanned(scanned) => scanned.take(&recipe),
            Store::Archive(archive) => work::scan(&archive, &recipe, options, &context, progress)?,
            Store::Layout(layout) => work::scan(&layout, &recipe, options, &context, progress)?,
        };
        let layers = verify::check(&recipe, blobs, options.verify)?;
        assemble(recipe, layers, self.text, &context)
    }

    /// The diff ids of one image's layers, without reading the layers where the source allows it.
    pub fn diff_ids(self, options: &Options, progress: &dyn Progress) -> Result<Vec<crate::oci::DiffId>> {
        let context = Context::hashing(options.limits.clone(), options.content_hash);
        let store = self.input.store(options, &context, progress)?;
        let selector = options.image.as_ref().or(self.image.as_ref());
        let recipe =
            select::images(&store, self.kind, &options.limits)?.choose(&store, selector, options.platform.as_ref(), &options.limits)?;
        Ok(recipe.layers.into_iter().filter_map(|layer| layer.diff_id).collect())
    }

    /// Reads the image and then one layer's entries with their contents, for `cat` and `extract`.
    pub fn contents(self, options: &Options, progress: &dyn Progress) -> Result<(Image, Contents)> {
        let reread = match &self.input {
            Input::Stream(_) => {
                return Err(Error::Usage("contents are read in a second pass, which a pipe or an archive compressed as a whole does not allow: save the archive to a plain file first (`docker save IMAGE -o image.tar`)".into()));
            }
            Input::Archive(file) => {
                Store::Archive(Archive::index(file.try_clone().map_err(Error::io("opening the archive again"))?, &options.limits)?)
            }
            Input::Layout(layout) => Store::Layout(layout.clone()),
        };
        let image = self.read(options, progress)?;
        Ok((image, Contents { store: reread, limits: options.limits.clone() }))
    }
}

impl Input {
    fn store(self, options: &Options, context: &Context, progress: &dyn Progress) -> Result<Store> {
        Ok(match self {
            Self::Archive(file) => Store::Archive(Archive::index(file, &options.limits)?),
            Self::Layout(layout) => Store::Layout(layout),
            Self::Stream(reader) => Store::Scanned(stream::scan(reader, options, context, progress)?),
        })
    }
}

/// A source that can be read again.
pub struct Contents {
    store: Store,
    limits: Limits,
}

impl Contents {
    /// The stored bytes of layer `layer`'s blob.
    pub(crate) fn blob(&self, path: &str) -> Result<files::Section> {
        let section = match &self.store {
            Store::Archive(archive) => files::Blobs::open(archive, path)?,
            Store::Layout(layout) => files::Blobs::open(layout, path)?,
            Store::Scanned(_) => None,
        };
        section.ok_or_else(|| Error::NotFound(format!("`{path}` is not in the source any more")))
    }

    pub(crate) fn context(&self) -> Context {
        Context::new(self.limits.clone())
    }
}

impl Store {
    fn kind(&self) -> SourceKind {
        match self {
            Self::Layout(layout) => layout.kind(),
            Self::Archive(_) | Self::Scanned(_) if self.size("manifest.json").is_some() || self.size("index.json").is_none() => {
                SourceKind::DockerArchive
            }
            Self::Archive(_) | Self::Scanned(_) => SourceKind::OciArchive,
        }
    }

    /// Size of the file at `path`; `None` where there is none.
    fn size(&self, path: &str) -> Option<u64> {
        match self {
            Self::Archive(archive) => archive.size(path),
            Self::Layout(layout) => layout.size(path),
            Self::Scanned(scanned) => scanned.size(path),
        }
    }

    /// A small document; more than `limit` bytes are an error.
    fn document(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Archive(archive) => files::document(archive, path, limit),
            Self::Layout(layout) => files::document(layout, path, limit),
            Self::Scanned(scanned) => scanned.document(path, limit),
        }
    }
}
