#!/usr/bin/env python3
"""Serves the working directory, and what the clients of model hubs ask for, on 127.0.0.1."""
import hashlib, http.server, json, os, sys

COMMIT = "0" * 39 + "1"


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.hub(False) if "/resolve/" in self.path or "/api/models/" in self.path else super().do_HEAD()

    def do_GET(self):
        self.hub(True) if "/resolve/" in self.path or "/api/models/" in self.path else super().do_GET()

    def translate_path(self, path):
        """Where a site has a file `any`, it is what every address has that names no other."""
        file = super().translate_path(path)
        return file if os.path.exists(file) or not os.path.exists("any") else "any"

    def guess_type(self, path):
        """NuGet takes a feed only as what it is."""
        feed = path == "any" and open(path, "rb").read(5) == b"<?xml"
        return "application/atom+xml;type=entry;charset=utf-8" if feed else super().guess_type(path)

    def hub(self, body):
        """A repository of one model: its files are those of the directory `model`; of `cut.bin` the second half never comes."""
        cut = False
        if "/tree/" in self.path:
            files = [{"type": "file", "path": name, "size": os.path.getsize(f"model/{name}"), "oid": COMMIT} for name in sorted(os.listdir("model"))]
            data = json.dumps(files).encode()
        elif "/api/models/" in self.path:
            files = [{"rfilename": name} for name in sorted(os.listdir("model"))]
            data = json.dumps({"id": "a/model", "modelId": "a/model", "sha": COMMIT, "siblings": files, "private": False, "gated": False, "disabled": False, "tags": []}).encode()
        else:
            with open("model/" + os.path.basename(self.path), "rb") as file:
                data = file.read()
            cut = self.path.endswith("/cut.bin")
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = cut


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
