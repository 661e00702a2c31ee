//! `plimsoll checklist`.

use super::judge::{options, warn};
use super::run::{stack, status, with_output};
use super::terminal::style;
use super::{Checklist as Args, ListFormat};
use anyhow::Result;
use plimsoll::analysis::Analysis;
use plimsoll::checklist::Checklist;
use plimsoll::render::{csv, json, table};

pub(crate) fn checklist(args: &Args) -> Result<u8> {
    let options = options(&args.judge, &args.source)?;
    let (index, _) = stack(&args.source)?;
    let analysis = Analysis::new(&index, &options);
    warn(&analysis, &options);
    let checklist = Checklist::of(&analysis);
    let style = style(&args.list.look, args.list.output.path().is_some());
    with_output(args.list.output.path(), |out| {
        match args.list.format {
            ListFormat::Table => out.write_all(table::checklist(&checklist, &style).as_bytes())?,
            ListFormat::Json => json::document(&checklist, out)?,
            ListFormat::Csv => csv::checklist(&checklist, out)?,
        }
        Ok(())
    })?;
    Ok(status(&index, &args.source))
}
