#!/usr/bin/env python3
"""sizes.py OCI-LAYOUT… — per layout: layers, bytes of the uncompressed layer tars, bytes of the blobs as pulled; of two, the difference too."""
import json, pathlib, sys, zlib


def sizes(root):
    blob = lambda d: root / "blobs" / d.replace(":", "/")
    m = json.loads((root / "index.json").read_text())
    while "layers" not in m:
        m = json.loads(blob(m["manifests"][0]["digest"]).read_text())
    disk = pull = 0
    for l in m["layers"]:
        pull += l["size"]
        z = zlib.decompressobj(31)
        with open(blob(l["digest"]), "rb") as f:
            while piece := f.read(1 << 20):
                while piece:
                    disk += len(z.decompress(piece))
                    piece = z.unused_data
                    if piece:
                        z = zlib.decompressobj(31)
        disk += len(z.flush())
    return len(m["layers"]), disk, pull


got = [sizes(pathlib.Path(p)) for p in sys.argv[1:]]
print("  ".join(f"layers={n} disk={d} pull={p}" for n, d, p in got), end="")
if len(got) == 2:
    print(f"  saved-disk={got[0][1] - got[1][1]} saved-pull={got[0][2] - got[1][2]}", end="")
print()
