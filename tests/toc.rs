//! Tables of contents of real layers, against the layers' own bytes.

mod support;

use plimsoll::layer::{Changeset, ContentHash, Entry, EntryKind, Listing, Toc};
use plimsoll::{Error, Index, Limits, Options, Reference, Source, toc};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::testdata;

/// A layer as a registry has it.
struct Blob {
    media_type: String,
    annotations: BTreeMap<String, String>,
    bytes: Vec<u8>,
}

impl Blob {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn fetch(&self, range: &std::ops::Range<u64>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// By annotations, and the footer where these leave the place to it.
    fn location(&self) -> toc::Location {
        match toc::from_annotations(&self.media_type, &self.annotations, self.size()) {
            toc::Announced::At(location) => location,
            toc::Announced::Footer(expected) => expected.locate(self.fetch(&toc::tail(self.size())), self.size()).expect("a footer"),
            toc::Announced::Nothing => panic!("nothing announced by {:?}", self.annotations),
        }
    }

    fn read(&self, location: &toc::Location) -> plimsoll::Result<Changeset> {
        toc::read(location, self.fetch(&location.range()), &Limits::default())
    }

    /// The layer's tar, by other programs than ours.
    fn tar(&self) -> Vec<u8> {
        if self.bytes.starts_with(&[0x1f, 0x8b]) {
            return support::gunzip(&self.bytes);
        }
        let (_folder, path) = support::file("layer.zst", &self.bytes);
        let out = Command::new("zstd").args(["-dcq"]).arg(path).stdin(Stdio::null()).output().expect("zstd is installed");
        assert!(out.status.success());
        out.stdout
    }
}

/// The layers of the image in an OCI archive.
fn blobs(archive: &Path) -> Vec<Blob> {
    let mut files = BTreeMap::new();
    let mut tar = ::tar::Archive::new(std::fs::File::open(archive).expect("there"));
    for entry in tar.entries().expect("a tar") {
        let mut entry = entry.expect("a member");
        let path = entry.path().expect("a path").to_string_lossy().trim_start_matches("./").to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("content");
        files.insert(path, bytes);
    }
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().expect("a digest");
        files[&format!("blobs/{}", digest.replace(':', "/"))].clone()
    };
    let json = |bytes: &[u8]| -> Value { serde_json::from_slice(bytes).expect("JSON") };
    let mut manifest = json(&files["index.json"]);
    while manifest["layers"].is_null() {
        manifest = json(&blob(&manifest["manifests"][0]));
    }
    let layers = manifest["layers"].as_array().expect("layers");
    layers
        .iter()
        .map(|layer| Blob {
            media_type: layer["mediaType"].as_str().expect("a media type").to_owned(),
            annotations: serde_json::from_value(layer["annotations"].clone()).unwrap_or_default(),
            bytes: blob(layer),
        })
        .collect()
}

/// The same image, each layer read in full.
fn scanned(archive: &Path) -> Index {
    let layout = archive.to_string_lossy().contains("oci-layout");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = if layout {
        ::tar::Archive::new(std::fs::File::open(archive).expect("there")).unpack(folder.path()).expect("a tar");
        folder.path()
    } else {
        archive
    };
    let reference = Reference::parse(place.to_str().expect("plain")).expect("a reference");
    let options = Options { content_hash: ContentHash::Sha256, ..Options::default() };
    let image = Source::open(&reference).expect("opens").read(&options, &()).expect("reads");
    Index::build(image, &Limits::default()).expect("stacks")
}

/// Three writers, and one of before zstd:chunked kept tar headers.
fn archives() -> Vec<PathBuf> {
    let ours = ["estargz", "zstd-chunked", "zstd-chunked-old"].map(|name| testdata(&format!("toc/{name}.tar")));
    let theirs = ["buildx-oci-estargz", "skopeo-oci-layout-zstd-chunked"].map(|name| testdata(&format!("archives/{name}.tar")));
    [&ours[..], &theirs].concat()
}

/// Every layer but those whose names the table of contents cannot tell.
fn each(mut check: impl FnMut(&str, &Blob, &Changeset, &Index, usize)) {
    for archive in archives() {
        let index = scanned(&archive);
        for (number, blob) in blobs(&archive).iter().enumerate() {
            let place = format!("{} {number}", archive.display());
            match blob.read(&blob.location()) {
                Ok(changeset) => check(&place, blob, &changeset, &index, number),
                Err(Error::Unsupported(why)) => {
                    let lost = ["toc/estargz.tar 3", "toc/zstd-chunked-old.tar 3"].iter().any(|lost| place.ends_with(lost));
                    assert!(why.contains("caf") && lost, "{place}: {why}");
                }
                Err(error) => panic!("{place}: {error}"),
            }
        }
    }
}

