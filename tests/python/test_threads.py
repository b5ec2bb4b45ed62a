"""Several threads at once: nothing that dbt or a model does on them may meet.

On Python 3.11 before 3.11.8 two threads that parse Python at once can end in a SystemError; on later ones these tests cannot fail for that.
"""

import ast
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import callsheet.functions  # noqa: F401 - what dbt loads before it starts its threads
import numpy as np
import pytest
from callsheet.resonance.films.world import Recipe, make_world
from callsheet.resonance.training import artefacts
from callsheet.resonance.training.heads import BLEND, fit_head

from tests.python.film_workspace import FilmWorkspace

THREADS, TIMES = 4, 400


class Cycle:
    """Garbage that only the collector finds, and that lets another thread run while it is collected."""

    def __init__(self) -> None:
        """Point to itself."""
        self.itself = self
        weakref.finalize(self, sum, range(50))


@pytest.fixture
def restless() -> Iterator[None]:
    """Switch threads every microsecond, and collect garbage all the time."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(20, 1, 1)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)


def errors_of(work: Callable[[], object]) -> set[str]:
    """Run the work many times on several threads and return what went wrong."""

    def many(_: int) -> set[str]:
        errors = set()
        for _ in range(TIMES):
            Cycle()
            try:
                work()
            except SystemError as error:
                errors.add(str(error))
        return errors

    with ThreadPoolExecutor(THREADS) as pool:
        return set().union(*pool.map(many, range(THREADS)))


@pytest.mark.usefixtures("restless")
def test_heads_are_loaded_by_several_threads_at_once() -> None:
    chance = np.random.default_rng(3)
    values = chance.normal(size=(200, 3))
    head = fit_head(BLEND, "abc", values, (values[:, 0] > 0).astype(np.int64), np.full(200, 1999), 1)
    content = artefacts.dump_head(head)
    checksum = artefacts.sha256(content)
    assert errors_of(lambda: artefacts.load_head(content, checksum, "head")) == set()


@pytest.mark.usefixtures("restless")
def test_literals_are_read_by_several_threads_at_once() -> None:
    text = repr([{"name": [1, 2.5, None, (True, "x")]}] * 5)
    assert errors_of(lambda: ast.literal_eval(text)) == set()


OF_THE_HEADS = (
    *(f"int_resonance__{name}" for name in ("plan_runs", "fit", "predict", "evaluate", "recommend")),
    "model_artefacts", "model_metrics", "model_curves", "model_runs",
)  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("threads", [2, 8])
@pytest.mark.parametrize("part", range(2))  # to be spread over the workers
def test_the_heads_are_built_again_and_again(part: int, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train, predict, evaluate and answer with several of dbt's threads, 25 times, and 100 times in all."""
    monkeypatch.setenv("CALLSHEET_THREADS", str(threads))
    workspace = FilmWorkspace(tmp_path).land_world(make_world(6, Recipe(films=120, actors=60, directors=12, dirt=False)))
    seeds = range(25 * part, 25 * (part + 1))
    for seed in seeds:
        models = OF_THE_HEADS if seed > seeds.start else ["resonance"]
        workspace.build("--select", *models, resonance_seed=seed, resonance_bootstrap_draws=20)
        assert workspace.rows("select count(*) > 0 from intermediate.int_resonance__recommend") == [(True,)]
    assert workspace.rows("select count(*) from resonance.model_runs") == [(len(seeds),)]
