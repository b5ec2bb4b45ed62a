"""Resonance, states, features and labels on worlds small enough to be worked out by hand."""

import math
from statistics import mean, pstdev
from typing import Any

import numpy as np
import pandas as pd
import pytest
from callsheet.resonance.films.world import Recipe, make_world
from callsheet.resonance.training.rows import Rows
from callsheet.runtime.errors import CallsheetError
from scipy.stats import spearmanr

from tests.python.film_workspace import QUARANTINED, FilmWorkspace

M = 1_000_000


def film(*facts_in_order: Any) -> list[dict[str, Any]]:
    """Return the long table's lines of one film: id, year, budget, genres, director, cast, resonance."""
    facts = dict(zip(("title_id", "year", "budget", "genres", "director", "cast", "resonance"), facts_in_order, strict=True))
    cast = facts.pop("cast")
    return [{**facts, "actor": actor, "bill_order": place} for place, actor in enumerate(cast.split(), start=1)]


HAND = [
    *film("A", 2000, 10 * M, "Action", "Dana", "ann bob", 0.5),
    *film("B", 2000, 20 * M, "Drama", "Eve", "ann", -0.1),
    *film("C", 2001, 40 * M, "Action|Drama", "Dana", "bob ann cy", 1.0),
    *film("D", 2001, 0, "Comedy", "Eve", "cy", None),
    *film("E", 2002, 20 * M, "Drama|Comedy", "Dana", "ann cy", 0.4),
    *film("F", 2003, 25 * M, "Drama", "Fay", "bob", -0.3),
    *film("G", 2004, 30 * M, "Action", "Fay", "ann bob dee", -0.6),
    *film("H", 2005, 15 * M, "Action", "Dana", "ann dee gus", 0.8),
    *film("I", 2006, 50 * M, "Mockumentary", "", "gus", 0.1),
]


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> FilmWorkspace:
    """Build the nine films; the fit years end in 2003."""
    workspace = FilmWorkspace(tmp_path_factory.mktemp("hand")).land_rows(HAND)
    return workspace.build(resonance_train_cutoff_year=2004, resonance_validation_years=1)


def row(table: pd.DataFrame, **keys: Any) -> dict[str, Any]:
    """Return the one row with these keys; missing values as None."""
    for name, value in keys.items():
        table = table[table[name] == value]
    (only,) = table.to_dict("records")
    return {str(name): None if pd.isna(value) is True else value for name, value in only.items()}


# Before 2005 six films have a resonance: .5 -.1 1.0 .4 -.3 -.6, sum .9, so the mean all is shrunk to is .15.
# Ann's are A B C E G: .5 -.1 1.0 .4 -.6, sum 1.2; Dana's and the pair's are A C E, sum 1.9.
# Budget ranks: C over {10 20} = 1 (decile 10); E equal to one, over one of {10 20 40} = .5 (decile 6); F over 3 of {10 20 40 20} = .75 (8);
# G over 2 of {40 20 25} = 2/3 (7); H under {20 25 30} = 0 (1).
# No decile repeats among rated films before 2005, so peers are the mean of all before: C .2, E 1.4/3, F 1.8/4, G 1.5/5.
H_ANN = {
    "atr3": (0.8 + 2 * 0.15) / 5,
    "actor_mean": (1.2 + 2 * 0.15) / 7,
    "actor_genre_mean": (0.5 + 1.0 - 0.6 + 2 * 0.15) / 5,
    "actor_residual": ((1.0 - 0.2) + (0.4 - 1.4 / 3) + (-0.6 - 0.3)) / 5,
    "actor_last_resonance": -0.6,
    "actor_years_since_last": 1,
    "actor_credit_count": 5,
    "actor_rated_count": 5,
    "actor_billing_mean": (1 + 1 + 2 + 1 + 1) / 5,
    "release_density": 2,
    "bfd": 7 - 1,
    "genre_action_aff": 3 / 5,
    "genre_drama_aff": 3 / 5,
    "genre_comedy_aff": 1 / 5,
    "genre_horror_aff": 0.0,
    "genre_action": 1,
    "genre_drama": 0,
    "genre_count": 1,
    "genre_mean": (0.5 + 1.0 - 0.6 + 2 * 0.15) / 5,
    "peer_resonance": 0.15,
    "bill_order": 1,
    "log_budget": math.log(15 * M),
    "budget_year_pct": 0.0,
    "is_budget_known": True,
    "year_sin": math.sin(2 * math.pi * 2005 / 11),
    "year_cos": math.cos(2 * math.pi * 2005 / 11),
    "director_credit_count": 3,
    "dtr3": (1.9 + 0.3) / 5,
    "director_mean": (1.9 + 0.3) / 5,
    "director_genre_mean": (1.9 - 0.4 + 0.3) / 4,
    "director_residual": ((1.0 - 0.2) + (0.4 - 1.4 / 3)) / 4,
    "director_last_resonance": 0.4,
    "director_best_resonance": 1.0,
    "director_years_since_last": 3,
    "pair_count": 3,
    "pair_mean": (1.9 + 0.3) / 5,
    "pair_lift": (1.9 / 3 - 0.15) * 3 / 5,
    # The resonance was supplied, so nothing is known of revenue and rating.
    **dict.fromkeys(("actor_revenue", "actor_rating", "director_revenue", "director_rating")),
    "keyword_mean": None,  # the table has no keywords
    "resonance": 0.8,
    "director_id": "dana",
}


