//! Images in registries.

pub mod name;

pub use name::Name;
