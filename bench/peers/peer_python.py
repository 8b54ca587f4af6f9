"""Python alone, as in the article: the data are lists, and an epoch is a few comprehensions over
them.

dtype        Python's float, which is float64; a list holds references to floats
threads      one
sync         Python computes when it is called
timed        the epochs; the data are lists before
"""
from operator import mul


class Peer:
    version, device, threads = "standard library", "cpu", 1
    sync = "returns when done"
    timed, untimed = "the epochs, w in and out", "conversion of the data"

    def __init__(self, variant, dtype, threads):
        pass

    def load(self, x, d):
        self.first, *self.others = [list(column) for column in zip(*x.tolist())]
        self.d = d.tolist()

    def predict(self, w):
        w0, w1, *rest = w
        y = [w0 + w1 * x for x in self.first]
        for wj, column in zip(rest, self.others):
            y = [a + wj * x for a, x in zip(y, column)]
        return y

    def descend(self, w, rate, epochs):
        step = rate * 2 / len(self.d)
        for _ in range(epochs):
            errors = [y - d for y, d in zip(self.predict(w), self.d)]
            gradient = [sum(errors)] + [sum(map(mul, errors, column)) for column in (self.first, *self.others)]
            w = [a - step * g for a, g in zip(w, gradient)]
        return w
