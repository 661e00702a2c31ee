#!/usr/bin/env python3
"""A directory as the second layer of an image, and what plimsoll finds in it beside what find(1) and stat(2) count.

usage: image.py PLIMSOLL ROOT NAME VERSION [IMAGE] < lines of `RULE PATH…`, paths relative to ROOT, with wildcards of a shell;
`!` before one takes its files out again. IMAGE: an OCI layout that was built already, and ROOT has its own layers.
usage: image.py layers IMAGE: prints number and file of each layer but the first
"""
import glob, hashlib, io, json, os, subprocess, sys, tarfile, tempfile


def blob(root, data):
    digest = hashlib.sha256(data).hexdigest()
    with open(f"{root}/blobs/sha256/{digest}", "wb") as file:
        file.write(data)
    return f"sha256:{digest}", len(data)


def layout(tree, to):
    """An OCI layout: a base with a system's name, and the tree, both plain tars."""
    os.makedirs(f"{to}/blobs/sha256")
    base = io.BytesIO()
    with tarfile.open(fileobj=base, mode="w") as tar:
        for name, text in (("etc/os-release", b"ID=debian\nVERSION_ID=12\n"), ("bin/sh", b"x" * 1000)):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
    packed = f"{to}/layer"
    with tarfile.open(packed, "w") as tar:
        for name in sorted(os.listdir(tree)):
            tar.add(f"{tree}/{name}", name)
    layers = [blob(to, base.getvalue())]
    with open(packed, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    layers.append((f"sha256:{digest}", os.path.getsize(packed)))
    os.rename(packed, f"{to}/blobs/sha256/{digest}")
    history = [{"created_by": "/bin/sh -c #(nop) ADD file:0 in / "}, {"created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "empty_layer": True}]
    history.append({"created_by": "RUN the-tool # buildkit"})
    config = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/app"]}, "history": history}
    config["rootfs"] = {"type": "layers", "diff_ids": [digest for digest, _ in layers]}
    digest, size = blob(to, json.dumps(config).encode())
    kind = "application/vnd.oci.image"
    manifest = {"schemaVersion": 2, "config": {"mediaType": f"{kind}.config.v1+json", "digest": digest, "size": size}}
    manifest["layers"] = [{"mediaType": f"{kind}.layer.v1.tar", "digest": d, "size": s} for d, s in layers]
    digest, size = blob(to, json.dumps(manifest).encode())
    entry = {"mediaType": f"{kind}.manifest.v1+json", "digest": digest, "size": size}
    with open(f"{to}/index.json", "w") as file:
        json.dump({"schemaVersion": 2, "manifests": [entry]}, file)
    with open(f"{to}/oci-layout", "w") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')


def layers(image):
    """The files of the layers of a layout's first image."""
    def read(digest):
        with open(f"{image}/blobs/{digest.replace(':', '/')}") as file:
            return json.load(file)
    with open(f"{image}/index.json") as file:
        manifest = read(json.load(file)["manifests"][0]["digest"])
    return [f"{image}/blobs/{layer['digest'].replace(':', '/')}" for layer in manifest["layers"]]


def counted(tree, patterns):
    """Bytes of all files at and below these paths, each inode once; `!` before a pattern takes its files out."""
    files = {}
    for pattern in patterns:
        gone = pattern.startswith("!")
        for path in glob.glob(f"{tree}/{pattern.lstrip('!')}", recursive=True, include_hidden=True):
            below = subprocess.run(["find", path, "-type", "f", "-print0"], capture_output=True, check=True).stdout
            for file in below.split(b"\0")[:-1]:
                files.pop(file, None) if gone else files.update({file: os.lstat(file)})
    return len(files), sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in files.values()}.values())


def main():
    if sys.argv[1] == "layers":
        return print(*(f"{number} {file}" for number, file in enumerate(layers(sys.argv[2])) if number), sep="\n")
    plimsoll, tree, name, version, *built = sys.argv[1:]
    wanted = [line.split() for line in sys.stdin if line.strip()]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(tree)) as kept:
        image = built[0] if built else f"{kept}/image"
        if not built:
            layout(tree, image)
        run = subprocess.run([plimsoll, "findings", f"oci:{image}", "--format", "json", "--no-verify"], capture_output=True, check=True)
    found = {one["rule"]: one for one in json.loads(run.stdout) if not one["base"]}
    wrong = False
    for rule, *patterns in wanted:
        files, truth = counted(tree, patterns)
        ours = found.get(rule, {"content_bytes": 0})["content_bytes"]
        verdict = "" if ours == truth and truth > 0 else " **differs**" if truth > 0 else " **left nothing**"
        wrong |= bool(verdict)
        print(f"| `{rule}` | {name} {version} | {files:,} | {truth:,} | {ours:,}{verdict} |")
    for rule, one in found.items():
        if rule not in [line[0] for line in wanted] and one["content_bytes"] >= (1 if wrong else 10_000):
            print(f"  also: {rule} {one['content_bytes']:,}  {one['paths'][0]['path']}", file=sys.stderr)
    sys.exit(wrong)


main()
