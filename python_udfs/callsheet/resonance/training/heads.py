"""The heads: each gives log odds for a row of features. A null feature is information, not a zero: the person has no history.

scikit-learn is imported inside the functions that fit: serving starts without it. Fits run on one thread, because the order of a sum
can change the last digit.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from callsheet.resonance.training.calibration import logit
from callsheet.resonance.training.measures import Floats, Integers
from callsheet.resonance.training.members import BOOSTING, FOREST, LOGISTIC, Line, Member, Trees

BLEND = "blend"
ACTOR_HEADS = (BOOSTING, FOREST, BLEND)  # on a tie the first wins: the simplest and fastest
_PARTS = {BOOSTING: (BOOSTING,), FOREST: (FOREST,), BLEND: (BOOSTING, FOREST, LOGISTIC), LOGISTIC: (LOGISTIC,)}
_CLIP = 0.005  # 0 of 100 trees is not certainty: probabilities are clipped before they are averaged
_FITTING = threading.Lock()  # threadpoolctl changes a setting of the whole process, so only one fit may run at a time


@dataclass(frozen=True)
class Head:
    """Fitted members whose log odds are averaged. Without members (one class only, or nothing to fit on) it says `constant`."""

    name: str
    features: tuple[str, ...]
    last_year: int
    members: tuple[Member, ...] = ()
    constant: float = 0.0

    def logits(self, values: Floats) -> Floats:
        """Return log odds for rows whose columns are `features`."""
        if values.shape[1] != len(self.features):
            raise ValueError(f"The head {self.name} takes {len(self.features)} features, not {values.shape[1]}.")
        if not self.members or not len(values):
            return np.full(len(values), self.constant)
        odds = [logit(np.clip(member.probability(values), _CLIP, 1 - _CLIP)) for member in self.members]
        return np.asarray(np.sum(odds, axis=0) / len(odds))


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
        share = (truth.sum() + 0.5) / (len(truth) + 1)  # half a film is added to each class: one class alone is no certainty
        return {name: Head(name, tuple(features), last_year, constant=float(logit(np.array([share]))[0])) for name in names}
    values = np.where(np.isnan(values).all(axis=0), 0.0, values)  # null in every row: nothing to learn, and boosting cannot bin it
    wanted = dict.fromkeys(part for name in names for part in _PARTS[name])
    with _FITTING, threadpool_limits(1):
        fitted = {part: _fit(part, values, truth, seed) for part in wanted}
    return {name: Head(name, tuple(features), last_year, tuple(fitted[part] for part in _PARTS[name])) for name in names}


def _fit(part: str, values: Floats, truth: Integers, seed: int) -> Member:
    make, take = _MEMBERS[part]
    return take(make(len(truth), seed).fit(values, truth))


def _boosting(rows: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=100,
        max_depth=2,  # a film's credits share its label: deeper trees memorise films
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
        max_samples=min(1.0, 50_000 / rows),  # more rows for a tree changed nothing
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


_MEMBERS: dict[str, tuple[Callable[[int, int], Any], Callable[[Any], Member]]] = {
    BOOSTING: (_boosting, Trees.of_boosting),
    FOREST: (_forest, Trees.of_forest),
    LOGISTIC: (_logistic, Line.of),
}
