"""What a served slate hangs on besides its heads: the weight of plausibility, whose effects are proven, and where budget alone does as well.

All of it is told from validation years, which no head has seen.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callsheet.resonance.training.artefacts import checked
from callsheet.resonance.training.calibration import sigmoid
from callsheet.resonance.training.heads import Head
from callsheet.resonance.training.measures import FilmBootstrap, Floats, Integers, Interval, auroc, interval_of

WITH_DIRECTOR, WITHOUT_DIRECTOR = "actor_head", "actor_head_without_director"  # the two heads that answer briefs
PLAUSIBILITY_WEIGHTS = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0)  # 1 takes the casting head's log odds as they are
_WIDTH = 1.959964  # standard errors that hold 95 % of a normal


@dataclass(frozen=True)
class Serving:
    """What was chosen and found out. Empty for a run that was published before: no plausibility, and nothing is proven or refuted."""

    plausibility_weight: float = 0.0
    tried: tuple[tuple[float, float, float], ...] = ()  # weight, mean recall at 15, standard error of its distance from the best
    effects: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)  # by head and group: the slope of what the group says
    over_budget: Mapping[str, Interval] = field(default_factory=dict)  # by head: AUROC less that of raw budget

    def is_proven(self, head: str, group: str) -> bool:
        """Say whether what the head makes of these features came true: the interval of its slope lies above 0."""
        slope = self.effects.get(head, {}).get(group)
        return slope is not None and slope.low is not None and slope.low > 0

    def is_no_better_than_budget(self, head: str) -> bool:
        """Say whether the head was measured against raw budget and not shown to be better."""
        gain = self.over_budget.get(head)
        return gain is not None and not (gain.low is not None and gain.low > 0)

    def dump(self) -> bytes:
        """Return this as plain numbers."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def load(cls, content: bytes, checksum: str) -> "Serving":
        """Return what such bytes hold; a wrong checksum is refused."""
        held = json.loads(checked(content, checksum, "serving"))
        effects = {head: {group: Interval(**slope) for group, slope in groups.items()} for head, groups in held["effects"].items()}
        gains = {head: Interval(**gain) for head, gain in held["over_budget"].items()}
        return cls(held["plausibility_weight"], tuple(tuple(one) for one in held["tried"]), effects, gains)


def gain_over_budget(truth: Integers, logits: Floats, budget: Floats, films: FilmBootstrap) -> Interval:
    """Return how much better the head ranks than raw budget, both on the same draws of films."""
    return interval_of(films.draws(auroc, truth, logits) - films.draws(auroc, truth, budget))


def slope_of_effect(
    head: Head, values: Floats, group: Sequence[str], means: Mapping[str, float | None], truth: Integers, films: NDArray[Any]
) -> Interval | None:
    """Return how far what the head makes of a group of features came true: 1 wholly, 0 not at all; None where it makes nothing of it.

    The effect is the head's log odds less those with the group at its training means. Outcomes are regressed on it beside the rest of the
    log odds. A film's credits share its outcome, so films are what is counted.
    """
    usual = values.copy()
    for name in group:
        if name in head.features and (mean := means.get(name)) is not None:
            usual[:, head.features.index(name)] = mean
    rest = head.logits(usual)
    effect = head.logits(values) - rest
    if not len(truth) or truth.min() == truth.max() or effect.std() < 1e-6:  # noqa: PLR2004 - the same for all: nothing to tell
        return None
    weights, errors = _regressed(np.column_stack([effect, rest, np.ones(len(truth))]), truth, films)
    return Interval(weights[0], weights[0] - _WIDTH * errors[0], weights[0] + _WIDTH * errors[0])


def _regressed(design: Floats, truth: Integers, films: NDArray[Any]) -> tuple[list[float], list[float]]:
    """Return the weights of a logistic regression and their standard errors among films."""
    weights = np.zeros(design.shape[1])
    ridge = 1e-6 * np.eye(design.shape[1])
    for _ in range(50):
        fitted = sigmoid(design @ weights)
        curvature = np.einsum("ni,nj,n->ij", design, design, fitted * (1 - fitted)) + ridge
        step = np.linalg.solve(curvature, design.T @ (truth - fitted))
        weights = weights + step
        if float(np.abs(step).max()) < 1e-10:  # noqa: PLR2004 - the last digits of a double
            break
    _, codes = np.unique(films, return_inverse=True)
    pulls = np.column_stack([np.bincount(codes, column * (truth - sigmoid(design @ weights))) for column in design.T])
    inverse = np.linalg.inv(curvature)
    spread = inverse @ (pulls.T @ pulls) @ inverse * len(pulls) / max(1, len(pulls) - 1)
    return weights.tolist(), np.sqrt(np.maximum(np.diag(spread), 0)).tolist()


def choose_plausibility(recalls: Floats) -> tuple[float, tuple[tuple[float, float, float], ...]]:
    """Return the weight with the best mean recall, the smaller of equals, from recalls by weight and film; 0 without a film."""
    if not recalls.shape[1]:
        return 0.0, ()
    means = recalls.mean(axis=1)
    best = int(np.argmax(means))
    errors = (recalls - recalls[best]).std(axis=1) / np.sqrt(recalls.shape[1])
    return PLAUSIBILITY_WEIGHTS[best], tuple(zip(PLAUSIBILITY_WEIGHTS, means.tolist(), errors.tolist(), strict=True))
