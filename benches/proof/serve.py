#!/usr/bin/env python3
"""Serves the working directory, and what the clients of model hubs ask for, on 127.0.0.1."""
import hashlib, http.server, json, os, sys

COMMIT = "0" * 39 + "1"


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_HEAD(self):
        self.hub(False) if "/resolve/" in self.path or "/api/models/" in self.path else super().do_HEAD()

    def do_GET(self):
        self.hub(True) if "/resolve/" in self.path or "/api/models/" in self.path else super().do_GET()

    def hub(self, body):
        """A repository of one model: its files are those of the directory `model`."""
        if "/tree/" in self.path:
            files = [{"type": "file", "path": name, "size": os.path.getsize(f"model/{name}"), "oid": COMMIT} for name in sorted(os.listdir("model"))]
            data = json.dumps(files).encode()
        elif "/api/models/" in self.path:
            files = [{"rfilename": name} for name in sorted(os.listdir("model"))]
            data = json.dumps({"id": "a/model", "modelId": "a/model", "sha": COMMIT, "siblings": files, "private": False, "gated": False, "disabled": False, "tags": []}).encode()
        else:
            with open("model/" + os.path.basename(self.path), "rb") as file:
                data = file.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(data)


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
