"""Writes scikit-learn.json: what scikit-learn (1.9.1) says about two small problems.

python3 test/metrics/scikit-learn.py && npx biome check --write test/metrics
"""

import json
import pathlib

import numpy as np
import sklearn.metrics as m

rng = np.random.default_rng(7)


def rates(values):
    return [None if np.isinf(v) else float(v) for v in values]


def binary():
    n = 60
    y = (rng.random(n) < 0.35).astype(int)
    score = np.clip(np.round(0.3 * y + 0.7 * rng.random(n), 1), 0, 1)
    score[:2] = [0, 1]
    weight = np.round(rng.random(n) * 2, 2)
    weight[::9] = 0
    hit = score >= 0.4
    out = {"y": y.tolist(), "score": score.tolist(), "weight": weight.tolist(), "threshold": 0.4, "expected": {}}
    for name, w in (("plain", None), ("weighted", weight)):
        precision, recall, cuts = m.precision_recall_curve(y, score, sample_weight=w)
        curves = {}
        for key, drop in (("rocCurve", False), ("rocCurveDropped", True)):
            fpr, tpr, thresholds = m.roc_curve(y, score, sample_weight=w, drop_intermediate=drop)
            curves[key] = {"fpr": rates(fpr), "tpr": rates(tpr), "thresholds": rates(thresholds)}
        out["expected"][name] = {
            "accuracy": m.accuracy_score(y, hit, sample_weight=w),
            "errorRate": m.zero_one_loss(y, hit, sample_weight=w),
            "balancedAccuracy": m.balanced_accuracy_score(y, hit, sample_weight=w),
            "precision": m.precision_score(y, hit, sample_weight=w),
            "recall": m.recall_score(y, hit, sample_weight=w),
            "f1": m.f1_score(y, hit, sample_weight=w),
            "mcc": m.matthews_corrcoef(y, hit, sample_weight=w),
            "confusionMatrix": m.confusion_matrix(y, hit, sample_weight=w).tolist(),
            "logLoss": m.log_loss(y, score, sample_weight=w),
            "brier": m.brier_score_loss(y, score, sample_weight=w),
            "rocAuc": m.roc_auc_score(y, score, sample_weight=w),
            "averagePrecision": m.average_precision_score(y, score, sample_weight=w),
            **curves,
            "precisionRecallCurve": {
                "precision": rates(precision),
                "recall": rates(recall),
                "thresholds": rates(cuts),
            },
        }
    return out


def multiclass():
    n = 50
    classes = ["ash", "birch", "cedar"]
    code = rng.integers(0, 3, n)
    proba = rng.dirichlet([1, 1, 1], n) * 0.6 + 0.4 * np.eye(3)[code] * rng.random((n, 1))
    proba /= proba.sum(axis=1, keepdims=True)
    proba[0] = [0, 1, 0]
    y = [classes[k] for k in code]
    predicted = [classes[k] for k in proba.argmax(axis=1)]
    weight = np.round(rng.random(n) * 2, 2)
    out = {
        "classes": classes,
        "y": y,
        "predicted": predicted,
        "proba": proba.ravel().tolist(),
        "weight": weight.tolist(),
        "expected": {},
    }
    for name, w in (("plain", None), ("weighted", weight)):
        one = {"labels": ["birch"], "average": "macro", "sample_weight": w}
        out["expected"][name] = {
            "accuracy": m.accuracy_score(y, predicted, sample_weight=w),
            "balancedAccuracy": m.balanced_accuracy_score(y, predicted, sample_weight=w),
            "mcc": m.matthews_corrcoef(y, predicted, sample_weight=w),
            "confusionMatrix": m.confusion_matrix(y, predicted, sample_weight=w).tolist(),
            "macroPrecision": m.precision_score(y, predicted, average="macro", sample_weight=w),
            "macroRecall": m.recall_score(y, predicted, average="macro", sample_weight=w),
            "macroF1": m.f1_score(y, predicted, average="macro", sample_weight=w),
            "birchPrecision": m.precision_score(y, predicted, **one),
            "birchRecall": m.recall_score(y, predicted, **one),
            "birchF1": m.f1_score(y, predicted, **one),
            "birchAuc": m.roc_auc_score([label == "birch" for label in y], proba[:, 1], sample_weight=w),
            "logLoss": m.log_loss(y, proba, sample_weight=w),
            "brier": m.brier_score_loss(y, proba, sample_weight=w),
        }
    return out


here = pathlib.Path(__file__).with_suffix(".json")
here.write_text(json.dumps({"binary": binary(), "multiclass": multiclass()}) + "\n")
