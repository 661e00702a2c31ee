#!/bin/sh
# make.sh [OUT.tar.gz]: build the demo image again, with any Docker engine.
# It is a small web application whose Dockerfile makes the usual mistakes.
#   BUSYBOX  a static busybox (default /bin/busybox; Debian: busybox-static)
#   DOCKER   the docker command, with options (default docker)
#   NET      options for "docker build", e.g. "--network host"
# RUN layers carry the time of the build, so digests differ from run to run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../demo.tar}; bb=${BUSYBOX:-/bin/busybox}; docker=${DOCKER:-docker}
w=${WORK:-$(mktemp -d)}; umask 022

# base: busybox and the few files that make it a system
r=$w/base/rootfs; mkdir -p "$r/bin" "$r/etc" "$r/root" "$r/tmp" "$r/usr/local/bin" "$r/var/log" "$r/home"
cp "$bb" "$r/bin/busybox"; chmod 755 "$r/bin/busybox"; chmod 1777 "$r/tmp"; chmod 700 "$r/root"
for a in $("$bb" --list); do [ "$a" = busybox ] || ln -sf busybox "$r/bin/$a"; done
printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n' >"$r/etc/passwd"
printf 'root:x:0:\napp:x:1000:\n' >"$r/etc/group"
printf 'NAME="Demo Linux"\nID=demo\nVERSION_ID=1\n' >"$r/etc/os-release"
find "$r" -exec touch -h -d @1750000000 {} +
tar -C "$r" --sort=name --owner=0 --group=0 --numeric-owner -cf "$w/base/rootfs.tar" .
rm -rf "$r"
printf 'FROM scratch\nADD rootfs.tar /\nCMD ["sh"]\n' >"$w/base/Dockerfile"

# lines FILE COUNT WORD: COUNT lines of text that compress well
lines() {
  mkdir -p "$(dirname "$1")"
  awk -v n="$2" -v w="$3" 'BEGIN { for (i = 1; i <= n; i++)
    printf "exports.%s_%d = function (request, response) { return response.send(request.body, \"%s\"); };\n", w, i % 40, w }' >"$1"
}
c=$w/app; mkdir -p "$c/src"; cp "$here/Dockerfile" "$w/Dockerfile"
printf '{\n  "name": "demo-app",\n  "version": "1.0.0",\n  "main": "server.js"\n}\n' >"$c/src/package.json"
lines "$c/src/server.js" 120 server
lines "$c/src/lib/routes.js" 400 route
lines "$c/src/lib/model.js" 300 model
lines "$c/src/test/routes.test.js" 600 test
lines "$c/src/test/fixtures/orders.json" 2500 order
lines "$c/src/public/app.js.map" 1800 map
printf '#!/bin/sh\nexec node /app/server.js\n' >"$c/src/start.sh"; chmod 644 "$c/src/start.sh"
printf 'DATABASE_URL=postgres://demo:not-a-real-password@db.example.com/demo\nAPI_KEY=example-key-0000-not-real\n' >"$c/src/.env"
# version control data
g=$c/src/.git; mkdir -p "$g/refs/heads" "$g/objects/pack" "$g/logs"
echo 'ref: refs/heads/main' >"$g/HEAD"; echo 0123456789abcdef0123456789abcdef01234567 >"$g/refs/heads/main"
printf '[core]\n\trepositoryformatversion = 0\n\tbare = false\n' >"$g/config"
lines "$g/objects/pack/pack-0123456789abcdef0123456789abcdef01234567.pack" 8000 blob
lines "$g/logs/HEAD" 200 commit
# dependencies; two of them bring the same third one along, with docs and tests
i=1; while [ $i -le 24 ]; do
  p=$c/src/node_modules/@example/part-$(printf %02d $i)
  lines "$p/index.js" $((60 + i * 12)) "part$i"
  lines "$p/README.md" 40 "readme$i"; lines "$p/test/index.test.js" 80 "parttest$i"
  printf '{ "name": "@example/part-%02d", "version": "1.%d.0" }\n' $i $i >"$p/package.json"
  case $i in 3|7|11) lines "$p/node_modules/@example/shared/index.js" 2500 shared; lines "$p/node_modules/@example/shared/index.d.ts" 700 sharedtypes ;; esac
  i=$((i + 1))
done
# a stand-in for a package manager: fills its cache, installs from it
cat >"$w/pkg" <<'P'
#!/bin/sh
# pkg install NAME...: unpack each NAME from the (generated) cache
[ "$1" = install ] && shift
mkdir -p /var/cache/pkg/archives /var/lib/pkg/lists
for n; do
  yes "$n: one line of a package archive, there are many of these" | head -n 14000 >/var/cache/pkg/archives/$n.pkg
  mkdir -p /usr/lib/$n; head -c 200000 /var/cache/pkg/archives/$n.pkg >/usr/lib/$n/lib$n.so
  echo "installed $n" >>/var/log/pkg.log
done
yes "Package: something; Version: 1.2.3; Description: a package that one could install" | head -n 9000 >/var/lib/pkg/lists/main.list
P
chmod 755 "$w/pkg"
printf '#!/bin/sh\n# build: make the bundle\nmkdir -p /app/dist /root/.cache/bundler /tmp/build\ncat /app/lib/*.js /app/node_modules/@example/*/index.js >/app/dist/bundle.js\ncp /app/dist/bundle.js /root/.cache/bundler/0a1b2c.bin\ncp /app/dist/bundle.js /tmp/build/bundle.tmp.js\n' >"$w/bundle"; chmod 755 "$w/bundle"
find "$c" "$w/pkg" "$w/bundle" -exec touch -h -d @1750000000 {} +

$docker build -q ${NET:-} -t demo/base:1 "$w/base" >/dev/null
$docker build -q ${NET:-} -t demo/app:1 "$w" >/dev/null
$docker save demo/app:1 -o "$w/demo.tar"
# layers gzipped, as a registry holds them
skopeo copy -q "docker-archive:$w/demo.tar" "oci-archive:$out:demo/app:1"
ls -l "$w/demo.tar" "$out"
