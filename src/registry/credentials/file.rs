//! One file of credentials, and which of its entries an image means.

use super::{Credential, unusable};
use crate::error::{Error, Result};
use crate::registry::Name;
use crate::registry::name::DOCKER_HUB;
use crate::text::escaped;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

/// Bytes of one file: thousands of logins.
const LONGEST: u64 = 1 << 20;

/// The name that Docker keeps Docker Hub's credentials under: the address of its first index.
pub(super) const DOCKER_HUB_ADDRESS: &str = "https://index.docker.io/v1/";

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `auths`, `credHelpers` and `credsStore`.
    Sections,
    /// The entries alone: `.dockercfg`.
    Flat,
}

/// One file's or variable's credentials.
pub(super) struct Source {
    /// What messages call it.
    pub(super) place: String,
    sections: Sections,
}

/// What to try for an image, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The entry has it.
    Stored(Credential),
    /// A helper may have it.
    Ask {
        /// The NAME of `docker-credential-NAME`.
        helper: String,
        /// What the credential is kept under.
        address: String,
        /// Whether the file speaks of this registry, so that the helper is meant to know.
        expected: bool,
    },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sections {
    auths: Option<BTreeMap<String, Entry>>,
    #[serde(rename = "credHelpers")]
    helpers: Option<BTreeMap<String, String>>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    #[serde(rename = "identitytoken")]
    identity: Option<String>,
    #[serde(rename = "registrytoken")]
    registry: Option<String>,
}

impl Source {
    /// The file that the user named.
    pub(super) fn named(path: &Path) -> Result<Self> {
        let place = shown(path);
        let bytes = read(path, &place)?.map_err(|error| unusable(&place, &format!("cannot be read: {error}")))?;
        Self::of(place, &bytes, Shape::Sections)
    }

    /// The file at a usual place, if there is one that the user may read.
    pub(super) fn usual(path: &Path, shape: Shape) -> Result<Option<Self>> {
        let place = shown(path);
        match read(path, &place)? {
            Ok(bytes) => Self::of(place, &bytes, shape).map(Some),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied) => Ok(None),
            Err(error) => Err(unusable(&place, &format!("cannot be read: {error}"))),
        }
    }

    /// Parses; an empty file has no entries.
    pub(super) fn of(place: String, bytes: &[u8], shape: Shape) -> Result<Self> {
        let parsed = match shape {
            _ if bytes.trim_ascii().is_empty() => Ok(Sections::default()),
            Shape::Sections => serde_json::from_slice(bytes),
            Shape::Flat => serde_json::from_slice(bytes).map(|auths| Sections { auths: Some(auths), ..Sections::default() }),
        };
        match parsed {
            Ok(sections) => Ok(Self { place, sections }),
            Err(error) => Err(unusable(
                &place,
                &format!(
                    "expected JSON as `docker login` and `podman login` write it; it differs at line {}, column {}",
                    error.line(),
                    error.column()
                ),
            )),
        }
    }

    /// What to try for the image.
    pub(super) fn steps(&self, name: &Name) -> Result<Vec<Step>> {
        let Sections { auths, helpers, store } = &self.sections;
        let address = address(&name.host);
        let mut steps = Vec::new();
        let own = helpers.as_ref().and_then(|helpers| matching(helpers, name).next());
        if let Some((_, helper)) = own.filter(|(_, helper)| !helper.is_empty()) {
            steps.push(Step::Ask { helper: helper.clone(), address: address.clone(), expected: true });
        }
        // A helper of its own, be it the empty one, stands in the place of the one for all.
        let store = store.as_ref().filter(|store| own.is_none() && !store.is_empty());
        let mut asked = false;
        for (key, entry) in auths.iter().flat_map(|auths| matching(auths, name)) {
            match (
                entry.credential().map_err(|what| unusable(&self.place, &format!("entry `{}`: {what}", escaped(key.as_bytes()))))?,
                store,
            ) {
                (Some(credential), _) => {
                    steps.push(Step::Stored(credential));
                    return Ok(steps);
                }
                // The entry of a login whose password went to the store, under the same key.
                (None, Some(store)) => {
                    steps.push(Step::Ask { helper: store.clone(), address: key.clone(), expected: true });
                    asked = true;
                }
                (None, None) => {}
            }
        }
        if let Some(store) = store.filter(|_| !asked) {
            steps.push(Step::Ask { helper: store.clone(), address, expected: false });
        }
        Ok(steps)
    }
}

