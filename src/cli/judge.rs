//! Commands about what is waste and what to change.

use super::run::{TABLE_ROWS, base_layers, stack, status, with_output};
use super::terminal::style;
use super::{Explain, Files, Findings, Format, Judge, List, ListFormat, Look, PackageFormat, Packages, Plan, Rules, Source, Weigh};
use anyhow::{Context, Result};
use plimsoll::analysis::{Analysis, AnalysisOptions, LinesBy};
use plimsoll::breakdown::Breakdown;
use plimsoll::edits::Removal;
use plimsoll::facts::{Ecosystem, Package};
use plimsoll::index::Placed;
use plimsoll::render::style::Style;
use plimsoll::render::{csv, cyclonedx, explain as explanation, json, table};
use plimsoll::rules::Rule;
use plimsoll::{Error, Index, Limits, Report, dockerfile};
use std::io::Write;
use std::path::Path;

/// Most of a Dockerfile that is read.
const DOCKERFILE: u64 = 1 << 20;

/// What was typed, as the library takes it.
pub(crate) fn options(judge: &Judge, source: &Source) -> Result<AnalysisOptions> {
    let base = judge.base.as_deref().map(|base| base_layers(base, source)).transpose()?;
    let config = super::configured::read(&judge.configured)?;
    let mut options = AnalysisOptions { base, config, today: Some(super::configured::today()), ..AnalysisOptions::default() };
    match &judge.dockerfile {
        Some(path) => options.dockerfiles.push(read_dockerfile(path, None)?),
        None => options.nearby.extend(read_dockerfile(Path::new("Dockerfile"), None).ok()),
    }
    Ok(options)
}

/// The name and instructions of a Dockerfile, down to the end of one stage if there is a wish.
pub(crate) fn read_dockerfile(path: &Path, stage: Option<&str>) -> Result<(String, Vec<dockerfile::Step>)> {
    use std::io::Read;
    let mut text = Vec::new();
    let file = std::fs::File::open(path).with_context(|| format!("opening the Dockerfile `{}`", path.display()))?;
    file.take(DOCKERFILE).read_to_end(&mut text).with_context(|| format!("reading the Dockerfile `{}`", path.display()))?;
    let text = String::from_utf8_lossy(&text);
    let steps = stage.and_then(|stage| dockerfile::stage(&text, stage)).unwrap_or_else(|| dockerfile::parse(&text));
    Ok((path.display().to_string(), steps))
}

/// The report of the image, or of what it would be without some of its edits.
pub(crate) fn report(index: Index, options: &AnalysisOptions, without: &[String], limits: &Limits) -> Result<(Index, Report)> {
    report_and(index, options, without, limits, |_| ()).map(|(index, report, ())| (index, report))
}

/// The same, and what else is to be had of the analysis.
pub(crate) fn report_and<T>(
    index: Index,
    options: &AnalysisOptions,
    without: &[String],
    limits: &Limits,
    also: impl FnOnce(&Analysis<'_>) -> T,
) -> Result<(Index, Report, T)> {
    let (notes, names) = (index.notes().clone(), without_names(without));
    let (index, options) = reduced(index, options, without, limits)?;
    let analysis = Analysis::new(&index, &options);
    if without.is_empty() {
        warn(&analysis, &options);
    }
    let mut report = Report::of(&analysis, 0);
    if !names.is_empty() {
        // Whiteouts of what is left out are no oddities of the image.
        report.notes.retain(|note| note.code == "allow-expired");
        report.notes.extend_from_slice(notes.as_slice());
    }
    report.image.without = names;
    let other = also(&analysis);
    Ok((index, report, other))
}

/// `edits 1 and 3`, `certain edits`.
fn without_names(without: &[String]) -> Vec<String> {
    let is_number = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    let mut each: Vec<&str> = Vec::new();
    for word in without.iter().map(|word| word.trim()) {
        if !each.contains(&word) {
            each.push(word);
        }
    }
    let (numbers, words): (Vec<&str>, Vec<&str>) = each.into_iter().partition(is_number);
    let plural = if numbers.len() == 1 { "" } else { "s" };
    let numbers = match numbers.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    };
    numbers.map(|numbers| format!("edit{plural} {numbers}")).into_iter().chain(words.iter().map(|word| format!("{word} edits"))).collect()
}

/// The image without some of its edits' bytes, and how it is judged: edits that are left keep their numbers.
pub(crate) fn reduced(index: Index, options: &AnalysisOptions, without: &[String], limits: &Limits) -> Result<(Index, AnalysisOptions)> {
    if without.is_empty() {
        return Ok((index, options.clone()));
    }
    let (removal, known) = {
        let analysis = Analysis::new(&index, options);
        warn(&analysis, options);
        (removal(&analysis, without)?, analysis.plan.names())
    };
    Ok((index.without(&removal, limits)?, AnalysisOptions { known, ..options.clone() }))
}

