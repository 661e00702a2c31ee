#!/usr/bin/env python3
"""peers.py DIR [RUNS]: whole-process runs of plimsoll beside its peers, in turn, on the images in DIR.

DIR holds one folder an image: NAME/oci (an OCI layout with gzip layers), NAME/oci-zstd,
NAME/docker-v1.tar (plain tars) and NAME/docker-v25.tar. Each row is one paired run: A B A B …;
wall and CPU seconds are medians, the ratio is the median of the pairs, memory the peak of the
largest process. L is the least wall time that decoding can take: max(largest layer, sum / cores)
of the CPU time of `igzip -dc` on the layers (package isal). Peers that are not installed are named.
"""
import json, os, shutil, statistics, subprocess, sys, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PLIMSOLL = os.environ.get("PLIMSOLL", str(HERE / "target/release/plimsoll"))
CORES = len(os.sched_getaffinity(0))


def run(argv, stdin=None, env=None):
    """Wall seconds, CPU seconds, peak memory in MB, exit status."""
    import time
    with open(os.devnull, "wb") as null:
        source = open(stdin, "rb") if stdin else null
        start = time.perf_counter()
        child = subprocess.Popen(argv, stdin=source, stdout=null, stderr=null, env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        # What fails early is fast.
        if status and argv[0] == PLIMSOLL:
            sys.exit(f"`{' '.join(argv)}` ended with {os.waitstatus_to_exitcode(status)}")
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def paired(a, b, runs):
    rows = []
    run(**a), run(**b)
    for _ in range(runs):
        rows.append((run(**a), run(**b)))
    return rows


def say(name, label_a, label_b, rows):
    mid = lambda side, at: statistics.median(row[side][at] for row in rows)
    ratio = statistics.median(row[0][0] / row[1][0] for row in rows)
    peak = lambda side: max(row[side][2] for row in rows)
    print(f"{name:<40} {label_a}: {mid(0, 0):7.2f} s wall {mid(0, 1):7.2f} s cpu {peak(0):7.1f} MB   {label_b}: {mid(1, 0):7.2f} s wall {mid(1, 1):7.2f} s cpu {peak(1):7.1f} MB   ratio {ratio:.3f}", flush=True)


def layers(layout):
    index = json.loads((layout / "index.json").read_text())
    blob = lambda digest: layout / "blobs" / digest.replace(":", "/")
    manifest = json.loads(blob(index["manifests"][0]["digest"]).read_text())
    return [blob(layer["digest"]) for layer in manifest["layers"]]


def least(layout, runs):
    """L in seconds: each layer decoded alone, the median of its CPU times."""
    times = [statistics.median(run(["igzip", "-dc", str(blob)])[1] for _ in range(runs)) for blob in layers(layout)]
    return max(max(times), sum(times) / CORES), max(times), sum(times)


def main():
    images, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for tool in ("igzip", "dive"):
        if not shutil.which(tool):
            print(f"{tool} is not installed: its rows are left out", flush=True)
    plimsoll = lambda *args, stdin=None: dict(argv=[PLIMSOLL, *map(str, args), "--no-cache", "--format", "json"], stdin=stdin)
    for image in sorted(images.iterdir()):
        oci = image / "oci"
        if oci.is_dir() and shutil.which("igzip"):
            for label, flags in (("digests verified", []), ("--no-verify", ["--no-verify"])):
                walls, ratios, peak = [], [], 0
                run(**plimsoll(oci, *flags))
                for _ in range(runs):
                    low, largest, total = least(oci, 1)
                    wall, _, memory, _ = run(**plimsoll(oci, *flags))
                    walls.append(wall), ratios.append(wall / low)
                    peak = max(peak, memory)
                print(f"{image.name + '/oci ' + label:<40} {statistics.median(walls):.2f} s wall, L {low:.2f} s (largest {largest:.2f}, sum {total:.2f}), ratio to L {statistics.median(ratios):.3f}, {peak:.1f} MB", flush=True)
            largest = max(layers(oci), key=lambda blob: blob.stat().st_size)
            with tempfile.TemporaryDirectory() as scratch:
                one = single(oci, largest, Path(scratch))
                for label, flags in (("two threads", []), ("one thread", ["--threads", "1"])):
                    say(f"{image.name}, largest layer, {label}", "plimsoll", "igzip", paired(plimsoll(one, *flags), dict(argv=["igzip", "-dc", str(largest)]), runs))
        for name in ("docker-v1.tar", "docker-v25.tar"):
            archive = image / name
            if archive.exists() and shutil.which("dive") and image.name != "many-small-files":
                dive = dict(argv=["dive", "--source", "docker-archive", str(archive)], env={"CI": "true"})
                say(f"{image.name}/{name}", "plimsoll", "dive", paired(plimsoll(archive), dive, runs))
            elif archive.exists():
                walls = [run(**plimsoll(archive)) for _ in range(runs)]
                print(f"{image.name + '/' + name:<40} plimsoll: {statistics.median(w[0] for w in walls):.2f} s wall {max(w[2] for w in walls):.1f} MB (dive does not end in 500 s)", flush=True)
        plain = image / "docker-v1.tar"
        if plain.exists():
            say(f"{image.name}/docker-v1.tar warm", "plimsoll", "sha256 on one core", paired(plimsoll(plain), dict(argv=["openssl", "dgst", "-sha256", str(plain)]), runs))
            say(f"{image.name}/docker-v1.tar from a pipe", "pipe", "file", paired(plimsoll("-", stdin=str(plain)), plimsoll(plain), runs))


def single(layout, blob, scratch):
    """A layout of one layer of `layout`."""
    import hashlib
    digest = "sha256:" + blob.name
    blobs = scratch / "blobs/sha256"
    blobs.mkdir(parents=True)
    os.link(blob, blobs / blob.name) if os.stat(scratch).st_dev == os.stat(blob).st_dev else shutil.copy(blob, blobs / blob.name)

    def put(document, media):
        data = json.dumps(document).encode()
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {"mediaType": media, "digest": "sha256:" + name, "size": len(data)}

    oci = "application/vnd.oci.image."
    config = put({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}}, oci + "config.v1+json")
    layer = {"mediaType": oci + "layer.v1.tar+gzip", "digest": digest, "size": blob.stat().st_size}
    manifest = put({"schemaVersion": 2, "config": config, "layers": [layer]}, oci + "manifest.v1+json")
    (scratch / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (scratch / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return scratch


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
