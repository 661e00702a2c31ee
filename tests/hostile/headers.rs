//! What headers claim: extension headers, sparse maps, sizes.

use crate::support;
use crate::support::{Entry, Header, Layer, Outcome, gzip, layout, number, padded, tar};
use crate::{MIB, assert_limit, bomb, bounded, header, run};

/// Threats 1 and 2: extension headers of gigabytes, of names and of comments. Their size field
/// alone must end it, before a byte of them is kept.
#[test]
fn an_extension_header_of_gigabytes() {
    for kind in *b"LKxg" {
        let before = [&Entry::file("first", "1").bytes()[..], &header(kind, b"long", 2 << 30)].concat();
        assert_limit(&bomb(&before, &vec![b'a'; 16 * MIB], 128, &[0; 1024]), "extension");
    }
}

/// Threat 2: extension headers without end, each of them small.
#[test]
fn extension_headers_in_a_row() {
    for kind in *b"LKxg" {
        let body = if matches!(kind, b'x' | b'g') { support::pax_record(b"comment", b"x") } else { b"name\0".to_vec() };
        let one = [&header(kind, b"ext", body.len() as u64)[..], &padded(body)].concat();
        assert_limit(&bomb(&[], &one.repeat(4096), 256, &tar(&[Entry::file("a", "a")])), "extensions");
    }
}

/// Threats 1 and 2 in the archive itself, where there is no layer yet to blame.
#[test]
fn hostile_headers_of_the_archive_itself() {
    let long = [gzip(&header(b'L', b"long", 2 << 30)), gzip(&vec![b'a'; 16 * MIB]).repeat(128)].concat();
    let outcome = Outcome::of(bounded(64).arg("-").write_stdin(long));
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("extension") && outcome.stderr.contains("standard input: tar entry"), "{}", outcome.stderr);
    let (_dir, path) = support::file("a.tar", &[&header(b'L', b"long", 2 << 30)[..], &vec![b'a'; MIB]].concat());
    Outcome::of(bounded(64).arg(path)).assert_status(5);
}

