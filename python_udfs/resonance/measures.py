"""How good a ranking or a probability is, and how sure that is: every measure takes many weightings of the rows at once.

A row is a credit; a film's credits share its outcome. So chance is drawn over films: one draw gives each film, with all its
credits, the number of times it was drawn. Weights are whole numbers, so that no order of summation changes a rank measure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Measure = Callable[[Integers, Floats, Integers], Floats]

ECE_BINS = 15  # as in the design; equal widths
_CELLS = 4_000_000  # rows × draws held at once: 32 MB an array


@dataclass(frozen=True)
class Interval:
    """A measured value with the middle 95 % of its bootstrap draws; null where it is not defined, as an AUROC of one class."""

    value: float | None
    low: float | None = None
    high: float | None = None


def auroc(truth: Integers, score: Floats, weights: Integers) -> Floats:
    """Return the chance that a positive outranks a negative, ties counting half, for each row of `weights`; NaN with one class."""
    positives, negatives = _by_score(truth, score, weights)
    below = np.cumsum(negatives, axis=1) - negatives
    won = (positives * (2 * below + negatives)).sum(axis=1)
    pairs = 2 * positives.sum(axis=1) * negatives.sum(axis=1)
    return _ratio(won, pairs)


def average_precision(truth: Integers, score: Floats, weights: Integers) -> Floats:
    """Return the area under precision over recall, as steps, for each row of `weights`; NaN without positives."""
    positives, negatives = _by_score(truth, -score, weights)
    found = np.cumsum(positives, axis=1)
    taken = np.cumsum(positives + negatives, axis=1)
    precision = np.divide(found, taken, out=np.zeros(found.shape), where=taken > 0)
    return _ratio((positives * precision).sum(axis=1), positives.sum(axis=1))


def brier(truth: Integers, probability: Floats, weights: Integers) -> Floats:
    """Return the mean squared distance of probability and outcome."""
    return _ratio((weights * (probability - truth) ** 2).sum(axis=1), weights.sum(axis=1))


def ece(truth: Integers, probability: Floats, weights: Integers) -> Floats:
    """Return the expected calibration error: the mean distance of mean probability and share of positives over 15 equal bins."""
    bins = np.minimum((probability * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    order = np.argsort(bins, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(bins[order]) > 0])
    surplus = np.add.reduceat(weights[:, order] * (probability - truth)[order], starts, axis=1)
    return _ratio(np.abs(surplus).sum(axis=1), weights.sum(axis=1))


def log_loss_rows(truth: Integers, logits: Floats) -> Floats:
    """Return each row's log loss, from logits: no probability is ever rounded to 0 or 1."""
    return np.asarray(np.logaddexp(0.0, np.where(truth == 1, -logits, logits)))


class FilmBootstrap:
    """Draws of films with replacement; draw 0 is the data as it is."""

    def __init__(self, films: NDArray[Any], draws: int, chance: np.random.Generator) -> None:
        """Draw once, so that every measure is taken on the same draws and differences between models are paired."""
        _, self._codes = np.unique(films, return_inverse=True)
        count = int(self._codes.max()) + 1 if len(films) else 0
        drawn = chance.multinomial(count, np.full(count, 1 / count), size=draws) if count else np.zeros((draws, 0))
        self._counts = np.vstack([np.ones((1, count), dtype=np.int64), drawn.astype(np.int64)])

    def draws(self, measure: Measure, truth: Integers, score: Floats, rows: NDArray[np.bool_] | None = None) -> Floats:
        """Return the measure of these rows on the data and on every draw."""
        chosen = np.flatnonzero(rows) if rows is not None else np.arange(len(truth))
        if not len(chosen):
            return np.full(len(self._counts), np.nan)
        truth, score, codes = truth[chosen], score[chosen], self._codes[chosen]
        step = max(1, _CELLS // len(chosen))
        parts = [measure(truth, score, self._counts[at : at + step][:, codes]) for at in range(0, len(self._counts), step)]
        return np.concatenate(parts)

    def interval(self, measure: Measure, truth: Integers, score: Floats, rows: NDArray[np.bool_] | None = None) -> Interval:
        """Return the measure with its 95 % interval."""
        return interval_of(self.draws(measure, truth, score, rows))

    def value(self, measure: Measure, truth: Integers, score: Floats, rows: NDArray[np.bool_] | None = None) -> Interval:
        """Return the measure alone, where an interval is not worth its time."""
        chosen = rows if rows is not None else np.ones(len(truth), dtype=bool)
        if not chosen.any():
            return Interval(None)
        weights = np.ones((1, int(chosen.sum())), dtype=np.int64)
        return interval_of(measure(truth[chosen], score[chosen], weights))


def interval_of(draws: Floats) -> Interval:
    """Return the first value with the middle 95 % of the others; no interval where most of the others are undefined."""
    value = None if np.isnan(draws[0]) else float(draws[0])
    drawn = draws[1:][~np.isnan(draws[1:])]
    if value is None or len(drawn) <= len(draws[1:]) / 2 or not len(drawn):
        return Interval(value)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _by_score(truth: Integers, score: Floats, weights: Integers) -> tuple[Integers, Integers]:
    """Return the weight of positives and of negatives at each distinct score, from the lowest score on."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(score[order]) != 0])
    sorted_weights = weights[:, order]
    positives: Integers = np.add.reduceat(sorted_weights * truth[order], starts, axis=1)
    everything: Integers = np.add.reduceat(sorted_weights, starts, axis=1)
    return positives, everything - positives


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))
