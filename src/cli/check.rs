//! `plimsoll check` and `plimsoll baseline`.

mod dive;

use super::judge::{options, warn};
use super::outputs::{self, Target};
use super::run::{message, open, reading, stack, status, with_output};
use super::terminal::style;
use super::{BaselineArgs, Check, CheckFormat, Configured, FailOn, Source, is_standard};
use anyhow::Result;
use plimsoll::analysis::{Analysis, AnalysisOptions};
use plimsoll::budget::{Baseline, Budgets, Measure, Outcome, Subject, Verdict, Wanted, Way, What};
#[cfg(feature = "html")]
use plimsoll::render::html;
use plimsoll::render::markdown::{self, Form};
use plimsoll::render::problems::Judged;
use plimsoll::render::{csv, github, gitlab, json, junit, openmetrics, redact, sarif, table};
use plimsoll::rules::Level;
use plimsoll::{Error, Index, Limits, Report};
use std::path::Path;

/// Most of a baseline that is read: it has a dozen lines.
const MOST: u64 = 64 << 10;

pub(crate) fn check(args: &Check) -> Result<u8> {
    let targets = args.outputs.targets(args.format)?;
    let config = super::configured::read(&args.judge.configured)?;
    let wanted = wanted(args);
    let has_budget = !config.budgets.is_empty() || wanted != Wanted::default();
    if let Some(rules) = dive::asked(args, has_budget)? {
        return dive::check(args, &rules, &targets);
    }
    if args.migrate {
        return Err(Error::Usage("--migrate: there are no rules of dive's; name their file with --ci-config".to_owned()).into());
    }
    if !has_budget {
        return Err(Budgets::none().into());
    }
    // What is wrong with the budgets is said before the image is read.
    Budgets::choose(&config, &wanted, &[])?;
    let options = options(&args.judge, &args.source)?;
    let (index, limits) = stack(&args.source)?;
    let budgets = Budgets::choose(&config, &wanted, &names(&args.source, &index))?;
    let baseline = budgets.baseline.as_deref().map(|name| read_baseline(name, &args.source, &options)).transpose()?;
    let analysis = Analysis::new(&index, &options);
    warn(&analysis, &options);
    let mut verdict = Verdict::of(&analysis, &budgets, baseline.as_ref())?;
    verdict.way = Way::find(&analysis, &budgets, baseline.as_ref(), &options, &limits)?;
    write(args, &targets, &analysis, &verdict)?;
    let failed = verdict.verdict == Outcome::Fail && !args.exit_zero;
    // Numbers of a part of an image decide nothing.
    Ok(match status(&index, &args.source) {
        0 => u8::from(failed),
        incomplete => incomplete,
    })
}

fn write(args: &Check, targets: &[Target<CheckFormat>], analysis: &Analysis<'_>, verdict: &Verdict) -> Result<()> {
    let alone = [CheckFormat::Table, CheckFormat::Json, CheckFormat::Csv];
    // The whole report takes time, and the verdict alone does for these.
    let report = targets.iter().any(|target| !alone.contains(&target.format)).then(|| Report::of(analysis, 0));
    #[cfg(feature = "html")]
    let trees = targets.iter().any(|target| target.format == CheckFormat::Html).then(|| html::ImageTrees::new(analysis)).transpose()?;
    let configuration = configuration(&args.judge.configured);
    outputs::write(targets, |target, out| {
        let style = style(&args.look, target.place.is_some());
        let (mut verdict, mut report) = (verdict.clone(), report.clone());
        if args.outputs.redacts(target.format) {
            redact::verdict(&mut verdict);
            report.iter_mut().for_each(redact::report);
        }
        let Some(report) = report.filter(|_| !alone.contains(&target.format)) else {
            match target.format {
                CheckFormat::Json => json::document(&verdict, out)?,
                CheckFormat::Csv => csv::check(&verdict, out)?,
                _ => out.write_all(table::check(&verdict, &style).as_bytes())?,
            }
            return Ok(());
        };
        let rules = &analysis.findings.rules;
        let judged = Judged { report: &report, rules, verdict: Some(&verdict), configuration: &configuration, unit: style.unit };
        match target.format {
            CheckFormat::Table | CheckFormat::Json | CheckFormat::Csv => {}
            CheckFormat::Markdown => {
                let form = Form::Comment { key: args.outputs.key.as_deref() };
                out.write_all(markdown::check(&judged, &verdict, form).as_bytes())?;
            }
            CheckFormat::GithubSummary => out.write_all(markdown::check(&judged, &verdict, Form::Summary).as_bytes())?,
            CheckFormat::Sarif => sarif::log(&judged, out)?,
            CheckFormat::Gitlab => gitlab::issues(&judged, out)?,
            CheckFormat::Junit => out.write_all(junit::suite(&judged).as_bytes())?,
            CheckFormat::Github => out.write_all(github::annotations(&judged).as_bytes())?,
            #[cfg(feature = "html")]
            CheckFormat::Html => {
                if let Some(trees) = &trees {
                    html::image(&judged, trees, args.outputs.redacts(target.format), args.outputs.title.as_deref(), out)?;
                }
            }
            CheckFormat::Openmetrics => out.write_all(openmetrics::exposition(&judged).as_bytes())?,
        }
        Ok(())
    })
}

