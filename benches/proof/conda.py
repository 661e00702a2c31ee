#!/usr/bin/env python3
"""A conda channel of one package, and an environment made from it. usage: conda.py CHANNEL PREFIX"""
import asyncio, hashlib, json, os, sys, tarfile
from rattler import Gateway, Platform, install, solve

channel, prefix = sys.argv[1:]
name = "a-1.0-0"
record = {"name": "a", "version": "1.0", "build": "0", "build_number": 0, "depends": [], "subdir": "noarch"}
content = f"{channel}/p"
with open(f"{content}/share/a/a", "rb") as file:
    data = file.read()
paths = {"paths_version": 1, "paths": [{"_path": "share/a/a", "path_type": "hardlink", "sha256": hashlib.sha256(data).hexdigest(), "size_in_bytes": len(data)}]}
for file, value in (("index.json", record), ("paths.json", paths)):
    with open(f"{content}/info/{file}", "w") as out:
        json.dump(value, out)
with tarfile.open(f"{channel}/noarch/{name}.tar.bz2", "w:bz2") as tar:
    for each in ("info", "share"):
        tar.add(f"{content}/{each}", each)
with open(f"{channel}/noarch/{name}.tar.bz2", "rb") as file:
    packed = file.read()
record |= {"sha256": hashlib.sha256(packed).hexdigest(), "md5": hashlib.md5(packed).hexdigest(), "size": len(packed)}
for subdir, packages in (("noarch", {f"{name}.tar.bz2": record}), ("linux-64", {})):
    with open(f"{channel}/{subdir}/repodata.json", "w") as out:
        json.dump({"info": {"subdir": subdir}, "packages": packages, "packages.conda": {}, "repodata_version": 1}, out)


async def main():
    records = await solve([os.environ["CHANNEL"]], ["a"], platforms=[Platform("noarch"), Platform("linux-64")])
    await install(records, prefix)

asyncio.run(main())
