//! What reaching a registry or an engine needs to know of the outside, as values.

use crate::environment::Environment;
use std::path::PathBuf;

/// How registries and engines are reached. The default knows nothing of the outside: no
/// credentials, no proxy of the environment's, and engines at their usual sockets.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The environment's variables.
    pub environment: Environment,
    /// The user's number, where there is one: a rootless engine's socket is found by it.
    pub user: Option<u32>,
    /// The engine's address, over all that the environment says of it.
    pub host: Option<String>,
    /// The file of credentials, over all that the environment says of it.
    pub authfile: Option<PathBuf>,
    /// Registries (`HOST` or `HOST:PORT`) for which plain HTTP and any certificate will do.
    pub insecure: Vec<String>,
    /// Files of certificates to trust beside the system's.
    pub ca_certificates: Vec<PathBuf>,
    /// Registries and what is asked before them.
    pub mirrors: Vec<(String, String)>,
    /// Registries and another host that may be given their credentials.
    pub allowed_realms: Vec<(String, String)>,
}
