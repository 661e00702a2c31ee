//! Where an image is read from: sources push blobs into the pipe.
//!
//! A [`Source`] is a file, a directory, a registry or a stream, from an engine for example. Files,
//! directories and registries are read in parallel, blob by blob; a stream is read once, in the
//! order it comes, and nothing of it touches the disk. What the blobs mean (indexes, manifests, platforms) is decided in `select` for all alike.

#[cfg(feature = "daemon")]
mod again;
mod archive;
mod beside;
#[cfg(feature = "daemon")]
mod engine;
pub(crate) mod files;
mod lanes;
mod layout;
mod named;
mod queue;
#[cfg(feature = "registry")]
mod remote;
mod select;
mod stream;
mod tee;
mod verify;
mod work;

pub use select::Listed;

use crate::access::Access;
use crate::cache::Cache;
use crate::error::{Error, Result};
use crate::image::{Image, Recipe, SourceKind, assemble};
use crate::layer::{Compression, ContentHash, Context, read_fully};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Platform};
use crate::progress::{Counted, Progress};
use crate::reference::{Place, Reference, Selector};
use archive::Archive;
use layout::Layout;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;
use stream::Scanned;
use work::Blobs;

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
    /// Layers that are downloaded from a registry at a time; 0 means 4.
    pub connections: usize,
    /// What is known of blobs by their digest, and where what is found is kept. Streams are read anyway.
    pub cache: Option<Arc<Cache>>,
    /// What contents are compared by.
    pub content_hash: ContentHash,
    /// Reads layers in a registry in full, although they have a table of contents.
    pub no_toc: bool,
}

/// An opened source.
pub struct Source {
    input: Input,
    /// As the reference demands.
    kind: Option<SourceKind>,
    image: Option<Selector>,
    text: String,
    /// Of a named image: who has it, and where.
    found: Option<(SourceKind, String)>,
    id: Option<Digest>,
}

enum Input {
    Archive(File),
    Layout(Layout),
    Stream(Box<dyn Read + Send>),
    #[cfg(feature = "daemon")]
    Engine(Arc<engine::Export>),
    #[cfg(feature = "registry")]
    Registry(remote::Remote),
}

/// What the blobs are looked up in, whatever the source.
enum Store {
    Archive(Archive),
    Layout(Layout),
    Scanned(Scanned),
    #[cfg(feature = "registry")]
    Registry(remote::Remote),
}

