"""pulse on a master and two workers: both work, and every mart and the daily pulse are DuckDB's after each delivery."""

from pathlib import Path

import pytest
from callsheet.pulse.noise import ENVIRONMENT

from tests.docs_outputs import EXAMPLE_KEY
from tests.spark.cluster import Cluster
from tests.spark.conftest import INTERPRETED
from tests.spark.pulse_history import Breakdowns, correct, first, more
from tests.spark.test_cluster import assert_both_workers_worked, on_cluster, running

pytestmark = pytest.mark.cluster
__all__ = ["running"]  # the fixture


def test_the_pulse_on_a_cluster_is_that_of_duckdb_and_both_workers_worked(
    tmp_path: Path,
    running: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ENVIRONMENT, EXAMPLE_KEY)
    both = Breakdowns(tmp_path, running.master, on_cluster(tmp_path))
    published = both.step(first).details["buckets published"]
    assert published > 20
    assert both.step(more).quarantined > 15
    assert both.step(correct).details["buckets published"] > published
    assert_both_workers_worked(tmp_path / "events")


def test_a_strict_release_is_that_of_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, EXAMPLE_KEY)
    both = Breakdowns(tmp_path, "local[2]", INTERPRETED, pulse_privacy="strict")
    assert both.step(first).details["buckets published"] > 5
