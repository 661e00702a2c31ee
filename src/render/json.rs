//! JSON: the report as it is, and entries one by one.

use crate::index::{Fate, Index, Placed};
use crate::layer::{EntryKind, Measures};
use crate::report::{PathReport, Report};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// A whole document (a report, a checklist, a comparison, a verdict …), indented, with a newline at the end.
pub fn document<T: Serialize>(document: &T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}

/// What `plimsoll plan --format json` writes: the edits, for other programs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanReport<'r> {
    /// Version of this form: that of the report, whose parts these are.
    pub schema: &'r str,
    /// Where the image was read from.
    pub source: &'r crate::image::SourceInfo,
    /// Which image it is.
    pub image: &'r crate::report::ImageReport,
    /// All entries of all layers.
    pub totals: Measures,
    /// What is left when all certain edits are made.
    pub without_edits: Measures,
    /// The edits.
    pub edits: &'r [crate::report::EditReport],
}

/// The edits of a report, indented.
pub fn plan(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let plan = PlanReport {
        schema: &report.schema,
        source: &report.source,
        image: &report.image,
        totals: report.totals,
        without_edits: report.without_edits,
        edits: &report.edits,
    };
    document(&plan, out)
}

/// One entry of `plimsoll files --format json`.
#[derive(Debug, Serialize)]
pub struct EntryReport {
    /// Where it lands.
    #[serde(flatten)]
    pub path: PathReport,
    /// Number of the layer that stores it, from 0.
    pub layer: usize,
    /// What it is.
    pub kind: EntryKind,
    /// Whether its bytes are live.
    pub live: bool,
    /// Why its bytes are hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'static str>,
    /// The layer that hides its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<u16>,
    /// Its three measures.
    #[serde(flatten)]
    pub measures: Measures,
    /// Apparent size, where the file is sparse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logical_bytes: Option<u64>,
    /// Permission bits in octal.
    pub mode: String,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Target of a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Its exact bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_b64: Option<String>,
}

impl EntryReport {
    /// All that is known of one entry.
    pub fn new(index: &Index, placed: &Placed<'_>) -> Self {
        let changeset = index.image().changeset(index.layer_at(placed.layer));
        let logical =
            changeset.map(|changeset| changeset.logical_bytes(placed.number)).filter(|logical| *logical != placed.entry.content_bytes);
        let link = changeset.and_then(|changeset| changeset.link(placed.entry));
        let (cause, by) = match placed.fate {
            Fate::Live => (None, None),
            Fate::Shadowed { by, cause } => (Some(cause.name()), Some(by)),
        };
        Self {
            path: PathReport::new(&index.paths().path(placed.node)),
            layer: placed.layer,
            kind: placed.entry.kind,
            live: placed.fate == Fate::Live,
            cause,
            by,
            measures: placed.entry.measures(),
            logical_bytes: logical,
            mode: format!("{:04o}", placed.entry.mode),
            uid: placed.entry.uid,
            gid: placed.entry.gid,
            mtime: placed.entry.mtime,
            link: link.map(|link| String::from_utf8_lossy(link).into_owned()),
            link_b64: link.filter(|link| std::str::from_utf8(link).is_err()).map(crate::text::base64),
        }
    }
}

/// An array, one item a line, written as it is made.
pub fn lines<T: Serialize>(items: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    let mut before = "[\n";
    for item in items {
        out.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut *out, &item)?;
        before = ",\n";
    }
    out.write_all(if before == "[\n" { b"[]\n" } else { b"\n]\n" })
}
