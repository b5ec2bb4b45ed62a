"""Leak guards (a), (d), (f) and (g) on the real models, and each shown to catch its leaky twin."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from callsheet.resonance.films.world import Recipe, World, make_world

from tests.leaks import KEYS, Twin, changed, invented
from tests.python.film_workspace import FilmWorkspace

YEAR = 1999
SEED = 20

pytestmark = pytest.mark.long  # three homes are built and trained


def clean_world() -> World:
    """Return a world with some unknown money and ratings, so that nulls take part."""
    world = make_world(SEED, Recipe(films=500, actors=250, directors=50, dirt=False))
    films = world.films
    films.loc[films.index % 11 == 3, "budget"] = "0"
    films.loc[films.index % 13 == 5, "revenue"] = "0"
    films.loc[films.index % 29 == 7, ["rating", "vote_count"]] = ["0", "0"]
    return world


def with_another_future(world: World) -> World:
    """Return the world in which films of the year and later did otherwise, lost a fifth of their number and half of their casts.

    A few films of the year stay as they were: what they are measured against must not know the others.
    """
    chance = np.random.default_rng(1)
    films = world.films.copy()
    unchanged = (films["release_year"].astype(int) == YEAR) & (films.index % 3 == 1)
    future = (films["release_year"].astype(int) >= YEAR) & ~unchanged
    films.loc[future, "revenue"] = chance.integers(10_000, 900_000_000, int(future.sum())).astype(str)
    films.loc[future, "rating"] = chance.uniform(1, 10, int(future.sum())).round(1).astype(str)
    films = films[~future | (films.index % 5 != 0)]
    credits = world.credits[world.credits["film_id"].isin(films["film_id"])]
    late = credits["film_id"].isin(films.loc[films["release_year"].astype(int) >= YEAR, "film_id"])
    dropped = late & (credits["job"] == "cast") & (credits["billing"].astype(int) > 1) & (credits.index % 2 == 0)
    return replace(world, films=films, credits=credits[~dropped])


def as_briefs(world: World) -> World:
    """Return what is known on 1 January of the year: earlier films, and the year's own as briefs, without what became of them."""
    films = world.films[world.films["release_year"].astype(int) <= YEAR].copy()
    asked = films["release_year"].astype(int) == YEAR
    films.loc[asked, ["revenue", "rating", "vote_count"]] = ["0", "0", "0"]
    return replace(world, films=films, credits=world.credits[world.credits["film_id"].isin(films["film_id"])])


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FilmWorkspace]:
    """Build the world as it was, with another future, and as it stood on 1 January of the year."""
    world = clean_world()
    worlds = {"real": world, "altered": with_another_future(world), "served": as_briefs(world)}
    return {name: FilmWorkspace(tmp_path_factory.mktemp(name)).land_world(one).build() for name, one in worlds.items()}


@pytest.fixture(scope="module")
def features(workspaces: dict[str, FilmWorkspace]) -> list[str]:
    """Return the names of the features that do not come from the film's own cast list: bill order does, and the cast was changed."""
    contract = workspaces["real"].table("feature_contract", "resonance")
    return [name for name in contract.loc[contract["head"] == "actor", "feature"] if name != "bill_order"]


RESULTS = ["revenue_nano", "rating_nano", "resonance_nano"]


