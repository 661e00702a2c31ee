//! From values to bytes: one file for each format.

mod changes;
pub mod csv;
pub mod cyclonedx;
pub mod explain;
pub mod json;
pub mod markdown;
pub mod size;
pub mod style;
pub mod table;
pub mod text;
