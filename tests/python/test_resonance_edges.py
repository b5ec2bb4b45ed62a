"""Training from end to end where there is little or nothing to learn from: a clear sentence or a null, never a silent 0 or a traceback."""

from dataclasses import replace
from pathlib import Path

import pytest
from callsheet.resonance.films.world import Recipe, World, make_world

from tests.python.film_workspace import FilmWorkspace

FEW = {"resonance_bootstrap_draws": 20}
HEADS = "name in ('actor_head', 'director_head', 'logistic_regression')"

pytestmark = pytest.mark.long  # every case trains in a home of its own


def with_one_film_in(world: World, year: int) -> World:
    """Drop all films of a year but the first."""
    of_year = world.films["release_year"] == str(year)
    films = world.films.drop(world.films.index[of_year][1:])
    return replace(world, films=films, credits=world.credits[world.credits["film_id"].isin(films["film_id"])])


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> FilmWorkspace:
    """Build a world of 180 films with a single one in 2005, once with the usual cutoff."""
    world = with_one_film_in(make_world(4, Recipe(films=180, actors=120, directors=24, dirt=False)), 2005)
    return FilmWorkspace(tmp_path_factory.mktemp("lonely")).land_world(world).build("--select", "resonance", **FEW)


def test_a_year_with_one_film_has_no_auroc_and_a_brier_score(lonely: FilmWorkspace) -> None:
    measured = lonely.rows(
        "select distinct metric, value is null from resonance.model_metrics "
        "where split = 'holdout' and slice = 'year=2005' and label = 'high_resonance' and metric in ('auroc', 'brier') order by all"
    )
    assert measured == [("auroc", True), ("brier", False)]
    (others,) = lonely.rows(
        "select count(value) from resonance.model_metrics where split = 'holdout' and slice = 'all' and metric = 'auroc'"
    )
    assert others[0] > 0


@pytest.mark.parametrize(
    ("cutoff", "empty"), [(1980, {"fit", "validation"}), (2050, {"validation", "holdout"})], ids=["before the data", "after the data"]
)
def test_a_cutoff_outside_the_data_trains_what_it_can_and_says_so(lonely: FilmWorkspace, cutoff: int, empty: set[str]) -> None:
    lonely.build("--select", "resonance", resonance_train_cutoff_year=cutoff, **FEW)
    alerts = lonely.rows("select subject, message from intermediate.int_resonance__check_data where kind = 'split empty'")
    assert {subject for subject, _ in alerts} == empty
    assert all(f"choose another resonance_train_cutoff_year than {cutoff}" in message for _, message in alerts)
    heads = lonely.rows(f"select count(*) from intermediate.int_resonance__fit where {HEADS}")
    splits = lonely.rows(
        "select distinct split from resonance.model_metrics where metric = 'auroc' and value is not null and model_run_id = "
        "(select model_run_id from intermediate.int_resonance__plan_runs)"
    )
    assert (heads, splits) == ([(0,)], []) if "fit" in empty else ([(6,)], [])


def test_one_class_only_is_a_constant_probability_and_no_auroc(tmp_path: Path) -> None:
    rows = [
        {"title_id": f"f{film}", "actor": f"a{(film * 3 + place) % 40}", "year": 1990 + film % 20, "budget": 1_000_000 * (1 + film % 7),
         "genres": "Drama", "director": f"d{film % 9}", "bill_order": place, "resonance": 0.5}
        for film in range(120)
        for place in range(1, 4)
    ]  # fmt: skip
    workspace = FilmWorkspace(tmp_path).land_rows(rows).build("--select", "resonance", **FEW)
    (shares,) = workspace.rows(
        "select list(distinct round(p_base, 6)) from intermediate.int_resonance__predict where label = 'high_resonance'"
    )
    assert len(shares[0]) <= 2 and min(shares[0]) > 0.99
    aurocs = workspace.rows("select count(*), count(value) from resonance.model_metrics where metric = 'auroc' and split = 'holdout'")
    assert aurocs[0][0] > 0 and aurocs[0][1] == 0


def test_a_feature_that_no_fit_year_knows_is_learnt_as_nothing(tmp_path: Path) -> None:
    """Six years of films leave the first ones without the years before them that some features are measured against."""
    world = make_world(5, Recipe(films=600, actors=200, directors=40, dirt=False))
    films = world.films[world.films["release_year"].isin([str(year) for year in range(2000, 2006)])]
    assert len(films) > 60
    short = replace(world, films=films, credits=world.credits[world.credits["film_id"].isin(films["film_id"])])
    workspace = FilmWorkspace(tmp_path).land_world(short).build("--select", "resonance", resonance_train_cutoff_year=2006, **FEW)
    columns = workspace.table("int_resonance__features").query("split == 'fit' and high_resonance.notna()")
    assert len(columns) and columns.isna().all().any()
    assert workspace.rows("select count(*) from intermediate.int_resonance__fit where name = 'actor_head'") == [(2,)]
