"""The article's NumPy program as a contender: the worker protocol of ../README.md on stdin and stdout.

    bin/descent run --contenders 'numpy/*,simd' --program 'numpy/f64=python3 bench/peers/numpy.py f64'

One feature only, as in the article. An epoch is five passes over arrays of length N, each a call of
NumPy: d - y, sum(e), e @ x, w1*x, + w0. Arrays are converted to the precision and contiguous before the
timed call. NumPy computes when called, so nothing is waited for.
"""

import json
import os
import sys
import time

sys.path.pop(0)  # this file has the name of the library
start = time.perf_counter_ns()
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print is no answer


def answer(**fields):
    answers.write(json.dumps(fields) + "\n")
    answers.flush()


try:
    import numpy as np
except ImportError as missing:
    answer(error=str(missing), unavailable=True, hint=f"{sys.executable} -m pip install numpy")
    sys.exit(1)

dtype = {"f64": np.float64, "f32": np.float32}[sys.argv[1]]


def descend(x, d, w, rate, epochs):
    f = dtype(2 / len(x))
    rate = dtype(rate)
    e = np.empty_like(d)
    grad = np.empty(2, dtype)
    y = w[0] + w[1] * x
    for _ in range(epochs):
        np.subtract(d, y, out=e)
        grad[:] = f * np.sum(e), f * (e @ x)
        w = w + rate * grad
        y = w[0] + w[1] * x
    return w


for line in sys.stdin:
    message = json.loads(line)
    op = message["op"]
    if op == "hello":
        answer(protocol=1, name="numpy", precision=sys.argv[1], device="cpu", calls=True,
               version=np.__version__, init_ns=time.perf_counter_ns() - start)
    elif op == "load":
        begun = time.perf_counter_ns()
        x, d = np.load(message["x"]), np.load(message["d"])
        if x.ndim == 2 and x.shape[1] != 1:
            answer(error=f"{x.shape[1]} features: the article's program has one", unavailable=True)
            break
        x = np.ascontiguousarray(x.reshape(-1), dtype)
        d = np.ascontiguousarray(d.reshape(-1), dtype)
        answer(load_ns=time.perf_counter_ns() - begun)
    elif op == "descend":
        start_w = np.array([float(v) for v in message["w"]], dtype)
        begun = time.perf_counter_ns()
        for _ in range(message.get("calls", 1)):
            w = descend(x, d, start_w, message["rate"], message["epochs"])
        took = time.perf_counter_ns() - begun
        answer(run_ns=took, w=[float(v) if np.isfinite(v) else str(v).replace("inf", "Infinity").replace("nan", "NaN") for v in w])
    elif op == "exit":
        break
