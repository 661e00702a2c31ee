//! `--all-platforms`: one image for each of its platforms, side by side.

use super::judge;
use super::outputs;
use super::run::{open, reading, status};
use super::terminal::style;
use super::{Format, Weigh};
use anyhow::Result;
use plimsoll::render::{json, redact, table};
use plimsoll::{Error, Index, Report};

pub(crate) fn all(args: &Weigh) -> Result<u8> {
    let targets = args.outputs.targets(args.format)?;
    if targets.iter().any(|target| !matches!(target.format, Format::Table | Format::Json)) {
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
    let redacted: Vec<_> = reports.iter().cloned().map(redacted).collect();
    outputs::write(&targets, |target, out| {
        let reports = if args.outputs.redacts(target.format) { &redacted } else { &reports };
        match target.format {
            Format::Json => json::lines(reports.iter(), out)?,
            _ => out.write_all(table::platforms(reports, &style(&args.look, target.place.is_some())).as_bytes())?,
        }
        Ok(())
    })?;
    Ok(worst)
}

fn redacted(mut report: Report) -> Report {
    redact::report(&mut report);
    report
}
