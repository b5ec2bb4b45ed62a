"""What is added to a head's log odds: the cycle of the era, and the history of actor and director.

Each has a weight, chosen on out-of-time predictions: the smallest within one standard error of the best, and 0 is among the candidates.
The cycle's weight is 0 unless a test shows that the wave is more than chance.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callsheet.resonance.training.calibration import sigmoid
from callsheet.resonance.training.measures import Floats, Integers, log_loss_rows

ALPHAS = (0.0, 0.35, 0.7, 1.0)  # shares of the fitted cycle; 0.7 is the mission's
SYNERGY_WEIGHTS = (0.0, 0.125, 0.25, 0.5, 1.0)  # 0.25 is the mission's
CYCLE_SHARE = 0.75  # of a period: with fewer years of residuals a cycle cannot be told from a trend
CHANCE_AMONG_FILMS = 0.0005  # very strict: years stray nearly twice as much as their films alone would make them
CHANCE_AMONG_YEARS = 0.1  # lenient: a dozen years tell their own spread badly, and a strict margin would miss true waves
MIN_GROUPS = 3  # fewer groups than this have no standard error worth its name


@dataclass(frozen=True)
class Cycle:
    """A wave in log odds over years: the same for every candidate of one brief, so it moves probabilities and never their order."""

    years: float
    sine: float = 0.0
    cosine: float = 0.0

    def __call__(self, years: Integers) -> Floats:
        """Return the shift in log odds at full weight."""
        sine, cosine = _wave(years, self.years).T
        return np.asarray(self.sine * sine + self.cosine * cosine)


@dataclass(frozen=True)
class Choice:
    """A weight with the loss of every weight that was tried: (weight, mean loss, standard error of its excess over the best)."""

    weight: float
    tried: tuple[tuple[float, float, float], ...] = ()
    years: tuple[tuple[int, float, float, float], ...] = ()  # of the cycle: what cycle_by_year says

    def but_for_a_tie_at_zero(self) -> "Choice":
        """Return the smallest weight above 0 that ties with the best; 0 only where it is the best itself."""
        best, least = min(((weight, loss) for weight, loss, _ in self.tried), key=lambda one: one[1], default=(0.0, 0.0))
        return replace(self, weight=min(weight for weight, loss, error in self.tried if weight and loss - least <= error)) if best else self


def fit_cycle(years: Integers, truth: Integers, logits: Floats, period: float) -> Cycle:
    """Regress out-of-time residuals y − p on the sine and cosine of the year; slopes become log odds by the mean of p(1 − p).

    The level is left to calibration, and a drift over the years (bars are nominal money) is no wave: both are fitted and not kept.
    Without residuals from most of a period there is no cycle to see.
    """
    seen = np.unique(years)
    if len(seen) < CYCLE_SHARE * period:
        return Cycle(period)
    fitted = sigmoid(logits)
    design = np.column_stack([_nuisances(years), _wave(years, period)])
    gram = np.einsum("ni,nj->ij", design, design) + 1e-9 * np.eye(4)
    solved = np.linalg.solve(gram, (design * (truth - fitted)[:, None]).sum(axis=0))
    steepness = float((fitted * (1 - fitted)).mean())
    return Cycle(period, float(solved[2] / steepness), float(solved[3] / steepness))


def is_a_wave(years: Integers, truth: Integers, logits: Floats, films: NDArray[Any], period: float) -> bool:
    """Say whether sine and cosine explain more of the years' mean residuals than chance would, among films and among years.

    Among films: a year's mean strays because its films are few, and a film's credits share its outcome; so films are what is counted.
    Among years: whatever all films of a year share strays too, by as much as the years differ from the fitted wave (an F test).

    Both margins were chosen on 30 whole worlds with a cycle and 30 without, for each label. Without one, what is left of the years' means
    was 1.9 times what films alone explain, so a film's chance of 0.5 % let 3 and 4 pass, 0.1 % 2 and 2, 0.05 % 1 and 1. At that margin
    the cycle was seen in 27 and 28; a stricter one among years (5 %) saw 26 and 26 and let as many pass. No margin did well in both.
    """
    seen, codes = np.unique(years, return_inverse=True)
    _, first, film = np.unique(films, return_index=True, return_inverse=True)
    spare_films, spare_years = len(first) - len(seen), len(seen) - 4
    if min(spare_films, spare_years) < 1:
        return False
    residuals = truth - sigmoid(logits)
    sizes, credits = np.bincount(codes), np.bincount(film)
    means = np.bincount(codes, residuals) / sizes
    own = np.bincount(film, residuals - means[codes])
    variance = float((own**2).sum() / (credits**2).sum()) * len(first) / spare_films + 1e-12  # keeps rounding errors from passing as a wave
    weights = sizes**2 / np.bincount(codes[first], credits**2)  # the films of a year, as many as if all had one credit count
    without = _left_over(_nuisances(seen), means, weights)
    left = _left_over(np.column_stack([_nuisances(seen), _wave(seen, period)]), means, weights)
    # The tails of a chi-square and of an F with two degrees of freedom, solved for the sums of squares.
    among_films = without - left > -2 * math.log(CHANCE_AMONG_FILMS) * variance
    among_years = left < CHANCE_AMONG_YEARS ** (2 / spare_years) * without
    return among_films and bool(among_years)


def choose_alpha(years: Integers, truth: Integers, logits: Floats, films: NDArray[Any], period: float) -> Choice:
    """Choose the cycle's weight: 0 unless there is a wave; else by judging each year with the cycle that all other years show.

    One standard error over a dozen years decides badly between some wave and none: chance passes it too often, and a true wave helps the
    years of its crests alone, which looks like scatter. So `is_a_wave` decides that, and the standard error how much.
    """
    shift = np.zeros(len(years))
    for year in np.unique(years):
        own = years == year
        shift[own] = fit_cycle(years[~own], truth[~own], logits[~own], period)(years[own])
    choice = replace(_choose(ALPHAS, years, truth, logits, shift), years=cycle_by_year(years, truth, logits, films, period))
    return choice.but_for_a_tie_at_zero() if is_a_wave(years, truth, logits, films, period) else replace(choice, weight=0.0)


def cycle_by_year(
    years: Integers, truth: Integers, logits: Floats, films: NDArray[Any], period: float
) -> tuple[tuple[int, float, float, float], ...]:
    """Return for each year its mean residual y − p, the standard error of that among films, and what the fitted cycle says of it.

    The level and the drift that are fitted beside the cycle and not kept are in the last, so that it can be drawn through the residuals.
    """
    seen = np.unique(years)
    if len(seen) < CYCLE_SHARE * period:
        return ()
    residuals = truth - sigmoid(logits)
    design = np.column_stack([_nuisances(years), _wave(years, period)])
    fitted = design @ np.linalg.lstsq(design, residuals, rcond=None)[0]
    found = []
    for year in seen.tolist():
        own = years == year
        mean = float(residuals[own].mean())
        _, film = np.unique(films[own], return_inverse=True)
        error = float(np.sqrt((np.bincount(film, residuals[own] - mean) ** 2).sum()) / own.sum())
        found.append((int(year), mean, error, float(fitted[own].mean())))
    return tuple(found)


def choose_synergy(types: NDArray[np.int64], truth: Integers, logits: Floats, lift: Floats) -> Choice:
    """Choose the weight of actor–director history, judged over types of brief: one that helps a single type is chance."""
    return _choose(SYNERGY_WEIGHTS, types, truth, logits, np.nan_to_num(lift))


def _nuisances(years: Integers) -> Floats:
    """Return the columns that stand for the level and for a steady drift."""
    return np.column_stack([np.ones(len(years)), (years - years.mean()) / 10])


def _wave(years: Integers, period: float) -> Floats:
    """Return the columns that stand for the cycle."""
    angle = 2 * np.pi * years / period
    return np.column_stack([np.sin(angle), np.cos(angle)])


def _left_over(design: Floats, values: Floats, weights: Floats) -> float:
    """Return the weighted sum of squares that a regression leaves."""
    root = np.sqrt(weights)
    solved = np.linalg.lstsq(design * root[:, None], values * root, rcond=None)[0]
    return float((weights * (values - design @ solved) ** 2).sum())


def _choose(weights: tuple[float, ...], groups: Integers, truth: Integers, logits: Floats, shift: Floats) -> Choice:
    """Return the smallest weight whose loss is within one standard error (over groups) of the best."""
    names, codes = np.unique(groups, return_inverse=True)
    if len(names) < MIN_GROUPS or not np.any(shift):
        return Choice(0.0)
    sizes = np.bincount(codes).astype(np.float64)
    losses = np.array([np.bincount(codes, log_loss_rows(truth, logits + weight * shift)) / sizes for weight in weights])
    means = (losses * sizes).sum(axis=1) / sizes.sum()
    excess = losses - losses[int(np.argmin(means))]
    mean_excess = (excess * sizes).sum(axis=1) / sizes.sum()
    spread = (((excess - mean_excess[:, None]) * sizes) ** 2).sum(axis=1)
    errors = np.sqrt(spread * len(names) / (len(names) - 1)) / sizes.sum()
    within = np.flatnonzero(mean_excess <= errors)
    tried = zip(weights, means.tolist(), errors.tolist(), strict=True)
    return Choice(weights[int(within[0])], tuple(tried))
