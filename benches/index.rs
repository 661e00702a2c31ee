//! Stacking: linear in entries and in markers, up to a million of each.
//!
//! `cargo bench --bench index`. The throughput (elements a second) must stay level as inputs grow.

mod support;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::{Index, Limits, Options, Report, ReportOptions, Source};
use std::hint::black_box;
use support::{image, markers};

fn read(archive: &[u8]) -> plimsoll::image::Image {
    Source::stream(std::io::Cursor::new(archive.to_vec()), "bench").read(&Options::default(), &()).expect("a whole archive")
}

fn index(c: &mut Criterion) {
    let mut group = c.benchmark_group("index");
    group.sample_size(10);
    for entries in [10_000, 100_000, 1_000_000] {
        let archive = image(&[support::layer(entries, 0)]);
        group.throughput(Throughput::Elements(entries as u64));
        group.bench_function(BenchmarkId::new("entries", entries), |b| {
            b.iter_batched(|| read(&archive), |image| black_box(Index::build(image, &Limits::default())), BatchSize::PerIteration);
        });
        let archive = image(&[support::layer(entries, 0), markers(entries), support::layer(entries, 0)]);
        group.bench_function(BenchmarkId::new("entries, whiteouts, entries again", entries), |b| {
            b.iter_batched(|| read(&archive), |image| black_box(Index::build(image, &Limits::default())), BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn report(c: &mut Criterion) {
    let mut group = c.benchmark_group("report");
    group.sample_size(10);
    for entries in [10_000, 100_000, 1_000_000] {
        let index = Index::build(read(&image(&[support::layer(entries, 0)])), &Limits::default()).expect("a plain image");
        group.throughput(Throughput::Elements(entries as u64));
        group
            .bench_function(BenchmarkId::new("entries", entries), |b| b.iter(|| black_box(Report::new(&index, &ReportOptions::default()))));
    }
    group.finish();
}

criterion_group!(benches, index, report);
criterion_main!(benches);
