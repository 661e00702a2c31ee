//! Images in engines' stores, against what the engines' own command lines say of them.
//!
//! `real` has engines that the tests start; `ways` is how they are found and reached; `broken` has
//! engines that answer as none should; `command` is the
//! command line.
#![cfg(all(unix, feature = "daemon"))]

mod support;

#[path = "daemon/broken.rs"]
mod broken;
#[path = "daemon/command.rs"]
mod command;
#[path = "support/engine.rs"]
mod engine;
#[path = "daemon/real.rs"]
mod real;
#[path = "daemon/ways.rs"]
mod ways;

use engine::{Docker, Podman, Shared};
use plimsoll::daemon::{Daemon, docker_endpoint};
use plimsoll::environment::Environment;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

static DOCKER: Shared<Docker> = Shared::new();
static PODMAN: Shared<Podman> = Shared::new();

fn docker() -> Arc<Docker> {
    DOCKER.get(Docker::start)
}

fn podman() -> Arc<Podman> {
    PODMAN.get(Podman::start)
}

/// A client of the engine that `environment` leads Docker to.
fn connect(environment: &Environment) -> plimsoll::Result<Daemon> {
    Daemon::connect(&docker_endpoint(environment, None)?, environment)
}

fn at(socket: &Path) -> Environment {
    Environment::of([("DOCKER_HOST", format!("unix://{}", socket.display()))])
}

fn all(mut reader: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).expect("the whole stream");
    bytes
}
