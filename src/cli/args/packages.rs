//! The list of packages.

use super::judging::Judge;
use super::output::{Look, Output};
use super::source::Source;
use super::values::ecosystem;
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Packages {
    /// Only packages of this ecosystem: deb, apk, rpm, pypi, npm, gem, composer, golang, cargo, maven, conda
    #[arg(long, value_name = "ECOSYSTEM", value_parser = ecosystem(), help_heading = "Choosing")]
    pub(crate) ecosystem: Vec<plimsoll::facts::Ecosystem>,
    /// List packages that were removed and packages without content too (cyclonedx never has the former, always
    /// the latter)
    #[arg(long, help_heading = "Choosing")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// How many to show; 0 for all (the default of json and csv; tables show 40; cyclonedx has all)
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) top: Option<usize>,
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: PackageFormat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PackageFormat {
    /// For people
    #[default]
    Table,
    /// An array, one object a line
    Json,
    /// One package a row
    Csv,
    /// A software bill of materials, as scanners take it: `CycloneDX` 1.6 in JSON
    Cyclonedx,
}
