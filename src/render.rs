//! From values to bytes: one file for each format.

mod changes;
pub mod csv;
pub mod cyclonedx;
pub mod explain;
pub mod github;
pub mod gitlab;
#[cfg(feature = "html")]
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod openmetrics;
pub mod problems;
pub mod redact;
pub mod sarif;
pub mod schema;
pub mod size;
pub mod style;
pub mod svg;
pub mod table;
pub mod text;
mod xml;
