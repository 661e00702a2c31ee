#!/bin/bash
# make.sh WORK OUT: one image with all that may stand in a layer, as eStargz (BuildKit), as zstd:chunked
# (skopeo) and as zstd:chunked of before tar headers were kept (skopeo 1.9). As root, for devices and owners. Expects umoci, GNU tar, and
#   D26   command running a client of Docker 26 with the containerd image store, with buildx
#   IN    command prefix to run skopeo 1.18 ("" when it is on this system)
#   SK19  command running skopeo 1.9
# WORK must be visible at the same path to all of them.
set -euxo pipefail
W=$1 O=$2; rm -rf "$W"; mkdir -p "$W/root" "$O"; cd "$W"; umask 022
long=$(printf 'a-name-of-thirty-characters-%02d/' 1 2 3 4 5 6)

# -- layer 1: every kind of entry ----------------------------------------------
cd root
mkdir -p bin etc/empty.d dev "$long" "usr/share/doc/ünï cödé/日本語" home/app tmp
chmod 1777 tmp; chown -R 1000:2000 home/app
seq 1 3000 >bin/tool; chmod 4755 bin/tool; ln bin/tool bin/tool-again; ln -s tool bin/t; ln -s "/$long/leaf" "bin/long"
: >etc/empty.d/nothing; seq 1 40 >etc/conf; chmod 640 etc/conf; chown 0:42 etc/conf; seq 2 41 >etc/conf.d
seq 1 100 >"${long}leaf"; ln "${long}leaf" "${long}a-second-name-of-the-leaf-that-is-as-long-as-the-first-one"
seq 5 90 >"usr/share/doc/ünï cödé/日本語/リードミー"
head -c $((9 << 20)) /dev/zero >home/app/zeros                                # three chunks of eStargz
{ seq 1 20000; head -c $((5 << 20)) /dev/zero; seq 1 20000; } >home/app/mixed  # data, a hole, data
mknod dev/null c 1 3; mknod dev/sda b 8 0; mkfifo dev/pipe; chmod 666 dev/null
setfattr -n user.note -v "a value" etc/conf
seq 7 77 >etc/huge-id; chown 3000000:4000000 etc/huge-id
find . -exec touch -h -d '2025-06-15 15:06:40.25 UTC' {} +
touch -d '2038-02-01 00:00:00 UTC' etc/conf; touch -d '1969-06-01 00:00:00 UTC' etc/conf.d
cd ..
tar -C root --sort=name --numeric-owner --format=pax --xattrs --pax-option=delete=atime,delete=ctime -cf 1.tar .

# -- layer 2: what it removes and changes --------------------------------------
mkdir -p 2/etc/empty.d 2/bin; seq 1 40 >2/etc/conf; chmod 600 2/etc/conf   # the same content
: >2/bin/.wh.t; : >2/etc/empty.d/.wh..wh..opq; seq 9 99 >2/etc/empty.d/something
find 2 -exec touch -d '2025-07-01 12:00:00 UTC' {} +
tar -C 2 --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf 2.tar etc bin

# -- layer 3: short names alone, headers of one block ---------------------------
mkdir -p 3/opt; seq 1 500 >3/opt/a; seq 1 700 >3/opt/b
find 3 -exec touch -d '2025-07-02 12:00:00 UTC' {} +
tar -C 3 --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf 3.tar opt

# -- layer 4: a name that is no UTF-8 --------------------------------------------
mkdir -p 4/srv; seq 1 50 >"4/srv/caf"$'\xe9'; seq 1 60 >4/srv/plain
find 4 -exec touch -d '2025-07-03 12:00:00 UTC' {} +
tar -C 4 --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf 4.tar srv

umoci init --layout plain; umoci new --image plain:1
for n in 1 2 3 4; do umoci raw add-layer --image plain:1 --history.created_by "layer $n" $n.tar; done

# -- zstd:chunked -----------------------------------------------------------------
$IN skopeo copy -q --dest-compress-format zstd:chunked "oci:$W/plain:1" "oci:$W/chunked"
pack() { tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1750000000 -cf "$2" blobs index.json oci-layout; }
pack chunked "$O/zstd-chunked.tar"
$SK19 copy -q --dest-compress-format zstd:chunked "oci:$W/plain:1" "oci:$W/chunked-old"
pack chunked-old "$O/zstd-chunked-old.tar"

# -- eStargz ----------------------------------------------------------------------
mkdir ctx; printf 'FROM base\nLABEL made=again\n' >ctx/Dockerfile
$D26 buildx build -q --provenance=false --build-context "base=oci-layout://$W/plain:1" \
  -o "type=oci,dest=$O/estargz.tar,oci-mediatypes=true,force-compression=true,compression=estargz" "$W/ctx"
