#!/bin/bash
# starts.sh IMAGE… — starts each image in the engine as it is (its own CMD and
# USER, no network but loopback), runs its own HEALTHCHECK command inside until it passes,
# and sees that the program still runs afterwards. Prints one word an image. An image without HEALTHCHECK
# must end with 0 by itself. Exit 1 if any fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/engine.sh"; engine
bad=0
for img; do
  side=${img##*:}; name=savings-$(tr '/:' '--' <<<"${img#*/}")
  d26 rm -f "$name" >/dev/null 2>&1 || true
  health=$(d26 image inspect "$img" | jq -c '.[0].Config.Healthcheck.Test // []')
  cmd=()
  case $(jq -r '.[0] // ""' <<<"$health") in
    CMD) mapfile -t cmd < <(jq -r '.[1:][]' <<<"$health") ;;
    CMD-SHELL) cmd=(/bin/sh -c "$(jq -r '.[1]' <<<"$health")") ;;
  esac
  ok=NOT-OK
  if [ ${#cmd[@]} = 0 ]; then
    d26 run --rm --name "$name" --network none "$img" >/dev/null 2>&1 </dev/null && ok=ends-ok
  else
    d26 run -d --no-healthcheck --name "$name" --network none "$img" >/dev/null
    for _ in $(seq 40); do
      d26 exec "$name" "${cmd[@]}" >/dev/null 2>&1 </dev/null && { ok=healthy; break; }
      [ "$(d26 inspect -f '{{.State.Running}}' "$name")" = true ] || break
      sleep .5
    done
    [ "$(d26 inspect -f '{{.State.Running}}' "$name")" = true ] || ok=NOT-OK
    [ "$ok" = healthy ] || d26 logs --tail 8 "$name" >&2 || true
    d26 rm -f "$name" >/dev/null 2>&1 || true
  fi
  printf '%s=%s ' "$side" "$ok"
  [ "$ok" = NOT-OK ] && bad=1
done
echo; exit $bad
