//! `plimsoll check` with dive's rules.

use super::super::outputs::{self, Target};
use super::super::run::{message, stack, with_output};
use super::super::{Check, CheckFormat};
use anyhow::Result;
use plimsoll::dive::gate::{self, Gate, Rule, Ruling, Threshold, Written};
use plimsoll::dive::{FileLists, Numbers};
use plimsoll::{Error, Index};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Most of dive's file that is read.
const MOST: u64 = 64 << 10;
/// The file that dive reads unless another is named.
const DEFAULT: &str = ".dive-ci";

/// What dive would be told.
pub(super) struct Rules {
    flags: Written,
    file: Option<PathBuf>,
}

/// dive's rules, where they are asked for: by a flag of dive's, or by its file where there is no other budget.
pub(super) fn asked(args: &Check, has_budget: bool) -> Result<Option<Rules>> {
    // In the order of `Rule::ALL`.
    let flags: Written = [args.highest_user_wasted_percent.clone(), args.highest_wasted_bytes.clone(), args.lowest_efficiency.clone()];
    let named = args.ci_config.is_some() || flags.iter().any(Option::is_some) || args.migrate;
    let path = args.ci_config.as_deref().unwrap_or(Path::new(DEFAULT));
    let exists = path.exists();
    if !named && (has_budget || !exists) {
        return Ok(None);
    }
    let typed = super::wanted(args) != plimsoll::budget::Wanted::default();
    if typed {
        return Err(Error::Usage("dive's rules and plimsoll's budgets are two gates: check with one or the other".to_owned()).into());
    }
    if args.migrate && args.ci_config.is_none() && flags.iter().all(Option::is_none) && !exists {
        return Ok(None);
    }
    if !named {
        message(&format!("plimsoll: no budgets; dive's rules in {DEFAULT} hold (--migrate prints them as budgets)"));
    }
    let file = (exists || args.ci_config.is_some()).then(|| path.to_owned());
    Ok(Some(Rules { flags, file }))
}

fn read(path: &Path) -> Result<Written> {
    let text = super::super::configured::text(path, MOST, "file of dive's rules")?;
    Ok(gate::read(&text, &path.display().to_string())?)
}

/// Exit status as dive's: 0, or 1 for whatever else.
pub(super) fn check(args: &Check, rules: &Rules, targets: &[Target<CheckFormat>]) -> Result<u8> {
    match judge(args, rules, targets) {
        Err(error) if !args.migrate => {
            message(&format!("plimsoll: {}", plimsoll::text::escaped_lines(&format!("{error:#}"))));
            Ok(1)
        }
        result => result,
    }
}

fn judge(args: &Check, rules: &Rules, targets: &[Target<CheckFormat>]) -> Result<u8> {
    let known = [CheckFormat::Table, CheckFormat::Json, CheckFormat::Csv];
    if targets.iter().any(|target| !known.contains(&target.format)) {
        return Err(
            Error::Usage("dive's rules: expected the format table, json or csv; budgets of plimsoll.toml have all".to_owned()).into()
        );
    }
    let file = rules.file.as_deref().map(read).transpose()?.unwrap_or_default();
    let gate = Gate::new(&rules.flags, &file)?;
    if args.migrate {
        let output = targets.first().and_then(|target| target.place.as_deref());
        return with_output(output, |out| Ok(out.write_all(gate.migrated().as_bytes())?));
    }
    let (index, _) = stack(&args.source)?;
    if index.image().is_incomplete() {
        return Err(Error::Usage("the image is incomplete, and dive judges whole images alone".to_owned()).into());
    }
    let dive = plimsoll::dive::of(&index, FileLists::Omit);
    let numbers = dive.numbers();
    let rulings = gate.judge(&numbers);
    let failed = rulings.iter().any(|ruling| ruling.passes == Some(false));
    outputs::write(targets, |target, out| {
        match target.format {
            CheckFormat::Table => out.write_all(gate::text(&numbers, &dive.references(), &rulings).as_bytes())?,
            CheckFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, &verdict(&index, &numbers, &rulings, failed))?;
                out.write_all(b"\n")?;
            }
            _ => {
                plimsoll::render::csv::row(&["name", "verdict", "actual", "limit"], out)?;
                for ruling in &rulings {
                    let (actual, limit) = values(ruling, &numbers);
                    plimsoll::render::csv::row(&[ruling.rule.name(), word(ruling), &actual.to_string(), &limit.to_string()], out)?;
                }
            }
        }
        Ok(())
    })?;
    Ok(u8::from(failed && !args.exit_zero))
}

fn word(ruling: &Ruling) -> &'static str {
    match ruling.passes {
        Some(true) => "pass",
        Some(false) => "fail",
        None => "skip",
    }
}

/// What was found and what is allowed; null where it is no number.
fn values(ruling: &Ruling, numbers: &Numbers) -> (Value, Value) {
    let actual = match ruling.rule {
        Rule::HighestUserWastedPercent => json!(numbers.user_wasted_percent),
        Rule::HighestWastedBytes => json!(numbers.wasted_bytes),
        Rule::LowestEfficiency => json!(numbers.efficiency),
    };
    let limit = match ruling.threshold {
        Threshold::Disabled => Value::Null,
        Threshold::Bytes(bytes) => json!(bytes),
        Threshold::Ratio(ratio) => json!(ratio),
    };
    (actual, limit)
}

/// In the form of plimsoll's own verdict, as far as dive has it; a rule that is switched off has the verdict `skip`.
fn verdict(index: &Index, numbers: &Numbers, rulings: &[Ruling], failed: bool) -> Value {
    let one = |ruling: &Ruling| {
        let (actual, limit) = values(ruling, numbers);
        json!({"name": ruling.rule.name(), "actual": actual, "limit": limit, "verdict": word(ruling)})
    };
    json!({
        "schema": plimsoll::report::SCHEMA,
        "mode": "dive",
        "verdict": if failed { "fail" } else { "pass" },
        "source": index.image().source(),
        "names": index.image().names(),
        "budgets": rulings.iter().map(one).collect::<Vec<_>>(),
        "dive": plimsoll::dive::report(index),
    })
}
