"""Tree models of scikit-learn and XGBoost on one thread: fed with commands on stdin, answers a line of JSON for each."""

import json
import sys
import time

import numpy as np


def load(name, rows, columns=None):
    values = np.fromfile(f"{sys.argv[1]}/{name}.bin", dtype="<f8")
    return values if columns is None else values.reshape(rows, columns)


shape = json.load(open(f"{sys.argv[1]}/shape.json"))
outliers = load("outliers", *shape["outliers"])
train = load("train", *shape["train"])
train_y = load("train_y", shape["train"][0])
test = load("test", *shape["test"])
test_y = load("test_y", shape["test"][0])
small = train[: shape["forest"]].copy()
small_y = train_y[: shape["forest"]].copy()
params = shape["params"]
models = {}


def isolation_forest():
    from sklearn.ensemble import IsolationForest

    return IsolationForest(n_estimators=params["if_trees"], max_samples=params["if_sample"], random_state=0, n_jobs=1)


def histogram_boosting():
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=params["trees"],
        max_leaf_nodes=params["leaves"],
        learning_rate=params["rate"],
        min_samples_leaf=params["min_leaf"],
        l2_regularization=params["lambda"],
        early_stopping=False,
        random_state=0,
    )


def xgboost():
    from xgboost import XGBRegressor

    return XGBRegressor(
        n_estimators=params["trees"],
        max_leaves=params["leaves"],
        max_depth=0,
        grow_policy="lossguide",
        tree_method="hist",
        learning_rate=params["rate"],
        min_child_weight=params["min_leaf"],
        reg_lambda=params["lambda"],
        n_jobs=1,
    )


def random_forest():
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(
        n_estimators=params["rf_trees"],
        max_features=params["rf_columns"],
        min_samples_leaf=params["rf_min_leaf"],
        n_jobs=1,
        random_state=0,
    )


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rmse(model):
    return float(np.sqrt(np.mean((model.predict(test) - test_y) ** 2)))


def answer(command):
    if command == "if_fit":
        models["if"] = isolation_forest()
        return {"seconds": seconds(lambda: models["if"].fit(outliers))}
    if command == "if_score":
        return {"seconds": seconds(lambda: models["if"].score_samples(outliers))}
    if command == "if_row":
        return {"seconds": seconds(lambda: [models["if"].score_samples(outliers[i : i + 1]) for i in range(10)]) / 10}
    if command in ("sklearn_fit", "xgboost_fit"):
        model = histogram_boosting() if command == "sklearn_fit" else xgboost()
        taken = seconds(lambda: model.fit(train, train_y))
        return {"seconds": taken, "rmse": rmse(model)}
    if command == "rf_fit":
        model = random_forest()
        taken = seconds(lambda: model.fit(small, small_y))
        return {"seconds": taken, "rmse": rmse(model)}
    raise ValueError(command)


has = {}
for package in ("sklearn", "xgboost"):
    try:
        __import__(package)
        has[package] = True
    except ImportError:
        has[package] = False
print(json.dumps(has), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(line.strip())), flush=True)
