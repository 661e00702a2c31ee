#!/usr/bin/env python3
"""make_others.py [DIR]: archives in the layouts of writers that need a build
system or a cluster to run, made from the layers of docker20-one.tar.

Layout, member order, header fields and JSON keys follow those writers' source;
layer bytes, times and digests are ours. Deterministic, standard library only.
"""
import gzip, hashlib, io, json, re, sys, tarfile
from pathlib import Path

HERE = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
T0 = 1750000000
MADE = "2025-06-15T15:06:40Z"
OCI = "application/vnd.oci.image."


def hexof(b):
    return hashlib.sha256(b).hexdigest()


def js(o, **k):
    return json.dumps(o, **({"separators": (",", ":")} | k)).encode()


def gz(b):
    return gzip.compress(b, 9, mtime=0)


class Out:
    """One outer tar; equal names are written once."""

    def __init__(self, fmt=tarfile.USTAR_FORMAT, mode=0o644, mtime=0, block=1):
        self.buf, self.mode, self.mtime, self.seen = io.BytesIO(), mode, mtime, set()
        self.tar = tarfile.open(fileobj=self.buf, mode="w", format=fmt)
        self.block = block

    def add(self, name, data=b"", type=tarfile.REGTYPE):
        if name in self.seen:
            return
        self.seen.add(name)
        ti = tarfile.TarInfo(name)
        ti.type, ti.mode, ti.mtime, ti.size = type, self.mode, self.mtime, len(data)
        if type == tarfile.DIRTYPE:
            ti.mode = 0o755
        self.tar.addfile(ti, io.BytesIO(data))

    def save(self, name, wrap=lambda b: b):
        """Go's and Java's writers end with two zero blocks and no more padding."""
        end = self.tar.offset
        self.tar.close()
        raw = self.buf.getvalue()
        if not self.block:
            raw = raw[:end] + bytes(1024)
        (HERE / name).write_bytes(wrap(raw))


# ---- what all of them carry ------------------------------------------------
src = tarfile.open(HERE / "docker20-one.tar")
top = json.load(src.extractfile("manifest.json"))[0]
cfg = json.load(src.extractfile(top["Config"]))
layers = [src.extractfile(n).read() for n in top["Layers"]]
diff_ids = ["sha256:" + hexof(b) for b in layers]
assert diff_ids == cfg["rootfs"]["diff_ids"]
blobs = [gz(b) for b in layers]
RUN = {k: cfg["config"][k] for k in ("Env", "Cmd", "Entrypoint", "WorkingDir", "User")}
ARCH = {"architecture": "amd64", "os": "linux"}


def config(history, n=len(layers), **more):
    return {**ARCH, "created": MADE, "config": RUN, "history": history, "rootfs": {"type": "layers", "diff_ids": diff_ids[:n]}, **more}


def ggcr(name, images):
    """Config as a file called sha256:<hex>, then <hex>.tar.gz layers, manifest.json last."""
    o, m = Out(block=0), []
    for tags, c, bl in images:
        c = js(c)
        o.add("sha256:" + hexof(c), c)
        for b in bl:
            o.add(hexof(b) + ".tar.gz", b)
        m.append({"Config": "sha256:" + hexof(c), "RepoTags": tags, "Layers": [hexof(b) + ".tar.gz" for b in bl]})
    o.add("manifest.json", js(sorted(m, key=lambda i: ",".join(i["RepoTags"] or []))))
    o.save(name)


# ---- kaniko --tar-path, crane pull, ko build --tarball ----------------------
docker_lines = ["COPY root/ /", "COPY cfg/ /etc/tiny/", "RUN /t mkdir /cache ...", "RUN /t rm /cache/a.bin ..."]
kaniko = config([{"created": MADE, "author": "kaniko", "created_by": s} for s in docker_lines], author="kaniko")
ggcr("kaniko.tar", [(["registry.example.com/fixture/tiny:1"], kaniko, blobs)])
old = {**cfg, "history": [{k: h[k] for k in h} for h in cfg["history"]]}
base = config([{"created": MADE, "created_by": docker_lines[0]}], n=1)
ggcr("crane-two-images.tar", [(["fixture/tiny:1", "fixture/tiny:latest"], old, blobs), (["fixture/base:1"], base, blobs[:1])])
ggcr("crane-by-digest.tar", [(None, old, blobs)])
ko_hist = [{"created": "0001-01-01T00:00:00Z", "author": "ko", "created_by": "ko build ko://example.com/cmd/tiny", "comment": c}
           for c in ("kodata contents, at $KO_DATA_PATH", "go build output, at /ko-app/tiny")]
ggcr("ko.tar", [(["ko.local/tiny:latest"], config([{"created": MADE, "created_by": "base"}] * 2 + ko_hist, author="github.com/ko-build/ko"), blobs)])

# ---- jib -------------------------------------------------------------------
jib = config([{"created": "1970-01-01T00:00:00Z", "author": "Jib", "created_by": "jib-maven-plugin:3.4.0", "comment": c}
              for c in ("dependencies", "resources", "classes", "jvm arg files")])
o = Out(block=10240)
for b in blobs:
    o.add(hexof(b) + ".tar.gz", b)
o.add("config.json", js(jib))
o.add("manifest.json", js([{"Config": "config.json", "RepoTags": ["fixture/tiny:1", "fixture/tiny:latest"], "Layers": [hexof(b) + ".tar.gz" for b in blobs]}]))
o.save("jib.tar")


