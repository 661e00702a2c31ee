//! What plimsoll says of itself.

use super::output::Output;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use plimsoll::render::schema::Document;

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The document that it describes
    #[arg(default_value = "report", value_parser = documents())]
    pub(crate) of: Document,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The documents by name, each with what it is.
fn documents() -> impl TypedValueParser<Value = Document> {
    let value = |document: Document| PossibleValue::new(document.name()).help(document.about());
    let of = |name: String| Document::ALL.into_iter().find(|document| document.name() == name).unwrap_or(Document::Report);
    PossibleValuesParser::new(Document::ALL.map(value)).map(of)
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
    #[command(flatten)]
    pub(crate) output: Output,
}
