#!/usr/bin/env python3
"""registry.py DIR [RUNS [apart]]: weighing an image in a registry beside downloading it and beside weighing it on disk.

DIR is an OCI layout with one image. A registry (Debian's docker-registry) is started on loopback and given the image by
skopeo; it shares the machine's cores with what is measured. Rows are paired runs, in turn: the blobs downloaded by
curl, four at a time, to nowhere; the layout weighed; the image weighed in the registry; the same from the cache.
With `apart` the registry has one core and what is measured another, as if it were on another machine.
"""
import json, os, re, statistics, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PLIMSOLL = os.environ.get("PLIMSOLL", str(HERE / "target/release/plimsoll"))

APART = "apart" in sys.argv[3:]
OURS, THEIRS = (["taskset", "-c", "0"], ["taskset", "-c", "1"]) if APART else ([], [])


def run(argv, **env):
    start = time.perf_counter()
    child = subprocess.Popen([*OURS, *argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **env})
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, argv
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    layout, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.yml")
        config.write_text(json.dumps({"version": "0.1", "storage": {"filesystem": {"rootdirectory": f"{folder}/data"}},
                                      "http": {"addr": "127.0.0.1:0"}}))
        log = Path(folder, "log")
        with open(log, "wb") as out:
            registry = subprocess.Popen([*THEIRS, "docker-registry", "serve", str(config)], stdout=out, stderr=out)
        try:
            port = None
            while not port:
                time.sleep(0.05)
                port = re.search(rb"listening on 127.0.0.1:(\d+)", log.read_bytes())
            host = f"127.0.0.1:{port[1].decode()}"
            subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{layout}", f"docker://{host}/image:1"], check=True)
            raw = subprocess.run(["skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{host}/image:1"], check=True, capture_output=True)
            manifest = json.loads(raw.stdout)
            sizes = sorted(manifest["layers"], key=lambda layer: -layer["size"])
            urls = "\n".join(f"http://{host}/v2/image/blobs/{layer['digest']}" for layer in sizes)
            download = ["sh", "-c", f"printf '%s\\n' '{urls}' | xargs -P4 -n1 curl -sS -o /dev/null"]
            name, cache = f"docker://{host}/image:1", f"{folder}/cache"
            ways = {
                "download alone (curl, 4 at a time)": lambda: run(download),
                "on disk": lambda: run([PLIMSOLL, str(layout), "--no-cache"]),
                "in the registry": lambda: run([PLIMSOLL, name, "--no-cache"]),
                "in the registry, known": lambda: run([PLIMSOLL, name, "--cache-dir", cache]),
            }
            for way in ways.values():
                way()
            rows = [{label: way() for label, way in ways.items()} for _ in range(runs)]
        finally:
            registry.kill()
            registry.wait()
    for label in ways:
        wall, memory = (statistics.median(row[label][at] for row in rows) for at in (0, 1))
        print(f"{label:<40} {wall:7.2f} s {memory:7.1f} MB")
    labels = list(ways)
    ratio = statistics.median(row[labels[2]][0] / max(row[labels[0]][0], row[labels[1]][0]) for row in rows)
    print(f"in the registry, to the longer of the first two: {ratio:.3f}")


main()
