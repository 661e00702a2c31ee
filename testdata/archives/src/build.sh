#!/bin/bash
# build.sh WORK OUT: build the test images with real engines and write every
# archive to OUT. Expects two engines and, from the same Debian 13 system as the
# second one, buildx, buildah, podman, skopeo and ctr:
#   D20   command running a Docker 20.10 client (classic builder, overlay2 store)
#   D26   command running a Docker 26 client (containerd image store)
#   D26G  the same with the overlay2 store (features.containerd-snapshotter false)
#   IN    command prefix to run the other tools ("" when they are on this system)
#   CTR   containerd's socket as the tools see it
#   CTR16 containerd 1.6's socket (the one Docker 20.10 uses); its ctr is on this system
#   SK19  command running skopeo 1.9
# WORK must be visible at the same path to all of them.
set -euxo pipefail
pack() { tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1750000000 -cf "$2" "${@:3}"; }
src=$(cd "$(dirname "$0")" && pwd); W=$1; O=$2; mkdir -p "$W" "$O"; umask 022
c=$W/ctx; rm -rf "$c"; "$src/context.sh" "$c"
T=fixture/tiny:1; B=fixture/base:1

# -- Docker 20.10, classic builder ------------------------------------------
export DOCKER_BUILDKIT=0
$D20 build -q --network host --target base -t $B "$c"
$D20 build -q --network host -t $T -t fixture/tiny:latest "$c"
$D20 save $T -o "$O/docker20-one.tar"
$D20 save $T fixture/tiny:latest -o "$O/docker20-two-tags.tar"
$D20 save $B $T -o "$O/docker20-two-images.tar"          # shared layer: a symlink
$D20 save "$($D20 image inspect -f '{{.Id}}' $T)" -o "$O/docker20-untagged.tar"
# the same Dockerfile, BuildKit inside 20.10: two empty layers, the second one a symlink
DOCKER_BUILDKIT=1 $D20 build -q --network host -t fixture/tiny:bk "$c"
$D20 save fixture/tiny:bk -o "$O/docker20-buildkit.tar"

# -- Docker 26, containerd store, BuildKit ----------------------------------
unset DOCKER_BUILDKIT
$D26 buildx build -q --network host --provenance=false -t $T "$c"
$D26 save $T -o "$O/docker26-built.tar"
$D26 buildx build -q --network host --provenance=mode=max -t fixture/tiny:prov "$c"
$D26 save fixture/tiny:prov -o "$O/docker26-provenance.tar"
$D26 load -q -i "$O/docker20-two-tags.tar"               # plain tars
$D26 tag fixture/tiny:latest fixture/loaded:1
$D26 save fixture/loaded:1 -o "$O/docker26-loaded.tar"
$D26 buildx build -q --provenance=false --platform linux/amd64,linux/arm64 -f "$c/Dockerfile.multi" -t fixture/multi:1 "$c"
$D26 save fixture/multi:1 -o "$O/docker26-multi-platform.tar"
# -- Docker 26, overlay2 store: the layout of Docker 25 and later ------------
$D26G buildx build -q --network host -t fixture/tiny:bk "$c"
$D26G save fixture/tiny:bk -o "$O/docker26g-built.tar"             # one blob twice in the list of layers
$D26G load -q -i "$O/docker20-two-images.tar"; $D26G tag $T fixture/tiny:latest
$D26G save $B $T fixture/tiny:latest -o "$O/docker26g-two-images.tar"

# -- buildx's own exporters ---------------------------------------------------
b="$D26 buildx build -q --network host --provenance=false -t docker.io/$T"
o=oci-mediatypes=true,force-compression=true
$b -o "type=oci,dest=$O/buildx-oci-gzip.tar,oci-mediatypes=true" "$c"
$b -o "type=oci,dest=$O/buildx-oci-zstd.tar,$o,compression=zstd" "$c"
$b -o "type=oci,dest=$O/buildx-oci-uncompressed.tar,$o,compression=uncompressed" "$c"
$b -o "type=oci,dest=$O/buildx-oci-estargz.tar,$o,compression=estargz" "$c"
$b -o "type=docker,dest=$O/buildx-docker.tar" "$c"