/// Threat 3: sparse maps that do not end, in each of the three formats (CVE-2025-58183).
#[test]
fn sparse_maps_without_end() {
    let gnu = Header { kind: b'S', magic: *b"ustar  \0", extra: vec![(482, vec![1])], ..Header::new(b"s", 0) }.bytes();
    let mut more = [0; 512];
    more[504] = 1;
    assert_limit(&bomb(&gnu, &more.repeat(8192), 64, &[]), "extension");

    let records: Vec<u8> = [(&b"GNU.sparse.major"[..], &b"1"[..]), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.realsize", b"1")]
        .iter()
        .flat_map(|(key, value)| support::pax_record(key, value))
        .collect();
    let pax = [&header(b'x', b"pax", records.len() as u64)[..], &padded(records), &header(b'0', b"s", 4 << 30)].concat();
    let first = [pax, format!("{:0511}\n", 1_000_000_000).into_bytes()].concat();
    assert_limit(&bomb(&first, &b"0\n".repeat(4 * MIB), 64, &[]), "extension");

    let map = support::pax_record(b"GNU.sparse.map", &b"0,1,".repeat(MIB));
    let pax = [&header(b'x', b"pax", map.len() as u64)[..], &padded(map), &header(b'0', b"s", 0)].concat();
    assert_limit(&bomb(&pax, &[0; 512], 2, &[]), "extension");
}

/// Threat 4: whose size is it? A pax size before a GNU long name belongs to the file, or the walk
/// goes on inside the file's data, where the next headers are the attacker's (CVE-2025-62518).
#[test]
fn a_pax_size_belongs_to_the_file() {
    let inner = tar(&[Entry::file("smuggled", "never to be seen")]);
    let size = support::pax_record(b"size", inner.len().to_string().as_bytes());
    let pax = [&header(b'x', b"pax", size.len() as u64)[..], &padded(size)].concat();
    let long =
        [&Header { kind: b'L', magic: *b"ustar  \0", ..Header::new(b"././@LongLink", 8) }.bytes()[..], &padded(b"carrier\0".to_vec())];
    let body = [&header(b'0', b"short", 0)[..], &inner].concat();
    let end = tar(&[Entry::file("after", "after")]);
    for tar in [
        [&pax[..], &long.concat(), &body, &end].concat(),
        [&long.concat()[..], &pax, &body, &end].concat(),
        [&pax[..], &body, &end].concat(),
    ] {
        let layout = layout(&[Layer::of_tar(tar.clone())]);
        let files = run(64, &["files", layout.arg(), "--sort", "path", "--format", "json"]).json();
        let ours: Vec<_> = files
            .as_array()
            .expect("files")
            .iter()
            .map(|file| (file["path"].as_str().expect("text")[1..].to_owned(), number(file, "/content_bytes")))
            .collect();
        assert_eq!(ours.len(), 2, "{ours:?}");
        assert_eq!(ours[0], ("after".to_owned(), 5));
        assert_eq!(ours[1].1, inner.len() as u64);
        let mut theirs = gnu_listing(&tar);
        theirs.sort();
        assert!(theirs.is_empty() || ours == theirs, "GNU tar says {theirs:?}");
    }
}

/// Names and sizes as GNU tar lists them; nothing where tar is another.
#[expect(clippy::print_stdout, reason = "nothing is passed over in silence")]
fn gnu_listing(bytes: &[u8]) -> Vec<(String, u64)> {
    let (_dir, path) = support::file("a.tar", bytes);
    let tar = |args: &[&str]| std::process::Command::new("tar").args(args).arg(&path).env("LC_ALL", "C").output().ok();
    let gnu = std::process::Command::new("tar").arg("--version").output().is_ok_and(|out| out.stdout.starts_with(b"tar (GNU tar)"));
    let Some(output) = tar(&["-tvf"]).filter(|output| gnu && output.status.success()) else {
        println!("not compared: no GNU tar, or it refuses the archive");
        return Vec::new();
    };
    let text = String::from_utf8(output.stdout).expect("plain names");
    let fields = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    fields.map(|fields| (fields[fields.len() - 1].to_owned(), fields[2].parse().expect("a size"))).collect()
}

/// Threat 5: sizes that overflow, are negative or no numbers: an error with its place, no panic,
/// as a layer, as an archive and from a pipe.
#[test]
fn sizes_that_are_none() {
    let base256 = |first: u8, rest: u8| {
        let mut field = [rest; 12];
        field[0] = first;
        field
    };
    let mut huge = [0; 12];
    (huge[0], huge[4]) = (0x80, 0x40); // 2^62
    let mut edge = [0; 12];
    edge[0] = 0x80;
    edge[4..].copy_from_slice(&(u64::MAX >> 1).to_be_bytes());
    for field in
        [huge, edge, base256(0xff, 0xff), base256(0x80, 0xff), base256(0xbf, 0xff), base256(0xc0, 0), *b"zzzzzzzzzzz\0", *b"-0000000001\0"]
    {
        for kind in *b"0LxS5" {
            let header = Header { kind, size: field, magic: *b"ustar  \0", ..Header::new(b"huge", 0) }.bytes();
            let bytes = [&header[..], &[0; 1024]].concat();
            let layout = layout(&[Layer::of_tar(bytes.clone())]);
            let (_dir, path) = support::file("a.tar", &bytes);
            let layer = run(64, &[layout.arg()]);
            let file = Outcome::of(bounded(64).arg(path));
            let pipe = Outcome::of(bounded(64).arg("-").write_stdin(bytes));
            // A directory's size is not used, and a long name of 2^62 bytes is over the limit.
            let layer_statuses: &[i32] = if kind == b'5' { &[0, 3] } else { &[3, 5] };
            assert!(layer.status.is_some_and(|status| layer_statuses.contains(&status)), "{field:x?} {}: {layer:?}", kind as char);
            for outcome in [file, pipe] {
                assert!(matches!(outcome.status, Some(3 | 5)), "{field:x?} {}: {outcome:?}", kind as char);
            }
        }
    }
}
