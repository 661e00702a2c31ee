#!/usr/bin/env python3
"""A package of Alpine with one file: two archives, packed one after the other. usage: alpine.py DATA PACKAGE"""
import gzip, hashlib, io, sys, tarfile

data, package = sys.argv[1:]
with open(data, "rb") as file:
    content = file.read()


def packed(files, whole):
    """Each file with the checksum that apk asks for; the end marker only if the archive is the whole."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, text in files:
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.REGTYPE if text is not None else tarfile.DIRTYPE
            entry.mode = 0o644 if text is not None else 0o755
            entry.size = len(text or b"")
            entry.pax_headers = {"APK-TOOLS.checksum.SHA1": hashlib.sha1(text).hexdigest()} if text and whole else {}
            tar.addfile(entry, io.BytesIO(text or b""))
        end = tar.offset
    return gzip.compress(buffer.getvalue() if whole else buffer.getvalue()[:end], mtime=0)


second = packed([("usr", None), ("usr/share", None), ("usr/share/a", None), ("usr/share/a/a", content)], True)
info = f"""pkgname = a
pkgver = 1-r0
pkgdesc = a
url = https://example.com
builddate = 1
size = {len(content)}
arch = x86_64
license = MIT
datahash = {hashlib.sha256(second).hexdigest()}
"""
with open(package, "wb") as file:
    file.write(packed([(".PKGINFO", info.encode())], False) + second)
