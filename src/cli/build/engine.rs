//! Who builds, and what it has built.

use anyhow::Result;
use clap::ValueEnum;
use plimsoll::access::Access;
use plimsoll::daemon::{Daemon, docker_endpoint};
use plimsoll::oci::Digest;
use plimsoll::reference::{Keeper, Place, Reference};
use plimsoll::{Error, Source};
use std::path::PathBuf;

use crate::cli::run::message;

/// An engine that builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// `docker build`
    Docker,
    /// `podman build`
    Podman,
}

/// An image that was built, as it is named from now on.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) reference: Reference,
    /// The digest that its configuration or manifest must have, where the name alone does not say that it is this one.
    pub(crate) digest: Option<Digest>,
}

impl Engine {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }

    /// Its program. Without a wish it is Docker's, if the engine answers, else Podman's: as bare names are looked up.
    pub(super) fn choose(wish: Option<Self>, access: &Access) -> Result<(Self, PathBuf)> {
        let program = |engine: Self| access.environment.program(engine.name());
        // An address is Docker's.
        if let Some(engine) = wish.or(access.host.as_ref().map(|_| Self::Docker)) {
            let name = engine.name();
            let why = format!("the program `{name}` is not in PATH: install it, or choose with --engine");
            return Ok((engine, program(engine).ok_or_else(|| Error::network("build", why))?));
        }
        let endpoint = docker_endpoint(&access.environment, None)?;
        let why = match program(Self::Docker) {
            Some(docker) => match Daemon::connect(&endpoint, &access.environment) {
                Ok(_) => return Ok((Self::Docker, docker)),
                Err(error) => Some(error),
            },
            None => None,
        };
        if let Some(podman) = program(Self::Podman) {
            if why.is_some() {
                message(&format!("docker does not answer ({}): building with podman", endpoint.address));
            }
            return Ok((Self::Podman, podman));
        }
        let why = why.map_or_else(|| "neither `docker` nor `podman` is in PATH: install one".to_owned(), |why| why.to_string());
        Err(Error::network("no engine to build with", why).into())
    }

    fn reference(self, name: &str) -> Reference {
        let keeper = match self {
            Self::Docker => Keeper::Docker,
            Self::Podman => Keeper::Podman,
        };
        Reference { place: Place::Named(keeper, name.to_owned()), image: None, text: format!("{}:{name}", self.name()) }
    }

    /// The image of this id, by one of its tags if it has them.
    ///
    /// Where the store is containerd's, builders may tell the digest of the configuration, by which the engine does not know
    /// the image: then a tag does, and what is read must have that digest.
    pub(super) fn find(self, id: &Digest, tags: &[String], access: &Access) -> Result<Option<Built>> {
        let ask = |name: &str| match Source::open_with(&self.reference(name), access) {
            Ok(source) => Ok(Some(source)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        };
        let by_id = ask(id.as_str())?.map(|_| Built { reference: self.reference(id.as_str()), digest: None });
        let mut like = None;
        for tag in tags {
            let Ok(Some(source)) = ask(tag) else { continue };
            if source.id() == Some(id) {
                return Ok(Some(Built { reference: self.reference(tag), digest: None }));
            }
            like.get_or_insert_with(|| Built { reference: self.reference(tag), digest: Some(id.clone()) });
        }
        Ok(by_id.or(like))
    }
}
