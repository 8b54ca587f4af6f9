"""TensorFlow: the article's matrix products and update. "tensorflow" is one tf.function around the
whole loop, compiled by XLA. "tensorflow-eager" calls each operation in each epoch. "tensorflow-gpu"
is the function on the first GPU.

data         the transpose of X: a row of ones, and a row for each feature. Times of an epoch at N =
             10,000, P = 1 on an AMD EPYC, in µs:
                                                      f64    f32
                 transpose of X, with XLA (chosen)   10.5    6.1
                 X, a row an observation, with XLA   22.2   19.5
                 transpose of X, without XLA         37.0    7.9
                 X, without XLA                      22.5   36.4
loops        XLA knows the length of the inner loop, 100 epochs; an outer loop repeats it. If it
             does not know the length of a loop on a GPU, the host waits at each step. For a single
             loop over tf.range(epochs), XLA would compile a program for each number of epochs
dtype        the contender's; TensorFloat-32 is off, so that f32 is f32 on a GPU too
threads      tf.config.threading, intra_op and inter_op: as many as descent says
sync         .numpy() waits for w
compile      the function is traced and compiled once, for any number of epochs, and run once,
             before any timed call
timed        the epochs, and copying w back; X and d are on the device before
"""
import time

import numpy as np
import tensorflow as tf

from worker import Unavailable, install


class Peer:
    version = "TensorFlow " + tf.__version__
    sync = ".numpy() waits for w"
    timed, untimed = "the epochs, w in and out", "conversion and upload of the data"

    def __init__(self, variant, dtype, threads):
        self.dtype, self.threads, self.eager = dtype, threads, variant == "eager"
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        tf.config.experimental.enable_tensor_float_32_execution(False)
        gpus = tf.config.list_physical_devices("GPU")
        self.place, self.device = "/CPU:0", "cpu"
        if variant != "gpu":
            tf.config.set_visible_devices([], "GPU")
        elif not gpus:
            raise Unavailable("no GPU: TensorFlow sees none", install("tensorflow[and-cuda]"))
        else:
            tf.config.experimental.set_memory_growth(gpus[0], True)  # leave room for others
            self.place, self.device = "/GPU:0", tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
            del self.threads
        if not self.eager:
            self.untimed += ", compiling"

    def load(self, x, d):
        x = np.asarray(x)
        with tf.device(self.place):
            self.xt = tf.constant(np.vstack([np.ones(len(x)), x.T]), self.dtype)
            self.d = tf.constant(np.asarray(d)[:, None], self.dtype)
        if self.eager:
            return None
        start = time.perf_counter_ns()
        w, scalar = tf.TensorSpec([len(self.xt), 1], self.dtype), tf.TensorSpec([], self.dtype)
        self.run = tf.function(self.loop, jit_compile=True).get_concrete_function(w, scalar, tf.TensorSpec([], tf.int32))
        self.descend([0.0] * len(self.xt), 0.0, 1)
        return {"compile_ns": time.perf_counter_ns() - start}

    def epoch(self, w, step):
        error = tf.matmul(self.xt, w, transpose_a=True) - self.d
        return w - step * tf.matmul(self.xt, error)

    def loop(self, w, step, epochs):
        done = tf.constant(0)
        while done < epochs // 100:
            for _ in tf.range(100):
                w = self.epoch(w, step)
            done += 1
        done *= 100
        while done < epochs:
            w = self.epoch(w, step)
            done += 1
        return w

    def descend(self, w, rate, epochs):
        with tf.device(self.place):
            w = tf.constant(np.array(w)[:, None], self.dtype)
            step = tf.constant(rate * 2 / len(self.d), self.dtype)
            if not self.eager:
                return self.run(w, step, tf.constant(epochs)).numpy()[:, 0]
            for _ in range(epochs):
                w = self.epoch(w, step)
            return w.numpy()[:, 0]