/// A Dockerfile that was named and does not fit, or an exception that expired, must not be passed over in silence.
pub(crate) fn warn(analysis: &Analysis<'_>, options: &AnalysisOptions) {
    for allow in &analysis.expired {
        super::run::message(&format!("plimsoll: {}", plimsoll::text::escaped(allow.expiry().as_bytes())));
    }
    if let Some((name, _)) = options.dockerfiles.first()
        && analysis.dockerfile.by != Some(LinesBy::Named)
    {
        super::run::message(&format!("plimsoll: `{name}` does not agree with the image's history; its lines are not shown"));
    }
}

/// The entries that go with the edits named.
fn removal(analysis: &Analysis<'_>, without: &[String]) -> Result<Removal> {
    let plan = &analysis.plan;
    let mut numbers = Vec::new();
    for word in without {
        match word.trim() {
            "certain" => numbers.extend(plan.certain()),
            "all" => numbers.extend(0..plan.edits.len()),
            number => {
                let number = number.parse().ok().filter(|number| (1..=plan.edits.len()).contains(number)).ok_or_else(|| {
                    let have =
                        if plan.edits.is_empty() { "there are none".to_owned() } else { format!("there are 1 to {}", plan.edits.len()) };
                    Error::Usage(format!(
                        "--without `{}`: expected the number of an edit ({have}), `certain` or `all`",
                        number.escape_debug()
                    ))
                })?;
                numbers.push(number - 1);
            }
        }
    }
    Ok(plan.removal(analysis.index, numbers))
}

pub(crate) fn plan(args: &Plan) -> Result<u8> {
    list(&args.source, &args.judge, &args.list, |report, style, out| {
        match args.list.format {
            ListFormat::Table => out.write_all(table::plan(report, style).as_bytes())?,
            ListFormat::Json => json::plan(report, out)?,
            ListFormat::Csv => csv::edits(report, out)?,
        }
        Ok(())
    })
}

pub(crate) fn findings(args: &Findings) -> Result<u8> {
    list(&args.source, &args.judge, &args.list, |report, style, out| {
        match args.list.format {
            ListFormat::Table => out.write_all(table::findings(report, args.all, style).as_bytes())?,
            ListFormat::Json => json::lines(report.findings.iter(), out)?,
            ListFormat::Csv => csv::findings(report, out)?,
        }
        Ok(())
    })
}

/// A list out of an image's report.
fn list(source: &Source, judge: &Judge, list: &List, write: impl FnOnce(&Report, &Style, &mut dyn Write) -> Result<()>) -> Result<u8> {
    let options = options(judge, source)?;
    let (index, limits) = stack(source)?;
    let (index, report) = report(index, &options, &[], &limits)?;
    let style = style(&list.look, list.output.path().is_some());
    with_output(list.output.path(), |out| write(&report, &style, out))?;
    Ok(status(&index, source))
}

pub(crate) fn packages(args: &Packages) -> Result<u8> {
    let options = options(&args.judge, &args.source)?;
    let (index, limits) = stack(&args.source)?;
    let (index, report) = report(index, &options, &[], &limits)?;
    let style = style(&args.look, args.output.path().is_some());
    let top = args.top.unwrap_or(if args.format == PackageFormat::Table { TABLE_ROWS } else { 0 });
    let list = table::Packages { ecosystems: args.ecosystem.clone(), all: args.all, top };
    with_output(args.output.path(), |out| {
        match args.format {
            PackageFormat::Table => out.write_all(table::packages(&report, &list, &style).as_bytes())?,
            PackageFormat::Json => json::lines(list.of(&report), out)?,
            PackageFormat::Csv => csv::packages(list.of(&report), out)?,
            PackageFormat::Cyclonedx => cyclonedx::bill(&report, &args.ecosystem, out)?,
        }
        Ok(())
    })?;
    Ok(status(&index, &args.source))
}

