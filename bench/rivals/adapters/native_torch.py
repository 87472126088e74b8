"""PyTorch, float32: linear models by formula without autograd, networks and L-BFGS by its modules."""
import os

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))
torch.set_num_interop_threads(1)


def gradient(spec, data, _):
    X, y = torch.from_numpy(data.X), torch.from_numpy(data.y)
    n, p = X.shape
    w, b = torch.zeros(p), torch.zeros(1)

    @torch.no_grad()
    def run(steps):
        w.zero_(), b.zero_()
        for _ in range(steps):
            r = torch.mv(X, w).add_(b).sigmoid_().sub_(y)
            w.sub_(torch.mv(X.t(), r), alpha=spec["rate"] / n)
            b.sub_(r.mean(), alpha=spec["rate"])

    return run, lambda: [*w.numpy(), float(b)], None


def epoch(spec, data, _):
    X, y = torch.from_numpy(data.X), torch.from_numpy(data.y)
    n, p = X.shape
    w, b = torch.zeros(p), torch.zeros(1)
    rate, size = spec["rate"], spec["batchSize"]

    @torch.no_grad()
    def run(epochs):
        w.zero_(), b.zero_()
        torch.manual_seed(1)
        for _ in range(epochs):
            order = torch.randperm(n)
            for x, t in zip(X[order].split(size), y[order].split(size)):
                r = torch.addmv(b, x, w).sigmoid_().sub_(t)
                step = rate / len(t)
                w.addmv_(x.t(), r, beta=1 - rate * spec["l2"], alpha=-step)
                b.sub_(r.sum(), alpha=step)

    return run, lambda: [*w.numpy(), float(b)], None


def network(spec, data, _):
    X, y = torch.from_numpy(data.X), torch.from_numpy(data.y)[:, None]
    n, p = X.shape
    at = [None]

    def run(epochs):
        torch.manual_seed(1)
        at[0] = model = torch.nn.Sequential(torch.nn.Linear(p, spec["width"]), torch.nn.ReLU(), torch.nn.Linear(spec["width"], 1))
        optimizer = torch.optim.SGD(model.parameters(), spec["rate"])
        for _ in range(epochs):
            order = torch.randperm(n)
            for x, t in zip(X[order].split(spec["batchSize"]), y[order].split(spec["batchSize"])):
                optimizer.zero_grad(set_to_none=True)
                F.binary_cross_entropy_with_logits(model(x), t).backward()
                optimizer.step()

    def answer():
        with torch.no_grad():
            return at[0](X[: spec["judged"]]).sigmoid().numpy()

    return run, answer, "autograd, SGD"


def predict(spec, data, _):
    X, w, b = torch.from_numpy(data.X), torch.from_numpy(data.w[:-1].astype("f4")), float(data.w[-1])
    at = [None]

    @torch.no_grad()
    def run():
        at[0] = torch.mv(X, w).add_(b).sigmoid_()

    return run, lambda: at[0].numpy(), None


def one(spec, data, _):
    rows = [row.tolist() for row in data.X]
    w, b = torch.from_numpy(data.w[:-1].astype("f4")), float(data.w[-1])
    p = np.zeros(len(rows))

    @torch.no_grad()
    def run():
        for i, row in enumerate(rows):
            p[i] = torch.dot(torch.tensor(row), w).add_(b).sigmoid_().item()

    return run, lambda: p, None


def fit(spec, data, _):
    X, l2, k = torch.from_numpy(data.X), spec["l2"], spec.get("classes", 1)
    y = torch.from_numpy(data.y) if k == 1 else torch.from_numpy(data.y.astype("i8"))
    n, p = X.shape
    at = [None]

    def solve(tol):
        w, b = torch.zeros(k, p, requires_grad=True), torch.zeros(k, requires_grad=True)
        optimizer = torch.optim.LBFGS(
            [w, b], max_iter=20000, max_eval=50000, tolerance_grad=tol, tolerance_change=tol * 1e-4, history_size=10,
            line_search_fn="strong_wolfe",
        )

        def closure():
            optimizer.zero_grad()
            z = F.linear(X, w, b)
            loss = F.binary_cross_entropy_with_logits(z[:, 0], y) if k == 1 else F.cross_entropy(z, y)
            loss = loss + l2 / 2 * (w * w).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        return torch.cat([w, b[:, None]], 1).detach().numpy()

    (tol,) = data.cheapest([(10.0**-t,) for t in range(2, 9)], solve)

    def run():
        at[0] = solve(tol)

    return run, lambda: at[0], f"LBFGS, strong Wolfe, tolerance_grad {tol:g}"


softmax = fit


def gemm(spec, data, _):
    A, B, C = torch.from_numpy(data.A), torch.from_numpy(data.B), torch.empty(spec["size"], spec["size"])
    return lambda: torch.mm(A, B, out=C), lambda: C.numpy(), None


def cold(spec, data):
    w = torch.from_numpy(data.w[:-1].astype("f4"))
    return torch.sigmoid(torch.dot(torch.from_numpy(data.X[0]), w) + float(data.w[-1]))
