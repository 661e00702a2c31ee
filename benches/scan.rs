//! One layer, from stored bytes to changeset, through a docker-archive in memory.
//!
//! `cargo bench --bench scan`. Compare within one run: the machine's speed drifts.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::source::Verify;
use plimsoll::{Options, Source};
use std::hint::black_box;
use support::{Kind, archive, compressed, layer};

fn scan(c: &mut Criterion) {
    let mut group = c.benchmark_group("scan");
    group.sample_size(10);
    for (name, files, size) in [("small files", 20_000, 700), ("large files", 40, 1 << 20)] {
        let tar = layer(files, size);
        for kind in [Kind::Plain, Kind::Gzip, Kind::Zstd] {
            let archive = archive(&compressed(&tar, kind), &tar);
            group.throughput(Throughput::Bytes(tar.len() as u64));
            for verify in [Verify::Named, Verify::None] {
                let id = BenchmarkId::new(format!("{name}, {verify:?}"), format!("{kind:?}"));
                let options = Options { verify, ..Options::default() };
                group.bench_with_input(id, &archive, |b, archive| {
                    b.iter(|| black_box(Source::stream(std::io::Cursor::new(archive.clone()), "bench").read(&options, &())));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
