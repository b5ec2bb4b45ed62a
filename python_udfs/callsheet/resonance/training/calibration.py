"""Calibration: from scores to probabilities for people to read, fitted on years that the head had not seen.

Calibration is for display. Platt's curve is monotone, so it never changes a ranking; an isotonic curve makes ties,
so it is never used to rank.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callsheet.resonance.training.measures import Floats, Integers

_WIDTH = 1.959964  # standard errors that hold 95 % of a normal
_EDGE = 1e-6  # a forest may say exactly 0 or 1, whose logit is infinite
COLLAPSE_DEVIATION = 1e-3  # below this spread all probabilities are nearly equal
MIN_FILMS = 10  # fewer films than this have no standard error worth its name
COLLAPSE_VALUES = 5  # fewer distinct values than this separate nothing


def logit(probability: Floats) -> Floats:
    """Return log odds, with probabilities kept off 0 and 1."""
    kept = np.clip(probability, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(kept / (1 - kept)))


def sigmoid(logits: Floats) -> Floats:
    """Return the probability of log odds."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


@dataclass(frozen=True)
class Calibration:
    """One curve from logits to probabilities, as plain numbers. `method` is platt, isotonic or raw."""

    method: str
    slope: float = 1.0
    intercept: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()
    errors: tuple[float, ...] = ()  # variance of the slope, covariance, variance of the intercept; empty where they are not known

    def __call__(self, logits: Floats) -> Floats:
        """Return calibrated probabilities."""
        if self.method == "isotonic":
            knots = np.array(self.steps)
            return np.asarray(np.interp(logits, knots[:, 0], knots[:, 1]))
        return sigmoid(self.slope * logits + self.intercept)

    def interval(self, logits: Floats) -> tuple[Floats, Floats] | None:
        """Return where the share that comes true among rows of these logits lies with 95 % confidence; None where that is not known.

        It says how sure the curve is, given which films the validation years happened to hold: neither how far one film may fall from
        it, nor how sure the order of two rows is, since an error of the curve moves both alike.
        """
        if not self.errors:
            return None
        of_slope, of_both, of_intercept = self.errors
        deviation = np.sqrt(np.maximum(of_slope * logits**2 + 2 * of_both * logits + of_intercept, 0))
        centre = self.slope * logits + self.intercept
        return sigmoid(centre - _WIDTH * deviation), sigmoid(centre + _WIDTH * deviation)


RAW = Calibration("raw")


def fit_platt(truth: Integers, logits: Floats) -> Calibration:
    """Fit a sigmoid over logits with Platt's own guard: targets a little off 0 and 1. One class only: raw."""
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return RAW
    target = np.where(truth == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    centre, spread = float(logits.mean()), float(logits.std())
    if not spread > 0:
        return Calibration("platt", 0.0, float(logit(np.array([target.mean()]))[0]))
    design = np.column_stack([(logits - centre) / spread, np.ones(len(logits))])
    weights = np.zeros(2)
    for _ in range(100):
        fitted = sigmoid((design * weights).sum(axis=1))
        slopes = (design * (fitted - target)[:, None]).sum(axis=0)
        curvature = np.einsum("ni,nj,n->ij", design, design, fitted * (1 - fitted)) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, slopes)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-12:  # noqa: PLR2004 - the last digits of a double
            break
    slope = float(weights[0] / spread)
    return Calibration("platt", slope, float(weights[1] - slope * centre))


def with_errors(curve: Calibration, truth: Integers, logits: Floats, films: NDArray[Any]) -> Calibration:
    """Return Platt's curve with the errors of its two numbers. A film's credits share its outcome, so films are what is counted."""
    _, codes = np.unique(films, return_inverse=True)
    count = int(codes.max()) + 1 if len(codes) else 0
    if curve.method != "platt" or not curve.slope or count < MIN_FILMS:
        return curve
    design = np.column_stack([logits, np.ones(len(logits))])
    fitted = curve(logits)
    curvature = np.einsum("ni,nj,n->ij", design, design, fitted * (1 - fitted))
    pulls = np.column_stack([np.bincount(codes, column * (truth - fitted)) for column in design.T])
    inverse = np.linalg.inv(curvature + 1e-9 * np.eye(2))
    errors = inverse @ np.einsum("ni,nj->ij", pulls, pulls) @ inverse * count / (count - 1)
    return replace(curve, errors=(float(errors[0, 0]), float(errors[0, 1]), float(errors[1, 1])))


def fit_isotonic(truth: Integers, logits: Floats) -> Calibration:
    """Fit the best rising step curve. One class only: raw."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - heavy: see the toolchain's rule on imports

    if truth.min() == truth.max():
        return RAW
    curve = IsotonicRegression(out_of_bounds="clip").fit(logits, truth)
    steps = zip(curve.X_thresholds_.tolist(), curve.y_thresholds_.tolist(), strict=True)
    return Calibration("isotonic", steps=tuple(steps))


def has_collapsed(probability: Floats) -> bool:
    """Say whether the curve made (nearly) one value of all scores."""
    return float(probability.std()) < COLLAPSE_DEVIATION or len(np.unique(probability)) < COLLAPSE_VALUES


def choose_calibration(truth: Integers, logits: Floats) -> Calibration:
    """Return Platt's curve; where it collapses the isotonic one, where both do none. All on out-of-time logits."""
    for curve in (fit_platt(truth, logits), fit_isotonic(truth, logits)):
        if not has_collapsed(curve(logits)):
            return curve
    return RAW


class InSampleError(ValueError):
    """A calibration was asked for on years that its head was trained on."""


def check_out_of_time(head_last_year: int, years: Integers) -> None:
    """Refuse calibration rows of years that the head has seen: it knows their outcomes, and its odds there are too sure."""
    seen = sorted({int(year) for year in years if year <= head_last_year})
    if seen:
        raise InSampleError(
            f"Calibration on {seen[0]}–{seen[-1]} is in-sample: the head was trained up to {head_last_year}. Use years after it."
        )
