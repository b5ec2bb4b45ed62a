"""Measures, calibration, weights, artefacts and retrieval against sklearn or values worked by hand."""

import json
import math
import pickle
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from callsheet.resonance.training import artefacts, measures
from callsheet.resonance.training import heads as fitting
from callsheet.resonance.training.adjustments import Cycle, choose_alpha, choose_synergy, cycle_by_year, fit_cycle
from callsheet.resonance.training.calibration import (
    RAW,
    Calibration,
    InSampleError,
    check_out_of_time,
    choose_calibration,
    fit_isotonic,
    fit_platt,
    has_collapsed,
    logit,
    sigmoid,
)
from callsheet.resonance.training.casting_head import (
    NEGATIVES,
    TERMS,
    CastingHead,
    best,
    costar_terms,
    draw,
    fit_casting,
    histories,
    terms,
    with_budget,
)
from callsheet.resonance.training.filmography import Filmography, Roles
from callsheet.resonance.training.fitting import learnt_from
from callsheet.resonance.training.heads import BLEND, Head, fit_head, fit_heads
from callsheet.resonance.training.measures import FilmBootstrap, Interval, Weights
from callsheet.resonance.training.members import BOOSTING, FOREST, LOGISTIC, NODE, Line, Trees
from callsheet.resonance.training.retrieval import measure_costars, measure_retrieval
from callsheet.resonance.training.rows import Rows
from callsheet.resonance.training.settings import Settings
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score


