#!/bin/bash
# build.sh WORK OUT: builds the images of this folder with BuildKit and writes them to OUT.
#   D   command running a client of Docker 28 with buildx and the containerd image store (BuildKit 0.25)
# WORK must be visible to it at the same path.
set -euxo pipefail
src=$(cd "$(dirname "$0")" && pwd); W=$1; O=$2; umask 022
c=$W/ctx; rm -rf "$c"; mkdir -p "$c" "$O"
"$src/../archives/src/context.sh" "$c"; mkdir -p "$c/src"; cp "$src"/Dockerfile* "$c/"
seq -f 'line %g' 1 50 >"$c/src/main.c"; find "$c" -exec touch -h -d @1750000000 {} +
$D buildx build -q --network host --provenance=false -f "$c/Dockerfile.base" -t fixture/base:1 "$c"
b="$D buildx build -q --network host"
$b --attest type=provenance,mode=max,version=v0.2 -t docker.io/fixture/app:1 -o "type=oci,dest=$O/v0.2.tar" "$c"
$b --attest type=provenance,mode=max,version=v1 -t docker.io/fixture/app:1 -o "type=oci,dest=$O/v1.tar" "$c"
$b --attest type=provenance,mode=min -t docker.io/fixture/app:1 -o "type=oci,dest=$O/min.tar" "$c"
$b --attest type=provenance,mode=max -t docker.io/fixture/scratch:1 -f "$c/Dockerfile.scratch" -o "type=oci,dest=$O/scratch.tar" "$c"
chmod 644 "$O"/*.tar
