"""Names countries in English from iso-codes, and tells the version of git it runs."""
import http.server
import json
import signal
import subprocess
import sys

with open("/usr/share/iso-codes/json/iso_3166-1.json") as f:
    COUNTRIES = {c["alpha_2"]: c["name"] for c in json.load(f)["3166-1"]}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            answer = subprocess.run(["git", "--version"], capture_output=True, check=True).stdout
        else:
            answer = COUNTRIES.get(self.path[1:].upper(), "?").encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
