"""What moves a head's log odds after it has spoken: the cycle of the era, and history between actor and director.

Both come with a weight that is chosen on out-of-time predictions. A weight of 0 is always on the grid and wins unless another is better by
more than chance: the smallest weight within one standard error of the best.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from python_udfs.resonance.calibration import sigmoid
from python_udfs.resonance.measures import Floats, Integers, log_loss_rows

ALPHAS = (0.0, 0.35, 0.7, 1.0)  # shares of the fitted cycle; 0.7 is the mission's
SYNERGY_WEIGHTS = (0.0, 0.125, 0.25, 0.5, 1.0)  # 0.25 is the mission's
CYCLE_SHARE = 0.75  # of a period: fewer years of residuals than this cannot tell a cycle from a trend
MIN_GROUPS = 3  # fewer groups than this have no standard error worth its name


@dataclass(frozen=True)
class Cycle:
    """A wave in log odds over years: the same for every candidate of one brief, so it moves probabilities and never their order."""

    years: float
    sine: float = 0.0
    cosine: float = 0.0

    def __call__(self, years: Integers) -> Floats:
        """Return the shift in log odds at full weight."""
        angle = 2 * np.pi * years / self.years
        return np.asarray(self.sine * np.sin(angle) + self.cosine * np.cos(angle))


@dataclass(frozen=True)
class Choice:
    """A weight with the loss of every weight that was tried: (weight, mean loss, standard error of its excess over the best)."""

    weight: float
    tried: tuple[tuple[float, float, float], ...] = ()


def fit_cycle(years: Integers, truth: Integers, logits: Floats, period: float) -> Cycle:
    """Regress out-of-time residuals y − p on the sine and cosine of the year; slopes become log odds by the mean of p(1 − p).

    The level is left to calibration. Without residuals from most of a period there is no cycle to see.
    """
    seen = np.unique(years)
    if len(seen) < CYCLE_SHARE * period:
        return Cycle(period)
    fitted = sigmoid(logits)
    angle = 2 * np.pi * years / period
    design = np.column_stack([np.ones(len(years)), np.sin(angle), np.cos(angle)])
    gram = np.einsum("ni,nj->ij", design, design) + 1e-9 * np.eye(3)
    solved = np.linalg.solve(gram, (design * (truth - fitted)[:, None]).sum(axis=0))
    steepness = float((fitted * (1 - fitted)).mean())
    return Cycle(period, float(solved[1] / steepness), float(solved[2] / steepness))


def choose_alpha(years: Integers, truth: Integers, logits: Floats, period: float) -> Choice:
    """Choose the cycle's weight: each year is judged with the cycle that all other years show."""
    shift = np.zeros(len(years))
    for year in np.unique(years):
        own = years == year
        shift[own] = fit_cycle(years[~own], truth[~own], logits[~own], period)(years[own])
    return _choose(ALPHAS, years, truth, logits, shift)


def choose_synergy(types: NDArray[np.int64], truth: Integers, logits: Floats, lift: Floats) -> Choice:
    """Choose the weight of actor–director history, judged over types of brief: one that helps a single type is chance."""
    return _choose(SYNERGY_WEIGHTS, types, truth, logits, np.nan_to_num(lift))


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
