//! A whole archive, from its bytes to the tables.
//!
//! The first byte says how the rest is to be taken: as an archive whose checksums and digests are
//! mended, as it is, or as choices for an image to be built.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use plimsoll::reference::{Place, Reference};
use plimsoll::source::Verify;
use plimsoll::{Index, Report, ReportOptions, Source};
use plimsoll_fuzz::{archive, limits, options, scratch, weigh};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((&control, rest)) = data.split_first() else { return Corpus::Reject };
    let archive = match control & 3 {
        0 => {
            let mut archive = rest.to_vec();
            archive::mend(&mut archive);
            archive
        }
        1 => rest.to_vec(),
        _ => match archive::build(&mut Unstructured::new(rest)) {
            Ok(archive) => archive,
            Err(_) => return Corpus::Reject,
        },
    };
    let verify = [Verify::None, Verify::Named, Verify::All, Verify::None][usize::from(control >> 2 & 3)];
    let streamed = weigh(archive.clone(), verify);
    if control & 0x10 != 0 {
        from_file(&archive, verify, streamed.ok().map(|(_, report)| report));
    }
    Corpus::Keep
});

/// A file is read out of order, and must come to the same.
fn from_file(archive: &[u8], verify: Verify, streamed: Option<Report>) {
    let path = scratch("archive.tar", archive);
    let place = Reference { place: Place::Path(path), image: None, text: "fuzz".into() };
    let Ok(source) = Source::open(&place) else { return };
    let Ok(image) = source.read(&options(verify), &()) else { return };
    let Ok(index) = Index::build(image, &limits()) else { return };
    let report = Report::new(&index, &ReportOptions::default());
    plimsoll_fuzz::check(&index, &report);
    // A stream's limits are spent on layers of other images too.
    if let Some(streamed) = streamed.filter(|streamed| streamed.limits_hit.is_empty() && report.limits_hit.is_empty()) {
        let text = |report: &Report| serde_json::to_string_pretty(report).unwrap();
        assert_eq!(text(&streamed), text(&report), "streamed, and from a file");
    }
}
