//! Images in registries.

pub mod credentials;
pub mod name;

pub use credentials::{Credential, Credentials};
pub use name::Name;
