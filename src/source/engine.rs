//! An image in an engine's store: the archive that the engine makes of it, as a stream.

use crate::daemon::{self, Daemon};
use crate::environment::Environment;
use crate::error::Result;
use crate::oci::Platform;
use std::io::Read;

/// An archive that an engine is yet to be asked for.
pub(super) enum Export {
    Daemon {
        daemon: Box<Daemon>,
        name: String,
    },
    Containerd {
        name: String,
        environment: Environment,
    },
    /// Podman's own program, where no service answers.
    Podman {
        name: String,
        environment: Environment,
    },
}

impl Export {
    /// Asks for it. Nothing of it touches the disk on our side.
    pub(super) fn start(&self, platform: Option<&Platform>) -> Result<Box<dyn Read + Send>> {
        match self {
            Self::Daemon { daemon, name } => daemon.save(name, platform),
            Self::Containerd { name, environment } => daemon::containerd_export(name, platform, environment),
            Self::Podman { name, environment } => daemon::podman_export(name, environment),
        }
    }
}
