#!/usr/bin/env python3
"""truth.py [ARCHIVE...]: write X.truth.json beside each archive X of this folder.

Says what is in an archive without any code of ours: Python's tarfile reads the
layers, skopeo reads the archive, umoci unpacks the image and the unpacked tree
is counted. Needs skopeo, umoci and zstd (apt-get install skopeo umoci zstd) and
root, so that umoci can set owners. What skopeo cannot read is handed to umoci
as an OCI layout made here ("read_by" says so).
"""
import gzip, hashlib, io, json, os, shutil, subprocess, sys, tarfile, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
D20, D26, SK, BUD, POD = (("docker save", "20.10.24"), ("docker save", "26.1.5, containerd image store"), ("skopeo copy", "1.18.0"),
                          ("buildah push", "1.39.3"), ("podman save", "5.4.2"))
BX, C17, C16 = ("docker buildx build -o", "0.13.1, BuildKit in Docker 26.1.5"), ("ctr images export", "1.7.24"), ("ctr images export", "1.6.20")
D26G = ("docker save", "26.1.5, overlay2 store")
OWN = "layout of its source; written by make_others.py"
WRITERS = {  # prefix of the file name -> writer, version, kind
    "docker20-": (*D20, "docker-archive"), "docker26-": (*D26, "docker-archive"), "docker26g-": (*D26G, "docker-archive"), "demo": (*D20, "docker-archive"),
    "buildx-oci-": (*BX, "oci-archive"), "buildx-docker": (*BX, "docker-archive"),
    "ctr-no-manifest-json": (*C17, "oci-archive"), "ctr-": (*C17, "docker-archive"), "ctr16-": (*C16, "docker-archive"),
    "skopeo-docker-archive": (*SK, "docker-archive"), "skopeo-oci-archive": (*SK, "oci-archive"),
    "skopeo-oci-layout": (*SK, "oci-layout"), "skopeo-dir": (*SK, "dir"), "skopeo19-oci": ("skopeo copy", "1.9.3", "oci-archive"),
    "buildah-oci-layout": (*BUD, "oci-layout"), "buildah-": (*BUD, "docker-archive"),
    "podman-oci-archive": (*POD, "oci-archive"), "podman-oci-dir": (*POD, "oci-layout"), "podman-docker-dir": (*POD, "dir"),
    "podman-": (*POD, "docker-archive"),
    "kaniko": ("kaniko --tar-path", OWN, "docker-archive"), "crane": ("crane pull", OWN, "docker-archive"),
    "ko": ("ko build --tarball", OWN, "docker-archive"), "jib-oci": ("jib buildTar, OCI format", OWN, "oci-archive"),
    "jib": ("jib buildTar", OWN, "docker-archive"), "rules_oci1-docker": ("rules_oci 1.x, docker", OWN, "docker-archive"),
    "rules_oci2-docker": ("rules_oci 2.x, docker", OWN, "docker-archive"), "rules_oci2-oci": ("rules_oci 2.x, oci", OWN, "oci-archive"),
    "nix": ("nix dockerTools.buildLayeredImage", OWN, "docker-archive"), "docker19": ("docker save before 1.10", OWN, "docker-archive"),
}


def sha(b):
    return "sha256:" + hashlib.sha256(b).hexdigest()


def plain(b):
    """(compression seen, decompressed bytes)"""
    if b[:2] == b"\x1f\x8b":
        return "gzip", gzip.decompress(b)
    if b[:4] == b"\x28\xb5\x2f\xfd":
        return "zstd", subprocess.run(["zstd", "-dcq"], input=b, stdout=subprocess.PIPE, check=True).stdout
    return "none", b


class Archive:
    def __init__(self, path):
        raw = path.read_bytes()
        self.outer, raw = plain(raw)
        self.files, links = {}, {}
        for ti in tarfile.open(fileobj=(t := io.BytesIO(raw))):
            name = os.path.normpath(ti.name)
            if ti.isreg():
                self.files[name] = raw[ti.offset_data:ti.offset_data + ti.size]
            elif ti.issym():
                links[name] = os.path.normpath(os.path.join(os.path.dirname(name), ti.linkname))
        for name, to in links.items():
            self.files[name] = self.files[links.get(to, to)]

    def get(self, name):
        return self.files.get(name)

    def blob(self, digest):
        return self.get("blobs/" + digest.replace(":", "/")) or self.get(digest.split(":")[1])


