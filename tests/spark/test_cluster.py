"""A master and two workers on this machine: both work, every mart is DuckDB's, and a worker may die."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spark.cluster import Cluster, cluster, tasks_by_executor
from tests.spark.histories import Percentiles, correct, first, more

ON_CLUSTER = {
    "spark.executor.memory": "1g",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",  # the second executor may come seconds after the first
}
pytestmark = pytest.mark.cluster


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster") as started:
        yield started


def on_cluster(folder: Path) -> dict[str, str]:
    """Return settings of a run whose events are kept."""
    (folder / "events").mkdir()
    return {**ON_CLUSTER, "spark.eventLog.dir": f"file://{folder / 'events'}"}


def test_percentiles_on_a_cluster_are_those_of_duckdb_and_both_workers_worked(tmp_path: Path, running: Cluster) -> None:
    both = Percentiles(tmp_path, running.master, **on_cluster(tmp_path))
    assert both.step(first).landed > 1000
    assert both.step(more).quarantined > 5
    assert both.step(correct).details["percentiles restated"] > 100
    assert_both_workers_worked(tmp_path / "events")


def assert_both_workers_worked(events: Path) -> None:
    """Read in the event log what each worker did."""
    tasks = tasks_by_executor(events)
    assert len(tasks) == 2 and min(tasks.values()) > 100, tasks


def test_a_worker_killed_in_the_middle_costs_nothing(tmp_path: Path, running: Cluster) -> None:
    both = Percentiles(tmp_path, running.master, **on_cluster(tmp_path))
    first(both.inbox)
    records = tmp_path / "spark" / "data" / "spark" / "warehouse" / "intermediate.db" / "int_percentiles__judge_records"
    killed = threading.Thread(target=_kill_when, args=(records, running), daemon=True)
    killed.start()
    both.on_spark()
    killed.join(timeout=1)
    assert running.processes["worker-1"].poll() is not None, "the run ended before a worker was killed"
    assert both.differences() == {}
    assert both.step(more).landed > 0  # with one worker


def _kill_when(folder: Path, running: Cluster) -> None:
    """Kill a worker as soon as a task writes into the folder."""
    while not any(folder.rglob("*.parquet")):
        time.sleep(0.05)
    running.kill("worker-1")


def test_nothing_of_a_cluster_is_left_when_its_user_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="on purpose"), cluster(tmp_path) as started:
        raise RuntimeError("on purpose")
    assert len(started.processes) == 3 and all(process.poll() is not None for process in started.processes.values())
