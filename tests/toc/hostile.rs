//! Tables that lie, or are none.

use crate::support;
use crate::{Blob, archives, blobs};
use plimsoll::layer::{Changeset, Entry, EntryKind};
use plimsoll::{Error, Limits, Options, toc};
use std::collections::BTreeMap;

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