impl Source {
    /// Opens what `reference` names: [`Source::open_with`] without knowing of the outside.
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
        Self::open_with(reference, &Access::default())
    }

    /// Opens what `reference` names. A name is asked of engines and registries as `access` says.
    pub fn open_with(reference: &Reference, access: &Access) -> Result<Self> {
        if let Place::As(kind, path) = &reference.place {
            is_of_form(*kind, path)?;
        }
        let (mut found, mut id) = (None, None);
        let input = match &reference.place {
            Place::Named(keeper, name) => {
                let named = named::find(*keeper, name, access)?;
                (found, id) = (Some((named.kind, named.place)), named.id);
                named.input
            }
            Place::Stdin => Input::Stream(Box::new(std::io::stdin())),
            Place::As(SourceKind::Dir, path) => Input::Layout(Layout::dir(path)),
            Place::As(SourceKind::OciLayout, path) => Input::Layout(Layout::open(path)?),
            Place::Path(path) if path.is_dir() => Input::Layout(Layout::open(path)?),
            Place::As(_, path) | Place::Path(path) => Self::sniff(path)?,
        };
        let kind = if let Place::As(kind, _) = &reference.place { Some(*kind) } else { None };
        Ok(Self { input, kind, image: reference.image.clone(), text: reference.text.clone(), found, id })
    }

    /// Of a named image: who has it, for people.
    pub fn place(&self) -> Option<&str> {
        self.found.as_ref().map(|(_, place)| place.as_str())
    }

    /// Of an image in Docker's or Podman's store: the engine's own name for it, which is the digest of its
    /// configuration, or of its manifest where the store is containerd's.
    pub fn id(&self) -> Option<&Digest> {
        self.id.as_ref()
    }

    /// Reads an archive, compressed as a whole or not, from any stream; `name` names it in reports.
    pub fn stream(reader: impl Read + Send + 'static, name: &str) -> Self {
        Self { input: Input::Stream(Box::new(reader)), kind: None, image: None, text: name.to_owned(), found: None, id: None }
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
        let store = self.input.store(&self.text, options, &context, progress)?;
        Ok(images(&store, self.kind, &self.text, &options.limits)?.listed())
    }

    /// Reads one image.
    pub fn read(self, options: &Options, progress: &dyn Progress) -> Result<Image> {
        let context = Context::hashing(options.limits.clone(), options.content_hash);
        let store = self.input.store(&self.text, options, &context, progress)?;
        let selector = options.image.as_ref().or(self.image.as_ref());
        let images = images(&store, self.kind, &self.text, &options.limits)?;
        let mut recipe = images.choose(&store, selector, options.platform.as_ref(), &options.limits)?;
        if let Some((kind, _)) = self.found {
            recipe.kind = kind;
        }
        let mut context = store.comparing(&recipe, options, context);
        let blobs = if let Store::Scanned(scanned) = store {
            scanned.take(&recipe)
        } else {
            let mut blobs = store.scan(&recipe, options, &context, progress)?;
            // Which layer met the limit, where several are scanned at a time, is another one in every run.
            if context.is_spent() && options.threads != 1 {
                drop(blobs);
                context = Context::hashing(options.limits.clone(), context.content_hash);
                let in_turn = Options { threads: 1, connections: 1, ..options.clone() };
                blobs = store.scan(&recipe, &in_turn, &context, progress)?;
            }
            blobs
        };
        let layers = verify::check(&recipe, blobs, options.verify)?;
        if let Some(cache) = &options.cache {
            cache.fill(layers.fresh(), &context);
        }
        assemble(recipe, layers, self.text, &context)
    }

    /// The diff ids of one image's layers, without reading the layers where the source allows it.
    pub fn diff_ids(self, options: &Options, progress: &dyn Progress) -> Result<Vec<crate::oci::DiffId>> {
        let context = Context::hashing(options.limits.clone(), options.content_hash);
        let store = self.input.store(&self.text, options, &context, progress)?;
        let selector = options.image.as_ref().or(self.image.as_ref());
        let recipe =
            images(&store, self.kind, &self.text, &options.limits)?.choose(&store, selector, options.platform.as_ref(), &options.limits)?;
        Ok(recipe.layers.into_iter().filter_map(|layer| layer.diff_id).collect())
    }

    /// The platforms that the image is there for, where the source says so; none for an image that
    /// stands alone.
    pub fn platforms(self, options: &Options, progress: &dyn Progress) -> Result<Vec<Platform>> {
        let context = Context::new(options.limits.clone());
        if let Input::Stream(_) = self.input {
            return Err(Error::Usage("each platform is read in a pass of its own, and a pipe or an archive compressed as a whole can be read only once: save it to a plain file first".into()));
        }
        let store = self.input.store(&self.text, options, &context, progress)?;
        let selector = options.image.as_ref().or(self.image.as_ref());
        images(&store, self.kind, &self.text, &options.limits)?.platforms(selector)
    }

    /// What pulling the image costs, by its manifests alone: for one platform, or with `all` for each
    /// that there is.
    pub fn outlines(self, options: &Options, all: bool, progress: &dyn Progress) -> Result<Vec<crate::pull::Outline>> {
        let context = Context::new(options.limits.clone());
        let store = self.input.store(&self.text, options, &context, progress)?;
        let selector = options.image.as_ref().or(self.image.as_ref());
        let platforms = if all { select::Platforms::All } else { select::Platforms::One(options.platform.clone()) };
        images(&store, self.kind, &self.text, &options.limits)?.outlines(&store, &self.text, selector, &platforms, &options.limits)
    }

    /// Reads the image, and gives what reads its files' contents in a second pass, for [`crate::extract`]. Fails for what
    /// can be read only once: a pipe, or an archive compressed as a whole.
    pub fn contents(self, options: &Options, progress: &dyn Progress) -> Result<(Image, Contents)> {
        let contents = self.second_pass(options)?;
        Ok((self.read(options, progress)?, contents))
    }

    /// The same where it can be: of a source that is read only once it is told why contents are not to be had.
    pub fn contents_if_any(self, options: &Options, progress: &dyn Progress) -> Result<(Image, Result<Contents>)> {
        let contents = self.second_pass(options);
        Ok((self.read(options, progress)?, contents))
    }

    fn second_pass(&self, options: &Options) -> Result<Contents> {
        let store = match &self.input {
            Input::Stream(_) => {
                return Err(Error::Usage("contents are read in a second pass, which a pipe or an archive compressed as a whole does not allow: save the archive to a plain file first (`docker save IMAGE -o image.tar`)".into()));
            }
            Input::Archive(file) => {
                let file = file.try_clone().map_err(Error::io("opening the archive again"))?;
                Store::Archive(Archive::index(file, &options.limits).map_err(|error| archive::named(error, shown(&self.text)))?)
            }
            Input::Layout(layout) => Store::Layout(layout.clone()),
            #[cfg(feature = "registry")]
            Input::Registry(remote) => Store::Registry(remote.clone()),
            #[cfg(feature = "daemon")]
            Input::Engine(export) => {
                let again = again::Again { export: Arc::clone(export), platform: options.platform.clone() };
                return Ok(Contents { from: Reread::Engine(again), limits: options.limits.clone() });
            }
        };
        Ok(Contents { from: Reread::Store(store), limits: options.limits.clone() })
    }
}

