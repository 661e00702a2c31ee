#!/usr/bin/env python3
"""compare.py OUT [--markdown FILE]: predicted savings beside those that the engine's own images show.

OUT is what build.sh wrote: NAME/before and NAME/after, the same Dockerfile without and with one edit. For each
pair plimsoll weighs `before`, leaves out the edits that `after` makes (`--without`), and the result is held
against `after`: content within 1 %, pull within 3 %. Exit status 1 if one is not. Whether `after` still starts
and is healthy is told by starts.sh, whose word stands in OUT/INDEX.
"""
import json, os, subprocess, sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLIMSOLL = os.environ.get("PLIMSOLL", str(HERE.parent.parent / "target/release/plimsoll"))

# The rules whose edits each pair's `after` makes.
PAIRS = {
    "apt-lists": ["apt/lists"], "apt-recommends": ["build/toolchain"], "archive-copy": ["tmp/installers", "layer/deleted"],
    "cargo": ["build/toolchain"], "chmod-copy": ["layer/metadata-only"], "chown-copy": ["layer/metadata-only"],
    "chown-venv": ["layer/metadata-only"], "deleted-later": ["vcs/git-dir"], "docs": ["os/docs", "os/man", "os/locale", "os/info"],
    "download-delete": ["tmp/left", "tmp/installers", "layer/deleted"], "go": ["build/toolchain"], "npm": ["node/dev-deps", "npm/cache"],
    "npm-in-runtime": ["node/system-npm"], "npm-prune": ["node/dev-deps", "npm/cache"], "pip-cache": ["pip/cache"],
    "pip-in-runtime": ["py/installers"], "pip-upgrade": ["layer/overwritten"], "py-tests": ["py/tests-site"],
    "secrets": ["secret/dotenv"], "test-tools": ["py/dev-deps"], "toolchain": ["build/toolchain"], "uv-cache": ["uv/cache"],
    "uv-hardlink": ["uv/cache"], "vcs-tools": ["build/vcs-tools"], "whole-context": ["context/copied-over"],
}


def weigh(image, *more):
    done = subprocess.run([PLIMSOLL, image, "--format", "json", *more], capture_output=True, text=True, cwd="/")
    if done.returncode:
        sys.exit(f"{image}: {done.stderr}")
    return json.loads(done.stdout)


def share(predicted, actual):
    return (predicted / actual - 1) * 100


def main():
    out = Path(sys.argv[1]).resolve()
    healthy = {line.split()[0]: "after=healthy" in line for line in (out / "INDEX").read_text().splitlines() if line.strip()}
    rows, failed = [], False
    for name, rules in PAIRS.items():
        if not (out / name / "before").is_dir():
            sys.exit(f"{out / name}: not built; `build.sh {out} {name}` builds it")
        before, after = weigh(out / name / "before"), weigh(out / name / "after")
        numbers = set()
        for rule in rules:
            of_rule = [edit for edit in before["edits"] if rule in edit["findings"]]
            if of_rule:
                numbers.add(max(of_rule, key=lambda edit: edit["alone"]["content_bytes"])["number"])
        left = weigh(out / name / "before", "--without", ",".join(map(str, sorted(numbers)))) if numbers else before
        # Overhead stays where it was, so whole blobs are compared with whole blobs.
        pull = lambda report: report["image"]["pull_bytes"]
        content = lambda report: report["totals"]["content_bytes"]
        off, off_pull = share(content(left), content(after)), share(pull(left), pull(after))
        good = bool(numbers) and abs(off) <= 1 and abs(off_pull) <= 3 and healthy.get(name, False)
        failed |= not good
        rows.append((name, content(before), content(after), content(before) - content(left), content(before) - content(after), off,
                     pull(before) - pull(left), pull(before) - pull(after), off_pull, "yes" if healthy.get(name) else "NO", "" if good else "OFF"))
    head = ("pair", "before", "after", "predicted", "actual", "left", "predicted pull", "actual pull", "left", "healthy", "")
    text = lambda row: [f"{cell:+.2f} %" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row]
    lines = ["| " + " | ".join(text(row)) + " |" for row in [head, ["---"] * len(head), *rows]]
    print("\n".join(lines))
    if "--markdown" in sys.argv:
        Path(sys.argv[sys.argv.index("--markdown") + 1]).write_text("\n".join(lines) + "\n")
    sys.exit(failed)


main()
