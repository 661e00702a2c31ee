//! Names of images in registries: `registry.example.com/team/app:1.2@sha256:…`.
//!
//! The grammar is that of Docker's references and of the OCI distribution specification v1.1
//! ("Pulling manifests"), and it is strict: each part goes into a URL, so nothing that could end
//! a path segment or start a query comes through.

use crate::error::{Error, Result};
use crate::oci::Digest;
use std::fmt;
use std::net::Ipv6Addr;

/// The registry that a name without a host means.
pub const DOCKER_HUB: &str = "docker.io";
/// Where Docker Hub keeps what is named by one word: `python`.
const OFFICIAL: &str = "library/";
/// What is meant by a name with neither tag nor digest.
const LATEST: &str = "latest";
/// Bytes of host, slash and repository: the distribution specification's advice to clients.
const LONGEST: usize = 255;
/// Bytes of a tag, by the distribution specification.
const LONGEST_TAG: usize = 128;

/// An image in a registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// Host and port, where one is given, in lower case: `docker.io`, `localhost:5000`, `[::1]:5000`.
    pub host: String,
    /// The repository there: `library/python`.
    pub repository: String,
    /// The tag. Where there is a digest too, it only tells people what is meant.
    pub tag: Option<String>,
    /// The manifest's digest.
    pub digest: Option<Digest>,
}

impl Name {
    /// Parses a name as `docker pull` takes it. The first of several components is a host if it
    /// has a `.` or a `:` or is `localhost`; else the image is Docker Hub's. With neither tag nor
    /// digest the tag is `latest`.
    pub fn parse(text: &str) -> Result<Self> {
        parse(text).map_err(|why| Error::Usage(format!("image name `{}`: {why}", crate::text::escaped(text.as_bytes()))))
    }

    /// What a registry is asked for: the digest, or else the tag (`/v2/<name>/manifests/<reference>`).
    pub fn reference(&self) -> &str {
        self.digest.as_ref().map(Digest::as_str).or(self.tag.as_deref()).unwrap_or(LATEST)
    }

    /// The short form that people type: `python:3.12-slim`, `team/app:1`. It parses to the same name.
    pub fn familiar(&self) -> String {
        let canonical = self.to_string();
        let Some(short) = canonical.strip_prefix(DOCKER_HUB).and_then(|rest| rest.strip_prefix('/')) else {
            return canonical;
        };
        match short.strip_prefix(OFFICIAL) {
            Some(official) if !self.repository[OFFICIAL.len()..].contains('/') => official.to_owned(),
            // `docker.io/a.b/app` without its host would be an image of the host `a.b`.
            _ if short.split_once('/').is_some_and(|(first, _)| is_host(first)) => canonical,
            _ => short.to_owned(),
        }
    }
}

/// The whole name: `docker.io/library/python:3.12-slim`.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

/// Why a name is none, and what to change.
type Why = String;

fn parse(text: &str) -> Result<Name, Why> {
    if text.is_empty() {
        return Err("expected a name such as `python:3.12-slim`".into());
    }
    if let Some((scheme, _)) = text.split_once("://") {
        return Err(format!("expected a name, not an address; leave out `{}://`", scheme.escape_debug()));
    }
    // Docker keeps 64 hexadecimal digits for identifiers of images, which no registry knows.
    if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(format!("an identifier without a repository; expected `REPOSITORY@sha256:{text}`"));
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(Digest::parse(digest).map_err(|error| error.to_string())?)),
        None => (text, None),
    };
    let last = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (path, tag) = match rest[last..].find(':') {
        Some(colon) => (&rest[..last + colon], Some(checked_tag(&rest[last + colon + 1..])?)),
        None => (rest, None),
    };
    let tag = tag.or_else(|| digest.is_none().then(|| LATEST.to_owned()));
    let (host, repository) = host_and_repository(path)?;
    if host.len() + 1 + repository.len() > LONGEST {
        return Err(format!("host and repository are longer than {LONGEST} characters"));
    }
    Ok(Name { host, repository, tag, digest })
}

fn host_and_repository(path: &str) -> Result<(String, String), Why> {
    let (host, repository) = match path.split_once('/') {
        Some((first, repository)) if is_host(first) => (checked_host(first)?, repository),
        _ => (DOCKER_HUB.to_owned(), path),
    };
    for component in repository.split('/') {
        check_component(component)?;
    }
    let repository =
        if host == DOCKER_HUB && !repository.contains('/') { format!("{OFFICIAL}{repository}") } else { repository.to_owned() };
    Ok((host, repository))
}

fn is_host(component: &str) -> bool {
    component.contains(['.', ':']) || component.eq_ignore_ascii_case("localhost")
}

/// A host with its port in lower case, Docker Hub's old name as its new one.
fn checked_host(text: &str) -> Result<String, Why> {
    let (host, port) = match text.rfind(':') {
        Some(colon) if !text.ends_with(']') => (&text[..colon], Some(&text[colon + 1..])),
        _ => (text, None),
    };
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let known = match address {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.split('.').all(is_label),
    };
    if !known {
        let hint = if host.contains(':') { "; an IPv6 address stands in brackets: `[::1]:5000`" } else { "" };
        return Err(format!("`{}` is no host: expected letters, digits and hyphens between dots{hint}", host.escape_debug()));
    }
    if let Some(port) = port
        && (port.starts_with(['0', '+']) || port.parse::<u16>().is_err())
    {
        return Err(format!("`{}` is no port: expected 1 to 65535", port.escape_debug()));
    }
    let host = text.to_ascii_lowercase();
    Ok(if host == "index.docker.io" { DOCKER_HUB.to_owned() } else { host })
}

/// Letters, digits and inner hyphens (RFC 1123, section 2.1), 63 at most (RFC 1035, section 2.3.4).
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn check_component(component: &str) -> Result<(), Why> {
    let wrong = |why: &str| Err(format!("`{}` {why}", component.escape_debug()));
    if component.is_empty() {
        return Err("an empty part of the path; write single slashes, and none at the start or the end".into());
    }
    if component.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return wrong(&format!(
            "has upper-case letters, and repositories have none: write `{}`",
            component.to_ascii_lowercase().escape_debug()
        ));
    }
    if let Some(odd) = component.chars().find(|character| !matches!(character, 'a'..='z' | '0'..='9' | '.' | '_' | '-')) {
        return wrong(&format!("has `{}`: repositories have letters, digits, `.`, `_` and `-`", odd.escape_debug()));
    }
    let separators = component.split(|character: char| character.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let between = separators.clone().all(|part| matches!(part, "." | "_" | "__") || part.bytes().all(|byte| byte == b'-'));
    let inside = !component.starts_with(['.', '_', '-']) && !component.ends_with(['.', '_', '-']);
    if between && inside {
        return Ok(());
    }
    wrong(
        "is no part of a repository: one `.`, one or two `_`, or hyphens may stand between letters and digits, and none at the start or the end",
    )
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn checked_tag(tag: &str) -> Result<String, Why> {
    let wrong = |why: &str| Err(format!("tag `{}` {why}", tag.escape_debug()));
    if tag.is_empty() {
        return Err("an empty tag; leave out the colon, or write a tag after it".into());
    }
    if tag.len() > LONGEST_TAG {
        return wrong(&format!("is longer than {LONGEST_TAG} characters"));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if !tag.bytes().all(allowed) || tag.starts_with(['.', '-']) {
        return wrong("is none: expected letters, digits, `_`, `.` and `-`, and neither `.` nor `-` at the start");
    }
    Ok(tag.to_owned())
}

#[cfg(test)]
mod tests;
