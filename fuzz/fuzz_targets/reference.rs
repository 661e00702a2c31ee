//! What users type: references, selectors, digests, platforms, sizes and globs; and text made safe
//! to show.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::oci::{DiffId, Digest, Platform};
use plimsoll::reference::Selector;
use plimsoll::render::size;
use plimsoll::render::text::{cells, fit, fit_path, left};
use plimsoll::text::{escaped, escaped_lines};
use plimsoll::{Reference, files};

/// Globs are matched against each of these.
const PATHS: [&str; 6] = ["", "a", "usr/lib/x86_64-linux-gnu/libc.so.6", "a/b/c/d/e/f", ".wh.x", "etc/ä/\u{202e}"];

fuzz_target!(|data: &[u8]| {
    shown(data);
    let Ok(input) = std::str::from_utf8(data) else { return };

    if let Ok(reference) = Reference::parse(input) {
        assert_eq!(reference.text, input);
    }
    let (kind, image) = input.split_once(' ').unwrap_or((input, ""));
    let _ = Reference::parse_as(kind, image);
    if let Ok(Selector::Name(name)) = Selector::parse(input) {
        assert_eq!(name, input);
    }
    if let Ok(digest) = Digest::parse(input) {
        assert_eq!(digest.as_str(), input);
        assert_eq!(Digest::from_blob_path(&digest.blob_path()), Some(digest.clone()));
        assert!(DiffId::parse(input).unwrap().is_of(&digest));
    }
    if let Some(digest) = Digest::from_blob_path(input) {
        assert_eq!(digest.blob_path(), input);
    }
    if let Ok(platform) = Platform::parse(input) {
        assert_eq!(Platform::parse(&platform.to_string()).unwrap(), platform);
        assert!(platform.serves(&platform));
    }
    if let Ok(glob) = files::glob(input) {
        for path in PATHS {
            let _ = glob.is_match(path);
        }
    }
    if let Some(bytes) = size::parse(input) {
        assert_eq!(size::count(bytes).replace(',', "").parse(), Ok(bytes));
        let back = size::size(bytes, size::Unit::Si);
        // Exabytes are written but not read: nobody types them.
        if let Some(back) = size::parse(&back) {
            assert!(back.abs_diff(bytes) <= bytes / 200 + 1, "{bytes} came back as {back}");
        }
        let _ = (size::size(bytes, size::Unit::Iec), size::percent(bytes / 3, bytes));
    }
});

/// Nothing that a terminal obeys gets through.
fn shown(data: &[u8]) {
    let safe = escaped(data);
    assert!(safe.chars().all(harmless), "{safe:?}");
    let lossy = String::from_utf8_lossy(data);
    assert!(escaped_lines(&lossy).chars().all(|c| c == '\n' || harmless(c)));
    for width in [0, 1, 2, 9, 40] {
        for fitted in [fit(&lossy, width), fit_path(&lossy, width), left(&lossy, width)] {
            assert!(fitted.chars().all(harmless), "{fitted:?}");
            assert!(cells(&fitted) <= width.max(1), "{fitted:?} has {} cells, not {width}", cells(&fitted));
        }
        assert!(cells(&left(&lossy, width)) >= width);
    }
}

fn harmless(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
