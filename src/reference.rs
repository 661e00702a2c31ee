//! What a user may type to name an image, and what it means.
//!
//! Transports are those of containers/image (`containers-transports(5)`): in `oci:` and
//! `oci-archive:` the path ends at the first colon, and `@N` chooses by index. syft's words
//! `oci-dir:` and `docker-archive:` are understood too. A bare argument is a path, or `-` for
//! standard input.

use crate::error::{Error, Result};
use crate::image::SourceKind;
use std::path::{Path, PathBuf};

/// An image and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where.
    pub place: Place,
    /// Which image there, where the reference says so.
    pub image: Option<Selector>,
    /// As typed.
    pub text: String,
}

/// Where an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An archive on standard input.
    Stdin,
    /// A file or directory; what it is, its content says.
    Path(PathBuf),
    /// A file or directory, to be read as this kind of source.
    As(SourceKind, PathBuf),
}

/// Chooses among several images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// By name: `app`, `app:1.2`, `registry.example.com/app:1.2`.
    Name(String),
    /// By its place in the source's list, from 0: `@0`.
    Index(usize),
}

impl Selector {
    /// Parses `NAME` or `@N`.
    pub fn parse(text: &str) -> Result<Self> {
        match text.strip_prefix('@') {
            Some(number) => number
                .parse()
                .map(Self::Index)
                .map_err(|_| Error::Usage(format!("image `{}`: expected a number after `@`, such as @0", text.escape_debug()))),
            None => Ok(Self::Name(text.to_owned())),
        }
    }
}

/// Transports of places that can be read.
const TRANSPORTS: [(&str, SourceKind); 5] = [
    ("docker-archive:", SourceKind::DockerArchive),
    ("oci-archive:", SourceKind::OciArchive),
    ("oci-dir:", SourceKind::OciLayout),
    ("oci:", SourceKind::OciLayout),
    ("dir:", SourceKind::Dir),
];

/// Words that name a place this version cannot reach.
const REMOTE: [&str; 9] =
    ["docker://", "docker-daemon:", "containers-storage:", "docker:", "podman:", "registry:", "containerd:", "http://", "https://"];

impl Reference {
    /// Parses `IMAGE` of the transport `kind`, as dive's `--source` has it.
    pub fn parse_as(kind: &str, image: &str) -> Result<Self> {
        let same = |word: &str| word.trim_end_matches([':', '/']) == kind;
        if !TRANSPORTS.iter().any(|(word, _)| same(word)) && !REMOTE.into_iter().any(same) {
            let words: Vec<_> = TRANSPORTS.iter().map(|(word, _)| word.trim_end_matches(':')).collect();
            return Err(Error::Usage(format!("source `{}`: expected one of {}", kind.escape_debug(), words.join(", "))));
        }
        Self::parse(&format!("{kind}:{image}"))
    }

    /// Parses a reference; looks whether a path exists, and no further.
    pub fn parse(text: &str) -> Result<Self> {
        let reference = |place, image| Ok(Self { place, image, text: text.to_owned() });
        if text == "-" {
            return reference(Place::Stdin, None);
        }
        for (transport, kind) in TRANSPORTS {
            if let Some(rest) = text.strip_prefix(transport) {
                let (path, image) = match rest.split_once(':') {
                    _ if kind == SourceKind::Dir => (rest, None),
                    Some((path, image)) if !image.is_empty() => (path, Some(Selector::parse(image)?)),
                    Some((path, _)) => (path, None),
                    None => (rest, None),
                };
                let place = if path == "-" { Place::Stdin } else { Place::As(kind, existing(path)?) };
                return reference(place, image);
            }
        }
        if Path::new(text).exists() {
            return reference(Place::Path(text.into()), None);
        }
        if let Some(word) = REMOTE.iter().find(|word| text.starts_with(**word)) {
            return Err(Error::Unsupported(format!(
                "`{}`: `{word}` names a registry or an engine, and this version reads archives, layouts and standard input; try `docker save IMAGE | plimsoll -`, or `skopeo copy docker://IMAGE oci:DIR` and `plimsoll DIR`",
                text.escape_debug()
            )));
        }
        existing(text).and_then(|path| reference(Place::Path(path), None))
    }
}

fn existing(path: &str) -> Result<PathBuf> {
    if Path::new(path).exists() {
        return Ok(path.into());
    }
    Err(Error::NotFound(format!(
        "`{}`: no such file or directory; an image is named by an archive, an OCI layout directory, a saved analysis or `-` for standard input (`docker save IMAGE | plimsoll -`)",
        path.escape_debug()
    )))
}

/// Whether two image names mean the same: `app`, `app:latest` and `docker.io/library/app:latest`.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a == b || canonical(a) == canonical(b)
}

fn canonical(name: &str) -> String {
    let mut name = name;
    for prefix in ["docker.io/", "index.docker.io/", "localhost/", "library/"] {
        name = name.strip_prefix(prefix).unwrap_or(name);
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') || name.contains('@') { name.to_owned() } else { format!("{name}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_as_docker_compares_them() {
        assert!(same_name("app", "docker.io/library/app:latest"));
        assert!(same_name("localhost/app:1", "app:1"));
        assert!(!same_name("app:1", "app:2"));
        assert!(same_name("localhost:5000/app", "localhost:5000/app:latest"));
    }

    #[test]
    fn remote_places_say_what_to_do_instead() {
        let error = Reference::parse("docker://alpine:3").expect_err("a registry").to_string();
        assert!(error.contains("docker save"), "{error}");
    }
}
