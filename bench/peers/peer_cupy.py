"""CuPy, written like NumPy, into arrays that exist already. "cupy" calls five operations an epoch.
"cupy-graph" replays a CUDA graph of many epochs.

data         the transpose of X: a row of ones, and a row for each feature. In this order a GPU's
             neighbouring threads read neighbouring values
dtype        the contender's; cuBLAS computes f32 in f32 unless CUPY_TF32 says otherwise
threads      the GPU's
sync         copying w to NumPy waits for it
compile      kernels are compiled and the graph is captured before any timed call
timed        the epochs, and copying w back; X and d are on the device before
"""
import time

import cupy as cp
import numpy as np

from worker import Unavailable

CAPTURED = 100  # epochs in a graph; the remaining epochs are called one by one


class Peer:
    version = "CuPy " + cp.__version__
    sync = "copying w to NumPy waits for it"
    timed, untimed = "the epochs, w in and out", "conversion and upload of the data, compiling"

    def __init__(self, variant, dtype, threads):
        try:
            self.device = cp.cuda.runtime.getDeviceProperties(0)["name"].decode()
        except cp.cuda.runtime.CUDARuntimeError as error:
            raise Unavailable(f"no GPU: CuPy sees none: {error}", "install the CuPy of this driver's CUDA version") from None
        self.dtype, self.graphs, self.captured = dtype, variant == "graph", None
        if self.graphs:
            self.untimed += ", capture"
        self.stream = cp.cuda.Stream(non_blocking=True)  # the default stream cannot be captured
        self.stream.use()

    def load(self, x, d):
        x = np.asarray(x)
        self.xt = cp.asarray(np.vstack([np.ones(len(x)), x.T]).astype(self.dtype))
        self.d = cp.asarray(np.asarray(d).astype(self.dtype))
        self.error = cp.empty_like(self.d)
        self.w = cp.zeros(len(self.xt), self.dtype)
        self.gradient = cp.empty_like(self.w)
        self.step = cp.zeros((), self.dtype)
        start = time.perf_counter_ns()
        self.epoch()  # compiles, and allocates what a capture cannot
        self.stream.synchronize()
        if self.graphs:
            self.stream.begin_capture()
            for _ in range(CAPTURED):
                self.epoch()
            self.captured = self.stream.end_capture()
        return {"compile_ns": time.perf_counter_ns() - start}

    def epoch(self):
        cp.dot(self.w, self.xt, out=self.error)
        cp.subtract(self.error, self.d, out=self.error)
        cp.dot(self.xt, self.error, out=self.gradient)
        cp.multiply(self.gradient, self.step, out=self.gradient)
        cp.subtract(self.w, self.gradient, out=self.w)

    def descend(self, w, rate, epochs):
        self.w.set(np.array(w, self.dtype))
        self.step.fill(rate * 2 / len(self.d))
        if self.captured:
            for _ in range(epochs // CAPTURED):
                self.captured.launch()
            epochs %= CAPTURED
        for _ in range(epochs):
            self.epoch()
        return self.w.get()
