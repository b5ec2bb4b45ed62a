"""Every way of asking: which head answers, from which rows; one forecast; and what is said where nothing is proven."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from callsheet.resonance.slates import measuring
from callsheet.resonance.slates.briefs import Brief, parse_brief
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.make_slate import recommend
from callsheet.resonance.slates.scoring import Scorer
from callsheet.resonance.training.calibration import sigmoid
from callsheet.resonance.training.measures import FilmBootstrap, Interval, Weights, calibration_line, ece_of_the_perfect
from callsheet.resonance.training.rows import group_of
from callsheet.resonance.training.serving import (
    ACTOR_WEIGHTS,
    HEADS,
    PLAUSIBILITY_WEIGHTS,
    Serving,
    choose_actor_weight,
    choose_plausibility,
    features_of,
    gain_over_budget,
    slope_of_effect,
)
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import Workspace

YEAR = 2006


@pytest.fixture(scope="module")
def sample(sample_workspace: Workspace) -> Catalogue:
    return Catalogue.open(sample_workspace.database)


def asked(catalogue: Catalogue, **fields: Any) -> Brief:
    return parse_brief({"year": YEAR, "budget": 20, "genres": "Action,Thriller", **fields}, catalogue.known)


def busiest_director(catalogue: Catalogue) -> str:
    past = catalogue.past(YEAR)
    busiest = int(np.argmax(past.directors.at("credit_count", past.directors.codes)))
    return str(catalogue.people.ids[past.directors.codes[busiest]])


# ── which head answers ──


def test_a_head_never_learns_what_its_briefs_do_not_name(sample: Catalogue) -> None:
    heads = sample.served(YEAR).heads
    assert set(heads) == set(HEADS)
    for name, (has_director, has_budget, has_keywords) in HEADS.items():
        of = {group_of(feature) for feature in heads[name].features}
        assert ({"director", "pair"} <= of) == has_director and (has_director or not {"director", "pair"} & of)
        assert ({"log_budget", "bfd", "peer_resonance"} <= set(heads[name].features)) == has_budget
        assert ("keyword_mean" in heads[name].features) == has_keywords
    assert features_of("actor_head_without_director", ["atr3", "dtr3", "pair_mean", "director_mean", "bfd"]) == ["atr3", "bfd"]


@pytest.mark.parametrize("named", HEADS.values())
def test_a_brief_is_answered_by_the_head_for_what_it_names(sample: Catalogue, named: tuple[bool, bool, bool]) -> None:
    has_director, has_budget, has_keywords = named
    fields = ({"director": busiest_director(sample)} if has_director else {}) | ({} if has_budget else {"budget": None})
    fields |= {"keywords": "Heist  in the city"} if has_keywords else {}
    scorer = Scorer(sample.view(YEAR), asked(sample, **fields))
    assert HEADS[scorer.head_name] == named
    people = sample.past(YEAR).actors.codes[:20]
    scored = scorer.score(1, people)
    head = scorer.model.heads[scorer.head_name]
    places = [sample.actor_features.index(name) for name in head.features]
    assert scored.p_base == pytest.approx(sigmoid(head.logits(scored.values[:, places])), abs=1e-12)
    assert scored.p_cal == pytest.approx(scorer.model.calibrations[scorer.head_name](scored.odds), abs=1e-12)


def test_rows_of_the_whole_brief_are_those_of_a_brief_that_hides_a_field(sample: Catalogue) -> None:
    """What is measured is what is served: a head reads the same columns, whether the brief hid a field or its films' rows are taken."""
    past = sample.past(YEAR)
    whole = Scorer(sample.view(YEAR), asked(sample, director=busiest_director(sample))).rows(1, past.actors.codes)
    for fields in ({}, {"budget": None}, {"budget": None, "director": busiest_director(sample)}):
        scorer = Scorer(sample.view(YEAR), asked(sample, **fields))
        places = [sample.actor_features.index(name) for name in scorer.head.features]
        assert scorer.rows(1, past.actors.codes)[:, places] == pytest.approx(whole[:, places], abs=0, nan_ok=True)
    places = [sample.actor_features.index("log_budget")]
    hidden = Scorer(sample.view(YEAR), asked(sample, budget=None)).rows(1, past.actors.codes)
    assert not np.array_equal(hidden[:, places], whole[:, places], equal_nan=True)  # a column that hangs on it does differ