def test_every_feature_is_what_the_films_before_it_say(hand: FilmWorkspace) -> None:
    got = row(hand.table("int_resonance__features"), film_id="H", person_id="ann")
    for name, expected in H_ANN.items():
        assert got[name] == (expected if isinstance(expected, str) or expected is None else pytest.approx(expected, abs=1e-9)), name
    affinities = {name for name in got if name.endswith("_aff")}
    assert len(affinities) == 18
    assert set(H_ANN) | affinities | {name for name in got if name.startswith("genre_")} >= set(
        hand.table("feature_contract", "resonance")["feature"]
    ) & set(got)


def test_a_newcomer_has_counts_of_zero_and_no_history(hand: FilmWorkspace) -> None:
    got = row(hand.table("int_resonance__features"), film_id="H", person_id="gus")
    assert (got["actor_credit_count"], got["actor_rated_count"], got["release_density"], got["pair_count"]) == (0, 0, 0, 0)
    personal = [n for n in got if n.startswith(("actor_", "atr3", "bfd", "pair_")) and not n.endswith("_count")] + ["genre_action_aff"]
    assert {got[name] for name in personal} == {None}
    assert got["dtr3"] == pytest.approx(0.44)


def test_an_unseen_genre_an_unknown_director_and_a_known_peer(hand: FilmWorkspace) -> None:
    got = row(hand.table("int_resonance__features"), film_id="I", person_id="gus")
    assert {got[name] for name in got if name.startswith("genre_") and not name.endswith("_aff")} == {None}
    assert (got["genre_action_aff"], got["genre_drama_aff"]) == (1.0, 0.0)
    assert {got[name] for name in ("director_id", "director_credit_count", "dtr3", "pair_count", "pair_mean", "actor_genre_mean")} == {None}
    # Before 2006: seven films, sum 1.7. The film is dearer than those before it, as C was, whose resonance is 1.
    assert got["peer_resonance"] == pytest.approx((1.0 + 2 * 1.7 / 7) / 3)
    assert got["actor_mean"] == pytest.approx((0.8 + 2 * 1.7 / 7) / 3)


def test_a_film_without_resonance_counts_as_a_credit(hand: FilmWorkspace) -> None:
    got = row(hand.table("int_resonance__features"), film_id="E", person_id="cy")
    assert (got["actor_credit_count"], got["actor_rated_count"], got["release_density"]) == (2, 1, 2)
    assert got["actor_mean"] == pytest.approx((1.0 + 2 * 1.4 / 3) / 3)
    # Drama: B and C, sum .9, shrunk to 1.4/3. Comedy has a film, but none that tells anything.
    assert got["genre_mean"] == pytest.approx(((0.9 + 2 * 1.4 / 3) / 4 + 1.4 / 3) / 2)
    assert got["actor_genre_mean"] == pytest.approx((1.0 + 2 * 1.4 / 3) / 3)
    assert row(hand.table("int_resonance__features"), film_id="D", person_id="cy")["resonance"] is None


def test_labels_come_from_the_fit_years(hand: FilmWorkspace) -> None:
    thresholds = hand.table("label_thresholds", "resonance")
    # Fit films A B C E F: -.3 -.1 .4 .5 1.0. Budgets 10 20 20 25 40: edges 14 18 20 20 20 22 24 28 34.
    assert row(thresholds, label="high_resonance")["threshold"] == pytest.approx(0.5)
    peers = {int(bin_): (None if pd.isna(t) else round(t, 9), n) for bin_, t, n in
             thresholds.dropna(subset="budget_bin")[["budget_bin", "threshold", "film_count"]].itertuples(index=False)}  # fmt: skip
    assert peers == {
        **dict.fromkeys((0, 2, 4, 5, 6, 7, 9), (None, 0)),
        1: (0.5, 1), 3: (0.275, 2), 8: (-0.3, 1), 10: (1.0, 1),
    }  # fmt: skip
    features = hand.table("int_resonance__features")
    labels = {
        f: (row(features, film_id=f, person_id=p)["high_resonance"], row(features, film_id=f, person_id=p)["over_budget_peer"])
        for f, p in (("A", "ann"), ("B", "ann"), ("D", "cy"), ("E", "ann"), ("H", "ann"), ("I", "gus"))
    }
    assert labels == {"A": (1, 1), "B": (0, 0), "D": (None, None), "E": (0, 1), "H": (1, None), "I": (0, 0)}
    splits = dict(hand.rows("select distinct film_year, split from intermediate.int_resonance__features"))
    assert splits == {2000: "fit", 2001: "fit", 2002: "fit", 2003: "fit", 2004: "validation", 2005: "holdout", 2006: "holdout"}


