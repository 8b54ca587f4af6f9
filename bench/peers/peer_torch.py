"""PyTorch, eager: two calls an epoch, each a matrix-vector product with its addition. "torch" runs
on the CPU, "torch-gpu" on the first GPU. "torch-gpu-graph" replays a CUDA graph of many epochs
there.

data         the transpose of X: a row of ones, and a row for each feature. From X itself, a row for
             each observation, an epoch at N = 10,000, P = 1 takes about twice as long on an AMD
             EPYC
dtype        the contender's; TensorFloat-32 is off, so that f32 is f32 on a GPU too
threads      torch.set_num_threads: as many as descent says
sync         w.tolist() waits for it
compile      the graph is captured before any timed call
timed        the epochs, and copying w back; X and d are on the device before
"""
import time

import torch

from worker import Unavailable

CAPTURED = 100  # epochs in a graph; the remaining epochs are called one by one


class Peer:
    version = "PyTorch " + torch.__version__
    sync = "w.tolist() waits for it"
    timed, untimed = "the epochs, w in and out", "conversion and upload of the data"

    def __init__(self, variant, dtype, threads):
        torch.set_grad_enabled(False)
        torch.backends.cuda.matmul.allow_tf32 = False
        self.dtype, self.captured, self.step = getattr(torch, dtype), None, 0.0
        if variant:
            if not torch.cuda.is_available():
                raise Unavailable("no GPU: PyTorch sees none", "pytorch.org says how to install it for this GPU's driver")
            self.place, self.device = "cuda", torch.cuda.get_device_name()
        else:
            torch.set_num_threads(threads)
            self.place, self.device, self.threads = "cpu", "cpu", torch.get_num_threads()
        self.graphs = variant == "gpu-graph"
        if self.graphs:
            self.untimed += ", capture"

    def load(self, x, d):
        x, d = (torch.frombuffer(values, dtype=torch.float64).reshape(values.shape) for values in (x, d))
        self.xt = torch.cat([torch.ones(1, len(x), dtype=torch.float64), x.T]).to(self.place, self.dtype)
        self.d = d.to(self.place, self.dtype, copy=True)
        self.error = torch.empty_like(self.d)
        self.w = torch.zeros_like(self.xt[:, 0])
        if not self.graphs:
            return None
        start = time.perf_counter_ns()
        self.step = torch.zeros((), dtype=self.dtype, device=self.place)  # graphs read tensors
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            self.epoch()  # allocates what a capture cannot
        side.synchronize()
        self.captured = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.captured):
            for _ in range(CAPTURED):
                self.epoch()
        return {"compile_ns": time.perf_counter_ns() - start}

    def epoch(self):
        torch.addmv(self.d, self.xt.T, self.w, beta=-1, out=self.error)
        if self.graphs:
            self.w.sub_(self.step * torch.mv(self.xt, self.error))
        else:
            self.w.addmv_(self.xt, self.error, alpha=-self.step)

    def descend(self, w, rate, epochs):
        self.w.copy_(torch.tensor(w, dtype=self.dtype))
        step = rate * 2 / len(self.d)
        if not self.graphs:
            self.step = step
        else:
            self.step.fill_(step)
            for _ in range(epochs // CAPTURED):
                self.captured.replay()
            epochs %= CAPTURED
        for _ in range(epochs):
            self.epoch()
        return self.w.tolist()
