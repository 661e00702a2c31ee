//! What the environment and the options say of registries and engines.

use super::Remote;
use plimsoll::access::Access;
use plimsoll::environment::Environment;

impl Remote {
    pub(crate) fn access(&self) -> Access {
        Access {
            environment: Environment::current(),
            user: user(),
            host: self.host.clone(),
            authfile: self.authfile.clone(),
            insecure: self.insecure.clone(),
            ca_certificates: self.ca_cert.clone(),
            mirrors: self.mirror.clone(),
            allowed_realms: self.allow_auth_host.clone(),
        }
    }
}

/// The user's number, by which a rootless engine's socket is found.
#[cfg(unix)]
fn user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").ok().map(|process| process.uid())
}

#[cfg(not(unix))]
fn user() -> Option<u32> {
    None
}
