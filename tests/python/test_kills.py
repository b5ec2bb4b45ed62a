"""Killed anywhere, and again while it recovers, a run leaves whole tables and files; the next run ends where an undisturbed one does."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.python.conftest import DERIVED, Row, Workshop
from tests.python.killed_run import load_and_publish
from tests.python.kills import copy_of, kill, prepare, published_bytes, run_apart

KILLS_A_SEED, CHAINS = 10, 3


@dataclass(frozen=True)
class Undisturbed:
    """A workspace before its next deliveries, and what a run that nobody kills makes of them."""

    prepared: Workshop
    statements: int
    before: dict[str, str]
    after: dict[str, str]
    tables: dict[str, list[Row]]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    root = tmp_path_factory.mktemp("kills")
    prepared, straight = prepare(root / "prepared"), Workshop(root / "straight")
    before = published_bytes(prepared.workspace)
    straight.workspace = copy_of(prepared, root / "straight-copy")
    code, statements = run_apart(straight.workspace)
    assert code == 0
    return Undisturbed(prepared, statements, before, published_bytes(straight.workspace), straight.derived())


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder that is removed at once: two hundred copies of a workspace are a few GB."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 18))])
def test_killed_runs_end_like_undisturbed_ones(seed: int, undisturbed: Undisturbed, scratch: Path) -> None:
    total = undisturbed.statements
    assert undisturbed.before != undisturbed.after
    chance = random.Random(seed)
    # One point in each equal stretch of the run: landing, models, run log and publishing all get their share.
    points = [1 + (total - 1) * step // KILLS_A_SEED + chance.randrange(max(1, total // KILLS_A_SEED)) for step in range(KILLS_A_SEED)]
    chance.shuffle(points)
    killed = 0
    for run in range(CHAINS):
        workspace = copy_of(undisturbed.prepared, scratch / f"killed-{run}")
        for point in points[run::CHAINS]:  # the run that goes on where a killed one stopped is killed too
            killed += kill(workspace, min(point, total), chance)
            assert published_bytes(workspace) in (undisturbed.before, undisturbed.after)
        load_and_publish(workspace)
        again = Workshop(scratch / f"again-{run}")
        again.workspace = workspace
        assert {name: again.query(sql) for name, sql in DERIVED.items()} == undisturbed.tables
        assert published_bytes(workspace) == undisturbed.after
        left = sorted(path.name for path in (workspace.home / "data").iterdir() if path.name.startswith(".published-"))
        assert len(left) <= 2  # the current version and the one before
    assert killed >= KILLS_A_SEED - 2