# -- skopeo -----------------------------------------------------------------
rm -rf "$W/lay" "$W/bh"; mkdir -p "$W/lay"; cd "$W/lay"
sk() { $IN skopeo copy -q "$@"; }
one=docker-archive:$O/docker20-one.tar; multi=oci-archive:$O/docker26-multi-platform.tar
sk "$one" "docker-archive:$O/skopeo-docker-archive.tar:$T"
sk "$one" "oci-archive:$O/skopeo-oci-archive.tar:$T"
sk "$one" "oci:$W/lay/gz:$T"; sk "docker-archive:$O/docker20-buildkit.tar" "oci:$W/lay/gz:fixture/tiny:bk"
sk --dest-compress-format zstd "$one" "oci:$W/lay/zst:$T"
sk --dest-compress-format zstd:chunked "$one" "oci:$W/lay/chunked:$T"
sk "$one" "dir:$W/lay/dir"; sk "$multi" "dir:$W/lay/dir-gz"; sk --all "$multi" "dir:$W/lay/dir-multi"
sk --all "$multi" "oci:$W/lay/multi:fixture/multi:1"
sk "oci:$W/lay/gz:$T" "oci:$W/lay/noref"
sk "docker-archive:$O/docker20-buildkit.tar" "docker-archive:$O/skopeo-docker-archive-duplicate-layer.tar:fixture/tiny:bk"
$SK19 copy -q --dest-compress-format zstd "$one" "oci-archive:$O/skopeo19-oci-archive-zstd.tar:$T"
pack gz "$O/skopeo-oci-layout-two-images.tar" blobs index.json oci-layout
pack zst "$O/skopeo-oci-layout-zstd.tar" blobs index.json oci-layout
pack chunked "$O/skopeo-oci-layout-zstd-chunked.tar" blobs index.json oci-layout
pack multi "$O/skopeo-oci-layout-multi-platform.tar" blobs index.json oci-layout
pack noref "$O/skopeo-oci-layout-no-name.tar" .                   # members are ./blobs/...
pack dir "$O/skopeo-dir.tar" .; pack dir-gz "$O/skopeo-dir-from-index.tar" .; pack dir-multi "$O/skopeo-dir-multi-platform.tar" .

# -- buildah and podman -----------------------------------------------------
st="--storage-driver overlay --root $W/bh/root --runroot $W/bh/run"
UL="--ulimit nofile=1024:1024 --ulimit nproc=1024:1024"
bud() { $IN buildah $st "$@"; }; pod() { $IN podman $st --cgroup-manager cgroupfs "$@"; }
bud bud -q --isolation chroot $UL --layers --format oci --target base -t localhost/$B "$c"
bud bud -q --isolation chroot $UL --layers --format oci -t localhost/$T "$c"
bud bud -q --isolation chroot $UL --squash --format docker -t localhost/fixture/tiny:squash "$c"
bud push -q localhost/$T "oci:$W/lay/bud:$T"; pack bud "$O/buildah-oci-layout.tar" blobs index.json oci-layout
bud push -q localhost/fixture/tiny:squash "docker-archive:$O/buildah-squash-docker-archive.tar:fixture/tiny:squash"
pod save -q --format docker-archive -o "$O/podman-docker-archive.tar" localhost/$T
pod save -q -m --format docker-archive -o "$O/podman-multi-docker-archive.tar" localhost/$B localhost/$T localhost/fixture/tiny:squash
pod save -q --format oci-archive -o "$O/podman-oci-archive.tar" localhost/$T
pod save -q --format oci-dir -o "$W/lay/poddir" localhost/$T; pack poddir "$O/podman-oci-dir.tar" .
pod save -q --format docker-dir -o "$W/lay/poddd" localhost/$T; pack poddd "$O/podman-docker-dir.tar" .

# -- containerd -------------------------------------------------------------
ctr() { $IN ctr -a "$CTR" -n fixture images "$@" >&2; }
ctr rm docker.io/$T docker.io/fixture/multi:1 || true
ctr import --all-platforms "$O/buildx-oci-gzip.tar"
ctr import --all-platforms "$O/docker26-multi-platform.tar"
ctr export "$O/ctr-one-platform.tar" docker.io/$T
ctr export --all-platforms "$O/ctr-two-images.tar" docker.io/$T docker.io/fixture/multi:1
ctr export --platform linux/arm64 "$O/ctr-arm64-only.tar" docker.io/fixture/multi:1   # index names a manifest that is not there
ctr export --skip-manifest-json --all-platforms "$O/ctr-no-manifest-json.tar" docker.io/fixture/multi:1
/usr/bin/ctr -a "$CTR16" -n fixture images import --no-unpack "$O/buildx-oci-gzip.tar" >&2
/usr/bin/ctr -a "$CTR16" -n fixture images export "$O/ctr16-one-platform.tar" docker.io/$T
chmod 644 "$O"/*.tar
