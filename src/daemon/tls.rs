//! Certificates of engines and their clients (Docker, "Protect the Docker daemon socket").

use super::address::TlsFiles;
use super::http::chain;
use crate::error::{Error, Result};
use reqwest::blocking::ClientBuilder;
use reqwest::{Certificate, Identity};
use std::io::Read;
use std::path::Path;

/// Bytes of a certificate's or key's file.
const PEM_LIMIT: u64 = 1 << 20;

/// HTTPS with these files.
pub(super) fn with_tls(builder: ClientBuilder, files: &TlsFiles) -> Result<ClientBuilder> {
    let mut builder = builder.tls_danger_accept_invalid_certs(!files.verify);
    if let Some(path) = &files.ca {
        let bundle = Certificate::from_pem_bundle(&pem(path)?).map_err(|error| Error::malformed(quoted(path), chain(&error)))?;
        if bundle.is_empty() {
            return Err(Error::malformed(quoted(path), "expected certificates in PEM, found none"));
        }
        builder = builder.tls_certs_only(bundle);
    }
    match (&files.certificate, &files.key) {
        (Some(certificate), Some(key)) => {
            let both = [pem(key)?, b"\n".to_vec(), pem(certificate)?].concat();
            let identity = Identity::from_pem(&both)
                .map_err(|error| Error::malformed(format_args!("{} and {}", quoted(certificate), quoted(key)), chain(&error)))?;
            Ok(builder.identity(identity))
        }
        (None, None) => Ok(builder),
        (Some(path), None) => Err(Error::NotFound(format!("{} has no key beside it (`key.pem`)", quoted(path)))),
        (None, Some(path)) => Err(Error::NotFound(format!("{} has no certificate beside it (`cert.pem`)", quoted(path)))),
    }
}

fn pem(path: &Path) -> Result<Vec<u8>> {
    let doing = || Error::io(format!("reading {} for TLS", quoted(path)));
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(doing())?.take(PEM_LIMIT).read_to_end(&mut bytes).map_err(doing())?;
    Ok(bytes)
}

fn quoted(path: &Path) -> String {
    format!("`{}`", path.display())
}