/// What is told of an entry, its place in the books apart.
fn facts(changeset: &Changeset, entry: &Entry, path: &[u8]) -> String {
    format!(
        "{} {:?} {} {:o} {}:{} {} {:?} {:?} {:x?}",
        path.escape_ascii(),
        entry.kind,
        entry.typeflag,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.mtime,
        entry.content_bytes,
        changeset.link(entry).map(|link| link.escape_ascii().to_string()),
        entry.content_hash,
    )
}

fn noted(changeset: &Changeset, code: &str) -> Option<String> {
    changeset.notes.as_slice().iter().find(|note| note.code == code).map(|note| note.message.clone())
}

#[test]
fn it_tells_what_a_scan_of_the_layer_finds() {
    let mut layers = 0;
    each(|place, blob, told, index, number| {
        layers += 1;
        let full = index.image().changeset(index.layer_at(number)).expect("present");
        assert_eq!(told.entries.len(), full.entries.len(), "{place}");
        for (at, (ours, theirs)) in told.entries.iter().zip(&full.entries).enumerate() {
            assert_eq!(facts(told, ours, &told.path(ours)), facts(full, theirs, &index.paths().path(theirs.node)), "{place}");
            assert_eq!(told.device(at), full.device(at), "{place}");
        }
        assert_eq!((told.listing, full.listing), (Listing::Toc, Listing::Tar), "{place}");
        assert_eq!((told.compression, told.toc), (full.compression, full.toc), "{place}");
        assert!(noted(told, "layer-from-toc").is_some_and(|note| !note.contains("vouches")), "{place}");
        assert_eq!(told.blob_bytes, blob.size(), "{place}");
        let blob_bytes: u64 = told.entries.iter().map(|entry| entry.blob_bytes).sum();
        assert_eq!(blob_bytes + told.overhead.blob_bytes, blob.size(), "{place}");
    });
    assert_eq!(layers, 20, "layers of five images, but two whose names are lost");
}

/// Every header byte where tar headers are kept, or where headers of one block are all there is;
/// elsewhere the sum alone, and that only where an annotation tells it.
#[test]
fn sizes_of_the_tar_are_exact_or_noted() {
    each(|place, blob, told, index, number| {
        let full = index.image().changeset(index.layer_at(number)).expect("present");
        let sum: u64 = told.entries.iter().map(|entry| entry.diff_bytes).sum();
        assert_eq!(sum + told.overhead.diff_bytes, told.diff_bytes, "{place}");
        let headers = blob.annotations.keys().any(|key| key.ends_with("tarsplit-position"));
        let plain = place.contains("buildx-oci-estargz");
        assert_eq!(noted(told, "toc-header-sizes").is_none(), headers || plain, "{place}");
        if headers || plain {
            let sizes = |changeset: &Changeset| changeset.entries.iter().map(|entry| entry.diff_bytes).collect::<Vec<_>>();
            assert_eq!(sizes(told), sizes(full), "{place}");
            assert_eq!(told.overhead.diff_bytes, full.overhead.diff_bytes, "{place}");
        }
        if place.contains("-old") {
            assert!(told.diff_bytes < full.diff_bytes, "{place}");
        } else {
            assert_eq!(told.diff_bytes, full.diff_bytes, "{place}");
        }
    });
}

/// The same by a reader of tars that is not ours.
#[test]
fn it_tells_what_the_tar_holds() {
    each(|place, blob, told, _, _| {
        let tar = blob.tar();
        let mut archive = ::tar::Archive::new(&tar[..]);
        let mut ours = told.entries.iter();
        for member in archive.entries().expect("a tar") {
            let mut member = member.expect("a member");
            // Read before `header`, which does not know of pax headers.
            let (path, link) = (member.path_bytes().into_owned(), member.link_name_bytes().map(std::borrow::Cow::into_owned));
            let pax: BTreeMap<String, String> = member
                .pax_extensions()
                .expect("pax")
                .into_iter()
                .flatten()
                .filter_map(Result::ok)
                .filter_map(|record| Some((record.key().ok()?.to_owned(), record.value().ok()?.to_owned())))
                .collect();
            let number = |key: &str, field: u64| pax.get(key).map_or(field, |value| value.parse().expect("a number"));
            let header = member.header();
            let ours = ours.next().unwrap_or_else(|| panic!("{place}: `{}` is missing", path.escape_ascii()));
            let plain = path.strip_prefix(b"./").unwrap_or(&path);
            assert_eq!(
                told.path(ours).escape_ascii().to_string(),
                plain.strip_suffix(b"/").unwrap_or(plain).escape_ascii().to_string(),
                "{place}"
            );
            let here = format!("{place} {}", path.escape_ascii());
            assert_eq!(u32::from(ours.mode), header.mode().expect("a mode") & 0o7777, "{here}");
            assert_eq!(u64::from(ours.uid), number("uid", header.uid().expect("a uid")), "{here}");
            assert_eq!(u64::from(ours.gid), number("gid", header.gid().expect("a gid")), "{here}");
            let seconds = pax.get("mtime").map(|time| time.split('.').next().expect("seconds").parse().expect("a number"));
            assert_eq!(ours.mtime, seconds.unwrap_or_else(|| header.mtime().expect("an mtime").cast_signed()), "{here}");
            assert_eq!(ours.typeflag, header.entry_type().as_byte(), "{here}");
            // Some writers leave an old target in headers that are no links.
            let is_link = header.entry_type().is_symlink() || header.entry_type().is_hard_link();
            assert_eq!(told.link(ours), link.as_deref().filter(|_| is_link), "{here}");
            let mut content = Vec::new();
            member.read_to_end(&mut content).expect("content");
            assert_eq!(ours.content_bytes, content.len() as u64, "{here}");
            let hash = format!("{:016x}{:016x}", ours.content_hash[1], ours.content_hash[0]);
            assert_eq!(hash, support::digest(&content)["sha256:".len()..][..32], "{here}");
        }
        assert!(ours.next().is_none(), "{place}");
    });
}

