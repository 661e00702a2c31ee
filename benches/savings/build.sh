#!/bin/bash
# build.sh OUT [NAME…] — builds the pairs NAME/Dockerfile.before and
# NAME/Dockerfile.after with a real engine (BuildKit), and clean/NAME/Dockerfile.
#
#   OUT/NAME/before, OUT/NAME/after   OCI layouts with gzip layers
#   OUT/clean/NAME                    the clean images, likewise
#   OUT/INDEX                         one line an image: sizes, and whether it starts (starts.sh)
#
# Without NAME: all. NAME is a folder here, or clean/FOLDER. The images stay in
# the engine as savings/NAME:before, savings/NAME:after, savings/clean-NAME:1.
#
# Engine and base image are the corpus': a script collection that makes real
# images on a bare Debian 12 machine as root, with nothing from a container
# registry. Copy its folder (shared/corpus) to a place with 10 GB of room and
# name that place in the environment:
#
#   cp -a shared/corpus ../corpus && CORPUS=../corpus benches/savings/build.sh ../savings
#
# The first run makes the engine's root file system and the base (2 minutes).
# What package clients need to know of this machine (certificates) the corpus'
# runtime shim lends to RUN steps; no layer holds it.
#
# A pair's context is its folder app/, then context.sh run inside the copy (for
# what cannot be committed: .git, data, secrets), then the Dockerfile and, if
# there is one, before.dockerignore or after.dockerignore as .dockerignore. A
# RUN step that mounts the secret pip.conf is told an index on loopback (index.py).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2; }
mkdir -p "$1"; OUT=$(cd "$1" && pwd); shift
. "$here/engine.sh"
W=$CORPUS/work/savings; mkdir -p "$W" "$OUT/.pool"
engine; corpus base d26

context() { # context SRC SIDE: prints the folder
  local src=$here/$1 c=$W/$1/$2; rm -rf "$c"; mkdir -p "$c"
  [ -d "$src/app" ] && cp -rLp "$src/app/." "$c/"
  [ -f "$src/context.sh" ] && (cd "$c" && bash "$src/context.sh" >&2)
  local f=$src/Dockerfile.$2; [ -f "$f" ] || f=$src/Dockerfile
  cp "$f" "$c/Dockerfile"
  [ -f "$src/$2.dockerignore" ] && cp "$src/$2.dockerignore" "$c/.dockerignore"
  chmod -R go+rX,go-w "$c"; echo "$c"
}
save() { # save IMAGE DIR: an OCI layout; layers that several images share are one file
  local dir=$2 f
  rm -rf "$dir" "$W"/save.*; mkdir -p "${dir%/*}"
  d26 save "$1" -o "$W/save.tar"
  "$CORPUS/tools/in-trixie" skopeo copy -q "oci-archive:$W/save.tar" "oci:$W/save.oci:$1"
  mv "$W/save.oci" "$dir"; rm -f "$W/save.tar"
  for f in "$dir"/blobs/sha256/*; do
    if [ -e "$OUT/.pool/${f##*/}" ]; then ln -f "$OUT/.pool/${f##*/}" "$f"; else ln "$f" "$OUT/.pool/${f##*/}"; fi
  done
}
index() { # index KEY LINE: replaces that key's line in OUT/INDEX
  touch "$OUT/INDEX"
  { grep -v "^$1 " "$OUT/INDEX" || true; printf '%s %s\n' "$1" "$2"; } | sort >"$OUT/INDEX.new"; mv "$OUT/INDEX.new" "$OUT/INDEX"
}
index_for() { # index_for CONTEXT: an index of the wheels its requirements.txt needs; writes pip.conf
  local w=$W/wheels port
  python3 -m pip download -q -d "$w" --only-binary :all: --python-version 3.11 --platform manylinux2014_x86_64 -r "$1/requirements.txt"
  coproc INDEX { exec python3 "$here/index.py" "$w"; }
  read -r port <&"${INDEX[0]}"
  printf '[global]\nindex-url = http://127.0.0.1:%s/simple\ntrusted-host = 127.0.0.1:%s\n' "$port" "$port" >"$W/pip.conf"
}
build() { # build SRC SIDE IMAGE DIR
  local t=$SECONDS c log=$OUT/logs/${1//\//-}-$2.log more=() failed=
  mkdir -p "$OUT/logs"; c=$(context "$1" "$2") || return 1
  if grep -q 'id=pip.conf' "$c/Dockerfile"; then index_for "$c" || return 1; more=(--secret "id=pip.conf,src=$W/pip.conf"); fi
  d26 buildx build --progress=plain --network host --provenance=false "${more[@]}" -t "$3" "$c" >"$log" 2>&1 || failed=1
  [ -z "${INDEX_PID:-}" ] || { kill "$INDEX_PID"; wait "$INDEX_PID" 2>/dev/null || true; }
  rm -rf "$c"
  [ -z "$failed" ] || { say "$1 $2 FAILED, see $log"; tail -15 "$log"; return 1; }
  save "$3" "$4" && say "$1 $2: $(python3 "$here/sizes.py" "$4") ($((SECONDS - t)) s)"
}

[ $# -gt 0 ] || set -- $(cd "$here" && ls -d */Dockerfile.before clean/*/Dockerfile | xargs -n1 dirname)
bad=0
for n; do
  n=${n%/}
  [ "$(df --output=avail -k "$OUT" | tail -1)" -gt 3000000 ] || { say "less than 3 GB free: stopped before $n"; exit 1; }
  case $n in
    clean/*)
      build "$n" 1 "savings/${n//\//-}:1" "$OUT/$n" || { bad=1; index "$n" "build failed"; continue; }
      index "$n" "$(python3 "$here/sizes.py" "$OUT/$n") $("$here/starts.sh" "savings/${n//\//-}:1" || true)" ;;
    *)
      build "$n" before "savings/$n:before" "$OUT/$n/before" && build "$n" after "savings/$n:after" "$OUT/$n/after" || { bad=1; index "$n" "build failed"; continue; }
      index "$n" "$(python3 "$here/sizes.py" "$OUT/$n/before" "$OUT/$n/after") $("$here/starts.sh" "savings/$n:before" "savings/$n:after" || true)" ;;
  esac
  grep "^$n " "$OUT/INDEX"
done
grep -q 'NOT-OK' "$OUT/INDEX" && bad=1
exit $bad
