"""lay.py OUT — lays a root file system out as Alpine does: a static busybox, its
applet links, and a package database lib/apk/db/installed in apk's format that
lists every file with mode and SHA-1 (Q1 + base64), as apk writes it."""
import base64, hashlib, os, pathlib, subprocess, sys

out = pathlib.Path(sys.argv[1])
busybox = pathlib.Path("/bin/busybox")
RELEASE = "3.18.4"
applets = subprocess.run([busybox, "--list-full"], capture_output=True, text=True, check=True).stdout.split()
certs = b"".join(p.read_bytes() for p in sorted(pathlib.Path("/usr/share/ca-certificates/mozilla").glob("*.crt")))

PACKAGES = [
    ("alpine-baselayout-data", "3.4.3-r1", "Alpine base dir structure and init scripts", "GPL-2.0-only", [], [], {
        "etc/group": b"root:x:0:root\nnogroup:x:65533:\nnobody:x:65534:\n",
        "etc/hosts": b"127.0.0.1\tlocalhost localhost.localdomain\n::1\t\tlocalhost localhost.localdomain\n",
        "etc/nsswitch.conf": b"hosts: files dns\nservices: files\n",
        "etc/passwd": b"root:x:0:0:root:/root:/bin/ash\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
        "etc/profile": b"export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
        "etc/services": b"http\t\t80/tcp\nhttps\t\t443/tcp\n",
        "etc/shadow": b"root:*::0:::::\nnobody:!::0:::::\n",
        "etc/shells": b"/bin/sh\n/bin/ash\n",
    }),
    ("alpine-release", RELEASE + "-r0", "Alpine release data", "MIT", [], [], {
        "etc/alpine-release": (RELEASE + "\n").encode(),
        "etc/issue": b"Welcome to Alpine Linux 3.18\n",
        "etc/os-release": b'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=' + RELEASE.encode() + b'\nPRETTY_NAME="Alpine Linux v3.18"\n',
    }),
    ("busybox", "1.35.0-r4", "Size optimized toolbox of many common UNIX utilities", "GPL-2.0-only", [], ["cmd:busybox=1.35.0-r4"], {
        "bin/busybox": busybox.read_bytes(),
        "etc/securetty": b"console\ntty1\n",
    }),
    ("busybox-binsh", "1.35.0-r4", "busybox ash /bin/sh", "GPL-2.0-only", ["busybox=1.35.0-r4"], ["/bin/sh", "cmd:sh=1.35.0-r4"], {
        "bin/sh": "/bin/busybox",
    }),
    ("ca-certificates-bundle", "20230506-r0", "Pre generated bundle of Mozilla certificates", "MPL-2.0 AND MIT", [], [], {
        "etc/ssl/cert.pem": "certs/ca-certificates.crt",
        "etc/ssl/certs/ca-certificates.crt": certs,
    }),
]
DIRS = "bin dev etc etc/apk home lib lib/apk lib/apk/db media mnt opt proc root run sbin srv sys tmp usr usr/bin usr/lib usr/local usr/local/bin usr/sbin usr/share var var/cache var/cache/apk var/empty var/lib var/lib/apk var/log var/run var/tmp".split()


def q1(data):
    return "Q1" + base64.b64encode(hashlib.sha1(data).digest()).decode()


for d in DIRS:
    (out / d).mkdir(parents=True, exist_ok=True)
for d in ("tmp", "var/tmp"):
    (out / d).chmod(0o1777)
(out / "root").chmod(0o700)
db = []
for name, version, about, licence, needs, gives, files in PACKAGES:
    size = sum(len(c) for c in files.values())
    block = [f"C:{q1((name + version).encode())}", f"P:{name}", f"V:{version}", "A:x86_64", f"S:{max(size // 2, 1)}", f"I:{max(size, 1)}", f"T:{about}",
             "U:https://alpinelinux.org", f"L:{licence}", f"o:{name.split('-b')[0]}", "m:Nobody <nobody@example.com>", "t:1690000000", f"c:{hashlib.sha1(name.encode()).hexdigest()}"]
    if needs:
        block.append("D:" + " ".join(needs))
    if gives:
        block.append("p:" + " ".join(gives))
    folder = None
    for path in sorted(files, key=lambda p: os.path.split(p)):
        content, to = files[path], out / path
        to.parent.mkdir(parents=True, exist_ok=True)
        if os.path.dirname(path) != folder:
            folder = os.path.dirname(path)
            block.append(f"F:{folder}")
        block.append(f"R:{os.path.basename(path)}")
        if isinstance(content, str):
            to.symlink_to(content)
            block += ["a:0:0:777", f"Z:{q1(content.encode())}"]
            continue
        to.write_bytes(content)
        mode = 0o755 if path.startswith("bin/") else 0o640 if path == "etc/shadow" else 0o644
        to.chmod(mode)
        if mode != 0o644:
            block.append(f"a:0:0:{mode:o}")
        block.append(f"Z:{q1(content)}")
    db.append("\n".join(block) + "\n\n")
(out / "lib/apk/db/installed").write_text("".join(db))
(out / "lib/apk/db/scripts.tar").write_bytes(b"\0" * 1024)
(out / "lib/apk/db/triggers").write_text("")
(out / "lib/apk/db/lock").write_text("")
(out / "etc/apk/world").write_text("alpine-baselayout-data\nalpine-release\nbusybox\nbusybox-binsh\nca-certificates-bundle\n")
(out / "etc/apk/repositories").write_text("# none\n")
(out / "etc/apk/arch").write_text("x86_64\n")
for a in applets:  # the links that busybox' trigger makes: no package lists them
    to = out / a
    if not to.is_symlink() and not to.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        to.symlink_to("/bin/busybox")
