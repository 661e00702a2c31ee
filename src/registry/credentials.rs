//! Who the user is to a registry.

use crate::error::Result;
use crate::registry::name::Name;
use std::fmt;

/// What proves who the user is.
#[derive(Clone)]
pub enum Credential {
    /// A name and its password or access token.
    Basic {
        /// The name.
        user: String,
        /// The secret.
        password: String,
    },
    /// A refresh token, to be exchanged for tokens of registries.
    IdentityToken(String),
    /// A token that the registry itself takes.
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

/// Where credentials are looked up.
#[derive(Debug, Default)]
pub struct Credentials {
    one: Option<(String, Credential)>,
}

impl Credentials {
    /// None for anyone.
    pub fn none() -> Self {
        Self::default()
    }

    /// `credential` for `host` alone.
    pub fn of(host: &str, credential: Credential) -> Self {
        Self { one: Some((host.to_owned(), credential)) }
    }

    /// What there is for `name`.
    pub fn get(&self, name: &Name) -> Result<Option<Credential>> {
        Ok(self.one.as_ref().filter(|(host, _)| *host == name.host).map(|(_, credential)| credential.clone()))
    }
}
