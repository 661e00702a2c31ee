//! What a cache keeps of a blob: everything in it is a claim to be doubted.
//!
//! The input is what a file of the cache unpacks to, without its key; key, frame, checksum and header are put
//! around it here, or no fuzzer would get past them. The blob that it speaks of is as large as it says, and
//! its bytes are never looked at. If the first byte says so, the rest is the frame itself.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use plimsoll::reference::{Place, Reference};
use plimsoll::source::Verify;
use plimsoll::{Index, Options, Report, ReportOptions, Source};
use plimsoll_fuzz::{archive, cached, check, compress};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// An image of one layer, and the file that a cache keeps of it.
struct Stage {
    reference: Reference,
    options: Options,
    blob: PathBuf,
    file: PathBuf,
    magic: Vec<u8>,
    key: Vec<u8>,
}

fuzz_target!(|data: &[u8]| -> Corpus {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    let stage = STAGE.get_or_init(Stage::new);
    let Some((&control, rest)) = data.split_first() else { return Corpus::Reject };
    let Some((sizes, values)) = rest.split_first_chunk::<8>() else { return Corpus::Reject };
    let size = |at: usize| u64::from(u32::from_le_bytes([sizes[at], sizes[at + 1], sizes[at + 2], sizes[at + 3]]));
    let (blob_bytes, entries) = (size(0), size(4));
    let packed = if control & 7 == 7 { values.to_vec() } else { compress::zstd(&[&stage.key, values].concat(), -5, true) };
    let header = [&stage.magic[..], &blob_bytes.to_le_bytes(), &entries.to_le_bytes()].concat();
    fs::write(&stage.file, [&header[..], archive::hex(&packed).as_bytes(), &packed].concat()).expect("the file can be written");
    // A hole of that size behind a start that is no layer, for the scan of one would take its time.
    fs::write(&stage.blob, b"no layer").expect("the blob can be written");
    fs::File::options().write(true).open(&stage.blob).and_then(|file| file.set_len(blob_bytes)).expect("there is room for a hole");
    let first = stage.weighed();
    assert_eq!(stage.weighed(), first, "read again, it is the same");
    Corpus::Keep
});

impl Stage {
    fn new() -> Self {
        let root = cached::scratch_directory("cached").expect("a directory");
        let (layout, home) = (root.join("layout"), root.join("cache"));
        let blobs = layout.join("blobs/sha256");
        fs::create_dir_all(&blobs).expect("a directory");
        let store = |bytes: &[u8]| {
            let hex = archive::hex(bytes);
            fs::write(blobs.join(&hex), bytes).expect("a blob");
            hex
        };
        // An empty tar.
        let layer = store(&[0; 1024]);
        let config = store(
            format!(
                r#"{{"os":"linux","architecture":"amd64","rootfs":{{"type":"layers","diff_ids":["sha256:{layer}"]}},"history":[{{"created_by":"RUN a"}}]}}"#
            )
            .as_bytes(),
        );
        let manifest = store(
            format!(r#"{{"schemaVersion":2,"config":{{"digest":"sha256:{config}"}},"layers":[{{"digest":"sha256:{layer}"}}]}}"#).as_bytes(),
        );
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{{"digest":"sha256:{manifest}"}}]}}"#);
        fs::write(layout.join("index.json"), index).expect("an index");
        let reference = Reference { place: Place::Path(layout), image: None, text: String::new() };
        let source = Source::open(&reference).expect("a layout");
        source.read(&cached::options(&home, Verify::Named), &()).expect("an image");
        let file = cached::files(&home).pop().expect("it is kept");
        let written = fs::read(&file).expect("readable");
        let key = cached::parts(&written).key;
        let options = cached::options(&home, Verify::None);
        Self { reference, options, blob: blobs.join(layer), file, magic: written[..8].to_vec(), key }
    }

    /// The report, where the cache is believed: of the blob alone there is no layer.
    fn weighed(&self) -> Option<String> {
        let image = Source::open(&self.reference).ok()?.read(&self.options, &()).ok()?;
        let index = Index::build(image, &self.options.limits).ok()?;
        let report = Report::new(&index, &ReportOptions::default());
        check(&index, &report);
        Some(serde_json::to_string_pretty(&report).expect("a report"))
    }
}