/// Whether a path is a file or a directory as the kind of source that it is said to be.
fn is_of_form(kind: SourceKind, path: &Path) -> Result<()> {
    let is_directory = matches!(kind, SourceKind::OciLayout | SourceKind::Dir);
    let what = if is_directory && path.is_file() {
        "expected a directory, found a file: an archive is named `oci-archive:PATH` or `docker-archive:PATH`, or by its path alone"
    } else if !is_directory && path.is_dir() {
        "expected an archive, found a directory: a layout is named `oci:PATH`, or by its path alone"
    } else {
        return Ok(());
    };
    Err(Error::malformed(path.display(), what))
}

/// What was typed for an archive, for people.
fn shown(text: &str) -> &str {
    if text == "-" { "standard input" } else { text }
}

/// The images in a source; `text` is what was typed for it.
fn images(store: &Store, kind: Option<SourceKind>, text: &str, limits: &Limits) -> Result<select::Images> {
    select::images(store, kind, limits).map_err(|error| archive::named(error, shown(text)))
}

impl Input {
    /// `text` is what was typed for it.
    fn store(self, text: &str, options: &Options, context: &Context, progress: &dyn Progress) -> Result<Store> {
        let named = |error| archive::named(error, shown(text));
        Ok(match self {
            Self::Archive(file) => Store::Archive(Archive::index(file, &options.limits).map_err(named)?),
            Self::Layout(layout) => Store::Layout(layout),
            Self::Stream(reader) => Store::Scanned(stream::scan(reader, options, context, progress).map_err(named)?),
            #[cfg(feature = "daemon")]
            Self::Engine(export) => Store::Scanned(stream::scan(export.start(options.platform.as_ref())?, options, context, progress)?),
            #[cfg(feature = "registry")]
            Self::Registry(remote) => Store::Registry(remote),
        })
    }
}

/// A source that can be read again.
pub struct Contents {
    from: Reread,
    limits: Limits,
}

enum Reread {
    Store(Store),
    #[cfg(feature = "daemon")]
    Engine(again::Again),
}

impl Contents {
    /// Gives the stored bytes of layers' blobs, each with its number among `paths`; an engine's in the order in which it
    /// sends them.
    pub(crate) fn blobs(
        &self,
        paths: &[&str],
        progress: &dyn Progress,
        give: &mut dyn FnMut(usize, &mut dyn Read) -> Result<()>,
    ) -> Result<()> {
        match &self.from {
            Reread::Store(store) => {
                let mut one = |(number, path): (usize, &&str)| give(number, &mut Counted::new(store.blob(path)?, progress));
                paths.iter().enumerate().try_for_each(&mut one)
            }
            #[cfg(feature = "daemon")]
            Reread::Engine(again) => again.blobs(paths, &self.context(), progress, give),
        }
    }

