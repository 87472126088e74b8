"""scikit-learn: float32 where its solver keeps it."""
import numpy as np
from sklearn.linear_model import LogisticRegression


def both(coef, intercept):
    """A class after the other: weights, intercept."""
    return np.hstack([coef, np.reshape(intercept, (-1, 1))])


def gradient(spec, data, _):
    from sklearn._loss.loss import HalfBinomialLoss
    from sklearn.linear_model._linear_loss import LinearModelLoss

    X, y, rate = data.X, data.y, spec["rate"]
    loss = LinearModelLoss(HalfBinomialLoss(), fit_intercept=True)
    at = [None]

    def run(steps):
        w = np.zeros(X.shape[1] + 1, "f4")
        for _ in range(steps):
            w -= np.float32(rate / len(y)) * loss.loss_gradient(w, X, y)[1]
        at[0] = w

    return run, lambda: at[0], "what its lbfgs calls"


def epoch(spec, data, _):
    from sklearn.linear_model import SGDClassifier

    X, y = data.X.astype("f8"), data.y.astype("f8")  # what it computes in: spared the conversion
    at = [None]

    def run(epochs):
        at[0] = SGDClassifier(
            loss="log_loss", learning_rate="constant", eta0=spec["rate"], alpha=spec["l2"], max_iter=epochs, tol=None
        ).fit(X, y)

    return run, lambda: both(at[0].coef_, at[0].intercept_), "SGDClassifier"


def network(spec, data, _):
    from sklearn.neural_network import MLPClassifier

    X, y = data.X, data.y
    at = [None]

    def run(epochs):
        at[0] = MLPClassifier(
            (spec["width"],), solver="sgd", momentum=0, nesterovs_momentum=False, alpha=0, batch_size=spec["batchSize"],
            learning_rate_init=spec["rate"], max_iter=epochs, tol=0, n_iter_no_change=10**6, random_state=1,
        ).fit(X, y)

    return run, lambda: at[0].predict_proba(X[: spec["judged"]])[:, 1], "MLPClassifier"


def fitted(data):
    model = LogisticRegression()
    model.classes_ = np.array([0, 1])
    model.coef_, model.intercept_ = data.w[None, :-1].astype("f4"), data.w[-1:].astype("f4")
    return model


def predict(spec, data, _):
    X, model, at = data.X, fitted(data), [None]

    def run():
        at[0] = model.predict_proba(X)

    return run, lambda: at[0][:, 1], None


def one(spec, data, _):
    rows, model = [row.tolist() for row in data.X], fitted(data)
    p = np.zeros(len(rows))

    def run():
        for i, row in enumerate(rows):
            p[i] = model.predict_proba([row])[0, 1]

    return run, lambda: p, None


def fit(spec, data, variant):
    y, at = data.y, [None]
    single, double = data.X, data.X.astype("f8")
    many = spec.get("classes", 1) > 1

    def solve(tol, X):
        if variant == "sgd":
            from sklearn.linear_model import SGDClassifier

            return SGDClassifier(
                loss="log_loss", alpha=spec["l2"], average=True, max_iter=int(1 / tol), tol=None, random_state=1
            ).fit(X, y)
        options = {"intercept_scaling": 100} if variant == "liblinear" else {}
        if many:
            options["multi_class"] = "multinomial"
        return LogisticRegression(solver=variant, C=1 / (spec["l2"] * len(y)), tol=tol, max_iter=20000, **options).fit(X, y)

    def parameters(model):
        return both(model.coef_, model.intercept_)

    precisions = (double,) if variant in ("liblinear", "sgd") else (single, double)
    tols = [0.1, 1e-2] if variant == "sgd" else [10.0**-k for k in range(1, 9)]
    tol, X = data.cheapest([(tol, X) for tol in tols for X in precisions], lambda *s: parameters(solve(*s)))

    def run():
        at[0] = solve(tol, X)

    return run, lambda: parameters(at[0]), f"tol {tol:g}, {X.dtype}"


softmax = fit


def cold(spec, data):
    return fitted(data).predict_proba(data.X[:1])[0, 1]