def test_director_features_are_those_of_the_director(hand: FilmWorkspace) -> None:
    got = row(hand.table("int_resonance__director_features"), film_id="H", director_id="dana")
    # Dana's deciles: A has none, C 10, E 6: median 8.
    expected = {**{n: v for n, v in H_ANN.items() if n.startswith(("director_", "dtr3", "genre_mean"))}, "release_density": 1, "bfd": 8 - 1}
    assert {name: got[name] for name in expected} == {n: v if isinstance(v, str) else pytest.approx(v) for n, v in expected.items()}
    assert got["genre_action_aff"] == pytest.approx(2 / 3)


def test_every_year_after_a_first_film_has_a_state(hand: FilmWorkspace) -> None:
    states = hand.table("person_states", "resonance").query("person_id == 'bob' and job == 'cast'").sort_values("as_of_year")
    assert states["as_of_year"].tolist() == [2001, 2002, 2003, 2004, 2005, 2006, 2007]
    assert states["credit_count"].tolist() == [1, 2, 2, 3, 4, 4, 4]
    assert states["recent_credit_count"].tolist() == [1, 2, 2, 2, 2, 2, 1]
    assert states["last_year"].tolist() == [2000, 2001, 2001, 2003, 2004, 2004, 2004]
    assert states["last_three_mean"].round(9).tolist() == [0.5, 0.75, 0.75, 0.4, round(0.1 / 3, 9), round(0.1 / 3, 9), round(0.1 / 3, 9)]
    pairs = hand.table("pair_states", "resonance").query("person_id == 'bob' and director_id == 'dana'").sort_values("as_of_year")
    assert pairs[["as_of_year", "until_year", "film_count"]].to_numpy().tolist() == [[2001, 2001, 1], [2002, 2007, 2]]


def test_the_casting_head_reads_films_as_they_are(hand: FilmWorkspace) -> None:
    """Genres are the 18 of the list: features whose names begin alike (genre_mean, genre_count) are none."""
    contract = hand.table("feature_contract", "resonance").query("head == 'actor'").sort_values("position")
    films = Rows.of(hand.table("int_resonance__features"), contract["feature"].tolist()).filmography()
    assert films.year.tolist() == [2000, 2000, 2001, 2001, 2002, 2003, 2004, 2005, 2006]
    assert (films.genres.shape, films.genres.sum(axis=1).tolist()) == ((9, 18), [1, 1, 2, 1, 2, 1, 1, 1, 0])
    assert np.nan_to_num(films.decile).tolist() == [0, 0, 10, 0, 6, 8, 7, 1, 10]
    assert films.acting.billing.tolist() == [1, 2, 1, 1, 2, 3, 1, 1, 2, 1, 1, 2, 3, 1, 2, 3, 1]
    assert np.isnan(films.resonance).tolist() == [False] * 3 + [True] + [False] * 5


def test_nothing_before_the_first_year(hand: FilmWorkspace) -> None:
    got = row(hand.table("int_resonance__features"), film_id="B", person_id="ann")
    assert {got[name] for name in ("atr3", "actor_mean", "peer_resonance", "budget_year_pct", "genre_mean", "bfd")} == {None}
    assert (got["actor_credit_count"], got["resonance"]) == (0, -0.1)


@pytest.mark.long
def test_a_cutoff_outside_the_data_is_told_in_a_sentence(hand: FilmWorkspace) -> None:
    narrow = (
        "--select",
        "int_resonance__check_data",
        "label_thresholds",
        "int_resonance__films",
        "int_resonance__features",
    )
    try:
        hand.build(*narrow, resonance_train_cutoff_year=2030)
        messages = dict(hand.rows("select subject, message from intermediate.int_resonance__check_data where kind = 'split empty'"))
        assert set(messages) == {"validation", "holdout"}
        assert "films from 2000 to 2006, choose another resonance_train_cutoff_year than 2030" in messages["holdout"]
        hand.build(*narrow, resonance_train_cutoff_year=1990)
        messages = dict(hand.rows("select subject, message from intermediate.int_resonance__check_data where kind = 'split empty'"))
        assert set(messages) == {"fit", "validation"}
        assert hand.rows("select count(high_resonance), count(over_budget_peer), count(*) from intermediate.int_resonance__features") == [
            (0, 0, 17)
        ]
        with pytest.raises(CallsheetError, match="resonance_train_cutoff_year is 'soon': give a whole number"):
            hand.build(*narrow, resonance_train_cutoff_year="soon")
    finally:
        hand.build(*narrow, resonance_train_cutoff_year=2004, resonance_validation_years=1)


