//! An image judged: packages, findings, edits, and what it would be without them.
//!
//! The first byte says how the archive is written; the rest is text as `recipe` reads it.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use plimsoll::analysis::{Analysis, AnalysisOptions};
use plimsoll::breakdown::{Breakdown, Key};
use plimsoll::checklist::Checklist;
use plimsoll::layer::Measures;
use plimsoll::render::size::Unit;
use plimsoll::render::style::Style;
use plimsoll::render::{csv, json, table};
use plimsoll::source::Verify;
use plimsoll::{Index, Report, Source};
use plimsoll_fuzz::{check, limits, options, recipe, shown};
use std::io::Cursor;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((&control, rest)) = data.split_first() else { return Corpus::Reject };
    let form = recipe::Form { gzip: control & 1 != 0, times: if control & 2 != 0 { 8 } else { 1 } };
    let archive = recipe::build(&String::from_utf8_lossy(rest), form);
    let Ok(image) = Source::stream(Cursor::new(archive), "fuzz").read(&options(Verify::None), &()) else { return Corpus::Keep };
    let Ok(index) = Index::build(image, &limits()) else { return Corpus::Keep };
    let analysis = Analysis::new(&index, &AnalysisOptions::default());
    let report = Report::of(&analysis, 0);
    check(&index, &report);
    // Judging takes most of the time, so it is done again for some inputs only.
    let thorough = control & 0x80 != 0;
    if thorough {
        let again = Report::of(&Analysis::new(&index, &AnalysisOptions::default()), 0);
        assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&report).unwrap(), "judged twice, it is the same");
    }
    other_views(&analysis, control);

    let all = control & 4 != 0;
    let gone: Measures = report.edits.iter().filter(|edit| all || edit.certain).map(|edit| edit.saves).sum();
    let removal = if all {
        analysis.plan.removal(&index, 0..analysis.plan.edits.len())
    } else {
        analysis.plan.removal(&index, analysis.plan.certain())
    };
    assert_eq!(removal.measures(&index), gone, "the edits add up");
    drop(analysis);
    let Ok(index) = index.without(&removal, &limits()) else { panic!("less is within the limits too") };
    let sums = index.sums();
    assert_eq!(sums.total() + gone, report.totals, "what is left and what is gone are all");
    assert_eq!(sums.overhead(), report.overhead, "overhead stays");
    if thorough {
        check(&index, &Report::of(&Analysis::new(&index, &AnalysisOptions::default()), 0));
    }
    Corpus::Keep
});

/// What reports do not have.
fn other_views(analysis: &Analysis<'_>, control: u8) {
    let style = Style { color: false, bars: false, width: 90, unit: Unit::Si };
    let mut text = Vec::new();
    let checklist = Checklist::of(analysis);
    shown(&table::checklist(&checklist, &style), false);
    csv::checklist(&checklist, &mut text).unwrap();
    json::document(&checklist, &mut text).unwrap();
    let first = usize::from(control >> 3) % Key::ALL.len();
    let keys = [Key::ALL[first], Key::ALL[(first + 1 + usize::from(control >> 6)) % Key::ALL.len()]];
    let breakdown = Breakdown::new(analysis, &keys);
    let rows: Measures = breakdown.rows().into_iter().map(|(_, group)| group.all).sum();
    assert_eq!(rows, breakdown.totals, "the groups add up");
    shown(&table::breakdown(&breakdown, true, &style), false);
    csv::breakdown(&breakdown, &mut text).unwrap();
}
