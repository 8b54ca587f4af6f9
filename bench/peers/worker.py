"""The worker protocol (../PROTOCOL.md) on stdin and stdout, for the peers in this folder.

"python3 worker.py jax-gpu/f32" runs Peer("gpu", "float32", threads) of peer_jax.py. DESCENT_THREADS
says how many threads. A Peer has:

    version, device, threads, sync, timed, untimed    for the fairness sheet; note, if there is one
    load(x, d)                  takes the data as memoryviews of float64: x is N×P, d has length N.
                                It may return parts of its time, as {"compile_ns": …}
    descend(w, rate, epochs)    starts from w, and returns the P+1 weights after that many epochs
                                once they are computed
"""
import ast
import ctypes
import gc
import importlib
import json
import math
import os
import platform
import shlex
import sys
import traceback
from time import perf_counter_ns as now

SAID = "version", "device", "threads", "sync", "timed", "untimed", "note"
PACKAGES = {"cupy": "cupy-cuda12x", "jax-gpu": "jax[cuda12]", "tensorflow-gpu": "tensorflow[and-cuda]"}
sys.modules["worker"] = sys.modules[__name__]  # so that peers can import it
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


class Unavailable(Exception):
    """Why a peer cannot run on this machine and, as the second argument, what to do about it."""


class Worker:
    def __init__(self, backend, precision):
        self.backend, self.precision, self.peer, self.weights = backend, precision, None, 0

    def hello(self, _):
        start = now()
        library, _, variant = self.backend.partition("-")
        if variant[:3] == "gpu" or library == "cupy":
            seek_gpu_driver()
        try:
            module = importlib.import_module("peer_" + library)
        except ModuleNotFoundError as missing:
            package = PACKAGES.get(self.backend) or PACKAGES.get(library, library)
            raise Unavailable(f"not installed: the Python library {missing.name or missing}", install(package)) from None
        dtype, threads = {"f64": "float64", "f32": "float32"}[self.precision], os.environ.get("DESCENT_THREADS", "0")
        self.peer = module.Peer(variant, dtype, int(threads) or os.cpu_count())
        said = {key: getattr(self.peer, key) for key in SAID if hasattr(self.peer, key)}
        said["version"] += f", {platform.python_implementation()} {platform.python_version()}"
        return {"protocol": 1, "name": self.backend, "precision": self.precision, "calls": True, "init_ns": now() - start, **said}

    def load(self, request):
        x, d = read_npy(request["x"]), read_npy(request["d"])
        self.weights = 1 + x.shape[1]
        start = now()
        return {**(self.peer.load(x, d) or {}), "load_ns": now() - start}

    def descend(self, request):
        w = [float(v) for v in request["w"]]
        if len(w) != self.weights:
            raise ValueError(f"w has {len(w)} entries, and the loaded data need {self.weights}")
        start = now()
        for _ in range(request.get("calls") or 1):
            out = self.peer.descend(w, request["rate"], request["epochs"])
        return {"run_ns": now() - start, "w": [float(v) if math.isfinite(v) else json.dumps(float(v)) for v in out]}  # "NaN"


def seek_gpu_driver():  # before the import, which takes seconds; this is quick
    try:
        os.path.exists("/dev/kfd") or ctypes.CDLL("nvcuda.dll" if os.name == "nt" else "libcuda.so.1")
    except OSError:
        raise Unavailable("no GPU driver: neither NVIDIA's (libcuda) nor AMD's (/dev/kfd) is here", "") from None


def install(package):
    """The command that installs a package where the next run finds it. descent sets DESCENT_SOURCE to
    its source tree if a run takes the environment that 'make peers' makes there. Many systems let pip
    install into environments only."""
    package, source = shlex.quote(package), os.environ.get("DESCENT_SOURCE")
    if source:
        where = "" if os.path.realpath(source) == os.path.realpath(".") else f"-C {shlex.quote(source)} "
        return f"make {where}peers PEERS={package}"
    if sys.prefix != sys.base_prefix or os.path.isdir(os.path.join(sys.prefix, "conda-meta")):
        return f"{shlex.quote(sys.executable)} -m pip install {package}"
    venv = "~/descent-venv"
    return f"python3 -m venv {venv} && {venv}/bin/pip install {package}, then --python {venv}/bin/python"


def read_npy(path):
    with open(path, "rb") as f:  # descent writes version 1.0, little-endian float64, C order
        head = f.read(int.from_bytes(f.read(10)[8:], "little"))
        values = bytearray(os.path.getsize(path) - f.tell())
        f.readinto(values)
        return memoryview(values).cast("d", ast.literal_eval(head.decode())["shape"])


answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # libraries print to stderr, since stdout is for answers
gc.disable()  # collect garbage between requests only
worker = Worker(*sys.argv[1].split("/"))
for line in sys.stdin.buffer:
    try:
        request = json.loads(line)
        if request["op"] == "exit":
            break
        reply = {"hello": worker.hello, "load": worker.load, "descend": worker.descend}[request["op"]](request)
    except Unavailable as reason:
        reply = {"error": reason.args[0], "hint": reason.args[1], "unavailable": True}
    except Exception as error:
        traceback.print_exc()
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), file=answers, flush=True)
    if "error" in reply:
        sys.exit(1)
    gc.collect()
    gc.freeze()  # later collections skip the objects that are left
