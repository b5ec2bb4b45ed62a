"""Leak guards (b, Platt), (c) and (e): each shown to catch its leaky twin, with its false-alarm rate on synthetic worlds."""

import numpy as np
import pytest
from callsheet.resonance.training.calibration import InSampleError, check_out_of_time, fit_platt, sigmoid
from callsheet.resonance.training.evaluation import billing_gap, has_billing_leak
from callsheet.resonance.training.measures import Weights, ece

from tests.leaks.worlds import LAST_FIT_YEAR, billing, frame, is_off_one_half, learn, shuffled_aurocs


def gap_is_a_leak(seed: int, leak: str | None = None) -> bool:
    data, films = billing(frame(seed, leak))
    return has_billing_leak(billing_gap(data, "actor_head_platt", films))


def test_c_catches_a_director_history_shifted_by_rows() -> None:
    assert not gap_is_a_leak(1)
    assert gap_is_a_leak(1, "row_shift")


@pytest.mark.long
def test_c_rarely_cries_wolf() -> None:
    """The whole 95 % interval must lie above 0.04: under 2.5 % even at a true gap of 0.04. In 6 honest worlds: none; in 6 leaky: all."""
    assert sum(gap_is_a_leak(seed) for seed in range(100, 106)) == 0
    assert sum(gap_is_a_leak(seed, "row_shift") for seed in range(100, 106)) == 6


@pytest.mark.long
def test_e_catches_credits_of_one_film_on_both_sides() -> None:
    rows = frame(3)
    assert not is_off_one_half(shuffled_aurocs(rows, by_year=True, shuffles=30, chance=np.random.default_rng(4)))
    assert is_off_one_half(shuffled_aurocs(rows, by_year=False, shuffles=30, chance=np.random.default_rng(4)))


@pytest.mark.soak
def test_c_and_e_state_their_false_alarm_rate() -> None:
    """Over 200 honest worlds (c) and 60 (e). Three standard errors of 30 draws are passed by chance in 0.6 %.

    So one alarm in 60 worlds is 30 % likely, four of them one in ten thousand.
    """
    of_c = sum(gap_is_a_leak(seed) for seed in range(1000, 1200))
    of_e = sum(is_off_one_half(shuffled_aurocs(frame(seed), True, 30, np.random.default_rng(seed))) for seed in range(2000, 2060))
    print(f"false alarms: billing gap {of_c} of 200 worlds, shuffled labels {of_e} of 60")
    assert of_c <= 5
    assert of_e <= 3


def test_b_catches_platt_fitted_on_the_years_the_head_learnt_from() -> None:
    """In-sample odds are too sure, so the curve is: the same head is worse calibrated on the holdout, and the years give it away."""
    rows = frame(5)
    years, truth = rows["film_year"].to_numpy(dtype=np.int64), rows["positive"].to_numpy(dtype=np.int64)
    train = years <= LAST_FIT_YEAR - 4
    logits = learn(rows, train, rows["positive"])
    check, late = (years > LAST_FIT_YEAR - 4) & (years <= LAST_FIT_YEAR), years > LAST_FIT_YEAR
    last_year = int(years[train].max())
    check_out_of_time(last_year, years[check])
    with pytest.raises(InSampleError):
        check_out_of_time(last_year, years[train])
    ones = Weights.even(int(late.sum()))
    honest, leaky = (fit_platt(truth[rows_], logits[rows_]) for rows_ in (check, train))
    assert leaky.slope > honest.slope
    assert ece(truth[late], leaky(logits[late]), ones)[0] > ece(truth[late], honest(logits[late]), ones)[0]
    assert sigmoid(np.zeros(1))[0] == 0.5
