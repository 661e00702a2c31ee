#!/bin/sh
# context.sh DIR: write the build context of the test images to DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd); d=$1
umask 022; mkdir -p "$d"; cd "$d"
mkdir -p root/app/old root/app/swap cfg/conf.d bin/amd64 bin/arm64
cc -Os -static -nostdlib -fno-builtin -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
  -Wl,-n,--build-id=none,-z,noseparate-code -s -o root/t "$here/t.c" 2>/dev/null
objcopy -R .comment root/t
fill() { # FILE LINES
  i=0; while [ $i -lt "$2" ]; do printf '%s line %04d\n' "$1" $i; i=$((i + 1)); done >"$1"; }
cd root
printf '#!/bin/sh\necho hello\n' >app/run.sh; chmod 644 app/run.sh
fill app/data.txt 20; fill app/old/one.txt 10; fill app/swap/one.txt 6
: >app/empty
cp app/data.txt app/copy-of-data.txt
ln -sf run.sh app/start
cd ..
printf 'level=info\n' >cfg/tiny.conf; printf 'color=no\n' >cfg/conf.d/10-color.conf
for a in amd64 arm64; do fill bin/$a/hello 30; echo "$a" >>bin/$a/hello; chmod 755 bin/$a/hello; done
cp "$here/Dockerfile" "$here/Dockerfile.multi" .
find . -exec touch -h -d @1750000000 {} +
