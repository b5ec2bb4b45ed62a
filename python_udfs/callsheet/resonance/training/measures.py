"""Measures of rankings and probabilities, with bootstrap intervals. Each measure is computed for all bootstrap draws at once.

A row is a credit, and the credits of a film share its outcome. So the bootstrap draws films: each draw says how often every film counts.
These weights are whole numbers, held as doubles: their sums are exact, in any order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Weights:
    """How often each film counts in each draw, and which film each row is of: draws of a million rows are never written out."""

    counts: Floats
    film: Integers

    @classmethod
    def even(cls, rows: int) -> "Weights":
        """Return one draw in which every row counts once."""
        return cls(np.ones((1, 1)), np.zeros(rows, dtype=np.int64))

    def of(self, rows: NDArray[Any]) -> "Weights":
        """Return the weights of some of the rows."""
        return Weights(self.counts, self.film[rows])

    def draws(self) -> Iterator[tuple[int, Integers]]:
        """Yield each draw's number and how often each film counts in it, as integers: their running sums take a third of the time."""
        yield from ((draw, counts.astype(np.int64)) for draw, counts in enumerate(self.counts))

    def total(self) -> Floats:
        """Return the weight of all rows together in each draw."""
        return self.sums(np.ones(len(self.film)))

    def sums(self, values: Floats) -> Floats:
        """Return the weighted sum of a value per row in each draw."""
        return np.asarray(np.einsum("df,f->d", self.counts, np.bincount(self.film, values, self.counts.shape[1])))


Measure = Callable[[Integers, Floats, Weights], Floats]

ECE_BINS = 15  # as in the design; equal widths


@dataclass(frozen=True)
class Interval:
    """A measured value with the middle 95 % of its bootstrap draws; null where it is not defined, as an AUROC of one class."""

    value: float | None
    low: float | None = None
    high: float | None = None


def auroc(truth: Integers, score: Floats, weights: Weights) -> Floats:
    """Return the chance that a positive outranks a negative, ties counting half, in each draw; NaN with one class."""
    positives, negatives = _ranked(truth == 1, score, weights), _ranked(truth == 0, score, weights)
    lower, upper = negatives.places(positives.score)
    won, pairs = np.zeros(len(weights.counts)), np.zeros(len(weights.counts))
    for draw, counts in weights.draws():
        own, below = counts[positives.film], negatives.running(counts)
        won[draw] = (own * (below[lower] + below[upper])).sum()
        pairs[draw] = 2 * own.sum() * below[-1]
    return _ratio(won, pairs)


def average_precision(truth: Integers, score: Floats, weights: Weights) -> Floats:
    """Return the area under precision over recall, as steps, in each draw; NaN without positives."""
    positives, negatives = _ranked(truth == 1, -score, weights), _ranked(truth == 0, -score, weights)
    above, above_among_negatives = positives.places(positives.score)[1], negatives.places(positives.score)[1]
    area, everything = np.zeros(len(weights.counts)), np.zeros(len(weights.counts))
    for draw, counts in weights.draws():
        own, so_far = counts[positives.film], positives.running(counts)
        found = so_far[above]
        taken = found + negatives.running(counts)[above_among_negatives]
        area[draw] = (own * found / np.maximum(taken, 1)).sum()  # a film that was not drawn has weight 0
        everything[draw] = so_far[-1]
    return _ratio(area, everything)


def brier(truth: Integers, probability: Floats, weights: Weights) -> Floats:
    """Return the mean squared distance of probability and outcome."""
    return _ratio(weights.sums((probability - truth) ** 2), weights.total())


