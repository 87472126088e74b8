"""The native contenders: `native.py RIVAL VARIANT FOLDER ANSWER`; the protocol is that of worker.mjs.

`native.py versions` prints what is installed, as JSON. Threads are set by the environment (OMP_NUM_THREADS ...).
"""
import json
import math
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")

SAMPLE_MS, UNTIMED_MS, AWAKE_MS, LONG_PIECE_MS, WARM_MS, PIECES_MS = 10, 60, 30, 150, 250, 80
LONG_FIRST_MS = 700


def say(message):
    sys.stdout.write("@" + json.dumps(message) + "\n")
    sys.stdout.flush()


def versions():
    found = {}
    for name in ("numpy", "scipy", "sklearn", "torch"):
        try:
            found[name] = __import__(name).__version__
        except ImportError:
            found[name] = None
    try:
        from threadpoolctl import threadpool_info

        found["blas"] = [
            f"{pool['internal_api']} {pool['version']}, kernel {pool.get('architecture')}, {pool.get('threading_layer')}"
            for pool in threadpool_info()
            if pool["user_api"] == "blas"
        ]
    except ImportError:
        pass
    if found["torch"]:
        import torch

        config = torch.__config__.show()
        found["torchCpu"] = config.split("CPU capability usage: ")[-1].split("\n")[0]
    found["coretype"] = os.environ.get("OPENBLAS_CORETYPE")
    return found


class Capped(Exception):
    pass


def time_of(call):
    begin = time.perf_counter()
    call()
    return (time.perf_counter() - begin) * 1e3


def sample_calls(run, once, divide):
    spent = 0
    while once <= UNTIMED_MS and spent < AWAKE_MS:
        spent += time_of(run)
    calls = max(1, math.ceil(SAMPLE_MS / once))
    return time_of(lambda: [run() for _ in range(calls)]) / calls / divide


def sample_pieces(run, piece, pieces):
    if piece > LONG_PIECE_MS:
        return time_of(lambda: run(1))
    more = min(pieces, math.ceil(PIECES_MS / piece))
    if piece * more < UNTIMED_MS:
        run(1 + more)
    times = min(6, max(2, math.ceil(PIECES_MS / (piece * more) / 4)))
    total = 0
    for _ in range(times):
        one = time_of(lambda: run(1))
        total += time_of(lambda: run(1 + more)) - one
    return total / times / more


class Data:
    """The files of the workload; arrays are read when they are asked for."""

    def __init__(self, folder, spec):
        self.folder, self.spec = folder, spec

    def __getattr__(self, name):
        import numpy as np

        kind = {"w": "f8"}.get(name, "f4")
        value = np.fromfile(f"{self.folder}/{name}.{'f64' if kind == 'f8' else 'f32'}", kind)
        if name == "X":
            value = value.reshape(-1, self.spec["cols"])
        if name in "AB":
            value = value.reshape(self.spec["size"], -1)
        setattr(self, name, value)
        return value

    def gap(self, w):
        """How far above the least value of the objective w is: a row a class, the intercept last."""
        import numpy as np
        from scipy.special import logsumexp

        spec, X = self.spec, self.X.astype("f8")
        w = np.reshape(w, (-1, spec["cols"] + 1)).astype("f8")
        z = X @ w[:, :-1].T + w[:, -1]
        if len(w) == 1:
            loss = np.logaddexp(0, z[:, 0]) - self.y * z[:, 0]
        else:
            loss = logsumexp(z, axis=1) - z[np.arange(len(z)), self.y.astype(int)]
        return (loss.mean() + spec["l2"] / 2 * (w[:, :-1] ** 2).sum()) / spec["least"] - 1

    def cheapest(self, settings, solve):
        """The first setting that ends within spec.gap; settings from cheap to dear."""
        begin, gap = time.perf_counter(), float("nan")
        for setting in settings:
            try:
                gap = self.gap(solve(*setting))
            except ValueError:  # a solver that cannot, with this type of number
                continue
            if gap <= self.spec["gap"]:
                return setting
            if (time.perf_counter() - begin) * 1e3 > self.spec["capMs"] / 2:
                break
        raise Capped(f"{gap:.0e} above the optimum by then")


def main():
    rival, variant, folder, answer_file = sys.argv[1:5]
    with open(f"{folder}/spec.json") as file:
        spec = json.load(file)
    begin = time.perf_counter()
    try:
        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "adapters"))
        kinds = __import__(f"native_{rival}")
    except ImportError as error:
        return say({"missing": str(error)})
    try:
        if spec["kind"] == "cold":
            return say({"p": float(kinds.cold(spec, Data(folder, spec)))})
        run, answer, note = getattr(kinds, spec["kind"])(spec, Data(folder, spec), variant)
        pieces = spec.get("pieces")
        first = time_of((lambda: run(1)) if pieces else run)
        if pieces and first > LONG_FIRST_MS:
            pieces = 1
        call = (lambda: run(pieces)) if pieces else run
        whole = time_of(call) if pieces and pieces > 1 else first
        import numpy as np

        np.asarray(answer(), "f8").ravel().tofile(answer_file)
        say({"ready": first, "pieces": pieces, "note": note})
        last, spent = whole, first + whole
        while spent < WARM_MS:
            last = time_of(call)
            spent += last
        piece = max(whole - first, whole / 100) / (pieces - 1) if pieces and pieces > 1 else first
        for _ in sys.stdin:
            if pieces:
                say({"ms": sample_pieces(run, piece, spec["pieces"])})
            else:
                say({"ms": sample_calls(run, last, spec.get("divide", 1))})
    except Capped as error:
        say({"capped": (time.perf_counter() - begin) * 1e3, "note": str(error)})
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    if sys.argv[1] == "versions":
        print(json.dumps(versions()))
    else:
        main()
