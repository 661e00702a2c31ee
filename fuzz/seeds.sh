#!/bin/sh
# Writes the seeds of every target into corpus/, the same each time. They are not in the repository.
set -eu
cd "$(dirname "$0")"
cargo run --quiet --example seeds
find corpus -name 'seed-*' | wc -l
