"""NumPy on the BLAS it finds, float32, in place where it can."""
import numpy as np


def sigmoid(z):
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


def gradient(spec, data, _):
    X, y, rate = data.X, data.y, spec["rate"]
    n, p = X.shape
    at = [None, None]

    def run(steps):
        w, b = np.zeros(p, "f4"), np.float32(0)
        for _ in range(steps):
            z = X @ w
            z += b
            r = sigmoid(z)
            r -= y
            w -= np.float32(rate / n) * (r @ X)
            b -= np.float32(rate) * r.mean()
        at[:] = w, b

    return run, lambda: [*at[0], at[1]], None


def epoch(spec, data, _):
    X, y, rate, l2, size = data.X, data.y, np.float32(spec["rate"]), spec["l2"], spec["batchSize"]
    n, p = X.shape
    at = [None, None]

    def run(epochs):
        random = np.random.default_rng(1)
        w, b, shrink = np.zeros(p, "f4"), np.float32(0), np.float32(1 - rate * l2)
        for _ in range(epochs):
            order = random.permutation(n)
            Xs, ys = X[order], y[order]
            for i in range(0, n, size):
                x = Xs[i : i + size]
                z = x @ w
                z += b
                r = sigmoid(z)
                r -= ys[i : i + size]
                r *= rate / len(x)
                w *= shrink
                w -= r @ x
                b -= r.sum()
        at[:] = w, b

    return run, lambda: [*at[0], at[1]], None


def predict(spec, data, _):
    X, w, b = data.X, data.w[:-1].astype("f4"), np.float32(data.w[-1])
    at = [None]

    def run():
        z = X @ w
        z += b
        at[0] = sigmoid(z)

    return run, lambda: at[0], None


def one(spec, data, _):
    rows = [row.tolist() for row in data.X]
    w, b = data.w[:-1], data.w[-1]
    p = np.zeros(len(rows))

    def run():
        for i, row in enumerate(rows):
            p[i] = 1 / (1 + np.exp(-(np.dot(row, w) + b)))

    return run, lambda: p, None


def gemm(spec, data, _):
    A, B, C = data.A, data.B, np.empty_like(data.A)
    return lambda: np.matmul(A, B, out=C), lambda: C, None


def cold(spec, data):
    return 1 / (1 + np.exp(-(data.X[0] @ data.w[:-1] + data.w[-1])))