def manifest(c, bl):
    return js({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
               "config": {"mediaType": OCI + "config.v1+json", "digest": "sha256:" + hexof(c), "size": len(c)},
               "layers": [{"mediaType": OCI + "layer.v1.tar+gzip", "digest": "sha256:" + hexof(b), "size": len(b)} for b in bl]})


def descriptor(m, **more):
    return {"mediaType": OCI + "manifest.v1+json", "digest": "sha256:" + hexof(m), "size": len(m), **more}


c = js(jib)
m = manifest(c, blobs)
o = Out(block=10240)  # no directory members; index.json is the last one
for b in (*blobs, c, m):
    o.add("blobs/sha256/" + hexof(b), b)
o.add("oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
o.add("index.json", js({"schemaVersion": 2, "mediaType": OCI + "index.v1+json",
                        "manifests": [descriptor(m, annotations={"org.opencontainers.image.ref.name": "fixture/tiny:1"})]}))
o.save("jib-oci.tar")

# ---- rules_oci -------------------------------------------------------------
rc = config([])  # no history at all
del rc["history"]
c = js(rc, indent=2, separators=None)
m = manifest(c, blobs)
tags = ["fixture/tiny:1", "fixture/tiny:latest"]
for name, ext in (("rules_oci1-docker.tar", ".tar.gz"), ("rules_oci2-docker.tar", "")):  # manifest.json comes first
    o = Out(block=10240)
    o.add("manifest.json", js([{"Config": "blobs/sha256/" + hexof(c), "RepoTags": tags, "Layers": [f"blobs/sha256/{hexof(b)}{ext}" for b in blobs]}], indent=2, separators=None))
    for d in ("blobs", "blobs/sha256"):
        o.add(d, type=tarfile.DIRTYPE)
    o.add("blobs/sha256/" + hexof(c), c)
    for b in blobs:
        o.add(f"blobs/sha256/{hexof(b)}{ext}", b)
    o.save(name)
o = Out(block=10240)
for d in ("blobs", "blobs/sha256"):
    o.add(d, type=tarfile.DIRTYPE)
for b in (c, m, *blobs):
    o.add("blobs/sha256/" + hexof(b), b)
o.add("index.json", js({"schemaVersion": 2, "mediaType": OCI + "index.v1+json",  # the one manifest, once per tag
                        "manifests": [descriptor(m, annotations={"org.opencontainers.image.ref.name": t}) for t in tags]}))
o.add("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
o.save("rules_oci2-oci.tar")


# ---- nix dockerTools.buildLayeredImage ---------------------------------------
def rename(layer, prefix, skip=r"^$"):
    """The members of a layer with prefix before each name and one fixed owner and time."""
    buf = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(layer)) as t, tarfile.open(fileobj=buf, mode="w", format=tarfile.GNU_FORMAT) as w:
        if prefix == "./":
            root = tarfile.TarInfo("./")
            root.type, root.mode, root.mtime = tarfile.DIRTYPE, 0o755, 1
            w.addfile(root)
        for ti in t:
            if not re.search(skip, ti.name):
                data = t.extractfile(ti).read() if ti.isreg() else b""
                ti.name, ti.mtime, ti.pax_headers = prefix + ti.name, 1, {}
                w.addfile(ti, io.BytesIO(data))
    return buf.getvalue()


nix = [rename(layers[0], "/"), rename(layers[1], "/"), rename(layers[2], "./", r"^app")]  # absolute names, then ./names
o = Out(fmt=tarfile.GNU_FORMAT, mtime=1, block=10240)
for b in nix:
    o.add(hexof(b) + "/layer.tar", b)
nc = {"created": "1970-01-01T00:00:01+00:00", **ARCH, "config": RUN,
      "rootfs": {"diff_ids": ["sha256:" + hexof(b) for b in nix], "type": "layers"},
      "history": [{"created": "1970-01-01T00:00:01+00:00", "comment": f"store paths: ['/nix/store/{i:032d}-part{i}']"} for i in range(len(nix))]}
nc = js(nc, indent=4, separators=None)
o.add(hexof(nc) + ".json", nc)
o.add("manifest.json", js([{"Config": hexof(nc) + ".json", "RepoTags": ["tiny:s1f3h9v4"], "Layers": [hexof(b) + "/layer.tar" for b in nix]}], indent=4, separators=None))
o.save("nix-layered.tar.gz", gz)

# ---- Docker before 1.10: repositories only, ids with no meaning ---------------
# every instruction made a layer, those without files an empty tar
o, parent, todo, left = Out(mtime=T0, block=0), None, [], list(layers)
for i, h in enumerate(cfg["history"]):
    vid = hexof(b"legacy layer %d" % i)
    data = bytes(1024) if h.get("empty_layer") else left.pop(0)
    v = {"id": vid, **({"parent": parent} if parent else {}), "created": h["created"], "docker_version": "1.9.1",
         "container_config": {"Hostname": "", "Cmd": re.match(r"(/bin/sh) (-c) (.*)", h["created_by"], re.S) and ["/bin/sh", "-c", h["created_by"][11:]] or h["created_by"].split(" ")},
         "config": RUN, **ARCH, "Size": len(data) if data.strip(b"\0") else 0}
    todo.append((vid, js(v), data))
    parent = vid
assert not left
for vid, v, data in sorted(todo):
    o.add(vid + "/", type=tarfile.DIRTYPE)
    o.add(vid + "/VERSION", b"1.0")
    o.add(vid + "/json", v)
    o.add(vid + "/layer.tar", data)
o.add("repositories", js({"fixture/tiny": {"1": parent, "latest": parent}}) + b"\n")
o.save("docker19-legacy.tar")
