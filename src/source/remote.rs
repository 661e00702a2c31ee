//! An image in a registry: layers are scanned while they are downloaded, several at a time.

use super::work::{Blob, Blobs};
use super::{Options, Verify, beside, files};
use crate::access::Access;
use crate::error::{Error, Result};
use crate::image::{Recipe, Wanted};
use crate::layer::{ContentHash, Context, Hasher, read_fully};
use crate::limits::Limits;
use crate::oci::{Algorithm, Descriptor, DiffId, Digest};
use crate::parallel::{joined, lock};
use crate::progress::{Counted, Progress};
use crate::registry::{self, Client, Credentials, Name, Repository, Which};
use crate::toc::{self, Announced};
use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Layers downloaded at a time, unless told otherwise; what docker and podman take.
const CONNECTIONS: usize = 4;

/// An image's repository, and which image in it.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) name: Name,
    repository: Repository,
    /// Small documents that were read, by digest: listing and choosing want the same ones.
    known: Arc<Mutex<HashMap<Digest, Vec<u8>>>>,
    /// What the name means, once that was asked.
    root: Arc<Mutex<Option<Digest>>>,
}

impl Remote {
    /// Knows where to ask; asks nothing yet.
    pub(super) fn open(name: Name, access: &Access) -> Result<Self> {
        let credentials = Credentials::from_environment(&access.environment, access.authfile.as_deref())?;
        let options = registry::Options {
            insecure: access.insecure.clone(),
            ca_certificates: access.ca_certificates.clone(),
            mirrors: access.mirrors.clone(),
            allowed_realms: access.allowed_realms.clone(),
            ..registry::Options::default()
        };
        let repository = Client::new(options, credentials)?.repository(&name)?;
        Ok(Self { repository, name, known: Arc::default(), root: Arc::default() })
    }

    /// The manifest or index that the name means, and its digest.
    pub(super) fn root(&self, limits: &Limits) -> Result<(Vec<u8>, Digest)> {
        let asked = lock(&self.root).clone();
        if let Some((bytes, digest)) = asked.and_then(|digest| Some((lock(&self.known).get(&digest)?.clone(), digest))) {
            return Ok((bytes, digest));
        }
        let document = self.repository.manifest(&Which::of(&self.name), limits.document)?;
        lock(&self.known).insert(document.digest.clone(), document.bytes.clone());
        *lock(&self.root) = Some(document.digest.clone());
        Ok((document.bytes, document.digest))
    }

    /// A manifest, index, configuration or other small blob; `None` where the registry has none.
    pub(super) fn described(&self, descriptor: &Descriptor, limit: u64) -> Result<Option<Vec<u8>>> {
        let digest = Digest::parse(&descriptor.digest)?;
        if let Some(bytes) = lock(&self.known).get(&digest) {
            return Ok(Some(bytes.clone()));
        }
        if let Some(size) = descriptor.size.filter(|size| *size > limit) {
            return Err(files::too_large(&descriptor.digest, size, limit));
        }
        let read = if descriptor.is_manifest() {
            self.repository.manifest(&Which::Digest(digest.clone()), limit).map(|document| document.bytes)
        } else {
            self.repository.small_blob(&digest, limit)
        };
        let bytes = match read {
            Err(Error::NotFound(_)) => return Ok(None),
            read => read?,
        };
        lock(&self.known).insert(digest, bytes.clone());
        Ok(Some(bytes))
    }

    /// The stored bytes of a layer, read again; a digest that is not theirs is an error at the end.
    pub(super) fn blob(&self, path: &str) -> Result<Box<dyn Read + Send>> {
        let digest = Digest::from_blob_path(path).ok_or_else(|| Error::NotFound(format!("`{}` is no blob", path.escape_debug())))?;
        Ok(Box::new(self.repository.blob(&digest, None)?))
    }
}

/// Scans each layer that `recipe` names while it is downloaded, largest first.
pub(super) fn scan(remote: &Remote, recipe: &Recipe, options: &Options, context: &Context, progress: &dyn Progress) -> Result<Blobs> {
    let mut blobs = Blobs::default();
    let mut jobs = Vec::new();
    for wanted in &recipe.layers {
        // Foreign layers are elsewhere, and never fetched.
        let path = wanted.urls.is_empty().then(|| wanted.path.clone());
        let number = blobs.read.len();
        blobs.add(path, |_| {
            let digest = wanted.digest.as_ref()?;
            jobs.push(Job { blob: number, wanted, digest });
            Some(Blob { size: wanted.size.unwrap_or(0), digest: None, scan: Err(Error::Cancelled), fresh: false })
        });
    }
    progress.total(blobs.read.iter().map(|blob| blob.size).sum());
    // The queue is taken from its end.
    jobs.sort_by_key(|job| job.wanted.size);
    let workers = if options.connections == 0 { CONNECTIONS } else { options.connections }.min(jobs.len());
    let queue = Mutex::new(jobs);
    let done = Mutex::new(Vec::new());
    let stop = AtomicBool::new(false);
    let work = || {
        loop {
            let Some(job) = lock(&queue).pop() else { return Ok(()) };
            let result = job.run(remote, options, context, progress, &stop);
            if result.is_err() {
                // What is lost is lost: nobody waits for the other layers any more.
                stop.store(true, Ordering::Relaxed);
                lock(&queue).clear();
            }
            lock(&done).push((job.blob, result?));
        }
    };
    std::thread::scope(|scope| {
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
        let threads: Vec<_> = (1..workers).map_while(start).collect();
        let mut results = vec![work()];
        results.extend(threads.into_iter().map(|thread| joined(thread.join())));
        // That others were stopped is not the reason.
        results.sort_by_key(|result| matches!(result, Err(Error::Cancelled)));
        results.into_iter().find(Result::is_err).unwrap_or(Ok(()))
    })?;
    let mut absent = Vec::new();
    for (number, blob) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
        match blob {
            Some(blob) => blobs.read[number] = blob,
            None => absent.push(number),
        }
    }
    blobs.lose(&absent);
    Ok(blobs)
}

