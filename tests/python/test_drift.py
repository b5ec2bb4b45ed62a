"""Drift: every measure against scipy, false alarms and detections over whole histories, and one alert for each thing that happens."""

import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace
from scipy.stats import binom, ks_2samp, linregress, ttest_ind, wasserstein_distance

from tests.python.conftest import Workshop, asset, project_with_seeds

pytestmark = pytest.mark.long  # hundreds of histories

BATCHES = 20
DRIFT_STARTS = 6  # the first batch whose mean has moved
DEVIATIONS = {0.05: 3, 0.1: 6, 0.2: 12}  # a drift of 0.01 a batch is to be found within so many batches, by standard deviation
SICK_FROM = 5
Scores = list[np.ndarray]  # one array for each batch


@dataclass(frozen=True)
class Histories:
    """Synthetic industries, all computed in one build of the real models."""

    workspace: Workspace
    scores: dict[str, Scores]

    def rows_of(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        with self.workspace.reading() as connection:
            return connection.execute(sql, list(parameters)).fetchall()

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Return a query's rows by column name."""
        with self.workspace.reading() as connection:
            result = connection.execute(sql, list(parameters))
            names = [column[0] for column in result.description or []]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def drawn(chance: np.random.Generator, *, mean: float = 0.5, deviation: float = 0.18, size: int = 100, step: float = 0.0) -> Scores:
    """Return a normal history whose mean moves by `step` a batch from DRIFT_STARTS on."""
    return [chance.normal(mean + step * max(0, number - DRIFT_STARTS + 1), deviation, size).round(4) for number in range(1, BATCHES + 1)]


def sick(scores: Scores, change: Callable[[np.ndarray], np.ndarray], *, begin: int = SICK_FROM) -> Scores:
    """Return a history whose batches are changed from `begin` on."""
    return [batch if number < begin else change(batch) for number, batch in enumerate(scores, 1)]


def special_histories(chance: np.random.Generator) -> dict[str, Scores]:
    late = drawn(chance)
    return {
        "Ties": [batch.round(1) for batch in drawn(chance, step=0.02)],
        "Ties of two": [chance.integers(0, 2, 100).astype(float) for _ in range(BATCHES)],
        "Wide": drawn(chance, mean=-2000, deviation=1000, step=120),
        "Constant": [np.full(40, 0.5)] * BATCHES,
        "Constant and moved": [np.full(40, 0.5 if number < 10 else 0.75) for number in range(BATCHES)],
        "Sparse": drawn(chance, size=5, step=1),
        "Comes late": [np.array([]), *[late[number][:4] for number in range(1, 5)], *late[5:]],
        "Once": [chance.normal(0.5, 0.1, 50) if number == 4 else np.array([]) for number in range(BATCHES)],
        "Renamed": drawn(chance, step=0.03),
        "Sick constant": sick(drawn(chance), lambda _: np.full(100, 0.5)),
        "Sick sentinel": sick(drawn(chance), lambda batch: np.append(batch[1:] + 0.18, -999)),
        "Sick bimodal": sick(drawn(chance), lambda batch: 0.5 + 0.3 * np.sign(batch - 0.5) + (batch - 0.5) / 4),
        "Sick silent": sick(drawn(chance), lambda _: np.array([]), begin=8),
        "Jumps and returns": [chance.normal(0.5 + 0.3 * (8 <= number < 12), 0.18, 100).round(4) for number in range(BATCHES)],
    }


def build(root: Path, quiet: int, drifting: int) -> Histories:
    chance = np.random.default_rng(2026)
    scores = {f"Quiet {number}": drawn(chance, mean=chance.uniform(-1, 1), deviation=chance.uniform(0.05, 0.3)) for number in range(quiet)}
    for deviation in DEVIATIONS:
        scores |= {f"Drift {deviation} {number}": drawn(chance, deviation=deviation, step=0.01) for number in range(drifting)}
    scores |= special_histories(chance)
    baselines = ["Renamed,9,12,another model", "Renamed,15,15,and another"]
    project, inbox = project_with_seeds(root, industries=list(scores), score_baselines=baselines), root / "inbox"
    inbox.mkdir()
    for number in range(1, BATCHES + 1):
        lines = [
            f'{{"id":"{place}-{number}-{row}","score":{float(score)!r},"industry":"{industry}"}}'
            for place, (industry, batches) in enumerate(scores.items())
            for row, score in enumerate(batches[number - 1])
        ]
        (inbox / f"batch_{number}.json").write_text("[" + ",\n".join(lines) + "]")
    workspace = Workspace(root, root / "data" / "callsheet.duckdb")
    Dbt(workspace, project).build("--select", "percentiles", "operations", variables={"percentiles_batches": str(inbox)})
    return Histories(workspace, scores)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Histories:
    return build(tmp_path_factory.mktemp("drift"), quiet=200, drifting=40)


def pooled(scores: Scores, first: int, last: int) -> np.ndarray:
    return np.concatenate(scores[first - 1 : last])


def psi(window: np.ndarray, baseline: np.ndarray) -> float:
    """Follow the definition: the tenths of the baseline, half a score added to each bin that is used."""
    edges = [np.sort(baseline)[max(0, math.ceil(len(baseline) * j / 10 - 1e-12) - 1)] for j in range(1, 10)]
    bins = [np.bincount(np.searchsorted(edges, values, side="left"), minlength=10) for values in (window, baseline)]
    used = bins[0] + bins[1] > 0
    here, there = ((counts[used] + 0.5) / (counts.sum() + 0.5 * used.sum()) for counts in bins)
    return float(((here - there) * np.log(here / there)).sum())


def test_every_measure_equals_scipys(histories: Histories) -> None:
    checked = 0
    for row in histories.rows("select * from percentiles.score_drift where industry not like '% %' or industry like '% _'"):
        scores = histories.scores[row["industry"]]
        baseline, window = (
            pooled(scores, row["baseline_from"], row["baseline_to"]),
            pooled(scores, row["iteration"] - 2, row["iteration"]),
        )
        assert (row["score_count"], row["baseline_count"]) == (len(window), len(baseline))
        expected: dict[str, float | None] = {
            "mean": window.mean(),
            "baseline_mean": baseline.mean(),
            "ks_distance": ks_2samp(window, baseline).statistic,
            "psi": psi(window, baseline),
            "psi_critical": 40 * (1 / len(window) + 1 / len(baseline)),
        }
        if len(window) > 1 and baseline.std() > 0:
            deviations = window.std(ddof=1), baseline.std(ddof=1)
            expected |= {
                "wasserstein_normalised": wasserstein_distance(window, baseline) / deviations[1],
                "deviation_ratio": deviations[0] / deviations[1],
                "z": ttest_ind(window, baseline, equal_var=False).statistic,
                "cohens_d": (window.mean() - baseline.mean())
                / math.sqrt(
                    (deviations[0] ** 2 * (len(window) - 1) + deviations[1] ** 2 * (len(baseline) - 1)) / (len(window) + len(baseline) - 2)
                ),
            }
        means = [batch.mean() for batch in scores[row["baseline_to"] - 1 : row["iteration"]] if len(batch)]
        expected["trend_per_batch"] = linregress(range(len(means)), means).slope if len(means) > 1 else None
        for name, value in expected.items():
            assert row[name] == (None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)), (row, name)
        checked += 1
    assert checked > 200