/// The file of the configuration, as alerts name it.
pub(crate) fn configuration(configured: &Configured) -> String {
    let path = configured.config.as_ref().filter(|path| !path.as_os_str().is_empty());
    path.map_or_else(|| "plimsoll.toml".to_owned(), |path| path.display().to_string())
}

/// What was typed, as the library takes it.
fn wanted(args: &Check) -> Wanted {
    let image = |measure| What::Bytes(Subject::Image, measure);
    let typed = [
        (image(Measure::Disk), &args.max_disk, "max-disk"),
        (image(Measure::Pull), &args.max_pull, "max-pull"),
        (What::Bytes(Subject::Own, Measure::Disk), &args.max_own, "max-own"),
        (image(Measure::Hidden), &args.max_hidden, "max-hidden"),
        (What::Layers, &args.max_layers, "max-layers"),
        (What::Growth(Subject::Image, Measure::Disk), &args.max_growth, "max-growth"),
    ];
    Wanted {
        profile: args.profile.clone(),
        most: typed.into_iter().filter_map(|(what, text, flag)| Some((what, text.clone()?, flag))).collect(),
        min_efficiency: args.min_efficiency.clone(),
        fail_on: args.fail_on.map(|level| match level {
            FailOn::Warn => Level::Warn,
            FailOn::Fail => Level::Fail,
        }),
        baseline: args.baseline.clone(),
    }
}

/// All that the image is called: as it was typed, and as its source has it.
pub(crate) fn names(source: &Source, index: &Index) -> Vec<String> {
    let typed = source.image.clone().into_iter().chain(source.select.clone());
    typed.chain(index.image().names().iter().cloned()).collect()
}

/// What growth is measured against: a file of ours, else an image.
pub(crate) fn read_baseline(name: &str, source: &Source, options: &AnalysisOptions) -> Result<Baseline> {
    let path = Path::new(name);
    let small = std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() <= MOST);
    if small
        && let Ok(text) = std::fs::read_to_string(path)
        && Baseline::is_one(&text)
    {
        return Ok(Baseline::parse(&text, name)?);
    }
    // A name without a file may be an image's, but not this one.
    if path.extension().is_some_and(|extension| extension == "lock") && !path.exists() {
        let name = name.escape_debug();
        return Err(Error::NotFound(format!("the baseline `{name}` does not exist; `plimsoll baseline IMAGE -o {name}` makes it")).into());
    }
    let (platform, remote, fetching) = (source.platform.clone(), source.remote.clone(), source.fetching.clone());
    let source = Source { platform, remote, fetching, ..Source::of(name, source.caching.clone()) };
    let (reading, reference) = reading(&source)?;
    let image = match plimsoll::saved::open(&reference, &reading)? {
        Some(image) => image,
        None => open(&reference, &source.remote)?.read(&reading, &())?,
    };
    if image.is_incomplete() {
        let what = format!("the baseline `{}` is incomplete, so that growth cannot be told", name.escape_debug());
        return Err(Error::Usage(what).into());
    }
    let index = Index::build(image, &reading.limits)?;
    let options = AnalysisOptions { base: options.base.clone(), ..AnalysisOptions::default() };
    Ok(Baseline::of(&Analysis::new(&index, &options)))
}

pub(crate) fn baseline(args: &BaselineArgs) -> Result<u8> {
    let old = match &args.output {
        Some(path) if args.update => {
            let text = super::configured::text(path, MOST, "baseline")?;
            Some(Baseline::parse(&text, &path.display().to_string())?)
        }
        _ => None,
    };
    let options = options(&args.judge, &args.source)?;
    let (index, _): (Index, Limits) = stack(&args.source)?;
    let incomplete = status(&index, &args.source);
    if incomplete != 0 {
        message("plimsoll: no baseline is written");
        return Ok(incomplete);
    }
    let now = Baseline::of(&Analysis::new(&index, &options));
    let kept = old.map_or(now.clone(), |old| old.lowered(&now));
    with_output(args.output.as_deref().filter(|path| !is_standard(path)), |out| Ok(out.write_all(kept.text().as_bytes())?))
}