/// Whether layers of the image are to be read by their own tables of contents. Contents compare
/// by SHA-256 then, as the tables have it. What is known in full already is better.
pub(super) fn by_toc(recipe: &Recipe, options: &Options, context: &Context) -> bool {
    let known = |wanted: &Wanted| {
        let (Some(cache), Some(digest)) = (&options.cache, &wanted.digest) else { return false };
        cache.get(digest, wanted.size, None, &Context::new(context.limits.clone())).is_some()
    };
    if options.no_toc || options.verify == Verify::All {
        return false;
    }
    let mut listed = recipe.layers.iter().filter(|wanted| announced(wanted) != Announced::Nothing).peekable();
    listed.peek().is_some() && !listed.all(known)
}

fn announced(wanted: &Wanted) -> Announced {
    wanted.size.map_or(Announced::Nothing, |size| toc::from_annotations(&wanted.media_type, &wanted.annotations, size))
}

/// One blob to download.
struct Job<'r> {
    blob: usize,
    wanted: &'r Wanted,
    digest: &'r Digest,
}

impl Job<'_> {
    /// `None` where the registry does not have it.
    fn run(
        &self,
        remote: &Remote,
        options: &Options,
        context: &Context,
        progress: &dyn Progress,
        stop: &AtomicBool,
    ) -> Result<Option<Blob>> {
        let diff = (options.verify == Verify::All).then(|| self.wanted.diff_id.as_ref().map(DiffId::algorithm)).flatten();
        if let Some(cache) = &options.cache
            && let Some(known) = cache.get(self.digest, self.wanted.size, diff, context)
        {
            if progress.advance(known.blob_bytes).is_break() {
                return Err(Error::Cancelled);
            }
            // What was verified when it was kept.
            return Ok(Some(Blob { size: known.blob_bytes, digest: Some(self.digest.clone()), scan: Ok(known), fresh: false }));
        }
        if context.content_hash == ContentHash::Sha256
            && let Some(blob) = self.listed(remote, options, context, progress)?
        {
            return Ok(Some(blob));
        }
        let place = || format!("layer `{}`", self.digest);
        let reader = match remote.repository.blob(self.digest, self.wanted.size) {
            Err(Error::NotFound(_)) => return Ok(None),
            reader => reader.map_err(|error| error.within(&place()))?,
        };
        let mut reader = Counted::new(reader, progress);
        let mut size = 0;
        let mut more = |out: &mut [u8]| {
            if stop.load(Ordering::Relaxed) {
                return Err(Error::Cancelled);
            }
            let count = read_fully(&mut reader, out)?;
            size += count as u64;
            progress.blob(self.digest.as_str(), size, self.wanted.size.unwrap_or(size));
            Ok(count)
        };
        let mut first = vec![0; beside::CHUNK];
        let count = more(&mut first)?;
        first.truncate(count);
        let stored = (options.verify != Verify::None).then(|| self.digest.algorithm());
        let (scan, digest) = beside::scan(first, more, beside::Hashes { stored, diff }, context)?;
        let fresh = digest.is_some();
        Ok(Some(Blob { size, digest, scan, fresh }))
    }
}

impl Job<'_> {
    /// By the blob's own table of contents, if it has one that holds and the registry gives parts.
    fn listed(&self, remote: &Remote, options: &Options, context: &Context, progress: &dyn Progress) -> Result<Option<Blob>> {
        let Some(size) = self.wanted.size else { return Ok(None) };
        let fetch = |range: Range<u64>| remote.repository.part(self.digest, range.start, range.end - range.start);
        let announced = announced(self.wanted);
        if announced == Announced::Nothing {
            return Ok(None);
        }
        let name = name_of(self.digest, &announced);
        let done = |changeset| {
            if progress.advance(size).is_break() {
                return Err(Error::Cancelled);
            }
            Ok(Some(Blob { size, digest: None, scan: Ok(changeset), fresh: false }))
        };
        if let Some(known) = options.cache.as_ref().and_then(|cache| cache.get_listed(&name, context)) {
            return done(known);
        }
        let (location, tail) = match announced {
            Announced::At(location) => (location, None),
            Announced::Footer(expected) => {
                let Some(tail) = fetch(toc::tail(size))? else { return Ok(None) };
                let Some(location) = expected.locate(&tail, size) else { return Ok(None) };
                (location, Some(tail))
            }
            Announced::Nothing => return Ok(None),
        };
        if location.check(&context.limits).is_err() {
            return Ok(None);
        }
        let near = tail.as_deref().and_then(|tail| location.within(tail)).map(<[u8]>::to_vec);
        let Some(bytes) = near.map_or_else(|| fetch(location.range()), |bytes| Ok(Some(bytes)))? else { return Ok(None) };
        // A table that lies is no table: the layer is read in full.
        let Ok(mut changeset) = toc::read_within(&location, &bytes, context) else { return Ok(None) };
        if let Some(cache) = &options.cache {
            cache.put_listed(&name, &mut changeset, context);
        }
        done(changeset)
    }
}

/// Names what a table of contents says of a blob, with all that ties it to the manifest.
fn name_of(digest: &Digest, announced: &Announced) -> Digest {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(format!("{digest} {announced:?}").as_bytes());
    hasher.finish()
}
