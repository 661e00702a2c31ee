//! `--all-platforms`: one image for each of its platforms, side by side.

use super::judge;
use super::outputs;
use super::run::{open, reading, status};
use super::terminal::style;
use super::{Format, Weigh};
use anyhow::Result;
use plimsoll::analysis::Analysis;
#[cfg(feature = "html")]
use plimsoll::render::html;
#[cfg(feature = "html")]
use plimsoll::render::problems::Judged;
use plimsoll::render::{json, redact, table};
use plimsoll::{Error, Index, Report};

pub(crate) fn all(args: &Weigh) -> Result<u8> {
    let targets = args.outputs.targets(args.format)?;
    if !targets.iter().all(|target| is_known(target.format)) {
        let formats = if cfg!(feature = "html") { "table, json or html" } else { "table or json" };
        return Err(Error::Usage(format!("--all-platforms: expected the format {formats}")).into());
    }
    let judged = judge::options(&args.judge, &args.source)?;
    let (options, reference) = reading(&args.source)?;
    let platforms = open(&reference, &args.source.remote)?.platforms(&options, &())?;
    // An image that stands alone is for the one platform that its configuration says.
    let platforms = if platforms.is_empty() { vec![None] } else { platforms.into_iter().map(Some).collect() };
    let (mut reports, mut worst) = (Vec::new(), 0);
    #[cfg(feature = "html")]
    let mut trees = html::PlatformTrees::new(platforms.len());
    #[cfg(feature = "html")]
    let has_page = targets.iter().any(|target| target.format == Format::Html);
    for platform in platforms {
        let options = plimsoll::Options { platform, ..options.clone() };
        let bar = super::progress::Bar::new();
        let image = open(&reference, &args.source.remote)?.read(&options, &bar);
        bar.finish();
        let index = Index::build(image?, &options.limits)?;
        worst = worst.max(status(&index, &args.source));
        #[cfg(feature = "html")]
        let also = |analysis: &Analysis<'_>| {
            if has_page {
                trees.add(analysis);
            }
        };
        #[cfg(not(feature = "html"))]
        let also = |_: &Analysis<'_>| ();
        reports.push(judge::report_and(index, &judged, &args.without, &options.limits, also)?.1);
    }
    let redacted: Vec<_> = reports.iter().cloned().map(redacted).collect();
    outputs::write(&targets, |target, out| {
        let reports = if args.outputs.redacts(target.format) { &redacted } else { &reports };
        let style = style(&args.look, target.place.is_some());
        match target.format {
            Format::Json => json::lines(reports.iter(), out)?,
            #[cfg(feature = "html")]
            Format::Html => {
                let rules = judged.config.catalogue(plimsoll::rules::built_in());
                let configuration = super::check::configuration(&args.judge.configured);
                let one = |report| Judged { report, rules: &rules, verdict: None, configuration: &configuration, unit: style.unit };
                let (redacted, title) = (args.outputs.redacts(target.format), args.outputs.title.as_deref());
                html::platforms(&reports.iter().map(one).collect::<Vec<_>>(), &trees, redacted, title, out)?;
            }
            _ => out.write_all(table::platforms(reports, &style).as_bytes())?,
        }
        Ok(())
    })?;
    Ok(worst)
}

fn is_known(format: Format) -> bool {
    match format {
        Format::Table | Format::Json => true,
        #[cfg(feature = "html")]
        Format::Html => true,
        _ => false,
    }
}

fn redacted(mut report: Report) -> Report {
    redact::report(&mut report);
    report
}