def measured(title_id: str, year: int, revenue: float, rating: float) -> dict[str, Any]:
    return {"title_id": title_id, "actor": "zoe", "year": year, "revenue": revenue, "rating": rating, "vote_count": 9, "bill_order": 1}


@pytest.fixture(scope="module")
def scaled() -> list[dict[str, Any]]:
    """Return films whose scales differ: wild ones long ago, twenty tame ones in 2001–2003, and some of 2004."""
    wild = [measured(f"w{i}", 1990, 10.0 ** (4 + i), 1 + i) for i in range(5)]
    tame = [measured(f"t{i}", 2001 + i % 3, 1000 * (i + 3) ** 2, 5 + i / 10) for i in range(20)]
    return [*wild, *tame, measured("late", 2004, 5_000_000, 9.0), measured("unrated", 2004, 5_000_000, 0), measured("poor", 2004, 999, 5.0)]


def z(value: float, reference: list[float]) -> float:
    return (value - mean(reference)) / pstdev(reference)


def test_resonance_is_measured_against_the_three_years_before(
    scaled: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = (
        FilmWorkspace(tmp_path_factory.mktemp("scaled"))
        .land_rows(scaled)
        .build("--select", "+int_resonance__films", resonance_train_cutoff_year=2003)
    )
    got = dict(workspace.rows("select film_id, resonance from intermediate.int_resonance__films"))
    tame, wild = ([f for f in scaled if f["title_id"][0] == kind] for kind in "tw")
    logs, ratings = [math.log1p(f["revenue"]) for f in tame], [f["rating"] for f in tame]
    assert got["late"] == pytest.approx((z(math.log1p(5_000_000), logs) + z(9.0, ratings)) / 2, abs=1e-9)
    # Before 2002 the three years hold only the films of 2001: too few, so all earlier ones count, the wild ones too.
    earlier = wild + [f for f in tame if f["year"] == 2001]
    second = next(f for f in tame if f["year"] == 2002)
    expected = z(math.log1p(second["revenue"]), [math.log1p(f["revenue"]) for f in earlier]) + z(
        second["rating"], [f["rating"] for f in earlier]
    )
    assert got[second["title_id"]] == pytest.approx(expected / 2, abs=1e-9)
    assert {got[f["title_id"]] for f in wild} == {None}
    assert (got["unrated"], got["poor"]) == (None, None)


def test_planted_effects_are_found_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In a world of 2,000 films, where people have as many roles as in the sample."""
    world = make_world(5, Recipe(films=2000, actors=1300, directors=260, dirt=False))
    workspace = FilmWorkspace(tmp_path_factory.mktemp("planted")).land_world(world).build("--select", "+person_states")
    states = workspace.table("person_states", "resonance").query("as_of_year == 2010 and resonance_count >= 3")
    names = world.people.assign(key=world.people["name"].str.lower()).set_index("key")["person_id"]
    states = states.assign(person_id=names.reindex(states["person_id"]).to_numpy()).merge(world.truth_people, on=["person_id", "job"])
    found = {job: spearmanr(of_job["resonance_mean"], of_job["effect"]).statistic for job, of_job in states.groupby("job")}
    assert found["cast"] > 0.35
    assert found["director"] > 0.6


@pytest.mark.long
def test_films_without_any_use_end_in_a_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No kept film at all: empty tables and an alert, no error and no silent zero."""
    rows = [{"title_id": "x", "actor": "ann", "year": "", "budget": 5}, {"title_id": "", "actor": "bob", "year": 2000, "budget": 5}]
    workspace = FilmWorkspace(tmp_path_factory.mktemp("empty")).land_rows(rows).build()
    alerts = dict(workspace.rows("select kind, message from intermediate.int_resonance__check_data"))
    assert alerts["nothing to learn from"].startswith("No film was kept: operations.quarantine says why")
    assert workspace.rows("select count(*) from intermediate.int_resonance__features") == [(0,)]
    assert workspace.rows("select distinct reject_reason from intermediate.int_resonance__judge_briefs") == [("brief_unusable",)]
    assert workspace.rows(f"select reject_reason, count(*) from {QUARANTINED} group by all order by all") == [
        ("film_id_missing", 1), ("film_unknown", 2), ("year_unknown", 1),
    ]  # fmt: skip
