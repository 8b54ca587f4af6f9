"""NumPy, as in the article: for one feature an epoch is five calls that each pass over arrays of length N.
For more features the products with x are matrix-vector ones; x then lies there a feature after the other, in Fortran order.

dtype        that of the contender, in arrays and scalars alike
threads      BLAS (the products) takes them from OPENBLAS_NUM_THREADS, MKL_NUM_THREADS and their like, which
             descent sets; everything else in NumPy runs on one
sync         NumPy computes when called
timed        the epochs; arrays are converted and contiguous before
"""
import os

import numpy as np


class Peer:
    version, device = "NumPy " + np.__version__, "cpu"
    sync = "returns when done"
    timed, untimed = "the epochs, w in and out", "conversion of the data"

    def __init__(self, variant, dtype, threads):
        self.dtype, self.threads = np.dtype(dtype).type, threads
        try:
            blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
            self.version += f" with {blas['name']} {blas['version']}"
        except (TypeError, KeyError):
            pass  # before NumPy 1.25, or built otherwise
        if "OPENBLAS_CORETYPE" in os.environ:
            self.note = f"OPENBLAS_CORETYPE={os.environ['OPENBLAS_CORETYPE']} in the environment chooses the kernels of OpenBLAS"

    def load(self, x, d):
        x = np.asarray(x)
        self.x = np.array(x[:, 0] if x.shape[1] == 1 else x, self.dtype, order="F")
        self.d = np.array(d, self.dtype)

    def descend(self, w, rate, epochs):
        x, d = self.x, self.d
        step = self.dtype(rate * 2 / len(d))
        w = np.array(w, self.dtype)
        gradient = np.empty_like(w)
        error = np.empty_like(d)
        slope = (lambda w: w[1] * x) if x.ndim == 1 else (lambda w: x @ w[1:])
        for _ in range(epochs):
            np.subtract(slope(w) + w[0], d, out=error)
            gradient[0] = np.sum(error)
            gradient[1:] = error @ x
            w -= step * gradient
        return w
