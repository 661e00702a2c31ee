#!/usr/bin/env python3
"""cases.py OUTDIR [N]: docker-archives on which plimsoll's dive mode and dive 0.13.1 must agree.

Writes the cases made by hand, one feature each, as OUTDIR/hand-<name>.tar and N random layer stacks (300 unless told)
as OUTDIR/random-<number>.tar. Output depends on nothing but this file: random stacks are seeded by their number. Only
the standard library is used. tests/dive.rs runs both and compares.
"""
import hashlib, io, json, random, sys, tarfile
from pathlib import Path

T0 = 1750000000
WH = ".wh."


# ---- layers ----------------------------------------------------------------
def entry(name, data=b"", *, type=tarfile.REGTYPE, mode=0o644, link="", uid=0, gid=0, dev=(0, 0), pax=None):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname, info.uid, info.gid, info.mtime = type, mode, link, uid, gid, T0
    info.devmajor, info.devminor = dev
    info.pax_headers = pax or {}
    data = bytes(data) if isinstance(data, int) else data.encode() if isinstance(data, str) else data
    if type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE):
        info.size = len(data)
    return info, data


def d(name, mode=0o755, **more):
    return entry(name, type=tarfile.DIRTYPE, mode=mode, **more)


def f(name, size=0, **more):
    return entry(name, size, **more)


def symlink(name, to):
    return entry(name, type=tarfile.SYMTYPE, link=to, mode=0o777)


def hardlink(name, to):
    return entry(name, type=tarfile.LNKTYPE, link=to)


def raw(name, size=0, type=tarfile.REGTYPE):
    return entry(name, size, type=type)


def layer(*entries, fmt=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt, encoding="utf-8", errors="surrogateescape") as t:
        for info, data in entries:
            if isinstance(info, bytes):  # blocks made by hand
                t.fileobj.write(info + data)
                t.offset += len(info) + len(data)
            else:
                t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def gnu_layer(*entries):
    return layer(*entries, fmt=tarfile.GNU_FORMAT)


def header(name, field_size, type=b"0", link=b"", mode=0o644, magic=b"ustar\x0000", extra=()):
    h = bytearray(512)
    def put(at, text):
        h[at:at + len(text)] = text
    put(0, name), put(100, b"%07o\0" % mode), put(108, b"0000000\0"), put(116, b"0000000\0")
    put(124, b"%011o\0" % field_size), put(136, b"%011o\0" % T0), put(148, b" " * 8), put(156, type), put(157, link), put(257, magic)
    for at, text in extra:
        put(at, text)
    put(148, b"%06o\0 " % sum(h))
    return bytes(h)


def sparse_gnu(name, real, at, data):
    """An old GNU sparse file with one piece of data."""
    stored = data + bytes(-len(data) % 512)
    pieces = [(386, b"%011o\0" % at), (398, b"%011o\0" % len(data)), (410, b"%011o\0" % real), (422, b"%011o\0" % 0), (483, b"%011o\0" % real)]
    return header(name, len(data), b"S", magic=b"ustar  \0", extra=pieces), stored


def sparse_pax(name, real, at, data):
    table = b"1\n%d\n%d\n" % (at, len(data))
    body = table + bytes(-len(table) % 512) + data
    info, body = entry("GNUSparseFile.0/" + name, body)
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": name, "GNU.sparse.realsize": str(real)}
    return info, body


# ---- images ----------------------------------------------------------------
def archive(path, layers, history=None):
    """history: None for one `RUN` each, else the list as it shall stand in the config ([] for none)."""
    diff_ids = ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]
    if history is None:
        history = [{"created_by": f"/bin/sh -c step {i} <&> \u2028 \"q\"" if i % 2 else f"COPY {i} # buildkit"} for i in range(len(layers))]
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "history": history,
                         "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    names = [hashlib.sha256(x.encode()).hexdigest() + "/layer.tar" for x in diff_ids]
    manifest = json.dumps([{"Config": config_name, "RepoTags": ["case:latest"], "Layers": names}]).encode()
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as t:
        for name, data in {**dict(zip(names, layers)), config_name: config, "manifest.json": manifest}.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), T0
            t.addfile(info, io.BytesIO(data))