    pub(crate) fn context(&self) -> Context {
        Context::new(self.limits.clone())
    }
}

impl Store {
    /// The stored bytes of a layer's blob.
    fn blob(&self, path: &str) -> Result<Box<dyn Read + Send>> {
        let section = match self {
            Self::Archive(archive) => files::Blobs::open(archive, path)?,
            Self::Layout(layout) => files::Blobs::open(layout, path)?,
            Self::Scanned(_) => None,
            #[cfg(feature = "registry")]
            Self::Registry(remote) => return remote.blob(path),
        };
        let section = section.ok_or_else(|| Error::NotFound(format!("`{path}` is not in the source any more")))?;
        Ok(Box::new(section))
    }

    fn kind(&self) -> SourceKind {
        match self {
            Self::Layout(layout) => layout.kind(),
            Self::Archive(_) | Self::Scanned(_) if self.size("manifest.json").is_some() || self.size("index.json").is_none() => {
                SourceKind::DockerArchive
            }
            Self::Archive(_) | Self::Scanned(_) => SourceKind::OciArchive,
            #[cfg(feature = "registry")]
            Self::Registry(_) => SourceKind::Registry,
        }
    }

    /// Size of the file at `path`; `None` where there is none.
    fn size(&self, path: &str) -> Option<u64> {
        match self {
            Self::Archive(archive) => archive.size(path),
            Self::Layout(layout) => layout.size(path),
            Self::Scanned(scanned) => scanned.size(path),
            #[cfg(feature = "registry")]
            Self::Registry(_) => None,
        }
    }

    /// How the blob of a digest is stored, by its first bytes; none where it is not at hand.
    fn compression(&self, digest: &str) -> Result<Option<Compression>> {
        let path = Digest::parse(digest)?.blob_path();
        let section = match self {
            Self::Archive(archive) => files::Blobs::open(archive, &path)?,
            Self::Layout(layout) => files::Blobs::open(layout, &path)?,
            Self::Scanned(scanned) => return Ok(scanned.compression(&path)),
            #[cfg(feature = "registry")]
            Self::Registry(_) => None,
        };
        let Some(mut section) = section else { return Ok(None) };
        let mut start = [0; 4];
        read_fully(&mut section, &mut start)?;
        Ok(Some(Compression::sniff(&start)))
    }

    /// A small document; more than `limit` bytes are an error.
    fn document(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Archive(archive) => files::document(archive, path, limit),
            Self::Layout(layout) => files::document(layout, path, limit),
            Self::Scanned(scanned) => scanned.document(path, limit),
            #[cfg(feature = "registry")]
            Self::Registry(_) => Ok(None),
        }
    }

    /// Scans the layers, several at a time.
    fn scan(&self, recipe: &Recipe, options: &Options, context: &Context, progress: &dyn Progress) -> Result<Blobs> {
        match self {
            Self::Archive(archive) => work::scan(archive, recipe, options, context, progress),
            Self::Layout(layout) => work::scan(layout, recipe, options, context, progress),
            // Scanned as it came.
            Self::Scanned(_) => Ok(Blobs::default()),
            #[cfg(feature = "registry")]
            Self::Registry(remote) => remote::scan(remote, recipe, options, context, progress),
        }
    }

    /// The context in which the image's contents compare.
    #[cfg_attr(not(feature = "registry"), expect(clippy::unused_self, unused_variables, reason = "other stores are always scanned"))]
    fn comparing(&self, recipe: &Recipe, options: &Options, context: Context) -> Context {
        #[cfg(feature = "registry")]
        if matches!(self, Self::Registry(_)) && remote::by_toc(recipe, options, &context) {
            return Context::hashing(options.limits.clone(), ContentHash::Sha256);
        }
        context
    }

    /// A small document, by all that names it.
    fn described(&self, descriptor: &Descriptor, limit: u64) -> Result<Option<Vec<u8>>> {
        #[cfg(feature = "registry")]
        if let Self::Registry(remote) = self {
            return remote.described(descriptor, limit);
        }
        self.document(&Digest::parse(&descriptor.digest)?.blob_path(), limit)
    }
}
