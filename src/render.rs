//! From values to bytes: one file for each format.

pub mod csv;
pub mod cyclonedx;
pub mod explain;
pub mod json;
pub mod size;
pub mod style;
pub mod table;
pub mod text;
