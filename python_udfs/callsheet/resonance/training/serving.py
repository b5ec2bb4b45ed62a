"""What a served slate hangs on besides its heads: weights of plausibility and of actors, proven effects, where budget alone does as well.

All of it is told from validation years, which no head has seen.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callsheet.resonance.training.artefacts import checked
from callsheet.resonance.training.calibration import fit_platt, sigmoid
from callsheet.resonance.training.heads import Head
from callsheet.resonance.training.measures import FilmBootstrap, Floats, Integers, Interval, auroc, interval_of, log_loss_rows
from callsheet.resonance.training.rows import OF_THE_BUDGET, OF_THE_CYCLE, OF_THE_KEYWORDS, OF_THE_PERSON, group_of

SERVED = "high_resonance"  # briefs are answered with this label: it follows the budget, but all candidates of a brief share one
EVERY_FIELD = "actor_head"  # the head for a brief that names a director and a budget; the others never saw what is not named
HEADS: Mapping[str, tuple[bool, bool, bool]] = {  # by name: whether it knows the director, the budget, and keywords
    EVERY_FIELD: (True, True, False),
    "actor_head_without_director": (False, True, False),
    "actor_head_without_budget": (True, False, False),
    "actor_head_without_director_and_budget": (False, False, False),
    "actor_head_with_keywords": (True, True, True),
    "actor_head_with_keywords_without_director": (False, True, True),
}
# The head rates some actors highly whom nobody would cast for the film. With its full actor effect the mean probability of plausible slates
# was 13 to 15 % below that of the actors it likes best (1996–1999 of real films), with half of it 8 %. One forecast must stand for both, so
# at most half is used.
ACTOR_WEIGHTS = (0.0, 0.25, 0.5)
PLAUSIBILITY_WEIGHTS = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0)  # 1 takes the casting head's log odds as they are
_WIDTH = 1.959964  # standard errors that hold 95 % of a normal


def head_for(heads: Collection[str], *, has_director: bool, has_budget: bool, has_keywords: bool) -> str:
    """Return which of these heads answers such a brief. Where none knows its keywords, they are left aside."""
    known = {HEADS[name]: name for name in heads}
    without = known.get((has_director, has_budget, False), EVERY_FIELD)  # what an earlier version published has one head for all briefs
    return known.get((has_director, has_budget, has_keywords), without)


def features_of(name: str, features: Sequence[str]) -> list[str]:
    """Return the features that a head of this name learns from."""
    has_director, has_budget, has_keywords = HEADS[name]
    hidden = {*OF_THE_CYCLE, *(() if has_budget else OF_THE_BUDGET), *(() if has_keywords else OF_THE_KEYWORDS)}
    return [one for one in features if one not in hidden and (has_director or group_of(one) not in ("director", "pair"))]


def usual_actor(head: Head, values: Floats, means: Mapping[str, float | None], groups: Sequence[str] = OF_THE_PERSON) -> Floats:
    """Return a head's log odds for rows whose actors are the usual one: what is about them is at its training mean."""
    usual = values.copy()
    for place, name in enumerate(head.features):
        if group_of(name) in groups and (mean := means.get(name)) is not None:
            usual[:, place] = mean
    return head.logits(usual)


def weighted(head: Head, values: Floats, means: Mapping[str, float | None], weight: float) -> Floats:
    """Return a head's log odds with what it makes of the actor times a weight."""
    full = head.logits(values)
    if weight == 1:
        return full
    rest = usual_actor(head, values, means)
    return np.asarray(rest + weight * (full - rest))


@dataclass(frozen=True)
class Serving:
    """What the validation years showed. Empty for a run of an earlier release: no plausibility, and no effect is proven or refuted."""

    plausibility_weight: float = 0.0
    tried: tuple[tuple[float, float, float], ...] = ()  # weight, mean recall at 15, its standard error against the casting head's
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


def slope_of_effect(full: Floats, rest: Floats, truth: Integers, films: NDArray[Any]) -> Interval | None:
    """Return how far what a head makes of a group of features came true: 1 wholly, 0 not at all; None where it makes nothing of it.

    The effect is the head's log odds less `rest`, those with the group at its training means. Outcomes are regressed on it beside the rest.
    A film's credits share its outcome, so films are what is counted.
    """
    effect = full - rest
    if not len(truth) or truth.min() == truth.max() or effect.std() < 1e-6:  # noqa: PLR2004 - the same for all: nothing to tell
        return None
    weights, errors = _regressed(np.column_stack([effect, rest, np.ones(len(truth))]), truth, films)
    return Interval(weights[0], weights[0] - _WIDTH * errors[0], weights[0] + _WIDTH * errors[0])


def choose_actor_weight(full: Floats, rest: Floats, truth: Integers, films: NDArray[Any]) -> float:
    """Return the smallest weight of the actor whose loss is within one standard error (over films) of the best; 0 without a proven effect.

    Each weight is judged on its own Platt curve, since a smaller one makes all log odds flatter.
    """
    slope = slope_of_effect(full, rest, truth, films)
    if slope is None or slope.low is None or slope.low <= 0:
        return 0.0
    _, codes = np.unique(films, return_inverse=True)
    losses = []
    for weight in ACTOR_WEIGHTS:
        odds = rest + weight * (full - rest)
        curve = fit_platt(truth, odds)
        losses.append(np.bincount(codes, log_loss_rows(truth, curve.slope * odds + curve.intercept)))
    excess = np.array(losses) - losses[int(np.argmin([loss.sum() for loss in losses]))]
    return ACTOR_WEIGHTS[int(np.flatnonzero(excess.sum(axis=1) <= excess.std(axis=1) * np.sqrt(excess.shape[1]))[0])]


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


def choose_plausibility(recalls: Floats, of_casting: Floats) -> tuple[float, tuple[tuple[float, float, float], ...]]:
    """Return the smallest weight whose mean recall is not below the casting head's, the best where none is; 0 without a film.

    `recalls` are by weight and film; what was tried comes back with the standard error of its distance from the casting head.
    """
    if not recalls.shape[1]:
        return 0.0, ()
    means = recalls.mean(axis=1)
    reached = np.flatnonzero(means >= of_casting.mean())
    chosen = int(reached[0]) if len(reached) else int(np.argmax(means))
    errors = (recalls - of_casting).std(axis=1) / np.sqrt(recalls.shape[1])
    return PLAUSIBILITY_WEIGHTS[chosen], tuple(zip(PLAUSIBILITY_WEIGHTS, means.tolist(), errors.tolist(), strict=True))