def hand_made():
    base = layer(d("a/"), f("a/f", 1000), d("a/sub/"), f("a/sub/g", 300), f("top", 70), f("empty"))
    yield "zero-layers", []
    yield "one-layer", [base]
    yield "one-layer-without-bytes", [layer(d("a/"), f("a/e"))]
    yield "empty-layers", [layer(), base, layer(), layer()]
    yield "only-empty-layers", [layer(), layer()]
    yield "overwritten", [base, layer(d("a/"), f("a/f", 400), f("empty"))]
    yield "overwritten-without-parent", [base, layer(f("a/f", 400))]
    yield "chmod-copy", [base, layer(f("a/f", 1000, mode=0o600)), layer(f("a/f", 1000, mode=0o600, uid=5, gid=2**31))]
    yield "whiteout-file", [base, layer(f("a/.wh.f"))]
    yield "whiteout-directory", [base, layer(f(".wh.a"))]
    yield "whiteout-with-size", [base, layer(f(".wh.a", 55)), layer(f(".wh.x", 66), f(".wh.top", 5))]
    yield "whiteout-then-again", [base, layer(f(".wh.a")), layer(f("a/f", 5)), layer(d("a/")), layer(f(".wh.a"))]
    yield "whiteout-nested", [base, layer(f(".wh.a"), f("a/.wh.sub"), f("a/sub/.wh.g"))]
    yield "whiteout-absent-aborts", [base, layer(f("0", 9), f(".wh.gone"), f("a/f", 100), f("top", 3)), layer(f("top", 4), f("gone", 8))]
    yield "whiteout-absent-minus-one", [layer(f("a", 3)), layer(f(".wh.gone")), layer(f(".wh.lost"))]
    yield "whiteout-absent-negative-score", [layer(f("+", 0)), layer(f("+", 5), f(".wh.gone"))]
    yield "whiteout-in-first-layer", [layer(f(".wh.a"), f("a/f", 10), d("a/"), f("b", 3))]
    yield "whiteout-in-first-layer-absent", [layer(f("+", 1), f(".wh.a"), f("b", 3)), layer(f("b", 4), f("+", 4))]
    yield "whiteout-in-first-layer-seen-later", [layer(f(".wh.a", 9), d("a/"), f("a/f", 10), f("b", 3)), layer(f(".wh..wh.a")), layer(f(".wh.a"))]
    yield "whiteout-and-file", [base, layer(f("a/.wh.f"), f("a/f", 20)), layer(f(".wh.a"), d("a/"), f("a/new", 8)), layer(f(".wh.a"))]
    yield "whiteout-sorts-after", [layer(d("+x/"), f("+x/f", 9), d("x/"), f("x/f", 8)),
                                   layer(f(".wh.+x"), d("+x/"), f("+x/n", 5), f(".wh.x"), d("x/"), f("x/n", 4)), layer(f(".wh.+x"), f(".wh.x"))]
    yield "whiteout-implicit-directory", [layer(f("a/b/c", 10)), layer(f(".wh.a"))]
    yield "whiteout-directory-made-implicit", [base, layer(f("a/new", 10)), layer(f(".wh.a"))]
    yield "whiteout-with-children", [base, layer(f(".wh.a/x", 7)), layer(f(".wh..wh.a"), f("zz", 1)), layer(d(".wh.b/"))]
    yield "whiteout-with-only-whiteouts", [base, layer(d(".wh.a/"), f(".wh.a/.wh.f")), layer(f(".wh..wh.a"), f("top", 1))]
    yield "whiteout-directory-entry", [base, layer(d(".wh.a/"))]
    yield "whiteout-bare-name", [base, layer(f("a/.wh.", 3), f("a/z", 4)), layer(f(".wh.a"))]
    yield "whiteout-bare-name-late", [base, layer(f("a/+/x", 2), f("a/.wh."), d("a/sub/"), f("a/sub/h", 11)), layer(f("a/.wh.sub"), f(".wh.a"))]
    yield "whiteout-bare-name-root", [base, layer(f(".wh.", 3), f("top", 1)), layer(f(".wh.top"))]
    yield "whiteout-of-dots", [base, layer(f(".wh.."), f("top", 4)), layer(f(".wh...", 2), f("top", 4)), layer(f("a/.wh..."))]
    yield "opaque", [base, layer(d("a/"), f("a/.wh..wh..opq"), f("a/f", 3))]
    yield "opaque-alone", [base, layer(f("a/.wh..wh..opq")), layer(f(".wh.a"))]
    yield "opaque-with-size", [base, layer(f(".wh..wh..opq", 77), f(".wh..wh.plnk/1", 5), f(".wh..wh..x/y/z", 3))]
    yield "double-whiteout", [base, layer(f(".wh.top", 4)), layer(f(".wh..wh.top")), layer(f(".wh..wh.aufs"))]
    yield "hard-links", [layer(f("a", 100), hardlink("b", "a"), hardlink("c", "/a")), layer(f("b", 100), hardlink("a", "b")), layer(f(".wh.c"))]
    yield "hard-link-with-size", [layer((header(b"a", 0), b""), (header(b"l", 1234, b"1", b"a"), b""), (header(b"s", 99, b"2", b"a"), b""),
                                        (header(b"dir/", 4096, b"5", mode=0o755), b"")), layer(f("l", 4), f(".wh.dir"))]
    yield "symlinks", [layer(d("usr/"), d("usr/lib/"), f("usr/lib/x", 10), symlink("lib", "usr/lib")), layer(f("lib/x", 12)),
                       layer(f("lib/.wh.x")), layer(symlink("usr", "elsewhere")), layer(f(".wh.usr"))]
    yield "directory-to-file", [base, layer(f("a", 8)), layer(f(".wh.a")), layer(f("a", 2), f("a/q", 2))]
    yield "directory-to-file-then-directory", [base, layer(f("a", 8)), layer(d("a/")), layer(f(".wh.a"))]
    yield "file-to-directory", [base, layer(d("top/"), f("top/x", 8)), layer(f(".wh.top"))]
    yield "same-path-twice", [layer(f("a", 5), f("a", 7), d("x/"), f("x", 9), f("y", 1), d("y/")), layer(f("a", 2), f("a", 1), f(".wh.x"), f(".wh.y"))]
    yield "implicit-parents", [layer(f("a/b/c/d", 9)), layer(f("a/b/c/e", 4)), layer(d("a/b/c/")), layer(f("a/b/c", 2))]
    yield "leading-dot-slash", [layer(raw("./", type=tarfile.DIRTYPE), raw("./a/", type=tarfile.DIRTYPE), raw("./a/f", 5), raw("a//g", 6)), layer(raw("a/./f", 3))]
    yield "leading-slash", [layer(raw("/", type=tarfile.DIRTYPE), raw("/a/", type=tarfile.DIRTYPE), raw("/a/f", 5), raw("//b", 5)), layer(raw("a/f", 3), raw("/.wh.a"))]
    yield "slash-with-size", [layer((header(b"/", 700, b"5"), b""), (header(b"./", 800, b"5"), b"")), layer(f("x", 100), f("x", 100))]
    yield "dot-dot", [layer(f("x", 3)), layer(raw("../x", 5), raw("a/../../y", 4), raw("../../z/w", 9), raw("/../q", 8), raw("../.wh.x", 1)),
                      layer(f("y", 3), f("z/.wh.w"), f(".wh.z"), raw("../.wh.x"), f("n", 1))]
    yield "dot-dot-in-first-layer", [layer(raw("../x", 5), raw("../d/f", 4), raw("../d/", type=tarfile.DIRTYPE), f("y", 6)),
                                     layer(raw("../.wh.x"), f(".wh.d"), f("y", 1)), layer(raw("../.wh.d"), f(".wh..."), f("y", 1)), layer(raw("../.wh.d"), f("y", 1))]
    yield "non-utf8", [gnu_layer(f("caf\udce9/a\udcff\udce2\udc82", 5), f("\udced\udca0\udc80", 2)), gnu_layer(f("caf\udce9/a\udcff\udce2\udc82", 5), f(".wh.caf\udce9")),
                       gnu_layer(symlink("\udc80", "\udcc3("))]
    yield "odd-names", [layer(f("with space", 1), f("日本/ü", 2), f("<&>\"'\\", 3), f("tab\tnl\nbell\x07\x08\x0c\x7f\x1b", 4), f("\u2028\u2029\ufeff😀", 5))] * 2
    yield "normal-forms", [layer(f("e\u0301", 4), f("\u00e9", 5)), layer(f("\u00e9", 2))]
    yield "long-names", [layer(f("p/" * 120 + "f", 5), f("n" * 250, 6), symlink("l", "t" * 300)), layer(f("n" * 250, 7))]
    yield "long-names-gnu", [gnu_layer(f("p/" * 120 + "f", 5), f("n" * 250, 6), symlink("l", "t" * 300)), gnu_layer(f("n" * 250, 7))]
    yield "sparse-gnu", [layer(sparse_gnu(b"log", 100000, 4096, b"x" * 700), f("b", 10)), layer(sparse_gnu(b"log", 200000, 512, b"y" * 9))]
    yield "sparse-pax", [layer(sparse_pax("log", 100000, 4096, b"x" * 700), f("b", 10)), layer(f("log", 9))]
    yield "xattrs", [layer(f("a", 5, pax={"SCHILY.xattr.security.capability": "\x01\x02"})), layer(f("a", 5, pax={"SCHILY.xattr.user.x": "y"}))]
    yield "pax-ids", [layer(f("a", 5, uid=2**31 + 7, gid=2**40), f("b", 2, pax={"comment": "x"}))]
    yield "special-files", [layer(entry("pipe", type=tarfile.FIFOTYPE), entry("chr", type=tarfile.CHRTYPE, dev=(1, 3)), entry("blk", type=tarfile.BLKTYPE, dev=(8, 0)),
                                  entry("cont", 7, type=tarfile.CONTTYPE), entry("old", 6, type=tarfile.AREGTYPE))] * 2
    # Headers made by hand: tarfile leaves out the bits of the file type.
    modes = [0, 0o4755, 0o2755, 0o1777, 0o7777] + [kind << 12 | 0o4751 for kind in range(16)]
    yield "modes", [layer(*((header(b"%s-%o" % (type, mode), 0, type, mode=mode), b"") for mode in modes for type in (b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7"))),
                    layer(f("0-44751/x", 8)), layer((header(b"dir", 0, b"0", mode=0o040755), b""), f("dir/x", 8)), layer(f(".wh.dir"))]
    yield "old-directory", [layer((header(b"dir/", 0, b"\0", magic=b"\0" * 8), b""), (header(b"dir/f", 3, b"\0", magic=b"\0" * 8), b"abc" + bytes(509))), layer(f(".wh.dir"))]
    yield "duplicate-layers", [base, base, layer(f(".wh.a")), base, layer(f(".wh.a"))]
    yield "small-efficiency", [layer(f("a", 1 << 21)), layer(f("a", 1))]
    yield "many-references", [layer(*(f(f"f{i:02}", i % 4) for i in range(40)))] * 2
    yield "twelve-references", [layer(*(f(f"f{i:02}", i % 3) for i in range(12)))] * 2
    yield "deep", [layer(f("d/" * 500 + "f", 5)), layer(f("d/" * 400 + "g", 5)), layer(f("d/" * 300 + ".wh.d"))]
    yield "no-history", [base, base], dict(history=[])
    yield "short-history", [base, layer(f("x", 1))], dict(history=[{"created_by": "one", "empty_layer": True}, {"created_by": "/bin/sh -c #(nop) ADD x"}])
    yield "history-empty-between", [base, layer(f("x", 1)), layer(f("top", 1))], dict(history=[{"created_by": "a"}, {"created_by": "b", "empty_layer": True}, {"created_by": "c\u0000\u001b[1m"},
                                                                      {"created_by": "d", "empty_layer": True}, {"created_by": "/bin/sh -c /bin/sh -c e"}, {"created_by": "f", "empty_layer": True}])


# ---- random stacks ---------------------------------------------------------
def random_layers(seed):
    """Random entries on a small set of names, so that layers meet; sizes repeat, too."""
    pick = random.Random(seed)
    names = pick.choice([["a", "b", "c"], ["a", "b", "+c", "d e", "é"], ["a", ".wh", "+", "z\udcff", "..a", "x.wh."]])
    oddities = pick.random() < 0.3
    missing = pick.choice([0, 0.02, 0.3])  # how many whiteouts are of anything at all
    below = set()
    layers = []
    for _ in range(pick.randint(1, 6)):
        entries, here = [], set()
        for _ in range(pick.choice([0, 2, 8, 30, 60])):
            path = "/".join(pick.choice(names) for _ in range(pick.randint(1, 4)))
            parent, _, base = path.rpartition("/")
            at = parent + "/" if parent else ""
            size = pick.choice([0, 1, 2, 10, 100, 1000, pick.randint(0, 5000)])
            what = pick.random()
            if what < 0.45:
                entries.append(f(path, size, mode=pick.choice([0o644, 0o755, 0o4755, 0o100600]), uid=pick.randint(0, 2)))
            elif what < 0.65:
                entries.append(d(path + "/", pick.choice([0o755, 0o1777])))
            elif what < 0.69:
                entries.append(symlink(path, pick.choice(names)))
            elif what < 0.73:
                entries.append(hardlink(path, pick.choice(names)))
            elif what < 0.93:
                if pick.random() >= missing and below:
                    path = pick.choice(sorted(below))
                    parent, _, base = path.rpartition("/")
                    at = parent + "/" if parent else ""
                entries.append(f(at + WH + base, pick.choice([0, 0, 0, 4])))
                continue
            elif what < 0.96:
                entries.append(f(at + ".wh..wh..opq"))
                continue
            elif oddities:
                odd = pick.choice(["./" + path, at + ".wh.", at + ".wh..wh." + base, at + WH + base + "/x", at + ".wh...", ".wh." + path, path + "//", at + "./" + base])
                entries.append(raw(odd, size, pick.choice([tarfile.REGTYPE, tarfile.DIRTYPE])))
                continue
            else:
                entries.append(entry(path, type=pick.choice([tarfile.FIFOTYPE, tarfile.CHRTYPE])))
            parts = path.split("/")
            here.update("/".join(parts[:n]) for n in range(1, len(parts) + 1))
        if pick.random() < 0.2:
            pick.shuffle(entries)
        below |= here
        layers.append(gnu_layer(*entries))
    if pick.random() < 0.1:
        layers.append(pick.choice(layers))
    return layers


def main():
    out = Path(sys.argv[1])
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    out.mkdir(parents=True, exist_ok=True)
    for name, layers, *more in hand_made():
        archive(out / f"hand-{name}.tar", layers, **(more[0] if more else {}))
    for seed in range(number):
        archive(out / f"random-{seed:04}.tar", random_layers(seed))


if __name__ == "__main__":
    main()
