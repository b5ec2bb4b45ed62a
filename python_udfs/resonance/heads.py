"""The heads: what gives log odds to a row of features. Null features are data: no history is not a zero.

Heavy libraries are imported inside functions, because dbt imports this package at every command. Everything runs on one thread
where an order of summation could reach the last digit.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from python_udfs.resonance.calibration import logit, sigmoid
from python_udfs.resonance.measures import Floats, Integers

BOOSTING, FOREST, BLEND, LOGISTIC = "boosting", "forest", "blend", "logistic_regression"
ACTOR_HEADS = (BOOSTING, FOREST, BLEND)  # on a tie the first wins: the simplest and fastest
_PARTS = {BOOSTING: (BOOSTING,), FOREST: (FOREST,), BLEND: (BOOSTING, FOREST, LOGISTIC), LOGISTIC: (LOGISTIC,)}
THREADED_ROWS = 5000  # fewer rows than this are scored before a second thread has begun
_CLIP = 0.005  # a forest's 0 of 100 trees is not certainty: beyond this a member says no more to the blend


Given = TypeVar("Given")
Made = TypeVar("Made")


def side_by_side(work: Callable[[Given], Made], items: Sequence[Given]) -> list[Made]:
    """Return what becomes of each item, in their order, each on a thread of its own: no sum is ever split among threads."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    # Held here as well: what a thread sets back when it ends, the others would have too.
    with threadpool_limits(1):
        return _on_threads(work, items)


def _on_threads(work: Callable[[Given], Made], items: Sequence[Given]) -> list[Made]:
    with ThreadPoolExecutor(max(1, len(items))) as pool:
        return list(pool.map(work, items))


@dataclass(frozen=True)
class Head:
    """Fitted members whose log odds are averaged. Without members (one class only, or nothing to fit on) it says `constant`."""

    name: str
    features: tuple[str, ...]
    last_year: int
    members: tuple[Any, ...] = ()
    constant: float = 0.0

    def logits(self, values: Floats) -> Floats:
        """Return log odds for rows whose columns are `features`."""
        if not self.members or not len(values):
            return np.full(len(values), self.constant)
        if len(values) < THREADED_ROWS:
            return self._logits(values)
        return np.concatenate(_on_threads(self._logits, np.array_split(values, 2)))

    def _logits(self, values: Floats) -> Floats:
        odds = [logit(np.clip(_positive(member, values), _CLIP, 1 - _CLIP)) for member in self.members]
        return np.asarray(np.sum(odds, axis=0) / len(odds))


def _positive(member: Any, values: Floats) -> Floats:
    """Return the probability of the positive class. Each row is added up by itself, so that threads over rows change nothing."""
    if hasattr(member, "named_steps"):
        return _of_line(member, values)
    if not hasattr(member, "estimators_"):
        # One thread: its own would wait for each other after each of a hundred small trees.
        return sigmoid(member._raw_predict(values, n_threads=1)[:, 0])
    # Trees asked one by one, without the forest's care for many jobs.
    rows, total = np.ascontiguousarray(values, dtype=np.float32), np.zeros(len(values))
    for tree in member.estimators_:
        total += tree.tree_.predict(rows)[:, 1]
    return np.asarray(total / len(member.estimators_))


def _of_line(pipeline: Any, values: Floats) -> Floats:
    """Return what the logistic regression says, without the checks and copies of its steps: they take ten times as long as its sum."""
    imputer, scaler, line = pipeline.named_steps.values()
    values = np.ascontiguousarray(values)  # the order of a sum must not hang on how the rows were cut out
    unknown = np.isnan(values)
    slopes = line.coef_[0] / scaler.scale_
    of_values, of_flags = slopes[: values.shape[1]], slopes[values.shape[1] :]
    logits = np.einsum("nk,k->n", np.where(unknown, imputer.statistics_, values), of_values)
    logits += np.einsum("nk,k->n", unknown[:, imputer.indicator_.features_].astype(np.float64), of_flags)
    return sigmoid(logits + (line.intercept_[0] - float((slopes * scaler.mean_).sum())))


def fit_head(name: str, features: Sequence[str], values: Floats, truth: Integers, years: Integers, seed: int) -> Head:
    """Fit one head on rows of the fit years. With one class only it is a constant: there is nothing to tell apart."""
    return fit_heads([name], features, values, truth, years, seed)[name]


def fit_heads(
    names: Sequence[str], features: Sequence[str], values: Floats, truth: Integers, years: Integers, seed: int
) -> dict[str, Head]:
    """Fit several heads that share members, each member once."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    last_year = int(years.max()) if len(years) else -1
    if not len(truth) or truth.min() == truth.max():
        share = (truth.sum() + 0.5) / (len(truth) + 1)  # half a film each way: certainty is never learnt from one class
        return {name: Head(name, tuple(features), last_year, constant=float(logit(np.array([share]))[0])) for name in names}
    wanted = dict.fromkeys(part for name in names for part in _PARTS[name])
    with threadpool_limits(1):
        fitted = {part: _MEMBERS[part](len(truth), seed).fit(values, truth) for part in wanted}
    for member in fitted.values():
        if hasattr(member, "n_jobs"):
            member.n_jobs = 1  # predictions of threads are added in the order they end
        if hasattr(member, "_bin_mapper"):
            member._bin_mapper.n_threads = 1  # it remembers the machine it was fitted on, and its bytes would too
    return {name: Head(name, tuple(features), last_year, tuple(fitted[part] for part in _PARTS[name])) for name in names}


def _boosting(rows: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=100,
        max_depth=2,  # a film's credits share its label: there are far fewer films than rows, and deeper trees learn films by heart
        min_samples_leaf=min(100, max(20, rows // 60)),
        l2_regularization=20.0,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )


def _forest(rows: int, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

    return RandomForestClassifier(
        n_estimators=100,
        min_samples_leaf=min(40, max(10, rows // 150)),
        max_features="sqrt",
        max_samples=min(1.0, 50_000 / rows),  # a tree of a forest needs no million rows
        n_jobs=2,  # each tree has a seed of its own, so threads change nothing
        random_state=seed,
    )


def _logistic(_rows: int, _seed: int) -> Any:
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return make_pipeline(imputer, StandardScaler(), LogisticRegression(C=0.003, max_iter=500))


_MEMBERS: dict[str, Callable[[int, int], Any]] = {BOOSTING: _boosting, FOREST: _forest, LOGISTIC: _logistic}
