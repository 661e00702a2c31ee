#!/usr/bin/env bash
# Lets real tools leave what they leave, and holds what plimsoll finds there against what find and stat count.
#
#   benches/proof/prove.sh PLIMSOLL WORK [CASE…]      all cases without one; WORK is a directory for tools and trees
#
# Prints a line of docs/rules-proven.md for each rule. Debian 12, root; packages of Debian, PyPI, npm and crates.io only: where
# a tool's own registry is not one of them, it is given a repository made here. Tools go to WORK/tools (10 GB for all).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
plimsoll=$(realpath "$1"); mkdir -p "$2"; work=$(realpath "$2"); shift 2
export PATH="$PATH" LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
OWN=$HOME # the user's, where a toolchain may be; each case has a home of its own
unset XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME CARGO_HOME GOPATH npm_config_cache PIP_CACHE_DIR

# Packages of Debian that a case needs.
debian() { dpkg -s "$@" >/dev/null 2>&1 || apt-get install -y --no-install-recommends "$@" >&2; }
pypi() { # each first name has its own environment: tools ask for each other's libraries in other versions
  py=$work/tools/py/${1%%=*}; export PATH="$py/bin:$PATH"; hash -r
  [ -d "$py" ] || { /usr/bin/env python3 -m venv "$py"; "$py/bin/pip" install -q --cache-dir "$work/tools/pip" "$@" >&2; }
}
of_pypi() { version "$("$py/bin/pip" show "$1" 2>/dev/null | grep ^Version)"; }
npmjs() {
  js=$work/tools/js/${1//\//_}; export PATH="$js/node_modules/.bin:$PATH"; hash -r
  [ -d "$js" ] || npm install --silent --no-audit --no-fund --cache "$work/tools/npmcache" --prefix "$js" "$@" >&2
}
# A system of its own in WORK/tools, of Debian's release of that name: for tools that this one has not, or too old.
suite() {
  sys=$work/tools/$1; local include; include=$(IFS=,; echo "${*:2}")
  [ -e "$sys/.made-$include" ] || { debian debootstrap; rm -rf "$sys"; debootstrap --variant=minbase --include="$include" "$1" "$sys" http://deb.debian.org/debian >&2; touch "$sys/.made-$include"; }
  rm -rf "$sys/root" "$sys/src"; mkdir "$sys/root" "$sys/src"
}
inside() { unshare --mount sh -c 'mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; exec chroot "$0" "$@"' "$sys" env -i HOME=/root USER=root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
# A case's tree becomes a layer; `R` is its root, `HOME` root's home in it. Lines of `found` say which rule claims what.
found() { echo "$*" >>"$work/$name.wanted"; }
# An image of a Containerfile on stdin and the case's directory, built by podman over a base of debootstrap; its own layers are
# unpacked to $R/1, $R/2, …
engine="podman --root $work/podman --storage-driver vfs"
build() {
  debian podman debootstrap; local base=$work/tools/base to=$work/$name.oci one
  [ -e "$base" ] || { debootstrap --variant=minbase bookworm "$base.new" http://deb.debian.org/debian >&2; rm -rf "$base.new"/var/cache/apt/archives/*.deb "$base.new"/var/lib/apt/lists/*; mv "$base.new" "$base"; }
  $engine image exists localhost/base || tar -C "$base" -c . | $engine import - localhost/base
  $engine build --isolation=chroot --network=host -q -t localhost/case -f - . >&2; rm -rf "$to"; $engine push -q localhost/case "oci:$to"; $engine image prune -f >&2
  cd /; rm -rf "$R"; mkdir -p "$R"
  python3 "$here/image.py" layers "$to" | while read -r one layer; do mkdir "$R/$one"; tar -C "$R/$one" -xzf "$layer"; done
}
# The files below a directory of the tree that begin with a private key, and the same for `found` to leave out.
keys() { (cd "$R"; find "$@" -type f -size -1000k -exec awk 'FNR == 1 && /^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/ { print FILENAME } FNR > 1 { nextfile }' {} +); }
but_keys() { keys "$@" | sed 's/^/!/'; }
# A directory as a web site at 127.0.0.1:8808 until the case ends.
serve() { (cd "$1" && exec python3 "$here/serve.py" 8808 >&2) & server=$!; sleep 1; }
version() { echo "$1" | grep -oE '[0-9]+(\.[0-9]+)+' | head -1; }

run() {
  local name=$1
  R=$work/tree/$name S=$work/src; rm -rf "$R" "$work/$name.oci"; mkdir -p "$R/root" "$R/srv/app" "$S"; : >"$work/$name.wanted"
  # Not in a condition: there `set -e` would hold for nothing.
  set +e
  (set -e; server=; trap '[ -z "$server" ] || kill "$server"' EXIT; export HOME=$R/root JAVA_TOOL_OPTIONS="-Duser.home=$R/root"
    cd "$R/srv/app"; "case_$name"; echo "${V:-}" >"$work/$name.version") >"$work/$name.log" 2>&1
  local status=$?
  set -e
  [ $status = 0 ] || { echo "| | $name | failed: $(tail -1 "$work/$name.log") |"; return; }
  find "$R" -xtype l -delete 2>/dev/null || true
  python3 "$here/image.py" "$plimsoll" "$R" "${name//_/ }" "$(cat "$work/$name.version")" $([ ! -e "$work/$name.oci" ] || echo "$work/$name.oci") <"$work/$name.wanted" 2>"$work/$name.also" || true
  sed "s/^/$name/" "$work/$name.also" >&2
  [ -n "${KEEP:-}" ] || { chmod -R u+w "$R"; rm -rf "$R" "$work/$name.oci"; }
}

for each in cases caches contents images; do . "$here/$each.sh"; done
cases=${*:-$(declare -F | sed -n 's/^declare -f case_//p')}
for one in $cases; do run "$one"; done
