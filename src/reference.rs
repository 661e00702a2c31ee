//! What a user may type to name an image, and what it means.
//!
//! Transports are those of containers/image (`containers-transports(5)`): in `oci:` and
//! `oci-archive:` the path ends at the first colon, and `@N` chooses by index. syft's words
//! (`oci-dir:`, `docker:`, `podman:`, `registry:`, `containerd:`) are understood too. Where the two
//! disagree with dive, skopeo is followed: `docker://` is a registry. A bare argument is `-` for
//! standard input, a path if there is something, and a name otherwise.

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
    /// A name, and who is asked for it.
    Named(Keeper, String),
}

/// Who may have an image of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// Docker, Podman, then the registry: the first that has it.
    Any,
    /// The Docker engine.
    Docker,
    /// Podman.
    Podman,
    /// containerd, through its command-line tools.
    Containerd,
    /// The registry that the name says.
    Registry,
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

/// Words before a name.
const KEEPERS: [(&str, Keeper); 8] = [
    ("docker://", Keeper::Registry),
    ("docker-daemon:", Keeper::Docker),
    ("docker:", Keeper::Docker),
    ("podman:", Keeper::Podman),
    ("containers-storage:", Keeper::Podman),
    ("containerd:", Keeper::Containerd),
    ("registry://", Keeper::Registry),
    ("registry:", Keeper::Registry),
];

impl Reference {
    /// Parses `IMAGE` of the transport `kind`, as dive's `--source` has it.
    pub fn parse_as(kind: &str, image: &str) -> Result<Self> {
        let words: Vec<_> = TRANSPORTS.iter().map(|(word, _)| *word).chain(KEEPERS.map(|(word, _)| word)).collect();
        let words: Vec<_> = words.iter().filter_map(|word| word.strip_suffix(':')).collect();
        if !words.contains(&kind) {
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
        for (word, keeper) in KEEPERS {
            if let Some(name) = text.strip_prefix(word) {
                return reference(Place::Named(keeper, name.to_owned()), None);
            }
        }
        if let Some(name) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
            let name = name.escape_debug();
            return Err(Error::Usage(format!(
                "`{}`: an image in a registry is named without a scheme: `{name}`, or `docker://{name}`",
                text.escape_debug()
            )));
        }
        if looks_like_path(text) {
            return existing(text).and_then(|path| reference(Place::Path(path), None));
        }
        reference(Place::Named(Keeper::Any, text.to_owned()), None)
    }
}

/// Whether a text that names nothing on disk was meant to: nobody wants a typing error in a file's
/// name looked up in a registry.
fn looks_like_path(text: &str) -> bool {
    text.is_empty() || text.starts_with(['.', '/', '~']) || text.contains('\\') || is_archive_name(text)
}

fn is_archive_name(text: &str) -> bool {
    const ENDINGS: [&str; 9] = [".tar", ".tgz", ".gz", ".zst", ".xz", ".bz2", ".txz", ".plimsoll", ".oci"];
    ENDINGS.iter().any(|ending| text.ends_with(ending))
}

fn existing(path: &str) -> Result<PathBuf> {
    if Path::new(path).exists() {
        return Ok(path.into());
    }
    let remedy = within(path).unwrap_or_else(|| {
        "an image is named by an archive, an OCI layout directory, a saved analysis, `-` for standard input (`docker save IMAGE | plimsoll -`) or its name in a registry or engine".into()
    });
    Err(Error::NotFound(format!("`{}`: no such file or directory; {remedy}", path.escape_debug())))
}

/// How an image inside a layout or an archive is named, where a text that names nothing begins with the path of one.
pub(crate) fn within(text: &str) -> Option<String> {
    let parts = || text.match_indices(':').map(|(at, _)| (&text[..at], &text[at + 1..])).filter(|(_, image)| !image.is_empty());
    // Folders and programs are called like images, too.
    let is_layout = |path: &str| ["oci-layout", "index.json"].iter().any(|name| Path::new(path).join(name).is_file());
    let is_archive = |path: &str| is_archive_name(path) && Path::new(path).is_file();
    let (path, image) = parts().find(|(path, _)| is_layout(path) || is_archive(path))?;
    let (shown, image) = (path.escape_debug(), image.escape_debug());
    let meant = if is_layout(path) { format!("oci:{shown}:{image}") } else { format!("{shown} --image {image}") };
    Some(format!("if the image `{image}` in `{shown}` is meant: `{meant}`"))
}

/// A reference without the word that says who is asked for it.
pub(crate) fn bare(text: &str) -> &str {
    KEEPERS.iter().find_map(|(word, _)| text.strip_prefix(word)).unwrap_or(text)
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
    fn what_is_no_path_is_a_name() {
        let place = |text: &str| Reference::parse(text).map(|reference| reference.place);
        let named = |keeper, name: &str| Some(Place::Named(keeper, name.to_owned()));
        assert_eq!(place("docker://alpine:3").ok(), named(Keeper::Registry, "alpine:3"));
        assert_eq!(place("docker:app").ok(), named(Keeper::Docker, "app"));
        assert_eq!(place("podman:localhost/app:1").ok(), named(Keeper::Podman, "localhost/app:1"));
        assert_eq!(place("python:3.12-slim").ok(), named(Keeper::Any, "python:3.12-slim"));
        assert_eq!(place("registry.example.com:5000/team/app").ok(), named(Keeper::Any, "registry.example.com:5000/team/app"));
        assert_eq!(place("Cargo.toml").ok(), Some(Place::Path("Cargo.toml".into())));
        for path in ["./app", "app.tar", "/srv/app", "", "c:\\app"] {
            assert!(matches!(place(path), Err(Error::NotFound(_))), "{path}");
        }
        let error = place("https://registry.example.com/app:1").expect_err("no scheme").to_string();
        assert!(error.contains("docker://registry.example.com/app:1"), "{error}");
    }
}