def test_keywords_count_by_what_films_with_them_did(sample: Catalogue) -> None:
    past = sample.past(YEAR)
    means = {word: past.keyword_mean((number,)) for word, number in sample.keywords.items()}
    worst, *_, best = sorted(means, key=lambda word: means[word])
    slates = {word: recommend(sample, asked(sample, keywords=word)) for word in ("", worst, best)}
    p = {word: slate.forecast.p or 0.0 for word, slate in slates.items()}
    assert p[worst] < p[""] < p[best]  # the sample's keywords give away how its films did
    assert slates[best].brief.keywords == (best,) and slates[""].brief == asked(sample)
    both = Scorer(sample.view(YEAR), asked(sample, keywords=f"{best}, {worst}, never heard of"))
    assert both.past.keyword_mean(both.film.keywords) == pytest.approx((means[best] + means[worst]) / 2, abs=1e-9)


def test_keywords_that_cannot_count_are_named(sample: Catalogue) -> None:
    unheard, known = "never heard of", next(iter(sample.keywords))
    slate, plain = recommend(sample, asked(sample, keywords=unheard)), recommend(sample, asked(sample))
    assert [row["p_high"] for row in slate.rows] == [row["p_high"] for row in plain.rows]
    assert f"No earlier film with a known result has the keyword {unheard}: nothing is made of it." in slate.notes
    without_budget = recommend(sample, asked(sample, keywords=known, budget=None))
    assert "Keywords count only where the budget is named: the brief is answered without them." in without_budget.notes


def test_a_debut_is_known_to_have_no_films_and_not_unknown(sample: Catalogue) -> None:
    late = next(iter(sorted(set(sample.known.directors) - {sample.people.ids[code] for code in sample.past(YEAR).directors.codes})))
    rows = {}
    for name, fields in {"named": {"director": late}, "said": {"debut_director": "yes"}, "none": {}}.items():
        scorer = Scorer(sample.view(YEAR), asked(sample, **fields))
        rows[name] = scorer.rows(1, sample.past(YEAR).actors.codes)
        assert scorer.head_name == ("actor_head_without_director" if name == "none" else "actor_head")
        assert scorer.is_debut == (name != "none")
    counts = [sample.actor_features.index(name) for name in ("director_credit_count", "pair_count")]
    assert rows["named"] == pytest.approx(rows["said"], abs=0, nan_ok=True)
    assert (rows["said"][:, counts] == 0).all() and np.isnan(rows["none"][:, counts]).all()
    assert "The director has no earlier film: the brief is answered as a debut." in recommend(sample, asked(sample, director=late)).notes
    with pytest.raises(UnusableInputError, match="names a director and says that it is a debut"):
        asked(sample, director=late, debut_director=True)


def test_a_brief_ahead_of_the_data_is_answered_as_of_its_end_and_says_so(sample: Catalogue) -> None:
    ahead = recommend(sample, asked(sample, year=2013))
    next_year = recommend(sample, asked(sample, year=2010))
    assert [row["p_base"] for row in ahead.ranking] == [row["p_base"] for row in next_year.ranking]
    assert "The data end before 2010: the brief is answered as of then, 3 years before the film's own." in ahead.notes


