"""What truth says must be found, on whole synthetic worlds: from films through the real features to the choice or the head."""

from pathlib import Path

import numpy as np
import pytest

from python_udfs.resonance.adjustments import choose_alpha
from python_udfs.resonance.measures import FilmBootstrap, auroc
from python_udfs.resonance.training import BASELINES, LABELS, Rows, Settings, baseline, fit, walk_through_time
from python_udfs.resonance.world import Recipe, make_world
from tests.python.film_house import FilmHouse

SETTINGS = Settings(
    seed=7, train_cutoff_year=2003, validation_years=4, cycle_years=11.0, alpha_cycle=None, synergy_weight=None, bootstrap_draws=200
)
WORLDS = 20


def grown(films: int, cycle_effect: float) -> Recipe:
    """Return a clean recipe in which people have as many roles as in the sample."""
    return Recipe(films=films, actors=films * 2 // 3, directors=films * 2 // 15, cycle_effect=cycle_effect, dirt=False)


def rows_of(house: FilmHouse, head: str) -> Rows:
    """Return the real features of the house's films."""
    contract = house.table("int_resonance__feature_contract").query("head == @head").sort_values("position")
    return Rows.of(
        house.table("int_resonance__features" if head == "actor" else "int_resonance__director_features"), contract["feature"].tolist()
    )


def chosen_alphas(seed: int, cycle_effect: float, folder: Path) -> dict[str, float]:
    """Return the weight of the cycle, by label, that a world's own films, features and walk through time lead to."""
    house = FilmHouse(folder / f"{seed}-{cycle_effect}").land_world(make_world(seed, grown(900, cycle_effect)))
    house.build("--select", "+int_resonance__features", "+int_resonance__feature_contract")
    rows = rows_of(house, "actor")
    walks = {label: walk_through_time(label, rows, SETTINGS) for label in LABELS}
    return {
        label: choose_alpha(walk.years, walk.truth, walk.logits, walk.films, SETTINGS.cycle_years).weight for label, walk in walks.items()
    }


def test_alpha_follows_the_truth_of_a_whole_world(tmp_path: Path) -> None:
    assert all(weight == 0 for weight in chosen_alphas(1, 0.0, tmp_path).values())
    assert all(weight > 0 for weight in chosen_alphas(1, 0.6, tmp_path).values())


@pytest.mark.soak
def test_over_twenty_whole_worlds_alpha_is_zero_without_a_cycle_and_more_with_one(tmp_path: Path) -> None:
    without = [chosen_alphas(seed, 0.0, tmp_path) for seed in range(WORLDS)]
    planted = [chosen_alphas(seed, 0.6, tmp_path) for seed in range(WORLDS)]
    zero = {label: sum(world[label] == 0 for world in without) for label in LABELS}
    more = {label: sum(world[label] > 0 for world in planted) for label in LABELS}
    print(f"of {WORLDS} worlds: alpha 0 without a cycle {zero}, more than 0 with one {more}; {without}; {planted}")
    assert min(zero.values()) >= 18
    assert min(more.values()) >= 18


@pytest.mark.soak
@pytest.mark.parametrize("label", LABELS)
def test_the_head_beats_every_single_fact_where_casts_directors_and_budgets_all_matter(label: str, tmp_path: Path) -> None:
    """Each baseline sees one of the planted causes. Paired by film: the whole 95 % interval of the gain lies above 0."""
    house = FilmHouse(tmp_path).land_world(make_world(3, grown(6000, 0.2)))
    house.build("--select", "+int_resonance__features", "+int_resonance__director_features", "+int_resonance__feature_contract")
    actors = rows_of(house, "actor")
    fitted = fit(label, actors, rows_of(house, "director"), SETTINGS)
    assert fitted is not None
    held = actors.labelled(label, "holdout")
    films = FilmBootstrap(held.films, SETTINGS.bootstrap_draws, np.random.default_rng(1))
    head = films.draws(auroc, held.truth(label), fitted.model.head.logits(held.values()))
    assert head[0] > 0.6
    for name, column in BASELINES.items():
        gain = head - films.draws(auroc, held.truth(label), baseline(held, column))
        low = float(np.quantile(gain[1:], 0.025))
        print(f"{label}: {gain[0]:.3f} more than {name}, at least {low:.3f}")
        assert low > 0, name
