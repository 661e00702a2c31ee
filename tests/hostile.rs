//! Hostile input: an image may be made by anyone, so nothing it says may cost the machine, leave
//! its directory, or reach a terminal raw.
//!
//! The binary runs with its data segment limited by the kernel (`ulimit -d`, which on Linux covers
//! every private mapping): going over the bound ends it with a signal and fails the test. Bombs are
//! concatenated gzip members, so that gigabytes take no time to make and no space to keep.
#![cfg(unix)]

mod support;

#[path = "hostile/blobs.rs"]
mod blobs;
#[path = "hostile/bombs.rs"]
mod bombs;
#[path = "hostile/counts.rs"]
mod counts;
#[path = "hostile/documents.rs"]
mod documents;
#[path = "hostile/extract.rs"]
mod extract;
#[path = "hostile/headers.rs"]
mod headers;
#[path = "hostile/linear.rs"]
mod linear;
#[path = "hostile/names.rs"]
mod names;

use std::time::Duration;
use support::{Header, ImageSpec, Layer, Outcome, gzip, layout};

const MIB: usize = 1 << 20;

/// The binary, held to `mib` MiB of memory.
fn bounded(mib: u64) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::from_std(bounded_process(mib));
    command.timeout(Duration::from_secs(120)); // only against hanging
    command
}

fn bounded_process(mib: u64) -> std::process::Command {
    let mut command = std::process::Command::new("/bin/sh");
    command.arg("-c").arg(format!("ulimit -c 0; ulimit -d {} && exec \"$0\" \"$@\"", mib * 1024));
    command.arg(assert_cmd::cargo::cargo_bin!("plimsoll")).env_clear();
    command
}

fn run(mib: u64, args: &[&str]) -> Outcome {
    Outcome::of(bounded(mib).args(args))
}

/// The bound of these tests is one: without memory not even an honest image is read.
#[test]
#[cfg(target_os = "linux")]
fn the_bound_on_memory_holds() {
    let demo = support::testdata("demo.tar");
    let output = bounded(0).arg(&demo).output().expect("the binary runs");
    assert!(!output.status.success());
    Outcome::of(bounded(64).arg(demo)).assert_status(0);
}

/// A layer that ends at a limit: exit 5, the limit named, what was read marked as a part.
#[track_caller]
fn assert_limit(layer: &Layer, limit: &str) {
    let layout = layout(std::slice::from_ref(layer));
    let archive = support::docker_archive(&ImageSpec::new(std::slice::from_ref(layer)), &["a:1"]);
    let file = run(64, &[layout.arg(), "--format", "json"]);
    let pipe = Outcome::of(bounded(64).args(["-", "--no-verify", "--format", "json"]).write_stdin(archive));
    for outcome in [file, pipe] {
        outcome.assert_status(5);
        let report = outcome.json();
        assert_eq!(report["complete"], false);
        assert_eq!(report["limits_hit"][0]["limit"], limit);
        assert!(report["limits_hit"][0]["message"].as_str().is_some_and(|message| message.contains("entry")), "{}", report["limits_hit"]);
        support::assert_books(&report);
    }
    let table = run(64, &[layout.arg()]);
    table.assert_status(5);
    assert!(table.text().contains(limit), "people are told too: {}", table.text());
}

/// `before`, then `piece` again and again, then `after`: gzipped at no cost, whatever the length.
fn bomb(before: &[u8], piece: &[u8], times: usize, after: &[u8]) -> Layer {
    let mut blob = gzip(before);
    let member = gzip(piece);
    for _ in 0..times {
        blob.extend_from_slice(&member);
    }
    blob.extend(gzip(after));
    // The diff id is of something else; it is not what stops the reading.
    Layer::new(&[]).blob(blob)
}

fn header(kind: u8, name: &[u8], size: u64) -> [u8; 512] {
    Header { kind, ..Header::new(name, size) }.bytes()
}