def test_what_an_earlier_version_published_still_answers(sample: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    served = sample.served(YEAR)
    old = replace(served, heads={"actor_head": served.heads["actor_head"]}, actor_weights={}, serving=Serving())
    monkeypatch.setattr(sample, "served", lambda _year: old)
    slate = recommend(sample, asked(sample, keywords="heist in the city"))
    assert len(slate.rows) == 15 and slate.forecast.warning is None
    assert all(row["plausibility"] == row["actor_shift"] == 0 for row in slate.rows)


# ── the forecast, and what stands above it ──


def test_the_forecast_is_the_mean_odds_of_the_slate_on_its_curve(sample: Catalogue) -> None:
    slate = recommend(sample, asked(sample, director=busiest_director(sample)))
    model = sample.served(YEAR)
    logits = np.log([row["p_base"] / (1 - row["p_base"]) for row in slate.rows])
    shifts = [row["cycle_shift"] + row["synergy_shift"] + row["actor_shift"] for row in slate.rows]
    assert slate.forecast.p == pytest.approx(model.calibrations["actor_head"](np.array([(logits + shifts).mean()]))[0], abs=1e-9)
    assert slate.forecast.p is not None and slate.forecast.low is not None and slate.forecast.high is not None
    assert slate.forecast.low < slate.forecast.p < slate.forecast.high
    years = [film["film_year"] for film in slate.forecast.comparables]
    assert years and max(years) < YEAR
    likenesses = [film["likeness"] for film in slate.forecast.comparables]
    assert likenesses == sorted(likenesses, reverse=True) and min(likenesses) > 0


@pytest.mark.parametrize(("gain", "is_said"), [(Interval(0.05, 0.01, 0.09), False), (Interval(0.05, -0.01, 0.09), True)])
def test_a_head_no_better_than_budget_gives_no_reason_of_the_outcome(
    sample: Catalogue, monkeypatch: pytest.MonkeyPatch, gain: Interval, is_said: bool
) -> None:
    served = sample.served(YEAR)
    proven = {"actor_head_without_director": {"actor": Interval(1.0, 0.5, 1.5)}}
    serving = replace(served.serving, over_budget={"actor_head_without_director": gain}, effects=proven)
    monkeypatch.setattr(sample, "served", lambda _year: replace(served, serving=serving))
    slate = recommend(sample, asked(sample))
    assert (slate.forecast.warning is not None) == is_said == (slate.forecast.lines[0] == slate.forecast.warning)
    assert {reason["about"] for reason in slate.reasons} == ({"actor"} if is_said else {"actor", "pair", "director", "film"})
    assert {reason["feature"] for reason in slate.reasons if is_said} <= {"plausibility"}


# ── measures, against worked values ──


def test_the_line_of_calibration_is_found_in_every_draw() -> None:
    chance = np.random.default_rng(3)
    odds = chance.normal(0, 1.5, 40_000)
    truth = (chance.random(len(odds)) < sigmoid(0.5 * odds - 0.3)).astype(np.int64)
    slope, intercept = calibration_line(truth, sigmoid(odds), Weights.even(len(odds)))
    assert slope[0] == pytest.approx(0.5, abs=0.03) and intercept[0] == pytest.approx(-0.3, abs=0.03)
    found = FilmBootstrap(np.arange(len(odds)).astype(str), 20, chance).lines(truth, sigmoid(odds))[0]
    assert found.low is not None and found.high is not None and found.low < 0.5 < found.high
    assert np.isnan(calibration_line(np.ones(3, dtype=np.int64), np.array([0.2, 0.3, 0.4]), Weights.even(3))[0][0])


def test_even_a_perfect_forecaster_has_an_ece() -> None:
    probability, films = np.full(100, 0.5), np.arange(100).astype(str)
    found = ece_of_the_perfect(probability, films, 400, np.random.default_rng(1))
    mean_of_a_half_normal = np.sqrt(0.25 / 100) * np.sqrt(2 / np.pi)
    assert found.value is not None and found.value == pytest.approx(mean_of_a_half_normal, rel=0.1)
    shared = ece_of_the_perfect(probability, np.repeat(["a", "b", "c", "d"], 25), 400, np.random.default_rng(1))
    assert shared.value is not None and shared.value > 3 * found.value  # a film's rows share its outcome


def test_the_slope_of_an_effect_says_how_far_it_came_true() -> None:
    chance = np.random.default_rng(6)
    rest, effect = chance.normal(0, 1, 20_000), chance.normal(0, 0.5, 20_000)
    films = np.arange(20_000).astype(str)
    for true in (1.0, 0.0):
        truth = (chance.random(20_000) < sigmoid(rest + true * effect)).astype(np.int64)
        found = slope_of_effect(rest + effect, rest, truth, films)
        assert found is not None and found.low is not None and found.high is not None
        assert found.low < true < found.high and (found.low > 0) == (true == 1.0)
        assert choose_actor_weight(rest + effect, rest, truth, films) == 0.5 * true  # at most half of it counts
    assert slope_of_effect(rest, rest, truth, films) is None


def test_the_smallest_weight_that_finds_as_many_as_the_casting_head_is_chosen() -> None:
    recalls = np.tile(np.array([[0.0], [0.1], [0.2], [0.3], [0.3], [0.3], [0.25]]), (1, 50))
    assert choose_plausibility(recalls, np.full(50, 0.2))[0] == PLAUSIBILITY_WEIGHTS[2]
    assert choose_plausibility(recalls, np.full(50, 0.21))[0] == PLAUSIBILITY_WEIGHTS[3]
    assert choose_plausibility(recalls, np.full(50, 0.9))[0] == PLAUSIBILITY_WEIGHTS[3]  # none does: the best
    assert choose_plausibility(np.zeros((7, 0)), np.zeros(0)) == (0.0, ()) and ACTOR_WEIGHTS[0] == 0


def test_gain_over_budget_is_paired() -> None:
    chance = np.random.default_rng(2)
    budget = chance.normal(0, 1, 600)
    truth = (chance.random(600) < sigmoid(budget)).astype(np.int64)
    films = FilmBootstrap(np.arange(600).astype(str), 100, chance)
    assert gain_over_budget(truth, budget, budget, films) == Interval(0.0, 0.0, 0.0)
    worse = gain_over_budget(truth, -budget, budget, films)
    assert worse.high is not None and worse.high < 0


def test_an_order_is_measured_by_hand() -> None:
    order, cast = np.array([7, 3, 9, *range(100, 147)]), np.array([3, 146, 500])
    found = measuring.of_order(order, cast)
    assert found["recall_at_15"] == pytest.approx(1 / 3) and found["recall_at_50"] == pytest.approx(2 / 3) and found["mrr"] == 0.5
    assert found["ndcg_at_15"] == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3) + 0.5))