/// Where from, and whose; no secrets.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.sections.auths.iter().flat_map(BTreeMap::keys).collect();
        f.debug_struct("Source").field("place", &self.place).field("auths", &keys).finish_non_exhaustive()
    }
}

impl Entry {
    fn credential(&self) -> Result<Option<Credential>, String> {
        if let Some(token) = filled(self.registry.as_ref()) {
            return Ok(Some(Credential::RegistryToken(token)));
        }
        if let Some(token) = filled(self.identity.as_ref()) {
            return Ok(Some(Credential::IdentityToken(token)));
        }
        if let Some(auth) = filled(self.auth.as_ref()) {
            return basic(&auth).map(Some);
        }
        let (user, password) = (filled(self.username.as_ref()), filled(self.password.as_ref()));
        Ok(user.zip(password).map(|(user, password)| Credential::Basic { user, password }))
    }
}

fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// Decodes `user:password`. Padding and line ends are as `base64` programs happen to write them;
/// NULs at the end are what an old Docker left of its buffer.
fn basic(auth: &str) -> Result<Credential, String> {
    let wrong = || "expected `auth` to be the base64 of `user:password`; log in again".to_owned();
    let engine = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));
    let text: String = auth.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let decoded = String::from_utf8(engine.decode(text).map_err(|_| wrong())?).map_err(|_| wrong())?;
    let (user, password) = decoded.trim_end_matches('\0').split_once(':').filter(|(user, _)| !user.is_empty()).ok_or_else(wrong)?;
    Ok(Credential::Basic { user: user.to_owned(), password: password.to_owned() })
}

/// What a registry's credentials are kept under in a helper.
fn address(host: &str) -> String {
    if normal_host(host) == DOCKER_HUB { DOCKER_HUB_ADDRESS.to_owned() } else { host.to_owned() }
}

/// The values whose keys mean the image, the most specific first: `host/team/app`, `host/team`,
/// `host`. Of several ways to write one, the one that tools write today comes first.
fn matching<'a, V>(values: &'a BTreeMap<String, V>, name: &Name) -> impl Iterator<Item = (&'a String, &'a V)> {
    let full = format!("{}/{}", normal_host(&name.host), name.repository);
    let mut found: Vec<_> = values
        .iter()
        .filter_map(|(key, value)| {
            let normal = normal_key(key);
            let within = full.strip_prefix(&normal).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let unusual = *key != normal && key != DOCKER_HUB_ADDRESS;
            within.then_some((std::cmp::Reverse(normal.len()), unusual, key.len(), key, value))
        })
        .collect();
    found.sort_by(|a, b| (a.0, a.1, a.2, a.3).cmp(&(b.0, b.1, b.2, b.3)));
    found.into_iter().map(|(.., key, value)| (key, value))
}

/// A key as host, or host and part of a repository. Of an address, which has a scheme or ends in
/// an API's version, the host alone counts, as it does for Docker.
fn normal_key(key: &str) -> String {
    let lower = key.to_ascii_lowercase();
    let bare = ["https://", "http://"].iter().find_map(|scheme| lower.starts_with(scheme).then(|| &key[scheme.len()..]));
    let (host, path) = bare.unwrap_or(key).split_once('/').unwrap_or((bare.unwrap_or(key), ""));
    let host = normal_host(host);
    let path = if bare.is_some() || matches!(path, "v1/" | "v2/") { "" } else { path.trim_end_matches('/') };
    if path.is_empty() { host } else { format!("{host}/{path}") }
}

/// Lower case, and one name for Docker Hub.
fn normal_host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    if matches!(host.as_str(), "index.docker.io" | "registry-1.docker.io") { DOCKER_HUB.to_owned() } else { host }
}

fn shown(path: &Path) -> String {
    format!("credentials `{}`", escaped(path.as_os_str().as_encoded_bytes()))
}

/// The file's bytes, or why the system refuses them.
fn read(path: &Path, place: &str) -> Result<std::io::Result<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    if bytes.len() as u64 > LONGEST {
        return Err(Error::Usage(format!("{place}: expected a file of at most {LONGEST} bytes")));
    }
    Ok(read.map(|_| bytes))
}