def layer(stored, diff_id, addressed, media_type=None, path=None):
    comp, data = plain(stored)
    regular = entries = 0
    for ti in tarfile.open(fileobj=io.BytesIO(data)) if data.strip(b"\0") else ():
        entries += 1
        regular += ti.size if ti.isreg() else 0
    r = {"diff_id": sha(data), "digest": sha(stored) if addressed else None, "blob_bytes": len(stored), "diff_bytes": len(data),
         "content_bytes": regular, "entries": entries, "compression": comp}
    assert diff_id in (None, r["diff_id"]), (path, diff_id, r)
    return {**r, **({"media_type": media_type} if media_type else {}), **({"member": path} if path else {})}, data


def from_manifest(a, m, names, platform=None):
    cfg = json.loads(a.blob(m["config"]["digest"]))
    ls = [layer(a.blob(d["digest"]), i, True, d["mediaType"]) for d, i in zip(m["layers"], cfg["rootfs"]["diff_ids"], strict=True)]
    return image(names, cfg, m["config"]["digest"], ls, platform)


def image(names, cfg, config_digest, ls, platform=None):
    p = platform or cfg
    return {"names": names, "platform": "/".join(filter(None, (p.get("os"), p.get("architecture"), p.get("variant")))),
            "config_digest": config_digest, "layers": [x for x, _ in ls], "_tars": [d for _, d in ls], "_cfg": cfg}


def annotated(d):
    n = d.get("annotations") or {}
    return [x for x in [n.get("io.containerd.image.name") or n.get("org.opencontainers.image.ref.name")] if x]


def walk(a, d, names, out, extra):
    """One descriptor of an index: an image, an index, an attestation, or nothing there."""
    p = d.get("platform")
    raw = a.blob(d["digest"]) or a.get(d["digest"].split(":")[1] + ".manifest.json")
    if (d.get("annotations") or {}).get("vnd.docker.reference.type") == "attestation-manifest":
        extra["attestations"].append(d["digest"])
    elif raw is None:
        extra["absent"].append({"digest": d["digest"], "platform": "/".join((p["os"], p["architecture"])) if p else None})
    else:
        assert sha(raw) == d["digest"] and len(raw) == d["size"]
        m = json.loads(raw)
        if "manifests" in m:
            for x in m["manifests"]:
                walk(a, x, names, out, extra)
        elif d["digest"] in out:
            out[d["digest"]]["names"] += [n for n in names if n not in out[d["digest"]]["names"]]
        else:
            out[d["digest"]] = {**from_manifest(a, m, list(names), p if p and p.get("os") else None), "manifest_digest": d["digest"]}


def read(path, kind):
    a, extra = Archive(path), {"attestations": [], "absent": []}
    top = json.loads(a.get("manifest.json") or "null")
    if kind == "dir":
        raw, out = a.get("manifest.json"), {}
        if "manifests" in top:
            for d in top["manifests"]:
                walk(a, d, [], out, extra)
            return a, list(out.values()), extra
        return a, [{**from_manifest(a, top, []), "manifest_digest": sha(raw)}], extra
    if a.get("index.json"):
        out = {}
        for d in json.loads(a.get("index.json"))["manifests"]:
            walk(a, d, annotated(d), out, extra)
        for e in top or []:  # Docker's short names beside containerd's full ones
            for i in out.values():
                if e["Config"].endswith(i["config_digest"][7:]):
                    i["repo_tags"] = e["RepoTags"] or []
        return a, list(out.values()), extra
    if top:
        out = []
        for e in top:
            raw = a.get(os.path.normpath(e["Config"]))
            cfg = json.loads(raw)
            ls = [layer(a.get(os.path.normpath(n)), i, False, path=n) for n, i in zip(e["Layers"], cfg["rootfs"]["diff_ids"], strict=True)]
            out.append(image(e["RepoTags"] or [], cfg, sha(raw), ls))
        return a, out, extra
    by_id = {}
    for repo, tags in json.loads(a.get("repositories")).items():
        for tag, vid in tags.items():
            by_id.setdefault(vid, []).append(f"{repo}:{tag}")
    out = []
    for vid, names in by_id.items():
        chain, x = [], vid
        while x:
            v = json.loads(a.get(x + "/json"))
            chain.insert(0, (x, v))
            x = v.get("parent")
        ls = [layer(a.get(x + "/layer.tar"), None, False, path=x + "/layer.tar") for x, _ in chain]
        out.append(image(names, chain[-1][1], None, ls))
    return a, out, extra


