# engine.sh, sourced: Docker 26 of the corpus copy $CORPUS, and its base image.
# Nothing of the corpus is changed: the functions are read out of its build.sh.
: "${CORPUS:?set CORPUS to a copy of the corpus, see the head of build.sh}"
CORPUS=$(cd "$CORPUS" && pwd)
corpus() { # corpus COMMAND…: with the functions and variables of its build.sh
  bash -c "$(sed '/^\[ \$# -gt 0 \]/,$d' "$CORPUS/build.sh")"'
"$@"' "$CORPUS/build.sh" "$@"
}
d26() { "$CORPUS/tools/in-trixie" env "DOCKER_HOST=unix://$CORPUS/work/d26.sock" docker "$@"; }
say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }
engine() { # starts it unless it answers
  curl -sf --unix-socket "$CORPUS/work/d26.sock" http://d/_ping >/dev/null 2>&1 && return
  command -v jq >/dev/null || corpus need jq curl
  local pid=$CORPUS/work/d26.pid # left by an engine that was killed
  [ -s "$pid" ] && ! grep -qs dockerd "/proc/$(cat "$pid")/cmdline" && rm -f "$pid"
  corpus engine26 </dev/null
}
