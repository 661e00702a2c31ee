"""Looks words up in WordNet's index of nouns."""
import http.server
import signal
import sys

with open("/opt/wordnet/usr/share/wordnet/index.noun") as f:
    NOUNS = {line.split(" ", 1)[0] for line in f if not line.startswith(" ")}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        word = "ship" if self.path == "/health" else self.path[1:]
        self.send_response(200 if word in NOUNS else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