def ece(truth: Integers, probability: Floats, weights: Weights) -> Floats:
    """Return the expected calibration error: the mean distance of mean probability and share of positives over 15 equal bins."""
    bins = np.minimum((probability * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    surplus = np.zeros(len(weights.counts))
    for bin_ in np.unique(bins):
        rows = np.flatnonzero(bins == bin_)
        surplus += np.abs(weights.of(rows).sums((probability - truth)[rows]))
    return _ratio(surplus, weights.total())


def log_loss_rows(truth: Integers, logits: Floats) -> Floats:
    """Return each row's log loss, from logits: no probability is ever rounded to 0 or 1."""
    return np.asarray(np.logaddexp(0.0, np.where(truth == 1, -logits, logits)))


def calibration_line(truth: Integers, probability: Floats, weights: Weights) -> tuple[Floats, Floats]:
    """Return slope and intercept of a logistic regression of the outcome on the log odds, in each draw: 1 and 0 where they come true.

    A slope below 1 says that probabilities lie too far apart, an intercept below 0 that they are too high where they say one half.
    """
    odds = np.clip(probability, 1e-6, 1 - 1e-6)
    odds = np.log(odds / (1 - odds))
    counts = weights.counts[:, weights.film]
    slope, intercept = np.ones(len(counts)), np.zeros(len(counts))
    for _ in range(12):
        fitted = 0.5 * (1.0 + np.tanh(0.5 * (slope[:, None] * odds + intercept[:, None])))
        pull, bend = counts * (truth - fitted), counts * fitted * (1 - fitted)
        of_both, of_slope, of_intercept = bend @ odds, bend @ odds**2 + 1e-9, bend.sum(axis=1) + 1e-9
        by_slope, by_intercept = pull @ odds, pull.sum(axis=1)
        determinant = np.maximum(of_slope * of_intercept - of_both**2, 1e-12)
        steeper = np.clip((of_intercept * by_slope - of_both * by_intercept) / determinant, -2, 2)
        higher = np.clip((of_slope * by_intercept - of_both * by_slope) / determinant, -2, 2)
        slope, intercept = slope + steeper, intercept + higher
        if max(np.abs(steeper).max(initial=0.0), np.abs(higher).max(initial=0.0)) < 1e-9:  # noqa: PLR2004 - nothing moves any more
            break
    one_class = ~((counts @ truth > 0) & (counts @ (1 - truth) > 0)) | (odds.std() < 1e-9)  # noqa: PLR2004 - all the same
    return np.where(one_class, np.nan, slope), np.where(one_class, np.nan, intercept)


def ece_of_the_perfect(probability: Floats, films: NDArray[Any], draws: int, chance: np.random.Generator) -> Interval:
    """Return the ECE that a perfectly calibrated forecaster of these probabilities would get, with where 95 % of it lies.

    Outcomes are drawn from the probabilities themselves. A film's rows share one draw, as they share one outcome.
    """
    if not len(probability):
        return Interval(None)
    _, codes = np.unique(films, return_inverse=True)
    luck = chance.random((draws, int(codes.max()) + 1))
    excess = probability - (luck[:, codes] < probability)
    bins = np.minimum((probability * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    found = sum(np.abs(excess[:, bins == bin_].sum(axis=1)) for bin_ in np.unique(bins)) / len(probability)
    return Interval(float(np.mean(found)), *(float(value) for value in np.quantile(found, [0.025, 0.975])))


class FilmBootstrap:
    """Draws of films with replacement; draw 0 is the data as it is."""

    def __init__(self, films: NDArray[Any], draws: int, chance: np.random.Generator) -> None:
        """Draw once, so that every measure is taken on the same draws and differences between models are paired."""
        _, self._codes = np.unique(films, return_inverse=True)
        count = int(self._codes.max()) + 1 if len(films) else 0
        drawn = chance.multinomial(count, np.full(count, 1 / count), size=draws) if count else np.zeros((draws, 0))
        self._counts = np.vstack([np.ones((1, count)), drawn]).astype(np.float64)

    def draws(self, measure: Measure, truth: Integers, score: Floats, rows: NDArray[np.bool_] | None = None) -> Floats:
        """Return the measure of these rows on the data and on every draw."""
        chosen = np.flatnonzero(rows) if rows is not None else np.arange(len(truth))
        if not len(chosen):
            return np.full(len(self._counts), np.nan)
        return measure(truth[chosen], score[chosen], Weights(self._counts, self._codes[chosen]))

    def lines(self, truth: Integers, probability: Floats) -> tuple[Interval, Interval]:
        """Return slope and intercept of calibration with their 95 % intervals."""
        if not len(truth):
            return Interval(None), Interval(None)
        slope, intercept = calibration_line(truth, probability, Weights(self._counts, self._codes))
        return interval_of(slope), interval_of(intercept)

    def interval(self, measure: Measure, truth: Integers, score: Floats, rows: NDArray[np.bool_] | None = None) -> Interval:
        """Return the measure with its 95 % interval."""
        return interval_of(self.draws(measure, truth, score, rows))


def interval_of(draws: Floats) -> Interval:
    """Return the first value with the middle 95 % of the others; no interval where most of the others are undefined."""
    value = None if np.isnan(draws[0]) else float(draws[0])
    drawn = draws[1:][~np.isnan(draws[1:])]
    if value is None or len(drawn) <= len(draws[1:]) / 2 or not len(drawn):
        return Interval(value)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, float(low), float(high))


@dataclass(frozen=True)
class _Ranked:
    """The rows of one class, from the lowest score on."""

    score: Floats
    film: Integers

    def places(self, score: Floats) -> tuple[Integers, Integers]:
        """Return how many of these rows score less than each score, and how many no more."""
        return np.searchsorted(self.score, score, side="left"), np.searchsorted(self.score, score, side="right")

    def running(self, counts: Integers) -> Integers:
        """Return the weight of the first 0, 1, 2, … rows in a draw."""
        total = np.zeros(len(self.film) + 1, dtype=np.int64)
        np.cumsum(counts[self.film], out=total[1:])
        return total


def _ranked(rows: NDArray[np.bool_], score: Floats, weights: Weights) -> _Ranked:
    order = np.flatnonzero(rows)[np.argsort(score[rows], kind="stable")]
    return _Ranked(score[order], weights.film[order])


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))
