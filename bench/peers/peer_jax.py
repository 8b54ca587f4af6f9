"""JAX: the whole loop is one jit of lax.fori_loop. "jax" runs on the CPU, "jax-gpu" on the first
GPU.

loops        XLA knows the length of the inner loop, 100 epochs; an outer loop repeats it. If it
             does not know the length of a loop on a GPU, the host waits at each step
data         the transpose of X: a row of ones, and a row for each feature. At N = 10,000, P = 1 on
             one thread of an AMD EPYC, an epoch takes 5.1 µs (f64) and 4.5 µs (f32). From X itself,
             a row for each observation, it took 12.7 µs and 13.0 µs
dtype        the contender's; x64 is on for f64. The precision of matmuls is "highest", so that f32
             is f32 on a GPU too
threads      XLA has no documented setting; its pool has a thread for each processor that the
             process may run on. So on Linux the process is bound to as many processors as descent
             says
sync         converting w to NumPy waits for it
compile      ahead of time, once for any number of epochs, before any timed call
timed        the epochs, and copying w back; X and d are on the device before
"""
import os
import time

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # leave room for others

import jax
import jax.numpy as jnp
import numpy as np

from worker import Unavailable, install


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
                raise Unavailable(f"no GPU: JAX sees none: {error}", install("jax[cuda12]")) from None
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
