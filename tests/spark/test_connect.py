"""Spark Connect: a server on this machine and a client without a driver of its own; every mart is DuckDB's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from callsheet.pulse.noise import ENVIRONMENT

from tests.docs_outputs import EXAMPLE_KEY
from tests.spark import histories, pulse_history
from tests.spark.cluster import connect_server
from tests.spark.conftest import INTERPRETED

pytestmark = pytest.mark.cluster


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "server").mkdir()
    with connect_server(tmp_path / "server") as started:
        yield started.master


def test_percentiles_through_a_connect_server_are_those_of_duckdb(tmp_path: Path, server: str) -> None:
    both = histories.Percentiles(tmp_path, server, **INTERPRETED)
    assert both.step(histories.first).landed > 1000
    assert both.step(histories.more, histories.correct).details["percentiles restated"] > 100


def test_pulse_through_a_connect_server_is_that_of_duckdb(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, EXAMPLE_KEY)
    both = pulse_history.Breakdowns(tmp_path, server, INTERPRETED)
    assert both.step(pulse_history.first).details["buckets published"] > 20
    assert both.step(pulse_history.more, pulse_history.correct).quarantined > 15
