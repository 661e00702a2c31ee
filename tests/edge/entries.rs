//! Names, sparse files and sizes.

use crate::support;
use crate::support::{Entry, Header, number, padded, tar};
use crate::{Case, run_all};
use serde_json::Value;
use std::path::Path;

/// Names: long in three ways, of any bytes, and of any shape.
#[test]
fn names_of_every_kind() {
    let long = format!("{}/{}", ["directory-with-a-longish-name"; 9].join("/"), "f".repeat(120));
    let names = |gnu: bool| {
        let entries = [Entry::file(&long, "long"), Entry::symlink("l", format!("t/{}", "x".repeat(300))), Entry::file("日本語/ü.txt", "u")];
        tar(&entries.map(|entry| if gnu { entry.gnu() } else { entry }))
    };
    let live = [long.as_str(), "l", "日本語/ü.txt"];
    let prefix = format!("{}/{}", "p".repeat(60), "q".repeat(60));
    let mut split =
        Header { extra: vec![(345, prefix.clone().into_bytes())], ..Header::new("n".repeat(90).as_bytes(), 1) }.bytes().to_vec();
    split.extend(padded(b"u".to_vec()));
    split.resize(split.len() + 1024, 0);
    let capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let global = support::pax_record(b"comment", b"global header");
    let mut commented = Header { kind: b'g', ..Header::new(b"pax_global_header", global.len() as u64) }.bytes().to_vec();
    commented.extend(padded(global));
    commented.extend(tar(&[Entry::file("a", "a")]));
    let v7 = |name: &[u8], size| Header { kind: 0, magic: [0; 8], ..Header::new(name, size) }.bytes();
    let old = [&v7(b"old/dir/", 0)[..], &v7(b"old/dir/f", 4), &padded(b"data".to_vec()), &[0; 1024]].concat();
    run_all(&[
        Case::tar("long-names-pax", names(false)).live(&live),
        Case::tar("long-names-gnu", names(true)).live(&live),
        Case::tar("long-names-ustar-prefix", split).live(&[format!("{prefix}/{}", "n".repeat(90))]),
        Case::entries("non-utf8-path", &[&[Entry::file(b"caf\xe9/\xff\xfe.bin", "abc"), Entry::file("café/ok", "ok")]])
            .live(&[&b"caf\xe9/\xff\xfe.bin"[..], "café/ok".as_bytes()]),
        Case::entries(
            "odd-paths",
            &[&[
                Entry::file("./a/./b", "1"),
                Entry::file("//c//d", "2"),
                Entry::file("new\nline", "3"),
                Entry::file("esc\x1b[31m", "4"),
                Entry::file("sp ace", "5"),
                Entry::file("-dash", "6"),
            ]],
        )
        .live(&["a/b", "c/d", "new\nline", "esc\x1b[31m", "sp ace", "-dash"]),
        Case::entries("path-traversal", &[&[Entry::file("../../etc/evil", "x"), Entry::file("/abs", "y"), Entry::file("a/../../b", "z")]])
            .live(&["etc/evil", "abs", "b"])
            .notes(&["path-escapes-root"]),
        Case::entries(
            "xattr-pax",
            &[&[
                Entry::file("bin/ping", [b'p'; 100]).mode(0o755).pax("SCHILY.xattr.security.capability", capability),
                Entry::file("t", "t").pax("mtime", "1750000000.123456789"),
                Entry::file("big-uid", "u").pax("uid", "3000000").pax("gid", "3000000"),
            ]],
        )
        .live(&["bin/ping", "t", "big-uid"])
        .check(|_, path| {
            let files = support::run(&["files", path.to_str().expect("plain names"), "--path", "big-uid", "--format", "json"]).json();
            assert_eq!((number(&files, "/0/uid"), number(&files, "/0/gid")), (3_000_000, 3_000_000));
        }),
        Case::tar("pax-global-header", commented)
            .live(&["a"])
            .check(|report, _| assert_eq!(number(report, "/overhead/diff_bytes"), 1024 + 1024, "it belongs to no entry")),
        Case::tar("v7-headers", old).live(&["old/dir/f"]),
        Case::entries(
            "special-files",
            &[&[
                Entry::dir("dev"),
                Entry::special("dev/null", b'3', (1, 3)).mode(0o666),
                Entry::special("dev/sda", b'4', (8, 0)),
                Entry::special("run/fifo", b'6', (0, 0)),
                Entry::file("suid", "s").mode(0o4755),
                Entry::dir("tmp").mode(0o1777),
            ]],
        )
        .live(&["dev/null", "dev/sda", "run/fifo", "suid"]),
    ]);
}

/// Sparse files cost what is stored, in every measure; what they seem to be is told beside.
#[test]
fn sparse_files() {
    fn check(_: &Value, path: &Path) {
        let files = support::run(&["files", path.to_str().expect("plain names"), "--format", "json"]).json();
        assert_eq!(number(&files, "/0/content_bytes"), 1024, "stored");
        assert_eq!(number(&files, "/0/logical_bytes"), 1_048_576, "apparent");
    }
    let extents = [0_u64, 512, 1_047_552, 512, 1_048_576, 0].map(|n| format!("{n:011o}\0").into_bytes()).concat();
    let extra = vec![(386, extents), (483, format!("{:011o}\0", 1_048_576).into_bytes())];
    let old = Header { kind: b'S', magic: *b"ustar  \0", extra, ..Header::new(b"sparse.img", 1024) }.bytes();
    let data = [[b'a'; 512], [b'z'; 512]].concat();
    let body = [padded(b"2\n0\n512\n1048064\n512\n".to_vec()), data.clone()].concat();
    let pax = Entry::file("GNUSparseFile.0/sparse.img", body)
        .pax("GNU.sparse.major", "1")
        .pax("GNU.sparse.minor", "0")
        .pax("GNU.sparse.name", "sparse.img")
        .pax("GNU.sparse.realsize", "1048576");
    run_all(&[
        Case::tar("sparse-gnu-old", [&old[..], &data, &[0; 1024]].concat()).live(&["sparse.img"]).check(check),
        Case::entries("sparse-pax-1.0", &[&[pax]]).live(&["sparse.img"]).check(check),
    ]);
}

/// Sizes in base 256 and in pax records, honest or not.
#[test]
fn sizes_beyond_octal() {
    let base256 = |size: u64| {
        let mut field = [0; 12];
        field[0] = 0x80;
        field[4..].copy_from_slice(&size.to_be_bytes());
        field
    };
    let header = |name: &[u8], size| Header { size: base256(size), magic: *b"ustar  \0", ..Header::new(name, 0) }.bytes();
    let small =
        [&header(b"small", 5)[..], &padded(b"12345".to_vec()), &Header::new(b"next", 1).bytes(), &padded(b"n".to_vec()), &[0; 1024]];
    let record = support::pax_record(b"size", b"9663676416");
    let pax = Header { kind: b'x', ..Header::new(b"PaxHeaders/huge", record.len() as u64) }.bytes();
    let pax = [&pax[..], &padded(record), &Header::new(b"huge.img", 0).bytes(), &[0; 1024]].concat();
    run_all(&[
        Case::tar("base256-small-size", small.concat()).live(&["small", "next"]),
        Case::tar("base256-size-truncated", [&header(b"huge.img", 9 << 30)[..], &[0; 1024]].concat()).error(3, &["layer 1", "truncated"]),
        Case::tar("pax-size-truncated", pax).error(3, &["layer 1", "truncated"]),
    ]);
}
