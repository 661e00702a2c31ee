#!/usr/bin/env python3
"""sizes.py OCI-LAYOUT… — per layout: layers, `disk` (bytes of file content in all layers, as plimsoll counts), `tars` (bytes of the uncompressed layer tars) and `pull` (bytes of the layer blobs); of two, what the second saves."""
import json, pathlib, sys, tarfile, zlib


class Unpacked:
    """A gzip blob (of one or more members) as a stream that counts what it gave."""

    def __init__(self, path):
        self.blob, self.z, self.buf, self.given = open(path, "rb"), zlib.decompressobj(31), b"", 0

    def read(self, n):
        while len(self.buf) < n:
            piece = self.z.unconsumed_tail or self.z.unused_data or self.blob.read(1 << 20)
            if not piece:
                break
            if self.z.eof:
                self.z = zlib.decompressobj(31)
            self.buf += self.z.decompress(piece, 1 << 20)
        out, self.buf = self.buf[:n], self.buf[n:]
        self.given += len(out)
        return out


def sizes(root):
    blob = lambda d: root / "blobs" / d.replace(":", "/")
    m = json.loads((root / "index.json").read_text())
    while "layers" not in m:
        m = json.loads(blob(m["manifests"][0]["digest"]).read_text())
    disk = tars = pull = 0
    for l in m["layers"]:
        pull += l["size"]
        u = Unpacked(blob(l["digest"]))
        with tarfile.open(fileobj=u, mode="r|") as t:
            for x in t:
                disk += x.size if x.isreg() else 0
                t.members = []
        while u.read(1 << 20):
            pass
        tars += u.given
    return {"layers": len(m["layers"]), "disk": disk, "tars": tars, "pull": pull}


got = [sizes(pathlib.Path(p)) for p in sys.argv[1:]]
if len(got) == 2:
    got.append({"saved-" + k: got[0][k] - got[1][k] for k in ("disk", "tars", "pull")})
print("  ".join(" ".join(f"{k}={v}" for k, v in g.items()) for g in got))