def scores(seed: int, rows: int = 400, ties: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return truth, probabilities (with ties) and whole weights."""
    chance = np.random.default_rng(seed)
    probability = chance.random(rows)
    truth = (chance.random(rows) < probability).astype(np.int64)
    return truth, np.round(probability, 1 if ties else 6), chance.integers(0, 4, rows)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", [True, False])
def test_rank_and_probability_measures_equal_sklearn_with_weights_and_ties(seed: int, ties: bool) -> None:
    truth, probability, weights = scores(seed, ties=ties)
    for ours, theirs in (
        (measures.auroc, roc_auc_score),
        (measures.average_precision, average_precision_score),
        (measures.brier, brier_score_loss),
    ):
        value = ours(truth, probability, Weights(weights[None, :].astype(float), np.arange(len(truth))))[0]
        assert value == pytest.approx(theirs(truth, probability, sample_weight=weights), abs=1e-12)


def test_log_loss_of_logits_equals_sklearn() -> None:
    truth, probability, _ = scores(1, ties=False)
    assert measures.log_loss_rows(truth, logit(probability)).mean() == pytest.approx(log_loss(truth, probability), abs=1e-9)


def test_ece_worked_by_hand() -> None:
    # Bins of 1/15: 0.10 and 0.12 share bin 1 (mean said 0.11, came true 0.5), 0.90 is alone in bin 13, 1.0 belongs to the last.
    truth, said = np.array([0, 1, 1, 1]), np.array([0.10, 0.12, 0.90, 1.0])
    assert measures.ece(truth, said, Weights.even(4))[0] == pytest.approx((2 * 0.39 + 0.1 + 0.0) / 4)


def test_one_class_has_no_auroc_and_no_interval() -> None:
    films = FilmBootstrap(np.array(["a", "b", "c"]), 50, np.random.default_rng(1))
    assert films.interval(measures.auroc, np.array([1, 1, 1]), np.array([0.1, 0.2, 0.3])) == Interval(None)
    assert films.interval(measures.average_precision, np.array([0, 0, 0]), np.array([0.1, 0.2, 0.3])) == Interval(None)


def test_the_bootstrap_draws_whole_films() -> None:
    """Ten credits of two films are two draws of chance, not ten: the interval of a share reaches from one film to the other."""
    films = FilmBootstrap(np.repeat(["a", "b"], 5), 400, np.random.default_rng(2))
    truth = np.repeat([0, 1], 5)
    interval = films.interval(measures.brier, truth, np.zeros(10))
    assert (interval.value, interval.low, interval.high) == (0.5, 0.0, 1.0)


def test_bootstrap_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """AUROC of two unit normals one apart is Φ(1/√2) = 0.760; of 200 intervals of 95 % about 190 hold it (170 is five sigma away)."""
    covered, chance = 0, np.random.default_rng(3)
    for _ in range(200):
        truth = chance.integers(0, 2, 150)
        score = chance.normal(truth.astype(float), 1.0)
        interval = FilmBootstrap(np.arange(150), 100, chance).interval(measures.auroc, truth, score)
        assert interval.low is not None and interval.high is not None
        covered += interval.low <= 0.7602 <= interval.high
    assert covered >= 170


class Spoken:
    """A classifier that says its only column."""

    classes_ = np.array([0, 1])
    _estimator_type = "classifier"


def test_platt_equals_sklearns_calibration_of_a_frozen_estimator() -> None:
    chance = np.random.default_rng(4)
    logits = chance.normal(0, 2, 600)
    truth = (chance.random(600) < sigmoid(0.5 * logits - 0.7)).astype(np.int64)
    head = LogisticRegression(C=1e6).fit(logits[:100, None], truth[:100])
    slope, shift = head.coef_[0][0], head.intercept_[0]
    theirs = CalibratedClassifierCV(FrozenEstimator(head), method="sigmoid").fit(logits[100:, None], truth[100:])
    ours = fit_platt(truth[100:], slope * logits[100:] + shift)
    assert ours(slope * logits + shift) == pytest.approx(theirs.predict_proba(logits[:, None])[:, 1], abs=2e-4)


def test_isotonic_equals_sklearn_and_survives_storing() -> None:
    truth, probability, _ = scores(5, ties=False)
    curve = fit_isotonic(truth, logit(probability))
    theirs = IsotonicRegression(out_of_bounds="clip").fit(logit(probability), truth)
    grid = np.linspace(-9, 9, 500)
    assert curve(grid) == pytest.approx(theirs.predict(grid), abs=1e-12)


def test_a_collapsed_calibration_gives_way() -> None:
    chance = np.random.default_rng(6)
    logits = np.abs(chance.normal(0, 1, 900)) * np.repeat([-1, 0, 1], 300)
    u_shaped = np.repeat([1, 0, 1], 300)
    assert has_collapsed(np.full(10, 0.3)) and has_collapsed(np.repeat([0.1, 0.9], 50))
    assert not has_collapsed(np.linspace(0.2, 0.4, 20))
    assert choose_calibration(u_shaped, np.zeros(900)) == RAW  # one value of all: neither curve can tell anything apart
    assert choose_calibration((chance.random(900) < sigmoid(logits)).astype(np.int64), logits).method == "platt"


@pytest.mark.parametrize("truth", [0, 1])
def test_one_class_only_is_no_calibration_and_a_constant_head(truth: int) -> None:
    outcome = np.full(40, truth)
    assert fit_platt(outcome, np.linspace(-1, 1, 40)) == RAW
    assert fit_isotonic(outcome, np.linspace(-1, 1, 40)) == RAW
    head = fit_head(BLEND, ["x"], np.ones((40, 1)), outcome, np.full(40, 2000), 1)
    assert head.members == () and sigmoid(head.logits(np.ones((2, 1)))) == pytest.approx((40 * truth + 0.5) / 41)


def test_calibration_on_years_the_head_has_seen_is_refused() -> None:
    check_out_of_time(1999, np.array([2000, 2001]))
    with pytest.raises(InSampleError, match="1998–1999 is in-sample: the head was trained up to 1999"):
        check_out_of_time(1999, np.array([1998, 1999, 2000]))


Waves = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def waves(seed: int, height: float, films: int = 60, *, shock: float = 0.0, drift: float = 0.0) -> Waves:
    """Return years, outcomes, log odds of a head that knows nothing of a wave of that height (in log odds), and films.

    A shock is what all films of a year share; a drift is what each year gains on the one before.
    """
    chance = np.random.default_rng(seed)
    years = np.repeat(np.arange(1985, 2004), films)
    logits = chance.normal(-1, 0.8, len(years))
    shift = height * np.sin(2 * np.pi * years / 11) + shock * chance.normal(0, 1, 19)[years - 1985] + drift * (years - 1994)
    truth = (chance.random(len(years)) < sigmoid(logits + shift)).astype(np.int64)
    return years, truth, logits, np.arange(len(years))


def chosen(worlds: Iterable[Waves]) -> int:
    """Return how many of the worlds lead to a cycle with a weight above 0."""
    return sum(choose_alpha(*world, 11).weight > 0 for world in worlds)


def test_the_cycle_head_finds_a_planted_wave() -> None:
    years, truth, logits, _ = waves(7, 0.8, films=2000)
    cycle = fit_cycle(years, truth, logits, 11)
    assert cycle.sine == pytest.approx(0.8, abs=0.1)
    assert cycle.cosine == pytest.approx(0.0, abs=0.1)
    assert fit_cycle(years[years < 1990], truth[years < 1990], logits[years < 1990], 11) == Cycle(11)


def test_a_steady_drift_is_no_wave() -> None:
    years, truth, logits, _ = waves(7, 0.0, films=2000, drift=0.1)
    cycle = fit_cycle(years, truth, logits, 11)
    assert np.hypot(cycle.sine, cycle.cosine) < 0.1
    assert chosen(waves(seed, 0.0, films=400, drift=0.05) for seed in range(20)) <= 2


def test_over_twenty_worlds_alpha_is_zero_without_a_cycle_and_more_with_one() -> None:
    assert chosen(waves(seed, 0.0) for seed in range(20)) <= 2
    assert chosen(waves(seed, 0.8) for seed in range(20)) >= 18


def test_the_cycle_by_year_is_the_mean_residual_with_its_error_among_films() -> None:
    """Twelve years of two films with two credits each: p is a half, so a residual is 0.5 or -0.5."""
    years = np.repeat(np.arange(1990, 2002), 4)
    films = np.repeat(np.arange(24), 2).astype(str)
    truth = np.tile([1, 1, 0, 0], 12)
    truth[:4] = 1
    (first, mean, error, _), second, *rest = cycle_by_year(years, truth, np.zeros(48), films, 11.0)
    assert (first, mean, error) == (1990, 0.5, 0.0)
    assert second[:2] == (1991, 0.0) and second[2] == pytest.approx(np.sqrt(2) / 4)  # two films whose credits add up to 1 and -1
    assert len(rest) == 10 and not cycle_by_year(years[:20], truth[:20], np.zeros(20), films[:20], 11.0)
    good = (np.arange(1990, 2002) % 11 < 6).astype(np.int64)  # a good half of each period
    rows = cycle_by_year(years, np.repeat(good, 4), np.zeros(48), films, 11.0)
    assert np.corrcoef([row[1] for row in rows], [row[3] for row in rows])[0, 1] > 0.8


def test_many_credits_of_few_films_make_no_wave() -> None:
    worlds = [tuple(np.repeat(column, 6) for column in waves(seed, 0.0, films=20)) for seed in range(60)]
    assert chosen(worlds) <= 2  # type: ignore[arg-type]


def test_what_a_year_shares_makes_no_wave() -> None:
    assert chosen(waves(seed, 0.0, films=400, shock=0.4) for seed in range(20)) <= 2


def test_films_that_cannot_show_their_own_scatter_show_no_wave() -> None:
    years, truth, logits, films = waves(7, 2.0, films=200)
    assert choose_alpha(years, truth, logits, films, 11).weight > 0
    assert choose_alpha(years, truth, logits, years, 11).weight == 0  # one film a year
    assert choose_alpha(years, np.zeros_like(truth), np.zeros(len(years)), films, 11).weight == 0  # nothing strays


def test_synergy_is_used_where_pairs_matter_for_most_types_of_brief() -> None:
    chance = np.random.default_rng(8)
    types, logits, lift = chance.integers(0, 6, 6000), chance.normal(-1, 1, 6000), chance.normal(0, 1, 6000)
    helped = (chance.random(6000) < sigmoid(logits + 0.5 * lift)).astype(np.int64)
    assert choose_synergy(types, helped, logits, lift).weight == 0.5
    unmoved = (chance.random(6000) < sigmoid(logits)).astype(np.int64)
    assert choose_synergy(types, unmoved, logits, lift).weight == 0.0
    assert choose_synergy(types, helped, logits, np.full(6000, np.nan)).weight == 0.0


@pytest.fixture(scope="module")
def heads() -> dict[str, Head]:
    chance = np.random.default_rng(9)
    values = chance.normal(size=(300, 5))
    values[chance.random(values.shape) < 0.1] = np.nan
    truth = (np.nan_to_num(values[:, 0]) + chance.normal(0, 1, 300) > 0).astype(np.int64)
    names = [BOOSTING, FOREST, BLEND, LOGISTIC]
    return fit_heads(names, list("abcde"), values, truth, np.full(300, 1999), 11)


@pytest.mark.parametrize("name", [BOOSTING, FOREST, BLEND, LOGISTIC])
def test_a_head_is_the_same_bytes_again_and_says_the_same_after_loading(heads: dict[str, Head], name: str) -> None:
    content = artefacts.dump_head(heads[name])
    assert artefacts.dump_head(heads[name]) == content
    loaded = artefacts.load_head(content, artefacts.sha256(content), name)
    rows = np.random.default_rng(10).normal(size=(50, 5))
    assert np.array_equal(loaded.logits(rows), heads[name].logits(rows))
    assert (loaded.features, loaded.last_year) == (tuple("abcde"), 1999)


def test_a_changed_artefact_is_refused(heads: dict[str, Head]) -> None:
    content = artefacts.dump_head(heads[BOOSTING])
    changed = content[:-1] + bytes([content[-1] ^ 1])
    with pytest.raises(artefacts.ArtefactError, match="it was changed"):
        artefacts.load_head(changed, artefacts.sha256(content), "actor_head")


def stump(**changed: object) -> Trees:
    """Return a forest of one tree with one split, some of its numbers changed."""
    nodes = np.zeros(3, dtype=NODE)
    nodes["feature"], nodes["left"][0], nodes["right"][0], nodes["value"] = [0, -1, -1], 1, 2, [0.0, 0.25, 0.75]
    for name, value in changed.items():
        nodes[name][0] = value
    return Trees(FOREST, 0.0, nodes)


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (stump(left=0), "leads to a node that is not there"),  # round in circles
        (stump(right=3), "leads to a node that is not there"),
        (stump(right=-1), "leads to a node that is not there"),
        (stump(feature=1), "asks for a feature that is not there"),
        (stump(feature=-2), "asks for a feature that is not there"),
        (Trees(FOREST, 0.0, np.zeros(0, dtype=NODE)), "asks for a feature that is not there"),
        (Trees("oracle", 0.0, stump().nodes), "no head of ours has a member 'oracle'"),
        (Line((0.0, 0.0), (), (1.0, 1.0), (), 0.0), "2 slopes do not fit 1 features"),
    ],
)
def test_a_head_that_would_lead_out_of_its_arrays_is_not_loaded(member: Trees | Line, why: str) -> None:
    sound = artefacts.dump_head(Head("x", ("a",), 1999, (stump(),)))
    values = np.array([[-1.0], [1.0]])
    assert sigmoid(artefacts.load_head(sound, artefacts.sha256(sound), "x").logits(values)) == pytest.approx([0.25, 0.75])
    content = artefacts.dump_head(Head("x", ("a",), 1999, (member,)))
    with pytest.raises(artefacts.ArtefactError, match=f"x is not a head of this version .*{why}.*build resonance and publish again"):
        artefacts.load_head(content, artefacts.sha256(content), "x")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 an archive of an earlier version", pickle.dumps(Spoken()), b"{}", b"\xff" * 64])
def test_bytes_that_are_no_head_are_refused(content: bytes) -> None:
    with pytest.raises(artefacts.ArtefactError, match="is not a head of this version"):
        artefacts.load_head(content, artefacts.sha256(content), "x")


def test_a_head_refuses_rows_of_another_width(heads: dict[str, Head]) -> None:
    with pytest.raises(ValueError, match="takes 5 features, not 4"):
        heads[BOOSTING].logits(np.zeros((2, 4)))


def test_curves_survive_storing() -> None:
    curves = {"actor_head": Calibration("platt", 0.5, -1.25), "other": Calibration("isotonic", steps=((-1.0, 0.1), (2.0, 0.7)))}
    content = artefacts.dump_curves(curves, Cycle(11.0, 0.25, -0.5), 0.35, 0.25)
    assert artefacts.load_curves(content, artefacts.sha256(content), "curves") == (curves, Cycle(11.0, 0.25, -0.5), 0.35, 0.25)


def small_world() -> Filmography:
    """Return three films: 0 in 2000 (actors 0, 1), 1 in 2001 (0, 2), 2 in 2002 (1, 2, 3); one genre, one director, growing budgets."""
    return Filmography.of_roles(
        year=np.array([2000, 2001, 2002]),
        genres=np.ones((3, 1)),
        budget=np.array([1e6, 2e6, 4e6]),
        director=np.array([0, 0, 0]),
        resonance=np.array([0.5, np.nan, 1.0]),
        acting=Roles(np.array([0, 0, 1, 1, 2, 2, 2]), np.array([0, 1, 0, 2, 1, 2, 3])),
        people=4,
    )


def test_casting_terms_know_earlier_years_only_and_are_right() -> None:
    (history,) = histories(small_world(), [2002])
    assert history.known.tolist() == [0, 1, 2]
    # Of the two known budgets before 2002, 1e6 and 2e6, one lies below 1.5e6: rank share 1/2, decile 6. Film 0 has none, film 1 the tenth.
    assert history.decile(1.5e6) == 6 and history.decile(float("nan")) == 0
    fade = 0.5**0.25
    recent = np.array([fade**2 + fade, fade**2, fade])
    far, unknown = math.exp(-4 / 1.5), 0.25  # film 1 is four deciles from 1.5e6, film 0 is of unknown decile
    at_budget = np.array([unknown * fade**2 + far * fade, unknown * fade**2, far * fade])
    by_hand = {
        "recent_roles": np.log1p(recent),
        "newest_roles": np.log1p([0.5 ** (2 / 1.5) + 0.5 ** (1 / 1.5), 0.5 ** (2 / 1.5), 0.5 ** (1 / 1.5)]),
        "lasting_roles": np.log1p([0.5**0.2 + 0.5**0.1, 0.5**0.2, 0.5**0.1]),
        "roles_in_three_years": np.log1p([2, 1, 1]),
        "roles": np.log1p([2, 1, 1]),
        "years_away": [1, 2, 1],
        "log_years_away": np.log([1, 2, 1]),
        "recent_in_genre": np.log1p(recent),
        "recent_in_genre_squared": np.log1p(recent) ** 2,
        "genre_share": recent / (recent + 0.5),
        "budget_distance": [4, 3, 4],
        "budget_distance_squared": [16, 9, 16],
        "recent_at_budget": np.log1p(at_budget),
        "recent_in_genre_at_budget": np.log1p(at_budget),
        "billing_share": np.array([recent[0], fade**2 / 2, fade / 2]) / (recent + 0.5),
        "leading_share": np.array([recent[0], 0, 0]) / (recent + 0.5),
        "past_resonance": [0.5 * fade**2 / (fade**2 + 0.5), 0.5 * fade**2 / (fade**2 + 0.5), 0],
        "films_with_director": np.log1p([2, 1, 1]),
        "recent_with_director": np.log1p(recent),
        "knows_director": [1, 1, 1],
    }
    rows = terms(history, np.ones(1), 1.5e6, 0, np.array([0, 1, 2]))
    assert list(by_hand) == list(TERMS)
    for place, (name, expected) in enumerate(by_hand.items()):
        assert rows[:, place] == pytest.approx(expected, abs=1e-12), name
    strangers = terms(history, np.ones(1), 1.5e6, -1, np.array([0, 1, 2]))
    assert np.flatnonzero((strangers != rows).any(axis=0)).tolist() == [17, 18, 19]


def test_costars_are_counted_in_earlier_films() -> None:
    """Before 2002 actor 1 was in film 0 with 0, actor 2 in film 1 with 0; 3 is not known. Nobody worked with 2 but 0."""
    (history,) = histories(small_world(), [2002])
    fade = 0.5**0.25
    of_nobody, of_0, of_both = (costar_terms(history, np.array(codes, dtype=np.int64), np.array([1, 2])) for codes in ([], [0], [0, 1]))
    assert of_nobody.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert of_0 == pytest.approx(np.array([[np.log1p(1), np.log1p(fade**2), 1], [np.log1p(1), np.log1p(fade), 1]]), abs=1e-12)
    assert of_both[1] == pytest.approx(of_0[1], abs=1e-12)  # film 0 is one of 0 and 1, but not of 2


def test_the_casting_head_learns_that_circles_stay_together() -> None:
    """Sixty actors in twenty trios: each film takes one whole trio, whoever directs. The lead tells the others, and nothing else does."""
    chance = np.random.default_rng(3)
    years = np.repeat(np.arange(1990, 2000), 12)
    casts = np.concatenate([3 * trio + chance.permutation(3) for trio in chance.integers(0, 20, 120)])
    nothing, nobody = np.full(120, np.nan), np.full(120, -1)
    data = Filmography.of_roles(years, np.ones((120, 1)), nothing, nobody, nothing, Roles(np.repeat(np.arange(120), 3), casts), 60)
    head = fit_casting(data, 1999, np.random.default_rng(4))
    assert head is not None
    found = {
        (finding.ranking, finding.measure): finding.interval.value
        for finding in measure_costars(data, head, np.flatnonzero(years > 1995), np.random.default_rng(1), 20)
    }
    (history,) = histories(data, [2000])
    beside = head.beside(np.array([0]), history, np.array([1, 2, 3]))
    assert beside[0] > 1 < beside[1] and beside[2] == 0
    assert found["casting_head_with_costars", "recall_at_50"] == 1.0
    assert head.without_director().weights_of_costars == head.weights_of_costars
    earlier = json.loads(head.dump())
    del earlier["weights_of_costars"]
    assert CastingHead.load(json.dumps(earlier).encode()) == replace(head, weights_of_costars=(0.0, 0.0, 0.0))


def test_retrieval_measures_worked_by_hand() -> None:
    """In 2002 actors 0, 1, 2 are known; 1 and 2 of the cast (1, 2, 3) can be found. A head that likes long absence ranks 1, then 0, 2."""
    weights = tuple(float(name == "years_away") for name in TERMS)
    found = measure_retrieval(small_world(), CastingHead(weights, weights), np.array([2]), np.random.default_rng(1), 20)
    values = {(finding.ranking, finding.measure): finding.interval.value for finding in found}
    assert values["all", "known_share"] == pytest.approx(2 / 3)
    assert values["casting_head", "recall_at_50"] == 1.0
    assert values["casting_head", "mrr"] == 1.0
    ideal = 1 + 1 / math.log2(3)
    assert values["casting_head", "ndcg_at_10"] == pytest.approx((1 + 1 / math.log2(4)) / ideal)
    assert values["casting_head", "coverage"] == 1.0
    assert values["casting_head", "newcomer_share"] == 1.0


def test_the_casting_head_learns_who_is_cast_and_needs_no_director_for_it() -> None:
    """Of 60 actors each film takes three of its director's own four: history with the director is all there is to learn."""
    chance = np.random.default_rng(12)
    years = np.repeat(np.arange(1990, 2000), 12)
    directors = np.tile(np.arange(12), 10)
    casts = np.concatenate([4 * director + chance.choice(4, 3, replace=False) for director in directors])
    nothing = np.full(120, np.nan)
    data = Filmography.of_roles(years, np.ones((120, 1)), nothing, directors, nothing, Roles(np.repeat(np.arange(120), 3), casts), 60)
    head = fit_casting(data, 1999, np.random.default_rng(13))
    assert head is not None and fit_casting(data, 1989, np.random.default_rng(13)) is None
    (history,) = histories(data, [2000])
    best = history.known[np.argsort(-head(terms(history, np.ones(1), float("nan"), 5, history.known)))[:4]]
    assert sorted(best.tolist()) == [20, 21, 22, 23]
    alone = head.without_director()
    rows = [terms(history, np.ones(1), float("nan"), director, history.known) for director in (5, -1)]
    assert alone(rows[0]) == pytest.approx(alone(rows[1]))
    assert CastingHead.load(head.dump()) == head
    with pytest.raises(artefacts.ArtefactError, match="fitted on other terms"):
        CastingHead.load(head.dump().replace(b"recent_roles", b"recent_rolls"))


def test_a_history_shorter_than_what_the_casting_head_looks_back_on_is_learnt_from() -> None:
    """Before its first year nobody has worked with any director: that year teaches nothing, the others do."""
    year, cast = np.repeat([2000, 2001, 2002], 4), np.tile([0, 1, 2, 3, 0, 1, 4, 5], 6)[:24]
    nothing = np.full(12, np.nan)
    nobody, acting = np.zeros(12, dtype=np.int64), Roles(np.repeat(np.arange(12), 2), cast)
    data = Filmography.of_roles(year, np.ones((12, 1)), nothing, nobody, nothing, acting, 6)
    assert fit_casting(data, 2002, np.random.default_rng(1)) is not None
    assert fit_casting(data, 2000, np.random.default_rng(1)) is None


def test_drawn_actors_stand_for_all_who_were_not_cast() -> None:
    """Of 3,000 actors the first hundred have ten roles each: they are drawn more often, and count for less each time."""
    person = np.concatenate([np.repeat(np.arange(100), 10), np.arange(100, 3000)])
    roles = Roles(np.arange(len(person)), person)
    nothing = np.full(len(person), np.nan)
    data = Filmography.of_roles(
        np.full(len(person), 2000), np.ones((len(person), 1)), nothing, np.zeros(len(person), dtype=np.int64), nothing, roles, 3000
    )
    (history,) = histories(data, [2001])
    chance, cast = np.random.default_rng(15), np.array([3, 2500])
    drawn = [draw(history, cast, chance) for _ in range(200)]
    assert all(is_cast.sum() == 2 and (count[is_cast] == 1).all() for _, is_cast, count in drawn)
    busy = np.mean([count[(people < 100)].sum() for people, _, count in drawn])
    others = np.mean([count[(people >= 100)].sum() for people, _, count in drawn])
    assert busy == pytest.approx(100, rel=0.05)
    assert others == pytest.approx(2900, rel=0.05)
    assert np.mean([len(people) for people, _, _ in drawn]) < 1.1 * NEGATIVES


def test_the_best_are_those_of_a_whole_sort_ties_by_place() -> None:
    chance = np.random.default_rng(14)
    for count in (0, 1, 3, 50, 80):
        score = np.round(chance.random(60), 1)
        assert best(score, count).tolist() == np.argsort(-score, kind="stable")[:count].tolist()


def test_another_budget_in_rows_of_terms_is_the_row_of_that_budget() -> None:
    (history,) = histories(small_world(), [2002])
    genres, actors = np.ones(1), history.known
    rows = terms(history, genres, 1e6, 0, actors)
    assert np.array_equal(with_budget(rows, history, genres, 3e6, actors), terms(history, genres, 3e6, 0, actors))


def test_draws_of_films_are_draws_of_their_rows() -> None:
    """A film drawn twice is as if its rows stood there twice."""
    truth, probability, _ = scores(15, rows=120)
    film, counts = np.repeat(np.arange(40), 3), np.random.default_rng(16).integers(0, 4, (5, 40)).astype(float)
    for measure in (measures.auroc, measures.average_precision, measures.brier, measures.ece):
        drawn = measure(truth, probability, Weights(counts, film))
        for number, times in enumerate(counts):
            rows = np.repeat(np.arange(120), times[film].astype(int))
            assert drawn[number] == pytest.approx(measure(truth[rows], probability[rows], Weights.even(len(rows)))[0], abs=1e-12)
    assert measures.auroc(truth, probability, Weights(np.zeros((1, 40)), film)).tolist() == pytest.approx([np.nan], nan_ok=True)


def rows_to_learn_from() -> Rows:
    """Return 300 rows of 100 films: three credits each, the fit years before 2000."""
    film, person = np.repeat(np.arange(100), 3), np.tile(np.arange(3), 100)
    chance = np.random.default_rng(17)
    frame = pd.DataFrame({
        "film_id": [f"f{number:03d}" for number in film], "person_id": [f"p{number}" for number in person], "director_id": None,
        "film_year": 1990 + film // 10, "split": np.where(film < 80, "fit", "validation"), "resonance": 0.0,
        "high_resonance": (film % 3 == 0).astype(int), "over_budget_peer": 0, "x": chance.random(300), "pair_lift": np.nan,
    })  # fmt: skip
    return Rows.of(frame, ["x", "pair_lift"])


def test_above_the_limit_heads_learn_from_whole_films_drawn_by_seed_and_below_it_from_all() -> None:
    rows = rows_to_learn_from()
    assert rows.at_most(300, 7) is rows
    some = rows.at_most(150, 7)
    assert 135 <= len(some) <= 150 and (some.frame.groupby("film_id").size() == 3).all()
    assert some.frame.equals(rows.at_most(150, 7).frame) and not some.frame.equals(rows.at_most(150, 8).frame)
    assert set(rows.at_most(60, 7).films) < set(some.films)
    settings = Settings.read(json.dumps({"vars": dict.fromkeys(Settings.model_fields, 1) | {"fit_rows_limit": 120}}))
    assert (
        len(learnt_from("high_resonance", rows, settings))
        <= 120
        < len(learnt_from("high_resonance", rows, settings.model_copy(update={"fit_rows_limit": 240})))
    )


def test_members_say_what_scikit_learn_says() -> None:
    chance = np.random.default_rng(18)
    values = np.where(chance.random((5003, 4)) < 0.2, np.nan, chance.normal(size=(5003, 4)))
    values[:, 3] = 1.0  # never unknown, and always the same
    truth = (np.nan_to_num(values[:, 0]) + chance.normal(size=len(values)) > 0).astype(np.int64)
    for name, (make, _) in fitting._MEMBERS.items():
        theirs = make(900, 7).fit(values[:900], truth[:900]).predict_proba(values)[:, 1]
        head = fit_head(name, "abcd", values[:900], truth[:900], np.full(900, 1999), 7)
        assert head.logits(values) == pytest.approx(logit(np.clip(theirs, 0.005, 0.995)), abs=1e-12)
        assert np.array_equal(head.logits(values)[:200], head.logits(values[:200]))
