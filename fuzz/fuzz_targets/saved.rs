//! The saved analysis: everything in it is a claim to be doubted.
//!
//! The input is what the file unpacks to; the frame, the checksum and the magic number are put
//! around it here, or no fuzzer would get past them. If the first byte says so, the rest is the
//! frame itself.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use plimsoll::reference::{Place, Reference};
use plimsoll::source::Verify;
use plimsoll::{Index, Report, ReportOptions, saved};
use plimsoll_fuzz::{archive, check, compress, limits, options, scratch};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((&control, rest)) = data.split_first() else { return Corpus::Reject };
    let packed = if control & 7 == 7 { rest.to_vec() } else { compress::zstd(rest, -5, true) };
    let file = [&b"PLIMSOLL"[..], &saved::VERSION.to_le_bytes(), archive::hex(&packed).as_bytes(), &packed].concat();
    let Some(first) = weighed(&file) else { return Corpus::Keep };
    let second = weighed(&first.0).expect("what was written is read");
    assert_eq!(second.1, first.1, "written and read again, the report is the same");
    Corpus::Keep
});

/// The analysis written anew, and the report.
fn weighed(file: &[u8]) -> Option<(Vec<u8>, String)> {
    let path = scratch("saved.plimsoll", file);
    let image = saved::open(&Reference { place: Place::Path(path), image: None, text: String::new() }, &options(Verify::None));
    let image = image.ok()?.expect("the magic number is right");
    let mut again = Vec::new();
    saved::write(&image, &mut again).expect("what was read can be written");
    let index = Index::build(image, &limits()).ok()?;
    let report = Report::new(&index, &ReportOptions::default());
    check(&index, &report);
    Some((again, serde_json::to_string_pretty(&report).expect("a report")))
}
