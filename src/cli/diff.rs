//! `plimsoll diff`.

use super::check::{names, read_baseline};
use super::judge::{options, warn};
use super::run::{message, stack, status};
use super::terminal::style;
use super::{Diff as Args, DiffFormat, Source, outputs};
use anyhow::Result;
use plimsoll::Error;
use plimsoll::analysis::{Analysis, AnalysisOptions};
use plimsoll::budget::{Baseline, Budgets, Verdict, Wanted};
use plimsoll::compare::Comparison;
#[cfg(feature = "html")]
use plimsoll::render::html;
use plimsoll::render::markdown::{self, Form};
use plimsoll::render::{csv, json, redact, table};

/// Files that are listed, unless told otherwise.
const LISTED: usize = 1000;
const TABLE_ROWS: usize = 20;

pub(crate) fn diff(args: &Args) -> Result<u8> {
    let new = &args.source;
    let targets = args.outputs.targets(args.format)?;
    if args.old == "-" && new.image.as_deref() == Some("-") {
        return Err(Error::Usage("only one of OLD and NEW can be `-`: there is one standard input".to_owned()).into());
    }
    let old = Source { image: Some(args.old.clone()), select: args.old_image.clone(), kind: None, ..new.clone() };
    let of_new = options(&args.judge, new)?;
    // A Dockerfile at hand made the new image, if any.
    let of_old = AnalysisOptions { dockerfiles: Vec::new(), nearby: Vec::new(), ..of_new.clone() };
    let (before, _) = stack(&old)?;
    let (after, _) = stack(new)?;
    let top = args.top.map(|top| if top == 0 { usize::MAX } else { top });
    let listed = top.unwrap_or(LISTED);
    let rows = top.unwrap_or(TABLE_ROWS);
    let (was, is) = (Analysis::new(&before, &of_old), Analysis::new(&after, &of_new));
    warn(&is, &of_new);
    let raw = Comparison { verdict: verdict(args, &was, &is, &of_new)?, ..Comparison::of(&was, &is, listed.max(rows)) };
    let redacted = targets.iter().any(|target| args.outputs.redacts(target.format)).then(|| {
        let mut redacted = raw.clone();
        redact::comparison(&mut redacted);
        redacted
    });
    outputs::write(&targets, |target, out| {
        let comparison = redacted.as_ref().filter(|_| args.outputs.redacts(target.format)).unwrap_or(&raw);
        let style = style(&args.look, target.place.is_some());
        match target.format {
            DiffFormat::Table => out.write_all(table::diff(comparison, args.files.then_some(rows), &style).as_bytes())?,
            DiffFormat::Json => json::document(comparison, out)?,
            DiffFormat::Csv => csv::diff(comparison, out)?,
            DiffFormat::Markdown => {
                let form = Form::Comment { key: args.outputs.key.as_deref() };
                out.write_all(markdown::diff(comparison, form, style.unit).as_bytes())?;
            }
            #[cfg(feature = "html")]
            DiffFormat::Html => {
                html::change(comparison, &html::ChangeTrees::new(comparison, &was, &is)?, style.unit, args.outputs.title.as_deref(), out)?;
            }
            DiffFormat::GithubSummary => out.write_all(markdown::diff(comparison, Form::Summary, style.unit).as_bytes())?,
        }
        Ok(())
    })?;
    Ok(status(&before, &old).max(status(&after, new)))
}

/// What comes of the budgets, if there are any. Growth that is not measured against a baseline is that since OLD.
fn verdict(args: &Args, before: &Analysis<'_>, after: &Analysis<'_>, options: &AnalysisOptions) -> Result<Option<Verdict>> {
    let wanted = Wanted { profile: args.profile.clone(), ..Wanted::default() };
    if options.config.budgets.is_empty() && wanted == Wanted::default() {
        return Ok(None);
    }
    let budgets = Budgets::choose(&options.config, &wanted, &names(&args.source, after.index))?;
    if budgets.limits.is_empty() {
        return Ok(None);
    }
    let baseline = match &budgets.baseline {
        Some(name) => read_baseline(name, &args.source, options)?,
        None => Baseline::of(before),
    };
    match Verdict::of(after, &budgets, Some(&baseline)) {
        Ok(verdict) => Ok(Some(verdict)),
        // Told, not failed: what differs is as true without it.
        Err(unknown) => {
            message(&format!("plimsoll: budgets are left out: {unknown}"));
            Ok(None)
        }
    }
}
