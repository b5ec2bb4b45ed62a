"""Killed anywhere, a run leaves whole tables and whole published files, and the next run ends where an undisturbed one does."""

import random
from pathlib import Path

import pytest

from tests.python.conftest import DERIVED, Workshop
from tests.python.kills import copy_of, in_child, kill_once, load_and_publish, prepare, published_bytes, statements_of_a_whole_run

KILLS_A_SEED = 10


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 20))])
def test_killed_runs_end_like_undisturbed_ones(seed: int, tmp_path: Path) -> None:
    prepared = prepare(tmp_path / "prepared")
    old = published_bytes(prepared.house)
    total = statements_of_a_whole_run(prepared, tmp_path / "counting")
    straight = Workshop(tmp_path / "straight")
    straight.house = copy_of(prepared, tmp_path / "straight-copy")
    assert in_child(lambda: load_and_publish(straight.house)) == 0
    expected, new = straight.derived(), published_bytes(straight.house)
    assert old != new
    chance = random.Random(seed)
    # One point in each equal stretch of the run: landing, models, run log and publishing all get their share.
    points = [1 + (total - 1) * step // KILLS_A_SEED + chance.randrange(max(1, total // KILLS_A_SEED)) for step in range(KILLS_A_SEED)]
    killed = 0
    for point in points:
        house, came_in_time = kill_once(prepared, tmp_path / f"killed-{point}", min(point, total), chance)
        killed += came_in_time
        assert published_bytes(house) in (old, new)
        assert in_child(lambda house=house: load_and_publish(house)) == 0  # type: ignore[misc]
        again = Workshop(tmp_path / f"again-{point}")
        again.house = house
        assert {name: again.query(sql) for name, sql in DERIVED.items()} == expected
        assert published_bytes(house) == new
        left = sorted(path.name for path in (house.home / "data").iterdir() if path.name.startswith(".published-"))
        assert len(left) <= 2  # the current version and the one before
    assert killed >= KILLS_A_SEED - 2
