//! An image by its name: who has it.
//!
//! A bare name is asked of the engines of this machine first, as `docker run` would, then of the
//! registry. What was asked and why it had nothing is told when nobody has it.

use super::Input;
use crate::access::Access;
use crate::error::{Error, Result};
use crate::image::SourceKind;
use crate::oci::Digest;
use crate::reference::{self, Keeper};

/// A named image, found.
pub(super) struct Found {
    pub(super) input: Input,
    pub(super) kind: SourceKind,
    /// Where it was found, for people.
    pub(super) place: String,
    /// The engine's own name for it.
    pub(super) id: Option<Digest>,
}

/// What asking came to: the image, or why it is not there.
type Asked = std::result::Result<Found, String>;

/// Asks `keeper` for the image `name`.
pub(super) fn find(keeper: Keeper, name: &str, access: &Access) -> Result<Found> {
    match keeper {
        Keeper::Docker => engines::docker(name, access)?.map_err(|why| absent("docker", name, &why)),
        Keeper::Podman => engines::podman(name, access)?.map_err(|why| absent("podman", name, &why)),
        Keeper::Containerd => engines::containerd(name, access),
        Keeper::Registry => registries::find(name, access),
        Keeper::Any => anywhere(name, access),
    }
}

/// The first that has it. An engine that is not there is no error, as in CI, where nobody has one.
fn anywhere(name: &str, access: &Access) -> Result<Found> {
    let mut tried = Vec::new();
    for ask in [engines::docker, engines::podman] {
        match ask(name, access) {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(why)) => tried.push(why),
            Err(error @ (Error::Network { .. } | Error::Unsupported(_))) => tried.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    registries::ask(name, access).map_err(|error| also(error, name, &tried))
}

/// An image named `docker:24` may be meant as Docker Hub's image `docker`.
fn absent(engine: &str, name: &str, why: &str) -> Error {
    let hint = if name.contains([':', '/', '@']) {
        String::new()
    } else {
        format!("; if the image `{engine}` with the tag `{name}` is meant: docker://{engine}:{name}", name = name.escape_debug())
    };
    Error::NotFound(format!("`{engine}:{}`: {why}{hint}", name.escape_debug()))
}

/// The registry's answer, with what the engines said before, and with what may have been meant instead.
fn also(error: Error, name: &str, tried: &[String]) -> Error {
    let meant = reference::within(name).map(|meant| format!("\n  {meant}")).unwrap_or_default();
    let said = |text: &str| format!("{text}\n  asked before: {}{meant}", tried.join("\n  asked before: "));
    match error {
        Error::Usage(text) => Error::Usage(text + &meant),
        Error::NotFound(text) => Error::NotFound(said(&text)),
        Error::Network { place, what } => Error::Network { place, what: said(&what) },
        Error::Auth { place, what } => Error::Auth { place, what: said(&what) },
        error => error,
    }
}

#[cfg(feature = "daemon")]
mod engines {
    use super::{Asked, Found};
    use crate::access::Access;
    use crate::daemon::{self, Daemon, Endpoint, Engine};
    use crate::error::{Error, Result};
    use crate::image::SourceKind;
    use crate::source::Input;
    use crate::source::engine::Export;

    pub(super) fn docker(name: &str, access: &Access) -> Result<Asked> {
        ask(&daemon::docker_endpoint(&access.environment, access.host.as_deref())?, name, access)
    }

    /// The first of Podman's sockets that has it; without a service, or where it is another's, its own program.
    pub(super) fn podman(name: &str, access: &Access) -> Result<Asked> {
        let mut last = Err(Error::network("podman", "no socket is known: set CONTAINER_HOST, or start one with `podman system service`"));
        for endpoint in daemon::podman_endpoints(&access.environment, access.user.unwrap_or(0))? {
            match ask(&endpoint, name, access) {
                Ok(Ok(found)) => return Ok(Ok(found)),
                // An answer tells more than silence.
                other if last.is_err() => last = other,
                _ => {}
            }
        }
        // What CONTAINER_HOST names is asked, and nothing else.
        if access.environment.get("CONTAINER_HOST").is_none() && access.environment.program("podman").is_some() {
            return program(name, access);
        }
        last
    }

    fn program(name: &str, access: &Access) -> Result<Asked> {
        let place = "podman (its program)";
        let Some(id) = daemon::podman_image(name, &access.environment)? else { return Ok(Err(format!("{place} has no such image"))) };
        let export = Export::Podman { name: name.to_owned(), environment: access.environment.clone() };
        Ok(Ok(Found { input: Input::Engine(export.into()), kind: SourceKind::Podman, place: place.into(), id: Some(id) }))
    }

    /// Whether it has the image only its archive tells.
    pub(super) fn containerd(name: &str, access: &Access) -> Result<Found> {
        if ["nerdctl", "ctr"].iter().all(|program| access.environment.program(program).is_none()) {
            let why = "neither `nerdctl` nor `ctr` is in PATH, and containerd is asked through one of them";
            return Err(Error::network(format_args!("containerd:{}", name.escape_debug()), why));
        }
        let export = Export::Containerd { name: name.to_owned(), environment: access.environment.clone() };
        Ok(Found { input: Input::Engine(export.into()), kind: SourceKind::Containerd, place: "containerd".into(), id: None })
    }

    fn ask(endpoint: &Endpoint, name: &str, access: &Access) -> Result<Asked> {
        let kind = match endpoint.engine {
            Engine::Docker => SourceKind::Docker,
            Engine::Podman => SourceKind::Podman,
        };
        let daemon = Daemon::connect(endpoint, &access.environment)?;
        let place = format!("{} ({}, {})", kind.name(), endpoint.address, endpoint.found_by);
        let Some(info) = daemon.image(name)? else { return Ok(Err(format!("{place} has no such image"))) };
        let export = Export::Daemon { daemon: Box::new(daemon), name: name.to_owned() };
        Ok(Ok(Found { input: Input::Engine(export.into()), kind, place, id: Some(info.id) }))
    }
}

#[cfg(not(feature = "daemon"))]
mod engines {
    use super::{Asked, Found};
    use crate::access::Access;
    use crate::error::{Error, Result};

    pub(super) use docker as podman;

    pub(super) fn docker(name: &str, access: &Access) -> Result<Asked> {
        containerd(name, access).map(Ok)
    }

    pub(super) fn containerd(_: &str, _: &Access) -> Result<Found> {
        Err(Error::Unsupported("built without the feature `daemon`: engines cannot be asked; use `docker save IMAGE | plimsoll -`".into()))
    }
}

#[cfg(feature = "registry")]
mod registries {
    use super::Found;
    use crate::access::Access;
    use crate::error::{Error, Result};
    use crate::image::SourceKind;
    use crate::limits::Limits;
    use crate::registry::Name;
    use crate::source::{Input, remote::Remote};

    pub(super) fn find(name: &str, access: &Access) -> Result<Found> {
        open(name, access).map(found)
    }

    /// The same, and asks for the image too.
    pub(super) fn ask(name: &str, access: &Access) -> Result<Found> {
        let remote = open(name, access)?;
        match remote.root(&Limits::default()) {
            // How large a document may be is not known here.
            Ok(_) | Err(Error::Limit { .. }) => Ok(found(remote)),
            Err(error) => Err(error),
        }
    }

    fn open(name: &str, access: &Access) -> Result<Remote> {
        Remote::open(Name::parse(name)?, access)
    }

    fn found(remote: Remote) -> Found {
        let place = format!("registry {}", remote.name.host);
        Found { input: Input::Registry(remote), kind: SourceKind::Registry, place, id: None }
    }
}

#[cfg(not(feature = "registry"))]
mod registries {
    use super::Found;
    use crate::access::Access;
    use crate::error::{Error, Result};

    pub(super) fn ask(name: &str, access: &Access) -> Result<Found> {
        find(name, access)
    }

    pub(super) fn find(_: &str, _: &Access) -> Result<Found> {
        let remedy = "use `skopeo copy docker://IMAGE oci:DIRECTORY` and `plimsoll DIRECTORY`";
        Err(Error::Unsupported(format!("built without the feature `registry`: registries cannot be asked; {remedy}")))
    }
}
