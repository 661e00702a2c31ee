#!/usr/bin/env bash
# What action.yml does: fetches a released plimsoll, holds an image to its budgets, and tells a pull request what changed.
# Inputs come as INPUT_… in the environment and are never part of the script's text.
set -euo pipefail

fail() {
  echo "::error title=plimsoll::$1"
  exit "${2:-2}"
}

# The target whose release runs on this runner; release.yml builds these.
target() {
  case "$RUNNER_OS/$RUNNER_ARCH" in
    Linux/X64) echo x86_64-unknown-linux-musl ;;
    Linux/ARM64) echo aarch64-unknown-linux-musl ;;
    macOS/X64) echo x86_64-apple-darwin ;;
    macOS/ARM64) echo aarch64-apple-darwin ;;
    # Windows on ARM runs programs for x86_64.
    Windows/X64 | Windows/ARM64) echo x86_64-pc-windows-msvc ;;
    *) return 1 ;;
  esac
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

fetch() {
  # No protocol beside HTTPS, on redirection neither; file: is for a mirror on the runner and for tests.
  curl --fail --silent --show-error --location --proto '=https,file' --proto-redir '=https' --retry 3 --output "$2" "$1" ||
    fail "cannot fetch $1" 4
}

# A path as programs take it that are not bash's; only on Windows is it another.
native() {
  if command -v cygpath >/dev/null; then cygpath -m "$1"; else echo "$1"; fi
}

# The version of the sources that this script came with: whatever names them, a tag, a branch or a commit.
own_version() {
  sed -n 's/^version = "\(.*\)"$/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../Cargo.toml" | head -n 1
}

# Puts the released binary on the path, for later steps too.
fetch_release() {
  local version=${INPUT_VERSION:-$(own_version)} target name sums expected actual
  version=${version#v}
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail 'version: expected a release such as 1.2.3'
  target=$(target) || fail "there is no release for $RUNNER_OS on $RUNNER_ARCH"
  name=plimsoll-$version-$target
  sums=$work/SHA256SUMS
  fetch "$RELEASES/v$version/SHA256SUMS" "$sums"
  fetch "$RELEASES/v$version/$name.tar.gz" "$work/$name.tar.gz"
  expected=$(awk -v name="$name.tar.gz" '$2 == name || $2 == "*" name { print $1 }' "$sums")
  actual=$(sha256 "$work/$name.tar.gz")
  # An archive that the list does not name is one that nobody vouches for.
  [[ -n $expected && $actual == "$expected" ]] || fail "$name.tar.gz: expected SHA-256 ${expected:-in SHA256SUMS}, found $actual" 3
  # Names relative to the directory: GNU tar takes `C:` for a host.
  (cd "$work" && tar -xzf "$name.tar.gz")
  PATH=$work/$name:$PATH
  native "$work/$name" >>"$GITHUB_PATH"
}

# Shows files in the log. What an image holds must not command the runner.
show() {
  local word
  word=$(od -An -N 16 -t x1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$word"
  cat "$@"
  printf '\n::%s::\n' "$word"
}

# Holds the image to its budgets; the exit status is check's.
check() {
  local arguments=(--color never) line status=0
  [[ -z $INPUT_CONFIG ]] || arguments+=(--config "$INPUT_CONFIG")
  [[ -z $INPUT_PROFILE ]] || arguments+=(--profile "$INPUT_PROFILE")
  [[ -z $INPUT_BASELINE ]] || arguments+=(--baseline "$INPUT_BASELINE")
  [[ $INPUT_FAIL == true ]] || arguments+=(--exit-zero)
  while IFS= read -r line; do
    [[ -n $line ]] || continue
    [[ $line == *=?* ]] || fail "outputs: expected FORMAT=FILE, one a line"
    arguments+=(--output "$line")
    [[ $line != sarif=* ]] || echo "sarif=${line#sarif=}" >>"$GITHUB_OUTPUT"
  done <<<"$INPUT_OUTPUTS"
  # Files beside the table: it is then named too.
  [[ -z $INPUT_OUTPUTS ]] || arguments+=(--output table=-)
  plimsoll check "${arguments[@]}" -- "$INPUT_IMAGE" >"$work/check.txt" 2>"$work/messages.txt" || status=$?
  show "$work/messages.txt" "$work/check.txt"
  {
    echo '### plimsoll'
    echo
    # As indented code, which nothing in it can end. GitHub takes 1 MiB a step.
    head -c 262144 "$work/check.txt" | sed 's/^/    /'
    echo
  } >>"$GITHUB_STEP_SUMMARY"
  return "$status"
}

# Says what the image has more than the base branch's.
compare() {
  local arguments=(--format markdown) status=0
  [[ -z $INPUT_CONFIG ]] || arguments+=(--config "$INPUT_CONFIG")
  [[ -z $INPUT_PROFILE ]] || arguments+=(--profile "$INPUT_PROFILE")
  [[ -z $INPUT_KEY ]] || arguments+=(--key "$INPUT_KEY")
  plimsoll diff "${arguments[@]}" -- "$INPUT_BASE" "$INPUT_IMAGE" >"$work/diff.md" 2>"$work/messages.txt" || status=$?
  show "$work/messages.txt"
  # What is incomplete says so itself.
  [[ $status == 0 || $status == 5 ]] || return "$status"
  cat "$work/diff.md" >>"$GITHUB_STEP_SUMMARY"
  echo "comment=$(native "$work/diff.md")" >>"$GITHUB_OUTPUT"
  return "$status"
}

# One comment for each key: the one that is there is written anew.
comment() {
  local marker id body comments=repos/$GITHUB_REPOSITORY/issues
  [[ $PULL_REQUEST =~ ^[0-9]+$ ]] || return 0
  body=$(native "$work/diff.md")
  marker=$(head -n 1 "$work/diff.md")
  # Only of a bot: anybody can write the marker, and it is not for us to change what people wrote.
  id=$(gh api --paginate "$comments/$PULL_REQUEST/comments?per_page=100" | jq --slurp --raw-output --arg marker "$marker" \
    '[.[][] | select(.user.type == "Bot" and (.body | split("\n")[0] | rtrimstr("\r")) == $marker) | .id] | first // empty') || return
  if [[ -n $id ]]; then
    gh api --silent --method PATCH "$comments/comments/$id" --field "body=@$body"
  else
    gh api --silent --method POST "$comments/$PULL_REQUEST/comments" --field "body=@$body"
  fi
}

[[ -n $INPUT_IMAGE ]] || fail 'image: expected what plimsoll reads, such as an archive or a name'
work=$(mktemp -d "$RUNNER_TEMP/plimsoll.XXXXXX")
fetch_release
status=0
check || status=$?
echo "status=$status" >>"$GITHUB_OUTPUT"
if [[ -n $INPUT_BASE ]]; then
  compared=0
  compare || compared=$?
  # A budget that fails is no reason to hide why the image grew; a comparison that fails is a failure of its own.
  [[ $compared == 0 || $status -gt 1 ]] || status=$compared
  if [[ $compared == 0 && $INPUT_COMMENT == true ]]; then
    # The token of a fork's pull request may only read.
    comment || echo '::warning title=plimsoll::the comment cannot be written: it needs pull-requests: write, which forks do not have'
  fi
fi
exit "$status"