# ---- the live tree, from skopeo and umoci -----------------------------------
def run(*cmd):
    return subprocess.run(cmd, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


def own_layout(i, to):
    """A plain OCI layout of image i for umoci."""
    (to / "blobs/sha256").mkdir(parents=True)

    def put(b):
        (to / "blobs/sha256" / sha(b)[7:]).write_bytes(b)
        return {"digest": sha(b), "size": len(b)}
    t = "application/vnd.oci.image."
    cfg = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [sha(b) for b in i["_tars"]]}}
    m = {"schemaVersion": 2, "mediaType": t + "manifest.v1+json", "config": {"mediaType": t + "config.v1+json", **put(json.dumps(cfg).encode())},
         "layers": [{"mediaType": t + "layer.v1.tar", **put(b)} for b in i["_tars"]]}
    d = {"mediaType": t + "manifest.v1+json", **put(json.dumps(m).encode()), "annotations": {"org.opencontainers.image.ref.name": "x"}}
    (to / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [d]}))
    (to / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')


def live(path, a, kind, n, i, tmp):
    lay, bundle, src = tmp / "oci", tmp / "bundle", tmp / "src"
    arch, by = i["platform"].split("/")[1], "skopeo"
    for d in (lay, bundle, src):
        shutil.rmtree(d, ignore_errors=True)
    if kind == "dir" or a.get("index.json"):
        for name, b in a.files.items():
            (src / name).parent.mkdir(parents=True, exist_ok=True)
            (src / name).write_bytes(b)
        ref = f"dir:{src}" if kind == "dir" else f"oci:{src}"
        if kind != "dir":  # one image at a time: an index of one entry, the rest as it was
            size = len(a.blob(i["manifest_digest"]))
            mt = json.loads(a.blob(i["manifest_digest"])).get("mediaType", "application/vnd.oci.image.manifest.v1+json")
            (src / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [{"mediaType": mt, "digest": i["manifest_digest"], "size": size}]}))
    else:
        if a.outer != "none":  # skopeo 1.9 reads no compressed docker-archive, 1.18 does
            (tmp / "plain.tar").write_bytes(plain(path.read_bytes())[1])
        ref = f"docker-archive:{path if a.outer == 'none' else tmp / 'plain.tar'}:@{n}"
    try:
        run("skopeo", "--override-arch", arch, "--override-os", "linux", "copy", "-q", "--dest-compress-format", "gzip", ref, f"oci:{tmp}/one:x")
        # umoci reads no zstd: through plain tars
        run("skopeo", "copy", "-q", "--dest-decompress", f"oci:{tmp}/one:x", f"dir:{tmp}/flat")
        run("skopeo", "copy", "-q", f"dir:{tmp}/flat", f"oci:{lay}:x")
        got = json.loads(run("skopeo", "inspect", "--config", f"oci:{lay}:x"))["rootfs"]["diff_ids"]
        assert got == [x["diff_id"] for x in i["layers"]], (path, got)
    except subprocess.CalledProcessError as e:
        by = "truth.py; skopeo says: " + e.stderr.strip().split("msg=")[-1].strip('"').replace(str(path), path.name)
        shutil.rmtree(lay, ignore_errors=True)
        own_layout(i, lay)
    for d in ("one", "flat"):
        shutil.rmtree(tmp / d, ignore_errors=True)
    run("umoci", "unpack", "--image", f"{lay}:x", str(bundle))
    root, inodes, files = bundle / "rootfs", {}, []
    for d, _, names in os.walk(root):
        for f in names:
            p = os.path.join(d, f)
            st = os.lstat(p)
            if (st.st_mode & 0o170000) == 0o100000:
                files.append(os.path.relpath(p, root))
                inodes[st.st_ino] = st.st_size
    return {"read_by": by, "live_content_bytes": sum(inodes.values()), "live_files": sorted(files, key=os.fsencode)}


def main(paths):
    for path in paths:
        writer, version, kind = next(v for k, v in sorted(WRITERS.items(), key=lambda x: -len(x[0])) if path.name.startswith(k))
        a, images, extra = read(path, kind)
        with tempfile.TemporaryDirectory() as t:
            for n, i in enumerate(images):
                i |= live(path, a, kind, n, i, Path(t))
        res = {"writer": writer, "version": version, "kind": kind, "outer_compression": a.outer, "archive_bytes": path.stat().st_size,
               "images": [{k: v for k, v in i.items() if k[0] != "_"} for i in images], **{k: v for k, v in extra.items() if v}}
        name = path.name.removesuffix(".gz").removesuffix(".tar")
        (path.parent / (name + ".truth.json")).write_text(json.dumps(res, indent=1) + "\n")
        print(name, *(f"{i['names']} {i['platform']} layers={len(i['layers'])} live={i['live_content_bytes']}/{len(i['live_files'])} [{i['read_by'][:70]}]" for i in images), extra["absent"] or "", extra["attestations"] and "attested" or "")


main([Path(p).resolve() for p in sys.argv[1:]] or sorted([*HERE.glob("*.tar"), *HERE.glob("*.tar.gz")]))