def test_a_distribution_is_that_of_its_scores(histories: Histories) -> None:
    rows = histories.rows("select * from percentiles.score_distribution where industry in ('Ties', 'Wide', 'Once', 'Sparse', 'Quiet 1')")
    assert {row["scope"] for row in rows} == {"batch", "window"}
    for row in rows:
        first = row["batch_no"] - 2 if row["scope"] == "window" else row["batch_no"]
        values = pooled(histories.scores[row["industry"]], first, row["batch_no"])
        assert row["score_count"] == len(values)
        names = ["lowest_score", "p05_score", "p25_score", "median_score", "p75_score", "p95_score", "highest_score"]
        assert [row[name] for name in names] == pytest.approx(list(np.quantile(values, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])), abs=1e-9)
        assert row["mean"] == pytest.approx(values.mean(), abs=1e-9)
        assert row["standard_deviation"] == pytest.approx(values.std(ddof=1), abs=1e-9)
        assert row["decile_counts"] is None or sum(row["decile_counts"]) == len(values)


def test_deciles_are_counted_on_the_baselines_edges(workshop: Workshop) -> None:
    for number in (1, 2, 3):
        workshop.deliver(number, [asset(f"{number}-{i}", (10 * (number - 1) + i) / 30) for i in range(1, 11)])
    workshop.deliver(4, [asset("a", -1.0), asset("b", 3 / 30), asset("c", 3.1 / 30), asset("d", 30 / 30), asset("e", 7.0)])
    workshop.load()
    # The baseline is 1/30 … 30/30: three scores to a tenth, the first edge at 3/30. A score on an edge belongs below it.
    assert workshop.query("select decile_counts from percentiles.score_distribution where batch_no = 4 and scope = 'batch'") == [
        ([2, 1, 0, 0, 0, 0, 0, 0, 0, 2],)
    ]


