"""JAX: the whole loop in one jit, of lax.fori_loop. "jax" is on the CPU, "jax-gpu" on the first GPU.

loops        of 100 epochs, whose number is known to XLA, in one of as many as there are: on a GPU the host waits at each step of
             a loop whose end is not known
data         the transpose of X, a row for its column of ones and one for each feature. From X itself, a sample a row, an
             epoch at N = 10,000, P = 1 took 12.7 µs (f64) and 13.0 µs (f32) on one thread of an AMD EPYC, and so it
             takes 5.1 and 4.5 µs
dtype        that of the contender: x64 is on for f64; matmuls are of the highest precision, so that f32 is f32 on a
             GPU too
threads      XLA has no documented setting; its pool has a thread for each processor that the process may run on, so
             that on Linux the process is bound to the first of them, as many as descent says
sync         converting w to NumPy waits for it
compile      ahead of time, once for any number of epochs, before any timed call
timed        the epochs, and w back; X and d are on the device before
"""
import os
import time

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # others use the GPU too

import jax
import jax.numpy as jnp
import numpy as np

from worker import Unavailable


@jax.jit
def run(xt, d, w, step, epochs):
    def epoch(_, w):
        return w - step * (xt @ (w @ xt - d))

    w = jax.lax.fori_loop(0, epochs // 100, lambda _, w: jax.lax.fori_loop(0, 100, epoch, w), w)
    return jax.lax.fori_loop(0, epochs % 100, epoch, w)


class Peer:
    version = "JAX " + jax.__version__
    sync = "converting w to NumPy waits for it"
    timed, untimed = "the epochs, w in and out", "conversion and upload of the data, compiling"

    def __init__(self, variant, dtype, threads):
        jax.config.update("jax_enable_x64", dtype == "float64")
        jax.config.update("jax_default_matmul_precision", "highest")
        if variant == "gpu":
            try:
                self.device = jax.devices("gpu")[0].device_kind
            except RuntimeError as error:
                raise Unavailable(f"JAX sees no GPU: {error}", "pip install 'jax[cuda12]'") from None
            jax.config.update("jax_default_device", jax.devices("gpu")[0])
        else:
            jax.config.update("jax_platforms", "cpu")
            self.device = "cpu"
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
                self.threads = threads
        self.dtype = dtype

    def load(self, x, d):
        x = np.asarray(x)
        self.xt = jnp.asarray(np.vstack([np.ones(len(x)), x.T]), self.dtype)
        self.d = jnp.asarray(np.asarray(d), self.dtype)
        jax.block_until_ready((self.xt, self.d))
        start = time.perf_counter_ns()
        w = np.zeros(len(self.xt), self.dtype)
        self.run = run.lower(self.xt, self.d, w, w[0], 0).compile()
        return {"compile_ns": time.perf_counter_ns() - start}

    def descend(self, w, rate, epochs):
        w, step = np.array(w, self.dtype), np.array(rate * 2 / len(self.d), self.dtype)
        return np.asarray(self.run(self.xt, self.d, w, step, epochs))
