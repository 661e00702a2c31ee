//! Names of images in registries, as people type them.

use crate::error::{Error, Result};
use crate::oci::Digest;
use std::fmt;

/// An image in a registry: `HOST/REPOSITORY[:TAG][@DIGEST]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The registry as people write it, with its port: `docker.io`, `localhost:5001`.
    pub host: String,
    /// The repository in it: `library/python`.
    pub repository: String,
    /// The tag, where one was typed or none and no digest was: then it is `latest`.
    pub tag: Option<String>,
    /// The digest; it wins over the tag.
    pub digest: Option<Digest>,
}

impl Name {
    /// Parses what people type.
    pub fn parse(text: &str) -> Result<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(Digest::parse(digest)?)),
            None => (text, None),
        };
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((rest, tag)) if !tag.contains('/') => (rest, Some(tag.to_owned())),
            _ => (rest, None),
        };
        let (host, repository) = match rest.split_once('/') {
            Some((host, repository)) if host.contains(['.', ':']) || host == "localhost" => (host, repository.to_owned()),
            Some(_) => ("docker.io", rest.to_owned()),
            None => ("docker.io", format!("library/{rest}")),
        };
        let known = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/');
        if repository.is_empty() || !repository.bytes().all(known) {
            return Err(Error::Usage(format!("`{}` is no name of an image in a registry", text.escape_debug())));
        }
        let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Ok(Self { host: host.to_owned(), repository, tag, digest })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}
