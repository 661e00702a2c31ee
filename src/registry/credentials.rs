//! Who the user is to a registry: what `docker login`, `podman login` and `skopeo login` have left.
//!
//! Files are read once, at the start; helper programs run only when a registry wants to know, and
//! once per address. Sources, the first that knows the image wins:
//!
//! 1. `--authfile`, or else `REGISTRY_AUTH_FILE`;
//! 2. `DOCKER_AUTH_CONFIG`, a configuration as text;
//! 3. `$XDG_RUNTIME_DIR/containers/auth.json`;
//! 4. `$XDG_CONFIG_HOME/containers/auth.json`, by default in `~/.config`;
//! 5. `$DOCKER_CONFIG/config.json`, or else `~/.docker/config.json`;
//! 6. `~/.dockercfg`, the form of 2014.
//!
//! Formats: containers-auth.json(5) and Docker's documentation of `docker login`.

mod file;
mod helper;

use super::Name;
use crate::environment::Environment;
use crate::error::{Error, Result};
use file::{Shape, Source, Step};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What proves to a registry who is asking. [`fmt::Debug`] shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user and a password (RFC 7617), for the registry or for its token server.
    Basic {
        /// The user; it has no colon.
        user: String,
        /// The password, or what stands for one.
        password: String,
    },
    /// A refresh token (RFC 6749, section 6): the token server gives access for it.
    IdentityToken(String),
    /// A bearer token (RFC 6750) that the registry itself takes.
    RegistryToken(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic { user, .. } => f.debug_struct("Basic").field("user", user).finish_non_exhaustive(),
            Self::IdentityToken(_) => f.write_str("IdentityToken(..)"),
            Self::RegistryToken(_) => f.write_str("RegistryToken(..)"),
        }
    }
}

/// All that is known of the user, and where to ask for more.
#[derive(Debug, Default)]
pub struct Credentials {
    environment: Environment,
    sources: Vec<Source>,
    /// What helpers have said. Held while one runs: two workers never start the same helper twice.
    answers: Mutex<HashMap<Question, Option<Credential>>>,
    patience: helper::Patience,
}

/// A helper's name and the address it is asked for.
type Question = (String, String);

impl Credentials {
    /// Nobody: every registry is asked anonymously.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads what the environment and `authfile` (`--authfile`) point at.
    ///
    /// A file that was named must be there; one that merely may be there need not be. What is
    /// there and malformed is an error in both cases: to go on without it would end in a refusal
    /// that does not say why. A file at a usual place that the user may not read is passed over:
    /// after `su` the variables still lead to the files of whoever logged in.
    pub fn from_environment(environment: &Environment, authfile: Option<&Path>) -> Result<Self> {
        let mut sources = Vec::new();
        if let Some(path) = authfile.or_else(|| environment.path("REGISTRY_AUTH_FILE")) {
            sources.push(Source::named(path)?);
        }
        if let Some(text) = environment.text("DOCKER_AUTH_CONFIG")? {
            sources.push(Source::of("variable `DOCKER_AUTH_CONFIG`".into(), text.as_bytes(), Shape::Sections)?);
        }
        for (path, shape) in usual_places(environment) {
            sources.extend(Source::usual(&path, shape)?);
        }
        Ok(Self { environment: environment.clone(), sources, ..Self::default() })
    }

    /// The credential for the image, from the first source that has one: a helper of its own, an
    /// entry (the most specific first), then the helper for all registries.
    ///
    /// An error that a helper caused has the kind [`Error::Auth`]; a registry may still let
    /// anonymous users read.
    pub fn get(&self, name: &Name) -> Result<Option<Credential>> {
        for source in &self.sources {
            for step in source.steps(name)? {
                let found = match step {
                    Step::Stored(credential) => Some(credential),
                    Step::Ask { helper, address, expected } => {
                        self.ask(&helper, &address, expected).map_err(|error| error.within(&source.place))?
                    }
                };
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    fn ask(&self, helper: &str, address: &str, expected: bool) -> Result<Option<Credential>> {
        helper::check_name(helper)?;
        let Some(program) = self.environment.program(&helper::program(helper)) else {
            // Docker's installer names a helper for all registries. Where its program has gone and
            // nobody has logged in to this registry, there is nothing that it could know.
            return if expected { Err(helper::missing(helper)) } else { Ok(None) };
        };
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let question = (helper.to_owned(), address.to_owned());
        if let Some(answer) = answers.get(&question) {
            return Ok(answer.clone());
        }
        let answer = helper::get(&program, address, &self.environment, self.patience)?;
        answers.insert(question, answer.clone());
        Ok(answer)
    }
}

/// Where tools keep credentials unasked, in the order of precedence.
fn usual_places(environment: &Environment) -> Vec<(PathBuf, Shape)> {
    let home = environment.home();
    let own = |variable: &str, folder: &str| environment.path(variable).map(Path::to_path_buf).or_else(|| Some(home?.join(folder)));
    let runtime = environment.path("XDG_RUNTIME_DIR").map(|directory| directory.join("containers/auth.json"));
    let config = own("XDG_CONFIG_HOME", ".config").map(|directory| directory.join("containers/auth.json"));
    let docker = own("DOCKER_CONFIG", ".docker").map(|directory| directory.join("config.json"));
    let old = home.map(|home| home.join(".dockercfg"));
    let sections = [runtime, config, docker].into_iter().flatten().map(|path| (path, Shape::Sections));
    sections.chain(old.map(|path| (path, Shape::Flat))).collect()
}

/// A configuration that cannot be used. Parsers' own words are left out: they quote the input,
/// and the input has passwords in it.
fn unusable(place: &str, what: &str) -> Error {
    Error::Usage(format!("{place}: {what}"))
}

#[cfg(test)]
mod tests;
