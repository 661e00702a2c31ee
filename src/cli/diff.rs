//! `plimsoll diff`.

use super::judge::{options, warn};
use super::run::{stack, status, with_output};
use super::terminal::style;
use super::{Diff as Args, DiffFormat, Source};
use anyhow::Result;
use plimsoll::Error;
use plimsoll::analysis::{Analysis, AnalysisOptions};
use plimsoll::compare::Comparison;
use plimsoll::render::{csv, json, markdown, table};

/// Files that are listed, unless told otherwise.
const LISTED: usize = 1000;
const TABLE_ROWS: usize = 20;

pub(crate) fn diff(args: &Args) -> Result<u8> {
    let new = &args.source;
    if args.old == "-" && new.image.as_deref() == Some("-") {
        return Err(Error::Usage("only one of OLD and NEW can be `-`: there is one standard input".to_owned()).into());
    }
    let old = Source { image: Some(args.old.clone()), select: args.old_image.clone(), kind: None, ..new.clone() };
    let of_new = options(&args.judge, new)?;
    // A Dockerfile at hand made the new image, if any.
    let of_old = AnalysisOptions { dockerfiles: Vec::new(), nearby: Vec::new(), ..of_new.clone() };
    let (before, _) = stack(&old)?;
    let (after, _) = stack(new)?;
    let top = match (args.top, args.format) {
        (Some(0), _) => usize::MAX,
        (Some(top), _) => top,
        (None, DiffFormat::Table) => TABLE_ROWS,
        (None, _) => LISTED,
    };
    let comparison = {
        let analysis = Analysis::new(&after, &of_new);
        warn(&analysis, &of_new);
        Comparison::of(&Analysis::new(&before, &of_old), &analysis, top)
    };
    let style = style(&args.look, args.output.output.is_some());
    with_output(args.output.output.as_deref(), |out| {
        match args.format {
            DiffFormat::Table => out.write_all(table::diff(&comparison, args.files.then_some(top), &style).as_bytes())?,
            DiffFormat::Json => json::diff(&comparison, out)?,
            DiffFormat::Csv => csv::diff(&comparison, out)?,
            DiffFormat::Markdown => out.write_all(markdown::diff(&comparison, args.key.as_deref(), style.unit).as_bytes())?,
        }
        Ok(())
    })?;
    Ok(status(&before, &old).max(status(&after, new)))
}
