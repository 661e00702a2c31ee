//! The default command: weigh an image.

use super::check::configuration;
use super::judge;
use super::outputs::{self, Target};
use super::run::{stack, status};
use super::terminal::style;
use super::{Format, Weigh};
use anyhow::Result;
use plimsoll::analysis::{Analysis, AnalysisOptions};
use plimsoll::dive::{self, FileLists};
#[cfg(feature = "html")]
use plimsoll::render::html;
use plimsoll::render::markdown::{self, Form};
use plimsoll::render::problems::Judged;
use plimsoll::render::style::{Paint, Style};
use plimsoll::render::svg::{self, Picture};
use plimsoll::render::{csv, github, gitlab, json, openmetrics, redact, sarif, table};
use plimsoll::rules::built_in;
use plimsoll::{Error, Report};
use std::io::Write;

pub(crate) fn weigh(args: &Weigh) -> Result<u8> {
    weigh_with(args, &judge::options(&args.judge, &args.source)?, None)
}

/// The same with options that are at hand; `closing` is a line below the table on standard output.
pub(crate) fn weigh_with(args: &Weigh, options: &AnalysisOptions, closing: Option<&str>) -> Result<u8> {
    let targets = args.outputs.targets(args.format)?;
    let (index, limits) = stack(&args.source)?;
    let (is_dive, ours): (Vec<_>, Vec<_>) = targets.into_iter().partition(|target| target.format == Format::DiveJson);
    if !is_dive.is_empty() {
        if !args.without.is_empty() && !ours.is_empty() {
            let what = "--output dive-json: dive's file is of the image itself, not of what it would be --without edits";
            return Err(Error::Usage(what.to_owned()).into());
        }
        outputs::write(&is_dive, |_, out| Ok(dive::of(&index, FileLists::Keep).write_json(out)?))?;
    }
    if ours.is_empty() {
        return Ok(status(&index, &args.source));
    }
    let (index, mut report, drawn) = judge::report_and(index, options, &args.without, &limits, |analysis| Drawn::new(&ours, analysis))?;
    let drawn = drawn?;
    if args.dive {
        report.dive = Some(dive::report(&index));
    }
    let redacted = ours.iter().any(|target| args.outputs.redacts(target.format)).then(|| {
        let mut redacted = report.clone();
        redact::report(&mut redacted);
        redacted
    });
    let rules = options.config.catalogue(built_in());
    let configuration = configuration(&args.judge.configured);
    outputs::write(&ours, |target, out| {
        let style = style(&args.look, target.place.is_some());
        let report = redacted.as_ref().filter(|_| args.outputs.redacts(target.format)).unwrap_or(&report);
        let judged = Judged { report, rules: &rules, verdict: None, configuration: &configuration, unit: style.unit };
        write(args, target.format, &judged, &drawn, &style, out)?;
        match closing {
            Some(line) if target.format == Format::Table && target.place.is_none() => {
                Ok(writeln!(out, " {}", style.paint(Paint::Dim, line))?)
            }
            _ => Ok(()),
        }
    })?;
    let status = status(&index, &args.source);
    // The process ends: its memory goes back at once, sooner than piece by piece.
    std::mem::forget((index, report));
    Ok(status)
}

/// What a page and a picture need beside the report, where there is to be one.
#[derive(Default)]
struct Drawn {
    #[cfg(feature = "html")]
    page: Option<html::ImageTrees>,
    picture: Option<Picture>,
}

impl Drawn {
    fn new(targets: &[Target<Format>], analysis: &Analysis<'_>) -> Result<Self> {
        let mut drawn = Self::default();
        for target in targets {
            match target.format {
                #[cfg(feature = "html")]
                Format::Html => drawn.page = Some(html::ImageTrees::new(analysis)?),
                Format::Svg => drawn.picture = Some(Picture::new(analysis)),
                _ => {}
            }
        }
        Ok(drawn)
    }
}

fn write(args: &Weigh, format: Format, judged: &Judged<'_>, drawn: &Drawn, style: &Style, out: &mut dyn Write) -> Result<()> {
    let report: &Report = judged.report;
    match format {
        Format::Json => json::document(report, out)?,
        Format::Csv => csv::layers(report, out)?,
        Format::Markdown => {
            let form = Form::Comment { key: args.outputs.key.as_deref() };
            out.write_all(markdown::weigh(judged, form).as_bytes())?;
        }
        Format::GithubSummary => out.write_all(markdown::weigh(judged, Form::Summary).as_bytes())?,
        Format::Sarif => sarif::log(judged, out)?,
        Format::Gitlab => gitlab::issues(judged, out)?,
        Format::Github => out.write_all(github::annotations(judged).as_bytes())?,
        Format::Openmetrics => out.write_all(openmetrics::exposition(judged).as_bytes())?,
        #[cfg(feature = "html")]
        Format::Html => {
            if let Some(trees) = &drawn.page {
                html::image(judged, trees, args.outputs.redacts(format), args.outputs.title.as_deref(), out)?;
            }
        }
        Format::Svg => {
            if let Some(picture) = &drawn.picture {
                out.write_all(svg::image(judged, picture, args.outputs.title.as_deref()).as_bytes())?;
            }
        }
        Format::Table | Format::DiveJson => {
            out.write_all(table::report(report, style).as_bytes())?;
            if args.details {
                out.write_all(table::details(report, style).as_bytes())?;
            }
        }
    }
    Ok(())
}