@pytest.mark.parametrize(
    ("industry", "expected"),
    [
        pytest.param("Constant", [], id="what never varies never alarms"),
        pytest.param(
            "Constant and moved",
            [(11, "alert", "drift")],
            id="a constant that moves alarms although nothing varies",
        ),
        pytest.param("Sparse", [], id="fifteen scores in a window say nothing"),
        pytest.param("Once", [(6, "alert", "volume")], id="an industry that came once is missing and does not drift"),
    ],
)
def test_alerts_of_special_histories(histories: Histories, industry: str, expected: list[tuple[int, str, str]]) -> None:
    rows = histories.rows("select * from percentiles.score_alerts where industry = ? order by iteration", industry)
    assert [(row["iteration"], row["level"], row["kind"]) for row in rows] == expected


@pytest.mark.parametrize(
    ("industry", "kind", "begin"),
    [
        pytest.param("Sick constant", "drift", SICK_FROM, id="a constant"),
        pytest.param("Sick sentinel", "drift", SICK_FROM, id="a shift behind a sentinel"),
        pytest.param("Sick sentinel", "outliers", SICK_FROM, id="the sentinel itself"),
        pytest.param("Sick bimodal", "drift", SICK_FROM, id="two humps"),
        pytest.param("Sick silent", "volume", 8, id="an industry that stops coming"),
    ],
)
def test_a_sick_industry_is_named_within_two_batches(histories: Histories, industry: str, kind: str, begin: int) -> None:
    ((first, ended),) = histories.rows_of(
        "select min(iteration), max(ended_iteration) from percentiles.score_alerts where industry = ? and kind = ? and level = 'alert'",
        industry,
        kind,
    )
    assert first is not None
    assert begin <= first <= begin + 1
    assert ended is None
    (told,) = histories.rows_of("select message from operations.alerts where subject = ? and kind = ?", industry, kind)
    assert told[0].startswith(f"{industry}, {kind} since batch {first}, at level alert")


def test_an_alert_is_one_run_of_batches_that_are_not_ok(histories: Histories) -> None:
    expected: list[dict[str, Any]] = []
    industry, level = "", "ok"
    for row in histories.rows("select * from percentiles.score_drift order by industry, iteration"):
        before, industry, level = level if row["industry"] == industry else "ok", row["industry"], row["level"]
        if before == "ok" and level != "ok":
            expected.append({"industry": industry, "iteration": row["iteration"], "strength": 0.0, "ended_iteration": None})
        if level != "ok" and row["strength"] > expected[-1]["strength"]:
            expected[-1] |= {"strength": row["strength"], "worst_iteration": row["iteration"]}
        if before != "ok" and level == "ok":
            expected[-1]["ended_iteration"] = row["iteration"]
    found = histories.rows("select * from percentiles.score_alerts where kind = 'drift' order by industry, iteration")
    names = ("industry", "iteration", "worst_iteration", "ended_iteration")
    assert [[row[name] for name in names] for row in found] == [[row[name] for name in names] for row in expected]
    assert [row["ended_iteration"] for row in found if row["industry"] == "Jumps and returns"][-1] is not None


def test_a_named_baseline_serves_from_its_last_batch_on(histories: Histories) -> None:
    rows = histories.rows("select * from percentiles.score_drift where industry = 'Renamed' order by iteration")
    assert [(row["iteration"], row["baseline_from"], row["baseline_to"]) for row in rows] == [
        *[(iteration, 1, 3) for iteration in range(3, 12)],
        *[(iteration, 9, 12) for iteration in range(12, 15)],
        *[(iteration, 15, 15) for iteration in range(15, 21)],
    ]