def alike(real: FilmWorkspace, altered: FilmWorkspace, rated: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of films up to the year that are the same in both worlds, those of the year included."""
    landed = "select film_id, revenue, rating, vote_count from imported.films"
    same = sorted(set(real.rows(landed)) & set(altered.rows(landed)))
    past = up_to_year(rated)
    return past[past["film_id"].isin([row[0] for row in same])]


def up_to_year(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["film_year"] <= YEAR]


def test_a_another_future_changes_no_feature_and_no_scale(workspaces: dict[str, FilmWorkspace], features: list[str]) -> None:
    real, altered = workspaces["real"], workspaces["altered"]
    before, after = (up_to_year(workspace.table("int_resonance__features")) for workspace in (real, altered))
    assert changed(before, after, KEYS, features) == set()
    past = before["film_year"] < YEAR
    assert len(before[past].merge(after, on=KEYS)) == past.sum()
    assert changed(before[past], after, KEYS, ["resonance"]) == set()
    then, later = (alike(real, altered, workspace.table("int_resonance__rate_films")) for workspace in (real, altered))
    assert (then["film_year"] == YEAR).sum() > 3
    assert changed(then, later, ["film_id"], RESULTS) == set()
    for table, keys, columns in (
        ("year_states", ["as_of_year", "kind", "slice"], ["film_count", "resonance_mean"]),
        (
            "person_states",
            ["person_id", "job", "as_of_year"],
            ["credit_count", "resonance_mean", "residual_mean", "last_three_mean"],
        ),
        ("pair_states", ["person_id", "director_id", "as_of_year"], ["film_count", "resonance_mean"]),
    ):
        earlier, later = (workspace.table(table, "resonance").query("as_of_year <= @YEAR") for workspace in (real, altered))
        assert len(earlier) > 0
        assert changed(earlier, later, keys, columns) == set(), table


def test_a_the_altered_future_is_another(workspaces: dict[str, FilmWorkspace], features: list[str]) -> None:
    """Without this the guard would pass on two equal worlds."""
    before, after = (
        workspace.table("int_resonance__features").query("film_year > @YEAR") for workspace in (workspaces["real"], workspaces["altered"])
    )
    assert {"atr3", "dtr3", "actor_mean", "peer_resonance", "genre_mean"} <= changed(before, after, KEYS, features)


FEATURES = "int_resonance__features"
LEAKY_FEATURES = [
    Twin(
        "same-year films in the actor's history", FEATURES, "films.film_year = actor.as_of_year", "films.film_year + 1 = actor.as_of_year"
    ),
    Twin(
        "director history that sees its own film",
        FEATURES,
        "films.film_year = director.as_of_year",
        "films.film_year + 1 = director.as_of_year",
    ),
    Twin(
        "pair history that sees its own film",
        FEATURES,
        "films.film_year between pairs.as_of_year",
        "films.film_year + 1 between pairs.as_of_year",
    ),
    Twin("genre history that sees its own film", FEATURES, "film.film_year > earlier.film_year", "film.film_year >= earlier.film_year"),
]


@pytest.mark.parametrize("twin", LEAKY_FEATURES, ids=lambda twin: twin.mistake)
def test_a_and_g_catch_features_that_see_the_year(twin: Twin, workspaces: dict[str, FilmWorkspace], features: list[str]) -> None:
    leaky = {name: up_to_year(twin.run(workspace)) for name, workspace in workspaces.items()}
    assert changed(leaky["real"], leaky["altered"], KEYS, features)
    asked = leaky["real"][leaky["real"]["film_year"] == YEAR]
    assert changed(asked, leaky["served"], KEYS, features)


def test_a_catches_scales_that_see_the_year(workspaces: dict[str, FilmWorkspace]) -> None:
    real, altered = workspaces["real"], workspaces["altered"]
    twin = Twin("z-scores that know the film's own year", "int_resonance__rate_films", "and 1 preceding", "and current row")
    then, later = (alike(real, altered, twin.run(workspace)) for workspace in (real, altered))
    assert changed(then, later, ["film_id"], RESULTS)
    twin = Twin(
        "budget peers of all years", "year_states", "range between unbounded preceding and 1 preceding",
        "range between unbounded preceding and unbounded following",
    )  # fmt: skip
    then, later = (twin.run(workspace).query("as_of_year <= @YEAR") for workspace in (real, altered))
    assert changed(then, later, ["as_of_year", "kind", "slice"], ["resonance_mean"])


HISTORY = ["atr3", "actor_mean", "actor_residual", "actor_revenue", "actor_rating", "actor_last_resonance", "actor_years_since_last", "bfd",
           "actor_genre_mean", "actor_billing_mean", "genre_drama_aff", "pair_mean", "pair_lift"]  # fmt: skip


def earlier_credits(workspace: FilmWorkspace) -> pd.DataFrame:
    """Return (film, actor) with an earlier credit of the actor, from the landed rows alone."""
    rows = workspace.rows(
        "select distinct now.film_id, now.person_id from imported.credits as now join imported.films as film using (film_id) "
        "join imported.credits as before on now.person_id = before.person_id and before.job = 'cast' "
        "join imported.films as past on before.film_id = past.film_id and past.release_year < film.release_year where now.job = 'cast'"
    )
    return pd.DataFrame(rows, columns=KEYS)


def test_d_no_history_is_null_and_never_zero(workspaces: dict[str, FilmWorkspace]) -> None:
    features = workspaces["real"].table(FEATURES)
    history = earlier_credits(workspaces["real"])
    assert invented(features, history, HISTORY) == set()
    marked = features.merge(history.assign(has_history=True), on=KEYS, how="left")
    newcomers = marked[marked["has_history"].isna()]
    assert (newcomers[["actor_credit_count", "release_density", "pair_count"]] == 0).all().all()
    known = marked[marked["has_history"].notna()]
    assert known[["actor_years_since_last", "actor_billing_mean", "genre_drama_aff"]].notna().all().all()
    assert (known["actor_mean"].isna() == (known["actor_rated_count"] == 0)).all()
    assert ((known["pair_count"] == 0) <= known["pair_mean"].isna()).all()


@pytest.mark.parametrize("column", ["atr3", "actor_mean", "pair_mean"])
def test_d_catches_zero_for_no_history(column: str, workspaces: dict[str, FilmWorkspace]) -> None:
    twin = Twin("0 for no history", FEATURES, f"end::double as {column}", f"else 0 end::double as {column}")
    assert invented(twin.run(workspaces["real"]), earlier_credits(workspaces["real"]), HISTORY) == {column}


def test_f_a_constant_feature_raises_an_alert(workspaces: dict[str, FilmWorkspace]) -> None:
    twin = Twin(
        "a feature that lost its source",
        "int_resonance__check_data",
        'select * from "intermediate"."int_resonance__features"',
        'select * replace (1.5 as atr3, null::double as bfd) from "intermediate"."int_resonance__features"',
    )
    constant = twin.run(workspaces["real"]).query("kind == 'feature constant'")
    assert [
        message.split(" in ")[1].split(":")[0] for message in constant["message"].str.replace("Every row of the fit years has", "")
    ] == ["atr3, bfd"]
    assert "feature constant" not in set(workspaces["real"].table("int_resonance__check_data")["kind"])


def test_g_a_row_served_equals_the_row_trained_on(workspaces: dict[str, FilmWorkspace], features: list[str]) -> None:
    trained = workspaces["real"].table(FEATURES).query("film_year == @YEAR")
    served = workspaces["served"].table(FEATURES).query("film_year == @YEAR")
    assert len(trained.merge(served, on=KEYS)) == len(trained) == len(served) > 50
    assert served["resonance"].isna().all()
    assert changed(trained, served, KEYS, [*features, "bill_order"]) == set()
    trained, served = (
        workspace.table("int_resonance__director_features").query("film_year == @YEAR")
        for workspace in (workspaces["real"], workspaces["served"])
    )
    contract = workspaces["real"].table("feature_contract", "resonance")
    names = contract.loc[contract["head"] == "director", "feature"]
    assert changed(trained, served, ["film_id", "director_id"], names) == set()


def test_the_contract_lists_the_features_in_the_order_of_the_table(workspaces: dict[str, FilmWorkspace]) -> None:
    contract = workspaces["real"].table("feature_contract", "resonance")
    for head, model in (("actor", FEATURES), ("director", "int_resonance__director_features")):
        listed = contract[contract["head"] == head].sort_values("position")
        assert listed["feature"].tolist() == [c for c in workspaces["real"].table(model).columns if c in set(listed["feature"])]
        assert listed["contract_hash"].nunique() == 1
    labels = {"film_id", "person_id", "director_id", "film_year", "split", "resonance", "high_resonance", "over_budget_peer"}
    assert set(workspaces["real"].table(FEATURES).columns) - set(contract["feature"]) == labels
