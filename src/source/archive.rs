//! A tar archive in a file: its members are looked up and read in place.

use super::files::{Blobs, Section, read_at};
use crate::error::{Error, Result};
use crate::layer::tar::{Member, Stream, Walker};
use crate::limits::Limits;
use crate::text::escaped;
use std::collections::HashMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is at a path of an archive.
pub(super) enum Item<T> {
    /// A file.
    File(T),
    /// A link, to a path of the same archive.
    Link(String),
}

/// Members by name; a name that comes twice means its last member, as in extraction.
pub(super) struct Names<T>(HashMap<String, Item<T>>);

impl<T> Names<T> {
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    pub(super) fn insert(&mut self, name: String, item: Item<T>) {
        self.0.insert(name, item);
    }

    /// Follows one link, as containers/image does; never outside the archive.
    pub(super) fn resolve<'n>(&'n self, path: &'n str) -> Option<(&'n str, &'n T)> {
        match self.0.get(path)? {
            Item::File(file) => Some((path, file)),
            Item::Link(target) => match self.0.get(target)? {
                Item::File(file) => Some((target, file)),
                Item::Link(_) => None,
            },
        }
    }

    pub(super) fn remove(&mut self, path: &str) -> Option<T> {
        match self.0.remove(path)? {
            Item::File(file) => Some(file),
            Item::Link(_) => None,
        }
    }

    /// Enters a link member; any other kind is not entered.
    pub(super) fn link(&mut self, member: &Member, name: &str) {
        let target = match member.typeflag {
            b'1' => normal(&member.link, ""),
            b'2' => normal(&member.link, name.rsplit_once('/').map_or("", |(directory, _)| directory)),
            _ => return,
        };
        self.insert(name.to_owned(), Item::Link(target));
    }
}

/// A member's name below the archive's root.
pub(super) fn normal(name: &[u8], directory: &str) -> String {
    let name = String::from_utf8_lossy(name);
    let mut parts: Vec<&str> =
        if name.starts_with('/') { Vec::new() } else { directory.split('/').filter(|part| !part.is_empty()).collect() };
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What an input is called where its name is not known.
pub(super) const UNNAMED: &str = "input";

/// An error of an archive, with its name.
pub(super) fn named(mut error: Error, name: &str) -> Error {
    if let Error::Malformed { place, .. } | Error::Limit { place, .. } = &mut error
        && let Some(rest) = place.strip_prefix(UNNAMED).filter(|rest| rest.is_empty() || rest.starts_with(':'))
    {
        *place = format!("{}{rest}", escaped(name.as_bytes()));
    }
    error
}

/// What stands at the start of a file says whether it is an archive at all.
fn unreadable(error: Error, first: bool) -> Error {
    match error {
        Error::Malformed { place, .. } if first && place.ends_with("header") => Error::malformed(
            UNNAMED,
            "expected an image archive (a tar as `docker save` writes it, plain or compressed with gzip, zstd, xz or bzip2), found something else",
        ),
        error => error.within(&UNNAMED),
    }
}

/// Walks an archive's members, each with its name below the root, until it ends or `each` breaks off.
pub(super) fn walk<'l, S: Stream>(
    mut walker: Walker<'l, S>,
    limits: &Limits,
    mut each: impl FnMut(&mut Walker<'l, S>, &Member, String) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut member = Member::default();
    let mut bytes = 0;
    while walker.next(&mut member).map_err(|error| unreadable(error, bytes == 0))? {
        bytes += member.path.len() as u64 + member.link.len() as u64 + 64;
        if bytes > limits.names {
            let what = "the length of all member names".into();
            return Err(Error::Limit { place: UNNAMED.into(), what, limit: "names", max: limits.names });
        }
        let name = normal(&member.path, "");
        if member.logical.is_some() {
            // What is missing of its body is no byte of the archive that could be given.
            let what = format!(
                "archive member `{}` is stored without its holes: pack the archive again without `--sparse`",
                escaped(name.as_bytes())
            );
            return Err(Error::Unsupported(what));
        }
        if each(&mut walker, &member, name).map_err(|error| error.within(&UNNAMED))?.is_break() {
            break;
        }
    }
    Ok(())
}

pub(super) struct Archive {
    file: Arc<File>,
    names: Names<(u64, u64)>,
}

impl Archive {
    /// Reads the headers and passes over the bodies.
    pub(super) fn index(file: File, limits: &Limits) -> Result<Self> {
        let length = file.metadata().map_err(Error::io("reading the archive's size"))?.len();
        let mut names = Names::new();
        walk(Walker::new(Seeking { file: &file, at: 0, length }, limits), limits, |walker, member, name| {
            if member.is_file() {
                names.insert(name, Item::File((walker.stream().at, member.size)));
            } else {
                names.link(member, &name);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Self { file: Arc::new(file), names })
    }

    pub(super) fn size(&self, path: &str) -> Option<u64> {
        self.names.resolve(path).map(|(_, (_, length))| *length)
    }
}

impl Blobs for Archive {
    fn open(&self, path: &str) -> Result<Option<Section>> {
        let section = |(offset, length): &(u64, u64)| Section { file: Arc::clone(&self.file), offset: *offset, length: *length };
        Ok(self.names.resolve(path).map(|(_, place)| section(place)))
    }

    fn canonical(&self, path: &str) -> String {
        self.names.resolve(path).map_or(path, |(path, _)| path).to_owned()
    }
}

/// A file whose bodies are not read but stepped over.
struct Seeking<'f> {
    file: &'f File,
    at: u64,
    length: u64,
}

impl Stream for Seeking<'_> {
    fn read_full(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            match read_at(self.file, &mut out[filled..], self.at) {
                Ok(0) => break,
                Ok(count) => {
                    filled += count;
                    self.at += count as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io("reading the archive")(error)),
            }
        }
        Ok(filled)
    }

    fn position(&self) -> u64 {
        self.at
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        let count = count.min(self.length.saturating_sub(self.at));
        self.at += count;
        Ok(count)
    }
}