/// The default command with `--by`.
pub(crate) fn by(args: &Weigh) -> Result<u8> {
    if args.by.iter().enumerate().any(|(at, key)| args.by[..at].contains(key)) {
        return Err(Error::Usage("--by: each key can be given once".to_owned()).into());
    }
    let targets = args.outputs.targets(args.format)?;
    if targets.iter().any(|target| !matches!(target.format, Format::Table | Format::Json | Format::Csv)) {
        return Err(Error::Usage("--by: there are no such groups in that format; the formats are table, json and csv".to_owned()).into());
    }
    let options = options(&args.judge, &args.source)?;
    let (index, limits) = stack(&args.source)?;
    let (index, options) = reduced(index, &options, &args.without, &limits)?;
    let mut groups = Breakdown::new(&Analysis::new(&index, &options), &args.by);
    if args.outputs.redacts(Format::Table) {
        plimsoll::render::redact::breakdown(&mut groups);
    }
    super::outputs::write(&targets, |target, out| {
        let style = style(&args.look, target.place.is_some());
        match target.format {
            Format::Json => json::document(&groups, out)?,
            Format::Csv => csv::breakdown(&groups, out)?,
            _ => out.write_all(table::breakdown(&groups, args.details, &style).as_bytes())?,
        }
        Ok(())
    })?;
    Ok(status(&index, &args.source))
}

/// Of some entries those that belong to one of the packages, and those that one of the rules claims.
pub(crate) fn belonging<'i>(index: &'i Index, args: &Files, found: Vec<Placed<'i>>) -> Result<Vec<Placed<'i>>> {
    if args.package.is_empty() && args.rule.is_empty() {
        return Ok(found);
    }
    let analysis = Analysis::new(index, &options(&args.judge, &args.source)?);
    for rule in &args.rule {
        known(&analysis.findings.rules, rule)?;
    }
    let is = |package: &Package, (ecosystem, name): &(Ecosystem, String)| package.ecosystem == *ecosystem && package.name == *name;
    for wanted in &args.package {
        if !analysis.attribution.packages().iter().any(|installed| is(installed.package, wanted)) {
            let name = format!("{}:{}", wanted.0.name(), wanted.1);
            return Err(Error::NotFound(format!(
                "the image has no package `{}`; `plimsoll packages IMAGE --all --top 0` lists them",
                name.escape_debug()
            ))
            .into());
        }
    }
    let passes = |placed: &Placed<'_>| {
        let owned = |wanted: &(Ecosystem, String)| {
            analysis.attribution.owner(placed).is_some_and(|id| is(analysis.attribution.package(id).package, wanted))
        };
        let claimed = |rule: &String| analysis.findings.of(placed).is_some_and(|finding| analysis.findings.rule(finding).id == *rule);
        (args.package.is_empty() || args.package.iter().any(owned)) && (args.rule.is_empty() || args.rule.iter().any(claimed))
    };
    Ok(found.into_iter().filter(passes).collect())
}

/// A rule of the catalogue.
fn known<'r>(rules: &'r [Rule], id: &str) -> Result<&'r Rule> {
    let found = rules.iter().find(|rule| rule.id == id);
    Ok(found.ok_or_else(|| {
        let near = plimsoll::config::near(id, rules.iter().map(|rule| rule.id.as_str()));
        let hint = match near.as_slice() {
            _ if plimsoll::checklist::ids().any(|check| check == id) => {
                "; it is a check: `plimsoll checklist IMAGE` shows what it found, and what to do".to_owned()
            }
            [] => String::new(),
            [one] => format!("; near it is {one}"),
            many => format!("; near it are {}", many.join(", ")),
        };
        Error::Usage(format!("no rule is named `{}`; `plimsoll rules` lists them{hint}", id.escape_debug()))
    })?)
}

pub(crate) fn rules(args: &Rules) -> Result<u8> {
    let rules = &super::configured::read(&args.configured)?.catalogue(plimsoll::rules::built_in());
    let output = args.output.path();
    let style = style(&Look { color: args.color, iec: false, bytes: false }, output.is_some());
    with_output(output, |out| {
        match args.format {
            ListFormat::Table => out.write_all(table::rules(rules, &style).as_bytes())?,
            ListFormat::Json => json::lines(rules.iter(), out)?,
            ListFormat::Csv => csv::rules(rules, out)?,
        }
        Ok(())
    })
}

pub(crate) fn explain(args: &Explain) -> Result<u8> {
    let rules = super::configured::read(&args.judge.configured)?.catalogue(plimsoll::rules::built_in());
    let rule = known(&rules, &args.rule)?;
    let style = style(&args.look, args.output.path().is_some());
    let source = &args.source.0;
    if source.image.is_none() {
        return with_output(args.output.path(), |out| Ok(out.write_all(explanation::rule(rule, &style).as_bytes())?));
    }
    let options = options(&args.judge, source)?;
    let (index, limits) = stack(source)?;
    let (index, report) = report(index, &options, &[], &limits)?;
    with_output(args.output.path(), |out| {
        out.write_all(explanation::rule(rule, &style).as_bytes())?;
        Ok(out.write_all(explanation::in_image(rule, &report, &style).as_bytes())?)
    })?;
    Ok(status(&index, source))
}
