//! `--all-platforms`: one image for each of its platforms, side by side.

use super::judge;
use super::run::{open, reading, status, with_output};
use super::terminal::style;
use super::{Format, Weigh};
use anyhow::Result;
use plimsoll::render::{json, table};
use plimsoll::{Error, Index};

pub(crate) fn all(args: &Weigh) -> Result<u8> {
    if !matches!(args.format, Format::Table | Format::Json) {
        return Err(Error::Usage("--all-platforms: expected the format table or json".into()).into());
    }
    let judged = judge::options(&args.judge, &args.source)?;
    let (options, reference) = reading(&args.source)?;
    let platforms = open(&reference, &args.source.remote)?.platforms(&options, &())?;
    // An image that stands alone is for the one platform that its configuration says.
    let platforms = if platforms.is_empty() { vec![None] } else { platforms.into_iter().map(Some).collect() };
    let (mut reports, mut worst) = (Vec::new(), 0);
    for platform in platforms {
        let options = plimsoll::Options { platform, ..options.clone() };
        let bar = super::progress::Bar::new();
        let image = open(&reference, &args.source.remote)?.read(&options, &bar);
        bar.finish();
        let index = Index::build(image?, &options.limits)?;
        worst = worst.max(status(&index, &args.source));
        reports.push(judge::report(index, &judged, &args.without, &options.limits)?.1);
    }
    let output = args.output.output.as_deref();
    let style = style(&args.look, output.is_some());
    with_output(output, |out| {
        match args.format {
            Format::Json => json::lines(reports.iter(), out)?,
            _ => out.write_all(table::platforms(&reports, &style).as_bytes())?,
        }
        Ok(())
    })?;
    Ok(worst)
}
