//! From archive to JSON: the demo image, and one of many small files.
//!
//! `cargo bench --bench whole`. For whole processes beside their peers see `benches/peers.py`.

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use plimsoll::{Index, Limits, Options, Report, ReportOptions, Source};
use std::hint::black_box;

fn weigh(archive: &[u8]) -> Vec<u8> {
    let image = Source::stream(std::io::Cursor::new(archive.to_vec()), "bench").read(&Options::default(), &()).expect("a whole archive");
    let index = Index::build(image, &Limits::default()).expect("a sane image");
    let mut out = Vec::new();
    plimsoll::render::json::document(&Report::new(&index, &ReportOptions::default()), &mut out).expect("memory");
    out
}

fn whole(c: &mut Criterion) {
    let mut group = c.benchmark_group("whole");
    group.sample_size(10);
    let demo = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/demo.tar")).expect("the demo image");
    group.bench_function("demo", |b| b.iter(|| black_box(weigh(&demo))));
    let tar = support::layer(100_000, 300);
    let small = support::archive(&support::compressed(&tar, support::Kind::Gzip), &tar);
    group.bench_function("100,000 small files, gzip", |b| b.iter(|| black_box(weigh(&small))));
    group.finish();
}

criterion_group!(benches, whole);
criterion_main!(benches);