def test_the_baseline_is_the_first_window_with_enough_scores(histories: Histories) -> None:
    baselines = histories.rows("select distinct baseline_from, baseline_to from percentiles.score_drift where industry = 'Comes late'")
    assert baselines == [{"baseline_from": 4, "baseline_to": 6}]  # four scores a batch until batch 5, a hundred from batch 6 on
    assert histories.rows("select * from percentiles.score_drift where industry = 'Sparse'") == []


def assert_quiet(histories: Histories) -> None:
    """Fewer than one in a hundred groups of four quiet industries alarm: a rule that keeps to it fails here once in a thousand draws."""
    alarmed = {row["industry"] for row in histories.rows("select industry from percentiles.score_drift where level = 'alert'")}
    quiet = [industry for industry in histories.scores if industry.startswith("Quiet")]
    groups = [quiet[place : place + 4] for place in range(0, len(quiet), 4)]
    assert sum(any(industry in alarmed for industry in group) for group in groups) <= binom.isf(0.001, len(groups), 0.01)


def found_share(histories: Histories, deviation: float, level: str, last: int) -> float:
    """Return the share of drifting industries at the level or above at some iteration from the start of the drift to `last`."""
    levels = {"warn": ["warn", "alert"], "alert": ["alert"]}[level]
    rows = histories.rows(
        "select distinct industry from percentiles.score_drift where starts_with(industry, ?) "
        "and iteration between ? and ? and list_contains(?, level)",
        f"Drift {deviation} ", DRIFT_STARTS, last, levels,
    )  # fmt: skip
    return len(rows) / sum(industry.startswith(f"Drift {deviation} ") for industry in histories.scores)


def assert_quiet_stays_quiet_and_drift_is_found(histories: Histories) -> None:
    assert_quiet(histories)
    for deviation, batches in DEVIATIONS.items():
        assert found_share(histories, deviation, "alert", DRIFT_STARTS + batches) >= 0.95, deviation


def test_stationary_histories_stay_quiet_and_slow_drift_is_found(histories: Histories) -> None:
    assert_quiet_stays_quiet_and_drift_is_found(histories)


@pytest.mark.soak
def test_two_thousand_stationary_histories_stay_quiet_and_slow_drift_is_found(tmp_path: Path) -> None:
    assert_quiet_stays_quiet_and_drift_is_found(build(tmp_path, quiet=2000, drifting=400))


@pytest.fixture
def drifted(workshop: Workshop) -> Iterator[Workshop]:
    chance = np.random.default_rng(3)
    for number in range(1, 7):
        mean = 0.5 + 0.1 * max(0, number - 4)
        workshop.deliver(number, [asset(f"{number}-{i}", float(score)) for i, score in enumerate(chance.normal(mean, 0.1, 60))])
    yield workshop


def test_a_new_alert_is_told_once(drifted: Workshop) -> None:
    assert drifted.load(through=4).exit_code == 0
    summary = drifted.load(through=6)
    assert summary.exit_code == 3
    assert [note for note in summary.notes if note.startswith("Hair care, drift since batch")]
    alerts = drifted.query("from percentiles.score_alerts")
    assert drifted.load(through=6).exit_code == 0  # nothing new
    assert drifted.query("from percentiles.score_alerts") == alerts


def test_the_way_the_batches_come_does_not_matter(drifted: Workshop, tmp_path: Path) -> None:
    drifted.load(through=5)
    drifted.load()
    drifted.deliver(2, [asset(f"2-{i}", 0.4 + i / 500) for i in range(60)])
    drifted.load()
    at_once = Workshop(tmp_path / "other")
    for path in drifted.inbox.iterdir():
        shutil.copy(path, at_once.inbox)
    at_once.load()
    for table in ("score_drift", "score_distribution", "score_alerts"):
        assert drifted.query(f"from percentiles.{table}") == at_once.query(f"from percentiles.{table}"), table


def test_a_huge_score_breaks_no_measure(workshop: Workshop) -> None:
    for number in range(1, 5):
        workshop.deliver(number, [asset(f"{number}-{i}", 1e300 if i else -1e300) for i in range(40)])
    workshop.build("--select", "percentiles", percentiles_score_limit=1e308)
    with duckdb.connect(str(workshop.workspace.database), read_only=True) as connection:
        assert len(connection.execute("from percentiles.score_drift").fetchall()) == 2
