"""Serves the load of this machine, read with a package that was compiled at build time."""
from flask import Flask
import psutil

app = Flask(__name__)


@app.get("/health")
def health():
    return "ok\n"


@app.get("/")
def load():
    return {"cpus": psutil.cpu_count(), "memory": psutil.virtual_memory().total}


app.run(host="0.0.0.0", port=8000)
