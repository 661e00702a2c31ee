"""Serves the mean of a list of numbers."""
from flask import Flask, request
import numpy

app = Flask(__name__)


@app.get("/health")
def health():
    return "ok\n" if numpy.mean([1, 3]) == 2 else ("wrong\n", 500)


@app.post("/mean")
def mean():
    return {"mean": float(numpy.mean(request.get_json()))}


app.run(host="0.0.0.0", port=8000)
