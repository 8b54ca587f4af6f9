"""NumPy, as in the article. With one feature an epoch is five calls, and each passes over arrays of
length N. With more features the products with x are matrix-vector products, and x is stored feature
by feature, in Fortran order.

dtype        the contender's, in arrays and in scalars
threads      BLAS, which computes the products, reads OPENBLAS_NUM_THREADS, MKL_NUM_THREADS and the
             like; descent sets them. Everything else in NumPy runs on one thread
sync         NumPy computes when it is called
timed        the epochs; the arrays are converted and contiguous before
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
            pass  # older than NumPy 1.25, or built in another way
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
