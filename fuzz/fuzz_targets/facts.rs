//! What is read of files' contents: package databases, programs, scripts, keys.
//!
//! The first byte chooses the path, out of one for each parser; the second how the rest becomes the
//! content. A panic within a parser is caught by the library, and seen here all the same: libfuzzer-sys
//! ends the process in the panic hook.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use plimsoll::reference::{Place, Reference};
use plimsoll::source::Verify;
use plimsoll::{Index, Report, ReportOptions, Source, saved};
use plimsoll_fuzz::homes::HOMES;
use plimsoll_fuzz::{archive, check, limits, options, scratch, tar};
use std::io::Cursor;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some(([home, control], rest)) = data.split_first_chunk() else { return Corpus::Reject };
    let Some((path, start)) = HOMES.get(usize::from(*home)) else { return Corpus::Reject };
    let mut content = [*start, rest].concat();
    match control & 3 {
        // Repetition shows what takes more than linear time.
        1 => content.extend_from_slice(&rest.repeat(15)),
        // A large file, of which only a part may be kept: the second half of the input is its end.
        2 => {
            let end = content.split_off(start.len() + rest.len() / 2);
            content.resize(content.len() + (300 << 10), 0);
            content.extend_from_slice(&end);
        }
        _ => {}
    }
    let mut layer = Vec::new();
    tar::file(&mut layer, path, &content);
    let archive = archive::of_layer(&layer, Some(&layer));
    let whole = options(Verify::None);
    let mut options = whole.clone();
    if control & 16 != 0 {
        // Reached while a parser names paths.
        (options.limits.nodes, options.limits.names) = (100, 20_000);
    }
    let image = Source::stream(Cursor::new(archive), "fuzz").read(&options, &()).expect("the archive is sound");
    if control & 4 != 0 {
        // Whatever a parser says can be saved, and is believed when it is read.
        let mut file = Vec::new();
        saved::write(&image, &mut file).expect("what was read can be written");
        let place = Reference { place: Place::Path(scratch("facts.plimsoll", &file)), image: None, text: String::new() };
        let mut again = Vec::new();
        saved::write(&saved::open(&place, &whole).expect("it is sound").expect("it is one"), &mut again).expect("once more");
        assert!(file == again, "written and read again, it is the same");
    }
    let index = Index::build(image, &limits()).expect("one file");
    if control & 8 != 0 {
        check(&index, &Report::new(&index, &ReportOptions::default()));
    }
    Corpus::Keep
});
