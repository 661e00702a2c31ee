#!/usr/bin/env bash
# Packs a built plimsoll with its man page, completions and licences as a release has it, and prints the archive's name.
# action.sh and `cargo binstall` look for this name.
set -euo pipefail
[[ $# = 3 ]] || { echo "usage: package.sh BINARY TARGET DIRECTORY" >&2; exit 2; }
binary=$1 target=$2 directory=$3
root=$(dirname "${BASH_SOURCE[0]}")/..
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
name=plimsoll-$version-$target
mkdir -p "$directory/$name/completions"
cp "$binary" "$root"/{LICENSE-APACHE,LICENSE-MIT,README.md,CHANGELOG.md} "$directory/$name/"
"$binary" man -o "$directory/$name/plimsoll.1"
for shell in bash zsh fish powershell elvish; do
  "$binary" completions "$shell" -o "$directory/$name/completions/plimsoll.$shell"
done
# From within: GNU tar takes the `C:` of a path for a host.
(cd "$directory" && tar -czf "$name.tar.gz" "$name" && rm -r "$name")
echo "$name.tar.gz"
