#!/usr/bin/env python3
"""index.py WHEELS — serves a folder of wheels as a package index on loopback, with the
cache headers of the public Python index; prints its port.

Package mirrors often drop those headers, and then pip keeps no cache: a build would not
show the mistake that users make against the public index. The wheels themselves come
from `pip download` with the machine's own settings."""
import hashlib, http.server, pathlib, re, sys

wheels = {p.name: p for p in pathlib.Path(sys.argv[1]).glob("*.whl")}
project = lambda name: re.sub(r"[-_.]+", "-", name.split("-")[0]).lower()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind, _, name = self.path.strip("/").partition("/")
        if kind == "simple":
            mine = [w for w in sorted(wheels) if project(w) == name]
            body = ("<!DOCTYPE html><html><body>" + "".join(f'<a href="/files/{w}">{w}</a><br>' for w in mine) + "</body></html>").encode()
            age, sort, found = "max-age=600, public", "text/html", bool(mine)
        else:
            found = name in wheels
            body = wheels[name].read_bytes() if found else b""
            age, sort = "max-age=365000000, immutable, public", "application/octet-stream"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", sort)
        self.send_header("Content-Length", str(len(body)))
        if found:
            self.send_header("Cache-Control", age)
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
