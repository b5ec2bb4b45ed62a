"""Percentiles against oracles that share nothing with the models: scipy, and a naive count over thousands of small histories."""

import json
import random
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace
from scipy.stats import percentileofscore

from tests.python.conftest import Row, Workshop, asset, project_with_seeds

HISTORY = "select computed_at_batch, industry, id, score, percentile from percentiles.score_history"


def windows_of(rows: list[Row]) -> dict[tuple[int, str], list[float]]:
    """Return the scores of each (iteration, industry)."""
    scores: dict[tuple[int, str], list[float]] = defaultdict(list)
    for iteration, industry, _, score, _ in rows:
        scores[iteration, industry].append(score)
    return scores


@pytest.mark.parametrize(
    ("method", "kind"),
    [("mid_rank", "mean"), pytest.param("weak", "weak", marks=pytest.mark.long), pytest.param("strict", "strict", marks=pytest.mark.long)],
)
def test_percentiles_equal_scipy_for_every_row_of_the_sample(method: str, kind: str, tmp_path: Path, sample_workspace: Workspace) -> None:
    shutil.copytree(sample_workspace.home, tmp_path, symlinks=True, dirs_exist_ok=True)
    workspace = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    Dbt(workspace).build("--select", "percentiles", "--exclude-resource-type", "test", variables={"percentiles_method": method})
    with workspace.reading() as connection:
        rows = connection.execute(HISTORY).fetchall()
    assert len(rows) > 20_000
    scores = windows_of(rows)
    for key, window in scores.items():
        of_window = [row for row in rows if (row[0], row[1]) == key]
        expected = percentileofscore(window, [row[3] for row in of_window], kind=kind)
        assert [row[4] for row in of_window] == pytest.approx(list(expected), abs=1e-9)


KINDS = ["spread", "all tied", "one asset", "missing", "empty", "huge", "tiny", "few values"]
BATCHES = 6


def history_of(chance: random.Random, kind: str) -> list[list[float]]:
    """Return one industry's scores, batch by batch."""
    draws: dict[str, Callable[[], float]] = {
        "spread": lambda: chance.gauss(0, 1),
        "all tied": lambda: 0.25,
        "one asset": chance.random,
        "missing": chance.random,
        "empty": chance.random,
        "huge": lambda: chance.choice([-1, 1]) * chance.random() * 1e300,
        "tiny": lambda: chance.choice([-1, 1]) * chance.random() * 1e-300,
        "few values": lambda: chance.choice([0.1, 0.2, 0.3, -0.0, 0.0]),
    }
    draw = draws[kind]
    sizes = [chance.randrange(0, 6) for _ in range(BATCHES)]
    if kind == "one asset":
        sizes = [int(number == chance.randrange(BATCHES)) for number in range(BATCHES)]
    if kind == "missing":
        sizes[1:4] = [0, 0, 0]
    if kind == "empty":
        sizes = [0] * (BATCHES - 1) + [3]
    return [[float(draw()) for _ in range(size)] for size in sizes]


@pytest.mark.long
def test_thousands_of_small_histories_equal_a_naive_count(tmp_path: Path) -> None:
    """Each history is an industry of its own, so that one build of the real models computes them all."""
    chance = random.Random(20)
    histories = {f"I{number} {kind}": history_of(chance, kind) for number in range(400) for kind in KINDS}
    project, inbox = project_with_seeds(tmp_path, industries=list(histories)), tmp_path / "inbox"
    inbox.mkdir()
    ids: dict[str, tuple[int, str, float]] = {}
    for number in range(1, BATCHES + 1):
        records = []
        for industry, batches in histories.items():
            for score in batches[number - 1]:
                id_ = f"{len(ids)}"
                ids[id_] = (number, industry, score)
                records.append(asset(id_, score, industry))
        chance.shuffle(records)
        (inbox / f"batch_{number}.json").write_text(json.dumps(records))
    workspace = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    variables = {"percentiles_batches": str(inbox), "percentiles_score_limit": 1e308}
    Dbt(workspace, project).build("--select", "percentiles", variables=variables)

    expected = naive_history(histories, ids)
    with workspace.reading() as connection:
        rows = connection.execute(
            "select id, computed_at_batch, lower_count, equal_count, window_count, percentile from percentiles.score_history"
        ).fetchall()
        latest = dict(connection.execute("select id, percentile from percentiles.scores").fetchall())
    assert len(rows) == len(expected) > 10_000
    for id_, iteration, *counts, percentile in rows:
        lower, equal, total = expected[id_, iteration]
        assert tuple(counts) == (lower, equal, total)
        assert percentile == pytest.approx(100 * (lower + equal / 2) / total, abs=1e-9)
    assert set(latest) == set(ids)
    for id_, (batch, _, _) in ids.items():
        lower, equal, total = expected[id_, min(batch + 2, BATCHES)]
        assert latest[id_] == pytest.approx(100 * (lower + equal / 2) / total, abs=1e-9)


def naive_history(histories: dict[str, list[list[float]]], ids: dict[str, tuple[int, str, float]]) -> dict[Any, tuple[int, int, int]]:
    """Count, for each asset and each iteration, the scores below and at its own."""
    counts = {}
    for id_, (batch, industry, score) in ids.items():
        for iteration in range(max(3, batch), min(batch + 2, BATCHES) + 1):
            window = [other for number in (iteration - 2, iteration - 1, iteration) for other in histories[industry][number - 1]]
            lower = sum(other < score for other in window)
            counts[id_, iteration] = (lower, sum(other == score for other in window), len(window))
    return counts


@pytest.mark.long
def test_old_assets_are_measured_against_todays_window(workshop: Workshop) -> None:
    workshop.deliver(
        1, [asset("below", 0.0), asset("tied", 0.5), asset("between", 0.6), asset("above", 2.0), asset("alone", 0.5, "Clothing")]
    )
    for number in (2, 3, 4):
        workshop.deliver(number, [asset(f"{number}a", 0.5), asset(f"{number}b", 0.8)])
    workshop.load()
    rows = workshop.query("select id, lower_count, equal_count, window_count, percentile from percentiles.scores_against_current_window")
    of_first = {row[0]: row[1:] for row in rows if row[0] in ("below", "tied", "between", "above", "alone")}
    assert of_first == {
        "below": (0, 0, 6, 0.0),
        "tied": (0, 3, 6, 25.0),
        "between": (3, 0, 6, 50.0),
        "above": (6, 0, 6, 100.0),
        "alone": (0, 0, None, None),
    }
