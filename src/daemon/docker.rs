//! Which engine `docker` would talk to: the order and the files are docker/cli's
//! (`cli/command/cli.go`, `cli/context/store`, `cli/config`).

use super::address::{Address, TlsFiles};
use super::{Endpoint, Engine};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::oci::{Algorithm, Digest};
use serde::Deserialize;
use sha2::Digest as _;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where Docker's engine listens unless told otherwise.
#[cfg(not(windows))]
const DEFAULT: &str = "unix:///var/run/docker.sock";
#[cfg(windows)]
const DEFAULT: &str = "npipe:////./pipe/docker_engine";

/// Its counterpart where TLS is asked for and no address is given.
const DEFAULT_TLS: &str = "tcp://localhost:2376";

/// Bytes of a configuration file: real ones have some thousand, with credentials.
const FILE_LIMIT: u64 = 4 << 20;

/// Docker's engine: `host` (of `--host`), else `DOCKER_HOST`, else the context of `DOCKER_CONTEXT`
/// or of the configuration file, else the default socket.
pub fn docker_endpoint(environment: &Environment, host: Option<&str>) -> Result<Endpoint> {
    let directory = configuration(environment);
    let tls = || variables_tls(environment, directory.as_deref());
    let plain = |text: &str, found_by: &str| endpoint(Address::parse(text, tls()).map_err(|error| found(found_by, error))?, found_by);
    if let Some(host) = host {
        return plain(host, "`--host`");
    }
    if let Some(host) = environment.text("DOCKER_HOST")? {
        return plain(host, "DOCKER_HOST");
    }
    let name = match environment.text("DOCKER_CONTEXT")? {
        Some(name) => Some(name.to_owned()),
        None => directory.as_deref().map(current_context).transpose()?.flatten(),
    };
    match name {
        Some(name) if name != "default" => context(&name, directory.as_deref()),
        _ => plain(if tls().is_some() { DEFAULT_TLS } else { DEFAULT }, "default socket"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a chain of results")]
fn endpoint(address: Address, found_by: &str) -> Result<Endpoint> {
    Ok(Endpoint { engine: Engine::Docker, address, found_by: found_by.to_owned() })
}

/// An error in an address names where the address stands.
pub(super) fn found(by: &str, error: Error) -> Error {
    match error {
        Error::Usage(text) => Error::Usage(format!("{by}: {text}")),
        error => error,
    }
}

/// `$DOCKER_CONFIG`, else `.docker` at home.
fn configuration(environment: &Environment) -> Option<PathBuf> {
    environment.get("DOCKER_CONFIG").map(PathBuf::from).or_else(|| Some(environment.home()?.join(".docker")))
}

/// TLS as variables ask for it: `DOCKER_TLS_VERIFY`, or `DOCKER_TLS` without a check of the engine.
fn variables_tls(environment: &Environment, directory: Option<&Path>) -> Option<TlsFiles> {
    let verify = environment.get("DOCKER_TLS_VERIFY").is_some();
    if !verify && environment.get("DOCKER_TLS").is_none() {
        return None;
    }
    let Some(directory) = environment.get("DOCKER_CERT_PATH").map(PathBuf::from).or_else(|| directory.map(Path::to_owned)) else {
        // Still TLS: what was asked for is never silently left off.
        return Some(TlsFiles { ca: None, certificate: None, key: None, verify });
    };
    Some(TlsFiles { ca: verify.then(|| directory.join("ca.pem")), ..client_files(&directory, verify) })
}

/// The client's own files: an engine may want none.
fn client_files(directory: &Path, verify: bool) -> TlsFiles {
    let present = |name: &str| Some(directory.join(name)).filter(|path| path.exists());
    TlsFiles { ca: present("ca.pem"), certificate: present("cert.pem"), key: present("key.pem"), verify }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ConfigFile {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

fn current_context(directory: &Path) -> Result<Option<String>> {
    let path = directory.join("config.json");
    let Some(bytes) = read(&path)? else { return Ok(None) };
    let file: ConfigFile = crate::oci::parse(&bytes, &format!("`{}`", path.display()))?;
    Ok(file.current_context.filter(|name| !name.is_empty()))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct ContextFile {
    endpoints: BTreeMap<String, ContextEndpoint>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ContextEndpoint {
    #[serde(rename = "Host")]
    host: Option<String>,
    #[serde(rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// A context's endpoint. Its files lie under the hash of its name, so no name leads astray.
fn context(name: &str, directory: Option<&Path>) -> Result<Endpoint> {
    let shown = format!("context `{}`", name.escape_debug());
    let missing = |what: String| Error::NotFound(format!("{shown}: {what}; `docker context ls` lists those that exist"));
    let Some(directory) = directory else { return Err(missing("neither DOCKER_CONFIG nor HOME says where contexts are kept".into())) };
    let id = Digest::from_hash(Algorithm::Sha256, &sha2::Sha256::digest(name));
    let path = directory.join("contexts/meta").join(id.hex()).join("meta.json");
    let bytes = read(&path)?.ok_or_else(|| missing(format!("no file `{}`", path.display())))?;
    let file: ContextFile = crate::oci::parse(&bytes, &format!("{shown}: `{}`", path.display()))?;
    let Some((host, skip)) = file.endpoints.get("docker").and_then(|docker| Some((docker.host.as_deref()?, docker.skip_tls_verify))) else {
        return Err(Error::malformed(&shown, format_args!("`{}` has no `Endpoints.docker.Host`", path.display())));
    };
    let files = client_files(&directory.join("contexts/tls").join(id.hex()).join("docker"), !skip);
    let tls = (skip || files.ca.is_some() || files.certificate.is_some()).then_some(files);
    endpoint(Address::parse(host, tls).map_err(|error| found(&shown, error))?, &shown)
}

/// A file of bounded size; `None` where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let doing = || Error::io(format!("reading `{}`", path.display()));
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(doing()(error)),
    };
    let mut bytes = Vec::new();
    file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(doing())?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(Error::malformed(format_args!("`{}`", path.display()), format_args!("expected at most {FILE_LIMIT} bytes")));
    }
    Ok(Some(bytes))
}