/// What a file is charged with is where its content is: other decoders find it there.
#[test]
fn what_a_file_is_charged_with_holds_its_content() {
    let mut files = 0;
    each(|place, blob, told, _, _| {
        let tar = blob.tar();
        let mut archive = ::tar::Archive::new(&tar[..]);
        let json = json_of(blob);
        let items = json["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let items: Vec<_> = items.iter().filter(|item| item["type"] != "chunk").collect();
        let offsets: Vec<u64> = items.iter().filter_map(|item| item["offset"].as_u64()).chain([blob.location().range().start]).collect();
        for ((item, entry), member) in items.into_iter().zip(&told.entries).zip(archive.entries().expect("a tar")) {
            let mut content = Vec::new();
            member.expect("a member").read_to_end(&mut content).expect("content");
            let Some(offset) = item["offset"].as_u64() else {
                assert!(content.is_empty(), "{place}");
                assert!(told.toc == Some(Toc::ZstdChunked) || offsets[0] > 0 && entry.blob_bytes <= offsets[0], "{place}");
                continue;
            };
            files += 1;
            if told.toc == Some(Toc::Estargz) {
                let next = offsets.iter().find(|next| **next > offset).expect("the table of contents is behind");
                // The first file has its share of what stands before it too.
                let before = if offset == offsets[0] { offset } else { 0 };
                assert!((next - offset..=next - offset + before).contains(&entry.blob_bytes), "{place}: {item}");
                assert!(support::gunzip(blob.fetch(&(offset..*next))).starts_with(&content), "{place}: {item}");
            } else {
                let end = item["endOffset"].as_u64().expect("an end");
                let mut out = vec![0; content.len() + 1];
                let length = zstd_safe::decompress(&mut out[..], blob.fetch(&(offset..end))).expect("whole frames");
                assert_eq!(out[..length], content, "{place}: {item}");
                assert!(entry.blob_bytes > end - offset, "{place}: with a header {item}");
            }
        }
    });
    assert!(files > 50, "{files} files");
}

/// The table of contents, by other decoders.
fn json_of(blob: &Blob) -> Value {
    let stored = blob.fetch(&blob.location().range());
    if blob.bytes.starts_with(&[0x1f, 0x8b]) && blob.media_type.ends_with("gzip") {
        let tar = support::gunzip(stored);
        let mut archive = ::tar::Archive::new(&tar[..]);
        let member = archive.entries().expect("a tar").next().expect("a member").expect("a member");
        return serde_json::from_reader(member).expect("JSON");
    }
    let position = blob.annotations.iter().find(|(key, _)| key.ends_with("manifest-position")).expect("announced").1;
    let numbers: Vec<usize> = position.split(':').map(|number| number.parse().expect("a number")).collect();
    let mut out = vec![0; numbers[2]];
    zstd_safe::decompress(&mut out[..], &stored[..numbers[1]]).expect("a frame");
    serde_json::from_slice(&out).expect("JSON")
}

#[test]
fn the_footer_tells_what_the_annotations_do() {
    for archive in archives() {
        for blob in blobs(&archive) {
            let tail = blob.fetch(&toc::tail(blob.size()));
            let (announced, found) = (blob.location(), toc::from_footer(tail, blob.size()).expect("a footer"));
            assert_eq!((found.form(), found.range()), (announced.form(), announced.range()), "{}", archive.display());
            assert_eq!(found.within(tail), Some(blob.fetch(&found.range())), "small layers are in the tail");
            let Ok(by_footer) = blob.read(&found) else {
                assert!(archive.ends_with("toc/estargz.tar") || archive.ends_with("toc/zstd-chunked-old.tar"), "names are lost");
                continue;
            };
            let told = blob.read(&announced).expect("both are read");
            assert_eq!(by_footer.entries.len(), told.entries.len());
            assert!(noted(&by_footer, "layer-from-toc").is_some_and(|note| note.contains("vouches")), "nothing ties it to the manifest");
        }
    }
}

/// One bit is enough.
#[test]
fn what_is_not_what_the_manifest_names_is_an_error() {
    for archive in archives() {
        let blob = blobs(&archive).swap_remove(0);
        let location = blob.location();
        let mut bytes = blob.fetch(&location.range()).to_vec();
        // In the middle of the JSON as stored, or of the tar headers; a footer holds the place alone.
        for at in [bytes.len() / 8, bytes.len() * 3 / 4] {
            bytes[at] ^= 4;
            let error = toc::read(&location, &bytes, &Limits::default()).expect_err("changed");
            assert_eq!(error.exit_code(), 3, "{}: {error}", archive.display());
            bytes[at] ^= 4;
        }
        let short = toc::read(&location, &bytes[..bytes.len() - 1], &Limits::default());
        assert!(matches!(short, Err(Error::Malformed { .. })), "{short:?}");
        assert!(toc::read(&location, &bytes, &Limits::default()).is_ok());
    }
}

/// Nothing vouches for a changed blob, so each must be an error or leave the books even.
#[test]
fn the_books_balance_whatever_the_bytes_say() {
    let mut read = 0;
    for archive in archives() {
        for blob in blobs(&archive).iter_mut().filter(|blob| blob.size() < 1600) {
            let start = blob.location().range().start as usize;
            for at in start..blob.bytes.len() {
                for bit in [0, 2, 6] {
                    blob.bytes[at] ^= 1 << bit;
                    if let Some(location) = toc::from_footer(&blob.bytes, blob.size())
                        && let Ok(told) = blob.read(&location)
                    {
                        read += 1;
                        let sums =
                            told.entries.iter().fold((0, 0), |(diff, bytes), entry| (diff + entry.diff_bytes, bytes + entry.blob_bytes));
                        assert_eq!(sums.0 + told.overhead.diff_bytes, told.diff_bytes);
                        assert_eq!(sums.1 + told.overhead.blob_bytes, blob.size());
                    }
                    blob.bytes[at] ^= 1 << bit;
                }
            }
        }
    }
    assert!(read > 10, "some changes do not matter: {read}");
}

/// A layer by hand, as zstd:chunked of before tar headers were kept; `data` bytes of data.
fn chunked(json: &str, data: usize) -> Blob {
    let packed = support::zstd(json.as_bytes());
    let mut bytes = vec![0; data];
    let place = data as u64 + 8;
    bytes.extend(skippable(&packed));
    bytes.extend(footer(&[place, packed.len() as u64, json.len() as u64, 1], *b"GnUlInUx"));
    Blob { media_type: support::LAYER_ZSTD.to_owned(), annotations: BTreeMap::new(), bytes }
}

/// The same with tar headers.
fn with_headers(json: &str, headers: &str, data: usize) -> Blob {
    let (packed, split) = (support::zstd(json.as_bytes()), support::zstd(headers.as_bytes()));
    let mut bytes = vec![0; data];
    let place = data as u64 + 8;
    bytes.extend(skippable(&packed));
    bytes.extend(skippable(&split));
    let behind = place + packed.len() as u64 + 8;
    let numbers = [place, packed.len() as u64, json.len() as u64, 1, behind, split.len() as u64, headers.len() as u64];
    bytes.extend(footer(&numbers, *b"GNUlInUx"));
    Blob { media_type: support::LAYER_ZSTD.to_owned(), annotations: BTreeMap::new(), bytes }
}

fn skippable(bytes: &[u8]) -> Vec<u8> {
    [&[0x50, 0x2a, 0x4d, 0x18][..], &(bytes.len() as u32).to_le_bytes(), bytes].concat()
}

fn footer(numbers: &[u64], magic: [u8; 8]) -> Vec<u8> {
    skippable(&numbers.iter().flat_map(|number| number.to_le_bytes()).chain(magic).collect::<Vec<_>>())
}

/// An eStargz layer by hand.
fn estargz(json: &str, data: usize) -> Blob {
    let mut bytes = vec![0; data];
    bytes.extend(support::gzip(&support::tar(&[support::Entry::file("stargz.index.json", json)])));
    bytes.extend([&[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255][..], b"\x1a\0SG\x16\0", format!("{data:016x}STARGZ").as_bytes()].concat());
    bytes.extend([1, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
    Blob { media_type: support::LAYER_GZIP.to_owned(), annotations: BTreeMap::new(), bytes }
}

fn by_footer(blob: &Blob, limits: &Limits) -> plimsoll::Result<Changeset> {
    let location = toc::from_footer(&blob.bytes, blob.size()).expect("a footer");
    toc::read(&location, blob.fetch(&location.range()), limits)
}

/// SHA-256 of nothing: any digest does where nothing is read.
const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn toc_of(entries: &str) -> String {
    format!(r#"{{"version":1,"entries":[{}]}}"#, entries.replace("DIGEST", DIGEST))
}

#[test]
fn a_lie_is_an_error() {
    let cases = [
        (r#"{"name":"a","type":"reg","size":-1,"offset":10,"digest":"DIGEST"}"#, "malformed"),
        (r#"{"name":"a","type":"reg","size":9223372036854775808,"offset":10,"digest":"DIGEST"}"#, "limit"),
        (r#"{"name":"a","type":"reg","size":99999999999999999999,"offset":10,"digest":"DIGEST"}"#, "malformed"),
        (r#"{"name":"a","type":"reg","size":1.5,"offset":10,"digest":"DIGEST"}"#, "malformed"),
        (r#"{"name":"a","type":"reg","size":5,"offset":1000,"digest":"DIGEST"}"#, "malformed"),
        (r#"{"name":"a","type":"reg","size":5,"offset":18446744073709551615,"digest":"DIGEST"}"#, "malformed"),
        (r#"{"name":"a","type":"reg","size":5,"offset":50,"endOffset":40,"digest":"DIGEST"}"#, "malformed"),
        (r#"{"name":"a","type":"reg","size":5,"offset":50,"endOffset":101,"digest":"DIGEST"}"#, "malformed"),
        (
            r#"{"name":"a","type":"reg","size":5,"offset":50,"digest":"DIGEST"},{"name":"b","type":"reg","size":5,"offset":49,"digest":"DIGEST"}"#,
            "malformed",
        ),
        (
            r#"{"name":"a","type":"reg","size":5,"offset":9,"endOffset":30,"digest":"DIGEST"},
               {"name":"b","type":"reg","size":5,"offset":29,"endOffset":40,"digest":"DIGEST"}"#,
            "malformed",
        ),
        (r#"{"name":"a","type":"reg","size":5,"offset":50}"#, "malformed"),
        (r#"{"name":"a","type":"reg","size":5,"offset":50,"digest":"sha256:12"}"#, "malformed"),
        (r#"{"name":"a","type":"door"}"#, "malformed"),
        (r#"{"name":"a"}"#, "malformed"),
        (r#"{"name":"a","type":"dir","modtime":"yesterday"}"#, "malformed"),
        (r#"{"name":"a","type":"dir","uid":-5}"#, "malformed"),
        (r#"{"name":"a","name":"b","type":"dir"}"#, "malformed"),
        (r#"{"name":"a","type":"chunk","offset":5}"#, "malformed"),
        (r#"{"name":"a","type":"dir"},{"name":"a","type":"chunk","offset":5,"chunkSize":1}"#, "malformed"),
        // Chunks of another file, with a gap, without an end, and past the end.
        (
            r#"{"name":"a","type":"reg","size":5,"offset":9,"chunkSize":2,"digest":"DIGEST"},{"name":"b","type":"chunk","offset":50,"chunkOffset":2}"#,
            "malformed",
        ),
        (
            r#"{"name":"a","type":"reg","size":5,"offset":9,"chunkSize":2,"digest":"DIGEST"},{"name":"a","type":"chunk","offset":50,"chunkOffset":3}"#,
            "malformed",
        ),
        (r#"{"name":"a","type":"reg","size":5,"offset":9,"chunkSize":2,"digest":"DIGEST"}"#, "malformed"),
        (r#"{"name":"a","type":"reg","size":5,"offset":9,"chunkSize":6,"digest":"DIGEST"}"#, "malformed"),
        (
            r#"{"name":"a","type":"reg","size":5,"offset":9,"chunkSize":2,"digest":"DIGEST"},
               {"name":"a","type":"chunk","offset":50,"chunkOffset":2,"chunkSize":4}"#,
            "malformed",
        ),
        (
            r#"{"name":"a","type":"reg","size":5,"offset":9,"endOffset":30,"chunkSize":2,"digest":"DIGEST"},
               {"name":"a","type":"chunk","offset":31,"chunkOffset":2,"chunkSize":3}"#,
            "malformed",
        ),
        ("{\"name\":\"caf\u{fffd}\",\"type\":\"dir\"}", "unsupported"),
    ];
    for (entries, code) in cases {
        for blob in [chunked(&toc_of(entries), 100), estargz(&toc_of(entries), 100)] {
            let error = by_footer(&blob, &Limits::default()).expect_err(entries);
            assert_eq!(error.code(), code, "{entries}: {error}");
        }
    }
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let documents = [
        ("", "malformed"),
        ("[]", "malformed"),
        ("null", "malformed"),
        ("{}", "malformed"),
        (r#"{"version":1}"#, "malformed"),
        (r#"{"version":2,"entries":[]}"#, "unsupported"),
        (r#"{"version":1,"entries":{}}"#, "malformed"),
        (r#"{"version":1,"entries":[7]}"#, "malformed"),
        (r#"{"version":1,"entries":[],"entries":[]}"#, "malformed"),
        (r#"{"version":1,"entries":[]} more"#, "malformed"),
        ("{\"version\":1,\"entries\":[{\"name\":\"\u{1}\",\"type\":\"dir\"}]}", "malformed"),
    ];
    for (json, code) in documents.into_iter().chain([(&*format!(r#"{{"version":1,"entries":{deep}}}"#), "malformed")]) {
        for blob in [chunked(json, 100), estargz(json, 100)] {
            let error = by_footer(&blob, &Limits::default()).expect_err(json);
            assert_eq!(error.code(), code, "{json}: {error}");
        }
    }
}

/// Odd is not wrong: what a tar may hold, a table of contents may tell of.
#[test]
fn odd_names_are_those_that_a_tar_would_have() {
    let items = [("/../../etc/passwd", b'0'), ("//a//./b/", b'5'), ("a/b", b'5'), ("x/.wh.y", b'0'), ("x/.wh..wh..opq", b'0')];
    let types = |kind: u8| if kind == b'5' { "dir" } else { "reg" };
    let json: Vec<_> = items.iter().map(|(name, kind)| format!(r#"{{"name":"{name}","type":"{}"}}"#, types(*kind))).collect();
    let json = format!("{},{}", json.join(","), r#"{"name":"l","type":"hardlink","linkName":"no/where"}"#);
    let mut members: Vec<_> = items.iter().map(|(name, kind)| support::Entry::new(name, *kind)).collect();
    members.push(support::Entry::hardlink("l", "no/where"));
    let layout = support::layout(&[support::Layer::new(&members)]);
    let index = support::index_of(layout.arg(), &Options::default()).expect("reads");
    let full = index.image().changeset(index.layer_at(0)).expect("present");
    for blob in [chunked(&toc_of(&json), 100), estargz(&toc_of(&json), 100)] {
        let told = by_footer(&blob, &Limits::default()).expect("odd, but read");
        let shape = |changeset: &Changeset, path: &dyn Fn(&Entry) -> Vec<u8>| -> Vec<_> {
            changeset
                .entries
                .iter()
                .map(|entry| (path(entry), entry.kind, entry.typeflag, entry.diff_bytes, changeset.link(entry).map(<[u8]>::to_vec)))
                .collect()
        };
        let expected = shape(full, &|entry| index.paths().path(entry.node));
        assert_eq!(shape(&told, &|entry| told.path(entry)), expected);
        assert_eq!(expected.iter().filter(|entry| entry.1 == EntryKind::Whiteout).count(), 1);
        let escapes =
            |notes: &[plimsoll::note::Note]| notes.iter().filter(|note| note.code == "path-escapes-root").cloned().collect::<Vec<_>>();
        let of_layer = escapes(index.notes().as_slice());
        assert_eq!(escapes(told.notes.as_slice()).len(), 1);
        assert_eq!(of_layer.len(), 1);
    }
}

/// Data of several files in one member is shared by their sizes; a file's further members are its own.
#[test]
fn members_are_shared_by_size() {
    let json = toc_of(
        r#"{"name":"d","type":"dir"},
           {"name":"a","type":"reg","size":100,"offset":40,"digest":"DIGEST"},
           {"name":"b","type":"reg","size":200,"offset":40,"innerOffset":1024,"digest":"DIGEST"},
           {"name":"e","type":"dir"},
           {"name":"c","type":"reg","size":9,"offset":100,"chunkSize":4,"digest":"DIGEST"},
           {"name":"c","type":"chunk","offset":150,"chunkOffset":4},
           {"name":"f","type":"symlink","linkName":"e"}"#,
    );
    let blob = estargz(&json, 500);
    let told = by_footer(&blob, &Limits::default()).expect("reads");
    let bytes: Vec<_> = told.entries.iter().map(|entry| (told.path(entry), entry.blob_bytes)).collect();
    // 40 bytes of headers of d and a, one block each; 60 of a and b, by 100 and 200; 400 of c.
    let expected = [("d", 20), ("a", 20 + 20), ("b", 40), ("e", 0), ("c", 400), ("f", 0)];
    assert_eq!(bytes, expected.map(|(path, bytes)| (path.as_bytes().to_vec(), bytes)));
    assert_eq!(told.overhead.blob_bytes, blob.size() - 500);
}

/// Tar headers as zstd:chunked keeps them: the tar of `members`, their data left out.
fn headers(members: &[support::Entry]) -> Vec<String> {
    let mut lines = Vec::new();
    for member in members {
        let bytes = member.bytes();
        let (header, rest) = bytes.split_at(bytes.len().min(512));
        lines.push(segment(header));
        let size = member.data.len();
        lines.push(format!(r#"{{"type":1,"name":"x","size":{size},"payload":null,"position":0}}"#));
        lines.push(segment(&rest[size..]));
    }
    lines.push(segment(&[0; 1024]));
    lines
}

fn segment(bytes: &[u8]) -> String {
    format!(r#"{{"type":2,"payload":"{}","position":0}}"#, plimsoll::text::base64(bytes))
}

#[test]
fn tar_headers_that_disagree_are_an_error() {
    let json = toc_of(
        r#"{"name":"d/","type":"dir"},{"name":"d/a","type":"reg","size":700,"offset":30,"endOffset":80,"digest":"DIGEST"},{"name":"d/b","type":"reg"}"#,
    );
    let members = |size: usize| [support::Entry::dir("d/"), support::Entry::file("d/a", vec![b'x'; size]), support::Entry::file("d/b", "")];
    let lines = headers(&members(700));
    let joined = |lines: &[String]| lines.join("\n") + "\n";
    let read = |text: &str| by_footer(&with_headers(&json, text, 100), &Limits::default());
    let told = read(&joined(&lines)).expect("they agree");
    assert_eq!(told.entries.iter().map(|entry| entry.diff_bytes).collect::<Vec<_>>(), [512, 512 + 1024, 512]);
    assert_eq!((told.diff_bytes, told.overhead.diff_bytes), (512 + 1536 + 512 + 1024, 1024));
    // What stands between 80 and 100 is shared by b's header, a's padding and the end's two blocks.
    assert_eq!(
        told.entries.iter().map(|entry| entry.blob_bytes).sum::<u64>() + told.overhead.blob_bytes,
        with_headers(&json, &joined(&lines), 100).size()
    );

    let without =
        |at: usize| joined(&lines.iter().enumerate().filter(|(line, _)| *line != at).map(|(_, line)| line.clone()).collect::<Vec<_>>());
    let with = |at: usize, line: &str| {
        let mut lines = lines.clone();
        line.clone_into(&mut lines[at]);
        joined(&lines)
    };
    let cases = [
        ("another size", joined(&headers(&members(701)))),
        (
            "other names",
            joined(&headers(&[support::Entry::dir("e/"), support::Entry::file("e/a", vec![b'x'; 700]), support::Entry::file("e/b", "")])),
        ),
        (
            "another type",
            joined(&headers(&[
                support::Entry::file("d/", ""),
                support::Entry::file("d/a", vec![b'x'; 700]),
                support::Entry::file("d/b", ""),
            ])),
        ),
        ("one too few", joined(&headers(&members(700)[..2]))),
        ("one too many", joined(&headers(&[&members(700)[..], &members(700)[..1]].concat()))),
        ("no header", without(0)),
        ("no data", without(4)),
        ("no padding", without(5)),
        ("data instead of a header", with(6, r#"{"type":1,"size":4096,"payload":null}"#)),
        (
            "data after the end",
            format!(
                "{}{}",
                joined(&lines),
                r#"{"type":1,"size":4096,"payload":null}
"#
            ),
        ),
        ("rubbish for base64", with(0, r#"{"type":2,"payload":"!!!!"}"#)),
        ("half of base64", with(0, r#"{"type":2,"payload":"AAA"}"#)),
        ("an unknown record", with(0, r#"{"type":3,"payload":"AAAA"}"#)),
        ("a negative size", with(4, r#"{"type":1,"size":-700,"payload":null}"#)),
        ("no JSON", with(0, "rubbish")),
        ("a cut line", joined(&lines).trim_end().to_owned()),
        ("nothing", String::new()),
    ];
    for (what, text) in cases {
        let error = read(&text).expect_err(what);
        assert_eq!(error.code(), "malformed", "{what}: {error}");
    }
}

#[test]
fn bombs_go_off_in_vain() {
    let limits = Limits { toc: 1 << 20, entries: 1000, nodes: 5000, names: 1 << 20, ..Limits::default() };
    let code = |blob: &Blob| by_footer(blob, &limits).map(|_| ()).map_err(|error| error.to_string());
    let limit = |name: &str, result: Result<(), String>| {
        assert!(result.as_ref().is_err_and(|error| error.contains(&format!("limit `{name}`"))), "{result:?}");
    };
    let blank = " ".repeat(16 << 20);
    limit("toc", code(&estargz(&blank, 0)));
    limit("toc", code(&chunked(&blank, 0)));
    limit("toc", code(&with_headers("{}", &"\n".repeat(16 << 20), 0)));
    limit("entries", code(&chunked(&toc_of(&vec![r#"{"name":"a","type":"dir"}"#; 1001].join(",")), 0)));
    limit("nodes", code(&chunked(&toc_of(&format!(r#"{{"name":"{}","type":"dir"}}"#, "a/".repeat(6000))), 0)));
    let long = |number: usize| format!(r#"{{"name":"{number}{}","type":"dir"}}"#, "a".repeat(110_000));
    let blob = chunked(&toc_of(&(0..10).map(long).collect::<Vec<_>>().join(",")), 0);
    let larger = Limits { toc: 8 << 20, ..limits.clone() };
    limit("names", by_footer(&blob, &larger).map(|_| ()).map_err(|error| error.to_string()));
    limit(
        "output",
        code(&chunked(&toc_of(&format!(r#"{{"name":"a","type":"reg","size":{},"offset":1,"digest":"DIGEST"}}"#, 300u64 << 30)), 9)),
    );
    let half = r#"{"name":"a","type":"reg","size":150000000000,"offset":1,"digest":"DIGEST"}"#;
    limit("output", code(&chunked(&toc_of(&format!("{half},{half}")), 9)));
    // More than it says.
    let mut blob = chunked(&blank, 0);
    let told = blob.bytes.len() - 24;
    blob.bytes[told..told + 8].copy_from_slice(&100u64.to_le_bytes());
    assert!(code(&blob).is_err_and(|error| error.contains("expected 100 bytes unpacked, found more")));
}

#[test]
fn footers_and_annotations_that_break_their_form_tell_nothing() {
    let good = estargz(&toc_of(""), 100);
    assert!(toc::from_footer(&good.bytes, good.size()).is_some());
    assert!(toc::from_footer(&good.bytes, good.size() - 1).is_none(), "more bytes than the blob has");
    let changed = |from_end: usize, with: &[u8]| {
        let mut bytes = good.bytes.clone();
        let at = bytes.len() - from_end;
        bytes[at..at + with.len()].copy_from_slice(with);
        toc::from_footer(&bytes, bytes.len() as u64)
    };
    assert!(changed(35, b"+000000000000064").is_none(), "no digit");
    assert!(changed(35, b"ffffffffffffffff").is_none(), "beyond the blob");
    assert!(changed(19, b"STARGX").is_none());
    assert!(changed(51, &[0x1f, 0x8c]).is_none());
    for length in 0..60 {
        assert!(toc::from_footer(&good.bytes[..good.bytes.len() - 60 + length], good.size()).is_none(), "{length}");
    }
    // Its place is elsewhere: 46 bytes, and no place.
    let external =
        [&[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255][..], b"\x15\0SG\x11\0STARGZEXTERNALTOC", &[1, 0, 0, 255, 255], &[0; 8]].concat();
    assert_eq!(external.len(), 46);
    assert!(toc::from_footer(&[&[0; 100][..], &external].concat(), 146).is_none());
    // The older form of the footer: 47 bytes, the place bare.
    let bare =
        [&good.bytes[..good.bytes.len() - 51], &good.bytes[good.bytes.len() - 51..][..10], b"\x16\0", &good.bytes[good.bytes.len() - 35..]]
            .concat();
    let found = toc::from_footer(&bare, bare.len() as u64).expect("a footer");
    assert_eq!(found.range(), 100..bare.len() as u64);
    assert!(toc::read(&found, &bare[100..], &Limits::default()).is_ok());

    let position = |key: &str, value: &str, media_type: &str| {
        let annotations = [(format!("io.github.containers.zstd-chunked.{key}"), value.to_owned())].into();
        toc::from_annotations(media_type, &annotations, 1000)
    };
    assert!(matches!(position("manifest-position", "100:50:500:1", support::LAYER_ZSTD), toc::Announced::At(_)));
    for wrong in [
        "",
        "100:50:500",
        "100:50:500:2",
        "100:50:500:1:1",
        "100:901:500:1",
        "7:50:500:1",
        "-100:50:500:1",
        "+100:50:500:1",
        "100::500:1",
        "18446744073709551615:2:500:1",
    ] {
        assert_eq!(position("manifest-position", wrong, support::LAYER_ZSTD), toc::Announced::Nothing, "{wrong}");
    }
    assert_eq!(position("manifest-position", "100:50:500:1", support::LAYER_GZIP), toc::Announced::Nothing);
    assert_eq!(position("manifest-checksum", DIGEST, support::LAYER_ZSTD), toc::Announced::Nothing);
    let digest = |value: &str, media_type: &str| {
        toc::from_annotations(media_type, &[("containerd.io/snapshot/stargz/toc.digest".to_owned(), value.to_owned())].into(), 1000)
    };
    assert!(matches!(digest(DIGEST, "application/vnd.docker.image.rootfs.diff.tar.gzip"), toc::Announced::Footer(_)));
    assert_eq!(digest("sha256:0", support::LAYER_GZIP), toc::Announced::Nothing);
    assert_eq!(digest(DIGEST, support::LAYER), toc::Announced::Nothing);
}
